import { describe, expect, it } from 'vitest';
import type { Reservation } from '$shared/api/types';
import { isCounted, shortagesOf, vans } from './board';

const r = (over: Partial<Reservation>): Reservation => ({
  id: 'r', ticket_id: 't', ticket_number: 1, engineer_id: 'e1', engineer_code: 'E-01', engineer_name: 'Maria', planned_at: null, due_at: 99, part_id: 'p', part_number: 'P-1', part_name: 'Roller', location_id: 'l1', location_code: 'D-EAST', location_kind: 'depot', quantity: 1, status: 'held', expires_at: null, serials: [], on_order: 0, ...over,
});

describe('the pick board', () => {
  it('has who leaves first on top, by the first of his visits that needs parts', () => {
    const list = vans([r({ id: 'a', planned_at: 50 }), r({ id: 'b', planned_at: 30, engineer_id: 'e2', engineer_code: 'E-02' }), r({ id: 'c', planned_at: 10 })]);
    expect(list.map((van) => [van.code, van.leavesAt])).toEqual([['E-01', 10], ['E-02', 30]]);
  });

  it('has vans without a time behind them, what is given up first before the others, and nobody’s last', () => {
    const list = vans([
      r({ id: 'n', engineer_id: null, engineer_code: null, planned_at: 1 }), r({ id: 'x', engineer_id: 'e3', engineer_code: 'E-03', expires_at: 90 }),
      r({ id: 'y', engineer_id: 'e2', engineer_code: 'E-02', expires_at: 40 }), r({ id: 'z', engineer_id: 'e4', engineer_code: 'E-04', planned_at: 99 }),
    ]);
    expect(list.map((van) => van.code)).toEqual(['E-04', 'E-02', 'E-03', '']);
  });

  it('goes from shelf to shelf, and keeps what is picked apart', () => {
    const [van] = vans([r({ id: 'b', location_code: 'D-WEST' }), r({ id: 'c', part_number: 'Z-9' }), r({ id: 'a' }), r({ id: 'p', status: 'picked' })]);
    expect(van?.held.map((line) => line.id)).toEqual(['a', 'c', 'b']);
    expect(van?.picked.map((line) => line.id)).toEqual(['p']);
  });

  it('is empty when there is nothing to pick', () => {
    expect(vans([])).toEqual([]);
  });
});

describe('shortages', () => {
  it('have the nearest promise first, and where most of it is free', () => {
    const balances = [{ part_id: 'p', location_id: 'a', available: 1 }, { part_id: 'p', location_id: 'b', available: 4 }, { part_id: 'p', location_id: 'c', available: 0 }, { part_id: 'q', location_id: 'a', available: 9 }];
    const rows = shortagesOf([r({ id: 'later', due_at: 8 }), r({ id: 'last', ticket_number: 2, due_at: 8 }), r({ id: 'sooner', due_at: 5 })], balances);
    expect(rows.map((row) => row.reservation.id)).toEqual(['sooner', 'later', 'last']);
    expect(rows[0]?.elsewhere.map((one) => one.location_id)).toEqual(['b', 'a']);
  });

  it('say that a part is free nowhere', () => {
    expect(shortagesOf([r({})], [])[0]?.elsewhere).toEqual([]);
  });
});

it('counts pieces one by one, and not what is poured', () => {
  expect([isCounted({ decimals: 0 }), isCounted({ decimals: 1 }), isCounted(undefined)]).toEqual([true, false, true]);
});
