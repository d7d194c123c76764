/** The words for units, weekdays, steps, what is promised for which tickets, and what becomes of one under a table that is not saved. */
import type { Tried } from '$shared/api/types';
import { kindLabel, priorityLabel } from '$shared/i18n/labels';
import { dateTime, listed, m, number } from '$shared/i18n/text';
import type { Standing } from './contract';
import type { Act } from './settings';
import type { Target, Unit, Weekday, When } from './shapes';

export const unitWords: Record<Unit, () => string> = {
  minutes: m.sla_minutes, hours: m.sla_hours, business_minutes: m.sla_business_minutes, business_hours: m.sla_business_hours, business_days: m.sla_business_days,
};
export const weekdayWords: Record<Weekday, () => string> = {
  monday: m.weekday_monday, tuesday: m.weekday_tuesday, wednesday: m.weekday_wednesday, thursday: m.weekday_thursday, friday: m.weekday_friday, saturday: m.weekday_saturday, sunday: m.weekday_sunday,
};

export function standWords(stand: Tried['before']): string {
  if (stand.state === 'none') return m.sla_no_promise();
  if (stand.state === 'unknown') return m.due_unknown();
  const due = dateTime(stand.due_at);
  return stand.state === 'paused' ? m.sla_due_if_resumed({ time: due }) : due;
}

export const actWords: Record<Act, () => string> = { notify_engineer: m.sla_act_engineer, notify_supervisor: m.sla_act_supervisor, reassign: m.sla_act_reassign };
export const actHints: Record<Act, () => string> = { notify_engineer: m.sla_act_engineer_hint, notify_supervisor: m.sla_act_supervisor_hint, reassign: m.sla_act_reassign_hint };
export const standingWords: Record<Standing, () => string> = { future: m.contract_future, holds: m.contract_holds, over: m.contract_over };

const amountWords: Record<Unit, (count: { count: string }) => string> = {
  minutes: m.sla_amount_minutes, hours: m.sla_amount_hours, business_minutes: m.sla_amount_business_minutes, business_hours: m.sla_amount_business_hours, business_days: m.sla_amount_business_days,
};
/** "8 business h"; a dash where nothing is promised. */
export const targetWords = (target: Target | undefined): string => (target ? amountWords[target.unit]({ count: number(target.amount) }) : '–');

const isLevel = (value: string): boolean => /^[1-4]$/.test(value);
/** Other spellings of a priority stand beside its number, for tickets from elsewhere: nobody has to read them here. */
const prioritiesOf = (values: string[]): string[] => (values.some(isLevel) ? values.filter(isLevel).map((value) => priorityLabel(Number(value))) : values);

/** For which tickets a row is; empty for all. */
export function whenWords(when: When = {}): string {
  const parts = [prioritiesOf(when.priority ?? []), [...new Set((when.type ?? []).map((kind) => kindLabel(kind)))], when.customer ?? [], when.contract ?? [], when.channel ?? []];
  return parts.filter((part) => part.length > 0).map(listed).join(' · ');
}
