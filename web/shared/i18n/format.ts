/**
 * Numbers, times and durations in the reader's language. Everything is pure in its arguments (the language is
 * passed in), so that tables of cases can test it; `text.ts` binds it to the language in use.
 */
import type { Locale } from './locale.svelte';

const MINUTE = 60_000;
const DAY_MINUTES = 1_440;
const cache = new Map<string, Intl.DateTimeFormat>();

function dateFormat(locale: Locale, name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale}/${name}`;
  let found = cache.get(key);
  if (!found) cache.set(key, (found = new Intl.DateTimeFormat(locale, options)));
  return found;
}

/** "14:05" */
export function clockTime(locale: Locale, at: number): string {
  return dateFormat(locale, 'time', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at);
}

/** "22 Nov, 14:05", with the year only when it is another one */
export function dateTime(locale: Locale, at: number, now: number): string {
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return dateFormat(locale, sameYear ? 'dt' : 'dty', {
    ...(sameYear ? {} : { year: 'numeric' }),
    month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
  }).format(at);
}

/** "14:05" today, "22 Nov, 14:05" on any other day */
export function dayTime(locale: Locale, at: number, now: number): string {
  const today = new Date(at).toDateString() === new Date(now).toDateString();
  return today ? clockTime(locale, at) : dateTime(locale, at, now);
}

/** "Sun, 22 Nov": a day that is near */
export function weekday(locale: Locale, at: number): string {
  return dateFormat(locale, 'weekday', { weekday: 'short', month: 'short', day: 'numeric' }).format(at);
}

/** "Nov 22": under an axis, where the year is plain */
export function shortDay(locale: Locale, at: number): string {
  return dateFormat(locale, 'short', { month: 'short', day: 'numeric' }).format(at);
}

/** "22 Nov 2026" */
export function dateOnly(locale: Locale, at: number): string {
  return dateFormat(locale, 'date', { year: 'numeric', month: 'short', day: 'numeric' }).format(at);
}

/** A day of the calendar, `2027-05-31`, the same in every zone: "May 31, 2027" */
export function calendarDay(locale: Locale, day: string): string {
  const at = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(at) ? day : dateFormat(locale, 'day', { year: 'numeric', month: 'short', day: 'numeric', timeZone: 'UTC' }).format(at);
}

/** "Nov 22, 2026, 14:05:09 GMT-5": nothing left to guess */
export function exactTime(locale: Locale, at: number): string {
  return dateFormat(locale, 'exact', {
    year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23', timeZoneName: 'short',
  }).format(at);
}

const named = (locale: Locale, at: number, zone: string, timeZoneName: 'shortOffset'): string =>
  new Intl.DateTimeFormat(locale, { timeZone: zone, timeZoneName }).formatToParts(at).find((part) => part.type === 'timeZoneName')?.value ?? '';

/** The reader's own zone: "New York, UTC−5" */
export function zoneName(locale: Locale, at: number, zone: string = Intl.DateTimeFormat().resolvedOptions().timeZone): string {
  const offset = named(locale, at, zone, 'shortOffset').replace('GMT', 'UTC').replace('-', '−');
  const city = zone.split('/').at(-1)?.replaceAll('_', ' ') ?? zone;
  return city === 'UTC' ? city : `${city}, ${offset}`;
}

/** The time at a place in another zone, or null where clocks show the same, or nobody knows the zone. */
export function timeThere(locale: Locale, at: number, zone: string, own: string = Intl.DateTimeFormat().resolvedOptions().timeZone): string | null {
  if (!zone) return null;
  const format = (timeZone: string) => new Intl.DateTimeFormat(locale, { timeZone, month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at);
  try {
    return format(zone) === format(own) ? null : format(zone);
  } catch {
    return null;
  }
}

/** How long ago, or until: "5 min. ago", "in 2 hr."; less than a minute is now. `justNow` is the word for it. */
export function ago(locale: Locale, ms: number, justNow: string): string {
  const minutes = Math.round(ms / MINUTE);
  if (minutes === 0) return justNow;
  const [value, name] = Math.abs(minutes) < 60 ? [minutes, 'minute'] as const
    : Math.abs(minutes) < DAY_MINUTES ? [Math.trunc(minutes / 60), 'hour'] as const : [Math.trunc(minutes / DAY_MINUTES), 'day'] as const;
  return new Intl.RelativeTimeFormat(locale, { style: locale === 'en' ? 'short' : 'long', numeric: 'always' }).format(value, name);
}

function unit(locale: Locale, value: number, name: 'minute' | 'hour' | 'day'): string {
  // Chinese "short" spells 分钟, which is what people write; English narrow ("45m") reads best in a dense list.
  return new Intl.NumberFormat(locale, {
    style: 'unit', unit: name, unitDisplay: locale === 'en' ? 'narrow' : 'short', maximumFractionDigits: 0,
  }).format(value).replace(/\s+/g, '');
}

/** A duration as at most two units: "45m", "3h 05m" is "3h5m", "2d4h". Never negative. */
export function duration(locale: Locale, ms: number): string {
  const minutes = Math.max(0, Math.floor(Math.abs(ms) / MINUTE));
  if (minutes < 60) return unit(locale, minutes, 'minute');
  const big = minutes >= DAY_MINUTES;
  const [head, tail] = big
    ? [Math.floor(minutes / DAY_MINUTES), Math.floor((minutes % DAY_MINUTES) / 60)]
    : [Math.floor(minutes / 60), minutes % 60];
  const first = unit(locale, head, big ? 'day' : 'hour');
  return tail === 0 ? first : `${first} ${unit(locale, tail, big ? 'hour' : 'minute')}`;
}

/** Minutes of a score term, signed: "+6", "−3.5" */
export function signedMinutes(locale: Locale, minutes: number): string {
  return new Intl.NumberFormat(locale, { signDisplay: 'exceptZero', maximumFractionDigits: 1 }).format(minutes).replace('-', '−');
}

/** A size of a file: "18 kB", "1.8 MB" */
export function fileSize(locale: Locale, bytes: number): string {
  const [value, unit] = bytes < 1_000 ? [bytes, 'byte'] as const : bytes < 1_000_000 ? [bytes / 1_000, 'kilobyte'] as const : [bytes / 1_000_000, 'megabyte'] as const;
  return new Intl.NumberFormat(locale, { style: 'unit', unit, maximumFractionDigits: value < 10 && unit !== 'byte' ? 1 : 0 }).format(value);
}

/** A share as people speak of it: "24%", "0.5%" */
export function percent(locale: Locale, share: number): string {
  return new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: Math.abs(share) < 0.1 ? 1 : 0 }).format(share);
}

export function distance(locale: Locale, metres: number): string {
  const kilometres = metres >= 1_000;
  return new Intl.NumberFormat(locale, {
    style: 'unit', unit: kilometres ? 'kilometer' : 'meter', maximumFractionDigits: kilometres ? 1 : 0,
  }).format(kilometres ? metres / 1_000 : metres);
}

/** An integer scaled by the part's decimals: (1250, 2) is "12.5" */
export function quantity(locale: Locale, scaled: number, decimals: number): string {
  return new Intl.NumberFormat(locale, { maximumFractionDigits: decimals }).format(scaled / 10 ** decimals);
}

/** For an input: no separators of thousands, a point before the fraction, and not a digit lost on large numbers */
export function plainQuantity(scaled: number, decimals: number): string {
  const digits = String(Math.abs(scaled)).padStart(decimals + 1, '0');
  const fraction = decimals > 0 ? digits.slice(-decimals).replace(/0+$/, '') : '';
  return `${scaled < 0 ? '-' : ''}${digits.slice(0, digits.length - decimals)}${fraction && `.${fraction}`}`;
}

/** A price in its currency; a currency that nobody knows is written behind the number */
export function money(locale: Locale, micros: number, currency: string): string {
  const value = micros / 1_000_000;
  try {
    return new Intl.NumberFormat(locale, { style: 'currency', currency, maximumFractionDigits: 6 }).format(value);
  } catch {
    return `${new Intl.NumberFormat(locale, { maximumFractionDigits: 6 }).format(value)} ${currency}`.trim();
  }
}

/** The way back: what somebody typed, as a scaled integer; null when it is no such number */
export function parseQuantity(typed: string, decimals: number): number | null {
  const text = typed.trim().replace(',', '.');
  if (!/^\d+(\.\d+)?$/.test(text)) return null;
  if ((text.split('.')[1]?.length ?? 0) > decimals) return null;
  return Math.round(Number(text) * 10 ** decimals);
}

/** For `<input type="datetime-local">`, which wants local time without a zone */
export function toLocalInput(at: number | null | undefined): string {
  if (at == null) return '';
  const shifted = new Date(at - new Date(at).getTimezoneOffset() * MINUTE);
  return shifted.toISOString().slice(0, 16);
}

export function fromLocalInput(value: string): number | null {
  if (!value) return null;
  const at = new Date(value).getTime();
  return Number.isNaN(at) ? null : at;
}
