/**
 * Words for the closed lists of the API. A code that a newer server sends and this page does not know is shown
 * as it is, never hidden: an unknown reason is still a reason.
 */
import * as m from './generated/messages.js';
import { locale } from './locale.svelte';

type Words = Record<string, () => string>;
/* @__NO_SIDE_EFFECTS__ */
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
  route_full: m.rule_route_full, first_visit_unlikely: m.rule_first_visit_unlikely,
});
/** What one does about it. A rule that this page does not know has no remedy here, but its name and fact are shown. */
const remedies: Words = {
  inactive: m.remedy_inactive, skill_missing: m.remedy_skill_missing, certificate_level: m.remedy_certificate_level,
  certificate_expired: m.remedy_certificate_expired, certificate_not_yet_valid: m.remedy_certificate_not_yet_valid,
  off_shift: m.remedy_off_shift, absent: m.remedy_absent, workload: m.remedy_workload,
  excluded_by_customer: m.remedy_excluded_by_customer, too_far: m.remedy_too_far, window_missed: m.remedy_window_missed,
  route_full: m.remedy_route_full, first_visit_unlikely: m.remedy_first_visit_unlikely,
};
export const remedyText = (rule: string): string => remedies[rule]?.() ?? '';
export const termLabel = lookup({
  travel: m.term_travel, wait: m.term_wait, lateness: m.term_lateness, overtime: m.term_overtime, load: m.term_load,
  parts: m.term_parts, speed: m.term_speed, skill_margin: m.term_skill_margin,
  lateness_behind: m.term_lateness_behind, continuity: m.term_continuity, first_visit: m.term_first_visit,
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
/** Why a plan cannot be carried out. */
export const planReason = lookup({
  parts_have_left: m.plan_why_parts_have_left, rule_excludes: m.plan_why_rule_excludes, hands_full: m.plan_why_hands_full,
  part_missing: m.plan_why_part_missing, changed_meanwhile: m.plan_why_changed_meanwhile,
});
/** Parts of the server that act by themselves; people have their own names. */
export const actorLabel = lookup({ dispatch: m.actor_dispatch, planner: m.actor_planner });
export const kindLabel = lookup({
  repair: m.kind_repair, breakdown: m.kind_repair, inspection: m.kind_inspection, maintenance: m.kind_maintenance,
  complaint: m.kind_complaint, consultation: m.kind_consultation, incident: m.kind_incident, reset: m.kind_reset,
  it: m.kind_it, it_fault: m.kind_it, follow_up: m.kind_follow_up,
});
export const entityLabel = lookup({
  notes: m.entity_notes, part_usage: m.entity_part_usage, reservations: m.entity_reservations, tasks: m.tasks,
});
/** What phones record, in the words of a list of it. */
export const collectionLabel = lookup({
  ticket_events: m.collection_ticket_events, part_usage: m.collection_part_usage, notes: m.collection_notes, labour: m.collection_labour, checklist_answers: m.collection_checklist_answers,
  readings: m.collection_readings, photos: m.collection_photos, signatures: m.collection_signatures, tickets: m.collection_tickets,
});
/** Why something did not go as a phone sent it. */
export const whyLabel = lookup({
  cancelled: m.why_cancelled, closed: m.why_closed, not_yours: m.why_not_yours, not_assigned: m.why_not_assigned, already_taken: m.why_already_taken, server: m.why_server, later: m.why_later, device: m.why_device,
});
export const photoLabel = lookup({ before: m.photo_before, after: m.photo_after, other: m.photo_other });
export const labourLabel = lookup({ work: m.labour_work, travel: m.labour_travel });
export const cardLabel = lookup({
  negative_stock: m.card_negative_stock, piece_elsewhere: m.card_piece_elsewhere, piece_unknown: m.card_piece_unknown, piece_unnamed: m.card_piece_unnamed, late_work: m.card_late_work, step: m.card_step, fields: m.card_fields, rejected: m.card_rejected,
});
export const movementLabel = lookup({
  receive: m.movement_receive, transfer: m.movement_transfer, adjust: m.movement_adjust, issue: m.movement_issue, return: m.movement_return, install: m.movement_install,
  reject: m.movement_reject, scrap: m.movement_scrap,
});
export const countLabel = lookup({ open: m.count_open, submitted: m.count_submitted, approved: m.count_approved, rejected: m.count_rejected });
export const returnLabel = lookup({ expected: m.return_expected, received: m.return_received, graded: m.return_graded, waived: m.return_waived });
export const gradeLabel = lookup({ none: m.grade_none, reusable: m.grade_reusable, repair: m.grade_repair, quarantine: m.grade_quarantine, scrap: m.grade_scrap });
export const placeKindLabel = lookup({
  depot: m.place_is_depot, bin: m.place_is_bin, van: m.place_is_van, quarantine: m.place_is_quarantine, repair: m.place_is_repair,
  unplaced: m.place_is_unplaced, scrap: m.place_is_scrap,
});
/** A part or a skill has a Chinese name of its own, or none. */
export const named = (row: { name: string; name_zh?: string | null }) =>
  locale.current === 'zh-CN' && row.name_zh ? row.name_zh : row.name;

/** Words of the organisation's own: the usual ones are translated, in whatever case they are written, others stay. */
/* @__NO_SIDE_EFFECTS__ */
const anyCase = (words: Words) => (text: string | null | undefined) => (text ? (words[text.trim().toLowerCase()]?.() ?? text) : '');
const levels: Words = {
  platinum: m.level_platinum, vip: m.level_vip, gold: m.level_gold, silver: m.level_silver, bronze: m.level_bronze, standard: m.level_standard,
};
const assetKinds: Words = {
  'passenger elevator': m.asset_passenger, freight: m.asset_freight, escalator: m.asset_escalator, dumbwaiter: m.asset_dumbwaiter,
  sidewalk: m.asset_sidewalk, manlift: m.asset_manlift, 'handicap lift': m.asset_handicap, 'public elevator': m.asset_public,
};
export const levelLabel = anyCase(levels);
export const assetKindLabel = anyCase(assetKinds);
const units: Words = { pcs: m.unit_pcs, pc: m.unit_pcs, m: m.unit_m, l: m.unit_l };
export const unitLabel = anyCase(units);
/** Symptoms of the published outage records, which the demo replays; what a customer said stays as he said it. */
export const symptomLabel = anyCase({
  'callback/repair': m.symptom_callback, 'minor repair': m.symptom_minor, 'major repair': m.symptom_major, 'incident/accident': m.symptom_incident,
  'power surge/outage': m.symptom_power, 'fire alarm/deluge systems': m.symptom_fire, handrail: m.symptom_handrail,
  'water leak/intrusion': m.symptom_water, 'weather related': m.symptom_weather, other: m.symptom_other,
});

/** A field that shows words and stores the code behind them, for lists to which one may add words of one's own. */
export interface Coded {
  suggestions: () => string[];
  shown: (code: string) => string;
  stored: (typed: string) => string;
}
/* @__NO_SIDE_EFFECTS__ */
const coded = (words: Words, label: (text: string) => string, codes: string[]): Coded => ({
  suggestions: () => codes.map((code) => label(code)),
  shown: label,
  stored: (typed) => codes.find((code) => words[code.toLowerCase()]?.() === typed.trim()) ?? typed.trim(),
});
export const levelCodes = coded(levels, levelLabel, Object.keys(levels));
export const assetKindCodes = coded(assetKinds, assetKindLabel, ['Passenger Elevator', 'Freight', 'Escalator', 'Dumbwaiter', 'Sidewalk', 'Manlift', 'Handicap Lift', 'Public Elevator']);
export const unitCodes = coded(units, unitLabel, ['pcs', 'm', 'kg', 'l']);
/** Tables of policies and calendars that come with Fettle, and their rows, are called in English: what is stored stays so. */
const slaWords: Words = {
  'four levels': m.sla_name_four_levels, 'high in 15 minutes': m.sla_name_high_in_15, 'consultation and complaint': m.sla_name_consultation_and_complaint,
  'repair and consultation': m.sla_name_repair_and_consultation, 'four-hour response': m.sla_name_four_hours, 'china, office hours': m.sla_name_china, 'new york, office hours': m.sla_name_new_york,
  'round the clock': m.sla_name_round_the_clock, urgent: m.priority_1, high: m.priority_2, medium: m.priority_3, low: m.priority_4, all: m.sla_all, repair: m.kind_repair, consultation: m.kind_consultation, complaint: m.kind_complaint,
};
const slaCodes = ['Four levels', 'High in 15 minutes', 'Consultation and complaint', 'Repair and consultation', 'Four-hour response', 'China, office hours', 'New York, office hours', 'Round the clock', 'Urgent', 'High', 'Medium', 'Low', 'All', 'Repair', 'Consultation', 'Complaint'];
export const slaNames = coded(slaWords, anyCase(slaWords), slaCodes);
