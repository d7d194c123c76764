// The cases that every client of the protocol replays, as far as this one has the parts they are about.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { TicketStatus } from '$shared/api/types';
import { format, tick, type HlcState } from './hlc';
import { after, canDecline, nextAct, type EngineerAct } from './view';
import type { PullPage, PushAnswer, PushRequest } from './wire';

const read = (name: string) => JSON.parse(readFileSync(new URL(`../../../mobile-sync/vectors/${name}.json`, import.meta.url), 'utf8'));
const hlc = read('hlc') as { tick: { name: string; last: string; now: number; next: string }[] };
const steps = read('steps') as Record<EngineerAct, Record<TicketStatus, string>>;
const messages = read('messages') as { push_request: PushRequest; push_response: PushAnswer; pull_page: PullPage };

function parse(text: string): [HlcState, string] {
  const [ms = '', counter = '', tag = ''] = text.split('-');
  return [{ ms: Number.parseInt(ms, 16), counter: Number.parseInt(counter, 16) }, tag];
}

describe('the hybrid logical clock', () => {
  it.each(hlc.tick)('$name', ({ last, now, next }) => {
    const [state, tag] = parse(last);
    expect(format(tick(state, now), tag)).toBe(next);
  });
});

describe('the buttons', () => {
  it.each(Object.entries(nextAct) as [TicketStatus, EngineerAct][])('in %s offer %s, which the server would take, to the state that we show', (status, act) => {
    expect(steps[act][status]).toBe(`→ ${after[act]}`);
  });

  it('offer to decline only where the server takes it', () => {
    const statuses = Object.keys(steps.decline) as TicketStatus[];
    expect(statuses.filter(canDecline)).toEqual(statuses.filter((status) => steps.decline[status] === '→ new'));
  });

  it('offer to pause while working', () => {
    expect(steps.pause.working).toBe(`→ ${after.pause}`);
  });
});

describe('the messages', () => {
  const sample = messages.push_request.mutations[0];

  it('have the members that ours have', () => {
    expect(Object.keys(messages.push_request).sort()).toEqual(['epoch', 'mutations', 'sent']);
    expect(Object.keys(sample ?? {}).sort()).toEqual(['boot', 'c', 'hlc', 'id', 'mid', 'mono', 'op', 'schema', 'seq', 'set', 'wall']);
    expect([sample?.op, sample?.c]).toEqual(['intent', 'ticket_events']);
  });

  it('of the server have what we read of them', () => {
    expect(messages.pull_page).toMatchObject({ epoch: 'e1', more: false, server_time: expect.any(Number), cursor: expect.any(Number) });
    expect(messages.push_response.results[1]).toMatchObject({ result: 'duplicate', first: 'applied', v: expect.any(Number) });
  });
});
