// The library itself through a day, against the running server.
import 'fake-indexeddb/auto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Device, httpTransport } from '../src/index';
import { day, prepare, withCookie } from './day';
import { openLibrary } from './library';
import { startServer, type Server } from './server';
import { Weather, seeds } from './weather';
import { World } from './world';

const SEEDS = seeds(1, 6);

let server: Server;
let world: World;
beforeAll(async () => {
  server = await startServer();
  world = await World.open(server.url);
});
afterAll(() => server.close());

describe('a day with half of it offline', () => {
  it.each(SEEDS)('is on the server exactly once, whatever was lost: seed %d', async (seed) => {
    const weather = new Weather(seed);
    const opened = await prepare(world, weather);
    await day(opened, () => openLibrary(opened, `day-${seed}`));
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

