// What the adapters share: names of changes, batches, epochs, and when an edit was made.
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeServer } from '../test/fake';
import { parse } from './hlc';
import { Replica, differences, enrolReplica, filled, nextDseq, type ReplicaIdentity, type RowChange } from './replica';
import type { PushResult } from './wire';

const NOW = 1_763_769_600_000;
let server: FakeServer;
let identity: ReplicaIdentity;
let told: [string, string | undefined][];
const replica = (over: Partial<ReplicaIdentity> = {}) =>
  new Replica({ transport: server, identity: { ...identity, ...over }, now: () => NOW, onTrouble: ({ change, result }: { change: RowChange; result: PushResult }) => void told.push([change.id, result.why]) });
const edit = (note: string, base = 5, before = 'ask'): RowChange => ({ op: 'patch', c: 'tickets', id: 'T1', base, before: { access_note: before }, set: { access_note: note } });
const sent = () => server.requests.flatMap((request) => request.mutations);

beforeEach(async () => {
  server = new FakeServer();
  told = [];
  identity = await enrolReplica(server, { device_id: '0198f3c1-0d2e-7b3c-9a41-5e6f708192d9', platform: 'test', app_version: '1' });
});

describe('the name of a change', () => {
  it('of a new row is the row’s', async () => {
    await replica().push([{ op: 'insert', c: 'notes', id: 'N1', set: { text: 'x' } }, { op: 'insert', c: 'ticket_events', id: 'E1', set: { kind: 'accept' } }]);
    expect(sent().map((one) => [one.mid, one.op, one.seq])).toEqual([['N1', 'insert', undefined], ['E1', 'intent', undefined]]);
  });

  it('of an edit is the same for the same edit, whoever repeats it, and fits', async () => {
    await replica().push([edit('gate')]);
    await replica().push([edit('gate')]);
    const [first, second] = sent();
    expect(first?.mid).toBe(second?.mid);
    expect(first?.mid).toMatch(/^[0-9a-f]{64}$/);
    expect(server.inbox.size).toBe(1);
  });

  it.each([
    ['another value', edit('door')], ['another version', edit('gate', 6)], ['another value before', edit('gate', 5, 'ring')], ['another row', { ...edit('gate'), id: 'T2' }],
  ])('of an edit is another for %s', async (_, other) => {
    await replica().push([edit('gate'), other]);
    expect(server.inbox.size).toBe(2);
  });

  it('differs between devices', async () => {
    await replica().push([edit('gate')]);
    await replica({ device_id: '0198f3c1-0d2e-7b3c-9a41-000000000000' }).push([edit('gate')]);
    expect(server.inbox.size).toBe(2);
  });

  it('of going there and back and there again is new each time, before any pull has shown it', async () => {
    const one = replica();
    for (const note of ['gate', 'ask', 'gate']) await one.push([edit(note, 5, note === 'gate' ? 'ask' : 'gate')]);
    expect(server.inbox.size).toBe(3);
    expect(sent().map((mutation) => mutation.base)).toEqual([5, 101, 102]);
  });
});

describe('a batch', () => {
  it('is halved until the server takes it, and its results keep their order', async () => {
    server.maxBatch = 3;
    const changes = Array.from({ length: 10 }, (_, i): RowChange => ({ op: 'insert', c: 'notes', id: `N${i}`, set: {} }));
    expect((await replica().push(changes)).map((result) => result.mid)).toEqual(changes.map(({ id }) => id));
    expect(server.inbox.size).toBe(10);
  });

  it('is no larger than the server said at enrolment', async () => {
    const changes = Array.from({ length: 5 }, (_, i): RowChange => ({ op: 'insert', c: 'notes', id: `N${i}`, set: {} }));
    await replica({ limits: { push_mutations: 2 } }).push(changes);
    expect(server.requests.map((request) => request.mutations.length)).toEqual([2, 2, 1]);
  });

  it('fails as a whole when there is no answer', async () => {
    server.script = ['lost'];
    await expect(replica().push([edit('gate')])).rejects.toMatchObject({ status: 0 });
    expect((await replica().push([edit('gate')])).map((result) => result.result)).toEqual(['duplicate']);
  });
});

describe('a server that was restored', () => {
  it('is given the change in its new epoch', async () => {
    server.restore(0);
    await replica().push([edit('gate')]);
    expect(server.requests.map((request) => request.epoch)).toEqual(['e1', 'e2']);
    expect(server.inbox.size).toBe(1);
  });
});

describe('what was not taken as sent', () => {
  it('is told, again with each repeat', async () => {
    server.push = async (_token, { mutations }) => ({ results: mutations.map(({ mid }, at) => ({ mid, result: at === 0 ? 'conflict' : 'duplicate', first: 'rejected_kept', why: `why${at}` }) as PushResult) });
    await replica().push([edit('gate'), { op: 'insert', c: 'notes', id: 'N1', set: {} }]);
    expect(told).toEqual([['T1', 'why0'], ['N1', 'why1']]);
  });
});

describe('when an edit was made', () => {
  it('is what the row says, by the server’s clock, and is not sent as a column', async () => {
    const one = replica();
    server.now = NOW + 60_000;
    await one.pull(['tickets'], 0, 10);
    await one.push([{ ...edit('gate'), set: { access_note: 'gate', edited_at: NOW - 5_000 } }]);
    expect(parse(String(sent()[0]?.hlc))).toMatchObject({ ms: NOW + 55_000, tag: '708192d9' });
    expect(sent()[0]?.set).toEqual({ access_note: 'gate' });
  });

  it('is never later than now, or now if the row does not say', async () => {
    await replica().push([{ ...edit('gate'), set: { edited_at: NOW + 86_400_000 } }, edit('door')]);
    expect(sent().map((one) => parse(String(one.hlc))?.ms)).toEqual([NOW, NOW]);
  });
});

describe('rows', () => {
  it('differ by their columns, whatever stands for empty', () => {
    expect(differences({ a: 1, b: null, c: 'x' }, { a: 2, c: 'x' })).toEqual({ a: 2 });
    expect(differences({ a: 1 }, { b: 2 })).toEqual({ a: null, b: 2 });
    expect(filled({ a: null, b: '', c: 0, d: false })).toEqual({ b: '', c: 0, d: false });
  });

  it('of events are counted on, also when the clock was set back', () => {
    expect([nextDseq(undefined, 100), nextDseq(50, 100), nextDseq(200, 100)]).toEqual([100, 100, 201]);
  });
});
