/**
 * What the queue shows, as pure functions: filters (kept in the URL), lanes, and one flat list of headers and
 * rows for the virtual list. Order never depends on arrival: unless the
 * reader wants another, due time first, then priority, then number.
 */
import type { Ticket, TicketStatus } from '$shared/api/types';
import { symptomLabel } from '$shared/i18n/labels';
import { locale } from '$shared/i18n/locale.svelte';
import { dueOf, nextDue } from '$shared/due';

export const LANES = ['decide', 'risk', 'parts', 'unready', 'field', 'confirm'] as const;
export type Lane = (typeof LANES)[number];
/** These are shown when there is nothing in them too: that it is so is news. */
const ALWAYS: readonly Lane[] = ['decide', 'field', 'confirm'];

export const SORTS = ['due', 'priority', 'new'] as const;
export type Sort = (typeof SORTS)[number];

export interface Filters {
  text: string;
  priorities: number[];
  late: boolean;
  engineerId: string | null;
  /** In each lane. */
  sort: Sort;
}

export type Line = { kind: 'lane'; lane: Lane; count: number } | { kind: 'ticket'; ticket: Ticket; lane: Lane };

const lanes: Record<TicketStatus, 'decide' | 'field' | 'confirm' | null> = {
  new: 'decide', assigned: 'field', accepted: 'field', travelling: 'field', on_site: 'field', working: 'field',
  waiting: 'field', completed: 'confirm', closed: null, cancelled: null,
};

export const laneOf = (ticket: Pick<Ticket, 'status'>) => lanes[ticket.status] ?? null;

/** The one lane that a ticket stands in: of what somebody has, first what threatens its promise. */
export function queueLane(ticket: Ticket, now: number, waitsForPart: boolean): Lane | null {
  const lane = laneOf(ticket);
  if (lane !== 'field') return lane;
  if (waitsForPart) return 'parts';
  if (ticket.status === 'waiting') return 'unready';
  return ['risk', 'late'].includes(dueOf(ticket, now).step) ? 'risk' : 'field';
}

export function readFilters(query: URLSearchParams): Filters {
  const priorities = (query.get('priority') ?? '').split(',').map(Number).filter((p) => p >= 1 && p <= 4);
  const sort = SORTS.find((one) => one === query.get('sort')) ?? 'due';
  return { text: query.get('q') ?? '', priorities, late: query.get('late') === '1', engineerId: query.get('engineer'), sort };
}

/** Writes the filters into a query, leaving what others keep there (the selection). */
export function writeFilters(query: URLSearchParams, filters: Filters): URLSearchParams {
  const next = new URLSearchParams(query);
  const put = (key: string, value: string | null) => (value ? next.set(key, value) : next.delete(key));
  put('q', filters.text.trim());
  put('priority', filters.priorities.join(','));
  put('late', filters.late ? '1' : null);
  put('engineer', filters.engineerId);
  put('sort', filters.sort === 'due' ? null : filters.sort);
  return next;
}

export const isFiltered = (f: Filters) => f.text.trim() !== '' || f.priorities.length > 0 || f.late || f.engineerId !== null;

const wordsOf = (text: string) => text.toLowerCase().split(/\s+/).filter(Boolean);

/** What of a ticket is searched, the engineer's name apart: a row is replaced when it changes, and thousands are searched ten times a second. */
const searched = new WeakMap<Ticket, { language: string; text: string }>();
function textOf(ticket: Ticket): string {
  const known = searched.get(ticket);
  if (known?.language === locale.current) return known.text;
  const text = [ticket.number, ticket.title, ticket.symptom, symptomLabel(ticket.symptom), ticket.address].join(' ').toLowerCase();
  searched.set(ticket, { language: locale.current, text });
  return text;
}

export function matches(ticket: Ticket, filters: Filters, now: number, engineerName: (id: string) => string, words: readonly string[] = wordsOf(filters.text)): boolean {
  if (filters.priorities.length > 0 && !filters.priorities.includes(ticket.priority)) return false;
  if (filters.engineerId && ticket.engineer_id !== filters.engineerId) return false;
  if (filters.late && !['risk', 'late'].includes(dueOf(ticket, now).step)) return false;
  return words.every((word) => textOf(ticket).includes(word) || (ticket.engineer_id ? engineerName(ticket.engineer_id).toLowerCase().includes(word) : false));
}

/** By when the next promise is due; what has none comes last, so that it is never mistaken for the most pressing. */
export function byDue(a: Ticket, b: Ticket): number {
  return (nextDue(a).at ?? Infinity) - (nextDue(b).at ?? Infinity) || a.priority - b.priority || a.number - b.number;
}

const orders: Record<Sort, (a: Ticket, b: Ticket) => number> = {
  due: byDue, priority: (a, b) => a.priority - b.priority || byDue(a, b), new: (a, b) => b.number - a.number,
};

export function lines(tickets: Iterable<Ticket>, filters: Filters, now: number, engineerName: (id: string) => string, waiting: ReadonlySet<string> = new Set()): Line[] {
  const byLane: Record<Lane, Ticket[]> = { decide: [], risk: [], parts: [], unready: [], field: [], confirm: [] };
  const words = wordsOf(filters.text);
  for (const ticket of tickets) {
    if (!matches(ticket, filters, now, engineerName, words)) continue;
    const lane = queueLane(ticket, now, waiting.has(ticket.id));
    if (lane) byLane[lane].push(ticket);
  }
  const shown = LANES.filter((lane) => ALWAYS.includes(lane) || byLane[lane].length > 0);
  return shown.flatMap((lane): Line[] => [
    { kind: 'lane', lane, count: byLane[lane].length },
    ...byLane[lane].sort(orders[filters.sort]).map((ticket): Line => ({ kind: 'ticket', ticket, lane })),
  ]);
}

/** The neighbour of the selection among the ticket rows; without one, the first or the last. */
export function step(list: readonly Line[], selected: string | null, by: 1 | -1): string | null {
  const ids = list.flatMap((line) => (line.kind === 'ticket' ? [line.ticket.id] : []));
  if (ids.length === 0) return null;
  const at = selected === null ? -1 : ids.indexOf(selected);
  if (at < 0) return (by === 1 ? ids[0] : ids.at(-1)) ?? null;
  return ids[Math.min(ids.length - 1, Math.max(0, at + by))] ?? null;
}

/** What stands still for want of something: the dispatcher goes through it once a shift. */
const NOT_READY: readonly Lane[] = ['parts', 'unready'];

/** The next ticket after the selection that is not ready, and after the last one the first again. */
export function nextUnready(list: readonly Line[], selected: string | null): string | null {
  const ids = list.flatMap((line) => (line.kind === 'ticket' && NOT_READY.includes(line.lane) ? [line.ticket.id] : []));
  return ids[(ids.indexOf(selected ?? '') + 1) % ids.length] ?? null;
}
