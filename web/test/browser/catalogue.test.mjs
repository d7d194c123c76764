// Parts, places and skills, as the office and the warehouse look after them. Against a running server.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { button, elsewhere, get, refusals, saved, stage, unique } from './browser.mjs';

const { visit } = stage();
const office = { role: 'dispatcher', forgive: refusals };
const warehouse = { role: 'warehouse', forgive: refusals };
const field = (page, label) => page.getByRole('dialog').getByLabel(label);

describe('a part', () => {
  it('is added, put right, switched off and on again', () => visit(office, async (page) => {
    const number = unique('P-');
    await page.goto('/catalogue');
    await button(page, 'Add').click();
    await field(page, 'Number').fill(number);
    await field(page, 'Name in English').fill('Governor rope');
    await field(page, 'Name in Chinese').fill('限速器钢丝绳');
    await page.getByRole('combobox', { name: 'Unit' }).fill('m');
    await field(page, 'Decimals').fill('1');
    await field(page, 'Price of a unit').fill('12.345');
    await button(page, 'Save').click();
    await saved(page);
    await page.locator('.detail h1', { hasText: 'Governor rope' }).waitFor();
    const id = new URL(page.url()).searchParams.get('id');
    const made = await get(page, `/parts/${id}`);
    assert.deepEqual([made.number, made.unit, made.decimals, made.unit_price_micros, made.currency], [number, 'm', 1, 12_345_000, 'USD']);
    await button(page, 'Edit').click();
    assert.equal(await page.getByRole('combobox', { name: 'Unit' }).count(), 0, 'the unit stays');
    await field(page, 'Price of a unit').fill('9');
    await button(page, 'Save').click();
    await saved(page);
    await page.locator('.detail').getByText('$9.00').waitFor();
    await button(page, 'Deactivate').click();
    await page.locator('.detail').getByText('Inactive').waitFor();
    assert.equal((await get(page, `/parts/${id}`)).active, false);
    await button(page, 'Activate').click();
    await button(page, 'Deactivate').waitFor();
    assert.equal((await get(page, `/parts/${id}`)).active, true);
  }));

  it('whose number is taken, or whose price is no number, is told at its field', () => visit({ ...warehouse, locale: 'zh-CN' }, async (page) => {
    const [known] = (await get(page, '/parts?limit=1')).items;
    await page.goto('/catalogue');
    await button(page, '新增').click();
    await field(page, '编号').fill(known.number);
    await field(page, '英文名称').fill('Twice');
    await field(page, '单价').fill('many');
    await button(page, '保存').click();
    await page.locator('.fault', { hasText: '12.50' }).waitFor();
    await field(page, '单价').fill('1');
    await field(page, '币种').fill('us');
    await button(page, '保存').click();
    await page.locator('.fault', { hasText: '三个字母' }).waitFor();
    await field(page, '币种').fill('usd');
    await button(page, '保存').click();
    await page.locator('.fault', { hasText: '已被占用' }).waitFor();
  }));

  it('that two people change keeps both their changes', () => visit(office, async (page) => {
    const made = await (await page.request.post('/api/v1/parts', { data: { number: unique('P-'), name: 'Buffer', unit_price_micros: 1_000_000 } })).json();
    await page.goto(`/catalogue?id=${made.id}`);
    await button(page, 'Edit').click();
    await field(page, 'Name in English').fill('Oil buffer');
    await elsewhere(page, `/parts/${made.id}`, { name: 'Spring buffer', name_zh: '缓冲器' });
    await button(page, 'Save').click();
    await page.getByRole('alert').getByText('Somebody changed this meanwhile').waitFor();
    await page.getByText('Now: Spring buffer').waitFor();
    await button(page, 'Use mine: Name in English').click();
    await button(page, 'Save').click();
    await saved(page);
    const after = await get(page, `/parts/${made.id}`);
    assert.deepEqual([after.name, after.name_zh], ['Oil buffer', '缓冲器']);
  }));

  it('says where it lies, and how much of it', () => visit(warehouse, async (page) => {
    const places = new Map((await get(page, '/stock-locations?limit=200')).items.map((place) => [place.id, place]));
    const balance = (await get(page, '/stock?limit=200')).items.find((one) => places.get(one.location_id)?.kind === 'depot' && one.on_hand > 0);
    await page.goto(`/catalogue?id=${balance.part_id}`);
    const row = page.getByRole('row', { name: places.get(balance.location_id).code });
    await row.waitFor();
    assert.match((await row.textContent()) ?? '', new RegExp(String(balance.on_hand)));
    await page.getByRole('row', { name: 'Sum' }).waitFor();
  }));
});

describe('a place', () => {
  it('is a depot that somebody adds, with its faults at their fields', () => visit(office, async (page) => {
    const code = unique('D-');
    await page.goto('/catalogue/places');
    await button(page, 'Add').click();
    await button(page, 'Save').click();
    assert.deepEqual(await page.locator('.fault').allTextContents(), ['This is needed.', 'This is needed.', 'This is needed.', 'This is needed.']);
    await field(page, 'Code').fill(code);
    await field(page, 'Name').fill('Depot North');
    await field(page, 'Latitude').fill('-73.97');
    await field(page, 'Longitude').fill('40.75');
    await button(page, 'Save').click();
    await page.locator('.fault', { hasText: 'look swapped' }).waitFor();
    await field(page, 'Latitude').fill('40.75');
    await field(page, 'Longitude').fill('-73.97');
    await button(page, 'Save').click();
    await saved(page);
    await page.locator('.detail h1', { hasText: 'Depot North' }).waitFor();
    await page.getByText('Nothing lies here.').waitFor();
    assert.ok((await get(page, '/stock-locations?limit=200')).items.some((place) => place.code === code && place.kind === 'depot'));
  }));

  it('is a van of an engineer, and is called after him', () => visit(office, async (page) => {
    const name = unique('Trainee ');
    const made = await (await page.request.post('/api/v1/engineers', { data: { code: unique('X-'), name, home_latitude: 40.75, home_longitude: -73.98 } })).json();
    const code = unique('V-');
    await page.goto('/catalogue/places');
    await button(page, 'Add').click();
    await field(page, 'What it is').selectOption('van');
    await field(page, 'Code').fill(code);
    await field(page, 'Engineer').fill(name);
    await page.locator('.picker-item', { hasText: name }).click();
    assert.equal(await field(page, 'Name').inputValue(), `Van of ${name}`);
    await button(page, 'Save').click();
    await saved(page);
    const van = (await get(page, '/stock-locations?kind=van&limit=200')).items.find((place) => place.code === code);
    assert.equal(van.engineer_id, made.id);
  }));

  it('shows the warehouse what lies there, and only adds depots there', () => visit({ ...warehouse, width: 390, height: 844, mobile: true }, async (page) => {
    await page.goto('/warehouse');
    await page.getByRole('link', { name: 'Catalogue' }).click();
    await page.getByRole('link', { name: 'Places' }).click();
    assert.deepEqual(await page.locator('nav a').allTextContents(), ['Catalogue', 'Warehouse', 'Parts', 'Places', 'Part needs', 'To look at', 'Files'], 'nothing that would be refused');
    await page.getByLabel('Search places').fill('depot');
    await page.locator('button.item').first().click();
    await page.locator('.detail tbody tr').first().waitFor();
    await button(page, 'Back').click();
    await button(page, 'Add').click();
    assert.deepEqual(await field(page, 'What it is').locator('option').allTextContents(), ['Depot']);
  }));
});

describe('a skill', () => {
  it('is added by an administrator, and has nobody yet', () => visit({ ...office, role: 'admin' }, async (page) => {
    const code = unique('S-');
    await page.goto('/catalogue/skills');
    await button(page, 'Add').click();
    await field(page, 'Code').fill(`${code} x`);
    await field(page, 'Name in English').fill('Fire service mode');
    await button(page, 'Save').click();
    await page.locator('.fault').waitFor();
    await field(page, 'Code').fill(code);
    await field(page, 'Name in Chinese').fill('消防功能');
    await button(page, 'Save').click();
    await saved(page);
    await page.locator('.detail h1', { hasText: 'Fire service mode' }).waitFor();
    await page.getByText('Nobody holds it.').waitFor();
  }));

  it('shows the dispatcher who holds it, and leads there', () => visit(office, async (page) => {
    const held = (await get(page, '/engineers?limit=200')).items.find((one) => one.active && one.certificates.length > 0).certificates[0].skill;
    await page.goto(`/catalogue/skills?id=${held}`);
    const holders = page.locator('.detail tbody a');
    await holders.first().waitFor();
    assert.equal(await button(page, 'Add').count(), 0, 'a dispatcher would be refused');
    const name = await holders.first().textContent();
    await holders.first().click();
    await page.locator('.detail h1', { hasText: name ?? '' }).waitFor();
  }));
});
