/**
 * The phone's database. Rows as the server sent them, the outbox, and a few values. A mutation and the number
 * it takes are written in one transaction: after a crash there is no gap and no number used twice.
 */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import { format, tick, type HlcState } from './hlc';
import { SCHEMA, type Change, type Doc, type Instant, type Mutation, type PushResult } from './wire';

export interface Row {
  c: string;
  id: string;
  v: number;
  doc: Doc;
  /** In which reading of everything it was last seen; see `newEpoch`. */
  g: number;
}

/** `waiting` is not yet on the server; `done` is; `attention` is too, but did not take effect as meant. */
export type OutboxState = 'waiting' | 'done' | 'attention';

export interface OutboxEntry {
  seq: number;
  mutation: Mutation;
  state: OutboxState;
  made_at: number;
  result?: PushResult;
}

export interface Device {
  device_id: string;
  token: string;
  engineer_id: string;
  name: string;
}

interface Values {
  device: Device;
  epoch: string;
  cursor: number;
  seq: number;
  hlc: HlcState;
  offset: number;
  synced_at: number;
  /** Most mutations in one push, as the server said at enrolment. */
  batch: number;
  /** Counts the readings of everything from cursor 0. */
  reading: number;
}

interface Schema extends DBSchema {
  rows: { key: [string, string]; value: Row; indexes: { c: string } };
  outbox: { key: number; value: OutboxEntry; indexes: { state: OutboxState } };
  values: { key: string; value: unknown };
}

const KEEP_MS = 30 * 86_400_000;
const NODE_LENGTH = 8;

export class PhoneStore {
  private constructor(private readonly db: IDBPDatabase<Schema>) {}

  static async open(name = 'fettle-phone'): Promise<PhoneStore> {
    const db = await openDB<Schema>(name, 1, {
      upgrade(fresh) {
        fresh.createObjectStore('rows', { keyPath: ['c', 'id'] }).createIndex('c', 'c');
        fresh.createObjectStore('outbox', { keyPath: 'seq' }).createIndex('state', 'state');
        fresh.createObjectStore('values');
      },
    });
    return new PhoneStore(db);
  }

  close(): void {
    this.db.close();
  }

  async get<K extends keyof Values>(key: K): Promise<Values[K] | undefined> {
    return (await this.db.get('values', key)) as Values[K] | undefined;
  }

  async set<K extends keyof Values>(key: K, value: Values[K]): Promise<void> {
    await this.db.put('values', value, key);
  }

  rows = (): Promise<Row[]> => this.db.getAll('rows');
  outbox = (): Promise<OutboxEntry[]> => this.db.getAll('outbox');
  waiting = (): Promise<OutboxEntry[]> => this.db.getAllFromIndex('outbox', 'state', 'waiting');

  /** Queues an insert. The row is not put among the server's rows: what is shown is those plus the outbox. */
  async insert(c: string, id: string, set: Doc, at: Instant): Promise<Mutation> {
    const tx = this.db.transaction(['outbox', 'values'], 'readwrite', { durability: 'strict' });
    const values = tx.objectStore('values');
    const seq = ((await values.get('seq')) as number | undefined ?? 0) + 1;
    const offset = ((await values.get('offset')) as number | undefined) ?? 0;
    const hlc = tick(((await values.get('hlc')) as HlcState | undefined) ?? { ms: 0, counter: 0 }, at.wall + offset);
    const device = (await values.get('device')) as Device | undefined;
    const node = (device?.device_id ?? '').replace(/-/g, '').slice(-NODE_LENGTH) || '0';
    const mutation: Mutation = {
      mid: id, seq, op: c === 'ticket_events' ? 'intent' : 'insert', c, id, set: c === 'ticket_events' ? { ...set, dseq: seq } : set,
      hlc: format(hlc, node), wall: at.wall, mono: at.mono, boot: at.boot, schema: SCHEMA,
    };
    await values.put(seq, 'seq');
    await values.put(hlc, 'hlc');
    await tx.objectStore('outbox').put({ seq, mutation, state: 'waiting', made_at: at.wall });
    await tx.done;
    return mutation;
  }

  /** Takes the answer to a push: what is done is marked. Rows come with the pull that follows. */
  async settle(results: readonly PushResult[]): Promise<void> {
    const tx = this.db.transaction('outbox', 'readwrite');
    const outbox = tx.store;
    const byMid = new Map((await outbox.getAll()).map((entry) => [entry.mutation.mid, entry]));
    for (const result of results) {
      const entry = byMid.get(result.mid);
      if (!entry || result.result === 'held') continue;
      const kind = result.result === 'duplicate' ? (result.first ?? 'applied') : result.result;
      const state: OutboxState = kind === 'conflict' || kind === 'rejected_kept' ? 'attention' : 'done';
      await outbox.put({ ...entry, state, result });
    }
    await tx.done;
  }

  /** One page of changes and its cursor, together: a crash in between would skip or repeat. */
  async take(changes: readonly Change[], cursor: number, more = false): Promise<void> {
    const tx = this.db.transaction(['rows', 'values'], 'readwrite');
    const rows = tx.objectStore('rows');
    const g = ((await tx.objectStore('values').get('reading')) as number | undefined) ?? 0;
    for (const change of changes) {
      if (change.op === 'put' && change.doc) await rows.put({ c: change.c, id: change.id, v: change.v ?? 0, doc: change.doc, g });
      else await rows.delete([change.c, change.id]);
    }
    // Only now is the new truth complete: what it did not mention is gone. Until then the old rows are better than none.
    if (!more) for (const row of await rows.getAll()) if (row.g < g) await rows.delete([row.c, row.id]);
    await tx.objectStore('values').put(cursor, 'cursor');
    await tx.done;
  }

  /** Another epoch: the server came from a backup. Its rows are read anew, and what it may have lost is sent again. */
  async newEpoch(epoch: string, ackedSeq: number): Promise<void> {
    const tx = this.db.transaction(['outbox', 'values'], 'readwrite');
    const outbox = tx.objectStore('outbox');
    for (const entry of await outbox.getAll()) {
      if (entry.seq > ackedSeq && entry.state !== 'waiting') await outbox.put({ ...entry, state: 'waiting' });
    }
    await tx.objectStore('values').put(epoch, 'epoch');
    const reading = ((await tx.objectStore('values').get('reading')) as number | undefined) ?? 0;
    await tx.objectStore('values').put(reading + 1, 'reading');
    await tx.objectStore('values').put(0, 'cursor');
    await tx.done;
  }

  /** Another engineer has this phone now: nothing of the first one's stays. */
  async forget(): Promise<void> {
    const tx = this.db.transaction(['rows', 'outbox', 'values'], 'readwrite');
    await tx.objectStore('rows').clear();
    await tx.objectStore('outbox').clear();
    await tx.objectStore('values').clear();
    await tx.done;
  }

  /** Sends again from `seq` on; the server asked for it (`held`). */
  async resendFrom(seq: number): Promise<void> {
    const tx = this.db.transaction('outbox', 'readwrite');
    for (const entry of await tx.store.getAll()) {
      if (entry.seq >= seq && entry.state !== 'waiting') await tx.store.put({ ...entry, state: 'waiting' });
    }
    await tx.done;
  }

  async dismiss(seq: number): Promise<void> {
    const entry = await this.db.get('outbox', seq);
    if (entry?.state === 'attention') await this.db.put('outbox', { ...entry, state: 'done' });
  }

  /** Done entries are kept for 30 days, so that this phone is a backup of its own work. */
  async prune(now: number): Promise<void> {
    const tx = this.db.transaction('outbox', 'readwrite');
    for (const entry of await tx.store.getAll()) {
      if (entry.state === 'done' && now - entry.made_at > KEEP_MS) await tx.store.delete(entry.seq);
    }
    await tx.done;
  }
}
