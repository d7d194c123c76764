/**
 * The fact behind an exclusion ("level 1, needs 2"), in the reader's words. The list of rules is closed; of a rule
 * that we do not know the bare values are shown, because a reason without its fact convinces nobody.
 */
import type { Excluded } from '$shared/api/types';
import { date, dateTime, distance, m, minutes } from '$shared/i18n/text';

type Fact = Record<string, unknown>;

const num = (fact: Fact, key: string): number | null => (typeof fact[key] === 'number' ? fact[key] : null);
const text = (fact: Fact, key: string): string => (fact[key] == null ? '' : String(fact[key]));
/** 0.314 is 31. */
const percent = (share: number | null): string => String(Math.round((share ?? 0) * 100));
const when = (at: number | null): string => (at === null ? '–' : dateTime(at));

export function factText(excluded: Pick<Excluded, 'rule' | 'fact'>, skill: (code: string) => string): string {
  const fact: unknown = excluded.fact;
  if (fact == null || fact === '') return '';
  if (typeof fact !== 'object') return String(fact);
  const f = fact as Fact;
  const words: Record<string, () => string> = {
    inactive: () => '',
    excluded_by_customer: () => '',
    skill_missing: () => (Array.isArray(f['skills']) ? f['skills'].map((code) => skill(String(code))).join(m.list_comma()) : ''),
    certificate_level: () => m.fact_level({ skill: skill(text(f, 'skill')), needed: text(f, 'required_level'), has: text(f, 'held_level') }),
    certificate_expired: () => m.fact_expired({ skill: skill(text(f, 'skill')), date: date(num(f, 'valid_until') ?? 0) }),
    certificate_not_yet_valid: () => m.fact_future({ skill: skill(text(f, 'skill')), date: date(num(f, 'valid_from') ?? 0) }),
    off_shift: () => (num(f, 'next_shift_at') === null ? m.fact_no_shift() : m.fact_next_shift({ time: when(num(f, 'next_shift_at')) })),
    absent: () => m.fact_absent({ from: when(num(f, 'starts_at')), until: when(num(f, 'ends_at')) }),
    window_missed: () => m.fact_window({ time: when(num(f, 'start_at')), latest: when(num(f, 'latest_at')) }),
    too_far: () => m.fact_far({ distance: distance(num(f, 'distance_m') ?? 0), most: distance(num(f, 'max_distance_m') ?? 0) }),
    route_full: () => m.fact_route_full({ tickets: text(f, 'tickets'), time: when(num(f, 'shift_ends_at')) }),
    first_visit_unlikely: () => m.fact_first_visit_unlikely({ percent: percent(num(f, 'probability')), least: percent(num(f, 'least_probability')) }),
    workload: () => m.fact_workload({ hand: minutes(num(f, 'in_hand_minutes') ?? 0), more: minutes(num(f, 'expected_minutes') ?? 0), most: minutes(num(f, 'max_minutes') ?? 0) }),
  };
  const known = words[excluded.rule];
  if (known) return known();
  return Object.entries(f).filter(([key, value]) => key !== 'rule' && value != null).map(([, value]) => (typeof value === 'object' ? JSON.stringify(value) : String(value))).join(m.list_comma());
}
