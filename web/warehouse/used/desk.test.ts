import { describe, expect, it } from 'vitest';
import type { Part, StockLocation, UsedPart } from '$shared/api/types';
import type { Scan } from '../scan/lookup';
import { byBringer, needsNumber, newDesk, putDown, scanned, taken, type Desk } from './desk';

const part = (id: string, more: Partial<Part> = {}): Part =>
  ({ id, number: id.toUpperCase(), name: id, name_zh: '', unit: 'pcs', decimals: 0, unit_price_micros: 0, currency: 'USD', active: true, created_at: 0, tracking: 'none', returnable: true, warranty_days: 0, ...more });
const parts = new Map([part('belt'), part('enc', { tracking: 'serial' }), part('oil', { decimals: 1 }), part('lamp')].map((one) => [one.id, one]));
const row = (id: string, part_id: string, more: Partial<UsedPart> = {}): UsedPart => ({
  id, part_id, ticket_id: 't', ticket_number: 1042, engineer_id: 'e', engineer_code: 'E-01', engineer_name: 'Maria', asset_id: null, quantity: 1, serial: '', status: 'expected', grade: 'none', location_id: null, note: '', created_at: 1, updated_at: 1, ...more,
});
const ofPart = (id: string, serial: string | null = null, count: number | null = null): Scan => ({ kind: 'part', part: parts.get(id) as Part, serial, lot: null, expires: null, count, shown: id });
const ofPlace = (id: string, kind: StockLocation['kind'] = 'depot'): Scan => ({ kind: 'place', place: { id, code: id, kind } as StockLocation, shown: id });
const badge = (id: string): Scan => ({ kind: 'person', person: { id, code: id, name: id }, shown: id });
const text = (shown: string, doubtful = false): Scan => ({ kind: 'text', shown, doubtful });
const ready = newDesk('east');
const held = (id: string, more: object = {}): Desk => ({ ...ready, hand: { id, quantity: 1, serial: '', grade: null, ...more } });

describe('the counter for old parts', () => {
  it('wants to know first where they are put', () => {
    expect(scanned(newDesk(), ofPart('belt'), [row('r', 'belt')], parts).wrong).toBe('place_first');
    expect(scanned(newDesk(), ofPlace('east'), [], parts).desk.place).toBe('east');
    expect(scanned(newDesk(), ofPlace('van', 'van'), [], parts).wrong).toBe('no_shelf');
    expect(taken(newDesk(), row('r', 'belt'), parts).wrong).toBe('place_first');
    expect(taken(newDesk(), row('r', 'belt', { status: 'received' }), parts).wrong).toBeNull();
  });

  it('takes the oldest of a kind into the hand, and tells nobody yet', () => {
    const came = scanned(ready, ofPart('belt'), [row('new', 'belt', { created_at: 9 }), row('old', 'belt')], parts);
    expect(came).toEqual({ desk: held('old'), wrong: null, send: null });
  });

  it('is done with what was in hand when the next comes', () => {
    const came = scanned(held('r', { grade: 'repair' }), ofPart('lamp'), [row('r', 'belt'), row('l', 'lamp')], parts);
    expect([came.desk.hand?.id, came.send]).toEqual(['l', { id: 'r', quantity: 1, serial: '', grade: 'repair' }]);
    expect(scanned(held('r'), badge('e2'), [row('r', 'belt')], parts)).toMatchObject({ send: { id: 'r' }, desk: { hand: null, person: { id: 'e2' } } });
    expect(scanned(held('r'), ofPlace('west'), [row('r', 'belt')], parts)).toMatchObject({ send: { id: 'r' }, desk: { place: 'west' } });
  });

  it('counts the same part up to what is expected, then begins the next row', () => {
    const rows = [row('r', 'belt', { quantity: 3 }), row('s', 'belt', { created_at: 5 })];
    const two = scanned(held('r'), ofPart('belt'), rows, parts);
    expect([two.desk.hand?.quantity, two.send]).toEqual([2, null]);
    expect(scanned(held('r', { quantity: 3 }), ofPart('belt'), rows, parts)).toMatchObject({ send: { id: 'r', quantity: 3 }, desk: { hand: { id: 's', quantity: 1 } } });
    expect(scanned(ready, ofPart('belt', null, 2), rows, parts).desk.hand?.quantity).toBe(2);
  });

  it('takes all at once of what is poured, or chosen by hand', () => {
    expect(scanned(ready, ofPart('oil'), [row('r', 'oil', { quantity: 25 })], parts).desk.hand?.quantity).toBe(25);
    expect(taken(ready, row('r', 'belt', { quantity: 3 }), parts).desk.hand?.quantity).toBe(3);
  });

  it('finds a piece by its number, also where the label has nothing else', () => {
    const rows = [row('a', 'enc', { serial: 'S-1' }), row('b', 'enc', { serial: 'S-2', created_at: 5 })];
    expect(scanned(ready, ofPart('enc', 's-2'), rows, parts).desk.hand).toMatchObject({ id: 'b', serial: 's-2' });
    expect(scanned(ready, text('S-2'), rows, parts).desk.hand).toMatchObject({ id: 'b', serial: 'S-2' });
    expect(scanned(held('b', { serial: 'S-2' }), ofPart('enc', 'S-2'), rows, parts).wrong).toBe('serial_twice');
  });

  it('takes a piece with another number than was said, one without any first', () => {
    const rows = [row('a', 'enc', { serial: 'S-1' }), row('b', 'enc', { created_at: 5 })];
    expect(scanned(ready, ofPart('enc', 'S-9'), rows, parts).desk.hand).toMatchObject({ id: 'b', serial: 'S-9' });
    expect(scanned(ready, ofPart('enc', 'S-9'), rows.slice(0, 1), parts).desk.hand).toMatchObject({ id: 'a', serial: 'S-9' });
  });

  it('asks for the number of a piece that has none yet', () => {
    const rows = [row('b', 'enc')];
    expect([needsNumber(rows[0] as UsedPart, { id: 'b', quantity: 1, serial: '', grade: null }, parts), needsNumber(row('r', 'belt'), { id: 'r', quantity: 1, serial: '', grade: null }, parts)]).toEqual([true, false]);
    expect(scanned(held('b'), text('S-5'), rows, parts)).toMatchObject({ send: null, desk: { hand: { id: 'b', serial: 'S-5' } } });
  });

  it('takes from the one whose badge was scanned, his own before anybody’s', () => {
    const rows = [row('his', 'belt', { engineer_id: 'e2', created_at: 9 }), row('hers', 'belt')];
    const desk = { ...ready, person: { id: 'e2', code: 'E-02', name: '' } };
    expect(scanned(desk, ofPart('belt'), rows, parts).desk.hand?.id).toBe('his');
    expect(scanned(desk, ofPart('belt'), rows.slice(1), parts).wrong).toBe('other_person');
  });

  it('is loud about what nobody has to bring', () => {
    expect(scanned(ready, ofPart('lamp'), [row('r', 'belt')], parts).wrong).toBe('not_expected');
    expect(scanned(ready, text('nonsense'), [row('r', 'belt')], parts).wrong).toBe('unknown');
    expect(scanned(ready, text('4006381333932', true), [], parts).wrong).toBe('half');
    expect(scanned(held('r'), { kind: 'half', shown: 'B' }, [row('r', 'belt')], parts)).toEqual({ desk: held('r'), wrong: 'half', send: null });
  });

  it('puts down one scan at a time', () => {
    expect(putDown(held('r', { quantity: 2 }))?.hand?.quantity).toBe(1);
    expect(putDown(held('r'))?.hand).toBeNull();
    expect(putDown(held('r', { serial: 'S' }))?.hand).toBeNull();
    expect(putDown(ready)).toBeNull();
  });

  it('lists who has what, the longest overdue on top', () => {
    const rows = [row('a', 'belt', { created_at: 7 }), row('b', 'belt', { engineer_id: 'e2', engineer_code: 'E-02', created_at: 3 }), row('c', 'lamp', { created_at: 5 }), row('d', 'lamp', { engineer_id: null, engineer_code: null, created_at: 9 })];
    expect(byBringer(rows).map((one) => [one.code, one.rows.map((each) => each.id).join('')])).toEqual([['E-02', 'b'], ['E-01', 'ca'], ['', 'd']]);
  });
});
