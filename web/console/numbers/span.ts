/** Times that people ask numbers for, in the reader's own days, and how they are told in the address. */

export const SPANS = ['today', 'week', 'month', 'quarter', 'year'] as const;
export type Span = (typeof SPANS)[number];
export const STEPS = ['day', 'week', 'month'] as const;
export type Step = (typeof STEPS)[number];
/** Whole days up to and with today. */
const DAYS: Record<Span, number> = { today: 1, week: 7, month: 30, quarter: 90, year: 365 };
/** The step that makes a trend of some seven to thirty points. */
const USUAL: Record<Span, Step> = { today: 'day', week: 'day', month: 'day', quarter: 'week', year: 'month' };
export const FILTERS = ['kind', 'priority', 'channel', 'symptom', 'engineer_id'] as const;
export type Filter = (typeof FILTERS)[number];

export interface Asked {
  span: Span;
  step: Step;
  filters: Partial<Record<Filter, string>>;
  figure: string | null;
}

/** From midnight so many days ago until the next one: days of 23 and of 25 hours are days. */
export function bounds(span: Span, now: number): { from: number; until: number } {
  const midnight = (days: number): number => {
    const day = new Date(now);
    day.setHours(0, 0, 0, 0);
    day.setDate(day.getDate() + days);
    return day.getTime();
  };
  return { from: midnight(1 - DAYS[span]), until: midnight(1) };
}

const one = <T extends string>(list: readonly T[], text: string | null): T | undefined => list.find((known) => known === text);

export function asked(query: URLSearchParams): Asked {
  const span = one(SPANS, query.get('span')) ?? 'week';
  const filters: Asked['filters'] = {};
  for (const name of FILTERS) {
    const value = query.get(name);
    if (value !== null) filters[name] = value;
  }
  return { span, step: one(STEPS, query.get('step')) ?? USUAL[span], filters, figure: query.get('figure') };
}

/** The address with something changed; `null` takes it out. */
export function changed(query: URLSearchParams, change: Record<string, string | null>): URLSearchParams {
  const next = new URLSearchParams(query);
  for (const [name, value] of Object.entries(change)) {
    if (value === null) next.delete(name);
    else next.set(name, value);
  }
  return next;
}
