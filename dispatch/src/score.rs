//! What it costs if somebody takes a visit: named terms, all in minutes, that sum to the score. The
//! lowest score is the best. Minutes are kept in whole tenths, so the sum on a screen is the sum of
//! what stands above it, on every machine.

use crate::case::{Case, Hand};
use crate::policy::by_priority;
use crate::problem::{Familiarity, MS_PER_MINUTE, Millis};
use crate::sourcing::{Rates, Sourcing};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::iter::Sum;
use std::ops::Add;

/// Minutes to the tenth. In JSON a number such as 12.3.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, utoipa::ToSchema)]
#[schema(value_type = f64)]
pub struct Minutes(i64);

impl Minutes {
    pub const ZERO: Minutes = Minutes(0);

    pub const fn from_tenths(tenths: i64) -> Self {
        Self(tenths)
    }

    /// To the nearest tenth, halves away from zero.
    pub fn from_minutes(minutes: f64) -> Self {
        Self((minutes * 10.0).round() as i64)
    }

    pub const fn tenths(self) -> i64 {
        self.0
    }

    pub fn as_f64(self) -> f64 {
        self.0 as f64 / 10.0
    }
}

impl Add for Minutes {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sum for Minutes {
    fn sum<I: Iterator<Item = Self>>(terms: I) -> Self {
        terms.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Minutes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1}", self.as_f64())
    }
}

impl Serialize for Minutes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.as_f64())
    }
}

impl<'de> Deserialize<'de> for Minutes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        f64::deserialize(deserializer).map(Self::from_minutes)
    }
}

/// What a part of a score is for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Term {
    /// The journey; where his route is known, what the visit adds to it, the way home included.
    Travel,
    /// Until he is on shift and done with earlier work, weighted by priority. Stands in for what the visit does
    /// to his other tickets as long as his route is not known; nothing if it is.
    Wait,
    /// Past the due time, weighted by priority.
    Lateness,
    /// What his other tickets begin later than due because of this one, each weighted by its priority.
    LatenessBehind,
    /// Past the end of his shift.
    Overtime,
    /// Fairness: a share of what he has in hand.
    Load,
    /// The detour to fetch parts, what they are worth to others, and a price for those that no place has.
    Parts,
    /// What he takes longer than others on like faults; negative if he is faster.
    Speed,
    /// Saved because he knows the customer or the asset; never above zero.
    Continuity,
    /// Certificate levels above the required ones: specialists are spared.
    SkillMargin,
    /// What a second visit costs, times how likely it is.
    FirstVisit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TermMinutes {
    pub term: Term,
    pub minutes: Minutes,
}

/// The terms that are not zero, in the order of [`Term`].
pub fn terms(case: &Case, sourcing: &Sourcing, familiarity: Familiarity) -> Vec<TermMinutes> {
    let all = [
        (Term::Travel, travel(case)),
        (Term::Wait, wait(case)),
        (Term::Lateness, lateness(case)),
        (Term::LatenessBehind, lateness_behind(case)),
        (Term::Overtime, overtime(case)),
        (Term::Load, load(case)),
        (Term::Parts, parts(case, sourcing)),
        (Term::Speed, speed(case)),
        (Term::Continuity, continuity(case, familiarity)),
        (Term::SkillMargin, skill_margin(case)),
        (Term::FirstVisit, first_visit(case)),
    ];
    let terms = all.map(|(term, minutes)| TermMinutes { term, minutes: Minutes::from_minutes(minutes) });
    terms.into_iter().filter(|term| term.minutes != Minutes::ZERO).collect()
}

pub fn total(terms: &[TermMinutes]) -> Minutes {
    terms.iter().map(|term| term.minutes).sum()
}

fn travel(case: &Case) -> f64 {
    let seconds = match case.hand {
        Hand::Place(insertion) => insertion.travel_ms as f64 / 1_000.0,
        _ => f64::from(case.travel_seconds),
    };
    case.query.policy.travel_weight * seconds / 60.0
}

fn wait(case: &Case) -> f64 {
    if case.hand != Hand::Minutes {
        return 0.0;
    }
    let weight = by_priority(&case.query.policy.wait_weights, case.query.visit.priority);
    let waited = case.start().map_or(0.0, |start| minutes_between(case.soonest_at(), start.start_at));
    weight * waited
}

fn lateness(case: &Case) -> f64 {
    let weight = by_priority(&case.query.policy.lateness_weights, case.query.visit.priority);
    let late = |due_at| case.start().map_or(0.0, |start| minutes_between(due_at, start.start_at));
    weight * case.query.visit.due_at.map_or(0.0, late)
}

fn lateness_behind(case: &Case) -> f64 {
    match case.hand {
        Hand::Place(insertion) => insertion.late_behind / MS_PER_MINUTE as f64,
        _ => 0.0,
    }
}

fn overtime(case: &Case) -> f64 {
    if let Hand::Place(insertion) = case.hand {
        return case.query.policy.overtime_weight * insertion.overtime_ms as f64 / MS_PER_MINUTE as f64;
    }
    let ends_at = |start_at: Millis| start_at.saturating_add(case.query.visit_ms());
    let over =
        case.start().map_or(0.0, |start| minutes_between(start.stretch.ends_at, ends_at(start.start_at)));
    case.query.policy.overtime_weight * over
}

fn load(case: &Case) -> f64 {
    case.query.policy.load_weight * f64::from(case.load.minutes)
}

fn parts(case: &Case, sourcing: &Sourcing) -> f64 {
    let policy = case.query.policy;
    // The time of those who are met is as dear as his own.
    let seconds = f64::from(case.detour_seconds) + f64::from(sourcing.meeting_seconds(&Rates::of(policy)));
    let burden = f64::from(sourcing.burden_seconds) / 60.0;
    // Where the second visit is asked for by itself, a missing part is not another one.
    let is_asked = case.first_visit.is_some() && policy.second_visit_minutes > 0.0;
    let missing = if is_asked { 0.0 } else { policy.missing_part_minutes * sourcing.shortages.len() as f64 };
    policy.travel_weight * seconds / 60.0 + burden + missing
}

fn first_visit(case: &Case) -> f64 {
    let again = case.first_visit.as_ref().map_or(0.0, |first| 1.0 - first.probability);
    case.query.policy.second_visit_minutes * again
}

/// A ratio beyond these is a forgotten button, not a fast or slow engineer.
const SLOWEST: f64 = 2.0;
const FASTEST: f64 = 0.5;

/// His record, drawn towards everybody's mean as long as it is short.
fn speed(case: &Case) -> f64 {
    let (policy, visit) = (case.query.policy, case.query.visit);
    let Some(record) = case.profile.engineer.speeds.iter().find(|speed| speed.fault == visit.fault) else {
        return 0.0;
    };
    if record.count == 0 || !record.ratio.is_finite() {
        return 0.0;
    }
    let trust = f64::from(record.count) / (f64::from(record.count) + f64::from(policy.speed_prior));
    let surplus = trust * (record.ratio.clamp(FASTEST, SLOWEST) - 1.0);
    policy.speed_weight * surplus * f64::from(visit.expected_minutes)
}

/// Visits after which he knows a customer or an asset half as well as ever.
const HALF_KNOWN: f64 = 2.0;

fn continuity(case: &Case, familiarity: Familiarity) -> f64 {
    let policy = case.query.policy;
    let known = |visits: u32| f64::from(visits) / (f64::from(visits) + HALF_KNOWN);
    -policy.known_customer_minutes * known(familiarity.customer_visits)
        - policy.known_asset_minutes * known(familiarity.asset_visits)
}

fn skill_margin(case: &Case) -> f64 {
    let levels_above = case.query.requirements().map(|(requirement, key)| {
        let held =
            case.profile.certificates_for(&requirement.skill, key).map(|certificate| certificate.level).max();
        f64::from(held.unwrap_or(0).saturating_sub(requirement.level))
    });
    case.query.policy.margin_minutes * levels_above.sum::<f64>()
}

/// Zero if `until` is not after `since`.
fn minutes_between(since: Millis, until: Millis) -> f64 {
    until.saturating_sub(since).max(0) as f64 / MS_PER_MINUTE as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::first_visit::FirstVisit;
    use crate::problem::FaultSpeed;
    use crate::rules::sample::{EngineerBuilder, Scene, engineer, minutes};
    use crate::sourcing::Shortage;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn scored(scene: &Scene, sourcing: &Sourcing) -> Vec<(Term, f64)> {
        let mut scored = Vec::new();
        scene.check(|case| {
            scored = terms(case, sourcing, Familiarity::default())
                .iter()
                .map(|term| (term.term, term.minutes.as_f64()))
                .collect();
        });
        scored
    }

    fn score(scene: Scene) -> Vec<(Term, f64)> {
        scored(&scene, &Sourcing::default())
    }

    fn record(count: u32, ratio: f64) -> EngineerBuilder {
        let mut engineer = engineer().shift(0, 480);
        engineer.0.speeds.push(FaultSpeed { fault: "door".into(), count, ratio });
        engineer
    }

    #[test]
    fn someone_on_the_spot_with_nothing_to_do_costs_nothing() {
        assert_eq!(score(Scene::new()), []);
    }

    #[test]
    fn a_journey_costs_its_minutes() {
        assert_eq!(score(Scene::new().travel_minutes(17)), [(Term::Travel, 17.0)]);
    }

    #[test]
    fn waiting_for_the_shift_costs_by_priority() {
        let scene = |priority| {
            let later = Scene::new().engineer(engineer().shift(40, 480)).travel_minutes(5);
            score(later.visit(|visit| visit.priority = priority))
        };
        assert_eq!(scene(1), [(Term::Travel, 5.0), (Term::Wait, 40.0)]);
        assert_eq!(scene(4), [(Term::Travel, 5.0), (Term::Wait, 8.0)]);
    }

    #[test]
    fn work_in_hand_costs_as_wait_and_as_load() {
        assert_eq!(score(Scene::new().in_hand(50)), [(Term::Wait, 35.0), (Term::Load, 5.0)]);
    }

    #[test]
    fn a_visit_that_must_not_begin_yet_is_not_waited_for() {
        let scene = Scene::new().in_hand(30).visit(|visit| visit.earliest_at = minutes(90));
        assert_eq!(score(scene), [(Term::Load, 3.0)]);
    }

    #[test]
    fn lateness_is_weighted_eight_four_two_one() {
        let late = |priority| {
            score(Scene::new().travel_minutes(30).visit(|visit| {
                visit.due_at = Some(minutes(20));
                visit.priority = priority;
            }))[1]
        };
        assert_eq!([1, 2, 3, 4].map(late), [80.0, 40.0, 20.0, 10.0].map(|minutes| (Term::Lateness, minutes)));
    }

    #[test]
    fn work_past_the_end_of_the_shift_is_overtime() {
        let scene = Scene::new().engineer(engineer().shift(0, 45));
        assert_eq!(score(scene), [(Term::Overtime, 15.0)]);
    }

    #[test]
    fn a_detour_for_parts_costs_its_minutes_and_delays_the_start() {
        let due = |scene: Scene| scene.visit(|visit| visit.due_at = Some(minutes(10)));
        let scene = due(Scene::new().travel_minutes(10).detour_minutes(6));
        assert_eq!(score(scene), [(Term::Travel, 10.0), (Term::Lateness, 24.0), (Term::Parts, 6.0)]);
    }

    #[test]
    fn each_part_that_no_place_has_costs_a_second_visit() {
        let shortage = |part| Shortage { part_id: Uuid::from_u128(part), wanted: 3, available: 1 };
        let sourcing = Sourcing { shortages: vec![shortage(1), shortage(2)], ..Sourcing::default() };
        assert_eq!(scored(&Scene::new(), &sourcing), [(Term::Parts, 480.0)]);
    }

    #[test]
    fn a_second_visit_costs_as_much_as_it_is_likely_and_stands_for_missing_parts() {
        let first = FirstVisit { probability: 0.7, is_certified: true, parts: 0.7, record: 1.0, raise: None };
        let short = Shortage { part_id: Uuid::from_u128(1), wanted: 3, available: 1 };
        let sourcing = Sourcing { shortages: vec![short], ..Sourcing::default() };
        let scene = |minutes| {
            let scene = Scene::new().policy(|policy| policy.second_visit_minutes = minutes);
            scored(&scene.first_visit(first.clone()), &sourcing)
        };
        assert_eq!(scene(300.0), [(Term::FirstVisit, 90.0)]);
        assert_eq!(scene(0.0), [(Term::Parts, 240.0)]);
    }

    #[test]
    fn meeting_somebody_costs_his_time_too_and_what_is_kept_for_others_its_price() {
        let sourcing = Sourcing { meetings: 2, burden_seconds: 90, ..Sourcing::default() };
        let scene = Scene::new().policy(|policy| policy.meeting_minutes = Some(7)).detour_minutes(14);
        assert_eq!(scored(&scene, &sourcing), [(Term::Parts, 29.5)]);
    }

    #[test]
    fn a_long_record_counts_for_more_than_a_short_one() {
        assert_eq!(score(Scene::new().engineer(record(45, 0.8))), [(Term::Speed, -10.8)]);
        assert_eq!(score(Scene::new().engineer(record(5, 0.8))), [(Term::Speed, -6.0)]);
        assert_eq!(score(Scene::new().engineer(record(0, 0.8))), []);
        assert_eq!(score(Scene::new().engineer(record(45, 1.2))), [(Term::Speed, 10.8)]);
    }

    #[test]
    fn an_absurd_record_is_bounded_and_another_fault_does_not_count() {
        assert_eq!(score(Scene::new().engineer(record(45, 900.0))), [(Term::Speed, 54.0)]);
        assert_eq!(score(Scene::new().engineer(record(45, f64::NAN))), []);
        let other = Scene::new().engineer(record(45, 0.5)).visit(|visit| visit.fault = "rope".into());
        assert_eq!(score(other), []);
    }

    #[test]
    fn levels_above_the_required_ones_cost() {
        let specialist = engineer().shift(0, 480).with("LIFT-A", 1).with("LIFT-A", 4).with("LIFT-B", 2);
        let scene = Scene::new().engineer(specialist).requires("LIFT-A", 2).requires("LIFT-B", 2);
        assert_eq!(score(scene), [(Term::SkillMargin, 4.0)]);
    }

    #[test]
    fn weights_are_the_policys() {
        let scene = Scene::new().travel_minutes(10).in_hand(60).policy(|policy| {
            (policy.travel_weight, policy.load_weight, policy.wait_weights) = (2.0, 0.5, [0.0; 4]);
        });
        assert_eq!(score(scene), [(Term::Travel, 20.0), (Term::Load, 30.0)]);
    }

    #[test]
    fn minutes_are_numbers_with_one_decimal_in_json() {
        assert_eq!(serde_json::to_string(&Minutes::from_minutes(12.345)).unwrap(), "12.3");
        assert_eq!(serde_json::from_str::<Minutes>("-0.3").unwrap(), Minutes::from_tenths(-3));
        assert_eq!(serde_json::from_str::<Minutes>("7").unwrap().to_string(), "7.0");
    }

    proptest! {
        #[test]
        fn the_terms_sum_to_the_score_exactly(tenths in prop::collection::vec(-1_000_000i64..1_000_000, 0..9)) {
            let term = |tenths: &i64| TermMinutes { term: Term::Travel, minutes: Minutes::from_tenths(*tenths) };
            let terms: Vec<TermMinutes> = tenths.iter().map(term).collect();
            prop_assert_eq!(total(&terms).tenths(), tenths.iter().sum::<i64>());
        }

        #[test]
        fn minutes_survive_json(tenths in -1_000_000_000i64..1_000_000_000) {
            let minutes = Minutes::from_tenths(tenths);
            let json = serde_json::to_string(&minutes).unwrap();
            prop_assert_eq!(serde_json::from_str::<Minutes>(&json).unwrap(), minutes);
        }

        #[test]
        fn more_work_in_hand_never_makes_somebody_cheaper(load in 0u32..400, more in 0u32..100, travel in 0u32..90) {
            let cost = |load| {
                let scene = Scene::new().engineer(engineer().shift(0, 2_000)).in_hand(load);
                let scene = scene.travel_minutes(travel).visit(|v| v.due_at = Some(minutes(60)));
                score(scene).iter().map(|(_, minutes)| minutes).sum::<f64>()
            };
            prop_assert!(cost(load) <= cost(load + more) + 1e-6);
        }
    }
}
