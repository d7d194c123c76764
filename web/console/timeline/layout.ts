/**
 * Where things are on the timeline, as pure functions: a day is so many pixels a minute, an engineer's day is a row of
 * pieces. Nothing is measured in the page, so nothing moves when rows come and go.
 */
import type { Timeline, TimelineStop } from '$shared/api/types';

const MINUTE = 60_000;
export const ROW_PX = 44;
/** Left of the rows: who, how busy, with what. */
export const HEAD_PX = 208;
export const AXIS_PX = 26;
/** Pixels a minute: from a whole day at one glance to a quarter of an hour as wide as a word. */
export const ZOOMS = [0.45, 0.7, 1, 1.5, 2.25, 3.5, 5] as const;
export const USUAL_ZOOM = 4;
/** The same for a week: from all of it at one glance to a day as wide as the page. */
export const WEEK_ZOOMS = [0.08, 0.12, 0.18, 0.3, 0.5, 0.8] as const;
export const USUAL_WEEK_ZOOM = 1;
/** From here on it is likelier than not that a stop begins late. */
export const LIKELY_PERCENT = 50;

export interface View {
  from: number;
  until: number;
  /** Pixels a minute. */
  scale: number;
}

export type PieceKind = 'travel' | 'wait' | 'visit' | 'home' | 'tail';

export interface Piece {
  kind: PieceKind;
  left: number;
  width: number;
  /** Missing for the way home and what is beyond the shift. */
  stop?: TimelineStop;
}

export const widthOf = (view: View): number => ((view.until - view.from) / MINUTE) * view.scale;
export const xOf = (view: View, at: number): number => ((at - view.from) / MINUTE) * view.scale;
export const timeAt = (view: View, x: number): number => view.from + (x / view.scale) * MINUTE;

/** From one instant to another, cut off at the ends of the day; null if nothing of it lies within. */
export function span(view: View, from: number, until: number): { left: number; width: number } | null {
  const [a, b] = [Math.max(from, view.from), Math.min(until, view.until)];
  return b > a ? { left: xOf(view, a), width: xOf(view, b) - xOf(view, a) } : null;
}

/** An engineer's day: for each stop the way, the wait and the visit; then the way home, and what is beyond the shift. */
export function piecesOf(timeline: Timeline, view: View): Piece[] {
  const pieces: Piece[] = [];
  const put = (kind: PieceKind, from: number, until: number, stop?: TimelineStop) => {
    const at = span(view, from, until);
    if (at) pieces.push({ kind, ...at, ...(stop ? { stop } : {}) });
  };
  for (const stop of timeline.stops) {
    const arrives = stop.arrives_at ?? stop.starts_at;
    if (stop.leaves_at != null) put('travel', stop.leaves_at, arrives, stop);
    put('wait', arrives, stop.starts_at, stop);
    put('visit', stop.starts_at, stop.ends_at, stop);
  }
  const last = timeline.stops.findLast((stop) => stop.phase === 'ahead' || stop.phase === 'present');
  if (last && timeline.home_at != null) put('home', last.ends_at, timeline.home_at);
  const over = overtimeOf(timeline);
  if (over) put('tail', over.from, over.until);
  return pieces;
}

/** From the end of the shift until he is at home, if that is later. */
export function overtimeOf(timeline: Timeline): { from: number; until: number; minutes: number } | null {
  const last = timeline.stops.findLast((stop) => stop.phase === 'ahead' || stop.phase === 'present');
  if (!last || timeline.home_at == null) return null;
  const shift = timeline.shifts.findLast((one) => one.starts_at <= last.starts_at);
  if (!shift || shift.ends_at >= timeline.home_at) return null;
  return { from: shift.ends_at, until: timeline.home_at, minutes: Math.ceil((timeline.home_at - shift.ends_at) / MINUTE) };
}

/** Late, likely late, or in time: what is done has its verdict, what lies ahead a guess. */
export type Standing = 'late' | 'likely' | 'fine';
export function standingOf(stop: TimelineStop): Standing {
  if (stop.late_minutes > 0) return 'late';
  return stop.late_percent >= LIKELY_PERCENT ? 'likely' : 'fine';
}

/** Whether anything that he still has to do is late. */
export const isLate = (timeline: Timeline): boolean =>
  overtimeOf(timeline) !== null || timeline.stops.some((stop) => stop.phase !== 'done' && standingOf(stop) !== 'fine');
export const isOnShift = (timeline: Timeline, now: number): boolean =>
  timeline.shifts.some((one) => one.starts_at <= now && now < one.ends_at) && !timeline.absences.some((one) => one.starts_at <= now && now < one.ends_at);
export const isFree = (timeline: Timeline): boolean => timeline.stops.every((stop) => stop.phase === 'done');

/** The hours (or parts of one) that the axis names, never closer than a label is wide; in a week its days. */
export function ticks(view: View): number[] {
  const LABEL_PX = 56;
  if (isWeek(view)) return daysOf(view).flatMap((day) => (720 * view.scale >= 2 * LABEL_PX ? [day, noonOf(day)] : [day]));
  const steps = [15, 30, 60, 120, 180, 360];
  const step = (steps.find((minutes) => minutes * view.scale >= LABEL_PX) ?? 360) * MINUTE;
  const found: number[] = [];
  for (let at = view.from; at < view.until; at += step) found.push(at);
  return found;
}

const DAY_MINUTES = 1_440;
/** Longer than a day with what comes after its midnight. */
export const isWeek = (view: Pick<View, 'from' | 'until'>): boolean => view.until - view.from > 2 * DAY_MINUTES * MINUTE;
const noonOf = (day: number): number => new Date(day).setHours(12, 0, 0, 0);

/** The midnights of what is shown, by the reader's calendar: a day may have 23 hours. */
export function daysOf(view: Pick<View, 'from' | 'until'>): number[] {
  const found: number[] = [];
  const day = new Date(view.from);
  for (; day.getTime() < view.until; day.setDate(day.getDate() + 1)) found.push(day.getTime());
  return found;
}

/** Where to scroll so that an instant stays under the eye when the zoom changes. `x` is where it is in the window. */
export const scrollFor = (view: View, at: number, x: number): number => Math.max(0, xOf(view, at) - x);

/** Whoever works at midnight wants to see what comes after it. */
const AFTER_MIDNIGHT_MS = 6 * 60 * MINUTE;

/** The week, from Monday to Monday, of the reader's day so many weeks from the one of `now`. */
export function weekOf(now: number, offset: number): { from: number; until: number } {
  const from = new Date(now);
  from.setHours(0, 0, 0, 0);
  from.setDate(from.getDate() - ((from.getDay() + 6) % 7) + 7 * offset);
  const until = new Date(from);
  until.setDate(from.getDate() + 7);
  return { from: from.getTime(), until: until.getTime() };
}

/** From midnight to the morning after of the reader's day, so many days from the one of `now`. */
export function dayOf(now: number, offset: number): { from: number; until: number } {
  const day = new Date(now);
  day.setHours(0, 0, 0, 0);
  const from = new Date(day);
  from.setDate(day.getDate() + offset);
  const until = new Date(from);
  until.setDate(from.getDate() + 1);
  return { from: from.getTime(), until: until.getTime() + AFTER_MIDNIGHT_MS };
}

/** "2026-11-23" of an instant, by the reader's calendar. */
export function dayName(at: number): string {
  const day = new Date(at);
  const two = (part: number) => String(part).padStart(2, '0');
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

/** The day of what is shown that goes on paper: of a week today, if that is in it. */
export const paperDay = (shown: Pick<View, 'from' | 'until'>, now: number): string =>
  dayName(isWeek(shown) && shown.from <= now && now < shown.until ? now : shown.from);
