// PouchDB with express-pouchdb, both in memory: node pouchdb.mjs tickets.ndjson

import process from 'node:process'

import express from 'express'
import expressPouch from 'express-pouchdb'
import HttpAdapter from 'pouchdb-adapter-http'
import MemoryAdapter from 'pouchdb-adapter-memory'
import PouchDB from 'pouchdb-core'
import MapReduce from 'pouchdb-mapreduce'
import Replication from 'pouchdb-replication'

import { CHANGED, EDITS, documents, measure, serve } from './common.mjs'

const PORT = 18_431
const [, script, file, role] = process.argv

PouchDB.plugin(MemoryAdapter).plugin(HttpAdapter).plugin(MapReduce).plugin(Replication)
const docs = documents(file)

async function edit(db, some, note) {
  const found = await db.allDocs({ keys: some.map((doc) => doc.id), include_docs: true })
  await db.bulkDocs(found.rows.map((row) => ({ ...row.doc, access_note: note(row.id) })))
}

if (role === 'server') {
  await serve(async () => {
    const InMemory = PouchDB.defaults({ adapter: 'memory' })
    const app = express()
    app.use('/', expressPouch(InMemory, { mode: 'minimumForPouchDB' }))
    const db = new InMemory('tickets')
    await db.bulkDocs(docs.map(({ id, ...doc }) => ({ _id: id, ...doc })))
    await new Promise((resolve) => app.listen(PORT, '127.0.0.1', resolve))
    return () => edit(db, docs.slice(-CHANGED), () => 'The porter has the key.')
  })
} else {
  const db = new PouchDB('phone', { adapter: 'memory' })
  const remote = new PouchDB(`http://127.0.0.1:${PORT}/tickets`)
  await measure(script, file, {
    // Bigger batches need fewer requests; a thousand is what ours asks for.
    first: () => db.replicate.from(remote, { batch_size: 1_000 }),
    sync: () => db.sync(remote, { batch_size: 1_000 }),
    edit: () => edit(db, docs.slice(0, EDITS), (id) => `Gate code ${id.slice(-4)}, ring twice`),
  })
}
