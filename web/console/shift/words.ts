/** What the shift card says: what changed, what will be late, what is lacking, and what mends it. */
import type { ShiftCard, ShiftFix, ShiftRisk, ShiftUnready } from '$shared/api/types';
import { named, ruleLabel } from '$shared/i18n/labels';
import { day, dayTime, duration, m, number } from '$shared/i18n/text';
import { nameOf } from '../undo/undo.svelte';

const MINUTE = 60_000;
type Changed = ShiftCard['changes'][number];
/** What one asked for against a rule, as it was shown: the card may say something else when the reason is written. */
export interface Override {
  ticketId: string;
  engineerId: string | null;
  fix: Extract<ShiftFix, { kind: 'override' }>;
}

const changes: Record<Changed['kind'], (count: { count: string }) => string> = {
  opened: m.shift_opened, cancelled: m.shift_cancelled, completed: m.shift_completed, reopened: m.shift_reopened,
  declined: m.shift_declined, absent: m.shift_absent, parts_arrived: m.shift_parts_arrived,
};
export const changeText = (changed: Changed): string => changes[changed.kind]({ count: number(changed.count) });

/** "14 new, 3 cancelled, 1 absent": as it is read out. */
export const changesText = (card: ShiftCard): string => card.changes.map(changeText).join(m.list_comma()) || m.shift_no_changes();

export function riskText(risk: ShiftRisk): string {
  if (risk.engineer_id == null) return m.shift_risk_nobody();
  if (risk.late_minutes > 0) return m.late_by({ minutes: duration(risk.late_minutes * MINUTE) });
  return m.likely_late({ percent: number(risk.late_percent) });
}

export function lackText({ lack }: Pick<ShiftUnready, 'lack'>): string {
  if (lack.kind === 'answer') return m.shift_lack_answer({ time: dayTime(lack.asked_at) });
  if (lack.kind === 'anybody') return lack.reasons.map((reason) => m.reason_count({ reason: ruleLabel(reason.rule), count: number(reason.count) })).join(m.list_comma());
  const part = `${lack.number} ${named(lack)}`;
  return lack.expected_on ? m.shift_lack_part_on({ part, day: day(lack.expected_on) }) : m.shift_lack_part({ part });
}

export function fixText(fix: ShiftFix): string {
  if (fix.kind === 'give') return m.shift_fix_give({ name: nameOf(fix.verdict.engineer_id) });
  if (fix.kind === 'override') return m.shift_fix_override({ name: nameOf(fix.verdict.engineer_id) });
  if (fix.kind === 'order') return m.shift_fix_order();
  if (fix.kind === 'call_engineer') return m.shift_fix_call({ phone: fix.phone });
  if (fix.kind === 'call_customer') return m.shift_fix_customer({ phone: fix.phone });
  return m.shift_fix_look();
}
