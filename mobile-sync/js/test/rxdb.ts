/** A phone with RxDB, over IndexedDB through its Dexie storage. */
import { createRxDatabase, type RxCollection, type RxDatabase } from 'rxdb/plugins/core';
import { getRxStorageDexie } from 'rxdb/plugins/storage-dexie';
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { EDITED_AT, enrolReplica, httpTransport, nextDseq, replicateRxdb, type ReplicaIdentity, type RxdbReplication } from '../src/rxdb';
import type { Transport } from '../src/transport';
import type { Doc } from '../src/wire';
import { TABLES, TYPED_MS, withCookie, type Handset, type Opened } from './day';
import type { Weather } from './weather';

const ID_LENGTH = 64;
const RETRY_MS = 5;

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
    if (sky === 'bad') await expect.poll(() => (this.replication.reSync(), count.sent + count.lostRequests), { interval: 2, timeout: 60_000 }).toBeGreaterThan(enough);
  }
  sync = () => this.replication.sync();
  async reload(): Promise<void> {
    await this.db.close();
    await this.start();
  }
  troubles = async () => this.told;
  close = async () => void (await this.db.close());
}

export async function openRxdb({ world, weather, session }: Opened, name: string, batchSize?: number): Promise<Phone> {
  const transport = httpTransport({ url: world.url, fetch: withCookie(weather, session) });
  const identity = await enrolReplica(transport, { platform: 'rxdb', app_version: 'test' });
  return new Phone({ name, transport, identity, ...(batchSize ? { batchSize } : {}) }, weather).start();
}
