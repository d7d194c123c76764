//! An absence takes time out of a shift: a visit neither begins in it nor runs into it.

use super::Fact;
use super::off_shift::{cannot_begin, has_duty_in_window};
use crate::case::Case;

pub fn is_broken(case: &Case) -> bool {
    // Asked after `off_shift`: what the shifts allow and this forbids is due to an absence.
    case.profile.duty.is_ever_absent()
        && cannot_begin(case, case.start())
        && (!cannot_begin(case, case.rostered_start())
            || !has_duty_in_window(case, case.profile.duty.present()))
}

pub fn fact(case: &Case) -> Fact {
    let begins_at = case.query.begins_at();
    let absence = case.profile.duty.absences.iter().find(|absence| absence.ends_at > begins_at);
    let (starts_at, ends_at) =
        absence.map(|absence| (absence.starts_at, absence.ends_at)).unwrap_or_default();
    Fact::Absent { starts_at, ends_at, back_at: case.start().map(|start| start.start_at) }
}

#[cfg(test)]
mod tests {
    use crate::problem::MS_PER_MINUTE;
    use crate::rules::sample::{Scene, engineer};
    use crate::rules::{Fact, Rule, first_broken};

    fn fact(starts: i64, ends: i64, back: Option<i64>) -> Fact {
        Fact::Absent {
            starts_at: starts * MS_PER_MINUTE,
            ends_at: ends * MS_PER_MINUTE,
            back_at: back.map(|minute| minute * MS_PER_MINUTE),
        }
    }

    #[test]
    fn someone_absent_for_the_rest_of_his_shifts_is_excluded() {
        let sick = engineer().shift(0, 480).absent(-60, 9_000);
        Scene::new().engineer(sick).excludes(Rule::Absent, fact(-60, 9_000, None));
    }

    #[test]
    fn an_absence_that_ends_in_time_is_waited_for() {
        Scene::new().engineer(engineer().shift(0, 480).absent(0, 120)).accepts();
        let scene = Scene::new().engineer(engineer().shift(0, 480).absent(0, 120)).latest(90);
        scene.excludes(Rule::Absent, fact(0, 120, Some(120)));
    }

    #[test]
    fn a_visit_that_would_run_into_an_absence_is_not_begun() {
        let leaving = engineer().shift(0, 480).absent(30, 900);
        Scene::new().engineer(leaving).excludes(Rule::Absent, fact(30, 900, None));
    }

    #[test]
    fn someone_off_shift_is_not_called_absent() {
        let scene = Scene::new().engineer(engineer().shift(-600, 0).absent(0, 900));
        scene.check(|case| assert_eq!(first_broken(case), Some(Rule::OffShift)));
    }
}
