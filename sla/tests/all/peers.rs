//! Faults that are known of other programs, each with the thread in which its users tell of it.

use sla::{Kind, Outcome, TargetKind, used_up};

use super::site::*;

const DAY_SHIFT: &str = r#"["09:00-17:00"]"#;

/// frappe/erpnext #16729 (2019): the hour on hold was counted. Its example, as it was told.
#[test]
fn an_hour_on_hold_is_not_an_hour_of_work() {
    let calendar = office("UTC", DAY_SHIFT);
    let events = [
        opened("2026-02-19T10:00Z"),
        event("2026-02-19T11:00Z", Kind::state("waiting", "customer", None)),
        event("2026-02-19T12:00Z", Kind::state("open", "", None)),
    ];
    assert_eq!(due(&with_waiting(resolution("2 hours")), &calendar, &events), "2026-02-19T13:00");
}

/// frappe/erpnext #47029, #47172, #47884, #49414, #51111, #52489: hold time is added to a due time that was found
/// without it, and so leads out of working hours; the last of them is found to add it twice.
#[test]
fn hold_time_is_taken_off_once_and_the_due_time_stays_in_working_hours() {
    let calendar = office("UTC", DAY_SHIFT);
    let held = [
        opened("2026-02-19T09:00Z"),
        event("2026-02-19T14:00Z", Kind::state("waiting", "part", None)),
        event("2026-02-19T17:00Z", Kind::state("open", "", None)),
    ];
    // Without the hold it is due at 16:00. Three hours more on the wall would be 19:00, with nobody there.
    assert_eq!(due(&with_waiting(resolution("7 business_hours")), &calendar, &held), "2026-02-20T11:00");
}

/// The same threads: a state that stops the clock and somebody who stops it, over each other.
#[test]
fn pauses_that_overlap_are_taken_off_once() {
    let calendar = office("UTC", DAY_SHIFT);
    let events = [
        opened("2026-02-19T09:00Z"),
        event("2026-02-19T10:00Z", Kind::state("waiting", "part", None)),
        event("2026-02-19T10:30Z", Kind::paused("lunch", None)),
        event("2026-02-19T11:00Z", Kind::state("open", "", None)),
        event("2026-02-19T11:30Z", Kind::Resumed),
    ];
    assert_eq!(due(&with_waiting(resolution("2 hours")), &calendar, &events), "2026-02-19T12:30");
}

/// frappe/helpdesk pull request #2449: hold time is added to the time of opening, which is wrong if that was on a
/// day without work.
#[test]
fn hold_time_on_a_weekend_takes_nothing_off() {
    let calendar = office("UTC", DAY_SHIFT);
    let events = [
        opened("2026-02-21T10:00Z"),
        event("2026-02-21T11:00Z", Kind::state("waiting", "customer", None)),
        event("2026-02-22T11:00Z", Kind::state("open", "", None)),
    ];
    assert_eq!(due(&with_waiting(resolution("4 business_hours")), &calendar, &events), "2026-02-23T13:00");
}

/// frappe/helpdesk #1554, #1675: it says *paused*, and the clock runs on below; when it goes on, the due time is the
/// one from the opening.
#[test]
fn a_paused_clock_has_no_due_time_and_goes_on_with_what_was_left() {
    let calendar = office("UTC", DAY_SHIFT);
    let mut events = vec![
        opened("2026-02-19T09:00Z"),
        event("2026-02-19T10:00Z", Kind::state("waiting", "customer", None)),
    ];
    let policy = with_waiting(resolution("4 business_hours"));
    let answer = answer(&policy, &calendar, &events, TargetKind::Resolution);
    assert_eq!(answer.outcome, Outcome::Paused { since: at("2026-02-19T10:00Z"), left: 3 * 3_600_000 });
    assert_eq!(answer.due_at(), None);
    events.push(event("2026-02-20T13:00Z", Kind::state("open", "", None)));
    assert_eq!(due(&policy, &calendar, &events), "2026-02-20T16:00");
}

/// osTicket #3034 (2016 to 2023): what waits for parts should not be overdue. But what was late before it began to
/// wait stays late.
#[test]
fn what_waits_for_a_part_is_never_overdue_unless_it_was_late_before() {
    let calendar = office("UTC", DAY_SHIFT);
    let policy = with_waiting(resolution("2 business_hours"));
    let waits = |since: &str| {
        let events =
            [opened("2026-02-19T09:00Z"), event(since, Kind::state("waiting", "part", Some("4711")))];
        answer(&policy, &calendar, &events, TargetKind::Resolution).due_at()
    };
    assert_eq!(waits("2026-02-19T10:59Z"), None);
    assert_eq!(waits("2026-02-19T11:01Z"), Some(at("2026-02-19T11:00Z")));
}

/// osTicket #1168: working hours without the hour of lunch.
#[test]
fn the_clock_stands_at_lunch() {
    let calendar = office("UTC", r#"["09:00-12:00", "13:00-18:00"]"#);
    let events = [opened("2026-02-19T11:30Z")];
    assert_eq!(due(&resolution("60 business_minutes"), &calendar, &events), "2026-02-19T13:30");
    // What is used up when lunch begins was due when it began.
    assert_eq!(due(&resolution("30 business_minutes"), &calendar, &events), "2026-02-19T12:00");
}

/// frappe/helpdesk #2212: another priority forgets the pauses before it.
#[test]
fn another_priority_keeps_the_pauses_before_it() {
    let calendar = office("UTC", DAY_SHIFT);
    let events = [
        opened("2026-02-19T09:00Z"),
        event("2026-02-19T10:00Z", Kind::state("waiting", "customer", None)),
        event("2026-02-19T12:10Z", Kind::state("open", "", None)),
        event("2026-02-19T12:20Z", Kind::Priority("1".to_owned())),
    ];
    let [low, urgent] =
        ["7 business_hours", "2 business_hours"].map(|target| with_waiting(resolution(target)));
    assert_eq!(due(&low, &calendar, &events), "2026-02-20T10:10");
    assert_eq!(due(&urgent, &calendar, &events), "2026-02-19T13:10");
}

/// glpi-project/glpi #15605, #15429: with a calendar of one's own, the step before the due time comes at once.
#[test]
fn a_warning_before_the_due_time_does_not_come_at_once() {
    let calendar = office("Asia/Kolkata", DAY_SHIFT);
    let (policy, events) = (resolution("8 business_hours"), [opened("2026-02-19T16:00+05:30")]);
    let warning =
        used_up(&policy, &calendar, &events, TargetKind::Resolution, 70).expect("events that make sense");
    // 70 % of 8 hours are 5 h 36 min: one hour today, the rest tomorrow.
    assert_eq!(local(&calendar, warning.expect("a target")), "2026-02-20T13:36");
    assert_eq!(due(&policy, &calendar, &events), "2026-02-20T16:00");
}

/// glpi-project/glpi pull request #22678: the step before comes at midnight. Its example, as it was told.
#[test]
fn a_warning_lies_in_working_hours_not_at_midnight() {
    let calendar = office("UTC", r#"["08:00-18:00"]"#);
    let warning = |opened_at: &str| {
        let events = [opened(opened_at)];
        let outcome = used_up(&response("4 business_hours"), &calendar, &events, TargetKind::Response, 75);
        local(&calendar, outcome.expect("events that make sense").expect("a target"))
    };
    assert_eq!(warning("2026-01-12T10:00Z"), "2026-01-12T13:00");
    assert_eq!(warning("2026-01-12T17:00Z"), "2026-01-13T10:00");
}

/// zammad/zammad #4432: due, and reminded of, at midnight and on weekends, though the service times are others.
#[test]
fn nothing_is_due_at_midnight_or_on_a_weekend_if_nobody_works_then() {
    let calendar = office("Europe/Berlin", DAY_SHIFT);
    for hour in 0..24 * 7 {
        let opened_at = at("2026-03-23T00:00+01") + hour * 3_600_000;
        for target in ["1 business_minutes", "90 business_minutes", "8 business_hours", "3 business_days"] {
            let events = [sla::Event::new(opened_at, Kind::Opened)];
            let due = due(&resolution(target), &calendar, &events);
            let due: jiff::civil::DateTime = due.parse().expect("a time");
            let minute = i32::from(due.hour()) * 60 + i32::from(due.minute());
            assert!((9 * 60 + 1..=17 * 60).contains(&minute), "{target} from hour {hour}: {due}");
            assert!(due.weekday().to_monday_zero_offset() < 5, "{target} from hour {hour}: {due}");
        }
    }
}

/// zammad/zammad #5177: one target overrules the other.
#[test]
fn a_short_resolution_does_not_move_the_response() {
    let calendar = office("UTC", DAY_SHIFT);
    let events = [opened("2026-02-19T09:00Z")];
    let both = sla::Policy { response: Some(parsed("4 hours")), ..resolution("5 business_hours") };
    let alone = answer(&response("4 hours"), &calendar, &events, TargetKind::Response);
    assert_eq!(answer(&both, &calendar, &events, TargetKind::Response), alone);
    assert_eq!(alone.due_at(), Some(at("2026-02-19T13:00Z")));
}

/// frappe/erpnext pull request #38745: shown as failed just after it was opened, since times were read in another
/// zone. Here the same instant is asked for at two sites.
#[test]
fn a_ticket_is_not_late_when_it_is_opened_wherever_its_site_is() {
    for zone in ["Asia/Shanghai", "America/New_York", "Pacific/Apia", "Asia/Kathmandu"] {
        let calendar = office(zone, DAY_SHIFT);
        let events = [opened("2026-02-19T03:30Z")];
        for target in ["15 minutes", "15 business_minutes", "1 business_days"] {
            let due_at = answer(&resolution(target), &calendar, &events, TargetKind::Resolution).due_at();
            assert!(due_at.expect("due") >= events[0].at + 15 * 60_000, "{target} in {zone}");
        }
    }
    let due_in = |zone| {
        due(&resolution("60 business_minutes"), &office(zone, DAY_SHIFT), &[opened("2026-02-19T03:30Z")])
    };
    assert_eq!(due_in("Asia/Shanghai"), "2026-02-19T12:30");
    assert_eq!(due_in("America/New_York"), "2026-02-19T10:00");
}

/// Dynamics 365 counts on through a holiday "by design" when a ticket is on hold over it.
#[test]
fn a_holiday_does_not_count_with_a_pause_over_it_or_without() {
    let calendar = shipped("new-york");
    let policy = with_waiting(resolution("8 business_hours"));
    // Thanksgiving is the 26th of November 2026, a Thursday.
    let held = [
        opened("2026-11-25T13:00-05"),
        event("2026-11-25T15:00-05", Kind::state("waiting", "part", None)),
        event("2026-11-27T10:00-05", Kind::state("open", "", None)),
    ];
    assert_eq!(due(&policy, &calendar, &held[..1]), "2026-11-27T13:00");
    assert_eq!(due(&policy, &calendar, &held), "2026-11-27T16:00");
}
