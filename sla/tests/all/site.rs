//! Calendars, policies and instants as the tests write them.

use sla::{Answer, Calendar, CalendarSpec, Event, Kind, Outcome, Policy, TargetKind, count, defaults};

/// Monday to Friday, no holidays, in a zone.
pub fn office(zone: &str, shifts: &str) -> Calendar {
    let text = format!(
        r#"{{"name": "Office", "time_zone": "{zone}", "years": [2025, 2026, 2027], "week": {{"monday": {shifts},
        "tuesday": {shifts}, "wednesday": {shifts}, "thursday": {shifts}, "friday": {shifts}}}}}"#
    );
    Calendar::compile(&serde_json::from_str::<CalendarSpec>(&text).expect("a calendar")).expect("a good one")
}

pub fn shipped(name: &str) -> Calendar {
    let spec = defaults::calendar(name).expect("it is shipped").expect("it is a calendar");
    Calendar::compile(&spec).expect("a good one")
}

/// `4 hours`, and so on.
pub fn resolution(target: &str) -> Policy {
    Policy { resolution: Some(parsed(target)), ..Policy::default() }
}

pub fn response(target: &str) -> Policy {
    Policy { response: Some(parsed(target)), ..Policy::default() }
}

/// A policy under which `waiting` stops the clock of the resolution.
pub fn with_waiting(policy: Policy) -> Policy {
    let pauses = r#"[{"state": "waiting", "targets": ["resolution"]}]"#;
    Policy { pauses: serde_json::from_str(pauses).expect("rules"), ..policy }
}

pub fn parsed(target: &str) -> sla::Target {
    let (amount, unit) = target.split_once(' ').expect("amount and unit");
    let text = format!(r#"{{"amount": {amount}, "unit": "{}"}}"#, unit.replace(' ', "_"));
    serde_json::from_str(&text).expect("a target")
}

/// An instant with its offset: `2026-03-06T17:40-05`.
pub fn at(text: &str) -> i64 {
    text.parse::<jiff::Timestamp>().expect("an instant").as_millisecond()
}

pub fn event(text: &str, kind: Kind) -> Event {
    Event::new(at(text), kind)
}

pub fn opened(text: &str) -> Event {
    event(text, Kind::Opened)
}

pub fn answer<'a>(policy: &Policy, calendar: &Calendar, events: &'a [Event], kind: TargetKind) -> Answer<'a> {
    let clock = count(policy, calendar, events).expect("events that make sense");
    let answer = match kind {
        TargetKind::Response => clock.response,
        TargetKind::Resolution => clock.resolution,
    };
    answer.expect("the policy has this target")
}

/// When the resolution is due, at the site's clock: `2026-03-10T11:10`.
pub fn due(policy: &Policy, calendar: &Calendar, events: &[Event]) -> String {
    local(calendar, answer(policy, calendar, events, TargetKind::Resolution).outcome)
}

pub fn local(calendar: &Calendar, outcome: Outcome) -> String {
    match outcome {
        Outcome::Due { at } => {
            let at = jiff::Timestamp::from_millisecond(at).expect("an instant");
            calendar.zone.to_datetime(at).strftime("%Y-%m-%dT%H:%M").to_string()
        }
        other => format!("{other:?}"),
    }
}
