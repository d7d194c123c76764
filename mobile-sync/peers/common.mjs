// What both peers' runs share: the server in a process of its own, which counts what goes through its sockets, and
// the steps that are measured, each printed as a line of JSON for server/benches/sync.

import { fork } from 'node:child_process'
import { readFileSync } from 'node:fs'
import http from 'node:http'
import process from 'node:process'

export const CHANGED = 10
export const EDITS = 1_000

export function documents(file) {
  return readFileSync(file, 'utf8').trim().split('\n').map((line) => JSON.parse(line))
}

/** Counts the bytes of every server that is made from now on: heads, and with `bytes` all there is. */
function watch() {
  const sockets = []
  const seen = { requests: 0, head: 0 }
  const make = http.createServer
  http.createServer = (...given) => {
    const server = make(...given)
    server.on('connection', (socket) => sockets.push(socket))
    server.prependListener('request', (request, response) => {
      seen.requests += 1
      seen.head += `${request.method} ${request.url} HTTP/1.1\r\n\r\n`.length
      for (let at = 0; at < request.rawHeaders.length; at += 2) {
        seen.head += request.rawHeaders[at].length + request.rawHeaders[at + 1].length + 4
      }
      response.on('finish', () => (seen.head += response._header.length))
    })
    return server
  }
  return () => {
    const bytes = sockets.reduce((sum, socket) => sum + socket.bytesRead + socket.bytesWritten, 0)
    return { requests: seen.requests, head: seen.head, body: bytes - seen.head }
  }
}

/** Runs as the server: `start` makes it and returns what changes the first documents. */
export async function serve(start) {
  const totals = watch()
  const cpu = () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1_000
  }
  const change = await start()
  process.on('message', async (asked) => {
    if (asked === 'change') await change()
    if (asked === 'end') process.exit(0)
    process.send({ ...totals(), cpu: cpu() })
  })
  process.send('ready')
}

/** Runs as the phone: `phone` is told the documents and has the steps. */
export async function measure(script, file, phone) {
  const server = fork(script, [file, 'server'], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const heard = () => new Promise((resolve) => server.once('message', resolve))
  const ask = (what) => {
    const answer = heard()
    server.send(what)
    return answer
  }
  await heard()
  const step = async (name, run) => {
    const before = await ask('totals')
    const began = performance.now()
    await run()
    const seconds = (performance.now() - began) / 1_000
    const after = await ask('totals')
    const since = (key) => after[key] - before[key]
    const figure = { step: name, seconds, requests: since('requests'), body: since('body'), head: since('head') }
    process.stdout.write(`${JSON.stringify({ ...figure, server_cpu_ms: since('cpu') })}\n`)
  }
  await step('first sync of 10,000 tickets', phone.first)
  // Whatever else a library wants to do once, it may do unmeasured.
  await phone.sync()
  await step('nothing changed', phone.sync)
  await ask('change')
  await step('10 changed of 10,000', phone.sync)
  await phone.edit()
  await step('1,000 offline edits up', phone.sync)
  server.send('end')
  process.exit(0)
}
