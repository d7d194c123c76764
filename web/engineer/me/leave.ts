/**
 * Leaving: nothing that waits is lost by it. A log-out is refused while work waits; who has to give the phone away all the
 * same takes the work along in a sealed file, whose key is shown once, and the server's rescue gets the file too.
 */
import { api, ask } from '$shared/api/client';
import { sealOutbox, type Device } from '$sync';
import { sha256Of, type BlobStore } from '../blobs/store';
import { offers } from '../offers.svelte';
import { sleep } from './push';

export async function logOut(): Promise<void> {
  await ask(api.DELETE('/api/v1/session')).catch(() => undefined);
  location.assign('/login');
}

export interface Sealed {
  file: Uint8Array<ArrayBuffer>;
  /** What opens it: a private key on P-256, in base64url. It is in no file and on no server. */
  key: string;
}

/** The whole outbox, for whoever has the key. */
export async function sealed(device: Device): Promise<Sealed> {
  const pair = await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits']);
  const point = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
  const { d = '' } = await crypto.subtle.exportKey('jwk', pair.privateKey);
  return { file: await sealOutbox(device.store, point), key: d };
}

/** True if the server has exactly these bytes now. */
export async function rescued(token: string, file: Uint8Array<ArrayBuffer>): Promise<boolean> {
  const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/octet-stream' };
  const answer = await fetch('/sync/v1/rescue', { method: 'POST', headers, body: file }).catch(() => null);
  const told = answer?.ok ? ((await answer.json().catch(() => null)) as { sha256?: string } | null) : null;
  return told?.sha256 === (await sha256Of(file));
}

/** Erases the phone. `elsewhere`: what waits was taken along. */
export async function erase(device: Device, blobs: BlobStore, elsewhere: boolean): Promise<void> {
  await sleep(device);
  await device.leave(elsewhere);
  await blobs.forget();
  offers.forget();
}
