/** A round of the planner in a dispatcher's words. */
import type { Round, RoundOutcome } from '$shared/api/types';
import { m, number, time } from '$shared/i18n/text';

type Tone = '' | 'good' | 'warn' | 'late';
const words: Record<RoundOutcome, [title: () => string, text: () => string, tone: Tone]> = {
  nothing_to_do: [m.plan_nothing_to_do, m.plan_nothing_to_do_text, ''],
  kept: [m.plan_kept, m.plan_kept_text, ''],
  published: [m.plan_published, m.plan_published_text, 'good'],
  refused: [m.plan_refused, m.plan_refused_text, 'warn'],
  faulty: [m.plan_faulty, m.plan_faulty_text, 'late'],
  failed: [m.plan_failed, m.plan_failed_text, 'late'],
  elsewhere: [m.plan_elsewhere, m.plan_elsewhere_text, ''],
};
export const outcomeTitle = (outcome: RoundOutcome): string => words[outcome]?.[0]() ?? outcome;
export const outcomeText = (outcome: RoundOutcome): string => words[outcome]?.[1]() ?? '';
export const outcomeTone = (outcome: RoundOutcome): Tone => words[outcome]?.[2] ?? '';

/** Whether a plan was made at all: without one, there is nothing to count. */
export const hasPlan = (round: Round): boolean => ['kept', 'published', 'refused', 'faulty'].includes(round.outcome);

export function changesText(round: Round): string {
  const parts = [
    round.moved > 0 ? m.plan_moved({ count: number(round.moved) }) : '', round.given_out > 0 ? m.plan_given_out({ count: number(round.given_out) }) : '',
    round.retimed > 0 ? m.plan_retimed({ count: number(round.retimed) }) : '',
  ].filter(Boolean);
  return parts.length > 0 ? parts.join(m.list_comma()) : m.plan_unchanged();
}

/**
 * Minutes by which the plan costs less than what was in force, its price for disturbing included; null if that cannot be
 * told. It is the difference of the whole minutes that are shown beside it.
 */
export function gainMinutes(round: Round): number | null {
  if (round.cost_in_force == null) return null;
  return Math.max(0, Math.floor(round.cost_in_force / 60) - Math.floor(round.cost / 60));
}

/** The widths of both bars, in per cent of the longer one. */
export function bars(round: Round): { before: number; after: number } {
  const [before, after] = [round.cost_in_force ?? 0, round.cost];
  const longest = Math.max(before, after, 1);
  return { before: (100 * before) / longest, after: (100 * after) / longest };
}

const OVERDUE_MS = 180_000;
/** How long no round has come, in real time, where that is too long: even with nothing to do one comes each minute. */
export function overdueMs(round: Round, now: number, speed: number): number | null {
  const age = speed > 0 ? (now - round.at) / speed : 0;
  return age > OVERDUE_MS ? age : null;
}

/** One line for the foot of another page. */
export function lineText(round: Round): string {
  const what = round.outcome === 'published' || round.retimed > 0 ? changesText(round) : outcomeTitle(round.outcome);
  return m.plan_line({ time: time(round.at), colon: m.colon(), what });
}
