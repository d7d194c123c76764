import '../../test/globals';
import { afterEach, describe, expect, it } from 'vitest';
import { locale } from '$shared/i18n/text';
import type { Doc, OutboxEntry, Row } from '$sync';
import type { Kept } from '../blobs/store';
import { documentOf } from '../sign/document';
import type { VisitTicket } from '../view';
import { numberIn, siteWork, unanswered, type Held } from './site-work';

const row = (c: string, doc: Doc): Row => ({ c, id: String(doc['id']), v: 1, doc: { sync_v: 1, ...doc }, g: 0 });
const entry = (c: string, id: string, set: Doc, state: OutboxEntry['state'] = 'waiting', op = 'insert'): OutboxEntry =>
  ({ seq: 1, state, made_at: 1, mutation: { mid: id, seq: 1, op, c, id, set, schema: 1 } }) as unknown as OutboxEntry;
const ticket: VisitTicket = {
  id: 'T1', status: 'working', pending: false, site: { id: 'S1', name: 'Bryant Park', address: '1 Main St' }, asset: null,
  doc: { id: 'T1', number: 7, title: 'Doors', kind: 'repair', visit_id: 'V1' },
};
const question = (id: string, position: number, more: Doc = {}) => row('checklists', { id, ticket_kind: 'repair', position, question: `Q${position}`, question_zh: '', answer_kind: 'yes_no', required: true, ...more });
const kept = (sha256: string, state: Kept['state']): Kept => ({ sha256, state, kind: 'photo', ticket_id: 'T1', type: 'image/jpeg', bytes: 100, made_at: 1 });
const held = (more: Partial<Held>): Held => ({ rows: [], outbox: [], kept: [], sending: null, ...more });
afterEach(() => locale.set('en'));

describe('the checklist', () => {
  const rows = [question('q2', 2, { required: false }), question('q1', 1), question('q9', 1, { ticket_kind: 'inspection' })];

  it('has the questions of the ticket’s kind in their order', () => {
    expect(siteWork(held({ rows }), ticket).questions.map((one) => one.id)).toEqual(['q1', 'q2']);
  });

  it('has the questions of the ticket’s template after those, and lives with a form that cannot be read', () => {
    const form = { fields: [], answers: {}, checklist: [{ id: 't1', question: 'Runs?', question_zh: '', answer_kind: 'yes_no', required: true }] };
    const asked = (text: unknown) => siteWork(held({ rows }), { ...ticket, doc: { ...ticket.doc, form: text } as Doc }).questions;
    expect(asked(JSON.stringify(form)).map((one) => one.id)).toEqual(['q1', 'q2', 't1']);
    expect(unanswered({ questions: asked(JSON.stringify(form)) }).map((one) => one.id)).toEqual(['q1', 't1']);
    for (const text of ['{', '7', 'null', '{"fields":1}', 12]) expect(asked(text)).toHaveLength(2);
  });

  it('says which answers are missing that must be there', () => {
    expect(unanswered(siteWork(held({ rows }), ticket)).map((one) => one.id)).toEqual(['q1']);
    const answered = held({ rows, outbox: [entry('checklist_answers', 'a1', { ticket_id: 'T1', visit_id: 'V1', question_id: 'q1', answer: 'yes' })] });
    expect(unanswered(siteWork(answered, ticket))).toEqual([]);
    expect(siteWork(answered, ticket).questions[0]?.answer).toEqual({ id: 'a1', text: 'yes', state: 'waiting' });
  });

  it('shows an edit over the server’s answer, and another visit’s answer not at all', () => {
    const there = row('checklist_answers', { id: 'a1', ticket_id: 'T1', visit_id: 'V1', question_id: 'q1', answer: 'no' });
    const before = row('checklist_answers', { id: 'a0', ticket_id: 'T1', visit_id: 'V0', question_id: 'q2', answer: 'yes' });
    const work = siteWork(held({ rows: [...rows, there, before], outbox: [entry('checklist_answers', 'a1', { answer: 'yes' }, 'waiting', 'patch')] }), ticket);
    expect(work.questions.map((one) => one.answer)).toEqual([{ id: 'a1', text: 'yes', state: 'waiting' }, null]);
  });
});

describe('a photo', () => {
  const stateOf = (state: OutboxEntry['state'] | null, bytes: Kept['state'] | null, blob = 'pending', sending: Held['sending'] = null) => {
    const set = { ticket_id: 'T1', sha256: 'h1', bytes: 100, purpose: 'before' };
    const rows = state === null ? [row('photos', { id: 'p1', ...set, blob })] : [];
    return siteWork(held({ rows, outbox: state ? [entry('photos', 'p1', set, state)] : [], kept: bytes ? [kept('h1', bytes)] : [], sending }), ticket).photos[0]?.state;
  };

  it.each([
    ['row and bytes wait', 'waiting', 'waiting', 'pending', 'waiting'],
    ['only the bytes wait', null, 'waiting', 'pending', 'waiting'],
    ['both are there', null, 'stored', 'stored', 'server'],
    ['another phone has taken it', null, null, 'stored', 'server'],
    ['its bytes were refused', null, 'refused', 'pending', 'you'],
    ['its row was refused', 'attention', 'stored', 'pending', 'you'],
  ] as const)('of which %s', (_, state, bytes, blob, expected) => {
    expect(stateOf(state, bytes, blob)).toBe(expected);
  });

  it('that is on its way says how much of it has gone', () => {
    const work = siteWork(held({ rows: [row('photos', { id: 'p1', ticket_id: 'T1', sha256: 'h1', bytes: 100 })], kept: [kept('h1', 'waiting')], sending: { sha256: 'h1', sent: 25 } }), ticket);
    expect(work.photos[0]).toMatchObject({ state: 'sending', share: 0.25, purpose: 'other' });
  });
});

describe('a number', () => {
  it.each([
    ['12', { value: 12 }], ['12,5', { value: 12.5 }], ['−3', { value: -3 }], ['', { fault: 'number' }], ['12 V', { fault: 'number' }], ['1e3', { fault: 'number' }],
    ['-41', { fault: 'low' }], ['201', { fault: 'high' }], ['200', { value: 200 }],
  ])('typed as %j', (typed, expected) => {
    expect(numberIn(typed, -40, 200)).toEqual(expected);
  });
});

describe('what is signed', () => {
  const view = { parts: new Map([['p1', { name: 'Door roller', decimals: 0 } as Doc]]), used: [{ ticket_id: 'T1', part_id: 'p1', quantity: 2, pending: true }], notes: [{ ticket_id: 'T1', text: 'Rollers worn', pending: true }, { ticket_id: 'T2', text: 'Other', pending: false }] };
  const work = siteWork(held({ outbox: [entry('labour', 'l1', { ticket_id: 'T1', minutes: 45 }), entry('photos', 'p1', { ticket_id: 'T1', sha256: 'h1', purpose: 'after' })] }), ticket);
  const text = () => documentOf(view, work, ticket, 'Maria', 0);

  it('names the ticket, the place, who worked, and everything that was recorded, and nothing of another ticket', () => {
    expect(text()).toMatch(/^# Service report #7\nDoors\nBryant Park, 1 Main St\nMaria · /);
    for (const part of ['- Rollers worn', '- Door roller: 2 used', '45m', '- after: h1']) expect(text()).toContain(part);
    expect(text()).not.toContain('Other');
  });

  it('is in the language of the page, so it is another text', () => {
    const english = text();
    locale.set('zh-CN');
    expect(text()).toMatch(/^# 服务报告 #7\n/);
    expect(text()).not.toBe(english);
  });
});
