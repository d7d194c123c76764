/** An office with engineers, vans and tickets, made and asked over REST, as a console would. */
import { randomUUID } from 'node:crypto';
import type { Change, Doc, PullPage } from '../src/wire';
import { ADMIN } from './server';

export type Json = Record<string, unknown>;
interface Answer<T> {
  body: T;
  etag: string;
  cookie: string;
}

async function request<T>(url: string, method: string, path: string, headers: Record<string, string>, body?: unknown): Promise<Answer<T>> {
  const answer = await fetch(`${url}${path}`, { method, headers: { 'Content-Type': 'application/json', ...headers }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return { body: (text ? JSON.parse(text) : null) as T, etag: answer.headers.get('etag') ?? '', cookie: answer.headers.get('set-cookie')?.split(';')[0] ?? '' };
}

/** Somebody who is logged in. */
export class Person {
  private constructor(readonly url: string, readonly cookie: string) {}

  static async logIn(url: string, login: string, password: string): Promise<Person> {
    return new Person(url, (await request(url, 'POST', '/api/v1/session', {}, { login, password })).cookie);
  }

  call = async <T = Json>(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<T> =>
    (await request<T>(this.url, method, `/api/v1${path}`, { Cookie: this.cookie, ...headers }, body)).body;

  /** Changes a row that nobody else is changing. */
  async edit(path: string, change: Json): Promise<void> {
    const { etag } = await request(this.url, 'GET', `/api/v1${path}`, { Cookie: this.cookie });
    await this.call('PATCH', path, change, { 'If-Match': etag });
  }

  items = async (path: string): Promise<Json[]> => (await this.call<{ items: Json[] }>('GET', path)).items;
}

export interface Engineer {
  id: string;
  login: string;
  password: string;
}

let counter = 0;
const DAY_MS = 86_400_000;

export class World {
  private constructor(readonly url: string, readonly office: Person) {}

  static open = async (url: string): Promise<World> => new World(url, await Person.logIn(url, ADMIN.login, ADMIN.password));

  private make = async (path: string, body: Json): Promise<string> => String((await this.office.call('POST', path, body))['id']);

  async engineer(): Promise<Engineer> {
    const code = `E-${(counter += 1)}`;
    const id = await this.make('/engineers', { code, name: `Engineer ${code}`, home_latitude: 40.75, home_longitude: -73.98, max_load_minutes: 600 });
    await this.office.call('POST', `/engineers/${id}/shifts`, { starts_at: Date.now() - DAY_MS / 4, ends_at: Date.now() + DAY_MS / 4 });
    const user = { login: code.toLowerCase(), password: 'a long enough password' };
    await this.office.call('POST', '/users', { ...user, display_name: code, role: 'engineer', engineer_id: id });
    return { id, ...user };
  }

  /** A part, of which so many lie in the engineer's van. */
  async van(engineer: Engineer, quantity: number): Promise<{ part: string; van: string }> {
    const number = `DR-${(counter += 1)}`;
    const part = await this.make('/parts', { number, name: 'Door roller' });
    const van = await this.make('/stock-locations', { kind: 'van', code: `VAN-${number}`, name: `Van ${number}`, engineer_id: engineer.id });
    await this.office.call('POST', '/stock-movements', { kind: 'receive', part_id: part, quantity, to_location_id: van });
    return { part, van };
  }

  /** A ticket in this engineer's hands, at a site of its own. */
  async ticket(engineer: Engineer, title: string): Promise<string> {
    const number = `C-${(counter += 1)}`;
    const customer_id = await this.make('/customers', { number, name: 'Empire State' });
    const site_id = await this.make('/sites', { customer_id, name: `Site ${number}`, address: '350 5 AVENUE', latitude: 40.7484, longitude: -73.9857, access_note: 'Ask at the desk' });
    const asset_id = await this.make('/assets', { site_id, number: `L-${number}`, kind: 'lift', model: 'Gen2' });
    const id = await this.make('/tickets', { kind: 'repair', priority: 2, title, asset_id, expected_minutes: 30, dispatch: 'manual' });
    await this.assign(id, engineer);
    return id;
  }

  async assign(ticket: string, engineer: Engineer): Promise<void> {
    const { engineer_id } = await this.office.call('GET', `/tickets/${ticket}`);
    await this.office.call('POST', `/tickets/${ticket}/assignments`, { engineer_id: engineer.id, reason: 'as the test wants', ...(engineer_id ? { instead_of: engineer_id } : {}) });
  }

  /** What the server holds for this engineer, read by a device that has never been heard of, without any of our code. */
  async truth(engineer: Engineer): Promise<Map<string, Map<string, Doc>>> {
    const { cookie } = await Person.logIn(this.url, engineer.login, engineer.password);
    const { body } = await request<{ token: string }>(this.url, 'POST', '/sync/v1/devices', { Cookie: cookie }, { device_id: randomUUID(), platform: 'judge', app_version: '1', schema: 1 });
    const rows = new Map<string, Map<string, Doc>>();
    const take = ({ c, id, op, doc }: Change) => {
      const of = rows.get(c) ?? new Map<string, Doc>();
      if (op === 'put' && doc) of.set(id, doc);
      else of.delete(id);
      rows.set(c, of);
    };
    for (let cursor = 0, more = true; more; ) {
      const page: PullPage = (await request<PullPage>(this.url, 'POST', '/sync/v1/pull', { Authorization: `Bearer ${body.token}` }, { cursor, limit: 100, schema: 1 })).body;
      page.changes.forEach(take);
      ({ cursor, more } = page);
    }
    return rows;
  }
}
