import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openWindow, page, Refused, serve, type Answers, type Asked } from '../../test/window';

const QUESTION = 'POST /api/v1/intake/question';
const answer = { open: [], due_at: 0, free: null, earliest: null };
const ticket = { kind: 'repair', priority: 2, title: '', asset_id: 'a1', dispatch: 'auto' } as const;

async function load(answers: Answers) {
  vi.resetModules();
  openWindow('/');
  const asked: Asked[] = serve(answers);
  const [{ Question, standing }, { live }, { whoCalls, assetsOf, numberOf }] = await Promise.all([import('./question.svelte'), import('../live.svelte'), import('./callers')]);
  return { question: new Question(), standing, live, whoCalls, assetsOf, numberOf, asked };
}
beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] }));
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('who calls', () => {
  it('is not asked before there are four digits', async () => {
    const { whoCalls, asked } = await load({});
    expect([await whoCalls(''), await whoCalls('+1 21'), asked]).toEqual([[], [], []]);
  });

  it('is a number before anybody is known to have it', async () => {
    const { numberOf } = await load({});
    expect(['212', ' +1 212-5 ', 'Mrs Li'].map(numberOf)).toEqual(['', '+1 212-5', '']);
  });

  it('is a list of lifts, each with whose it is and where', async () => {
    const site = { id: 's1', name: 'Tower', assets: [{ id: 'a1', number: 'L-1' }, { id: 'a2', number: 'L-2' }] };
    const { whoCalls, asked } = await load({ 'GET /api/v1/intake/callers': page([{ id: 'c1', name: 'Atlas', sites: [site] }]) });
    const found = await whoCalls(' 212 555-0199 ');
    expect(found.map((one) => [one.asset.number, one.site?.name, one.customer, one.number])).toEqual([['L-1', 'Tower', 'Atlas', '212 555-0199'], ['L-2', 'Tower', 'Atlas', '212 555-0199']]);
    expect(asked[0]?.query.get('number')).toBe('212 555-0199');
  });
});

describe('what can be said before', () => {
  it('is asked once one pauses, with the kind for a title that is not there yet', async () => {
    const { question, asked } = await load({ [QUESTION]: answer });
    question.about(ticket);
    question.about({ ...ticket, priority: 1 });
    expect(question.busy).toBe(true);
    await vi.advanceTimersByTimeAsync(300);
    await vi.waitFor(() => expect(question.answer).toEqual(answer));
    expect(asked.map((one) => one.body)).toEqual([{ ...ticket, priority: 1, title: 'repair' }]);
  });

  it('is nothing where there is no lift yet', async () => {
    const { question, asked } = await load({ [QUESTION]: answer });
    question.about(null);
    await vi.advanceTimersByTimeAsync(300);
    expect([question.answer, question.busy, asked]).toEqual([null, false, []]);
  });

  it.each([[500, true], [422, false]])('that is refused with %i is a failure: %s', async (status, failed) => {
    const { question } = await load({ [QUESTION]: new Refused(status) });
    question.about(ticket);
    await vi.advanceTimersByTimeAsync(300);
    await vi.waitFor(() => expect(question.busy).toBe(false));
    expect([question.answer, question.failed]).toEqual([null, failed]);
  });

  it('is asked again each minute and when tickets changed, not oftener than in ten seconds, until nobody looks', async () => {
    const { question, live, asked } = await load({ [QUESTION]: answer });
    const listen = vi.spyOn(live, 'onChange');
    const stop = question.follow();
    const told = listen.mock.calls[0]?.[0] as (change: { entity: string }) => void;
    question.about(ticket);
    await vi.advanceTimersByTimeAsync(300);
    await vi.waitFor(() => expect(question.busy).toBe(false));
    for (const entity of ['tickets', 'positions', 'tickets', 'assignments']) told({ entity });
    await vi.advanceTimersByTimeAsync(9_000);
    expect(asked.length).toBe(1);
    await vi.advanceTimersByTimeAsync(1_500);
    await vi.waitFor(() => expect(asked.length).toBe(2));
    expect(question.answer).toEqual(answer);
    await vi.advanceTimersByTimeAsync(60_000);
    await vi.waitFor(() => expect(asked.length).toBe(3));
    stop();
    await vi.advanceTimersByTimeAsync(120_000);
    expect(asked.length).toBe(3);
  });

  it('is no promise once its time is over', async () => {
    const { standing } = await load({});
    const now = 10 * 60_000;
    expect([now + 1, now, now - 59_000, now - 60_000].map((at) => standing(at, now))).toEqual(['ahead', 'now', 'now', 'over']);
  });
});
