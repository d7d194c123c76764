/** Rules in the words of those who work with them. */
import type { Rule, RuleFiring } from '$shared/api/types';
import { locale, m, number } from '$shared/i18n/text';
import type { ACTIONS, EVENTS, RuleDraft } from './rule';

export const eventWords: Record<(typeof EVENTS)[number], () => string> = {
  created: m.rule_on_created, status_changed: m.rule_on_status, assigned: m.rule_on_assigned, priority_changed: m.rule_on_priority,
  sla_warning: m.rule_on_warning, sla_breached: m.rule_on_breached, confirmation_answered: m.rule_on_answer,
};
export const actionWords: Record<(typeof ACTIONS)[number], () => string> = {
  assign: m.rule_do_assign, notify: m.rule_do_notify, set: m.rule_do_set, step: m.rule_do_step, create_ticket: m.rule_do_create, add_task: m.rule_do_task, escalate: m.rule_do_escalate, webhook: m.rule_do_webhook,
};
export const triggerKinds: Record<RuleDraft['on'], () => string> = { event: m.rule_on_event, every: m.rule_on_every, daily: m.rule_on_daily };
const outcomes: Record<RuleFiring['outcome'], () => string> = { done: m.rule_done, partly: m.rule_partly, refused: m.rule_refused, stopped: m.rule_stopped };
const stops: Record<string, () => string> = { loop: m.rule_stop_loop, too_deep: m.rule_stop_deep, too_often: m.rule_stop_often };

export const ruleName = (rule: { name_en: string; name_zh: string }): string => (locale.current === 'zh-CN' ? rule.name_zh : rule.name_en);

export function triggerWords(rule: Pick<Rule, 'trigger'>): string {
  const on = rule.trigger;
  if (on.on === 'event') return eventWords[on.event as keyof typeof eventWords]();
  return on.on === 'every' ? m.rule_every_words({ count: number(on.minutes) }) : m.rule_daily_words({ time: on.time, zone: on.time_zone });
}

export const outcomeWords = (firing: Pick<RuleFiring, 'outcome'>): string => outcomes[firing.outcome]();
export const outcomeTone = (firing: Pick<RuleFiring, 'outcome'>): string => ({ done: 'good', partly: 'warn', refused: 'late', stopped: 'late' })[firing.outcome];

/** What was refused, or why it was stopped; nothing if all went well. */
export function firingWords(firing: Pick<RuleFiring, 'reason' | 'results'>): string {
  if (firing.reason) return stops[firing.reason]?.() ?? firing.reason;
  const refused = firing.results.filter((result) => result.refused);
  return refused.map((result) => `${actionWords[result.action as keyof typeof actionWords]()}: ${refusalWords(result.refused ?? '')}`).join('; ');
}
const refusals: Record<string, () => string> = { nobody_can: m.rule_nobody_can, nobody_to_tell: m.rule_nobody_to_tell, already_assigned: m.problem_already_assigned, tasks_open: m.problem_tasks_open, too_many_tasks: m.problem_too_many_tasks, ticket_ended: m.problem_ticket_ended };
const refusalWords = (code: string): string => refusals[code]?.() ?? (code.startsWith('illegal_step') ? m.problem_illegal_move() : code);
