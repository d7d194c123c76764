import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { engineer, ticket } from '../test/samples';
import { openWindow, page, Refused, serve, settled, type Answers, type Asked } from '../test/window';

class Stream {
  static all: Stream[] = [];
  readyState = 1;
  onerror: ((event: unknown) => void) | null = null;
  private readonly heard = new Map<string, (event: { data: string }) => void>();
  constructor(readonly url: string) {
    Stream.all.push(this);
  }
  addEventListener(name: string, run: (event: { data: string }) => void): void {
    this.heard.set(name, run);
  }
  close(): void {
    this.readyState = 2;
  }
  say(name: string, data: unknown): void {
    this.heard.get(name)?.({ data: JSON.stringify(data) });
  }
}

let asked: Asked[];
let stream: Stream;
async function start(over: Answers = {}) {
  vi.resetModules();
  openWindow('/');
  Stream.all = [];
  vi.stubGlobal('EventSource', Stream);
  vi.stubGlobal('document', { visibilityState: 'visible', documentElement: {} });
  vi.stubGlobal('navigator', { languages: ['en'] });
  vi.stubGlobal('requestAnimationFrame', (run: () => void) => setTimeout(run));
  asked = serve({ 'GET /api/v1/engineers': page([engineer()]), 'GET /api/v1/tickets': page([ticket()]), ...over });
  const { live } = await import('./live.svelte');
  live.start();
  stream = Stream.all[0] as Stream;
  stream.say('hello', { cursor: 10, now_at: 1_000, speed: 1 });
  await settled();
  return live;
}
const change = (seq: number, row: Record<string, unknown>, entity = 'tickets') => ({ seq, entity, row_id: String(row['id']), op: 'put', row, actor: 'x', at: seq });
beforeEach(() => vi.resetModules());
afterEach(() => vi.unstubAllGlobals());

describe('the console’s model', () => {
  it('reads everything once the stream is there, and says that it is live', async () => {
    const live = await start();
    expect([live.loaded, live.connection, live.tickets.size, live.engineerName('e1')]).toEqual([true, 'live', 1, 'Maria Lopez']);
    expect(asked.find((one) => one.path === '/api/v1/tickets')?.query.get('status')).not.toContain('closed');
  });

  it('takes a change of a row over without asking for all again', async () => {
    const live = await start();
    const before = asked.length;
    stream.say('change', change(11, { ...ticket({ status: 'assigned', engineer_id: 'e1' }) }));
    await settled();
    expect(live.tickets.get('t1')).toMatchObject({ status: 'assigned', engineer_id: 'e1' });
    expect(live.touched('t1')).toBe(1);
    expect(asked.length).toBe(before);
  });

  it('asks for a ticket whose row lacks what the API joins to it', async () => {
    const whole = ticket({ id: 't2', number: 7, address: '9 Main St' });
    const live = await start({ 'GET /api/v1/tickets/t2': whole });
    stream.say('change', change(11, { id: 't2', number: 7, status: 'new' }));
    await settled();
    expect(live.tickets.get('t2')?.address).toBe('9 Main St');
  });

  it('counts what happens around a ticket: a note, a reservation', async () => {
    const live = await start();
    const heard: string[] = [];
    const off = live.onChange((one) => heard.push(one.entity));
    stream.say('change', change(11, { id: 'n1', ticket_id: 't1' }, 'notes'));
    await settled();
    off();
    stream.say('change', change(12, { id: 'r1', ticket_id: 't1' }, 'reservations'));
    await settled();
    expect([live.touched('t1'), live.touched('t2'), heard]).toEqual([2, 0, ['notes']]);
  });

  it('moves an engineer, but never back to an older report', async () => {
    const live = await start();
    const at = (longitude: number, when: number) => stream.say('positions', { items: [{ engineer_id: 'e1', latitude: 40.7, longitude, at: when }] });
    at(-73.9, 50);
    at(-73.1, 20);
    await settled();
    expect(live.engineers.get('e1')?.position).toEqual({ latitude: 40.7, longitude: -73.9, at: 50 });
  });

  it('says that the connection is lost, and reads again when the stream has gone on without it', async () => {
    const live = await start();
    stream.readyState = 0;
    stream.onerror?.({});
    expect([live.connection, live.lostAt > 0]).toEqual(['lost', true]);
    // Who else is there is asked whenever the stream begins.
    const rows = (): number => asked.filter((one) => !JSON.stringify(one).includes('/api/v1/presence')).length;
    const before = rows();
    stream.say('hello', { cursor: 10, now_at: 2_000, speed: 1 });
    await settled();
    expect([live.connection, rows()]).toEqual(['live', before]);
    stream.say('hello', { cursor: 99, now_at: 3_000, speed: 1 });
    await settled();
    expect(rows()).toBeGreaterThan(before);
  });

  it('tells a failure, and is whole after trying again', async () => {
    const broken = { now: true };
    const live = await start({ 'GET /api/v1/engineers': () => (broken.now ? new Refused(503) : page([engineer()])) });
    expect([live.loaded, live.failure === null]).toEqual([false, false]);
    broken.now = false;
    await live.reload();
    expect([live.loaded, live.failure]).toEqual([true, null]);
  });

  it('shows the answer to one’s own deed without waiting for the stream', async () => {
    const live = await start();
    live.put(ticket({ status: 'cancelled' }));
    expect(live.tickets.get('t1')?.status).toBe('cancelled');
  });

  it('reads a closed ticket that a link points at; one that is not there is asked for once', async () => {
    const live = await start({ 'GET /api/v1/tickets/old': ticket({ id: 'old', status: 'closed' }) });
    for (const id of ['old', 'gone', 'old', 'gone', 't1']) await live.need(id);
    expect(live.tickets.get('old')?.status).toBe('closed');
    expect(asked.filter((one) => /tickets\/.+/.test(one.path)).map((one) => one.path)).toEqual(['/api/v1/tickets/old', '/api/v1/tickets/gone']);
  });

  it('asks again for a ticket that could not be read for another reason', async () => {
    let down = true;
    const live = await start({ 'GET /api/v1/tickets/old': () => (down ? new Refused(503) : ticket({ id: 'old' })) });
    await live.need('old');
    down = false;
    await live.need('old');
    expect(live.tickets.has('old')).toBe(true);
  });
});
