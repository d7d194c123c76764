// What the stand-in works out for the shelves: levels and proposals, purchases, counts, old parts, what a code is.
import { find, invalid, need, page, Refusal } from './refusal.mjs';

const DAY = 86_400_000;
const EAN = '4006381333931';
const GRADES = { reusable: null, repair: 'repair', quarantine: 'quarantine', scrap: 'scrap' };

/** Minimums that some places miss, and old parts that some engineers have, always the same ones. */
function invent({ db, now }) {
  const [east, west] = db.locations.filter((place) => place.kind === 'depot');
  const vans = db.locations.filter((place) => place.kind === 'van');
  const level = (part, place, minimum, maximum, lead_days) => ({ id: db.id(), part_id: part.id, location_id: place.id, minimum, maximum, lead_days });
  const levels = db.parts.slice(0, 6).flatMap((part, i) => [level(part, east, 12 + 3 * i, 30 + 4 * i, 7), level(part, west, 4, 20, 7)]);
  for (let i = 0; i < 4; i += 1) levels.push(level(db.parts[i], vans[i], 3, 6, 1));
  const old = (part, i, days, more = {}) => ({
    id: db.id(), ticket_id: db.tickets[i].id, ticket_number: db.tickets[i].number, engineer_id: db.engineers[i % 3].id, engineer_code: db.engineers[i % 3].code, engineer_name: db.engineers[i % 3].name, part_id: part.id, quantity: 1, serial: '', status: 'expected',
    grade: 'none', asset_id: null, location_id: null, note: '', created_at: now() - days * DAY, updated_at: now(), ...more,
  });
  const encoder = db.parts.find((part) => part.tracking === 'serial');
  const returns = [old(db.parts[1], 0, 19), old(encoder, 0, 3, { serial: 'ENC-77412' }), old(db.parts[2], 1, 6, { quantity: 3 }), old(encoder, 2, 1), old(db.parts[0], 2, 2, { status: 'received', location_id: east.id })];
  return { levels, returns, counts: [], countLines: [], codes: new Map([[EAN, db.parts[0].id]]) };
}

export function makeShelves({ db, now, changed, stock }) {
  const own = invent({ db, now });
  const placeOf = (kind) => db.locations.find((place) => place.kind === kind);
  const label = (part_id) => {
    const part = find(db.parts, part_id);
    return { part_id, part_number: part.number, part_name: part.name };
  };

  function proposals() {
    return own.levels.flatMap((level) => {
      const place = find(db.locations, level.location_id);
      const free = stock.balanceAt(level.part_id, level.location_id).available;
      if (free >= level.minimum) return [];
      let order = level.maximum - free;
      const transfers = [];
      for (const from of db.locations.filter((one) => one.kind === 'depot' && one.id !== level.location_id)) {
        const least = own.levels.find((one) => one.part_id === level.part_id && one.location_id === from.id)?.minimum ?? 0;
        const quantity = Math.min(order, stock.balanceAt(level.part_id, from.id).available - least);
        if (quantity <= 0) continue;
        transfers.push({ from_location_id: from.id, from_location_code: from.code, quantity });
        order -= quantity;
      }
      return [{ ...label(level.part_id), location_id: place.id, location_code: place.code, location_kind: place.kind, free, minimum: level.minimum, maximum: level.maximum, lead_days: level.lead_days, transfers, order }];
    });
  }
  function topUp() {
    return proposals().filter((row) => row.location_kind === 'van').map(({ location_kind, free, minimum, maximum, lead_days, order, ...row }) => ({
      ...row, engineer_id: find(db.locations, row.location_id).engineer_id, for_tickets: 0, tickets: [], reserved_at: [], to_level: maximum - free, short: order,
    }));
  }
  const once = (rows) => rows.filter((row, n) => rows.findIndex((one) => one.part_id === row.part_id) === n);
  const purchases = () => once(proposals().filter((row) => row.order > 0)).map((row) => {
    const part = find(db.parts, row.part_id);
    const i = db.parts.indexOf(part);
    const sold = i % 3 < 2;
    return { ...label(row.part_id), supplier_id: sold ? `s${i % 2}` : null, supplier_name: sold ? ['Lift Supplies NY', '远东电梯配件'][i % 2] : '', supplier_part_number: sold ? `LS-${4100 + i}` : '', unit: part.unit, decimals: part.decimals, wanted: row.order, waiting: i % 2, tickets: i % 2 ? [1042] : [], pack: 1, quantity: row.order + (i % 2), unit_price_micros: sold ? 25_000_000 : null, total_micros: sold ? 25_000_000 * (row.order + (i % 2)) : null, currency: sold ? 'USD' : '' };
  });
  const review = () => own.levels.slice(0, 5).map((level, i) => {
    const place = find(db.locations, level.location_id);
    return { ...label(level.part_id), location_id: place.id, location_code: place.code, location_kind: place.kind, demand: { days: 90, used: 45 + 9 * i, mean_per_day: 0.5 + 0.1 * i, deviation_per_day: 0.9 }, lead_days: level.lead_days, plan: { service_level: 0.95, z: 1.645, safety_stock: 4, reorder_point: 8 + i, quantity: 15 + 3 * i }, free: 0, wanted: 0 };
  });

  function putLevel(body) {
    need(body, 'part_id', 'location_id', 'minimum', 'maximum');
    if (body.maximum < body.minimum) throw invalid(['maximum', 'out_of_range', `must be between ${body.minimum} and 1000000000000`]);
    let row = own.levels.find((one) => one.part_id === body.part_id && one.location_id === body.location_id);
    if (!row) own.levels.push((row = { id: db.id(), lead_days: 0 }));
    Object.assign(row, body);
    changed('stock_levels', row);
    return row;
  }
  function dropLevel(id) {
    own.levels.splice(own.levels.indexOf(find(own.levels, id)), 1);
    return null;
  }

  const shown = (count, line) => (count.blind && count.status === 'open' ? { ...line, expected: null, difference: null } : { ...line, difference: line.counted === null ? null : line.counted - line.expected });
  const newLine = (count, part) => ({ id: db.id(), count_id: count.id, ...label(part.id), unit: part.unit, decimals: part.decimals, expected: stock.balanceAt(part.id, count.location_id).on_hand, counted: null, counted_by: '', counted_at: null });
  function openCount(body, user) {
    need(body, 'location_id');
    find(db.locations, body.location_id);
    if (own.counts.some((one) => one.location_id === body.location_id && ['open', 'submitted'].includes(one.status))) throw new Refusal(409, 'count_running', 'There is a count already.');
    const count = { id: db.id(), location_id: body.location_id, blind: body.blind ?? false, status: 'open', note: body.note ?? '', created_by: user.display_name, created_at: now(), closed_by: '', closed_at: null };
    own.counts.unshift(count);
    const named = body.part_ids ?? [];
    const counted = (part) => (named.length > 0 ? named.includes(part.id) : part.tracking !== 'serial' && stock.balanceAt(part.id, count.location_id).on_hand !== 0);
    for (const part of db.parts) if (counted(part)) own.countLines.push(newLine(count, part));
    changed('stock_counts', count);
    return count;
  }
  function enter(count, body, user) {
    if (count.status !== 'open') throw new Refusal(409, 'count_status', `It is ${count.status}.`);
    const part = find(db.parts, body.part_id);
    if (part.tracking === 'serial') throw invalid(['part_id', 'invalid', 'is a part that is counted piece by piece']);
    let line = own.countLines.find((one) => one.count_id === count.id && one.part_id === part.id);
    if (!line) own.countLines.push((line = newLine(count, part)));
    Object.assign(line, { counted: body.quantity ?? null, counted_by: user.display_name, counted_at: now() });
    return shown(count, line);
  }
  function closeCount(count, act, user) {
    const lines = own.countLines.filter((one) => one.count_id === count.id);
    if (act !== 'submit' && user.role === 'warehouse') throw new Refusal(403, 'forbidden', 'The office does that.');
    if (!{ submit: ['open'], approve: ['submitted'], reject: ['open', 'submitted'] }[act].includes(count.status)) throw new Refusal(409, 'count_status', `It is ${count.status}.`);
    if (act === 'submit' && lines.some((one) => one.counted === null)) throw new Refusal(409, 'count_incomplete', 'Some parts are not counted.');
    if (act === 'approve') for (const line of lines) if (line.counted !== line.expected) stock.book(line.part_id, count.location_id, { on_hand: line.counted - line.expected });
    Object.assign(count, { status: { submit: 'submitted', approve: 'approved', reject: 'rejected' }[act] }, act === 'submit' ? {} : { closed_by: user.display_name, closed_at: now() });
    changed('stock_counts', count);
    return count;
  }
  function counts(method, id, sub, query, body, user) {
    if (!id) return method === 'POST' ? openCount(body, user) : page(own.counts, query);
    const count = find(own.counts, id);
    if (!sub) return { count, lines: own.countLines.filter((one) => one.count_id === id).map((line) => shown(count, line)).sort((a, b) => a.part_number.localeCompare(b.part_number)) };
    return sub === 'lines' ? enter(count, body, user) : closeCount(count, sub, user);
  }

  function grade(row, body) {
    if (row.status !== 'received') throw new Refusal(409, 'return_status', `It is ${row.status}.`);
    const to = GRADES[body.grade] ? placeOf(GRADES[body.grade]) : find(db.locations, row.location_id);
    if (to && to.kind !== 'scrap') stock.book(row.part_id, to.id, { on_hand: row.quantity });
    return Object.assign(row, { status: 'graded', grade: body.grade, location_id: to?.id ?? null });
  }
  function receive(row, body) {
    need(body, 'location_id');
    if (row.status !== 'expected') throw new Refusal(409, 'return_status', `It is ${row.status}.`);
    const { quantity = row.quantity } = body;
    if (quantity > row.quantity) throw invalid(['quantity', 'invalid', 'is more than is expected']);
    if (quantity < row.quantity) own.returns.push({ ...row, id: db.id(), quantity: row.quantity - quantity, serial: '' });
    return Object.assign(row, { quantity, serial: body.serial ?? row.serial, status: 'received', location_id: body.location_id });
  }
  function returns(method, id, sub, query, body) {
    if (!id) return page(own.returns.filter((row) => !query.get('status') || row.status === query.get('status')), query);
    const row = find(own.returns, id);
    if (sub === 'receive') receive(row, body);
    else if (sub === 'grade') grade(row, body);
    else Object.assign(row, { status: 'waived', note: body.note });
    changed('used_part_returns', row);
    return row;
  }

  function scan(code) {
    const nothing = { place: null, part: null, piece: null, engineer: null, reservation: null, lot: null, serial: null, expires_on: null };
    const engineer = db.engineers.find((one) => one.code === code);
    if (engineer) return { ...nothing, kind: 'engineer', engineer: { id: engineer.id, code: engineer.code, name: engineer.name } };
    const gtin = /^(?:\D*01)?0?(\d{13})/.exec(code)?.[1] ?? code;
    const part = db.parts.find((one) => one.id === own.codes.get(gtin));
    if (!part) throw new Refusal(404, 'unknown_code', 'Nobody knows this code.');
    return { ...nothing, kind: 'part', part };
  }
  function csv() {
    return ['supplier,part,quantity', ...purchases().map((row) => [row.supplier_name, row.part_number, row.quantity].join())].join('\n');
  }
  return { levels: own.levels, oldParts: own.returns, proposals, topUp, purchases, review, putLevel, dropLevel, counts, returns, scan, csv };
}
