//! From a spec to prefix sums: every day of the known years is laid out once.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

use super::boundary::first_instant;
use super::shift::Shift;
use super::spec::{CalendarSpec, SpecialDay};
use super::{Calendar, Day, Known, Span};
use crate::Millis;
use crate::fault::{Problem, SpecFault, SpecFaults};

pub fn compile(spec: &CalendarSpec) -> Result<Calendar, SpecFaults> {
    let zone = spec.check()?;
    let mut layout = Layout {
        special: spec.days.iter().map(|day| (day.date, day)).collect(),
        spec,
        spans: Vec::new(),
        days: Vec::new(),
        known: Vec::new(),
        zone: &zone,
    };
    // The dates were checked to be far from the ends of what jiff can represent.
    let out_of_range = |_| SpecFaults(vec![SpecFault::new("years", Problem::OutOfRange(1971, 2198))]);
    layout.lay_out().map_err(out_of_range)?;
    let Layout { spans, days, known, .. } = layout;
    if spans.is_empty() {
        return Err(SpecFaults(vec![SpecFault::new("week", Problem::NoWorkingTime)]));
    }
    Ok(Calendar { name: spec.name.clone(), spans, days, known, zone })
}

struct Layout<'a> {
    spec: &'a CalendarSpec,
    zone: &'a TimeZone,
    special: BTreeMap<Date, &'a SpecialDay>,
    spans: Vec<Span>,
    days: Vec<Day>,
    known: Vec<Known>,
}

impl Layout<'_> {
    fn lay_out(&mut self) -> Result<(), jiff::Error> {
        let years: Vec<i16> = self.spec.known_years().into_iter().collect();
        for run in years.chunk_by(|year, next| year + 1 == *next) {
            let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
            let (first_year, end_year) = (*first, *last + 1);
            let (first, end) = (Date::new(first_year, 1, 1)?, Date::new(end_year, 1, 1)?);
            for date in first.series(1.day()).take_while(|date| *date < end) {
                self.lay_out_day(date)?;
            }
            // Before it is a day of which nothing is known, and its last shift may have run into this one.
            let from = self.instant(first, self.longest_over_midnight())?;
            // The last shift of the last day is known, also what of it lies behind midnight.
            let last_end = self.spans.last().map_or(Millis::MIN, |span| span.ends_at);
            let until = self.instant(end, 0)?.max(last_end);
            self.known.push(Known { from, until, first_year, end_year });
        }
        Ok(())
    }

    fn lay_out_day(&mut self, date: Date) -> Result<(), jiff::Error> {
        let special = self.special.get(&date).copied();
        let (index, worked_before) = (self.days.len(), self.worked());
        for shift in self.spec.shifts_on(date, special) {
            // A shift of the day before may still run: what they share is worked once, and is that day's.
            let busy_until = self.spans.last().map_or(Millis::MIN, |span| span.ends_at);
            let starts_at = self.instant(date, shift.from_minute())?.max(busy_until);
            let ends_at = self.instant(date, shift.to_minute())?;
            if starts_at < ends_at {
                let worked_before = self.worked();
                self.spans.push(Span { starts_at, ends_at, worked_before, day: index });
            }
        }
        let worked = self.worked() - worked_before;
        if worked > 0 {
            self.days.push(Day { worked_before, worked });
        }
        Ok(())
    }

    fn worked(&self) -> Millis {
        self.spans.last().map_or(0, |span| span.worked_before + span.ends_at - span.starts_at)
    }

    fn instant(&self, date: Date, minute: u16) -> Result<Millis, jiff::Error> {
        let midnight = DateTime::from_parts(date, jiff::civil::Time::midnight());
        first_instant(self.zone, midnight.checked_add(i64::from(minute).minutes())?)
    }

    fn longest_over_midnight(&self) -> u16 {
        let week = &self.spec.week;
        let week = [
            &week.monday,
            &week.tuesday,
            &week.wednesday,
            &week.thursday,
            &week.friday,
            &week.saturday,
            &week.sunday,
        ];
        let shifts = week.into_iter().chain(self.spec.days.iter().map(|day| &day.shifts)).flatten();
        shifts.map(|shift: &Shift| shift.over_midnight()).max().unwrap_or(0)
    }
}
