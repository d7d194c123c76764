import '../../test/globals';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TrialResult } from '$shared/api/types';
import { clock } from '$shared/clock.svelte';
import { locale } from '$shared/i18n/text';
import { draw } from '../../test/render';
import { serve } from '../../test/window';
import { differs as calendarDiffers, draftOf, specOf } from './calendar';
import Calendars from './Calendars.svelte';
import type { CalendarSpec, Table } from './shapes';
import { blank, differs, draftsOf, faultFields, moved, split, tableOf } from './table';
import Tables from './Tables.svelte';
import TrialCard from './TrialCard.svelte';

const NOON = new Date(2026, 10, 23, 12).getTime();
const HOUR = 3_600_000;
const table: Table = {
  name: 'Four levels',
  rows: [
    { name: 'Urgent', when: { priority: ['1', '紧急'] }, response: { amount: 15, unit: 'minutes' }, resolution: { amount: 2, unit: 'hours' } },
    { name: 'All', resolution: { amount: 3, unit: 'business_days' } },
  ],
  pauses: [{ state: 'waiting', reasons: ['part'], targets: ['resolution'] }, { state: 'on_site', targets: ['response'] }],
};
const calendar: CalendarSpec = {
  name: 'China', time_zone: 'Asia/Shanghai', years: [2025, 2026], week: { monday: ['09:00-12:00', '13:00-18:00'] }, workdays_like: 'monday',
  days: [{ date: '2026-10-01', kind: 'holiday', name: 'National Day' }, { date: '2026-10-10', kind: 'workday', name: 'Make-up', shifts: ['09:00-12:00'] }], source: 'somebody',
};

beforeEach(() => {
  clock.set(NOON, 1);
  serve({});
});
afterEach(() => locale.set('en'));

describe('a table of policies', () => {
  it('comes back as it was, with the rules about pauses that this page does not show', () => {
    expect(tableOf(draftsOf(table))).toEqual(table);
    expect(differs(draftsOf(table), table)).toBe(false);
  });

  it('asks for nothing where a field is empty', () => {
    expect(tableOf({ ...draftsOf(table), rows: [{ ...blank(), name: ' Any ' }] }).rows).toEqual([{ name: 'Any' }]);
  });

  it('takes commas of both languages', () => {
    expect(split(' 1，2、 3 ,,')).toEqual(['1', '2', '3']);
  });

  it('forgets our rule about waiting when it is switched off, and no other one', () => {
    expect(tableOf({ ...draftsOf(table), stops: false }).pauses).toEqual([{ state: 'on_site', targets: ['response'] }]);
  });

  it('moves a row by one, since the first that fits holds', () => {
    const { rows } = draftsOf(table);
    expect([moved(rows, 0, 1), moved(rows, 0, -1)].map((list) => list.map((row) => row.name))).toEqual([['All', 'Urgent'], ['Urgent', 'All']]);
    expect(differs({ ...draftsOf(table), rows: moved(rows, 0, 1) }, table)).toBe(true);
  });

  it('shows each fault at its own row', () => {
    expect(faultFields(2)).toContain('body.rows[1].resolution.amount');
    expect(faultFields(2)).not.toContain('body.rows[2].name');
  });
});

describe('a calendar', () => {
  it('comes back as it was', () => {
    expect(specOf(draftOf(calendar, false))).toEqual(calendar);
    expect(calendarDiffers(draftOf(calendar, false), calendar, false)).toBe(false);
  });

  it('of every year says so, and is another one by the site’s clock', () => {
    const every: CalendarSpec = { ...calendar, years: 'every' };
    expect(specOf(draftOf(every, true)).years).toBe('every');
    expect(calendarDiffers({ ...draftOf(every, true), inSiteZone: false }, every, true)).toBe(true);
  });

  it('takes a day a line, with its shifts before its name', () => {
    const days = '2026-10-10 workday 09:00-12:00 13:00-15:00 Long make-up day\n\n 2026-01-01  holiday ';
    expect(specOf({ ...draftOf(calendar, false), days }).days).toEqual([
      { date: '2026-10-10', kind: 'workday', name: 'Long make-up day', shifts: ['09:00-12:00', '13:00-15:00'] }, { date: '2026-01-01', kind: 'holiday' },
    ]);
  });
});

describe('what a table would do', () => {
  const stand = (state: string, due_at: number) => ({ state, due_at, response_due_at: null }) as TrialResult['items'][number]['before'];
  const trial = (over: Partial<TrialResult> = {}): TrialResult => ({
    tickets: 41, changed: 1, late_before: 2, late_after: 5,
    items: [{ ticket_id: 't1', number: 1042, title: 'Car stuck', priority: 1, row: 'Urgent', before: stand('due', NOON + HOUR), after: stand('paused', NOON) }], ...over,
  });

  it('is said in numbers and by ticket, before it is saved', () => {
    const { text } = draw(TrialCard, { trial: trial() });
    expect(text).toContain('1 of 41 open tickets would be due at another time. Late now: 2, then: 5.');
    expect(text).toContain('#1042 Car stuck Urgent Nov 23, 13:00 paused; Nov 23, 12:00 if it went on');
  });

  it('is nothing to be shown where nothing moves, or nothing was changed yet', () => {
    expect(draw(TrialCard, { trial: trial({ changed: 0, items: [] }) }).text).toContain('None of 41 open tickets');
    expect(draw(TrialCard, { trial: null }).text).toContain('Change something');
  });

  it('is in Chinese for who reads Chinese', () => {
    locale.set('zh-CN');
    expect(draw(TrialCard, { trial: trial() }).text).toContain('41 张未完成工单中有 1 张');
  });
});

describe('the pages', () => {
  it('say what they are for until something is chosen', () => {
    expect(draw(Tables, {}).text).toMatch(/^Tables of policies .*Choose a table/);
    expect(draw(Calendars, {}).text).toMatch(/^Calendars .*Choose a calendar/);
  });
});
