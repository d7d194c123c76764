// The real server with a town's work in it: engineers and lifts by CSV import, tickets, shifts and assignments through the API.
// Nothing is by chance, so two runs have the same work; only the hours are those of the day.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { front } from './front.mjs';

const [LOGIN, PASSWORD] = ['bench', 'only-for-benchmarks'];
const [WEST, SOUTH, EAST, NORTH] = [-74.01, 40.738, -73.967, 40.757];
// Rounds of the planner come in bursts, and change more in one than the load does in ten seconds: no two runs would be alike.
const QUIET = { FETTLE_PLAN_SECONDS: '0' };
const HOUR_MS = 3_600_000;
const LIFTS = 1_000;
/** Requests at once: enough to keep the one writer of the database busy. */
const AT_ONCE = 24;
const SKILLS = ['LIFT-A', 'LIFT-B', 'ESC-A', 'DOOR'];
const FAULTS = ['Doors do not close', 'Car stuck between floors', 'Does not level at floor 12', 'Noise from the shaft', 'Fire alarm recall', 'Door drive hums', 'Landing button dark'];

/** A caller with a session of its own; an answer is its body, with the version of the row in `tag`. */
export async function caller(url) {
  let cookie = '';
  const call = async (method, path, body, more = {}) => {
    const text = typeof body === 'string';
    const answer = await fetch(`${url}/api/v1${path}`, {
      method, headers: { Cookie: cookie, 'Content-Type': text ? 'text/csv' : 'application/json', ...more }, ...(body === undefined ? {} : { body: text ? body : JSON.stringify(body) }),
    });
    cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? cookie;
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return Object.assign(answer.status === 204 ? {} : await answer.json(), { tag: answer.headers.get('etag') });
  };
  await call('POST', '/session', { login: LOGIN, password: PASSWORD });
  return call;
}

/** Does `work` for each of `list`, so many at once. */
export async function each(list, work) {
  const rest = list.entries();
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (const [at, one] of rest) await work(one, at);
  }));
}

export async function everything(call, path) {
  const rows = [];
  for (let after = ''; ;) {
    const page = await call('GET', `${path}${path.includes('?') ? '&' : '?'}limit=200${after && `&after=${after}`}`);
    rows.push(...page.items);
    if (!page.next) return rows;
    after = page.next;
  }
}

/** Spread over the town like the steps of a knight: no two near each other come one after the other. */
const place = (at) => [SOUTH + ((at * 0.618034) % 1) * (NORTH - SOUTH), WEST + ((at * 0.754878) % 1) * (EAST - WEST)].map((degrees) => degrees.toFixed(6));

function liftsCsv() {
  const rows = Array.from({ length: LIFTS }, (_, at) => [`C-${at % 40}`, `Customer ${at % 40}`, `House ${at >> 1}`, `${100 + (at >> 1)} West ${1 + ((at >> 1) % 59)}th Street`, ...place(at >> 1), `L-${at}`, 'lift', 'Gen2', 'Otis', '']);
  return ['customer_number,customer_name,site_name,address,latitude,longitude,number,kind,model,manufacturer,description', ...rows.map((row) => row.join(','))].join('\n');
}

function engineersCsv(count) {
  const rows = Array.from({ length: count }, (_, at) => [`E-${String(at + 1).padStart(3, '0')}`, `${['Ann', 'Bo', 'Chen', 'Dana', 'Eli'][at % 5]} ${['Lee', 'Moss', 'Ng', 'Ortiz', 'Pike', 'Quist', 'Rao'][at % 7]} ${at + 1}`, '', ...place(at + 0.5), 1_440, `${SKILLS[at % 4]}:${1 + (at % 3)};${SKILLS[(at + 1) % 4]}:2`]);
  return ['code,name,phone,home_latitude,home_longitude,max_load_minutes,skills', ...rows.map((row) => row.join(','))].join('\n');
}

/** Tickets that wait for a person. Every second one is older, so that all steps of the due time are there. */
export async function addTickets(call, count, from = 0) {
  const lifts = await everything(call, '/assets');
  const numbers = Array.from({ length: count }, (_, at) => from + at);
  await each(numbers, (at) => call('POST', '/tickets', {
    kind: at % 9 === 0 ? 'inspection' : 'repair', priority: 1 + (at % 4), title: `${FAULTS[at % FAULTS.length]} (${at})`, asset_id: lifts[(at * 13) % lifts.length].id, dispatch: 'manual',
    expected_minutes: 20 + (at % 5) * 10, required_skills: at % 3 === 0 ? [{ skill: SKILLS[at % 4], level: 1 + (at % 2) }] : [],
  }));
}

async function fill(call, { engineers, tickets, assigned }) {
  for (const code of SKILLS) await call('POST', '/skills', { code, name: code });
  for (const [kind, csv] of [['assets', liftsCsv()], ['engineers', engineersCsv(engineers)]]) {
    const report = await call('POST', `/import/${kind}?mode=all&dry_run=false`, csv);
    if (report.imported !== report.rows) throw new Error(`${kind}: ${JSON.stringify(report.faults)}`);
  }
  const people = await everything(call, '/engineers');
  await each(people, (one, at) => {
    // Early, late and day shifts, so that some begin and some end while one looks.
    const starts_at = Date.now() - (2 + (at % 3) * 2) * HOUR_MS;
    return call('POST', `/engineers/${one.id}/shifts`, { starts_at, ends_at: starts_at + 9 * HOUR_MS });
  });
  await addTickets(call, tickets);
  const open = await everything(call, '/tickets?status=new');
  // Who may not take a ticket gets the one after it.
  let given = 0;
  await each(open, async (ticket, at) => {
    if (given >= assigned || ticket.required_skills.length > 0) return;
    given += 1;
    await call('POST', `/tickets/${ticket.id}/assignments`, { engineer_id: people[at % people.length].id, reason: 'bench' });
  });
  await call('POST', '/positions', { positions: positions(people, 0) });
}

/** Where everybody is after so many steps: a drive around his home, at the speed of a town. */
export const positions = (people, step) => people.map((one, at) => ({
  engineer_id: one.id, latitude: one.home_latitude + 0.002 * Math.sin(at + step / 28), longitude: one.home_longitude + 0.002 * Math.cos(at + step / 28), at: Date.now(),
}));

async function started(binary, data) {
  const child = spawn(binary, ['serve', '--port', '0'], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...QUIET, FETTLE_DATABASE_URL: join(data, 'bench.db'), NO_COLOR: '1' } });
  const said = [];
  const url = await new Promise((resolve, reject) => {
    const hear = (line) => {
      said.push(line);
      const found = /https?:\/\/127\.0\.0\.1:[1-9]\d*/.exec(line);
      if (found) resolve(found[0]);
    };
    createInterface({ input: child.stdout }).on('line', hear);
    createInterface({ input: child.stderr }).on('line', hear);
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${said.join('\n')}`)));
  });
  return { child, url };
}

function createAdmin(binary, data) {
  const child = spawn(binary, ['admin', 'create', LOGIN], { stdio: ['pipe', 'ignore', 'pipe'], env: { ...process.env, FETTLE_DATABASE_URL: join(data, 'bench.db') } });
  let said = '';
  child.stderr.on('data', (text) => (said += text));
  child.stdin.end(`${PASSWORD}\n`);
  return new Promise((resolve, reject) => child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`admin create ended with ${code}: ${said}`)))));
}

/** A server with that much work; with `dist`, its pages come from that folder instead of from the binary. */
export async function openSite({ binary, dist, ...size }) {
  const data = mkdtempSync(join(tmpdir(), 'fettle-bench-web-'));
  await createAdmin(binary, data);
  const { child, url } = await started(binary, data);
  const door = dist ? await front(url, dist) : null;
  const close = async () => {
    door?.close();
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await gone;
    rmSync(data, { recursive: true, force: true });
  };
  try {
    const call = await caller(url);
    await fill(call, size);
    return { url: door?.url ?? url, behind: url, call, login: { login: LOGIN, password: PASSWORD }, close };
  } catch (problem) {
    await close();
    throw problem;
  }
}
