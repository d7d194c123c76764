/** The pick board's order: by place, then what is already picked (it blocks the counter), then what expires first. */
import type { Reservation } from '$shared/api/types';

export interface Shelf {
  key: string;
  code: string;
  lines: Reservation[];
}

export function shelves(reservations: readonly Reservation[]): Shelf[] {
  const found = new Map<string, Shelf>();
  for (const r of reservations) {
    const key = r.location_id;
    const shelf = found.get(key) ?? { key, code: r.location_code, lines: [] };
    shelf.lines.push(r);
    found.set(key, shelf);
  }
  for (const shelf of found.values()) {
    shelf.lines.sort((a, b) => Number(b.status === 'picked') - Number(a.status === 'picked') || (a.expires_at ?? Infinity) - (b.expires_at ?? Infinity) || a.ticket_number - b.ticket_number);
  }
  return [...found.values()].sort((a, b) => a.code.localeCompare(b.code));
}

/** The one thing to do next with a reservation. */
export const nextAct = (status: Reservation['status']): 'pick' | 'issue' | null => (status === 'held' ? 'pick' : status === 'picked' ? 'issue' : null);
