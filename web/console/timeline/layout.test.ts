import { describe, expect, it } from 'vitest';
import type { Timeline, TimelineStop } from '$shared/api/types';
import { dayOf, daysOf, isFree, isLate, isOnShift, isWeek, overtimeOf, paperDay, piecesOf, scrollFor, span, standingOf, ticks, timeAt, weekOf, widthOf, xOf, type View } from './layout';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const view: View = { from: 0, until: 24 * HOUR, scale: 1 };
const stop = (over: Partial<TimelineStop> = {}): TimelineStop => ({
  ticket_id: 't1', number: 1042, phase: 'ahead', leaves_at: 9 * HOUR, arrives_at: 9 * HOUR + 20 * MINUTE, starts_at: 9 * HOUR + 20 * MINUTE, ends_at: 10 * HOUR, late_minutes: 0, late_percent: 0, ...over,
});
const timeline = (over: Partial<Timeline> = {}): Timeline => ({
  engineer_id: 'e1', shifts: [{ starts_at: 8 * HOUR, ends_at: 16 * HOUR }], absences: [], home_at: 10 * HOUR + 30 * MINUTE, stops: [stop()], ...over,
});
const kinds = (of: Timeline) => piecesOf(of, view).map(({ kind, left, width }) => [kind, left, width]);

describe('the clock of the timeline', () => {
  it('is a pixel a minute at scale one, and back', () => {
    expect([xOf(view, 90 * MINUTE), timeAt(view, 90), widthOf(view)]).toEqual([90, 90 * MINUTE, 1_440]);
  });

  it('cuts what reaches beyond the day, and leaves out what lies outside', () => {
    expect(span(view, -HOUR, HOUR)).toEqual({ left: 0, width: 60 });
    expect(span(view, 23 * HOUR, 30 * HOUR)).toEqual({ left: 1_380, width: 60 });
    expect([span(view, -2 * HOUR, -HOUR), span(view, HOUR, HOUR)]).toEqual([null, null]);
  });

  it.each([[0.45, 180], [1, 60], [2.25, 30], [5, 15]])('names at scale %d every %d minutes, so that no label covers the next', (scale, minutes) => {
    const [first, second] = ticks({ ...view, scale }) as [number, number];
    expect((second - first) / MINUTE).toBe(minutes);
  });

  it('keeps the instant under the eye when the zoom changes', () => {
    const wider = { ...view, scale: 2 };
    const at = timeAt(view, 300 + 100);
    expect(xOf(wider, at) - scrollFor(wider, at, 100)).toBe(100);
    expect(scrollFor(view, HOUR, 400)).toBe(0);
  });

  it('shows whole days of the reader and the night after, also across a change of the clocks', () => {
    const day = dayOf(new Date(2026, 10, 23, 15, 30).getTime(), 0);
    expect([new Date(day.from).getHours(), new Date(day.until).getDate(), new Date(day.until).getHours()]).toEqual([0, 24, 6]);
    const spring = dayOf(new Date(2026, 2, 7, 12).getTime(), 1);
    expect([new Date(spring.from).getHours(), new Date(spring.until).getHours()]).toEqual([0, 6]);
  });
});

describe('an engineer’s day', () => {
  it('is the way, the visit and the way home', () => {
    expect(kinds(timeline())).toEqual([['travel', 540, 20], ['visit', 560, 40], ['home', 600, 30]]);
  });

  it('has a wait where he is there before the window opens', () => {
    expect(kinds(timeline({ stops: [stop({ starts_at: 9.5 * HOUR })] }))).toContainEqual(['wait', 560, 10]);
  });

  it('ends with what is done, if nothing lies ahead', () => {
    const done = timeline({ home_at: null, stops: [stop({ phase: 'done' })] });
    expect(kinds(done).map(([kind]) => kind)).toEqual(['travel', 'visit']);
    expect([isFree(done), isFree(timeline()), overtimeOf(done)]).toEqual([true, false, null]);
  });

  it('has a tail from the end of the shift until he is at home', () => {
    const late = timeline({ home_at: 17 * HOUR, stops: [stop({ starts_at: 15 * HOUR, ends_at: 16.5 * HOUR })] });
    expect(overtimeOf(late)).toEqual({ from: 16 * HOUR, until: 17 * HOUR, minutes: 60 });
    expect(kinds(late).at(-1)).toEqual(['tail', 960, 60]);
    expect([isLate(late), isLate(timeline())]).toEqual([true, false]);
  });

  it('without a shift has no end to be late for', () => {
    expect(overtimeOf(timeline({ shifts: [] }))).toBeNull();
  });

  it.each([[{ late_minutes: 1 }, 'late'], [{ late_percent: 50 }, 'likely'], [{ late_percent: 49 }, 'fine'], [{}, 'fine']] as const)('with a stop of %j stands %s', (over, standing) => {
    expect(standingOf(stop(over))).toBe(standing);
  });

  it('counts as late for what lies ahead, not for what was late', () => {
    expect(isLate(timeline({ stops: [stop({ phase: 'done', late_minutes: 9 })] }))).toBe(false);
    expect(isLate(timeline({ stops: [stop({ late_percent: 80 })] }))).toBe(true);
  });

  it('is on shift within a shift, unless he is away', () => {
    const away = timeline({ absences: [{ starts_at: 12 * HOUR, ends_at: 13 * HOUR }] });
    expect([7, 8, 12.5, 13, 16].map((hour) => isOnShift(away, hour * HOUR))).toEqual([false, true, false, true, false]);
  });
});

describe('a week', () => {
  it('goes from Monday to Monday by the reader’s calendar', () => {
    const sunday = new Date(2026, 10, 22, 15).getTime();
    const week = weekOf(sunday, 0);
    expect([new Date(week.from).getDay(), new Date(week.from).getDate(), new Date(week.until).getDate()]).toEqual([1, 16, 23]);
    expect(weekOf(sunday, 1).from).toBe(week.until);
    expect([isWeek(week), isWeek(dayOf(sunday, 0))]).toEqual([true, false]);
  });

  it('names its days, and their noons where there is room', () => {
    const week = weekOf(new Date(2026, 10, 23).getTime(), 0);
    expect(daysOf(week)).toHaveLength(7);
    expect([ticks({ ...week, scale: 0.08 }).length, ticks({ ...week, scale: 0.3 }).length]).toEqual([7, 14]);
  });

  it('goes on paper as today, or as its first day where today is not in it; a day as itself', () => {
    const sunday = new Date(2026, 10, 22, 3).getTime();
    expect([paperDay(weekOf(sunday, 0), sunday), paperDay(weekOf(sunday, 1), sunday)]).toEqual(['2026-11-22', '2026-11-23']);
    expect([paperDay(dayOf(sunday, 0), sunday), paperDay(dayOf(sunday, -1), sunday)]).toEqual(['2026-11-22', '2026-11-21']);
  });
});
