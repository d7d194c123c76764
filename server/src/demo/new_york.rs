//! The calendar of the place where the demo plays. Washington, where the outages were recorded, is in the same zone.

use db::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

/// The rule since 2007, which covers the records and the demo, so that no time zone database is needed on the
/// machine.
const RULE: &str = "EST5EDT,M3.2.0,M11.1.0";

/// The wall clocks of New York.
#[derive(Debug, Clone)]
pub struct NewYork(TimeZone);

impl Default for NewYork {
    fn default() -> Self {
        // The rule is a constant that a test reads; UTC would only shift the day.
        Self(TimeZone::posix(RULE).unwrap_or(TimeZone::UTC))
    }
}

impl NewYork {
    /// What the clocks show at an instant.
    pub fn local(&self, at: Timestamp) -> DateTime {
        let instant = jiff::Timestamp::from_millisecond(at.millis()).unwrap_or_default();
        self.0.to_datetime(instant)
    }

    /// The instant at which the clocks show this. In the hour that is skipped in March, an hour later.
    pub fn at(&self, date: Date, time: Time) -> Timestamp {
        let zoned = self.0.to_ambiguous_zoned(date.to_datetime(time)).compatible();
        Timestamp::from_millis(zoned.map_or(0, |zoned| zoned.timestamp().as_millisecond()))
    }

    /// The instant at which a day has this hour and minute.
    pub fn hour(&self, date: Date, hour: i8, minute: i8) -> Timestamp {
        self.at(date, Time::new(hour, minute, 0, 0).unwrap_or_default())
    }

    /// Midnight at the beginning of a day, and at its end.
    pub fn bounds(&self, date: Date) -> (Timestamp, Timestamp) {
        let next = date.tomorrow().unwrap_or(date);
        (self.hour(date, 0, 0), self.hour(next, 0, 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn seven_in_the_morning_is_noon_utc_in_winter_and_eleven_in_summer() {
        let clocks = NewYork::default();
        let hours = |day: Date| clocks.hour(day, 7, 0).millis() / 3_600_000 % 24;
        assert_eq!(hours(date(2026, 1, 15)), 12);
        assert_eq!(hours(date(2026, 7, 15)), 11);
    }

    #[test]
    fn an_instant_is_found_again_by_what_the_clocks_showed() {
        let clocks = NewYork::default();
        for hour in 0..24 * 365 {
            let at = Timestamp::from_millis((1_767_225_600 + hour * 3_600) * 1_000);
            let shown = clocks.local(at);
            let again = clocks.at(shown.date(), shown.time());
            // One hour of the year is shown twice, in November.
            assert!(again == at || at.millis() - again.millis() == 3_600_000, "{shown}");
        }
    }

    #[test]
    fn a_day_lasts_24_hours_but_for_two_days_of_the_year() {
        let clocks = NewYork::default();
        let hours = |day: Date| {
            let (from, to) = clocks.bounds(day);
            (to.millis() - from.millis()) / 3_600_000
        };
        assert_eq!(hours(date(2026, 11, 22)), 24);
        assert_eq!(hours(date(2026, 3, 8)), 23);
        assert_eq!(hours(date(2026, 11, 1)), 25);
    }
}
