/**
 * What the stream is turned into: one table per entity, and the cursor. Pure, without EventSource and without
 * runes. Changes come once or twice, in order or (after a reconnect that overlaps) not; a change counts only
 * if its `seq` is newer than what its row already has. A deleted row keeps its number, so that a late `put`
 * cannot bring it back.
 */
export interface Change {
  seq: number;
  entity: string;
  row_id: string;
  op: 'put' | 'delete';
  row: Record<string, unknown> | null;
  actor: string | null;
  at: number;
}

export interface Position {
  engineer_id: string;
  latitude: number;
  longitude: number;
  at: number;
}

export interface Table<T> {
  rows: Map<string, T>;
  /** Told of each applied change, before the row is replaced; may return another row to keep. */
  merge?: (before: T | undefined, row: Record<string, unknown>) => T | undefined;
}

export class StreamStore {
  cursor = 0;
  private readonly tables = new Map<string, Table<unknown>>();
  private readonly seen = new Map<string, number>();
  /** Changes that came while everything is being read; null when nothing is. */
  private meanwhile: Change[] | null = null;

  table<T>(entity: string, merge?: Table<T>['merge']): Map<string, T> {
    const table: Table<T> = { rows: new Map(), ...(merge ? { merge } : {}) };
    this.tables.set(entity, table as Table<unknown>);
    return table.rows;
  }

  /** Everything is going to be read, by requests that are answered while changes go on coming. */
  beginReading(): void {
    this.meanwhile = [];
  }

  /**
   * All is read and loaded. An answer is as new as some moment since `beginReading`, we cannot tell which; so the
   * changes since then are applied once more. The last one of a row wins, whether the answer had it or not.
   */
  endReading(): void {
    const again = this.meanwhile ?? [];
    this.meanwhile = null;
    for (const change of again.sort((a, b) => a.seq - b.seq)) this.put(change);
  }

  /** The rows of one table, as a request answered. */
  load<T>(entity: string, rows: readonly T[], id: (row: T) => string): void {
    const table = this.tables.get(entity);
    if (!table) return;
    table.rows.clear();
    for (const row of rows) table.rows.set(id(row), row);
  }

  /** The changes that took effect, in order of their number. */
  apply(changes: readonly Change[]): Change[] {
    const taken: Change[] = [];
    for (const change of [...changes].sort((a, b) => a.seq - b.seq)) {
      const key = `${change.entity}/${change.row_id}`;
      if (change.seq <= (this.seen.get(key) ?? 0)) continue;
      this.seen.set(key, change.seq);
      this.cursor = Math.max(this.cursor, change.seq);
      this.put(change);
      this.meanwhile?.push(change);
      taken.push(change);
    }
    return taken;
  }

  /** Everything is to be read again (the server came back with another history). */
  reset(cursor: number): void {
    this.seen.clear();
    this.cursor = cursor;
  }

  private put(change: Change): void {
    const table = this.tables.get(change.entity);
    if (!table) return;
    if (change.op === 'delete' || !change.row) {
      table.rows.delete(change.row_id);
      return;
    }
    const before = table.rows.get(change.row_id);
    const after = table.merge ? table.merge(before, change.row) : { ...(before as object), ...change.row };
    if (after !== undefined) table.rows.set(change.row_id, after);
  }
}
