import { afterEach, describe, expect, it, vi } from 'vitest';
import { openWindow, Refused, serve, type Answers } from '../test/window';

const meta = { version: '1', now_at: 5_000, speed: 20, demo: true, organisation: 'Lifts', tiles: {}, demo_logins: [] };
const user = { id: 'u1', login: 'dora', display_name: 'Dora', role: 'dispatcher' };
async function load(answers: Answers, address = '/') {
  vi.resetModules();
  const view = openWindow(address);
  const asked = serve({ 'GET /api/v1/meta': meta, ...answers });
  const [{ session }, { clock }, { api, ask }] = await Promise.all([import('./session.svelte'), import('./clock.svelte'), import('./api/client')]);
  return { session, clock, api, ask, view, asked };
}
afterEach(() => vi.unstubAllGlobals());

describe('the start of a page', () => {
  it('knows who is logged in, and takes the server’s time', async () => {
    const { session, clock } = await load({ 'GET /api/v1/session': { user } });
    await session.start();
    expect([session.user?.login, session.ready, session.unreachable, session.meta?.organisation]).toEqual(['dora', true, false, 'Lifts']);
    expect([clock.now, clock.speed]).toEqual([5_000, 20]);
  });

  it('without a log-in is no failure, and does not chase one away from the log-in page', async () => {
    const { session, view } = await load({ 'GET /api/v1/session': new Refused(401, { code: 'unauthenticated' }) }, '/login');
    await session.start();
    expect([session.user, session.ready, session.unreachable]).toEqual([null, true, false]);
    expect(view.visited).toEqual([]);
  });

  it.each([0, 500, 503])('tells that the server cannot be reached (%d), and recovers', async (status) => {
    const state = { down: true };
    const { session } = await load({ 'GET /api/v1/meta': () => (state.down ? new Refused(status) : meta), 'GET /api/v1/session': { user } });
    await session.start();
    expect([session.ready, session.unreachable, session.user]).toEqual([true, true, null]);
    state.down = false;
    await session.start();
    expect([session.unreachable, session.user?.login]).toEqual([false, 'dora']);
  });
});

describe('logging in and out', () => {
  it('sends name and password once and keeps who it is', async () => {
    const { session, asked } = await load({ 'POST /api/v1/session': { user } });
    expect((await session.logIn('dora', 'secret')).display_name).toBe('Dora');
    expect(asked.at(-1)?.body).toEqual({ login: 'dora', password: 'secret' });
    expect(session.user?.login).toBe('dora');
  });

  it('with a wrong password leaves nobody logged in', async () => {
    const { session } = await load({ 'POST /api/v1/session': new Refused(401, { code: 'wrong_password' }) });
    await expect(session.logIn('dora', 'x')).rejects.toMatchObject({ code: 'wrong_password' });
    expect(session.user).toBeNull();
  });

  it('leads to the log-in page, also when the server does not answer', async () => {
    const { session, view } = await load({ 'GET /api/v1/session': { user }, 'DELETE /api/v1/session': new Refused(0) });
    await session.start();
    await session.logOut();
    expect([session.user, view.visited]).toEqual([null, ['/login']]);
  });

  it('that ends while one works leads back to the same place afterwards', async () => {
    const { session, api, ask, view } = await load({ 'GET /api/v1/session': { user }, 'GET /api/v1/skills': new Refused(401, { code: 'unauthenticated' }) }, '/people?id=e1');
    await session.start();
    await ask(api.GET('/api/v1/skills', { params: { query: {} } })).catch(() => undefined);
    expect([session.user, view.visited]).toEqual([null, [`/login?from=${encodeURIComponent('/people?id=e1')}`]]);
  });
});
