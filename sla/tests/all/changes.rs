//! What an event does to a due time: met, reopened, changed; and what cannot change it any more.

use sla::{Agreement, Kind, Outcome, Step, TargetKind, count, internal, used_up};

use super::site::*;

const DAY_SHIFT: &str = r#"["09:00-17:00"]"#;

#[test]
fn what_is_met_keeps_the_due_time_that_it_is_compared_with() {
    let calendar = office("UTC", DAY_SHIFT);
    let events = [
        opened("2026-02-19T09:00Z"),
        event("2026-02-19T09:10Z", Kind::Responded),
        event("2026-02-19T10:00Z", Kind::Resolved),
        // After the end nothing counts.
        event("2026-02-19T10:05Z", Kind::paused("customer", None)),
    ];
    let policy = sla::Policy { response: Some(parsed("15 minutes")), ..resolution("4 business_hours") };
    let response = answer(&policy, &calendar, &events, TargetKind::Response);
    assert_eq!(
        (response.due_at(), response.met_at),
        (Some(at("2026-02-19T09:15Z")), Some(at("2026-02-19T09:10Z")))
    );
    let resolution = answer(&policy, &calendar, &events, TargetKind::Resolution);
    assert_eq!(
        (resolution.due_at(), resolution.met_at),
        (Some(at("2026-02-19T13:00Z")), Some(at("2026-02-19T10:00Z")))
    );
}

#[test]
fn what_was_solved_without_a_word_was_also_responded_to() {
    let calendar = office("UTC", DAY_SHIFT);
    let events = [opened("2026-02-19T09:00Z"), event("2026-02-19T09:10Z", Kind::Resolved)];
    let answer = answer(&response("15 minutes"), &calendar, &events, TargetKind::Response);
    assert_eq!(answer.met_at, Some(at("2026-02-19T09:10Z")));
}

#[test]
fn the_time_in_which_it_was_taken_for_solved_does_not_count() {
    let calendar = office("UTC", DAY_SHIFT);
    let events = [
        opened("2026-02-19T09:00Z"),
        event("2026-02-19T10:00Z", Kind::Resolved),
        event("2026-02-20T12:00Z", Kind::Reopened),
    ];
    assert_eq!(due(&resolution("4 business_hours"), &calendar, &events), "2026-02-20T15:00");
    let answer = answer(&resolution("4 business_hours"), &calendar, &events, TargetKind::Resolution);
    assert_eq!(answer.met_at, None);
}

#[test]
fn nothing_that_comes_after_the_due_time_moves_it() {
    let calendar = office("UTC", DAY_SHIFT);
    let mut events = vec![opened("2026-02-19T09:00Z")];
    let before = due(&resolution("1 hours"), &calendar, &events);
    events.push(event("2026-02-19T10:00Z", Kind::paused("customer", None)));
    events.push(event("2026-02-19T16:00Z", Kind::Resumed));
    assert_eq!(due(&resolution("1 hours"), &calendar, &events), before);
    let answer = answer(&resolution("1 hours"), &calendar, &events, TargetKind::Resolution);
    assert!(!answer.steps.iter().any(|step| matches!(step, Step::Paused { .. })), "{:?}", answer.steps);
}

#[test]
fn a_state_stops_only_the_clocks_and_for_the_reasons_that_the_policy_names() {
    let calendar = office("UTC", DAY_SHIFT);
    let pauses = r#"[{"state": "waiting", "reasons": ["part"], "targets": ["resolution"]}]"#;
    let pauses: Vec<sla::policy::PauseRule> = serde_json::from_str(pauses).expect("rules");
    let policy = sla::Policy { pauses, response: Some(parsed("2 hours")), ..resolution("2 hours") };
    let outcome = |reason: &str, kind| {
        let events =
            [opened("2026-02-19T09:00Z"), event("2026-02-19T10:00Z", Kind::state("waiting", reason, None))];
        answer(&policy, &calendar, &events, kind).outcome
    };
    let (due, paused) = (
        Outcome::Due { at: at("2026-02-19T11:00Z") },
        Outcome::Paused { since: at("2026-02-19T10:00Z"), left: 3_600_000 },
    );
    assert_eq!(outcome("part", TargetKind::Resolution), paused);
    assert_eq!(outcome("part", TargetKind::Response), due);
    assert_eq!(outcome("customer", TargetKind::Resolution), due);
}

#[test]
fn another_site_counts_by_its_own_calendar_from_the_opening() {
    let events = [opened("2026-02-19T03:30Z"), event("2026-02-19T05:00Z", Kind::Site("New York".to_owned()))];
    let policy = resolution("60 business_minutes");
    assert_eq!(due(&policy, &office("Asia/Shanghai", DAY_SHIFT), &events), "2026-02-19T12:30");
    assert_eq!(due(&policy, &office("America/New_York", DAY_SHIFT), &events), "2026-02-19T10:00");
}

#[test]
fn a_pause_at_the_moment_of_opening_uses_nothing_up() {
    let calendar = office("UTC", DAY_SHIFT);
    let events = [
        opened("2026-02-19T09:00Z"),
        event("2026-02-19T09:00Z", Kind::paused("approval", None)),
        event("2026-02-19T11:00Z", Kind::Resumed),
    ];
    assert_eq!(due(&resolution("2 business_hours"), &calendar, &events), "2026-02-19T13:00");
}

#[test]
fn a_warning_comes_before_the_due_time_and_nobody_warns_of_what_was_not_promised() {
    let calendar = office("UTC", DAY_SHIFT);
    let events = [opened("2026-02-19T09:00Z")];
    let at_percent =
        |percent| used_up(&resolution("10 hours"), &calendar, &events, TargetKind::Resolution, percent);
    let times = [0, 70, 100, 255]
        .map(|percent| local(&calendar, at_percent(percent).expect("good").expect("promised")));
    assert_eq!(times, ["2026-02-19T09:00", "2026-02-19T16:00", "2026-02-19T19:00", "2026-02-19T19:00"]);
    assert_eq!(used_up(&resolution("10 hours"), &calendar, &events, TargetKind::Response, 70), Ok(None));
}

#[test]
fn what_we_agree_on_among_ourselves_is_counted_like_a_promise_and_moves_none() {
    let calendar = office("UTC", DAY_SHIFT);
    let events = [
        opened("2026-02-19T16:30Z"),
        event("2026-02-20T09:10Z", Kind::paused("part", None)),
        event("2026-02-20T09:20Z", Kind::Resumed),
        event("2026-02-20T09:40Z", Kind::Responded),
    ];
    let agree =
        |name: &str, until, within| Agreement { name: name.to_owned(), until, within: parsed(within) };
    let agreements = vec![
        agree("the group accepts", TargetKind::Response, "1 business_hours"),
        agree("solved early", TargetKind::Resolution, "2 business_hours"),
    ];
    let promised = resolution("4 business_hours");
    let policy = sla::Policy { internal: agreements, ..promised.clone() };
    let answers = internal(&policy, &calendar, &events).expect("they make sense");
    assert_eq!(answers[0].due_at(), Some(at("2026-02-20T09:40Z")));
    assert_eq!(answers[0].met_at, Some(at("2026-02-20T09:40Z")), "just in time");
    assert_eq!((answers[1].due_at(), answers[1].met_at), (Some(at("2026-02-20T10:40Z")), None));
    assert_eq!(count(&policy, &calendar, &events), count(&promised, &calendar, &events));
    assert!(policy.asks_calendar());
}

#[test]
fn an_agreement_that_makes_no_sense_is_named() {
    let table = r#"{"name": "T", "rows": [{"name": "R", "resolution": {"amount": 4, "unit": "hours"}, "internal": [
        {"name": " ", "until": "response", "within": {"amount": 0, "unit": "minutes"}},
        {"name": "a", "until": "response", "within": {"amount": 1, "unit": "minutes"}},
        {"name": "a", "until": "response", "within": {"amount": 1, "unit": "minutes"}}]}]}"#;
    let table: sla::Table = serde_json::from_str(table).expect("a table");
    let faults: Vec<String> =
        table.check().expect_err("three faults").0.into_iter().map(|fault| fault.field).collect();
    let named = ["rows[0].internal[0].name", "rows[0].internal[0].within.amount", "rows[0].internal[2].name"];
    assert_eq!(faults, named);
}
