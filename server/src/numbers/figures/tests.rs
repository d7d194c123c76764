//! The rules, each on a ticket that it just holds for, and the counts of several.

use db::types::Id;
use jiff::tz::TimeZone;

use super::*;

const HOUR: i64 = 60 * MINUTE_MS;
const DAY: i64 = 24 * HOUR;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(ms)
}

/// Opened at noon of the first day of 1970, promised within four hours, and nothing done.
fn fact() -> Fact {
    Fact {
        ticket_id: Id::new(),
        number: 1,
        title: String::new(),
        kind: "repair".to_owned(),
        priority: 2,
        channel: String::new(),
        symptom: "doors".to_owned(),
        status: TicketStatus::New,
        engineer_id: None,
        opened_at: at(12 * HOUR),
        responded_at: None,
        response_due_at: Some(at(13 * HOUR)),
        done_at: None,
        due_at: Some(at(16 * HOUR)),
        visits: 0,
        reopened: 0,
        worked_ms: 0,
        satisfaction: None,
        work: Vec::new(),
    }
}

/// Done by this engineer, so many hours after midnight, after half an hour of work.
fn done(engineer_id: EngineerId, hour: i64) -> Fact {
    let status = TicketStatus::Completed;
    let worked_ms = HOUR / 2;
    let done_at = Some(at(hour * HOUR));
    let work = vec![(engineer_id, worked_ms)];
    Fact { engineer_id: Some(engineer_id), status, done_at, visits: 1, worked_ms, work, ..fact() }
}

fn first_day(now: i64) -> Window {
    Window { from: at(0), until: at(DAY), now: at(now) }
}

/// The figures that hold.
fn figures(fact: &Fact, window: &Window) -> Vec<&'static str> {
    Figure::ALL.iter().filter(|figure| figure.holds(fact, window)).map(|figure| figure.as_str()).collect()
}

#[test]
fn a_ticket_that_nobody_took_up_is_late_from_the_moment_on_that_was_promised() {
    assert_eq!(figures(&fact(), &first_day(13 * HOUR)), ["opened", "still_open"]);
    let late = ["opened", "still_open", "response_missed"];
    assert_eq!(figures(&fact(), &first_day(13 * HOUR + 1)), late);
    let overdue = ["opened", "still_open", "overdue", "response_missed"];
    assert_eq!(figures(&fact(), &first_day(16 * HOUR + 1)), overdue);
}

#[test]
fn what_was_done_in_time_and_at_once_counts_so() {
    let fact = Fact { responded_at: Some(at(13 * HOUR)), ..done(Id::new(), 16) };
    let kept = ["opened", "response_kept", "done", "kept", "first_visit"];
    assert_eq!(figures(&fact, &first_day(DAY)), kept);
    let late = Fact { satisfaction: Some(Satisfaction::Dissatisfied), visits: 2, ..done(Id::new(), 17) };
    let missed = ["opened", "response_missed", "done", "missed", "more_visits", "dissatisfied"];
    assert_eq!(figures(&late, &first_day(DAY)), missed);
    let again = Fact { reopened: 1, ..fact };
    assert!(figures(&again, &first_day(DAY)).contains(&"more_visits"));
}

#[test]
fn what_was_opened_one_day_and_done_the_next_counts_on_each_for_what_happened_in_it() {
    let fact = Fact { responded_at: Some(at(13 * HOUR)), ..done(Id::new(), 30) };
    assert_eq!(figures(&fact, &first_day(2 * DAY)), ["opened", "response_kept"]);
    let second = Window { from: at(DAY), until: at(2 * DAY), now: at(2 * DAY) };
    assert_eq!(figures(&fact, &second), ["done", "missed", "first_visit"]);
}

#[test]
fn where_nothing_is_promised_nothing_is_kept_or_missed() {
    let fact = Fact { response_due_at: None, due_at: None, ..done(Id::new(), 20) };
    assert_eq!(figures(&fact, &first_day(DAY)), ["opened", "done", "first_visit"]);
}

#[test]
fn a_cancelled_ticket_waits_for_nobody() {
    let fact = Fact { status: TicketStatus::Cancelled, ..fact() };
    assert_eq!(figures(&fact, &first_day(DAY)), ["opened", "cancelled"]);
}

#[test]
fn times_are_told_by_average_median_and_nine_of_ten() {
    let spread = Spread::of((1..=10).map(|minute| minute * MINUTE_MS).collect());
    assert_eq!((spread.count, spread.mean), (10, Some(5.5)));
    assert_eq!((spread.median, spread.p90), (Some(5.0), Some(9.0)));
    assert_eq!(Spread::of(vec![]), Spread { count: 0, mean: None, median: None, p90: None });
}

#[test]
fn the_trend_has_every_step_in_the_zones_own_days() {
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    // 1970-01-01 12:00 UTC is 20:00 in Shanghai; five hours later the next day has begun there.
    let facts = [fact(), Fact { opened_at: at(17 * HOUR), ..fact() }, done(Id::new(), 50)];
    let window = Window { from: at(0), until: at(3 * DAY), now: at(3 * DAY) };
    let days = trend(&facts, &window, Step::Day, &zone);
    assert_eq!(days.iter().map(|day| day.opened).collect::<Vec<_>>(), [2, 1, 0, 0]);
    assert_eq!(
        days.iter().map(|day| (day.done, day.missed)).collect::<Vec<_>>(),
        [(0, 0), (0, 0), (1, 1), (0, 0)]
    );
    assert_eq!(days[1].starts_at, at(16 * HOUR), "midnight in Shanghai");
}

#[test]
fn weeks_begin_on_monday_and_months_on_the_first() {
    let window = Window { from: at(20 * DAY), until: at(40 * DAY), now: at(40 * DAY) };
    // 1970-01-21 was a Wednesday.
    let starts = |step| -> Vec<i64> {
        let points = trend(&[], &window, step, &TimeZone::UTC);
        points.iter().map(|point| point.starts_at.millis() / DAY).collect()
    };
    assert_eq!(starts(Step::Week), [18, 25, 32, 39]);
    assert_eq!(starts(Step::Month), [0, 31]);
}

#[test]
fn a_day_of_twenty_three_hours_is_one_day() {
    let zone = TimeZone::get("America/New_York").unwrap();
    let day = |text: &str| {
        let noon: jiff::civil::DateTime = format!("{text}T12:00").parse().unwrap();
        at(noon.to_zoned(zone.clone()).unwrap().timestamp().as_millisecond())
    };
    let window = Window { from: day("2026-03-07"), until: day("2026-03-09"), now: day("2026-03-09") };
    let points = trend(&[], &window, Step::Day, &zone);
    let lengths = points.windows(2).map(|two| (two[1].starts_at.millis() - two[0].starts_at.millis()) / HOUR);
    assert_eq!(lengths.collect::<Vec<_>>(), [24, 23]);
}

#[test]
fn work_is_fair_if_all_did_as_much() {
    let (one, two) = (Id::new(), Id::new());
    let even = engineers(&[done(one, 13), done(two, 14)], &first_day(DAY));
    assert_eq!(fairness(&even), Some(1.0));
    let uneven = engineers(&[done(one, 13), done(one, 14), done(one, 15), done(two, 14)], &first_day(DAY));
    assert_eq!((uneven[0].engineer_id, uneven[0].done, uneven[0].worked_minutes), (one, 3, 90));
    assert_eq!(fairness(&uneven), Some(0.8));
    assert_eq!(fairness(&[]), None);
    // Whoever began what another one finished has worked, and finished nothing.
    let shared = Fact { work: vec![(one, HOUR), (two, HOUR / 2)], ..done(two, 14) };
    let both = engineers(&[shared], &first_day(DAY));
    let told = both.iter().map(|his| (his.engineer_id, his.done, his.worked_minutes));
    assert_eq!(told.collect::<Vec<_>>(), [(one, 0, 60), (two, 1, 30)]);
}

#[test]
fn the_most_frequent_cause_comes_first_and_ten_are_listed() {
    let of = |symptom: usize| Fact { symptom: format!("s{symptom:02}"), ..fact() };
    let facts: Vec<Fact> = (0..12).flat_map(|symptom| vec![of(symptom); 12 - symptom]).collect();
    let numbers = count(&facts, &first_day(DAY), Step::Day, &TimeZone::UTC);
    let causes: Vec<(&str, usize)> =
        numbers.causes.iter().map(|cause| (cause.name.as_str(), cause.opened)).collect();
    assert_eq!((causes.len(), causes[0], causes[9]), (10, ("s00", 12), ("s09", 3)));
    assert_eq!(numbers.figures["opened"], facts.len());
    assert_eq!(numbers.figures.len(), Figure::ALL.len());
}
