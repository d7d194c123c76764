//! What a dispatcher may change without a programmer: limits and weights. A policy is data with a
//! version; every recommendation names the version that made it. All weights turn something into
//! minutes, so that "E-7 is 12 minutes better" means something to the person who reads it.

use crate::problem::{MS_PER_MINUTE, Millis};
use crate::strategy::Strategy;
use crate::travel::StraightLine;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Limits and weights. Missing fields take the default; unknown ones are refused by name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = DispatchPolicy)]
pub struct Policy {
    /// Counted up by whoever stores it.
    pub version: i64,
    /// Whether the server assigns and moves tickets by itself. Otherwise it proposes, and a dispatcher decides. Yes.
    pub auto: bool,
    /// What candidates are ordered by before their score. Smart: nothing.
    pub strategy: Strategy,
    /// How many of the nearest eligible engineers are ranked. 20.
    pub shortlist_size: usize,
    /// Nobody is sent farther, in a straight line. 60,000 m.
    pub max_distance_m: f64,
    /// A visit without a window must begin within so many minutes after it could. 720 (12 h).
    pub max_wait_minutes: u32,
    /// A position older than this says nothing; he is taken to be at home. 60.
    pub position_limit_minutes: u32,
    /// How the shortlist estimates journeys.
    pub straight_line: StraightLine,
    /// Cost of a minute on the road. 1.
    pub travel_weight: f64,
    /// Cost of a minute until he is on shift and free, by priority: urgent tickets mind most.
    /// 1, 0.7, 0.4, 0.2.
    pub wait_weights: [f64; 4],
    /// Cost of a minute past the due time, by priority. 8, 4, 2, 1.
    pub lateness_weights: [f64; 4],
    /// Cost of a minute worked past the end of the shift. 1.
    pub overtime_weight: f64,
    /// Fairness: cost of each minute that he already has in hand. 0.1.
    pub load_weight: f64,
    /// How far past speed counts: 1 takes the minutes he is expected to save at their face value.
    pub speed_weight: f64,
    /// Like faults after which his own record weighs as much as everybody's. 5.
    pub speed_prior: u32,
    /// Saved by somebody who knows the customer well. 3.
    pub known_customer_minutes: f64,
    /// Saved by somebody who knows the asset well. 5.
    pub known_asset_minutes: f64,
    /// Cost of each certificate level above the required one: spare the specialists. 2.
    pub margin_minutes: f64,
    /// Time to park, find and sign for parts at one depot. 5.
    pub pickup_minutes: u32,
    /// Cost of a needed part that no place has: he will have to come twice. 240.
    pub missing_part_minutes: f64,
    /// What it takes each of two engineers to meet and hand a part over. Absent: nobody is asked to. Absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meeting_minutes: Option<u32>,
    /// Cost of taking all that is needed of a part from what a place keeps for others; of a part of it, in
    /// proportion. 60.
    pub starving_minutes: f64,
    /// Whether a substitute may be taken for a needed part. No.
    pub substitutes: bool,
    /// Nobody is sent farther out of the way for parts, the time at the stops included. Absent: however far. Absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_detour_minutes: Option<u32>,
    /// Cost of having to come twice, times how likely that is. It then stands for `missing_part_minutes`, which is
    /// not asked for beside it. 0: not asked.
    pub second_visit_minutes: f64,
    /// Nobody is sent by the server who is less likely to fix it at the first visit, from 0 to 1. 0: anybody.
    pub least_first_visit: f64,
    /// Visits on like faults after which his own share of repairs weighs as much as everybody's. 10.
    pub record_prior: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            version: 1,
            auto: true,
            strategy: Strategy::Smart,
            shortlist_size: 20,
            max_distance_m: 60_000.0,
            max_wait_minutes: 720,
            position_limit_minutes: 60,
            straight_line: StraightLine::default(),
            travel_weight: 1.0,
            wait_weights: [1.0, 0.7, 0.4, 0.2],
            lateness_weights: [8.0, 4.0, 2.0, 1.0],
            overtime_weight: 1.0,
            load_weight: 0.1,
            speed_weight: 1.0,
            speed_prior: 5,
            known_customer_minutes: 3.0,
            known_asset_minutes: 5.0,
            margin_minutes: 2.0,
            pickup_minutes: 5,
            missing_part_minutes: 240.0,
            meeting_minutes: None,
            starving_minutes: 60.0,
            substitutes: false,
            max_detour_minutes: None,
            second_visit_minutes: 0.0,
            least_first_visit: 0.0,
            record_prior: 10,
        }
    }
}

/// A policy that would make nonsense of a score.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{field} is {value}; it must be from {least} to {most}")]
pub struct PolicyError {
    pub field: &'static str,
    pub value: f64,
    pub least: f64,
    pub most: f64,
}

/// No price of a thing that goes wrong needs to be higher.
const MOST_MINUTES: f64 = 100_000.0;

/// No weight needs to be larger; beyond this, sums of minutes lose their tenths.
const MOST_WEIGHT: f64 = 1_000.0;

impl Policy {
    /// Refuses values that are not numbers, negative weights and useless limits. To be called where
    /// a policy is stored; the scores rely on it.
    pub fn check(&self) -> Result<(), PolicyError> {
        let in_range = |field, value: f64, least, most| {
            let fits = (least..=most).contains(&value);
            if fits { Ok(()) } else { Err(PolicyError { field, value, least, most }) }
        };
        in_range("shortlist_size", self.shortlist_size as f64, 1.0, 1_000.0)?;
        in_range("max_distance_m", self.max_distance_m, 1.0, 30_000_000.0)?;
        in_range("max_wait_minutes", f64::from(self.max_wait_minutes), 0.0, 60.0 * 24.0 * 31.0)?;
        in_range("position_limit_minutes", f64::from(self.position_limit_minutes), 0.0, 60.0 * 24.0)?;
        in_range("straight_line.road_factor", self.straight_line.road_factor, 1.0, 5.0)?;
        in_range("straight_line.speed_kmh", self.straight_line.speed_kmh, 1.0, 1_000.0)?;
        in_range("travel_weight", self.travel_weight, 0.0, MOST_WEIGHT)?;
        for weight in self.wait_weights {
            in_range("wait_weights", weight, 0.0, MOST_WEIGHT)?;
        }
        for weight in self.lateness_weights {
            in_range("lateness_weights", weight, 0.0, MOST_WEIGHT)?;
        }
        in_range("overtime_weight", self.overtime_weight, 0.0, MOST_WEIGHT)?;
        in_range("load_weight", self.load_weight, 0.0, MOST_WEIGHT)?;
        in_range("speed_weight", self.speed_weight, 0.0, MOST_WEIGHT)?;
        in_range("known_customer_minutes", self.known_customer_minutes, 0.0, MOST_WEIGHT)?;
        in_range("known_asset_minutes", self.known_asset_minutes, 0.0, MOST_WEIGHT)?;
        in_range("margin_minutes", self.margin_minutes, 0.0, MOST_WEIGHT)?;
        in_range("pickup_minutes", f64::from(self.pickup_minutes), 0.0, 60.0 * 24.0)?;
        in_range("missing_part_minutes", self.missing_part_minutes, 0.0, MOST_MINUTES)?;
        self.check_parts(in_range)
    }

    fn check_parts(
        &self,
        in_range: impl Fn(&'static str, f64, f64, f64) -> Result<(), PolicyError>,
    ) -> Result<(), PolicyError> {
        let day = |minutes: Option<u32>| f64::from(minutes.unwrap_or(0));
        in_range("meeting_minutes", day(self.meeting_minutes), 0.0, 60.0 * 24.0)?;
        in_range("starving_minutes", self.starving_minutes, 0.0, MOST_MINUTES)?;
        in_range("max_detour_minutes", day(self.max_detour_minutes), 0.0, 60.0 * 24.0)?;
        in_range("second_visit_minutes", self.second_visit_minutes, 0.0, MOST_MINUTES)?;
        in_range("least_first_visit", self.least_first_visit, 0.0, 1.0)?;
        in_range("record_prior", f64::from(self.record_prior), 0.0, 1_000_000.0)
    }

    /// A position taken before this instant is too old at `now`.
    pub fn positions_since(&self, now: Millis) -> Millis {
        now.saturating_sub(i64::from(self.position_limit_minutes) * MS_PER_MINUTE)
    }
}

/// The policies of a deployment: one for each kind of ticket that has its own, and one for all others.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Policies {
    pub general: Policy,
    pub by_kind: BTreeMap<String, Policy>,
}

impl Policies {
    pub fn of_kind(&self, kind: &str) -> &Policy {
        self.by_kind.get(kind).unwrap_or(&self.general)
    }

    /// Refuses the first policy that makes no sense, with the kind whose it is; the general one has none.
    pub fn check(&self) -> Result<(), (Option<&str>, PolicyError)> {
        self.general.check().map_err(|error| (None, error))?;
        self.by_kind
            .iter()
            .try_for_each(|(kind, policy)| policy.check().map_err(|error| (Some(&**kind), error)))
    }
}

/// The weight for a priority from 1 to 4; anything else counts as the nearest of them.
pub(crate) fn by_priority(weights: &[f64; 4], priority: u8) -> f64 {
    weights[usize::from(priority.clamp(1, 4) - 1)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_policy_is_sound() {
        assert_eq!(Policy::default().check(), Ok(()));
    }

    #[test]
    fn a_weight_that_is_negative_or_no_number_is_refused_by_name() {
        let policy = Policy { load_weight: -0.1, ..Policy::default() };
        assert_eq!(policy.check().unwrap_err().field, "load_weight");
        let policy = Policy { wait_weights: [1.0, f64::NAN, 0.0, 0.0], ..Policy::default() };
        assert_eq!(policy.check().unwrap_err().field, "wait_weights");
        let policy = Policy { shortlist_size: 0, ..Policy::default() };
        assert_eq!(policy.check().unwrap_err().to_string(), "shortlist_size is 0; it must be from 1 to 1000");
    }

    #[test]
    fn what_parts_and_first_visits_cost_is_refused_out_of_range() {
        let field = |policy: Policy| policy.check().map_err(|error| error.field);
        assert_eq!(field(Policy { meeting_minutes: Some(0), ..Policy::default() }), Ok(()));
        assert_eq!(
            field(Policy { meeting_minutes: Some(1_441), ..Policy::default() }),
            Err("meeting_minutes")
        );
        assert_eq!(
            field(Policy { max_detour_minutes: Some(1_441), ..Policy::default() }),
            Err("max_detour_minutes")
        );
        assert_eq!(field(Policy { starving_minutes: -1.0, ..Policy::default() }), Err("starving_minutes"));
        let policy = Policy { second_visit_minutes: f64::INFINITY, ..Policy::default() };
        assert_eq!(field(policy), Err("second_visit_minutes"));
        assert_eq!(field(Policy { least_first_visit: 1.1, ..Policy::default() }), Err("least_first_visit"));
        assert_eq!(field(Policy { record_prior: u32::MAX, ..Policy::default() }), Err("record_prior"));
    }

    #[test]
    fn a_stored_policy_may_omit_fields_but_not_misspell_them() {
        let policy: Policy = serde_json::from_str(r#"{"version": 7, "load_weight": 0.5}"#).unwrap();
        assert_eq!(policy, Policy { version: 7, load_weight: 0.5, ..Policy::default() });
        assert!(serde_json::from_str::<Policy>(r#"{"laod_weight": 0.5}"#).is_err());
    }

    #[test]
    fn a_kind_without_a_policy_of_its_own_has_the_general_one() {
        let json = r#"{"by_kind": {"inspection": {"version": 3, "strategy": {"kind": "round_robin"}}}}"#;
        let mut policies: Policies = serde_json::from_str(json).unwrap();
        assert_eq!(policies.of_kind("inspection").strategy, Strategy::RoundRobin);
        assert_eq!(policies.of_kind("repair"), &Policy::default());
        assert_eq!(policies.check(), Ok(()));
        policies.by_kind.insert("repair".into(), Policy { travel_weight: -1.0, ..Policy::default() });
        let (kind, error) = policies.check().unwrap_err();
        assert_eq!((kind, error.field), (Some("repair"), "travel_weight"));
    }

    #[test]
    fn a_priority_out_of_range_takes_the_nearest_weight() {
        let weights = [8.0, 4.0, 2.0, 1.0];
        assert_eq!(
            (0..6).map(|p| by_priority(&weights, p)).collect::<Vec<_>>(),
            [8.0, 8.0, 4.0, 2.0, 1.0, 1.0]
        );
    }
}
