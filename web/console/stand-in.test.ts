// What the office's pages do, with their own modules, against the stand-in server over HTTP.
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Candidate, IssuedToken, Recommendation, Token, WhatIf } from '$shared/api/types';
import { standIn, type StandIn } from '../test/stand-in';
import type { Row, Values } from './records';

let server: StandIn;
let modules: Awaited<ReturnType<typeof load>>;
async function load() {
  vi.resetModules();
  const [client, { RowEdit }, { kinds }, { part, skill }, { bodyOf, valuesOf }, { Problem }, { Submission }] = await Promise.all([
    import('$shared/api/client'), import('$shared/ui/edit.svelte'), import('./customers/kinds'), import('./catalogue/kinds'), import('./records'), import('$shared/api/problem'),
    import('$shared/ui/form.svelte'),
  ]);
  return { ...client, RowEdit, kinds, part, skill, bodyOf, valuesOf, Problem, Submission };
}
beforeAll(async () => {
  server = await standIn();
  modules = await load();
});
afterAll(() => server.close());
beforeEach(() => server.as('dispatch'));

const first = <T>(rows: T[]): T => rows[0] as T;

describe('two people at one row', () => {
  /** A form whose first reading is over: what others do now, it has not seen. */
  async function editOf(kind: typeof modules.part, row: Row) {
    const { RowEdit, valuesOf, bodyOf } = modules;
    let reading: Promise<unknown> = Promise.resolve();
    const edit = new RowEdit<Row, Values>({
      read: () => {
        const read = kind.read(row.id);
        reading = read;
        return read;
      },
      values: (one) => valuesOf(kind.fields, one), write: (changed, tag) => kind.change(row.id, bodyOf(kind.fields, changed, true), tag),
    }, row);
    await reading;
    return edit;
  }
  async function elsewhere(path: string, body: object) {
    const { tag } = await server.call('GET', path);
    expect((await server.call('PATCH', path, body, { 'If-Match': tag })).status).toBe(200);
  }

  it('of a customer: the second is told, sees what changed, and keeps both changes', async () => {
    const customer = { ...first(server.db.customers) };
    const edit = await editOf(modules.kinds.customer, customer);
    const sending = new modules.Submission(['name', 'phone']);
    edit.values['name'] = 'Mine';
    await elsewhere(`/customers/${customer.id}`, { name: 'Theirs', phone: '+1 555 0100' });
    expect(await sending.run(() => edit.save())).toBeUndefined();
    expect(sending.problem?.status).toBe(412);
    expect([edit.values['name'], edit.values['phone'], edit.theirs('name')]).toEqual(['Mine', '+1 555 0100', 'Theirs']);
    edit.keep('name');
    expect(await sending.run(() => edit.save())).toMatchObject({ name: 'Mine', phone: '+1 555 0100' });
  });

  it('of a part: what only the other one changed is not written again', async () => {
    const part = { ...first(server.db.parts) };
    const edit = await editOf(modules.part, part);
    edit.values['unit_price_micros'] = '7.5';
    await elsewhere(`/parts/${part.id}`, { name: 'Renamed' });
    await expect(edit.save()).rejects.toMatchObject({ status: 412 });
    expect(edit.changed).toEqual({ unit_price_micros: '7.5' });
    expect(await edit.save()).toMatchObject({ name: 'Renamed', unit_price_micros: 7_500_000 });
  });

  it('is found out by the version: each change has another, and one must name it', async () => {
    const path = `/customers/${server.db.customers[1]?.id}`;
    const before = await server.call('GET', path);
    const changed = await server.call('PATCH', path, { phone: '1' }, { 'If-Match': before.tag });
    expect(changed.tag).not.toBe(before.tag);
    expect((await server.call('PATCH', path, { phone: '2' }, { 'If-Match': before.tag })).status).toBe(412);
    expect((await server.call('PATCH', path, { phone: '2' })).status).toBe(428);
    expect((await server.call<{ phone: string }>('GET', path)).body.phone).toBe('1');
  });

  it.each(['tickets', 'engineers', 'parts', 'sites', 'assets'])('is found out for %s too', async (entity) => {
    const [row] = (await server.call<{ items: { id: string }[] }>('GET', `/${entity}?limit=1`)).body.items;
    expect((await server.call('PATCH', `/${entity}/${row?.id}`, {}, { 'If-Match': '"0"' })).body).toMatchObject({ code: 'stale' });
  });
});

describe('what the forms of the catalogue send', () => {
  it('makes a part; the same number again is refused at its field', async () => {
    const values = { ...modules.valuesOf(modules.part.fields, null), number: 'GR-8', name: 'Governor rope', unit: 'm', decimals: '1', unit_price_micros: '3.2' };
    const sending = new modules.Submission(modules.part.fields.map((field) => field.key));
    const create = () => modules.part.create(modules.bodyOf(modules.part.fields, values, false), null);
    expect(await sending.run(create)).toMatchObject({ number: 'GR-8', unit: 'm', decimals: 1, unit_price_micros: 3_200_000, currency: 'USD', active: true });
    expect(await sending.run(create)).toBeUndefined();
    expect([sending.at('number'), sending.rest]).toEqual(['Taken already.', []]);
  });

  it('is told what is wrong with a currency, in words', async () => {
    const sending = new modules.Submission(['currency']);
    await sending.run(() => modules.part.create({ number: 'GR-9', name: 'x', currency: 'US' }, null));
    expect(sending.at('currency')).toBe('Give three letters, as in USD.');
  });

  it('makes a skill for an administrator, and for nobody else', async () => {
    const create = () => modules.skill.create({ code: 'FIRE-1', name: 'Fire service' }, null);
    await expect(create()).rejects.toMatchObject({ status: 403 });
    await server.as('admin');
    expect(await create()).toMatchObject({ id: 'FIRE-1' });
    await expect(create()).rejects.toMatchObject({ status: 409 });
  });
});

describe('a token', () => {
  const make = () => server.call<IssuedToken>('POST', '/tokens', { name: 'Lobby display', role: 'dispatcher' });
  const knock = async (secret: string) => (await server.call('GET', '/tickets?limit=1', undefined, { Authorization: `Bearer ${secret}` })).status;
  beforeEach(() => server.as('admin'));

  it('lets a program in until it is ended', async () => {
    const { status, body: token } = await make();
    expect([status, await knock(token.token), await knock('fet_guess')]).toEqual([201, 200, 401]);
    expect((await server.call('DELETE', `/tokens/${token.id}`)).status).toBe(204);
    expect(await knock(token.token)).toBe(401);
    expect((await server.call('DELETE', `/tokens/${token.id}`)).status).toBe(404);
  });

  it('tells its secret once: the list has none', async () => {
    const { body: made } = await make();
    const { items } = await modules.ask(modules.api.GET('/api/v1/tokens'));
    const listed = items.find((token: Token) => token.id === made.id);
    expect(listed).toMatchObject({ name: 'Lobby display', role: 'dispatcher' });
    expect(JSON.stringify(items)).not.toContain(made.token);
  });

  it('needs a name, and an administrator', async () => {
    const sending = new modules.Submission(['name', 'role']);
    await sending.run(() => modules.ask(modules.api.POST('/api/v1/tokens', { body: { name: '', role: 'dispatcher' } })));
    expect(sending.at('name')).toBe('This is needed.');
    await server.as('dispatch');
    expect((await make()).status).toBe(403);
  });

  it('of the warehouse is no administrator’s', async () => {
    const { body: token } = await server.call<IssuedToken>('POST', '/tokens', { name: 'Scanner', role: 'warehouse' });
    expect((await server.call('GET', '/tokens', undefined, { Authorization: `Bearer ${token.token}` })).status).toBe(403);
  });
});

describe('who should take a ticket', () => {
  const ticketOf = async (required_skills: object[]) => {
    const asset_id = first(server.db.assets).id;
    return (await server.call<{ id: string }>('POST', '/tickets', { kind: 'repair', priority: 2, title: 'Doors hum', asset_id, dispatch: 'manual', required_skills })).body.id;
  };
  const ranked = async (id: string) => (await server.call<Recommendation>('GET', `/tickets/${id}/recommendation`)).body;
  const changes = async (id: string, engineer = '') => (await server.call<{ items: WhatIf[] }>('GET', `/tickets/${id}/counterfactuals${engineer && `?engineer_id=${engineer}`}`)).body.items;

  it('is answered with what would put the second first, and with nothing for the first', async () => {
    const id = await ticketOf([]);
    const [best, second] = (await ranked(id)).ranked as [Candidate, Candidate];
    expect(await changes(id, best.engineer_id)).toEqual([]);
    const found = await changes(id, second.engineer_id);
    expect(found.map((one) => [one.goal, one.engineer_id])).toEqual(found.map(() => ['first', second.engineer_id]));
    expect(found.map((one) => one.change.change)).toEqual(['freed_earlier', 'nearer']);
  });

  it('is answered with the smallest change of each kind where nobody can', async () => {
    const id = await ticketOf([{ skill: 'lift_traction', level: 9 }]);
    expect((await ranked(id)).ranked).toEqual([]);
    const found = await changes(id);
    expect(found.length).toBeGreaterThan(0);
    expect(new Set(found.map((one) => one.change.change)).size).toBe(found.length);
    expect(found.every((one) => one.goal === 'placeable')).toBe(true);
  });

  it('is refused where somebody else was given it meanwhile', async () => {
    const id = await ticketOf([]);
    const [best, second, third] = (await ranked(id)).ranked as [Candidate, Candidate, Candidate];
    await server.call('POST', `/tickets/${id}/assignments`, { engineer_id: best.engineer_id });
    const late = await server.call('POST', `/tickets/${id}/assignments`, { engineer_id: third.engineer_id, instead_of: second.engineer_id });
    expect([late.status, late.body['code']]).toEqual([409, 'changed_meanwhile']);
  });
});
