/** What components import: messages, and the formats bound to the language in use. */
import { clock } from '../clock.svelte';
import * as f from './format';
import { locale } from './locale.svelte';

import * as m from './generated/messages.js';

export { locale, m };

export const time = (at: number) => f.clockTime(locale.current, at);
export const shortDay = (at: number) => f.shortDay(locale.current, at);
export const date = (at: number) => f.dateOnly(locale.current, at);
export const day = (value: string) => f.calendarDay(locale.current, value);
export const weekday = (at: number) => f.weekday(locale.current, at);
export const dateTime = (at: number) => f.dateTime(locale.current, at, clock.now);
export const dayTime = (at: number) => f.dayTime(locale.current, at, clock.now);
export const exactTime = (at: number) => f.exactTime(locale.current, at);
export const zoneName = (at: number) => f.zoneName(locale.current, at);
export const timeThere = (at: number, zone: string) => f.timeThere(locale.current, at, zone);
export const ago = (ms: number) => f.ago(locale.current, ms, m.just_now());
export const duration = (ms: number) => f.duration(locale.current, ms);
export const minutes = (value: number) => f.duration(locale.current, value * 60_000);
export const signedMinutes = (value: number) => f.signedMinutes(locale.current, value);
export const distance = (metres: number) => f.distance(locale.current, metres);
export const quantity = (scaled: number, decimals: number) => f.quantity(locale.current, scaled, decimals);
export const money = (micros: number, currency: string) => f.money(locale.current, micros, currency);
export const listed = (words: readonly string[]) => new Intl.ListFormat(locale.current, { style: 'short', type: 'conjunction' }).format(words);
export const number = (value: number) => new Intl.NumberFormat(locale.current).format(value);
export const percent = (share: number) => f.percent(locale.current, share);
export const fileSize = (bytes: number) => f.fileSize(locale.current, bytes);
export { fromLocalInput, parseQuantity, toLocalInput } from './format';
