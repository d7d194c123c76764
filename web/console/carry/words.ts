/** A verdict in words: what it costs, or why not. The grade has a sign of its own, so that its colour is never alone. */
import type { Verdict } from '$shared/api/types';
import { ruleLabel } from '$shared/i18n/labels';
import { dayTime, m, minutes, number, signedMinutes } from '$shared/i18n/text';
import { catalogue } from '../catalogue.svelte';
import { factText } from '../drawer/facts';

export const SIGNS = { fits: '✓', costs: '!', forbidden: '✕' } as const;

/** Those who could take it, the cheapest first: whom it costs nothing but the way before whom it costs a promise. */
export function bestFirst(verdicts: readonly Verdict[]): Verdict[] {
  const order = { fits: 0, costs: 1, forbidden: 2 };
  const able = verdicts.filter((one) => one.grade !== 'forbidden');
  return able.sort((a, b) => order[a.grade] - order[b.grade] || (a.price?.score_minutes ?? 0) - (b.price?.score_minutes ?? 0) || a.engineer_id.localeCompare(b.engineer_id));
}

export const forbiddenText = (verdict: Verdict): string => {
  const fact = factText({ rule: verdict.rule, fact: verdict.fact } as never, catalogue.skillName);
  return fact ? m.rule_with_fact({ rule: ruleLabel(verdict.rule ?? null), fact }) : ruleLabel(verdict.rule ?? null);
};

/** "+14 min travel, 16:00 slips 12 min past its promise" */
export function verdictText(verdict: Verdict): string {
  const { price } = verdict;
  if (!price) return forbiddenText(verdict);
  const [worst] = price.slips ?? [];
  const parts = [m.price_travel({ minutes: signedMinutes(price.travel_minutes) })];
  if (price.late_minutes > 0) parts.push(m.price_late({ minutes: minutes(price.late_minutes) }));
  if (worst) parts.push(m.price_slip({ time: dayTime(worst.starts_at), minutes: minutes(worst.late_minutes) }));
  const others = (price.slips?.length ?? 0) - 1;
  if (others > 0) parts.push(m.price_slips({ count: number(others) }));
  if (price.overtime_minutes > 0) parts.push(m.price_overtime({ minutes: minutes(price.overtime_minutes) }));
  if (price.missing_parts > 0) parts.push(m.price_parts({ count: number(price.missing_parts) }));
  if (verdict.grade === 'fits') parts.push(m.price_starts({ time: dayTime(price.starts_at) }));
  return parts.join(m.clause_comma());
}

const grades = { fits: m.grade_fits, costs: m.grade_costs, forbidden: m.grade_forbidden };
/** As it is read out: who, in one word, and what it costs. */
export const spoken = (name: string, verdict: Verdict): string => m.verdict_spoken({ name, grade: grades[verdict.grade](), text: verdictText(verdict) });

export function countGrades(verdicts: Iterable<Verdict>): Record<Verdict['grade'], number> {
  const counts = { fits: 0, costs: 0, forbidden: 0 };
  for (const verdict of verdicts) counts[verdict.grade] += 1;
  return counts;
}
