/**
 * A server small enough to be seen through, for the tests of the phone: it keeps every mutation once, loses
 * answers on command, and can come back from a backup. Not part of any build.
 */
import type { Transport } from '../src/transport';
import { SyncError, type Change, type Limits, type Mutation, type PullPage, type PullRequest, type PushAnswer, type PushRequest, type PushResult, type Status } from '../src/wire';

export class FakeServer implements Transport {
  epoch = 'e1';
  now = 1_763_769_600_000;
  inbox = new Map<string, Mutation>();
  first = new Map<string, PushResult>();
  feed: Change[] = [];
  requests: PushRequest[] = [];
  pulls: number[] = [];
  pageSize = 500;
  maxBatch = Infinity;
  /** What the next requests do instead of working. `lost` works, but the answer never arrives. */
  script: ('down' | 'lost' | 'unauthorised' | 'busy' | 'garbled')[] = [];
  /** The answer to give instead of `applied`, by mutation. */
  verdicts = new Map<string, Partial<PushResult>>();
  /** The limit that a 413 names. */
  announced = 1_000;
  limits: Limits = { push_mutations: 1_000 };
  engineer = 'E7';
  private version = 100;

  async enrol() {
    return { token: 't', epoch: this.epoch, server_time: this.now, limits: this.limits, policy: { engineer_id: this.engineer } };
  }

  async push(_token: string, request: PushRequest): Promise<PushAnswer> {
    this.requests.push(structuredClone(request));
    const step = this.fail();
    if (request.epoch !== this.epoch) throw new SyncError(409, 'epoch_changed', null, null, this.epoch);
    if (request.mutations.length > this.maxBatch) throw new SyncError(413, 'too_large', null, { ...this.limits, push_mutations: this.announced });
    const results = request.mutations.map((mutation) => this.take(mutation));
    if (step === 'lost') throw new SyncError(0, 'unreachable');
    return { epoch: this.epoch, acked_seq: this.acked(), server_time: this.now, results };
  }

  async status(): Promise<Status> {
    return { epoch: this.epoch, acked_seq: this.acked(), held: 0, open_conflicts: 0, server_time: this.now };
  }

  async pull(_token: string, { cursor, limit = 500 }: PullRequest): Promise<PullPage> {
    this.pulls.push(cursor);
    const step = this.fail();
    if (step === 'lost') throw new SyncError(0, 'unreachable');
    const size = Math.min(limit, this.pageSize);
    const left = this.feed.filter((change) => (change.v ?? 0) > cursor);
    const changes = left.slice(0, size);
    return { epoch: this.epoch, cursor: changes.at(-1)?.v ?? Math.max(cursor, this.version), more: left.length > size, acked_seq: this.acked(), server_time: this.now, changes };
  }

  put(c: string, id: string, doc: Record<string, string | number>): void {
    this.version += 1;
    this.feed = [...this.feed.filter((change) => change.c !== c || change.id !== id), { c, id, op: 'put', v: this.version, doc: { id, ...doc } }];
  }

  remove(c: string, id: string): void {
    this.version += 1;
    this.feed = [...this.feed.filter((change) => change.c !== c || change.id !== id), { c, id, op: 'remove', v: this.version }];
  }

  /** A restore: what came after the backup is forgotten, and the epoch says so. */
  restore(keep: number): void {
    this.epoch = 'e2';
    for (const [mid, mutation] of this.inbox) if ((mutation.seq ?? 0) > keep) this.inbox.delete(mid);
    for (const mid of this.first.keys()) if (!this.inbox.has(mid)) this.first.delete(mid);
  }

  acked(): number {
    const numbers = new Set([...this.inbox.values()].map((mutation) => mutation.seq));
    let acked = 0;
    while (numbers.has(acked + 1)) acked += 1;
    return acked;
  }

  private fail(): string | undefined {
    const step = this.script.shift();
    if (step === 'down') throw new SyncError(0, 'unreachable');
    if (step === 'garbled') throw new SyncError(0, 'unreadable');
    if (step === 'unauthorised') throw new SyncError(401, 'unauthenticated');
    if (step === 'busy') throw new SyncError(503, 'busy', 7_000);
    return step;
  }

  private take(mutation: Mutation): PushResult {
    const before = this.first.get(mutation.mid);
    if (before) return { ...before, result: 'duplicate', first: before.result };
    if (mutation.seq !== undefined && mutation.seq > this.acked() + 1) return { mid: mutation.mid, result: 'held', need_from: this.acked() + 1 };
    this.version += 1;
    this.inbox.set(mutation.mid, mutation);
    const result: PushResult = { mid: mutation.mid, result: 'applied', v: this.version, ...this.verdicts.get(mutation.mid) };
    this.first.set(mutation.mid, result);
    return result;
  }
}
