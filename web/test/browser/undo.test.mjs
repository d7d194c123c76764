// Taking back what one did, by keys; and accepting what the planner proposes. Then what the server has.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { button, get, refusals, stage, violations } from './browser.mjs';

const { visit } = stage();
const office = { role: 'dispatcher' };
const text = {
  en: { undo: 'Undo', redo: 'Redo', undone: /Undone: \d+ assigned to/, again: /Done again: \d+ assigned to/, nothing: /nothing to redo/, all: /^Accept all \(/, safe: /^Accept all that is safe/, accepted: /Proposal accepted/, acted: /has acted on \d+ since/ },
  'zh-CN': { undo: '撤销', redo: '重做', undone: /已撤销：工单 \d+ 派给/, again: /已重做：工单 \d+ 派给/, nothing: /没有可重做/, all: /^全部采纳/, safe: /^采纳全部安全项/, accepted: /采纳建议/, acted: /已在手机上处理工单 \d+/ },
};

async function ticket(page) {
  const [asset] = (await get(page, '/assets?limit=1')).items;
  const data = { kind: 'repair', priority: 1, title: 'Doors do not close', asset_id: asset.id, expected_minutes: 20, dispatch: 'manual' };
  const answer = await page.request.post('/api/v1/tickets', { data });
  assert.equal(answer.status(), 201, await answer.text());
  return answer.json();
}
const stands = async (page, id) => (await get(page, `/tickets/${id}`)).status;
async function open(page, path) {
  await page.goto(path);
  await page.locator('.timeline [data-engineer]').first().waitFor();
}
const toast = (page, words) => page.locator('.toast').filter({ hasText: words });

for (const [locale, theme] of [['en', 'light'], ['zh-CN', 'dark']]) {
  const words = text[locale];
  const look = { ...office, locale, theme, forgive: refusals };
  describe(`what one did (${locale})`, () => {
    it('is taken back and done again by keys, and says so', () => visit(look, async (page) => {
      const { id } = await ticket(page);
      await open(page, `/?ticket=${id}`);
      await page.locator('aside.drawer h2').first().waitFor();
      await page.keyboard.press('Shift+A');
      await button(page, words.undo).waitFor();
      assert.equal(await stands(page, id), 'assigned');
      await page.keyboard.press('Control+z');
      await toast(page, words.undone).waitFor();
      assert.equal(await stands(page, id), 'new');
      assert.deepEqual(await violations(page), []);
      await page.keyboard.press('Control+Shift+Z');
      await toast(page, words.again).waitFor();
      assert.equal(await stands(page, id), 'assigned');
      await page.keyboard.press('Control+Shift+Z');
      await toast(page, words.nothing).waitFor();
    }));

    it('stands in the list of what everybody did, which undoes it too', () => visit(look, async (page) => {
      const { id, number } = await ticket(page);
      await page.request.post(`/api/v1/tickets/${id}/assignments`, { data: {} });
      await open(page, '/');
      await page.keyboard.press('u');
      const line = page.getByRole('dialog').locator('li').filter({ hasText: String(number) });
      await line.first().waitFor();
      assert.deepEqual(await violations(page), []);
      await line.first().getByRole('button').click();
      await line.first().getByRole('button').getByText(words.redo).waitFor();
      assert.equal(await stands(page, id), 'new');
    }));

    it('is a command too, which names what it would undo', () => visit(look, async (page) => {
      const { id, number } = await ticket(page);
      await page.request.post(`/api/v1/tickets/${id}/assignments`, { data: {} });
      await open(page, '/');
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox').fill(words.undo);
      await page.getByRole('option').filter({ hasText: String(number) }).waitFor();
      await page.keyboard.press('Enter');
      await toast(page, words.undone).waitFor();
      assert.equal(await stands(page, id), 'new');
    }));
  });

  describe(`what the planner proposes (${locale})`, () => {
    it('stands beside the timeline and on it, is accepted by keys, and undone as one', () => visit(look, async (page) => {
      const { id } = await ticket(page);
      await open(page, '/');
      await page.keyboard.press('p');
      const panel = page.locator('section.offers');
      const entry = panel.locator('li').filter({ hasText: String((await get(page, `/tickets/${id}`)).number) });
      await entry.waitFor({ timeout: 30_000 });
      // Only rows in view exist, and whom the planner means may be far down.
      const ghost = page.locator('.timeline .offered');
      for (let y = 0; y < 6_000 && (await ghost.count()) === 0; y += 120) {
        await page.locator('.timeline').first().evaluate((pane, top) => [...pane.querySelectorAll('*')].filter((one) => one.scrollHeight > one.clientHeight + 40).forEach((one) => (one.scrollTop = top)), y);
        await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
      }
      await ghost.first().waitFor({ state: 'attached' });
      assert.deepEqual(await violations(page), []);
      await entry.getByRole('button').last().focus();
      await page.keyboard.press('Enter');
      await toast(page, words.accepted).waitFor();
      assert.equal(await stands(page, id), 'assigned');
      await toast(page, words.accepted).getByRole('button', { name: words.undo }).click();
      await toast(page, words.accepted).filter({ hasText: locale === 'en' ? 'Undone' : '已撤销' }).waitFor();
      assert.equal(await stands(page, id), 'new');
    }));
  });
}
