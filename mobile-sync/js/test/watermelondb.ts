/** A phone with WatermelonDB, over IndexedDB through its LokiJS adapter. */
import { Database, Model, appSchema, tableSchema } from '@nozbe/watermelondb';
import LokiJSAdapter from '@nozbe/watermelondb/adapters/lokijs';
import logger from '@nozbe/watermelondb/utils/common/logger';
import { randomUUID } from 'node:crypto';
import type { Transport } from '../src/transport';
import { EDITED_AT, enrolReplica, httpTransport, nextDseq, syncWatermelon, type ReplicaIdentity } from '../src/watermelondb';
import type { Doc } from '../src/wire';
import { TABLES, TYPED_MS, withCookie, type Handset, type Opened } from './day';

const ROUNDS = 4;

// It tells of every database that it opens.
logger.silence();

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
    return syncWatermelon({ database: this.db, transport, identity, pageSize: 5, onTrouble: ({ change }) => this.told.push(change.id) });
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

export async function openWatermelon({ world, weather, session }: Opened, name: string): Promise<Phone> {
  const transport = httpTransport({ url: world.url, fetch: withCookie(weather, session) });
  return new Phone({ name, transport, identity: await enrolReplica(transport, { platform: 'watermelondb', app_version: 'test' }) }).start();
}
