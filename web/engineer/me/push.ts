/** Waking this phone when its page is closed: a Web Push subscription, told to the server, and renewed when it was lost. */
import { m } from '$shared/i18n/text';
import type { Device } from '$sync';

/** Where the worker finds the words for a notice: it knows no language of its own. */
const WORDS = 'fettle-words';

export type Wake = 'on' | 'off' | 'refused' | 'impossible';

export const keyBytes = (key: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(key.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.charCodeAt(0));

const same = (a: ArrayBuffer | null | undefined, b: Uint8Array): boolean => a != null && a.byteLength === b.length && new Uint8Array(a).every((one, i) => one === b[i]);

export const canWake = (): boolean => 'serviceWorker' in navigator && 'PushManager' in globalThis && 'Notification' in globalThis;

async function ask(device: Device, method: 'GET' | 'PUT' | 'DELETE', body?: unknown): Promise<Response | null> {
  const token = (await device.identity())?.token;
  if (!token) return null;
  const headers = { Authorization: `Bearer ${token}`, ...(body ? { 'Content-Type': 'application/json' } : {}) };
  return fetch('/sync/v1/push-subscription', { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) }).catch(() => null);
}

async function keepWords(): Promise<void> {
  const cache = await caches.open(WORDS);
  await cache.put('/phone/words', Response.json({ title: m.push_title(), body: m.push_text() }));
}

/** Subscribes, if the engineer has allowed it; `prompt` asks him. The server is told whenever it has no address of us. */
export async function wake(device: Device, prompt = false): Promise<Wake> {
  if (!canWake()) return 'impossible';
  if (prompt && Notification.permission === 'default') await Notification.requestPermission();
  if (Notification.permission !== 'granted') return Notification.permission === 'denied' ? 'refused' : 'off';
  const answer = await ask(device, 'GET');
  // A server that cannot push has no such route.
  if (!answer?.ok) return 'impossible';
  const told = (await answer.json()) as { public_key: string; subscribed: boolean };
  const key = keyBytes(told.public_key);
  const { pushManager } = await navigator.serviceWorker.ready;
  let here = await pushManager.getSubscription();
  const kept = here !== null && same(here.options.applicationServerKey, key);
  if (here && !kept) await here.unsubscribe();
  if (!kept) here = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key }).catch(() => null);
  if (!here) return 'impossible';
  await keepWords();
  // Of a new address the server is told even if it has one: that is of a subscription which this browser has lost.
  if (!told.subscribed || !kept) await ask(device, 'PUT', here.toJSON());
  return 'on';
}

/** At a log-out: nobody is woken for the next one. */
export async function sleep(device: Device): Promise<void> {
  if (!canWake()) return;
  const here = await (await navigator.serviceWorker.getRegistration('/phone'))?.pushManager.getSubscription();
  if (!here) return;
  await ask(device, 'DELETE');
  await here.unsubscribe();
}
