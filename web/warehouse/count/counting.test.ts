import { describe, expect, it } from 'vitest';
import type { CountLine, CountView, Part, StockLocation } from '$shared/api/types';
import type { Scan } from '../scan/lookup';
import { done, left, lineOf, newCounting, outcomeOf, scanned, withLine, type Counting } from './counting';

const part = (id: string, more: Partial<Part> = {}): Part =>
  ({ id, number: id.toUpperCase(), name: id, name_zh: '', unit: 'pcs', decimals: 0, unit_price_micros: 0, currency: 'USD', active: true, created_at: 0, tracking: 'none', returnable: false, warranty_days: 0, ...more });
const line = (id: string, counted: number | null, expected: number | null = null): CountLine =>
  ({ id, part_id: id, part_number: id.toUpperCase(), part_name: id, unit: 'pcs', decimals: 0, expected, counted, difference: counted === null || expected === null ? null : counted - expected, counted_by: '', counted_at: null });
const view = (...lines: CountLine[]): CountView =>
  ({ count: { id: 'c', location_id: 'east', blind: true, status: 'open', note: '', created_by: 'w', created_at: 0, closed_by: '', closed_at: null }, lines });
const ofPart = (one: Part, more: object = {}): Scan => ({ kind: 'part', part: one, serial: null, lot: null, expires: null, count: null, shown: one.number, ...more });
const ofPlace = (id: string): Scan => ({ kind: 'place', place: { id, code: id, kind: 'depot' } as StockLocation, shown: id });
const here: Counting = { here: true, part: null };

describe('counting', () => {
  it('begins with the place', () => {
    expect(scanned(newCounting(), ofPart(part('a')), view()).wrong).toBe('place_first');
    expect(scanned(newCounting(), ofPlace('east'), view()).state).toEqual({ here: true, part: null });
  });

  it('makes each scan one more, on top of what anybody has counted before', () => {
    const first = scanned(here, ofPart(part('a')), view(line('a', null)));
    expect([first.enter?.quantity, first.state.part]).toEqual([1, 'a']);
    expect(scanned(here, ofPart(part('a')), view(line('a', 6))).enter?.quantity).toBe(7);
    expect(scanned(here, ofPart(part('a'), { count: 10 }), view(line('a', 6))).enter?.quantity).toBe(16);
  });

  it('counts what nobody expected there too', () => {
    expect(scanned(here, ofPart(part('new')), view(line('a', 1))).enter?.quantity).toBe(1);
  });

  it('does not count by scans what is poured, and not at all what has numbers of its own', () => {
    const oil = scanned(here, ofPart(part('oil', { decimals: 1 })), view());
    expect([oil.enter, oil.state.part, oil.wrong]).toEqual([null, 'oil', null]);
    const encoder = scanned(here, ofPart(part('enc', { tracking: 'serial' })), view());
    expect([encoder.enter, encoder.state.part, encoder.wrong]).toEqual([null, null, 'piece_by_piece']);
  });

  it('leads on to another place by its label', () => {
    expect(scanned(here, ofPlace('west'), view())).toMatchObject({ place: 'west', wrong: null, enter: null });
  });

  it.each<[Scan, string]>([
    [{ kind: 'half', shown: 'A-' }, 'half'], [{ kind: 'text', shown: 'nonsense', doubtful: false }, 'unknown'], [{ kind: 'text', shown: '4006381333932', doubtful: true }, 'half'],
    [{ kind: 'person', person: { id: 'e', code: 'E-01', name: '' }, shown: 'E-01' }, 'not_now'],
  ])('refuses %o as %s, and forgets nothing', (scan, wrong) => {
    const state = { here: true, part: 'a' };
    expect(scanned(state, scan, view(line('a', 2)))).toEqual({ state, wrong, enter: null, place: null });
  });

  it('knows what is left', () => {
    const now = view(line('a', 0), line('b', null));
    expect([left(now).map((one) => one.id), done(now).map((one) => one.id), lineOf(now, 'b')?.id, lineOf(now, null)]).toEqual([['b'], ['a'], 'b', undefined]);
  });

  it('puts a line in its place, once', () => {
    const now = withLine(view(line('a', null), line('c', null)), line('b', 2));
    expect(now.lines.map((one) => one.id)).toEqual(['a', 'b', 'c']);
    expect(withLine(now, line('b', 3)).lines.map((one) => one.counted)).toEqual([null, 3, null]);
  });

  it('ends with what is missing on top', () => {
    const found = outcomeOf(view(line('a', 5, 5), line('b', 9, 7), line('c', 1, 4)));
    expect([found.differing.map((one) => one.id), found.equal]).toEqual([['c', 'b'], 1]);
  });
});
