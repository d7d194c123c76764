/**
 * What the server refuses, in the reader's words. Its codes are stable and its sentences are English, so the code is
 * translated and the numbers are taken from the sentence. A code that this page does not know keeps the server's
 * sentence: a fault in a foreign language is still better than none.
 */
import type { FieldFault, Problem } from '../api/problem';
import * as m from './generated/messages.js';
import { actorLabel, eventLabel, planReason, ruleLabel } from './labels';
import { clockTime } from './format';
import { locale } from './locale.svelte';
import { stockFault } from './stock-faults';

const sentence = (message: string): string => (message ? `${message[0]?.toUpperCase()}${message.slice(1).replace(/\.$/, '')}.` : m.fault_invalid());
const numbers = (message: string): string[] => message.match(/-?\d[\d,]*(?:\.\d+)?/g) ?? [];

function range(message: string): string {
  const [least, most] = numbers(message);
  if (/future/.test(message) || least === undefined || most === undefined) return m.fault_out_of_range();
  return m.fault_between({ least, most });
}

function length(message: string): string {
  const [first, second] = numbers(message);
  if (second !== undefined) return m.fault_between({ least: first ?? '', most: second });
  return first === undefined ? m.fault_out_of_range() : m.fault_too_long({ most: first });
}

/** Of several numbers it names the one that is not known. */
function unknown(message: string): string {
  const number = /^(\S.{0,99}) is not known$/.exec(message)?.[1];
  return number === undefined ? m.fault_unknown() : m.fault_unknown_number({ number });
}

/** What is wrong with an expression is said by the words in it, so what the server says of it is kept. */
const detail = ({ message }: FieldFault) => ({ detail: message.replace(/^there is no (.*) here$/, '$1') });

const faults: Record<string, (fault: FieldFault) => string> = {
  required: () => m.fault_required(),
  too_long: ({ message }) => length(message),
  length: ({ message }) => length(message),
  too_many: ({ message }) => m.fault_too_many({ most: numbers(message)[0] ?? '' }),
  out_of_range: ({ message }) => range(message),
  out_of_order: () => m.fault_out_of_order(),
  in_the_past: () => m.fault_in_the_past(),
  unknown: ({ message }) => unknown(message),
  unknown_field: () => m.fault_unknown(),
  itself: () => m.fault_itself(),
  duplicate: () => m.fault_duplicate(),
  reserved: () => m.fault_reserved(),
  swapped: () => m.fault_swapped(),
  inside_itself: () => m.fault_inside_itself(),
  too_deep: () => m.fault_too_deep(),
  out_of_area: () => m.fault_out_of_area(),
  control_character: () => m.fault_control_character(),
  inactive: () => m.fault_inactive(),
  disabled: () => m.fault_disabled(),
  other_kind: () => m.fault_other_kind(),
  no_template: () => m.fault_no_template(),
  too_precise: () => m.fault_too_precise(),
  too_large: () => m.fault_form_too_large(),
  unreadable: () => m.fault_unreadable(),
  check_digit: () => m.fault_check_digit(),
  expression_syntax: (fault) => m.fault_expression_syntax(detail(fault)),
  expression_unknown: (fault) => m.fault_expression_unknown(detail(fault)),
  expression_not_allowed: (fault) => m.fault_expression_not_allowed(detail(fault)),
  expression_not_boolean: (fault) => m.fault_expression_not_boolean(detail(fault)),
  expression_too_big: () => m.fault_expression_too_big(),
  one_way: () => m.fault_one_way(),
  placeholder: ({ message }) => m.fault_placeholder({ name: /^\{\w+\}/.exec(message)?.[0] ?? '' }),
  invalid: ({ field, message }) => stockFault(message) ?? (field === 'email' ? m.fault_email() : field === 'currency' ? m.fault_currency() : locale.current === 'en' ? sentence(message) : m.fault_invalid()),
};

export const faultWords = (fault: FieldFault): string => faults[fault.code]?.(fault) ?? fault.message;

const codes: Record<string, () => string> = {
  unreachable: m.problem_unreachable,
  stale: m.problem_stale,
  overtaken: m.problem_overtaken,
  clash_undecided: m.problem_clash_undecided,
  changed_meanwhile: m.problem_stale,
  forbidden: m.problem_forbidden,
  busy: m.problem_busy,
  commit_unknown: m.problem_commit_unknown,
  not_found: m.problem_not_found,
  shortage: m.problem_shortage,
  nobody_fits: m.problem_nobody_fits,
  no_difference: m.problem_no_difference,
  illegal_move: m.problem_illegal_move,
  already_assigned: m.problem_already_assigned,
  last_admin: m.problem_last_admin,
  template_shipped: m.problem_template_shipped,
  merge_in_work: m.problem_merge_in_work,
  tasks_open: m.problem_tasks_open,
  too_many_tasks: m.problem_too_many_tasks,
  merge_into_ended: m.problem_merge_into_ended,
  merge_elsewhere: m.problem_merge_elsewhere,
  merge_less_urgent: m.problem_merge_less_urgent,
  too_many_templates: m.problem_too_many_templates,
  mail_not_dead: m.problem_mail_not_dead,
  has_open_tickets: m.problem_has_open_tickets,
  plan_refused: m.problem_plan_refused,
  ticket_ended: m.problem_ticket_ended,
  no_van: m.problem_no_van,
  tickets_not_over: m.problem_tickets_not_over,
  record_key: m.problem_record_key,
  record_damaged: m.problem_record_damaged,
  no_user: m.problem_no_user,
  push_off: m.problem_push_off,
  inactive: m.problem_engineer_left,
  revoked: m.problem_revoked,
  wrong_code: m.problem_wrong_code,
  schema_too_old: m.problem_schema_too_old,
  too_many_rescues: m.problem_too_many_rescues,
  too_many_pieces: m.problem_too_many_pieces,
  too_many_uploads: m.problem_too_many_uploads,
  wrong_offset: m.problem_wrong_offset,
  no_engineer: m.problem_no_engineer,
  serial_elsewhere: m.problem_serial_elsewhere,
  serial_promised: m.problem_serial_promised,
  not_undoable: m.problem_not_undoable,
  count_running: m.problem_count_running,
  count_status: m.problem_count_status,
  count_incomplete: m.problem_count_incomplete,
  return_status: m.problem_return_status,
  own_count: m.problem_own_count,
  over_receipt: m.problem_over_receipt,
  more_than_needed: m.problem_more_than_needed,
  place_in_use: m.problem_place_in_use,
  sla_in_use: m.problem_sla_in_use,
  rule_shipped: m.problem_rule_shipped,
  nobody_to_tell: m.rule_nobody_to_tell,
  too_many_rules: m.problem_too_many_rules,
  part_on_order: m.problem_part_on_order,
  order_status: m.problem_order_status,
  not_lacking: m.problem_not_lacking,
  already_answered: m.problem_already_answered,
  confirmation_over: m.problem_confirmation_over,
  already_resolved: m.problem_already_resolved,
  outside_place: m.problem_outside_place,
  ambiguous_code: m.problem_ambiguous_code,
  unknown_code: m.problem_unknown_code,
  too_many_attempts: m.problem_too_many_attempts,
  too_large: m.problem_too_large,
  not_csv: m.problem_wrong_file,
  not_form: m.problem_wrong_file,
  internal: m.problem_internal,
  nothing_to_undo: m.problem_nothing_to_undo,
  nothing_to_redo: m.problem_nothing_to_redo,
  not_undone: m.problem_not_undone,
  undo_too_late: m.problem_undo_too_late,
  proposal_gone: m.problem_proposal_gone,
  proposal_empty: m.problem_proposal_empty,
};
/** Codes whose words name what stands in the way. */
const named: Record<string, (facts: Record<string, unknown>) => string> = {
  already_undone: ({ by }) => m.problem_already_undone({ by: actor(by) }),
  undo_phone_acted: ({ engineer, ticket_number, kind, at }) => m.problem_undo_phone_acted({ engineer: String(engineer), number: String(ticket_number), event: eventLabel(String(kind)), time: clockAt(at) }),
  undo_changed: ({ by, ticket_number, at }) => m.problem_undo_changed({ by: actor(by), number: String(ticket_number), time: clockAt(at) }),
  proposal_changed: ({ by, ticket_number, at }) => m.problem_proposal_changed({ by: actor(by), number: String(ticket_number), time: clockAt(at) }),
  proposal_refused: ({ ticket_number, why }) => m.problem_proposal_refused({ number: String(ticket_number), reason: planReason(String(why)) }),
  undo_parts_moved: ({ ticket_number }) => m.problem_undo_parts_moved({ number: String(ticket_number) }),
};
const actor = (by: unknown): string => (typeof by === 'string' ? actorLabel(by) : m.somebody());
const clockAt = (at: unknown): string => (typeof at === 'number' ? clockTime(locale.current, at) : '–');
const statuses: Record<number, () => string> = { 0: m.problem_unreachable, 403: m.problem_forbidden, 412: m.problem_stale, 429: m.problem_busy };

/** Codes that name what they are about behind a point: `excluded.workload`, `illegal_step.cancelled`. */
const families: Record<string, (about: string) => string> = {
  excluded: (rule) => m.problem_excluded({ reason: ruleLabel(rule) }),
  illegal_step: () => m.problem_illegal_move(),
};
function ofFamily(code: string): string | undefined {
  const [family = '', about = ''] = code.split('.', 2);
  return about ? families[family]?.(about) : undefined;
}

/** What none of a form's fields can show; never lost, even if the form is older than the server. */
export function problemWords(problem: Problem, shown: readonly string[]): string[] {
  if (problem.faults.length > 0) return problem.unshown(shown).map((fault) => `${fault.field}: ${faultWords(fault)}`);
  const words = codes[problem.code]?.() ?? named[problem.code]?.(problem.facts) ?? ofFamily(problem.code) ?? statuses[problem.status]?.() ?? problem.message;
  return [problem.number ? `${problem.number}: ${words}` : words];
}

/** What a refusal is about that names no field, because it is nobody's slip: what was typed is right, the stock is not. */
const ABOUT: Record<string, string> = { shortage: 'quantity', no_difference: 'quantity', serial_elsewhere: 'serials', serial_promised: 'serials' };

/** The fault of one field of a form, be it wrong by itself or not to be had. */
export function fieldWords(problem: Problem, field: string): string | undefined {
  const fault = problem.at(field);
  if (fault) return faultWords(fault);
  return problem.faults.length === 0 && ABOUT[problem.code] === field ? problemWords(problem, [])[0] : undefined;
}

/** What is left to be said beside these fields. */
export const restWords = (problem: Problem, fields: readonly string[]): string[] =>
  problem.faults.length === 0 && fields.includes(ABOUT[problem.code] ?? '') ? [] : problemWords(problem, fields);
