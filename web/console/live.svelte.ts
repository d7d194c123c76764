/**
 * The console's model: tickets and engineers, read once and kept true by the stream. Rows live in plain maps;
 * one version number per map is the only reactive thing, raised once a frame however many changes came.
 */
import { api, all, ask } from '$shared/api/client';
import { Problem } from '$shared/api/problem';
import type { Engineer, Presence, Reservation, Ticket } from '$shared/api/types';
import { clock } from '$shared/clock.svelte';
import { Feed, nextFrame, openStream, paced, type Batch, type FeedState } from '$shared/stream/feed';
import { StreamStore, type Change } from '$shared/stream/store';

/** What is open, in lists that are read beside each other: a page of a list names the next, so one list alone is a long walk. */
const OPEN = ['new', 'assigned', 'accepted,travelling,on_site,working', 'waiting,completed'];
const PAGE = 200;
const ENGINEER_RELOAD_MS = 3_000;

const store = new StreamStore();
const stale = new Set<string>();
/** A row of the log lacks what the API joins to it (address, reasons); such a ticket is asked for again. */
const tickets = store.table<Ticket>('tickets', (before, row) => {
  const after = { ...before, ...row } as Ticket;
  if (typeof after.address !== 'string' || !Array.isArray(after.queue_reasons) || !Array.isArray(after.required_skills)) {
    stale.add(String(row['id']));
    return before;
  }
  if (!('queue_reasons' in row)) stale.add(after.id);
  return after;
});
const engineers = store.table<Engineer>('engineers', (before, row) => (before ? ({ ...before, ...row, certificates: before.certificates, position: before.position, in_hand: before.in_hand, shift: before.shift } as Engineer) : undefined));

/** What tickets wait for: promises of parts that nobody has yet. Of all other reservations nothing is kept. */
type Wanted = Pick<Reservation, 'ticket_id' | 'status'>;
const promises = store.table<Wanted>('reservations', (before, row) => (before || row['status'] === 'wanted' ? (row as unknown as Wanted) : undefined));

let ticketVersion = $state(0);
let engineerVersion = $state(0);
/** Raised only when people are read anew: positions change ten times a second, names do not. */
let peopleVersion = $state(0);
let connection = $state<FeedState>('connecting');
let loaded = $state(false);
let failure = $state<unknown>(null);
let touched = $state<Record<string, number>>({});
let lostAt = $state(0);
let presences = $state.raw<Presence[]>([]);
let feed: Feed | null = null;
let reloadPlanned = false;
/** Tickets that are being asked for by their ids, and those that are not there. */
const needed = new Set<string>();
const listeners = new Set<(change: Change) => void>();

export const live = {
  get tickets(): Map<string, Ticket> {
    void ticketVersion;
    return tickets;
  },
  get engineers(): Map<string, Engineer> {
    void engineerVersion;
    return engineers;
  },
  /** The same without their positions, which change ten times a second: for what shows names, loads and certificates. */
  get people(): Map<string, Engineer> {
    void peopleVersion;
    return engineers;
  },
  /** Tickets that wait for a part. */
  get waitingForParts(): Set<string> {
    void ticketVersion;
    return new Set([...promises.values()].flatMap((one) => (one.status === 'wanted' ? [one.ticket_id] : [])));
  },
  get connection(): FeedState {
    return connection;
  },
  /** Which pages show which tickets, this one too. */
  get presences(): Presence[] {
    return presences;
  },
  get lostAt(): number {
    return lostAt;
  },
  get loaded(): boolean {
    return loaded;
  },
  get failure(): unknown {
    return failure;
  },
  /** How often the given ticket changed since the page was opened: a drawer reloads its parts when this rises. */
  touched: (id: string): number => touched[id] ?? 0,
  engineerName: (id: string): string => {
    void peopleVersion;
    return engineers.get(id)?.name ?? '';
  },
  /** An answer of the server to our own request is the newest truth; it need not wait for the stream. */
  put(ticket: Ticket): void {
    tickets.set(ticket.id, ticket);
    ticketVersion += 1;
  },
  /** Reads a ticket that a link points at, closed ones as well. What is not there is not asked for again. */
  async need(id: string): Promise<void> {
    if (!loaded || live.tickets.has(id) || needed.has(id)) return;
    needed.add(id);
    try {
      live.put(await ask(api.GET('/api/v1/tickets/{id}', { params: { path: { id } } })));
      needed.delete(id);
    } catch (problem) {
      if (!(problem instanceof Problem) || problem.status !== 404) needed.delete(id);
    }
  },
  onChange(listener: (change: Change) => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  start(): void {
    if (feed) return;
    feed = new Feed({
      open: openStream,
      schedule: paced(nextFrame),
      wait: (run, ms) => setTimeout(run, ms),
      onState: (state) => {
        if (state === 'lost' && connection !== 'lost') lostAt = Date.now();
        connection = state;
      },
      onHello: (hello, stale) => {
        clock.set(hello.now_at, hello.speed);
        // The stream tells of who comes and goes from now on.
        void ask(api.GET('/api/v1/presence')).then((now) => (presences = now.items), () => undefined);
        if (!stale) return;
        store.reset(hello.cursor);
        void reload();
      },
      onBatch: take,
      onPresence: (items) => (presences = items),
    });
    feed.start();
  },
  reload,
};

async function reload(): Promise<void> {
  failure = null;
  needed.clear();
  store.beginReading();
  try {
    const [people, open, wanted] = await Promise.all([
      all<Engineer>((after) => api.GET('/api/v1/engineers', { params: { query: { limit: PAGE, ...(after ? { after } : {}) } } })),
      Promise.all(OPEN.map((status) => all<Ticket>((after) => api.GET('/api/v1/tickets', { params: { query: { status, limit: PAGE, ...(after ? { after } : {}) } } })))),
      // Without it the queue lacks a lane, not its tickets.
      all<Reservation>((after) => api.GET('/api/v1/reservations', { params: { query: { status: 'wanted', limit: PAGE, ...(after ? { after } : {}) } } })).catch(() => []),
    ]);
    store.load('engineers', people, (row) => row.id);
    store.load('tickets', open.flat(), (row) => row.id);
    store.load('reservations', wanted, (row) => row.id);
    store.endReading();
    ticketVersion += 1;
    engineerVersion += 1;
    peopleVersion += 1;
    loaded = true;
  } catch (problem) {
    failure = problem;
  }
}

function take(batch: Batch): void {
  let people = false;
  for (const change of store.apply(batch.changes)) {
    const ticketId = change.entity === 'tickets' ? change.row_id : change.row?.['ticket_id'];
    if (typeof ticketId === 'string') touched[ticketId] = (touched[ticketId] ?? 0) + 1;
    people ||= ['engineers', 'assignments', 'ticket_events', 'shifts', 'absences', 'skill_certificates'].includes(change.entity);
    for (const listener of listeners) listener(change);
  }
  for (const position of batch.positions) {
    const engineer = engineers.get(position.engineer_id);
    if (engineer && (engineer.position?.at ?? 0) <= position.at) {
      engineers.set(engineer.id, { ...engineer, position: { latitude: position.latitude, longitude: position.longitude, at: position.at } });
    }
  }
  if (batch.changes.length > 0) ticketVersion += 1;
  if (batch.positions.length > 0) engineerVersion += 1;
  if (people) planEngineers();
  if (stale.size > 0) void refetch();
}

async function refetch(): Promise<void> {
  const ids = [...stale];
  stale.clear();
  for (const id of ids) {
    const ticket = await ask(api.GET('/api/v1/tickets/{id}', { params: { path: { id } } })).catch(() => null);
    if (ticket) live.put(ticket);
  }
}

/** Load and shift of engineers are sums over other tables: read again, but not for each change. */
function planEngineers(): void {
  if (reloadPlanned) return;
  reloadPlanned = true;
  setTimeout(async () => {
    reloadPlanned = false;
    const people = await all<Engineer>((after) => api.GET('/api/v1/engineers', { params: { query: { limit: PAGE, ...(after ? { after } : {}) } } })).catch(() => null);
    if (!people) return;
    store.load('engineers', people, (row) => row.id);
    engineerVersion += 1;
    peopleVersion += 1;
  }, ENGINEER_RELOAD_MS);
}
