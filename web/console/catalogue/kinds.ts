/** The forms of parts and skills. The API has no change of a skill: its form only adds. */
import { api, ask, askTagged } from '$shared/api/client';
import type { Skill } from '$shared/api/types';
import { unitCodes, type Coded } from '$shared/i18n/labels';
import { m } from '$shared/i18n/text';
import type { RecordKind, Row } from '../records';

/** A price is stored in millionths of the currency's unit. */
const PRICE_SCALE = 6;
const MOST_DECIMALS = 6;

const currencies: Coded = { suggestions: () => ['USD', 'EUR', 'CNY'], shown: (code) => code, stored: (typed) => typed.trim().toUpperCase() };

export const part: RecordKind = {
  fields: [
    { key: 'number', label: m.number, required: true, full: true },
    { key: 'name', label: m.name_en, required: true },
    { key: 'name_zh', label: m.name_zh },
    { key: 'unit', label: m.unit, required: true, fixed: true, coded: unitCodes, initial: 'pcs', hint: m.unit_fixed_hint },
    { key: 'decimals', label: m.decimals, kind: 'count', least: 0, most: MOST_DECIMALS, required: true, fixed: true, initial: '0', hint: m.decimals_hint },
    { key: 'unit_price_micros', label: m.unit_price, kind: 'number', scale: PRICE_SCALE, placeholder: '12.50' },
    { key: 'currency', label: m.currency, required: true, coded: currencies, initial: 'USD', hint: m.currency_hint },
  ],
  titles: { add: m.part_add, edit: m.part_edit },
  read: (id) => askTagged(api.GET('/api/v1/parts/{id}', { params: { path: { id } } })),
  change: (id, body, tag) => ask(api.PATCH('/api/v1/parts/{id}', { params: { path: { id }, header: { 'If-Match': tag } }, body })),
  create: (body) => ask(api.POST('/api/v1/parts', { body: body as never })),
};

/** A skill's code is what it is known by. */
export const skillRow = (skill: Skill): Skill & Row => ({ ...skill, id: skill.code });

const unchangeable = () => Promise.reject(new Error('a skill cannot be changed'));

export const skill: RecordKind = {
  fields: [
    { key: 'code', label: m.code_of_row, required: true, full: true, hint: m.skill_code_hint },
    { key: 'name', label: m.name_en, required: true },
    { key: 'name_zh', label: m.name_zh },
  ],
  titles: { add: m.skill_new, edit: m.skill_new },
  read: unchangeable,
  change: unchangeable,
  create: async (body) => skillRow(await ask(api.POST('/api/v1/skills', { body: body as never }))),
};
