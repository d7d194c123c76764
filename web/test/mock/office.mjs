// What the stand-in's office sees of phones: devices, codes, rescues, cards, checklists, and what engineers recorded on
// site; and what may be taken instead of a part. Photos and signatures are drawn here.
import { createHash } from 'node:crypto';
import { duplicate, find, invalid, need, page, Refusal } from './refusal.mjs';

const MINUTE = 60_000;
const hash = (bytes) => createHash('sha256').update(bytes).digest('hex');
/** One pixel: a page stretches it. */
const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

export function makeOffice({ db, now, changed }) {
  const blobs = new Map();
  const keep = (bytes, type) => {
    blobs.set(hash(bytes), { bytes, type });
    return { sha256: hash(bytes), bytes: bytes.length, blob: 'stored' };
  };
  const substitutes = [];
  const devices = db.engineers.slice(0, 6).map((engineer, i) => ({
    id: db.id(), engineer_id: engineer.id, engineer_name: engineer.name, platform: ['android', 'ios', 'web'][i % 3], app_version: '0.1.0', schema: i === 4 ? 1 : 2, enrolled_at: now() - (9 + i) * 86_400_000,
    last_seen_at: now() - [1, 4, 47, 3, 2_900, 12][i] * MINUTE, announced_seq: 40, acked_seq: 40 - 3 * (i % 3), unconfirmed: 3 * (i % 3), held: i % 3 === 2 ? 1 : 0, rescues: i === 4 ? 1 : 0, revoked_at: i === 5 ? now() - 5_000 * MINUTE : null,
  }));
  const rescued = Buffer.from(JSON.stringify({ outbox: [{ c: 'notes', set: { text: 'Rope worn' } }] }));
  const rescues = [{ id: db.id(), device_id: devices[4].id, engineer_id: devices[4].engineer_id, engineer_name: devices[4].engineer_name, platform: devices[4].platform, bytes: rescued.length, sha256: hash(rescued), received_at: now() - 2_800 * MINUTE }];
  const entry = (collection, why, kept = {}) => ({ collection, row_id: db.id(), why, kept, at: now() - 30 * MINUTE });
  const card = (kind, ticket, entries, counts = []) => ({
    id: db.id(), kind, status: 'open', ticket_id: ticket.id, ticket_number: ticket.number, engineer_id: devices[1].engineer_id, engineer_name: devices[1].engineer_name, entries, counts, created_at: now() - 25 * MINUTE, resolved_at: null, resolved_by: null, answer: null,
  });
  const cards = [
    card('late_work', db.tickets[20], [entry('ticket_events', 'not_yours'), entry('ticket_events', 'not_yours'), entry('part_usage', 'not_yours'), entry('labour', 'not_yours')]),
    card('fields', db.tickets[24], [entry('tickets', 'later', { access_note: { server: 'Ring the porter', device: 'Gate code 4471', why: 'later' } })]),
  ];
  const questions = [
    ['repair', 'Is the pit dry?', '底坑是否干燥？', 'yes_no', true], ['repair', 'Door gap in mm', '门缝间隙（毫米）', 'number', true], ['inspection', 'Rope condition', '钢丝绳状况', 'text', false],
  ].map(([ticket_kind, question, question_zh, answer_kind, required], i) => ({ id: db.id(), ticket_kind, position: i + 1, question, question_zh, answer_kind, required }));

  function putChecklist(kind, body) {
    const faults = body.questions.flatMap((one, i) => (one.question?.trim() ? [] : [[`questions.${i}.question`, 'required', 'is needed']]));
    if (faults.length > 0) throw invalid(...faults);
    questions.splice(0, questions.length, ...questions.filter((one) => one.ticket_kind !== kind), ...body.questions.map((one, i) => ({ question_zh: '', required: false, ...one, id: one.id ?? db.id(), ticket_kind: kind, position: i + 1 })));
    return ofKind(kind);
  }
  const ofKind = (kind) => ({ items: questions.filter((one) => one.ticket_kind === kind).sort((a, b) => a.position - b.position), next: null });
  function resolve(id, body, user) {
    const one = find(cards, id);
    if (one.status !== 'open') throw new Refusal(409, 'already_resolved', 'Somebody has put it away already.');
    if (body.answer && one.kind !== 'late_work') throw invalid(['answer', 'invalid', 'is for work that came too late']);
    return Object.assign(one, { status: 'resolved', resolved_at: now(), resolved_by: user.display_name, answer: one.kind === 'late_work' ? (body.answer ?? 'keep_as_history') : null });
  }
  function route(method, [root, id, sub], query, body, user) {
    if (root === 'engineers') return { code: 'K7MQ-2XVD-9RTB', url: `https://fettle.example/phone#enrol=K7MQ-2XVD-9RTB`, expires_at: Date.now() + 15 * MINUTE, engineer_id: find(db.engineers, id).id };
    if (root === 'devices' && sub === 'revoke') return Object.assign(find(devices, id), { revoked_at: now() });
    if (root === 'devices') return page(devices.filter((one) => !query.get('engineer_id') || one.engineer_id === query.get('engineer_id')), query);
    if (root === 'rescues') return page(rescues, query);
    if (root === 'checklists') return method === 'PUT' ? putChecklist(decodeURIComponent(id), body) : ofKind(decodeURIComponent(id));
    if (sub === 'resolve') return resolve(id, body, user);
    return page(cards.filter((one) => (!query.get('status') || one.status === query.get('status')) && (!query.get('ticket_id') || one.ticket_id === query.get('ticket_id'))), query);
  }

  /** Of one ticket in work there is something of everything. */
  const made = new Map();
  function ofTicket(ticket, what) {
    if (!['on_site', 'working', 'waiting', 'completed'].includes(ticket.status)) return { items: [], next: null };
    if (!made.has(ticket.id)) {
      const row = { ticket_id: ticket.id, visit_id: ticket.visit_id, engineer_id: ticket.engineer_id, at: now() - 20 * MINUTE };
      const signed = Buffer.from(JSON.stringify({ ticket: ticket.number, work: 'Door rollers replaced', minutes: 50 }));
      made.set(ticket.id, {
        'checklist-answers': [{ ...row, id: db.id(), question_id: questions[0].id, question: questions[0].question, answer: 'yes' }, { ...row, id: db.id(), question_id: questions[1].id, question: questions[1].question, answer: '4.5' }],
        readings: [{ ...row, id: db.id(), kind: 'door_voltage', value: 23.8, unit: 'V' }],
        photos: ['before', 'after'].map((purpose) => ({ ...row, id: db.id(), purpose, caption: purpose === 'before' ? 'Worn rollers' : '', ...keep(PIXEL, 'image/png') })).concat([{ ...row, id: db.id(), purpose: 'other', caption: 'Machine room', sha256: 'a'.repeat(64), bytes: 1_843_200, blob: 'pending' }]),
        signatures: [{ ...row, id: db.id(), signed_by: 'Ms Ito', signed_sha256: keep(signed, 'application/octet-stream').sha256, ...keep(PIXEL, 'image/png') }],
        labour: [{ ...row, id: db.id(), minutes: 50, kind: 'work' }, { ...row, id: db.id(), minutes: 15, kind: 'travel' }],
      });
    }
    return { items: made.get(ticket.id)[what], next: null };
  }
  function bytes(path, res) {
    const [kind, id] = path.slice(3);
    const found = kind === 'rescues' ? { bytes: rescued, type: 'application/octet-stream' } : blobs.get(id);
    if (!found) return res.writeHead(404, { 'Content-Type': 'application/problem+json' }).end(JSON.stringify({ status: 404, code: 'not_found' }));
    return res.writeHead(200, { 'Content-Type': found.type, 'Content-Disposition': found.type.startsWith('image/') ? 'inline' : 'attachment' }).end(found.bytes);
  }
  return {
    roots: ['devices', 'rescues', 'checklists', 'conflict-cards'], siteWork: ['checklist-answers', 'readings', 'photos', 'signatures', 'labour'], route, ofTicket, bytes,
    substitutes(method, id, body) {
      if (method !== 'POST') return { items: substitutes.filter((one) => one.part_id === id), next: null };
      need(body, 'substitute_id');
      if (substitutes.some((one) => one.part_id === id && one.substitute_id === body.substitute_id)) throw duplicate('substitute_id');
      const row = { id: db.id(), part_id: id, substitute_id: body.substitute_id };
      substitutes.push(row);
      changed('part_substitutes', row);
      return row;
    },
    dropSubstitute: (id) => (substitutes.splice(substitutes.indexOf(find(substitutes, id)), 1), null),
  };
}
