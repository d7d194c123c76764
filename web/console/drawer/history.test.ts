import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { HistoryEntry } from '$shared/api/types';
import { locale } from '$shared/i18n/text';
import { changesOf, linesOf, receivedText, type Names } from './history';

const names: Names = { engineer: (id) => (id === 'e1' ? 'Maria' : ''), part: (id) => (id === 'p1' ? { name: 'Belt', decimals: 0 } : null) };
let seq = 0;
const entry = (entity: string, changed: Record<string, unknown>, at = 1_000, actor = 'dora'): HistoryEntry => ({ seq: (seq += 1), at, actor, entity, row_id: 'r', op: 'put', changed: changed as never });
const created = (fields: Record<string, unknown>) => Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, [null, value]]));
beforeEach(() => {
  seq = 0;
  locale.set('en');
});
afterEach(() => locale.set('en'));

describe('what changed', () => {
  it('is told in words, before and after', () => {
    expect(changesOf(entry('tickets', { status: ['new', 'assigned'] }), names)).toEqual([{ field: '1/status', label: 'State', before: 'New', after: 'Assigned' }]);
  });

  it('names engineers, parts with their number, minutes and priorities', () => {
    expect(changesOf(entry('assignments', { engineer_id: [null, 'e1'] }), names)[0]?.after).toBe('Maria');
    expect(changesOf(entry('reservations', { part_id: [null, 'p1'], quantity: [null, 3], status: [null, 'held'] }), names).map((one) => one.after)).toEqual(['Belt × 3', 'Held']);
    expect(changesOf(entry('tickets', { priority: [3, 1], expected_minutes: [60, 90] }), names).map((one) => `${one.before} ${one.after}`)).toEqual(['Medium Urgent', '1h 1h 30m']);
  });

  it('is never a field of the machinery, whatever the server adds to its rows', () => {
    const machinery = created({ actor: 'e-07', applied: true, at: 5, received_at: 6, time_uncertain: false, device_id: 'd', hlc: 'x', dseq: 4, score_minutes: 2, shortages: [], a_field_of_next_year: 1 });
    for (const entity of ['tickets', 'visits', 'ticket_events', 'assignments', 'reservations', 'notes', 'next_years_table']) expect(changesOf(entry(entity, machinery), names)).toEqual([]);
  });

  it('cuts a text that is too long to read here', () => {
    expect(changesOf(entry('notes', { text: [null, 'x'.repeat(500)] }), names)[0]?.after.length).toBe(121);
  });

  it('lives with no content', () => {
    expect(changesOf({ ...entry('tickets', {}), changed: null as never }, names)).toEqual([]);
  });
});

describe('an escalation', () => {
  const HOUR = 3_600_000;
  const step = (text: string, over: Record<string, unknown> = {}) => entry('escalations', created({ step: text, due_at: 1_000, fired_at: 1_000, told: 2, engineer_id: 'e1', given_to_id: null, ...over }), 1_000, 'sla');
  const said = (...entries: HistoryEntry[]) => linesOf(entries, names).map((line) => [line.what, line.who, ...line.changes.map((change) => `${change.label} ${change.after}`)]);

  it('says what ran out, by how much, and what was done about it', () => {
    expect(said(step('resolution:30:notify_engineer'), entry('tickets', { sla: [{}, { taken: [] }] }, 1_000, 'sla'))).toEqual([['Resolution: 30% left', 'the SLA clock', 'Done The engineer was warned', 'Told 2 people']]);
    expect(said(step('response:0:notify_supervisor'))[0]?.slice(0, 1)).toEqual(['Response is due']);
  });

  it('names who got the ticket, or that nobody could take it', () => {
    expect(said(step('resolution:10:reassign', { given_to_id: 'e1' }))[0]).toContain('Engineer Maria');
    expect(said(step('resolution:10:reassign'))[0]).toContain('Done Nobody else can take it');
  });

  it('has a line for each step, although both were taken in one moment', () => {
    expect(said(step('resolution:30:notify_engineer'), step('resolution:10:notify_supervisor')).map(([what]) => what)).toEqual(['Resolution: 10% left', 'Resolution: 30% left']);
  });

  it('says when it should have been, if no server ran then', () => {
    expect(said(step('resolution:30:notify_engineer', { fired_at: 1_000 + HOUR }))[0]?.some((text) => text.startsWith('Was to be done'))).toBe(true);
    expect(said(step('resolution:30:notify_engineer', { fired_at: 3_000 }))[0]?.some((text) => text.startsWith('Was to be done'))).toBe(false);
  });

  it('of a kind that this page does not know is shown as it is', () => {
    expect(said(step('delivery:30:send_pigeon'))[0]?.slice(0, 3)).toEqual(['delivery: 30% left', 'the SLA clock', 'Done send_pigeon']);
  });

  it('is in Chinese for who reads Chinese', () => {
    locale.set('zh-CN');
    expect(said(step('resolution:30:notify_engineer'))[0]?.slice(0, 2)).toEqual(['解决时限剩余 30%', 'SLA 计时']);
  });
});

describe('the record', () => {
  const opening = () => [
    entry('tickets', created({ created_at: 1_000, title: 'Stuck', status: 'assigned' })), entry('visits', created({ status: 'assigned' })),
    entry('reservations', created({ part_id: 'p1', quantity: 1, status: 'held' })), entry('assignments', created({ engineer_id: 'e1', reason: '' })),
  ];

  it('makes one line of the rows of one deed', () => {
    const [line, ...others] = linesOf(opening(), names);
    expect(others).toEqual([]);
    expect(line).toMatchObject({ what: 'Ticket opened', who: 'dora', at: 1_000, receivedAt: null });
    expect(line?.changes.map((change) => change.after)).toEqual(['Belt × 1', 'Held', 'Maria']);
  });

  it('has a line for each tap of a phone, although they were received together', () => {
    const tap = (kind: string, at: number, to: string) => [entry('ticket_events', created({ kind, at, engineer_id: 'e1' }), 9_000, 'e-01'), entry('tickets', { status: ['assigned', to] }, 9_000, 'e-01'), entry('visits', { status: ['assigned', to] }, 9_000, 'e-01')];
    const lines = linesOf([...tap('accept', 8_000, 'accepted'), ...tap('travel', 8_500, 'travelling')], names);
    expect(lines.map((line) => [line.what, line.at, line.who, line.changes.length])).toEqual([['Travel', 8_500, 'Maria', 1], ['Accept', 8_000, 'Maria', 1]]);
  });

  it('says when a phone’s work was received much later than it was done', () => {
    const late = linesOf([entry('ticket_events', created({ kind: 'complete', at: 0, engineer_id: 'e1' }), 3_600_000)], names)[0];
    expect(late).toMatchObject({ at: 0, receivedAt: 3_600_000 });
    expect(late && receivedText(late)).toBe('received 1h later');
    const soon = linesOf([entry('ticket_events', created({ kind: 'complete', at: 0, engineer_id: 'e1' }), 60_000)], names)[0];
    expect(soon && receivedText(soon)).toBe('');
  });

  it('keeps apart what two people did at the same instant', () => {
    expect(linesOf([entry('tickets', { priority: [3, 2] }, 5, 'dora'), entry('tickets', { priority: [2, 1] }, 5, 'dan')], names).map((line) => line.who)).toEqual(['dan', 'dora']);
  });

  it('does not hide a note in the deed beside it', () => {
    const lines = linesOf([entry('notes', created({ text: 'Reset', at: 1_000 })), entry('tickets', { status: ['working', 'completed'] })], names);
    expect(lines.map((line) => line.what)).toEqual(['Ticket changed', 'Note']);
  });

  it('calls things by their names in both languages', () => {
    locale.set('zh-CN');
    expect(linesOf(opening(), names)[0]?.what).toBe('新建工单');
    expect(linesOf([entry('assignments', created({ engineer_id: 'e1' }))], names)[0]?.what).toBe('派单');
    expect(linesOf([entry('reservations', { status: ['held', 'picked'] })], names)[0]).toMatchObject({ what: '备件' });
  });
});
