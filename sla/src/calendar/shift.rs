//! A shift as people write it, `09:00-12:00`, and a week of them.

use serde::{Deserialize, Serialize};

/// A day in minutes.
pub const DAY: u16 = 24 * 60;

/// From one time of the day to another, in minutes since its midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Shift {
    from: u16,
    /// More than [`DAY`] if it runs over midnight.
    to: u16,
}

impl Shift {
    /// Less than [`DAY`].
    pub fn from_minute(self) -> u16 {
        self.from
    }

    /// More than [`DAY`] if the shift ends on the next day.
    pub fn to_minute(self) -> u16 {
        self.to
    }

    /// Minutes that it runs into the next day.
    pub fn over_midnight(self) -> u16 {
        self.to.saturating_sub(DAY)
    }
}

/// The text is no shift.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a shift like 09:00-17:30, 22:00-06:00 or 00:00-24:00")]
pub struct NotAShift(String);

impl TryFrom<String> for Shift {
    type Error = NotAShift;

    fn try_from(text: String) -> Result<Self, NotAShift> {
        let parsed = text.split_once('-').and_then(|(from, to)| Some((minute(from)?, minute(to)?)));
        match parsed {
            Some((from, to)) if from < DAY && from != to => {
                Ok(Self { from, to: if to < from { to + DAY } else { to } })
            }
            _ => Err(NotAShift(text)),
        }
    }
}

impl From<Shift> for String {
    fn from(shift: Shift) -> Self {
        // 24:00 stays so: 00:00 would be the same instant, but is hard to read at the end of a day.
        let to = if shift.to > DAY { shift.to - DAY } else { shift.to };
        format!("{:02}:{:02}-{:02}:{:02}", shift.from / 60, shift.from % 60, to / 60, to % 60)
    }
}

fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let two = |text: &str| {
        (text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse::<u16>())
    };
    let (hour, minute) = (two(hour)?.ok()?, two(minute)?.ok()?);
    let total = hour * 60 + minute;
    (minute < 60 && total <= DAY).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shift(text: &str) -> Result<Shift, NotAShift> {
        Shift::try_from(text.to_owned())
    }

    #[test]
    fn a_shift_reads_as_it_is_written() {
        for text in ["09:00-12:00", "22:00-06:00", "00:00-24:00", "23:59-00:01", "00:00-00:01"] {
            assert_eq!(String::from(shift(text).unwrap()), text);
        }
        assert_eq!(String::from(shift("18:00-00:00").unwrap()), "18:00-24:00");
    }

    #[test]
    fn a_shift_that_ends_earlier_than_it_begins_runs_over_midnight() {
        assert_eq!(shift("22:00-06:00").unwrap().over_midnight(), 360);
        assert_eq!(shift("09:00-24:00").unwrap().over_midnight(), 0);
    }

    #[test]
    fn what_is_no_shift_is_refused_with_its_text() {
        for text in
            ["", "9-17", "09:00", "09:00-09:00", "24:00-06:00", "09:60-10:00", "-1:00-02:00", "00:00-24:01"]
        {
            assert_eq!(shift(text), Err(NotAShift(text.to_owned())));
        }
    }
}
