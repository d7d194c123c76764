// Forms as people meet them: wrong input, two people at one row, stock that is booked, tokens. Against a running server.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { button, elsewhere, faults, get, refusals, saved, stage, unique } from './browser.mjs';

const { visit, url } = stage();

const office = { role: 'dispatcher', forgive: refusals };
const admin = { ...office, role: 'admin' };
const stock = { ...office, role: 'warehouse', width: 820, height: 1180 };

describe('wrong input', () => {
  it('is told beside its field, in the language of the page, and the first field gets the focus', () => visit({ ...admin, locale: 'zh-CN' }, async (page) => {
    await page.goto('/people');
    await button(page, '新增').click();
    await button(page, '保存').click();
    assert.deepEqual(await faults(page), ['此项必填。', '此项必填。', '此项必填。', '此项必填。']);
    assert.equal(await page.getByLabel('工号').evaluate((one) => one === document.activeElement && one.getAttribute('aria-invalid')), 'true');
    await page.getByLabel('工号').fill('E-01');
    assert.equal((await faults(page)).length, 3, 'a fault goes when one types');
    await page.getByLabel('名称').fill('张三');
    await page.getByLabel('驻地纬度').fill('-73.98');
    await page.getByLabel('驻地经度').fill('40.75');
    await button(page, '保存').click();
    await page.getByText('纬度与经度可能填反了。').waitFor();
    await page.getByLabel('驻地纬度').fill('40.75');
    await page.getByLabel('驻地经度').fill('-73.98');
    await button(page, '保存').click();
    await page.getByText('已被占用。').waitFor();
  }));

  it('of a password is known before it is sent', () => visit(admin, async (page) => {
    await page.goto('/people/users');
    await button(page, 'Add').click();
    await page.getByLabel('Log-in').fill(unique('u'));
    await page.getByLabel('Name').fill('Nina');
    // Nine characters of ten, and typed: what a script puts there is too short for nobody.
    await page.getByLabel('Password').pressSequentially('nine-char');
    await button(page, 'Save').click();
    await page.getByText('At least 10 characters.').and(page.locator('.fault')).waitFor();
    await page.getByLabel('Password').pressSequentially('s');
    await button(page, 'Save').click();
    await saved(page);
    await page.locator('.detail h1', { hasText: 'Nina' }).waitFor();
  }));

  it('of dates is told: a shift that ends before it begins, a certificate likewise', () => visit(office, async (page) => {
    await page.goto('/people');
    await page.locator('button.item').first().click();
    await button(page, 'Add shift').click();
    await page.getByLabel('Ends').fill('2020-01-01T10:00');
    await button(page, 'Save').click();
    await page.locator('.fault', { hasText: 'Not before' }).waitFor();
    await page.getByText(/Times are those of New York, UTC/).waitFor();
    await page.keyboard.press('Escape');
    await button(page, 'Add certificate').click();
    await page.getByLabel('Skill').selectOption({ index: 1 });
    await page.getByLabel('Number').fill(unique('N-'));
    await page.getByLabel('Valid from').fill('2030-02-01');
    await page.getByLabel('Valid until').fill('2030-01-01');
    await button(page, 'Save').click();
    await page.getByText('Must be later than the beginning.').waitFor();
  }));
});

describe('two people at one row', () => {
  it('keep both their changes of a customer, and see where they meant the same field', () => visit(office, async (page) => {
    const number = unique('T-');
    const made = await (await page.request.post('/api/v1/customers', { data: { number, name: 'Atlas', phone: '1', level: 'gold' } })).json();
    await page.goto(`/customers?id=${made.id}`);
    await page.locator('.detail header').getByRole('button', { name: 'Edit' }).click();
    assert.equal(await page.getByLabel('Level').inputValue(), 'Gold');
    await page.getByRole('dialog').getByLabel('Name').fill('Mine');
    await elsewhere(page, `/customers/${made.id}`, { name: 'Theirs', phone: '2' });
    await button(page, 'Save').click();
    await page.getByRole('alert').getByText('Somebody changed this meanwhile').waitFor();
    await page.getByText('Now: Theirs').waitFor();
    assert.equal(await page.getByLabel('Phone').inputValue(), '2', 'what one did not touch is new');
    await button(page, 'Save').click();
    await page.getByRole('alert').getByText('Choose for each field').waitFor();
    assert.equal((await get(page, `/customers/${made.id}`)).name, 'Theirs', 'nothing was overwritten unseen');
    await page.getByRole('button', { name: 'Use mine: Name' }).click();
    await button(page, 'Save').click();
    await saved(page);
    assert.deepEqual((({ name, phone, level }) => ({ name, phone, level }))(await get(page, `/customers/${made.id}`)), { name: 'Mine', phone: '2', level: 'gold' });
  }));

  it('keep both their changes of a ticket', () => visit(office, async (page) => {
    const [asset] = (await get(page, '/assets?limit=1')).items;
    const made = await (await page.request.post('/api/v1/tickets', { data: { kind: 'repair', priority: 3, title: 'Doors hum', asset_id: asset.id, dispatch: 'manual' } })).json();
    await page.goto(`/?ticket=${made.id}`);
    await page.locator('aside').getByRole('button', { name: 'Edit' }).click();
    await page.getByRole('dialog').getByLabel('Title').fill('Doors hum loudly');
    await page.getByRole('dialog').getByText('Urgent').click();
    await elsewhere(page, `/tickets/${made.id}`, { access_note: 'Ring at 4B' });
    await button(page, 'Save').click();
    await page.getByRole('alert').getByText('Somebody changed this meanwhile').waitFor();
    assert.equal(await page.getByLabel('Access note').inputValue(), 'Ring at 4B');
    await button(page, 'Save').click();
    await saved(page);
    await page.locator('aside h1', { hasText: 'Doors hum loudly' }).waitFor();
    const after = await get(page, `/tickets/${made.id}`);
    assert.deepEqual([after.title, after.priority, after.access_note], ['Doors hum loudly', 1, 'Ring at 4B']);
    assert.ok(after.due_at < made.due_at, 'the due time follows the priority');
  }));
});

describe('a certificate', () => {
  it('is added, put right, and taken away', () => visit(office, async (page) => {
    const made = await (await page.request.post('/api/v1/engineers', { data: { code: unique('X-'), name: 'Trainee', home_latitude: 40.75, home_longitude: -73.98 } })).json();
    const number = unique('N-');
    await page.goto(`/people?id=${made.id}`);
    await button(page, 'Add certificate').click();
    await page.getByLabel('Skill').selectOption({ index: 1 });
    await page.getByLabel('Number').fill(number);
    await page.getByLabel('Valid until').fill('2031-05-31');
    await button(page, 'Save').click();
    await saved(page);
    await button(page, `Edit ${number}`).click();
    await page.getByLabel('Level').fill('4');
    await page.getByLabel('Valid until').fill('');
    await button(page, 'Save').click();
    await saved(page);
    await page.getByRole('row', { name: number }).getByText('open').waitFor();
    const [kept] = (await get(page, `/engineers/${made.id}`)).certificates;
    assert.deepEqual([kept.level, kept.valid_until], [4, null]);
    await button(page, `Remove ${number}`).click();
    await page.getByText('No certificates').waitFor();
  }));
});

describe('an import', () => {
  it('is offered to the dispatcher, and tells its faults in Chinese', () => visit({ ...office, locale: 'zh-CN' }, async (page) => {
    await page.goto('/customers');
    await page.getByRole('button', { name: '导入设备（CSV）' }).click();
    const csv = 'customer_number,customer_name,site_name,address,latitude,longitude,number,kind,model,manufacturer,description\nC-001,,S,1 Main,140,-73.98,Z1,lift,M,,\n';
    await page.setInputFiles('input[type=file]', { name: 'a.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) });
    await page.locator('[role=dialog] td', { hasText: '须在 -90 到 90 之间。' }).waitFor();
  }));
});

describe('stock', () => {
  it('is moved from a shelf to another, counted, and the ledger shows both', () => visit(stock, async (page) => {
    const note = unique('moved ');
    await page.goto('/warehouse');
    await page.locator('nav a[href="#stock"]').click();
    await page.locator('tbody button').first().click();
    await button(page, 'Transfer').click();
    assert.deepEqual(await faults(page), ['This is needed.', 'Give a number that fits the part’s unit.']);
    await page.getByLabel('To', { exact: true }).selectOption({ index: 2 });
    await page.getByLabel('Quantity').fill('9999999');
    await button(page, 'Transfer').click();
    await page.locator('.fault', { hasText: 'not enough free stock' }).waitFor();
    await page.getByLabel('Quantity').fill('1');
    await page.getByLabel('Note').fill(note);
    await button(page, 'Transfer').click();
    await page.getByRole('region', { name: 'Latest movements' }).getByText(note).waitFor();
    await page.locator('.segments').getByText('Count', { exact: true }).click();
    const depots = new Set((await get(page, '/stock-locations?kind=depot&limit=200')).items.map((place) => place.id));
    const shelf = (await get(page, '/stock?limit=200')).items.find((one) => depots.has(one.location_id) && one.available > 1);
    await page.getByLabel('Part', { exact: true }).fill((await get(page, `/parts/${shelf.part_id}`)).number);
    await page.locator('.picker-item').first().click();
    await page.getByLabel('Counted at').selectOption(shelf.location_id);
    const books = Number(/say (\d+)/.exec(await page.getByText(/The books say/).textContent())?.[1]);
    await page.getByLabel('Counted quantity').fill(String(books));
    await button(page, 'Book the count').click();
    await page.getByText('The books say the same').waitFor();
    await page.getByLabel('Counted quantity').fill(String(books - 1));
    await button(page, 'Book the count').click();
    await page.getByRole('status').getByText(/the count of .* is booked/).waitFor();
  }));

  it('that an engineer took and did not use is taken back', () => visit(stock, async (page) => {
    const line = (await get(page, '/reservations?status=held&limit=200')).items.find((one) => one.location_kind !== 'van' && one.engineer_id);
    for (const act of ['pick', 'issue']) assert.equal((await page.request.post(`/api/v1/reservations/${line.id}/${act}`, { data: {} })).status(), 200, act);
    await page.goto('/warehouse');
    await page.locator('nav a[href="#returns"]').click();
    await page.locator('li').filter({ hasText: `#${line.ticket_number}` }).getByRole('button', { name: /Take back/ }).first().click();
    await page.locator('form').getByRole('button', { name: 'Take back', exact: true }).click();
    await page.locator('.fault', { hasText: 'This is needed.' }).waitFor();
    await page.getByLabel('To', { exact: true }).selectOption({ index: 1 });
    await page.locator('form').getByRole('button', { name: 'Take back', exact: true }).click();
    await page.getByText(/taken back/).waitFor();
    await saved(page);
  }));

  it('shows the office its way back to dispatch', () => visit({ ...office, width: 820 }, async (page) => {
    await page.goto('/warehouse');
    await page.getByRole('link', { name: 'To dispatch' }).click();
    await page.locator('[data-ticket]').first().waitFor();
  }));
});

describe('a token', () => {
  it('is shown once, lets a program in, and is refused when ended', () => visit(admin, async (page) => {
    const name = unique('Lobby ');
    await page.goto('/people/tokens');
    await button(page, 'New token').click();
    await page.getByLabel('What it is for').fill(name);
    await page.getByRole('dialog').getByRole('button', { name: 'New token' }).click();
    const secret = await page.locator('[role=dialog] input[readonly]').inputValue();
    const knock = async () => (await fetch(`${url()}/api/v1/tickets?limit=1`, { headers: { Authorization: `Bearer ${secret}` } })).status;
    assert.equal(await knock(), 200);
    await button(page, 'Done').click();
    await saved(page);
    assert.equal(await page.getByText(secret).count(), 0, 'the secret is nowhere any more');
    await button(page, `End token ${name}`).click();
    await page.getByRole('dialog').getByRole('button', { name: 'End', exact: true }).click();
    await page.getByText(`Token ${name} ended.`).waitFor();
    assert.equal(await knock(), 401);
  }));
});

describe('a narrow screen', () => {
  const narrow = { width: 390, height: 844, mobile: true };
  const scenes = [[null, '/login', 'form'], ['dispatcher', '/', '[data-ticket]'], ['dispatcher', '/customers', 'button.item'], ['admin', '/people', 'button.item'], ['admin', '/people/tokens', 'h2'], ['dispatcher', '/catalogue', 'button.item'], ['dispatcher', '/warehouse', 'nav a'], ['warehouse', '/catalogue/places', 'button.item'], ['admin', '/catalogue/skills', 'button.item'], ['dispatcher', '/planning', 'h2, .notice'], ['admin', '/planning/policies', 'button.item'], ['admin', '/planning/policies?id=general', '.detail form'], ['warehouse', '/warehouse', 'nav a'], ['engineer', '/phone', 'h1']];
  for (const locale of ['en', 'zh-CN']) {
    it(`cuts off nothing that one presses (${locale})`, async () => {
      for (const [role, path, ready] of scenes) {
        await visit({ ...narrow, role, locale }, async (page) => {
          await page.goto(path);
          await page.locator(ready).first().waitFor();
          // The width that was asked for: a page that is too wide makes a phone's own width larger.
          const out = await page.$$eval('button, a, input, select', (all, width) => all
            .filter((one) => !one.closest('.scroll, nav, .tabs-list, .sr, .maplibregl-map') && !one.classList.contains('sr'))
            .map((one) => [one.textContent?.trim() || one.id, one.getBoundingClientRect()])
            .filter(([, box]) => box.width > 0 && (box.right > width + 1 || box.left < -1)).map(([text]) => text), narrow.width);
          assert.deepEqual(out, [], path);
        });
      }
    });
  }

  it('shows a record alone, and "back" leads to its list', () => visit({ ...narrow, ...office }, async (page) => {
    await page.goto('/customers');
    await page.locator('button.item').first().click();
    await page.locator('.detail h1').waitFor();
    assert.equal(await page.locator('button.item').first().isVisible(), false);
    await page.goBack();
    await page.locator('button.item').first().waitFor();
  }));
});
