// The drawer of a ticket, as a dispatcher decides with it: who could take it, why not the others, what would have to change.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { get, stage, violations } from './browser.mjs';

const { visit } = stage();
const office = { role: 'dispatcher' };

async function ticket(page, more = {}) {
  const [asset] = (await get(page, '/assets?limit=1')).items;
  const data = { kind: 'repair', priority: 3, title: 'Doors hum', asset_id: asset.id, dispatch: 'manual', ...more };
  const answer = await page.request.post('/api/v1/tickets', { data });
  assert.equal(answer.status(), 201, await answer.text());
  return answer.json();
}
/** Nobody holds it at the highest level there is, but one certificate would do. */
async function unplaceable(page) {
  const [skill] = (await get(page, '/skills?limit=1')).items;
  return ticket(page, { required_skills: [{ skill: skill.code, level: 9 }] });
}
const asks = (place) => place.locator('.whatif .ask');

describe('a ticket that nobody can take', () => {
  it('says what would let somebody, when one asks, and with the keyboard alone', () => visit(office, async (page) => {
    const { id } = await unplaceable(page);
    await page.goto(`/?ticket=${id}`);
    const none = page.locator('aside .none');
    await none.getByText('No engineer fits right now.').waitFor();
    assert.equal(await none.locator('.whatif li').count(), 0, 'nothing is asked before one wants to know');
    await asks(none).focus();
    await page.keyboard.press('Enter');
    await none.getByText('each on its own').waitFor();
    const lines = await none.locator('.whatif li').allTextContents();
    assert.ok(lines.length > 0 && lines.every((line) => /level 9/.test(line)), lines.join('\n'));
    assert.equal(await asks(none).getAttribute('aria-expanded'), 'true');
    assert.deepEqual(await violations(page), []);
    await page.keyboard.press('Enter');
    await none.locator('.whatif li').first().waitFor({ state: 'hidden' });
  }));

  it('says it in Chinese, from the same data', () => visit({ ...office, locale: 'zh-CN', theme: 'dark' }, async (page) => {
    const { id } = await unplaceable(page);
    await page.goto(`/?ticket=${id}`);
    await asks(page.locator('aside .none')).click();
    const line = page.locator('aside .none .whatif li').first();
    await line.waitFor();
    assert.match((await line.textContent()) ?? '', /9 级/);
    assert.doesNotMatch((await line.textContent()) ?? '', /level|would|could/);
    assert.deepEqual(await violations(page), []);
  }));

  it('groups who is excluded by the reason, with a remedy, and tells of each what would do', () => visit(office, async (page) => {
    const { id } = await unplaceable(page);
    await page.goto(`/?ticket=${id}`);
    const group = page.locator('.excluded details').filter({ hasText: /Skill missing|Certificate level too low/ }).first();
    await group.locator('summary').click();
    await group.getByText(/train somebody, or correct what the ticket requires/).waitFor();
    const row = group.locator('li').first();
    const name = await row.locator('strong').first().textContent();
    await row.getByRole('button', { name: `What would have to change for ${name}` }).click();
    await row.locator('.whatif').getByText(/could take it|No single change would do/).waitFor();
    await row.getByRole('button', { name: `Override and assign to ${name}` }).click();
    await page.getByRole('dialog').getByText(/excludes this engineer/).waitFor();
  }));

  it('says that the question failed, and asks again', () => visit({ ...office, forgive: /503/ }, async (page) => {
    const { id } = await unplaceable(page);
    let down = true;
    await page.route('**/counterfactuals*', (route) => (down ? route.fulfill({ status: 503, json: { code: 'busy' } }) : route.continue()));
    await page.goto(`/?ticket=${id}`);
    const none = page.locator('aside .none');
    await asks(none).click();
    await none.getByText('This could not be loaded.').waitFor();
    down = false;
    await none.getByRole('button', { name: 'Try again' }).click();
    await none.locator('.whatif li').first().waitFor();
  }));

  it('says that no single change is enough, where that is so', () => visit(office, async (page) => {
    const { id } = await unplaceable(page);
    await page.route('**/counterfactuals*', (route) => route.fulfill({ json: { items: [], next: null } }));
    await page.goto(`/?ticket=${id}`);
    await asks(page.locator('aside .none')).click();
    await page.getByText('No single change would let anybody take it.').waitFor();
  }));
});

describe('an engineer who is not the first', () => {
  it('has an answer to what would put him first; the first needs none', () => visit(office, async (page) => {
    const { id } = await ticket(page);
    await page.goto(`/?ticket=${id}`);
    const rows = page.locator('aside ol > li');
    await rows.nth(1).waitFor();
    assert.equal(await rows.nth(0).locator('.ask').count(), 0);
    const name = await rows.nth(1).locator('strong').textContent();
    await rows.nth(1).locator('.who').click();
    await rows.nth(1).getByRole('button', { name: `What would have to change for ${name}` }).click();
    await rows.nth(1).locator('.whatif').getByText(new RegExp(`would put ${name} first`)).waitFor();
  }));

  it('is not asked about anew when another ticket is opened', () => visit(office, async (page) => {
    const [one, two] = [await ticket(page), await ticket(page)];
    let asked = 0;
    await page.route('**/counterfactuals*', (route) => { asked += 1; return route.continue(); });
    for (const { id } of [one, two]) {
      await page.goto(`/?ticket=${id}`);
      await page.locator('aside ol > li').first().waitFor();
    }
    assert.equal(asked, 0);
  }));
});

describe('parts of a ticket', () => {
  /** A part of which a depot has enough, and that depot. */
  async function shelf(page) {
    const depots = new Map((await get(page, '/stock-locations?kind=depot&limit=200')).items.map((place) => [place.id, place]));
    const balance = (await get(page, '/stock?limit=200')).items.find((one) => depots.has(one.location_id) && one.available > 4);
    return { part: await get(page, `/parts/${balance.part_id}`), depot: depots.get(balance.location_id), balance };
  }
  const details = async (page, id) => {
    await page.goto(`/?ticket=${id}`);
    await page.locator('aside').getByRole('tab', { name: 'Details' }).click();
  };

  it('that are missing are reserved from a place of one’s choice, and given up again', () => visit(office, async (page) => {
    const { part, depot } = await shelf(page);
    const { id } = await ticket(page, { needed_parts: [{ part_id: part.id, quantity: 2 }] });
    await details(page, id);
    await page.locator('aside').getByText('1 missing').waitFor();
    await page.getByRole('button', { name: `Reserve ${part.name}` }).click();
    assert.equal(await page.getByLabel('Quantity').inputValue(), '2', 'it asks for what is missing');
    await page.getByLabel('From').selectOption(depot.id);
    assert.deepEqual(await violations(page), []);
    await page.getByRole('dialog').getByRole('button', { name: 'Reserve', exact: true }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.locator('aside').getByText('All held').waitFor();
    const [held] = (await get(page, `/reservations?ticket_id=${id}`)).items;
    assert.deepEqual([held.quantity, held.status, held.location_id], [2, 'held', depot.id]);
    await page.getByRole('button', { name: `Release ${part.name}` }).click();
    await page.locator('aside').getByText('1 missing').waitFor();
    assert.equal((await get(page, `/reservations?ticket_id=${id}`)).items[0].status, 'released');
  }));

  it('are not promised where there are not enough: it is said, and nothing is reserved', () => visit({ ...office, forgive: /409/ }, async (page) => {
    const { part } = await shelf(page);
    const { id } = await ticket(page);
    await details(page, id);
    await page.getByRole('button', { name: 'Reserve a part' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Reserve', exact: true }).click();
    await page.locator('.fault', { hasText: 'This is needed.' }).waitFor();
    await page.getByLabel('Part', { exact: true }).fill(part.number);
    await page.locator('.picker-item').first().click();
    await page.getByText(/available in all/).waitFor();
    await page.getByLabel('Quantity').fill('many');
    await page.locator('.fault', { hasText: 'fits the part’s unit' }).waitFor();
    await page.getByLabel('Quantity').fill('9999999');
    await page.getByRole('dialog').getByRole('button', { name: 'Reserve', exact: true }).click();
    await page.locator('.fault', { hasText: 'not enough free stock' }).waitFor();
    assert.deepEqual((await get(page, `/reservations?ticket_id=${id}`)).items, []);
  }));

  it('say in the drawer that nobody assigns a ticket by itself', () => visit(office, async (page) => {
    const { id } = await ticket(page);
    await page.goto(`/?ticket=${id}`);
    await page.locator('aside').getByText('Automatic dispatch is off').waitFor();
  }));
});
