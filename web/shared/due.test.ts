import { describe, expect, it } from 'vitest';
import type { TicketStatus } from './api/types';
import { dueOf, nextDue } from './due';

const H = 3_600_000;
const ticket = (status: TicketStatus, due_at: number | null = 10 * H) => ({ status, due_at, created_at: 0 });

describe('dueOf', () => {
  it.each([
    [0, 'ok', 1],
    [4.9 * H, 'ok', 0.51],
    [5 * H, 'soon', 0.5],
    [6.9 * H, 'soon', 0.31],
    [7 * H, 'risk', 0.3],
    [9.99 * H, 'risk', 0.001],
    [10 * H, 'risk', 0],
    [10 * H + 1, 'late', 0],
  ])('at %d ms the step is %s', (now, step, share) => {
    const due = dueOf(ticket('assigned'), now);
    expect(due.step).toBe(step);
    expect(due.share).toBeCloseTo(share, 3);
  });

  it('counts down, and below zero when late', () => {
    expect(dueOf(ticket('new'), 9 * H).leftMs).toBe(H);
    expect(dueOf(ticket('new'), 12 * H).leftMs).toBe(-2 * H);
  });

  it('is paused while waiting, late or not', () => {
    expect(dueOf(ticket('waiting'), 1 * H).step).toBe('paused');
    expect(dueOf(ticket('waiting'), 20 * H).step).toBe('paused');
  });

  it.each(['completed', 'closed', 'cancelled'] as const)('has no clock when %s', (status) => {
    expect(dueOf(ticket(status), 20 * H)).toEqual({ step: 'none', leftMs: null, share: 1 });
  });

  it('has no clock without a due time', () => {
    expect(dueOf(ticket('new', null), 0).leftMs).toBeNull();
  });

  it('goes by hours where nobody knows when the ticket was opened', () => {
    const step = (left: number) => dueOf({ status: 'assigned', due_at: 10 * H, created_at: null }, 10 * H - left).step;
    expect([step(5 * H), step(1.1 * H), step(0.9 * H), step(0.5 * H), step(-1)]).toEqual(['ok', 'ok', 'soon', 'risk', 'late']);
    expect(dueOf({ status: 'assigned', due_at: 10 * H }, 0).share).toBe(1);
  });

  const sla = (over: object) => ({ state: 'due', policy_id: 'four-levels', policy_version: 1, ...over }) as NonNullable<Parameters<typeof dueOf>[0]['sla']>;

  it('stands still at what was left when the server says that it is paused', () => {
    const paused = { ...ticket('waiting'), sla: sla({ state: 'paused', paused_since: 8 * H }) };
    expect([8 * H, 20 * H].map((now) => dueOf(paused, now))).toEqual([1, 2].map(() => ({ step: 'paused', leftMs: 2 * H, share: 0.2, stands: true })));
  });

  it('goes on while waiting under a policy that waiting does not stop', () => {
    expect(dueOf({ ...ticket('waiting'), sla: sla({}) }, 11 * H).step).toBe('late');
  });

  it('is not known, and not late, in a year that the calendar does not know', () => {
    expect(dueOf({ ...ticket('assigned'), sla: sla({ state: 'unknown', unknown_year: 2031 }) }, 20 * H)).toEqual({ step: 'none', leftMs: null, share: 1, unknownYear: 2031 });
    expect(dueOf({ ...ticket('assigned'), sla: sla({ state: 'none' }) }, 20 * H)).toEqual({ step: 'none', leftMs: null, share: 1 });
  });

  it('goes by the response while nobody has taken it up, and that is due before it is to be solved', () => {
    const waits = { ...ticket('assigned'), sla: sla({ response_state: 'due', response_due_at: 4 * H, responded_at: null }) };
    expect([1 * H, 3 * H, 5 * H].map((now) => dueOf(waits, now))).toEqual([
      { step: 'ok', leftMs: 3 * H, share: 0.75, response: true }, { step: 'risk', leftMs: H, share: 0.25, response: true }, { step: 'late', leftMs: -H, share: 0, response: true },
    ]);
    expect(nextDue(waits)).toEqual({ at: 4 * H, response: true });
  });

  it.each([
    [{ responded_at: 3 * H }], [{ response_due_at: 11 * H }], [{ response_state: 'paused' }], [{ response_state: 'none', response_due_at: null }],
  ])('goes by the resolution where %j', (over) => {
    const one = { ...ticket('assigned'), sla: sla({ response_state: 'due', response_due_at: 4 * H, responded_at: null, ...over }) };
    expect([dueOf(one, 5 * H), nextDue(one)]).toEqual([{ step: 'soon', leftMs: 5 * H, share: 0.5 }, { at: 10 * H, response: false }]);
  });

  it('survives a due time before the creation', () => {
    expect(dueOf({ status: 'new', created_at: 10, due_at: 5 }, 7).step).toBe('late');
  });
});
