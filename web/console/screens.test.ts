import '../test/globals';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Role, Skill } from '$shared/api/types';
import { clock } from '$shared/clock.svelte';
import { locale } from '$shared/i18n/text';
import { session } from '$shared/session.svelte';
import { draw, snippet } from '../test/render';
import { engineer } from '../test/samples';
import { page, Refused, serve, type Answers } from '../test/window';
import App from './App.svelte';
import PartDetail from './catalogue/PartDetail.svelte';
import PlaceDetail from './catalogue/PlaceDetail.svelte';
import SkillDetail from './catalogue/SkillDetail.svelte';
import LoginScreen from './LoginScreen.svelte';
import Pages from './Pages.svelte';
import EngineerDetail from './people/EngineerDetail.svelte';
import PeopleScreen from './people/PeopleScreen.svelte';
import Records from './Records.svelte';
import { router } from './router.svelte';
import TopBar from './TopBar.svelte';

const meta = {
  version: '0.1.0', now_at: 0, speed: 1, demo: true, organisation: 'Midtown Lift Service', tiles: null,
  demo_logins: [{ role: 'dispatcher', login: 'dispatch', password: 'demo' }, { role: 'warehouse', login: 'store', password: 'demo' }],
};
const user = (role: Role) => ({ id: 'u', login: 'x', display_name: 'Dora Reyes', role, engineer_id: null, locale: '' });
async function as(role: Role | null, more: Answers = {}): Promise<void> {
  serve({ 'GET /api/v1/meta': meta, 'GET /api/v1/session': role ? { user: user(role) } : new Refused(401), ...more });
  await session.start();
}
const at = (path: string) => {
  Object.assign(location, { pathname: path, search: '' });
  router.go(path);
};
beforeEach(() => clock.set(0, 1));
afterEach(() => locale.set('en'));

describe('the bar on top', () => {
  const links = () => [...draw(TopBar, { screen: 'people' }).html.matchAll(/<a[^>]*href="([^"]+)"[^>]*>/g)].map((found) => found[1]);

  it('leads the office everywhere', async () => {
    await as('dispatcher');
    expect(links()).toEqual(['/', '/', '/planning', '/numbers', '/customers', '/people', '/catalogue', '/warehouse']);
  });

  it('leads the warehouse only where it may go', async () => {
    await as('warehouse');
    expect(links()).toEqual(['/', '/catalogue', '/warehouse']);
  });

  it('says where one is, and who one is', async () => {
    await as('dispatcher');
    const drawn = draw(TopBar, { screen: 'people' });
    expect(drawn.html.match(/aria-current="page"[^>]*>([^<]+)/)?.[1]).toBe('People');
    expect(drawn.text).toContain('Dora Reyes Dispatcher');
  });

  it('says that the clock runs faster than the sun, or stands', async () => {
    await as('dispatcher');
    clock.set(0, 60);
    expect(draw(TopBar, { screen: 'people' }).text).toContain('60×');
    clock.set(0, 0);
    expect(draw(TopBar, { screen: 'people' }).text).toContain('paused');
    clock.set(0, 1);
    expect(draw(TopBar, { screen: 'people' }).text).not.toMatch(/×|paused/);
  });

  it('says whether the page is live only where something lives', async () => {
    await as('dispatcher');
    expect(draw(TopBar, { screen: 'dispatch' }).text).toContain('Connecting');
    expect(draw(TopBar, { screen: 'people' }).text).not.toContain('Connecting');
  });
});

describe('the page', () => {
  it('waits until it knows who is there, and says when the server is gone', async () => {
    serve({ 'GET /api/v1/meta': new Refused(503, {}) });
    await session.start();
    const drawn = draw(App, {});
    expect(drawn.text).toContain('The server cannot be reached');
    expect(drawn.text).toContain('Try again');
  });

  it.each<[Role, string, boolean]>([
    ['dispatcher', '/people', true], ['admin', '/catalogue/skills', true], ['warehouse', '/catalogue', true], ['warehouse', '/people', false],
    ['warehouse', '/', false], ['engineer', '/catalogue', false], ['engineer', '/', false],
  ])('shows a %s at %s what is his and nothing else', async (role, path, shown) => {
    await as(role);
    at(path);
    expect(draw(App, {}).text.includes('Dora Reyes')).toBe(shown);
  });
});

describe('the log-in', () => {
  it('of a demo offers its log-ins, each with its role', async () => {
    await as(null);
    const drawn = draw(LoginScreen, {});
    expect(drawn.text).toMatch(/Midtown Lift Service .*Demo log-ins .*Dispatcher queue, map, assign dispatch Warehouse pick, issue, receive store/);
  });

  it('of any other server offers none', async () => {
    serve({ 'GET /api/v1/meta': { ...meta, demo_logins: [] }, 'GET /api/v1/session': new Refused(401) });
    await session.start();
    expect(draw(LoginScreen, {}).text).not.toContain('Demo');
  });
});

describe('a list of records', () => {
  const list = (more: object) => draw(Records as never, {
    items: [], key: (one: { id: string }) => one.id, loading: false, failed: false, query: '', searchLabel: 'Search parts', actions: snippet('<b>Add</b>'),
    row: snippet('<i>row</i>'), detail: snippet('<p>detail</p>'), onretry: () => undefined, empty: 'No parts yet.', ...more,
  } as never);
  const items = [{ id: 'a' }, { id: 'b' }];

  it('tells apart: loading, failed, empty, nothing found', () => {
    expect(list({ loading: true }).text).toContain('Loading…');
    expect(list({ failed: true }).text).toMatch(/could not be loaded.*Try again/);
    expect(list({}).text).toContain('No parts yet.');
    expect(list({ query: 'xyz' }).text).toContain('Nothing found.');
  });

  it('keeps what it has while it loads anew', () => {
    expect(list({ items, loading: true }).tags('li')).toHaveLength(2);
  });

  it('offers more only where there is more', () => {
    expect(list({ items, more: () => undefined }).text).toContain('Show more');
    expect(list({ items, more: null }).text).not.toContain('Show more');
  });

  it('marks the one that is chosen', () => {
    at('/catalogue?id=b');
    Object.assign(location, { search: '?id=b' });
    router.go('/catalogue?id=b');
    expect(list({ items }).tags('button').filter((tag) => tag.includes('aria-current="true"'))).toHaveLength(1);
    at('/catalogue');
  });
});

describe('the pages of a screen', () => {
  it('are links, and one of them is where one is', () => {
    const drawn = draw(Pages as never, { label: 'Catalogue', pages: [{ href: '/a', text: 'A', on: false }, { href: '/b', text: 'B', on: true }], children: snippet('<p>x</p>') } as never);
    expect(drawn.tags('a').map((tag) => tag.includes('aria-current="page"'))).toEqual([false, true]);
  });

  it('of people are the administrator’s but for the engineers and their phones', async () => {
    at('/people');
    await as('dispatcher');
    expect(draw(PeopleScreen, {}).tags('a')).toHaveLength(2);
    await as('admin');
    expect(draw(PeopleScreen, {}).tags('a')).toHaveLength(5);
  });

  it('say what is chosen when nothing is', async () => {
    await as('dispatcher');
    expect(draw(PeopleScreen, {}).text).toContain('Choose an engineer');
  });
});

describe('one record, before it is read', () => {
  const skill: Skill = { code: 'LIFT-A', name: 'Lifts, basic', name_zh: '电梯基础' };
  const place = { id: 'd', kind: 'depot' as const, code: 'D-E38', name: 'Depot East', active: true, created_at: 0, latitude: 40.7543, longitude: -73.9699, engineer_id: null };

  it('says that it is on its way', () => {
    serve({ 'GET /api/v1/engineers': page([engineer()]) });
    expect(draw(PartDetail, { id: 'p', onchange: () => undefined }).text).toBe('Loading…');
    expect(draw(EngineerDetail, { id: 'e', onchange: () => undefined }).text).toBe('Loading…');
    expect(draw(SkillDetail, { skill }).text).toBe('Lifts, basic LIFT-A · 电梯基础 Who holds it Loading…');
  });

  it('has the name of the reader’s language above, and the other one below', () => {
    locale.set('zh-CN');
    expect(draw(SkillDetail, { skill }).text).toMatch(/^电梯基础 LIFT-A · Lifts, basic/);
    locale.set('en');
    expect(draw(SkillDetail, { skill: { ...skill, name_zh: '' } }).text).toMatch(/^Lifts, basic LIFT-A Who/);
  });

  it('that is a depot says where it stands; that is a van, that it moves', () => {
    expect(draw(PlaceDetail, { place }).text).toMatch(/Depot East D-E38 · 40\.75430, -73\.96990 Depot/);
    expect(draw(PlaceDetail, { place: { ...place, kind: 'van', latitude: null, longitude: null } }).text).toContain('A van is where its engineer is.');
    expect(draw(PlaceDetail, { place: { ...place, active: false } }).text).toContain('Inactive');
  });
});
