// Planning: the policies by which tickets are given out, and what the planner made of the day. Against a running server.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { button, elsewhere, faults, get, refusals, stage, unique, violations } from './browser.mjs';

const { visit } = stage();
const admin = { role: 'admin', forgive: refusals };
const PATH = '/dispatch/policies';
const policies = async (page) => (await get(page, PATH)).body;
/** A kind of ticket that no other test knows, so that what is tried here decides about nobody's work. */
const open = async (page, kind = unique('trial-')) => {
  await page.goto(`/planning/policies?id=kind:${kind}`);
  await page.locator('.detail h1').waitFor();
  return kind;
};
const own = async (page, words = 'Give it a policy of its own') => {
  const kind = await open(page);
  await button(page, words).click();
  return kind;
};
const versionIs = (page, text) => page.locator('.list h2').getByText(text, { exact: true }).waitFor();

describe('a policy', () => {
  it('is changed, is in force when it is saved, and shown when the page is loaded anew', () => visit(admin, async (page) => {
    const kind = await own(page);
    const { version } = await get(page, PATH);
    await page.getByRole('radio', { name: 'Senior first' }).check();
    await page.getByLabel('Up to this priority').selectOption('2');
    await page.getByLabel('Farthest distance').fill('15000');
    await page.getByRole('group', { name: 'Late' }).getByLabel('Urgent').fill('9.50');
    await button(page, 'Save').click();
    await page.getByText(`Saved as version ${version + 1}.`).waitFor();
    await versionIs(page, `Version ${version + 1}`);
    const saved = (await policies(page)).by_kind[kind];
    assert.deepEqual([saved.strategy, saved.max_distance_m, saved.lateness_weights], [{ kind: 'senior_first', up_to_priority: 2 }, 15_000, [9.5, 4, 2, 1]]);
    await page.reload();
    await page.locator('button.item', { hasText: kind }).getByText('Senior first (High)').waitFor();
    assert.equal(await page.getByRole('radio', { name: 'Senior first' }).isChecked(), true);
    assert.equal(await page.getByLabel('Farthest distance').inputValue(), '15000');
    assert.equal(await button(page, 'Save').isDisabled(), true, 'nothing has changed');
  }));

  it('with a wrong number is refused at its field, and nothing of it is kept', () => visit(admin, async (page) => {
    const kind = await own(page);
    await page.getByLabel('Fairness').fill('-1');
    await button(page, 'Save').click();
    await page.locator('.fault', { hasText: 'Between 0 and 1000.' }).waitFor();
    assert.equal(await page.getByLabel('Fairness').getAttribute('aria-invalid'), 'true');
    assert.equal((await policies(page)).by_kind[kind], undefined);
    await page.getByLabel('Fairness').fill('0.3');
    await page.getByLabel('Shortlist').fill('2.5');
    await button(page, 'Save').click();
    await page.locator('.fault', { hasText: 'Give a whole number.' }).waitFor();
    await page.getByLabel('Shortlist').fill('15');
    await page.getByRole('group', { name: 'Waiting for the start' }).getByLabel('Low').fill('5000');
    await button(page, 'Save').click();
    await page.getByRole('group', { name: 'Waiting for the start' }).getByText('Between 0 and 1000.').waitFor();
    await page.getByRole('group', { name: 'Waiting for the start' }).getByLabel('Low').fill('0.1');
    await button(page, 'Save').click();
    await page.getByText(/Saved as version/).waitFor();
    const saved = (await policies(page)).by_kind[kind];
    assert.deepEqual([saved.load_weight, saved.shortlist_size, saved.wait_weights], [0.3, 15, [1, 0.7, 0.4, 0.1]]);
  }));

  it('is changed in Chinese, faults and all', () => visit({ ...admin, locale: 'zh-CN', theme: 'dark' }, async (page) => {
    const kind = await own(page, '单独设置策略');
    await page.getByRole('radio', { name: '轮流' }).check();
    await page.getByLabel('绕行系数').fill('9');
    await button(page, '保存').click();
    await page.locator('.fault', { hasText: '须在 1 到 5 之间。' }).waitFor();
    assert.deepEqual(await faults(page), ['须在 1 到 5 之间。']);
    await page.getByLabel('绕行系数').fill('1.4');
    await button(page, '保存').click();
    await page.getByText(/已保存为版本/).waitFor();
    await page.reload();
    assert.equal(await page.getByLabel('绕行系数').inputValue(), '1.4');
    assert.deepEqual((await policies(page)).by_kind[kind].strategy, { kind: 'round_robin' });
  }));

  it('that somebody else has changed meanwhile is refused, shown, and kept if one insists', () => visit(admin, async (page) => {
    const kind = await own(page);
    await button(page, 'Save').click();
    await page.getByText(/Saved as version/).waitFor();
    await page.getByLabel('Fairness').fill('0.5');
    const before = await policies(page);
    await elsewhere(page, PATH, { ...before, by_kind: { ...before.by_kind, [kind]: { ...before.by_kind[kind], load_weight: 0.2, pickup_minutes: 8 } } }, 'put');
    await button(page, 'Save').click();
    await page.getByRole('alert').getByText('Somebody changed this meanwhile').waitFor();
    await page.getByText('Now: 0.2').waitFor();
    assert.equal(await page.getByLabel('Stop at a depot').inputValue(), '8', 'what one did not touch is new');
    assert.equal((await policies(page)).by_kind[kind].load_weight, 0.2, 'nothing was overwritten unseen');
    await button(page, 'Use mine: Fairness').click();
    await button(page, 'Save').click();
    await page.getByRole('alert').waitFor({ state: 'detached' });
    await page.locator('footer').getByText('Changed').waitFor({ state: 'detached' });
    const after = (await policies(page)).by_kind[kind];
    assert.deepEqual([after.load_weight, after.pickup_minutes], [0.5, 8]);
  }));

  it('is put back to the defaults, or what one typed is given up', () => visit(admin, async (page) => {
    await own(page);
    await page.getByLabel('On the road').fill('3');
    await page.locator('footer').getByText('Changed: 1').waitFor();
    await button(page, 'All defaults').click();
    assert.equal(await page.getByLabel('On the road').inputValue(), '1');
    await page.getByLabel('On the road').fill('4');
    await button(page, 'Discard').click();
    await button(page, 'Give it a policy of its own').waitFor();
  }));

  it('of a kind is given up: the kind follows the general one again', () => visit(admin, async (page) => {
    const kind = await own(page);
    await button(page, 'Save').click();
    await page.locator('button.item', { hasText: kind }).getByText('own policy').waitFor();
    await button(page, 'Follow the general policy').click();
    await page.getByRole('dialog').getByText('Its own numbers are given up').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Follow the general policy' }).click();
    await page.getByText(`${kind} follows the general policy again.`).waitFor();
    await button(page, 'Give it a policy of its own').waitFor();
    assert.equal((await policies(page)).by_kind[kind], undefined);
  }));

  it('is found for a kind that another program writes, whether it has come yet or not', () => visit(admin, async (page) => {
    const [kind, seen] = [unique('installation '), unique('retrofit ')];
    const [asset] = (await get(page, '/assets?limit=1')).items;
    const made = await page.request.post('/api/v1/tickets', { data: { kind: seen, priority: 4, title: 'Doors hum', asset_id: asset.id, dispatch: 'manual' } });
    assert.equal(made.status(), 201);
    await page.goto('/planning/policies');
    await page.locator('button.item', { hasText: seen }).waitFor();
    await button(page, 'Another kind').click();
    await page.getByRole('dialog').getByLabel('Kind').fill(kind);
    await button(page, 'Add').click();
    await page.locator('.detail h1', { hasText: kind }).waitFor();
    await button(page, 'Give it a policy of its own').waitFor();
  }));

  it('is read by a dispatcher, who finds nothing to change', () => visit({ ...admin, role: 'dispatcher' }, async (page) => {
    await page.goto('/planning/policies?id=general');
    await page.getByText('Only administrators change policies.').waitFor();
    assert.equal(await page.getByLabel('Fairness').isDisabled(), true);
    assert.deepEqual(await page.locator('.detail').getByRole('button').allTextContents().then((all) => all.filter((text) => text !== 'Back')), []);
    const { body } = await get(page, PATH);
    const refused = await page.request.put(`/api/v1${PATH}`, { headers: { 'If-Match': '"0"' }, data: body });
    assert.equal(refused.status(), 403);
  }));

  it('is chosen and changed with the keyboard alone', () => visit(admin, async (page) => {
    await own(page);
    await page.getByRole('radio', { name: 'Smart' }).focus();
    await page.keyboard.press('ArrowDown');
    assert.equal(await page.getByRole('radio', { name: 'Nearest' }).isChecked(), true);
    await page.keyboard.press('Tab');
    assert.equal(await page.getByLabel('Assign automatically').evaluate((one) => one === document.activeElement), true, 'one step past all strategies');
    await page.keyboard.press('Tab');
    assert.equal(await page.getByLabel('Shortlist').evaluate((one) => one === document.activeElement), true, 'and one more');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('12');
    await page.keyboard.press('Enter');
    await page.getByText(/Saved as version/).waitFor();
    await page.locator('footer').getByText('Changed').waitFor({ state: 'detached' });
    assert.equal(await page.getByLabel('Shortlist').evaluate((one) => one === document.activeElement), true, 'one goes on where one was');
    assert.deepEqual(await violations(page), []);
  }));
});

describe('the plan of the day', () => {
  const round = { at: 0, outcome: 'published', tickets: 41, engineers: 15, left_out: 1, cost_in_force: 98_640, cost: 95_220, moved: 2, given_out: 1, retimed: 4, travel: { times: 'partly_roads', why: 'engine_down', calibrated: true, asked: 1_980, by_road: 1_412 } };
  const told = async (page, over = {}) => {
    const { now_at } = await get(page, '/meta');
    await page.route('**/dispatch/plan', (route) => route.fulfill({ json: over === null ? null : { ...round, at: now_at, ...over } }));
  };

  for (const [locale, changed] of [['en', 'Moved to somebody else: 2, given out: 1, planned times corrected: 4'], ['zh-CN', '改派 2 单、新派 1 单、更正 4 个计划时间']]) {
    it(`is told in words (${locale})`, () => visit({ role: 'dispatcher', locale, theme: locale === 'en' ? 'light' : 'dark' }, async (page) => {
      await told(page);
      await page.goto('/planning');
      await page.locator('figure').waitFor();
      assert.ok((await page.locator('dl').innerText()).toLowerCase().includes(changed.toLowerCase()));
      assert.deepEqual(await violations(page), []);
    }));
  }

  it('is one line below the queue, and leads to all of it', () => visit({ role: 'dispatcher' }, async (page) => {
    await told(page);
    await page.goto('/');
    const line = page.getByRole('link', { name: /^Plan \d\d:\d\d: moved/ });
    await line.waitFor();
    const [inside, around] = await line.evaluate((one) => [one.getBoundingClientRect().right, one.parentElement.getBoundingClientRect().right]);
    assert.ok(inside <= around, 'however much there is to say, the queue is not wider for it');
    await told(page, { outcome: 'refused', moved: 0, given_out: 0, retimed: 0 });
    await page.reload();
    await page.getByRole('link', { name: /^Plan \d\d:\d\d: Not published$/ }).click();
    await page.getByText(/a ticket changed while it was made/).waitFor();
    assert.equal(new URL(page.url()).pathname, '/planning');
  }));

  it('lists what was given out while one looks, from whom to whom', () => visit({ role: 'dispatcher' }, async (page) => {
    await told(page);
    const { now_at: at } = await get(page, '/meta');
    const [ticket] = (await get(page, '/tickets?limit=1')).items;
    const [one, two] = (await get(page, '/engineers?limit=2')).items;
    const row = (engineer, ended_at) => ({ id: `a-${engineer.id}`, ticket_id: ticket.id, engineer_id: engineer.id, ended_at });
    const say = (event, data) => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
    const change = (seq, one) => say('change', { seq, entity: 'assignments', row_id: one.id, op: 'put', row: one, actor: 'planner', at });
    const stream = say('hello', { cursor: 1, now_at: at, speed: 1 }) + change(2, row(one, at)) + change(3, row(two, null));
    await page.route('**/api/v1/stream*', (route) => route.fulfill({ contentType: 'text/event-stream', body: stream }));
    await page.goto('/planning');
    const line = page.getByRole('listitem').filter({ hasText: `${one.name} → ${two.name}` });
    await line.waitFor();
    assert.deepEqual(await violations(page), []);
    assert.equal(await page.getByRole('listitem').count(), 1);
    await line.getByRole('link', { name: `#${ticket.number}` }).click();
    assert.equal(new URL(page.url()).searchParams.get('ticket'), ticket.id);
  }));

  it('says that there is none', () => visit({ role: 'dispatcher' }, async (page) => {
    await told(page, null);
    await page.goto('/planning');
    await page.getByText('No round yet').waitFor();
  }));

  it('is the server’s own', () => visit({ role: 'dispatcher' }, async (page) => {
    await page.goto('/planning');
    await page.getByText(/No round yet|Last round/).first().waitFor();
    const answer = await page.request.get('/api/v1/dispatch/plan');
    assert.equal(answer.status(), 200);
  }));
});
