import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { openWindow, Refused, serve, settled, type Answers, type Asked } from '../test/window';

const user = { id: 'u1', login: 'maria', display_name: 'Maria', role: 'engineer', engineer_id: 'E7' };
const ticket = { id: 'T1', sync_v: 1, number: 1, title: 'Doors', status: 'assigned', engineer_id: 'E7', site_id: 'S1', visit_id: 'V1' };
const enrolled = { token: 'secret', epoch: 'e1', server_time: 1_000, limits: { push_mutations: 100 }, policy: { engineer_id: 'E7' } };
const pulled = { epoch: 'e1', cursor: 1, more: false, server_time: 1_000, changes: [{ c: 'tickets', id: 'T1', op: 'put', v: 1, doc: ticket }] };
const applied = ({ body }: Asked) => ({ epoch: 'e1', acked_seq: 9, server_time: 1_000, results: (body as { mutations: { mid: string }[] }).mutations.map(({ mid }) => ({ mid, result: 'applied', v: 2 })) });
const server = (over: Answers = {}): Answers => ({ 'GET /api/v1/session': { user }, 'POST /sync/v1/devices': enrolled, 'POST /sync/v1/pull': pulled, 'POST /sync/v1/push': applied, ...over });

/** A phone that was switched on; `database` is what it remembers. */
async function load(over: Answers = {}, database = new IDBFactory()) {
  vi.resetModules();
  vi.stubGlobal('indexedDB', database);
  const view = openWindow('/phone');
  const asked = serve(server(over));
  vi.stubGlobal('document', { visibilityState: 'visible', addEventListener: () => undefined, documentElement: {} });
  vi.stubGlobal('navigator', { languages: ['en'] });
  vi.stubGlobal('setInterval', () => 0);
  const { phone } = await import('./phone.svelte');
  await phone.start();
  return { phone, asked, view, database };
}
const down = new Refused(0);
const offline: Answers = { 'GET /api/v1/session': down, 'POST /sync/v1/devices': down, 'POST /sync/v1/pull': down, 'POST /sync/v1/push': down };
const paths = (asked: Asked[]) => asked.map((one) => one.path);
const pushed = (asked: Asked[]) => asked.filter((one) => one.path.endsWith('/push')).flatMap((one) => (one.body as { mutations: { set: Record<string, unknown> }[] }).mutations);
afterEach(() => vi.unstubAllGlobals());

describe('the first start of a phone', () => {
  it('enrols with the session, pulls, and shows the visits', async () => {
    const { phone, asked } = await load();
    expect([phone.state, phone.name, phone.online]).toEqual(['ready', 'Maria', true]);
    expect(phone.view?.tickets.map((one) => one.id)).toEqual(['T1']);
    expect(asked.find((one) => one.path === '/sync/v1/pull')?.headers.get('Authorization')).toBe('Bearer secret');
  });

  it.each([
    ['not logged in', { 'GET /api/v1/session': new Refused(401) }, 'login'],
    ['not an engineer', { 'GET /api/v1/session': { user: { ...user, engineer_id: null } } }, 'not_engineer'],
    ['without a network', offline, 'unreachable'],
    ['refused by the protocol', { 'POST /sync/v1/devices': new Refused(401) }, 'login'],
  ] as const)('%s', async (_, over, state) => {
    const { phone } = await load(over);
    expect([phone.state, phone.view]).toEqual([state, null]);
  });
});

describe('a phone that was enrolled', () => {
  it('starts without a network, with what it had', async () => {
    const { database } = await load();
    const { phone } = await load(offline, database);
    expect([phone.state, phone.online, phone.lostAt !== null]).toEqual(['ready', false, true]);
    expect(phone.view?.tickets).toHaveLength(1);
  });

  it('shows a tap at once and sends it when the network is back, also after a new start', async () => {
    const { database } = await load();
    const away = await load(offline, database);
    const visit = away.phone.view?.tickets[0];
    if (!visit) throw new Error('no visit');
    await away.phone.act(visit, 'accept');
    expect(away.phone.view?.tickets[0]).toMatchObject({ status: 'accepted', pending: true });
    expect(away.phone.view?.waiting).toHaveLength(1);
    const { phone, asked } = await load({}, database);
    await settled();
    expect(pushed(asked).map((one) => one.set)).toMatchObject([{ kind: 'accept', ticket_id: 'T1', visit_id: 'V1', engineer_id: 'E7' }]);
    expect([phone.view?.waiting.length, phone.online]).toEqual([0, true]);
  });

  it('sends notes and parts with whose they are', async () => {
    const { phone, asked } = await load();
    const visit = phone.view?.tickets[0];
    if (!visit) throw new Error('no visit');
    await phone.addNote(visit, 'Rope is worn');
    await phone.usePart(visit, 'p1', { quantity: 1, outcome: 'used', serial: 'N-1', removed_serial: 'O-1' });
    await phone.sync();
    await settled();
    expect(pushed(asked).map((one) => one.set)).toMatchObject([{ text: 'Rope is worn', engineer_id: 'E7' }, { part_id: 'p1', quantity: 1, outcome: 'used', serial: 'N-1', removed_serial: 'O-1' }]);
  });

  it('enrols again by itself when its token has ended', async () => {
    const { database } = await load();
    const state = { refused: true };
    const { phone, asked } = await load({ 'POST /sync/v1/pull': () => (state.refused ? ((state.refused = false), new Refused(401, { code: 'unauthenticated' })) : pulled) }, database);
    expect(paths(asked)).toContain('/sync/v1/devices');
    expect([phone.state, phone.online]).toEqual(['ready', true]);
  });

  it('given to somebody else keeps the first one’s unsent work to itself', async () => {
    const { database } = await load();
    const away = await load(offline, database);
    const visit = away.phone.view?.tickets[0];
    if (visit) await away.phone.act(visit, 'accept');
    const unauthorised = new Refused(401, { code: 'unauthenticated' });
    const { phone, asked } = await load({ 'GET /api/v1/session': { user: { ...user, engineer_id: 'E8' } }, 'POST /sync/v1/pull': unauthorised, 'POST /sync/v1/push': unauthorised }, database);
    expect(phone.state).toBe('other_engineer');
    expect(paths(asked)).not.toContain('/sync/v1/devices');
  });

  it('puts away what the office did not take, once it was read', async () => {
    const refuse = ({ body }: Asked) => ({ epoch: 'e1', acked_seq: 9, server_time: 1_000, results: (body as { mutations: { mid: string }[] }).mutations.map(({ mid }) => ({ mid, result: 'conflict', why: 'cancelled meanwhile' })) });
    const { phone } = await load({ 'POST /sync/v1/push': refuse });
    const visit = phone.view?.tickets[0];
    if (!visit) throw new Error('no visit');
    await phone.act(visit, 'accept');
    await phone.sync();
    await settled();
    expect(phone.view?.attention.map((one) => one.result?.why)).toEqual(['cancelled meanwhile']);
    await phone.dismiss(phone.view?.attention[0]?.seq ?? 0);
    expect(phone.view?.attention).toEqual([]);
  });
});
