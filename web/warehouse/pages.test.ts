import '../test/globals';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Part, Reservation, StockBalance, StockLocation } from '$shared/api/types';
import { clock } from '$shared/clock.svelte';
import { locale } from '$shared/i18n/text';
import { draw } from '../test/render';
import { page, Refused, serve, type Answers } from '../test/window';
import { emptyDraft } from './movement';
import MovementForm from './MovementForm.svelte';
import PickBoard from './PickBoard.svelte';
import PickWalk from './PickWalk.svelte';
import PlaceSelect from './PlaceSelect.svelte';
import Returns from './Returns.svelte';
import { resolve } from './scan/lookup';
import { stock } from './stock.svelte';
import StockList from './StockList.svelte';
import { walk } from './walk.svelte';

const HOUR = 3_600_000;
const part = (id: string, more: Partial<Part> = {}): Part =>
  ({ id, number: id.toUpperCase(), name: `Part ${id}`, name_zh: '', unit: 'pcs', decimals: 0, unit_price_micros: 0, currency: 'USD', active: true, created_at: 0, tracking: 'none', returnable: false, warranty_days: 0, ...more });
const place = (id: string, kind: StockLocation['kind'], more: Partial<StockLocation> = {}): StockLocation =>
  ({ id, kind, code: id.toUpperCase(), name: `Place ${id}`, active: true, created_at: 0, engineer_id: null, latitude: null, longitude: null, ...more });
const balance = (part_id: string, location_id: string, on_hand: number, reserved = 0): StockBalance =>
  ({ id: `${part_id}${location_id}`, part_id, location_id, on_hand, reserved, available: on_hand - reserved });
const held = (id: string, more: Partial<Reservation> = {}): Reservation => ({
  id, ticket_id: 't', ticket_number: 1042, engineer_id: 'e', engineer_code: 'E-01', engineer_name: 'Maria', planned_at: null, due_at: 99 * HOUR, part_id: 'a', part_number: 'A', part_name: 'Part a', location_id: 'east',
  location_code: 'EAST', location_kind: 'depot', quantity: 2, status: 'held', expires_at: null, serials: [], on_order: 0, ...more,
});

async function load(more: { reservations?: Reservation[]; balances?: StockBalance[]; parts?: Part[]; places?: StockLocation[] } = {}): Promise<void> {
  const answers: Answers = {
    'GET /api/v1/reservations': page(more.reservations ?? []),
    'GET /api/v1/stock': page(more.balances ?? []),
    'GET /api/v1/parts': page(more.parts ?? [part('a'), part('oil', { name: 'Oil', unit: 'l', decimals: 1 })]),
    'GET /api/v1/stock-locations': page(more.places ?? [place('west', 'depot'), place('east', 'depot'), place('v1', 'van'), place('sup', 'supplier')]),
  };
  serve(answers);
  await stock.reload();
}
const board = () => draw(PickBoard, {});
beforeEach(() => clock.set(10 * HOUR, 0));
afterEach(() => locale.set('en'));

describe('the pick board', () => {
  it('says that it could not be read, and offers to try again', async () => {
    serve({ 'GET /api/v1/parts': new Refused(503, {}) });
    await stock.reload();
    expect(board().text).toBe('This could not be loaded. Try again');
  });

  it('says that there is nothing to do', async () => {
    await load();
    expect(board().text).toContain('Nothing to pick');
  });

  it('says of each line how many of what, where and for which ticket', async () => {
    await load({ reservations: [held('r1')] });
    expect(board().text).toMatch(/E-01 .*Pick 1 2 pcs Part a A · EAST · #1042 Release/);
    expect(board().html).toContain('aria-label="Release Part a"');
  });

  it('counts what is not counted in pieces in its own unit', async () => {
    await load({ reservations: [held('r1', { part_id: 'oil', quantity: 15 })] });
    expect(board().text).toMatch(/1\.5 L Oil/);
  });

  it('has a card for each van, the first to leave on top, and says when', async () => {
    const other = held('r2', { ticket_id: 't2', engineer_id: 'e2', engineer_code: 'E-02', planned_at: 11 * HOUR });
    await load({ reservations: [held('r1', { planned_at: 14 * HOUR }), other] });
    expect(board().text).toMatch(/E-02 .*first visit in 1h.*E-01 .*first visit in 4h/);
  });

  it('says that somebody should be there by now', async () => {
    await load({ reservations: [held('r1', { planned_at: 9 * HOUR })] });
    expect(board().text).toContain('should be there');
  });

  it('says how what is picked is handed over: by the badge', async () => {
    await load({ reservations: [held('r1', { status: 'picked' })] });
    expect(board().text).toMatch(/Picked Scan the badge of E-01 to hand over\./);
    expect(board().tags('button')).toHaveLength(0);
  });

  it('leaves van stock to its engineer, and what is handed over to the returns', async () => {
    await load({ reservations: [held('r1', { location_kind: 'van', location_id: 'v1' }), held('r2', { status: 'handed_over' })] });
    expect(board().text).toContain('Nothing to pick');
  });

  it('says for whom no engineer is named yet, and that nothing can be handed over', async () => {
    await load({ reservations: [held('r1', { engineer_id: null, engineer_code: null, status: 'picked' })] });
    expect(board().text).toMatch(/^Nobody .*nothing can be handed over/);
  });

  it('opens a short list of what tickets wait for, and keeps a long one closed', async () => {
    const wanted = (count: number) => Array.from({ length: count }, (_, i) => held(`w${i}`, { status: 'wanted' }));
    await load({ reservations: wanted(2) });
    expect(board().tags('details')[0]).toContain('open');
    await load({ reservations: wanted(9) });
    expect(board().tags('details')[0]).not.toContain('open');
    expect(board().text).toContain('9');
  });

  it('says which promise will be missed, and where the part lies after all', async () => {
    const wanted = [
      held('w1', { status: 'wanted', due_at: 13 * HOUR }), held('w2', { status: 'wanted', part_id: 'oil', ticket_id: 't2', ticket_number: 1043, due_at: 12 * HOUR }),
      held('w3', { status: 'wanted', ticket_id: 't3', due_at: 8 * HOUR }),
    ];
    await load({ reservations: wanted, balances: [balance('a', 'west', 3)] });
    expect(board().text).toMatch(/missed for 2h.* 3 free at WEST .*will miss its promise in 2h.* free nowhere .*promised in 3h/);
  });

  it('has a part’s Chinese name in Chinese', async () => {
    await load({ reservations: [held('r1')], parts: [part('a', { name_zh: '门滑轮' })] });
    locale.set('zh-CN');
    expect(board().text).toMatch(/拣货 1 .*门滑轮/);
    expect(board().text).not.toContain('Part a');
  });
});

describe('picking for a van', () => {
  const at = async (lines: Reservation[], ...codes: string[]) => {
    await load({ reservations: lines, parts: [part('a'), part('oil', { unit: 'l', decimals: 1 }), part('enc', { tracking: 'serial' })] });
    walk.begin('e');
    const known = { parts: stock.parts.values(), places: stock.locations.values(), people: stock.people };
    for (const code of codes) await walk.hear(resolve(code, { ...known, parts: [...stock.parts.values()], places: [...stock.locations.values()] }));
    return draw(PickWalk, {}).text;
  };
  afterEach(() => walk.end());

  it('says where to go and what to scan', async () => {
    expect(await at([held('r1'), held('r2', { location_id: 'west', location_code: 'WEST' })])).toMatch(/E-01 .*2 left Place Part Count EAST Place east A Part a 0 \/ 2 pcs · #1042 None there: skip 2 × Part a A · WEST/);
    expect(walk.wish()).toBe('Next: go to EAST and scan the place.');
  });

  it('counts with big buttons once the part was scanned, and takes fewer', async () => {
    expect(await at([held('r1', { quantity: 5 })], 'EAST', 'A', 'A')).toMatch(/2 \/ 5 pcs .*− 2 \+ Only 2 of 5 here/);
  });

  it('takes an amount of what is poured', async () => {
    expect(await at([held('r1', { part_id: 'oil', part_number: 'OIL', quantity: 25 })], 'EAST', 'OIL')).toMatch(/2\.5 \/ 2\.5 L .*That much Take 2\.5/);
  });

  it('shows the pieces that were scanned', async () => {
    expect(await at([held('r1', { part_id: 'enc', part_number: 'ENC' })], 'EAST', 'ENC', 'SN-4711')).toMatch(/1 \/ 2 pcs .*SN-4711/);
    expect(walk.wish()).toContain('serial number of Part enc, 2 of 2');
  });

  it('says that all is done, or that not all was found, in either language', async () => {
    expect(await at([held('r1', { status: 'picked' })])).toMatch(/All of it is picked\. Scan the badge of E-01/);
    await at([held('r1')], 'EAST');
    await walk.finish();
    locale.set('zh-CN');
    expect(draw(PickWalk, {}).text).toMatch(/有 1 行没有找齐.*再找一遍.*未找齐/);
    walk.again();
    expect(draw(PickWalk, {}).text).toContain('这里没有，跳过');
  });
});

describe('the stock', () => {
  const list = () => draw(StockList, { onbook: () => undefined });

  it('stands by depots, then vans, and there by number', async () => {
    await load({ balances: [balance('a', 'v1', 1), balance('oil', 'east', 25), balance('a', 'east', 7, 2)] });
    expect(list().text).toMatch(/EAST Part a .* 7 2 5 .*EAST Oil .* 2\.5 0 2\.5 .*V1 Part a .* 1 0 1/);
  });

  it('marks what nothing is free of', async () => {
    await load({ balances: [balance('a', 'east', 2, 2), balance('a', 'west', 5)] });
    expect(list().html.match(/class="avail[^"]*"/g)?.map((found) => found.includes('late'))).toEqual([true, false]);
  });

  it('offers to book each line, by name for who cannot see it', async () => {
    await load({ balances: [balance('a', 'east', 2)] });
    expect(list().html).toContain('aria-label="Book Part a, EAST"');
  });

  it('shows two hundred lines and says how many there are', async () => {
    const parts = Array.from({ length: 230 }, (_, i) => part(`p${i}`));
    await load({ parts, balances: parts.map((one) => balance(one.id, 'east', 1)) });
    expect(list().tags('tr')).toHaveLength(201);
    expect(list().text).toContain('The first 200 of 230');
  });

  it('says that there is none', async () => {
    await load();
    expect(list().text).toContain('Nothing found.');
  });
});

describe('the returns', () => {
  it('say that nothing is out', async () => {
    await load({ reservations: [held('r1')] });
    expect(draw(Returns, {}).text).toContain('Nothing is out with engineers');
  });

  it('have what was handed over, with who has it and for which ticket', async () => {
    await load({ reservations: [held('r1', { status: 'handed_over', quantity: 3 }), held('r2')] });
    const drawn = draw(Returns, {});
    expect(drawn.tags('li')).toHaveLength(1);
    expect(drawn.text).toMatch(/3 pcs Part a A · EAST E-01 #1042 Take back/);
  });
});

describe('a choice of places', () => {
  const tie = { id: 'x', 'aria-invalid': false, 'aria-describedby': undefined };

  it('has depots, then vans, by code, and no outside place', async () => {
    await load();
    expect(draw(PlaceSelect, { value: '', tie }).text).toBe('Choose… EAST · Place east WEST · Place west V1 · Place v1');
  });

  it('leaves out what is closed', async () => {
    await load({ places: [place('east', 'depot', { active: false }), place('west', 'depot')] });
    expect(draw(PlaceSelect, { value: '', tie }).text).not.toContain('EAST');
  });
});

describe('the form of a movement', () => {
  const form = (kind: 'receive' | 'transfer' | 'adjust', more: object = {}) => draw(MovementForm, { draft: { ...emptyDraft(kind), ...more } });

  it('asks for two places only where something goes from one to another', async () => {
    await load();
    expect([form('receive').tags('select').length, form('transfer').tags('select').length, form('adjust').tags('select').length]).toEqual([1, 2, 1]);
  });

  it('says what the books say of a count, and what is free for a transfer', async () => {
    await load({ balances: [balance('a', 'east', 7, 2)] });
    expect(form('adjust', { part: part('a'), to: 'east' }).text).toContain('The books say 7.');
    expect(form('transfer', { part: part('a'), from: 'east' }).text).toContain('5 free there');
    expect(form('transfer', { part: part('a'), from: 'west' }).text).toContain('0 free there');
  });

  it('asks for serial numbers, lots and what it cost only where they are kept', async () => {
    await load();
    expect(form('receive', { part: part('a', { tracking: 'serial' }) }).text).toMatch(/Serial numbers .*Cost of a unit, USD/);
    expect(form('receive', { part: part('a', { tracking: 'lot' }) }).text).toMatch(/ Lot /);
    expect(form('transfer', { part: part('a') }).text).not.toMatch(/Serial numbers|Lot|Cost/);
  });

  it('says nothing of faults before somebody has sent it', async () => {
    await load();
    expect(form('transfer').html).not.toContain('class="fault"');
  });
});
