// What tickets of a kind need, of the stand-in: some counts that nobody made, and what people say beside them, worked
// out as docs/inventory.md says.
import { find, invalid, need, page } from './refusal.mjs';

const PRIOR = 5;
const LEAST = 0.05;

export function makeNeeds({ db, changed }) {
  const said = [];
  const fault = (ticket_kind, asset_model, symptom) => ({ ticket_kind, asset_model, symptom });
  const models = [...new Set(db.assets.map((asset) => asset.model))].sort();
  const counted = ['Doors do not close', 'Noise from the shaft', 'Minor repair'].flatMap((symptom, s) => models.slice(0, 2).map((model, i) => ({
    ...fault('repair', model, symptom), tickets: 40 - 9 * s - 11 * i,
    uses: db.parts.slice(3 * s, 3 * s + 3).map((part, at) => ({ part_id: part.id, tickets: 24 - 7 * s - 6 * at - 2 * i })).filter((used) => used.tickets > 0).map((used) => ({ ...used, quantity: used.tickets + 3 })),
  })));

  const fits = (one, level) => one.ticket_kind === level.ticket_kind && (!level.asset_model || one.asset_model === level.asset_model) && (!level.symptom || one.symptom === level.symptom);
  const same = (one, level) => ['ticket_kind', 'asset_model', 'symptom'].every((key) => one[key] === level[key]);
  const sum = (rows, value) => rows.reduce((total, row) => total + value(row), 0);

  function levelOf(part, level, prior) {
    const like = counted.filter((one) => fits(one, level));
    const uses = like.flatMap((one) => one.uses.filter((used) => used.part_id === part.id));
    const edits = said.filter((one) => same(one, level) && one.part_id === part.id);
    const fixed = edits.find((one) => one.weight === null);
    const row = { asset_model: level.asset_model, symptom: level.symptom, prior, tickets: sum(like, (one) => one.tickets), uses: sum(uses, (one) => one.tickets), used_quantity: sum(uses, (one) => one.quantity) };
    const weight = sum(edits, (one) => one.weight ?? 0);
    const probability = fixed ? fixed.probability : (row.uses + sum(edits, (one) => (one.weight ?? 0) * one.probability) + PRIOR * prior) / (row.tickets + weight + PRIOR);
    return { ...row, probability, edits: edits.map(({ id, quantity, probability: says, weight: counts }) => ({ id, quantity, probability: says, weight: counts })) };
  }
  function partOf(part, levels) {
    const rows = [];
    for (const level of levels) rows.push(levelOf(part, level, rows.at(-1)?.probability ?? 0));
    if (!rows.some((row) => row.uses > 0 || row.edits.length > 0)) return [];
    const last = rows.at(-1);
    const quantity = Math.max(1, last.edits[0]?.quantity ?? Math.round(last.used_quantity / Math.max(1, last.uses)));
    const { id, number, name, name_zh, unit, decimals } = part;
    return [{ part: { id, number, name, name_zh, unit, decimals }, probability: last.probability, quantity, expected_quantity: quantity * last.probability, proposed: last.probability >= LEAST, levels: rows }];
  }
  function learnt(query) {
    const asked = fault(query.get('ticket_kind') ?? '', query.get('asset_model') ?? '', query.get('symptom') ?? '');
    need(asked, 'ticket_kind');
    const { ticket_kind: kind, asset_model: model, symptom } = asked;
    const levels = [fault(kind, '', ''), ...(model ? [fault(kind, model, '')] : []), ...(symptom ? [fault(kind, '', symptom)] : []), ...(model && symptom ? [asked] : [])];
    return { ...asked, prior_tickets: PRIOR, least_probability: LEAST, parts: db.parts.flatMap((part) => partOf(part, levels)).sort((a, b) => b.probability - a.probability) };
  }
  function faults() {
    const keys = new Map([...counted, ...said].map(({ ticket_kind, asset_model, symptom }) => [JSON.stringify([ticket_kind, asset_model, symptom]), fault(ticket_kind, asset_model, symptom)]));
    const items = [...keys.values()].map((one) => ({ ...one, tickets: sum(counted.filter((row) => same(row, one)), (row) => row.tickets), edits: said.filter((row) => same(row, one)).length }));
    return { items, next: null };
  }
  function say(body) {
    need(body, 'ticket_kind', 'part_id');
    if (!(body.probability >= 0 && body.probability <= 1)) throw invalid(['probability', 'out_of_range', 'must be between 0 and 1']);
    find(db.parts, body.part_id);
    const made = { asset_model: '', symptom: '', ...body, weight: body.weight ?? null };
    const known = said.find((one) => same(one, made) && one.part_id === made.part_id);
    const row = known ? Object.assign(known, made) : { ...made, id: db.id() };
    if (!known) said.push(row);
    changed('part_needs', row);
    return row;
  }
  return (method, id, query, body) => {
    if (id === 'faults') return faults();
    if (id === 'learnt') return learnt(query);
    if (method === 'POST') return say(body);
    if (method === 'DELETE') return said.splice(said.indexOf(find(said, id)), 1), null;
    return page(said.filter((one) => !query.get('ticket_kind') || one.ticket_kind === query.get('ticket_kind')), query);
  };
}
