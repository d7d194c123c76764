/**
 * Words for the closed lists of the API. A code that a newer server sends and this page does not know is shown
 * as it is, never hidden: an unknown reason is still a reason.
 */
import * as m from './generated/messages.js';
import { locale } from './locale.svelte';

type Words = Record<string, () => string>;
const lookup = (words: Words) => (code: string | null | undefined) => (code ? (words[code]?.() ?? code) : '');

export const statusLabel = lookup({
  new: m.status_new, assigned: m.status_assigned, accepted: m.status_accepted, travelling: m.status_travelling,
  on_site: m.status_on_site, working: m.status_working, waiting: m.status_waiting, completed: m.status_completed,
  closed: m.status_closed, cancelled: m.status_cancelled,
});
/** The four steps that a customer or a manager speaks of; engineers see the ten states. */
export const phaseLabel = lookup({
  new: m.phase_pending, assigned: m.phase_pending, accepted: m.phase_pending, travelling: m.phase_active,
  on_site: m.phase_active, working: m.phase_active, waiting: m.phase_active, completed: m.phase_confirm,
  closed: m.phase_closed, cancelled: m.status_cancelled,
});
const priorities: Words = { 1: m.priority_1, 2: m.priority_2, 3: m.priority_3, 4: m.priority_4 };
export const priorityLabel = (priority: number) => priorities[priority]?.() ?? String(priority);
export const roleLabel = lookup({
  admin: m.role_admin, dispatcher: m.role_dispatcher, engineer: m.role_engineer, warehouse: m.role_warehouse,
  integration: m.role_integration,
});
export const ruleLabel = lookup({
  inactive: m.rule_inactive, skill_missing: m.rule_skill_missing, certificate_level: m.rule_certificate_level,
  certificate_expired: m.rule_certificate_expired, certificate_not_yet_valid: m.rule_certificate_not_yet_valid,
  off_shift: m.rule_off_shift, absent: m.rule_absent, workload: m.rule_workload,
  excluded_by_customer: m.rule_excluded_by_customer, too_far: m.rule_too_far, window_missed: m.rule_window_missed,
  route_full: m.rule_route_full,
});
export const termLabel = lookup({
  travel: m.term_travel, wait: m.term_wait, lateness: m.term_lateness, overtime: m.term_overtime, load: m.term_load,
  parts: m.term_parts, speed: m.term_speed, skill_margin: m.term_skill_margin,
  lateness_behind: m.term_lateness_behind, continuity: m.term_continuity,
});
export const reservationLabel = lookup({
  wanted: m.reservation_wanted, held: m.reservation_held, picked: m.reservation_picked, handed_over: m.reservation_handed_over,
  used: m.reservation_used, returned: m.reservation_returned, released: m.reservation_released, expired: m.reservation_expired,
});
export const eventLabel = lookup({
  accept: m.event_accept, decline: m.event_decline, claim: m.event_claim, travel: m.event_travel, arrive: m.event_arrive,
  start: m.event_start, pause: m.event_pause, resume: m.event_resume, complete: m.event_complete, assign: m.event_assign,
  unassign: m.event_unassign, close: m.event_close, reopen: m.event_reopen, cancel: m.event_cancel,
});
export const kindLabel = lookup({
  repair: m.kind_repair, breakdown: m.kind_repair, inspection: m.kind_inspection, maintenance: m.kind_maintenance,
  complaint: m.kind_complaint, consultation: m.kind_consultation,
});
export const entityLabel = lookup({
  tickets: m.entity_tickets, visits: m.entity_visits, assignments: m.entity_assignments, ticket_events: m.entity_ticket_events,
  notes: m.entity_notes, part_usage: m.entity_part_usage, reservations: m.entity_reservations,
});
/** A part or a skill has a Chinese name of its own, or none. */
export const named = (row: { name: string; name_zh?: string | null }) =>
  locale.current === 'zh-CN' && row.name_zh ? row.name_zh : row.name;
