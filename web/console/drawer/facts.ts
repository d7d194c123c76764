/**
 * The fact behind an exclusion ("needs level 3, has 2; until 1 Nov"), as short words. The server sends a small
 * object or a string; what we do not know is shown as it is, because a reason without its fact convinces nobody.
 */
import type { Excluded } from '$shared/api/types';
import { date, distance, m, minutes } from '$shared/i18n/text';

type Fact = Record<string, unknown>;

function one(key: string, value: unknown): string {
  if (value == null) return '';
  if (typeof value === 'number') {
    if (key.endsWith('_at') || key.startsWith('valid_')) return date(value);
    if (key.endsWith('_m') || key === 'metres') return distance(value);
    if (key.endsWith('_minutes') || key === 'minutes') return minutes(value);
  }
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

export function factText(excluded: Pick<Excluded, 'rule' | 'fact'>): string {
  const fact: unknown = excluded.fact;
  if (fact == null || fact === '') return '';
  if (typeof fact !== 'object') return String(fact);
  const known = fact as Fact;
  const { skill, needed, level, has } = known;
  if (excluded.rule === 'certificate_level' && (needed ?? level) != null) return m.fact_level({ skill: String(skill ?? ''), needed: String(needed ?? level), has: String(has ?? '–') });
  return Object.entries(known).map(([key, value]) => one(key, value)).filter(Boolean).join(', ');
}
