// The way to the server, over a fetch of our own.
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { httpTransport } from './transport';
import { SyncError, type PushRequest } from './wire';

interface Asked {
  url: string;
  init: RequestInit;
}

function fake(answer: () => Response | Promise<Response>) {
  const asked: Asked[] = [];
  const fetch = async (url: string, init: RequestInit) => (asked.push({ url, init }), answer());
  return { asked, http: httpTransport({ url: 'http://server', fetch }) };
}
const json = (body: unknown, status = 200, headers = {}) => new Response(JSON.stringify(body), { status, headers });
const failure = (promise: Promise<unknown>) => promise.then(() => null, (cause: unknown) => cause as SyncError);
const header = (one: Asked | undefined, name: string) => new Headers(one?.init.headers).get(name);

describe('the way to the server', () => {
  it('sends what the protocol says, with the phone’s token', async () => {
    const { asked, http } = fake(() => json({ ok: true }));
    await http.enrol({ device_id: 'd', platform: 'web', app_version: '1', schema: 1 });
    await http.enrol({ device_id: 'd', platform: 'web', app_version: '1', schema: 1 }, 'session');
    await http.pull('t', { cursor: 5, limit: 100, schema: 1 });
    await http.push('t', { epoch: 'e1', mutations: [] });
    await http.status('t');
    expect(asked.map((one) => [one.init.method, one.url, header(one, 'Authorization')])).toEqual([
      ['POST', 'http://server/sync/v1/devices', null], ['POST', 'http://server/sync/v1/devices', 'Bearer session'],
      ['POST', 'http://server/sync/v1/pull', 'Bearer t'], ['POST', 'http://server/sync/v1/push', 'Bearer t'], ['GET', 'http://server/sync/v1/status', 'Bearer t'],
    ]);
    expect(JSON.parse(asked[2]?.init.body as string)).toEqual({ cursor: 5, limit: 100, schema: 1 });
  });

  it('packs what is worth it, and says so', async () => {
    const { asked, http } = fake(() => json({ results: [] }));
    const request = { epoch: 'e1', mutations: Array.from({ length: 50 }, (_, i) => ({ mid: `m${i}`, op: 'insert', c: 'notes', id: `m${i}`, set: { text: 'rope is worn' }, schema: 1 })) } as PushRequest;
    await http.push('t', request);
    expect(header(asked[0], 'Content-Encoding')).toBe('gzip');
    const body = asked[0]?.init.body as Uint8Array;
    expect(JSON.parse(gunzipSync(body).toString())).toEqual(request);
    expect(body.length).toBeLessThan(JSON.stringify(request).length / 5);
    await http.push('t', { epoch: 'e1', mutations: [] });
    expect(header(asked[1], 'Content-Encoding')).toBeNull();
  });

  it.each([[401, 'unauthenticated'], [409, 'epoch_changed'], [413, 'too_large']])('tells a refusal by status and code: %d', async (status, code) => {
    const { http } = fake(() => json({ code }, status));
    expect(await failure(http.pull('t', { cursor: 0, schema: 1 }))).toMatchObject({ name: 'SyncError', status, code, retryAfterMs: null });
  });

  it('hands on what came with a refusal', async () => {
    const { http } = fake(() => json({ code: 'too_large', limits: { push_mutations: 7 }, epoch: 'e2' }, 413));
    expect(await failure(http.pull('t', { cursor: 0, schema: 1 }))).toMatchObject({ limits: { push_mutations: 7 }, epoch: 'e2' });
  });

  it('calls no network by its own status', async () => {
    const { http } = fake(() => Promise.reject(new TypeError('failed to fetch')));
    expect(await failure(http.pull('t', { cursor: 0, schema: 1 }))).toMatchObject({ status: 0, code: 'unreachable' });
  });

  it('waits as long as the server says', async () => {
    const { http } = fake(() => json({ code: 'busy' }, 503, { 'Retry-After': '7' }));
    expect(await failure(http.pull('t', { cursor: 0, schema: 1 }))).toMatchObject({ status: 503, retryAfterMs: 7_000 });
  });

  it.each(['<html>Log in to the hotel</html>', '"text"', 'null', ''])('takes no answer but the server’s: %s', async (text) => {
    const { http } = fake(() => new Response(text, { status: 200 }));
    expect(await failure(http.pull('t', { cursor: 0, schema: 1 }))).toMatchObject({ status: 0 });
  });

  it('gives up an answer that never comes', async () => {
    const fetch = (_: string, { signal }: RequestInit) => new Promise<Response>((_resolve, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    expect(await failure(httpTransport({ fetch, patienceMs: 5 }).pull('t', { cursor: 0, schema: 1 }))).toMatchObject({ status: 0 });
  });
});
