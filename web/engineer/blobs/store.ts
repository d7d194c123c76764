/**
 * Bytes that wait on the phone: photos, signatures, and what was signed. They are known by their SHA-256 and go to the
 * server after the rows that name them; until then, and for the small picture until the ticket has gone, they are here,
 * in a database of their own, so that the rows' database stays as small and as quick as it is.
 */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import { StorageFull } from '$sync';

export type BytesState = 'waiting' | 'stored' | 'refused';
export type BytesKind = 'photo' | 'signature' | 'document';

export interface Kept {
  sha256: string;
  kind: BytesKind;
  ticket_id: string;
  type: string;
  bytes: number;
  /** By the phone's clock. */
  made_at: number;
  state: BytesState;
  /** Where an upload that was cut off goes on. */
  url?: string;
  /** Why the server did not take them: a code of the protocol. */
  why?: string;
  /** A small picture of it. */
  thumb?: ArrayBuffer;
}

interface Schema extends DBSchema {
  kept: { key: string; value: Kept };
  bytes: { key: string; value: ArrayBuffer };
}

export async function sha256Of(data: ArrayBuffer | Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', data));
  return [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

const full = (cause: unknown): never => {
  throw (cause as Error).name === 'QuotaExceededError' ? new StorageFull() : cause;
};

export class BlobStore {
  private constructor(private readonly db: IDBPDatabase<Schema>) {}

  static async open(name = 'fettle-phone-blobs'): Promise<BlobStore> {
    return new BlobStore(await openDB<Schema>(name, 1, {
      upgrade(db) {
        db.createObjectStore('kept', { keyPath: 'sha256' });
        db.createObjectStore('bytes');
      },
      blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
    }));
  }

  all = (): Promise<Kept[]> => this.db.getAll('kept');
  bytesOf = (sha256: string): Promise<ArrayBuffer | undefined> => this.db.get('bytes', sha256);
  close = (): void => this.db.close();

  /** On the disk when it returns. The same bytes a second time are one. */
  async add(data: ArrayBuffer, about: Omit<Kept, 'sha256' | 'bytes' | 'state'>): Promise<Kept> {
    const sha256 = await sha256Of(data);
    const tx = this.db.transaction(['kept', 'bytes'], 'readwrite', { durability: 'strict' });
    const before = await tx.objectStore('kept').get(sha256);
    const kept: Kept = before ?? { ...about, sha256, bytes: data.byteLength, state: 'waiting' };
    const written = before ? [] : [tx.objectStore('kept').put(kept), tx.objectStore('bytes').put(data, sha256)];
    await Promise.all([...written, tx.done]).catch(full);
    return kept;
  }

  async change(sha256: string, more: Partial<Kept>): Promise<void> {
    const tx = this.db.transaction('kept', 'readwrite');
    const kept = await tx.store.get(sha256);
    if (kept) await tx.store.put({ ...kept, ...more });
    await tx.done;
  }

  /** The server has them: only the small picture stays. */
  async stored(sha256: string): Promise<void> {
    await this.change(sha256, { state: 'stored' });
    await this.db.delete('bytes', sha256);
  }

  /** Of tickets that are no longer on this phone nothing stays but what waits. */
  async prune(tickets: ReadonlySet<string>): Promise<void> {
    for (const one of await this.all()) {
      if (one.state !== 'stored' || tickets.has(one.ticket_id)) continue;
      await this.db.delete('kept', one.sha256);
      await this.db.delete('bytes', one.sha256);
    }
  }

  async forget(): Promise<void> {
    const tx = this.db.transaction(['kept', 'bytes'], 'readwrite');
    await Promise.all([tx.objectStore('kept').clear(), tx.objectStore('bytes').clear(), tx.done]);
  }
}
