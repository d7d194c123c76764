/** Parts of a ticket: what is promised to it, what is still missing, and where more can be had. */
import type { Reservation, StockBalance, StockLocation, Ticket } from '$shared/api/types';

type Need = Ticket['needed_parts'][number];
type Status = Reservation['status'];

const OVER: Status[] = ['released', 'expired', 'returned'];
/** What the warehouse can still take back without anybody having to bring it. */
const RELEASABLE: Status[] = ['wanted', 'held', 'picked'];

export const isLive = (status: Status): boolean => !OVER.includes(status);
export const canRelease = (status: Status): boolean => RELEASABLE.includes(status);

/** What the ticket needs and nothing is promised for; a wanted one is a wish, not a promise. */
export function missingOf(needs: readonly Need[], reservations: readonly Pick<Reservation, 'part_id' | 'status' | 'quantity'>[]): Need[] {
  return needs
    .map((need) => {
      const promised = reservations.filter((one) => one.part_id === need.part_id && isLive(one.status) && one.status !== 'wanted');
      return { part_id: need.part_id, quantity: need.quantity - promised.reduce((sum, one) => sum + one.quantity, 0) };
    })
    .filter((need) => need.quantity > 0);
}

export interface Source {
  place: StockLocation;
  available: number;
}

/** Where some of it is free: the engineer's own van, then depots, then other vans; the fullest of a kind first. */
export function sourcesOf(balances: readonly StockBalance[], places: readonly StockLocation[], engineerId: string | null | undefined): Source[] {
  const rank = ({ place }: Source) => (place.kind === 'van' ? (engineerId != null && place.engineer_id === engineerId ? 0 : 2) : 1);
  const known = new Map(places.filter((place) => place.active).map((place) => [place.id, place]));
  return balances
    .flatMap((balance) => {
      const place = known.get(balance.location_id);
      return place && balance.available > 0 ? [{ place, available: balance.available }] : [];
    })
    .sort((a, b) => rank(a) - rank(b) || b.available - a.available || a.place.code.localeCompare(b.place.code));
}
