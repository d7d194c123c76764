// The warehouse's shelves: what is low, levels, counts, old parts. By scans, as far as one can.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { get, stage, unique } from './browser.mjs';
import { clean, fits, said, wedge } from './scanning.mjs';
import { caller } from './seed.mjs';

const { visit, url } = stage();
const EAN = '4006381333931';
const devices = [
  { name: 'tablet', locale: 'en', theme: 'light', width: 820, height: 1180 },
  { name: 'phone', locale: 'zh-CN', theme: 'dark', width: 390, height: 844, mobile: true },
];
const words = {
  en: { transfer: /^Transfer 5/, undo: /^Undo/, undone: 'Taken back', change: /^Change/, save: 'Save', start: 'Start the count', first: 'Scan the place first', none: /^None of/, handIn: 'Hand in the count', missing: '1 missing', approve: 'Approve', repair: /^Repair/, done: 'Done: Repair' },
  'zh-CN': { transfer: /^调拨 5/, undo: /^撤销/, undone: '已撤销', change: /^修改/, save: '保存', start: '开始盘点', first: '请先扫描库位', none: /没有$/, handIn: '提交盘点', missing: '盘亏 1', approve: '审批通过', repair: /^返修/, done: '确定：返修' },
};
const everyView = ['pick', 'book', 'count', 'returns', 'returns/used', 'stock', 'stock/low', 'stock/vans', 'stock/buy', 'stock/orders', 'stock/levels', 'tasks'];

const act = async (page, method, path, data, headers = {}) => {
  const answer = await page.request[method](`/api/v1${path}`, { data, headers });
  assert.ok(answer.ok(), `${method} ${path}: ${answer.status()} ${await answer.text()}`);
  return answer.json();
};
/** A new bin in a depot that has at least ten free of each of two plain parts. */
async function shelf(page) {
  const [{ items: parts }, { items: depots }, { items: balances }] = await Promise.all([get(page, '/parts?limit=200'), get(page, '/stock-locations?kind=depot&limit=200'), get(page, '/stock?limit=200')]);
  const free = (part) => balances.filter((one) => one.part_id === part.id && depots.some((depot) => depot.id === one.location_id) && one.available >= 10);
  const [part, other] = parts.filter((one) => one.tracking === 'none' && one.decimals === 0 && free(one).length > 0);
  const bin = await act(page, 'post', '/stock-locations', { kind: 'bin', code: unique('B-').toUpperCase(), name: 'Shelf', parent_id: depots[0].id });
  return { part, other, bin, depot: depots[0] };
}
/** Until the server has it: what the page said before may have the same figure in it. */
const canBeUndone = (page, say) => page.getByRole('button', { name: say.undo }).and(page.locator('button:enabled')).waitFor();
const onHand = async (page, part, place) => (await get(page, `/stock?part_id=${part.id}&location_id=${place.id}`)).items[0]?.on_hand ?? 0;
const levelOf = async (page, part, place) => (await get(page, `/stock-levels?part_id=${part.id}&location_id=${place.id}`)).items[0];

/** Says as the engineer's phone that he built in one of a part whose old piece has to come back. */
async function builtIn(page) {
  const { demo_logins } = await get(page, '/meta');
  const { part } = await shelf(page);
  const read = await page.request.get(`/api/v1/parts/${part.id}`);
  await act(page, 'patch', `/parts/${part.id}`, { returnable: true }, { 'If-Match': read.headers().etag });
  const [office, phone] = [await caller(url(), demo_logins, 'dispatcher'), await caller(url(), demo_logins, 'engineer')];
  const { user } = await phone('GET', '/session');
  const { items: [asset] } = await office('GET', '/assets?limit=1');
  const ticket = await office('POST', '/tickets', { kind: 'repair', priority: 3, title: 'Belt worn', expected_minutes: 5, asset_id: asset.id, dispatch: 'manual' });
  await office('POST', `/tickets/${ticket.id}/assignments`, { engineer_id: user.engineer_id, reason: 'test' });
  const device_id = crypto.randomUUID();
  const { token, epoch } = await phone('POST', '/../../sync/v1/devices', { device_id, platform: 'web', app_version: '1', schema: 1 });
  const at = Date.now();
  const mid = crypto.randomUUID().replace(/-4(...)-/, '-7$1-');
  const set = { ticket_id: ticket.id, visit_id: ticket.visit_id, engineer_id: user.engineer_id, part_id: part.id, quantity: 1, outcome: 'used' };
  const mutation = { mid, seq: 1, op: 'insert', c: 'part_usage', id: mid, set, hlc: `${at.toString(16).padStart(12, '0')}-0000-${device_id.slice(-8)}`, wall: at, mono: 1, boot: 'b', schema: 1 };
  const pushed = await page.request.post('/sync/v1/push', { headers: { Authorization: `Bearer ${token}` }, data: { epoch, sent: { wall: at, mono: 2, boot: 'b' }, mutations: [mutation] } });
  assert.match(await pushed.text(), /"result":"applied"/);
  const { items } = await get(page, '/used-part-returns?status=expected&limit=200');
  return { part, row: items.find((one) => one.ticket_id === ticket.id) };
}

describe('the shelves', () => {
  for (const { name, ...device } of devices) {
    const say = words[device.locale];

    it(`are filled with one press, by level (${name}, ${device.locale})`, () => visit({ role: 'warehouse', ...device }, async (page) => {
      const { part, bin } = await shelf(page);
      await act(page, 'put', '/stock-levels', { part_id: part.id, location_id: bin.id, minimum: 3, maximum: 5, lead_days: 4 });
      const known = await page.request.get(`/api/v1/scan?code=${EAN}`);
      const ean = known.ok() ? (await known.json()).part : part;
      if (!known.ok()) await act(page, 'post', `/parts/${part.id}/codes`, { code: EAN });
      await page.goto('/warehouse#stock/low');
      await page.locator('section .btn.primary').first().waitFor();
      await wedge(page, EAN);
      await said(page, 'good', ean.number);
      await page.locator('.bar .btn').click();
      await wedge(page, bin.code);
      await said(page, 'good', bin.code);
      await clean(page, 'low');
      await page.getByRole('button', { name: say.transfer }).click();
      await canBeUndone(page, say);
      assert.equal(await onHand(page, part, bin), 5);
      await page.getByRole('button', { name: say.undo }).click();
      await said(page, 'good', say.undone);
      assert.equal(await onHand(page, part, bin), 0);

      await page.locator('nav a[href="#stock/levels"]').click();
      await page.locator('li .btn').first().waitFor();
      await wedge(page, bin.code);
      await said(page, 'good', bin.code);
      await page.getByRole('button', { name: say.change }).click();
      await page.getByRole('dialog').locator('input').first().fill('4');
      await clean(page, 'a level');
      await page.getByRole('button', { name: say.save, exact: true }).click();
      await canBeUndone(page, say);
      assert.equal((await levelOf(page, part, bin)).minimum, 4);
      await page.getByRole('button', { name: say.undo }).click();
      await said(page, 'good', say.undone);
      assert.equal((await levelOf(page, part, bin)).minimum, 3);
      await act(page, 'put', '/stock-levels', { part_id: part.id, location_id: bin.id, minimum: 0, maximum: 0, lead_days: 0 });
    }));

    it(`are counted by scans, and the office approves (${name}, ${device.locale})`, async () => {
      let id;
      let shelves;
      await visit({ role: 'warehouse', forgive: /status of 404/, ...device }, async (page) => {
        shelves = await shelf(page);
        const { part, other, bin } = shelves;
        for (const one of [part, other]) await act(page, 'post', '/stock-movements', { kind: 'receive', part_id: one.id, quantity: 2, to_location_id: bin.id });
        await page.goto('/warehouse#count');
        await page.locator('select option').nth(1).waitFor({ state: 'attached' });
        for (const again of [1, 2]) {
          await wedge(page, bin.code);
          await said(page, 'good', again === 1 ? bin.code : /Count begun|开始盘点/);
        }
        await wedge(page, 'NO-SUCH-CODE');
        await page.locator('[data-tone=wrong], [data-tone=half]').waitFor();
        for (const nth of [1, 2]) {
          await wedge(page, part.number);
          await said(page, 'good', String(nth));
        }
        await clean(page, 'counting');
        await page.getByRole('button', { name: say.undo }).click();
        await said(page, 'good', say.undone);
        await wedge(page, other.number);
        await said(page, 'good', '1');
        await page.locator('.count input').fill('2');
        await page.locator('.count form .btn').click();
        await said(page, 'good', '2');
        await page.getByRole('button', { name: say.handIn }).click();
        await page.getByText(say.missing).waitFor();
        await clean(page, 'differences');
        id = new URL(page.url()).hash.split('/')[1];
      });
      await visit({ role: 'dispatcher', ...device }, async (page) => {
        await page.goto(`/warehouse#count/${id}`);
        await page.getByRole('button', { name: say.approve }).click();
        await clean(page, 'approving');
        await page.getByRole('dialog').getByRole('button', { name: say.approve }).click();
        await page.locator('.badge.good').waitFor();
        assert.deepEqual([await onHand(page, shelves.part, shelves.bin), await onHand(page, shelves.other, shelves.bin)], [1, 2]);
      });
    });

    it(`take in old parts by badge and scan, and grade them (${name}, ${device.locale})`, () => visit({ role: 'warehouse', ...device }, async (page) => {
      const { part, row } = await builtIn(page);
      const { bin } = await shelf(page);
      await page.goto('/warehouse#returns/used');
      await page.getByText(`#${row.ticket_number}`).waitFor();
      for (const code of [bin.code, row.engineer_code]) {
        await wedge(page, code);
        await said(page, 'good', code);
      }
      await wedge(page, part.number);
      await page.locator('.grades').waitFor();
      await page.getByRole('button', { name: say.undo }).click();
      await page.locator('.grades').waitFor({ state: 'detached' });
      await wedge(page, part.number);
      await page.getByRole('button', { name: say.repair }).click();
      await clean(page, 'grading');
      await page.getByRole('button', { name: say.done }).click();
      await page.locator('.grades').waitFor({ state: 'detached' });
      const { items: [graded] } = await get(page, `/used-part-returns?status=graded&ticket_id=${row.ticket_id}`);
      assert.equal(graded?.grade, 'repair');
    }));
  }

  // Each language in each theme, looked at by axe at one width; at the others nothing is wider than the screen.
  for (const device of [
    { locale: 'zh-CN', theme: 'dark', width: 820, height: 1180 }, { locale: 'en', theme: 'light', width: 360, height: 740 },
    { locale: 'en', theme: 'dark', width: 1180, height: 820 }, { locale: 'zh-CN', theme: 'light', width: 390, height: 844 },
  ]) {
    it(`are in order in every view at ${device.width} (${device.locale}, ${device.theme})`, () => visit({ role: 'warehouse', ...device }, async (page) => {
      await page.goto('/warehouse');
      for (const view of everyView) {
        await page.evaluate((to) => { location.hash = to; }, view);
        await page.locator(`nav a[href="#${view.split('/')[0]}"][aria-current]`).first().waitFor();
        await page.waitForLoadState('networkidle');
        await clean(page, view);
        for (const width of [360, 390, 820, 1180]) {
          await page.setViewportSize({ width, height: device.height });
          await fits(page, `${view} at ${width}`);
        }
        await page.setViewportSize(device);
      }
      const file = await page.request.get('/api/v1/purchase-list.csv');
      assert.equal(file.status(), 200);
    }));
  }
});
