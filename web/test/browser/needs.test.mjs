// Which parts tickets will need, and what goes in and out as files, as the office and the warehouse see it.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { button, faults, get, refusals, saved, stage, unique, violations } from './browser.mjs';
import { fits } from './scanning.mjs';

const { visit } = stage();
const looks = [{ locale: 'en', theme: 'light', width: 1280, height: 800 }, { locale: 'zh-CN', theme: 'dark', width: 390, height: 844, mobile: true }];
const words = {
  en: { add: 'Add part', part: 'Part', percent: 'How likely, in %', save: 'Save', person: 'Set by a person', edit: 'Edit', weighs: /A beginning/, weight: 'Counts as tickets:', back: 'Back to what was learnt', symptom: 'Symptom', start: 'Import', tree: 'Import from InvenTree' },
  'zh-CN': { add: '新增备件', part: '备件', percent: '可能性（%）', save: '保存', person: '人工设定', edit: '编辑', weighs: /作为起始值/, weight: '相当于工单数：', back: '恢复学习值', symptom: '故障现象', start: '导入', tree: '从 InvenTree 导入' },
};

describe('what tickets need', () => {
  for (const look of looks) {
    const say = words[look.locale];

    it(`is said by somebody who knows, weighed, and taken back (${look.locale})`, () => visit({ role: 'warehouse', forgive: refusals, ...look }, async (page) => {
      const [kind, symptom] = [unique('kind-'), unique('Symptom ')];
      const [part] = (await get(page, '/parts?limit=1')).items;
      const said = async () => (await get(page, `/part-needs?ticket_kind=${kind}&limit=200`)).items.find((one) => one.symptom === symptom);
      await page.goto(`/catalogue/needs?kind=${kind}`);
      await page.getByLabel(say.symptom).fill(symptom);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: symptom }).waitFor();
      await button(page, say.add).click();
      await button(page, say.save).click();
      assert.equal((await faults(page)).length, 2, 'a part and a number are missing');
      await page.getByRole('dialog').getByRole('combobox').fill(part.number);
      await page.locator('.picker-item', { hasText: part.number }).click();
      await page.getByLabel(say.percent).fill('40');
      assert.deepEqual(await violations(page), [], 'the form');
      await button(page, say.save).click();
      await saved(page);
      const row = page.locator('tbody tr', { hasText: part.number });
      await row.filter({ hasText: '40%' }).filter({ hasText: say.person }).waitFor();
      assert.deepEqual([(await said()).probability, (await said()).weight], [0.4, null]);
      assert.deepEqual(await violations(page), [], 'the list');
      await fits(page, 'the list');
      await row.getByRole('button', { name: say.edit }).click();
      await page.getByRole('radio', { name: say.weighs }).check();
      await page.getByLabel(say.weight).fill('15');
      await button(page, say.save).click();
      await saved(page);
      // Nothing was seen: (15 × 40% + 5 × 0%) ÷ (15 + 5).
      await row.filter({ hasText: '30%' }).waitFor();
      assert.equal((await said()).weight, 15);
      await row.getByRole('button', { name: say.back }).click();
      await row.filter({ hasText: part.number }).waitFor({ state: 'detached' });
      assert.equal(await said(), undefined);
    }));

    it(`comes in by files, looked at first (${look.locale})`, () => visit({ role: 'warehouse', forgive: refusals, ...look }, async (page) => {
      const name = unique('Relay ');
      const csv = `pk,name,description,active,units,IPN\n${Date.now() % 1e9},${name},From a file,True,,\n${(Date.now() + 1) % 1e9},,Nameless,True,,\n`;
      await page.goto('/catalogue/files');
      await button(page, say.tree).click();
      await page.getByRole('dialog').locator('input[type=file]').setInputFiles([{ name: 'parts.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) }, { name: 'readme.txt', mimeType: 'text/plain', buffer: Buffer.from('x') }]);
      await page.getByRole('dialog').getByText('readme.txt').waitFor();
      const faulty = page.getByRole('dialog').getByRole('row', { name: 'parts 2 name' });
      await faulty.waitFor();
      assert.equal(await button(page.getByRole('dialog'), say.start).isDisabled(), true, 'all or none: not with a fault');
      assert.deepEqual(await violations(page), [], 'the dialog');
      await page.getByRole('radio').nth(1).check();
      await button(page.getByRole('dialog'), say.start).click();
      await saved(page);
      assert.equal((await get(page, `/parts?q=${encodeURIComponent(name)}`)).items.length, 1);
    }));

    it(`goes out as files and labels (${look.locale})`, () => visit({ role: 'warehouse', ...look }, async (page) => {
      await page.goto('/catalogue/files');
      await page.locator('a[download]').first().waitFor();
      const links = await page.locator('a[download]').evaluateAll((all) => all.map((one) => one.getAttribute('href')));
      assert.equal(links.length, 12);
      for (const link of links) assert.equal((await page.request.get(link)).status(), 200, link);
      const [part] = (await get(page, '/parts?limit=1')).items;
      await page.getByRole('combobox').last().fill(part.number);
      await page.locator('.picker-item', { hasText: part.number }).first().click();
      await page.locator('li.badge', { hasText: part.number }).waitFor();
      const pdf = await page.request.get((await page.locator('a[href*="labels.pdf"]').getAttribute('href')) ?? '');
      assert.deepEqual([pdf.status(), pdf.headers()['content-type']], [200, 'application/pdf']);
      assert.deepEqual(await violations(page), [], 'the page');
      await fits(page, 'the page');
    }));
  }
});

describe('a part', () => {
  it('has another one that may be taken instead, until it is taken out again', () => visit({ role: 'warehouse', forgive: refusals }, async (page) => {
    const made = async (name) => (await page.request.post('/api/v1/parts', { data: { number: unique('S-'), name } })).json();
    const [part, other] = [await made('Roller'), await made('Better roller')];
    await page.goto(`/catalogue?id=${part.id}`);
    await page.getByText('Nothing may be taken instead.').waitFor();
    await button(page, 'Add substitute').click();
    await page.locator('.add').getByRole('combobox').fill(other.number);
    await page.locator('.picker-item', { hasText: other.number }).click();
    await page.getByRole('link', { name: 'Better roller' }).waitFor();
    assert.deepEqual((await get(page, `/parts/${part.id}/substitutes`)).items.map((one) => one.substitute_id), [other.id]);
    assert.deepEqual(await violations(page), []);
    await button(page, 'Remove Better roller').click();
    await page.getByText('Nothing may be taken instead.').waitFor();
    assert.deepEqual((await get(page, `/parts/${part.id}/substitutes`)).items, []);
  }));
});
