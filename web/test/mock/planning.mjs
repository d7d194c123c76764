// The dispatch policies and the planner's last round. The policies are checked as the server does: the first number out
// of bounds is named by its path, and whoever has read an older version is told so.
import { invalid, Refusal } from './refusal.mjs';

const MOST = 1_000;
const BOUNDS = {
  shortlist_size: [1, 1_000], max_distance_m: [1, 30_000_000], max_wait_minutes: [0, 44_640], position_limit_minutes: [0, 1_440], 'straight_line.road_factor': [1, 5], 'straight_line.speed_kmh': [1, 1_000],
  travel_weight: [0, MOST], wait_weights: [0, MOST], lateness_weights: [0, MOST], overtime_weight: [0, MOST], load_weight: [0, MOST], speed_weight: [0, MOST], known_customer_minutes: [0, MOST], known_asset_minutes: [0, MOST],
  margin_minutes: [0, MOST], pickup_minutes: [0, 1_440], missing_part_minutes: [0, 100_000], starving_minutes: [0, 100_000], second_visit_minutes: [0, 100_000], least_first_visit: [0, 1], record_prior: [1, 1_000],
};
const DEFAULTS = {
  version: 1, strategy: { kind: 'smart' }, shortlist_size: 20, max_distance_m: 60_000, max_wait_minutes: 720, position_limit_minutes: 60, straight_line: { road_factor: 1.3, speed_kmh: 30 }, travel_weight: 1, wait_weights: [1, 0.7, 0.4, 0.2],
  lateness_weights: [8, 4, 2, 1], overtime_weight: 1, load_weight: 0.1, speed_weight: 1, speed_prior: 5, known_customer_minutes: 3, known_asset_minutes: 5, margin_minutes: 2, pickup_minutes: 5, missing_part_minutes: 240, starving_minutes: 60, substitutes: false, second_visit_minutes: 0, least_first_visit: 0, record_prior: 10,
};

function check(policy, prefix) {
  for (const [path, [least, most]] of Object.entries(BOUNDS)) {
    const numbers = [path.split('.').reduce((value, name) => value[name], policy)].flat();
    if (numbers.some((one) => !(one >= least && one <= most))) throw invalid([`${prefix}.${path}`, 'out_of_range', `must be from ${least} to ${most}`]);
  }
}

export function makePlanning({ now, edit }) {
  const set = { id: 'policies', version: 1, body: { general: DEFAULTS, by_kind: { inspection: { ...DEFAULTS, strategy: { kind: 'round_robin' } } } } };
  const round = {
    at: now() - 20_000, outcome: 'published', tickets: 41, engineers: 15, left_out: 1, cost_in_force: 98_640, cost: 95_220, moved: 2, given_out: 1, retimed: 4,
    travel: { times: 'partly_roads', why: 'engine_down', calibrated: true, asked: 1_980, by_road: 1_412 },
  };

  function policies(method, body, user, ifMatch) {
    if (user.role !== 'admin' && user.role !== 'dispatcher') throw new Refusal(403, 'forbidden', 'Your role may not do this.');
    if (method !== 'PUT') return set;
    if (user.role !== 'admin') throw new Refusal(403, 'forbidden', 'Your role may not do this.');
    const version = set.version + 1;
    const whole = (policy) => ({ ...DEFAULTS, ...policy, version });
    const next = { general: whole(body.general), by_kind: Object.fromEntries(Object.entries(body.by_kind ?? {}).map(([kind, policy]) => [kind, whole(policy)])) };
    check(next.general, 'general');
    for (const [kind, policy] of Object.entries(next.by_kind)) check(policy, `by_kind.${kind}`);
    return edit('dispatch_policies', set, { version, body: next }, ifMatch);
  }
  return { policies, round };
}
