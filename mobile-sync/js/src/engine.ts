/**
 * One round: push what waits, in order, then pull to the end. A round may be cut off anywhere and be started
 * again: the server knows each mutation by its `mid`, so a lost answer costs a repetition and nothing else.
 */
import type { Clock } from './clock';
import { StorageFull, type OutboxEntry } from './database';
import type { PhoneStore } from './store';
import type { Transport } from './transport';
import { LIMITS, SCHEMA, SyncError, type Mutation, type PushAnswer } from './wire';

export type Outcome =
  | { kind: 'synced' }
  /** No answer; what waits is sent in a later round. */
  | { kind: 'offline' }
  /** The server knows no such token: enrol again. The queue is kept. */
  | { kind: 'enrol' }
  /** The office has ended this phone: give what waits to the rescue, then erase. */
  | { kind: 'revoked' }
  /** The server is busy and asks to wait so long. */
  | { kind: 'later'; ms: number }
  /** The phone's disk is full: rows could not be stored. What waits is safe. */
  | { kind: 'full' }
  /** The server refused a whole request: a fault of this program. The queue is kept. */
  | { kind: 'refused'; status: number; code: string };

export interface EngineOptions {
  store: PhoneStore;
  transport: Transport;
  now: Clock;
}

const PAGE = 500;
const MAX_STEPS = 1_000;
const BUSY_MS = 10_000;
/** A tab that the system has frozen may hold the lock for ever; two rounds at once are wasteful and no more. */
const LOCK_MS = 15_000;
/** Room for the envelope around the mutations. */
const ENVELOPE_BYTES = 1_024;
const PRUNE_MS = 3_600_000;

export class SyncEngine {
  /** Mutations a push, once a 413 has halved it. */
  private batch: number | null = null;
  private running: Promise<Outcome> | null = null;
  private prunedAt = -Infinity;

  constructor(private readonly options: EngineOptions) {}

  /** Rounds never overlap: who asks while one runs gets that one's outcome. */
  round(): Promise<Outcome> {
    this.running ??= this.locked().finally(() => (this.running = null));
    return this.running;
  }

  /** Two tabs, or a page and its service worker, would push the same things twice: harmless, but wasteful. */
  private async locked(): Promise<Outcome> {
    const locks = typeof navigator === 'undefined' ? undefined : navigator.locks;
    if (!locks) return this.attempt();
    const patience = new AbortController();
    const late = setTimeout(() => patience.abort(), LOCK_MS);
    try {
      return await locks.request(`fettle-sync ${this.options.store.name}`, { signal: patience.signal }, () => {
        clearTimeout(late);
        return this.attempt();
      });
    } catch (cause) {
      if (!patience.signal.aborted) throw cause;
      return this.attempt();
    } finally {
      clearTimeout(late);
    }
  }

  private async attempt(): Promise<Outcome> {
    const { store, now } = this.options;
    const device = await store.get('device');
    if (!device) return { kind: 'enrol' };
    try {
      await this.pushThenPull(device.token);
      const { wall } = now();
      await store.set('synced_at', wall);
      if (Math.abs(wall - this.prunedAt) > PRUNE_MS) await store.prune(wall);
      this.prunedAt = wall;
      return { kind: 'synced' };
    } catch (cause) {
      if (cause instanceof StorageFull) return { kind: 'full' };
      if (!(cause instanceof SyncError)) throw cause;
      const { status, code } = cause;
      if (status === 401) return { kind: code === 'revoked' ? 'revoked' : 'enrol' };
      if (status === 429 || status === 503) return { kind: 'later', ms: cause.retryAfterMs ?? BUSY_MS };
      return status >= 400 && status < 500 ? { kind: 'refused', status, code } : { kind: 'offline' };
    }
  }

  /** In another epoch nothing is pushed before the first page has said what the restored server still knows. */
  private async pushThenPull(token: string): Promise<void> {
    try {
      await this.push(token);
    } catch (cause) {
      if (!(cause instanceof SyncError && cause.code === 'epoch_changed')) throw cause;
      await this.pull(token);
      await this.push(token);
    }
    if (await this.pull(token)) await this.pushThenPull(token);
  }

  private async push(token: string): Promise<void> {
    const { store, now } = this.options;
    for (let i = 0; i < MAX_STEPS; i += 1) {
      const waiting = await this.nextBatch();
      const first = waiting[0];
      if (!first) return;
      const epoch = (await store.get('epoch')) ?? '';
      const answer = await this.send(
        token,
        epoch,
        waiting.map((entry) => entry.mutation),
      );
      if (answer === null) continue;
      const { settled, needFrom } = await store.settle(answer.results, now().wall);
      if (needFrom !== undefined) await store.resendFrom(needFrom);
      // An answer that changes nothing must not be asked for again at once.
      const earlier = ((await store.waiting(1))[0]?.seq ?? first.seq) < first.seq;
      if (settled === 0 && !earlier) throw new SyncError(0, 'no_progress');
    }
  }

  /** The first of what waits, as many as fit. */
  private async nextBatch(): Promise<OutboxEntry[]> {
    const { store } = this.options;
    const limits = { ...LIMITS, ...(await store.get('limits')) };
    const most = Math.max(1, Math.min(this.batch ?? limits.push_mutations, limits.push_mutations));
    const found = await store.waiting(most);
    let bytes = ENVELOPE_BYTES;
    const end = found.findIndex((entry) => (bytes += byteLength(entry.mutation)) > limits.body_bytes);
    // One always goes: the limit of a single mutation is far below any limit of a body.
    return end < 0 ? found : found.slice(0, Math.max(1, end));
  }

  /** Null: the batch was too large and has been halved. */
  private async send(token: string, epoch: string, mutations: Mutation[]): Promise<PushAnswer | null> {
    const { store, transport, now } = this.options;
    const sent = now();
    try {
      const answer = await transport.push(token, { epoch, sent, mutations });
      if (answer.server_time !== undefined) await this.learnTime(sent.wall, answer.server_time);
      return answer;
    } catch (cause) {
      if (!(cause instanceof SyncError && cause.status === 413 && mutations.length > 1)) throw cause;
      if (cause.limits) await store.set('limits', cause.limits);
      this.batch = Math.floor(mutations.length / 2);
      return null;
    }
  }

  /** True if the epoch turned out to be another: what the server lost is waiting again and must be pushed. */
  private async pull(token: string): Promise<boolean> {
    const { store, transport, now } = this.options;
    let renewed = false;
    for (let i = 0; i < MAX_STEPS; i += 1) {
      const [asked, cursor] = [now().wall, (await store.get('cursor')) ?? 0];
      const limit = Math.min(PAGE, (await store.get('limits'))?.page_limit ?? PAGE);
      const page = await transport.pull(token, { cursor, limit, schema: SCHEMA });
      await this.learnTime(asked, page.server_time);
      const epoch = await store.get('epoch');
      if (epoch !== page.epoch) {
        await store.newEpoch(page.epoch, page.acked_seq ?? 0);
        renewed = true;
        continue;
      }
      const taken = await store.take(page.changes, page.cursor, page.more, cursor);
      if (taken && !page.more) break;
    }
    return renewed && (await store.waitingCount()) > 0;
  }

  /** NTP's rule: the server's time is that of the middle of the round trip. */
  private async learnTime(asked: number, serverTime: number): Promise<void> {
    await this.options.store.set('offset', offset(asked, this.options.now().wall, serverTime));
  }
}

/** What to add to the phone's clock to get the server's; milliseconds. */
export const offset = (sentWall: number, receivedWall: number, serverTime: number): number =>
  serverTime - Math.floor((sentWall + receivedWall) / 2);

const encoder = new TextEncoder();
const byteLength = (mutation: Mutation): number => encoder.encode(JSON.stringify(mutation)).length + 1;
