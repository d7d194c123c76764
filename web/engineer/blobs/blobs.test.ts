import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';
import { fitted } from './picture';
import { BlobStore, sha256Of, type Kept } from './store';
import { Refusal, sendAll, type Carrier } from './uploads';

let databases = 0;
const open = () => BlobStore.open(`blobs-${(databases += 1)}`);
const data = (text: string): ArrayBuffer => new TextEncoder().encode(text).buffer as ArrayBuffer;
const about = (made_at: number, ticket_id = 'T1') => ({ kind: 'photo' as const, ticket_id, type: 'image/jpeg', made_at });

/** A server that takes bytes, or does what `fail` says with them. */
function server(fail: (kept: Kept) => Error | null = () => null) {
  const here = new Map<string, ArrayBuffer>();
  const sent: string[] = [];
  const carrier: Carrier = {
    has: async (sha256) => here.has(sha256),
    send: async (kept, bytes, told) => {
      sent.push(kept.sha256);
      await told.at(`/sync/v1/blobs/${kept.made_at}`);
      told.progress(1, kept.bytes);
      const failure = fail(kept);
      if (failure) throw failure;
      here.set(kept.sha256, bytes);
    },
  };
  return { here, sent, carrier };
}

describe('bytes on the phone', () => {
  it('are known by their hash', async () => {
    expect(await sha256Of(data('test'))).toBe('9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08');
  });

  it('are there after a restart, and the same ones once', async () => {
    const store = await open();
    const one = await store.add(data('door'), about(1));
    expect(await store.add(data('door'), about(2))).toEqual(one);
    expect(await store.all()).toEqual([{ ...about(1), sha256: one.sha256, bytes: 4, state: 'waiting' }]);
    expect(new TextDecoder().decode(await store.bytesOf(one.sha256))).toBe('door');
  });

  it('are dropped with their ticket, but not while they wait', async () => {
    const store = await open();
    const [gone, waits] = [await store.add(data('a'), about(1, 'T1')), await store.add(data('b'), about(2, 'T2'))];
    await store.stored(gone.sha256);
    await store.prune(new Set());
    expect((await store.all()).map((one) => one.sha256)).toEqual([waits.sha256]);
  });
});

describe('sending', () => {
  it('goes from the oldest on, says how far it is, and keeps only the small picture', async () => {
    const store = await open();
    const late = await store.add(data('late'), about(2));
    const early = await store.add(data('early'), { ...about(1), thumb: data('small') });
    const { sent, here, carrier } = server();
    const seen: [string, number][] = [];
    expect(await sendAll(store, carrier, (sha, bytes) => seen.push([sha, bytes]))).toBe(true);
    expect(sent).toEqual([early.sha256, late.sha256]);
    expect(seen).toEqual([[early.sha256, 1], [early.sha256, -1], [late.sha256, 1], [late.sha256, -1]]);
    expect((await store.all()).map((one) => one.state)).toEqual(['stored', 'stored']);
    expect(await store.bytesOf(early.sha256)).toBeUndefined();
    expect(here.size).toBe(2);
  });

  it('does not send what the server has', async () => {
    const store = await open();
    const one = await store.add(data('known'), about(1));
    const { sent, here, carrier } = server();
    here.set(one.sha256, data('known'));
    expect(await sendAll(store, carrier)).toBe(true);
    expect(sent).toEqual([]);
  });

  it('stops when the network goes, and goes on from where it was', async () => {
    const store = await open();
    const one = await store.add(data('cut'), about(7));
    await store.add(data('next'), about(8));
    const cut = server(() => new TypeError('failed to fetch'));
    expect(await sendAll(store, cut.carrier)).toBe(false);
    expect(cut.sent).toEqual([one.sha256]);
    expect((await store.all()).find((kept) => kept.sha256 === one.sha256)).toMatchObject({ state: 'waiting', url: '/sync/v1/blobs/7' });
  });

  it('shows what is refused for good and sends the others', async () => {
    const store = await open();
    const bad = await store.add(data('bad'), about(1));
    const good = await store.add(data('good'), about(2));
    const { here, carrier } = server((kept) => (kept.sha256 === bad.sha256 ? new Refusal(422, 'wrong_hash') : null));
    expect(await sendAll(store, carrier)).toBe(true);
    expect((await store.all()).find((one) => one.sha256 === bad.sha256)).toMatchObject({ state: 'refused', why: 'wrong_hash' });
    expect([...here.keys()]).toEqual([good.sha256]);
  });

  it.each([[401, 'unauthenticated'], [409, 'too_many_uploads'], [503, 'busy']])('waits with all when the server wants none: %i %s', async (status, code) => {
    const store = await open();
    await store.add(data('a'), about(1));
    await store.add(data('b'), about(2));
    const { sent, carrier } = server(() => new Refusal(status, code));
    expect(await sendAll(store, carrier)).toBe(false);
    expect(sent).toHaveLength(1);
    expect((await store.all()).map((one) => one.state)).toEqual(['waiting', 'waiting']);
  });

  it('begins anew what the server has swept away', async () => {
    const store = await open();
    const one = await store.add(data('old'), about(1));
    await store.change(one.sha256, { url: '/sync/v1/blobs/gone' });
    const { carrier } = server(() => new Refusal(404, 'not_found'));
    await sendAll(store, carrier);
    expect((await store.all())[0]).toMatchObject({ state: 'waiting', url: '' });
  });
});

describe('a photo', () => {
  it.each([
    [{ width: 4_000, height: 3_000 }, 1_600, { width: 1_600, height: 1_200 }],
    [{ width: 3_000, height: 4_000 }, 1_600, { width: 1_200, height: 1_600 }],
    [{ width: 800, height: 600 }, 1_600, { width: 800, height: 600 }],
    [{ width: 9_000, height: 1 }, 240, { width: 240, height: 1 }],
  ])('of %j fits into %i', (size, longest, expected) => {
    expect(fitted(size, longest)).toEqual(expected);
  });
});
