/** The tables of the phone's IndexedDB, and the one way to change several of them together. */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { HlcState } from './hlc';
import type { Doc, Limits, Mutation, PushResult } from './wire';

/** A row as the server sent it. */
export interface Row {
  c: string;
  id: string;
  v: number;
  doc: Doc;
  /** In which reading of everything it was last seen; see `PhoneStore.newEpoch`. */
  g: number;
}

/** `waiting` is not yet on the server; `done` is; `attention` is too, but did not take effect as meant. */
export type OutboxState = 'waiting' | 'done' | 'attention';

/** Our own mutations are always numbered and timed. */
export type NumberedMutation = Mutation & { seq: number };

export interface OutboxEntry {
  seq: number;
  mutation: NumberedMutation;
  state: OutboxState;
  /** By the phone's clock. */
  made_at: number;
  /** When its result came, by the phone's clock. */
  acked_at?: number;
  /** It is on the server, but the rows that followed from it have not been pulled. */
  unsettled?: 1;
  result?: PushResult;
}

/** Whose phone this is, and by which token the server knows it. */
export interface Enrolled {
  device_id: string;
  token: string;
  engineer_id: string;
  name: string;
}

export interface Values {
  device: Enrolled;
  epoch: string;
  cursor: number;
  seq: number;
  hlc: HlcState;
  /** Add to the phone's clock to get the server's; milliseconds. */
  offset: number;
  /** When the last whole round ended, by the phone's clock. */
  synced_at: number;
  limits: Limits;
  /** Counts the readings of everything from cursor 0. */
  reading: number;
  /** The last of them that reached its end. */
  complete: number;
}

export interface Schema extends DBSchema {
  rows: { key: [string, string]; value: Row; indexes: { c: string } };
  outbox: { key: number; value: OutboxEntry; indexes: { state: OutboxState; mid: string; unsettled: number; row: [string, string] } };
  values: { key: string; value: unknown };
}

export type Database = IDBPDatabase<Schema>;

export const open = (name: string): Promise<Database> =>
  openDB<Schema>(name, 3, {
    upgrade(db, from, _, tx) {
      if (from < 1) {
        db.createObjectStore('rows', { keyPath: ['c', 'id'] }).createIndex('c', 'c');
        db.createObjectStore('outbox', { keyPath: 'seq' }).createIndex('state', 'state');
        db.createObjectStore('values');
      }
      const outbox = tx.objectStore('outbox');
      if (from < 2) {
        outbox.createIndex('mid', 'mutation.mid');
        // Only entries that have the property are in this index.
        outbox.createIndex('unsettled', 'unsettled');
      }
      outbox.createIndex('row', ['mutation.c', 'mutation.id']);
    },
    // A page with a newer version of us waits for this; our rows and outbox are on the disk, so nothing is lost.
    blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
  });

/** The phone's disk is full: nothing was written. What waits is safe; the user must make room. */
export class StorageFull extends Error {
  constructor() {
    super('the storage of this phone is full');
    this.name = 'StorageFull';
  }
}

const QUOTA = 'QuotaExceededError';

/** Runs the work of a transaction to its end: all of it is on the disk, or nothing. */
export async function whole<T>(
  tx: { done: Promise<void>; error: DOMException | null; abort(): void },
  work: () => Promise<T>,
): Promise<T> {
  try {
    const made = await work();
    await tx.done;
    return made;
  } catch (cause) {
    // It fails a second time through `done`, which must not count as an error nobody has heard of.
    tx.done.catch(() => undefined);
    try {
      tx.abort();
    } catch {
      // It has ended by itself.
    }
    if ((cause as Error).name === QUOTA || tx.error?.name === QUOTA) throw new StorageFull();
    throw cause;
  }
}

/** A write whose failure ends the transaction, so that whoever waits for that hears of it. */
export function later(write: Promise<unknown>): void {
  write.catch(() => undefined);
}
