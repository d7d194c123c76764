// Pieces with numbers and lots with a last day: taken in, handed over, built in for an old one, and brought back, by
// scans, in the warehouse and on the phone.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { get, stage, unique } from './browser.mjs';
import { clean, said, wedge } from './scanning.mjs';
import { caller } from './seed.mjs';

const { visit, url } = stage();
const pairs = [
  { locale: 'en', theme: 'light', width: 820, height: 1180 }, { locale: 'zh-CN', theme: 'dark', width: 390, height: 844, mobile: true },
  { locale: 'en', theme: 'dark', width: 360, height: 740, mobile: true }, { locale: 'zh-CN', theme: 'light', width: 1180, height: 820 },
];
const words = {
  en: { back: 'Take back', done: /taken back/, twice: /Scanned already/, other: /Another lot/, expired: /has expired/, used: 'Used', notOut: /not handed over for this ticket/, needed: 'This is needed.', same: /same number/, nothing: /Nothing came out/ },
  'zh-CN': { back: '退库', done: /已退库/, twice: /已经扫过/, other: /批次不同/, expired: /已过期/, used: '已使用', notOut: /不是为此工单发出/, needed: '此项必填。', same: /不能相同/, nothing: /没有拆下旧件/ },
};
const DAY_MS = 86_400_000;
const dayOf = (at) => new Date(at).toISOString().slice(0, 10);

async function people() {
  const { demo_logins } = await (await fetch(`${url()}/api/v1/meta`)).json();
  const [office, store, engineer] = await Promise.all(['dispatcher', 'warehouse', 'engineer'].map((role) => caller(url(), demo_logins, role)));
  return { office, store, engineer: (await engineer('GET', '/session')).user.engineer_id };
}
const depotOf = async (store) => (await store('GET', '/stock-locations?kind=depot&limit=1')).items[0];
const newPart = (store, tracking) => store('POST', '/parts', { number: unique('PC-').toUpperCase(), name: 'Car door encoder', name_zh: '轿门编码器', tracking });

/** Two pieces of a new part, handed over to the engineer for a ticket of his. */
async function handedOver() {
  const { office, store, engineer } = await people();
  const [part, depot] = [await newPart(store, 'serial'), await depotOf(store)];
  const serials = [1, 2].map((nth) => `${part.number}-N${nth}`);
  await store('POST', '/stock-movements', { kind: 'receive', part_id: part.id, quantity: 2, to_location_id: depot.id, serials });
  const { items: [asset] } = await office('GET', '/assets?limit=1');
  const ticket = await office('POST', '/tickets', { kind: 'repair', priority: 2, title: `Encoder ${part.number}`, expected_minutes: 5, asset_id: asset.id, dispatch: 'manual' });
  await office('POST', `/tickets/${ticket.id}/assignments`, { engineer_id: engineer, reason: 'test' });
  const { items: [line] } = await store('POST', '/reservations', { ticket_id: ticket.id, part_id: part.id, quantity: 2, location_id: depot.id });
  await store('POST', `/reservations/${line.id}/pick`, { serials });
  await store('POST', `/reservations/${line.id}/issue`, {});
  return { part, depot, serials, ticket, line, asset };
}
const onHand = async (page, part, place) => (await get(page, `/stock?part_id=${part.id}&location_id=${place.id}`)).items[0]?.on_hand ?? 0;

for (const { locale, theme, ...device } of pairs) {
  const say = words[locale];
  const as = `(${locale}, ${theme}, ${device.width})`;

  describe(`pieces and lots ${as}`, () => {
    it('one of two pieces comes back, by its number, and the other stays in the van', () => visit({ role: 'warehouse', locale, theme, forgive: /status of (404|422)/, ...device }, async (page) => {
      const { part, depot, serials } = await handedOver();
      await page.goto('/warehouse#returns');
      await page.getByText(part.number).first().waitFor();
      await wedge(page, part.number);
      await said(page, 'good', part.number);
      const form = page.locator('main form');
      await form.waitFor();
      await wedge(page, 'NOT-ONE-OF-THEM');
      await said(page, 'good', 'NOT-ONE-OF-THEM');
      await wedge(page, depot.code);
      await said(page, 'good', depot.code);
      await form.getByRole('button', { name: say.back, exact: true }).click();
      await form.locator('.fault', { hasText: say.notOut }).waitFor();
      await clean(page, 'a piece that is not known');
      await form.locator('textarea').fill(serials[1]);
      await form.locator('textarea').blur();
      await wedge(page, serials[1]);
      await said(page, 'wrong', say.twice);
      await form.getByRole('button', { name: say.back, exact: true }).click();
      await said(page, 'good', say.done);
      assert.equal(await onHand(page, part, depot), 1);
      const { piece } = await get(page, `/scan?code=${serials[1]}`);
      assert.equal(piece.location_id, depot.id, 'just this piece');
      await page.locator('li', { hasText: part.number }).waitFor();
    }));

    it('a lot comes in with its last day, and one that has expired is marked', () => visit({ role: 'warehouse', locale, theme, ...device }, async (page) => {
      const { store } = await people();
      const [part, depot] = [await newPart(store, 'lot'), await depotOf(store)];
      const { now_at } = await get(page, '/meta');
      const [soon, over] = [dayOf(now_at + 30 * DAY_MS), dayOf(now_at - DAY_MS)];
      const label = (lot, day) => `(240)${part.number}(17)${day.slice(2).replaceAll('-', '')}(10)${lot}`;
      await page.goto('/warehouse#book');
      // The lists are there once the places can be chosen.
      await page.locator('main select option').nth(1).waitFor({ state: 'attached' });
      await wedge(page, label('L7', over));
      await said(page, 'good', part.number);
      await page.getByText(say.expired).waitFor();
      await clean(page, 'an expired lot');
      await wedge(page, label('L8', soon));
      await said(page, 'wrong', say.other);
      await page.locator('input[inputmode=decimal]').first().fill('');
      await wedge(page, label('L8', soon));
      await said(page, 'good', part.number);
      await page.getByText(say.expired).waitFor({ state: 'detached' });
      assert.equal(await page.locator('input[type=date]').inputValue(), soon);
      await wedge(page, depot.code);
      await said(page, 'good', depot.code);
      await clean(page, 'a lot');
      await page.locator('main form .btn.primary').click();
      await page.waitForFunction(() => document.querySelector('main form input[inputmode=decimal]').value === '');
      assert.equal(await onHand(page, part, depot), 1);
      const again = await page.request.post('/api/v1/stock-movements', { data: { kind: 'receive', part_id: part.id, quantity: 1, to_location_id: depot.id, lot: 'L8', expires_on: over } });
      assert.equal(again.status(), 422, 'the books have the day that was scanned');
    }));

    if (device.mobile) {
      it('the phone asks for both numbers of a swap, and says why it will not do without', async () => {
        const { part, serials, ticket, asset } = await handedOver();
        await visit({ role: 'engineer', locale, theme, ...device }, async (page) => {
          await page.goto('/phone');
          await page.locator(`a[href="#${ticket.id}"]`).click();
          const next = page.locator('footer .next');
          for (let nth = 0; nth < 4; nth += 1) {
            const before = await next.textContent();
            await next.click();
            await page.waitForFunction((words) => document.querySelector('footer .next')?.textContent !== words, before);
            // The page takes a second tap so soon for a bounce of the finger.
            await page.waitForFunction((since) => performance.now() - since > 750, await page.evaluate(() => performance.now()));
          }
          await page.locator('li', { hasText: locale === 'en' ? part.name : part.name_zh }).getByRole('button').first().click();
          const sheet = page.getByRole('dialog');
          const [fresh, old] = [sheet.locator('input.input').first(), sheet.locator('input.input').nth(1)];
          const send = sheet.getByRole('button', { name: say.used, exact: true });
          await send.click();
          assert.deepEqual(await sheet.locator('.fault').allTextContents(), [say.needed, say.needed]);
          await clean(page, 'a swap without numbers');
          await fresh.fill(serials[0]);
          await fresh.press('Enter');
          await page.waitForFunction(() => document.activeElement?.closest('[data-old]'));
          await old.fill(serials[0]);
          await send.click();
          await sheet.getByText(say.same).waitFor();
          await old.fill('OLD-1');
          await send.click();
          await page.getByText('OLD-1').waitFor();
          await fresh.fill(serials[1]);
          await sheet.getByLabel(say.nothing).check();
          await clean(page, 'a swap');
          await send.click();
          await sheet.waitFor({ state: 'detached' });
          await page.getByText(serials[1]).waitFor();
          await clean(page, 'what was built in');
        });
        const { office } = await people();
        const used = async () => (await office('GET', `/tickets/${ticket.id}/part-usage`)).items;
        for (let tries = 0; (await used()).length < 2; tries += 1) assert.ok(tries < 100, 'both uses reach the server');
        const told = (await used()).map((one) => [one.serial, one.removed_serial, one.quantity]).sort();
        assert.deepEqual(told, [[serials[0], 'OLD-1', 1], [serials[1], '', 1]]);
        const built = (await office('GET', `/assets/${asset.id}/parts`)).items.map((one) => one.number);
        assert.ok(serials.every((serial) => built.includes(serial)), `both are in the lift: ${built}`);
      });
    }
  });
}
