//! Derivations in English.

use super::{Times, business_days, duration, time};
use crate::Millis;
use crate::derivation::{Changed, Outcome, Step, Why};
use crate::policy::{Target, Unit};

pub fn step(times: &Times, step: &Step) -> String {
    match *step {
        Step::Opened { at, target: promised } => format!("opened {}, {}", full(times, at), target(promised)),
        Step::CountsFrom { at } => format!("counts from {}", when(times, at)),
        Step::Paused { from, until: None, why, .. } => {
            format!("paused since {}{}", when(times, from), because(why))
        }
        Step::Paused { from, until: Some(until), counted_ms, why, counts_from } => {
            let counted = match counted_ms {
                Some(counted) if counted == until - from => String::new(),
                Some(counted) => format!(", {} of it working time,", lasting(counted)),
                None => ", nobody knows how much of it working time,".to_owned(),
            };
            let goes_on = counts_from.map(|at| format!(", counts again from {}", when(times, at)));
            format!(
                "paused {}{counted}{} ({} to {}){}",
                lasting(until - from),
                because(why),
                when(times, from),
                same_day(times, from, until),
                goes_on.unwrap_or_default(),
            )
        }
        Step::Changed { at, what, to } => {
            let what = match what {
                Changed::Priority => "priority",
                Changed::Policy => "policy",
                Changed::Site => "site",
            };
            format!("{what} {to} since {}, counted anew from the opening", when(times, at))
        }
        Step::Met { at } => format!("met {}", when(times, at)),
        Step::Reopened { at } => format!("reopened {}", when(times, at)),
    }
}

pub fn outcome(times: &Times, outcome: &Outcome, unit: Unit) -> String {
    match *outcome {
        Outcome::Due { at } => format!("due {}", when(times, at)),
        Outcome::Paused { left, .. } => format!("{} left when it goes on", remaining(left, unit)),
        Outcome::UnknownYear { year } => format!("not known when due: the calendar does not know {year}"),
    }
}

pub fn target(target: Target) -> String {
    let unit = match target.unit {
        Unit::Minutes => "minute",
        Unit::Hours => "hour",
        Unit::BusinessMinutes => "business minute",
        Unit::BusinessHours => "business hour",
        Unit::BusinessDays => "business day",
    };
    format!("{} {unit}{}", target.amount, if target.amount == 1 { "" } else { "s" })
}

fn remaining(left: i64, unit: Unit) -> String {
    match unit {
        Unit::BusinessDays => format!("{} business days", business_days(left)),
        Unit::BusinessMinutes | Unit::BusinessHours => format!("{} of working time", lasting(left)),
        Unit::Minutes | Unit::Hours => lasting(left),
    }
}

fn lasting(ms: Millis) -> String {
    duration(ms, ["h", "min", "s"], "0 min")
}

fn because(why: Why) -> String {
    let (reason, note) = match why {
        Why::Resolved => return " taken for solved".to_owned(),
        Why::Asked { reason, note } => (reason, note),
        Why::State { state, reason: "", note } => (state, note),
        Why::State { reason, note, .. } => (reason, note),
    };
    let note = note.map(|note| format!(" {note}")).unwrap_or_default();
    match reason {
        "" if note.is_empty() => String::new(),
        "" => format!(":{note}"),
        "customer" => format!(" waiting for the customer{note}"),
        "part" => format!(" waiting for part{note}"),
        "third_party" => format!(" waiting for a third party{note}"),
        "approval" => format!(" waiting for approval{note}"),
        other => format!(" {}{note}", other.replace('_', " ")),
    }
}

/// Weekday and time, if that says which day.
fn when(times: &Times, at: Millis) -> String {
    if !times.is_near(at) {
        return full(times, at);
    }
    let local = times.local(at);
    format!("{} {}", weekday(local.weekday()), time(local))
}

fn full(times: &Times, at: Millis) -> String {
    let local = times.local(at);
    format!("{} {} {}", weekday(local.weekday()), local.date(), time(local))
}

fn same_day(times: &Times, from: Millis, until: Millis) -> String {
    let (from, local) = (times.local(from), times.local(until));
    if from.date() == local.date() { time(local) } else { when(times, until) }
}

fn weekday(day: jiff::civil::Weekday) -> &'static str {
    let names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    names.get(day.to_monday_zero_offset() as usize).copied().unwrap_or_default()
}
