/** A rule as a form holds it: every field of every action is there, so that one may change one's mind without losing what one typed. */
import type { Rule, RuleAction, RuleBody, RuleTrigger } from '$shared/api/types';

export const EVENTS = ['created', 'status_changed', 'assigned', 'priority_changed', 'sla_warning', 'sla_breached', 'confirmation_answered'] as const;
export const ACTIONS = ['assign', 'notify', 'set', 'step', 'create_ticket', 'add_task', 'escalate', 'webhook'] as const;
export const STEPS = ['close', 'reopen', 'cancel', 'unassign'] as const;
export const ROLES = ['admin', 'dispatcher', 'warehouse'] as const;
export const MOST_ACTIONS = 10;

export interface ActionDraft {
  key: number;
  do: (typeof ACTIONS)[number];
  skill: string;
  level: number;
  engineer: boolean;
  supervisors: boolean;
  roles: string[];
  users: string[];
  priority: string;
  autoDispatch: string;
  expectedMinutes: string;
  event: string;
  reason: string;
  kind: string;
  title: string;
  description: string;
  dispatch: 'auto' | 'manual';
  department: string;
  task: string;
  required: boolean;
  url: string;
}
export interface RuleDraft {
  nameEn: string;
  nameZh: string;
  enabled: boolean;
  on: RuleTrigger['on'];
  event: string;
  minutes: number;
  time: string;
  timeZone: string;
  once: boolean;
  condition: string;
  actions: ActionDraft[];
}

let keys = 0;
export const blankAction = (): ActionDraft => ({
  key: (keys += 1), do: 'notify', skill: '', level: 1, engineer: false, supervisors: true, roles: [], users: [], priority: '', autoDispatch: '', expectedMinutes: '',
  event: 'cancel', reason: '', kind: '', title: '', description: '', dispatch: 'manual', department: '', task: '', required: false, url: '',
});

const text = (value: unknown): string => (value == null ? '' : String(value));

function actionDraft(action: RuleAction): ActionDraft {
  const draft = { ...blankAction(), do: action.do };
  switch (action.do) {
    case 'assign': return { ...draft, skill: action.group?.skill ?? '', level: action.group?.level ?? 1 };
    case 'notify': return { ...draft, engineer: action.engineer ?? false, supervisors: action.supervisors ?? false, roles: action.roles ?? [], users: action.users ?? [] };
    case 'set': return { ...draft, priority: text(action.priority), autoDispatch: text(action.auto_dispatch), expectedMinutes: text(action.expected_minutes) };
    case 'step': return { ...draft, event: action.event, reason: action.reason };
    case 'create_ticket': return { ...draft, kind: action.kind, priority: text(action.priority), title: action.title, description: action.description ?? '', dispatch: action.dispatch ?? 'auto' };
    case 'add_task': return { ...draft, department: action.department, task: action.text, required: action.required ?? false };
    case 'webhook': return { ...draft, url: action.url };
    default: return draft;
  }
}

export function draftOf(rule: RuleBody): RuleDraft {
  const on = rule.trigger;
  return {
    nameEn: rule.name_en, nameZh: rule.name_zh, enabled: rule.enabled, on: on.on, event: on.on === 'event' ? on.event : 'created', minutes: on.on === 'every' ? on.minutes : 60,
    time: on.on === 'daily' ? on.time : '08:00', timeZone: on.on === 'daily' ? on.time_zone : 'Asia/Shanghai', once: on.on === 'event' ? true : (on.once ?? false), condition: rule.condition,
    actions: rule.actions.map(actionDraft),
  };
}

export function triggerOf(draft: RuleDraft): RuleTrigger {
  if (draft.on === 'event') return { on: 'event', event: draft.event as (typeof EVENTS)[number] };
  if (draft.on === 'every') return { on: 'every', minutes: draft.minutes, once: draft.once };
  return { on: 'daily', time: draft.time, time_zone: draft.timeZone.trim(), once: draft.once };
}

const whole = (typed: string): number | null => (typed.trim() === '' ? null : Number(typed));

function actionOf(draft: ActionDraft): RuleAction {
  switch (draft.do) {
    case 'assign': return { do: 'assign', group: draft.skill.trim() ? { skill: draft.skill.trim(), level: draft.level } : null };
    case 'notify': return { do: 'notify', engineer: draft.engineer, supervisors: draft.supervisors, roles: draft.roles as ('admin' | 'dispatcher')[], users: draft.users };
    case 'set': return { do: 'set', priority: whole(draft.priority), auto_dispatch: draft.autoDispatch === '' ? null : draft.autoDispatch === 'true', expected_minutes: whole(draft.expectedMinutes) };
    case 'step': return { do: 'step', event: draft.event as 'cancel', reason: draft.reason };
    case 'create_ticket': return { do: 'create_ticket', kind: draft.kind.trim(), priority: whole(draft.priority) ?? 4, title: draft.title.trim(), description: draft.description, dispatch: draft.dispatch };
    case 'add_task': return { do: 'add_task', department: draft.department.trim(), text: draft.task.trim(), required: draft.required };
    case 'escalate': return { do: 'escalate' };
    case 'webhook': return { do: 'webhook', url: draft.url.trim() };
  }
}

export const bodyOf = (draft: RuleDraft): RuleBody => ({
  name_en: draft.nameEn.trim(), name_zh: draft.nameZh.trim(), enabled: draft.enabled, trigger: triggerOf(draft), condition: draft.condition, actions: draft.actions.map(actionOf),
});

export const ruleBody = (rule: Rule): RuleBody => ({
  name_en: rule.name_en, name_zh: rule.name_zh, enabled: rule.enabled, trigger: rule.trigger, condition: rule.condition, actions: rule.actions,
});

/** Compared as they are sent, so that what only the form knows makes no difference. */
export const differs = (draft: RuleDraft, rule: Rule): boolean => JSON.stringify(bodyOf(draft)) !== JSON.stringify(bodyOf(draftOf(ruleBody(rule))));

export const blankRule = (nameEn: string, nameZh: string): RuleBody => ({
  name_en: nameEn, name_zh: nameZh, enabled: false, trigger: { on: 'event', event: 'created' }, condition: 'ticket.priority == 1', actions: [{ do: 'notify', engineer: false, supervisors: true, roles: [], users: [] }],
});

/** The fields that a form with so many actions shows faults at. */
export function faultFields(actions: number): string[] {
  const of = ['group.skill', 'group.level', 'users', 'roles', 'priority', 'expected_minutes', 'event', 'reason', 'kind', 'title', 'description', 'department', 'text', 'url'];
  const shown = Array.from({ length: actions }, (_, i) => of.map((field) => `actions[${i}].${field}`)).flat();
  return ['name_en', 'name_zh', 'trigger.minutes', 'trigger.time', 'trigger.time_zone', 'condition', 'actions', ...shown];
}
