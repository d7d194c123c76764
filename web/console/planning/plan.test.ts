import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Round } from '$shared/api/types';
import type { Change } from '$shared/stream/store';
import { openWindow, Refused, serve, settled, type Asked } from '../../test/window';

const EVERY_MS = 10_000;
let hear: (change: Change) => void;
let told: Round | null | Refused;
let asked: Asked[];
const round = (at: number): Round => ({ at, outcome: 'kept', tickets: 3, engineers: 2, left_out: 0, cost_in_force: 60, cost: 60, moved: 0, given_out: 0, retimed: 0 });
const assignment = (seq: number, engineer_id: string, ended_at: number | null, over: Partial<Change> = {}): Change =>
  ({ seq, entity: 'assignments', row_id: `a${seq}`, op: 'put', row: { id: `a${seq}`, ticket_id: 't1', engineer_id, ended_at }, actor: 'planner', at: 5_000, ...over });

async function load() {
  vi.resetModules();
  openWindow('/planning');
  vi.stubGlobal('document', { hidden: false, documentElement: { dataset: {}, lang: '' } });
  vi.stubGlobal('navigator', { languages: ['en'] });
  asked = serve({ 'GET /api/v1/dispatch/plan': () => told });
  vi.doMock('../live.svelte', () => ({ live: { onChange: (listener: typeof hear) => (hear = listener) } }));
  return (await import('./plan.svelte')).plan;
}
beforeEach(() => {
  told = round(1_000);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.doUnmock('../live.svelte');
});

describe('the rounds', () => {
  it('are those that were seen, the latest first and none twice', async () => {
    const plan = await load();
    for (const at of [1_000, 1_000, 2_000]) {
      told = round(at);
      await plan.look();
    }
    expect(plan.rounds.map((one) => one.at)).toEqual([2_000, 1_000]);
  });

  it('are not kept without end', async () => {
    const plan = await load();
    for (let at = 1; at <= 25; at += 1) {
      told = round(at);
      await plan.look();
    }
    expect([plan.rounds.length, plan.rounds[0]?.at]).toEqual([20, 25]);
  });

  it('are none where the planner is off, which is known once the server has answered', async () => {
    told = null;
    const plan = await load();
    expect(plan.known).toBe(false);
    await plan.look();
    expect([plan.known, plan.rounds]).toEqual([true, []]);
  });

  it('stay when the server does not answer, and that is said until it does', async () => {
    const plan = await load();
    await plan.look();
    told = new Refused(503, { code: 'busy' });
    await plan.look();
    expect([plan.failed, plan.rounds.length]).toEqual([true, 1]);
    told = round(2_000);
    await plan.look();
    expect([plan.failed, plan.rounds.length]).toEqual([false, 2]);
  });
});

describe('watching', () => {
  const looks = () => asked.length;

  it('asks at once and every ten seconds, however many watch, until nobody does', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const plan = await load();
    const stops = [plan.watch(), plan.watch()];
    await settled();
    expect(looks()).toBe(1);
    vi.advanceTimersByTime(2 * EVERY_MS);
    await settled();
    expect(looks()).toBe(3);
    stops[0]?.();
    vi.advanceTimersByTime(EVERY_MS);
    await settled();
    expect(looks()).toBe(4);
    stops[1]?.();
    vi.advanceTimersByTime(5 * EVERY_MS);
    await settled();
    expect(looks()).toBe(4);
  });

  it('asks nothing while the page is not seen', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const plan = await load();
    plan.watch();
    await settled();
    Object.assign(document, { hidden: true });
    vi.advanceTimersByTime(5 * EVERY_MS);
    await settled();
    expect(looks()).toBe(1);
  });
});

describe('what the planner gave out', () => {
  const watched = async () => {
    const plan = await load();
    plan.watch();
    return plan;
  };
  const shown = (plan: Awaited<ReturnType<typeof load>>) => plan.moves.map(({ ticketId, from, to, at }) => [ticketId, from, to, at]);

  it('is from whom it was taken to whom it went', async () => {
    const plan = await watched();
    hear(assignment(1, 'e1', 5_000));
    hear(assignment(2, 'e2', null));
    expect(shown(plan)).toEqual([['t1', 'e1', 'e2', 5_000]]);
  });

  it('is from nobody where nobody had it, also if somebody had it once', async () => {
    const plan = await watched();
    hear(assignment(1, 'e1', 5_000));
    hear(assignment(2, 'e2', null, { at: 9_000 }));
    expect(shown(plan)).toEqual([['t1', null, 'e2', 9_000]]);
  });

  it('counts once, however often the stream says it', async () => {
    const plan = await watched();
    for (let i = 0; i < 2; i += 1) hear(assignment(2, 'e2', null));
    expect(plan.moves).toHaveLength(1);
  });

  it('is not what people or the ranking gave out, nor anything else of the planner’s', async () => {
    const plan = await watched();
    hear(assignment(1, 'e1', null, { actor: 'Dora Reyes' }));
    hear(assignment(2, 'e1', null, { actor: 'dispatch' }));
    hear(assignment(3, 'e1', null, { entity: 'tickets' }));
    hear(assignment(4, 'e1', null, { row: null, op: 'delete' }));
    expect(plan.moves).toEqual([]);
  });

  it('is the latest fifty', async () => {
    const plan = await watched();
    for (let seq = 1; seq <= 60; seq += 1) hear(assignment(seq, 'e2', null));
    expect([plan.moves.length, plan.moves[0]?.key]).toEqual([50, 60]);
  });
});
