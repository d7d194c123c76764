/**
 * What can be said of a ticket before it is opened: asked anew while the form changes, the last question counts. While
 * one talks time goes on and others give tickets away, so it is asked again each minute and when tickets changed.
 */
import { api, ask } from '$shared/api/client';
import { Problem } from '$shared/api/problem';
import type { IntakeAnswer, NewTicket } from '$shared/api/types';
import { live } from '../live.svelte';

const PAUSE_MS = 250;
const AGAIN_MS = 60_000;
/** However much changes, not oftener than this. */
const GATHER_MS = 10_000;
const TOLD = new Set(['tickets', 'assignments', 'absences', 'shifts']);
/** So long ago a beginning still means at once. */
const GRACE_MS = 60_000;

/** How a beginning that was answered stands now: what is over is no promise. */
export function standing(startsAt: number, now: number): 'ahead' | 'now' | 'over' {
  if (startsAt > now) return 'ahead';
  return startsAt > now - GRACE_MS ? 'now' : 'over';
}

export class Question {
  answer = $state.raw<IntakeAnswer | null>(null);
  busy = $state(false);
  /** Nothing can be said: the server could not be asked. What it refuses is said when one opens the ticket. */
  failed = $state(false);
  private ticket: NewTicket | null = null;
  private asked = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** `null`: there is nothing to ask yet. */
  about(ticket: NewTicket | null): void {
    clearTimeout(this.timer);
    this.ticket = ticket;
    const mine = (this.asked += 1);
    this.busy = ticket !== null;
    if (!ticket) {
      this.answer = null;
      return;
    }
    this.timer = setTimeout(() => void this.put(ticket, mine), PAUSE_MS);
  }

  /** The same question; what was answered is shown until there is something newer. */
  private again(): void {
    if (this.ticket && !this.busy) void this.put(this.ticket, (this.asked += 1), this.answer);
  }

  /** Keeps the answer true until the returned function is called. */
  follow(): () => void {
    let planned: ReturnType<typeof setTimeout> | undefined;
    const minute = setInterval(() => this.again(), AGAIN_MS);
    const stop = live.onChange((change) => {
      if (planned !== undefined || !TOLD.has(change.entity)) return;
      planned = setTimeout(() => {
        planned = undefined;
        this.again();
      }, GATHER_MS);
    });
    return () => {
      stop();
      clearInterval(minute);
      clearTimeout(planned);
    };
  }

  private async put(ticket: NewTicket, mine: number, otherwise: IntakeAnswer | null = null): Promise<void> {
    // What it is called says nothing of who can come; while nothing is typed yet, its kind will do.
    const body = { ...ticket, title: ticket.title || (ticket.kind ?? '?') };
    const [answer, cause] = await ask(api.POST('/api/v1/intake/question', { body })).then((said) => [said, null] as const, (problem: unknown) => [null, problem] as const);
    if (mine !== this.asked) return;
    this.busy = false;
    this.answer = answer ?? otherwise;
    this.failed = cause !== null && !(cause instanceof Problem && cause.status === 422);
  }
}
