import { describe, expect, it } from 'vitest';
import type { Reservation, StockBalance, StockLocation } from '$shared/api/types';
import { canRelease, isLive, missingOf, sourcesOf } from './reserve';

type Status = Reservation['status'];
const held = (part_id: string, quantity: number, status: Status = 'held') => ({ part_id, quantity, status });
const ALL: Status[] = ['wanted', 'held', 'picked', 'handed_over', 'used', 'returned', 'released', 'expired'];

describe('what a ticket still needs', () => {
  const needs = [{ part_id: 'a', quantity: 3 }, { part_id: 'b', quantity: 1 }];

  it('is everything while nothing is promised', () => {
    expect(missingOf(needs, [])).toEqual(needs);
  });

  it('is the rest where several reservations have some of it', () => {
    expect(missingOf(needs, [held('a', 1), held('a', 1, 'picked'), held('b', 1, 'used')])).toEqual([{ part_id: 'a', quantity: 1 }]);
  });

  it('is nothing where more is promised than needed', () => {
    expect(missingOf(needs, [held('a', 9), held('b', 1, 'handed_over')])).toEqual([]);
  });

  it.each<Status>(['released', 'expired', 'returned', 'wanted'])('does not count what is %s as promised', (status) => {
    expect(missingOf(needs, [held('b', 1, status)])).toContainEqual({ part_id: 'b', quantity: 1 });
  });

  it('does not ask for what the ticket does not need', () => {
    expect(missingOf([], [held('z', 2)])).toEqual([]);
  });
});

describe('a reservation', () => {
  it('lives until it is given up, given back or too old', () => {
    expect(ALL.filter(isLive)).toEqual(['wanted', 'held', 'picked', 'handed_over', 'used']);
  });

  it('can be given up until it is in somebody’s hands', () => {
    expect(ALL.filter(canRelease)).toEqual(['wanted', 'held', 'picked']);
  });
});

describe('where a part can be had', () => {
  const place = (id: string, kind: 'depot' | 'van', more: Partial<StockLocation> = {}): StockLocation =>
    ({ id, kind, code: id.toUpperCase(), name: id, active: true, created_at: 0, engineer_id: null, latitude: null, longitude: null, ...more });
  const at = (location_id: string, available: number): StockBalance =>
    ({ id: `b-${location_id}`, part_id: 'p', location_id, on_hand: available, reserved: 0, available });
  const places = [
    place('mine', 'van', { engineer_id: 'e1' }), place('other', 'van', { engineer_id: 'e2' }), place('east', 'depot'), place('west', 'depot'),
    place('shut', 'depot', { active: false }),
  ];
  const ids = (balances: StockBalance[], engineer: string | null = 'e1') => sourcesOf(balances, places, engineer).map((source) => source.place.id);

  it('is his own van first, then the depots, the fullest first, then the vans of others', () => {
    expect(ids([at('other', 50), at('east', 2), at('west', 7), at('mine', 1)])).toEqual(['mine', 'west', 'east', 'other']);
  });

  it('is no van before the depots while nobody has the ticket', () => {
    expect(ids([at('mine', 5), at('other', 9), at('east', 1)], null)).toEqual(['east', 'other', 'mine']);
  });

  it('is not where nothing is free, where a place is closed, or where nobody knows it', () => {
    expect(ids([at('east', 0), at('west', -2), at('shut', 5), at('nowhere', 5)])).toEqual([]);
  });

  it('stands in order of code where there is as much', () => {
    expect(ids([at('west', 3), at('east', 3)])).toEqual(['east', 'west']);
  });
});
