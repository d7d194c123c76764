/**
 * A row that is edited whole: read with its tag, typed over as a draft, saved against that very reading, and read
 * again. If somebody was faster (412) the draft stays and the tag becomes new: it is said that who saves now replaces
 * the other version, and one may load that instead.
 */
import type { Tagged } from '$shared/api/client';
import { Problem } from '$shared/api/problem';
import type { Submission } from '$shared/ui/form.svelte';

interface Source<R, D> {
  read: () => Promise<Tagged<R>>;
  draft: (row: R) => D;
  write: (draft: D, tag: string) => Promise<R>;
}

export class Edited<R, D> {
  seen = $state.raw<Tagged<R> | null>(null);
  draft = $state<D | null>(null);
  failed = $state(false);
  /** Somebody else saved since one began to type. */
  overtaken = $state(false);

  constructor(private readonly source: Source<R, D>) {}

  /** Whether what the draft would be saved as differs from what was read. */
  changed(same: (draft: D, row: R) => boolean): boolean {
    return this.seen !== null && this.draft !== null && !same(this.draft as D, this.seen.row);
  }

  load = async (): Promise<void> => {
    this.failed = false;
    try {
      this.seen = await this.source.read();
      this.draft = this.source.draft(this.seen.row);
      this.overtaken = false;
    } catch {
      this.failed = true;
    }
  };

  /** The row as it is then, or undefined if it was refused: the faults are on screen. */
  async save(sending: Submission): Promise<R | undefined> {
    const { draft, seen } = this;
    if (draft === null || !seen) return undefined;
    const write = () => this.source.write(draft as D, seen.tag).catch((cause: unknown) => this.refused(cause));
    const saved = await sending.run(write);
    if (saved !== undefined) await this.load();
    return saved;
  }

  private async refused(cause: unknown): Promise<never> {
    if (!(cause instanceof Problem) || cause.status !== 412) throw cause;
    this.seen = await this.source.read();
    this.overtaken = true;
    throw new Problem(412, { code: 'overtaken' });
  }
}
