import { describe, expect, it } from 'vitest';
import { engineer } from '../../test/samples';
import { dayName } from '../timeline/layout';
import { dayNamed, sheetsOf } from './day';

const at = (day: number, hour = 0) => new Date(2026, 10, day, hour).getTime();
const stop = (id: string, starts_at: number) => ({ ticket_id: id, number: 1, phase: 'ahead', starts_at, ends_at: starts_at + 1, late_minutes: 0, late_percent: 0 }) as never;
const timeline = (id: string, stops: never[]) => ({ engineer_id: id, shifts: [], absences: [], home_at: null, stops });

describe('a day on paper', () => {
  it('is named as the reader’s calendar has it; what is no day is today', () => {
    expect([dayName(at(3, 23)), dayNamed('2026-11-03', 0)]).toEqual(['2026-11-03', at(3)]);
    for (const wrong of [null, '', '2026-02-31', 'x']) expect(dayNamed(wrong, at(5, 14))).toBe(at(5));
  });

  it('has a sheet for each who has something to do, in the order of codes, and his visits in that of time', () => {
    const people = [engineer({ id: 'b', code: 'E-10' }), engineer({ id: 'a', code: 'E-9' }), engineer({ id: 'c', code: 'E-1' })];
    const days = [timeline('b', [stop('t2', 2), stop('t1', 1)]), timeline('a', [stop('t3', 1)]), timeline('c', []), timeline('gone', [stop('t4', 1)])];
    const sheets = sheetsOf(people, days, new Map([['t1', { id: 't1' } as never]]), null);
    expect(sheets.map((sheet) => [sheet.engineer.code, sheet.lines.map((line) => [line.stop.ticket_id, line.ticket?.id ?? null])])).toEqual([['E-9', [['t3', null]]], ['E-10', [['t1', 't1'], ['t2', null]]]]);
    expect(sheetsOf(people, days, new Map(), 'E-1').map((sheet) => sheet.lines)).toEqual([[]]);
  });
});
