/** Small readings of the phone's rows. */
import { m } from '$shared/i18n/text';
import type { PhoneView } from './view';
import type { Doc, Scalar } from '$sync';

export const text = (value: Scalar | undefined): string => (value == null ? '' : String(value));

const GONE = new Set(['released', 'expired', 'returned']);
type Stock = Pick<PhoneView, 'reservations' | 'vans'>;

/** What was promised to the ticket and not given up again. */
export const partsOf = (view: Stock, ticketId: string): Doc[] => view.reservations.filter((r) => r['ticket_id'] === ticketId && !GONE.has(text(r['status'])));

/** In hand is what was handed over or lies in his own van. What is held on a shelf elsewhere has to be fetched first. */
export const inHand = (view: Stock, reservation: Doc): boolean => {
  const status = text(reservation['status']);
  if (status === 'handed_over' || status === 'used') return true;
  return status === 'held' && view.vans.has(text(reservation['location_id']));
};

/**
 * How much of each reservation is not built in yet, by its id. The server takes from a reservation what was used and
 * makes that one of its own; what it has not seen yet is taken from the first ones of the part.
 */
export function leftOf(reservations: readonly Doc[], used: readonly { part_id: string; quantity: number }[]): Map<string, number> {
  const unseen = new Map<string, number>();
  const count = (part: string, more: number) => unseen.set(part, (unseen.get(part) ?? 0) + more);
  for (const one of used) count(one.part_id, one.quantity);
  for (const r of reservations) if (r['status'] === 'used') count(text(r['part_id']), -Number(r['quantity']));
  const left = new Map<string, number>();
  for (const r of reservations) {
    const [part, open] = [text(r['part_id']), r['status'] === 'used' || r['status'] === 'wanted' ? 0 : Number(r['quantity'])];
    const taken = Math.min(open, Math.max(0, unseen.get(part) ?? 0));
    count(part, -taken);
    left.set(text(r['id']), open - taken);
  }
  return left;
}

export interface PartsReady {
  ready: number;
  all: number;
  /** Where the others lie, each place once. */
  fetch: string[];
}

/** How many of a ticket's parts are in hand; null when it needs none. */
export function partsReady(view: Stock, ticketId: string): PartsReady | null {
  const mine = partsOf(view, ticketId);
  if (mine.length === 0) return null;
  const away = mine.filter((r) => !inHand(view, r) && r['status'] !== 'wanted').map(placeOf);
  return { ready: mine.filter((r) => inHand(view, r)).length, all: mine.length, fetch: [...new Set(away)] };
}

const placeOf = (reservation: Doc): string => text(reservation['location_name']) || m.the_warehouse();

/** Where a part is, as its engineer asks: have I got it, and if not, where do I go? */
export function whereText(view: Stock, reservation: Doc): string {
  if (reservation['status'] === 'used') return m.part_is_used();
  if (inHand(view, reservation)) return m.part_in_van();
  if (reservation['status'] === 'wanted') return m.part_missing();
  const place = placeOf(reservation);
  return reservation['status'] === 'picked' ? m.part_waits_at({ place }) : m.part_fetch_at({ place });
}
