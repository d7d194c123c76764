import { describe, expect, it } from 'vitest';
import type { Engineer, Timeline, TimelineStop } from '$shared/api/types';
import { engineer } from '../../test/samples';
import { moveSpot, readPins, readRowFilters, rowsOf, spotOf, togglePin, writeRowFilters, type RowFilter, type Spot } from './rows';

const HOUR = 3_600_000;
const stop = (id: string, over: Partial<TimelineStop> = {}): TimelineStop => ({ ticket_id: id, number: 1, phase: 'ahead', starts_at: 0, ends_at: HOUR, late_minutes: 0, late_percent: 0, ...over });
const day = (id: string, stops: TimelineStop[] = [], shift = true): Timeline => ({ engineer_id: id, shifts: shift ? [{ starts_at: 0, ends_at: 9 * HOUR }] : [], absences: [], home_at: null, stops });

function office(...of: [string, string, Timeline, Partial<Engineer>?][]) {
  const engineers = new Map(of.map(([id, code, , over]) => [id, engineer({ id, code, ...over })]));
  const timelines = new Map(of.map(([id, , timeline]) => [id, timeline]));
  return (filters: RowFilter[] = [], keep: string | null = null, pins: string[] = []) => rowsOf(engineers, timelines, filters, HOUR, keep, pins);
}
const codes = (rows: ReturnType<typeof rowsOf>) => rows.map((row) => row.engineer.code);

describe('the rows', () => {
  it('stand in the order of the codes as people count, whoever changed last', () => {
    expect(codes(office(['a', 'E-10', day('a')], ['b', 'E-9', day('b')], ['c', 'E-100', day('c')])())).toEqual(['E-9', 'E-10', 'E-100']);
  });

  it('leave out who does not work here any more', () => {
    expect(codes(office(['a', 'E-1', day('a')], ['b', 'E-2', day('b'), { active: false }])())).toEqual(['E-1']);
  });

  it('are narrowed to who is on shift, late or free, and keep whom one has chosen', () => {
    const rows = office(['on', 'E-1', day('on', [stop('t')])], ['off', 'E-2', day('off', [], false)], ['late', 'E-3', day('late', [stop('u', { late_minutes: 3 })])]);
    expect([codes(rows(['shift'])), codes(rows(['late'])), codes(rows(['free'])), codes(rows(['shift', 'free']))]).toEqual([['E-1', 'E-3'], ['E-3'], ['E-2'], []]);
    expect(codes(rows(['late'], 'off'))).toEqual(['E-2', 'E-3']);
  });

  it('stand on top if they are pinned, whatever the filters; pins stand in the address', () => {
    const rows = office(['a', 'E-1', day('a')], ['b', 'E-2', day('b', [], false)], ['c', 'E-3', day('c')]);
    expect([codes(rows([], null, ['E-3'])), codes(rows(['shift'], null, ['E-2', 'E-3']))]).toEqual([['E-3', 'E-1', 'E-2'], ['E-2', 'E-3', 'E-1']]);
    const query = togglePin(togglePin(new URLSearchParams('rows=late'), 'E-3'), 'E-2');
    expect([readPins(query), query.get('rows'), readPins(togglePin(query, 'E-3')), togglePin(new URLSearchParams('pin=E-3'), 'E-3').has('pin')]).toEqual([['E-3', 'E-2'], 'late', ['E-2'], false]);
  });

  it('write their filters into the address, beside what others keep there', () => {
    const query = writeRowFilters(new URLSearchParams('ticket=t1'), ['free', 'shift']);
    expect([query.toString(), readRowFilters(query)]).toEqual(['ticket=t1&rows=shift%2Cfree', ['shift', 'free']]);
    expect(writeRowFilters(query, []).toString()).toBe('ticket=t1');
    expect(readRowFilters(new URLSearchParams('rows=late,moon'))).toEqual(['late']);
  });
});

describe('the keyboard', () => {
  const rows = office(['a', 'E-1', day('a', [stop('t1'), stop('t2')])], ['b', 'E-2', day('b')], ['c', 'E-3', day('c', [stop('t3')])])();
  const at = (engineerId: string, index: number): Spot => ({ engineerId, stop: index });

  it.each([
    [null, 'ArrowDown', at('a', -1)],
    [at('gone', 1), 'ArrowDown', at('a', -1)],
    [at('a', -1), 'ArrowRight', at('a', 0)],
    [at('a', 1), 'ArrowRight', at('a', 1)],
    [at('a', 0), 'ArrowLeft', at('a', -1)],
    [at('a', 1), 'ArrowDown', at('b', -1)],
    [at('c', 0), 'ArrowDown', at('c', 0)],
    [at('c', 0), 'PageUp', at('a', 0)],
    [at('a', 0), 'End', at('c', 0)],
    [at('b', -1), 'Home', at('a', -1)],
    [at('b', -1), 'x', at('b', -1)],
  ])('from %j by %s goes to %j', (spot, key, expected) => {
    expect(moveSpot(rows, spot, key, 5)).toEqual(expected);
  });

  it('has nowhere to go where nobody is', () => {
    expect(moveSpot([], null, 'ArrowDown', 5)).toBeNull();
  });

  it('finds who has a ticket', () => {
    expect([spotOf(rows, 't2'), spotOf(rows, 'nobody’s')]).toEqual([at('a', 1), null]);
  });
});
