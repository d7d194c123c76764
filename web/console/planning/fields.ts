/** The numbers of a dispatch policy (and a choice) as a form shows them: in which order, with which words, in which unit, and the server's default. */
import type { DispatchPolicy } from '$shared/api/types';
import { m } from '$shared/i18n/text';

export interface NumberSpec {
  /** Its path in the policy, as the server names it in a fault. */
  key: string;
  label: () => string;
  help: () => string;
  unit: () => string;
  /** The server takes no fractions of it. */
  whole?: boolean;
  /** One number for each priority, the most urgent first. */
  byPriority?: boolean;
  /** A limit that need not be set: left empty, there is none. */
  optional?: boolean;
  /** No number: yes or no. */
  choice?: boolean;
}

export interface Group {
  title: () => string;
  help: () => string;
  fields: NumberSpec[];
}

const factor = () => '×';

export const groups: Group[] = [
  {
    title: m.policy_limits,
    help: m.policy_limits_help,
    fields: [
      { key: 'auto', label: m.policy_auto, help: m.policy_auto_help, unit: () => '', choice: true },
      { key: 'shortlist_size', label: m.shortlist_size, help: m.shortlist_size_help, unit: m.unit_engineers, whole: true },
      { key: 'max_distance_m', label: m.max_distance, help: m.max_distance_help, unit: m.unit_m },
      { key: 'max_wait_minutes', label: m.max_wait, help: m.max_wait_help, unit: m.unit_minutes, whole: true },
      { key: 'position_limit_minutes', label: m.position_limit, help: m.position_limit_help, unit: m.unit_minutes, whole: true },
    ],
  },
  {
    title: m.policy_weights,
    help: m.policy_weights_help,
    fields: [
      { key: 'travel_weight', label: m.travel_weight, help: m.travel_weight_help, unit: factor },
      { key: 'overtime_weight', label: m.overtime_weight, help: m.overtime_weight_help, unit: factor },
      { key: 'load_weight', label: m.load_weight, help: m.load_weight_help, unit: factor },
      { key: 'speed_weight', label: m.speed_weight, help: m.speed_weight_help, unit: factor },
      { key: 'speed_prior', label: m.speed_prior, help: m.speed_prior_help, unit: m.unit_jobs, whole: true },
      { key: 'wait_weights', label: m.wait_weights, help: m.wait_weights_help, unit: factor, byPriority: true },
      { key: 'lateness_weights', label: m.lateness_weights, help: m.lateness_weights_help, unit: factor, byPriority: true },
    ],
  },
  {
    title: m.policy_minutes,
    help: m.policy_minutes_help,
    fields: [
      { key: 'known_customer_minutes', label: m.known_customer, help: m.known_customer_help, unit: m.unit_minutes },
      { key: 'known_asset_minutes', label: m.known_asset, help: m.known_asset_help, unit: m.unit_minutes },
      { key: 'margin_minutes', label: m.margin, help: m.margin_help, unit: m.unit_minutes },
    ],
  },
  {
    title: m.policy_parts,
    help: m.policy_parts_help,
    fields: [
      { key: 'pickup_minutes', label: m.pickup, help: m.pickup_help, unit: m.unit_minutes, whole: true },
      { key: 'missing_part_minutes', label: m.missing_part, help: m.missing_part_help, unit: m.unit_minutes },
      { key: 'starving_minutes', label: m.starving, help: m.starving_help, unit: m.unit_minutes },
      { key: 'max_detour_minutes', label: m.max_detour, help: m.max_detour_help, unit: m.unit_minutes, whole: true, optional: true },
      { key: 'meeting_minutes', label: m.meeting, help: m.meeting_help, unit: m.unit_minutes, whole: true, optional: true },
      { key: 'substitutes', label: m.substitutes, help: m.substitutes_help, unit: () => '', choice: true },
    ],
  },
  {
    title: m.policy_first_visit,
    help: m.policy_first_visit_help,
    fields: [
      { key: 'second_visit_minutes', label: m.second_visit, help: m.second_visit_help, unit: m.unit_minutes },
      { key: 'least_first_visit', label: m.least_first_visit, help: m.least_first_visit_help, unit: m.unit_share },
      { key: 'record_prior', label: m.record_prior, help: m.record_prior_help, unit: m.unit_jobs, whole: true },
    ],
  },
  {
    title: m.straight_line,
    help: m.straight_line_help,
    fields: [
      { key: 'straight_line.road_factor', label: m.road_factor, help: m.road_factor_help, unit: factor },
      { key: 'straight_line.speed_kmh', label: m.speed_kmh, help: m.speed_kmh_help, unit: () => 'km/h' },
    ],
  },
];

/** What the server takes where nothing is said. */
export const DEFAULTS: DispatchPolicy = {
  version: 1,
  auto: true,
  strategy: { kind: 'smart' },
  shortlist_size: 20,
  max_distance_m: 60_000,
  max_wait_minutes: 720,
  position_limit_minutes: 60,
  straight_line: { road_factor: 1.3, speed_kmh: 30 },
  travel_weight: 1,
  wait_weights: [1, 0.7, 0.4, 0.2],
  lateness_weights: [8, 4, 2, 1],
  overtime_weight: 1,
  load_weight: 0.1,
  speed_weight: 1,
  speed_prior: 5,
  known_customer_minutes: 3,
  known_asset_minutes: 5,
  margin_minutes: 2,
  pickup_minutes: 5,
  missing_part_minutes: 240,
  starving_minutes: 60,
  substitutes: false,
  second_visit_minutes: 0,
  least_first_visit: 0,
  record_prior: 10,
};
