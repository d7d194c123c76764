/**
 * The phone's database. Rows as the server sent them, the outbox, and a few values. A mutation and the number
 * it takes are written in one transaction: after a crash there is no gap and no number used twice.
 */
import {
  later,
  open,
  whole,
  type Database,
  type Enrolled,
  type NumberedMutation,
  type OutboxEntry,
  type OutboxState,
  type Row,
  type Values,
} from './database';
import { format, tagOf, tick } from './hlc';
import { uuidv7 } from './ids';
import { seen } from './overlay';
import { isIntent } from './policy';
import {
  LIMITS,
  SCHEMA,
  isRefused,
  needsYou,
  type Change,
  type Doc,
  type Instant,
  type Limits,
  type Mutation,
  type Op,
  type PushResult,
} from './wire';

/** A mutation before it has a number and a time. */
export interface Draft {
  op: Op;
  c: string;
  /** The row; an insert without one gets a new id. */
  id?: string;
  set: Doc;
}

/** What an answer to a push has changed. */
export interface Settled {
  /** Mutations that waited and do no longer. */
  settled: number;
  /** The server misses everything from this number on. */
  needFrom?: number;
}

const DAY_MS = 86_400_000;
const KEEP_DAYS = 30;

/** A single mutation that no server would take: it is refused before it is written, or it would stop the queue. */
export class MutationTooLarge extends Error {
  constructor(readonly most: number) {
    super(`a mutation has at most ${most} bytes`);
    this.name = 'MutationTooLarge';
  }
}

export class PhoneStore {
  private constructor(
    private readonly db: Database,
    readonly name: string,
  ) {}

  static async open(name = 'fettle-phone'): Promise<PhoneStore> {
    return new PhoneStore(await open(name), name);
  }

  close(): void {
    this.db.close();
  }

  async get<K extends keyof Values>(key: K): Promise<Values[K] | undefined> {
    return (await this.db.get('values', key)) as Values[K] | undefined;
  }

  async set<K extends keyof Values>(key: K, value: Values[K]): Promise<void> {
    const tx = this.db.transaction('values', 'readwrite');
    await whole(tx, () => tx.store.put(value, key));
  }

  rows = (): Promise<Row[]> => this.db.getAll('rows');
  rowsOf = (c: string): Promise<Row[]> => this.db.getAllFromIndex('rows', 'c', c);
  row = (c: string, id: string): Promise<Row | undefined> => this.db.get('rows', [c, id]);
  outbox = (): Promise<OutboxEntry[]> => this.db.getAll('outbox');
  /** In the order in which it was done: an index is sorted by the entries' own key within one value. */
  waiting = (most?: number): Promise<OutboxEntry[]> => this.db.getAllFromIndex('outbox', 'state', 'waiting', most);
  attention = (): Promise<OutboxEntry[]> => this.db.getAllFromIndex('outbox', 'state', 'attention');
  unsettled = (): Promise<OutboxEntry[]> => this.db.getAllFromIndex('outbox', 'unsettled');
  waitingCount = (): Promise<number> => this.db.countFromIndex('outbox', 'state', 'waiting');

  /** Queues an insert under an id of the caller's. */
  insert = (c: string, id: string, set: Doc, at: Instant): Promise<NumberedMutation> =>
    this.add({ op: 'insert', c, id, set }, at);

  /** Queues a mutation. It is not put among the server's rows: what is shown is those plus the outbox. */
  async add(draft: Draft, at: Instant): Promise<NumberedMutation> {
    const tx = this.db.transaction(['outbox', 'values', 'rows'], 'readwrite', { durability: 'strict' });
    const values = tx.objectStore('values');
    return whole(tx, async () => {
      const get = async <K extends keyof Values>(key: K) => (await values.get(key)) as Values[K] | undefined;
      const [last, offset, clock, device, limits] = await Promise.all([
        get('seq'),
        get('offset'),
        get('hlc'),
        get('device'),
        get('limits'),
      ]);
      const seq = (last ?? 0) + 1;
      const hlc = tick(clock ?? { ms: 0, counter: 0 }, at.wall + (offset ?? 0));
      const fresh = uuidv7(at.wall + (offset ?? 0));
      const id = draft.id ?? fresh;
      const outbox = tx.objectStore('outbox');
      const key: [string, string] = [draft.c, id];
      const seenBy = async () =>
        seen(await tx.objectStore('rows').get(key), await outbox.index('row').getAll(key), draft.set);
      const base = draft.op === 'patch' ? { base: await seenBy() } : {};
      const mutation = numbered(
        draft,
        id,
        draft.op === 'patch' ? fresh : id,
        seq,
        base,
        format(hlc, tagOf(device?.device_id ?? '')),
        at,
      );
      tooLarge(mutation, limits);
      later(values.put(seq, 'seq'));
      later(values.put(hlc, 'hlc'));
      await outbox.put({ seq, mutation, state: 'waiting', made_at: at.wall });
      return mutation;
    });
  }

  /** Takes the answer to a push: what is done is marked, and rows that came along replace those of before. */
  async settle(results: readonly PushResult[], now = 0): Promise<Settled> {
    const tx = this.db.transaction(['outbox', 'rows', 'values'], 'readwrite');
    const [outbox, rows] = [tx.objectStore('outbox'), tx.objectStore('rows')];
    return whole(tx, async () => {
      const told: Settled = { settled: 0 };
      for (const result of results) {
        const entry = await outbox.index('mid').get(result.mid);
        if (!entry || entry.state !== 'waiting') continue;
        if (result.result === 'held') {
          told.needFrom = Math.min(told.needFrom ?? Infinity, result.need_from ?? entry.seq);
          continue;
        }
        const { c, id } = entry.mutation;
        const here = await rows.get([c, id]);
        const v = Number(result.doc?.['sync_v'] ?? result.v ?? 0);
        // A row that has left the scope must not come back by a late result.
        if (result.doc && here && here.v <= v) later(rows.put({ ...here, v, doc: result.doc }));
        const state: OutboxState = needsYou(result) ? 'attention' : 'done';
        await outbox.put({
          ...entry,
          state,
          result,
          acked_at: now,
          ...(isRefused(result) ? {} : { unsettled: 1 as const }),
        });
        told.settled += 1;
      }
      return told;
    });
  }

  /**
   * One page of changes and its cursor, together: a crash in between would skip or repeat. False, and nothing is
   * done, if the cursor is not what the page was asked with: another tab was faster.
   */
  async take(changes: readonly Change[], cursor: number, more = false, asked?: number): Promise<boolean> {
    const tx = this.db.transaction(['rows', 'values', 'outbox'], 'readwrite');
    const [rows, values, outbox] = [tx.objectStore('rows'), tx.objectStore('values'), tx.objectStore('outbox')];
    return whole(tx, async () => {
      if (asked !== undefined && asked !== ((await values.get('cursor')) ?? 0)) return false;
      const g = ((await values.get('reading')) as number | undefined) ?? 0;
      for (const change of changes) {
        if (change.op !== 'put') later(rows.delete([change.c, change.id]));
        else if (change.doc) later(rows.put({ c: change.c, id: change.id, v: change.v ?? 0, doc: change.doc, g }));
      }
      // Only now is the new truth complete: what it did not mention is gone. Old rows are better than none till then.
      if (!more && (await values.get('complete')) !== g) {
        for (const row of await rows.getAll()) if (row.g < g) later(rows.delete([row.c, row.id]));
        later(values.put(g, 'complete'));
      }
      // What was acknowledged before this was asked for is in the rows.
      if (!more)
        for (const { unsettled: _, ...entry } of await outbox.index('unsettled').getAll()) later(outbox.put(entry));
      await values.put(cursor, 'cursor');
      return true;
    });
  }

  /** Another epoch: the server came from a backup. Its rows are read anew, and what it may have lost is sent again. */
  async newEpoch(epoch: string, ackedSeq: number): Promise<void> {
    const tx = this.db.transaction(['outbox', 'values'], 'readwrite');
    const values = tx.objectStore('values');
    await whole(tx, async () => {
      await reopen(tx.objectStore('outbox'), ackedSeq + 1);
      later(values.put(epoch, 'epoch'));
      const reading = ((await values.get('reading')) as number | undefined) ?? 0;
      later(values.put(reading + 1, 'reading'));
      await values.put(0, 'cursor');
    });
  }

  /** Sends again from `seq` on; the server asked for it (`held`). */
  async resendFrom(seq: number): Promise<void> {
    const tx = this.db.transaction('outbox', 'readwrite');
    await whole(tx, () => reopen(tx.store, seq));
  }

  /** Another engineer has this phone now: nothing of the first one's stays. */
  async forget(): Promise<void> {
    const tx = this.db.transaction(['rows', 'outbox', 'values'], 'readwrite');
    await whole(tx, () =>
      Promise.all((['rows', 'outbox', 'values'] as const).map((name) => tx.objectStore(name).clear())),
    );
  }

  /** The user has seen it. What still waits is never dismissed. */
  async dismiss(seq: number): Promise<void> {
    const tx = this.db.transaction('outbox', 'readwrite');
    await whole(tx, async () => {
      const entry = await tx.store.get(seq);
      if (entry?.state === 'attention') await tx.store.put({ ...entry, state: 'done' });
    });
  }

  /** Done entries are kept for 30 days, so that this phone is a backup of its own work. */
  async prune(now: number): Promise<void> {
    const tx = this.db.transaction('outbox', 'readwrite');
    await whole(tx, async () => {
      for (const entry of await tx.store.index('state').getAll('done')) {
        if (now - (entry.acked_at ?? entry.made_at) > KEEP_DAYS * DAY_MS) later(tx.store.delete(entry.seq));
      }
    });
  }
}

function numbered(
  draft: Draft,
  id: string,
  mid: string,
  seq: number,
  base: { base?: number },
  hlc: string,
  at: Instant,
): NumberedMutation {
  const intent = isIntent(draft.c) && draft.op === 'insert';
  const set = intent ? { ...draft.set, dseq: seq } : draft.set;
  return {
    mid,
    seq,
    op: intent ? 'intent' : draft.op,
    c: draft.c,
    id,
    ...base,
    set,
    hlc,
    wall: at.wall,
    mono: at.mono,
    boot: at.boot,
    schema: SCHEMA,
  };
}

function tooLarge(mutation: Mutation, limits?: Limits): void {
  const most = limits?.mutation_bytes ?? LIMITS.mutation_bytes;
  if (new TextEncoder().encode(JSON.stringify(mutation)).length > most) throw new MutationTooLarge(most);
}

interface Outbox {
  getAll(range: IDBKeyRange): Promise<OutboxEntry[]>;
  put(entry: OutboxEntry): Promise<unknown>;
}

/** Everything from `seq` on waits again, acknowledged or not. */
async function reopen(outbox: Outbox, seq: number): Promise<void> {
  for (const { unsettled: _, acked_at: __, result: ___, ...entry } of await outbox.getAll(
    IDBKeyRange.lowerBound(seq),
  )) {
    if (entry.state !== 'waiting') await outbox.put({ ...entry, state: 'waiting' });
  }
}

export type { Enrolled, NumberedMutation, OutboxEntry, OutboxState, Row };
