/**
 * Which engineers the timeline shows, and how one goes about in it with the keyboard: up and down between rows, left and
 * right between what is in one. The order is that of their codes and never that of the data: a row stays where it is.
 */
import type { Engineer, Timeline } from '$shared/api/types';
import { isFree, isLate, isOnShift } from './layout';

export const ROW_FILTERS = ['shift', 'late', 'free'] as const;
export type RowFilter = (typeof ROW_FILTERS)[number];

export interface RowData {
  engineer: Engineer;
  timeline: Timeline;
}

export function readRowFilters(query: URLSearchParams): RowFilter[] {
  const wanted = (query.get('rows') ?? '').split(',');
  return ROW_FILTERS.filter((filter) => wanted.includes(filter));
}

export function writeRowFilters(query: URLSearchParams, filters: readonly RowFilter[]): URLSearchParams {
  const next = new URLSearchParams(query);
  if (filters.length > 0) next.set('rows', ROW_FILTERS.filter((filter) => filters.includes(filter)).join(','));
  else next.delete('rows');
  return next;
}

/** The codes of those who stay on top. */
export const readPins = (query: URLSearchParams): string[] => (query.get('pin') ?? '').split(',').filter(Boolean);

export function togglePin(query: URLSearchParams, code: string): URLSearchParams {
  const next = new URLSearchParams(query);
  const pins = readPins(query);
  const left = pins.includes(code) ? pins.filter((one) => one !== code) : [...pins, code];
  if (left.length > 0) next.set('pin', left.join(','));
  else next.delete('pin');
  return next;
}

const tests: Record<RowFilter, (timeline: Timeline, now: number) => boolean> = { shift: isOnShift, late: isLate, free: isFree };
export const passes = (timeline: Timeline, filters: readonly RowFilter[], now: number): boolean => filters.every((filter) => tests[filter](timeline, now));

const collator = new Intl.Collator(undefined, { numeric: true });
const byCode = (a: RowData, b: RowData) => collator.compare(a.engineer.code, b.engineer.code);

export function rowsOf(engineers: Map<string, Engineer>, timelines: Map<string, Timeline>, filters: readonly RowFilter[], now: number, keep: string | null, pins: readonly string[] = []): RowData[] {
  const rows: RowData[] = [];
  for (const timeline of timelines.values()) {
    const engineer = engineers.get(timeline.engineer_id);
    // Whoever is chosen or pinned stays, whatever the filters: a row must not go while one works on it.
    if (engineer?.active && (timeline.engineer_id === keep || pins.includes(engineer.code) || passes(timeline, filters, now))) rows.push({ engineer, timeline });
  }
  const isPinned = (row: RowData) => Number(pins.includes(row.engineer.code));
  return rows.sort((a, b) => isPinned(b) - isPinned(a) || byCode(a, b));
}

/** Where the keyboard is: a row, and a stop of it; -1 is the engineer himself. */
export interface Spot {
  engineerId: string;
  stop: number;
}

export function moveSpot(rows: readonly RowData[], spot: Spot | null, key: string, page: number): Spot | null {
  const first = rows[0];
  if (!first) return null;
  const at = rows.findIndex((row) => row.engineer.id === spot?.engineerId);
  if (!spot || at < 0) return { engineerId: first.engineer.id, stop: -1 };
  const row = (index: number): Spot => {
    const to = rows[Math.max(0, Math.min(rows.length - 1, index))] ?? first;
    return { engineerId: to.engineer.id, stop: Math.min(spot.stop, to.timeline.stops.length - 1) };
  };
  const count = rows[at]?.timeline.stops.length ?? 0;
  const moves: Record<string, () => Spot> = {
    ArrowDown: () => row(at + 1), ArrowUp: () => row(at - 1), PageDown: () => row(at + page), PageUp: () => row(at - page),
    Home: () => row(0), End: () => row(rows.length - 1),
    ArrowRight: () => ({ ...spot, stop: Math.min(count - 1, spot.stop + 1) }), ArrowLeft: () => ({ ...spot, stop: Math.max(-1, spot.stop - 1) }),
  };
  return moves[key]?.() ?? spot;
}

/** Who has the ticket in his day, and where. */
export function spotOf(rows: readonly RowData[], ticketId: string): Spot | null {
  for (const { engineer, timeline } of rows) {
    const stop = timeline.stops.findIndex((one) => one.ticket_id === ticketId);
    if (stop >= 0) return { engineerId: engineer.id, stop };
  }
  return null;
}
