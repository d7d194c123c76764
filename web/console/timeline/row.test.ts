import '../../test/globals';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Engineer, Timeline, TimelineStop, Verdict } from '$shared/api/types';
import { clock } from '$shared/clock.svelte';
import { locale } from '$shared/i18n/text';
import { draw } from '../../test/render';
import { engineer } from '../../test/samples';
import TimelineRow from './TimelineRow.svelte';
import { certificatesOf, loadOf, stopWords } from './words';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = new Date(2026, 10, 23).getTime();
const stop = (over: Partial<TimelineStop> = {}): TimelineStop => ({
  ticket_id: 't1', number: 1042, phase: 'ahead', leaves_at: DAY + 9 * HOUR, arrives_at: DAY + 9.25 * HOUR, starts_at: DAY + 9.25 * HOUR, ends_at: DAY + 10 * HOUR, late_minutes: 0, late_percent: 0, ...over,
});
const row = (stops: TimelineStop[], of: Partial<Engineer> = {}, over: Partial<Timeline> = {}, verdict: Verdict | null = null) => draw(TimelineRow as never, {
  row: { engineer: engineer(of), timeline: { engineer_id: 'e1', shifts: [{ starts_at: DAY + 8 * HOUR, ends_at: DAY + 16 * HOUR }], absences: [], home_at: DAY + 10.5 * HOUR, stops, ...over } },
  view: { from: DAY, until: DAY + 24 * HOUR, scale: 2 }, index: 0, spot: null, chosen: false, verdict, over: false, holder: false, onstop: () => undefined, onhead: () => undefined,
});
beforeEach(() => clock.set(DAY + 9 * HOUR, 0));
afterEach(() => locale.set('en'));

describe('a row of the timeline', () => {
  it('says who, how full his hands are, and that he has a van', () => {
    const drawn = row([], { in_hand: { tickets: 3, minutes: 360 }, van_id: 'v' });
    expect(drawn.text).toMatch(/^Maria Lopez E-01 Load 75 % has a van/);
    expect(drawn.html).toContain('3 tickets in hand, 6h');
  });

  it('says of a stop when it is, the way before it, and how it stands, to who points and who listens', () => {
    const drawn = row([stop({ late_minutes: 12 })]);
    const said = '#1042, planned, 09:15 to 10:00, 15m on the road, begins 12m late';
    expect(drawn.html).toContain(`title="${said}"`);
    expect(drawn.html).toContain(`aria-label="${said}"`);
  });

  it('marks what is late by a sign, what is likely late by another, and what is done by a third', () => {
    expect(row([stop({ late_minutes: 12 })]).text).toContain('! #1042');
    expect(row([stop({ late_percent: 70 })]).text).toContain('? #1042');
    expect(row([stop({ phase: 'done' })]).html).toMatch(/<svg[^>]*>.*#1042/s);
  });

  it('says by how much he is home after his shift', () => {
    const drawn = row([stop({ starts_at: DAY + 15 * HOUR, ends_at: DAY + 16 * HOUR })], {}, { home_at: DAY + 16.5 * HOUR });
    expect(drawn.text).toContain('+30m');
    expect(drawn.html).toContain('Home at 16:30');
  });

  it('carries the verdict while a ticket is held, with a sign for its grade', () => {
    const price = { starts_at: DAY + 11 * HOUR, travel_minutes: 14, late_minutes: 0, slips: [], overtime_minutes: 0, missing_parts: 0, score_minutes: 2 };
    expect(row([], {}, {}, { engineer_id: 'e1', grade: 'fits', price }).text).toContain('✓ +14 min travel, begins 11:00');
    expect(row([], {}, {}, { engineer_id: 'e1', grade: 'forbidden', rule: 'absent', fact: null as never }).text).toContain('✕ Absent');
  });

  it('speaks Chinese too', () => {
    locale.set('zh-CN');
    expect(stopWords(stop({ late_percent: 20 }))).toBe('#1042，已排，09:15 至 10:00，路上 15分钟，迟到可能性 20%');
  });
});

describe('what is known of an engineer', () => {
  it('is his load as a share of the most that he may have', () => {
    expect([loadOf(engineer({ in_hand: { tickets: 1, minutes: 240 } })), loadOf(engineer({ max_load_minutes: 0 }))]).toEqual([50, 0]);
  });

  it('is each valid certificate once, at its highest level', () => {
    const one = (skill: string, level: number, until: number | null) => ({ id: skill + level, engineer_id: 'e1', skill, level, number: 'n', valid_from: 0, valid_until: until });
    const certificates = [one('door', 1, null), one('door', 3, 900), one('door', 4, 100), one('lift', 2, 500)];
    expect(certificatesOf(engineer({ certificates }), 500, (code) => code.toUpperCase())).toEqual({ short: 'door 3 · lift 2', full: 'DOOR, level 3, LIFT, level 2' });
  });
});
