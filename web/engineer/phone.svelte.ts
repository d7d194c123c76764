/**
 * The phone page's model: opens the database, enrols once with the session, then syncs when something was done,
 * when the network comes back, and every few seconds while the page is seen.
 */
import { api, ask } from '$shared/api/client';
import { Problem } from '$shared/api/problem';
import { uuidv7 } from '$shared/uuid';
import { clock } from '$shared/clock.svelte';
import { SyncEngine, type Outcome } from './sync/engine';
import { PhoneStore } from './sync/store';
import { http } from './sync/transport';
import { viewOf, type EngineerAct, type PhoneView, type VisitTicket } from './sync/view';
import { SCHEMA, SyncError, type Doc } from './sync/wire';

type State = 'starting' | 'login' | 'other_engineer' | 'not_engineer' | 'ready' | 'unreachable';

const SYNC_MS = 5_000;
const APP_VERSION = 'web-1';
const boot = Math.floor(performance.timeOrigin).toString(36);

let store: PhoneStore | null = null;
let engine: SyncEngine | null = null;
let state = $state<State>('starting');
let view = $state.raw<PhoneView | null>(null);
let online = $state(true);
let lostAt = $state<number | null>(null);
let name = $state('');
let engineerId = '';
let notBefore = 0;

const instant = () => ({ wall: Date.now(), mono: Math.round(performance.now()), boot });

async function refresh(): Promise<void> {
  if (!store) return;
  const offset = (await store.get('offset')) ?? 0;
  // Between two rounds the phone's own clock goes on; a demo that runs faster is put right by the next round.
  clock.set(Date.now() + offset, 1);
  view = viewOf(await store.rows(), await store.outbox(), engineerId, (await store.get('cursor')) ?? 0);
}

async function enrol(): Promise<State> {
  if (!store) return 'unreachable';
  try {
    const { user } = await ask(api.GET('/api/v1/session'));
    if (!user.engineer_id) return 'not_engineer';
    const before = await store.get('device');
    // A phone handed to somebody else must not show or send the first one's work under another name.
    if (before && before.engineer_id !== user.engineer_id) {
      if ((await store.waiting()).length > 0) return 'other_engineer';
      await store.forget();
    }
    const device_id = (await store.get('device'))?.device_id ?? uuidv7();
    const got = await http.enrol({ device_id, platform: 'web', app_version: APP_VERSION, schema: SCHEMA });
    await store.set('device', { device_id, token: got.token, engineer_id: user.engineer_id, name: user.display_name });
    if ((await store.get('epoch')) === undefined) await store.set('epoch', got.epoch);
    if (got.limits?.push_mutations) await store.set('batch', got.limits.push_mutations);
    await store.set('offset', got.server_time - Date.now());
    engineerId = user.engineer_id;
    name = user.display_name;
    return 'ready';
  } catch (cause) {
    if (cause instanceof Problem && cause.status === 401) return 'login';
    if (cause instanceof SyncError && cause.status === 401) return 'login';
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
  if (!engine || Date.now() < notBefore) return;
  let outcome = await engine.round();
  if (outcome.kind === 'enrol') {
    const next = await enrol();
    if (next === 'login' || next === 'other_engineer') state = next;
    outcome = next === 'ready' ? await engine.round() : { kind: 'offline' };
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
    store ??= await PhoneStore.open();
    engine ??= new SyncEngine({ store, transport: http, now: instant });
    const device = await store.get('device');
    if (device) {
      engineerId = device.engineer_id;
      name = device.name;
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
  act: (ticket: VisitTicket, kind: EngineerAct, reason?: string) => put(ticket, 'ticket_events', { kind, at: Math.round(clock.exact()), ...(reason ? { reason } : {}) }),
  /** `usage` has how much, and which piece or lot went in and which came out, as far as he says. */
  usePart: (ticket: VisitTicket, partId: string, usage: Doc) => put(ticket, 'part_usage', { part_id: partId, ...usage }),
  addNote: (ticket: VisitTicket, text: string) => put(ticket, 'notes', { at: Math.round(clock.exact()), text }),
  async dismiss(seq: number): Promise<void> {
    await store?.dismiss(seq);
    await refresh();
  },
};

async function put(ticket: VisitTicket, c: string, set: Doc): Promise<void> {
  if (!store) return;
  const visit = ticket.doc['visit_id'];
  await store.insert(c, uuidv7(), { ticket_id: ticket.id, ...(visit ? { visit_id: visit } : {}), engineer_id: engineerId, ...set }, instant());
  await refresh();
  void sync();
}
