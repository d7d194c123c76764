//! Derivations in words. The steps are the truth; this is how the console, the phone and the command line say them.

mod chinese;
mod english;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::Millis;
use crate::calendar::Calendar;
use crate::derivation::{Answer, Step};
use crate::policy::{BUSINESS_DAY, Target};

/// Later than this after the opening, a weekday alone does not say which day is meant.
const A_WEEK: Millis = 7 * 86_400_000;

/// What the pages speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    English,
    Chinese,
}

/// The whole derivation as one line, with times of the site.
pub fn derivation(answer: &Answer<'_>, calendar: &Calendar, language: Language) -> String {
    let opened_at = match answer.steps.first() {
        Some(Step::Opened { at, .. }) => *at,
        _ => 0,
    };
    let times = Times { zone: &calendar.zone, opened_at };
    let unit = answer.target.unit;
    let step = |step| match language {
        Language::English => english::step(&times, step),
        Language::Chinese => chinese::step(&times, step),
    };
    let mut parts: Vec<String> = answer.steps.iter().map(step).collect();
    let (comma, outcome) = match language {
        Language::English => (", ", english::outcome(&times, &answer.outcome, unit)),
        Language::Chinese => ("，", chinese::outcome(&times, &answer.outcome, unit)),
    };
    parts.push(outcome);
    parts.join(comma)
}

/// A target in words: `3 business days`.
pub fn target(target: Target, language: Language) -> String {
    match language {
        Language::English => english::target(target),
        Language::Chinese => chinese::target(target),
    }
}

/// The site's clock.
struct Times<'a> {
    zone: &'a TimeZone,
    opened_at: Millis,
}

impl Times<'_> {
    fn local(&self, at: Millis) -> DateTime {
        self.zone.to_datetime(Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH))
    }

    /// Can this instant be told by weekday and time?
    fn is_near(&self, at: Millis) -> bool {
        // By dates, so that it is not the opening's weekday again.
        let days = |at| self.local(at).date();
        at - self.opened_at < A_WEEK && days(at) != days(self.opened_at + A_WEEK)
    }
}

/// `17:40`, and seconds if there are any.
fn time(at: DateTime) -> String {
    if at.second() == 0 {
        format!("{:02}:{:02}", at.hour(), at.minute())
    } else {
        format!("{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second())
    }
}

/// Hours, minutes and seconds, those that are not 0, with the units' names; whole seconds.
fn duration(ms: Millis, names: [&str; 3], zero: &str) -> String {
    let seconds = ms / 1000;
    let parts = [seconds / 3600, seconds / 60 % 60, seconds % 60];
    let said = parts.into_iter().zip(names).filter(|(amount, _)| *amount != 0);
    let said: Vec<String> = said.map(|(amount, name)| format!("{amount} {name}")).collect();
    if said.is_empty() { zero.to_owned() } else { said.join(" ") }
}

/// Shares of a business day as days with two decimals, without needless zeros.
fn business_days(units: i64) -> String {
    let hundredths = (units + BUSINESS_DAY / 200) / (BUSINESS_DAY / 100);
    let text = format!("{}.{:02}", hundredths / 100, hundredths % 100);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
