//! The instant of a time that is written on a wall.
//!
//! One rule for all days, also for those on which clocks are changed: *a shift begins, and ends, at the first
//! instant at which the site's clock shows that date and time or a later one.* An hour that is skipped so ends at
//! the instant at which it is skipped; of an hour that is there twice, the first is meant.

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Error, Timestamp};

use crate::Millis;

/// # Errors
/// The time lies outside of what can be represented.
pub fn first_instant(zone: &TimeZone, time: DateTime) -> Result<Millis, Error> {
    let at = match zone.to_ambiguous_timestamp(time).offset() {
        AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(time)?,
        AmbiguousOffset::Fold { before, .. } => before.to_timestamp(time)?,
        AmbiguousOffset::Gap { after, .. } => {
            // With the later offset the skipped time comes before the change.
            let earlier = after.to_timestamp(time)?;
            let change = zone.following(earlier).next();
            change.map_or(earlier, |change| change.timestamp())
        }
    };
    Ok(Timestamp::as_millisecond(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(zone: &str, time: &str) -> String {
        let millis = first_instant(&TimeZone::get(zone).unwrap(), time.parse().unwrap()).unwrap();
        Timestamp::from_millisecond(millis).unwrap().to_string()
    }

    #[test]
    fn a_skipped_time_is_the_instant_of_the_change() {
        assert_eq!(instant("America/New_York", "2026-03-08T01:59"), "2026-03-08T06:59:00Z");
        for skipped in ["02:00", "02:30", "02:59", "03:00"] {
            assert_eq!(instant("America/New_York", &format!("2026-03-08T{skipped}")), "2026-03-08T07:00:00Z");
        }
        assert_eq!(instant("Australia/Lord_Howe", "2026-10-04T02:15"), "2026-10-03T15:30:00Z");
    }

    #[test]
    fn of_a_repeated_time_the_first_is_meant() {
        assert_eq!(instant("America/New_York", "2026-11-01T01:30"), "2026-11-01T05:30:00Z");
        assert_eq!(instant("America/New_York", "2026-11-01T02:00"), "2026-11-01T07:00:00Z");
        // At midnight in São Paulo it was 23:00 again.
        assert_eq!(instant("America/Sao_Paulo", "2018-02-18T00:00"), "2018-02-18T03:00:00Z");
    }

    #[test]
    fn a_day_that_was_skipped_has_no_length() {
        let samoa = |time: &str| instant("Pacific/Apia", time);
        assert_eq!(samoa("2011-12-30T00:00"), samoa("2011-12-31T00:00"));
        assert_eq!(samoa("2011-12-30T12:00"), samoa("2011-12-31T00:00"));
    }
}
