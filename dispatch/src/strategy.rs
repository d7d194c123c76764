//! How the candidates are put in order. The rules and the score are the same for all strategies; a strategy says
//! only what comes before the score. It is part of the [`Policy`](crate::Policy), so it is data: chosen per kind of
//! ticket, editable, and named with its version by every answer.

use crate::case::Case;
use crate::problem::{Certificate, Millis};
use crate::recommend::Candidate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What comes before the score. Equal candidates are always ordered by score, distance and id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Strategy {
    /// Nothing: the lowest score is best.
    #[default]
    Smart,
    /// The shortest straight line.
    Nearest,
    /// Whoever has waited longest since he was last given something.
    RoundRobin,
    /// Whoever has the fewest minutes in hand.
    LeastLoad,
    /// Those of the visit's skill group, before others.
    SkillGroup,
    /// Those of the visit's territory, before others.
    Territory,
    /// For tickets of this priority or more urgent: the highest certificates first.
    SeniorFirst { up_to_priority: u8 },
    /// For customers of this level or above: the highest certificates first.
    CustomerLevel { from_level: u8 },
    /// Nobody is chosen: it is offered to all who are ranked, and [`winner`] gets it.
    Claim,
}

impl Strategy {
    /// Does the best of the list get the ticket without being asked?
    pub fn chooses(self) -> bool {
        self != Strategy::Claim
    }

    /// What he is ordered by before his score, the lowest first. `last_assigned_at`: when he was last given
    /// something, if ever.
    pub(crate) fn key(self, case: &Case, last_assigned_at: Option<Millis>) -> i64 {
        let (engineer, visit) = (&case.profile.engineer, case.query.visit);
        let stranger = |his: &Option<String>, its: &Option<String>| i64::from(its.is_some() && his != its);
        match self {
            Strategy::Smart | Strategy::Claim => 0,
            Strategy::Nearest => case.distance_m.round() as i64,
            Strategy::RoundRobin => last_assigned_at.unwrap_or(Millis::MIN),
            Strategy::LeastLoad => i64::from(case.load.minutes),
            Strategy::SkillGroup => stranger(&engineer.skill_group, &visit.skill_group),
            Strategy::Territory => stranger(&engineer.territory, &visit.territory),
            Strategy::SeniorFirst { up_to_priority } if visit.priority <= up_to_priority => -seniority(case),
            Strategy::CustomerLevel { from_level } if visit.customer_level >= Some(from_level) => {
                -seniority(case)
            }
            Strategy::SeniorFirst { .. } | Strategy::CustomerLevel { .. } => 0,
        }
    }
}

/// The levels that he holds of the required skills, summed up; without required skills, his highest level.
fn seniority(case: &Case) -> i64 {
    let highest = |certificates: &mut dyn Iterator<Item = &Certificate>| {
        certificates.map(|certificate| i64::from(certificate.level)).max().unwrap_or(0)
    };
    if case.query.visit.required_skills.is_empty() {
        return highest(&mut case.profile.engineer.certificates.iter());
    }
    let held = |(required, key)| {
        let required: &crate::SkillRequirement = required;
        highest(&mut case.profile.certificates_for(&required.skill, key))
    };
    case.query.requirements().map(held).sum()
}

/// Somebody wants the ticket that was offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    pub engineer_id: Uuid,
    pub at: Millis,
}

/// Who gets a ticket that was offered to all who are ranked: the first to claim it; of those at the same instant
/// the better one. Exactly one, however often and by whomever it was claimed; `None` if nobody of them did.
pub fn winner(ranked: &[Candidate], claims: &[Claim]) -> Option<Uuid> {
    let rank = |claim: &Claim| ranked.iter().position(|candidate| candidate.engineer_id == claim.engineer_id);
    let valid = claims.iter().filter_map(|claim| Some((claim.at, rank(claim)?, claim.engineer_id)));
    valid.min().map(|(_, _, engineer_id)| engineer_id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::sample::{Scene, engineer};
    use serde_json::json;

    fn key(strategy: Strategy, scene: &Scene) -> i64 {
        let mut key = 0;
        scene.check(|case| key = strategy.key(case, Some(77)));
        key
    }

    #[test]
    fn smart_and_claim_leave_it_to_the_score() {
        let scene = Scene::new().in_hand(90).distance_m(5_000.0);
        assert_eq!([Strategy::Smart, Strategy::Claim].map(|strategy| key(strategy, &scene)), [0, 0]);
    }

    #[test]
    fn nearest_goes_by_metres_and_least_load_by_minutes_in_hand() {
        let scene = Scene::new().in_hand(90).distance_m(5_000.4);
        assert_eq!((key(Strategy::Nearest, &scene), key(Strategy::LeastLoad, &scene)), (5_000, 90));
    }

    #[test]
    fn in_turn_whoever_never_got_anything_comes_first() {
        Scene::new().check(|case| {
            assert!(Strategy::RoundRobin.key(case, None) < Strategy::RoundRobin.key(case, Some(0)));
            assert!(Strategy::RoundRobin.key(case, Some(0)) < Strategy::RoundRobin.key(case, Some(9)));
        });
    }

    #[test]
    fn ones_own_territory_and_group_come_before_others_and_without_one_all_are_equal() {
        let mut scene = Scene::new();
        (scene.engineer.territory, scene.engineer.skill_group) = (Some("North".into()), Some("Lifts".into()));
        let keys = |scene: &Scene| [Strategy::Territory, Strategy::SkillGroup].map(|s| key(s, scene));
        assert_eq!(keys(&scene), [0, 0]);
        (scene.visit.territory, scene.visit.skill_group) = (Some("North".into()), Some("Doors".into()));
        assert_eq!(keys(&scene), [0, 1]);
        scene.engineer.territory = None;
        assert_eq!(keys(&scene), [1, 1]);
    }

    #[test]
    fn seniors_come_first_for_urgent_tickets_only() {
        let senior = engineer().shift(0, 480).with("LIFT-A", 3).with("LIFT-A", 5).with("LIFT-B", 2);
        let scene = |priority| {
            let scene = Scene::new().engineer(senior.clone()).requires("LIFT-A", 1).requires("LIFT-B", 1);
            scene.visit(|visit| visit.priority = priority)
        };
        let strategy = Strategy::SeniorFirst { up_to_priority: 2 };
        assert_eq!([1, 2, 3].map(|priority| key(strategy, &scene(priority))), [-7, -7, 0]);
        let unskilled = Scene::new().engineer(senior.clone()).visit(|visit| visit.priority = 1);
        assert_eq!(key(strategy, &unskilled), -5);
    }

    #[test]
    fn seniors_come_first_for_customers_of_a_level() {
        let scene = |level| {
            let scene =
                Scene::new().engineer(engineer().shift(0, 480).with("LIFT-A", 4)).requires("LIFT-A", 1);
            scene.visit(|visit| visit.customer_level = level)
        };
        let strategy = Strategy::CustomerLevel { from_level: 3 };
        assert_eq!(
            [None, Some(2), Some(3), Some(4)].map(|level| key(strategy, &scene(level))),
            [0, 0, -4, -4]
        );
    }

    #[test]
    fn of_all_who_claim_exactly_one_wins_the_first_of_those_who_qualify() {
        let candidate = |id| Candidate {
            starts_from: None,
            starts_until: None,
            engineer_id: Uuid::from_u128(id),
            code: String::new(),
            name: String::new(),
            score_minutes: crate::Minutes::ZERO,
            distance_m: 0,
            starts_at: None,
            terms: Vec::new(),
            first_visit: None,
        };
        let ranked = [3, 1, 2].map(candidate);
        let claim = |id, at| Claim { engineer_id: Uuid::from_u128(id), at };
        let winner = |claims: &[Claim]| winner(&ranked, claims).map(|id| id.as_u128());
        assert_eq!(winner(&[claim(2, 5), claim(1, 4), claim(9, 1), claim(1, 8)]), Some(1));
        assert_eq!(winner(&[claim(1, 4), claim(3, 4), claim(2, 4)]), Some(3));
        assert_eq!((winner(&[]), winner(&[claim(9, 1)])), (None, None));
        assert!(!Strategy::Claim.chooses() && Strategy::Smart.chooses());
    }

    #[test]
    fn a_strategy_is_data_and_misspelt_ones_are_refused() {
        let strategy = Strategy::SeniorFirst { up_to_priority: 2 };
        let json = json!({"kind": "senior_first", "up_to_priority": 2});
        assert_eq!(serde_json::to_value(strategy).unwrap(), json);
        assert_eq!(serde_json::from_value::<Strategy>(json).unwrap(), strategy);
        assert!(serde_json::from_value::<Strategy>(json!({"kind": "cleverest"})).is_err());
        assert_eq!(
            serde_json::from_value::<Strategy>(json!({"kind": "nearest"})).unwrap(),
            Strategy::Nearest
        );
    }
}
