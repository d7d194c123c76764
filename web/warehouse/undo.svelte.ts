/** The steps that can be taken back, the last one first. A step that the server refuses to take back is gone too. */
import { Problem } from '$shared/api/problem';
import { problemWords } from '$shared/i18n/problems';

export interface Undoable {
  /** What was done, in words. */
  text: string;
  run: () => Promise<unknown>;
}
const KEPT = 20;

let steps = $state.raw<Undoable[]>([]);
let busy = $state(false);

export const wordsOf = (cause: unknown): string => (cause instanceof Problem ? problemWords(cause, []).join(' ') : cause instanceof Error ? cause.message : String(cause));

export const undo = {
  get last(): Undoable | null {
    return steps.at(-1) ?? null;
  },
  get busy(): boolean {
    return busy;
  },
  push(step: Undoable): void {
    steps = [...steps, step].slice(-KEPT);
  },
  /** For what cannot be taken back: then what was before it cannot either, in this order. */
  clear(): void {
    steps = [];
  },
  /** The words of what was taken back, or why it was not. */
  async back(): Promise<{ done: string } | { refused: string } | null> {
    const step = steps.at(-1);
    if (!step || busy) return null;
    busy = true;
    try {
      await step.run();
      return { done: step.text };
    } catch (cause) {
      return { refused: wordsOf(cause) };
    } finally {
      steps = steps.filter((one) => one !== step);
      busy = false;
    }
  },
};
