// What an app sees of the library: acts, rows as the user sees them, tabs, and rounds by themselves.
import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeServer } from '../test/fake';
import { StorageFull } from './database';
import { Device, NotPossible } from './device';
import { MutationTooLarge } from './store';

let counter = 0;
let name: string;
let server: FakeServer;
let device: Device;
let wall: number;
const clock = () => ({ wall: (wall += 10), mono: wall, boot: 'b1' });
const open = () => Device.open({ name, transport: server, clock, random: () => 0 });
const why = (promise: Promise<unknown>) => promise.then(() => null, (cause: unknown) => (cause instanceof NotPossible ? cause.why : cause));

beforeEach(async () => {
  wall = 1_763_769_600_000;
  name = `device-${(counter += 1)}`;
  server = new FakeServer();
  server.put('tickets', 'T1', { status: 'assigned', visit_id: 'V1', engineer_id: 'E7', access_note: 'ask' });
  server.put('visits', 'V1', { status: 'assigned', ticket_id: 'T1' });
  server.put('van_stock', 'S1', { part_id: 'P1', engineer_id: 'E7', on_hand: 5 });
  device = await open();
  await device.enrol({ platform: 'test', app_version: '1', name: 'Maria' });
  await device.sync();
});
afterEach(() => {
  device.close();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('what the user did', () => {
  it('is shown before the server has heard of it', async () => {
    await device.act('T1', 'accept');
    await device.act('T1', 'start');
    await device.usePart('T1', { part_id: 'P1', quantity: 2 });
    await device.addNote('T1', 'worn');
    await device.patch('tickets', 'T1', { access_note: null });
    expect(await device.row('tickets', 'T1')).toEqual({ id: 'T1', status: 'working', visit_id: 'V1', engineer_id: 'E7' });
    expect((await device.rows('visits'))[0]?.['status']).toBe('working');
    expect((await device.rows('van_stock'))[0]?.['on_hand']).toBe(3);
    expect((await device.rows('notes')).map((row) => row['text'])).toEqual(['worn']);
    expect((await device.truth('tickets'))[0]?.['status']).toBe('assigned');
  });

  it('carries whose it is, and the number of its order', async () => {
    const made = await device.act('T1', 'accept');
    expect(made).toMatchObject({ op: 'intent', c: 'ticket_events', mid: made.id, set: { ticket_id: 'T1', visit_id: 'V1', engineer_id: 'E7', kind: 'accept', dseq: 1 } });
    expect(await device.addLabour('T1', 30)).toMatchObject({ op: 'insert', c: 'labour', set: { minutes: 30, engineer_id: 'E7' } });
  });

  it('about a ticket is filled in with whose it is, at which visit and when', async () => {
    const made = await device.record('T1', 'readings', { kind: 'voltage', value: 230 });
    expect(made).toMatchObject({ op: 'insert', c: 'readings', set: { ticket_id: 'T1', visit_id: 'V1', engineer_id: 'E7', kind: 'voltage', value: 230 } });
    expect(made.set['at']).toBeGreaterThan(1_763_769_600_000);
    expect(await why(device.record('T1', 'parts', {}))).toBe('not_insertable');
  });

  it('may be to want a ticket that it holds no row of', async () => {
    const made = await device.claim('T9');
    expect(made).toMatchObject({ op: 'intent', c: 'ticket_events', set: { ticket_id: 'T9', engineer_id: 'E7', kind: 'claim', dseq: 1 } });
    expect(made.set).not.toHaveProperty('visit_id');
  });

  it('says which version of a row it was done to', async () => {
    const version = (await device.store.row('tickets', 'T1'))?.v;
    const made = await device.patch('tickets', 'T1', { access_note: 'gate' });
    expect(made).toMatchObject({ op: 'patch', id: 'T1', base: version, set: { access_note: 'gate' } });
    expect(made.mid).not.toBe('T1');
  });

  it('stays on the screen between its push and the pull that shows it', async () => {
    await device.act('T1', 'accept');
    server.script = ['' as never, 'down'];
    expect(await device.sync()).toEqual({ kind: 'offline' });
    expect(await device.waiting()).toEqual([]);
    expect((await device.row('tickets', 'T1'))?.['status']).toBe('accepted');
    server.put('tickets', 'T1', { status: 'accepted', engineer_id: 'E7' });
    await device.sync();
    expect(await device.store.unsettled()).toEqual([]);
    expect((await device.row('tickets', 'T1'))?.['status']).toBe('accepted');
  });

  it('takes itself back when the server refuses it, and says why', async () => {
    const made = await device.act('T1', 'complete');
    server.verdicts.set(made.mid, { result: 'conflict', why: 'cancelled', conflict: 'cf1' });
    await device.sync();
    expect((await device.row('tickets', 'T1'))?.['status']).toBe('assigned');
    const [trouble] = await device.troubles();
    expect(trouble).toMatchObject({ mutation: { id: made.id }, result: { why: 'cancelled' } });
    await device.dismiss(trouble?.seq ?? 0);
    expect(await device.troubles()).toEqual([]);
  });

  it('is told as trouble too when only a part of it gave way', async () => {
    const made = await device.patch('tickets', 'T1', { access_note: 'gate' });
    server.verdicts.set(made.mid, { result: 'merged', conflict: 'cf2', kept: { access_note: { server: 'x', device: 'gate', why: 'later' } } });
    await device.sync();
    expect((await device.troubles()).map((one) => one.result.kept?.['access_note']?.why)).toEqual(['later']);
  });

  it('takes the row that comes with the answer, but brings none back that has left', async () => {
    const made = await device.patch('tickets', 'T1', { access_note: 'gate' });
    server.verdicts.set(made.mid, { result: 'merged', v: 900, doc: { id: 'T1', sync_v: 900, status: 'working' } });
    server.script = ['' as never, 'down'];
    await device.sync();
    expect(await device.truth('tickets')).toEqual([{ id: 'T1', sync_v: 900, status: 'working' }]);
    await device.store.take([{ c: 'tickets', id: 'T1', op: 'remove' }], 950);
    const late = await device.store.add({ op: 'patch', c: 'tickets', id: 'T1', set: { access_note: 'x' } }, clock());
    await device.store.settle([{ mid: late.mid, result: 'conflict', v: 960, doc: { id: 'T1', sync_v: 960 } }]);
    expect(await device.truth('tickets')).toEqual([]);
  });
});

describe('what makes no sense', () => {
  it.each([
    ['a step that the ticket cannot take', () => device.act('T1', 'resume'), 'not_accepted'],
    ['a ticket that is not here', () => device.act('T9', 'accept'), 'unknown_ticket'],
    ['declining without a reason', () => device.act('T1', 'decline', ' '), 'reason_needed'],
    ['none of a part', () => device.usePart('T1', { part_id: 'P1', quantity: 0 }), 'bad_quantity'],
    ['half a piece', () => device.usePart('T1', { part_id: 'P1', quantity: 0.5 }), 'bad_quantity'],
    ['a column that is the office’s', () => device.patch('tickets', 'T1', { priority: 1 }), 'not_editable: priority'],
    ['an edit of nothing', () => device.patch('tickets', 'T1', {}), 'nothing_changed'],
    ['a row that is not here', () => device.patch('tickets', 'T9', { access_note: 'x' }), 'unknown_row'],
    ['a row that is the office’s to make', async () => device.insert('visits', { number: 2 }), 'not_insertable'],
  ])('%s is refused and not written', async (_, act, code) => {
    expect(await why(act())).toBe(code);
    expect(await device.waiting()).toEqual([]);
  });

  it('a row that no server would take is refused before it stops the queue', async () => {
    await expect(device.addNote('T1', '修'.repeat(100_000))).rejects.toBeInstanceOf(MutationTooLarge);
    expect(await device.waiting()).toEqual([]);
    await device.addNote('T1', 'short');
    expect((await device.waiting()).map((entry) => entry.seq)).toEqual([1]);
  });
});

describe('a full disk', () => {
  const full = () => vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
    throw new DOMException('no room', 'QuotaExceededError');
  });

  it('is told apart, and takes no number', async () => {
    const spy = full();
    await expect(device.addNote('T1', 'x')).rejects.toBeInstanceOf(StorageFull);
    spy.mockRestore();
    expect(await device.addNote('T1', 'y')).toMatchObject({ seq: 1 });
  });

  it('ends a round, and keeps what waits', async () => {
    await device.addNote('T1', 'x');
    const spy = full();
    expect(await device.sync()).toEqual({ kind: 'full' });
    spy.mockRestore();
    expect(await device.waiting()).toHaveLength(1);
    expect(await device.sync()).toEqual({ kind: 'synced' });
    expect(server.inbox.size).toBe(1);
  });
});

describe('a phone that changes hands', () => {
  it('is not left while work waits, unless that is elsewhere', async () => {
    await device.act('T1', 'accept');
    expect(await why(device.leave())).toBe('work_waits');
    expect(await device.waiting()).toHaveLength(1);
    await device.leave(true);
    expect([await device.identity(), await device.waiting(), await device.rows('tickets')]).toEqual([undefined, [], []]);
  });

  it('keeps the first one’s unsent work to itself', async () => {
    await device.addNote('T1', 'mine');
    server.engineer = 'E8';
    expect(await why(device.enrol({ platform: 'test', app_version: '1' }))).toBe('another_engineers_work');
    expect((await device.identity())?.engineer_id).toBe('E7');
    expect(await device.waiting()).toHaveLength(1);
  });

  it('forgets the first one when nothing waits', async () => {
    server.engineer = 'E8';
    await device.enrol({ platform: 'test', app_version: '1' });
    expect([await device.rows('tickets'), (await device.identity())?.engineer_id]).toEqual([[], 'E8']);
  });
});

describe('two tabs', () => {
  it('hear of each other', async () => {
    const other = await open();
    const heard: boolean[] = [];
    const told = new Promise<void>((resolve) => other.subscribe((here) => (heard.push(here), resolve())));
    await device.act('T1', 'accept');
    await told;
    expect(heard[0]).toBe(false);
    expect((await other.row('tickets', 'T1'))?.['status']).toBe('accepted');
    other.close();
  });
});

describe('rounds by themselves', () => {
  const requests = () => server.pulls.length;
  const until = (condition: () => boolean) => vi.waitUntil(condition, { interval: 1, timeout: 60_000 });

  it('follow an act at once, and stop when they are told to', async () => {
    device.start(3_600_000);
    await until(() => requests() >= 2);
    await device.act('T1', 'accept');
    await until(() => server.inbox.size === 1);
    device.stop();
    await device.addNote('T1', 'later');
    expect(await device.waiting()).toHaveLength(1);
  });

  it('wait longer after each failure, and not at all when the network is back', async () => {
    const pauses: number[] = [];
    const real = globalThis.setTimeout;
    vi.spyOn(globalThis, 'setTimeout').mockImplementation(((run: () => void, ms?: number) => {
      if ((ms ?? 0) >= 100) pauses.push(ms ?? 0);
      return real(run, Math.min(ms ?? 0, 1));
    }) as never);
    server.script = ['down', 'down', 'down', 'down'];
    device.start(3_600_000);
    await until(() => pauses.includes(3_600_000));
    expect(pauses.slice(0, 5)).toEqual([500, 1_000, 2_000, 4_000, 3_600_000].map((ms) => expect.closeTo(ms, -2)));
    device.stop();
  });
});

describe('a first start', () => {
  it('needs no network, and knows that nothing is complete', async () => {
    name = `fresh-${counter}`;
    const fresh = await open();
    expect([await fresh.identity(), await fresh.isComplete(), await fresh.sync()]).toEqual([undefined, false, { kind: 'enrol' }]);
    fresh.close();
    expect(await device.isComplete()).toBe(true);
  });
});
