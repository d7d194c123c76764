// The first minutes of a shift on the timeline: by mouse and by keys alone, in both languages; then what the server has.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { get, refusals, stage, violations } from './browser.mjs';

const { visit } = stage();
const office = { role: 'dispatcher' };

/** A ticket in nobody's hands, as urgent as may be: it stands on top of the queue. */
async function ticket(page, more = {}) {
  const [asset] = (await get(page, '/assets?limit=1')).items;
  const data = { kind: 'repair', priority: 1, title: 'Car stuck with people', asset_id: asset.id, expected_minutes: 20, dispatch: 'manual', ...more };
  const answer = await page.request.post('/api/v1/tickets', { data });
  assert.equal(answer.status(), 201, await answer.text());
  return answer.json();
}
const unplaceable = async (page) => ticket(page, { required_skills: [{ skill: (await get(page, '/skills?limit=1')).items[0].code, level: 9 }] });
const holder = async (page, id) => (await get(page, `/tickets/${id}`)).engineer_id;
const rows = (page) => page.locator('.timeline [data-engineer]');
const card = (page, id) => page.locator(`.queue [data-ticket="${id}"]`);
const block = (page, id) => page.locator(`.timeline [data-ticket="${id}"]`);
async function open(page, path = '/') {
  await page.goto(path);
  await rows(page).first().waitFor();
}
/** Somebody who could take it, as the server says. */
async function taker(page, id, grade = 'fits') {
  const answer = await page.request.post('/api/v1/dispatch/verdicts', { data: { ticket_id: id } });
  const { items } = await answer.json();
  return items.find((one) => one.grade === grade)?.engineer_id;
}
/** The row of an engineer, brought into view by choosing him. */
async function rowOf(page, engineerId) {
  const row = page.locator(`.timeline [data-engineer="${engineerId}"]`);
  if (await row.count() === 0) await page.locator('.timeline [role=grid]').evaluate((box) => box.scrollTo(0, 0));
  for (let step = 0; step < 60 && (await row.count()) === 0; step += 1) {
    await page.locator('.timeline [role=grid]').evaluate((box) => box.scrollBy(0, 200));
    await page.waitForFunction(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true)))));
  }
  await row.evaluate((one) => one.scrollIntoView({ block: 'center' }));
  return row;
}
async function drag(page, from, to) {
  const a = await from.boundingBox();
  await page.mouse.move(a.x + Math.min(a.width / 2, 60), a.y + a.height / 2);
  await page.mouse.down();
  await page.mouse.move(a.x + a.width / 2 + 12, a.y + a.height / 2 + 12, { steps: 3 });
  const head = await to.locator('[role=rowheader]').boundingBox();
  await page.mouse.move(head.x + head.width / 2, head.y + head.height / 2, { steps: 4 });
}

describe('queue, map and timeline', () => {
  it('select together, whichever one uses', () => visit(office, async (page) => {
    const { id, number } = await ticket(page);
    const engineer = await taker(page, id);
    await page.request.post(`/api/v1/tickets/${id}/assignments`, { data: { engineer_id: engineer } });
    await open(page, `/?ticket=${id}`);
    await block(page, id).and(page.locator('.selected')).waitFor();
    await page.keyboard.press('Escape');
    await page.locator('.timeline .selected').waitFor({ state: 'detached' });
    await block(page, id).click();
    await page.locator('aside.drawer').getByText(`#${number}`).waitFor();
    assert.equal(new URL(page.url()).searchParams.get('ticket'), id);
    assert.equal(await block(page, id).getAttribute('aria-selected'), 'true');
    assert.deepEqual(await violations(page), []);
  }));

  it('keep their sizes, and the timeline whether it is folded', () => visit(office, async (page) => {
    await open(page);
    const handle = page.locator('.over [role=separator]');
    const before = Number(await handle.getAttribute('aria-valuenow'));
    await handle.focus();
    await page.keyboard.press('ArrowUp');
    assert.equal(await handle.getAttribute('aria-valuenow'), String(before + 16));
    await page.reload();
    await rows(page).first().waitFor();
    assert.equal(await handle.getAttribute('aria-valuenow'), String(before + 16));
    await page.locator('.timeline header button').first().click();
    await page.reload();
    await page.locator('.timeline header [aria-expanded=false]').waitFor();
    assert.equal(await rows(page).count(), 0);
  }));

  it('narrow the rows by chips that stand in the address', () => visit(office, async (page) => {
    await open(page);
    const all = Number(await page.locator('.timeline [role=grid]').getAttribute('aria-rowcount'));
    await page.locator('.timeline .chip').nth(2).click();
    assert.equal(new URL(page.url()).searchParams.get('rows'), 'free');
    const free = Number(await page.locator('.timeline [role=grid]').getAttribute('aria-rowcount'));
    assert.ok(free < all, `${free} of ${all}`);
    await page.reload();
    await page.locator('.timeline .chip[aria-pressed=true]').waitFor();
  }));
});

for (const [locale, theme] of [['en', 'light'], ['zh-CN', 'dark']]) {
  const look = { ...office, locale, theme };
  describe(`a ticket is given away (${locale})`, () => {
    it('by the mouse, from the queue to a row and from row to row; each row has said what it costs', () => visit(look, async (page) => {
      const { id } = await ticket(page);
      const first = await taker(page, id);
      await open(page, `/?q=${(await get(page, `/tickets/${id}`)).number}`);
      const row = await rowOf(page, first);
      await drag(page, card(page, id), row);
      await row.locator('.verdict').getByText(locale === 'en' ? /min travel/ : /路程/).waitFor();
      assert.match((await page.locator('.ghost p').textContent()) ?? '', /^✓/);
      assert.deepEqual(await violations(page), []);
      await page.mouse.up();
      await block(page, id).waitFor();
      assert.equal(await holder(page, id), first);
      const second = await taker(page, id);
      await drag(page, block(page, id), await rowOf(page, second));
      await page.locator('.ghost p').waitFor();
      await page.mouse.up();
      await page.locator(`.timeline [data-engineer="${second}"] [data-ticket="${id}"]`).waitFor();
      assert.equal(await holder(page, id), second);
    }));

    it('by keys alone: picked up, read out, given to the best', () => visit(look, async (page) => {
      const { id } = await ticket(page);
      await open(page, `/?ticket=${id}`);
      await page.locator('aside.drawer').getByRole('tab').first().waitFor();
      await page.keyboard.press('g');
      const said = page.locator('[aria-live=assertive]');
      await said.getByText(locale === 'en' ? /fits\. .*min travel/ : /合适。.*路程/).waitFor();
      const best = await page.locator('.timeline .pointed').getAttribute('data-engineer');
      const name = await page.locator('.timeline .pointed strong').textContent();
      assert.ok((await said.textContent())?.startsWith(name ?? '?'));
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Escape');
      await page.locator('.timeline .pointed').waitFor({ state: 'detached' });
      assert.equal(await holder(page, id), null, 'Escape has left it');
      await page.keyboard.press('g');
      await page.locator(`.timeline .pointed[data-engineer="${best}"]`).waitFor();
      await page.keyboard.press('Enter');
      await block(page, id).waitFor();
      assert.equal(await holder(page, id), best);
    }));

    it('against a rule only with a reason, which stands in the record', () => visit(look, async (page) => {
      const { id } = await unplaceable(page);
      // Whoever is off shift would do it tomorrow, which is another day of the timeline.
      await open(page, `/?ticket=${id}&rows=shift`);
      await page.keyboard.press('g');
      await page.locator('.timeline .forbidden').first().waitFor();
      await page.keyboard.press('ArrowDown');
      const engineer = await page.locator('.timeline .pointed').getAttribute('data-engineer');
      await page.keyboard.press('Enter');
      const dialog = page.getByRole('dialog');
      await dialog.locator('textarea').fill('Her colleague with the certificate is there');
      await dialog.locator('.btn.primary').click();
      await dialog.waitFor({ state: 'detached' });
      await block(page, id).waitFor();
      const [assignment] = (await get(page, `/tickets/${id}/assignments`)).items;
      assert.deepEqual([assignment.engineer_id, assignment.reason], [engineer, 'Her colleague with the certificate is there']);
    }));
  });
}

describe('Ctrl-K', () => {
  for (const [locale, theme, typed] of [['en', 'light', (number, code) => `assign ${number} to ${code}`], ['zh-CN', 'dark', (number, code) => `把 ${number} 派给 ${code}`]]) {
    it(`shows what a command would change, and does it on Enter (${locale})`, () => visit({ ...office, locale, theme }, async (page) => {
      const { id, number } = await ticket(page);
      const engineer = await get(page, `/engineers/${await taker(page, id)}`);
      await open(page);
      await page.keyboard.press('Control+k');
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('combobox').fill(typed(number, engineer.code));
      await dialog.locator('.verdict.fits').waitFor();
      assert.match((await dialog.locator('ins').textContent()) ?? '', new RegExp(engineer.code));
      assert.equal(await holder(page, id), null, 'nothing is done before it is confirmed');
      assert.deepEqual(await violations(page), []);
      await page.keyboard.press('Enter');
      await page.locator('.toasts').getByText(engineer.name).waitFor();
      assert.equal(await holder(page, id), engineer.id);
    }));
  }

  it('finds a ticket by its number, and opens it', () => visit(office, async (page) => {
    const { id, number } = await ticket(page);
    await open(page, '/');
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog').getByRole('combobox').fill(String(number));
    await page.getByRole('option').filter({ hasText: `#${number}` }).waitFor();
    await page.keyboard.press('Enter');
    await page.locator('aside.drawer').getByText(`#${number}`).waitFor();
    assert.equal(new URL(page.url()).searchParams.get('ticket'), id);
  }));
});

describe('the keyboard in the timeline', () => {
  it('goes from row to row and from stop to stop, and opens a ticket', () => visit(office, async (page) => {
    const { id } = await ticket(page);
    const engineer = await taker(page, id);
    await page.request.post(`/api/v1/tickets/${id}/assignments`, { data: { engineer_id: engineer } });
    await open(page, `/?engineer=${engineer}`);
    await block(page, id).waitFor();
    await page.keyboard.press('t');
    const grid = page.locator('.timeline [role=grid]');
    assert.equal(await grid.evaluate((box) => box === document.activeElement), true);
    const stops = await page.locator(`.timeline [data-engineer="${engineer}"] [data-ticket]`).count();
    for (let i = 0; i < stops; i += 1) await page.keyboard.press('ArrowRight');
    assert.equal(await grid.getAttribute('aria-activedescendant'), `day-${engineer}-${stops - 1}`);
    await page.keyboard.press('Enter');
    await page.locator('aside.drawer').getByRole('tab').first().waitFor();
    const scale = await page.locator('.timeline .all').evaluate((all) => all.clientWidth);
    await page.keyboard.press('+');
    await page.waitForFunction((before) => document.querySelector('.timeline .all').clientWidth > before, scale);
    await page.keyboard.press('?');
    await page.getByRole('dialog').getByText('Pick the ticket up, and give it to a row').waitFor();
  }));
});

describe('two dispatchers', () => {
  it('at once on the same ticket: the second hears of the first, and takes nothing away', () => visit({ ...office, forgive: refusals }, async (page) => {
    const { id } = await ticket(page);
    await open(page, `/?ticket=${id}`);
    await page.keyboard.press('g');
    await page.locator('.timeline .pointed').waitFor();
    const meant = await page.locator('.timeline .pointed').getAttribute('data-engineer');
    const { items } = await (await page.request.post('/api/v1/dispatch/verdicts', { data: { ticket_id: id } })).json();
    const other = items.find((one) => one.grade === 'fits' && one.engineer_id !== meant).engineer_id;
    await page.route('**/assignments', async (route) => {
      await page.request.post(`/api/v1/tickets/${id}/assignments`, { data: { engineer_id: other } });
      await route.continue();
    });
    await page.keyboard.press('Enter');
    await page.locator('.toasts').getByText(/Somebody|already|else/i).first().waitFor();
    assert.equal(await holder(page, id), other);
  }));
});
