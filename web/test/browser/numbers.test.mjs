// The page of numbers: what it counts is what the server counts, and each number opens to its tickets.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { button, stage, violations } from './browser.mjs';

const { visit } = stage();
const office = { role: 'dispatcher' };
const card = (page, title) => page.locator('button.figure').filter({ has: page.getByText(title, { exact: true }) });
const counted = async (page, query = '') => {
  const now = (await (await page.request.get('/api/v1/meta')).json()).now_at;
  const answer = await page.request.get(`/api/v1/numbers?from=${now - 86_400_000 * 8}&until=${now + 86_400_000}${query}`);
  return answer.json();
};

describe('the numbers', () => {
  it('are those of the server, and open to the tickets that they count', () => visit(office, async (page) => {
    await page.goto('/numbers');
    const { figures } = await counted(page);
    assert.ok(figures.opened > 10, 'there is something to count');
    await card(page, 'Opened').getByText(String(figures.opened), { exact: true }).waitFor();
    await card(page, 'Opened').click();
    await page.getByRole('heading', { name: `Opened: ${figures.opened}` }).waitFor();
    assert.equal(await page.locator('section:has(#behind) li').count(), figures.opened);
    assert.match(page.url(), /figure=opened/);
    await page.locator('section:has(#behind) li a').first().click();
    await page.locator('aside').getByRole('tab').first().waitFor();
    await page.goBack();
    await page.getByRole('heading', { name: `Opened: ${figures.opened}` }).waitFor();
  }));

  it('are narrowed by a name in a table, and widened again', () => visit(office, async (page) => {
    await page.goto('/numbers?span=month');
    const { causes, figures } = await counted(page);
    const most = causes[0];
    await page.getByRole('button', { name: most.name }).first().click();
    await card(page, 'Opened').getByText(String(most.opened), { exact: true }).waitFor();
    assert.match(page.url(), /symptom=/);
    await page.getByRole('button', { name: /^Show all again/ }).click();
    await card(page, 'Opened').getByText(String(figures.opened), { exact: true }).waitFor();
  }));

  it('can be taken home', () => visit(office, async (page) => {
    await page.goto('/numbers');
    const { figures } = await counted(page);
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'CSV' }).click()]);
    const lines = readFileSync(await file.path(), 'utf8').trim().split('\n');
    assert.ok(lines.length - 1 >= figures.opened, lines[0]);
  }));

  for (const [locale, theme] of [['en', 'light'], ['zh-CN', 'dark'], ['en', 'dark'], ['zh-CN', 'light']]) {
    it(`have no violations and fit, in ${locale}, ${theme}`, () => visit({ ...office, locale, theme }, async (page) => {
      await page.goto('/numbers?span=month&figure=opened');
      await page.locator('#behind').waitFor();
      await page.locator('.plot canvas').waitFor();
      assert.deepEqual(await violations(page), []);
      for (const width of [1440, 820, 390]) {
        await page.setViewportSize({ width, height: 844 });
        const wider = await page.evaluate(() => document.querySelector('.scroll').scrollWidth - document.querySelector('.scroll').clientWidth);
        assert.ok(wider <= 1, `${width}: ${wider} px too wide`);
      }
    }));
  }

  it('step by what one asks for', () => visit(office, async (page) => {
    await page.goto('/numbers?span=year');
    await page.getByText('As a table').click();
    assert.ok((await page.locator('details table tbody tr').count()) >= 12);
    await button(page, 'Today').click();
    await page.locator('details table tbody tr').nth(1).waitFor({ state: 'detached' });
    assert.equal(await page.locator('details table tbody tr').count(), 1);
  }));
});
