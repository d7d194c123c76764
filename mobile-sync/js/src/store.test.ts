import 'fake-indexeddb/auto';
import { beforeEach, describe, expect, it } from 'vitest';
import { PhoneStore } from './store';
import { SCHEMA } from './wire';

let counter = 0;
let store: PhoneStore;
const at = (wall: number) => ({ wall, mono: wall - 1_000, boot: 'b7' });
beforeEach(async () => {
  store = await PhoneStore.open(`store-${(counter += 1)}`);
  await store.set('device', { device_id: '0198f3c1-0d2e-7b3c-9a41-5e6f708192d9', token: 't', engineer_id: 'E7', name: 'Maria' });
});

describe('an insert', () => {
  it('is the message of the protocol, to the letter', async () => {
    const set = { ticket_id: 'T1', visit_id: 'V1', engineer_id: 'E7', kind: 'arrive', at: 1_756_436_265_700 };
    expect(await store.insert('ticket_events', 'id1', set, at(0x0198f3c27b00))).toEqual({
      mid: 'id1', seq: 1, op: 'intent', c: 'ticket_events', id: 'id1', set: { ...set, dseq: 1 },
      hlc: '0198f3c27b00-0000-708192d9', wall: 0x0198f3c27b00, mono: 0x0198f3c27b00 - 1_000, boot: 'b7', schema: SCHEMA,
    });
  });

  it('of a row is an insert and has no order of events', async () => {
    const made = await store.insert('part_usage', 'id2', { ticket_id: 'T1', part_id: 'P5', quantity: 2, outcome: 'used' }, at(5));
    expect(made.op).toBe('insert');
    expect(made.set).not.toHaveProperty('dseq');
  });

  it('numbers without a gap, also when many are made at once', async () => {
    const made = await Promise.all(Array.from({ length: 50 }, (_, i) => store.insert('notes', `n${i}`, { text: 'x' }, at(i))));
    expect(made.map((mutation) => mutation.seq).sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1));
    expect(new Set(made.map((mutation) => mutation.hlc)).size).toBe(50);
  });

  it('has a clock that never runs back, also when the phone’s does', async () => {
    const a = await store.insert('notes', 'a', { text: 'x' }, at(2_000));
    const b = await store.insert('notes', 'b', { text: 'x' }, at(1_000));
    expect([a.hlc, b.hlc].sort()).toEqual([a.hlc, b.hlc]);
    expect(b.hlc).not.toBe(a.hlc);
  });

  it('counts with the offset to the server', async () => {
    await store.set('offset', 60_000);
    const { hlc, wall } = await store.insert('notes', 'a', { text: 'x' }, at(1_000));
    expect(Number.parseInt(String(hlc).slice(0, 12), 16)).toBe(61_000);
    expect(wall).toBe(1_000);
  });
});

describe('the outbox', () => {
  it('keeps what is done for 30 days and then lets it go', async () => {
    await store.insert('notes', 'old', { text: 'x' }, at(0));
    await store.insert('notes', 'waiting', { text: 'x' }, at(0));
    await store.settle([{ mid: 'old', result: 'applied' }]);
    await store.prune(29 * 86_400_000);
    expect(await store.outbox()).toHaveLength(2);
    await store.prune(31 * 86_400_000);
    expect((await store.outbox()).map((entry) => entry.mutation.mid)).toEqual(['waiting']);
  });

  it('does not mind an answer to something that it never sent', async () => {
    await store.settle([{ mid: 'stranger', result: 'applied' }]);
    expect(await store.outbox()).toEqual([]);
  });

  it.each([['applied', 'done'], ['merged', 'done'], ['conflict', 'attention'], ['rejected_kept', 'attention'], ['held', 'waiting']] as const)('after %s is %s', async (result, state) => {
    await store.insert('notes', 'n', { text: 'x' }, at(0));
    await store.settle([{ mid: 'n', result }]);
    expect((await store.outbox())[0]?.state).toBe(state);
  });

  it('forgets everything when the phone changes hands', async () => {
    await store.insert('notes', 'n', { text: 'x' }, at(0));
    await store.take([{ c: 'tickets', id: 'T1', op: 'put', v: 3, doc: { id: 'T1' } }], 3);
    await store.forget();
    expect([await store.outbox(), await store.rows(), await store.get('device'), await store.get('seq')]).toEqual([[], [], undefined, undefined]);
  });
});
