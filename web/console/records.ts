/** A form as data: which fields, what kind of control, and the calls. One form draws them all. */
import type { Tagged } from '$shared/api/client';
import { plainQuantity } from '$shared/i18n/format';
import type { Coded } from '$shared/i18n/labels';
import { parseQuantity } from '$shared/i18n/text';

export interface FieldSpec {
  key: string;
  label: () => string;
  kind?: 'text' | 'number' | 'count' | 'area' | 'email' | 'tel';
  required?: boolean;
  full?: boolean;
  hint?: () => string;
  coded?: Coded;
  suggestions?: () => string[];
  /** The row has an integer of 10^-scale units, the form the decimal number. */
  scale?: number;
  /** Given once: who edits the row later does not find it. */
  fixed?: boolean;
  /** What a new row begins with. */
  initial?: string;
  placeholder?: string;
  /** Bounds of a count. */
  least?: number;
  most?: number;
}

export type Values = Record<string, string>;
export interface Row {
  id: string;
}

export interface RecordKind {
  fields: FieldSpec[];
  titles: { add: () => string; edit: () => string };
  read: (id: string) => Promise<Tagged<Row>>;
  change: (id: string, body: Record<string, unknown>, tag: string) => Promise<Row>;
  /** `owner` is what the row belongs to: the customer of a site, the site of an asset. */
  create: (body: Record<string, unknown>, owner: string | null) => Promise<Row>;
}

export function valuesOf(fields: readonly FieldSpec[], row: object | null): Values {
  const known = row as Record<string, unknown> | null;
  return Object.fromEntries(fields.map((field) => {
    if (!known) return [field.key, field.coded?.shown(field.initial ?? '') ?? field.initial ?? ''];
    const value = known[field.key];
    if (field.scale !== undefined && typeof value === 'number') return [field.key, plainQuantity(value, field.scale)];
    const text = value == null ? '' : String(value);
    return [field.key, field.coded?.shown(text) ?? text];
  }));
}

function stored(field: FieldSpec, typed: string): string | number | null {
  if (field.scale !== undefined) return parseQuantity(typed, field.scale);
  const text = field.coded?.stored(typed) ?? typed.trim();
  if (text === '') return null;
  return field.kind === 'number' || field.kind === 'count' ? Number(text) : text;
}

/** What to send of the values given: numbers as numbers; an emptied optional field is "" in an edit and left out of a new row. */
export function bodyOf(fields: readonly FieldSpec[], values: Partial<Values>, editing: boolean): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const field of fields) {
    const typed = values[field.key];
    if (typed === undefined) continue;
    const value = stored(field, typed);
    if (value !== null) body[field.key] = value;
    else if (editing && !field.required) body[field.key] = field.scale === undefined ? '' : 0;
  }
  return body;
}
