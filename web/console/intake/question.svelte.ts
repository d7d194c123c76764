/** What can be said of a ticket before it is opened: asked anew while the form changes, the last question counts. */
import { api, ask } from '$shared/api/client';
import { Problem } from '$shared/api/problem';
import type { IntakeAnswer, NewTicket } from '$shared/api/types';

const PAUSE_MS = 250;

export class Question {
  answer = $state.raw<IntakeAnswer | null>(null);
  busy = $state(false);
  /** Nothing can be said: the server could not be asked. What it refuses is said when one opens the ticket. */
  failed = $state(false);
  private asked = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** `null`: there is nothing to ask yet. */
  about(ticket: NewTicket | null): void {
    clearTimeout(this.timer);
    const mine = (this.asked += 1);
    this.busy = ticket !== null;
    if (!ticket) {
      this.answer = null;
      return;
    }
    this.timer = setTimeout(() => void this.put(ticket, mine), PAUSE_MS);
  }

  private async put(ticket: NewTicket, mine: number): Promise<void> {
    // What it is called says nothing of who can come; while nothing is typed yet, its kind will do.
    const body = { ...ticket, title: ticket.title || (ticket.kind ?? '?') };
    const [answer, cause] = await ask(api.POST('/api/v1/intake/question', { body })).then((said) => [said, null] as const, (problem: unknown) => [null, problem] as const);
    if (mine !== this.asked) return;
    this.busy = false;
    this.answer = answer;
    this.failed = cause !== null && !(cause instanceof Problem && cause.status === 422);
  }
}
