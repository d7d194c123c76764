//! Nobody gets more work than he may have in hand. Asked again with the load that is read inside the
//! transaction that assigns, so two of them cannot both fit into the last free hour.

use super::Fact;
use crate::case::Case;

pub fn is_broken(case: &Case) -> bool {
    let minutes = case.load.minutes.saturating_add(case.query.visit.expected_minutes);
    minutes > case.profile.engineer.max_load_minutes
}

pub fn fact(case: &Case) -> Fact {
    Fact::Workload {
        in_hand_minutes: case.load.minutes,
        expected_minutes: case.query.visit.expected_minutes,
        max_minutes: case.profile.engineer.max_load_minutes,
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::sample::Scene;
    use crate::rules::{Fact, Rule};

    #[test]
    fn the_visit_must_fit_into_what_he_may_have_in_hand() {
        Scene::new().in_hand(420).accepts();
        let fact = Fact::Workload { in_hand_minutes: 421, expected_minutes: 60, max_minutes: 480 };
        Scene::new().in_hand(421).excludes(Rule::Workload, fact);
    }

    #[test]
    fn an_absurd_load_does_not_overflow() {
        let fact = Fact::Workload { in_hand_minutes: u32::MAX, expected_minutes: 60, max_minutes: 480 };
        Scene::new().engineer_on_shift_for_ever().in_hand(u32::MAX).excludes(Rule::Workload, fact);
    }
}
