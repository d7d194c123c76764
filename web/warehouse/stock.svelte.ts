/** The warehouse's model: reservations, balances, parts and places. The stream only says that something moved; then they are read again. */
import { api, all } from '$shared/api/client';
import type { Part, Reservation, StockBalance, StockLocation } from '$shared/api/types';
import { clock } from '$shared/clock.svelte';
import { Feed, nextFrame, openStream } from '$shared/stream/feed';
import { vans, type Van } from './board';
import type { Person } from './scan/lookup';
import { tasks } from './tasks/tasks';
import { tray } from './tray.svelte';

const WATCHED = new Set([
  'reservations', 'stock_balances', 'stock_movements', 'stock_locations', 'stock_levels', 'stock_counts',
  'used_part_returns', 'purchase_orders', 'purchase_order_lines', 'put_backs', 'parts', 'tasks', 'tickets',
]);
const PAUSE_MS = 500;
const LIMIT = 200;

let reservations = $state.raw<Reservation[]>([]);
let balances = $state.raw<StockBalance[]>([]);
let parts = $state.raw<Map<string, Part>>(new Map());
let locations = $state.raw<Map<string, StockLocation>>(new Map());
let loaded = $state(false);
let failed = $state(false);
let lost = $state(false);
let feed: Feed | null = null;
let planned = false;
let moved = $state(0);

const page = (after: string | undefined) => ({ limit: LIMIT, ...(after ? { after } : {}) });

async function loadMoving(): Promise<void> {
  const [held, stock] = await Promise.all([
    all<Reservation>((after) => api.GET('/api/v1/reservations', { params: { query: { ...page(after), status: 'wanted,held,picked,handed_over' } } })),
    all<StockBalance>((after) => api.GET('/api/v1/stock', { params: { query: page(after) } })),
  ]);
  reservations = held;
  balances = stock;
  moved += 1;
  // Not a reason to show nothing: what could not be asked is asked with the next change.
  await Promise.all([tray.reload().catch(() => undefined), tasks.reload()]);
}

async function load(): Promise<void> {
  failed = false;
  try {
    const [catalogue, places] = await Promise.all([
      all<Part>((after) => api.GET('/api/v1/parts', { params: { query: page(after) } })),
      all<StockLocation>((after) => api.GET('/api/v1/stock-locations', { params: { query: page(after) } })),
      loadMoving(),
    ]);
    parts = new Map(catalogue.map((part) => [part.id, part]));
    locations = new Map(places.map((place) => [place.id, place]));
    loaded = true;
  } catch {
    failed = true;
  }
}

function plan(): void {
  if (planned) return;
  planned = true;
  setTimeout(() => {
    planned = false;
    void loadMoving().catch(() => undefined);
  }, PAUSE_MS);
}

export const stock = {
  /** What somebody here has to do: held or picked at a depot. Van stock is already with its engineer. */
  get open(): Reservation[] {
    return reservations.filter((r) => (r.status === 'held' || r.status === 'picked') && r.location_kind !== 'van');
  },
  get wanted(): Reservation[] {
    return reservations.filter((r) => r.status === 'wanted');
  },
  /** Handed over and not used yet: what may come back. */
  get out(): Reservation[] {
    return reservations.filter((r) => r.status === 'handed_over');
  },
  get balances(): StockBalance[] {
    return balances;
  },
  get parts(): Map<string, Part> {
    return parts;
  },
  get locations(): Map<string, StockLocation> {
    return locations;
  },
  get vans(): Van[] {
    return vans(stock.open);
  },
  /** Whose badge may be scanned: those for whom something is reserved. */
  get people(): Person[] {
    const named = reservations.flatMap((r) => (r.engineer_id && r.engineer_code ? [{ id: r.engineer_id, code: r.engineer_code, name: r.engineer_name ?? '' }] : []));
    return [...new Map(named.map((one) => [one.id, one])).values()];
  },
  /** Goes up whenever something moved: what else was read from the server is to be read again. */
  get moved(): number {
    return moved;
  },
  get loaded(): boolean {
    return loaded;
  },
  get failed(): boolean {
    return failed;
  },
  get lost(): boolean {
    return lost;
  },
  reload: load,
  reloadMoving: loadMoving,
  start(): void {
    if (feed) return;
    feed = new Feed({
      open: openStream,
      schedule: nextFrame,
      wait: (run, ms) => setTimeout(run, ms),
      onState: (state) => (lost = state === 'lost'),
      onHello: (hello) => {
        clock.set(hello.now_at, hello.speed);
        plan();
      },
      onBatch: (batch) => {
        if (batch.changes.some((change) => WATCHED.has(change.entity))) plan();
      },
    });
    feed.start();
    void load();
  },
  stop: (): void => feed?.stop(),
};
