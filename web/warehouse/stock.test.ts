import { afterEach, describe, expect, it, vi } from 'vitest';
import { openWindow, page, Refused, serve, settled, type Answers } from '../test/window';

const reservation = (id: string, status: string, location_kind = 'depot') => ({ id, status, location_kind, ticket_number: 1, location_id: 'd1', location_code: 'D1', part_id: 'p1' });
const answers = (over: Answers = {}): Answers => ({
  'GET /api/v1/parts': page([{ id: 'p1', name: 'Belt', decimals: 0 }]),
  'GET /api/v1/stock-locations': page([{ id: 'd1', kind: 'depot', code: 'D1' }]),
  'GET /api/v1/stock': page([{ id: 'b1', part_id: 'p1', location_id: 'd1', on_hand: 5, reserved: 1, available: 4 }]),
  'GET /api/v1/reservations': page([reservation('r1', 'held'), reservation('r2', 'picked'), reservation('r3', 'held', 'van'), reservation('r4', 'wanted'), reservation('r5', 'handed_over', 'van')]),
  ...over,
});
async function load(over: Answers = {}) {
  vi.resetModules();
  openWindow('/warehouse');
  const asked = serve(answers(over));
  const sources: { onerror: ((event: unknown) => void) | null; readyState: number; say: (name: string, data: unknown) => void }[] = [];
  vi.stubGlobal('EventSource', class {
    onerror = null;
    readyState = 1;
    heard: Record<string, (event: { data: string }) => void> = {};
    constructor() {
      sources.push(this);
    }
    addEventListener(name: string, run: (event: { data: string }) => void): void {
      this.heard[name] = run;
    }
    say(name: string, data: unknown): void {
      this.heard[name]?.({ data: JSON.stringify(data) });
    }
    close(): void {}
  });
  vi.stubGlobal('document', { visibilityState: 'visible', documentElement: {} });
  vi.stubGlobal('navigator', { languages: ['en'] });
  vi.stubGlobal('requestAnimationFrame', (run: () => void) => setTimeout(run));
  const { stock } = await import('./stock.svelte');
  return { stock, asked, sources };
}
const ids = (list: { id: string }[]) => list.map((one) => one.id);
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('the warehouse', () => {
  it('has to pick what lies at a depot, knows what is short, and what is out', async () => {
    const { stock } = await load();
    await stock.reload();
    expect([ids(stock.open), ids(stock.wanted), ids(stock.out)]).toEqual([['r1', 'r2'], ['r4'], ['r5']]);
    expect([stock.loaded, stock.parts.get('p1')?.name, stock.locations.get('d1')?.code, stock.balances.length]).toEqual([true, 'Belt', 'D1', 1]);
  });

  it('knows whose badge may be scanned, each once', async () => {
    const named = { engineer_id: 'e1', engineer_code: 'E-01', engineer_name: 'Maria' };
    const { stock } = await load({ 'GET /api/v1/reservations': page([{ ...reservation('r1', 'held'), ...named }, { ...reservation('r2', 'handed_over'), ...named }, reservation('r3', 'held')]) });
    await stock.reload();
    expect(stock.people).toEqual([{ id: 'e1', code: 'E-01', name: 'Maria' }]);
  });

  it('asks for nothing that the warehouse may not see', async () => {
    const { stock, asked } = await load();
    await stock.reload();
    expect([...new Set(asked.map((one) => one.path))].sort()).toEqual(['/api/v1/parts', '/api/v1/put-backs', '/api/v1/reservations', '/api/v1/stock', '/api/v1/stock-locations', '/api/v1/tasks']);
  });

  it('reads every page of a long list', async () => {
    const { stock } = await load({ 'GET /api/v1/stock': ({ query }: { query: URLSearchParams }) => (query.get('after') ? page([{ id: 'b2' }]) : page([{ id: 'b1' }], 'b1')) });
    await stock.reload();
    expect(ids(stock.balances)).toEqual(['b1', 'b2']);
  });

  it('tells that it could not load, and loads when asked again', async () => {
    const state = { down: true };
    const { stock } = await load({ 'GET /api/v1/parts': () => (state.down ? new Refused(503) : page([])) });
    await stock.reload();
    expect([stock.loaded, stock.failed]).toEqual([false, true]);
    state.down = false;
    await stock.reload();
    expect([stock.loaded, stock.failed]).toEqual([true, false]);
  });

  it('reads again once for many changes, and not for what is not its business', async () => {
    const { stock, asked, sources } = await load();
    stock.start();
    await settled();
    vi.useFakeTimers();
    const reads = () => asked.filter((one) => one.path === '/api/v1/reservations').length;
    const before = reads();
    for (let seq = 1; seq <= 5; seq += 1) {
      sources[0]?.say('change', { seq, entity: 'reservations', row_id: 'r1', op: 'put', row: {}, actor: '', at: 0 });
      await vi.advanceTimersByTimeAsync(50);
    }
    await vi.advanceTimersByTimeAsync(2_000);
    expect(reads()).toBe(before + 1);
    sources[0]?.say('change', { seq: 9, entity: 'notes', row_id: 'n1', op: 'put', row: {}, actor: '', at: 0 });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(reads()).toBe(before + 1);
    const tasks = () => asked.filter((one) => one.path === '/api/v1/tasks').length;
    const known = tasks();
    sources[0]?.say('change', { seq: 10, entity: 'tasks', row_id: 't1', op: 'put', row: {}, actor: '', at: 0 });
    await vi.advanceTimersByTimeAsync(2_000);
    expect(tasks()).toBe(known + 1);
  });

  it('says that the connection is lost, and that it is back', async () => {
    const { stock, sources } = await load();
    stock.start();
    stock.start();
    expect(sources).toHaveLength(1);
    sources[0]?.onerror?.({});
    expect(stock.lost).toBe(true);
    sources[0]?.say('hello', { cursor: 1, now_at: 1, speed: 1 });
    expect(stock.lost).toBe(false);
    stock.stop();
  });
});
