/**
 * One round: push what waits, in order, then pull to the end. A round may be cut off anywhere and be started
 * again: the server knows each mutation by its `mid`, so a lost answer costs a repetition and nothing else.
 */
import type { PhoneStore } from './store';
import type { Transport } from './transport';
import { SCHEMA, SyncError, type Instant, type Mutation, type PushAnswer } from './wire';

export type Outcome = { kind: 'synced' } | { kind: 'offline' } | { kind: 'enrol' } | { kind: 'later'; ms: number };

export interface EngineOptions {
  store: PhoneStore;
  transport: Transport;
  now: () => Instant;
}

const BATCH = 100;
const PAGE = 500;
const MAX_ROUNDS = 1_000;
const BUSY_MS = 10_000;

export class SyncEngine {
  private batch = BATCH;
  private running: Promise<Outcome> | null = null;

  constructor(private readonly options: EngineOptions) {}

  /** Rounds never overlap: who asks while one runs gets that one's outcome. */
  round(): Promise<Outcome> {
    this.running ??= this.locked().finally(() => (this.running = null));
    return this.running;
  }

  /** Two tabs, or a page and its service worker, would push the same things twice: harmless, but wasteful. */
  private locked(): Promise<Outcome> {
    const locks = typeof navigator === 'undefined' ? undefined : navigator.locks;
    return locks ? locks.request('fettle-sync', () => this.attempt()).then((outcome) => outcome) : this.attempt();
  }

  private async attempt(): Promise<Outcome> {
    const device = await this.options.store.get('device');
    if (!device) return { kind: 'enrol' };
    try {
      await this.pushThenPull(device.token);
      await this.options.store.set('synced_at', this.options.now().wall);
      await this.options.store.prune(this.options.now().wall);
      return { kind: 'synced' };
    } catch (cause) {
      if (!(cause instanceof SyncError)) throw cause;
      if (cause.status === 401) return { kind: 'enrol' };
      if (cause.status === 429 || cause.status === 503) return { kind: 'later', ms: cause.retryAfterMs ?? BUSY_MS };
      return { kind: 'offline' };
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
    const { store } = this.options;
    const most = Math.min(this.batch, (await store.get('batch')) ?? BATCH);
    this.batch = most;
    for (let i = 0; i < MAX_ROUNDS; i += 1) {
      const waiting = (await store.waiting()).sort((a, b) => a.seq - b.seq).slice(0, this.batch);
      if (waiting.length === 0) return;
      const epoch = (await store.get('epoch')) ?? '';
      const answer = await this.send(token, epoch, waiting.map((entry) => entry.mutation));
      if (answer === null) continue;
      await store.settle(answer.results);
      const held = answer.results.find((result) => result.result === 'held');
      if (held?.need_from !== undefined && held.need_from < (waiting[0]?.seq ?? 0)) await store.resendFrom(held.need_from);
      else if (answer.results.every((result) => result.result === 'held')) return;
    }
  }

  /** Null: the batch was too large and has been halved. */
  private async send(token: string, epoch: string, mutations: Mutation[]): Promise<PushAnswer | null> {
    try {
      return await this.options.transport.push(token, { epoch, sent: this.options.now(), mutations });
    } catch (cause) {
      if (cause instanceof SyncError && cause.status === 413 && this.batch > 1) {
        this.batch = Math.max(1, Math.floor(this.batch / 2));
        return null;
      }
      throw cause;
    }
  }

  /** True if the epoch turned out to be another: what the server lost is waiting again and must be pushed. */
  private async pull(token: string): Promise<boolean> {
    const { store, transport, now } = this.options;
    let renewed = false;
    for (let i = 0; i < MAX_ROUNDS; i += 1) {
      const asked = now().wall;
      const page = await transport.pull(token, (await store.get('cursor')) ?? 0, PAGE, SCHEMA);
      // NTP's rule: the server's time is that of the middle of the round trip.
      await store.set('offset', page.server_time - Math.round((asked + now().wall) / 2));
      const epoch = await store.get('epoch');
      if (epoch !== page.epoch) {
        await store.newEpoch(page.epoch, page.acked_seq ?? 0);
        renewed = true;
        continue;
      }
      await store.take(page.changes, page.cursor, page.more);
      if (!page.more) break;
    }
    return renewed && (await store.waiting()).length > 0;
  }
}
