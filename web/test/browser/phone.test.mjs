// A whole visit without a network, with two new starts in between, in both languages: afterwards everything is on the
// server, each thing once, and the office sees what was signed.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { stage, unique, violations } from './browser.mjs';
import { caller } from './seed.mjs';

const { visit, url } = stage();
const phone = { role: 'engineer', width: 360, height: 740, mobile: true, forgive: /ERR_INTERNET_DISCONNECTED|Failed to load|ERR_CONNECTION/ };
const KIND = 'inspection';
const words = {
  en: { way: 'Show the way', yes: 'Yes', photo: /Before/, reading: 'Reading', value: /Value/, save: 'Save', time: 'Time', sign: 'Let the customer sign', name: /Name of the person/, signed: 'Signed', something: 'Something else is broken', wrong: 'What is wrong?', open: 'Open the ticket', done: /^2\./, nothing: 'Nothing', complete: 'Complete', note: 'New note', waiting: /waiting/ },
  'zh-CN': { way: '导航', yes: '是', photo: /维修前/, reading: '读数', value: /数值/, save: '保存', time: '工时', sign: '客户签名', name: /签名人姓名/, signed: '确认签名', something: '发现其他故障', wrong: '什么问题？', open: '创建工单', done: /^2\./, nothing: '没有', complete: '完成', note: '', waiting: /等待/ },
};
const solved = { en: 'Yes', 'zh-CN': '已解决' };

/** A ticket of the engineer who logs in, with a checklist to it. */
async function given(title) {
  const { demo_logins } = await (await fetch(`${url()}/api/v1/meta`)).json();
  const office = await caller(url(), demo_logins, 'dispatcher');
  const { user } = await (await caller(url(), demo_logins, 'engineer'))('GET', '/session');
  const { items: assets } = await office('GET', '/assets?limit=5');
  const questions = [{ question: 'Do the doors close?', question_zh: '门能关上吗？', answer_kind: 'yes_no', required: true }, { question: 'Door gap in mm', question_zh: '门缝（毫米）', answer_kind: 'number' }];
  await office('PUT', `/checklists/${KIND}`, { questions });
  const { id } = await office('POST', '/tickets', { kind: KIND, priority: 1, title, symptom: title, asset_id: assets[0].id, dispatch: 'manual', expected_minutes: 5 });
  await office('POST', `/tickets/${id}/assignments`, { engineer_id: user.engineer_id, reason: 'Test of the phone' });
  return { id, office };
}
const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
/** `SHOTS` names a folder for pictures, to be looked at by a person. */
const looksRight = async (page, where) => {
  const { width } = page.viewportSize();
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${where.replaceAll(' ', '-')}-${width}.png` });
  assert.equal(await overflow(page), 0, `${where} is wider than the phone`);
  assert.deepEqual(await violations(page), [], where);
};
/** All that is needed without a network is kept. */
const installed = (page) => page.evaluate(() => navigator.serviceWorker.ready.then(({ active }) => active.scriptURL));
/** The one button, pressed as a person does it: again only when it has changed. */
async function next(page) {
  const button = page.locator('footer .next');
  const before = await button.textContent();
  await button.click();
  await page.waitForFunction((was) => document.querySelector('footer .next')?.textContent !== was, before);
  // A second tap within a moment is a bounce of the finger and does nothing.
  await page.waitForFunction((until) => performance.now() > until, await page.evaluate(() => performance.now() + 800));
}
async function draw(page) {
  await page.locator('canvas').scrollIntoViewIfNeeded();
  const box = await page.locator('canvas').boundingBox();
  await page.mouse.move(box.x + 40, box.y + 90);
  await page.mouse.down();
  for (const [x, y] of [[90, 40], [140, 120], [200, 60]]) await page.mouse.move(box.x + x, box.y + y, { steps: 4 });
  await page.mouse.up();
}
const opened = (page) => page.locator('dialog[open]');
const closed = (page) => opened(page).waitFor({ state: 'detached' });

async function wholeVisit(locale, theme, width) {
  const w = words[locale];
  const title = unique(locale === 'en' ? 'Doors ' : '门 ');
  const { id, office } = await given(title);
  await visit({ ...phone, locale, theme, width }, async (page, { context }) => {
    await page.goto('/phone');
    await page.locator(`a[href="#${id}"]`).waitFor();
    await installed(page);
    await page.reload();
    await page.locator(`a[href="#${id}"]`).waitFor();
    await looksRight(page, 'the list');
    await context.setOffline(true);
    await page.goto(`/phone#${id}`);
    for (let i = 0; i < 4; i += 1) await next(page);
    await page.getByRole('button', { name: w.yes, exact: true }).click();
    await page.locator('li input[inputmode=decimal]').fill('12,5');
    await page.locator('li input[inputmode=decimal]').blur();
    await page.locator('input[type=file]').first().setInputFiles({ name: 'door.png', mimeType: 'image/png', buffer: await page.screenshot() });
    await page.locator('section img').first().waitFor();
    await looksRight(page, 'a visit');

    const began = Date.now();
    await page.reload();
    await page.locator('footer .next').waitFor();
    const reload = Date.now() - began;
    await page.locator('section img').first().waitFor();
    await page.getByRole('button', { name: w.reading, exact: true }).click();
    await opened(page).getByLabel(w.value).fill('230');
    await looksRight(page, 'a reading');
    await opened(page).getByRole('button', { name: w.save, exact: true }).click();
    await closed(page);
    await page.getByRole('button', { name: w.time, exact: true }).click();
    await opened(page).locator('.quick .btn').nth(2).click();
    await opened(page).getByRole('button', { name: w.save, exact: true }).click();
    await closed(page);
    await page.getByRole('button', { name: w.sign, exact: true }).click();
    const document = await opened(page).locator('.document').innerText();
    assert.ok(document.includes(title), document);
    await opened(page).getByLabel(w.name).fill('Ms Ito');
    await draw(page);
    await looksRight(page, 'a signature');
    await opened(page).getByRole('button', { name: w.signed, exact: true }).click();
    await closed(page);
    await page.getByRole('button', { name: w.something, exact: true }).click();
    await opened(page).getByLabel(w.wrong).fill(`${title} light`);
    await looksRight(page, 'another ticket');
    await opened(page).getByRole('button', { name: w.open, exact: true }).click();
    await closed(page);

    await page.reload();
    await page.locator('footer .next').click();
    await opened(page).getByRole('button', { name: solved[locale], exact: true }).click();
    await opened(page).getByLabel(w.done).fill('Rollers changed');
    await opened(page).getByRole('button', { name: w.nothing, exact: true }).click();
    await looksRight(page, 'the end');
    await opened(page).getByRole('button', { name: w.complete, exact: true }).click();
    await closed(page);
    await page.goto('/phone#waiting');
    await page.locator('.page li').first().waitFor({ timeout: 30_000 });
    await looksRight(page, 'what waits');
    assert.ok(await page.locator('.page li').count() >= 13, 'every operation is listed');

    await context.setOffline(false);
    await page.evaluate(() => window.dispatchEvent(new Event('online')));
    await page.locator('.page li').first().waitFor({ state: 'detached', timeout: 30_000 });
    await onTheServer(office, id, title);
    console.log(`offline reload: ${reload} ms`);
  });
}

/** Everything once, and of the signature: the very text that was signed. */
async function onTheServer(office, id, title) {
  const ticket = await office('GET', `/tickets/${id}`);
  assert.equal(ticket.status, 'completed');
  const items = async (path) => (await office('GET', `/tickets/${id}/${path}`)).items;
  assert.deepEqual((await items('checklist-answers')).map((one) => one.answer).sort(), ['12.5', 'yes']);
  assert.deepEqual((await items('readings')).map((one) => [one.kind, one.value, one.unit]), [['voltage', 230, 'V']]);
  assert.deepEqual((await items('labour')).map((one) => [one.minutes, one.kind]), [[45, 'work']]);
  assert.equal((await items('notes')).filter((one) => one.text.includes('Rollers changed')).length, 1);
  const [photo, ...more] = await items('photos');
  assert.deepEqual([photo.purpose, photo.blob, more], ['before', 'stored', []]);
  const [signature, ...others] = await items('signatures');
  assert.deepEqual([signature.signed_by, signature.blob, others], ['Ms Ito', 'stored', []]);
  assert.ok(signature.bytes > 1_000, 'somebody has drawn something');
  const kept = await fetch(`${url()}/api/v1/blobs/${signature.signed_sha256}`, { headers: { Cookie: office.cookie() } });
  const text = Buffer.from(await kept.arrayBuffer());
  assert.equal(createHash('sha256').update(text).digest('hex'), signature.signed_sha256);
  assert.ok(text.toString().includes(title));
  const { items: made } = await office('GET', `/tickets?q=${encodeURIComponent(`${title} light`)}`);
  assert.equal(made.length, 1, 'the ticket that was made on site');
}

describe('a whole visit without a network', () => {
  it('is on the server once, after two new starts', () => wholeVisit('en', 'light', 360));
  it('in Chinese, and in the dark, as well', () => wholeVisit('zh-CN', 'dark', 412));
});

describe('a phone that is to be handed on', () => {
  it('does not log out while work waits, and offers a sealed file', async () => {
    const { id } = await given(unique('Hand on '));
    await visit(phone, async (page, { context }) => {
      await page.goto('/phone');
      await page.locator(`a[href="#${id}"]`).waitFor();
      await installed(page);
      await page.reload();
      await page.locator(`a[href="#${id}"]`).waitFor();
      await context.setOffline(true);
      await page.locator(`article:has(a[href="#${id}"]) .next`).click();
      await page.getByText(/1 waiting/).waitFor();
      await page.locator('header a').click();
      await page.getByRole('button', { name: 'Log out' }).click();
      await page.getByText('On this phone alone: 1').waitFor();
      const file = page.waitForEvent('download');
      await page.getByRole('button', { name: 'Save a sealed file' }).click();
      assert.equal((await file).suggestedFilename(), 'fettle-phone.ftlr');
      await page.locator('.key').waitFor();
      await looksRight(page, 'the log-out');
      assert.equal(new URL(page.url()).pathname, '/phone');
      await context.setOffline(false);
    });
  });
});

describe('a code from the office', () => {
  it('makes a phone of a browser that nobody has logged in on', async () => {
    const { id, office } = await given(unique('Code '));
    const { engineer_id } = await office('GET', `/tickets/${id}`);
    const { code } = await office('POST', `/engineers/${engineer_id}/enrolment-codes`, {});
    await visit({ ...phone, role: undefined }, async (page) => {
      await page.goto('/phone');
      await page.locator('form').waitFor();
      await looksRight(page, 'enrolment');
      await page.locator('form input').fill(code.toLowerCase());
      await page.getByRole('button', { name: 'Set up this phone' }).click();
      await page.locator(`a[href="#${id}"]`).waitFor();
      assert.equal((await page.request.get('/api/v1/session')).status(), 401);
    });
  });
});
