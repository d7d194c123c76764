// Phones as the office sees them: enrolled, revoked, what they gave away, what they did too late, what was recorded on site.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
import { button, get, saved, stage, unique, violations } from './browser.mjs';
import { enrolled, hashOf } from './phone.mjs';
import { fits } from './scanning.mjs';

const { visit, url } = stage();
const looks = [{ locale: 'en', theme: 'light', width: 1280, height: 800 }, { locale: 'zh-CN', theme: 'dark', width: 390, height: 844, mobile: true }];
const words = {
  en: { enrol: 'Enrol a phone', make: 'Make the code', code: 'Code', revoke: 'Revoke', revoked: 'revoked', look: 'Look', right: /checksum is right/, answer: 'Answer …', accept: 'Accept the work', site: 'On site', add: 'Add question', en: 'In English', zh: 'In Chinese', save: 'Save', text: /the text that was signed/, },
  'zh-CN': { enrol: '登记手机', make: '生成登记码', code: '登记码', revoke: '停用', revoked: '已停用', look: '查看', right: /校验码正确/, answer: '处理……', accept: '认可作业', site: '现场', add: '新增问题', en: '英文', zh: '中文', save: '保存', text: /这就是签署时的内容/ },
};
const DOT = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
prepareZXingModule({ overrides: { wasmBinary: readFileSync(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm')) } });

for (const look of looks) {
  const say = words[look.locale];
  const forgive = /status of (404|409|422)/;

  describe(`phones (${look.locale}, ${look.theme}, ${look.width})`, () => {
    it('are enrolled by a code that a camera can read', () => visit({ role: 'dispatcher', forgive, ...look }, async (page) => {
      const { engineer } = await enrolled(url());
      const { name } = await get(page, `/engineers/${engineer.engineer_id}`);
      await page.goto('/people/devices');
      await button(page, say.enrol).click();
      await page.getByRole('dialog').getByRole('combobox').fill(name);
      await page.locator('.picker-item', { hasText: name }).first().click();
      await button(page, say.make).click();
      const picture = page.getByRole('dialog').locator('img');
      await picture.waitFor();
      const code = await page.getByRole('dialog').getByLabel(say.code, { exact: true }).inputValue();
      const [read] = await readBarcodes(new Uint8Array(await picture.screenshot()));
      assert.match(read.text, new RegExp(`/phone#enrol=${code}$`));
      assert.deepEqual(await violations(page), []);
      await fits(page, 'the code');
    }));

    it('are revoked once it is confirmed, and what they give away is looked at', () => visit({ role: 'admin', forgive, ...look }, async (page) => {
      const platform = unique('web-');
      const phone = await enrolled(url(), platform);
      const mine = async () => (await get(page, '/devices?limit=200')).items.find((one) => one.id === phone.device_id);
      const note = unique('Rope worn ');
      const given = await phone.rescue(Buffer.from(JSON.stringify({ note })));
      assert.equal(given.status, 201, await given.text());
      await page.goto('/people/devices');
      const row = page.locator('tbody tr').filter({ hasText: platform });
      await row.getByRole('button').click();
      assert.equal((await mine()).revoked_at, null, 'not before it is confirmed');
      assert.deepEqual(await violations(page), [], 'the question');
      await page.getByRole('dialog').getByRole('button', { name: say.revoke, exact: true }).click();
      await saved(page);
      assert.notEqual((await mine()).revoked_at, null);
      await page.locator('li .btn', { hasText: say.look }).first().click();
      await page.getByRole('dialog').getByText(note).waitFor();
      await page.getByRole('dialog').getByText(say.right).waitFor();
      assert.deepEqual(await violations(page), [], 'what was given away');
    }));

    it('are asked what the office wants to know, in its order', () => visit({ role: 'dispatcher', forgive, ...look }, async (page) => {
      const kind = unique('kind-');
      await page.goto(`/planning/checklists?id=${kind}`);
      for (const text of ['Is the pit dry?', 'Door gap']) {
        await button(page, say.add).click();
        await page.getByLabel(say.en).last().fill(text);
      }
      await page.getByLabel(say.zh).first().fill('底坑是否干燥？');
      await page.locator('ol li').nth(1).locator('.up').click();
      assert.deepEqual(await violations(page), []);
      await fits(page, 'the questions');
      await button(page, say.save).click();
      await page.getByText(new RegExp(`[:：] ?${kind}`)).waitFor();
      assert.deepEqual((await get(page, `/checklists/${kind}`)).items.map((one) => [one.question, one.question_zh]), [['Door gap', ''], ['Is the pit dry?', '底坑是否干燥？']]);
    }));

    it('did work too late, and it counts if the office says so', () => visit({ role: 'dispatcher', forgive, ...look }, async (page) => {
      const phone = await enrolled(url());
      const ticket = await phone.ticket(unique('Late '));
      await phone.office('POST', `/tickets/${ticket.id}/events`, { kind: 'cancel', reason: 'test' });
      for (const kind of ['travel', 'start', 'complete']) await phone.push('ticket_events', { ticket_id: ticket.id, visit_id: ticket.visit_id, kind }, /^conflict$/);
      await page.goto('/catalogue/cards');
      const card = page.locator('li', { hasText: `#${ticket.number}` });
      await card.getByRole('button', { name: say.answer }).click();
      await page.getByRole('radio').nth(2).check();
      assert.deepEqual(await violations(page), []);
      await fits(page, 'the question');
      await button(page, say.accept).click();
      await card.waitFor({ state: 'detached' });
      assert.equal((await get(page, `/tickets/${ticket.id}`)).status, 'completed');
    }));

    it('recorded on site what the drawer shows: answers, readings, time, photos, and what was signed', () => visit({ role: 'dispatcher', forgive, ...look }, async (page) => {
      const phone = await enrolled(url());
      const ticket = await phone.ticket(unique('Site '));
      const signed = Buffer.from(JSON.stringify({ ticket: ticket.number, work: unique('Rollers ') }));
      await phone.blob(signed, 'text/plain');
      await phone.blob(DOT, 'image/png');
      const row = { ticket_id: ticket.id, visit_id: ticket.visit_id };
      await phone.push('labour', { ...row, minutes: 50, kind: 'work' });
      await phone.push('readings', { ...row, kind: 'door_voltage', value: 23.8, unit: 'V' });
      for (const purpose of ['before', 'after']) await phone.push('photos', { ...row, purpose, caption: '', sha256: hashOf(DOT), bytes: DOT.length });
      await phone.push('signatures', { ...row, signed_by: 'Ms Ito', signed_sha256: hashOf(signed), sha256: hashOf(DOT), bytes: DOT.length });
      await page.goto(`/?ticket=${ticket.id}`);
      await page.getByRole('tab', { name: say.site }).click();
      const panel = page.locator('aside, .drawer').last();
      await panel.getByText('23.8 V').waitFor();
      await panel.getByText('Ms Ito').waitFor();
      await panel.getByText(say.text).waitFor();
      assert.deepEqual(await violations(page), [], 'the drawer');
      await panel.locator('li button').first().click();
      await page.getByRole('dialog').locator('img').waitFor();
      await page.keyboard.press('ArrowRight');
      await page.getByRole('dialog').getByText(look.locale === 'en' ? '2 of 2' : '第 2 张').waitFor();
      assert.deepEqual(await violations(page), [], 'a photo');
      await page.keyboard.press('Escape');
      await saved(page);
    }));
  });
}
