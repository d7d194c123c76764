// A server that comes back from a backup of the morning gets from the phones what it has lost.
import 'fake-indexeddb/auto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepare, truthAfterSync, type Handset, type Opened } from './day';
import { openLibrary } from './library';
import { openRxdb } from './rxdb';
import { startServer, type Server } from './server';
import { openWatermelon } from './watermelondb';
import { Weather } from './weather';
import { World } from './world';

let server: Server;
let world: World;
beforeAll(async () => {
  server = await startServer();
  world = await World.open(server.url);
});
afterAll(() => server.close());

const phones: [string, (opened: Opened, name: string) => Promise<Handset>][] = [['the library', openLibrary], ['RxDB', openRxdb], ['WatermelonDB', openWatermelon]];

async function act(phone: Handset, { anna }: Opened, ticket_id: string, kind: string): Promise<string> {
  return phone.insert('ticket_events', { ticket_id, engineer_id: anna.id, kind, at: Date.now() });
}

describe.each(phones)('after a restore, %s', (name, open) => {
  it('gives the server again what it made since, once, and drops what the server knows no more', async () => {
    const opened = await prepare(world, new Weather(1));
    const ticket = await world.ticket(opened.anna, 'Lift stands');
    const phone = await open(opened, `restore-${name}`);
    await phone.sync();
    const accepted = await act(phone, opened, ticket, 'accept');
    await phone.sync();
    await server.backup();

    const later = [await act(phone, opened, ticket, 'travel'), await act(phone, opened, ticket, 'arrive')];
    await phone.insert('notes', { ticket_id: ticket, engineer_id: opened.anna.id, at: Date.now(), text: 'Doors are bent' });
    const lost = await world.ticket(opened.anna, 'Opened after the backup');
    await phone.sync();
    expect((await phone.rows('tickets')).map((row) => row['id']).sort()).toEqual([ticket, lost].sort());
    await server.restore();
    expect((await world.office.call('GET', `/tickets/${ticket}`))['status']).toBe('accepted');
    const waiting = await act(phone, opened, ticket, 'start');
    await phone.sync();

    // What was given again is seen with the next look, at the latest.
    const truth = await truthAfterSync(phone, opened);
    expect((await world.office.call('GET', `/tickets/${ticket}`))['status']).toBe('working');
    expect((await world.office.items(`/tickets/${ticket}/notes`)).map((note) => note['text'])).toEqual(['Doors are bent']);
    const events = [...(truth.get('ticket_events')?.values() ?? [])].filter((row) => row['engineer_id'] === opened.anna.id && row['kind'] !== 'assign');
    expect(events.map((row) => row['id']).sort()).toEqual([accepted, ...later, waiting].sort());
    for (const c of ['tickets', 'ticket_events', 'notes']) {
      expect([c, (await phone.rows(c)).map((row) => [row['id'], row['sync_v']]).sort()]).toEqual([c, [...(truth.get(c)?.values() ?? [])].map((row) => [row['id'], row['sync_v']]).sort()]);
    }
    await phone.close();
  });
});
