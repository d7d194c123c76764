import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openWindow, Refused, serve, type Answers, type Asked } from '../../test/window';
import { acceptable, groupsOf, promiseText, promiseTone, sumText, travelText } from './words';

const entry = (over: object = {}) => ({ ticket_id: 't1', ticket_number: 1042, title: 'Doors', change: 'moved', from_engineer_id: 'e1', to_engineer_id: 'e2', planned_at: 0, proposed_at: 0, expected_minutes: 30, travel_minutes_won: 14, late_minutes: 12, proposed_late_minutes: 0, safe: true, ...over }) as never;
const proposal = (over: object = {}) => ({ id: 'p1', at: 0, travel_minutes_won: 41, promises_won: 3, entries: [entry()], ...over }) as never;
const LOOK = 'GET /api/v1/dispatch/proposal';
const ACCEPT = 'POST /api/v1/dispatch/proposal/accept';
const action = { id: 'a1', kind: 'accept_proposal', tickets: 2 };

async function load(answers: Answers) {
  vi.resetModules();
  openWindow('/');
  const asked: Asked[] = serve(answers);
  const [{ proposals }, { toasts }] = await Promise.all([import('./proposals.svelte'), import('$shared/ui/toast.svelte')]);
  await proposals.look();
  return { proposals, toasts, asked };
}
const sent = (asked: Asked[]) => asked.filter((one) => one.method === 'POST').map((one) => one.body);
beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval'] }));
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('a proposal', () => {
  it('stands by who gets what, and what nobody can do comes last', () => {
    const left = entry({ ticket_id: 't3', change: 'dropped', to_engineer_id: null });
    const groups = groupsOf(proposal({ entries: [left, entry(), entry({ ticket_id: 't2' })] }));
    expect(groups.map((group) => [group.engineerId, group.entries.length])).toEqual([['e2', 2], [null, 1]]);
    expect(acceptable([left, entry()])).toHaveLength(1);
  });

  it('says what it is worth', () => {
    expect(sumText(proposal())).toBe('−41 min travel · promises kept: +3');
    expect([travelText(-9), travelText(0)]).toEqual(['+9 min travel', '0 min travel']);
    expect([promiseText(entry()), promiseTone(entry())]).toEqual(['12 min late → in time', 'good']);
    expect([promiseText(entry({ late_minutes: null })), promiseTone(entry({ late_minutes: null }))]).toEqual(['not planned → in time', 'good']);
    expect([promiseText(entry({ late_minutes: 0 })), promiseTone(entry({ late_minutes: 0 }))]).toEqual(['in time', '']);
    expect(promiseTone(entry({ late_minutes: 0, proposed_late_minutes: 4 }))).toBe('late');
  });

  it.each([
    [{}, { proposal_id: 'p1', safe: false }],
    [{ safe: true }, { proposal_id: 'p1', safe: true }],
    [{ engineer_id: 'e2' }, { proposal_id: 'p1', safe: false, engineer_id: 'e2' }],
    [{ ticket_ids: ['t1'] }, { proposal_id: 'p1', safe: false, ticket_ids: ['t1'] }],
  ])('is accepted as %j', async (part, body) => {
    const { proposals, toasts, asked } = await load({ [LOOK]: proposal(), [ACCEPT]: action, 'POST /api/v1/dispatch/undo': action });
    expect(await proposals.accept(part)).toBe(true);
    expect(sent(asked)).toEqual([body]);
    expect(toasts.list.at(-1)).toMatchObject({ text: 'Proposal accepted: 2 tickets', action: { text: 'Undo' } });
    toasts.list.at(-1)?.action?.run();
    await vi.waitFor(() => expect(sent(asked).at(-1)).toEqual({ action_id: 'a1' }));
  });

  it.each([
    ['proposal_gone', {}, /newer proposal/],
    ['proposal_changed', { by: 'otto', ticket_number: 1042, at: 0 }, /otto has changed 1042/],
    ['proposal_refused', { ticket_number: 1042, why: 'part_missing' }, /1042.*part/i],
  ])('that is refused with %s says what changed, and the newest is shown', async (code, facts, words) => {
    const { proposals, toasts, asked } = await load({ [LOOK]: proposal(), [ACCEPT]: new Refused(409, { code, facts, detail: 'x' }) });
    expect(await proposals.accept()).toBe(false);
    expect(toasts.list.at(-1)?.text).toMatch(words);
    expect(asked.filter((one) => one.method === 'GET')).toHaveLength(2);
    expect(proposals.busy).toBe(false);
  });
});
