/** Tables of policies and calendars as the server takes them; its description says no more than "an object". */
export const UNITS = ['minutes', 'hours', 'business_minutes', 'business_hours', 'business_days'] as const;
export type Unit = (typeof UNITS)[number];
export const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;
export type Weekday = (typeof WEEKDAYS)[number];

export interface Target {
  amount: number;
  unit: Unit;
}
export interface When {
  priority?: string[];
  type?: string[];
  customer?: string[];
  contract?: string[];
  channel?: string[];
}
export interface TableRow {
  name: string;
  when?: When;
  response?: Target;
  resolution?: Target;
  internal?: Agreement[];
}
/** What we agree on among ourselves, beside the promise. */
export interface Agreement {
  name: string;
  until: 'response' | 'resolution';
  within: Target;
}
export interface Pause {
  state: string;
  reasons?: string[];
  targets?: ('response' | 'resolution')[];
}
export interface Table {
  name: string;
  rows: TableRow[];
  pauses?: Pause[];
}
export interface SpecialDay {
  date: string;
  kind: 'holiday' | 'workday';
  name?: string;
  shifts?: string[];
}
export interface CalendarSpec {
  name: string;
  time_zone: string;
  years: 'every' | number[];
  week: Partial<Record<Weekday, string[]>>;
  workdays_like?: Weekday;
  days?: SpecialDay[];
  source?: string;
}

/** What comes with Fettle, by id: it cannot be lost. */
export const SHIPPED_TABLES: readonly string[] = ['four-levels', 'high-in-15-minutes', 'consultation-and-complaint', 'repair-and-consultation', 'four-hour-response'];
export const SHIPPED_CALENDARS: readonly string[] = ['round-the-clock', 'china', 'new-york'];
