//! The instant that lists and plans use while nobody can say when a ticket is due.

use sla::{Calendar, Event, Kind, Policy, TargetKind, earliest};

use crate::site::{answer, at, event, office, opened, resolution, shipped, with_waiting};

fn earliest_of(policy: &Policy, calendar: &Calendar, events: &[Event]) -> i64 {
    let answer = answer(policy, calendar, events, TargetKind::Resolution);
    earliest(policy, calendar, events, TargetKind::Resolution, &answer).expect("events that make sense")
}

fn waiting(text: &str) -> Event {
    event(text, Kind::state("waiting", "part", None))
}

#[test]
fn what_is_known_is_the_due_time_itself() {
    let (policy, calendar) = (resolution("2 hours"), shipped("round-the-clock"));
    let events = [opened("2026-03-06T10:00Z")];
    assert_eq!(earliest_of(&policy, &calendar, &events), at("2026-03-06T12:00Z"));
}

#[test]
fn a_clock_that_stands_is_due_as_if_it_had_gone_on_when_it_stopped() {
    let calendar = office("UTC", r#"["09:00-17:00"]"#);
    let policy = with_waiting(resolution("8 business hours"));
    // Friday: one hour is used up, seven are left, and there is an hour until the evening.
    let events = [opened("2026-03-06T15:00Z"), waiting("2026-03-06T16:00Z")];
    assert_eq!(earliest_of(&policy, &calendar, &events), at("2026-03-09T15:00Z"));
}

#[test]
fn going_on_later_is_never_due_earlier() {
    let calendar = office("UTC", r#"["09:00-17:00"]"#);
    for target in ["90 minutes", "5 hours", "8 business hours", "3 business days"] {
        let policy = with_waiting(resolution(target));
        let stopped = [opened("2026-03-06T15:00Z"), waiting("2026-03-06T16:10Z")];
        let least = earliest_of(&policy, &calendar, &stopped);
        for resumed in ["2026-03-06T16:10Z", "2026-03-06T16:11Z", "2026-03-08T03:00Z", "2026-03-10T12:00Z"] {
            let mut events = stopped.to_vec();
            events.push(event(resumed, Kind::state("working", "", None)));
            assert!(earliest_of(&policy, &calendar, &events) >= least, "{target}, {resumed}");
        }
    }
}

#[test]
fn in_a_year_that_nobody_knows_it_is_counted_round_the_clock_with_its_pauses() {
    let calendar = shipped("china");
    let policy = with_waiting(resolution("4 business hours"));
    let events = [
        opened("2031-03-03T10:00+08"),
        waiting("2031-03-03T11:00+08"),
        event("2031-03-03T13:00+08", Kind::state("working", "", None)),
    ];
    assert_eq!(earliest_of(&policy, &calendar, &events), at("2031-03-03T16:00+08"));
    let days = resolution("2 business days");
    assert_eq!(earliest_of(&days, &calendar, &events[..1]), at("2031-03-05T10:00+08"));
}

#[test]
fn a_pause_that_began_in_a_known_year_and_has_no_end_needs_no_unknown_one() {
    let calendar = shipped("china");
    let policy = with_waiting(resolution("30 business days"));
    let events = [opened("2026-12-30T10:00+08"), waiting("2026-12-31T10:00+08")];
    // 29 of 30 days are left, and 2027 is not known.
    assert_eq!(earliest_of(&policy, &calendar, &events), at("2027-01-29T10:00+08"));
}
