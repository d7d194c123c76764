import { describe, expect, it } from 'vitest';
import type { Part } from '$shared/api/types';
import { balanceAt, emptyDraft, faultsOf, toMovement, type Draft } from './movement';

const part = (decimals = 0) => ({ id: 'p1', number: 'DR-BLT', name: 'Belt', decimals, unit: 'pcs' }) as Part;
const draft = (over: Partial<Draft>): Draft => ({ ...emptyDraft(), part: part(), typed: '3', to: 'D1', ...over });

describe('a movement', () => {
  it.each([
    ['received', draft({}), { kind: 'receive', part_id: 'p1', quantity: 3, to_location_id: 'D1' }],
    ['received, with a note', draft({ note: ' box damaged ' }), { kind: 'receive', part_id: 'p1', quantity: 3, to_location_id: 'D1', note: 'box damaged' }],
    ['transferred', draft({ kind: 'transfer', from: 'D2' }), { kind: 'transfer', part_id: 'p1', quantity: 3, from_location_id: 'D2', to_location_id: 'D1' }],
    ['counted', draft({ kind: 'adjust', from: 'D2' }), { kind: 'adjust', part_id: 'p1', quantity: 3, to_location_id: 'D1' }],
    ['counted as none left', draft({ kind: 'adjust', typed: '0' }), { kind: 'adjust', part_id: 'p1', quantity: 0, to_location_id: 'D1' }],
    ['in tenths of a litre', draft({ part: part(1), typed: '2,5' }), { kind: 'receive', part_id: 'p1', quantity: 25, to_location_id: 'D1' }],
  ])('%s is sent as such', (_, given, body) => {
    expect(faultsOf(given)).toEqual({});
    expect(toMovement(given)).toEqual(body);
  });

  it.each([
    ['nothing at all', emptyDraft('transfer'), { part_id: 'required', quantity: 'quantity', from_location_id: 'required', to_location_id: 'required' }],
    ['nothing received', draft({ typed: '0' }), { quantity: 'quantity' }],
    ['nothing moved', draft({ kind: 'transfer', from: 'D2', typed: '0' }), { quantity: 'quantity' }],
    ['half a piece', draft({ typed: '0.5' }), { quantity: 'quantity' }],
    ['less than nothing', draft({ typed: '-2' }), { quantity: 'quantity' }],
    ['no number', draft({ typed: 'three' }), { quantity: 'quantity' }],
    ['from a place to itself', draft({ kind: 'transfer', from: 'D1' }), { to_location_id: 'same_place' }],
    ['from nowhere', draft({ kind: 'transfer' }), { from_location_id: 'required' }],
  ])('of %s is not sent', (_, given, faults) => {
    expect(faultsOf(given)).toEqual(faults);
    expect(toMovement(given)).toBeNull();
  });
});

describe('a movement of pieces, lots and prices', () => {
  const serial = { ...part(), tracking: 'serial' } as Part;
  const lot = { ...part(), tracking: 'lot' } as Part;
  it('sends each piece, counted by its number if nobody has typed how many', () => {
    expect(toMovement(draft({ part: serial, typed: '', serials: ['A', 'B'] }))).toMatchObject({ quantity: 2, serials: ['A', 'B'] });
    expect(toMovement(draft({ kind: 'adjust', part: serial, typed: '' }))).toMatchObject({ quantity: 0, serials: [] });
  });
  it('sends the lot, and what a unit cost in millionths', () => {
    expect(toMovement(draft({ part: { ...lot, currency: 'EUR' }, lot: ' L7 ', cost: '12,5' }))).toMatchObject({ lot: 'L7', cost: { unit_micros: 12_500_000, currency: 'EUR' } });
    expect(toMovement(draft({ kind: 'transfer', from: 'D2', cost: '3' }))).not.toHaveProperty('cost');
  });
  it('sends the last day of a lot with goods in, and with nothing else', () => {
    const dated = { part: lot, lot: 'L7', expires: '2027-05-31' };
    expect(toMovement(draft(dated))).toMatchObject({ lot: 'L7', expires_on: '2027-05-31' });
    expect(toMovement(draft({ ...dated, expires: '' }))).not.toHaveProperty('expires_on');
    expect(toMovement(draft({ ...dated, kind: 'transfer', from: 'D2' }))).toMatchObject({ lot: 'L7' });
    expect(toMovement(draft({ ...dated, kind: 'transfer', from: 'D2' }))).not.toHaveProperty('expires_on');
    expect(toMovement(draft({ ...dated, part: part() }))).not.toHaveProperty('expires_on');
  });
  it('may count one lot by itself', () => expect(toMovement(draft({ kind: 'adjust', part: lot, lot: 'L7' }))).toMatchObject({ kind: 'adjust', lot: 'L7' }));
  it.each([['fewer pieces than typed', draft({ part: serial, serials: ['A'] }), { serials: 'serials' }], ['a lot that is not named', draft({ part: lot }), { lot: 'required' }], ['a price that is none', draft({ cost: 'dear' }), { cost: 'cost' }]])('has a fault: %s', (_, given, fault) => expect(faultsOf(given)).toEqual(fault));
});

describe('the books', () => {
  const balances = [{ id: 'b', part_id: 'p1', location_id: 'D1', on_hand: 5, reserved: 2, available: 3 }];
  it('say what is there, and nothing where nothing ever was', () => {
    expect(balanceAt(balances, 'p1', 'D1')).toMatchObject({ on_hand: 5, available: 3 });
    expect(balanceAt(balances, 'p1', 'D2')).toEqual({ on_hand: 0, available: 0 });
  });

  it('are not asked before both part and place are chosen', () => {
    expect([balanceAt(balances, undefined, 'D1'), balanceAt(balances, 'p1', '')]).toEqual([null, null]);
  });
});
