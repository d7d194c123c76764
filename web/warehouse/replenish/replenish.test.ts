import { describe, expect, it } from 'vitest';
import type { Part, Proposal, PurchaseLine, Replenishment, StockLevel, StockLocation, TopUp } from '$shared/api/types';
import '../../test/globals';
import { differs, draftOf, emptyLevel, faultsOf, rowsOf, suggested, toLevel, withSuggestion, type LevelDraft } from './levels';
import { narrowBy } from './narrow';
import { amountOf, byButton, byPlace, bySupplier, byVan, everything, fullness, movesOf, narrowed, totals } from './propose';

const part = (more: Partial<Part> = {}): Part =>
  ({ id: 'a', number: 'A-1', name: 'Roller', name_zh: '', unit: 'pcs', decimals: 0, unit_price_micros: 0, currency: 'USD', active: true, created_at: 0, tracking: 'none', returnable: false, warranty_days: 0, ...more });
const proposal = (part_id: string, code: string, more: Partial<Proposal> = {}): Proposal =>
  ({ part_id, part_number: part_id, part_name: part_id, location_id: code, location_code: code, location_kind: 'depot', free: 1, minimum: 4, maximum: 10, lead_days: 7, transfers: [], order: 9, on_order: 0, ...more });
const line = (supplier: string, total_micros: number | null, currency = 'USD') => ({ supplier_id: supplier || null, supplier_name: supplier, total_micros, currency }) as PurchaseLine;
const source = (place: string, quantity: number) => ({ from_location_id: place, from_location_code: place, quantity });

describe('what is proposed', () => {
  it('stands by place: depots before vans, and what can be done at once on top', () => {
    const rows = [proposal('b', 'V-1', { location_kind: 'van' }), proposal('b', 'D-2'), proposal('a', 'D-2'), proposal('c', 'D-2', { transfers: [source('D-1', 2)] }), proposal('a', 'D-1')];
    expect(byPlace(rows).map((group) => [group.code, group.rows.map((row) => row.part_id).join('')])).toEqual([['D-1', 'a'], ['D-2', 'cab'], ['V-1', 'b']]);
  });

  it('is one movement for each place that gives something', () => {
    const row = proposal('a', 'V-1', { transfers: [source('D-1', 2), source('V-2', 1)] });
    expect(movesOf(row)).toEqual([{ from: 'D-1', to: 'V-1', quantity: 2 }, { from: 'V-2', to: 'V-1', quantity: 1 }]);
    expect(amountOf(row)).toBe(3);
  });

  it('is done by a button only where pieces need not be named', () => {
    expect([byButton(part()), byButton(part({ tracking: 'lot' })), byButton(part({ tracking: 'serial' })), byButton(undefined)]).toEqual([true, true, false, false]);
  });

  it.each([[5, 10, 50], [-3, 10, 0], [12, 10, 100], [4, 0, 0]])('%i free of %i fills the bar to %i %%', (free, maximum, percent) => {
    expect(fullness(free, maximum)).toBe(percent);
  });

  it('is bought from each supplier at once, and added up by currency', () => {
    const rows = [line('Lift Co', 2_000_000), line('Lift Co', 3_000_000), line('Lift Co', null), line('Tor AG', 1_000_000, 'EUR'), line('', null, '')];
    expect(bySupplier(rows).map((group) => [group.code, group.rows.length])).toEqual([['Lift Co', 3], ['Tor AG', 1], ['', 1]]);
    expect(totals(rows)).toEqual([{ currency: 'EUR', micros: 1_000_000 }, { currency: 'USD', micros: 5_000_000 }]);
  });

  it('is loaded van by van', () => {
    const rows = [{ location_id: 'v2', location_code: 'V-2' }, { location_id: 'v1', location_code: 'V-1' }, { location_id: 'v2', location_code: 'V-2' }] as TopUp[];
    expect(byVan(rows).map((group) => [group.code, group.rows.length])).toEqual([['V-1', 1], ['V-2', 2]]);
  });
});

describe('a scan in a list', () => {
  const place = { id: 'east', code: 'D-EAST', kind: 'depot' } as StockLocation;
  const van = { id: 'v1', code: 'V-1', kind: 'van', engineer_id: 'e' } as StockLocation;
  const rows = [{ location_id: 'east', part_id: 'a' }, { location_id: 'v1', part_id: 'a' }, { location_id: 'v1', part_id: 'b' }];

  it('narrows it down to the place, the van of a badge, and the part', () => {
    const first = narrowBy({ kind: 'place', place, shown: 'D-EAST' }, everything, [place, van]);
    expect([first.said.tone, narrowed(rows, first.narrow).length]).toEqual(['good', 1]);
    const badge = narrowBy({ kind: 'person', person: { id: 'e', code: 'E-01', name: 'Maria' }, shown: 'E-01' }, everything, [place, van]);
    expect(narrowed(rows, badge.narrow)).toHaveLength(2);
    const both = narrowBy({ kind: 'part', part: part(), serial: null, lot: null, expires: null, count: null, shown: 'A-1' }, badge.narrow, [place, van]);
    expect(narrowed(rows, both.narrow)).toEqual([{ location_id: 'v1', part_id: 'a' }]);
    expect(narrowed(rows, everything)).toHaveLength(3);
  });

  it('is loud where it is nothing that a list has', () => {
    const said = (scan: Parameters<typeof narrowBy>[0]) => narrowBy(scan, everything, [place]).said.tone;
    expect(said({ kind: 'text', shown: 'XYZ', doubtful: false })).toBe('wrong');
    expect(said({ kind: 'half', shown: 'X' })).toBe('half');
    expect(said({ kind: 'person', person: { id: 'e', code: 'E-01', name: '' }, shown: 'E-01' })).toBe('wrong');
  });
});

const level = (more: Partial<StockLevel> = {}): StockLevel => ({ id: 'l', part_id: 'a', location_id: 'east', minimum: 4, maximum: 10, lead_days: 7, ...more });
const plan = (reorder_point: number, quantity: number, more: Partial<Replenishment> = {}) =>
  ({ part_id: 'a', location_id: 'east', lead_days: 5, plan: { reorder_point, quantity, safety_stock: 1, service_level: 0.95, z: 1.6 }, demand: { days: 90, used: 45, mean_per_day: 0.5, deviation_per_day: 1 }, ...more }) as Replenishment;

describe('levels', () => {
  it('are listed once, with what consumption says of the same shelf', () => {
    const rows = rowsOf([level(), level({ id: 'm', location_id: 'west' })], [plan(8, 15), plan(1, 2, { part_id: 'b' })]);
    expect(rows.map((row) => [row.part_id, row.location_id, row.level?.id ?? null, row.plan?.plan.reorder_point ?? null])).toEqual([['a', 'east', 'l', 8], ['a', 'west', 'm', null], ['b', 'east', null, 1]]);
  });

  it('are suggested so that something is done once the reorder point is reached', () => {
    // Something is done with less than the minimum free: with 8 free that is so.
    expect(suggested({ plan: plan(8, 15) })).toEqual({ minimum: 9, maximum: 23 });
    expect(suggested({ plan: plan(3, 0) })).toBeNull();
    expect(suggested({ plan: null })).toBeNull();
  });

  it('say whether the suggestion is another', () => {
    const row = (minimum: number, maximum: number) => ({ part_id: 'a', location_id: 'east', level: level({ minimum, maximum }), plan: plan(8, 15) });
    expect([differs(row(9, 23)), differs(row(9, 22)), differs({ ...row(0, 0), level: null }), differs({ ...row(0, 0), plan: null })]).toEqual([false, true, true, false]);
  });

  it('are typed in the part’s own unit and sent as integers', () => {
    const oil = part({ decimals: 1, unit: 'l' });
    const draft = draftOf({ part_id: 'a', location_id: 'east', level: level({ minimum: 25, maximum: 100 }), plan: null }, oil);
    expect([draft.minimum, draft.maximum, draft.lead]).toEqual(['2.5', '10', '7']);
    expect(toLevel({ ...draft, minimum: '3,5' })).toEqual({ part_id: 'a', location_id: 'east', minimum: 35, maximum: 100, lead_days: 7 });
    expect(withSuggestion(draft, { plan: plan(80, 150) })).toMatchObject({ minimum: '8.1', maximum: '23' });
    expect(withSuggestion(draft, { plan: null })).toBe(draft);
    expect(draftOf({ part_id: 'a', location_id: 'east', level: null, plan: plan(8, 15) }, oil)).toMatchObject({ minimum: '', maximum: '', lead: '5' });
  });

  it.each<[Partial<LevelDraft>, object]>([
    [{ part: null }, { part_id: 'required' }], [{ place: '' }, { location_id: 'required' }], [{ minimum: '-1' }, { minimum: 'quantity' }], [{ minimum: '' }, { minimum: 'quantity' }],
    [{ maximum: 'x' }, { maximum: 'quantity' }], [{ maximum: '3' }, { maximum: 'below_minimum' }], [{ lead: '3651' }, { lead_days: 'days' }], [{ lead: '1.5' }, { lead_days: 'days' }], [{}, {}],
  ])('with %o are refused by field: %o', (wrong, faults) => {
    const draft = { part: part(), place: 'east', minimum: '4', maximum: '10', lead: '7', ...wrong };
    expect(faultsOf(draft)).toEqual(faults);
    expect(toLevel(draft) === null).toBe(Object.keys(faults).length > 0);
  });

  it('begin with nothing typed but no days', () => {
    expect(faultsOf(emptyLevel())).toEqual({ part_id: 'required', location_id: 'required', minimum: 'quantity', maximum: 'quantity' });
  });
});
