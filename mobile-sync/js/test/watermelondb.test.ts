// WatermelonDB, the real package over LokiJS, through a day against the running server.
import { Database, Model, appSchema, tableSchema } from '@nozbe/watermelondb';
import LokiJSAdapter from '@nozbe/watermelondb/adapters/lokijs';
import logger from '@nozbe/watermelondb/utils/common/logger';
import 'fake-indexeddb/auto';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Transport } from '../src/transport';
import { EDITED_AT, enrolReplica, httpTransport, nextDseq, syncWatermelon, type ReplicaIdentity } from '../src/watermelondb';
import type { Doc } from '../src/wire';
import { TABLES, TYPED_MS, day, prepare, type Handset, type Opened } from './day';
import { startServer, type Server } from './server';
import { Weather, seeds } from './weather';
import { World } from './world';

const SEEDS = seeds(21, 6);
const ROUNDS = 4;

let server: Server;
let world: World;
beforeAll(async () => {
  // It tells of every database that it opens.
  logger.silence();
  server = await startServer();
  world = await World.open(server.url);
});
afterAll(() => server.close());

const columnsOf = (columns: Record<string, 'string' | 'number'>) => [
  { name: 'sync_v', type: 'number' as const, isOptional: true }, { name: EDITED_AT, type: 'number' as const, isOptional: true },
  ...Object.entries(columns).map(([name, type]) => ({ name, type, isOptional: true })),
];
const schema = appSchema({ version: 1, tables: Object.entries(TABLES).map(([name, columns]) => tableSchema({ name, columns: columnsOf(columns) })) });
const modelClasses = Object.keys(TABLES).map((table) => class extends Model { static override table = table; });

interface Options {
  name: string;
  transport: Transport;
  identity: ReplicaIdentity;
}

class Phone implements Handset {
  private db!: Database;
  private adapter!: LokiJSAdapter;
  private dseq = 0;
  private readonly told: string[] = [];

  constructor(readonly options: Options) {}

  async start(): Promise<this> {
    this.adapter = new LokiJSAdapter({ schema, dbName: this.options.name, useWebWorker: false, useIncrementalIndexedDB: true, extraLokiOptions: { autosave: false } });
    this.db = new Database({ adapter: this.adapter, modelClasses });
    await this.db.get('tickets').query().fetch();
    return this;
  }

  async insert(c: string, set: Doc): Promise<string> {
    const id = randomUUID();
    const columns = { ...set, ...(c === 'ticket_events' ? { dseq: (this.dseq = nextDseq(this.dseq)) } : {}) };
    await this.db.write(() => this.db.get(c).create((record) => {
      record._raw.id = id;
      for (const [column, value] of Object.entries(columns)) record._setRaw(column, value as never);
    }));
    return id;
  }
  async patch(c: string, id: string, set: Doc): Promise<void> {
    const record = await this.db.get(c).find(id);
    await this.db.write(() => record.update((one) => {
      for (const [column, value] of Object.entries({ ...set, [EDITED_AT]: Date.now() - TYPED_MS })) one._setRaw(column, value as never);
    }));
  }
  rows = async (c: string) => (await this.db.get(c).query().fetch()).map((record) => ({ ...record._raw }) as unknown as Doc);
  async tryToSync(): Promise<void> {
    for (let i = 0; i < ROUNDS; i += 1) await this.sync().catch(() => undefined);
  }
  sync(): Promise<void> {
    const { transport, identity } = this.options;
    return syncWatermelon({ database: this.db, transport, identity, pageSize: 20, onTrouble: ({ change }) => this.told.push(change.id) });
  }
  /** What LokiJS has in memory it writes every half second; here when the phone is switched off. */
  private save(): Promise<void> {
    const { loki } = this.adapter._driver as { loki: { saveDatabase(done: (error?: Error) => void): void } };
    return new Promise((resolve, reject) => loki.saveDatabase((error) => (error ? reject(error) : resolve())));
  }
  async reload(): Promise<void> {
    await this.save();
    await this.start();
  }
  troubles = async () => this.told;
  close = () => this.save();
}

async function open({ weather, session }: Opened, name: string): Promise<Phone> {
  const withCookie = (url: string, init: RequestInit) => weather.fetch(url, url.endsWith('/devices') ? { ...init, headers: { ...(init.headers as Record<string, string>), Cookie: session.cookie } } : init);
  const transport = httpTransport({ url: server.url, fetch: withCookie });
  return new Phone({ name, transport, identity: await enrolReplica(transport, { platform: 'watermelondb', app_version: 'test' }) }).start();
}

describe('WatermelonDB through a day with half of it offline', () => {
  it.each(SEEDS)('has everything on the server exactly once, whatever was lost: seed %d', async (seed) => {
    const weather = new Weather(seed);
    const opened = await prepare(world, weather);
    await day(opened, () => open(opened, `watermelon-${seed}`));
    expect(weather.count.lostRequests + weather.count.lostAnswers).toBeGreaterThan(0);
  });
});

describe('WatermelonDB', () => {
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
    const phone = await open(opened, 'unseen');
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
    const phone = await open(opened, 'office');
    await phone.sync();
    await phone.patch('tickets', ticket, { priority: 4 });
    await phone.sync();
    expect((await phone.rows('tickets')).map((row) => row['priority'])).toEqual([2]);
    expect(await phone.troubles()).toEqual([ticket]);
    await phone.close();
  });
});
