/** The words for units, weekdays and what becomes of a ticket under a table that is not saved. */
import type { Tried } from '$shared/api/types';
import { dateTime, m } from '$shared/i18n/text';
import type { Unit, Weekday } from './shapes';

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
