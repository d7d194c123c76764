/** A row that is edited whole: read with its tag, typed over as a draft, saved against that very reading, and read again. */
import type { Tagged } from '$shared/api/client';
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
    } catch {
      this.failed = true;
    }
  };

  /** The row as it is then, or undefined if it was refused: the faults are on screen. */
  async save(sending: Submission): Promise<R | undefined> {
    const { draft, seen } = this;
    if (draft === null || !seen) return undefined;
    const saved = await sending.run(() => this.source.write(draft as D, seen.tag));
    if (saved !== undefined) await this.load();
    return saved;
  }
}
