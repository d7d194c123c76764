/** Small readings of the phone's rows. */
import type { PhoneView } from './sync/view';
import type { Scalar } from './sync/wire';

export const text = (value: Scalar | undefined): string => (value == null ? '' : String(value));

/** Parts of a ticket that are in hand or wait to be fetched, of all that it needs; null when it needs none. */
export function partsReady(view: Pick<PhoneView, 'reservations'>, ticketId: string): { ready: number; all: number } | null {
  const mine = view.reservations.filter((r) => r['ticket_id'] === ticketId && !['released', 'expired', 'returned'].includes(String(r['status'])));
  if (mine.length === 0) return null;
  return { ready: mine.filter((r) => r['status'] !== 'wanted').length, all: mine.length };
}
