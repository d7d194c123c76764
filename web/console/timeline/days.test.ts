import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openWindow, page, Refused, serve, type Answers, type Asked } from '../../test/window';

class Stream {
  static last: Stream;
  readyState = 1;
  onerror = null;
  private readonly heard = new Map<string, (event: { data: string }) => void>();
  constructor() {
    Stream.last = this;
  }
  addEventListener(name: string, run: (event: { data: string }) => void): void {
    this.heard.set(name, run);
  }
  close(): void {}
  say(name: string, data: unknown): void {
    this.heard.get(name)?.({ data: JSON.stringify(data) });
  }
}
const PATH = 'GET /api/v1/dispatch/timelines';
const timeline = (id: string, number = 1) => ({ engineer_id: id, shifts: [], absences: [], home_at: null, stops: [{ ticket_id: 't', number, phase: 'ahead', starts_at: 1, ends_at: 2, late_minutes: 0, late_percent: 0 }] });
const whole = { cursor: 10, whole: true, now_at: 0, items: [timeline('e1'), timeline('e2')] };
let asked: Asked[];
let stop: () => void = () => undefined;

async function start(answer: Answers[string]) {
  openWindow('/');
  vi.stubGlobal('EventSource', Stream);
  vi.stubGlobal('document', { visibilityState: 'visible', documentElement: {} });
  vi.stubGlobal('navigator', { languages: ['en'] });
  vi.stubGlobal('requestAnimationFrame', (run: () => void) => setTimeout(run));
  asked = serve({ 'GET /api/v1/engineers': page([]), 'GET /api/v1/tickets': page([]), [PATH]: answer });
  const [{ live }, { days }] = await Promise.all([import('../live.svelte'), import('./days.svelte')]);
  live.start();
  Stream.last.say('hello', { cursor: 10, now_at: 0, speed: 0 });
  stop = days.start();
  await vi.waitFor(() => expect(days.loaded || days.failure).toBeTruthy());
  return days;
}
const questions = () => asked.filter((one) => one.path.endsWith('/timelines')).map((one) => one.query.get('since'));
const change = (seq: number, entity: string) => Stream.last.say('change', { seq, entity, row_id: `r${seq}`, op: 'put', row: { id: `r${seq}` }, actor: 'x', at: seq });
beforeEach(() => vi.resetModules());
afterEach(() => {
  stop();
  vi.unstubAllGlobals();
});

describe('everybody’s day', () => {
  it('is read once, and then only for whom a burst of changes concerns', async () => {
    const days = await start(({ query }: Asked) => (query.has('since') ? { ...whole, cursor: 12, whole: false, items: [timeline('e2', 7)] } : whole));
    const untouched = days.timelines.get('e1');
    change(11, 'tickets');
    change(12, 'assignments');
    await vi.waitFor(() => expect(days.timelines.get('e2')?.stops[0]?.number).toBe(7));
    expect(questions()).toEqual([null, '10']);
    expect(days.timelines.get('e1')).toBe(untouched);
  });

  it('is not asked for because of what moves nobody’s day', async () => {
    const days = await start(({ query }: Asked) => (query.has('since') ? { ...whole, cursor: 12, whole: false, items: [] } : whole));
    change(11, 'parts');
    change(12, 'tickets');
    await vi.waitFor(() => expect(questions()).toHaveLength(2));
    expect(days.timelines.size).toBe(2);
  });

  it('forgets who is not in it any more when all is read again', async () => {
    let items = whole.items;
    const days = await start(() => ({ ...whole, items }));
    items = [timeline('e2')];
    days.reload();
    await vi.waitFor(() => expect([...days.timelines.keys()]).toEqual(['e2']));
  });

  it('of another day is asked for by that day’s midnight', async () => {
    const days = await start(whole);
    days.show(1);
    expect([days.loaded, days.timelines.size], 'the rows stay until the new ones are there').toEqual([false, 2]);
    await vi.waitFor(() => expect(days.loaded).toBe(true));
    const [today, tomorrow] = asked.filter((one) => one.path.endsWith('/timelines')).map((one) => one.query);
    expect(Number(tomorrow?.get('from')) + 6 * 3_600_000).toBe(Number(today?.get('until')));
  });

  it('that cannot be read says so, and is there when it can', async () => {
    let down = true;
    const days = await start(() => (down ? new Refused(503) : whole));
    expect([days.loaded, days.failure]).toMatchObject([false, { status: 503 }]);
    down = false;
    days.reload();
    await vi.waitFor(() => expect([days.loaded, days.failure]).toEqual([true, null]));
  });
});
