// RxDB, the real package, through a day against the running server.
import 'fake-indexeddb/auto';
import { createRxDatabase, type RxCollection, type RxDatabase } from 'rxdb/plugins/core';
import { getRxStorageDexie } from 'rxdb/plugins/storage-dexie';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EDITED_AT, enrolReplica, httpTransport, nextDseq, replicateRxdb, type ReplicaIdentity, type RxdbReplication } from '../src/rxdb';
import type { Transport } from '../src/transport';
import type { Doc } from '../src/wire';
import { TABLES, TYPED_MS, day, prepare, type Handset, type Opened } from './day';
import { startServer, type Server } from './server';
import { Weather, seeds } from './weather';
import { World } from './world';

const SEEDS = seeds(11, 3);
const ID_LENGTH = 64;
const RETRY_MS = 5;

let server: Server;
let world: World;
beforeAll(async () => {
  server = await startServer();
  world = await World.open(server.url);
});
afterAll(() => server.close());

const schemaOf = (columns: Record<string, string>) => ({
  version: 0, primaryKey: 'id', type: 'object', required: ['id'],
  properties: {
    id: { type: 'string', maxLength: ID_LENGTH }, sync_v: { type: 'number' }, [EDITED_AT]: { type: 'number' },
    ...Object.fromEntries(Object.entries(columns).map(([column, type]) => [column, { type }])),
  },
});
const schemas = Object.fromEntries(Object.entries(TABLES).map(([c, columns]) => [c, { schema: schemaOf(columns) as never }]));

interface Options {
  name: string;
  transport: Transport;
  identity: ReplicaIdentity;
  batchSize?: number;
}

class Phone implements Handset {
  private db!: RxDatabase;
  private replication!: RxdbReplication;
  private dseq = 0;
  private readonly told: string[] = [];

  constructor(readonly options: Options, private readonly weather: Weather) {}

  async start(): Promise<this> {
    const { name, transport, identity, batchSize = 50 } = this.options;
    this.db = await createRxDatabase({ name, storage: getRxStorageDexie(), multiInstance: false, closeDuplicates: true });
    await this.db.addCollections(schemas);
    const onTrouble = ({ change }: { change: { id: string } }) => void this.told.push(change.id);
    this.replication = replicateRxdb({ transport, identity, onTrouble, batchSize, collections: this.db.collections, retryTime: RETRY_MS, waitForLeadership: false });
    return this;
  }

  private collection = (c: string) => this.db.collections[c] as RxCollection<Doc>;

  async insert(c: string, set: Doc): Promise<string> {
    const id = randomUUID();
    const columns = Object.fromEntries(Object.entries(set).filter(([, value]) => value !== null));
    await this.collection(c).insert({ id, ...columns, ...(c === 'ticket_events' ? { dseq: (this.dseq = nextDseq(this.dseq)) } : {}) });
    return id;
  }
  async patch(c: string, id: string, set: Doc): Promise<void> {
    await (await this.collection(c).findOne(id).exec())?.incrementalPatch({ ...set, [EDITED_AT]: Date.now() - TYPED_MS });
  }
  rows = async (c: string) => (await this.collection(c).find().exec()).map((found) => found.toMutableJSON() as Doc);
  async tryToSync(): Promise<void> {
    this.replication.reSync();
    // RxDB tries again by itself; a few requests later is late enough.
    const { count, sky } = this.weather;
    const enough = count.sent + count.lostRequests + 20;
    if (sky === 'bad') await expect.poll(() => (this.replication.reSync(), count.sent + count.lostRequests), { interval: 2, timeout: 20_000 }).toBeGreaterThan(enough);
  }
  sync = () => this.replication.sync();
  async reload(): Promise<void> {
    await this.db.close();
    await this.start();
  }
  troubles = async () => this.told;
  close = async () => void (await this.db.close());
}

async function open({ weather, session }: Opened, name: string, batchSize?: number): Promise<Phone> {
  const withCookie = (url: string, init: RequestInit) => weather.fetch(url, url.endsWith('/devices') ? { ...init, headers: { ...(init.headers as Record<string, string>), Cookie: session.cookie } } : init);
  const transport = httpTransport({ url: server.url, fetch: withCookie });
  const identity = await enrolReplica(transport, { platform: 'rxdb', app_version: 'test' });
  return new Phone({ name, transport, identity, ...(batchSize ? { batchSize } : {}) }, weather).start();
}

describe('RxDB through a day with half of it offline', () => {
  it.each(SEEDS)('has everything on the server exactly once, whatever was lost: seed %d', async (seed) => {
    const weather = new Weather(seed);
    const opened = await prepare(world, weather);
    await day(opened, () => open(opened, `rxdb-${seed}`));
    expect(weather.count.lostRequests).toBeGreaterThan(0);
    expect(weather.count.lostAnswers).toBeGreaterThan(0);
  });
});

describe('RxDB', () => {
  it('reads page after page to the end', async () => {
    const opened = await prepare(world, new Weather(1));
    const ids = [];
    for (let i = 0; i < 7; i += 1) ids.push(await world.ticket(opened.anna, `Lift ${i}`));
    const phone = await open(opened, 'pages', 2);
    await phone.sync();
    expect((await phone.rows('tickets')).map((row) => row['id']).sort()).toEqual(ids.sort());
    await phone.close();
  });

  it('shows an office’s later edit, and edits on from there without a conflict', async () => {
    const opened = await prepare(world, new Weather(1));
    const ticket = await world.ticket(opened.anna, 'Lift stands');
    const phone = await open(opened, 'edits');
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

  it('takes back what the office alone decides', async () => {
    const opened = await prepare(world, new Weather(1));
    const ticket = await world.ticket(opened.anna, 'Lift stands');
    const phone = await open(opened, 'office');
    await phone.sync();
    await phone.patch('tickets', ticket, { priority: 4 });
    await phone.sync();
    expect((await phone.rows('tickets')).map((row) => row['priority'])).toEqual([2]);
    expect(await phone.troubles()).toEqual([ticket]);
    await phone.close();
  });
});
