/**
 * Something that is asked only when somebody wants to see it, and again when it may have changed meanwhile. An answer
 * that comes after a newer question is dropped.
 */
export class Asked<T> {
  open = $state(false);
  found = $state.raw<T | null>(null);
  failed = $state(false);
  private questions = 0;

  constructor(private readonly question: () => Promise<T>) {}

  toggle = (): void => {
    this.open = !this.open;
    if (this.open && this.found === null) void this.again();
  };

  /** What was found may be old: asked anew where it is shown, forgotten where it is not. */
  stale = (): void => {
    if (this.open) {
      void this.again();
      return;
    }
    this.questions += 1;
    this.found = null;
    this.failed = false;
  };

  again = async (): Promise<void> => {
    const mine = (this.questions += 1);
    this.failed = false;
    try {
      const found = await this.question();
      if (mine === this.questions) this.found = found;
    } catch {
      if (mine === this.questions) this.failed = true;
    }
  };
}
