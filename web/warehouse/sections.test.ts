import '../test/globals';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CountLine, CountView, Part, Proposal, StockLocation, UsedPart } from '$shared/api/types';
import { clock } from '$shared/clock.svelte';
import { locale } from '$shared/i18n/text';
import { session } from '$shared/session.svelte';
import { draw } from '../test/render';
import { page, Refused, serve, type Answers, type Asked } from '../test/window';
import Counting from './count/Counting.svelte';
import Counts from './count/Counts.svelte';
import { counts } from './count/counts.svelte';
import Differences from './count/Differences.svelte';
import Nav from './nav/Nav.svelte';
import { hrefOf, route, routeOf } from './nav/route.svelte';
import Views from './nav/Views.svelte';
import Buy from './replenish/Buy.svelte';
import Explained from './replenish/Explained.svelte';
import Levels from './replenish/Levels.svelte';
import { levels, low, onOrder, orders, purchases, review, topUps } from './replenish/lists.svelte';
import Low from './replenish/Low.svelte';
import Orders from './replenish/Orders.svelte';
import Vans from './replenish/Vans.svelte';
import Section from './Section.svelte';
import { emptyDraft } from './movement';
import { stock } from './stock.svelte';
import Tasks from './tasks/Tasks.svelte';
import InHand from './used/InHand.svelte';
import { used } from './used/used.svelte';
import UsedParts from './used/UsedParts.svelte';

const DAY = 86_400_000;
const part = (id: string, more: Partial<Part> = {}): Part =>
  ({ id, number: id.toUpperCase(), name: `Part ${id}`, name_zh: `备件${id}`, unit: 'pcs', decimals: 0, unit_price_micros: 2_000_000, currency: 'USD', active: true, created_at: 0, tracking: 'none', returnable: false, warranty_days: 0, ...more });
const place = (id: string, kind: StockLocation['kind'], more: Partial<StockLocation> = {}): StockLocation =>
  ({ id, kind, code: id.toUpperCase(), name: `Place ${id}`, active: true, created_at: 0, engineer_id: null, latitude: null, longitude: null, ...more });
const proposal = (more: Partial<Proposal> = {}): Proposal =>
  ({ part_id: 'a', part_number: 'A', part_name: 'Part a', location_id: 'east', location_code: 'EAST', location_kind: 'depot', free: 1, minimum: 4, maximum: 10, lead_days: 7, transfers: [], order: 0, on_order: 0, ...more });
const source = (id: string, quantity: number) => ({ from_location_id: id, from_location_code: id.toUpperCase(), quantity });
const old = (id: string, more: Partial<UsedPart> = {}): UsedPart => ({
  id, part_id: 'a', ticket_id: 't', ticket_number: 1042, engineer_id: 'e', engineer_code: 'E-01', engineer_name: 'Maria', asset_id: null, quantity: 1, serial: '', status: 'expected', grade: 'none', location_id: null, note: '', created_at: 100 * DAY - 3 * DAY, updated_at: 1, ...more,
});
const line = (id: string, counted: number | null, expected: number | null): CountLine =>
  ({ id, part_id: id, part_number: id.toUpperCase(), part_name: id, unit: 'pcs', decimals: 0, expected, counted, difference: counted === null || expected === null ? null : counted - expected, counted_by: counted === null ? '' : 'walt', counted_at: null });
const view = (status: CountView['count']['status'], lines: CountLine[], more = {}): CountView =>
  ({ count: { id: 'c', location_id: 'east', blind: false, status, note: '', created_by: 'walt', created_at: 99 * DAY, closed_by: '', closed_at: null, ...more }, lines });

const meta = { version: '0.1.0', now_at: 100 * DAY, speed: 1, demo: false, organisation: '', demo_logins: [], tiles: null };
async function load(answers: Answers = {}, role = 'warehouse'): Promise<Asked[]> {
  const asked = serve({
    'GET /api/v1/meta': meta, 'GET /api/v1/session': { user: { id: 'u', login: 'walt', display_name: 'Walt', role, engineer_id: null, locale: '' } }, 'GET /api/v1/reservations': page([]), 'GET /api/v1/stock': page([]),
    'GET /api/v1/parts': page([part('a'), part('b'), part('enc', { tracking: 'serial' }), part('oil', { decimals: 1, unit: 'l' })]), 'GET /api/v1/stock-locations': page([place('east', 'depot'), place('west', 'depot'), place('v1', 'van', { engineer_id: 'e' })]),
    'GET /api/v1/stock-proposals': page([]), 'GET /api/v1/van-top-up': page([]), 'GET /api/v1/purchase-list': page([]), 'GET /api/v1/purchase-orders': page([]), 'GET /api/v1/put-backs': page([]), 'GET /api/v1/parts-on-order': page([]), 'GET /api/v1/replenishment': page([]), 'GET /api/v1/stock-levels': page([]), 'GET /api/v1/used-part-returns': page([]), 'GET /api/v1/stock-counts': page([]), 'GET /api/v1/tasks': page([]), ...answers,
  });
  await Promise.all([session.start(), stock.reload(), low.reload(), topUps.reload(), purchases.reload(), orders.reload(), onOrder.reload(), review.reload(), levels.reload(), used.reload(), counts.list.reload()]);
  return asked;
}
const none = { onbook: () => undefined };
beforeEach(() => clock.set(100 * DAY, 0));
afterEach(() => locale.set('en'));

describe('the way through the warehouse', () => {
  it.each([['', 'pick', ''], ['#count', 'count', ''], ['#count/0198-a', 'count', '0198-a'], ['#stock/low', 'stock', 'low'], ['#tasks/Spare%20parts', 'tasks', 'Spare parts'], ['#/returns/used', 'returns', 'used'], ['#nonsense/x', 'pick', '']])('%s leads to %s %s', (hash, section, sub) => {
    expect(routeOf(hash)).toEqual({ section, sub });
  });

  it('is written as it is read', () => {
    expect(routeOf(hrefOf('count', 'a/b c'))).toEqual({ section: 'count', sub: 'a/b c' });
    route.go('stock', 'buy');
    expect([route.section, route.sub, location.hash]).toEqual(['stock', 'buy', '#stock/buy']);
    route.start()();
    route.go('pick');
  });

  it('says where one is and how much waits elsewhere, up to what fits', () => {
    const drawn = draw(Nav, { current: 'count', entries: [{ id: 'pick', text: 'Pick', icon: 'box', count: 120 }, { id: 'count', text: 'Count', icon: 'tally', count: 0 }] });
    expect(drawn.text).toBe('99+ Pick Count');
    expect(drawn.tags('a').map((tag) => tag.includes('aria-current'))).toEqual([false, true]);
    expect(draw(Views, { section: 'stock', current: 'low', label: 'Stock', views: [{ id: '', text: 'On hand' }, { id: 'low', text: 'Low', count: 3 }] }).text).toBe('On hand Low 3');
  });

  it.each([['pick', '', 'Nothing to pick'], ['book', '', 'Goods from a supplier'], ['count', '', 'Start the count'], ['returns', '', 'Nothing is out'], ['returns', 'used', 'No old parts to come'], ['stock', '', 'Nothing found'], ['stock', 'low', 'Nothing is low'], ['stock', 'vans', 'All vans are full'],
    ['stock', 'buy', 'Nothing to buy'], ['stock', 'levels', 'No levels yet'], ['tasks', '', 'No open tasks'], ['tasks', 'Finance', 'No open tasks: Finance']] as const)('shows at %s/%s: %s', async (section, sub, text) => {
    await load();
    route.go(section, sub);
    expect(draw(Section, { draft: emptyDraft(), ...none }).text.toLowerCase()).toContain(text.toLowerCase());
    route.go('pick');
  });

  it.each([[Low, 'stock-proposals'], [Vans, 'van-top-up'], [Buy, 'purchase-list'], [Orders, 'purchase-orders'], [Levels, 'stock-levels'], [UsedParts, 'used-part-returns'], [Counts, 'stock-counts'], [Tasks, 'tasks']] as const)('says what could not be read, and offers to try again', async (screen, path) => {
    await load({ [`GET /api/v1/${path}`]: new Refused(503, {}) });
    expect(draw(screen as typeof Low, none).text).toMatch(/could not be loaded.*Try again/);
  });
});

describe('what is low', () => {
  it('says how much is missing, who can spare it and what has to be ordered', async () => {
    await load({ 'GET /api/v1/stock-proposals': page([proposal({ transfers: [source('west', 4), source('v1', 1)], order: 4 })]) });
    expect(draw(Low, none).text).toMatch(/EAST Depot · Place east 1 low Part a A 1 pcs free minimum 4, up to 10 WEST can spare 4 .*V1 can spare 1 .*4 to be ordered, 7 days.*On the purchase list Transfer 5/);
  });

  it('offers nothing where all has to be ordered, and a scan where pieces have numbers', async () => {
    await load({ 'GET /api/v1/stock-proposals': page([proposal({ order: 9, lead_days: 0 })]) });
    expect(draw(Low, none).tags('button')).toHaveLength(0);
    expect(draw(Low, none).text).not.toContain('days');
    await load({ 'GET /api/v1/stock-proposals': page([proposal({ part_id: 'enc', transfers: [source('west', 1)] })]) });
    expect(draw(Low, none).text).toContain('Scan the pieces');
  });

  it('says it in Chinese', async () => {
    await load({ 'GET /api/v1/stock-proposals': page([proposal({ transfers: [source('west', 4)], order: 2 })]) });
    locale.set('zh-CN');
    expect(draw(Low, none).text).toMatch(/备件a .*可用 1 件 库存下限 4，补到 10 WEST 可调出 4.*需采购 2，到货周期 7 天.*已在采购清单 调拨 4/);
  });
});

describe('what vans take on', () => {
  const row = { location_id: 'v1', location_code: 'V1', engineer_id: 'e', part_id: 'a', part_number: 'A', part_name: 'Part a', for_tickets: 2, tickets: [1042, 1043], reserved_at: [source('east', 2)], to_level: 4, transfers: [source('west', 2), source('east', 1)], short: 1 };

  it('is what tickets have reserved, what fills it up, and what nobody has', async () => {
    await load({ 'GET /api/v1/van-top-up': page([row]) });
    expect(draw(Vans, none).text).toMatch(/V1 Place v1 .*6 pcs Part a A 2 for #1042 #1043: 2 at EAST 3 to fill up: 2 at WEST, 1 at EAST 1 nobody can spare.* Load 3/);
  });

  it('is nothing to load where it only has to be picked', async () => {
    await load({ 'GET /api/v1/van-top-up': page([{ ...row, to_level: 0, transfers: [], short: 0 }]) });
    expect(draw(Vans, none).text).not.toContain('Load');
  });
});

describe('the purchase list', () => {
  const row = { supplier_id: 's', supplier_name: 'Lift Co', supplier_part_number: 'LC-9', part_id: 'a', part_number: 'A', part_name: 'Part a', unit: 'pcs', decimals: 0, wanted: 4, waiting: 3, on_order: 0, tickets: [1042, 1043], pack: 1, quantity: 10, unit_price_micros: 2_000_000, total_micros: 20_000_000, currency: 'USD' };

  it('says what to buy from whom for how much, and why more than is missing', async () => {
    await load({ 'GET /api/v1/purchase-list': page([row, { ...row, part_id: 'b', supplier_id: null, supplier_name: '', supplier_part_number: '', waiting: 0, tickets: [], quantity: 4, unit_price_micros: null, total_micros: null, currency: '' }]) });
    const drawn = draw(Buy, {});
    expect(drawn.text).toMatch(/Lift Co \$20\.00 10 pcs Part a A · their number LC-9 3 of them for tickets that wait: 1042, 1043 4 needed.* \$20\.00 \$2\.00 each No supplier known .*4 pcs Part b .*no price known/);
    expect(drawn.text.match(/for tickets that wait/g)).toHaveLength(1);
    for (const file of ['csv', 'xlsx']) expect(drawn.html).toContain(`href="/api/v1/purchase-list.${file}"`);
  });

  it('can be ticked line by line and by supplier, and says what is on order already', async () => {
    await load({ 'GET /api/v1/purchase-list': page([{ ...row, on_order: 6, expected_on: '2026-11-24' }]) });
    const drawn = draw(Buy, {});
    expect(drawn.html).toMatch(/aria-label="Order all of Lift Co"[\s\S]*aria-label="Order Part a"/);
    expect(drawn.text).toMatch(/6 on order already, expected .*Tick what to order\. Order 0/);
    locale.set('zh-CN');
    expect(draw(Buy, {}).text).toMatch(/已下单 6，预计 .*到货/);
  });
});

describe('what is on order', () => {
  const line = { id: 'l', order_id: 'o', part_id: 'a', location_id: 'east', supplier_part_number: '', quantity: 10, received: 4, cancelled: 0, unit_price_micros: 2_000_000, open: 6, part_number: 'A', part_name: 'Part a', part_name_zh: '门滑轮', unit: 'pcs', decimals: 0, tracking: 'none', location_code: 'EAST', total_minor: 2_000 };
  const order = { id: 'o', number: 12, supplier_id: 's', supplier_name: 'Lift Co', currency: 'USD', status: 'partly_received', expected_on: '2026-11-24', note: '', ordered_by: 'walt', ordered_at: 0, overdue: true, total_minor: 2_000, total_is_partial: false, lines: [line, { ...line, id: 'm', part_id: 'b', part_name: 'Part b', received: 10, open: 0 }] };

  it('says what is to come, which is late, and offers to take it in', async () => {
    await load({ 'GET /api/v1/purchase-orders': page([order]) });
    const drawn = draw(Orders, none);
    expect(drawn.text).toMatch(/Order 12 · Lift Co overdue since .* \$40\.00 Expected on .*Cancel the order Part a A · EAST · \$2\.00 each 6 of 10 pcs to come Take in The rest will not come Part b .*0 of 10 pcs to come/);
    expect(drawn.html).toContain('aria-label="Take in Part a of order 12"');
    expect(drawn.html).not.toContain('aria-label="Take in Part b of order 12"');
    for (const file of ['csv', 'xlsx']) expect(drawn.html).toContain(`href="/api/v1/purchase-orders/o/lines.${file}"`);
    locale.set('zh-CN');
    expect(draw(Orders, none).text).toMatch(/采购单 12 .*已逾期.*预计到货.*门滑轮/);
  });

  it('says of a total that some of it has no price, and says none where nothing has one', async () => {
    const [priced, unpriced] = [line, { ...line, id: 'm', unit_price_micros: null, total_minor: null }];
    await load({ 'GET /api/v1/purchase-orders': page([{ ...order, total_is_partial: true, lines: [priced, unpriced] }]) });
    expect(draw(Orders, none).text).toContain('$20.00, without what has no price');
    await load({ 'GET /api/v1/purchase-orders': page([{ ...order, currency: '', total_minor: null, lines: [unpriced] }]) });
    expect(draw(Orders, none).text).not.toContain('$');
  });

  it('is nothing where nothing was ordered', async () => {
    await load();
    expect(draw(Orders, none).text).toContain('Nothing is on order');
  });

  it('is said on the low shelf that it is for', async () => {
    await load({ 'GET /api/v1/stock-proposals': page([proposal({ on_order: 9, expected_on: '2026-11-24' })]) });
    expect(draw(Low, none).text).toMatch(/9 on order, expected .* Orders/);
  });
});

describe('levels', () => {
  const plan = { part_id: 'oil', part_number: 'OIL', part_name: 'Oil', location_id: 'east', location_code: 'EAST', location_kind: 'depot' as const, demand: { days: 90, used: 450, mean_per_day: 5, deviation_per_day: 9.4 }, lead_days: 7, plan: { service_level: 0.95, z: 1.6, safety_stock: 41, reorder_point: 76, quantity: 150 }, free: 0, on_order: 0, wanted: 0 };

  it('stand beside what consumption says, in the part’s own unit', async () => {
    await load({ 'GET /api/v1/stock-levels': page([{ id: 'l', part_id: 'a', location_id: 'west', minimum: 4, maximum: 10, lead_days: 7 }]), 'GET /api/v1/replenishment': page([plan]) });
    expect(draw(Levels, {}).text).toMatch(/Part oil OIL · EAST no level yet Consumption says: minimum 7\.7, maximum 22\.6 Set Part a A · WEST 4 minimum 10 maximum 7 days Change/);
  });

  it('are explained step by step', () => {
    expect(draw(Explained, { row: plan, part: part('oil', { decimals: 1 }) }).text)
      .toBe('Used 45 in 90 days: 0.5 a day, give or take 0.9 Lead time 7 days, in which about 3.5 are used In reserve 4.1, so that in 95 % of cases nothing runs out Reorder at 7.6 free or less Order 15, which lasts 30 days');
  });
});

describe('counts', () => {
  it('are listed by how far they have come, each in words', async () => {
    const one = (id: string, status: CountView['count']['status']) => ({ ...view(status, []).count, id, blind: id === '1' });
    const rows = page([one('1', 'open'), one('2', 'submitted'), one('3', 'approved'), one('4', 'rejected')]);
    await load({ 'GET /api/v1/stock-counts': rows });
    expect(draw(Counts, {}).text).toMatch(/Being counted EAST .*Being counted blind.* Waiting for approval EAST .*Done EAST .*Approved EAST .*Refused/);
    locale.set('zh-CN');
    expect(draw(Counts, {}).text).toMatch(/盘点中 .*盲盘 .*待审批 .*已审批 .*已驳回/);
  });

  it('say what is left, offer “none there”, and are handed in only when all is counted', async () => {
    await load();
    const drawn = draw(Counting, { view: view('open', [line('a', null, 5), line('b', 3, 3)]) });
    expect(drawn.text).toMatch(/Place Part Count .*1 not counted yet Part a A None there Part b B · walt 3/);
    expect(drawn.tags('button').find((tag) => tag.includes('hand'))).toContain('disabled');
    const all = draw(Counting, { view: view('open', [line('b', 3, 3)]) });
    expect(all.text).toContain('Hand in the count');
    expect(all.tags('button').find((tag) => tag.includes('hand'))).not.toContain('disabled');
  });

  it('fill the page with the part in hand, and what the books say unless it is blind', async () => {
    await load();
    counts.choose('a');
    expect(draw(Counting, { view: view('open', [line('a', 2, 5)]) }).text).toMatch(/A Part a 2 pcs · The books say 5\. − .*\+/);
    expect(draw(Counting, { view: view('open', [line('a', 2, null)]) }).text).not.toContain('books');
    counts.choose('oil');
    expect(draw(Counting, { view: view('open', [line('oil', null, null)]) }).text).not.toContain('−');
  });

  it('show their differences with what they are worth, what is missing on top', async () => {
    await load();
    const drawn = draw(Differences, { view: view('submitted', [line('b', 7, 5), line('a', 2, 5), line('oil', 3, 3)]) });
    expect(drawn.text).toMatch(/The office looks at .*Part a A · books 5, found 2 3 missing -\$6\.00 Part b .*2 too many \$4\.00 As the books say: 1 more/);
    expect(drawn.tags('button')).toHaveLength(0);
  });

  it('are approved or refused by the office alone', async () => {
    await load({}, 'dispatcher');
    expect(draw(Differences, { view: view('submitted', [line('a', 2, 5)]) }).text).toMatch(/Refuse Approve$/);
    expect(draw(Counting, { view: view('open', [line('a', 2, 5)]) }).text).toContain('Discard this count');
    const closed = draw(Differences, { view: view('approved', [line('a', 5, 5)], { closed_by: 'dora', closed_at: 99 * DAY }) });
    expect(closed.text).toMatch(/Approved by dora, .*No differences As the books say: 1/);
    expect(draw(Differences, { view: view('rejected', [line('a', 4, 5)], { closed_by: 'dora', closed_at: 99 * DAY }) }).text).toContain('Refused by dora');
  });
});

describe('old parts', () => {
  const returns = (rows: UsedPart[]): Answers => ({ 'GET /api/v1/used-part-returns': ({ query }: { query: URLSearchParams }) => page(rows.filter((row) => row.status === query.get('status'))) });
  afterEach(() => void used.stepBack());

  it('stand by who has them, each state in words, the late ones marked', async () => {
    await load(returns([old('r', { created_at: 80 * DAY, serial: 'S-1' }), old('s', { status: 'received', location_id: 'east', part_id: 'b' })]));
    const drawn = draw(UsedParts, {});
    expect(drawn.text).toMatch(/To be graded 1 1 pcs Part b B · #1042 To be graded EAST Grade E-01 Maria 1 expected 1 pcs Part a A · no\. S-1 · #1042 Expected 20 days ago Will not come Take in/);
    expect(drawn.html).toMatch(/class="muted num[^"]* late/);
    locale.set('zh-CN');
    expect(draw(UsedParts, {}).text).toMatch(/待鉴定 .*待返还 .*免返还 接收/);
  });

  it('have four answers in hand, each with where it goes', async () => {
    await load(returns([old('r', { quantity: 3 })]));
    used.setPlace('east');
    await used.take(old('r', { quantity: 3 }));
    used.setGrade('repair');
    const drawn = draw(InHand, {});
    expect(drawn.text).toMatch(/A Part a E-01 Maria #1042 − 3 of 3 pcs \+ Reusable back to stock at EAST Repair to the repair shop Quarantine .*Scrap thrown away Done: Repair$/);
    expect(drawn.tags('button').map((tag) => /aria-pressed="true"/.test(tag))).toEqual([false, false, false, true, false, false, false]);
    locale.set('zh-CN');
    expect(draw(InHand, {}).text).toMatch(/可再用 .*返修 .*隔离 .*报废 .*确定：返修/);
    used.stepBack();
    used.stepBack();
  });

  it('whose number is not known can only be thrown away before it is scanned', async () => {
    await load(returns([old('r', { part_id: 'enc' })]));
    used.setPlace('east');
    await used.take(old('r', { part_id: 'enc' }));
    const drawn = draw(InHand, {});
    expect(drawn.text).toContain('Scan the serial number');
    expect(drawn.tags('button').map((tag) => tag.includes('disabled'))).toEqual([true, true, true, false, false]);
    await used.hear({ kind: 'text', shown: 'S-7', doubtful: false });
    expect(draw(InHand, {}).text).toContain('no. S-7');
  });

  it('whose number is told at the grading is graded with it, where it came in without', async () => {
    const asked = await load({ ...returns([old('r', { part_id: 'enc', status: 'received', location_id: 'east' })]), 'POST /api/v1/used-part-returns/r/grade': {} });
    used.setPlace('east');
    await used.take(old('r', { part_id: 'enc', status: 'received', location_id: 'east' }));
    await used.hear({ kind: 'text', shown: 'S-7', doubtful: false });
    used.setGrade('reusable');
    await used.finish();
    expect(asked.find((one) => one.path.endsWith('/grade'))?.body).toEqual({ grade: 'reusable', serials: ['S-7'] });
  });

  it('say so when another number is on it than was written down', async () => {
    await load(returns([old('r', { part_id: 'enc', serial: 'S-1' })]));
    used.setPlace('east');
    await used.hear({ kind: 'part', part: part('enc', { tracking: 'serial' }), serial: 'S-2', lot: null, expires: null, count: null, shown: 'ENC' });
    expect(draw(InHand, {}).text).toContain('On site another number was written down: S-1');
  });
});
