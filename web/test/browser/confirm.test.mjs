// The customer's one question, by the link that the office copies, and what the office then sees.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { button, get, stage, violations } from './browser.mjs';
import { fits } from './scanning.mjs';
import { caller } from './seed.mjs';

const { visit, url } = stage();
const looks = [{ locale: 'en', theme: 'light', width: 360, height: 740, mobile: true }, { locale: 'zh-CN', theme: 'dark', width: 412, height: 915, mobile: true }];
const words = {
  en: { yes: 'Yes, solved', no: 'No, not yet', neutral: 'Neutral', bad: 'Not satisfied', send: 'Confirm', report: 'Report it as not solved', thanks: 'Thank you', open: 'We are on it', wrong: 'This link is not valid', comment: /Anything to add/, still: /still wrong/, link: 'Link for the customer', none: 'Nobody waits for an answer', done: /^Done/, reason: 'Reason' },
  'zh-CN': { yes: '已解决', no: '未解决', neutral: '一般', bad: '不满意', send: '确认', report: '提交：未解决', thanks: '谢谢', open: '我们会继续处理', wrong: '这个链接无效', comment: /还有什么要说/, still: /还有什么问题/, link: '给客户的链接', none: '没有待回访的客户', done: /^已处理/, reason: '原因' },
};

/** A ticket whose engineer has just finished. */
async function completed() {
  const { demo_logins } = await (await fetch(`${url()}/api/v1/meta`)).json();
  const office = await caller(url(), demo_logins, 'dispatcher');
  const engineer = await caller(url(), demo_logins, 'engineer');
  const { user } = await engineer('GET', '/session');
  const { items: [asset] } = await office('GET', '/assets?limit=1');
  const ticket = await office('POST', '/tickets', { kind: 'repair', priority: 2, title: 'Doors do not close', asset_id: asset.id, dispatch: 'manual', expected_minutes: 1 });
  await office('POST', `/tickets/${ticket.id}/assignments`, { engineer_id: user.engineer_id, reason: 'Knows the building' });
  await engineer('POST', `/tickets/${ticket.id}/events`, { kind: 'complete' });
  const { url: link } = await office('GET', `/tickets/${ticket.id}/confirmation`);
  return { id: ticket.id, office, link };
}

describe('the customer', () => {
  for (const look of looks) {
    const say = words[look.locale];

    it(`confirms by keys alone, once (${look.locale})`, () => visit(look, async (page) => {
      const { id, office, link } = await completed();
      await page.goto(link);
      await page.getByRole('radio', { name: say.yes }).focus();
      assert.deepEqual(await violations(page), [], 'the question');
      await page.keyboard.press('Space');
      await page.getByRole('radio', { name: say.neutral, exact: true }).focus();
      await page.keyboard.press('Space');
      await page.getByLabel(say.comment).fill('Came twice.');
      assert.deepEqual(await violations(page), [], 'the form');
      await fits(page, 'the form');
      await button(page, say.send).press('Enter');
      await page.getByText(say.thanks).waitFor();
      assert.deepEqual(await violations(page), [], 'the end');
      assert.equal((await office('GET', `/tickets/${id}`)).status, 'closed');
      const { confirmation } = await office('GET', `/tickets/${id}/confirmation`);
      assert.deepEqual([confirmation.solved, confirmation.satisfaction, confirmation.comment], [true, 'neutral', 'Came twice.']);
      await page.reload();
      await page.getByText(say.thanks).waitFor();
    }));

    it(`says that it is not solved, and somebody sees to it (${look.locale})`, () => visit({ ...look, role: 'dispatcher' }, async (page) => {
      const { id, office } = await completed();
      await page.setViewportSize({ width: 1440, height: 900 });
      await page.goto(`/?ticket=${id}`);
      const link = await page.getByLabel(say.link).inputValue();
      assert.deepEqual(await violations(page), [], 'the drawer');
      await page.setViewportSize(look);
      await page.goto(link);
      await page.getByRole('radio', { name: say.no }).check();
      await page.getByRole('radio', { name: say.bad, exact: true }).check();
      await page.getByLabel(say.still).fill('It stands again on floor 12.');
      await button(page, say.report).click();
      await page.getByText(say.open).waitFor();
      const ticket = await office('GET', `/tickets/${id}`);
      assert.deepEqual([ticket.status, ticket.engineer_id, ticket.auto_dispatch], ['new', null, false]);
      await page.setViewportSize({ width: 1280, height: 800 });
      await page.goto('/customers/answers');
      const row = page.getByRole('listitem').filter({ hasText: `#${ticket.number}` });
      await row.getByText('It stands again on floor 12.').waitFor();
      assert.deepEqual(await violations(page), [], 'the list');
      await row.getByRole('button', { name: say.done }).click();
      await page.getByRole('dialog').getByLabel(say.reason).fill('Sent the senior engineer.');
      await page.getByRole('dialog').getByRole('button', { name: say.done }).click();
      await row.waitFor({ state: 'detached' });
      const { items } = await get(page, '/follow-ups?all=true');
      assert.equal(items.find((one) => one.ticket_id === id).note, 'Sent the senior engineer.');
    }));

    it(`with half a link is told so (${look.locale})`, () => visit({ ...look, forgive: /status of 404/ }, async (page) => {
      const { link } = await completed();
      await page.goto(link.slice(0, -9));
      await page.getByText(say.wrong).waitFor();
      assert.deepEqual(await violations(page), [], 'the page');
      await fits(page, 'the page');
    }));
  }
});
