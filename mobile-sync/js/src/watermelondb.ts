/**
 * WatermelonDB: everything in one `synchronize`, through `syncWatermelon`. WatermelonDB marks rows as changed, pulls
 * before it pushes, lays its local columns over pulled ones, and hands rows over in no order. What it needs, and gets
 * here: all pages before the timestamp is stored, the *old* version of a row that was edited here (with the new one an
 * edit of the office's would be overwritten unseen), and edits sent before the rows that they were made to are removed.
 */
import type { Database, DirtyRaw } from '@nozbe/watermelondb';
import { synchronize, type SyncConflictResolver, type SyncDatabaseChangeSet } from '@nozbe/watermelondb/sync';
import { takesInserts } from './policy';
import { EDITED_AT, Replica, filled, type ReplicaOptions, type RowChange } from './replica';
import { LIMITS, outcome, type Change, type Doc } from './wire';

export {
  EDITED_AT,
  enrolReplica,
  nextDseq,
  type ReplicaIdentity,
  type ReplicaOptions,
  type RowChange,
} from './replica';
export { httpTransport } from './transport';

export interface WatermelonOptions extends ReplicaOptions {
  database: Database;
  /** Collections to sync, which are tables of the same names; all tables unless given. */
  collections?: string[];
  /** Rows in a page. */
  pageSize?: number;
}

const PAGE = 500;
/** After a push everything that followed from it is pulled; more rounds than this means that somebody types faster. */
const MAX_ROUNDS = 5;
const EPOCH = 'fettle_epoch';
const TABLES = 'fettle_collections';
/** WatermelonDB's own, and what has a place of its own in a mutation. */
const OWN = ['id', '_status', '_changed', 'sync_v'];

/** Pulls, pushes, and pulls what followed from it. Throws when the server cannot be reached; call it again then. */
export async function syncWatermelon(options: WatermelonOptions): Promise<void> {
  const sync = new Sync(options);
  for (let i = 0; i < MAX_ROUNDS; i += 1) {
    sync.pushed = 0;
    await synchronize({
      database: options.database,
      pullChanges: ({ lastPulledAt }) => sync.pull(lastPulledAt ?? 0) as never,
      pushChanges: async ({ changes }) => sync.push(changes),
      // A row may be new to this phone and old to the server.
      sendCreatedAsUpdated: true,
      conflictResolver: keepOldVersion,
    });
    // Only now are the rows stored; cut off before, the same is read again.
    await sync.remember();
    if (sync.pushed === 0) return;
  }
}

/** The version says what the user has seen, and he has not seen what was pulled under his edit. */
export const keepOldVersion: SyncConflictResolver = (_table, local, _remote, resolved) =>
  // It is asked about every row that is pulled, also where nobody edited anything.
  local._status === 'updated' ? { ...resolved, sync_v: local['sync_v'] } : resolved;

interface TableChanges {
  created: DirtyRaw[];
  updated: DirtyRaw[];
  deleted: string[];
}

class Sync {
  pushed = 0;
  private read = { epoch: '', tables: '' };
  private readonly replica: Replica;
  private readonly collections: string[];

  constructor(private readonly options: WatermelonOptions) {
    this.replica = new Replica(options);
    this.collections = options.collections ?? Object.keys(options.database.schema.tables);
  }

  async pull(lastPulledAt: number): Promise<{ changes: Record<string, TableChanges>; timestamp: number }> {
    const { localStorage } = this.options.database;
    const known = (await localStorage.get<string>(EPOCH)) ?? null;
    const tables = this.collections.join();
    // With other collections the cursor means something else: they are read from the beginning.
    const from = (await localStorage.get<string>(TABLES)) === tables ? lastPulledAt : 0;
    let read = await this.pages(from);
    const renewed = known !== null && known !== read.epoch;
    if (renewed && from > 0) read = await this.pages(0);
    const latest = new Map(read.changes.map((change) => [`${change.c}/${change.id}`, change]));
    if (renewed) for (const gone of await this.unmentioned(latest)) latest.set(`${gone.c}/${gone.id}`, gone);
    const changes = [...latest.values()];
    await this.saveWork(changes.filter((change) => change.op !== 'put'));
    this.read = { epoch: read.epoch, tables };
    return { changes: this.byTable(changes), timestamp: read.cursor };
  }

  async remember(): Promise<void> {
    const { localStorage } = this.options.database;
    await localStorage.set(EPOCH, this.read.epoch);
    await localStorage.set(TABLES, this.read.tables);
  }

  async push(changes: SyncDatabaseChangeSet): Promise<void> {
    const rows = Object.entries(changes as Record<string, TableChanges>).flatMap(
      ([c, { created, updated, deleted }]) => [
        ...created.map((raw) => insertOf(c, raw)),
        ...updated.map((raw) => patchOf(c, raw)).filter((change) => change !== null),
        ...deleted.map((id): RowChange => ({ op: 'delete', c, id, set: {} })),
      ],
    );
    this.pushed += rows.length;
    await this.replica.push(rows);
  }

  private async pages(from: number): Promise<{ changes: Change[]; cursor: number; epoch: string }> {
    const changes: Change[] = [];
    const size = Math.min(this.options.pageSize ?? PAGE, LIMITS.page_limit);
    let [cursor, epoch] = [from, ''];
    for (;;) {
      const page = await this.replica.pull(this.collections, cursor, size);
      // Restored while we read: what was read before belongs to another history.
      if (epoch && page.epoch !== epoch) return this.pages(0);
      epoch = page.epoch;
      cursor = page.cursor;
      changes.push(...page.changes);
      if (!page.more) return { changes, cursor, epoch };
    }
  }

  /**
   * WatermelonDB drops what waits with the row that it was done to: the server gets it before. A row made here may be
   * among them: the server took it, its answer was lost, and it has left the scope; then the repeat tells what
   * became of it.
   */
  private async saveWork(gone: Change[]): Promise<void> {
    const work: RowChange[] = [];
    for (const { c, id } of gone) {
      const raw = await this.raw(c, id);
      if (raw?._status === 'created') work.push(insertOf(c, raw));
      const edit = raw?._status === 'updated' ? patchOf(c, raw) : null;
      if (edit) work.push(edit);
    }
    if (work.length > 0) await this.replica.push(work);
  }

  /** Rows that a restored server does not know. Own work is given to it again, the rest is gone. */
  private async unmentioned(latest: ReadonlyMap<string, Change>): Promise<Change[]> {
    const gone: Change[] = [];
    for (const c of this.collections) {
      const local = (await this.options.database.get(c).query().fetch()).map((record) => record._raw as DirtyRaw);
      const missing = local.filter((raw) => raw._status !== 'created' && !latest.has(`${c}/${raw.id}`));
      const isOwn = (raw: DirtyRaw) => takesInserts(c) && raw['engineer_id'] === this.replica.engineerId;
      const again = missing.filter(isOwn).map((raw) => insertOf(c, raw));
      const results = await this.replica.push(again);
      this.pushed += again.length;
      const kept = new Set(
        again.filter((_, at) => results[at] && outcome(results[at]) !== 'rejected_kept').map(({ id }) => id),
      );
      gone.push(...missing.filter((raw) => !kept.has(raw.id)).map(({ id }): Change => ({ c, id, op: 'delete' })));
    }
    return gone;
  }

  private async raw(c: string, id: string): Promise<DirtyRaw | null> {
    const found = await this.options.database
      .get(c)
      .find(id)
      .catch(() => null);
    return found ? (found._raw as DirtyRaw) : null;
  }

  private byTable(changes: Change[]): Record<string, TableChanges> {
    const tables = Object.fromEntries(
      this.collections.map((c): [string, TableChanges] => [c, { created: [], updated: [], deleted: [] }]),
    );
    for (const { c, id, op, doc } of changes) {
      if (op === 'put' && doc) tables[c]?.updated.push(doc as DirtyRaw);
      else tables[c]?.deleted.push(id);
    }
    return tables;
  }
}

const insertOf = (c: string, raw: DirtyRaw): RowChange => ({
  op: 'insert',
  c,
  id: raw.id,
  set: filled(columnsOf(raw)),
});

function patchOf(c: string, raw: DirtyRaw): RowChange | null {
  const columns = String(raw._changed ?? '')
    .split(',')
    .filter((column) => column && column !== EDITED_AT && !OWN.includes(column));
  if (columns.length === 0) return null;
  const all = raw as unknown as Doc;
  const edited: Doc = typeof all[EDITED_AT] === 'number' && all[EDITED_AT] > 0 ? { [EDITED_AT]: all[EDITED_AT] } : {};
  // An optional column that was cleared is null here, any other an empty text: the server takes both for empty.
  const set = Object.fromEntries(columns.map((column) => [column, all[column] ?? null]));
  return { op: 'patch', c, id: raw.id, base: Number(all['sync_v'] ?? 0), set: { ...set, ...edited } };
}

const columnsOf = (raw: DirtyRaw): Doc =>
  Object.fromEntries(Object.entries(raw as unknown as Doc).filter(([column]) => !OWN.includes(column)));
