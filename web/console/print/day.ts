/** A day on paper: who does what when, engineer by engineer, with what he has to know at the door. */
import { api, all, ask } from '$shared/api/client';
import type { Engineer, Ticket, Timeline, TimelineStop } from '$shared/api/types';
import { dayName, dayOf } from '../timeline/layout';

const OPEN = 'new,assigned,accepted,travelling,on_site,working,waiting,completed';
const PAGE = 200;
/** Tickets that are over are read one by one: so many at once. */
const AT_ONCE = 8;

export interface Line {
  stop: TimelineStop;
  ticket: Ticket | null;
}

export interface Sheet {
  engineer: Engineer;
  timeline: Timeline;
  lines: Line[];
}

/** The midnight that a name means; of what is none, the present day. */
export function dayNamed(name: string | null, now: number): number {
  const found = /^(\d{4})-(\d\d)-(\d\d)$/.exec(name ?? '');
  const at = found ? new Date(Number(found[1]), Number(found[2]) - 1, Number(found[3])).getTime() : NaN;
  return Number.isNaN(at) || dayName(at) !== name ? new Date(now).setHours(0, 0, 0, 0) : at;
}

const collator = new Intl.Collator(undefined, { numeric: true });

/** A sheet for each who has something to do, in the order of their codes; for one engineer his alone, also if it is empty. */
export function sheetsOf(engineers: readonly Engineer[], timelines: readonly Timeline[], tickets: ReadonlyMap<string, Ticket>, only: string | null): Sheet[] {
  const known = new Map(engineers.map((engineer) => [engineer.id, engineer]));
  return timelines
    .flatMap((timeline): Sheet[] => {
      const engineer = known.get(timeline.engineer_id);
      if (!engineer || (only ? engineer.code !== only : timeline.stops.length === 0)) return [];
      const lines = [...timeline.stops].sort((a, b) => a.starts_at - b.starts_at).map((stop) => ({ stop, ticket: tickets.get(stop.ticket_id) ?? null }));
      return [{ engineer, timeline, lines }];
    })
    .sort((a, b) => collator.compare(a.engineer.code, b.engineer.code));
}

export async function readDay(day: number, only: string | null): Promise<Sheet[]> {
  const { from, until } = dayOf(day, 0);
  const page = (after: string | undefined) => ({ limit: PAGE, ...(after ? { after } : {}) });
  const [engineers, days, open] = await Promise.all([
    all<Engineer>((after) => api.GET('/api/v1/engineers', { params: { query: page(after) } })),
    ask(api.GET('/api/v1/dispatch/timelines', { params: { query: { from, until } } })),
    all<Ticket>((after) => api.GET('/api/v1/tickets', { params: { query: { status: OPEN, ...page(after) } } })),
  ]);
  const tickets = new Map(open.map((ticket) => [ticket.id, ticket]));
  const missing = days.items.flatMap((one) => one.stops).map((stop) => stop.ticket_id).filter((id) => !tickets.has(id));
  for (let i = 0; i < missing.length; i += AT_ONCE) {
    const some = missing.slice(i, i + AT_ONCE).map((id) => ask(api.GET('/api/v1/tickets/{id}', { params: { path: { id } } })));
    for (const ticket of await Promise.all(some)) tickets.set(ticket.id, ticket);
  }
  return sheetsOf(engineers, days.items, tickets, only);
}
