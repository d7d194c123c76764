import { step, type Doc, type OutboxEntry, type OutboxState, type Row, type TicketStatus } from '$sync';
import { describe, expect, it } from 'vitest';
import { canDecline, canUseParts, nextAct, viewOf, type EngineerAct } from './view';

const row = (c: string, id: string, doc: Doc): Row => ({ c, id, v: 1, g: 0, doc: { id, ...doc } });
let seq = 0;
const entry = (c: string, set: Doc, state: OutboxState = 'waiting', unsettled = false): OutboxEntry => ({
  seq: (seq += 1), state, made_at: seq, ...(unsettled ? { unsettled: 1 as const } : {}),
  mutation: { mid: `m${seq}`, seq, op: 'insert', c, id: `m${seq}`, set, hlc: '', wall: 0, mono: 0, boot: 'b', schema: 1 },
});
const ticket = (id: string, status: string, more: Doc = {}) => row('tickets', id, { number: 1, status, engineer_id: 'E7', site_id: 'S1', ...more });
const event = (kind: string, state: OutboxState = 'waiting', unsettled = false) => entry('ticket_events', { ticket_id: 'T1', kind }, state, unsettled);
const statusOf = (rows: Row[], outbox: OutboxEntry[]) => viewOf(rows, outbox, 'E7').tickets[0];

describe('what the engineer sees', () => {
  it('is what he did, before the server has heard of it', () => {
    expect(statusOf([ticket('T1', 'assigned')], [event('accept'), event('travel')])).toMatchObject({ status: 'travelling', pending: true });
  });

  it('is the server’s once it has answered', () => {
    expect(statusOf([ticket('T1', 'cancelled')], [])).toBeUndefined();
    expect(statusOf([ticket('T1', 'accepted')], [event('complete', 'attention')])).toMatchObject({ status: 'accepted', pending: false });
  });

  it('does not fall back between a push and its pull', () => {
    expect(statusOf([ticket('T1', 'assigned')], [event('accept', 'done', true)])?.status).toBe('accepted');
    expect(statusOf([ticket('T1', 'assigned')], [event('accept', 'done')])?.status).toBe('assigned');
  });

  it('leaves out what is finished, declined or somebody else’s, and counts what is done', () => {
    const view = viewOf([ticket('T1', 'assigned'), ticket('T2', 'completed'), ticket('T3', 'assigned', { engineer_id: 'E8' })], [event('decline')], 'E7');
    expect(view.tickets).toEqual([]);
    expect(view.done).toBe(1);
  });

  it('begins with what is under way, then goes by time', () => {
    const view = viewOf([ticket('a', 'assigned', { planned_at: 1 }), ticket('b', 'working', { planned_at: 9 }), ticket('c', 'assigned', { planned_at: 0.5 })], [], 'E7');
    expect(view.tickets.map((one) => one.id)).toEqual(['b', 'c', 'a']);
  });

  it('joins site and asset, and lives without them', () => {
    const rows = [ticket('T1', 'assigned', { asset_id: 'A1' }), row('sites', 'S1', { address: '1 Main St' })];
    expect(statusOf(rows, [])).toMatchObject({ site: { address: '1 Main St' }, asset: null });
  });

  it('shows a part and a note once, whether sent back or not', () => {
    const sent = entry('part_usage', { ticket_id: 'T1', part_id: 'P', quantity: 2 }, 'done');
    const rows = [ticket('T1', 'working'), row('part_usage', sent.mutation.id, { ticket_id: 'T1', part_id: 'P', quantity: 2 })];
    const view = viewOf(rows, [sent, entry('notes', { ticket_id: 'T1', text: 'hm' })], 'E7');
    expect(view.used).toEqual([{ ticket_id: 'T1', part_id: 'P', quantity: 2, pending: false }]);
    expect(view.notes).toEqual([{ ticket_id: 'T1', text: 'hm', pending: true }]);
  });

  it('tells apart what waits and what needs him', () => {
    const view = viewOf([], [event('accept'), event('travel', 'attention'), event('arrive', 'done')], 'E7');
    expect([view.waiting.length, view.attention.length]).toEqual([1, 1]);
  });
});

describe('the one button', () => {
  it('leads from assigned to completed without a gap', () => {
    const done: string[] = [];
    const outbox: OutboxEntry[] = [];
    for (let i = 0; i < 9; i += 1) {
      const shown = statusOf([ticket('T1', 'assigned')], outbox);
      const act = shown && nextAct[shown.status];
      if (!act) break;
      done.push(act);
      outbox.push(event(act));
    }
    expect(done).toEqual(['accept', 'travel', 'arrive', 'start', 'complete']);
  });

  it.each(Object.entries(nextAct) as [TicketStatus, EngineerAct][])('in %s offers %s, which the server would take', (status, act) => {
    const next = step(act, status);
    expect('to' in next && next.to).not.toBe(status);
    expect(next).toHaveProperty('to');
  });

  it('offers to decline only where the server takes it', () => {
    const all = Object.keys(nextAct) as TicketStatus[];
    expect(all.filter(canDecline)).toEqual(all.filter((status) => 'to' in step('decline', status)));
  });

  it('resumes what waits', () => {
    expect(nextAct.waiting).toBe('resume');
  });

  it('lets nobody decline once he is on his way', () => {
    expect((['assigned', 'accepted', 'travelling', 'working'] as const).map(canDecline)).toEqual([true, true, false, false]);
  });

  it('offers parts only where they are used', () => {
    expect((['assigned', 'travelling', 'on_site', 'working'] as const).map(canUseParts)).toEqual([false, false, true, true]);
  });
});

describe('his van', () => {
  it('is where his own stock lies, not a colleague’s', () => {
    const rows = [row('van_stock', 'b1', { engineer_id: 'E7', location_id: 'V7', part_id: 'p' }), row('van_stock', 'b2', { engineer_id: 'E8', location_id: 'V8', part_id: 'p' })];
    expect([...viewOf(rows, [], 'E7').vans]).toEqual(['V7']);
  });
});
