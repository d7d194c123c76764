import { afterEach, describe, expect, it, vi } from 'vitest';
import { locale } from '$shared/i18n/text';
import { part, skill, skillRow } from './catalogue/kinds';
import { kinds, type What } from './customers/kinds';
import { bodyOf, valuesOf, type RecordKind, type Values } from './records';

const calls: { method: string; path: string; tag: string | null; body: unknown }[] = [];
function serve(row: object = { id: 'r1' }): void {
  calls.length = 0;
  vi.stubGlobal('fetch', async (request: Request) => {
    const text = await request.text();
    calls.push({ method: request.method, path: new URL(request.url).pathname, tag: request.headers.get('If-Match'), body: text ? JSON.parse(text) : null });
    return new Response(JSON.stringify(row), { status: 200, headers: { 'Content-Type': 'application/json', ETag: '"7"' } });
  });
}
const shown = (what: What, row: object | null) => valuesOf(kinds[what].fields, row);
const sent = (what: What, values: Partial<Values>, editing: boolean) => bodyOf(kinds[what].fields, values, editing);
afterEach(() => {
  vi.unstubAllGlobals();
  locale.set('en');
});

describe('records', () => {
  it('send coordinates as numbers', () => {
    const values = { name: 'a', address: 'b', latitude: ' 40.75 ', longitude: '-73.98' };
    expect(sent('site', values, false)).toEqual({ name: 'a', address: 'b', latitude: 40.75, longitude: -73.98 });
  });

  it('empty an optional field in an edit, and leave it out of a new row', () => {
    const values = { ...shown('customer', { number: '1', name: 'a', phone: '5' }), phone: '' };
    expect(sent('customer', values, true)).toMatchObject({ number: '1', name: 'a', phone: '' });
    expect(sent('customer', values, false)).toEqual({ number: '1', name: 'a' });
  });

  it('send of an edit only the fields given', () => {
    expect(sent('customer', { phone: '6' }, true)).toEqual({ phone: '6' });
    expect(sent('customer', {}, true)).toEqual({});
  });

  it('show a level in the reader’s language and store the same code for both', () => {
    expect(shown('customer', { level: 'gold' })['level']).toBe('Gold');
    expect(sent('customer', { level: 'Gold' }, true)).toEqual({ level: 'gold' });
    locale.set('zh-CN');
    expect(shown('customer', { level: 'gold' })['level']).toBe('金牌');
    expect(sent('customer', { level: ' 金牌 ' }, true)).toEqual({ level: 'gold' });
  });

  it('leave a level of the organisation’s own as it is', () => {
    expect(shown('customer', { level: 'Tier 4' })['level']).toBe('Tier 4');
    expect(sent('customer', { level: 'Tier 4' }, true)).toEqual({ level: 'Tier 4' });
  });

  it('do not write a kind of asset anew by being opened and saved', () => {
    for (const kind of ['Passenger Elevator', 'Freight', 'Paternoster']) {
      expect(sent('asset', { kind: shown('asset', { kind })['kind'] ?? '' }, true)).toEqual({ kind });
    }
  });

  it.each<[string, RecordKind]>([...Object.entries(kinds), ['part', part], ['skill', skill]])('of kind %s have each field once', (_, { fields }) => {
    expect(new Set(fields.map((field) => field.key)).size).toBe(fields.length);
  });
});

describe('the calls of the forms', () => {
  it.each<[string, RecordKind, string]>([
    ['customer', kinds.customer, 'customers'], ['site', kinds.site, 'sites'], ['asset', kinds.asset, 'assets'], ['part', part, 'parts'],
  ])('of a %s go to its own address, an edit with its tag', async (_, kind, path) => {
    serve();
    expect(await kind.read('r1')).toEqual({ row: { id: 'r1' }, tag: '"7"' });
    await kind.change('r1', { name: 'b' }, '"7"');
    await kind.create({ name: 'c' }, 'owner');
    expect(calls.map((call) => [call.method, call.path])).toEqual([['GET', `/api/v1/${path}/r1`], ['PATCH', `/api/v1/${path}/r1`], ['POST', `/api/v1/${path}`]]);
    expect(calls[1]).toMatchObject({ tag: '"7"', body: { name: 'b' } });
  });

  it('name the owner of a new site and of a new asset', async () => {
    serve();
    await kinds.site.create({ name: 'a' }, 'c1');
    await kinds.asset.create({ number: '1' }, 's1');
    expect(calls.map((call) => call.body)).toEqual([{ name: 'a', customer_id: 'c1' }, { number: '1', site_id: 's1' }]);
  });
});

describe('the form of a part', () => {
  const row = { id: 'p1', number: 'DR-110', name: 'Door roller', name_zh: '门滑轮', unit: 'pcs', decimals: 0, unit_price_micros: 12_500_000, currency: 'USD' };
  const values = (of: object | null) => valuesOf(part.fields, of);

  it('shows the price in the currency’s unit, and stores it in millionths of it', () => {
    expect(values(row)['unit_price_micros']).toBe('12.5');
    expect(bodyOf(part.fields, { unit_price_micros: '0.000001' }, true)).toEqual({ unit_price_micros: 1 });
    expect(bodyOf(part.fields, { unit_price_micros: ' 1234,56 ' }, true)).toEqual({ unit_price_micros: 1_234_560_000 });
  });

  it('does not change a price by being opened and saved', () => {
    for (const micros of [0, 1, 999_999, 25_000_000, 4_503_599_627_370_495]) {
      expect(bodyOf(part.fields, { unit_price_micros: values({ unit_price_micros: micros })['unit_price_micros'] ?? '' }, true)).toEqual({ unit_price_micros: micros });
    }
  });

  it('takes an emptied price for nothing, and leaves one that was never given to the server', () => {
    expect(bodyOf(part.fields, { unit_price_micros: '' }, true)).toEqual({ unit_price_micros: 0 });
    expect(bodyOf(part.fields, { unit_price_micros: '' }, false)).toEqual({});
  });

  it('begins with pieces that are not divided, in dollars', () => {
    expect(values(null)).toMatchObject({ number: '', unit: 'pcs', decimals: '0', currency: 'USD', unit_price_micros: '' });
    expect(bodyOf(part.fields, { ...values(null), number: 'X-1', name: 'Belt', currency: ' eur ' }, false))
      .toEqual({ number: 'X-1', name: 'Belt', unit: 'pcs', decimals: 0, currency: 'EUR' });
  });

  it('shows the unit in Chinese and stores its code', () => {
    locale.set('zh-CN');
    const typed = values(row)['unit'] ?? '';
    expect(typed).not.toBe('pcs');
    expect(bodyOf(part.fields, { unit: typed }, false)).toEqual({ unit: 'pcs' });
    expect(bodyOf(part.fields, { unit: '卷' }, false)).toEqual({ unit: '卷' });
  });

  it('offers unit and decimals only while the part is new: all quantities are counted in them', () => {
    expect(part.fields.filter((field) => field.fixed).map((field) => field.key)).toEqual(['unit', 'decimals']);
  });

  it('can take its Chinese name away', () => {
    expect(bodyOf(part.fields, { name_zh: ' ' }, true)).toEqual({ name_zh: '' });
  });
});

describe('the form of a skill', () => {
  it('adds, and hands back a row that goes by its code', async () => {
    serve({ code: 'LIFT-A', name: 'Traction', name_zh: '' });
    expect(await skill.create({ code: 'LIFT-A', name: 'Traction' }, null)).toMatchObject({ id: 'LIFT-A', code: 'LIFT-A' });
    expect(calls).toEqual([{ method: 'POST', path: '/api/v1/skills', tag: null, body: { code: 'LIFT-A', name: 'Traction' } }]);
    expect(skillRow({ code: 'X', name: 'x', name_zh: '' }).id).toBe('X');
  });

  it('does not pretend that a skill can be changed', async () => {
    serve();
    await expect(skill.change('LIFT-A', {}, '"1"')).rejects.toThrow();
    await expect(skill.read('LIFT-A')).rejects.toThrow();
    expect(calls).toEqual([]);
  });
});
