/** What the page of numbers shows: read when something else is asked for, and every minute, since time alone makes work late. */
import { api, ask } from '$shared/api/client';
import type { components } from '$shared/api/schema';
import { clock } from '$shared/clock.svelte';
import { bounds, type Asked } from './span';

export type Numbers = components['schemas']['Numbers'];
export type NumberTickets = components['schemas']['NumberTickets'];
type Query = NonNullable<import('$shared/api/schema').operations['get_numbers']['parameters']['query']>;

/** The question in the words of the API. */
export function questionOf(want: Asked, now: number): Query {
  const { priority, ...words } = want.filters;
  const narrowed = { ...words, ...(priority === undefined ? {} : { priority: Number(priority) }) };
  return { ...bounds(want.span, now), step: want.step, zone: Intl.DateTimeFormat().resolvedOptions().timeZone, ...narrowed };
}

/** The address of the file with the tickets of what is asked for. */
export function fileOf(want: Asked, now: number, format: 'csv' | 'xlsx'): string {
  const question = { ...questionOf(want, now), ...(want.figure ? { figure: want.figure } : {}) };
  const query = new URLSearchParams(Object.entries(question).map(([name, value]) => [name, String(value)]));
  return `/api/v1/numbers/tickets.${format}?${query}`;
}

let counted = $state.raw<Numbers | null>(null);
let behind = $state.raw<NumberTickets | null>(null);
let failed = $state(false);
/** Answers may overtake each other; only the last question's counts. */
let latest = 0;

export const numbers = {
  get counted(): Numbers | null {
    return counted;
  },
  /** The tickets of the figure that is opened. */
  get behind(): NumberTickets | null {
    return behind;
  },
  get failed(): boolean {
    return failed;
  },
  async read(want: Asked): Promise<void> {
    const mine = ++latest;
    const query = questionOf(want, clock.now);
    const figure = want.figure as Query['figure'];
    try {
      const [all, tickets] = await Promise.all([
        ask(api.GET('/api/v1/numbers', { params: { query } })),
        figure ? ask(api.GET('/api/v1/numbers/tickets', { params: { query: { ...query, figure } } })) : null,
      ]);
      if (mine !== latest) return;
      [counted, behind, failed] = [all, tickets, false];
    } catch {
      if (mine === latest) failed = true;
    }
  },
};
