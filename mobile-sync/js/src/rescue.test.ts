// The sealed outbox, opened by Node's own cryptography as the organisation would.
import 'fake-indexeddb/auto';
import { createDecipheriv, createECDH, hkdfSync } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HEAD, INFO, NONCE_BYTES, POINT_BYTES, sealOutbox, type Rescued } from './rescue';
import { PhoneStore } from './store';

const TAG_BYTES = 16;
const organisation = createECDH('prime256v1');
organisation.generateKeys();
const publicKey = new Uint8Array(organisation.getPublicKey());

function open(file: Uint8Array, keys = organisation): Rescued {
  const point = file.subarray(HEAD.length, HEAD.length + POINT_BYTES);
  const body = file.subarray(HEAD.length + POINT_BYTES + NONCE_BYTES);
  const key = Buffer.from(hkdfSync('sha256', keys.computeSecret(point), point, INFO, 32));
  const decipher = createDecipheriv('aes-256-gcm', key, file.subarray(HEAD.length + POINT_BYTES).subarray(0, NONCE_BYTES));
  decipher.setAAD(file.subarray(0, HEAD.length + POINT_BYTES));
  decipher.setAuthTag(body.subarray(-TAG_BYTES));
  const packed = Buffer.concat([decipher.update(body.subarray(0, -TAG_BYTES)), decipher.final()]);
  return JSON.parse(gunzipSync(packed).toString()) as Rescued;
}

let counter = 0;
let store: PhoneStore;
const at = (wall: number) => ({ wall, mono: wall, boot: 'b1' });
beforeEach(async () => {
  store = await PhoneStore.open(`rescue-${(counter += 1)}`);
  await store.set('device', { device_id: 'D1', token: 'secret token', engineer_id: 'E7', name: 'Maria' });
  await store.set('epoch', 'e1');
  for (const text of ['sent', 'first', 'second']) await store.insert('notes', text, { text }, at(1_000));
  await store.settle([{ mid: 'sent', result: 'applied' }]);
});
afterEach(() => store.close());

describe('a sealed outbox', () => {
  it('has everything for whoever has the key', async () => {
    const rescued = open(await sealOutbox(store, publicKey, 5_000));
    expect(rescued).toMatchObject({ device_id: 'D1', engineer_id: 'E7', epoch: 'e1', sealed_at: 5_000 });
    expect(rescued.waiting.map((one) => [one.seq, one.set['text']])).toEqual([[2, 'first'], [3, 'second']]);
    expect(rescued.acknowledged.map((one) => one.set['text'])).toEqual(['sent']);
    expect(JSON.stringify(rescued)).not.toContain('secret token');
  });

  it('has nothing for anybody else', async () => {
    const stranger = createECDH('prime256v1');
    stranger.generateKeys();
    const file = await sealOutbox(store, publicKey);
    expect(() => open(file, stranger)).toThrow();
    expect(Buffer.from(file).includes('first')).toBe(false);
  });

  it.each([0, HEAD.length, HEAD.length + POINT_BYTES, 90])('is not opened when a byte of it was changed: byte %d', async (place) => {
    const file = await sealOutbox(store, publicKey);
    file[place] = (file[place] ?? 0) ^ 1;
    expect(() => open(file)).toThrow();
  });

  it('is another each time, and leaves the outbox as it was', async () => {
    expect(await sealOutbox(store, publicKey, 1)).not.toEqual(await sealOutbox(store, publicKey, 1));
    expect(await store.waitingCount()).toBe(2);
  });

  it('is not made for what is no key', async () => {
    await expect(sealOutbox(store, new Uint8Array(POINT_BYTES))).rejects.toThrow();
  });
});
