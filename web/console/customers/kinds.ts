/** The three forms of customers, their sites and the assets there. */
import { api, ask, askTagged } from '$shared/api/client';
import { assetKindCodes, levelCodes } from '$shared/i18n/labels';
import { m } from '$shared/i18n/text';
import type { RecordKind } from '../records';

export type What = 'customer' | 'site' | 'asset';

const at = (id: string) => ({ path: { id } });
const tagged = (id: string, tag: string) => ({ path: { id }, header: { 'If-Match': tag } });

const customer: RecordKind = {
  fields: [
    { key: 'number', label: m.number, required: true },
    { key: 'level', label: m.customer_level, coded: levelCodes },
    { key: 'name', label: m.name, required: true, full: true },
    { key: 'phone', label: m.phone, kind: 'tel' },
    { key: 'email', label: m.email, kind: 'email' },
  ],
  titles: { add: m.customer_add, edit: m.customer_edit },
  read: (id) => askTagged(api.GET('/api/v1/customers/{id}', { params: at(id) })),
  change: (id, body, tag) => ask(api.PATCH('/api/v1/customers/{id}', { params: tagged(id, tag), body })),
  create: (body) => ask(api.POST('/api/v1/customers', { body: body as never })),
};

const site: RecordKind = {
  fields: [
    { key: 'name', label: m.name, required: true, full: true },
    { key: 'address', label: m.address, required: true, full: true },
    { key: 'latitude', label: m.latitude, kind: 'number', required: true },
    { key: 'longitude', label: m.longitude, kind: 'number', required: true },
    { key: 'access_note', label: m.access_note, kind: 'area', full: true },
    { key: 'contact', label: m.site_contact },
    { key: 'time_zone', label: m.time_zone, hint: m.time_zone_hint, suggestions: () => Intl.supportedValuesOf('timeZone') },
  ],
  titles: { add: m.site_add, edit: m.site_edit },
  read: (id) => askTagged(api.GET('/api/v1/sites/{id}', { params: at(id) })),
  change: (id, body, tag) => ask(api.PATCH('/api/v1/sites/{id}', { params: tagged(id, tag), body })),
  create: (body, owner) => ask(api.POST('/api/v1/sites', { body: { ...body, customer_id: owner } as never })),
};

const asset: RecordKind = {
  fields: [
    { key: 'number', label: m.number, required: true },
    { key: 'kind', label: m.asset_kind, required: true, coded: assetKindCodes },
    { key: 'model', label: m.model, required: true },
    { key: 'manufacturer', label: m.manufacturer },
    { key: 'description', label: m.description, kind: 'area', full: true },
  ],
  titles: { add: m.asset_add, edit: m.asset_edit },
  read: (id) => askTagged(api.GET('/api/v1/assets/{id}', { params: at(id) })),
  change: (id, body, tag) => ask(api.PATCH('/api/v1/assets/{id}', { params: tagged(id, tag), body })),
  create: (body, owner) => ask(api.POST('/api/v1/assets', { body: { ...body, site_id: owner } as never })),
};

export const kinds: Record<What, RecordKind> = { customer, site, asset };
