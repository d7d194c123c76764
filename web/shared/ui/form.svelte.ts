/** One submission at a time: busy, the faults of the last answer, and where each is shown. */
import { Problem } from '../api/problem';
import { fieldWords, restWords } from '../i18n/problems';

export class Submission {
  busy = $state(false);
  problem = $state<Problem | null>(null);

  constructor(private readonly fields: readonly string[] = []) {}

  at = (field: string): string | undefined => (this.problem ? fieldWords(this.problem, field) : undefined);

  get rest(): string[] {
    return this.problem ? restWords(this.problem, this.fields) : [];
  }

  /** The value, or undefined if it failed; the failure is then on screen. */
  async run<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (this.busy) return undefined;
    this.busy = true;
    this.problem = null;
    try {
      return await work();
    } catch (cause) {
      this.problem = cause instanceof Problem ? cause : new Problem(0, { detail: String(cause) });
      return undefined;
    } finally {
      this.busy = false;
    }
  }
}
