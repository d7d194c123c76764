/** What the timeline says of a row and of a stop, to who reads it and to who listens. */
import type { Engineer, TimelineStop } from '$shared/api/types';
import { duration, m, number, time } from '$shared/i18n/text';
import { standingOf } from './layout';

const MINUTE = 60_000;
/** Names where the keyboard is, for `aria-activedescendant`. */
export const spotId = (engineerId: string, stop: number): string => `day-${engineerId}-${stop}`;

/** Work in hand, as a share of the most that he may have, in percent. */
export const loadOf = (engineer: Pick<Engineer, 'in_hand' | 'max_load_minutes'>): number =>
  engineer.max_load_minutes > 0 ? Math.round((100 * engineer.in_hand.minutes) / engineer.max_load_minutes) : 0;

/** What he is certified for now: the codes for a glance, the names with their levels for who points at them. */
export function certificatesOf(engineer: Pick<Engineer, 'certificates'>, now: number, nameOf: (skill: string) => string): { short: string; full: string } {
  const valid = engineer.certificates.filter((one) => one.valid_from <= now && (one.valid_until == null || one.valid_until >= now));
  const best = new Map<string, number>();
  for (const one of valid) best.set(one.skill, Math.max(best.get(one.skill) ?? 0, one.level));
  const list = [...best].sort(([a], [b]) => a.localeCompare(b));
  return {
    short: list.map(([skill, level]) => `${skill} ${level}`).join(' · '),
    full: list.map(([skill, level]) => m.skill_level({ skill: nameOf(skill), level: number(level) })).join(m.list_comma()),
  };
}

const phases = { done: m.phase_done, present: m.phase_present, ahead: m.phase_ahead, later: m.phase_later };

/** "#1042, planned, 14:05 to 14:50, 12 min of road before; begins 12 min late" */
export function stopWords(stop: TimelineStop): string {
  const parts = [`#${stop.number}`, phases[stop.phase](), m.from_to({ from: time(stop.starts_at), to: time(stop.ends_at) })];
  if (stop.leaves_at != null && stop.arrives_at != null && stop.arrives_at > stop.leaves_at) parts.push(m.on_the_road({ minutes: duration(stop.arrives_at - stop.leaves_at) }));
  if (stop.late_minutes > 0) parts.push(m.late_by({ minutes: duration(stop.late_minutes * MINUTE) }));
  else if (stop.late_percent > 0) parts.push((standingOf(stop) === 'likely' ? m.likely_late : m.maybe_late)({ percent: number(stop.late_percent) }));
  return parts.join(m.clause_comma());
}
