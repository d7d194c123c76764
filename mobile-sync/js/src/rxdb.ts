/**
 * RxDB: one replication for each collection, through `replicateRxCollection`. RxDB keeps whole documents and knows what
 * it believes the server to have; the difference of the two is what is sent. What it needs, and gets here: pages of
 * exactly the size it asked for, and in answer to a push the server's document of every row not taken as sent.
 */
import type { RxCollection } from 'rxdb';
import { replicateRxCollection, type RxReplicationState } from 'rxdb/plugins/replication';
import { Subject } from 'rxjs';
import { takesInserts } from './policy';
import { EDITED_AT, Replica, differences, filled, type ReplicaOptions, type RowChange } from './replica';
import { LIMITS, outcome, type Change, type Doc, type PushResult } from './wire';

export {
  EDITED_AT,
  enrolReplica,
  nextDseq,
  type ReplicaIdentity,
  type ReplicaOptions,
  type RowChange,
} from './replica';
export { httpTransport } from './transport';

export interface RxdbOptions extends ReplicaOptions {
  /** RxDB's collections by the protocol's names, e.g. `{ tickets: db.tickets, notes: db.notes }`. */
  collections: Record<string, RxCollection>;
  /** Rows in a page and in a push. */
  batchSize?: number;
  /** Milliseconds until a failed request is tried again. */
  retryTime?: number;
  /** False: once, to the end; else until it is cancelled. */
  live?: boolean;
  /** Of several tabs one replicates. */
  waitForLeadership?: boolean;
}

export interface Checkpoint {
  cursor: number;
  epoch: string;
}

type Deletable = Doc & { _deleted: boolean };
type State = RxReplicationState<Doc, Checkpoint>;
interface WriteRow {
  newDocumentState: Deletable;
  assumedMasterState?: Deletable;
}

export interface RxdbReplication {
  /** RxDB's own states, by the protocol's names. */
  states: Record<string, State>;
  /** Pulls again: call it when the network is back, and every so often while the app is seen. */
  reSync(): void;
  /** Resolves when what is local now is on the server, and what followed from it is here; waits for the network. */
  sync(): Promise<void>;
  cancel(): Promise<void>;
}

/** Columns of RxDB's own and of this adapter, which no server knows. */
const OWN = ['_deleted', '_rev', '_meta', '_attachments', EDITED_AT];
const BATCH = 200;
const RETRY_MS = 5_000;

export function replicateRxdb(options: RxdbOptions): RxdbReplication {
  const replica = new Replica(options);
  const poked = new Subject<'RESYNC'>();
  const made = Object.entries(options.collections).map(([c, collection]) =>
    one(c, collection, replica, options, poked),
  );
  const states = Object.fromEntries(made.map(({ c, state }) => [c, state]));
  const each = (run: (one: (typeof made)[number]) => Promise<unknown>) => Promise.all(made.map(run));
  return {
    states,
    reSync: () => poked.next('RESYNC'),
    sync: async () => {
      await each(({ state }) => state.awaitInSync());
      // RxDB takes note of a poke a moment later, so being in sync right after one says nothing yet.
      const asked = each(({ reader }) => reader.nextPull());
      poked.next('RESYNC');
      await asked;
      await each(({ state }) => state.awaitInSync());
    },
    cancel: async () => void (await each(({ state }) => state.cancel())),
  };
}

function one(
  c: string,
  collection: RxCollection,
  replica: Replica,
  options: RxdbOptions,
  poked: Subject<'RESYNC'>,
): { c: string; reader: Reader; state: State } {
  // A page that is shorter than asked for is the last to RxDB, so none is asked for that the server would not give.
  const batchSize = Math.min(options.batchSize ?? BATCH, options.identity.limits.page_limit ?? LIMITS.page_limit);
  const columns = Object.keys(collection.schema.jsonSchema.properties).filter((column) => !OWN.includes(column));
  const turns = new Turns(() => state.internalReplicationState?.streamQueue.up);
  const reader = new Reader(c, collection, replica, columns);
  const state: State = replicateRxCollection<Doc, Checkpoint>({
    replicationIdentifier: `fettle-${c}-${options.identity.device_id}`,
    collection: collection as RxCollection<Doc>,
    live: options.live ?? true,
    retryTime: options.retryTime ?? RETRY_MS,
    waitForLeadership: options.waitForLeadership ?? true,
    pull: {
      batchSize,
      stream$: poked.asObservable(),
      handler: (checkpoint, size) => turns.pull(() => reader.page(checkpoint, size)) as never,
    },
    push: {
      batchSize,
      handler: (rows) =>
        turns.push(() => push(c, replica, columns, rows as unknown as WriteRow[], () => poked.next('RESYNC'))) as never,
    },
  });
  return { c, reader, state };
}

/** Sends what differs, and gives back the server's documents where they are not what was sent. */
async function push(
  c: string,
  replica: Replica,
  columns: string[],
  rows: WriteRow[],
  poke: () => void,
): Promise<Deletable[]> {
  const changed = rows.flatMap((row) => {
    const change = changeOf(c, row, columns);
    return change ? [{ row, change }] : [];
  });
  const results = await replica.push(changed.map(({ change }) => change));
  // What followed from it (a ticket's status, a van's stock) lies in other collections.
  if (changed.length > 0) queueMicrotask(poke);
  return changed.flatMap(({ row }, at) => masterOf(row, results[at], columns) ?? []);
}

/**
 * RxDB drops a pulled row while it believes that its own write of that row is still to be pushed, and goes on to the
 * next page. So nothing is pulled from when a push begins until RxDB has noted what came of it: or a row that the
 * server changed in taking it (its version at least) would stay as it was sent.
 */
class Turns {
  private pushes = 0;
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly noted: () => Promise<unknown> | undefined) {}

  push<T>(work: () => Promise<T>): Promise<T> {
    this.pushes += 1;
    return this.next(work);
  }

  async pull<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      const before = this.pushes;
      await this.noted();
      const done = await this.next(async () => (this.pushes === before ? { got: await work() } : null));
      if (done) return done.got;
    }
  }

  private next<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.last.then(work);
    this.last = turn.catch(() => undefined);
    return turn;
  }
}

/** Reads pages, and reads everything anew when the server came from a backup. */
class Reader {
  /** What the new reading has mentioned so far; null while none is under way. */
  private seen: Set<string> | null = null;
  /** The epoch of that reading. */
  private renewing: string | null = null;
  private readonly waiters: (() => void)[] = [];

  constructor(
    private readonly c: string,
    private readonly collection: RxCollection,
    private readonly replica: Replica,
    private readonly columns: string[],
  ) {}

  /** Resolves when the next page is asked for. */
  nextPull = (): Promise<void> => new Promise((resolve) => this.waiters.push(resolve));

  async page(
    checkpoint: Checkpoint | undefined,
    size: number,
  ): Promise<{ documents: Deletable[]; checkpoint: Checkpoint }> {
    this.waiters.splice(0).forEach((resolve) => resolve());
    let page = await this.replica.pull([this.c], checkpoint?.cursor ?? 0, size);
    if (checkpoint && checkpoint.epoch !== page.epoch && this.renewing !== page.epoch) {
      this.renewing = page.epoch;
      this.seen = new Set();
      page = await this.replica.pull([this.c], 0, size);
    }
    const documents = page.changes.map((change) => this.document(change));
    const { seen } = this;
    if (seen) {
      page.changes.forEach(({ id }) => seen.add(id));
      if (!page.more) {
        documents.push(...(await this.unmentioned(seen)));
        this.seen = null;
        this.renewing = null;
      }
    }
    // Until the new reading is complete the checkpoint keeps the old epoch: cut off, it begins again.
    const epoch = this.seen && checkpoint ? checkpoint.epoch : page.epoch;
    return { documents, checkpoint: { cursor: page.cursor, epoch } };
  }

  private document({ id, op, doc }: Change): Deletable {
    return op === 'put' && doc ? { ...project(doc, this.columns), _deleted: false } : { id, _deleted: true };
  }

  /** Rows that the restored server does not know. Own work is given to it again, the rest is gone. */
  private async unmentioned(seen: Set<string>): Promise<Deletable[]> {
    const local: Doc[] = (await this.collection.find().exec()).map((found) => found.toMutableJSON() as Doc);
    const missing = local.filter((doc) => !seen.has(String(doc['id'])) && doc['sync_v']);
    const own = missing.filter((doc) => takesInserts(this.c) && doc['engineer_id'] === this.replica.engineerId);
    const changes = own.map((doc): RowChange => ({
      op: 'insert',
      c: this.c,
      id: String(doc['id']),
      set: columnsOf(doc, this.columns),
    }));
    const results = await this.replica.push(changes);
    const kept = new Set(
      changes.filter((_, at) => results[at] && outcome(results[at]) !== 'rejected_kept').map(({ id }) => id),
    );
    return missing
      .filter((doc) => !kept.has(String(doc['id'])))
      .map((doc) => ({ id: doc['id'] ?? null, _deleted: true }));
  }
}

/** What a write of RxDB's says; null if there is nothing that a server would hear of. */
function changeOf(
  c: string,
  { newDocumentState: now, assumedMasterState: before }: WriteRow,
  columns: string[],
): RowChange | null {
  const id = String(now['id']);
  const [old, set] = [columnsOf(before ?? {}, columns), columnsOf(now, columns)];
  const base = Number(before?.['sync_v'] ?? 0);
  const edited: Doc = now[EDITED_AT] === undefined ? {} : { [EDITED_AT]: now[EDITED_AT] };
  if (now._deleted) return before && !before._deleted ? { op: 'delete', c, id, base, set: {} } : null;
  // A row that left the scope and was written to all the same: what was written is all there is.
  if (!before || before._deleted)
    return { op: before ? 'patch' : 'insert', c, id, base, set: { ...filled(set), ...edited } };
  const changed = differences(old, set);
  return Object.keys(changed).length === 0
    ? null
    : { op: 'patch', c, id, base, before: old, set: { ...changed, ...edited } };
}

/** The server's document if it is another than the one that was sent, or than RxDB would go on to believe. */
function masterOf(
  { newDocumentState: sent }: WriteRow,
  result: PushResult | undefined,
  columns: string[],
): Deletable | null {
  if (!result || result.result === 'applied') return null;
  const master: Deletable = result.doc
    ? { ...project(result.doc, columns), _deleted: false }
    : { ...sent, _deleted: true };
  const same = master._deleted === sent._deleted && Object.keys(differences(filled(sent), filled(master))).length === 0;
  return same ? null : master;
}

/** A document of the server's with the columns that the app's schema has. */
function project(doc: Doc, columns: string[]): Doc {
  return Object.fromEntries(
    columns
      .filter((column) => doc[column] !== undefined && doc[column] !== null)
      .map((column) => [column, doc[column] ?? null]),
  );
}

/** What may stand in a mutation: without the id and the version, which have places of their own. */
function columnsOf(doc: Doc, columns: string[]): Doc {
  return project(
    doc,
    columns.filter((column) => column !== 'id' && column !== 'sync_v'),
  );
}
