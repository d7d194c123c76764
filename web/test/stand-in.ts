/** The pages' own modules in front of the stand-in server, over real HTTP, for unit tests of what a screen does. */
import { vi } from 'vitest';
import { startMock, type Mock } from './mock/server.mjs';

export interface StandIn extends Mock {
  /** Logs somebody in: from then on all requests of the pages are his. */
  as: (login: string) => Promise<void>;
  /** A request past the pages, as another program would make it. */
  call: <T = Record<string, unknown>>(method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<{ status: number; tag: string; body: T }>;
}

export async function standIn(): Promise<StandIn> {
  const mock = await startMock({ moving: false });
  const web = globalThis.fetch;
  let cookie = '';
  vi.stubGlobal('location', { origin: mock.url, pathname: '/', search: '', assign: () => undefined });
  // What a browser does with cookies; Node's fetch keeps none.
  vi.stubGlobal('fetch', async (input: Request | string, init?: RequestInit) => {
    const request = new Request(typeof input === 'string' ? new URL(input, mock.url) : input, init);
    if (cookie && !request.headers.has('Authorization')) request.headers.set('Cookie', cookie);
    const answer = await web(request);
    cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? cookie;
    return answer;
  });
  const call: StandIn['call'] = async (method, path, body, headers = {}) => {
    const answer = await fetch(`/api/v1${path}`, { method, headers: { 'Content-Type': 'application/json', ...headers }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const text = await answer.text();
    return { status: answer.status, tag: answer.headers.get('ETag') ?? '', body: text ? JSON.parse(text) : null };
  };
  return {
    ...mock, call,
    as: async (login) => {
      cookie = '';
      await call('POST', '/session', { login, password: 'demo' });
    },
    close: async () => {
      vi.unstubAllGlobals();
      await mock.close();
    },
  };
}
