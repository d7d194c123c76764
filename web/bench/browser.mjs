// Debian's Chromium with its clocks: the CPU time of a page's main thread, its long tasks, its interactions, its heap, and whatever it
// asks of other hosts.
import { chromium } from 'playwright-core';
import { SHORTEST_EVENT_MS } from './figures.mjs';

const FLAGS = ['--no-sandbox', '--enable-unsafe-swiftshader', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'];
/** Without a graphics card there is no browser in which everything can be measured. `page`: pages are drawn at the usual speed, but their
 *  thread waits for the map. `thread`: all is drawn elsewhere, so the thread's tasks are its own, but frames come slowly. */
const DRAWN = { page: '--disable-gpu', thread: '--use-angle=swiftshader' };
export const openBrowser = (drawn) => chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: [DRAWN[drawn], ...FLAGS] });

/** Runs in the page before anything of it does: notes long tasks, interactions, and when queue and timeline can be used. */
function watch(shortest) {
  const notes = { tasks: [], events: [], usable: 0, map: 0, script: '' };
  globalThis.bench = notes;
  new PerformanceObserver((list) => notes.tasks.push(...list.getEntries().map((one) => ({ at: one.startTime, ms: one.duration })))).observe({ type: 'longtask', buffered: true });
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) if (one.interactionId) notes.events.push({ id: one.interactionId, name: one.name, at: one.startTime, ms: one.duration });
  }).observe({ type: 'event', durationThreshold: shortest, buffered: true });
  const look = () => {
    if (!notes.usable && document.querySelector('.queue [data-ticket]') && document.querySelector('.timeline [data-engineer]')) notes.usable = performance.now();
    if (!notes.map && document.querySelector('.map canvas')) notes.map = performance.now();
    if (!notes.usable || !notes.map) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

/** A dispatcher's page, logged in and not yet anywhere. */
export async function visitor(browser, site, { locale = 'en', theme = 'light' } = {}) {
  const context = await browser.newContext({ viewport: { width: 1600, height: 1000 }, baseURL: site.url, colorScheme: theme, timezoneId: 'America/New_York' });
  await context.addInitScript(([l, t]) => {
    localStorage.setItem('fettle.locale', l);
    localStorage.setItem('fettle.theme', t);
  }, [locale, theme]);
  await context.addInitScript(watch, SHORTEST_EVENT_MS);
  const answer = await context.request.post('/api/v1/session', { data: site.login });
  if (!answer.ok()) throw new Error(`log-in: ${answer.status()} ${await answer.text()}`);
  const page = await context.newPage();
  const [foreign, errors] = [[], []];
  page.on('request', (one) => /^https?:/.test(one.url()) && !one.url().startsWith(site.url) && foreign.push(one.url()));
  page.on('pageerror', (error) => errors.push(String(error)));
  const cdp = await context.newCDPSession(page);
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  return { context, page, cdp, foreign, errors, close: () => context.close() };
}

/** Opens the dispatcher's page, and comes back when queue and timeline can be used. */
export async function open(guest, path = '/') {
  await guest.page.goto(path, { waitUntil: 'commit' });
  await guest.page.waitForFunction(() => globalThis.bench?.usable > 0, undefined, { timeout: 60_000 });
}

/** Until nothing has been loaded for a while, the map included: what comes then is what is measured. */
export async function settled({ page }) {
  await page.waitForFunction(() => globalThis.bench.map > 0, undefined, { timeout: 60_000 });
  await page.waitForLoadState('networkidle', { timeout: 3_000 }).catch(() => undefined);
  await page.evaluate(() => new Promise((done) => requestIdleCallback(done, { timeout: 2_000 })));
}

/** Milliseconds of CPU that the main thread has had: all of it, and of that scripts, styles and layout. */
export async function cpu({ cdp }) {
  const { metrics } = await cdp.send('Performance.getMetrics');
  const of = (name) => (metrics.find((one) => one.name === name)?.value ?? 0) * 1_000;
  return { all: of('TaskDuration'), script: of('ScriptDuration'), style: of('RecalcStyleDuration'), layout: of('LayoutDuration') };
}

export const minus = (after, before) => Object.fromEntries(Object.keys(after).map((name) => [name, after[name] - before[name]]));

/** Bytes of JavaScript that are alive. */
export async function heap({ cdp }) {
  for (let round = 0; round < 3; round += 1) await cdp.send('HeapProfiler.collectGarbage');
  return (await cdp.send('Runtime.getHeapUsage')).usedSize;
}

export const notes = ({ page }) => page.evaluate(() => globalThis.bench);
export const forget = ({ page }) => page.evaluate(() => Object.assign(globalThis.bench, { tasks: [], events: [] }));
