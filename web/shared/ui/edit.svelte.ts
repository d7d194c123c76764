/**
 * One row in a form, while others may change it too. The row is read when the form opens, and only what was typed
 * over is sent, with the tag of that reading. If somebody was faster (412) the row is read again: what one did not
 * touch becomes new, what one typed stays, and where both changed the same field one has to say which version holds.
 */
import type { Tagged } from '../api/client';
import { Problem } from '../api/problem';

export type Values = Record<string, string | number | null>;

export interface Merge<V extends Values> {
  values: V;
  /** Fields that both changed, to different values. */
  clashes: (keyof V & string)[];
}

export function rebase<V extends Values>(base: V, typed: V, fresh: V): Merge<V> {
  const values = { ...typed };
  const clashes: (keyof V & string)[] = [];
  for (const key of Object.keys(fresh) as (keyof V & string)[]) {
    if (fresh[key] === base[key]) continue;
    if (typed[key] === base[key]) values[key] = fresh[key];
    else if (typed[key] !== fresh[key]) clashes.push(key);
  }
  return { values, clashes };
}

/** Nothing is sent, since the other one's version would be overwritten without anybody having said so. */
const undecided = () => new Problem(412, { code: 'clash_undecided' });

interface Source<R, V extends Values> {
  read: () => Promise<Tagged<R>>;
  values: (row: R) => V;
  write: (changed: Partial<V>, tag: string) => Promise<R>;
}

export class RowEdit<R, V extends Values> {
  values = $state() as V;
  clashes = $state<string[]>([]);
  private base = $state.raw() as V;
  private tag = '';
  private reading: Promise<void> | null = null;

  constructor(private readonly source: Source<R, V>, row: R) {
    this.base = source.values(row);
    this.values = { ...this.base };
    this.reading = this.refresh();
    // Its failure is told when one saves; until then the form shows what the list knew.
    this.reading.catch(() => undefined);
  }

  get changed(): Partial<V> {
    const keys = Object.keys(this.values).filter((key) => this.values[key] !== this.base[key]);
    return Object.fromEntries(keys.map((key) => [key, this.values[key]])) as Partial<V>;
  }

  /** What the field holds on the server now, where somebody else changed it too. */
  theirs = (key: keyof V & string): V[keyof V & string] | undefined => (this.clashes.includes(key) ? this.base[key] : undefined);

  /** Leaves the field as the other one made it. */
  take(key: keyof V & string): void {
    this.values[key] = this.base[key];
    this.keep(key);
  }

  /** What one typed holds: it is sent with the next attempt. */
  keep(key: keyof V & string): void {
    this.clashes = this.clashes.filter((one) => one !== key);
  }

  /** Reads the row again: after saving, for a form that stays open. What was typed and not saved stays. */
  async refresh(): Promise<void> {
    const { row, tag } = await this.source.read();
    const fresh = this.source.values(row);
    const merged = rebase(this.base, this.values, fresh);
    this.base = fresh;
    this.values = merged.values;
    this.clashes = merged.clashes;
    this.tag = tag;
  }

  async save(): Promise<R> {
    await (this.reading ??= this.refresh()).catch((cause: unknown) => {
      this.reading = null;
      throw cause;
    });
    if (this.clashes.length > 0) throw undecided();
    try {
      return await this.source.write(this.changed, this.tag);
    } catch (cause) {
      if (cause instanceof Problem && cause.status === 412) await this.refresh().catch(() => undefined);
      throw this.clashes.length > 0 ? undecided() : cause;
    }
  }
}
