//! His route is known, and has no place for the visit: in every position he would begin it too late, or another
//! stop would begin after its window or after his shift.

use super::Fact;
use crate::calendar::current_or_next;
use crate::case::{Case, Hand};

pub fn is_broken(case: &Case) -> bool {
    case.hand == Hand::NoPlace
}

pub fn fact(case: &Case) -> Fact {
    let shift = current_or_next(case.profile.duty.present(), case.query.now);
    Fact::RouteFull { tickets: case.load.tickets, shift_ends_at: shift.map(|shift| shift.ends_at) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::MS_PER_MINUTE;
    use crate::rules::sample::Scene;
    use crate::rules::{Rule, first_broken};

    #[test]
    fn a_route_without_a_place_for_the_visit_excludes() {
        let scene = Scene::new().in_hand(60).hand(Hand::NoPlace);
        let shift_ends_at = Some(480 * MS_PER_MINUTE);
        scene.excludes(Rule::RouteFull, Fact::RouteFull { tickets: 1, shift_ends_at });
    }

    #[test]
    fn a_route_that_was_not_looked_at_does_not_exclude_however_long_it_is() {
        Scene::new().in_hand(400).hand(Hand::Route).latest(30).accepts();
    }

    #[test]
    fn whoever_could_not_come_even_without_a_route_is_told_the_nearer_reason() {
        let scene = Scene::new().travel_minutes(40).latest(30).hand(Hand::NoPlace);
        scene.check(|case| assert_eq!(first_broken(case), Some(Rule::WindowMissed)));
    }
}
