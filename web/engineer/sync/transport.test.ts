import { afterEach, describe, expect, it, vi } from 'vitest';
import { Refused, serve } from '../../test/window';
import { http } from './transport';
import { SyncError } from './wire';

afterEach(() => vi.unstubAllGlobals());
const failure = (promise: Promise<unknown>) => promise.then(() => null, (cause: unknown) => cause as SyncError);

describe('the way to the server', () => {
  it('sends what the protocol says, with the phone’s token', async () => {
    const asked = serve({ 'POST /sync/v1/devices': { token: 't' }, 'POST /sync/v1/pull': { cursor: 7 }, 'POST /sync/v1/push': { results: [] } });
    expect(await http.enrol({ device_id: 'd', platform: 'web', app_version: '1', schema: 1 })).toEqual({ token: 't' });
    expect(await http.pull('t', 5, 100, 1)).toEqual({ cursor: 7 });
    await http.push('t', { epoch: 'e1', mutations: [] } as never);
    expect(asked.map((one) => [one.path, one.headers.get('Authorization')])).toEqual([['/sync/v1/devices', null], ['/sync/v1/pull', 'Bearer t'], ['/sync/v1/push', 'Bearer t']]);
    expect(asked[1]?.body).toEqual({ cursor: 5, limit: 100, schema: 1 });
  });

  it.each([[401, 'unauthenticated'], [409, 'epoch_changed'], [413, 'too_large']])('tells a refusal by status and code: %d', async (status, code) => {
    serve({ 'POST /sync/v1/pull': new Refused(status, { code }) });
    expect(await failure(http.pull('t', 0, 1, 1))).toMatchObject({ name: 'SyncError', status, code, retryAfterMs: null });
  });

  it('calls no network by its own status', async () => {
    serve({ 'POST /sync/v1/pull': new Refused(0) });
    expect(await failure(http.pull('t', 0, 1, 1))).toMatchObject({ status: 0, code: 'unreachable' });
  });

  it('waits as long as the server says', async () => {
    vi.stubGlobal('fetch', async () => new Response('{"code":"busy"}', { status: 503, headers: { 'Retry-After': '12' } }));
    expect(await failure(http.pull('t', 0, 1, 1))).toMatchObject({ status: 503, retryAfterMs: 12_000 });
  });

  it('takes a page of a hotel’s network for no answer at all', async () => {
    vi.stubGlobal('fetch', async () => new Response('<html>Log in to the Wi-Fi</html>', { status: 200 }));
    expect(await failure(http.push('t', { mutations: [] } as never))).toMatchObject({ status: 0, code: 'unreadable' });
  });
});
