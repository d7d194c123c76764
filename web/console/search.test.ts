import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Problem } from '$shared/api/problem';
import { page, Refused, serve } from '../test/window';
import { findAssets } from './forms/asset-search';
import { ServerList } from './search.svelte';

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('a list that the server searches', () => {
  beforeEach(() => vi.useFakeTimers());
  type Page = { items: string[]; next?: string | null };

  it('asks at once when it is opened, and later after a pause in typing', async () => {
    const fetchPage = vi.fn(async (words: string): Promise<Page> => ({ items: [words] }));
    const list = new ServerList(fetchPage);
    list.search('');
    await vi.advanceTimersByTimeAsync(0);
    expect(list.items).toEqual(['']);
    for (const words of ['d', 'do', 'door']) {
      list.search(words);
      await vi.advanceTimersByTimeAsync(50);
    }
    await vi.advanceTimersByTimeAsync(500);
    expect(fetchPage.mock.calls.map(([words]) => words)).toEqual(['', 'door']);
    expect([list.items, list.loading]).toEqual([['door'], false]);
  });

  it('does not show the answer to an older question', async () => {
    const answers: Record<string, number> = { old: 900, new: 10 };
    const list = new ServerList(async (words): Promise<Page> => new Promise((resolve) => setTimeout(() => resolve({ items: [words] }), answers[words])));
    list.search('old');
    await vi.advanceTimersByTimeAsync(200);
    list.search('new');
    await vi.advanceTimersByTimeAsync(2_000);
    expect(list.items).toEqual(['new']);
  });

  it('adds the next page to what it has', async () => {
    const list = new ServerList(async (_, after): Promise<Page> => (after === null ? { items: ['a', 'b'], next: 'b' } : { items: ['c'], next: null }));
    list.search('');
    await vi.advanceTimersByTimeAsync(0);
    expect(list.next).toBe('b');
    list.more();
    await vi.advanceTimersByTimeAsync(0);
    expect([list.items, list.next]).toEqual([['a', 'b', 'c'], null]);
  });

  it('says that it failed, keeps what it had, and recovers', async () => {
    let broken = false;
    const list = new ServerList(async (): Promise<Page> => {
      if (broken) throw new Problem(503, {});
      return { items: ['a'] };
    });
    list.search('');
    await vi.advanceTimersByTimeAsync(0);
    broken = true;
    list.reload();
    await vi.advanceTimersByTimeAsync(0);
    expect([list.failed, list.items, list.loading]).toEqual([true, ['a'], false]);
    broken = false;
    list.reload();
    await vi.advanceTimersByTimeAsync(0);
    expect(list.failed).toBe(false);
  });
});

describe('the lift that a caller speaks of', () => {
  const asset = (id: string, site_id: string) => ({ id, site_id, number: id.toUpperCase() });
  const site = (id: string) => ({ id, name: `Site ${id}`, address: `${id} Main St` });
  const answers = (over = {}) => ({
    'GET /api/v1/assets': ({ query }: { query: URLSearchParams }) => page(query.get('site_id') === 's2' ? [asset('a2', 's2'), asset('a3', 's2')] : query.get('site_id') === 's3' ? [asset('a4', 's3')] : [asset('a1', 's1'), asset('a2', 's2')]),
    'GET /api/v1/sites': ({ query }: { query: URLSearchParams }) => page(query.get('customer_id') ? [site('s3')] : [site('s2')]),
    'GET /api/v1/customers': page([{ id: 'c1' }]),
    'GET /api/v1/sites/s1': site('s1'),
    ...over,
  });

  it('is found by number, by address and by customer, each once and with its place', async () => {
    serve(answers());
    const found = await findAssets(' main ');
    expect(found.map((one) => [one.asset.id, one.site?.address])).toEqual([['a1', 's1 Main St'], ['a2', 's2 Main St'], ['a3', 's2 Main St'], ['a4', 's3 Main St']]);
  });

  it('is shown without its place when that cannot be read', async () => {
    serve(answers({ 'GET /api/v1/sites/s1': new Refused(500) }));
    expect((await findAssets('main'))[0]).toMatchObject({ asset: { id: 'a1' }, site: null });
  });

  it('is not looked for by place before anything is typed', async () => {
    const asked = serve(answers({ 'GET /api/v1/sites/s2': site('s2') }));
    await findAssets('  ');
    expect(asked.map((one) => one.path).filter((path) => path.endsWith('customers') || path.endsWith('sites'))).toEqual([]);
  });

  it('fails as a whole when the server does, so that "nothing found" is never a lie', async () => {
    serve(answers({ 'GET /api/v1/assets': new Refused(0) }));
    await expect(findAssets('main')).rejects.toBeInstanceOf(Problem);
  });
});
