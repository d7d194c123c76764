// Pictures of every page in both languages and themes, to be looked at by a person. `npm run shots -- DIR [only]`
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { logIn, openBrowser, openServer, visitor } from './browser.mjs';

const [dir = 'test-results/shots', only = ''] = process.argv.slice(2);
mkdirSync(dir, { recursive: true });
const server = await openServer();
const browser = await openBrowser();

const firstTicket = async (page) => {
  await page.locator('[data-ticket]').first().click();
  await page.locator('aside').getByRole('tab').first().waitFor();
  await page.waitForTimeout(1_200);
};
const scenes = [
  { name: 'login', path: '/login', width: 1440, height: 900 },
  { name: 'console', role: 'dispatcher', path: '/', width: 1440, height: 900, act: firstTicket },
  { name: 'console-details', role: 'dispatcher', path: '/', width: 1440, height: 900, act: async (page) => { await page.locator('[data-ticket]').nth(11).click(); await page.getByRole('tab').nth(1).click(); await page.waitForTimeout(1_200); } },
  { name: 'new-ticket', role: 'dispatcher', path: '/', width: 1440, height: 900, act: async (page) => { await page.keyboard.press('n'); await page.getByRole('dialog').waitFor(); await page.waitForTimeout(400); } },
  { name: 'people', role: 'admin', path: '/people', width: 1440, height: 900, act: async (page) => { await page.locator('button.item').first().click(); await page.waitForTimeout(600); } },
  { name: 'users', role: 'admin', path: '/people/users', width: 1440, height: 900, act: async (page) => { await page.locator('button.item').first().click(); await page.waitForTimeout(400); } },
  { name: 'customers', role: 'dispatcher', path: '/customers', width: 1440, height: 900, act: async (page) => { await page.locator('button.item').first().click(); await page.waitForTimeout(600); } },
  { name: 'plan', role: 'dispatcher', path: '/planning', width: 1440, height: 900 },
  { name: 'rules', role: 'admin', path: '/planning/rules?id=trapped-passenger', width: 1440, height: 1700, act: (page) => page.waitForTimeout(1_200) },
  { name: 'policy', role: 'admin', path: '/planning/policies?id=general', width: 1440, height: 900 },
  ...[[1180, 820], [820, 1180], [390, 844], [360, 740]].flatMap(([width, height]) => {
    const device = { role: 'warehouse', path: '/warehouse', width, height, mobile: width < 560 };
    const view = (name, hash, act) => ({ name: `warehouse-${name}-${width}`, ...device, path: `/warehouse#${hash}`, act });
    const begin = async (page) => { await page.locator('.van header .btn.primary').first().click(); await page.locator('.now').waitFor(); };
    /** What the page asks for, and then what it does not. */
    const wrong = async (page) => {
      await begin(page);
      for (const code of [await page.locator('.now .place strong').textContent(), await page.locator('.now .part strong').textContent(), 'D-EAST-A1']) {
        if (await page.locator('.scan form').count() === 0) await page.locator('.scan .acts .btn').nth(1).click();
        await page.locator('.scan form input').fill(code);
        await page.locator('.scan form .btn').click();
        await page.waitForTimeout(600);
      }
    };
    const code = async (page, text) => {
      if (await page.locator('.scan form').count() === 0) await page.locator('.scan .acts .btn').nth(1).click();
      await page.locator('.scan form input').fill(text);
      await page.locator('.scan form .btn').click();
      await page.waitForTimeout(500);
    };
    const items = async (page, path) => (await (await page.request.get(`/api/v1${path}`)).json()).items;
    const counting = async (page) => {
      const [place] = await items(page, '/stock-locations?kind=depot');
      const [part] = await items(page, '/parts?limit=1');
      for (const one of [place.code, place.code, place.code, part.number, part.number]) await code(page, one);
      await page.locator('.scan .acts .btn').nth(1).click();
    };
    const inHand = async (page) => {
      await page.getByRole('combobox').selectOption({ index: 1 });
      await page.locator('section li .btn:not(.quiet)').nth(1).click();
      await page.locator('.grades .btn').nth(1).click();
    };
    const form = async (page) => { await page.locator('li .btn').nth(1).click(); await page.getByRole('dialog').waitFor(); await page.waitForTimeout(300); };
    return [
      { name: `warehouse-${width}`, ...device }, { name: `warehouse-pick-${width}`, ...device, act: begin }, { name: `warehouse-wrong-${width}`, ...device, act: wrong }, view('stock', 'stock'), view('book', 'book'),
      view('low', 'stock/low'), view('vans', 'stock/vans'), view('buy', 'stock/buy'), view('levels', 'stock/levels'), view('level', 'stock/levels', form), view('returns', 'returns'), view('used', 'returns/used'), view('hand', 'returns/used', inHand),
      view('counts', 'count'), view('counting', 'count', counting), view('tasks', 'tasks'),
    ];
  }),
  { name: 'phone', role: 'engineer', path: '/phone', width: 390, height: 844, mobile: true },
  { name: 'phone-visit', role: 'engineer', path: '/phone', width: 390, height: 844, mobile: true, act: async (page) => { await page.locator('article a').first().click(); await page.waitForTimeout(400); } },
];
const looks = [['en', 'light'], ['zh-CN', 'dark'], ['en', 'dark'], ['zh-CN', 'light']];
for (const scene of scenes.filter((one) => only === '' || one.name.includes(only))) {
  for (const [locale, theme] of looks.slice(0, Number(process.env.LOOKS ?? 4))) {
    const { context, page, errors, foreign } = await visitor(browser, { url: server.url, locale, theme, ...scene });
    if (scene.role) await logIn(page, scene.role);
    await page.goto(scene.path);
    await page.waitForTimeout(scene.path === '/' ? 3_000 : 1_200);
    await scene.act?.(page).catch((error) => errors.push(String(error)));
    await page.screenshot({ path: join(dir, `${scene.name}-${locale}-${theme}.png`) });
    console.log(scene.name, locale, theme, errors.length ? errors : '', foreign.length ? foreign : '');
    await context.close();
  }
}
await browser.close();
await server.close();
