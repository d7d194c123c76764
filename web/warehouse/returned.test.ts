import { describe, expect, it } from 'vitest';
import type { Part, Reservation, StockLocation } from '$shared/api/types';
import { beginBack, faultsOfBack, scanBack, toReturn, type Back } from './returned';
import type { Scan } from './scan/lookup';

const part = (id: string, more: Partial<Part> = {}) => ({ id, number: id, decimals: 0, tracking: 'none', ...more }) as Part;
const parts = new Map([part('BELT'), part('ENC', { tracking: 'serial' }), part('GREASE', { tracking: 'lot' }), part('OIL', { decimals: 1 })].map((one) => [one.id, one]));
const out = (id: string, part_id: string, quantity: number) => ({ id, part_id, quantity, status: 'handed_over' }) as Reservation;
const lines = [out('1', 'BELT', 3), out('2', 'ENC', 2), out('3', 'GREASE', 4), out('4', 'OIL', 25), out('5', 'OIL', 10)];
const of = (id: string, more: { serial?: string; lot?: string; count?: number } = {}): Scan => ({ kind: 'part', part: parts.get(id) ?? part(id), serial: more.serial ?? null, lot: more.lot ?? null, expires: null, count: more.count ?? null, shown: id });
const at = (id: string, kind = 'depot'): Scan => ({ kind: 'place', place: { id, code: id, kind } as StockLocation, shown: id });
const text = (shown: string, doubtful = false): Scan => ({ kind: 'text', shown, doubtful });
const all = (...scans: Scan[]) => scans.reduce((step, scan) => scanBack(step.back, scan, lines, parts), { back: null, wrong: null } as ReturnType<typeof scanBack>);
const sent = (back: Back | null) => (back ? toReturn(back, parts.get(back.line.part_id)) : null);
const begun = (index: number, more: Partial<Back> = {}): Back => {
  const line = lines[index] as Reservation;
  return { ...beginBack(line, parts.get(line.part_id)), ...more };
};

describe('what comes back', () => {
  it('is all of it unless somebody says less', () => {
    expect(sent(begun(0, { to: 'EAST' }))).toEqual({ quantity: 3, location_id: 'EAST' });
    expect(sent(begun(3, { to: 'EAST' }))).toEqual({ quantity: 25, location_id: 'EAST' });
    expect(sent(begun(1, { to: 'EAST' }))).toEqual({ quantity: 2, location_id: 'EAST' });
  });

  it('is counted by scans from nothing, and put where a place is scanned', () => {
    expect(sent(all(of('BELT'), of('BELT'), at('WEST')).back)).toEqual({ quantity: 2, location_id: 'WEST' });
    expect(all(of('BELT', { count: 4 })).wrong).toBe('too_many');
  });

  it('says which pieces, so that one of two may come back', () => {
    expect(sent(all(of('ENC', { serial: 'S-1' }), at('EAST')).back)).toEqual({ quantity: 1, location_id: 'EAST', serials: ['S-1'] });
    expect(sent(all(of('ENC'), text('S-2'), text('S-1'), at('EAST')).back)).toEqual({ quantity: 2, location_id: 'EAST', serials: ['S-2', 'S-1'] });
  });

  it('is of the lot that a label names', () => {
    expect(sent(all(of('GREASE', { lot: 'L7' }), of('GREASE', { lot: 'l7' }), at('EAST')).back)).toEqual({ quantity: 2, location_id: 'EAST', lot: 'l7' });
    expect(all(of('GREASE', { lot: 'L7' }), of('GREASE', { lot: 'L8' })).wrong).toBe('other_lot');
    expect(all(of('GREASE'), text('L9')).back?.lot).toBe('L9');
  });

  it.each<[string, Scan[], string]>([
    ['what is not out', [of('ROPE')], 'not_out'], ['what two tickets have', [of('OIL')], 'which_ticket'], ['another part than the one in hand', [of('BELT'), of('ENC', { serial: 'S' })], 'other_part'],
    ['a piece twice', [of('ENC', { serial: 's-1' }), text('S-1')], 'serial_twice'], ['more pieces than are out', [of('ENC', { serial: 'A' }), text('B'), text('C')], 'too_many'],
    ['a van', [of('BELT'), at('V1', 'van')], 'no_stock_there'], ['half a code', [of('BELT'), text('400638133393', true)], 'half'], ['a code of nothing', [text('X-1')], 'unknown'],
  ])('is not %s', (_, scans, wrong) => expect(all(...scans).wrong).toBe(wrong));

  it.each<[string, Back, object]>([
    ['no place', begun(0), { location_id: 'required' }], ['more than is out', begun(0, { typed: '4', to: 'EAST' }), { quantity: 'quantity' }], ['nothing', begun(0, { typed: '0', to: 'EAST' }), { quantity: 'quantity' }],
    ['no number', begun(0, { typed: 'two', to: 'EAST' }), { quantity: 'quantity' }], ['too many pieces', begun(1, { serials: ['A', 'B', 'C'], to: 'EAST' }), { serials: 'too_many' }],
  ])('with %s is not sent', (_, back, faults) => {
    expect(faultsOfBack(back, parts.get(back.line.part_id))).toEqual(faults);
    expect(sent(back)).toBeNull();
  });
});
