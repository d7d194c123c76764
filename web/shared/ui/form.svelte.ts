/** One submission at a time: busy, the faults of the last answer, and where each is shown. */
import { Problem } from '../api/problem';
import { m } from '../i18n/text';

export class Submission {
  busy = $state(false);
  problem = $state<Problem | null>(null);

  constructor(private readonly fields: readonly string[] = []) {}

  at = (field: string): string | undefined => this.problem?.at(field);

  get rest(): string[] {
    return this.problem ? wordsOf(this.problem, this.fields) : [];
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

/** Faults without a field, in the reader's words where we have them. */
export function wordsOf(problem: Problem, fields: readonly string[]): string[] {
  if (problem.status === 0) return [m.problem_unreachable()];
  if (problem.status === 412 || problem.code === 'already_assigned' || problem.code === 'changed_meanwhile') return [m.problem_stale()];
  if (problem.status === 403) return [m.problem_forbidden()];
  if (problem.status === 429) return [m.problem_busy()];
  return problem.rest(fields);
}
