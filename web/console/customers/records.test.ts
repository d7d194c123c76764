import { afterEach, describe, expect, it, vi } from 'vitest';
import { locale } from '$shared/i18n/text';
import { bodyOf, change, create, fields, read, valuesOf, type What } from './records';

const calls: { method: string; path: string; tag: string | null; body: unknown }[] = [];
function serve(): void {
  calls.length = 0;
  vi.stubGlobal('fetch', async (request: Request) => {
    const text = await request.text();
    calls.push({ method: request.method, path: new URL(request.url).pathname, tag: request.headers.get('If-Match'), body: text ? JSON.parse(text) : null });
    return new Response(JSON.stringify({ id: 'r1' }), { status: 200, headers: { 'Content-Type': 'application/json', ETag: '"7"' } });
  });
}
afterEach(() => {
  vi.unstubAllGlobals();
  locale.set('en');
});

describe('records', () => {
  it('send coordinates as numbers', () => {
    expect(bodyOf('site', { name: 'a', address: 'b', latitude: ' 40.75 ', longitude: '-73.98' }, false)).toEqual({ name: 'a', address: 'b', latitude: 40.75, longitude: -73.98 });
  });

  it('empty an optional field in an edit, and leave it out of a new row', () => {
    const values = { ...valuesOf('customer', { number: '1', name: 'a', phone: '5' }), phone: '' };
    expect(bodyOf('customer', values, true)).toMatchObject({ number: '1', name: 'a', phone: '' });
    expect(bodyOf('customer', values, false)).toEqual({ number: '1', name: 'a' });
  });

  it('send of an edit only the fields given', () => {
    expect(bodyOf('customer', { phone: '6' }, true)).toEqual({ phone: '6' });
    expect(bodyOf('customer', {}, true)).toEqual({});
  });

  it('show a level in the reader’s language and store the same code for both', () => {
    expect(valuesOf('customer', { level: 'gold' })['level']).toBe('Gold');
    expect(bodyOf('customer', { level: 'Gold' }, true)).toEqual({ level: 'gold' });
    locale.set('zh-CN');
    expect(valuesOf('customer', { level: 'gold' })['level']).toBe('金牌');
    expect(bodyOf('customer', { level: ' 金牌 ' }, true)).toEqual({ level: 'gold' });
  });

  it('leave a level of the organisation’s own as it is', () => {
    expect(valuesOf('customer', { level: 'Tier 4' })['level']).toBe('Tier 4');
    expect(bodyOf('customer', { level: 'Tier 4' }, true)).toEqual({ level: 'Tier 4' });
  });

  it('do not write a kind of asset anew by being opened and saved', () => {
    for (const kind of ['Passenger Elevator', 'Freight', 'Paternoster']) expect(bodyOf('asset', { kind: valuesOf('asset', { kind })['kind'] ?? '' }, true)).toEqual({ kind });
  });

  it('have each field once', () => {
    for (const list of Object.values(fields)) expect(new Set(list.map((field) => field.key)).size).toBe(list.length);
  });
});

describe('the calls of the forms', () => {
  it.each<[What, string]>([['customer', 'customers'], ['site', 'sites'], ['asset', 'assets']])('of a %s go to /%s', async (what, path) => {
    serve();
    expect(await read(what, 'r1')).toEqual({ row: { id: 'r1' }, tag: '"7"' });
    await change(what, 'r1', { name: 'b', number: '2' }, '"7"');
    await create(what, { name: 'c', number: '3' }, 'owner');
    expect(calls.map((call) => [call.method, call.path])).toEqual([['GET', `/api/v1/${path}/r1`], ['PATCH', `/api/v1/${path}/r1`], ['POST', `/api/v1/${path}`]]);
    expect(calls[1]?.tag).toBe('"7"');
  });

  it('name the owner of a new site and of a new asset', async () => {
    serve();
    await create('site', { name: 'a' }, 'c1');
    await create('asset', { number: '1' }, 's1');
    expect(calls.map((call) => call.body)).toEqual([{ name: 'a', customer_id: 'c1' }, { number: '1', site_id: 's1' }]);
  });
});
