/** The three forms of this screen as data: which fields, what kind of control, and the calls. One form draws them all. */
import { api, ask, askTagged, type Tagged } from '$shared/api/client';
import { assetKindCodes, levelCodes, type Coded } from '$shared/i18n/labels';
import { m } from '$shared/i18n/text';

export interface FieldSpec {
  key: string;
  label: () => string;
  kind?: 'text' | 'number' | 'area' | 'email' | 'tel';
  required?: boolean;
  full?: boolean;
  hint?: () => string;
  coded?: Coded;
  suggestions?: () => string[];
}

export type What = 'customer' | 'site' | 'asset';

export const fields: Record<What, FieldSpec[]> = {
  customer: [
    { key: 'number', label: m.number, required: true },
    { key: 'level', label: m.customer_level, coded: levelCodes },
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
    { key: 'time_zone', label: m.time_zone, hint: m.time_zone_hint, suggestions: () => Intl.supportedValuesOf('timeZone') },
  ],
  asset: [
    { key: 'number', label: m.number, required: true },
    { key: 'kind', label: m.asset_kind, required: true, coded: assetKindCodes },
    { key: 'model', label: m.model, required: true },
    { key: 'manufacturer', label: m.manufacturer },
    { key: 'description', label: m.description, kind: 'area', full: true },
  ],
};

export type Values = Record<string, string>;
export interface Row {
  id: string;
}

export function valuesOf(what: What, row: object | null): Values {
  const known = row as Record<string, unknown> | null;
  return Object.fromEntries(fields[what].map((field) => {
    const text = known?.[field.key] == null ? '' : String(known[field.key]);
    return [field.key, field.coded?.shown(text) ?? text];
  }));
}

/** What to send of the values given: numbers as numbers; an emptied optional field is "" in an edit and left out of a new row. */
export function bodyOf(what: What, values: Partial<Values>, editing: boolean): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const field of fields[what]) {
    const typed = values[field.key];
    if (typed === undefined) continue;
    const text = field.coded?.stored(typed) ?? typed.trim();
    if (text !== '') body[field.key] = field.kind === 'number' ? Number(text) : text;
    else if (editing && !field.required) body[field.key] = '';
  }
  return body;
}

export function read(what: What, id: string): Promise<Tagged<Row>> {
  const params = { path: { id } };
  if (what === 'customer') return askTagged(api.GET('/api/v1/customers/{id}', { params }));
  if (what === 'site') return askTagged(api.GET('/api/v1/sites/{id}', { params }));
  return askTagged(api.GET('/api/v1/assets/{id}', { params }));
}

export function change(what: What, id: string, changed: Partial<Values>, tag: string): Promise<Row> {
  const params = { path: { id }, header: { 'If-Match': tag } };
  const body = bodyOf(what, changed, true);
  if (what === 'customer') return ask(api.PATCH('/api/v1/customers/{id}', { params, body }));
  if (what === 'site') return ask(api.PATCH('/api/v1/sites/{id}', { params, body }));
  return ask(api.PATCH('/api/v1/assets/{id}', { params, body }));
}

/** `owner` is the customer of a site, the site of an asset. */
export function create(what: What, values: Values, owner: string | null): Promise<Row> {
  const body = bodyOf(what, values, false) as never;
  if (what === 'customer') return ask(api.POST('/api/v1/customers', { body }));
  if (what === 'site') return ask(api.POST('/api/v1/sites', { body: { ...(body as object), customer_id: owner } as never }));
  return ask(api.POST('/api/v1/assets', { body: { ...(body as object), site_id: owner } as never }));
}
