//! Dates that can be looked up: holidays and make-up workdays of China and New York, days on which clocks are set,
//! leap days, and the last year that is known.

use sla::calendar::CalendarSpec;
use sla::calendar::spec::DayKind;
use sla::{Kind, Outcome, Subject, TargetKind, defaults};

use super::site::*;

#[test]
fn china_knows_nine_years_with_59_make_up_days() {
    let spec: CalendarSpec = defaults::calendar("china").expect("shipped").expect("a calendar");
    let workdays = spec.days.iter().filter(|day| day.kind == DayKind::Workday);
    assert_eq!((workdays.count(), spec.days.len()), (59, 322));
    assert_eq!(spec.known_years().into_iter().collect::<Vec<_>>(), (2018..=2026).collect::<Vec<_>>());
}

#[test]
fn a_make_up_saturday_counts_as_a_workday() {
    let calendar = shipped("china");
    // 2026-02-14 is a Saturday that is worked; the 15th to the 23rd are Spring Festival.
    let events = [opened("2026-02-13T17:00+08")];
    assert_eq!(due(&resolution("2 business_hours"), &calendar, &events), "2026-02-14T10:00");
    assert_eq!(due(&resolution("10 business_hours"), &calendar, &events), "2026-02-24T10:00");
    assert_eq!(due(&resolution("1 business_days"), &calendar, &events), "2026-02-14T17:00");
    assert_eq!(due(&resolution("2 business_days"), &calendar, &events), "2026-02-24T17:00");
}

#[test]
fn three_business_days_over_national_day_2025() {
    let calendar = shipped("china");
    // Sunday the 28th of September is worked; the 1st to the 8th of October are free; Saturday the 11th is worked.
    let events = [opened("2025-09-27T10:00+08")];
    assert_eq!(due(&resolution("3 business_days"), &calendar, &events), "2025-09-30T18:00");
    assert_eq!(due(&resolution("6 business_days"), &calendar, &events), "2025-10-11T18:00");
}

#[test]
fn a_year_that_is_not_known_is_said_to_be_unknown() {
    let calendar = shipped("china");
    let outcome = |target: &str, opened_at: &str| {
        answer(&resolution(target), &calendar, &[opened(opened_at)], TargetKind::Resolution).outcome
    };
    let unknown = |year| Outcome::UnknownYear { year };
    assert_eq!(outcome("2 business_days", "2026-12-31T10:00+08"), unknown(2027));
    assert_eq!(outcome("1 business_hours", "2027-03-01T10:00+08"), unknown(2027));
    assert_eq!(outcome("1 business_hours", "2017-12-31T23:59+08"), unknown(2017));
    // What needs no calendar, or ends in the old year, is known.
    assert_eq!(
        outcome("7 business_hours", "2026-12-31T10:00+08"),
        Outcome::Due { at: at("2026-12-31T18:00+08") }
    );
    assert_eq!(outcome("48 hours", "2026-12-31T10:00+08"), Outcome::Due { at: at("2027-01-02T10:00+08") });
}

#[test]
fn a_pause_through_an_unknown_time_needs_no_calendar() {
    let calendar = office("UTC", r#"["09:00-17:00"]"#);
    let events = [
        opened("2026-02-19T09:00Z"),
        event("2026-02-19T10:00Z", Kind::paused("approval", None)),
        event("2028-02-21T09:00Z", Kind::Resumed),
        event("2028-02-21T09:00Z", Kind::paused("approval", None)),
    ];
    let answer = answer(&resolution("2 business_hours"), &calendar, &events, TargetKind::Resolution);
    assert_eq!(answer.outcome, Outcome::Paused { since: at("2028-02-21T09:00Z"), left: 3_600_000 });
}

#[test]
fn new_york_rests_on_thanksgiving_and_on_an_observed_fourth_of_july() {
    let calendar = shipped("new-york");
    let next_hour = |opened_at: &str| due(&resolution("1 business_hours"), &calendar, &[opened(opened_at)]);
    assert_eq!(next_hour("2026-11-25T17:00-05"), "2026-11-27T10:00");
    assert_eq!(next_hour("2026-07-02T16:30-04"), "2026-07-06T09:30");
    assert_eq!(next_hour("2026-12-24T16:30-05"), "2026-12-28T09:30");
}

#[test]
fn an_hour_that_clocks_skip_is_not_worked_and_one_that_they_repeat_is_worked_twice() {
    let week = r#"["00:00-06:00"]"#;
    let text = format!(
        r#"{{"name": "Night", "time_zone": "America/New_York", "years": [2026],
        "week": {{"sunday": {week}, "monday": {week}}}}}"#
    );
    let spec: CalendarSpec = serde_json::from_str(&text).expect("a calendar");
    let calendar = sla::Calendar::compile(&spec).expect("a good one");
    let after = |opened_at: &str| due(&resolution("4 business_hours"), &calendar, &[opened(opened_at)]);
    assert_eq!(after("2026-03-08T00:00-05"), "2026-03-08T05:00");
    assert_eq!(after("2026-11-01T00:00-04"), "2026-11-01T03:00");
    assert_eq!(after("2026-11-08T00:00-05"), "2026-11-08T04:00");
}

#[test]
fn a_leap_day_is_a_day_like_any_other() {
    let text = r#"{"name": "Office", "time_zone": "UTC", "years": "every", "week": {"wednesday": ["09:00-17:00"],
        "thursday": ["09:00-17:00"], "friday": ["09:00-17:00"]}}"#;
    let spec: CalendarSpec = serde_json::from_str(text).expect("a calendar");
    let calendar = sla::Calendar::compile(&spec).expect("a good one");
    // 2024-02-29 was a Thursday.
    assert_eq!(
        due(&resolution("2 business_days"), &calendar, &[opened("2024-02-28T10:00Z")]),
        "2024-03-01T10:00"
    );
}

#[test]
fn a_night_shift_belongs_to_the_day_on_which_it_begins() {
    let calendar = office("Europe/Berlin", r#"["22:00-06:00"]"#);
    // Friday's shift ends on Saturday morning, and is Friday's business day.
    let events = [opened("2026-02-20T23:00+01")];
    assert_eq!(due(&resolution("7 business_hours"), &calendar, &events), "2026-02-21T06:00");
    assert_eq!(due(&resolution("1 business_days"), &calendar, &events), "2026-02-23T23:00");
    assert_eq!(due(&resolution("8 business_hours"), &calendar, &events), "2026-02-23T23:00");
}

#[test]
fn of_a_short_day_each_hour_is_a_larger_share() {
    let text = r#"{"name": "Office", "time_zone": "UTC", "years": [2026], "week": {"thursday": ["09:00-17:00"],
        "friday": ["09:00-13:00"]}}"#;
    let spec: CalendarSpec = serde_json::from_str(text).expect("a calendar");
    let calendar = sla::Calendar::compile(&spec).expect("a good one");
    // A quarter of Thursday is over at 11:00, and a quarter of Friday at 10:00.
    assert_eq!(
        due(&resolution("1 business_days"), &calendar, &[opened("2026-02-19T11:00Z")]),
        "2026-02-20T10:00"
    );
}

#[test]
fn every_table_and_calendar_that_is_shipped_is_good() {
    for (name, _) in defaults::TABLES {
        defaults::table(name).expect("shipped").expect(name).check().expect(name);
    }
    for (name, _) in defaults::CALENDARS {
        shipped(name);
    }
    assert!(defaults::table("no-such-table").is_none());
}

/// The targets of the default tables, by what they are for.
#[test]
fn the_default_targets_are_those_that_were_asked_for() {
    let target = |table: &str, priority: &str, ticket_type: &str| {
        let table = defaults::table(table).expect("shipped").expect("a table");
        let row = table.row_for(&Subject { priority, ticket_type, ..Subject::default() })?;
        let policy = &table.policies()[row];
        let words = |target| sla::words::target(target, sla::Language::English);
        Some((policy.response.map_or(String::new(), words), policy.resolution.map_or(String::new(), words)))
    };
    let promised = |response: &str, resolution: &str| Some((response.to_owned(), resolution.to_owned()));
    assert_eq!(target("four-levels", "1", ""), promised("15 minutes", "2 hours"));
    assert_eq!(target("four-levels", "高", ""), promised("1 hour", "8 hours"));
    assert_eq!(target("four-levels", "medium", "repair"), promised("4 hours", "3 business days"));
    assert_eq!(target("four-levels", "4", ""), promised("24 hours", "7 business days"));
    assert_eq!(target("four-levels", "5", ""), None);
    assert_eq!(target("high-in-15-minutes", "high", ""), promised("15 minutes", ""));
    assert_eq!(target("consultation-and-complaint", "", "咨询"), promised("2 hours", ""));
    assert_eq!(target("consultation-and-complaint", "1", "complaint"), promised("1 hour", ""));
    assert_eq!(target("repair-and-consultation", "", "repair"), promised("2 hours", ""));
    assert_eq!(target("repair-and-consultation", "", "consultation"), promised("4 hours", ""));
    assert_eq!(target("four-hour-response", "", ""), promised("4 hours", ""));
}
