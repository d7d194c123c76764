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
import PlaceSelect from './PlaceSelect.svelte';
import Returns from './Returns.svelte';
import { stock } from './stock.svelte';
import StockList from './StockList.svelte';

const HOUR = 3_600_000;
const part = (id: string, more: Partial<Part> = {}): Part =>
  ({ id, number: id.toUpperCase(), name: `Part ${id}`, name_zh: '', unit: 'pcs', decimals: 0, unit_price_micros: 0, currency: 'USD', active: true, created_at: 0, tracking: 'none', returnable: false, warranty_days: 0, ...more });
const place = (id: string, kind: StockLocation['kind'], more: Partial<StockLocation> = {}): StockLocation =>
  ({ id, kind, code: id.toUpperCase(), name: `Place ${id}`, active: true, created_at: 0, engineer_id: null, latitude: null, longitude: null, ...more });
const balance = (part_id: string, location_id: string, on_hand: number, reserved = 0): StockBalance =>
  ({ id: `${part_id}${location_id}`, part_id, location_id, on_hand, reserved, available: on_hand - reserved });
const held = (id: string, more: Partial<Reservation> = {}): Reservation => ({
  id, ticket_id: 't', ticket_number: 1042, engineer_id: 'e', engineer_code: 'E-01', part_id: 'a', part_number: 'A', part_name: 'Part a', location_id: 'east',
  location_code: 'EAST', location_kind: 'depot', quantity: 2, status: 'held', expires_at: null, ...more,
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

  it('says of each line how many of what, for whom and for which ticket', async () => {
    await load({ reservations: [held('r1', { expires_at: 12 * HOUR })] });
    expect(board().text).toMatch(/Place east EAST 2 pcs Part a A E-01 #1042 Held .*2h.* Release Pick/);
  });

  it('counts what is not counted in pieces in its own unit', async () => {
    await load({ reservations: [held('r1', { part_id: 'oil', quantity: 15 })] });
    expect(board().text).toMatch(/1\.5 L Oil/);
  });

  it('offers the one next step: pick what is held, hand over what is picked', async () => {
    await load({ reservations: [held('r1'), held('r2', { status: 'picked' })] });
    const drawn = board();
    expect(drawn.text).toMatch(/Picked Release Hand over .*Held Release Pick/);
    expect(drawn.html).toContain('aria-label="Release Part a"');
  });

  it('says that a promise is too old', async () => {
    await load({ reservations: [held('r1', { expires_at: 9 * HOUR })] });
    expect(board().text.toLowerCase()).toContain('expired');
  });

  it('leaves van stock to its engineer, and what is handed over to the returns', async () => {
    await load({ reservations: [held('r1', { location_kind: 'van', location_id: 'v1' }), held('r2', { status: 'handed_over' })] });
    expect(board().text).toContain('Nothing to pick');
  });

  it('offers to look at one place when there are several, and not when there is one', async () => {
    await load({ reservations: [held('r1'), held('r2', { location_id: 'west', location_code: 'WEST' })] });
    expect(board().text).toMatch(/^All places EAST 1 WEST 1/);
    await load({ reservations: [held('r1')] });
    expect(board().text).not.toContain('All places');
  });

  it('says for whom no engineer is named yet', async () => {
    await load({ reservations: [held('r1', { engineer_id: null, engineer_code: null })] });
    expect(board().text).toContain('Nobody #1042');
  });

  it('opens a short list of what tickets wait for, and keeps a long one closed', async () => {
    const wanted = (count: number) => Array.from({ length: count }, (_, i) => held(`w${i}`, { status: 'wanted' }));
    await load({ reservations: wanted(2) });
    expect(board().tags('details')[0]).toContain('open');
    await load({ reservations: wanted(9) });
    expect(board().tags('details')[0]).not.toContain('open');
    expect(board().text).toContain('9');
  });

  it('has a part’s Chinese name in Chinese', async () => {
    await load({ reservations: [held('r1')], parts: [part('a', { name_zh: '门滑轮' })] });
    locale.set('zh-CN');
    expect(board().text).toContain('门滑轮');
    expect(board().text).not.toContain('Part a');
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

  it('says nothing of faults before somebody has sent it', async () => {
    await load();
    expect(form('transfer').html).not.toContain('class="fault"');
  });
});
