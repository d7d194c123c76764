//! The slow way to a due time, minute by minute, from `docs/sla.md` alone. It shares the types with the crate and
//! nothing else: no prefix sums, no boundaries of shifts, no order of events that is kept from step to step.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;
use sla::calendar::spec::{DayKind, Years};
use sla::calendar::{CalendarSpec, Shift};
use sla::policy::PauseRule;
use sla::{Event, Kind, Policy, Target, TargetKind, Unit};

const MINUTE: i64 = 60_000;
const DAY_UNITS: i64 = 86_400_000;
/// Days at both ends of a world of which not all is laid out.
pub const MARGIN_DAYS: i64 = 3;

/// What the slow way says.
#[derive(Debug, PartialEq, Eq)]
pub enum Said {
    Due(i64),
    PausedWithLeft(i64),
    UnknownYear(i16),
    /// It leads out of the laid out days.
    GivenUp,
}

#[derive(Clone, Copy)]
struct Minute {
    /// The day whose shift works this minute, and minutes of that day that were worked before.
    work: Option<(Date, i64)>,
    unknown: Option<i16>,
}

/// Every minute of some weeks at a site.
pub struct World {
    first_minute: i64,
    minutes: Vec<Minute>,
    /// Worked minutes of each day.
    totals: BTreeMap<Date, i64>,
}

impl World {
    pub fn lay_out(spec: &CalendarSpec, from: i64, days: i64) -> Self {
        let zone = TimeZone::get(&spec.time_zone).expect("a zone");
        let first_minute = from.div_euclid(MINUTE);
        let (mut minutes, mut totals) = (Vec::new(), BTreeMap::new());
        // What the site's clock has shown at most: when it is set back, that stands still.
        let mut shown: Option<DateTime> = None;
        for minute in first_minute - 2 * 1_440..first_minute + days * 1_440 {
            let clock = zone.to_datetime(Timestamp::from_millisecond(minute * MINUTE).expect("an instant"));
            let latest = shown.map_or(clock, |shown| shown.max(clock));
            shown = Some(latest);
            if minute < first_minute {
                continue;
            }
            let work = worked_day(spec, latest).map(|day| {
                let before = totals.entry(day).or_insert(0);
                *before += 1;
                (day, *before - 1)
            });
            minutes.push(Minute { work, unknown: unknown(spec, latest) });
        }
        Self { first_minute, minutes, totals }
    }

    pub fn say(&self, policy: &Policy, kind: TargetKind, target: Target, events: &[Event]) -> Said {
        let opened = events[0].at / MINUTE;
        let last = events[events.len() - 1].at / MINUTE;
        let wanted = i64::from(target.amount)
            * match target.unit {
                Unit::Minutes | Unit::BusinessMinutes => MINUTE,
                Unit::Hours | Unit::BusinessHours => 60 * MINUTE,
                Unit::BusinessDays => DAY_UNITS,
            };
        let round_the_clock = matches!(target.unit, Unit::Minutes | Unit::Hours);
        let mut used = 0;
        for minute in opened.. {
            let index = minute - self.first_minute;
            if index < MARGIN_DAYS * 1_440 || index >= self.minutes.len() as i64 - MARGIN_DAYS * 1_440 {
                return Said::GivenUp;
            }
            if stands(policy, kind, events, minute * MINUTE) {
                if minute >= last {
                    return Said::PausedWithLeft(wanted - used);
                }
                continue;
            }
            let now = self.minutes[usize::try_from(index).expect("in the world")];
            if let Some(year) = now.unknown.filter(|_| !round_the_clock) {
                return Said::UnknownYear(year);
            }
            let in_a_minute = |ms: i64| match (target.unit, now.work) {
                (Unit::Minutes | Unit::Hours, _) => ms,
                (_, None) => 0,
                (Unit::BusinessDays, Some((day, before))) => {
                    let total = self.totals[&day] * MINUTE;
                    let share = |worked: i64| worked * DAY_UNITS / total;
                    share(before * MINUTE + ms) - share(before * MINUTE)
                }
                (_, Some(_)) => ms,
            };
            if used + in_a_minute(MINUTE) >= wanted {
                let ms = (1..=MINUTE).find(|ms| used + in_a_minute(*ms) >= wanted);
                return Said::Due(minute * MINUTE + ms.expect("in this minute"));
            }
            used += in_a_minute(MINUTE);
        }
        Said::GivenUp
    }
}

/// Does the clock stand in the minute that begins then? Looks through all events, every time.
fn stands(policy: &Policy, kind: TargetKind, events: &[Event], at: i64) -> bool {
    let so_far: Vec<&Kind> = events.iter().filter(|event| event.at <= at).map(|event| &event.kind).collect();
    let last = |wanted: fn(&Kind) -> bool| so_far.iter().rev().find(|kind| wanted(kind)).copied();
    if kind == TargetKind::Response && last(|kind| matches!(kind, Kind::Responded | Kind::Resolved)).is_some()
    {
        return false;
    }
    if kind == TargetKind::Resolution
        && last(|kind| matches!(kind, Kind::Resolved | Kind::Reopened)) == Some(&Kind::Resolved)
    {
        return events.iter().any(|event| event.at > at && event.kind == Kind::Reopened);
    }
    let asked = matches!(last(|kind| matches!(kind, Kind::Paused(_) | Kind::Resumed)), Some(Kind::Paused(_)));
    let state = match last(|kind| matches!(kind, Kind::State { .. })) {
        Some(Kind::State { state, hold }) => policy.pauses.iter().any(|rule: &PauseRule| {
            rule.state == *state
                && rule.targets.contains(&kind)
                && (rule.reasons.is_empty() || rule.reasons.contains(&hold.reason))
        }),
        _ => false,
    };
    asked || state
}

fn knows(spec: &CalendarSpec, year: i16) -> bool {
    match &spec.years {
        Years::Every(_) => (2000..=2079).contains(&year),
        Years::Known(years) => years.contains(&year),
    }
}

fn shifts(spec: &CalendarSpec, date: Date) -> Vec<Shift> {
    let of_weekday = |day: Weekday| match day {
        Weekday::Monday => spec.week.monday.clone(),
        Weekday::Tuesday => spec.week.tuesday.clone(),
        Weekday::Wednesday => spec.week.wednesday.clone(),
        Weekday::Thursday => spec.week.thursday.clone(),
        Weekday::Friday => spec.week.friday.clone(),
        Weekday::Saturday => spec.week.saturday.clone(),
        Weekday::Sunday => spec.week.sunday.clone(),
    };
    match spec.days.iter().find(|day| day.date == date) {
        None => of_weekday(date.weekday()),
        Some(day) if day.kind == DayKind::Holiday => Vec::new(),
        Some(day) if day.shifts.is_empty() => of_weekday(spec.workdays_like.expect("a weekday").weekday()),
        Some(day) => day.shifts.clone(),
    }
}

/// The day of which a shift works when the clock shows this; the earlier one if there are two.
fn worked_day(spec: &CalendarSpec, shown: DateTime) -> Option<Date> {
    let today = shown.date();
    let minute =
        u16::try_from(shown.hour()).expect("an hour") * 60 + u16::try_from(shown.minute()).expect("a minute");
    let yesterday = today.yesterday().expect("a day before");
    [(yesterday, minute + 1_440), (today, minute)]
        .into_iter()
        .filter(|(date, _)| knows(spec, date.year()))
        .find(|(date, minute)| {
            shifts(spec, *date).iter().any(|shift| (shift.from_minute()..shift.to_minute()).contains(minute))
        })
        .map(|(date, _)| date)
}

/// The year that would have to be known.
fn unknown(spec: &CalendarSpec, shown: DateTime) -> Option<i16> {
    let (today, yesterday) = (shown.date(), shown.date().yesterday().expect("a day before"));
    if !knows(spec, today.year()) {
        return worked_day(spec, shown).is_none().then_some(today.year());
    }
    let week = [0, 1, 2, 3, 4, 5, 6].map(|day| shifts_of_week(spec, day));
    let all = week.into_iter().flatten().chain(spec.days.iter().flat_map(|day| day.shifts.clone()));
    let latest = all.map(|shift| i32::from(shift.to_minute()) - 1_440).max().unwrap_or(0);
    let minute = i32::from(shown.hour()) * 60 + i32::from(shown.minute());
    (!knows(spec, yesterday.year()) && minute < latest).then_some(yesterday.year())
}

fn shifts_of_week(spec: &CalendarSpec, day: usize) -> Vec<Shift> {
    let week = &spec.week;
    [&week.monday, &week.tuesday, &week.wednesday, &week.thursday, &week.friday, &week.saturday, &week.sunday]
        [day]
        .clone()
}
