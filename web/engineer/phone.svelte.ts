/**
 * The phone page's model: opens the database, enrols once with the session, then syncs when something was done,
 * when the network comes back, and every few seconds while the page is seen.
 */
import { api, ask } from '$shared/api/client';
import { Problem } from '$shared/api/problem';
import { clock } from '$shared/clock.svelte';
import { Device, NotPossible, SyncError, type Outcome } from '$sync';
import type { Usage } from './swap';
import { viewOf, type EngineerAct, type PhoneView, type VisitTicket } from './view';

type State = 'starting' | 'login' | 'other_engineer' | 'not_engineer' | 'ready' | 'unreachable';

const SYNC_MS = 5_000;
const APP_VERSION = 'web-1';

let device: Device | null = null;
let state = $state<State>('starting');
let view = $state.raw<PhoneView | null>(null);
let online = $state(true);
let lostAt = $state<number | null>(null);
let name = $state('');
let engineerId = '';
let notBefore = 0;

async function refresh(): Promise<void> {
  if (!device) return;
  // Between two rounds the phone's own clock goes on; a demo that runs faster is put right by the next round.
  clock.set(await device.serverNow(), 1);
  view = viewOf(await device.store.rows(), await device.store.outbox(), engineerId);
}

async function enrol(): Promise<State> {
  if (!device) return 'unreachable';
  try {
    const { user } = await ask(api.GET('/api/v1/session'));
    if (!user.engineer_id) return 'not_engineer';
    const before = await device.identity();
    // A phone handed to somebody else must not show or send the first one's work under another name.
    if (before && before.engineer_id !== user.engineer_id && (await device.waiting()).length > 0) return 'other_engineer';
    const enrolled = await device.enrol({ platform: 'web', app_version: APP_VERSION, name: user.display_name });
    engineerId = enrolled.engineer_id;
    name = enrolled.name;
    return 'ready';
  } catch (cause) {
    if (cause instanceof NotPossible) return 'other_engineer';
    if ((cause instanceof Problem || cause instanceof SyncError) && cause.status === 401) return 'login';
    return 'unreachable';
  }
}

function note(outcome: Outcome): void {
  const now = outcome.kind === 'synced' || outcome.kind === 'later';
  if (online && !now) lostAt = Date.now();
  if (now) lostAt = null;
  online = now;
  if (outcome.kind === 'later') notBefore = Date.now() + outcome.ms;
}

async function sync(): Promise<void> {
  if (!device || Date.now() < notBefore) return;
  let outcome = await device.sync();
  if (outcome.kind === 'enrol') {
    const next = await enrol();
    if (next === 'login' || next === 'other_engineer') state = next;
    outcome = next === 'ready' ? await device.sync() : { kind: 'offline' };
  }
  note(outcome);
  await refresh();
}

export const phone = {
  get state(): State {
    return state;
  },
  get view(): PhoneView | null {
    return view;
  },
  get online(): boolean {
    return online;
  },
  get lostAt(): number | null {
    return lostAt;
  },
  get name(): string {
    return name;
  },
  sync,
  async start(): Promise<void> {
    device ??= await Device.open();
    // What another tab of this phone did is seen here too.
    device.subscribe((here) => !here && void refresh());
    const enrolled = await device.identity();
    if (enrolled) {
      engineerId = enrolled.engineer_id;
      name = enrolled.name;
      state = 'ready';
      await refresh();
    } else {
      state = await enrol();
      if (state !== 'ready') return;
    }
    await sync();
    addEventListener('online', () => void sync());
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && void sync());
    setInterval(() => document.visibilityState === 'visible' && void sync(), SYNC_MS);
    if ('serviceWorker' in navigator) void navigator.serviceWorker.register('/phone-sw.js', { scope: '/phone' }).catch(() => undefined);
  },
  act: (ticket: VisitTicket, kind: EngineerAct, reason?: string) => doing((it) => it.act(ticket.id, kind, reason)),
  /** `usage` has how much, and which piece or lot went in and which came out, as far as he says. */
  usePart: (ticket: VisitTicket, partId: string, usage: Usage) => doing((it) => it.usePart(ticket.id, { part_id: partId, ...usage })),
  addNote: (ticket: VisitTicket, text: string) => doing((it) => it.addNote(ticket.id, text)),
  async dismiss(seq: number): Promise<void> {
    await device?.dismiss(seq);
    await refresh();
  },
};

async function doing(what: (it: Device) => Promise<unknown>): Promise<void> {
  if (!device) return;
  await what(device);
  await refresh();
  void sync();
}
