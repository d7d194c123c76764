// A ticket's parts, picked with a hand scanner: key bursts as a keyboard wedge makes them, with no field in focus.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { stage } from './browser.mjs';
import { clean, said, wedge } from './scanning.mjs';

const { visit } = stage();
const [usual, other] = [[['en', 'light'], ['zh-CN', 'dark']], [['en', 'dark'], ['zh-CN', 'light']]];
const devices = [
  { name: 'tablet', pairs: other, width: 820, height: 1180 }, { name: 'phone', pairs: usual, width: 390, height: 844, mobile: true }, { name: 'small phone', pairs: other, width: 360, height: 740, mobile: true },
];
const words = {
  en: { half: /Half a code/, wrong: /Wrong part/, first: /Scan the place first/, undone: 'Taken back', over: /handed over/, undo: /^Undo/ },
  'zh-CN': { half: /半个码/, wrong: /备件不对/, first: /请先扫描库位/, undone: '已撤销', over: /已发料/, undo: /^撤销/ },
};

const open = (page) => page.request.get('/api/v1/reservations?status=held,picked&limit=200').then(async (answer) => (await answer.json()).items.filter((one) => one.location_kind !== 'van'));

describe('picking with a hand scanner', () => {
  for (const { name, pairs, ...device } of devices) {
    for (const [locale, theme] of pairs) {
      it(`on a ${name} (${locale}, ${theme})`, () => visit({ role: 'warehouse', locale, theme, ...device }, async (page) => {
        const say = words[locale];
        await page.goto('/warehouse');
        await page.locator('.van header .btn.primary').first().waitFor();
        await clean(page, 'board');
        const { items: parts } = await (await page.request.get('/api/v1/parts?limit=200')).json();
        const plain = (line) => parts.find((one) => one.id === line.part_id).tracking === 'none' && parts.find((one) => one.id === line.part_id).decimals === 0;
        const lines = await open(page);
        const same = (a, b) => a.engineer_id === b.engineer_id && a.part_id === b.part_id;
        const line = lines.find((one) => one.status === 'held' && one.engineer_code && plain(one) && lines.filter((r) => same(r, one)).length === 1);
        const other = parts.find((one) => !lines.some((r) => r.part_id === one.id && r.engineer_id === line.engineer_id));
        await page.locator('.van', { has: page.getByRole('heading', { name: line.engineer_code }) }).locator('header .btn.primary').click();
        await page.locator('.now').waitFor();

        await wedge(page, line.part_number);
        await said(page, 'wrong', say.first);
        await wedge(page, line.location_code);
        await said(page, 'good', line.location_code);
        await clean(page, 'part');
        await wedge(page, other.number);
        await said(page, 'wrong', say.wrong);
        await clean(page, 'wrong part');
        await wedge(page, line.part_number.slice(0, 4), null);
        await said(page, 'half', say.half);
        for (let i = 0; i < line.quantity; i += 1) await wedge(page, line.part_number);
        await said(page, 'good', `#${line.ticket_number}`);
        const picked = async () => (await open(page)).some((one) => one.id === line.id && one.status === 'picked');
        assert.equal(await picked(), true, 'the server has it');

        await page.getByRole('button', { name: say.undo }).click();
        await said(page, 'good', say.undone);
        assert.equal(await picked(), false, 'the server has it back');
        await wedge(page, line.location_code);
        for (let i = 0; i < line.quantity; i += 1) await wedge(page, line.part_number);
        await said(page, 'good', `#${line.ticket_number}`);
        await wedge(page, line.engineer_code);
        await said(page, 'good', say.over);
        await clean(page, 'handed over');
        assert.equal((await open(page)).some((one) => one.id === line.id), false, 'it is in the van');
      }));
    }
  }

  it('leaves what a person types alone, and takes a code out of the field it fell into', () => visit({ role: 'warehouse', width: 820, height: 1180 }, async (page) => {
    await page.goto('/warehouse');
    await page.locator('.van').first().waitFor();
    await page.locator('nav a[href="#stock"]').click();
    const field = page.getByRole('searchbox');
    await field.pressSequentially('roll', { delay: 90 });
    assert.equal(await field.inputValue(), 'roll');
    await page.evaluate(() => { window.before = document.querySelector('input[type=search]'); });
    await page.locator('nav a[href="#book"]').click();
    const note = page.getByLabel(/^Note/);
    await note.fill('box open');
    await note.focus();
    const { items: [part] } = await (await page.request.get('/api/v1/parts?limit=1')).json();
    await page.keyboard.type(part.number, { delay: 0 });
    await page.keyboard.press('Enter');
    await said(page, 'good', part.number);
    assert.equal(await note.inputValue(), 'box open');
  }));

  it('books goods in by scans alone, and takes them back', () => visit({ role: 'warehouse', width: 412, height: 915, mobile: true }, async (page) => {
    await page.goto('/warehouse');
    await page.locator('.van').first().waitFor();
    await page.locator('nav a[href="#book"]').click();
    const [{ items: parts }, { items: places }] = await Promise.all(['/api/v1/parts?limit=200', '/api/v1/stock-locations?limit=200'].map(async (path) => (await page.request.get(path)).json()));
    const part = parts.find((one) => (one.tracking ?? 'none') === 'none' && one.decimals === 0);
    const depot = places.find((one) => one.kind === 'depot');
    const onHand = async () => (await (await page.request.get(`/api/v1/stock?part_id=${part.id}&location_id=${depot.id}`)).json()).items[0]?.on_hand ?? 0;
    const before = await onHand();
    for (const code of [part.number, part.number, depot.code]) {
      await wedge(page, code);
      await said(page, 'good', code);
    }
    await clean(page, 'goods in');
    await page.locator('form .btn.primary').first().click();
    await said(page, 'good', '2');
    await page.waitForFunction(() => document.querySelector('textarea, input[inputmode=decimal]').value === '');
    assert.equal(await onHand(), before + 2);
    await page.getByRole('button', { name: /^Undo/ }).click();
    await said(page, 'good', 'Taken back');
    assert.equal(await onHand(), before);
  }));
});
