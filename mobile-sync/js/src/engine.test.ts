import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SyncEngine } from './engine';
import { FakeServer } from '../test/fake';
import { PhoneStore } from './store';
import { SyncError } from './wire';

const device = { device_id: '0198f3c1-0d2e-7b3c-9a41-5e6f708192d9', token: 't', engineer_id: 'E7', name: 'Maria' };
let counter = 0;
let name: string;
let store: PhoneStore;
let server: FakeServer;
let engine: SyncEngine;
let wall = 1_763_769_000_000;
const now = () => ({ wall: (wall += 1), mono: wall % 1_000_000, boot: 'b7' });
const make = () => new SyncEngine({ store, transport: server, now });

beforeEach(async () => {
  name = `phone-${(counter += 1)}`;
  store = await PhoneStore.open(name);
  await store.set('device', device);
  await store.set('epoch', 'e1');
  server = new FakeServer();
  engine = make();
});
afterEach(() => {
  vi.unstubAllGlobals();
  store.close();
});

const act = (kind: string, id = `m${(counter += 1)}`) => store.insert('ticket_events', id, { ticket_id: 'T1', visit_id: 'V1', engineer_id: 'E7', kind, at: wall }, now());
const kinds = () => [...server.inbox.values()].map((mutation) => mutation.set['kind']);
const states = async () => (await store.outbox()).map((entry) => entry.state);

describe('a round', () => {
  it('asks to be enrolled before anything else', async () => {
    await store.forget();
    expect(await engine.round()).toEqual({ kind: 'enrol' });
    expect(server.pulls).toEqual([]);
  });

  it('pushes what waits, in its order, and says so when all is synced', async () => {
    for (const kind of ['accept', 'travel', 'arrive']) await act(kind);
    expect(await engine.round()).toEqual({ kind: 'synced' });
    expect(kinds()).toEqual(['accept', 'travel', 'arrive']);
    expect(await states()).toEqual(['done', 'done', 'done']);
  });

  it('pushes nothing twice when all was answered', async () => {
    await act('accept');
    await engine.round();
    await engine.round();
    expect(server.requests).toHaveLength(1);
  });

  it('sends the phone’s clocks along', async () => {
    await act('accept');
    await engine.round();
    expect(server.requests[0]?.sent).toMatchObject({ boot: 'b7' });
    expect(server.requests[0]?.epoch).toBe('e1');
  });

  it('reads all pages and remembers how far it came', async () => {
    server.pageSize = 2;
    for (const id of ['a', 'b', 'c', 'd', 'e']) server.put('tickets', id, { status: 'assigned' });
    await engine.round();
    expect((await store.rows()).map((row) => row.id)).toEqual(['a', 'b', 'c', 'd', 'e']);
    server.pulls = [];
    await engine.round();
    expect(server.pulls).toEqual([105]);
  });

  it('drops what is no longer ours', async () => {
    server.put('tickets', 'T1', { status: 'assigned' });
    await engine.round();
    server.remove('tickets', 'T1');
    await engine.round();
    expect(await store.rows()).toEqual([]);
  });

  it('learns how far the phone’s clock is off', async () => {
    await engine.round();
    const offset = (await store.get('offset')) ?? 0;
    expect(Math.abs(offset - (server.now - wall))).toBeLessThan(10);
  });

  it('shares one run between all who ask for it at once', async () => {
    await act('accept');
    await Promise.all([engine.round(), engine.round(), engine.round()]);
    expect(server.requests).toHaveLength(1);
  });
});

describe('lost answers', () => {
  it('keep the work and deliver it exactly once', async () => {
    await act('accept');
    server.script = ['lost'];
    expect(await engine.round()).toEqual({ kind: 'offline' });
    expect(await states()).toEqual(['waiting']);
    await engine.round();
    expect(kinds()).toEqual(['accept']);
    expect(await states()).toEqual(['done']);
  });

  it('do not hide that the first answer was a conflict', async () => {
    const { mid } = await act('complete');
    server.verdicts.set(mid, { result: 'conflict', why: 'cancelled' });
    server.script = ['lost'];
    await engine.round();
    await engine.round();
    expect(await states()).toEqual(['attention']);
  });

  it('of any number and order deliver every act once', async () => {
    let seed = 7;
    const random = () => ((seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff) / 0x7fffffff);
    for (let i = 0; i < 60; i += 1) {
      if (random() < 0.7) await act(`k${i}`);
      server.script = random() < 0.5 ? [(['down', 'lost', 'garbled', 'busy'] as const)[Math.floor(random() * 4)] ?? 'down'] : [];
      await engine.round();
    }
    server.script = [];
    await engine.round();
    const made = await store.outbox();
    expect(kinds()).toEqual(made.map((entry) => entry.mutation.set['kind']));
    expect([...server.inbox.values()].map((mutation) => mutation.seq)).toEqual(made.map((entry) => entry.seq));
    expect(made.every((entry) => entry.state === 'done')).toBe(true);
  });
});

describe('a phone that is switched off', () => {
  it('still has its work, and numbers on without a gap', async () => {
    await act('accept');
    server.script = ['down'];
    await engine.round();
    store.close();
    store = await PhoneStore.open(name);
    engine = make();
    await act('travel');
    await engine.round();
    expect([...server.inbox.values()].map((mutation) => mutation.seq)).toEqual([1, 2]);
  });

  it('takes a page again that it did not finish', async () => {
    server.pageSize = 1;
    server.put('tickets', 'a', { status: 'assigned' });
    server.put('tickets', 'b', { status: 'assigned' });
    server.script = ['' as never, 'down'];
    expect(await engine.round()).toEqual({ kind: 'offline' });
    expect((await store.rows()).map((row) => row.id)).toEqual(['a']);
    await engine.round();
    expect((await store.rows()).map((row) => row.id)).toEqual(['a', 'b']);
  });
});

describe('refusals', () => {
  it('of the token ask for a new enrolment and keep the queue', async () => {
    await act('accept');
    server.script = ['unauthorised'];
    expect(await engine.round()).toEqual({ kind: 'enrol' });
    expect(await states()).toEqual(['waiting']);
  });

  it('of a busy server are obeyed for as long as it says', async () => {
    await act('accept');
    server.script = ['busy'];
    expect(await engine.round()).toEqual({ kind: 'later', ms: 7_000 });
  });

  it('of a batch that is too large halve it until it fits', async () => {
    for (let i = 0; i < 30; i += 1) await act(`k${i}`);
    server.maxBatch = 7;
    expect(await engine.round()).toEqual({ kind: 'synced' });
    expect(server.inbox.size).toBe(30);
    expect(kinds()).toEqual(Array.from({ length: 30 }, (_, i) => `k${i}`));
  });

  it('of a batch take the limits that come with it', async () => {
    for (let i = 0; i < 9; i += 1) await act(`k${i}`);
    server.maxBatch = 4;
    server.announced = 3;
    expect(await engine.round()).toEqual({ kind: 'synced' });
    expect(server.requests.map((request) => request.mutations.length)).toEqual([9, 3, 3, 3]);
  });

  it('of a whole request for another reason are told, and keep the queue', async () => {
    await act('accept');
    server.push = async () => Promise.reject(new SyncError(400, 'validation_failed'));
    expect(await engine.round()).toEqual({ kind: 'refused', status: 400, code: 'validation_failed' });
    expect(await states()).toEqual(['waiting']);
  });

  it('of one act do not stop those behind it', async () => {
    const bad = await act('complete');
    await act('travel');
    server.verdicts.set(bad.mid, { result: 'rejected_kept', why: 'unreadable' });
    await engine.round();
    expect(await states()).toEqual(['attention', 'done']);
  });

  it('are shown until somebody has seen them', async () => {
    const { mid } = await act('complete');
    server.verdicts.set(mid, { result: 'conflict', why: 'cancelled' });
    await engine.round();
    expect((await store.outbox())[0]?.result?.why).toBe('cancelled');
    await store.dismiss(1);
    expect(await states()).toEqual(['done']);
  });

  it('never dismiss what still waits', async () => {
    await act('accept');
    await store.dismiss(1);
    expect(await states()).toEqual(['waiting']);
  });
});

describe('a server that misses earlier work', () => {
  it('gets it from where it asks', async () => {
    await act('accept');
    await act('travel');
    await engine.round();
    server.inbox.clear();
    server.first.clear();
    await act('arrive');
    await engine.round();
    expect(kinds()).toEqual(['accept', 'travel', 'arrive']);
  });
});

describe('a server that says nothing useful', () => {
  it('is not asked again at once', async () => {
    await act('accept');
    server.push = async (_token, request) => (server.requests.push(request), { results: [] });
    expect(await engine.round()).toEqual({ kind: 'offline' });
    expect(server.requests).toHaveLength(1);
  });

  it('nor one that asks for what this phone has not got', async () => {
    await act('accept');
    await act('travel');
    await engine.round();
    server.push = async (_token, request) => {
      server.requests.push(request);
      return { results: request.mutations.map(({ mid }) => ({ mid, result: 'held' as const, need_from: 0 })) };
    };
    server.requests = [];
    await act('arrive');
    expect(await engine.round()).toEqual({ kind: 'offline' });
    expect(server.requests.map((request) => request.mutations.map((one) => one.seq))).toEqual([[3], [1, 2, 3]]);
  });
});

describe('two tabs of one phone', () => {
  it('leave the rows at what the later page said', async () => {
    server.put('tickets', 'T1', { status: 'assigned' });
    const other = await PhoneStore.open(name);
    const old = await server.pull('t', { cursor: 0, schema: 1 });
    server.put('tickets', 'T1', { status: 'cancelled' });
    await engine.round();
    expect(await other.take(old.changes, old.cursor, false, 0)).toBe(false);
    expect((await store.rows())[0]?.doc['status']).toBe('cancelled');
    other.close();
  });

  it('take turns by the browser’s lock, which is named after their database', async () => {
    const asked: string[] = [];
    let turns = Promise.resolve();
    const request = (lock: string, _: unknown, work: () => Promise<unknown>) => {
      asked.push(lock);
      const turn = turns.then(work);
      turns = turn.then(() => undefined);
      return turn;
    };
    vi.stubGlobal('navigator', { locks: { request } });
    await act('accept');
    const other = await PhoneStore.open(name);
    await Promise.all([engine.round(), new SyncEngine({ store: other, transport: server, now }).round()]);
    expect(asked).toEqual([`fettle-sync ${name}`, `fettle-sync ${name}`]);
    expect(server.requests).toHaveLength(1);
    other.close();
  });

  it('do not wait for ever for one that the system has frozen', async () => {
    const request = (_: string, { signal }: { signal: AbortSignal }) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    vi.stubGlobal('navigator', { locks: { request } });
    const real = globalThis.setTimeout;
    vi.stubGlobal('setTimeout', (run: () => void, ms: number) => real(run, ms >= 1_000 ? 1 : ms));
    await act('accept');
    expect(await engine.round()).toEqual({ kind: 'synced' });
  });

  it('number without a gap and push everything once', async () => {
    const other = await PhoneStore.open(name);
    await Promise.all([act('accept'), other.insert('notes', 'n1', { text: 'x' }, now()), act('travel'), other.insert('notes', 'n2', { text: 'y' }, now())]);
    await Promise.all([engine.round(), new SyncEngine({ store: other, transport: server, now }).round()]);
    expect([...server.inbox.values()].map((mutation) => mutation.seq)).toEqual([1, 2, 3, 4]);
    expect(await states()).toEqual(['done', 'done', 'done', 'done']);
    other.close();
  });
});

describe('a server that was restored from a backup', () => {
  async function day(): Promise<void> {
    server.put('tickets', 'T1', { status: 'assigned' });
    server.put('tickets', 'T2', { status: 'assigned' });
    for (const kind of ['accept', 'travel', 'arrive']) await act(kind);
    await engine.round();
  }

  it('gets back what it lost, also what it had acknowledged', async () => {
    await day();
    server.restore(1);
    await act('start');
    expect(await engine.round()).toEqual({ kind: 'synced' });
    expect(kinds()).toEqual(['accept', 'travel', 'arrive', 'start']);
    expect(await store.get('epoch')).toBe('e2');
  });

  it('gets it back also when the phone had nothing new to push', async () => {
    await day();
    server.restore(0);
    await engine.round();
    expect(kinds()).toEqual(['accept', 'travel', 'arrive']);
  });

  it('gets nothing pushed before its first page has come', async () => {
    await day();
    server.restore(1);
    server.requests = [];
    server.pulls = [];
    await engine.round();
    expect(server.pulls.length).toBeGreaterThan(0);
    expect(server.requests[0]?.mutations.map((mutation) => mutation.seq)).toEqual([2, 3]);
  });

  it('takes rows away only when the new truth is complete', async () => {
    await day();
    server.restore(3);
    server.feed = server.feed.filter((change) => change.id !== 'T2');
    server.put('tickets', 'T3', { status: 'assigned' });
    server.pageSize = 1;
    server.script = ['' as never, '' as never, 'down'];
    await engine.round();
    expect((await store.rows()).map((row) => row.id)).toContain('T2');
    server.script = [];
    await engine.round();
    expect((await store.rows()).map((row) => row.id)).toEqual(['T1', 'T3']);
  });
});
