// Pages from a folder in front of a server that has others (or none) in it: for measuring what was just built without building the
// server anew. Everything that is no file of the folder goes on to the server, streams as they come.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { Agent, createServer, request } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { gzipSync } from 'node:zlib';

const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.mjs': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.json': 'application/json', '.svg': 'image/svg+xml', '.png': 'image/png', '.wasm': 'application/wasm' };

export async function front(server, dist) {
  const to = new URL(server);
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const packed = new Map();
  const file = (path) => {
    const at = join(dist, normalize(path));
    if (!existsSync(at) || !statSync(at).isFile()) return null;
    // What was built anew while this runs is served anew.
    const key = `${at} ${statSync(at).mtimeMs}`;
    if (!packed.has(key)) packed.set(key, gzipSync(readFileSync(at)));
    return packed.get(key);
  };
  const door = createServer((asked, answer) => {
    const path = new URL(asked.url, server).pathname;
    const page = path === '/' ? '/index.html' : path;
    const body = asked.method === 'GET' && !/^\/(api|sync|tiles)\//.test(path) ? file(page) : null;
    if (body) {
      const cache = page.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
      answer.writeHead(200, { 'Content-Type': TYPES[extname(page)] ?? 'application/octet-stream', 'Content-Encoding': 'gzip', 'Cache-Control': cache });
      answer.end(body);
      return;
    }
    const on = request({ agent, host: to.hostname, port: to.port, method: asked.method, path: asked.url, headers: { ...asked.headers, host: to.host } }, (got) => {
      answer.writeHead(got.statusCode, got.headers);
      got.pipe(answer);
      answer.on('close', () => got.destroy());
    });
    on.on('error', () => answer.destroy());
    asked.pipe(on);
  });
  await new Promise((resolve) => door.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${door.address().port}`,
    close() {
      agent.destroy();
      door.closeAllConnections();
      door.close();
    },
  };
}
