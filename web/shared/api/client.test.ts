import { afterEach, describe, expect, it, vi } from 'vitest';
import { all, api, ask, askTagged, importCsv, whenUnauthorised } from './client';
import { Problem } from './problem';

type Handler = (request: Request) => Response | Promise<Response>;
const requests: Request[] = [];
function serve(handler: Handler): void {
  requests.length = 0;
  vi.stubGlobal('fetch', async (input: Request | string, init?: RequestInit) => {
    const request = new Request(new URL(typeof input === 'string' ? input : input.url, 'http://localhost'), typeof input === 'string' ? init : input);
    requests.push(request);
    return handler(request);
  });
}
const json = (body: unknown, status = 200, headers: Record<string, string> = {}) => new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json', ...headers } });
afterEach(() => vi.unstubAllGlobals());
const problem = (promise: Promise<unknown>) => promise.then(() => null, (cause: unknown) => cause as Problem);

describe('ask', () => {
  it('gives the value', async () => {
    serve(() => json({ items: [], next: null }));
    expect(await ask(api.GET('/api/v1/skills', { params: { query: {} }, fetch: globalThis.fetch }))).toEqual({ items: [], next: null });
  });

  it('throws the problem that the server names', async () => {
    serve(() => json({ code: 'not_found', detail: 'No such ticket.' }, 404));
    const got = await problem(ask(api.GET('/api/v1/tickets/{id}', { params: { path: { id: 't1' } }, fetch: globalThis.fetch })));
    expect(got).toMatchObject({ status: 404, code: 'not_found', message: 'No such ticket.' });
  });

  it('throws a problem of status 0 when nobody answers', async () => {
    serve(() => Promise.reject(new TypeError('failed to fetch')));
    expect(await problem(ask(api.GET('/api/v1/meta', { fetch: globalThis.fetch })))).toMatchObject({ status: 0, code: 'unreachable' });
  });

  it('takes a 204 for done', async () => {
    serve(() => new Response(null, { status: 204 }));
    await expect(ask(api.DELETE('/api/v1/session', { fetch: globalThis.fetch }))).resolves.toBeUndefined();
  });
});

describe('headers', () => {
  it('gives every creating request a key of its own', async () => {
    serve(() => json({}, 201));
    await ask(api.POST('/api/v1/customers', { body: { number: '1', name: 'a' }, fetch: globalThis.fetch }));
    await ask(api.POST('/api/v1/customers', { body: { number: '1', name: 'a' }, fetch: globalThis.fetch }));
    const keys = requests.map((request) => request.headers.get('Idempotency-Key'));
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(keys[1]).not.toBe(keys[0]);
  });

  it('are read with the row: two readings of one row keep their own tags', async () => {
    let version = 40;
    serve(() => json({ id: 'c9' }, 200, { ETag: `"${(version += 1)}"` }));
    const read = () => askTagged(api.GET('/api/v1/customers/{id}', { params: { path: { id: 'c9' } }, fetch: globalThis.fetch }));
    const [mine, other] = [await read(), await read()];
    expect([mine.tag, other.tag]).toEqual(['"41"', '"42"']);
  });

  it('has a tag that matches no row where the server gives none', async () => {
    serve(() => json({ id: 'c9' }));
    const got = await askTagged(api.GET('/api/v1/customers/{id}', { params: { path: { id: 'c9' } }, fetch: globalThis.fetch }));
    expect(got).toEqual({ row: { id: 'c9' }, tag: '"0"' });
  });

  it('tells once that the session has ended, but not for a wrong password', async () => {
    const told = vi.fn();
    whenUnauthorised(told);
    serve(() => json({ code: 'unauthenticated' }, 401));
    await problem(ask(api.POST('/api/v1/session', { body: { login: 'a', password: 'b' }, fetch: globalThis.fetch })));
    expect(told).not.toHaveBeenCalled();
    await problem(ask(api.GET('/api/v1/users', { params: { query: {} }, fetch: globalThis.fetch })));
    expect(told).toHaveBeenCalledOnce();
    whenUnauthorised(() => {});
  });
});

describe('all', () => {
  const page = (items: number[], next: string | null) => Promise.resolve({ data: { items, next }, response: new Response(null, { status: 200 }) });

  it('follows the cursor to the end', async () => {
    const asked: (string | undefined)[] = [];
    const items = await all<number>((after) => {
      asked.push(after);
      return after === undefined ? page([1, 2], 'b') : after === 'b' ? page([3], 'c') : page([4], null);
    });
    expect(items).toEqual([1, 2, 3, 4]);
    expect(asked).toEqual([undefined, 'b', 'c']);
  });

  it('ends when a server repeats its cursor for ever', async () => {
    expect((await all<number>(() => page([1], 'same'))).length).toBe(200);
  });

  it('fails as a whole when one page fails', async () => {
    const broken = () => Promise.resolve({ error: { code: 'busy' }, response: new Response(null, { status: 503 }) });
    await expect(all(broken)).rejects.toBeInstanceOf(Problem);
  });
});

describe('importCsv', () => {
  it('sends the file as it is, with what is wanted in the address', async () => {
    serve(() => json({ rows: 1, imported: 0, faults: [] }));
    await importCsv('assets', 'number\n1', 'rows', true);
    expect(requests[0]?.url).toContain('/api/v1/import/assets?mode=rows&dry_run=true');
    expect(requests[0]?.headers.get('Content-Type')).toBe('text/csv');
    expect(await requests[0]?.text()).toBe('number\n1');
  });

  it('gives the report also when the rows were refused', async () => {
    serve(() => json({ rows: 1, imported: 0, faults: [{ row: 2, column: 'number', code: 'duplicate', message: 'taken' }] }, 422));
    expect(await importCsv<{ faults: unknown[] }>('parts', 'x', 'all', false)).toMatchObject({ imported: 0 });
  });

  it('throws what is no report', async () => {
    serve(() => json({ code: 'too_large', detail: 'Too large.' }, 413));
    expect(await problem(importCsv('parts', 'x', 'all', false))).toMatchObject({ code: 'too_large' });
  });
});
