import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { PhoneStore } from '$sync';
import { workerOf } from '../../build/phone-files';

const SOURCE = workerOf(readFileSync(new URL('worker.js', import.meta.url), 'utf8'), [], '');
const MADE = { endpoint: 'https://push.example/2', keys: {} };

/** The worker as a browser runs it; `happen` is an event that comes to it, `done` what it did outside of itself. */
function worker(pages: { visibilityState: string }[] = [], words?: object, indexedDB = new IDBFactory()) {
  const done: unknown[] = [];
  const heard = new Map<string, (event: object) => void>();
  const open = pages.map((page) => ({ ...page, postMessage: (text: string) => done.push(text) }));
  const subscribe = async (options: object) => (done.push(options), MADE);
  const self = {
    addEventListener: (name: string, then: (event: object) => void) => heard.set(name, then),
    clients: { matchAll: async () => open },
    registration: { showNotification: async (title: string, { body }: { body: string }) => done.push([title, body]), pushManager: { subscribe } },
  };
  const fetch = async (path: string, { method, headers, body }: RequestInit) => {
    done.push([method, path, (headers as Record<string, string>).Authorization, body && JSON.parse(String(body))]);
    return { ok: true, json: async () => ({ public_key: 'BAEC', subscribed: true }) };
  };
  const caches = { match: async () => words && { json: async () => words } };
  runInNewContext(SOURCE, { self, caches, fetch, indexedDB });
  const happen = async (name: string, event: object = {}) => {
    let until: Promise<void> | undefined;
    heard.get(name)?.({ ...event, waitUntil: (work: Promise<void>) => (until = work) });
    await until;
  };
  return { done, happen, indexedDB };
}

/** A browser in which this phone is enrolled. */
async function enrolled(): Promise<IDBFactory> {
  indexedDB = new IDBFactory();
  const store = await PhoneStore.open();
  await store.set('device', { device_id: 'd', token: 'fd_1', engineer_id: 'e', name: 'Anna' });
  store.close();
  return indexedDB;
}

describe('a poke', () => {
  it('is one notice in the words that the page has left', async () => {
    const { done, happen } = worker([], { title: 'Fettle', body: '有新消息。' });
    await happen('push');
    expect(done).toEqual([['Fettle', '有新消息。']]);
  });

  it('is passed to a page that is seen, without a notice, and to a hidden one beside it', async () => {
    const seen = worker([{ visibilityState: 'visible' }]);
    await seen.happen('push');
    expect(seen.done).toEqual(['poke']);
    const hidden = worker([{ visibilityState: 'hidden' }]);
    await hidden.happen('push');
    expect(hidden.done).toEqual(['poke', ['Fettle', '']]);
  });
});

describe('an address that the browser has changed', () => {
  const put = ['PUT', '/sync/v1/push-subscription', 'Bearer fd_1', MADE];

  it('is told to the server with the token of the phone', async () => {
    const { done, happen } = worker([], {}, await enrolled());
    await happen('pushsubscriptionchange', { newSubscription: MADE });
    expect(done).toEqual([put]);
  });

  it('is asked for anew when the browser has none', async () => {
    const { done, happen } = worker([], {}, await enrolled());
    await happen('pushsubscriptionchange');
    expect(done).toEqual([['GET', put[1], put[2], undefined], { userVisibleOnly: true, applicationServerKey: 'BAEC' }, put]);
  });

  it('concerns nobody where no phone is enrolled, and no database is made there', async () => {
    const { done, happen, indexedDB } = worker();
    await happen('pushsubscriptionchange', { newSubscription: MADE });
    expect([done, await indexedDB.databases()]).toEqual([[], []]);
  });
});
