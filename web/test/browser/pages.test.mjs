// What a person does, in Debian's Chromium against a running server. Each test is a visitor of its own.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stage, violations } from './browser.mjs';

const { visit } = stage();
const firstRow = async (page) => {
  await page.locator('[data-ticket]').first().click();
  await page.locator('aside').getByRole('tab').first().waitFor();
};
const dialog = async (page, key) => {
  await page.keyboard.press(key);
  await page.getByRole('dialog').waitFor();
};
const closed = async (page) => {
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
};
const tab = (place, n, ready) => async (page) => {
  await page.locator(place).getByRole('tab').nth(n).click();
  await page.locator(ready).first().waitFor();
};
const record = (ready) => async (page) => {
  await page.locator('button.item').first().click();
  await page.locator(ready).first().waitFor();
};
/** One visit a page, and a look after each of its steps: a log-in and a load for each look would take minutes. */
const pages = [
  { name: 'log-in', path: '/login', ready: 'form' },
  { name: 'console', role: 'dispatcher', path: '/', ready: '[data-ticket]', steps: {
    assignment: async (page) => { await firstRow(page); await page.locator('ol.ranked, .none').first().waitFor(); },
    details: tab('aside', 1, 'dl'),
    history: tab('aside', 3, 'ol time'),
    edit: async (page) => { await page.locator('aside header .btn').first().click(); await page.locator('[role=dialog] textarea').waitFor(); },
    shortcuts: async (page) => { await closed(page); await dialog(page, '?'); },
    'new ticket': async (page) => { await closed(page); await dialog(page, 'n'); },
  } },
  { name: 'engineers', role: 'admin', path: '/people', ready: 'button.item', steps: { one: record('table') } },
  { name: 'users', role: 'admin', path: '/people/users', ready: 'button.item', steps: { one: record('.detail form') } },
  { name: 'tokens', role: 'admin', path: '/people/tokens', ready: 'h2', steps: { form: async (page) => { await page.locator('.body .btn.primary').click(); await page.getByRole('dialog').waitFor(); } } },
  { name: 'customers', role: 'dispatcher', path: '/customers', ready: 'button.item', steps: { one: record('.detail h2') } },
  { name: 'parts', role: 'dispatcher', path: '/catalogue', ready: 'button.item', steps: { one: record('.detail h2'), form: async (page) => { await page.locator('.list .btn.primary').click(); await page.getByRole('dialog').waitFor(); } } },
  { name: 'places', role: 'dispatcher', path: '/catalogue/places', ready: 'button.item', steps: { one: record('.detail h2'), form: async (page) => { await page.locator('.list .btn.primary').click(); await page.getByRole('dialog').waitFor(); } } },
  { name: 'skills', role: 'admin', path: '/catalogue/skills', ready: 'button.item', steps: { one: record('.detail h2') } },
  { name: 'plan', role: 'dispatcher', path: '/planning', ready: '.scroll h2, .notice' },
  { name: 'policies', role: 'admin', path: '/planning/policies', ready: 'button.item', steps: { one: record('.detail form'), another: async (page) => { await page.locator('.list .btn').click(); await page.getByRole('dialog').waitFor(); } } },
  { name: 'policies, read only', role: 'dispatcher', path: '/planning/policies', ready: 'button.item', steps: { one: record('.detail form') } },
  // Its other sections are looked at in shelves.test.mjs.
  { name: 'warehouse', role: 'warehouse', path: '/warehouse', ready: 'nav a[aria-current]', width: 820, height: 1180 },
  { name: 'phone', role: 'engineer', path: '/phone', ready: 'h1', width: 390, height: 844, mobile: true },
];

describe('accessibility', () => {
  for (const { steps = {}, ...scene } of pages) {
    for (const [locale, theme] of [['en', 'light'], ['zh-CN', 'dark']]) {
      it(`${scene.name} has no WCAG violation (${locale}, ${theme})`, () => visit({ ...scene, locale, theme }, async (page) => {
        await page.goto(scene.path);
        await page.locator(scene.ready).first().waitFor();
        if (Object.keys(steps).length === 0) assert.deepEqual(await violations(page), [], scene.name);
        for (const [step, act] of Object.entries(steps)) {
          await act(page);
          assert.deepEqual(await violations(page), [], `${scene.name}: ${step}`);
        }
      }));
    }
  }
});

describe('log-in', () => {
  it('refuses a wrong password in words', () => visit({}, async (page) => {
    await page.goto('/login');
    await page.getByLabel('Log-in', { exact: true }).fill('nobody');
    await page.getByLabel('Password', { exact: true }).fill('wrong-password');
    await page.getByRole('button', { name: 'Log in', exact: true }).click();
    await page.getByRole('alert').getByText('wrong').waitFor();
  }));

  for (const [role, path] of [['Dispatcher', '/'], ['Warehouse', '/warehouse'], ['Engineer', '/phone']]) {
    it(`of the demo’s ${role} leads to ${path} in one click`, () => visit({}, async (page) => {
      await page.goto('/login');
      await page.locator('button.demo').filter({ hasText: role }).click();
      await page.waitForURL((url) => url.pathname === path);
    }));
  }

  it('comes back to the page that was asked for', () => visit({}, async (page) => {
    await page.goto('/customers');
    await page.waitForURL('**/login?from=*');
    await page.locator('button.demo').filter({ hasText: 'Dispatcher' }).click();
    await page.waitForURL('**/customers');
  }));
});

describe('the console', () => {
  it('changes language and theme in place, and remembers them', () => visit({ role: 'dispatcher' }, async (page) => {
    await page.goto('/');
    await page.locator('[data-ticket]').first().click();
    const chosen = page.url();
    await page.getByRole('button', { name: '中文' }).click();
    await page.getByRole('link', { name: '调度' }).waitFor();
    assert.equal(page.url(), chosen, 'the selection stays');
    assert.equal(await page.evaluate(() => document.documentElement.lang), 'zh-CN');
    await page.reload();
    await page.getByRole('link', { name: '调度' }).waitFor();
  }));

  it('can be worked with keys alone: J, K, digits, Escape', () => visit({ role: 'dispatcher' }, async (page) => {
    await page.goto('/');
    await page.locator('[data-ticket]').first().waitFor();
    const selected = () => new URL(page.url()).searchParams.get('ticket');
    await page.keyboard.press('j');
    const first = selected();
    await page.keyboard.press('j');
    assert.notEqual(selected(), first);
    await page.keyboard.press('k');
    assert.equal(selected(), first);
    await page.keyboard.press('/');
    await page.keyboard.type('j');
    assert.equal(new URL(page.url()).searchParams.get('q'), 'j', 'keys type where one types');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    assert.equal(selected(), null);
  }));

  it('assigns the best engineer, and the server has it', () => visit({ role: 'dispatcher' }, async (page) => {
    await page.goto('/');
    const row = page.locator('[data-ticket]').first();
    const id = await row.getAttribute('data-ticket');
    await row.click();
    await page.locator('ol.ranked .btn').first().click();
    await page.locator('.toast').first().waitFor();
    const ticket = await (await page.request.get(`/api/v1/tickets/${id}`)).json();
    assert.notEqual(ticket.engineer_id, null);
  }));

  it('shows a ticket that somebody else opens, without moving what one reads', () => visit({ role: 'dispatcher' }, async (page) => {
    await page.goto('/');
    await page.locator('[data-ticket]').nth(4).click();
    const chosen = new URL(page.url()).searchParams.get('ticket');
    const [asset] = (await (await page.request.get('/api/v1/assets?limit=1')).json()).items;
    const made = await page.request.post('/api/v1/tickets', { data: { kind: 'repair', priority: 1, title: 'Doors hum', symptom: 'Doors hum', asset_id: asset.id, dispatch: 'manual' } });
    assert.equal(made.status(), 201);
    await page.locator('[data-ticket]').filter({ hasText: 'Doors hum' }).first().waitFor();
    assert.equal(new URL(page.url()).searchParams.get('ticket'), chosen);
  }));

  it('shows the server’s faults at the fields of the new ticket', () => visit({ role: 'dispatcher', forgive: /422/ }, async (page) => {
    await page.goto('/');
    await page.locator('[data-ticket]').first().waitFor();
    await page.keyboard.press('n');
    await page.getByLabel('Title').fill('No device chosen');
    await page.getByRole('button', { name: 'Create ticket' }).click();
    await page.locator('[role=dialog] .fault, [role=dialog] [role=alert]').first().waitFor();
  }));

  it('gives up a call that was half taken only after a question', () => visit({ role: 'dispatcher' }, async (page) => {
    await page.goto('/');
    await page.locator('[data-ticket]').first().waitFor();
    await page.keyboard.press('n');
    await page.getByLabel('Title').fill('Half heard');
    await page.mouse.click(5, 400);
    await page.keyboard.press('Escape');
    await page.getByRole('alertdialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('alertdialog').waitFor({ state: 'detached' });
    assert.equal(await page.getByLabel('Title').inputValue(), 'Half heard');
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Discard' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  }));

  it('keeps filters in the address', () => visit({ role: 'dispatcher' }, async (page) => {
    await page.goto('/?priority=1');
    await page.locator('[data-ticket]').first().waitFor();
    assert.equal(await page.getByRole('button', { name: 'Urgent', pressed: true }).count(), 1);
    await page.getByRole('button', { name: 'Urgent', pressed: true }).click();
    assert.equal(new URL(page.url()).searchParams.get('priority'), null);
  }));

  it('finds its map without any request to another host', () => visit({ role: 'dispatcher' }, async (page) => {
    await page.goto('/');
    await page.locator('.maplibregl-canvas').waitFor();
    await page.getByText('© OpenStreetMap contributors').waitFor();
  }));
});

describe('the phone', () => {
  const phone = { role: 'engineer', width: 390, height: 844, mobile: true, forgive: /ERR_INTERNET_DISCONNECTED|Failed to load/ };

  it('keeps its work over a reload without a network and sends it once', () => visit(phone, async (page, { context }) => {
    await page.goto('/phone');
    await page.locator('article').first().waitFor();
    await page.evaluate(() => navigator.serviceWorker.ready);
    await page.reload();
    await page.locator('article').first().waitFor();
    const before = await page.locator('article .badge').first().textContent();
    await context.setOffline(true);
    await page.locator('article .next').first().click();
    await page.getByText(/1 waiting/).waitFor();
    await page.reload();
    await page.getByText(/1 waiting/).waitFor();
    await context.setOffline(false);
    await page.evaluate(() => window.dispatchEvent(new Event('online')));
    await page.getByText(/1 waiting/).waitFor({ state: 'detached' });
    assert.notEqual(await page.locator('article .badge').first().textContent(), before);
  }));

  it('has targets of at least 48 px', () => visit(phone, async (page) => {
    await page.goto('/phone');
    await page.locator('article a').first().click();
    await page.locator('footer .next').waitFor();
    const small = await page.$$eval('button, a', (all) => all.map((one) => [one.textContent?.trim(), one.getBoundingClientRect()]).filter(([, box]) => box.height > 0 && (box.height < 47.5 || box.width < 47.5)).map(([text, box]) => `${text} ${box.width}x${box.height}`));
    assert.deepEqual(small, []);
  }));

  it('tells somebody who is no engineer', () => visit({ ...phone, role: 'dispatcher' }, async (page) => {
    await page.goto('/phone');
    await page.getByText('not an engineer').waitFor();
  }));
});
