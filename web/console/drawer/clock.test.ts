import '../../test/globals';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClockAnswer, TicketClock } from '$shared/api/types';
import { clock as time } from '$shared/clock.svelte';
import { locale } from '$shared/i18n/text';
import { draw } from '../../test/render';
import ClockCard from './ClockCard.svelte';

const HOUR = 3_600_000;
const NOON = new Date(2026, 10, 23, 12).getTime();
const answer = (outcome: object, over: Partial<ClockAnswer> = {}): ClockAnswer => ({
  target: { amount: 2, unit: 'hours' } as never, promised: { en: '2 hours', zh: '2 小时' }, outcome: outcome as never, due_at: null, met_at: null, in_time: null, steps: [],
  derivation: { en: 'opened Mon, due Tue', zh: '周一创建，周二到期' }, pauses: [], ...over,
});
const clock = (over: Partial<TicketClock>): TicketClock => ({
  ticket_id: 't1', now: NOON, policy_id: 'four-levels', policy_name: 'Four levels', policy_version: 1, row: 'Urgent', contract_id: null, contract_number: null, calendar_id: 'round-the-clock',
  calendar_name: 'Round the clock', calendar_version: 1, time_zone: 'UTC', response: null, resolution: null, internal: [], ...over,
});
const card = (over: Partial<TicketClock>) => draw(ClockCard, { clock: clock(over) });

beforeEach(() => time.set(NOON, 1));
afterEach(() => locale.set('en'));

describe('the clock of a ticket', () => {
  it('says what was promised, when it is due, and how that came about', () => {
    const { text } = card({ resolution: answer({ kind: 'due', at: NOON + HOUR }) });
    expect(text).toMatch(/^Four levels, Urgent · Round the clock Resolution 2 hours due Nov 23, 13:00 opened Mon, due Tue$/);
  });

  it('says how late it is', () => {
    const drawn = card({ resolution: answer({ kind: 'due', at: NOON - HOUR }) });
    expect(drawn.text).toContain('due Nov 23, 11:00, 1h late');
    expect(drawn.html).toContain('badge late');
  });

  it('stands still while it is paused, and says why and since when', () => {
    const pauses = [{ from: NOON - HOUR, until: null, counted_ms: null, reason: 'part', note: '4711' }];
    const { text } = card({ resolution: answer({ kind: 'paused', since: NOON - HOUR, left: 1.5 * HOUR }, { pauses }) });
    expect(text).toContain('paused, 1h 30m left');
    expect(text).toContain('Waiting for a part · 4711 since Nov 23, 11:00');
  });

  it('tells no hours of business days, whose shares are none', () => {
    const target = { amount: 3, unit: 'business_days' } as never;
    expect(card({ resolution: answer({ kind: 'paused', since: NOON, left: 86_400_000 }, { target }) }).text).toContain('paused opened');
  });

  it('shows former pauses with what they were worth', () => {
    const pauses = [{ from: NOON - 3 * HOUR, until: NOON - HOUR, counted_ms: HOUR, reason: 'waiting', note: null }];
    expect(card({ resolution: answer({ kind: 'due', at: NOON }, { pauses }) }).text).toContain('the ticket was waiting Nov 23, 09:00 – Nov 23, 11:00, 1h counted off');
  });

  it('guesses nothing in a year that the calendar does not know', () => {
    expect(card({ resolution: answer({ kind: 'unknown_year', year: 2031 }) }).text).toContain('due time not known');
  });

  it('says of what is met whether it was in time', () => {
    const met = (in_time: boolean | null) => card({ response: answer({ kind: 'due', at: NOON }, { met_at: NOON - HOUR, in_time }) }).text;
    expect([met(true), met(false), met(null)].map((text) => /met Nov 23, 11:00(, in time|, too late)?/.exec(text)?.[1])).toEqual([', in time', ', too late', undefined]);
  });

  it('names the contract, and says where nothing is promised', () => {
    expect(card({ contract_number: 'C-7' }).text).toContain('contract C-7');
    expect(card({ row: null }).text).toBe('Nothing is promised for this ticket.');
  });

  it('says that a step of the escalation failed, why, and when it is tried again', () => {
    const drawn = card({ failed_step: { tries_at: NOON + HOUR, failures: 3, fault: 'duplicate' } });
    expect(drawn.text).toContain('failed (duplicate). Tries so far: 3; the next one Nov 23, 13:00.');
    expect(card({}).text).not.toContain('Tries so far');
  });

  it('calls what comes with Fettle by its Chinese name on a Chinese page', () => {
    locale.set('zh-CN');
    expect(card({}).text).toContain('四级优先级，紧急 · 全天候');
  });

  it('is in Chinese for who reads Chinese', () => {
    locale.set('zh-CN');
    const { text } = card({ resolution: answer({ kind: 'due', at: NOON + HOUR }) });
    expect(text).toContain('解决 2 小时');
    expect(text).toContain('周一创建，周二到期');
  });
});
