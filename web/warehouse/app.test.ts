import '../test/globals';
import { afterEach, describe, expect, it } from 'vitest';
import type { Role } from '$shared/api/types';
import { locale } from '$shared/i18n/text';
import { session } from '$shared/session.svelte';
import { draw } from '../test/render';
import { Refused, serve } from '../test/window';
import App from './App.svelte';

const meta = { version: '0.1.0', now_at: 0, speed: 1, demo: false, organisation: '', demo_logins: [], tiles: null };
async function as(role: Role | null): Promise<string[]> {
  const user = { id: 'u', login: 'walt', display_name: 'Walt', role, engineer_id: null, locale: '' };
  serve({ 'GET /api/v1/meta': meta, 'GET /api/v1/session': role ? { user } : new Refused(401) });
  await session.start();
  return [...draw(App, {}).html.matchAll(/<a[^>]*href="([^"#]+)"/g)].map((found) => found[1] ?? '');
}
afterEach(() => locale.set('en'));

describe('the warehouse', () => {
  it('leads its own people to the parts and places that they look after', async () => {
    expect(await as('warehouse')).toEqual(['/catalogue']);
  });

  it.each<Role>(['dispatcher', 'admin'])('leads a %s back to the console, where the rest is', async (role) => {
    expect(await as(role)).toEqual(['/']);
  });

  it.each<Role | null>(['engineer', null])('shows %s nothing of what lies there', async (role) => {
    expect(await as(role)).toEqual([]);
    expect(draw(App, {}).text).toBe('Loading…');
  });

  it('says that the server is gone, and offers to try again', async () => {
    serve({ 'GET /api/v1/meta': new Refused(503, {}) });
    await session.start();
    expect(draw(App, {}).text).toMatch(/The server cannot be reached .*Try again/);
  });

  it('has six sections, all in sight, and begins with what is to be picked', async () => {
    await as('warehouse');
    const drawn = draw(App, {});
    const links = drawn.tags('a').filter((tag) => tag.includes('href="#'));
    expect(links.map((tag) => tag.includes('aria-current="page"'))).toEqual([true, false, false, false, false, false]);
    expect(drawn.text).toMatch(/Pick In & out Count Returns Stock Tasks$/);
  });

  it('says all of it in Chinese', async () => {
    await as('warehouse');
    locale.set('zh-CN');
    expect(draw(App, {}).text).toMatch(/^仓库 .*拣货 出入库 盘点 退库 库存 任务$/);
  });
});
