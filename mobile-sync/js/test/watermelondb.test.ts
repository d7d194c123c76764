// WatermelonDB, the real package over LokiJS, through a day against the running server.
import 'fake-indexeddb/auto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { day, prepare } from './day';
import { startServer, type Server } from './server';
import { openWatermelon } from './watermelondb';
import { Weather, seeds } from './weather';
import { World } from './world';

const SEEDS = seeds(21, 6);

let server: Server;
let world: World;
beforeAll(async () => {
  server = await startServer();
  world = await World.open(server.url);
});
afterAll(() => server.close());

describe('WatermelonDB through a day with half of it offline', () => {
  it.each(SEEDS)('has everything on the server exactly once, whatever was lost: seed %d', async (seed) => {
    const weather = new Weather(seed);
    const opened = await prepare(world, weather);
    await day(opened, () => openWatermelon(opened, `watermelon-${seed}`));
    expect(weather.count.lostRequests + weather.count.lostAnswers).toBeGreaterThan(0);
  });
});

describe('WatermelonDB', () => {
  it('shows an office’s later edit, and edits on from there without a conflict', async () => {
    const opened = await prepare(world, new Weather(1));
    const ticket = await world.ticket(opened.anna, 'Lift stands');
    const phone = await openWatermelon(opened, 'edits');
    await phone.sync();
    for (const text of ['first', 'second', 'first']) {
      await phone.patch('tickets', ticket, { access_note: text });
      await phone.sync();
      expect((await world.office.call('GET', `/tickets/${ticket}`))['access_note']).toBe(text);
    }
    await world.office.edit(`/tickets/${ticket}`, { access_note: 'by the office' });
    await phone.sync();
    expect((await phone.rows('tickets')).map((row) => row['access_note'])).toEqual(['by the office']);
    await phone.patch('tickets', ticket, { access_note: 'third' });
    await phone.sync();
    expect((await world.office.call('GET', `/tickets/${ticket}`))['access_note']).toBe('third');
    expect(await phone.troubles()).toEqual([]);
    await phone.close();
  });

  it('says what it did not know when it edited, also if it pulled before it pushed', async () => {
    const opened = await prepare(world, new Weather(1));
    const ticket = await world.ticket(opened.anna, 'Lift stands');
    const phone = await openWatermelon(opened, 'unseen');
    await phone.sync();
    await world.office.edit(`/tickets/${ticket}`, { access_note: 'by the office' });
    await phone.patch('tickets', ticket, { access_note: 'by the phone' });
    await phone.sync();
    expect(await phone.troubles()).toEqual([ticket]);
    const cards = await world.office.items(`/conflict-cards?ticket_id=${ticket}`);
    expect(cards.map((card) => card['kind'])).toEqual(['fields']);
    await phone.close();
  });

  it('takes back what the office alone decides', async () => {
    const opened = await prepare(world, new Weather(1));
    const ticket = await world.ticket(opened.anna, 'Lift stands');
    const phone = await openWatermelon(opened, 'office');
    await phone.sync();
    await phone.patch('tickets', ticket, { priority: 4 });
    await phone.sync();
    expect((await phone.rows('tickets')).map((row) => row['priority'])).toEqual([2]);
    expect(await phone.troubles()).toEqual([ticket]);
    await phone.close();
  });
});
