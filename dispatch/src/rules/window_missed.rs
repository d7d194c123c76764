//! He is on duty while the customer's window is open, but cannot be there before it closes.

use super::Fact;
use super::off_shift::cannot_begin;
use crate::case::Case;

pub fn is_broken(case: &Case) -> bool {
    case.query.visit.latest_at.is_some() && cannot_begin(case, case.start())
}

pub fn fact(case: &Case) -> Fact {
    Fact::WindowMissed { start_at: case.start().map(|start| start.start_at), latest_at: case.query.ends_at() }
}

#[cfg(test)]
mod tests {
    use crate::problem::MS_PER_MINUTE;
    use crate::rules::sample::{Scene, engineer};
    use crate::rules::{Fact, Rule};

    fn fact(start: Option<i64>, latest: i64) -> Fact {
        Fact::WindowMissed {
            start_at: start.map(|minute| minute * MS_PER_MINUTE),
            latest_at: latest * MS_PER_MINUTE,
        }
    }

    #[test]
    fn someone_who_arrives_after_the_window_has_closed_is_excluded() {
        Scene::new().travel_minutes(30).latest(30).accepts();
        Scene::new().travel_minutes(31).latest(30).excludes(Rule::WindowMissed, fact(Some(31), 30));
    }

    #[test]
    fn work_in_hand_can_make_him_miss_it() {
        Scene::new().in_hand(90).latest(60).excludes(Rule::WindowMissed, fact(Some(90), 60));
    }

    #[test]
    fn a_shift_that_ends_within_the_window_before_he_can_arrive_is_a_missed_window() {
        let scene = Scene::new().engineer(engineer().shift(0, 20)).travel_minutes(30).latest(60);
        scene.excludes(Rule::WindowMissed, fact(None, 60));
    }

    #[test]
    fn a_window_that_is_over_excludes_everybody_for_that_reason() {
        Scene::new().latest(-5).excludes(Rule::WindowMissed, fact(Some(0), -5));
        let off = Scene::new().engineer(engineer()).latest(-5);
        off.excludes(Rule::WindowMissed, fact(None, -5));
    }
}
