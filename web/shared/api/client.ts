/**
 * The typed client. `api` is openapi-fetch over the generated schema; `ask` turns its answer into a value or a
 * thrown Problem; `all` follows the cursor of a list to its end. Creating POSTs get an Idempotency-Key. A row that is
 * to be edited is read with `askTagged`, and its PATCH names that very reading: a tag that some other part of the page
 * read meanwhile would let one overwrite what one has never seen.
 */
import createClient, { type Middleware } from 'openapi-fetch';
import { uuidv7 } from '../uuid';
import { Problem, toProblem } from './problem';
import type { components, paths } from './schema';

type SetReport = components['schemas']['SetReport'];

const MAX_PAGES = 200;
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
    if (response.status === 401 && !request.url.endsWith('/session')) onUnauthorised();
    return undefined;
  },
};

export const api = createClient<paths>({ baseUrl: typeof location === 'undefined' ? 'http://localhost' : location.origin, fetch: (request) => fetch(request) });
api.use(headers);

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

export interface Tagged<T> {
  row: T;
  tag: string;
}

/** A row together with the tag that a PATCH of it has to name. */
export async function askTagged<T>(answer: Promise<Answer<T>>): Promise<Tagged<T>> {
  const row = await ask(answer);
  return { row, tag: (await answer).response.headers.get('ETag') ?? '"0"' };
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

/** What the typed client does not know: a path with its query, read as it is. */
export async function getJson<T>(path: string): Promise<T> {
  return ask(fetch(path).then(async (response) => {
    if (response.status === 401) onUnauthorised();
    const body: unknown = await response.json().catch(() => null);
    return response.ok ? { data: body as T, response } : { error: body, response };
  }));
}

/** The tables of an export from InvenTree together, each under the name that it has there. */
export async function importInvenTree(files: ReadonlyMap<string, File>, query: Record<string, string>): Promise<SetReport> {
  const form = new FormData();
  for (const [name, file] of files) form.append(name, file);
  const response = await fetch(`/api/v1/import/inventree?${new URLSearchParams(query)}`, { method: 'POST', body: form });
  const body: unknown = await response.json().catch(() => null);
  if (!response.ok) throw toProblem(response.status, body);
  return body as SetReport;
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
