/**
 * The typed client. `api` is openapi-fetch over the generated schema; `ask` turns its answer into a value or a
 * thrown Problem; `all` follows the cursor of a list to its end. Creating POSTs get an Idempotency-Key, and
 * `ifMatch` gives a PATCH the ETag that its row was read with.
 */
import createClient, { type Middleware } from 'openapi-fetch';
import { uuidv7 } from '../uuid';
import { Problem, toProblem } from './problem';
import type { paths } from './schema';

const MAX_PAGES = 200;
const etags = new Map<string, string>();
let onUnauthorised: () => void = () => {};

export function whenUnauthorised(handler: () => void): void {
  onUnauthorised = handler;
}

const headers: Middleware = {
  onRequest({ request }) {
    if (request.method === 'POST' && !request.headers.has('Idempotency-Key')) request.headers.set('Idempotency-Key', uuidv7());
    return request;
  },
  onResponse({ request, response }) {
    const etag = response.headers.get('ETag');
    if (etag && response.ok) etags.set(new URL(request.url).pathname, etag);
    if (response.status === 401 && !request.url.endsWith('/session')) onUnauthorised();
    return undefined;
  },
};

export const api = createClient<paths>({ baseUrl: typeof location === 'undefined' ? 'http://localhost' : location.origin });
api.use(headers);

/** The header of a PATCH. A row that was never read has no tag, and the server refuses the edit: read it first. */
export const ifMatch = (path: string): { 'If-Match': string } => ({ 'If-Match': etags.get(path) ?? '"0"' });

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The value, or a thrown Problem. */
export async function ask<T>(answer: Promise<Answer<T>>): Promise<T> {
  let got: Answer<T>;
  try {
    got = await answer;
  } catch (cause) {
    throw new Problem(0, { detail: cause instanceof Error ? cause.message : String(cause) });
  }
  if (!got.response.ok) throw toProblem(got.response.status, got.error);
  return got.data as T;
}

/** Every page of a list. The bound is there so that a server that repeats a cursor cannot hang the page. */
export async function all<T>(page: (after: string | undefined) => Promise<Answer<{ items: T[]; next?: string | null }>>): Promise<T[]> {
  const items: T[] = [];
  let after: string | undefined;
  for (let i = 0; i < MAX_PAGES; i += 1) {
    const got = await ask(page(after));
    items.push(...got.items);
    if (!got.next) return items;
    after = got.next;
  }
  return items;
}

/** A CSV goes as it is; the typed client would make JSON of it. */
export async function importCsv<T>(kind: 'assets' | 'engineers' | 'parts', csv: string, mode: 'all' | 'rows', dryRun: boolean): Promise<T> {
  const response = await fetch(`/api/v1/import/${kind}?mode=${mode}&dry_run=${dryRun}`, {
    method: 'POST',
    headers: { 'Content-Type': 'text/csv', 'Idempotency-Key': uuidv7() },
    body: csv,
  });
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok && !(body && typeof body === 'object' && 'faults' in body)) throw toProblem(response.status, body);
  return body as T;
}
