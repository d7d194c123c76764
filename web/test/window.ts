/**
 * As much of a browser as our modules ask for, for unit tests: an address with its history, storage, listeners, and a
 * server of a few lines. Modules that read the address when they are loaded are imported after this.
 */
import { vi } from 'vitest';

export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Headers;
  body: unknown;
}

/** Answers by "METHOD /path"; a function sees the request. What is not named is a 404. */
export type Answers = Record<string, unknown | ((asked: Asked) => unknown)>;

export class Refused {
  constructor(readonly status: number, readonly body: unknown = {}) {}
}

export function serve(answers: Answers): Asked[] {
  const asked: Asked[] = [];
  vi.stubGlobal('fetch', async (input: Request | string, init?: RequestInit) => {
    const request = new Request(new URL(typeof input === 'string' ? input : input.url, 'http://localhost'), typeof input === 'string' ? init : input);
    const url = new URL(request.url);
    const text = await request.text();
    const one: Asked = { method: request.method, path: url.pathname, query: url.searchParams, headers: request.headers, body: text && request.headers.get('Content-Type')?.includes('json') ? JSON.parse(text) : text || null };
    asked.push(one);
    const found = answers[`${one.method} ${one.path}`];
    const made = await (typeof found === 'function' ? found(one) : found);
    const refused = made === undefined ? new Refused(404, { code: 'not_found' }) : made instanceof Refused ? made : null;
    if (refused?.status === 0) throw new TypeError('failed to fetch');
    return new Response(JSON.stringify(refused ? refused.body : made), { status: refused?.status ?? 200, headers: { 'Content-Type': 'application/json', ETag: '"1"' } });
  });
  return asked;
}

export const page = <T>(items: T[], next: string | null = null) => ({ items, next });

export function openWindow(address: string) {
  const heard = new Map<string, ((event: unknown) => void)[]>();
  const stored = new Map<string, string>();
  const visited: string[] = [];
  const back = [address];
  const location = { origin: 'http://localhost', pathname: '', search: '', hash: '', assign: (to: string) => visited.push(to), replace: (to: string) => visited.push(to) };
  const goTo = (to: string) => {
    const url = new URL(to, 'http://localhost');
    Object.assign(location, { pathname: url.pathname, search: url.search, hash: url.hash });
  };
  goTo(address);
  const listen = (name: string, run: (event: unknown) => void) => heard.set(name, [...(heard.get(name) ?? []), run]);
  const say = (name: string, event: unknown = {}) => heard.get(name)?.forEach((run) => run(event));
  vi.stubGlobal('location', location);
  vi.stubGlobal('addEventListener', listen);
  vi.stubGlobal('localStorage', { getItem: (key: string) => stored.get(key) ?? null, setItem: (key: string, value: string) => stored.set(key, value), removeItem: (key: string) => stored.delete(key) });
  vi.stubGlobal('history', {
    pushState: (_: unknown, __: string, to: string) => { back.push(to); goTo(to); },
    replaceState: (_: unknown, __: string, to: string) => { back[back.length - 1] = to; goTo(to); },
    back: () => { back.pop(); goTo(back.at(-1) ?? '/'); say('popstate'); },
  });
  return { location, visited, back, stored, say, listen };
}

/** Lets promises and timers of no length run. */
export const settled = () => new Promise((resolve) => setTimeout(resolve, 5));
