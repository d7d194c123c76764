/** The words for how a ticket's clock stands, and for each time that it stood. */
import type { ClockAnswer, TicketClock } from '$shared/api/types';
import { dateTime, duration, m } from '$shared/i18n/text';

export interface Badge {
  text: string;
  tone: '' | 'good' | 'warn' | 'late';
}

/** As the server sends it; its description says no more than "an object". */
type Outcome = { kind: 'due'; at: number } | { kind: 'paused'; since: number; left: number } | { kind: 'unknown_year'; year: number };
type Pause = ClockAnswer['pauses'][number];

/** Shares of a business day are as many as a day has milliseconds, and say nothing as hours. */
const inDays = (answer: ClockAnswer): boolean => (answer.target as { unit?: string }).unit === 'business_days';

export function answerBadge(answer: ClockAnswer, now: TicketClock['now']): Badge {
  const outcome = answer.outcome as unknown as Outcome;
  if (answer.met_at != null) {
    const met = m.clock_met({ time: dateTime(answer.met_at) });
    if (answer.in_time == null) return { text: met, tone: '' };
    return answer.in_time ? { text: `${met}, ${m.clock_in_time()}`, tone: 'good' } : { text: `${met}, ${m.clock_too_late()}`, tone: 'late' };
  }
  if (outcome.kind === 'unknown_year') return { text: m.due_unknown(), tone: 'warn' };
  if (outcome.kind === 'paused') return { text: inDays(answer) ? m.due_paused() : m.due_paused_left({ time: duration(outcome.left) }), tone: '' };
  const due = m.due_at({ time: dateTime(outcome.at) });
  return outcome.at < now ? { text: `${due}, ${m.due_late({ time: duration(now - outcome.at) })}`, tone: 'late' } : { text: due, tone: '' };
}

/** Reasons that policies know; what somebody wrote in his own words stands as it is. */
const reasons: Record<string, () => string> = {
  part: m.reason_part, customer: m.reason_customer, third_party: m.reason_third_party, approval: m.clock_approval, waiting: m.clock_state, resolved: m.clock_solved,
};

export const pauseWhy = (pause: Pause): string => [reasons[pause.reason]?.() ?? pause.reason, pause.note].filter(Boolean).join(' · ');

export function pauseText(pause: Pause): string {
  const from = dateTime(pause.from);
  if (pause.until == null) return m.clock_pause_open({ from });
  const until = dateTime(pause.until);
  return pause.counted_ms == null ? m.clock_pause_unknown({ from, until }) : m.clock_pause({ from, until, time: duration(pause.counted_ms) });
}
