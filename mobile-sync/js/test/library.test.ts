// The library itself through a day, against the running server.
import 'fake-indexeddb/auto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Device, httpTransport, type Doc, type Mutation } from '../src/index';
import { day, prepare, type Handset, type Opened } from './day';
import { startServer, type Server } from './server';
import { Weather, seeds } from './weather';
import { World, type Person } from './world';

const SEEDS = seeds(1, 6);
const ROUNDS = 3;

let server: Server;
let world: World;
beforeAll(async () => {
  server = await startServer();
  world = await World.open(server.url);
});
afterAll(() => server.close());

/** A cookie is the browser's to send; here the enrolment alone carries it. */
const withCookie = (weather: Weather, session: Person) => (url: string, init: RequestInit) =>
  weather.fetch(url, url.endsWith('/devices') ? { ...init, headers: { ...(init.headers as Record<string, string>), Cookie: session.cookie } } : init);

class Phone implements Handset {
  constructor(private device: Device, private readonly reopen: () => Promise<Device>) {}

  async insert(c: string, set: Doc): Promise<string> {
    const ticket = String(set['ticket_id']);
    const { kind, part_id, quantity, text, minutes } = set;
    const did: Promise<Mutation> =
      c === 'ticket_events' ? this.device.act(ticket, kind as 'accept')
      : c === 'part_usage' ? this.device.usePart(ticket, { part_id: String(part_id), quantity: Number(quantity) })
      : c === 'notes' ? this.device.addNote(ticket, String(text))
      : this.device.addLabour(ticket, Number(minutes));
    return (await did).id;
  }
  patch = async (c: string, id: string, set: Doc) => void (await this.device.patch(c, id, set));
  rows = (c: string) => this.device.rows(c);
  async tryToSync(): Promise<void> {
    for (let i = 0; i < ROUNDS; i += 1) await this.device.sync();
  }
  async sync(): Promise<void> {
    expect(await this.device.sync()).toEqual({ kind: 'synced' });
  }
  async reload(): Promise<void> {
    this.device.close();
    this.device = await this.reopen();
  }
  troubles = async () => (await this.device.troubles()).map((one) => one.mutation.id);
  close = async () => this.device.close();
}

async function open({ weather, session }: Opened, name: string): Promise<Phone> {
  const transport = httpTransport({ url: server.url, fetch: withCookie(weather, session) });
  const reopen = () => Device.open({ name, transport });
  const device = await reopen();
  await device.enrol({ platform: 'web', app_version: 'test' });
  return new Phone(device, reopen);
}

describe('a day with half of it offline', () => {
  it.each(SEEDS)('is on the server exactly once, whatever was lost: seed %d', async (seed) => {
    const weather = new Weather(seed);
    const opened = await prepare(world, weather);
    await day(opened, () => open(opened, `day-${seed}`));
    expect(weather.count.lostRequests + weather.count.lostAnswers).toBeGreaterThan(0);
  });
});

describe('against the running server', () => {
  it('a phone is known by what it numbered, and nothing of it is held', async () => {
    const opened = await prepare(world, new Weather(1));
    const ticket = await world.ticket(opened.anna, 'Lift stands');
    const transport = httpTransport({ url: server.url, fetch: withCookie(opened.weather, opened.session) });
    const device = await Device.open({ name: 'numbers', transport });
    const { token } = await device.enrol({ platform: 'web', app_version: 'test' });
    await device.sync();
    for (const kind of ['accept', 'travel', 'arrive'] as const) await device.act(ticket, kind);
    await device.sync();
    expect(await transport.status(token)).toMatchObject({ acked_seq: 3, held: 0, open_conflicts: 0 });
    device.close();
  });

  it('large pushes are packed, and understood', async () => {
    const opened = await prepare(world, new Weather(1));
    const ticket = await world.ticket(opened.anna, 'Lift stands');
    const packed: string[] = [];
    const fetch = withCookie(opened.weather, opened.session);
    const listen = (url: string, init: RequestInit) => (packed.push(new Headers(init.headers).get('Content-Encoding') ?? ''), fetch(url, init));
    const device = await Device.open({ name: 'packed', transport: httpTransport({ url: server.url, fetch: listen }) });
    await device.enrol({ platform: 'web', app_version: 'test' });
    await device.sync();
    for (let i = 0; i < 40; i += 1) await device.addNote(ticket, `Note ${i}`);
    expect(await device.sync()).toEqual({ kind: 'synced' });
    expect(packed).toContain('gzip');
    expect((await world.office.items(`/tickets/${ticket}/notes?limit=200`)).length).toBe(40);
    device.close();
  });

  it('a token that has ended asks for a new enrolment, and what waits is sent after it', async () => {
    const opened = await prepare(world, new Weather(1));
    const ticket = await world.ticket(opened.anna, 'Lift stands');
    const transport = httpTransport({ url: server.url, fetch: withCookie(opened.weather, opened.session) });
    const device = await Device.open({ name: 'token', transport });
    const before = await device.enrol({ platform: 'web', app_version: 'test' });
    await device.sync();
    await device.addNote(ticket, 'Once');
    // Enrolling the same device elsewhere ends the token that it had.
    await transport.enrol({ device_id: before.device_id, platform: 'web', app_version: 'test', schema: 1 });
    expect(await device.sync()).toEqual({ kind: 'enrol' });
    await device.enrol({ platform: 'web', app_version: 'test' });
    expect(await device.sync()).toEqual({ kind: 'synced' });
    expect((await world.office.items(`/tickets/${ticket}/notes`)).map((note) => note['text'])).toEqual(['Once']);
    device.close();
  });
});

