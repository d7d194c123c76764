import '../../test/globals';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Device } from '$sync';
import { serve } from '../../test/window';
import { keyBytes, sleep, wake } from './push';

const KEY = 'BAEC_-8';
const device = { identity: async () => ({ token: 'secret' }) } as unknown as Device;
const PATH = '/sync/v1/push-subscription';

/** A browser that may or may not be woken; `key` is of the subscription that it has already. */
function browser(permission: string, key?: string) {
  const done: string[] = [];
  const made = (of: string) => ({ options: { applicationServerKey: keyBytes(of).buffer }, unsubscribe: async () => done.push('unsubscribe'), toJSON: () => ({ endpoint: 'https://push.example/1', keys: {} }) });
  const pushManager = { getSubscription: async () => (key ? made(key) : null), subscribe: async () => (done.push('subscribe'), made(KEY)) };
  vi.stubGlobal('navigator', { languages: ['en'], serviceWorker: { ready: Promise.resolve({ pushManager }), getRegistration: async () => ({ pushManager }) } });
  vi.stubGlobal('PushManager', class {});
  vi.stubGlobal('Notification', { permission, requestPermission: async () => done.push('asked') });
  vi.stubGlobal('caches', { open: async () => ({ put: async () => done.push('words') }) });
  return done;
}
const methods = (asked: { method: string }[]) => asked.map((one) => one.method);
const server = (subscribed: boolean) => serve({ [`GET ${PATH}`]: { public_key: KEY, subscribed }, [`PUT ${PATH}`]: {}, [`DELETE ${PATH}`]: {} });
afterEach(() => vi.unstubAllGlobals());

describe('waking', () => {
  it('reads the key in base64 for addresses', () => {
    expect([...keyBytes(KEY)]).toEqual([4, 1, 2, 255, 239]);
  });

  it('subscribes once it is allowed, and tells the server', async () => {
    const [done, asked] = [browser('granted'), server(false)];
    expect(await wake(device)).toBe('on');
    expect(done).toEqual(['subscribe', 'words']);
    expect(asked.map((one) => [one.method, one.headers.get('Authorization')])).toEqual([['GET', 'Bearer secret'], ['PUT', 'Bearer secret']]);
    expect(asked[1]?.body).toEqual({ endpoint: 'https://push.example/1', keys: {} });
  });

  it('tells the server nothing that it knows', async () => {
    const [done, asked] = [browser('granted', KEY), server(true)];
    expect(await wake(device)).toBe('on');
    expect([done, methods(asked)]).toEqual([['words'], ['GET']]);
  });

  it('subscribes anew when the server has another key', async () => {
    const [done, asked] = [browser('granted', 'BAEC'), server(true)];
    await wake(device);
    expect([done, methods(asked)]).toEqual([['unsubscribe', 'subscribe', 'words'], ['GET', 'PUT']]);
  });

  it('tells the server of a new address also when it still has the lost one', async () => {
    const [done, asked] = [browser('granted'), server(true)];
    expect(await wake(device)).toBe('on');
    expect([done, methods(asked)]).toEqual([['subscribe', 'words'], ['GET', 'PUT']]);
  });

  it('asks nobody who was not asked to be asked, and nothing of the server without leave', async () => {
    const [done, asked] = [browser('default'), server(false)];
    expect(await wake(device)).toBe('off');
    expect([done, asked]).toEqual([[], []]);
    await wake(device, true);
    expect(done).toEqual(['asked']);
  });

  it.each([['denied', 'refused'], ['granted', 'impossible']] as const)('is %s by the phone or not known to the server: %s', async (permission, expected) => {
    browser(permission);
    serve({});
    expect(await wake(device)).toBe(expected);
  });

  it('ends with a log-out, on both sides', async () => {
    const [done, asked] = [browser('granted', KEY), server(true)];
    await sleep(device);
    expect([done, methods(asked)]).toEqual([['unsubscribe'], ['DELETE']]);
  });
});
