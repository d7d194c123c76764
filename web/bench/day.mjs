// A dispatcher's day by proposals: a demo with automatic assignment switched off, and a page in Chromium whose dispatcher opens what the
// planner proposes and accepts it, as often as it is there. `day.py` beside this counts what became of the day, here and in a demo that
// assigned by itself.
//
//   node web/bench/day.mjs --fettle target/release/fettle --hours 9 --data /tmp/by-hand
//   node web/bench/day.mjs --fettle target/release/fettle --hours 9 --data /tmp/by-itself --auto
//   python3 web/bench/day.py /tmp/by-hand/demo.db /tmp/by-itself/demo.db
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { openBrowser } from './browser.mjs';
import { percentile } from './figures.mjs';

const HOUR_MS = 3_600_000;
/** How often the dispatcher looks, in real time: at speed 20 once a minute of the day. */
const LOOK_MS = 3_000;
const { values: asked } = parseArgs({ options: {
  fettle: { type: 'string' }, data: { type: 'string' }, hours: { type: 'string', default: '9' }, speed: { type: 'string', default: '20' }, auto: { type: 'boolean', default: false },
} });
if (!asked.fettle || !asked.data) throw new Error('--fettle names the server, --data the folder of the day');

const server = spawn(asked.fettle, ['demo', '--fresh', '--port', '0', '--speed', asked.speed, '--data', asked.data], { stdio: ['ignore', 'pipe', 'inherit'] });
const url = await new Promise((resolve, reject) => {
  createInterface({ input: server.stdout }).on('line', (line) => resolve(/https?:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0]));
  server.once('exit', (code) => reject(new Error(`the demo ended with ${code}`)));
});
const browser = await openBrowser('page');

async function visitor(login) {
  const context = await browser.newContext({ viewport: { width: 1600, height: 1000 }, baseURL: url });
  const answer = await context.request.post('/api/v1/session', { data: { login, password: 'demo-midtown' } });
  if (!answer.ok()) throw new Error(`${login}: ${answer.status()}`);
  return context;
}
const office = await visitor('dispatcher');
const now = async () => (await (await office.request.get('/api/v1/meta')).json()).now_at;

/** Nothing is given to anybody but by the dispatcher. */
async function switchOff() {
  const admin = await visitor('admin');
  const policies = await admin.request.get('/api/v1/dispatch/policies');
  const { body } = await policies.json();
  for (const policy of [body.general, ...Object.values(body.by_kind)]) policy.auto = false;
  const put = await admin.request.put('/api/v1/dispatch/policies', { data: body, headers: { 'If-Match': policies.headers().etag } });
  if (!put.ok()) throw new Error(await put.text());
  await admin.close();
}

/** One look at the page: what is offered is accepted, the safe part first. Milliseconds that it took, and how many tickets were given. */
async function look(page) {
  const chip = page.locator('.chip.offer');
  if (!(await chip.count())) return null;
  const from = performance.now();
  const panel = page.locator('.offers');
  if (!(await panel.count())) await page.keyboard.press('p');
  await panel.locator('.tools').waitFor({ timeout: LOOK_MS });
  let given = 0;
  for (const nth of [0, 1]) {
    const button = panel.locator('.tools button').nth(nth);
    if (!(await button.count()) || (await button.isDisabled())) continue;
    const [accepted] = await Promise.all([page.waitForResponse((one) => one.url().endsWith('/proposal/accept')), button.click()]);
    if (accepted.ok()) given += (await accepted.json()).tickets;
  }
  const ms = performance.now() - from;
  await panel.locator('header .btn').click();
  await panel.waitFor({ state: 'detached' });
  return { ms, given };
}

const looks = [];
const until = (await now()) + Number(asked.hours) * HOUR_MS;
try {
  if (!asked.auto) await switchOff();
  const page = await office.newPage();
  // What is not there now is looked for again the next time.
  page.setDefaultTimeout(LOOK_MS);
  await page.goto('/', { timeout: 60_000 });
  await page.locator('.timeline [data-engineer]').first().waitFor({ timeout: 60_000 });
  await page.keyboard.press('Escape');
  while ((await now()) < until) {
    if (!asked.auto) {
      const one = await look(page).catch((error) => console.error(String(error).split('\n')[0]));
      if (one) looks.push(one);
    }
    await page.waitForTimeout(LOOK_MS);
  }
} finally {
  await browser.close();
  const gone = new Promise((resolve) => server.once('exit', resolve));
  server.kill('SIGTERM');
  await gone;
}
const given = looks.reduce((sum, one) => sum + one.given, 0);
const took = looks.filter((one) => one.given > 0).map((one) => one.ms);
const said = { looks: looks.length, given, median_ms: percentile(took, 0.5), p95_ms: percentile(took, 0.95), ms_a_ticket: took.reduce((a, b) => a + b, 0) / Math.max(given, 1) };
writeFileSync(join(asked.data, 'looks.json'), `${JSON.stringify(said, null, 2)}\n`);
console.log(said);
