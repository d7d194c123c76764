/**
 * The outbox, sealed to the organisation's key: for a phone that must be given away, or whose work cannot be pushed.
 * Whoever finds the file reads nothing; the owner of the private key reads every mutation, in its order.
 *
 * The file: "FTLR", a byte of version (1), the 65 bytes of a fresh public key, 12 bytes of nonce, and then AES-256-GCM
 * of the packed JSON. Its key is HKDF-SHA-256 of the ECDH secret on P-256, with the fresh public key as salt and
 * `INFO` as info; what comes before the nonce is authenticated too.
 */
import type { PhoneStore } from './store';
import type { Mutation } from './wire';

export const INFO = 'fettle rescue 1';
export const HEAD = new Uint8Array([0x46, 0x54, 0x4c, 0x52, 1]);
export const POINT_BYTES = 65;
export const NONCE_BYTES = 12;

const CURVE = { name: 'ECDH', namedCurve: 'P-256' } as const;

/** What is in the file. */
export interface Rescued {
  device_id: string;
  engineer_id: string;
  epoch: string;
  /** UTC milliseconds by the phone's clock. */
  sealed_at: number;
  /** What the server has not acknowledged. */
  waiting: Mutation[];
  /** What it has, of the last 30 days: a restored server may have lost it. */
  acknowledged: Mutation[];
}

/** Seals the outbox to a public key: an uncompressed point on P-256, 65 bytes. Needs no network. */
export async function sealOutbox(
  store: PhoneStore,
  publicKey: Uint8Array<ArrayBuffer>,
  now: number = Date.now(),
): Promise<Uint8Array<ArrayBuffer>> {
  const [device, epoch, outbox] = [await store.get('device'), await store.get('epoch'), await store.outbox()];
  const of = (waiting: boolean) =>
    outbox.filter((entry) => (entry.state === 'waiting') === waiting).map((entry) => entry.mutation);
  const rescued: Rescued = {
    device_id: device?.device_id ?? '',
    engineer_id: device?.engineer_id ?? '',
    epoch: epoch ?? '',
    sealed_at: now,
    waiting: of(true),
    acknowledged: of(false),
  };
  return seal(new TextEncoder().encode(JSON.stringify(rescued)), publicKey);
}

async function seal(
  plain: Uint8Array<ArrayBuffer>,
  publicKey: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const theirs = await crypto.subtle.importKey('raw', publicKey, CURVE, false, []);
  const ours = await crypto.subtle.generateKey(CURVE, false, ['deriveBits']);
  const point = new Uint8Array(await crypto.subtle.exportKey('raw', ours.publicKey));
  const secret = await crypto.subtle.deriveBits({ name: 'ECDH', public: theirs }, ours.privateKey, 256);
  const key = await deriveKey(secret, point);
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const packed = await new Response(
    new Blob([plain]).stream().pipeThrough(new CompressionStream('gzip')),
  ).arrayBuffer();
  const head = joined(HEAD, point);
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: nonce, additionalData: head }, key, packed);
  return joined(head, nonce, new Uint8Array(sealed));
}

async function deriveKey(secret: ArrayBuffer, point: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey']);
  const how = { name: 'HKDF', hash: 'SHA-256', salt: point, info: new TextEncoder().encode(INFO) };
  return crypto.subtle.deriveKey(how, material, { name: 'AES-GCM', length: 256 }, false, ['encrypt']);
}

function joined(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  parts.reduce((at, part) => (all.set(part, at), at + part.length), 0);
  return all;
}
