/** The three forms of this screen as data: which fields, what kind of control, required or not. One form draws them all. */
import { m } from '$shared/i18n/text';

export interface FieldSpec {
  key: string;
  label: () => string;
  kind?: 'text' | 'number' | 'area' | 'email' | 'tel';
  required?: boolean;
  full?: boolean;
}

export type What = 'customer' | 'site' | 'asset';

export const fields: Record<What, FieldSpec[]> = {
  customer: [
    { key: 'number', label: m.number, required: true },
    { key: 'level', label: m.customer_level },
    { key: 'name', label: m.name, required: true, full: true },
    { key: 'phone', label: m.phone, kind: 'tel' },
    { key: 'email', label: m.email, kind: 'email' },
  ],
  site: [
    { key: 'name', label: m.name, required: true, full: true },
    { key: 'address', label: m.address, required: true, full: true },
    { key: 'latitude', label: m.latitude, kind: 'number', required: true },
    { key: 'longitude', label: m.longitude, kind: 'number', required: true },
    { key: 'access_note', label: m.access_note, kind: 'area', full: true },
    { key: 'contact', label: m.site_contact },
    { key: 'time_zone', label: m.time_zone },
  ],
  asset: [
    { key: 'number', label: m.number, required: true },
    { key: 'kind', label: m.asset_kind, required: true },
    { key: 'model', label: m.model, required: true },
    { key: 'manufacturer', label: m.manufacturer },
    { key: 'description', label: m.description, kind: 'area', full: true },
  ],
};

type Values = Record<string, string>;

export function valuesOf(what: What, row: Record<string, unknown> | null): Values {
  return Object.fromEntries(fields[what].map((field) => [field.key, row?.[field.key] == null ? '' : String(row[field.key])]));
}

/** What to send: numbers as numbers; an emptied optional field is "" in an edit and left out of a new row. */
export function bodyOf(what: What, values: Values, editing: boolean): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const field of fields[what]) {
    const text = (values[field.key] ?? '').trim();
    if (text !== '') body[field.key] = field.kind === 'number' ? Number(text) : text;
    else if (editing && !field.required) body[field.key] = '';
  }
  return body;
}
