/**
 * Sends what waits, one after another, after the rows: bytes never hold up a row. What was cut off goes on where it was,
 * what the server has already is not sent again, and what it refuses for good is shown to the engineer.
 */
import type { BlobStore, Kept } from './store';

/** The server as bytes see it; `tus.ts` is the real one. */
export interface Carrier {
  /** The bytes are there, whoever sent them. */
  has(sha256: string): Promise<boolean>;
  /** Rejects with `Refusal`; anything else is a network that went away. */
  send(kept: Kept, data: ArrayBuffer, told: Told): Promise<void>;
}

export interface Told {
  /** Where to go on after a cut. */
  at(url: string): Promise<void>;
  progress(sent: number, all: number): void;
}

/** The server has answered, and not taken them. */
export class Refusal extends Error {
  constructor(readonly status: number, readonly code: string) {
    super(`blob: ${status} ${code}`);
    this.name = 'Refusal';
  }
}

/** Sent again they would be refused again: somebody has to look. */
const FOR_GOOD = new Set(['wrong_hash', 'too_large', 'too_many_pieces']);

/** One round; gives back whether all that waited is there. `progress` tells of the one that is being sent. */
export async function sendAll(store: BlobStore, carrier: Carrier, progress: (sha256: string, sent: number) => void = () => undefined): Promise<boolean> {
  const waiting = (await store.all()).filter((one) => one.state === 'waiting').sort((a, b) => a.made_at - b.made_at);
  for (const one of waiting) {
    const done = await sendOne(store, carrier, one, progress);
    if (!done) return false;
  }
  return true;
}

async function sendOne(store: BlobStore, carrier: Carrier, one: Kept, progress: (sha256: string, sent: number) => void): Promise<boolean> {
  try {
    const data = await store.bytesOf(one.sha256);
    if (!data) {
      await store.change(one.sha256, { state: 'refused', why: 'bytes_lost' });
      return true;
    }
    if (!(await carrier.has(one.sha256))) {
      await carrier.send(one, data, { at: (url) => store.change(one.sha256, { url }), progress: (sent) => progress(one.sha256, sent) });
    }
    await store.stored(one.sha256);
    return true;
  } catch (cause) {
    if (!(cause instanceof Refusal)) return false;
    if (FOR_GOOD.has(cause.code)) await store.change(one.sha256, { state: 'refused', why: cause.code });
    // An upload that was swept away is begun anew.
    else if (cause.status === 404 || cause.status === 410) await store.change(one.sha256, { url: '' });
    // What is wrong with one says nothing of the next, unless the server wants none of them.
    return cause.status !== 401 && cause.status !== 429 && cause.status !== 409 && cause.status < 500;
  } finally {
    progress(one.sha256, -1);
  }
}
