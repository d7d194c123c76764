//! When there is working time at a site, compiled from [`CalendarSpec`] for many questions.
//!
//! All working time of the known years lies in one sorted list, each stretch with the sum of those before it. How
//! much was worked between two instants, and when so much will have been worked, are then binary searches.

mod boundary;
mod compile;
pub mod shift;
pub mod spec;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::Millis;
use crate::fault::SpecFaults;
use crate::policy::{BUSINESS_DAY, Unit};
pub use shift::Shift;
pub use spec::CalendarSpec;

/// Working time without a break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    starts_at: Millis,
    ends_at: Millis,
    /// Sum of all spans before this one.
    worked_before: Millis,
    /// Index of the day that it belongs to: the one on which its shift began.
    day: usize,
}

/// A day with working time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Day {
    worked_before: Millis,
    worked: Millis,
}

/// A time of which every hour is known, because the years are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Known {
    from: Millis,
    until: Millis,
    /// The site's years: this one, and those before `end_year`.
    first_year: i16,
    end_year: i16,
}

/// A calendar that can be asked. Equal specs give equal calendars.
#[derive(Clone, Debug)]
pub struct Calendar {
    pub name: String,
    /// The site's.
    pub zone: TimeZone,
    spans: Vec<Span>,
    days: Vec<Day>,
    known: Vec<Known>,
}

/// What came of counting through a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counted {
    /// The amount was reached, at this instant first.
    Reached(Millis),
    /// So much of it is left at the end of the stretch.
    Left(i64),
    /// Nobody knows: the stretch runs into a year of which the calendar knows nothing.
    UnknownYear(i16),
}

impl Calendar {
    /// # Errors
    /// Everything that is wrong with the spec.
    pub fn compile(spec: &CalendarSpec) -> Result<Self, SpecFaults> {
        compile::compile(spec)
    }

    /// Counts `left` units of working time from `from` on, and no further than `until`.
    pub(crate) fn count(&self, unit: Unit, left: i64, from: Millis, until: Option<Millis>) -> Counted {
        if until == Some(from) {
            return Counted::Left(left);
        }
        let round_the_clock = matches!(unit, Unit::Minutes | Unit::Hours);
        if round_the_clock {
            let due = from.saturating_add(left);
            return match until {
                Some(until) if due > until => Counted::Left(due - until),
                _ => Counted::Reached(due),
            };
        }
        let Some(known) = self.known_at(from) else { return Counted::UnknownYear(self.unknown_year(from)) };
        let (read, end) = (self.read(unit, from), until.unwrap_or(Millis::MAX).min(known.until));
        let used = self.read(unit, end) - read;
        if used >= left {
            // There is one, since so much is worked until `end`.
            return self.first_at(unit, read + left).map_or(Counted::Left(0), Counted::Reached);
        }
        match until {
            Some(until) if until <= known.until => Counted::Left(left - used),
            _ => Counted::UnknownYear(self.unknown_year(known.until)),
        }
    }

    /// Working time between two instants; `None` if it is not known of all of it.
    pub(crate) fn worked(&self, from: Millis, until: Millis) -> Option<Millis> {
        let known = self.known_at(from)?;
        (until <= known.until).then(|| self.worked_at(until) - self.worked_at(from))
    }

    /// The instant, if there is working time then, or else the next at which some begins; `None` if it is not known.
    pub(crate) fn next_working(&self, at: Millis) -> Option<Millis> {
        let known = self.known_at(at)?;
        let span = self.spans.get(self.spans.partition_point(|span| span.ends_at <= at))?;
        let next = span.starts_at.max(at);
        (next < known.until).then_some(next)
    }

    fn known_at(&self, at: Millis) -> Option<Known> {
        let known = self.known.get(self.known.partition_point(|known| known.until <= at))?;
        (known.from <= at).then_some(*known)
    }

    /// The year that would have to be known to say what is worked at an instant.
    fn unknown_year(&self, at: Millis) -> i16 {
        let at = Timestamp::from_millisecond(at).unwrap_or(Timestamp::UNIX_EPOCH);
        let year = self.zone.to_datetime(at).year();
        let is_known = self.known.iter().any(|known| (known.first_year..known.end_year).contains(&year));
        // In the first hours of a known year, a shift of the year before may still run.
        if is_known { year - 1 } else { year }
    }

    fn read(&self, unit: Unit, at: Millis) -> i64 {
        if unit == Unit::BusinessDays { self.days_at(at) } else { self.worked_at(at) }
    }

    fn first_at(&self, unit: Unit, reading: i64) -> Option<Millis> {
        if unit == Unit::BusinessDays { self.when_days(reading) } else { self.when_worked(reading) }
    }

    /// The last span that has begun by then.
    fn begun(&self, at: Millis) -> Option<&Span> {
        self.spans[..self.spans.partition_point(|span| span.starts_at <= at)].last()
    }

    fn worked_at(&self, at: Millis) -> Millis {
        self.begun(at).map_or(0, |span| span.worked_before + at.min(span.ends_at) - span.starts_at)
    }

    /// The first instant by which so much was worked.
    fn when_worked(&self, worked: Millis) -> Option<Millis> {
        let until = |span: &Span| span.worked_before + span.ends_at - span.starts_at;
        let span = self.spans.get(self.spans.partition_point(|span| until(span) < worked))?;
        Some(span.starts_at + (worked - span.worked_before))
    }

    /// Working days by then, in shares of [`BUSINESS_DAY`], rounded down.
    fn days_at(&self, at: Millis) -> i64 {
        let Some(index) = self.begun(at).map(|span| span.day) else { return 0 };
        let day = self.days[index];
        let within = self.worked_at(at) - day.worked_before;
        index as i64 * BUSINESS_DAY + within * BUSINESS_DAY / day.worked
    }

    /// The first instant at which [`Calendar::days_at`] is so much.
    fn when_days(&self, units: i64) -> Option<Millis> {
        // A whole number of days is reached when the last of them ends, not when the next begins.
        let index = (units - 1).div_euclid(BUSINESS_DAY);
        let day = self.days.get(usize::try_from(index).ok()?)?;
        let share = units - index * BUSINESS_DAY;
        let within = (share * day.worked + BUSINESS_DAY - 1) / BUSINESS_DAY;
        self.when_worked(day.worked_before + within)
    }
}
