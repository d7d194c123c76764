/** What one has typed and not saved: who goes to another record or page is asked before it is given up. */
let changed: (() => boolean) | null = null;
let onward = $state.raw<(() => void) | null>(null);

export const unsaved = {
  /** Somebody is about to lose what he typed, and has not said yet whether he means it. */
  get asking(): boolean {
    return onward !== null;
  },
  /** The form that is open says whether anything in it was changed, until the returned function is called. */
  watch(isChanged: () => boolean): () => void {
    changed = isChanged;
    return () => {
      if (changed === isChanged) changed = null;
    };
  },
  /** Goes there, at once or when one has said that one may. */
  leave(go: () => void): void {
    if (changed?.()) onward = go;
    else go();
  },
  stay(): void {
    onward = null;
  },
  discard(): void {
    const go = onward;
    onward = null;
    go?.();
  },
};
