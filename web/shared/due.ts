/**
 * How a ticket stands against its due time. Steps go by the share of time left, as dispatchers know them: more
 * than half is nothing to see, 30 % is where it is escalated. Whether the clock stands is the server's to say, by the
 * ticket's policy; where it does not, as on phones, a waiting ticket is taken for paused. Done ones have no clock.
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

export function dueOf(ticket: Dated, now: number): Due {
  if (ticket.due_at == null || done.has(ticket.status)) return { step: 'none', leftMs: null, share: 1 };
  const { sla } = ticket;
  if (sla?.state === 'none') return { step: 'none', leftMs: null, share: 1 };
  if (sla?.state === 'unknown') return { step: 'none', leftMs: null, share: 1, ...(sla.unknown_year == null ? {} : { unknownYear: sla.unknown_year }) };
  const stoodAt = sla?.state === 'paused' ? (sla.paused_since ?? null) : null;
  const leftMs = ticket.due_at - (stoodAt ?? now);
  const whole = ticket.created_at == null ? USUAL_MS : Math.max(1, ticket.due_at - ticket.created_at);
  const share = Math.min(1, Math.max(0, leftMs / whole));
  if (stoodAt !== null) return { step: 'paused', leftMs, share, stands: true };
  if (ticket.status === 'waiting' && !sla?.policy_id) return { step: 'paused', leftMs, share };
  if (leftMs < 0) return { step: 'late', leftMs, share: 0 };
  if (share <= RISK_SHARE) return { step: 'risk', leftMs, share };
  return { step: share <= SOON_SHARE ? 'soon' : 'ok', leftMs, share };
}
