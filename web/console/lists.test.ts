// Lists of the console against the stand-in server over HTTP: searched by the server, read page by page.
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Engineer, Part } from '$shared/api/types';
import { settled } from '../test/window';
import { standIn, type StandIn } from '../test/stand-in';

let server: StandIn;
let modules: Awaited<ReturnType<typeof load>>;
async function load() {
  vi.resetModules();
  const [client, { ServerList }, { catalogue }, { matching }] = await Promise.all([
    import('$shared/api/client'), import('./search.svelte'), import('./catalogue.svelte'), import('./catalogue/place-values'),
  ]);
  return { ...client, ServerList, catalogue, matching };
}
beforeAll(async () => {
  server = await standIn();
  modules = await load();
  await server.as('dispatch');
});
afterAll(() => server.close());

const LIMIT = 5;
const parts = () => {
  const { ServerList, ask, api } = modules;
  return new ServerList<Part>((q, after) => ask(api.GET('/api/v1/parts', { params: { query: { limit: LIMIT, ...(q ? { q } : {}), ...(after ? { after } : {}) } } })));
};
const until = async (done: () => boolean) => {
  await expect.poll(done, { timeout: 10_000 }).toBe(true);
};

describe('a list that the server pages', () => {
  it('has each row once when it is read to its end', async () => {
    const list = parts();
    list.search('');
    await until(() => !list.loading);
    expect(list.items).toHaveLength(LIMIT);
    for (let pages = 0; list.next && pages < 20; pages += 1) {
      list.more();
      await until(() => !list.loading);
    }
    expect(list.items.map((part) => part.id).sort()).toEqual(server.db.parts.map((part) => part.id).sort());
    expect(list.next).toBeNull();
  });

  it('finds by number and by name in both languages', async () => {
    const list = parts();
    for (const [words, number] of [['DR-212', 'DR-212'], ['door drive', 'DR-212'], ['门机皮带', 'DR-212']] as const) {
      list.search(words);
      await until(() => !list.loading && list.items.some((part) => part.number === number));
      expect(list.items).toHaveLength(1);
    }
  });

  it('is empty, not failed, where nothing is found', async () => {
    const list = parts();
    list.search('no such part');
    await until(() => !list.loading);
    expect([list.items, list.failed]).toEqual([[], false]);
  });

  it('shows the newest search only, however fast one types', async () => {
    const list = parts();
    list.search('');
    await until(() => !list.loading);
    for (const words of ['D', 'DR', 'DR-1', 'DR-110']) list.search(words);
    await until(() => !list.loading);
    expect(list.items.map((part) => part.number)).toEqual(['DR-110']);
  });
});

describe('everything at once', () => {
  it('follows the cursor to the end', async () => {
    const { all, api } = modules;
    const everybody = await all<Engineer>((after) => api.GET('/api/v1/engineers', { params: { query: { limit: 4, ...(after ? { after } : {}) } } }));
    expect(everybody.map((one) => one.code)).toEqual(server.db.engineers.map((one) => one.code));
  });

  it('gives the catalogue its names: of skills, parts and places', async () => {
    const { catalogue } = modules;
    catalogue.reload();
    await settled();
    await until(() => catalogue.skills.length > 0 && catalogue.places.length > 0);
    expect(catalogue.skillName('escalator')).toBe('Escalator');
    expect(catalogue.places.every((place) => place.kind === 'depot' || place.kind === 'van')).toBe(true);
    expect(modules.matching(catalogue.places, 'depot east', (place) => [place.code, place.name]).map((place) => place.code)).toEqual(['D-EAST']);
  });
});

describe('one who is not logged in', () => {
  it('gets nothing, from no list', async () => {
    for (const path of ['/parts', '/skills', '/tickets', '/stock', '/tokens']) {
      expect((await server.call('GET', path, undefined, { Authorization: 'Bearer none' })).status).toBe(401);
    }
  });
});
