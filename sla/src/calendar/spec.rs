//! A calendar as people write it, in a file or in the editor.

use std::collections::BTreeSet;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::shift::Shift;
use crate::fault::{Problem, SpecFault, SpecFaults};

/// Years that a calendar may know.
pub const MOST_YEARS: usize = 100;
/// Holidays and make-up days of a calendar.
pub const MOST_DAYS: usize = 10_000;
/// Shifts of a day.
pub const MOST_SHIFTS: usize = 24;
/// Characters of a name.
pub const LONGEST_NAME: usize = 200;
/// What [`Years::Every`] means: what lies beyond is not known after all, so that every search ends.
pub const EVERY: std::ops::RangeInclusive<i16> = 2000..=2079;
/// Years that can be named.
const POSSIBLE: std::ops::RangeInclusive<i16> = 1971..=2198;

/// When there is working time at a site.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CalendarSpec {
    pub name: String,
    /// The site's, from the IANA database: `Asia/Shanghai`.
    pub time_zone: String,
    /// The years of which all holidays and make-up days are listed.
    pub years: Years,
    pub week: Week,
    /// The weekday whose shifts make-up workdays have, if they do not say their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workdays_like: Option<WeekdayName>,
    /// Holidays and make-up workdays.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<SpecialDay>,
    /// Where the days are from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// The years that a calendar knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Years {
    /// `"every"`: there are no holidays but those that are listed. [`EVERY`] is meant.
    Every(Every),
    Known(Vec<i16>),
}

/// The word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Every {
    Every,
}

/// Shifts by weekday; none where a day is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Week {
    pub monday: Vec<Shift>,
    pub tuesday: Vec<Shift>,
    pub wednesday: Vec<Shift>,
    pub thursday: Vec<Shift>,
    pub friday: Vec<Shift>,
    pub saturday: Vec<Shift>,
    pub sunday: Vec<Shift>,
}

impl Week {
    pub fn on(&self, day: Weekday) -> &[Shift] {
        match day {
            Weekday::Monday => &self.monday,
            Weekday::Tuesday => &self.tuesday,
            Weekday::Wednesday => &self.wednesday,
            Weekday::Thursday => &self.thursday,
            Weekday::Friday => &self.friday,
            Weekday::Saturday => &self.saturday,
            Weekday::Sunday => &self.sunday,
        }
    }
}

/// A weekday in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WeekdayName {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl WeekdayName {
    pub fn weekday(self) -> Weekday {
        match self {
            Self::Monday => Weekday::Monday,
            Self::Tuesday => Weekday::Tuesday,
            Self::Wednesday => Weekday::Wednesday,
            Self::Thursday => Weekday::Thursday,
            Self::Friday => Weekday::Friday,
            Self::Saturday => Weekday::Saturday,
            Self::Sunday => Weekday::Sunday,
        }
    }
}

/// A date on which the week does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpecialDay {
    pub date: Date,
    pub kind: DayKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Of a workday; those of `workdays_like` if there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shifts: Vec<Shift>,
}

/// What kind of date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DayKind {
    /// No working time.
    Holiday,
    /// Working time, whatever the weekday: a make-up workday, or a day with other hours.
    Workday,
}

impl CalendarSpec {
    /// The years that it knows, in order.
    pub fn known_years(&self) -> BTreeSet<i16> {
        match &self.years {
            Years::Every(_) => EVERY.collect(),
            Years::Known(years) => years.iter().copied().collect(),
        }
    }

    /// What the week and the listed days say about a date. The date's year may be one that is not known.
    pub fn shifts_on<'a>(&'a self, date: Date, special: Option<&'a SpecialDay>) -> &'a [Shift] {
        match special {
            Some(day) if day.kind == DayKind::Holiday => &[],
            Some(day) if !day.shifts.is_empty() => &day.shifts,
            Some(_) => self.workdays_like.map_or(&[], |like| self.week.on(like.weekday())),
            None => self.week.on(date.weekday()),
        }
    }

    /// # Errors
    /// Everything that can be seen without laying out the days.
    pub fn check(&self) -> Result<TimeZone, SpecFaults> {
        let mut faults = Vec::new();
        let mut wrong = |field: &str, problem| faults.push(SpecFault::new(field, problem));
        if self.name.is_empty() {
            wrong("name", Problem::Empty);
        } else if self.name.chars().count() > LONGEST_NAME {
            wrong("name", Problem::TooLong(self.name.chars().count(), LONGEST_NAME));
        }
        let zone = TimeZone::get(&self.time_zone);
        if zone.is_err() {
            wrong("time_zone", Problem::UnknownZone);
        }
        if let Years::Known(years) = &self.years {
            if years.is_empty() {
                wrong("years", Problem::Empty);
            } else if years.len() > MOST_YEARS {
                wrong("years", Problem::TooMany(years.len(), MOST_YEARS));
            } else if years.iter().any(|year| !POSSIBLE.contains(year)) {
                wrong("years", Problem::OutOfRange(i64::from(*POSSIBLE.start()), i64::from(*POSSIBLE.end())));
            }
        }
        self.check_shifts(&mut faults);
        match zone {
            Ok(zone) if faults.is_empty() => Ok(zone),
            _ => Err(SpecFaults(faults)),
        }
    }

    fn check_shifts(&self, faults: &mut Vec<SpecFault>) {
        let week = [
            ("monday", &self.week.monday),
            ("tuesday", &self.week.tuesday),
            ("wednesday", &self.week.wednesday),
            ("thursday", &self.week.thursday),
            ("friday", &self.week.friday),
            ("saturday", &self.week.saturday),
            ("sunday", &self.week.sunday),
        ];
        for (day, shifts) in week {
            in_order(&format!("week.{day}"), shifts, faults);
        }
        if self.days.len() > MOST_DAYS {
            faults.push(SpecFault::new("days", Problem::TooMany(self.days.len(), MOST_DAYS)));
            return;
        }
        let (years, mut seen) = (self.known_years(), BTreeSet::new());
        for (index, day) in self.days.iter().enumerate() {
            let field = format!("days[{index}]");
            if !seen.insert(day.date) {
                faults.push(SpecFault::new(format!("{field}.date"), Problem::Twice));
            }
            if !years.contains(&day.date.year()) {
                faults.push(SpecFault::new(format!("{field}.date"), Problem::YearNotKnown));
            }
            in_order(&format!("{field}.shifts"), &day.shifts, faults);
            match day.kind {
                DayKind::Holiday if !day.shifts.is_empty() => {
                    faults.push(SpecFault::new(field, Problem::HolidayWithShifts));
                }
                DayKind::Workday if self.shifts_on(day.date, Some(day)).is_empty() => {
                    faults.push(SpecFault::new(field, Problem::WorkdayWithoutShifts));
                }
                _ => {}
            }
        }
    }
}

fn in_order(field: &str, shifts: &[Shift], faults: &mut Vec<SpecFault>) {
    if shifts.len() > MOST_SHIFTS {
        faults.push(SpecFault::new(field, Problem::TooMany(shifts.len(), MOST_SHIFTS)));
    }
    for (index, pair) in shifts.windows(2).enumerate() {
        if pair[1].from_minute() < pair[0].to_minute() {
            faults.push(SpecFault::new(format!("{field}[{}]", index + 1), Problem::ShiftsOverlap));
        }
    }
}
