/** The pick board: who leaves first comes first, and with him all that is to be picked for his van. */
import type { Part, Reservation } from '$shared/api/types';

const LAST = Number.MAX_SAFE_INTEGER;

export interface Van {
  /** The engineer's id; empty where nobody is named yet. */
  key: string;
  code: string;
  /** When he is expected at the first of the visits that need parts; null if none has a time. */
  leavesAt: number | null;
  held: Reservation[];
  picked: Reservation[];
}

export function vans(reservations: readonly Reservation[]): Van[] {
  const found = new Map<string, Van>();
  for (const r of reservations) {
    const key = r.engineer_id ?? '';
    const van = found.get(key) ?? { key, code: r.engineer_code ?? '', leavesAt: null, held: [], picked: [] };
    (r.status === 'picked' ? van.picked : van.held).push(r);
    const planned = r.planned_at ?? null;
    if (planned !== null) van.leavesAt = Math.min(planned, van.leavesAt ?? LAST);
    found.set(key, van);
  }
  for (const van of found.values()) {
    van.held.sort(onTheWay);
    van.picked.sort(onTheWay);
  }
  // Without an engineer nothing can be handed over: it waits at the end.
  return [...found.values()].sort((a, b) => Number(a.key === '') - Number(b.key === '') || (a.leavesAt ?? LAST) - (b.leavesAt ?? LAST) || soonest(a) - soonest(b) || a.code.localeCompare(b.code));
}

/** Where no time is known, what is given up first is picked first. */
const soonest = (van: Van): number => Math.min(LAST, ...van.held.map((r) => r.expires_at ?? LAST));
/** From shelf to shelf, so that nobody walks twice. */
const onTheWay = (a: Reservation, b: Reservation): number =>
  a.location_code.localeCompare(b.location_code) || a.part_number.localeCompare(b.part_number) || a.ticket_number - b.ticket_number;

export interface Shortage {
  reservation: Reservation;
  /** Where some of it is free after all, by place. */
  elsewhere: { location_id: string; available: number }[];
}

/** What tickets wait for, the nearest promise first, with where it could still be had. */
export function shortagesOf(wanted: readonly Reservation[], balances: readonly { part_id: string; location_id: string; available: number }[]): Shortage[] {
  return wanted
    .map((reservation) => ({ reservation, elsewhere: balances.filter((one) => one.part_id === reservation.part_id && one.available > 0).sort((a, b) => b.available - a.available) }))
    .sort((a, b) => a.reservation.due_at - b.reservation.due_at || a.reservation.ticket_number - b.reservation.ticket_number);
}

/** Pieces are counted one by one; oil is not. */
export const isCounted = (part: Pick<Part, 'decimals'> | undefined): boolean => (part?.decimals ?? 0) === 0;
