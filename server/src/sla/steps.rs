//! The steps of an escalation: when so much of a promise is left, somebody is told, or somebody else gets the ticket.
//! Each is taken once for a ticket. When it is due is counted as the due time is, so it lies in working time where the
//! promise does, and pauses move it; quiet hours put a message off until they end.

use ::sla::{Calendar, Event, Outcome, Policy, TargetKind, used_up};
use db::{Timestamp, text_enum};
use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp as Instant};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::http::Checks;

/// Steps that there can be.
const MOST_STEPS: usize = 20;

text_enum! {
    /// What a step does.
    pub enum Act {
        /// Tells the engineer who has the ticket; the supervisors, if nobody has.
        NotifyEngineer => "notify_engineer",
        /// Tells the supervisors.
        NotifySupervisor => "notify_supervisor",
        /// Gives the ticket to the best other engineer, unless work has begun, and tells the supervisors.
        Reassign => "reassign",
    }
}

/// One step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Of which promise: `response` or `resolution`.
    #[schema(value_type = String)]
    pub target: TargetKind,
    /// When so much of it is left, in percent: 0 is when it is due, 100 when the ticket is opened.
    pub left_percent: u8,
    /// What it does.
    pub act: Act,
}

impl Step {
    /// Under which a ticket keeps that it was taken: `resolution:30:notify_engineer`.
    pub fn name(self) -> String {
        let target = match self.target {
            TargetKind::Response => "response",
            TargetKind::Resolution => "resolution",
        };
        format!("{target}:{}:{}", self.left_percent, self.act)
    }
}

/// Hours of the site's clock in which nobody is sent a message. Tickets are given to others all the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// `22:00`.
    pub from: String,
    /// `07:00`, on the next day if that is not later.
    pub until: String,
    /// For tickets of this priority and less urgent ones: 2 leaves urgent ones alone.
    pub from_priority: i32,
}

/// The steps of a new server: the engineer is told when 30 % is left, the supervisors at 10 %.
pub fn usual() -> Vec<Step> {
    let step = |left_percent, act| Step { target: TargetKind::Resolution, left_percent, act };
    vec![step(30, Act::NotifyEngineer), step(10, Act::NotifySupervisor)]
}

/// Refuses steps and quiet hours that make no sense.
pub fn check(checks: &mut Checks, steps: &[Step], quiet: Option<&QuietHours>) {
    checks.require(steps.len() <= MOST_STEPS, "steps", "too_many", "at most 20");
    for (nth, step) in steps.iter().enumerate().take(MOST_STEPS) {
        checks.within(&format!("steps[{nth}].left_percent"), i64::from(step.left_percent), 0, 99);
        checks.require(!steps[..nth].contains(step), &format!("steps[{nth}]"), "duplicate", "is there twice");
    }
    if let Some(quiet) = quiet {
        for (field, text) in [("quiet.from", &quiet.from), ("quiet.until", &quiet.until)] {
            checks.require(time(text).is_some(), field, "invalid", "is no time as 22:00");
        }
        checks.within("quiet.from_priority", i64::from(quiet.from_priority), 1, 4);
        checks.require(quiet.from != quiet.until, "quiet.until", "out_of_order", "is when they begin");
    }
}

fn time(text: &str) -> Option<Time> {
    (text.len() == 5).then(|| format!("{text}:00").parse().ok())?
}

/// A step with its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// Which.
    pub step: Step,
    /// When so much is used up.
    pub at: Timestamp,
    /// When it may be taken: later, if that is in quiet hours.
    pub fires_at: Timestamp,
}

/// What is asked of one ticket's steps.
pub struct Asked<'a> {
    /// All steps.
    pub steps: &'a [Step],
    /// When messages wait.
    pub quiet: Option<&'a QuietHours>,
    /// By what it is due.
    pub policy: &'a Policy,
    /// In what.
    pub calendar: &'a Calendar,
    /// After what.
    pub events: &'a [Event],
    /// 1 urgent to 4 low.
    pub priority: i32,
    /// Whether a promise is met already.
    pub met: fn(TargetKind, &[Event]) -> bool,
}

/// The steps that are yet to be taken and whose time is known, without those whose names are in `taken`, the first
/// first. None while the clock stands.
pub fn ahead(asked: &Asked<'_>, taken: &[String]) -> Vec<Due> {
    let mut ahead: Vec<Due> = asked
        .steps
        .iter()
        .filter(|step| !taken.contains(&step.name()) && !(asked.met)(step.target, asked.events))
        .filter_map(|step| {
            let used = 100 - step.left_percent.min(100);
            match used_up(asked.policy, asked.calendar, asked.events, step.target, used) {
                Ok(Some(Outcome::Due { at })) => Some(due(asked, *step, Timestamp::from_millis(at))),
                _ => None,
            }
        })
        .collect();
    ahead.sort_by_key(|due| (due.fires_at, due.at));
    ahead
}

fn due(asked: &Asked<'_>, step: Step, at: Timestamp) -> Due {
    let waits = step.act != Act::Reassign;
    let quiet = asked.quiet.filter(|quiet| waits && asked.priority >= quiet.from_priority);
    let fires_at = quiet.map_or(at, |quiet| after_quiet(quiet, &asked.calendar.zone, at));
    Due { step, at, fires_at }
}

/// The end of the quiet hours in which an instant lies, or the instant itself.
fn after_quiet(quiet: &QuietHours, zone: &TimeZone, at: Timestamp) -> Timestamp {
    let (Some(from), Some(until)) = (time(&quiet.from), time(&quiet.until)) else { return at };
    let Ok(instant) = Instant::from_millisecond(at.millis()) else { return at };
    let local = zone.to_datetime(instant);
    let (now, over_night) = (local.time(), until <= from);
    let is_quiet = if over_night { now >= from || now < until } else { (from..until).contains(&now) };
    if !is_quiet {
        return at;
    }
    let tomorrow = over_night && now >= from;
    let day =
        if tomorrow { local.date().saturating_add(SignedDuration::from_hours(24)) } else { local.date() };
    let end = zone.to_ambiguous_timestamp(day.to_datetime(until)).compatible();
    end.map_or(at, |end| Timestamp::from_millis(end.as_millisecond()).max(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::from_millis(text.parse::<Instant>().expect("an instant").as_millisecond())
    }

    fn quiet(from: &str, until: &str) -> QuietHours {
        QuietHours { from: from.to_owned(), until: until.to_owned(), from_priority: 2 }
    }

    #[test]
    fn a_message_in_the_night_waits_for_the_morning_of_the_site() {
        let zone = TimeZone::get("America/New_York").expect("a zone");
        let after = |text: &str| after_quiet(&quiet("22:00", "07:00"), &zone, at(text));
        assert_eq!(after("2026-03-03T21:59-05"), at("2026-03-03T21:59-05"));
        assert_eq!(after("2026-03-03T22:00-05"), at("2026-03-04T07:00-05"));
        assert_eq!(after("2026-03-04T03:30-05"), at("2026-03-04T07:00-05"));
        assert_eq!(after("2026-03-04T07:00-05"), at("2026-03-04T07:00-05"));
        // The night in which an hour is skipped.
        assert_eq!(after("2026-03-08T01:30-05"), at("2026-03-08T07:00-04"));
    }

    #[test]
    fn quiet_hours_within_a_day_end_on_it() {
        let after = |text: &str| after_quiet(&quiet("12:00", "13:30"), &TimeZone::UTC, at(text));
        assert_eq!(after("2026-03-03T12:10Z"), at("2026-03-03T13:30Z"));
        assert_eq!(after("2026-03-03T13:30Z"), at("2026-03-03T13:30Z"));
    }

    #[test]
    fn steps_and_hours_that_make_no_sense_are_named() {
        let mut steps = usual();
        steps.push(steps[0]);
        steps.push(Step { left_percent: 100, ..steps[0] });
        let mut checks = Checks::new();
        check(&mut checks, &steps, Some(&quiet("22:00", "7:00")));
        let fields: Vec<&str> = checks.faults().iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["steps[2]", "steps[3].left_percent", "quiet.until"]);
    }

    #[test]
    fn thirty_percent_left_of_two_hours_is_after_84_minutes_and_each_step_comes_once() {
        let table = ::sla::defaults::table("four-levels").expect("shipped").expect("a table");
        let policy = &table.policies()[0];
        let spec = ::sla::defaults::calendar("round-the-clock").expect("shipped").expect("a calendar");
        let calendar = Calendar::compile(&spec).expect("a good one");
        let events = [Event::new(0, ::sla::Kind::Opened)];
        let asked = Asked {
            steps: &usual(),
            quiet: None,
            policy,
            calendar: &calendar,
            events: &events,
            priority: 1,
            met: |_, _| false,
        };
        let minutes = |taken: &[String]| -> Vec<i64> {
            ahead(&asked, taken).iter().map(|due| due.fires_at.millis() / 60_000).collect()
        };
        assert_eq!(minutes(&[]), [84, 108]);
        assert_eq!(minutes(&["resolution:30:notify_engineer".to_owned()]), [108]);
        assert!(ahead(&Asked { met: |_, _| true, ..asked }, &[]).is_empty());
    }
}
