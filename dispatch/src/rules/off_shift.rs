//! A visit begins within a shift, at the latest when the customer's window closes or, without one,
//! when the policy's patience ends.

use super::Fact;
use crate::calendar::{Start, Stretch, next_after, stretch_at, touches};
use crate::case::Case;

pub fn is_broken(case: &Case) -> bool {
    cannot_begin(case, case.rostered_start()) && !has_duty_in_window(case, case.profile.duty.rostered())
}

pub fn fact(case: &Case) -> Fact {
    let shifts = case.profile.duty.rostered();
    Fact::OffShift {
        next_shift_at: next_after(shifts, case.query.now).map(|shift| shift.starts_at),
        shift_ends_at: stretch_at(shifts, case.query.now).map(|shift| shift.ends_at),
        in_hand_minutes: case.load.minutes,
    }
}

/// Is a start too late, or missing?
pub(super) fn cannot_begin(case: &Case, start: Option<Start>) -> bool {
    start.is_none_or(|start| start.start_at > case.query.ends_at())
}

/// Is he on duty at some time in the customer's window, though he may not make it? Then the window
/// is the reason, not the shift. A window that is over already is always the reason.
pub(super) fn has_duty_in_window(case: &Case, stretches: &[Stretch]) -> bool {
    let query = case.query;
    query.visit.latest_at.is_some_and(|latest_at| {
        latest_at < query.begins_at() || touches(stretches, query.begins_at(), latest_at)
    })
}

#[cfg(test)]
mod tests {
    use crate::problem::MS_PER_MINUTE;
    use crate::rules::sample::{Scene, engineer};
    use crate::rules::{Fact, Rule};

    fn fact(next_shift: Option<i64>, shift_end: Option<i64>) -> Fact {
        Fact::OffShift {
            next_shift_at: next_shift.map(|minute| minute * MS_PER_MINUTE),
            shift_ends_at: shift_end.map(|minute| minute * MS_PER_MINUTE),
            in_hand_minutes: 0,
        }
    }

    #[test]
    fn someone_without_a_further_shift_is_excluded() {
        Scene::new().engineer(engineer().shift(-600, 0)).excludes(Rule::OffShift, fact(None, None));
    }

    #[test]
    fn a_shift_that_begins_within_the_patience_of_the_policy_is_waited_for() {
        Scene::new().engineer(engineer().shift(720, 900)).accepts();
        Scene::new().engineer(engineer().shift(721, 900)).excludes(Rule::OffShift, fact(Some(721), None));
    }

    #[test]
    fn a_shift_that_begins_after_the_window_is_too_late() {
        let scene = Scene::new().engineer(engineer().shift(61, 600)).latest(60);
        scene.excludes(Rule::OffShift, fact(Some(61), None));
        Scene::new().engineer(engineer().shift(60, 600)).latest(60).accepts();
    }

    #[test]
    fn someone_with_more_in_hand_than_his_shift_has_left_is_told_so() {
        let scene = Scene::new().engineer(engineer().shift(0, 200).shift(1_000, 1_200)).in_hand(200);
        let fact = Fact::OffShift {
            next_shift_at: Some(1_000 * MS_PER_MINUTE),
            shift_ends_at: Some(200 * MS_PER_MINUTE),
            in_hand_minutes: 200,
        };
        scene.excludes(Rule::OffShift, fact);
    }

    #[test]
    fn someone_who_cannot_arrive_before_his_shift_ends_is_told_the_end_and_the_next() {
        let scene = Scene::new().engineer(engineer().shift(0, 20).shift(1_000, 1_200)).travel_minutes(30);
        scene.excludes(Rule::OffShift, fact(Some(1_000), Some(20)));
    }
}
