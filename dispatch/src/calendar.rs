//! When somebody can begin a visit. Shifts and absences are folded into stretches of duty once, when
//! an engineer changes, so that each question is a walk over a few sorted numbers.

use crate::problem::{Interval, Millis};

/// A stretch in which he works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    pub starts_at: Millis,
    pub ends_at: Millis,
    /// It ends because an absence begins: a visit must be over by then. The end of a shift only
    /// forbids to begin; finishing a repair late is overtime, which costs.
    pub must_end: bool,
}

/// The earliest possible start of a visit, and the stretch it falls in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Start {
    pub start_at: Millis,
    pub stretch: Stretch,
}

/// What stands between an engineer and the start of a visit.
#[derive(Clone, Copy, Debug)]
pub struct Approach {
    pub now: Millis,
    /// Work in hand, which is done first.
    pub work_ms: i64,
    pub travel_ms: i64,
    pub not_before: Millis,
    pub visit_ms: i64,
}

/// His shifts as rostered, and what his absences leave of them.
#[derive(Clone, Debug, Default)]
pub struct Duty {
    rostered: Vec<Stretch>,
    /// `None` without absences: then the roster holds as it is.
    present: Option<Vec<Stretch>>,
    pub absences: Vec<Interval>,
}

impl Duty {
    /// Takes intervals in any order, overlapping or empty.
    pub fn new(shifts: &[Interval], absences: &[Interval]) -> Self {
        let absences = merged(absences);
        let rostered: Vec<Stretch> = merged(shifts)
            .into_iter()
            .map(|shift| Stretch { starts_at: shift.starts_at, ends_at: shift.ends_at, must_end: false })
            .collect();
        let present = (!absences.is_empty()).then(|| without(&rostered, &absences));
        Self { rostered, present, absences }
    }

    /// The shifts, as if he were never absent.
    pub fn rostered(&self) -> &[Stretch] {
        &self.rostered
    }

    /// The shifts without the absences.
    pub fn present(&self) -> &[Stretch] {
        self.present.as_deref().unwrap_or(&self.rostered)
    }

    pub fn is_ever_absent(&self) -> bool {
        self.present.is_some()
    }
}

/// The stretch that covers an instant.
pub fn stretch_at(stretches: &[Stretch], at: Millis) -> Option<&Stretch> {
    from(stretches, at).first().filter(|stretch| stretch.starts_at <= at)
}

/// The first stretch that begins after an instant.
pub fn next_after(stretches: &[Stretch], at: Millis) -> Option<&Stretch> {
    stretches.get(stretches.partition_point(|stretch| stretch.starts_at <= at))
}

/// The stretch that covers an instant, or else the first after it.
pub fn current_or_next(stretches: &[Stretch], at: Millis) -> Option<&Stretch> {
    from(stretches, at).first()
}

/// Is there any duty from `since` until and including `until`?
pub fn touches(stretches: &[Stretch], since: Millis, until: Millis) -> bool {
    from(stretches, since).first().is_some_and(|stretch| stretch.starts_at <= until)
}

/// The earliest instant at which a visit can begin: on duty, with the work in hand done, the journey
/// made and, before an absence, the repair finished.
pub fn earliest_start(stretches: &[Stretch], approach: &Approach) -> Option<Start> {
    let mut work_ms = approach.work_ms;
    for stretch in from(stretches, approach.now) {
        let begins_at = stretch.starts_at.max(approach.now);
        let free_at = begins_at.saturating_add(work_ms);
        if free_at >= stretch.ends_at {
            work_ms = free_at.saturating_sub(stretch.ends_at);
            continue;
        }
        let start_at = free_at.saturating_add(approach.travel_ms).max(approach.not_before);
        let over_at = start_at.saturating_add(approach.visit_ms);
        if start_at < stretch.ends_at && (!stretch.must_end || over_at <= stretch.ends_at) {
            return Some(Start { start_at, stretch: *stretch });
        }
        // The work in hand is done in this stretch; the journey waits for the next.
        work_ms = 0;
    }
    None
}

/// The stretches that are not over at an instant.
fn from(stretches: &[Stretch], at: Millis) -> &[Stretch] {
    &stretches[stretches.partition_point(|stretch| stretch.ends_at <= at)..]
}

fn merged(intervals: &[Interval]) -> Vec<Interval> {
    let mut sorted: Vec<Interval> = intervals.iter().copied().filter(|i| i.starts_at < i.ends_at).collect();
    sorted.sort_by_key(|interval| interval.starts_at);
    let mut merged: Vec<Interval> = Vec::with_capacity(sorted.len());
    for interval in sorted {
        match merged.last_mut() {
            Some(last) if interval.starts_at <= last.ends_at => {
                last.ends_at = last.ends_at.max(interval.ends_at)
            }
            _ => merged.push(interval),
        }
    }
    merged
}

fn without(shifts: &[Stretch], absences: &[Interval]) -> Vec<Stretch> {
    let mut left = Vec::new();
    for shift in shifts {
        let mut starts_at = shift.starts_at;
        let first = absences.partition_point(|absence| absence.ends_at <= shift.starts_at);
        for absence in absences[first..].iter().take_while(|absence| absence.starts_at < shift.ends_at) {
            if starts_at < absence.starts_at {
                left.push(Stretch { starts_at, ends_at: absence.starts_at, must_end: true });
            }
            starts_at = absence.ends_at;
        }
        if starts_at < shift.ends_at {
            left.push(Stretch { starts_at, ends_at: shift.ends_at, must_end: false });
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn interval((starts_at, ends_at): (Millis, Millis)) -> Interval {
        Interval { starts_at, ends_at }
    }

    fn duty(shifts: &[(Millis, Millis)], absences: &[(Millis, Millis)]) -> Duty {
        let all = |pairs: &[(Millis, Millis)]| pairs.iter().copied().map(interval).collect::<Vec<_>>();
        Duty::new(&all(shifts), &all(absences))
    }

    fn approach() -> Approach {
        Approach { now: 0, work_ms: 0, travel_ms: 0, not_before: 0, visit_ms: 10 }
    }

    fn start(duty: &Duty, approach: Approach) -> Option<Millis> {
        earliest_start(duty.present(), &approach).map(|start| start.start_at)
    }

    #[test]
    fn someone_on_shift_begins_when_he_arrives() {
        let duty = duty(&[(-100, 100)], &[]);
        assert_eq!(start(&duty, Approach { now: 5, travel_ms: 7, ..approach() }), Some(12));
    }

    #[test]
    fn someone_off_shift_leaves_home_when_the_shift_begins() {
        let duty = duty(&[(50, 100)], &[]);
        assert_eq!(start(&duty, Approach { travel_ms: 7, ..approach() }), Some(57));
    }

    #[test]
    fn work_in_hand_is_done_first_and_carries_over_the_end_of_a_shift() {
        let duty = duty(&[(0, 100), (200, 300)], &[]);
        assert_eq!(start(&duty, Approach { work_ms: 40, travel_ms: 5, ..approach() }), Some(45));
        assert_eq!(start(&duty, Approach { work_ms: 130, travel_ms: 5, ..approach() }), Some(235));
    }

    #[test]
    fn a_visit_that_cannot_begin_before_the_shift_ends_waits_for_the_next() {
        let duty = duty(&[(0, 100), (200, 300)], &[]);
        assert_eq!(start(&duty, Approach { now: 90, travel_ms: 9, ..approach() }), Some(99));
        assert_eq!(start(&duty, Approach { now: 90, travel_ms: 10, ..approach() }), Some(210));
        assert_eq!(start(&duty, Approach { now: 290, travel_ms: 10, ..approach() }), None);
    }

    #[test]
    fn a_visit_is_over_before_an_absence_begins_but_may_run_past_the_shift() {
        let duty = duty(&[(0, 100)], &[(40, 60)]);
        assert_eq!(start(&duty, Approach { now: 30, ..approach() }), Some(30));
        assert_eq!(start(&duty, Approach { now: 31, ..approach() }), Some(60));
        assert_eq!(start(&duty, Approach { now: 95, ..approach() }), Some(95));
    }

    #[test]
    fn an_earliest_time_is_waited_for() {
        let duty = duty(&[(0, 100)], &[]);
        assert_eq!(start(&duty, Approach { travel_ms: 5, not_before: 80, ..approach() }), Some(80));
        assert_eq!(start(&duty, Approach { travel_ms: 5, not_before: 100, ..approach() }), None);
    }

    #[test]
    fn overlapping_unordered_and_empty_shifts_count_once() {
        let duty = duty(&[(50, 100), (0, 60), (7, 7), (90, 80), (100, 120)], &[]);
        assert_eq!(duty.rostered(), [Stretch { starts_at: 0, ends_at: 120, must_end: false }]);
    }

    #[test]
    fn the_ends_of_time_do_not_overflow() {
        let duty = duty(&[(i64::MIN, i64::MAX)], &[]);
        let approach = Approach { now: i64::MAX - 1, work_ms: i64::MAX, travel_ms: i64::MAX, ..approach() };
        assert_eq!(start(&duty, approach), None);
    }

    proptest! {
        /// Against the meaning of the words, instant by instant.
        #[test]
        fn stretches_cover_exactly_what_is_rostered_and_not_absent(
            shifts in prop::collection::vec((0i64..60, 0i64..60), 0..6),
            absences in prop::collection::vec((0i64..60, 0i64..60), 0..6),
        ) {
            let duty = duty(&shifts, &absences);
            let within = |pairs: &[(i64, i64)], at| pairs.iter().any(|&(start, end)| start <= at && at < end);
            for at in -1..61 {
                let expected = within(&shifts, at) && !within(&absences, at);
                prop_assert_eq!(stretch_at(duty.present(), at).is_some(), expected, "at {}", at);
                prop_assert_eq!(touches(duty.present(), at, at), expected);
            }
            prop_assert!(duty.present().windows(2).all(|pair| pair[0].ends_at <= pair[1].starts_at));
        }

        /// Against a walk through time: work when on duty, then travel, then look for a start.
        #[test]
        fn the_earliest_start_is_the_one_that_living_through_the_day_finds(
            shifts in prop::collection::vec((0i64..60, 0i64..60), 0..4),
            absences in prop::collection::vec((0i64..60, 0i64..60), 0..3),
            work_ms in 0i64..40, travel_ms in 0i64..15, not_before in 0i64..60, visit_ms in 0i64..15, now in 0i64..20,
        ) {
            let duty = duty(&shifts, &absences);
            let approach = Approach { now, work_ms, travel_ms, not_before, visit_ms };
            prop_assert_eq!(start(&duty, approach), lived(duty.present(), &approach));
        }
    }

    /// Instant by instant: on duty he first works off what he has in hand, then drives to the site. He
    /// begins when he is there in time to finish before an absence. If the stretch ends before that,
    /// he sets out anew in the next.
    fn lived(stretches: &[Stretch], approach: &Approach) -> Option<Millis> {
        let (mut work, mut arrives_at) = (approach.work_ms, None);
        for at in approach.now..60 {
            let Some(stretch) = stretch_at(stretches, at) else {
                arrives_at = None;
                continue;
            };
            if at == stretch.starts_at {
                arrives_at = None;
            }
            if work > 0 {
                work -= 1;
                continue;
            }
            let there_at = *arrives_at.get_or_insert(at + approach.travel_ms);
            let in_time = !stretch.must_end || at + approach.visit_ms <= stretch.ends_at;
            if at >= there_at && at >= approach.not_before && in_time {
                return Some(at);
            }
        }
        None
    }
}
