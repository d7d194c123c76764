/**
 * What the adapters for state-based libraries share. RxDB and WatermelonDB keep rows and not acts, so nothing can be
 * numbered: each change of a row becomes a mutation that says by its own name what it is, and a repeat has the same
 * name.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { format, tagOf, tick, type HlcState } from './hlc';
import { uuidv7 } from './ids';
import { isIntent } from './policy';
import type { Transport } from './transport';
import {
  LIMITS,
  SCHEMA,
  SyncError,
  needsYou,
  type Doc,
  type Limits,
  type Mutation,
  type Op,
  type PullPage,
  type PushResult,
  type Scalar,
} from './wire';

/** What a device must keep to be known again: plain JSON, for the app to put where it likes. */
export interface ReplicaIdentity {
  device_id: string;
  token: string;
  engineer_id: string;
  epoch: string;
  limits: Limits;
}

export interface ReplicaOptions {
  transport: Transport;
  identity: ReplicaIdentity;
  /** Something was not taken as sent: show it. Called again if the same change is pushed again. */
  onTrouble?: (trouble: { change: RowChange; result: PushResult }) => void;
  /** UTC milliseconds by the phone's clock. */
  now?: () => number;
}

/** A column that is never sent: when the row was edited, UTC milliseconds by the phone's clock. */
export const EDITED_AT = 'edited_at';

/** One local change of one row. */
export interface RowChange {
  op: Exclude<Op, 'intent'>;
  c: string;
  id: string;
  /** With a patch: the version of the row before it, and its columns as they were. */
  base?: number;
  before?: Doc;
  set: Doc;
}

/** Enrols with the engineer's session. Pass the `device_id` of before to stay the same device. */
export async function enrolReplica(
  transport: Transport,
  app: { device_id?: string; platform: string; app_version: string; session?: string },
): Promise<ReplicaIdentity> {
  const { device_id = uuidv7(), platform, app_version } = app;
  const got = await transport.enrol({ device_id, platform, app_version, schema: SCHEMA }, app.session);
  return {
    device_id,
    token: got.token,
    engineer_id: got.policy?.engineer_id ?? '',
    epoch: got.epoch,
    limits: got.limits ?? LIMITS,
  };
}

export class Replica {
  readonly engineerId: string;
  private epoch: string;
  private clock: HlcState = { ms: 0, counter: 0 };
  private offset = 0;
  /** Versions that our own changes have led to and no pull has shown yet. */
  private readonly versions = new Map<string, number>();

  constructor(private readonly options: ReplicaOptions) {
    this.engineerId = options.identity.engineer_id;
    this.epoch = options.identity.epoch;
  }

  /** One page of these collections alone. */
  async pull(collections: string[], cursor: number, limit: number): Promise<PullPage> {
    const { transport, identity } = this.options;
    const asked = this.now();
    const page = await transport.pull(identity.token, {
      cursor,
      limit: Math.min(limit, identity.limits.page_limit ?? LIMITS.page_limit),
      collections,
      schema: SCHEMA,
    });
    this.offset = page.server_time - Math.floor((asked + this.now()) / 2);
    this.epoch = page.epoch;
    for (const { c, id } of page.changes) this.versions.delete(`${c}/${id}`);
    return page;
  }

  /** Pushes changes and gives back what became of each, in their order. */
  async push(changes: RowChange[]): Promise<PushResult[]> {
    const results: PushResult[] = [];
    let most = this.options.identity.limits.push_mutations ?? LIMITS.push_mutations;
    while (results.length < changes.length) {
      const batch = changes.slice(results.length, results.length + most);
      try {
        results.push(...(await this.send(batch)));
      } catch (cause) {
        if (!(cause instanceof SyncError)) throw cause;
        // Nothing that has no number can be missing at a restored server: it is pushed in the new epoch as it is.
        if (cause.code === 'epoch_changed' && cause.epoch && cause.epoch !== this.epoch) this.epoch = cause.epoch;
        else if (cause.status === 413 && batch.length > 1) most = Math.ceil(batch.length / 2);
        else throw cause;
      }
    }
    return results;
  }

  private async send(batch: RowChange[]): Promise<PushResult[]> {
    const { transport, identity, onTrouble } = this.options;
    const mutations = batch.map((change) => this.mutation(change));
    const answer = await transport.push(identity.token, { epoch: this.epoch, mutations });
    if (answer.results.length !== batch.length) throw new SyncError(0, 'unreadable');
    batch.forEach((change, at) => {
      const result = answer.results[at];
      if (!result) return;
      // A repeat tells the version of now, which may hold what this user has not seen.
      if (result.result === 'applied' && result.v !== undefined)
        this.versions.set(`${change.c}/${change.id}`, result.v);
      if (needsYou(result)) onTrouble?.({ change, result });
    });
    return answer.results;
  }

  private mutation({ op, c, id, base, before, set }: RowChange): Mutation {
    const { [EDITED_AT]: editedAt, ...columns } = set;
    // Never later than now, or an edit under a clock that was put right since would win for ever.
    const at = Math.min(typeof editedAt === 'number' ? editedAt : Infinity, this.now()) + this.offset;
    const reading = typeof editedAt === 'number' ? { ms: at, counter: 0 } : (this.clock = tick(this.clock, at));
    const hlc = format(reading, tagOf(this.options.identity.device_id));
    if (op === 'insert')
      return { mid: id, op: isIntent(c) ? 'intent' : 'insert', c, id, set: columns, hlc, schema: SCHEMA };
    // After own changes that no pull has shown yet, what the user saw is what they led to.
    const seen = Math.max(base ?? 0, this.versions.get(`${c}/${id}`) ?? 0);
    const name = JSON.stringify([
      this.options.identity.device_id,
      op,
      c,
      id,
      seen,
      sorted(before ?? {}, columns),
      sorted(columns, columns),
    ]);
    const mid = bytesToHex(sha256(utf8ToBytes(name)));
    return { mid, op, c, id, ...(op === 'patch' ? { base: seen } : {}), set: columns, hlc, schema: SCHEMA };
  }

  private now = (): number => (this.options.now ?? Date.now)();
}

/** The columns of `by`, in an order that does not depend on who made the object. */
const sorted = (doc: Doc, by: Doc): [string, Scalar][] =>
  Object.keys(by)
    .sort()
    .map((column) => [column, doc[column] ?? null]);

/** The next number in the order of this device's events: later than the last, and than any other of an hour ago. */
export const nextDseq = (last: number | undefined, now: number = Date.now()): number => Math.max((last ?? 0) + 1, now);

/** Columns with a value; the server leaves empty ones out, and so do we. */
export const filled = (doc: Doc): Doc =>
  Object.fromEntries(Object.entries(doc).filter(([, value]) => value !== null && value !== undefined));

/** Columns whose values differ; one that is gone is null. */
export function differences(before: Doc, after: Doc): Doc {
  const columns = new Set([...Object.keys(before), ...Object.keys(after)]);
  return Object.fromEntries(
    [...columns]
      .filter((column) => (before[column] ?? null) !== (after[column] ?? null))
      .map((column) => [column, after[column] ?? null]),
  );
}
