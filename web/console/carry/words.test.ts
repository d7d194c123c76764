import '../../test/globals';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Verdict } from '$shared/api/types';
import { clock } from '$shared/clock.svelte';
import { locale } from '$shared/i18n/text';
import { bestFirst, countGrades, forbiddenText, spoken, verdictText } from './words';

const AT = new Date(2026, 10, 23, 16, 0).getTime();
const price = (over: Partial<NonNullable<Verdict['price']>> = {}) => ({ starts_at: AT, travel_minutes: 14, late_minutes: 0, slips: [], overtime_minutes: 0, missing_parts: 0, score_minutes: 20, ...over });
const fits = (id: string, score_minutes = 20): Verdict => ({ engineer_id: id, grade: 'fits', price: price({ score_minutes }) });
const costs = (id: string, over = {}): Verdict => ({ engineer_id: id, grade: 'costs', price: price(over) });
const red: Verdict = { engineer_id: 'r', grade: 'forbidden', rule: 'certificate_level', fact: { rule: 'certificate_level', skill: 'door', held_level: 1, required_level: 2 } };
const slip = (minutes: number) => ({ ticket_id: 't', starts_at: AT, later_minutes: 30, late_minutes: minutes });
// Times of another day name it.
beforeEach(() => clock.set(AT, 0));
afterEach(() => locale.set('en'));

describe('a verdict in words', () => {
  it.each([
    [fits('a'), '+14 min travel, begins 16:00'],
    [costs('a', { slips: [slip(12)] }), '+14 min travel, 16:00 slips 12m past its promise'],
    [costs('a', { slips: [slip(12), slip(3)], travel_minutes: -2 }), '−2 min travel, 16:00 slips 12m past its promise, 1 more slip'],
    [costs('a', { late_minutes: 9, overtime_minutes: 75, missing_parts: 2 }), '+14 min travel, 9m past its own promise, 1h 15m overtime, parts missing: 2'],
    [red, 'Certificate level too low (door: needs level 2, has 1)'],
    [{ ...red, rule: 'inactive', fact: { rule: 'inactive' } } as Verdict, 'Inactive'],
  ])('%#: says "%s"', (verdict, text) => {
    expect(verdictText(verdict)).toBe(text);
  });

  it('says the same in Chinese', () => {
    locale.set('zh-CN');
    expect(verdictText(costs('a', { slips: [slip(12)] }))).toMatch(/^路程 \+14 分钟，16:00 的工单超承诺 12/);
    expect(forbiddenText(red)).not.toMatch(/level|needs/);
  });

  it('is read out with who and the grade first', () => {
    expect([spoken('Maria', fits('a')), spoken('Maria', red)]).toEqual(['Maria: fits. +14 min travel, begins 16:00', 'Maria: not allowed. Certificate level too low (door: needs level 2, has 1)']);
  });
});

describe('all verdicts', () => {
  it('begin with whom it costs nothing but the way, the cheapest first, and leave out who may not', () => {
    expect(bestFirst([costs('c', { score_minutes: 1 }), red, fits('b', 30), fits('a', 9)]).map((one) => one.engineer_id)).toEqual(['a', 'b', 'c']);
  });

  it('are counted by grade', () => {
    expect(countGrades([fits('a'), red, costs('c'), red])).toEqual({ fits: 1, costs: 1, forbidden: 2 });
  });
});
