/**
 * How a ticket stands against its due time. Steps go by the share of time left, as dispatchers know them: more
 * than half is nothing to see, 30 % is where it is escalated. Waiting tickets are paused; done ones have no clock.
 */
import type { Ticket } from './api/types';

export type DueStep = 'ok' | 'soon' | 'risk' | 'late' | 'paused' | 'none';

export interface Due {
  step: DueStep;
  /** Milliseconds left, negative when late; null where no clock runs. */
  leftMs: number | null;
  /** 0 = all time is used, 1 = all is left. */
  share: number;
}

/** Phones may have no due time, and are not told when a ticket was opened, whatever the office's API promises. */
type Dated = Pick<Ticket, 'status'> & { due_at?: number | null; created_at?: number | null };

export const SOON_SHARE = 0.5;
export const RISK_SHARE = 0.3;
/** What stands for the whole where nobody knows it: the shortest promise that is usual. */
const USUAL_MS = 2 * 3_600_000;
const done = new Set(['completed', 'closed', 'cancelled']);

export function dueOf(ticket: Dated, now: number): Due {
  if (ticket.due_at == null || done.has(ticket.status)) return { step: 'none', leftMs: null, share: 1 };
  const leftMs = ticket.due_at - now;
  const whole = ticket.created_at == null ? USUAL_MS : Math.max(1, ticket.due_at - ticket.created_at);
  const share = Math.min(1, Math.max(0, leftMs / whole));
  if (ticket.status === 'waiting') return { step: 'paused', leftMs, share };
  if (leftMs < 0) return { step: 'late', leftMs, share: 0 };
  if (share <= RISK_SHARE) return { step: 'risk', leftMs, share };
  return { step: share <= SOON_SHARE ? 'soon' : 'ok', leftMs, share };
}
