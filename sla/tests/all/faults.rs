//! Contradictory input: each has a name and a place, nothing panics, nothing takes long.

use sla::fault::Problem;
use sla::{
    Calendar, CalendarSpec, Event, Fault, Kind, Policy, Table, Target, TargetKind, Unit, count, used_up,
};

use super::random::Dice;
use super::site::*;

fn fault(kinds: &[(i64, Kind)]) -> Option<Fault> {
    let events: Vec<Event> = kinds.iter().map(|(at, kind)| Event::new(*at, kind.clone())).collect();
    count(&resolution("2 hours"), &office("UTC", r#"["09:00-17:00"]"#), &events).err()
}

#[test]
fn events_that_contradict_each_other_are_named() {
    let pause = || Kind::paused("", None);
    assert_eq!(fault(&[]), Some(Fault::NoEvents));
    assert_eq!(fault(&[(5, Kind::Resumed)]), Some(Fault::NotOpened { index: 0 }));
    assert_eq!(fault(&[(5, Kind::Opened), (6, Kind::Opened)]), Some(Fault::OpenedTwice { index: 1 }));
    assert_eq!(
        fault(&[(5, Kind::Opened), (6, Kind::Resumed)]),
        Some(Fault::ResumedWithoutPause { index: 1 })
    );
    assert_eq!(
        fault(&[(5, Kind::Opened), (6, pause()), (7, pause())]),
        Some(Fault::PausedTwice { index: 2 })
    );
    assert_eq!(
        fault(&[(5, Kind::Opened), (6, Kind::Reopened)]),
        Some(Fault::ReopenedWithoutResolution { index: 1 })
    );
    let twice = [(5, Kind::Opened), (6, Kind::Resolved), (7, Kind::Resolved)];
    assert_eq!(fault(&twice), Some(Fault::ResolvedTwice { index: 2 }));
    let twice = [(5, Kind::Opened), (6, Kind::Responded), (7, Kind::Responded)];
    assert_eq!(fault(&twice), Some(Fault::RespondedTwice { index: 2 }));
}

#[test]
fn a_clock_that_was_set_back_is_named_with_both_times() {
    let set_back = [(9_000, Kind::Opened), (8_999, Kind::Responded)];
    assert_eq!(fault(&set_back), Some(Fault::ClockSetBack { index: 1, at: 8_999, after: 9_000 }));
    assert_eq!(fault(&[(9_000, Kind::Opened), (9_000, Kind::Responded)]), None);
}

#[test]
fn instants_that_nobody_means_are_refused_before_they_are_counted_with() {
    for at in [i64::MIN, -1, 7_258_118_400_000, i64::MAX] {
        assert_eq!(fault(&[(at, Kind::Opened)]), Some(Fault::OutOfRange { index: 0, at }));
    }
}

#[test]
fn more_events_than_a_ticket_can_have_are_refused() {
    let events = vec![(5, Kind::Opened); 10_001];
    assert_eq!(fault(&events), Some(Fault::TooManyEvents { count: 10_001, most: 10_000 }));
}

/// What is wrong with a calendar, by field.
fn of_calendar(change: impl Fn(&str) -> String) -> Vec<(String, Problem)> {
    let good = r#"{"name": "Office", "time_zone": "UTC", "years": [2026],
        "week": {"monday": ["09:00-12:00", "13:00-17:00"]}, "days": []}"#;
    let spec: CalendarSpec = serde_json::from_str(&change(good)).expect("a calendar");
    match Calendar::compile(&spec) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.0.into_iter().map(|fault| (fault.field, fault.problem)).collect(),
    }
}

#[test]
fn what_is_wrong_with_a_calendar_is_named_by_its_field() {
    let changed = |from: &str, to: &str| of_calendar(|good| good.replace(from, to));
    let one = |field: &str, problem: Problem| vec![(field.to_owned(), problem)];
    assert_eq!(changed("x", "x"), []);
    assert_eq!(changed("UTC", "Mars/Olympus"), one("time_zone", Problem::UnknownZone));
    assert_eq!(changed("Office", ""), one("name", Problem::Empty));
    assert_eq!(changed("[2026]", "[]"), one("years", Problem::Empty));
    assert_eq!(changed("[2026]", "[9999]"), one("years", Problem::OutOfRange(1971, 2198)));
    assert_eq!(changed("13:00-17", "11:59-17"), one("week.monday[1]", Problem::ShiftsOverlap));
    let day = |text: &str| changed(r#""days": []"#, &format!(r#""days": [{text}]"#));
    let holiday = r#"{"date": "2026-01-01", "kind": "holiday"}"#;
    assert_eq!(day(&format!("{holiday}, {holiday}")), one("days[1].date", Problem::Twice));
    assert_eq!(
        day(r#"{"date": "2027-01-01", "kind": "holiday"}"#),
        one("days[0].date", Problem::YearNotKnown)
    );
    assert_eq!(
        day(r#"{"date": "2026-01-01", "kind": "holiday", "shifts": ["09:00-10:00"]}"#),
        one("days[0]", Problem::HolidayWithShifts)
    );
    assert_eq!(
        day(r#"{"date": "2026-01-03", "kind": "workday"}"#),
        one("days[0]", Problem::WorkdayWithoutShifts)
    );
}

#[test]
fn a_calendar_without_working_time_is_refused() {
    let none = vec![("week".to_owned(), Problem::NoWorkingTime)];
    let emptied = of_calendar(|good| good.replace(r#""monday": ["09:00-12:00", "13:00-17:00"]"#, ""));
    assert_eq!(emptied, none);
}

#[test]
fn what_is_wrong_with_a_policy_is_named_by_its_field() {
    let faults = |text: &str| {
        let policy: Policy = serde_json::from_str(text).expect("a policy");
        policy.check().err().map(|faults| faults.to_string()).unwrap_or_default()
    };
    assert_eq!(faults(r#"{"response": {"amount": 1, "unit": "hours"}}"#), "");
    assert_eq!(faults("{}"), "response: promises nothing: neither response nor resolution");
    assert_eq!(
        faults(r#"{"response": {"amount": 0, "unit": "business_days"}}"#),
        "response.amount: must be 1 to 3660"
    );
    assert_eq!(
        faults(
            r#"{"response": {"amount": 61, "unit": "minutes"}, "resolution": {"amount": 1, "unit": "hours"}}"#
        ),
        "response: asks for a response after the resolution"
    );
    // Three business hours may be longer than four by the wall, or shorter: that depends on the day.
    assert_eq!(
        faults(
            r#"{"response": {"amount": 4, "unit": "hours"}, "resolution": {"amount": 3, "unit": "business_hours"}}"#
        ),
        ""
    );
    assert_eq!(
        faults(r#"{"response": {"amount": 1, "unit": "hours"}, "pauses": [{"state": "", "targets": []}]}"#),
        "pauses[0].state: must not be empty; pauses[0].targets: stops no target"
    );
}

#[test]
fn a_row_that_an_earlier_one_covers_is_named() {
    let table = |second: &str| {
        let text = format!(
            r#"{{"name": "T", "rows": [
                {{"name": "A", "when": {{"priority": ["1", "2"]}}, "response": {{"amount": 1, "unit": "hours"}}}},
                {{"name": "B", "when": {second}, "response": {{"amount": 2, "unit": "hours"}}}}]}}"#
        );
        let table: Table = serde_json::from_str(&text).expect("a table");
        table.check().err().map(|faults| faults.to_string()).unwrap_or_default()
    };
    let never = "rows[1].when: is never reached: row 0 is for all tickets that it is for";
    assert_eq!(table(r#"{"priority": ["2"]}"#), never);
    assert_eq!(table(r#"{"priority": ["2"], "type": ["repair"]}"#), never);
    assert_eq!(table(r#"{"priority": ["2", "3"]}"#), "");
    assert_eq!(table(r#"{"type": ["repair"]}"#), "");
    assert_eq!(table("{}"), "");
}

#[test]
fn the_longest_promise_on_the_emptiest_calendar_is_answered_at_once() {
    let text = r#"{"name": "One minute a year", "time_zone": "UTC", "years": "every", "week": {},
        "days": [{"date": "2026-06-01", "kind": "workday", "shifts": ["09:00-09:01"]}]}"#;
    let spec: CalendarSpec = serde_json::from_str(text).expect("a calendar");
    let calendar = Calendar::compile(&spec).expect("a minute is working time");
    let policy = resolution("3660 business_days");
    policy.check().expect("a good policy");
    let events = [opened("2026-01-01T00:00Z")];
    let clock = count(&policy, &calendar, &events).expect("events that make sense");
    let outcome = clock.resolution.expect("promised").outcome;
    assert_eq!(outcome, sla::Outcome::UnknownYear { year: 2080 });
}

#[test]
fn whatever_comes_is_answered_or_named() {
    let calendars =
        [shipped("china"), shipped("round-the-clock"), office("Pacific/Apia", r#"["22:00-06:00"]"#)];
    let kinds = [
        Kind::Opened,
        Kind::paused("part", None),
        Kind::Resumed,
        Kind::state("waiting", "", None),
        Kind::Responded,
        Kind::Resolved,
        Kind::Reopened,
        Kind::Priority(String::new()),
    ];
    let units = [Unit::Minutes, Unit::Hours, Unit::BusinessMinutes, Unit::BusinessHours, Unit::BusinessDays];
    let ends = [i64::MIN, -1, 0, 1, 1_772_000_000_000, 7_258_118_399_999, i64::MAX];
    let (mut dice, mut answered, mut named) = (Dice(4711), 0, 0);
    for _ in 0..20_000 {
        let amount = [0, 1, 7, u32::MAX][usize::try_from(dice.below(4)).expect("an index")];
        let unit = units[usize::try_from(dice.below(5)).expect("an index")];
        // Never checked: also what `check` refuses must be survived.
        let policy = with_waiting(Policy { resolution: Some(Target { amount, unit }), ..Policy::default() });
        let mut events = vec![Event::new(1_772_000_000_000 + dice.below(1 << 36), Kind::Opened)];
        for _ in 0..dice.below(6) {
            let near = events[events.len() - 1].at.saturating_add(dice.below(1 << 28));
            let at = if dice.below(8) == 0 {
                ends[usize::try_from(dice.below(7)).expect("an index")]
            } else {
                near
            };
            events.push(Event::new(at, kinds[usize::try_from(dice.below(8)).expect("an index")].clone()));
        }
        let calendar = &calendars[usize::try_from(dice.below(3)).expect("an index")];
        match count(&policy, calendar, &events) {
            Ok(clock) => {
                let answer = clock.resolution.expect("promised");
                for language in [sla::Language::English, sla::Language::Chinese] {
                    assert!(!sla::words::derivation(&answer, calendar, language).is_empty());
                }
                used_up(&policy, calendar, &events, TargetKind::Resolution, 70).expect("the same events");
                answered += 1;
            }
            Err(_) => named += 1,
        }
    }
    assert!(answered > 2_000 && named > 2_000, "{answered} answered, {named} named");
}
