import '../test/globals';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TravelBasis } from '$shared/api/types';
import { clock } from '$shared/clock.svelte';
import { locale } from '$shared/i18n/text';
import { fellBack, rangeText, startOf, travelText } from './travel';

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;
/** Noon, in whatever zone the tests run. */
const NOON = new Date(2026, 10, 23, 12).getTime();
const basis = (over: Partial<TravelBasis>): TravelBasis => ({ times: 'straight_line', calibrated: false, asked: 0, by_road: 0, ...over });

beforeEach(() => clock.set(NOON, 0));
afterEach(() => locale.set('en'));

describe('by which travel times something was decided', () => {
  it.each<[Partial<TravelBasis>, string, string]>([
    [{ times: 'roads' }, 'by road', '按道路计算'],
    [{ times: 'roads', calibrated: true }, 'by road; corrected by finished journeys', '按道路计算；已按历史行程修正'],
    [{ times: 'straight_line', why: 'no_engine' }, 'straight lines; no road engine is set up', '按直线估算；未配置道路引擎'],
    [{ times: 'partly_roads', why: 'not_known', asked: 1_980, by_road: 1_412 }, '1,412 of 1,980 journeys by road, the others straight lines; road times did not come in time, or no road leads there', '1,980 段中 1,412 段按道路，其余按直线估算；道路行程时间未能及时取得，或没有道路可达'],
    [{ times: 'straight_line', why: 'too_many_places' }, 'straight lines; today has too many places for a table of all journeys', '按直线估算；今日地点过多，无法计算全部道路行程'],
  ])('%j is said in both languages', (over, en, zh) => {
    expect(travelText(basis(over))).toBe(en);
    locale.set('zh-CN');
    expect(travelText(basis(over))).toBe(zh);
  });

  it('keeps a reason that only a newer server knows', () => {
    expect(travelText(basis({ why: 'snowed_in' as never }))).toBe('straight lines; snowed_in');
  });

  it('is worse than usual only where an engine does not answer', () => {
    expect(fellBack(basis({ why: 'engine_down' }))).toBe(true);
    expect([basis({ why: 'no_engine' }), basis({ why: 'not_known' }), basis({ times: 'roads' })].some(fellBack)).toBe(false);
  });
});

describe('when somebody could begin', () => {
  it('is a time of today, from when to when', () => {
    expect(rangeText(NOON + 5 * MINUTE, NOON + 25 * MINUTE)).toBe('12:05–12:25');
  });

  it('is one time where the minutes are the same', () => {
    expect(rangeText(NOON + 5 * MINUTE, NOON + 5 * MINUTE + 20_000)).toBe('12:05');
  });

  it('has the day where it is another one', () => {
    expect(rangeText(NOON + DAY, NOON + DAY + 20 * MINUTE)).toBe('Nov 24, 12:00–12:20');
    expect(rangeText(NOON + 11 * 60 * MINUTE, NOON + DAY)).toBe('23:00–Nov 24, 12:00');
  });

  it('is not made up where the server does not tell', () => {
    expect(startOf({})).toBeNull();
    expect(startOf({ starts_at: NOON })).toEqual({ at: '12:00', range: '' });
    expect(startOf({ starts_at: NOON, starts_from: NOON - 5 * MINUTE, starts_until: NOON + 5 * MINUTE })).toEqual({ at: '12:00', range: '11:55–12:05' });
  });
});
