/**
 * A calendar as it is edited: shifts of a day on one line, years on one line, a holiday or make-up workday a line each
 * ("2026-10-01 holiday National Day", "2026-10-10 workday 09:00-12:00 13:00-18:00"). The server says what is wrong.
 */
import { WEEKDAYS, type CalendarSpec, type SpecialDay, type Weekday } from './shapes';

export interface CalendarDraft {
  name: string;
  timeZone: string;
  years: string;
  week: Record<Weekday, string>;
  workdaysLike: Weekday | '';
  days: string;
  inSiteZone: boolean;
  source: string | undefined;
}

const words = (text: string): string[] => text.split(/[\s,，]+/).filter(Boolean);

const lineOf = ({ date, kind, name, shifts }: SpecialDay): string => [date, kind, ...(shifts ?? []), name].filter(Boolean).join(' ');

export const draftOf = (spec: CalendarSpec, inSiteZone: boolean): CalendarDraft => ({
  name: spec.name, timeZone: spec.time_zone, years: spec.years === 'every' ? 'every' : spec.years.join(', '),
  week: Object.fromEntries(WEEKDAYS.map((day) => [day, (spec.week[day] ?? []).join(' ')])) as Record<Weekday, string>,
  workdaysLike: spec.workdays_like ?? '', days: (spec.days ?? []).map(lineOf).join('\n'), inSiteZone, source: spec.source,
});

function dayOf(line: string): SpecialDay {
  const [date = '', kind = '', ...rest] = words(line);
  const shift = /^\d{1,2}:\d{2}-\d{1,2}:\d{2}$/;
  const count = rest.findIndex((word) => !shift.test(word));
  const shifts = count < 0 ? rest : rest.slice(0, count);
  const name = count < 0 ? '' : rest.slice(count).join(' ');
  return { date, kind: kind as SpecialDay['kind'], ...(name ? { name } : {}), ...(shifts.length > 0 ? { shifts } : {}) };
}

export function specOf(draft: CalendarDraft): CalendarSpec {
  const week: CalendarSpec['week'] = {};
  for (const day of WEEKDAYS) {
    const shifts = words(draft.week[day]);
    if (shifts.length > 0) week[day] = shifts;
  }
  const days = draft.days.split('\n').map((line) => line.trim()).filter(Boolean).map(dayOf);
  const years = draft.years.trim() === 'every' ? 'every' as const : words(draft.years).map(Number);
  return {
    name: draft.name.trim(), time_zone: draft.timeZone.trim(), years, week, ...(draft.workdaysLike ? { workdays_like: draft.workdaysLike } : {}),
    ...(days.length > 0 ? { days } : {}), ...(draft.source === undefined ? {} : { source: draft.source }),
  };
}

/** What a new calendar begins with: office hours of the year that is now, without any holiday. */
export const blankCalendar = (timeZone: string, year: number): CalendarDraft => ({
  name: '', timeZone, years: String(year), workdaysLike: '', days: '', inSiteZone: false, source: undefined,
  week: Object.fromEntries(WEEKDAYS.map((day, nth) => [day, nth < 5 ? '09:00-12:00 13:00-18:00' : ''])) as Record<Weekday, string>,
});

/** Where the server may find a fault that a field shows. */
export const CALENDAR_FIELDS = ['body.name', 'body.time_zone', 'body.years', 'body.week', ...WEEKDAYS.map((day) => `body.week.${day}`)];

/** Whether there is anything to save. */
export const differs = (draft: CalendarDraft, known: CalendarSpec, inSiteZone: boolean): boolean =>
  draft.inSiteZone !== inSiteZone || JSON.stringify(specOf(draft)) !== JSON.stringify(specOf(draftOf(known, inSiteZone)));
