import '../../test/globals';
import { afterEach, describe, expect, it } from 'vitest';
import type { Round, RoundOutcome } from '$shared/api/types';
import { locale } from '$shared/i18n/text';
import { bars, changesText, gainMinutes, hasPlan, lineText, outcomeText, outcomeTitle, outcomeTone, overdueMs } from './rounds';

const MINUTE = 60_000;
/** Noon, in whatever zone the tests run. */
const NOON = new Date(2026, 10, 23, 12).getTime();
const round = (over: Partial<Round> = {}): Round =>
  ({ at: NOON, outcome: 'published', tickets: 41, engineers: 15, left_out: 0, cost_in_force: 6_000, cost: 3_540, moved: 2, given_out: 1, retimed: 4, ...over });
const outcomes: RoundOutcome[] = ['nothing_to_do', 'kept', 'published', 'refused', 'faulty', 'failed', 'elsewhere'];
afterEach(() => locale.set('en'));

describe('what became of a round', () => {
  it.each(outcomes)('%s is told and explained in both languages', (outcome) => {
    const en = [outcomeTitle(outcome), outcomeText(outcome)];
    locale.set('zh-CN');
    const zh = [outcomeTitle(outcome), outcomeText(outcome)];
    expect(zh.every((word, i) => /[\u4e00-\u9fff]/.test(word) && word !== en[i])).toBe(true);
  });

  it('is alarming only where something is wrong with the program', () => {
    expect(outcomes.filter((outcome) => outcomeTone(outcome) === 'late')).toEqual(['faulty', 'failed']);
  });

  it('has figures only where a plan was made', () => {
    expect(outcomes.filter((outcome) => hasPlan(round({ outcome })))).toEqual(['kept', 'published', 'refused', 'faulty']);
  });

  it('that only a newer server knows is shown as it is', () => {
    const odd = 'postponed' as RoundOutcome;
    expect([outcomeTitle(odd), outcomeText(odd), outcomeTone(odd)]).toEqual(['postponed', '', '']);
  });
});

describe('what a round changed', () => {
  it.each<[Partial<Round>, string, string]>([
    [{}, 'moved to somebody else: 2, given out: 1, planned times corrected: 4', '改派 2 单、新派 1 单、更正 4 个计划时间'],
    [{ moved: 0, given_out: 0 }, 'planned times corrected: 4', '更正 4 个计划时间'],
    [{ moved: 0, given_out: 0, retimed: 0 }, 'nothing', '无'],
  ])('%j is counted', (over, en, zh) => {
    expect(changesText(round(over))).toBe(en);
    locale.set('zh-CN');
    expect(changesText(round(over))).toBe(zh);
  });
});

describe('what it gained', () => {
  it.each<[number | null, number, number | null]>([
    [6_000, 3_540, 41], [6_000, 6_000, 0], [null, 3_540, null],
    // Never worse: what was in force is kept then. And it agrees with the two figures in whole minutes.
    [3_540, 6_000, 0], [28_258, 28_190, 1], [28_258, 28_241, 0],
  ])('from %s to %s seconds it is %s minutes', (cost_in_force, cost, minutes) => {
    expect(gainMinutes(round({ cost_in_force, cost }))).toBe(minutes);
  });

  it('is drawn to the longer of both', () => {
    expect(bars(round({ cost_in_force: 4_000, cost: 1_000 }))).toEqual({ before: 100, after: 25 });
    expect(bars(round({ cost_in_force: 1_000, cost: 4_000 }))).toEqual({ before: 25, after: 100 });
    expect(bars(round({ cost_in_force: 0, cost: 0 }))).toEqual({ before: 0, after: 0 });
  });
});

describe('a planner that has stopped', () => {
  it.each<[number, number, number | null]>([
    [2 * MINUTE, 1, null], [4 * MINUTE, 1, 4 * MINUTE],
    // A demo’s clock runs faster than the planner.
    [40 * MINUTE, 20, null], [80 * MINUTE, 20, 4 * MINUTE],
    [60 * MINUTE, 0, null],
  ])('after %s ms at %s times the speed is noticed: %s', (age, speed, overdue) => {
    expect(overdueMs(round(), NOON + age, speed)).toBe(overdue);
  });
});

describe('the line below the queue', () => {
  it.each<[Partial<Round>, string]>([
    [{ moved: 1, given_out: 0, retimed: 0 }, 'Plan 12:00: moved to somebody else: 1'], [{ outcome: 'kept', moved: 0, given_out: 0 }, 'Plan 12:00: planned times corrected: 4'],
    [{ outcome: 'kept', moved: 0, given_out: 0, retimed: 0 }, 'Plan 12:00: Nobody moved'], [{ outcome: 'refused', moved: 0, given_out: 0, retimed: 0 }, 'Plan 12:00: Not published'],
  ])('of %j is short', (over, text) => {
    expect(lineText(round(over))).toBe(text);
  });
});
