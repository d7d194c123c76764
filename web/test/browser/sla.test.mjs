// What is promised: contracts, calendars, what holds without a contract, and whom one warns. Against a running server.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { button, faults, get, refusals, saved, stage, unique, violations } from './browser.mjs';

const { visit } = stage();
const admin = { role: 'admin', forgive: refusals };
const settings = async (page) => (await get(page, '/sla/settings')).body;
const contractOf = async (page, number) => (await get(page, '/sla/contracts')).items.find((one) => one.number === number);

/** A contract of the first customer, by the four-hour table. */
async function add(page, number) {
  await page.goto('/planning/contracts');
  await button(page, 'Add').click();
  await page.getByLabel('Contract number', { exact: true }).fill(number);
  await page.getByPlaceholder('Search customers').fill('a');
  await page.locator('.picker-item').first().click();
  await page.getByRole('dialog').getByLabel('Table of policies').selectOption('four-hour-response');
  await button(page.getByRole('dialog'), 'Add').click();
  await saved(page);
}

describe('a contract', () => {
  it('is added, says what it entitles to, is changed, and removed again', () => visit(admin, async (page) => {
    const number = unique('C-');
    await add(page, number);
    await page.locator('.detail h1').getByText(number, { exact: true }).waitFor();
    assert.equal(await page.locator('.detail').getByLabel('Table of policies').inputValue(), 'four-hour-response');
    await page.getByRole('cell', { name: '4 h', exact: true }).waitFor();
    await page.locator('.detail').getByLabel('Table of policies').selectOption('four-levels');
    await page.getByRole('cell', { name: '3 business d' }).waitFor();
    await page.getByLabel('Last day').fill('2031-12-31');
    await button(page, 'Save').click();
    await page.getByText(`Contract ${number} saved`).waitFor();
    assert.equal((await contractOf(page, number)).policy_id, 'four-levels');
    await page.reload();
    assert.equal(await page.getByLabel('Last day').inputValue(), '2031-12-31');
    assert.equal(await button(page, 'Save').isDisabled(), true, 'nothing has changed');
    await button(page, 'Remove').click();
    await button(page.getByRole('dialog'), 'Remove').click();
    await page.getByText(`“${number}” was removed.`).waitFor();
    assert.equal(await contractOf(page, number), undefined);
  }));

  it('whose number is taken is refused at its field', () => visit(admin, async (page) => {
    const number = unique('C-');
    await add(page, number);
    await page.goto('/planning/contracts');
    await button(page, 'Add').click();
    await page.getByLabel('Contract number', { exact: true }).fill(number);
    await page.getByPlaceholder('Search customers').fill('a');
    await page.locator('.picker-item').first().click();
    await button(page.getByRole('dialog'), 'Add').click();
    await page.getByRole('dialog').locator('.fault').first().waitFor();
    assert.equal((await faults(page)).length, 1);
  }));
});

describe('escalations', () => {
  it('have another step, which is in force when it is saved, and is gone when it is removed', () => visit(admin, async (page) => {
    const before = await settings(page);
    await page.goto('/planning/escalations');
    await button(page, 'Another step').click();
    const last = page.locator('ol li').last();
    await last.getByLabel('Of the').selectOption('response');
    await last.getByLabel('At % left').fill('7');
    await last.getByLabel('Then').selectOption('reassign');
    await page.getByLabel(/^Messages wait until/).check();
    await button(page, 'Save').click();
    await page.getByText(/^Saved as version/).waitFor();
    const now = await settings(page);
    assert.deepEqual(now.steps.find((step) => step.left_percent === 7), { target: 'response', left_percent: 7, act: 'reassign' });
    assert.deepEqual(now.quiet, { from: '22:00', until: '07:00', from_priority: 2 });
    await page.reload();
    // The steps are in the order in which they are taken by now.
    const added = page.locator('ol li', { has: page.locator('input[type=number]') }).filter({ hasText: 'To the best other engineer' });
    await added.getByRole('button').click();
    await page.getByLabel(/^Messages wait until/).uncheck();
    await button(page, 'Save').click();
    await page.getByText(/^Saved as version/).first().waitFor();
    await page.waitForFunction(async () => (await (await fetch('/api/v1/sla/settings')).json()).body.quiet === null);
    assert.equal((await settings(page)).steps.length, before.steps.length);
  }));

  it('name the step that is there twice', () => visit(admin, async (page) => {
    await page.goto('/planning/escalations');
    await button(page, 'Another step').click();
    await button(page, 'Another step').click();
    await button(page, 'Save').click();
    await page.locator('ol li').last().locator('.fault').waitFor();
  }));

  it('are read by a dispatcher, and changed by nobody but administrators', () => visit({ role: 'dispatcher' }, async (page) => {
    await page.goto('/planning/escalations');
    await page.locator('ol li').first().waitFor();
    assert.equal(await page.locator('ol li select').first().isDisabled(), true);
    assert.equal(await button(page, 'Save').count(), 0);
  }));
});

describe('a calendar', () => {
  it('is added with its week, refused where its short name is taken, and removed', () => visit(admin, async (page) => {
    await page.goto('/planning/calendars');
    const id = unique('cal-');
    await button(page, 'Add').click();
    await page.getByLabel('Short name').fill('china');
    await page.getByRole('dialog').getByLabel('Name', { exact: true }).fill('Depot East');
    await button(page.getByRole('dialog'), 'Add').click();
    await page.getByRole('dialog').locator('.fault').first().waitFor();
    await page.getByLabel('Short name').fill(id);
    await button(page.getByRole('dialog'), 'Add').click();
    await saved(page);
    await page.locator('.detail h1').getByText('Depot East').waitFor();
    assert.equal((await get(page, `/sla/calendars/${id}`)).body.name, 'Depot East');
    await button(page, 'Remove').click();
    await button(page.getByRole('dialog'), 'Remove').click();
    await page.getByText('“Depot East” was removed.').waitFor();
  }));

  it('that comes with Fettle is called by its Chinese name on the Chinese page', () => visit({ ...admin, locale: 'zh-CN' }, async (page) => {
    await page.goto('/planning/calendars');
    await page.locator('button.item').getByText('全天候').waitFor();
    await page.goto('/planning/sla?id=four-levels');
    await page.locator('.detail h1').getByText('四级优先级').waitFor();
  }));
});

describe('the bell', () => {
  it('opens by the keyboard, says what there is, and gives the focus back', () => visit({ role: 'dispatcher' }, async (page) => {
    await page.goto('/planning');
    const bell = page.getByRole('button', { name: /^Notifications/ });
    await bell.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Notifications' }).waitFor();
    assert.deepEqual(await violations(page), []);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.equal(await bell.evaluate((one) => one === document.activeElement), true);
  }));
});

describe('every page of what is promised', () => {
  for (const [locale, theme] of [['en', 'light'], ['zh-CN', 'dark']]) {
    for (const path of ['/planning/contracts', '/planning/escalations', '/planning/calendars?id=china', '/planning/sla?id=four-levels']) {
      it(`${path} can be used by everybody, in ${locale}, ${theme}`, () => visit({ ...admin, locale, theme }, async (page) => {
        await page.goto(path);
        await page.waitForLoadState('networkidle');
        assert.deepEqual(await violations(page), []);
      }));
    }
  }
});
