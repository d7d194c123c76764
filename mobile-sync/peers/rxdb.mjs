// RxDB with rxdb-server, both in memory: node rxdb.mjs tickets.ndjson

import process from 'node:process'

import { createRxDatabase } from 'rxdb/plugins/core'
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory'
import { createRxServer } from 'rxdb-server/plugins/server'
import { RxServerAdapterExpress } from 'rxdb-server/plugins/adapter-express'
import { replicateServer } from 'rxdb-server/plugins/replication-server'

import { CHANGED, EDITS, documents, measure, serve } from './common.mjs'

const PORT = 18_432
const [, script, file, role] = process.argv
const docs = documents(file)

const named = Object.keys(docs[0]).filter((name) => name !== 'id')
const kinds = { string: { type: 'string' }, number: { type: 'number' }, boolean: { type: 'boolean' } }
const schema = {
  version: 0,
  primaryKey: 'id',
  type: 'object',
  properties: {
    id: { type: 'string', maxLength: 64 },
    ...Object.fromEntries(named.map((name) => [name, kinds[typeof docs[0][name]]])),
  },
}

async function open(name) {
  const db = await createRxDatabase({ name, storage: getRxStorageMemory(), multiInstance: false })
  const { tickets } = await db.addCollections({ tickets: { schema } })
  return { db, tickets }
}

async function edit(collection, some, note) {
  const found = await collection.findByIds(some.map((doc) => doc.id)).exec()
  const rows = [...found.values()].map((doc) => ({ ...doc.toJSON(), access_note: note(doc.id) }))
  await collection.bulkUpsert(rows)
}

if (role === 'server') {
  await serve(async () => {
    const { db, tickets } = await open('server')
    await tickets.bulkInsert(docs)
    const server = await createRxServer({ database: db, adapter: RxServerAdapterExpress, port: PORT })
    server.addReplicationEndpoint({ name: 'tickets', collection: tickets })
    await server.start()
    return () => edit(tickets, docs.slice(-CHANGED), () => 'The porter has the key.')
  })
} else {
  const { tickets } = await open('phone')
  const sync = async () => {
    const replication = replicateServer({
      replicationIdentifier: 'bench',
      collection: tickets,
      url: `http://localhost:${PORT}/tickets/0`,
      live: false,
      waitForLeadership: false,
      headers: {},
      pull: { batchSize: 1_000 },
      // Its server takes bodies up to 100 kB: an edit is sent whole, twice.
      push: { batchSize: 40 },
    })
    const failed = new Promise((_, reject) => replication.error$.subscribe(reject))
    await Promise.race([replication.awaitInSync(), failed])
    await replication.cancel()
  }
  await measure(script, file, {
    first: sync,
    sync,
    edit: () => edit(tickets, docs.slice(0, EDITS), (id) => `Gate code ${id.slice(-4)}, ring twice`),
  })
}
