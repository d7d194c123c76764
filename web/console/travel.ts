/** By which travel times something was decided, and when somebody could begin by them, in words. */
import type { Candidate, TravelBasis } from '$shared/api/types';
import { dayTime, m, number, time } from '$shared/i18n/text';

const reasons: Record<string, () => string> = {
  no_engine: m.travel_no_engine, engine_down: m.travel_engine_down, not_known: m.travel_not_known, too_many_places: m.travel_too_many_places,
};

export function travelText(basis: TravelBasis): string {
  const times = {
    roads: () => m.travel_roads(),
    partly_roads: () => m.travel_partly({ roads: number(basis.by_road), asked: number(basis.asked) }),
    straight_line: () => m.travel_straight(),
  }[basis.times]();
  const why = basis.why ? (reasons[basis.why]?.() ?? basis.why) : '';
  return [times, basis.calibrated ? m.travel_calibrated() : '', why].filter(Boolean).join(m.clause_join());
}

/** Whether road times were wanted and are not there: what is decided now is worse than usual. */
export const fellBack = (basis: TravelBasis): boolean => basis.why === 'engine_down';

const sameDay = (a: number, b: number): boolean => new Date(a).toDateString() === new Date(b).toDateString();

/** "14:05–14:25"; the day as well where it is not today. */
export function rangeText(from: number, until: number): string {
  if (time(from) === time(until) && sameDay(from, until)) return dayTime(from);
  return `${dayTime(from)}–${sameDay(from, until) ? time(until) : dayTime(until)}`;
}

export interface Start {
  at: string;
  /** Four of five journeys; empty where nobody knows. */
  range: string;
}

/** When he could begin; null in answers of older servers. */
export function startOf({ starts_at, starts_from, starts_until }: Pick<Candidate, 'starts_at' | 'starts_from' | 'starts_until'>): Start | null {
  if (starts_at == null) return null;
  const range = starts_from != null && starts_until != null ? rangeText(starts_from, starts_until) : '';
  return { at: dayTime(starts_at), range };
}
