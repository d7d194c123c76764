// Starts what the browser tests need: Debian's Chromium, and a server. The server is BASE_URL if given, else
// FETTLE_BIN's demo, else (only if asked for with FETTLE_MOCK=1) the stand-in. Nothing is skipped silently.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before } from 'node:test';
import { chromium } from 'playwright-core';
import { startMock } from '../mock/server.mjs';
import { seed } from './seed.mjs';

const FLAGS = ['--no-sandbox', '--disable-gpu', '--enable-unsafe-swiftshader', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const START_MS = 60_000;
/** A step of a test that takes longer has failed; thirty seconds each, and a broken page costs ten minutes. */
const STEP_MS = 10_000;

export const openBrowser = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });

export async function openServer() {
  if (process.env.BASE_URL) {
    const url = process.env.BASE_URL.replace(/\/$/, '');
    await seed(url);
    return { url, close: async () => {}, mock: null };
  }
  if (process.env.FETTLE_BIN) {
    const demo = await spawnDemo(process.env.FETTLE_BIN);
    await seed(demo.url);
    return demo;
  }
  if (process.env.FETTLE_MOCK === '1') {
    const mock = await startMock();
    return { url: mock.url, close: mock.close, mock };
  }
  throw new Error('Set FETTLE_BIN (the built binary), BASE_URL (a running server) or FETTLE_MOCK=1 (the stand-in).');
}

async function spawnDemo(binary) {
  const data = mkdtempSync(join(tmpdir(), 'fettle-browser-'));
  const child = spawn(binary, ['demo', '--paused', '--port', '0', '--data', data], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = [];
  const url = await new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`the demo named no address:\n${said.join('\n')}`)), START_MS);
    const read = (line) => {
      said.push(line);
      const found = /https?:\/\/(?:127\.0\.0\.1|localhost):(\d+)/.exec(line);
      if (!found || found[1] === '0') return;
      clearTimeout(late);
      resolve(found[0]);
    };
    createInterface({ input: child.stdout }).on('line', read);
    createInterface({ input: child.stderr }).on('line', read);
    child.once('exit', (code) => reject(new Error(`the demo ended with ${code}:\n${said.join('\n')}`)));
  });
  return {
    url, mock: null,
    close: async () => {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await gone;
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** A fresh visitor. Requests to other hosts are refused and remembered. */
export async function visitor(browser, { url, width = 1440, height = 900, locale = 'en', theme = 'light', mobile = false }) {
  const context = await browser.newContext({ viewport: { width, height }, baseURL: url, reducedMotion: 'reduce', hasTouch: mobile, isMobile: mobile, colorScheme: theme, timezoneId: 'America/New_York' });
  await context.addInitScript(([l, t]) => {
    if (!localStorage.getItem('fettle.locale')) localStorage.setItem('fettle.locale', l);
    if (!localStorage.getItem('fettle.theme')) localStorage.setItem('fettle.theme', t);
  }, [locale, theme]);
  context.setDefaultTimeout(STEP_MS);
  const foreign = [];
  const errors = [];
  await context.route((to) => !to.href.startsWith(url) && /^https?:$/.test(to.protocol), (route) => {
    foreign.push(route.request().url());
    return route.abort();
  });
  const page = await context.newPage();
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  return { context, page, foreign, errors };
}

export async function logIn(page, role) {
  const meta = await (await page.request.get('/api/v1/meta')).json();
  const demo = meta.demo_logins.find((one) => one.role === role);
  if (!demo) throw new Error(`the server names no demo log-in for ${role}`);
  const answer = await page.request.post('/api/v1/session', { data: { login: demo.login, password: demo.password } });
  if (!answer.ok()) throw new Error(`log-in of ${role}: ${answer.status()} ${await answer.text()}`);
}

/** One server and one browser for all tests of a file. `visit(options, body)` is a visitor of its own; afterwards nothing
 *  may have gone to another host, and no script may have failed but as `forgive` says. `url()` is there once tests run. */
export function stage() {
  let server;
  let browser;
  before(async () => {
    server = await openServer();
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });
  async function visit(options, body) {
    const guest = await visitor(browser, { url: server.url, ...options });
    try {
      if (options.role) await logIn(guest.page, options.role);
      await body(guest.page, guest);
      assert.deepEqual(guest.foreign, [], 'requests to other hosts');
      assert.deepEqual(guest.errors.filter((error) => !/status of 401/.test(error) && !options.forgive?.test(error)), [], 'errors in the page');
    } finally {
      await guest.context.close();
    }
  }
  return { visit, url: () => server.url };
}

/** What a page logs of answers that forms are there to show. */
export const refusals = /status of (409|412|422)/;
export const unique = (prefix) => `${prefix}${Date.now().toString(36)}${Math.floor(Math.random() * 1e6)}`;
export const button = (page, name) => page.getByRole('button', { name, exact: true });
export const saved = (page) => page.getByRole('dialog').waitFor({ state: 'detached' });
export const faults = (page) => page.locator('.fault').allTextContents();
export const get = async (page, path) => (await page.request.get(`/api/v1${path}`)).json();
/** What somebody else does to a row while one has it in a form. */
export async function elsewhere(page, path, change, method = 'patch') {
  const read = await page.request.get(`/api/v1${path}`);
  const answer = await page.request[method](`/api/v1${path}`, { headers: { 'If-Match': read.headers().etag }, data: change });
  assert.equal(answer.status(), 200, await answer.text());
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export async function violations(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] }));
  return found.violations.map((v) => `${v.id}: ${v.nodes.map((node) => `${node.target.join(' ')} ${node.any[0]?.message ?? ''}`).slice(0, 4).join(' | ')}`);
}
