// The first minute of a shift: by mouse and by keys alone, in both languages; a call; saved views, the week and paper; and
// two dispatchers at the same ticket. Each time it is asked what the server has afterwards.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { get, logIn, refusals, stage, unique, violations, visitor } from './browser.mjs';

const { visit, url } = stage();
const office = { role: 'dispatcher' };

async function post(page, path, data) {
  const answer = await page.request.post(`/api/v1${path}`, { data });
  assert.ok(answer.ok(), `${path}: ${answer.status()} ${await answer.text()}`);
  return answer.json();
}
async function ticket(page, more = {}) {
  const [asset] = (await get(page, '/assets?limit=1')).items;
  return post(page, '/tickets', { kind: 'repair', priority: 1, title: 'Car stuck with people', asset_id: asset.id, expected_minutes: 20, dispatch: 'manual', ...more });
}
const card = (page) => page.locator('section.shift');
const fix = (page, id, kind) => card(page).locator(`[data-fix="${id}"]${kind ? `[data-kind="${kind}"]` : ''}`);
/** What mended it is offered no more; it may still be late, and then the customer is to be told. */
const mended = (page, id, kind) => fix(page, id, kind).waitFor({ state: 'detached' });
/** What the dispatcher before left to do: a promise that nobody keeps, a ticket that a rule forbids everybody, a note. */
async function night(page) {
  const [skill] = (await get(page, '/skills?limit=1')).items;
  const late = await ticket(page);
  const barred = await ticket(page, { title: 'Crane under the roof', required_skills: [{ skill: skill.code, level: 9 }], dispatch: 'auto' });
  const note = await post(page, '/handover-notes', { text: unique('Mrs Li calls back '), ticket_id: late.id });
  const until = Number(new Date((await get(page, '/meta')).now_at)) + 4 * 3_600_000;
  const { risks, unready } = await get(page, `/shift?until=${until}`);
  const of = (list, id) => list.find((one) => one.ticket_id === id)?.fix;
  return { late, barred, note, best: of(risks, late.id)?.verdict?.engineer_id, closest: of(unready, barred.id)?.verdict?.engineer_id };
}
/** All that the server has to know when the minute is over. */
async function settled(page, { late, barred, note, best, closest }, left) {
  assert.equal((await get(page, `/tickets/${late.id}`)).engineer_id, best, 'given to whom the engine would send');
  const [assignment] = (await get(page, `/tickets/${barred.id}/assignments`)).items;
  assert.deepEqual([assignment.engineer_id, assignment.reason], [closest, 'Her colleague holds the certificate']);
  const notes = (await get(page, '/handover-notes')).items;
  assert.ok(notes.find((one) => one.id === note.id).done_by, 'dealt with');
  assert.equal(notes.find((one) => one.text === left)?.done_at, null, 'left to the next one');
  const seen = await get(page, '/shift');
  assert.equal(seen.looked_at, seen.since, 'the next card begins here');
}
/** By arrows to the step of a row, as one does without a mouse. */
async function walkTo(page, locator) {
  for (let i = 0; i < 120; i += 1) {
    if (await locator.evaluate((one) => one === document.activeElement)) return;
    await page.keyboard.press('ArrowDown');
  }
  assert.fail('the arrows do not lead there');
}

for (const [locale, theme] of [['en', 'light'], ['zh-CN', 'dark']]) {
  const look = { ...office, locale, theme };
  describe(`the first minute of a shift (${locale})`, () => {
    it('by the mouse', () => visit(look, async (page) => {
      const work = await night(page);
      const unasked = (await get(page, '/shift')).looked_at === null;
      await page.goto('/');
      if (unasked) await card(page).waitFor();
      else await page.locator('.app > header [aria-expanded]').first().click();
      await fix(page, work.late.id).waitFor();
      assert.deepEqual(await violations(page), []);
      await fix(page, work.late.id).locator('[data-step]').click();
      await mended(page, work.late.id, 'give');
      await fix(page, work.barred.id).locator('[data-step]').click();
      const dialog = page.getByRole('dialog');
      await dialog.locator('textarea').fill('Her colleague holds the certificate');
      await dialog.locator('.btn.primary').click();
      await mended(page, work.barred.id, 'override');
      const note = card(page).locator('li', { hasText: work.note.text });
      await note.locator('[data-step]').click();
      await note.waitFor({ state: 'detached' });
      const left = unique('The van of E-07 is in the garage ');
      await card(page).locator('textarea').fill(left);
      await card(page).locator('form .btn').click();
      await card(page).locator('li', { hasText: left }).waitFor();
      await card(page).locator('header .btn.primary').click();
      await card(page).waitFor({ state: 'detached' });
      await page.waitForFunction(async () => { const one = await (await fetch('/api/v1/shift')).json(); return one.looked_at !== null && one.looked_at === one.since; });
      await settled(page, work, left);
    }));

    it('by keys alone', () => visit(look, async (page) => {
      const work = await night(page);
      await page.goto('/?rows=shift&ticket=' + work.late.id);
      await page.locator('aside.drawer').getByRole('tab').first().waitFor();
      await page.keyboard.press('h');
      await fix(page, work.late.id).waitFor();
      const step = (id) => fix(page, id).locator('[data-step]');
      await walkTo(page, step(work.late.id));
      await page.keyboard.press('Enter');
      await mended(page, work.late.id, 'give');
      await walkTo(page, step(work.barred.id));
      await page.keyboard.press('Enter');
      await page.getByRole('dialog').waitFor();
      await page.keyboard.type('Her colleague holds the certificate');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await mended(page, work.barred.id, 'override');
      const note = card(page).locator('li', { hasText: work.note.text });
      await walkTo(page, note.locator('[data-step]'));
      await page.keyboard.press('Enter');
      await note.waitFor({ state: 'detached' });
      await walkTo(page, card(page).locator('textarea'));
      const left = unique('Gate 4 is closed ');
      await page.keyboard.type(left);
      await page.keyboard.press('Control+Enter');
      await card(page).locator('li', { hasText: left }).waitFor();
      await page.keyboard.press('Shift+Tab');
      for (let i = 0; i < 120 && !(await card(page).locator('header .btn.primary').evaluate((one) => one === document.activeElement)); i += 1) await page.keyboard.press('ArrowUp');
      await page.keyboard.press('Enter');
      await card(page).waitFor({ state: 'detached' });
      await page.waitForFunction(async () => { const one = await (await fetch('/api/v1/shift')).json(); return one.looked_at !== null && one.looked_at === one.since; });
      await settled(page, work, left);
    }));
  });
}

describe('a call', () => {
  it('is taken by keys: who calls, what is open there, what can be promised; a note, or a ticket', () => visit(office, async (page) => {
    const digits = String(Date.now()).slice(-7);
    const customer = await post(page, '/customers', { number: unique('C-'), name: 'Atlas Tower', phone: `+1 (212) ${digits.slice(0, 3)}-${digits.slice(3)}` });
    const site = await post(page, '/sites', { customer_id: customer.id, name: 'Atlas Tower', address: '1 Main St', latitude: 40.75, longitude: -73.98, time_zone: 'America/New_York' });
    const asset = await post(page, '/assets', { site_id: site.id, number: unique('L-'), kind: 'lift', model: 'X' });
    const there = await ticket(page, { asset_id: asset.id, title: 'Doors do not close' });
    await page.goto('/?rows=shift');
    await page.locator('.timeline [data-engineer]').first().waitFor();
    const call = async () => {
      await page.keyboard.press('n');
      await page.getByRole('dialog').waitFor();
      await page.keyboard.type(`212${digits}`);
      await page.getByRole('option').filter({ hasText: asset.number }).waitFor();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await page.locator('.news .what', { hasText: `#${there.number}` }).waitFor();
      await page.locator('.news .promise').first().waitFor();
    };
    await call();
    assert.deepEqual(await violations(page), []);
    await page.getByLabel('Title').fill('A second car does not come');
    await page.keyboard.press('Alt+c');
    await page.locator('.news textarea').waitFor();
    await page.keyboard.press('Control+Enter');
    await page.locator('aside.drawer').getByText(`#${there.number}`).waitFor();
    const [note] = (await get(page, `/tickets/${there.id}/notes`)).items;
    assert.match(note.text, /A second car does not come/);
    await page.keyboard.press('Escape');
    await call();
    await page.getByLabel('Title').fill('Noise from the shaft');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByRole('status').waitFor();
    const made = (await get(page, '/tickets?limit=1')).items[0];
    assert.deepEqual([made.title, made.asset_id, made.site_contact], ['Noise from the shaft', asset.id, `212${digits}`]);
  }));
});

describe('the page', () => {
  it('is saved as a view with its filters, shared, taken again and removed', () => visit(office, async (page) => {
    await page.goto('/?late=1&rows=shift&sort=new&span=week&pin=E-02');
    await page.locator('.timeline .pins [data-engineer]').first().waitFor();
    await page.keyboard.press('v');
    const name = unique('Night ');
    await page.getByLabel('Save the page as it is now').fill(name);
    await page.keyboard.press('Enter');
    const row = page.getByRole('dialog').locator('li', { hasText: name });
    await row.getByRole('checkbox').check();
    await row.getByText('shared').waitFor();
    assert.deepEqual(await violations(page), []);
    const saved = (await get(page, '/views')).items.find((one) => one.name === name);
    assert.deepEqual([saved.query, saved.shared], ['late=1&pin=E-02&rows=shift&sort=new&span=week', true]);
    await page.goto('/');
    await page.locator('.timeline [data-engineer]').first().waitFor();
    await page.keyboard.press('v');
    await page.getByRole('dialog').getByText(name).click();
    await page.waitForFunction(() => new URLSearchParams(location.search).get('span') === 'week');
    await page.locator('.timeline .pins [data-engineer]').first().waitFor();
  }));

  it('is printed by the engineer, black on white in the dark', () => visit({ ...office, theme: 'dark' }, async (page) => {
    const code = unique('Code ');
    const { id, number } = await ticket(page, { access_note: code });
    await post(page, `/tickets/${id}/assignments`, {});
    await page.goto('/');
    await page.getByRole('link', { name: 'Print' }).click();
    const sheet = page.locator('article', { hasText: `#${number}` });
    await sheet.getByText(code).waitFor();
    assert.deepEqual(await sheet.evaluate((one) => [getComputedStyle(one).color, getComputedStyle(one).backgroundColor]), ['rgb(0, 0, 0)', 'rgb(255, 255, 255)']);
    assert.deepEqual(await violations(page), []);
    assert.match((await page.pdf({ format: 'A4' })).subarray(0, 5).toString(), /%PDF/);
  }));
});

describe('two dispatchers', () => {
  it('at once on the same ticket see each other, and neither overwrites the other unseen', () => visit({ ...office, forgive: refusals }, async (page, { context }) => {
    const { id, number } = await ticket(page);
    const other = await visitor(context.browser(), { url: url() });
    try {
      await logIn(other.page, 'admin');
      const { user } = await get(other.page, '/session');
      await Promise.all([page.goto(`/?ticket=${id}&q=${number}`), other.page.goto(`/?ticket=${id}`)]);
      await page.locator('aside.drawer').getByText(`${user.login} is looking at it`).waitFor();
      await page.locator(`.queue [data-ticket="${id}"] .other`).waitFor();
      await page.locator('aside.drawer').getByRole('button', { name: 'Edit', exact: true }).click();
      await other.page.locator('aside.drawer').getByText('is editing').waitFor();
      await page.getByLabel('Title').fill('Car stuck, two people');
      await other.page.locator('aside.drawer').getByRole('button', { name: 'Edit', exact: true }).click();
      await other.page.getByLabel('Title').fill('Car stuck, three people');
      await other.page.getByRole('button', { name: 'Save', exact: true }).click();
      await other.page.getByRole('dialog').waitFor({ state: 'detached' });
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      const both = page.locator('.clashes tbody tr');
      await both.waitFor();
      assert.deepEqual(await both.locator('td > span').allTextContents(), ['Car stuck, three people', 'Car stuck, two people']);
      assert.equal((await get(page, `/tickets/${id}`)).title, 'Car stuck, three people', 'nothing was overwritten unseen');
      assert.deepEqual(await violations(page), []);
      await both.getByRole('button').nth(1).click();
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      assert.equal((await get(page, `/tickets/${id}`)).title, 'Car stuck, two people');
      await other.page.locator('aside.drawer h1', { hasText: 'two people' }).waitFor();
    } finally {
      await other.context.close();
    }
  }));
});
