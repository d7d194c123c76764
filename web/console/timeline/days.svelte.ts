/**
 * The timeline's part of the model: everybody's day as the server sees it, read once and then, whenever the stream tells
 * of something that moves it, only for those whom it concerns. Journeys get longer while time passes, so from time to
 * time all is read again. Rows are replaced one by one: what did not change is not drawn anew. While another day is
 * read, the rows stay as they were: where the keyboard is must not go.
 */
import { api, ask } from '$shared/api/client';
import type { Timeline } from '$shared/api/types';
import { clock } from '$shared/clock.svelte';
import type { Change } from '$shared/stream/store';
import { live } from '../live.svelte';
import { dayOf, weekOf } from './layout';

const MOVES_A_DAY = new Set(['tickets', 'assignments', 'ticket_events', 'shifts', 'absences', 'engineers']);
/** Changes come in bursts; so long they are gathered before one asks. */
const GATHER_MS = 120;
const ANEW_MS = 60_000;

const timelines = new Map<string, Timeline>();
let version = $state(0);
let offset = $state(0);
let week = $state(false);
let loaded = $state(false);
let failure = $state<unknown>(null);
let cursor = 0;
let planned: ReturnType<typeof setTimeout> | undefined;
let asking = false;
let again = false;
let readAt = 0;
/** Rises with every other day: what was asked for the day before is of no use any more. */
let round = 0;

async function read(since: number | null): Promise<void> {
  const mine = round;
  const { from, until } = (week ? weekOf : dayOf)(clock.exact(), offset);
  const page = await ask(api.GET('/api/v1/dispatch/timelines', { params: { query: { from, until, ...(since === null ? {} : { since }) } } }));
  if (mine !== round) return;
  if (page.whole) timelines.clear();
  for (const timeline of page.items) timelines.set(timeline.engineer_id, timeline);
  cursor = page.cursor;
  if (page.whole) readAt = performance.now();
  loaded = true;
  failure = null;
  if (page.whole || page.items.length > 0) version += 1;
}

async function refresh(): Promise<void> {
  if (asking) {
    again = true;
    return;
  }
  asking = true;
  try {
    await read(loaded && performance.now() - readAt < ANEW_MS ? cursor : null);
  } catch (problem) {
    failure = problem;
  } finally {
    asking = false;
  }
  if (again) {
    again = false;
    plan();
  }
}

function plan(): void {
  if (planned !== undefined) return;
  planned = setTimeout(() => {
    planned = undefined;
    void refresh();
  }, GATHER_MS);
}

const heard = (change: Change) => {
  if (MOVES_A_DAY.has(change.entity)) plan();
};

export const days = {
  get timelines(): Map<string, Timeline> {
    void version;
    return timelines;
  },
  get loaded(): boolean {
    return loaded;
  },
  get failure(): unknown {
    return failure;
  },
  /** Whether it is a week. */
  get week(): boolean {
    return week;
  },
  /** Days from today, or weeks from this one. */
  get offset(): number {
    return offset;
  },
  /** Follows the stream until the returned function is called. */
  start(): () => void {
    const stop = live.onChange(heard);
    const timer = setInterval(() => void refresh(), ANEW_MS);
    void refresh();
    return () => {
      stop();
      clearInterval(timer);
      clearTimeout(planned);
      planned = undefined;
    };
  },
  show(to: number, whole = week): void {
    if (to === offset && whole === week) return;
    [offset, week] = [to, whole];
    round += 1;
    readAt = 0;
    loaded = false;
    failure = null;
    void refresh();
  },
  reload(): void {
    readAt = 0;
    void refresh();
  },
};
