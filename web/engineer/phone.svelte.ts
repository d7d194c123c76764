/**
 * The phone page's model: opens the databases, enrols once, then syncs when something was done, when the network comes
 * back, and, while the page is seen, when the server says that there is something: it listens to the stream, and asks
 * every few seconds only where that cannot be had. What it needs only now and then is loaded then.
 */
import { clock } from '$shared/clock.svelte';
import { m } from '$shared/i18n/text';
import { toasts } from '$shared/ui/toast.svelte';
import { Device, listen, MutationTooLarge, NotPossible, StorageFull, type Doc, type Outcome } from '$sync';
import { BlobStore, type Kept } from './blobs/store';
import { offers } from './offers.svelte';
import type { Usage } from './swap';
import { viewOf, type EngineerAct, type PhoneView, type VisitTicket } from './view';

export type PhoneState = 'starting' | 'login' | 'other_engineer' | 'not_engineer' | 'ready' | 'unreachable' | 'revoked' | 'code';
/** What keeps a round from its end although there is a network. */
export type Hitch = 'full' | 'update' | 'refused' | null;

/** Between two rounds: while nobody says that there is something, and while the server is heard. */
const SYNC_MS = 5_000;
const SELDOM_MS = 60_000;

let device: Device | null = null;
let blobs: BlobStore | null = null;
let state = $state<PhoneState>('starting');
let view = $state.raw<PhoneView | null>(null);
let kept = $state.raw<Kept[]>([]);
let sending = $state.raw<{ sha256: string; sent: number } | null>(null);
let online = $state(true);
let hitch = $state<Hitch>(null);
let lostAt = $state<number | null>(null);
let name = $state('');
let engineerId = '';
let notBefore = 0;
let uploading = false;
let heard = false;
let askedAt = 0;
let listening: AbortController | null = null;

async function refresh(): Promise<void> {
  if (!device) return;
  // Between two rounds the phone's own clock goes on; a demo that runs faster is put right by the next round.
  clock.set(await device.serverNow(), 1);
  view = viewOf(await device.store.rows(), await device.store.outbox(), engineerId);
  kept = (await blobs?.all()) ?? [];
}

async function enrol(code?: string): Promise<PhoneState> {
  if (!device) return 'unreachable';
  const { enrolled } = await import('./enrol');
  const got = await enrolled(device, code);
  if (got.who) ({ engineer_id: engineerId, name } = got.who);
  return got.state;
}

const hitchOf = (outcome: Outcome): Hitch =>
  outcome.kind === 'full' ? 'full' : outcome.kind !== 'refused' ? null : outcome.code === 'schema_too_old' ? 'update' : 'refused';

async function note(outcome: Outcome): Promise<void> {
  hitch = hitchOf(outcome);
  // Whoever answers is there, whatever he says.
  const now = outcome.kind !== 'offline' && outcome.kind !== 'enrol';
  // After a new start too it counts from when the server was last heard.
  if (!now) lostAt ??= (await device?.store.get('synced_at')) ?? Date.now();
  else lostAt = null;
  online = now;
  if (outcome.kind === 'later') notBefore = Date.now() + outcome.ms;
}

async function upload(): Promise<void> {
  const token = (await device?.identity())?.token;
  if (!blobs || !token || uploading || !kept.some((one) => one.state === 'waiting')) return;
  uploading = true;
  try {
    const [{ sendAll }, { tusCarrier }] = await Promise.all([import('./blobs/uploads'), import('./blobs/tus')]);
    await sendAll(blobs, tusCarrier(token), (sha256, sent) => (sending = sent < 0 ? null : { sha256, sent }));
    await blobs.prune(new Set(view?.tickets.map((one) => one.id)));
  } finally {
    uploading = false;
    sending = null;
    await refresh();
  }
}

async function sync(): Promise<void> {
  if (!device || Date.now() < notBefore) return;
  askedAt = Date.now();
  let outcome = await device.sync();
  if (outcome.kind === 'enrol') {
    const next = await enrol();
    if (next === 'login' || next === 'other_engineer') state = next;
    outcome = next === 'ready' ? await device.sync() : { kind: 'offline' };
  }
  if (outcome.kind === 'revoked') {
    state = 'revoked';
    unfollow();
  }
  await note(outcome);
  await refresh();
  if (outcome.kind !== 'synced') return;
  void offers.ask(engineerId, (await device.identity())?.token);
  void upload();
}

async function ready(next: PhoneState): Promise<void> {
  state = next;
  if (next !== 'ready') return;
  await refresh();
  await sync();
  void follow();
}

/** Listens to the server while the page is seen. A phone has one stream, so of two tabs one listens and tells the other. */
async function follow(): Promise<void> {
  if (listening || document.visibilityState !== 'visible' || state !== 'ready') return;
  const { signal } = (listening = new AbortController());
  const token = async () => (await device?.identity())?.token;
  const stream = () => listen({ token, signal, onpoke: () => void sync(), onheard: (now) => (heard = now) });
  try {
    await (navigator.locks?.request('fettle-stream', { signal }, stream) ?? stream());
  } catch (cause) {
    if (!signal.aborted) throw cause;
  } finally {
    if (listening?.signal === signal) listening = null;
  }
}

function unfollow(): void {
  listening?.abort();
  listening = null;
}

/** A round, if it is time for one. */
function look(): void {
  if (document.visibilityState !== 'visible' || state !== 'ready') return;
  void follow();
  if (!heard || Date.now() - askedAt >= SELDOM_MS) void sync();
}

function attend(): void {
  addEventListener('online', () => {
    // The old stream may not know yet that the network was gone.
    unfollow();
    void sync();
    look();
  });
  document.addEventListener('visibilitychange', () => (document.visibilityState === 'visible' ? (void sync(), look()) : unfollow()));
  setInterval(look, SYNC_MS);
  if (!('serviceWorker' in navigator)) return;
  navigator.serviceWorker.addEventListener('message', () => void sync());
  if (import.meta.env.PROD) void navigator.serviceWorker.register('/phone-sw.js', { scope: '/phone' }).catch(() => undefined);
}

/** What could not be written is said; nothing is half done. */
function failed(cause: unknown): void {
  if (cause instanceof StorageFull) toasts.say(m.storage_full(), 'late');
  else if (cause instanceof MutationTooLarge) toasts.say(m.too_much_text(), 'late');
  else if (cause instanceof NotPossible) toasts.say(m.not_possible_now(), 'late');
  else throw cause;
}

/** Runs an act; false if it could not be written. */
async function doing(what: (it: Device, bytes: BlobStore) => Promise<unknown>): Promise<boolean> {
  if (!device || !blobs) return false;
  try {
    await what(device, blobs);
  } catch (cause) {
    failed(cause);
    return false;
  }
  await refresh();
  void sync();
  return true;
}

export const phone = {
  get state(): PhoneState {
    return state;
  },
  get view(): PhoneView | null {
    return view;
  },
  /** Bytes on this phone, and the one that is on its way. */
  get kept(): Kept[] {
    return kept;
  },
  get sending(): { sha256: string; sent: number } | null {
    return sending;
  },
  get online(): boolean {
    return online;
  },
  get hitch(): Hitch {
    return hitch;
  },
  get lostAt(): number | null {
    return lostAt;
  },
  get name(): string {
    return name;
  },
  /** The databases themselves, for what is done seldom: leaving, exporting. */
  get stores(): { device: Device; blobs: BlobStore } | null {
    return device && blobs ? { device, blobs } : null;
  },
  sync,
  doing,
  async start(code?: string): Promise<void> {
    device ??= await Device.open();
    blobs ??= await BlobStore.open();
    // What another tab of this phone did is seen here too.
    device.subscribe((here) => !here && void refresh());
    const enrolled = await device.identity();
    if (enrolled && !code) ({ engineer_id: engineerId, name } = enrolled);
    attend();
    await ready(enrolled && !code ? 'ready' : await enrol(code));
    // The push service or the server may have lost the address meanwhile.
    if (online && 'Notification' in globalThis && Notification.permission === 'granted') void import('./me/push').then(({ wake }) => device && wake(device));
  },
  /** With a code from the office, typed or read from a picture; what came of it. */
  async enter(code: string): Promise<PhoneState> {
    const next = await enrol(code);
    if (next === 'ready') await ready(next);
    return next;
  },
  retry: async (): Promise<void> => ready((await device?.identity()) ? 'ready' : await enrol()),
  act: (ticket: VisitTicket, kind: EngineerAct, reason?: string) => doing((it) => it.act(ticket.id, kind, reason)),
  /** `usage` has how much, and which piece or lot went in and which came out, as far as he says. */
  usePart: (ticket: VisitTicket, partId: string, usage: Usage) => doing((it) => it.usePart(ticket.id, { part_id: partId, ...usage })),
  addNote: (ticket: VisitTicket, text: string) => doing((it) => it.addNote(ticket.id, text)),
  record: (ticket: VisitTicket, c: string, set: Doc) => doing((it) => it.record(ticket.id, c, set)),
  claim: (ticketId: string) => doing((it) => it.claim(ticketId)),
  async dismiss(seq: number): Promise<void> {
    await device?.dismiss(seq);
    await refresh();
  },
};
