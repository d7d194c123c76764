// The cases that every client of the protocol replays, as far as this one has the parts they are about.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { offset } from './engine';
import { format, parse, tick } from './hlc';
import { takesEdits, takesInserts } from './policy';
import { step, type EventKind, type TicketStatus } from './steps';
import { LIMITS, needsYou, outcome, type Enrolment, type PullPage, type PushAnswer, type PushRequest, type PushResult } from './wire';

const read = (name: string) => JSON.parse(readFileSync(new URL(`../../vectors/${name}.json`, import.meta.url), 'utf8'));
const hlc = read('hlc') as { tick: { name: string; last: string; now: number; next: string }[]; ascending: string[]; none: string[] };
const steps = read('steps') as Record<string, Record<TicketStatus, string>>;
const merge = read('merge-table') as Record<string, { columns: Record<string, string>; others: string; rows: string }>;
const times = read('event-time') as { offset: { name: string; sent_wall: number; received_wall: number; server_time: number; offset: number }[] };
const messages = read('messages') as { push_request: PushRequest; push_response: PushAnswer; pull_page: PullPage; enrol_response: Enrolment; result_conflict: PushResult };

describe('the hybrid logical clock', () => {
  it.each(hlc.tick)('$name', ({ last, now, next }) => {
    const state = parse(last);
    expect(state && format(tick(state, now), state.tag)).toBe(next);
  });

  it('reads what it writes, and nothing else', () => {
    expect(hlc.ascending.map((text) => parse(text)).map((state) => state && format(state, state.tag))).toEqual(hlc.ascending);
    expect(hlc.none.map((text) => parse(text))).toEqual(hlc.none.map(() => null));
  });
});

describe('the offset of the clocks', () => {
  it.each(times.offset)('$name', (one) => expect(offset(one.sent_wall, one.received_wall, one.server_time)).toBe(one.offset));
});

describe('the steps of a ticket', () => {
  const kinds: EventKind[] = ['accept', 'decline', 'claim', 'travel', 'arrive', 'start', 'pause', 'resume', 'complete'];
  const cases = kinds.flatMap((kind) => (Object.entries(steps[kind] ?? {}) as [TicketStatus, string][]).map(([from, to]) => [kind, from, to] as const));

  it('are all there', () => expect(cases).toHaveLength(90));
  it.each(cases)('%s from %s: %s', (kind, from, to) => {
    const next = step(kind, from);
    const text = 'why' in next ? next.why : next.to === from ? 'stays' : `→ ${next.to}`;
    expect(text).toBe(to);
  });
});

describe('what a phone may write', () => {
  it.each(Object.entries(merge))('of %s', (c, { columns, others, rows }) => {
    expect(takesInserts(c)).toBe(rows !== 'office');
    for (const [column, rule] of Object.entries({ ...columns, other: others })) expect([column, takesEdits(c, column)]).toEqual([column, rule === 'lww']);
  });
});

describe('the messages', () => {
  const [intent, , patch] = messages.push_request.mutations;

  it('have the members that ours have', () => {
    expect(Object.keys(messages.push_request).sort()).toEqual(['epoch', 'mutations', 'sent']);
    expect(Object.keys(intent ?? {}).sort()).toEqual(['boot', 'c', 'hlc', 'id', 'mid', 'mono', 'op', 'schema', 'seq', 'set', 'wall']);
    expect([intent?.op, intent?.c, patch?.op, patch?.base]).toEqual(['intent', 'ticket_events', 'patch', 4702]);
  });

  it('of the server have what we read of them', () => {
    expect(messages.pull_page).toMatchObject({ epoch: 'e1', more: false, server_time: expect.any(Number), cursor: expect.any(Number) });
    expect(messages.push_response.results.map(outcome)).toEqual(['applied', 'applied', 'merged']);
    expect(messages.push_response.results.map(needsYou)).toEqual([false, false, true]);
    expect(needsYou(messages.result_conflict)).toBe(true);
    expect(messages.enrol_response.limits).toEqual(LIMITS);
  });
});
