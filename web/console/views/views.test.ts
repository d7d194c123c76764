import { afterEach, describe, expect, it, vi } from 'vitest';
import { openWindow, page, serve, type Answers, type Asked } from '../../test/window';

const view = (over: object = {}) => ({ id: 'v1', user_id: 'u1', author: 'dora', name: 'Night', shared: false, query: 'late=1&rows=shift', layout: { left: 400, right: 420, bottom: 250, timeline: false }, changed_at: 0, ...over });

async function load(address: string, answers: Answers) {
  vi.resetModules();
  const window = openWindow(address);
  const asked: Asked[] = serve(answers);
  const [{ views, viewQuery }, { layout }, { router }] = await Promise.all([import('./views.svelte'), import('../layout.svelte'), import('../router.svelte')]);
  return { views, viewQuery, layout, router, asked, window };
}
afterEach(() => vi.unstubAllGlobals());

describe('a view', () => {
  it('is all of an address but the ticket, whatever the order', async () => {
    const { viewQuery } = await load('/', {});
    expect(viewQuery(new URLSearchParams('rows=shift&ticket=t1&late=1'))).toBe('late=1&rows=shift');
  });

  it('that is taken brings its filters and sizes; the open ticket stays', async () => {
    const { views, layout, router } = await load('/?ticket=t1&q=door', { 'GET /api/v1/views': page([view()]) });
    await views.load();
    expect(views.now).toBeUndefined();
    views.take(views.list?.[0] as never);
    expect(router.query.toString()).toBe('late=1&rows=shift&ticket=t1');
    expect([layout.left, layout.bottom, layout.timeline]).toEqual([400, 250, false]);
    expect(views.now?.name).toBe('Night');
  });

  it('is saved as the page is', async () => {
    const { views, asked } = await load('/?sort=new&ticket=t1', { 'GET /api/v1/views': page([]), 'POST /api/v1/views': view() });
    await views.save('Newest', true);
    expect(asked[0]?.body).toEqual({ name: 'Newest', shared: true, query: 'sort=new', layout: { left: 412, right: 432, bottom: 330, timeline: true } });
  });

  it('is shared as it was, renewed as the page is, on what the server has now', async () => {
    const { views, asked } = await load('/?sort=new', { 'GET /api/v1/views': page([]), 'GET /api/v1/views/v1': view(), 'PUT /api/v1/views/v1': view() });
    await views.share(view() as never, true);
    await views.renew(view() as never);
    const sent = asked.filter((one) => one.method === 'PUT');
    expect(sent.map((one) => one.headers.get('If-Match'))).toEqual(['"1"', '"1"']);
    expect(sent.map((one) => (one.body as { query: string; shared: boolean }))).toMatchObject([{ query: 'late=1&rows=shift', shared: true }, { query: 'sort=new', shared: false }]);
  });
});

describe('a view in the list', () => {
  const labels = async (role: string, over: object) => {
    await load('/', { 'GET /api/v1/meta': { now_at: 0, speed: 1 }, 'GET /api/v1/session': { user: { id: 'u1', role } } });
    const [{ session }, { draw }, { default: ViewRow }] = await Promise.all([import('$shared/session.svelte'), import('../../test/render'), import('./ViewRow.svelte')]);
    await session.start();
    const drawn = draw(ViewRow, { view: view(over) as never, busy: false, run: () => undefined, ontake: () => undefined });
    return [...drawn.html.matchAll(/aria-label="([^"]+)"/g)].map((found) => found[1]);
  };

  it('says what each button does to it', async () => {
    expect(await labels('dispatcher', {})).toEqual(['Replace Night by what is shown now', 'Share Night with everybody', 'Remove Night']);
  });

  it('of somebody else is removed by administrators alone', async () => {
    const theirs = { user_id: 'u2', shared: true };
    expect(await labels('dispatcher', theirs)).toEqual([]);
    expect(await labels('admin', theirs)).toEqual(['Remove Night']);
  });
});
