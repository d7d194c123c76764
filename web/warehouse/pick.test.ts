import { describe, expect, it } from 'vitest';
import type { Part, Reservation, StockLocation } from '$shared/api/types';
import { counted, currentOf, expectedOf, finished, newWalk, scanned, stepBack, type Step, type Walk } from './pick';
import type { Scan } from './scan/lookup';

const part = (id: string, more: Partial<Part> = {}) => ({ id, number: id, name: id, decimals: 0, tracking: 'none', ...more }) as Part;
const parts = new Map([part('ROLLER'), part('BELT'), part('ENC', { tracking: 'serial' }), part('OIL', { decimals: 1 }), part('GREASE', { tracking: 'lot' })].map((one) => [one.id, one]));
const line = (id: string, part_id: string, location_id: string, quantity: number) => ({ id, part_id, location_id, quantity, status: 'held' }) as Reservation;
const held = [line('1', 'ROLLER', 'EAST', 2), line('2', 'ENC', 'EAST', 2), line('3', 'OIL', 'EAST', 25), line('4', 'BELT', 'WEST', 1), line('5', 'GREASE', 'SOUTH', 3)];

const NOW = Date.UTC(2027, 4, 31, 23, 59);
const at = (id: string): Scan => ({ kind: 'place', place: { id, code: id } as StockLocation, shown: id });
const of = (id: string, more: { serial?: string; count?: number; lot?: string; expires?: string } = {}): Scan => ({ kind: 'part', part: parts.get(id) ?? part(id), serial: more.serial ?? null, lot: more.lot ?? null, expires: more.expires ?? null, count: more.count ?? null, shown: id });
const text = (shown: string, doubtful = false): Scan => ({ kind: 'text', shown, doubtful });
const badge: Scan = { kind: 'person', person: { id: 'e', code: 'E-01', name: '' }, shown: 'E-01' };
const go = (...scans: Scan[]): Step => scans.reduce<Step>((step, scan) => scanned(step.walk, scan, held, parts, NOW), { walk: newWalk(), wrong: null, take: null, missing: null });
const expected = (walk: Walk) => [currentOf(walk, held)?.id, expectedOf(walk, held, parts)];

describe('picking', () => {
  it('is place, part, count: the last piece takes the line', () => {
    expect(expected(newWalk())).toEqual(['1', 'place']);
    expect(expected(go(at('EAST')).walk)).toEqual(['1', 'part']);
    const one = go(at('EAST'), of('ROLLER'));
    expect([one.take, ...expected(one.walk)]).toEqual([null, '1', 'more']);
    const two = go(at('EAST'), of('ROLLER'), of('ROLLER'));
    expect(two.take).toMatchObject({ line: { id: '1' }, quantity: 2, serials: [] });
    expect([two.walk.count, two.walk.line, two.walk.left]).toEqual([0, null, []]);
  });

  it('takes what a box says is in it', () => {
    expect(go(at('EAST'), of('ROLLER', { count: 2 })).take?.quantity).toBe(2);
    expect(go(at('EAST'), of('ROLLER', { count: 3 })).wrong).toBe('too_many');
  });

  it('goes to whatever of its list somebody stands before', () => {
    expect(expected(go(at('WEST')).walk)).toEqual(['4', 'part']);
    expect(expected(go(at('EAST'), of('OIL')).walk)).toEqual(['3', 'more']);
  });

  it.each<[string, Scan[], string]>([
    ['a part before its place', [of('ROLLER')], 'place_first'], ['a place where nothing is wanted', [at('NORTH')], 'wrong_place'], ['another part', [at('EAST'), of('GLOVES')], 'wrong_part'],
    ['a part of another place', [at('EAST'), of('BELT')], 'wrong_part'], ['the next part in the middle of one', [at('EAST'), of('ROLLER'), of('ENC')], 'finish_first'],
    ['another place in the middle of one', [at('EAST'), of('ROLLER'), at('WEST')], 'finish_first'], ['half a code', [{ kind: 'half', shown: 'DR-' }], 'half'],
    ['a code that nobody knows', [at('EAST'), text('XX')], 'unknown'], ['an EAN with a wrong digit', [at('EAST'), text('4006381333932', true)], 'half'], ['a badge', [badge], 'not_now'],
  ])('refuses %s, and changes nothing', (_, scans, wrong) => {
    const before = go(...scans.slice(0, -1));
    const step = go(...scans);
    expect([step.wrong, step.take]).toEqual([wrong, null]);
    expect(step.walk).toEqual(before.walk);
  });

  it('does not mind the same place again', () => {
    const step = go(at('EAST'), of('ROLLER'), at('EAST'));
    expect([step.wrong, step.walk.count]).toEqual([null, 1]);
  });

  it('has nothing to expect when all is done', () => expect(expectedOf(newWalk(), [], parts)).toBe('nothing'));
});

describe('a part with serial numbers', () => {
  it('asks for each piece', () => {
    const armed = go(at('EAST'), of('ENC'));
    expect(expected(armed.walk)).toEqual(['2', 'serial']);
    expect(go(at('EAST'), of('ENC'), text('SN1'), text('SN2')).take).toMatchObject({ quantity: 2, serials: ['SN1', 'SN2'] });
  });

  it('takes part and piece from one label', () => expect(go(at('EAST'), of('ENC', { serial: 'A' }), of('ENC', { serial: 'B' })).take?.serials).toEqual(['A', 'B']));

  it.each<[string, Scan, string]>([['the same piece twice', text('sn1'), 'serial_twice'], ['the part’s label instead of the piece’s', of('ENC'), 'serial_wanted']])('refuses %s', (_, scan, wrong) => {
    expect(go(at('EAST'), of('ENC'), text('SN1'), scan)).toMatchObject({ wrong, take: null, walk: { count: 1 } });
  });

  it('is not counted by hand', () => expect(counted(go(at('EAST'), of('ENC')).walk, 2, held, parts).wrong).toBe('not_now'));
});

describe('what is poured', () => {
  it('is offered whole, and taken when somebody says so', () => {
    const step = go(at('EAST'), of('OIL'));
    expect([step.walk.count, step.take]).toEqual([25, null]);
    expect(finished(counted(step.walk, 10, held, parts).walk, held).take).toMatchObject({ quantity: 10 });
  });
});

describe('less than was asked for', () => {
  it('is taken as it is; the rest is left and not asked for again', () => {
    const step = finished(go(at('EAST'), of('ROLLER')).walk, held);
    expect(step.take).toMatchObject({ line: { id: '1' }, quantity: 1 });
    expect([step.walk.left, currentOf(step.walk, held)?.id]).toEqual([['1'], '2']);
  });

  it('may be nothing at all: the line is left, nothing is taken', () => {
    const step = finished(go(at('EAST')).walk, held);
    expect([step.take, step.walk.left, step.missing?.id]).toEqual([null, ['1'], '1']);
    expect(finished(go(at('EAST'), of('ROLLER')).walk, held).missing).toBeNull();
    expect(finished(newWalk(), []).wrong).toBe('not_now');
  });

  it.each([[3, 'too_many'], [-1, 'not_now'], [2, null]])('by hand, %s of two is %s', (count, wrong) => expect(counted(go(at('EAST'), of('ROLLER')).walk, count, held, parts).wrong).toBe(wrong));
});

describe('one step back', () => {
  it('is one piece less, then the line, then nothing', () => {
    const two = go(at('EAST'), of('ENC'), text('SN1')).walk;
    const none = stepBack(two);
    expect(none).toMatchObject({ line: null, count: 0, serials: [], place: 'EAST' });
    expect(none && stepBack(none)).toBeNull();
    expect(stepBack({ ...two, count: 2, serials: ['SN1', 'SN2'] })).toMatchObject({ count: 1, serials: ['SN1'] });
    expect(stepBack({ ...newWalk(), line: '1', count: 5 })).toMatchObject({ line: '1', count: 4 });
  });
});

describe('picking of lots', () => {
  const tube = (lot: string, expires = '') => of('GREASE', { lot, ...(expires ? { expires } : {}) });

  it('takes the lot that the labels name, and leaves the rest for another', () => {
    const step = go(at('SOUTH'), tube('L7'), tube('l7'));
    expect([step.wrong, step.walk.lot, step.walk.count]).toEqual([null, 'l7', 2]);
    expect(finished(step.walk, held).take).toMatchObject({ quantity: 2, lot: 'l7' });
    expect(go(at('SOUTH'), of('GREASE'), of('GREASE'), of('GREASE')).take).toMatchObject({ quantity: 3, lot: null });
  });

  it('refuses a second lot in one pick, named or not', () => {
    expect(go(at('SOUTH'), tube('L7'), tube('L8')).wrong).toBe('other_lot');
    expect(go(at('SOUTH'), tube('L7'), of('GREASE')).wrong).toBe('other_lot');
    expect(go(at('SOUTH'), of('GREASE'), tube('L7')).wrong).toBe('other_lot');
  });

  it('refuses what has expired, and takes it on its last day', () => {
    expect(go(at('SOUTH'), tube('L7', '2027-05-30'))).toMatchObject({ wrong: 'expired', walk: { count: 0 } });
    expect(go(at('SOUTH'), tube('L7', '2027-05-31'))).toMatchObject({ wrong: null, walk: { count: 1 } });
  });

  it('forgets the lot with the last piece that is put back', () => {
    expect(stepBack(go(at('SOUTH'), tube('L7')).walk)?.lot).toBeNull();
  });
});
