//! Derivations as people read them, in both languages.

use sla::words::derivation;
use sla::{Calendar, Event, Kind, Language, Policy, TargetKind};

use super::site::*;

const LUNCH: &str = r#"["09:00-12:00", "13:00-18:00"]"#;

fn both(policy: &Policy, calendar: &Calendar, events: &[Event]) -> [String; 2] {
    let answer = answer(policy, calendar, events, TargetKind::Resolution);
    [Language::English, Language::Chinese].map(|language| derivation(&answer, calendar, language))
}

#[test]
fn a_pause_is_told_with_its_length_and_its_reason() {
    let events = [
        opened("2026-03-06T18:40+08"),
        event("2026-03-09T10:00+08", Kind::state("waiting", "part", Some("4711"))),
        event("2026-03-09T11:10+08", Kind::state("working", "", None)),
    ];
    let texts = both(&with_waiting(resolution("9 business_hours")), &office("Asia/Shanghai", LUNCH), &events);
    assert_eq!(
        texts,
        [
            "opened Fri 2026-03-06 18:40, 9 business hours, counts from Mon 09:00, \
             paused 1 h 10 min waiting for part 4711 (Mon 10:00 to 11:10), due Tue 11:10",
            "2026-03-06 周五 18:40 开单，时限 9 个工作小时，周一 09:00 起计时，\
             等待备件 4711 暂停 1 小时 10 分钟（周一 10:00 至 11:10），周二 11:10 到期",
        ]
    );
}

#[test]
fn of_a_pause_over_night_the_working_time_is_told_too() {
    let events = [
        opened("2026-03-09T16:00+08"),
        event("2026-03-09T17:00+08", Kind::paused("customer", None)),
        event("2026-03-10T08:00+08", Kind::Resumed),
    ];
    let texts = both(&resolution("2 business_days"), &office("Asia/Shanghai", LUNCH), &events);
    assert_eq!(
        texts,
        [
            "opened Mon 2026-03-09 16:00, 2 business days, paused 15 h, 1 h of it working time, waiting for the \
             customer (Mon 17:00 to Tue 08:00), counts again from Tue 09:00, due Wed 17:00",
            "2026-03-09 周一 16:00 开单，时限 2 个工作日，等待客户暂停 15 小时，其中工作时间 1 小时（周一 17:00 至 \
             周二 08:00），周二 09:00 起继续计时，周三 17:00 到期",
        ]
    );
}

#[test]
fn what_stands_says_what_is_left_and_what_is_not_known_says_so() {
    let calendar = shipped("china");
    let stands =
        [opened("2026-03-09T16:00+08"), event("2026-03-10T11:00+08", Kind::paused("approval", None))];
    assert_eq!(
        both(&resolution("3 business_days"), &calendar, &stands),
        [
            "opened Mon 2026-03-09 16:00, 3 business days, paused since Tue 11:00 waiting for approval, \
             2.5 business days left when it goes on",
            "2026-03-09 周一 16:00 开单，时限 3 个工作日，周二 11:00 起等待审批暂停，恢复后剩余 2.5 个工作日",
        ]
    );
    assert_eq!(
        both(&resolution("3 business_days"), &calendar, &[opened("2026-12-30T16:00+08")]),
        [
            "opened Wed 2026-12-30 16:00, 3 business days, not known when due: the calendar does not know 2027",
            "2026-12-30 周三 16:00 开单，时限 3 个工作日，到期时间未知：日历中没有 2027 年的数据",
        ]
    );
}

#[test]
fn changes_and_what_was_taken_for_solved_are_told() {
    let events = [
        opened("2026-03-09T09:00+08"),
        event("2026-03-09T10:00+08", Kind::Priority("2".to_owned())),
        event("2026-03-09T11:00+08", Kind::Resolved),
        event("2026-03-09T15:00+08", Kind::Reopened),
    ];
    assert_eq!(
        both(&resolution("8 hours"), &office("Asia/Shanghai", LUNCH), &events),
        [
            "opened Mon 2026-03-09 09:00, 8 hours, priority 2 since Mon 10:00, counted anew from the opening, \
             met Mon 11:00, reopened Mon 15:00, paused 4 h taken for solved (Mon 11:00 to 15:00), due Mon 21:00",
            "2026-03-09 周一 09:00 开单，时限 8 小时，周一 10:00 起优先级改为 2，自开单时重新计算，\
             周一 11:00 达成，周一 15:00 重新打开，视为已解决，暂停 4 小时（周一 11:00 至 15:00），周一 21:00 到期",
        ]
    );
}

#[test]
fn a_day_more_than_a_week_later_has_its_date() {
    let texts = both(&resolution("7 business_days"), &shipped("china"), &[opened("2026-02-13T10:00+08")]);
    // The 14th and the 28th are worked Saturdays, the 15th to the 23rd are free.
    assert!(texts[0].ends_with("7 business days, due Mon 2026-03-02 10:00"), "{texts:?}");
}
