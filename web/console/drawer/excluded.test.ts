import { afterEach, describe, expect, it } from 'vitest';
import type { Excluded } from '$shared/api/types';
import { remedyText, ruleLabel } from '$shared/i18n/labels';
import { locale } from '$shared/i18n/text';
import { groupsOf } from './excluded';
import { factText } from './facts';

const at = new Date(2026, 10, 22, 14, 5).getTime();
const one = (engineer_id: string, rule: Excluded['rule'], fact: object = { rule }): Excluded =>
  ({ engineer_id, code: engineer_id.toUpperCase(), name: engineer_id, distance_m: 100, rule, fact } as unknown as Excluded);
const fact = (rule: string, values: unknown) => factText({ rule, fact: values } as Excluded, (code) => `<${code}>`).replace(/[\u202f\u00a0]/g, ' ');
afterEach(() => locale.set('en'));

const RULES: Excluded['rule'][] = [
  'inactive', 'excluded_by_customer', 'skill_missing', 'certificate_level', 'certificate_expired', 'certificate_not_yet_valid',
  'off_shift', 'absent', 'window_missed', 'too_far', 'workload', 'route_full', 'first_visit_unlikely',
];

describe('who could not take it', () => {
  it('stands under the rule that he breaks, in the order of the rules, the nearest first', () => {
    const groups = groupsOf({
      excluded: [one('a', 'off_shift'), one('b', 'skill_missing'), one('c', 'off_shift')],
      excluded_counts: [{ rule: 'skill_missing', count: 1 }, { rule: 'off_shift', count: 2 }],
    });
    expect(groups.map((group) => [group.rule, group.listed.map((who) => who.engineer_id)])).toEqual([['skill_missing', ['b']], ['off_shift', ['a', 'c']]]);
    expect(groups.map((group) => group.unlisted)).toEqual([0, 0]);
  });

  it('is counted where he is too far away to be listed', () => {
    const groups = groupsOf({ excluded: [one('a', 'workload')], excluded_counts: [{ rule: 'workload', count: 61 }, { rule: 'too_far', count: 400 }] });
    expect(groups.map((group) => [group.listed.length, group.unlisted])).toEqual([[1, 60], [0, 400]]);
  });

  it('is never listed more often than counted', () => {
    const groups = groupsOf({ excluded: [one('a', 'absent'), one('b', 'absent')], excluded_counts: [{ rule: 'absent', count: 1 }] });
    expect(groups[0]?.unlisted).toBe(0);
  });
});

describe('every rule', () => {
  it.each(RULES)('%s has a name and a remedy in both languages', (rule) => {
    const said = [ruleLabel(rule), remedyText(rule)];
    locale.set('zh-CN');
    const chinese = [ruleLabel(rule), remedyText(rule)];
    expect([...said, ...chinese].every((text) => text.length > 1 && text !== rule)).toBe(true);
    expect(chinese.every((text) => /[\u4e00-\u9fff]/.test(text))).toBe(true);
  });

  it('that is not known here keeps its code, and has no remedy made up', () => {
    expect([ruleLabel('on_strike'), remedyText('on_strike')]).toEqual(['on_strike', '']);
  });
});

describe('the fact of an exclusion', () => {
  it.each([
    ['skill_missing', { skills: ['A', 'B'] }, '<A>, <B>'],
    ['certificate_level', { skill: 'A', required_level: 3, held_level: 1 }, '<A>'],
    ['certificate_expired', { skill: 'A', valid_until: at }, 'Nov 22, 2026'],
    ['certificate_not_yet_valid', { skill: 'A', valid_from: at }, 'Nov 22, 2026'],
    ['off_shift', { next_shift_at: at }, '14:05'],
    ['absent', { starts_at: at, ends_at: at + 3_600_000 }, '15:05'],
    ['window_missed', { start_at: at, latest_at: at - 3_600_000 }, '13:05'],
    ['too_far', { distance_m: 12_400, max_distance_m: 9_000 }, '12.4 km'],
    ['route_full', { tickets: 4, shift_ends_at: at }, '14:05'],
    ['first_visit_unlikely', { probability: 0.314, least_probability: 0.5, part_id: null, gain: 0 }, '31 %'],
    ['workload', { in_hand_minutes: 400, expected_minutes: 90, max_minutes: 480 }, '8h'],
  ])('of %s has its values in words', (rule, values, part) => {
    expect(fact(rule, values)).toContain(part);
  });

  it('says so where no shift is known', () => {
    expect(fact('off_shift', { next_shift_at: null })).not.toBe('');
    expect(fact('off_shift', { next_shift_at: null })).not.toBe(fact('off_shift', { next_shift_at: at }));
  });

  it('is nothing where the rule says it all', () => {
    expect([fact('inactive', { rule: 'inactive' }), fact('excluded_by_customer', {}), fact('workload', null), fact('workload', '')]).toEqual(['', '', '', '']);
  });

  it('of a rule that is not known here is shown bare, without its name', () => {
    expect(fact('on_strike', { rule: 'on_strike', union: 'L1', since: 3, of: null, of_what: { a: 1 } })).toBe('L1, 3, {"a":1}');
    expect(fact('on_strike', 'since Monday')).toBe('since Monday');
  });
});
