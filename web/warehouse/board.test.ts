import { describe, expect, it } from 'vitest';
import type { Reservation } from '$shared/api/types';
import { nextAct, shelves } from './board';

const r = (over: Partial<Reservation>): Reservation => ({
  id: 'r', ticket_id: 't', ticket_number: 1, engineer_id: null, engineer_code: null, part_id: 'p', part_number: 'P-1', part_name: 'Roller', location_id: 'l1', location_code: 'D-EAST', location_kind: 'depot', quantity: 1, status: 'held', expires_at: null, ...over,
});

describe('the pick board', () => {
  it('groups by place, in the order of their codes', () => {
    const list = shelves([r({ id: 'a', location_id: 'l2', location_code: 'D-WEST' }), r({ id: 'b' }), r({ id: 'c', location_id: 'l2', location_code: 'D-WEST' })]);
    expect(list.map((shelf) => [shelf.code, shelf.lines.length])).toEqual([['D-EAST', 1], ['D-WEST', 2]]);
  });

  it('puts what is picked first, then what expires first', () => {
    const [shelf] = shelves([r({ id: 'never' }), r({ id: 'later', expires_at: 9 }), r({ id: 'soon', expires_at: 5 }), r({ id: 'picked', status: 'picked', expires_at: 99 })]);
    expect(shelf?.lines.map((line) => line.id)).toEqual(['picked', 'soon', 'later', 'never']);
  });

  it('has no shelf when there is nothing to pick', () => {
    expect(shelves([])).toEqual([]);
  });

  it.each([['held', 'pick'], ['picked', 'issue'], ['handed_over', null], ['wanted', null], ['expired', null]] as const)('after %s comes %s', (status, act) => {
    expect(nextAct(status)).toBe(act);
  });
});
