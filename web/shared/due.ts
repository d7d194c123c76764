/**
 * How a ticket stands against the promise that is to be kept next: that somebody takes it up, or that it is solved. Steps
 * go by the share of time left, as dispatchers know them: more than half is nothing to see, 30 % is where it is escalated.
 * Whether the clock stands is the server's to say, by the ticket's policy; where it does not, as on phones, a waiting
 * ticket is taken for paused. Done ones have no clock.
 */
import type { Ticket } from './api/types';

export type DueStep = 'ok' | 'soon' | 'risk' | 'late' | 'paused' | 'none';

export interface Due {
  step: DueStep;
  /** Milliseconds left, negative when late; null where no clock runs. */
  leftMs: number | null;
  /** 0 = all time is used, 1 = all is left. */
  share: number;
  /** What is left when a paused clock goes on: `leftMs` stands still. */
  stands?: boolean;
  /** What is due is that an engineer takes it up, not yet that it is solved. */
  response?: boolean;
  /** Nobody knows when it is due: the calendar does not know this year. */
  unknownYear?: number;
}

/** Phones may have no due time, and are not told when a ticket was opened, whatever the office's API promises. */
type Dated = Pick<Ticket, 'status'> & { due_at?: number | null; created_at?: number | null; sla?: Ticket['sla'] };

export const SOON_SHARE = 0.5;
export const RISK_SHARE = 0.3;
/** What stands for the whole where nobody knows it: the shortest promise that is usual. */
const USUAL_MS = 2 * 3_600_000;
const done = new Set(['completed', 'closed', 'cancelled']);

/** When its next promise is due, and whether that is the response; null where nothing is promised. */
export function nextDue({ status, due_at, sla }: Dated): { at: number | null; response: boolean } {
  const at = due_at ?? null;
  const waits = sla?.response_state === 'due' && sla.responded_at == null && !done.has(status);
  const until = waits ? (sla.response_due_at ?? Infinity) : Infinity;
  return until < (at ?? Infinity) ? { at: until, response: true } : { at, response: false };
}

function running(ticket: Dated, at: number, now: number): Due {
  const leftMs = at - now;
  const whole = ticket.created_at == null ? USUAL_MS : Math.max(1, at - ticket.created_at);
  const share = Math.min(1, Math.max(0, leftMs / whole));
  const step = leftMs < 0 ? 'late' : share <= RISK_SHARE ? 'risk' : share <= SOON_SHARE ? 'soon' : 'ok';
  return { step, leftMs, share };
}

export function dueOf(ticket: Dated, now: number): Due {
  const { at, response } = nextDue(ticket);
  if (at === null || done.has(ticket.status)) return { step: 'none', leftMs: null, share: 1 };
  if (response) return { ...running(ticket, at, now), response };
  const { sla } = ticket;
  if (sla?.state === 'none') return { step: 'none', leftMs: null, share: 1 };
  if (sla?.state === 'unknown') return { step: 'none', leftMs: null, share: 1, ...(sla.unknown_year == null ? {} : { unknownYear: sla.unknown_year }) };
  const stoodAt = sla?.state === 'paused' ? (sla.paused_since ?? null) : null;
  const due = running(ticket, at, stoodAt ?? now);
  if (stoodAt !== null) return { ...due, step: 'paused', stands: true };
  return ticket.status === 'waiting' && !sla?.policy_id ? { ...due, step: 'paused' } : due;
}
