// A stand-in for the server, for looking at the pages and for the browser test while there is no binary. It keeps
// to the contract's shapes and to the rules that screens show: versions, what has to be unique, stock that does not
// go below nothing, tokens. It is started by hand or by a test and is in no build.
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeData } from './data.mjs';
import { makeDays } from './days.mjs';
import { makeDispatch } from './dispatch.mjs';
import { makeNeeds } from './needs.mjs';
import { makeOffice } from './office.mjs';
import { makePlanning } from './planning.mjs';
import { makeRules } from './rules.mjs';
import { makeRecords } from './records.mjs';
import { find, invalid, need, page, Refusal } from './refusal.mjs';
import { makeOrders } from './orders.mjs';
import { makeShelves } from './shelves.mjs';
import { makeStock } from './stock.mjs';
import { makeSync } from './sync.mjs';
import { makeMails, makePreferences } from './mails.mjs';
import { makeTalk } from './talk.mjs';
import { makeTasks } from './tasks.mjs';
import { makeTokens } from './tokens.mjs';

const TILES = fileURLToPath(new URL('../../../demo/data/midtown-manhattan.pmtiles', import.meta.url));
const DIST = fileURLToPath(new URL('../../dist', import.meta.url));
const SHELVES = ['used-part-returns', 'van-top-up', 'purchase-list', 'purchase-list.csv', 'purchase-orders', 'purchase-order-lines', 'parts-on-order', 'replenishment', 'scan'];
const HOUR = 3_600_000;
const HOURS_TO_SOLVE = { 1: 2, 2: 8, 3: 72, 4: 168 };
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.mjs': 'text/javascript', '.css': 'text/css', '.json': 'application/json', '.wasm': 'application/wasm', '.svg': 'image/svg+xml' };

export async function startMock({ port = 0, speed = 1, tiles = process.env.FETTLE_TILES ?? TILES, moving = true } = {}) {
  const startedAt = Date.now();
  const now = () => Math.round(startedAt + (Date.now() - startedAt) * speed);
  const db = makeData(startedAt);
  const streams = new Set();
  const sessions = new Map();
  const log = [];
  let seq = 1;

  const emit = (event, data, id) => streams.forEach((res) => res.write(`${id ? `id: ${id}\n` : ''}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`));
  function changed(entity, row, op = 'put', actor = 'mock') {
    const change = { seq: (seq += 1), entity, row_id: row.id, op, row, actor, at: now() };
    log.push(change);
    records.bump(row);
    emit('change', change, seq);
  }
  const records = makeRecords({ db, now, changed });
  const dispatch = makeDispatch({ db, now, changed, cursor: () => seq });
  const days = makeDays({ db, now, cursor: () => seq, recommend: dispatch.recommend });
  const planning = makePlanning({ now, edit: records.edit });
  const rules = makeRules({ now, db, edit: records.edit });
  const stock = makeStock({ db, now, changed });
  const shelves = makeShelves({ db, now, changed, stock });
  const orders = makeOrders({ db, now, changed, purchases: shelves.purchases });
  const office = makeOffice({ db, now, changed });
  const needs = makeNeeds({ db, changed });
  const tokens = makeTokens({ db, now, changed });
  const mails = makeMails({ db, now });
  const preferences = makePreferences();
  const talk = makeTalk({ db, now, edit: records.edit, changed });
  const sync = makeSync({ db, now, changed, sessions });
  const tasks = makeTasks({ db, now, changed });

  function createTicket(body) {
    need(body, 'title');
    if (!body.asset_id && !body.site_id) throw invalid(['asset_id', 'required', 'choose the device']);
    if (body.latest_at && body.latest_at < now()) throw invalid(['latest_at', 'in_the_past', 'lies in the past']);
    const asset = db.assets.find((a) => a.id === body.asset_id);
    const site = find(db.sites, asset?.site_id ?? body.site_id);
    const { dispatch: how, ...rest } = body;
    const ticket = {
      description: '', symptom: '', required_skills: [], needed_parts: [], expected_minutes: 45, earliest_at: now(), latest_at: null, access_note: site.access_note, site_contact: site.contact, auto_dispatch: how !== 'manual', asset_id: null, ...rest,
      id: db.id(), number: 1042 + db.tickets.length, status: 'new', customer_id: site.customer_id, site_id: site.id, visit_id: db.id(), engineer_id: null, due_at: now() + HOURS_TO_SOLVE[body.priority] * HOUR, planned_at: null,
      latitude: site.latitude, longitude: site.longitude, address: site.address, queue_reasons: [], created_at: now(), completed_at: null, closed_at: null,
    };
    db.tickets.push(ticket);
    const best = dispatch.recommend(ticket);
    if (how !== 'manual' && best.ranked.length > 0) dispatch.assign(ticket, {});
    else ticket.queue_reasons = best.excluded_counts;
    changed('tickets', ticket);
    return ticket;
  }
  const moves = { unassign: 'new', close: 'closed', reopen: 'assigned', cancel: 'cancelled' };
  function route(method, path, query, body, user, ifMatch) {
    const seg = path.split('/').slice(3);
    const [root, id, sub] = seg;
    if (root === 'meta') {
      return {
        version: '0.1.0', now_at: now(), speed, demo: true, organisation: 'Midtown Lift Service', demo_logins: db.users.map((u) => ({ role: u.role, login: u.login, password: 'demo' })),
        tiles: { url: '/tiles/midtown.pmtiles', attribution: '© OpenStreetMap contributors', bounds: [-74.014, 40.736, -73.963, 40.759], center: [-73.986, 40.7515], zoom: 13.4 },
      };
    }
    if (!user) throw new Refusal(401, 'unauthenticated', 'Log in first.');
    if (root === 'session') return { user };
    if (root === 'dispatch' && id === 'timelines') return days.timelines();
    if (root === 'dispatch' && id === 'verdicts') return days.verdicts(find(db.tickets, body.ticket_id));
    // The planner of the stand-in proposes nothing.
    if (root === 'dispatch' && id === 'proposal') return null;
    if (root === 'dispatch') return id === 'plan' ? planning.round : planning.policies(method, body, user, ifMatch);
    if (root === 'rules') return rules(method, id, body, user, ifMatch);
    if (root === 'notifications' && id === 'preferences') return preferences(method, body, user);
    if (root === 'mails') return mails(method, id, query, user);
    if (root === 'tokens') return tokens.route(method, id, body, user);
    if (root === 'part-needs') return needs(method, id, query, body);
    if (root === 'skills') return records.skills(method, query, body, user);
    if (root === 'stock') return stock.balances(query);
    if (root === 'stock-locations') return method === 'POST' ? stock.addPlace(body) : stock.places(query);
    if (root === 'stock-movements' && sub === 'undo') return stock.undo(id, user.display_name);
    if (root === 'stock-movements' && method === 'POST' && body.order_line_id) orders.take(body.order_line_id, body.quantity);
    if (root === 'stock-movements') return method === 'POST' ? stock.move(body, user.display_name) : stock.movements(query);
    if (root.startsWith('stock-') || SHELVES.includes(root)) return onShelves(method, seg, query, body, user);
    if (root === 'put-backs') return stock.putBacks(method, id, query);
    if (root === 'import') return id === 'inventree' ? setReport(body, query) : importReport(String(body), query);
    if (root === 'parts' && sub === 'substitutes') return office.substitutes(method, id, body);
    if (root === 'part-substitutes') return office.dropSubstitute(id);
    if (root === 'reservations') return stock.reservations(method, id, sub, query, body, user.display_name);
    if (root === 'canned-replies') return talk.replies(method, id, body, ifMatch);
    if (root === 'tasks') return tasks.route(id, query, body, user);
    if (root === 'tickets') return tickets(method, id, sub, query, body, ifMatch, seg[3], user);
    if (office.roots.includes(root) || (root === 'engineers' && sub === 'enrolment-codes')) return office.route(method, seg, query, body, user);
    if (root === 'certificates') return records.certificates(method, id, body, ifMatch);
    if (root === 'shifts' || root === 'absences') return records.drop(root, id);
    if (root === 'engineers' && sub) return records.engineerPart(method, id, sub, query, body);
    if (records.roots.includes(root)) return records.records(method, root, id, sub, query, body, ifMatch);
    throw new Refusal(404, 'not_found', 'No such page.');
  }
  /** What is worked out for the shelves, and what is counted and comes back there. */
  function onShelves(method, [root, id, sub], query, body, user) {
    const whole = (items) => ({ items, next: null });
    if (root === 'stock-counts') return shelves.counts(method, id, sub, query, body, user);
    if (root === 'used-part-returns') return shelves.returns(method, id, sub, query, body);
    if (root === 'stock-levels') return method === 'PUT' ? shelves.putLevel(body) : method === 'DELETE' ? shelves.dropLevel(id) : page(shelves.levels.filter((row) => ['part_id', 'location_id'].every((key) => !query.get(key) || query.get(key) === row[key])), query);
    if (root === 'stock-proposals') return whole(shelves.proposals());
    if (root === 'van-top-up') return whole(shelves.topUp());
    if (root === 'purchase-list') return method === 'POST' ? orders.fromList(body) : whole(orders.list());
    if (root === 'purchase-orders') return orders.route(method, id, sub, query, body);
    if (root === 'purchase-order-lines') return orders.cancelLine(id);
    if (root === 'parts-on-order') return whole(orders.parts());
    if (root === 'replenishment') return whole(shelves.review());
    if (root === 'purchase-list.csv') return shelves.csv();
    if (root === 'scan') return shelves.scan(query.get('code') ?? '');
    throw new Refusal(404, 'not_found', 'No such page.');
  }
  function tickets(method, id, sub, query, body, ifMatch, part, user) {
    if (!id) {
      if (method === 'POST') return createTicket(body);
      const states = query.get('status')?.split(',');
      const named = (t) => !query.get('q') || String(t.number) === query.get('q') || t.title.toLowerCase().includes(query.get('q').toLowerCase());
      return page(db.tickets.filter((t) => (!states || states.includes(t.status)) && named(t)), query);
    }
    const ticket = find(db.tickets, id);
    if (!sub && method === 'PATCH') return editTicket(ticket, body, ifMatch);
    if (!sub) return ticket;
    if (sub === 'recommendation') return dispatch.recommend(ticket);
    if (sub === 'counterfactuals') return dispatch.counterfactuals(ticket, query.get('engineer_id'));
    if (sub === 'parts') return stock.ticketParts(ticket);
    if (sub === 'reservations') return stock.reserveAll(ticket);
    if (sub === 'assignments') return dispatch.assign(ticket, body);
    if (sub === 'events') {
      ticket.status = moves[body.kind] ?? ticket.status;
      if (ticket.status === 'new') Object.assign(ticket, { engineer_id: null, auto_dispatch: body.kind === 'unassign' ? false : ticket.auto_dispatch });
      changed('tickets', ticket);
      return ticket;
    }
    if (office.siteWork.includes(sub)) return office.ofTicket(ticket, sub);
    if (sub === 'notes' && method === 'POST') {
      const note = { id: db.id(), ticket_id: id, visit_id: ticket.visit_id, engineer_id: null, text: body.text, audience: body.audience ?? 'team', mentions: body.mentions ?? [], at: now(), author: 'Dora Reyes' };
      for (const user of note.mentions) talk.watch('PUT', id, user);
      db.notes.push(note);
      changed('notes', note);
      return note;
    }
    if (sub === 'notes') return page(db.notes.filter((n) => n.ticket_id === id), query);
    if (sub === 'readers') return page(talk.readers(id), query);
    if (sub === 'canned-replies') return talk.filled(ticket, user);
    if (sub === 'watchers') return talk.watch(method, id, part);
    if (sub === 'tasks') return tasks.ofTicket(method, ticket, body, user);
    if (sub === 'history') {
      const first = { seq: 0, at: ticket.created_at, actor: 'Dora Reyes', entity: 'tickets', row_id: id, op: 'put', changed: { status: [null, 'new'], priority: [null, ticket.priority], title: [null, ticket.title] } };
      return page([first, ...log.filter((c) => c.row_id === id || c.row.ticket_id === id).map((c) => ({ ...c, changed: { status: [null, c.row.status], engineer_id: [null, c.row.engineer_id], text: [null, c.row.text] } }))], query);
    }
    return page([], query);
  }
  /** Tries the file as the server does, and says what is wrong with its coordinates; it keeps nothing of it. */
  function importReport(csv, query) {
    const [head, ...lines] = csv.trim().split('\n').map((line) => line.split(','));
    const column = head.indexOf('latitude');
    const wrong = (line) => column >= 0 && !(Math.abs(Number(line[column])) <= 90);
    const faults = lines.flatMap((line, i) => (wrong(line) ? [{ row: i + 2, column: 'latitude', code: 'out_of_range', message: 'must be between -90 and 90' }] : []));
    const good = query.get('mode') === 'rows' || faults.length === 0 ? lines.length - faults.length : 0;
    return { fault_count: faults.length, rows: lines.length, imported: query.get('dry_run') === 'true' ? 0 : good, faults };
  }
  /** What became of an export's files, of which it reads only the names: a part without one is a fault. */
  function setReport(form, query) {
    if (!query.get('latitude')) throw invalid(['latitude', 'required', 'is needed']);
    const tables = [...form.matchAll(/name="(\w+)"; filename="[^"]*"\r\n[^\r]*\r\n\r\n([^]*?)\r\n--/g)].map(([, file, text]) => ({ file, lines: text.trim().split('\n').slice(1) }));
    const faults = tables.flatMap(({ file, lines }) => lines.flatMap((line, i) => (line.split(',')[1]?.trim() ? [] : [{ file, row: i + 1, column: 'name', code: 'required', message: 'is required' }])));
    const bad = (file) => faults.filter((fault) => fault.file === file).length;
    const files = tables.map(({ file, lines }) => ({ file, rows: lines.length, imported: lines.length - bad(file), left_out: 0 }));
    const all = query.get('mode') === 'rows' || faults.length === 0 ? files.reduce((sum, file) => sum + file.imported, 0) : 0;
    const dry = query.get('dry_run') === 'true';
    return { files: files.map((file) => (dry ? { ...file, imported: 0 } : file)), faults, fault_count: faults.length, imported: dry ? 0 : all };
  }
  function editTicket(ticket, body, ifMatch) {
    const due = body.priority ? { due_at: ticket.created_at + HOURS_TO_SOLVE[body.priority] * HOUR } : {};
    return records.edit('tickets', ticket, { ...body, ...due }, ifMatch);
  }

  function serveFile(req, res, file, cache) {
    const size = statSync(file).size;
    const range = /bytes=(\d+)-(\d+)?/.exec(req.headers.range ?? '');
    const head = { 'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream', 'Cache-Control': cache, ETag: `"${size}"` };
    if (!range) return createReadStream(file).pipe(res.writeHead(200, { ...head, 'Content-Length': size }));
    const from = Number(range[1]);
    const to = Math.min(size - 1, Number(range[2] ?? size - 1));
    return createReadStream(file, { start: from, end: to }).pipe(res.writeHead(206, { ...head, 'Content-Length': to - from + 1, 'Content-Range': `bytes ${from}-${to}/${size}` }));
  }
  function serveStatic(req, res, path) {
    if (path.startsWith('/tiles/')) return tiles && existsSync(tiles) ? serveFile(req, res, tiles, 'public, max-age=3600') : res.writeHead(404).end();
    const file = join(DIST, normalize(path));
    if (file.startsWith(DIST) && path !== '/' && existsSync(file) && statSync(file).isFile()) return serveFile(req, res, file, path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache');
    if (path.startsWith('/assets/')) return res.writeHead(404).end();
    const entry = path.startsWith('/warehouse') ? 'warehouse.html' : path.startsWith('/phone') ? 'phone.html' : path === '/record' ? 'record.html' : 'index.html';
    return res.writeHead(200, { 'Content-Type': TYPES['.html'], 'Cache-Control': 'no-cache' }).end(readFileSync(join(DIST, entry)));
  }

  async function handle(req, res) {
    const url = new URL(req.url, 'http://mock');
    if (!url.pathname.startsWith('/api/') && !url.pathname.startsWith('/sync/')) return serveStatic(req, res, url.pathname);
    const cookie = /fettle_session=([^;]+)/.exec(req.headers.cookie ?? '')?.[1];
    const user = sessions.get(cookie) ?? tokens.userOf(req.headers.authorization);
    if (url.pathname === '/api/v1/stream') {
      res.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-cache' });
      res.write(`event: hello\ndata: ${JSON.stringify({ cursor: seq, now_at: now(), speed })}\n\n`);
      const after = Number(req.headers['last-event-id'] ?? url.searchParams.get('cursor') ?? seq);
      for (const change of log) if (change.seq > after) res.write(`id: ${change.seq}\nevent: change\ndata: ${JSON.stringify(change)}\n\n`);
      streams.add(res);
      req.on('close', () => streams.delete(res));
      return undefined;
    }
    const chunks = [];
    for await (const chunk of req) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const json = (status, value, extra = {}) => res.writeHead(status, { 'Content-Type': status >= 400 ? 'application/problem+json' : 'application/json', ...extra }).end(value === null ? '' : JSON.stringify(value));
    try {
      const body = text === '' ? {} : /^(text\/csv|multipart)/.test(req.headers['content-type'] ?? '') ? text : JSON.parse(text);
      if (url.pathname.startsWith('/sync/')) return json(200, sync(url.pathname.slice('/sync/v1'.length), body, user, req.headers.authorization));
      if (url.pathname === '/api/v1/session' && req.method === 'POST') {
        const found = db.users.find((u) => u.login === body.login && body.password === 'demo');
        if (!found) throw new Refusal(401, 'wrong_password', 'Log-in or password is wrong.');
        const key = `s${sessions.size + 1}${startedAt}`;
        sessions.set(key, found);
        return json(200, { user: found }, { 'Set-Cookie': `fettle_session=${key}; Path=/; HttpOnly; SameSite=Lax` });
      }
      if (url.pathname === '/api/v1/session' && req.method === 'DELETE') return sessions.delete(cookie), res.writeHead(204).end();
      if (/\/(blobs|rescues)\/.+/.test(url.pathname) && user) return office.bytes(url.pathname.split('/'), res);
      const answer = route(req.method, url.pathname, url.searchParams, body, user, req.headers['if-match']);
      if (answer === null) return res.writeHead(204).end();
      return json(req.method === 'POST' && !/session|events|pick|put-back|issue|release|return|import|lines|cancel|done|submit|approve|reject|revoke|resolve/.test(url.pathname) ? 201 : 200, answer, answer.id ? { ETag: records.tag(answer.id) } : {});
    } catch (cause) {
      if (cause instanceof Refusal) return json(cause.body.status, cause.body);
      return json(500, { type: '/problems/internal', title: 'internal', status: 500, code: 'internal', detail: String(cause?.stack ?? cause) });
    }
  }

  function move() {
    const items = [];
    for (const e of db.engineers.slice(0, 15)) {
      e.position = { latitude: e.position.latitude + (Math.random() - 0.5) * 0.0006, longitude: e.position.longitude + (Math.random() - 0.5) * 0.0008, at: now() };
      items.push({ engineer_id: e.id, ...e.position });
    }
    emit('positions', { items });
  }
  const timer = moving ? setInterval(move, 2_000) : null;
  const server = createServer((req, res) => void handle(req, res));
  await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`, db, shelves, changed,
    drop: () => streams.forEach((res) => res.destroy()),
    close: () => new Promise((resolve) => { clearInterval(timer); streams.forEach((res) => res.destroy()); server.closeAllConnections(); server.close(resolve); }),
  };
}
