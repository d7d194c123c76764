//! Nobody is sent by the server who would probably have to come twice. Off unless the policy asks for a least
//! probability, which each kind of ticket may have of its own; a dispatcher may send him all the same.

use super::Fact;
use crate::case::Case;

pub fn is_broken(case: &Case) -> bool {
    let least = case.query.policy.least_first_visit;
    case.first_visit.as_ref().is_some_and(|first| first.probability < least)
}

pub fn fact(case: &Case) -> Fact {
    let raise = case.first_visit.as_ref().and_then(|first| first.raise.as_ref());
    Fact::FirstVisitUnlikely {
        probability: case.first_visit.as_ref().map_or(1.0, |first| first.probability),
        least_probability: case.query.policy.least_first_visit,
        part_id: raise.map(|raise| raise.part_id),
        gain: raise.map_or(0.0, |raise| raise.gain),
    }
}

#[cfg(test)]
mod tests {
    use crate::first_visit::{FirstVisit, Raise};
    use crate::rules::sample::Scene;
    use crate::rules::{Fact, Rule};
    use uuid::Uuid;

    fn likely(probability: f64) -> Scene {
        let raise = Raise { part_id: Uuid::from_u128(9), gain: 0.2, from: Vec::new(), delay_seconds: 0 };
        let first_visit = FirstVisit {
            probability,
            is_certified: true,
            parts: probability,
            record: 1.0,
            raise: Some(raise),
        };
        Scene::new().first_visit(first_visit)
    }

    #[test]
    fn below_the_least_probability_of_the_policy_nobody_is_sent() {
        let asked = |probability| likely(probability).policy(|policy| policy.least_first_visit = 0.6);
        asked(0.6).accepts();
        let fact = Fact::FirstVisitUnlikely {
            probability: 0.59,
            least_probability: 0.6,
            part_id: Some(Uuid::from_u128(9)),
            gain: 0.2,
        };
        let english = "would fix it at the first visit in 59 % of cases, 60 % are asked for; \
                       20 points more with part 00000000-0000-0000-0000-000000000009";
        assert_eq!(fact.to_string(), english);
        asked(0.59).excludes(Rule::FirstVisitUnlikely, fact);
    }

    #[test]
    fn unless_the_policy_asks_for_one_it_does_not_matter() {
        likely(0.0).accepts();
        Scene::new().policy(|policy| policy.least_first_visit = 1.0).accepts();
    }
}
