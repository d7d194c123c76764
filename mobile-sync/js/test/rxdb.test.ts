// RxDB, the real package, through a day against the running server.
import 'fake-indexeddb/auto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { day, prepare } from './day';
import { openRxdb } from './rxdb';
import { startServer, type Server } from './server';
import { Weather, seeds } from './weather';
import { World } from './world';

const SEEDS = seeds(11, 2);

let server: Server;
let world: World;
beforeAll(async () => {
  server = await startServer();
  world = await World.open(server.url);
});
afterAll(() => server.close());

describe('RxDB through a day with half of it offline', () => {
  it.each(SEEDS)('has everything on the server exactly once, whatever was lost: seed %d', async (seed) => {
    const weather = new Weather(seed);
    const opened = await prepare(world, weather);
    await day(opened, () => openRxdb(opened, `rxdb-${seed}`));
    expect(weather.count.lostRequests).toBeGreaterThan(0);
    expect(weather.count.lostAnswers).toBeGreaterThan(0);
  });
});

describe('RxDB', () => {
  it('reads page after page to the end', async () => {
    const opened = await prepare(world, new Weather(1));
    const ids = [];
    for (let i = 0; i < 7; i += 1) ids.push(await world.ticket(opened.anna, `Lift ${i}`));
    const phone = await openRxdb(opened, 'pages', 2);
    await phone.sync();
    expect((await phone.rows('tickets')).map((row) => row['id']).sort()).toEqual(ids.sort());
    await phone.close();
  });

  it('shows an office’s later edit, and edits on from there without a conflict', async () => {
    const opened = await prepare(world, new Weather(1));
    const ticket = await world.ticket(opened.anna, 'Lift stands');
    const phone = await openRxdb(opened, 'edits');
    await phone.sync();
    for (const text of ['first', 'second', 'first']) {
      await phone.patch('tickets', ticket, { access_note: text });
      await phone.sync();
      expect((await world.office.call('GET', `/tickets/${ticket}`))['access_note']).toBe(text);
    }
    await world.office.edit(`/tickets/${ticket}`, { access_note: 'by the office' });
    await phone.sync();
    await phone.patch('tickets', ticket, { access_note: 'third' });
    await phone.sync();
    expect((await world.office.call('GET', `/tickets/${ticket}`))['access_note']).toBe('third');
    expect(await phone.troubles()).toEqual([]);
    await phone.close();
  });

  it('takes the server’s row from the answer to its push, before any pull', async () => {
    const weather = new Weather(1);
    const opened = await prepare(world, weather);
    const ticket = await world.ticket(opened.anna, 'Lift stands');
    const phone = await openRxdb(opened, 'answers');
    await phone.sync();
    await world.office.edit(`/tickets/${ticket}`, { title: 'Lift stands still' });
    weather.blocked = /pull$/;
    await phone.patch('tickets', ticket, { priority: 4 });
    await expect.poll(async () => (await phone.rows('tickets')).map((row) => [row['priority'], row['title']]), { timeout: 60_000 }).toEqual([[2, 'Lift stands still']]);
    weather.blocked = null;
    await phone.close();
  });

  it('takes back what the office alone decides', async () => {
    const opened = await prepare(world, new Weather(1));
    const ticket = await world.ticket(opened.anna, 'Lift stands');
    const phone = await openRxdb(opened, 'office');
    await phone.sync();
    await phone.patch('tickets', ticket, { priority: 4 });
    await phone.sync();
    expect((await phone.rows('tickets')).map((row) => row['priority'])).toEqual([2]);
    expect(await phone.troubles()).toEqual([ticket]);
    await phone.close();
  });
});
