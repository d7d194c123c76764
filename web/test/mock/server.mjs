// A stand-in for the server, for looking at the pages and for the browser test while there is no binary. It keeps
// to the contract's shapes and knows none of its rules. It is started by hand or by a test and is in no build.
import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeData } from './data.mjs';
import { makeSync } from './sync.mjs';

const TILES = fileURLToPath(new URL('../../../demo/data/midtown-manhattan.pmtiles', import.meta.url));
const DIST = fileURLToPath(new URL('../../dist', import.meta.url));
const TYPES = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.mjs': 'text/javascript', '.css': 'text/css', '.json': 'application/json', '.svg': 'image/svg+xml' };

class Refusal extends Error {
  constructor(status, code, detail, extra = {}) {
    super(detail);
    this.body = { type: `/problems/${code}`, title: code, status, code, detail, request_id: 'mock', ...extra };
  }
}

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
    emit('change', change, seq);
  }
  const sync = makeSync({ db, now, changed, sessions });

  const find = (list, id) => list.find((row) => row.id === id) ?? (() => { throw new Refusal(404, 'not_found', 'No such row.'); })();
  const page = (items, query) => {
    const limit = Number(query.get('limit') ?? 50);
    const from = Number(query.get('after') ?? 0);
    return { items: items.slice(from, from + limit), next: from + limit < items.length ? String(from + limit) : null };
  };
  const search = (list, query, keys) => {
    const words = (query.get('q') ?? '').toLowerCase();
    return words ? list.filter((row) => keys.some((key) => String(row[key] ?? '').toLowerCase().includes(words))) : list;
  };
  const need = (body, ...keys) => {
    const errors = keys.filter((key) => body[key] === undefined || body[key] === '').map((field) => ({ field, code: 'required', message: `${field} is required` }));
    if (errors.length > 0) throw new Refusal(422, 'invalid', 'Some fields are wrong.', { errors });
  };

  function recommend(ticket) {
    const km = (e) => Math.hypot((e.position.latitude - ticket.latitude) * 111, (e.position.longitude - ticket.longitude) * 84);
    const ranked = [];
    const excluded = [];
    for (const e of db.engineers) {
      const distance_m = Math.round(km(e) * 1000);
      const base = { engineer_id: e.id, code: e.code, name: e.name, distance_m };
      const skill = ticket.required_skills[0];
      const own = e.certificates.find((c) => c.skill === skill?.skill);
      if (!e.active) excluded.push({ ...base, rule: 'inactive', fact: { rule: 'inactive' } });
      else if (!e.on_shift) excluded.push({ ...base, rule: 'off_shift', fact: { rule: 'off_shift', next_shift_at: now() + 9 * 3_600_000, shift_ends_at: null, in_hand_minutes: 0 } });
      else if (skill && !own) excluded.push({ ...base, rule: 'skill_missing', fact: { rule: 'skill_missing', skills: [skill.skill] } });
      else if (skill && own.level < skill.level) excluded.push({ ...base, rule: 'certificate_level', fact: { rule: 'certificate_level', skill: skill.skill, required_level: skill.level, held_level: own.level } });
      else {
        const terms = [{ term: 'travel', minutes: Math.round(distance_m / 180 + 3) }, { term: 'load', minutes: e.in_hand.tickets * 4 }, { term: 'parts', minutes: (e.code.charCodeAt(3) % 3) * 6 }, { term: 'speed', minutes: (e.code.charCodeAt(3) % 5) - 2.5 }];
        ranked.push({ ...base, terms, score_minutes: terms.reduce((sum, t) => sum + t.minutes, 0) });
      }
    }
    ranked.sort((a, b) => a.score_minutes - b.score_minutes);
    const counts = Object.entries(excluded.reduce((sum, e) => ({ ...sum, [e.rule]: (sum[e.rule] ?? 0) + 1 }), {}));
    return { ranked, excluded: excluded.sort((a, b) => a.distance_m - b.distance_m), excluded_counts: counts.map(([rule, count]) => ({ rule, count })), beyond_shortlist: 0, policy_version: 1, cursor: seq, asked_at: now() };
  }
  function assign(ticket, engineerId) {
    const best = recommend(ticket);
    const chosen = engineerId ?? best.ranked[0]?.engineer_id;
    if (!chosen) throw new Refusal(409, 'nobody_fits', 'No engineer fits.');
    Object.assign(ticket, { engineer_id: chosen, status: 'assigned', queue_reasons: [], planned_at: now() + 1_800_000 });
    changed('tickets', ticket);
    return { id: db.id(), ticket_id: ticket.id, visit_id: ticket.visit_id, engineer_id: chosen, assigned_at: now(), assigned_by: 'mock', reason: '', score_minutes: best.ranked.find((one) => one.engineer_id === chosen)?.score_minutes ?? null, dossier: best, shortages: [] };
  }
  function createTicket(body) {
    need(body, 'title');
    if (!body.asset_id && !body.site_id) throw new Refusal(422, 'invalid', 'Some fields are wrong.', { errors: [{ field: 'asset_id', code: 'required', message: 'choose the device' }] });
    if (body.latest_at && body.latest_at < now()) throw new Refusal(422, 'invalid', 'Some fields are wrong.', { errors: [{ field: 'latest_at', code: 'past', message: 'the window has passed' }] });
    const asset = db.assets.find((a) => a.id === body.asset_id);
    const site = find(db.sites, asset?.site_id ?? body.site_id);
    const { dispatch, ...rest } = body;
    const ticket = {
      description: '', symptom: '', required_skills: [], needed_parts: [], expected_minutes: 45, earliest_at: now(), latest_at: null, access_note: site.access_note, site_contact: site.contact, auto_dispatch: dispatch !== 'manual', asset_id: null, ...rest,
      id: db.id(), number: 1042 + db.tickets.length, status: 'new', customer_id: site.customer_id, site_id: site.id, visit_id: db.id(), engineer_id: null, due_at: now() + { 1: 2, 2: 8, 3: 72, 4: 168 }[body.priority] * 3_600_000, planned_at: null,
      latitude: site.latitude, longitude: site.longitude, address: site.address, queue_reasons: [], created_at: now(), completed_at: null, closed_at: null,
    };
    db.tickets.push(ticket);
    const best = recommend(ticket);
    if (dispatch !== 'manual' && best.ranked.length > 0) assign(ticket);
    else ticket.queue_reasons = best.excluded_counts;
    changed('tickets', ticket);
    return ticket;
  }
  /** A list has the names of what a reservation is about; the row itself, as an act answers it, has ids only. */
  const bare = ({ ticket_number, engineer_code, part_number, part_name, location_code, location_kind, ...row }) => ({ ...row, created_at: now(), updated_at: now() });
  const office = { unassign: 'new', close: 'closed', reopen: 'assigned', cancel: 'cancelled' };
  const reserve = { pick: 'picked', issue: 'handed_over', release: 'released' };
  const crud = { customers: ['number', 'name', 'phone'], sites: ['name', 'address'], assets: ['number', 'model'], engineers: ['code', 'name'], users: ['login'], parts: ['number', 'name', 'name_zh'] };

  function route(method, path, query, body, user) {
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
    if (root === 'skills') return page(db.skills, query);
    if (root === 'stock') return page(db.balances.filter((b) => !query.get('location_id') || b.location_id === query.get('location_id')), query);
    if (root === 'stock-locations') return page(db.locations, query);
    if (root === 'stock-movements') {
      need(body, 'part_id', 'quantity');
      const balance = db.balances.find((b) => b.part_id === body.part_id && b.location_id === body.to_location_id);
      if (balance) Object.assign(balance, { on_hand: balance.on_hand + body.quantity, available: balance.available + body.quantity });
      changed('stock_balances', balance ?? { id: db.id() });
      return { id: db.id(), actor: user.display_name, at: now(), note: '', ...body };
    }
    if (root === 'import') {
      const rows = String(body).trim().split('\n').length - 1;
      const faults = String(body).includes('bad') ? [{ row: 3, column: 'latitude', code: 'out_of_range', message: 'latitude must be between -90 and 90' }] : [];
      return { fault_count: faults.length, rows, imported: query.get('dry_run') === 'true' || faults.length > 0 ? 0 : rows, faults };
    }
    if (root === 'reservations') {
      if (!id) return page(db.reservations.filter((r) => (!query.get('status') || query.get('status').split(',').includes(r.status)) && (!query.get('ticket_id') || r.ticket_id === query.get('ticket_id'))), query);
      const row = find(db.reservations, id);
      row.status = reserve[sub] ?? row.status;
      changed('reservations', bare(row));
      return bare(row);
    }
    if (root === 'tickets') return tickets(method, id, sub, query, body);
    if (root === 'certificates' || root === 'shifts' || root === 'absences') return drop(root, id);
    if (root === 'engineers' && sub) return engineerPart(method, id, sub, query, body);
    if (crud[root]) return records(method, root, id, sub, query, body);
    throw new Refusal(404, 'not_found', 'No such page.');
  }
  function tickets(method, id, sub, query, body) {
    if (!id) {
      if (method === 'POST') return createTicket(body);
      const states = query.get('status')?.split(',');
      return page(db.tickets.filter((t) => !states || states.includes(t.status)), query);
    }
    const ticket = find(db.tickets, id);
    if (!sub) return ticket;
    if (sub === 'recommendation') return recommend(ticket);
    if (sub === 'assignments') return assign(ticket, body.engineer_id);
    if (sub === 'events') {
      ticket.status = office[body.kind] ?? ticket.status;
      if (ticket.status === 'new') ticket.engineer_id = null;
      changed('tickets', ticket);
      return ticket;
    }
    if (sub === 'notes' && method === 'POST') {
      const note = { id: db.id(), ticket_id: id, visit_id: ticket.visit_id, engineer_id: null, text: body.text, at: now(), author: 'Dora Reyes' };
      db.notes.push(note);
      changed('notes', note);
      return note;
    }
    if (sub === 'notes') return page(db.notes.filter((n) => n.ticket_id === id), query);
    if (sub === 'history') {
      const first = { seq: 0, at: ticket.created_at, actor: 'Dora Reyes', entity: 'tickets', row_id: id, op: 'put', changed: { status: [null, 'new'], priority: [null, ticket.priority], title: [null, ticket.title] } };
      return page([first, ...log.filter((c) => c.row_id === id || c.row.ticket_id === id).map((c) => ({ ...c, changed: { status: [null, c.row.status], engineer_id: [null, c.row.engineer_id], text: [null, c.row.text] } }))], query);
    }
    return page([], query);
  }
  function engineerPart(method, id, sub, query, body) {
    const engineer = find(db.engineers, id);
    if (sub === 'certificates') {
      const row = { id: db.id(), engineer_id: id, ...body };
      engineer.certificates.push(row);
      return row;
    }
    const list = db[sub];
    if (method === 'GET') {
      const own = sub === 'shifts' && engineer.shift ? [{ id: `s-${id}`, engineer_id: id, ...engineer.shift }] : [];
      return page([...own, ...list.filter((row) => row.engineer_id === id)], query);
    }
    if (body.ends_at <= body.starts_at) throw new Refusal(422, 'invalid', 'Some fields are wrong.', { errors: [{ field: 'ends_at', code: 'out_of_order', message: 'must be after the start' }] });
    const row = { id: db.id(), engineer_id: id, ...body };
    list.push(row);
    return row;
  }
  function drop(root, id) {
    for (const engineer of db.engineers) engineer.certificates = engineer.certificates.filter((c) => c.id !== id);
    for (const key of ['shifts', 'absences']) db[key] = db[key].filter((row) => row.id !== id);
    return null;
  }
  function records(method, root, id, sub, query, body) {
    const list = db[root];
    if (sub === 'password') return null;
    if (!id && method === 'GET') {
      const owned = list.filter((row) => ['customer_id', 'site_id'].every((key) => !query.get(key) || row[key] === query.get(key)));
      return page(search(owned, query, crud[root]), query);
    }
    if (method === 'POST') {
      if (body.number && list.some((row) => row.number === body.number)) throw new Refusal(409, 'duplicate', 'That number is taken.', { field: 'number' });
      const extra = root === 'engineers' ? { certificates: [], position: null, in_hand: { tickets: 0, minutes: 0 }, on_shift: false, shift: null, van_id: null, phone: '', max_load_minutes: 480 } : {};
      const row = { active: true, created_at: now(), ...extra, ...body, id: db.id() };
      delete row.password;
      list.push(row);
      changed(root, row);
      return row;
    }
    const row = find(list, id);
    if (method === 'PATCH') changed(root, Object.assign(row, body));
    return row;
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
    const entry = path.startsWith('/warehouse') ? 'warehouse.html' : path.startsWith('/phone') ? 'phone.html' : 'index.html';
    return res.writeHead(200, { 'Content-Type': TYPES['.html'], 'Cache-Control': 'no-cache' }).end(readFileSync(join(DIST, entry)));
  }

  async function handle(req, res) {
    const url = new URL(req.url, 'http://mock');
    if (!url.pathname.startsWith('/api/') && !url.pathname.startsWith('/sync/')) return serveStatic(req, res, url.pathname);
    const cookie = /fettle_session=([^;]+)/.exec(req.headers.cookie ?? '')?.[1];
    const user = sessions.get(cookie) ?? null;
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
      const body = text === '' ? {} : req.headers['content-type']?.startsWith('text/csv') ? text : JSON.parse(text);
      if (url.pathname.startsWith('/sync/')) return json(200, sync(url.pathname.slice('/sync/v1'.length), body, user, req.headers.authorization));
      if (url.pathname === '/api/v1/session' && req.method === 'POST') {
        const found = db.users.find((u) => u.login === body.login && body.password === 'demo');
        if (!found) throw new Refusal(401, 'wrong_password', 'Log-in or password is wrong.');
        const key = `s${sessions.size + 1}${startedAt}`;
        sessions.set(key, found);
        return json(200, { user: found }, { 'Set-Cookie': `fettle_session=${key}; Path=/; HttpOnly; SameSite=Lax` });
      }
      if (url.pathname === '/api/v1/session' && req.method === 'DELETE') return sessions.delete(cookie), res.writeHead(204).end();
      const answer = route(req.method, url.pathname, url.searchParams, body, user);
      if (answer === null) return res.writeHead(204).end();
      return json(req.method === 'POST' && !/session|events|pick|issue|release|import/.test(url.pathname) ? 201 : 200, answer, { ETag: '"1"' });
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
    url: `http://127.0.0.1:${server.address().port}`, db, changed,
    drop: () => streams.forEach((res) => res.destroy()),
    close: () => new Promise((resolve) => { clearInterval(timer); streams.forEach((res) => res.destroy()); server.closeAllConnections(); server.close(resolve); }),
  };
}
