//! What can be wrong with a policy, a calendar or a ticket's events. Each has a name, and its place.

use crate::Millis;

/// Why nothing can be counted: the events contradict each other. `index` is the event's place, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("there are no events: a ticket begins with being opened")]
    NoEvents,
    #[error("there are {count} events, more than {most}")]
    TooManyEvents { count: usize, most: usize },
    #[error("event {index}: a ticket begins with being opened")]
    NotOpened { index: usize },
    #[error("event {index}: it is open already")]
    OpenedTwice { index: usize },
    #[error("event {index}: is earlier than the one before it; was a clock set back?")]
    ClockSetBack { index: usize, at: Millis, after: Millis },
    #[error("event {index}: is before 1970 or after 2199")]
    OutOfRange { index: usize, at: Millis },
    #[error("event {index}: it is paused already")]
    PausedTwice { index: usize },
    #[error("event {index}: goes on, but was not paused")]
    ResumedWithoutPause { index: usize },
    #[error("event {index}: is resolved already")]
    ResolvedTwice { index: usize },
    #[error("event {index}: is reopened, but was not resolved")]
    ReopenedWithoutResolution { index: usize },
    #[error("event {index}: somebody responded already")]
    RespondedTwice { index: usize },
}

/// One thing that is wrong with a policy, a table or a calendar, and in which field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct SpecFault {
    /// As in the file: `week.monday[1]`.
    pub field: String,
    pub problem: Problem,
}

impl SpecFault {
    pub(crate) fn new(field: impl Into<String>, problem: Problem) -> Self {
        Self { field: field.into(), problem }
    }
}

/// Everything that is wrong with one of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecFaults(pub Vec<SpecFault>);

impl std::fmt::Display for SpecFaults {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let texts: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&texts.join("; "))
    }
}

impl std::error::Error for SpecFaults {}

impl SpecFaults {
    /// Good if there are none.
    pub(crate) fn none(faults: Vec<SpecFault>) -> Result<(), Self> {
        if faults.is_empty() { Ok(()) } else { Err(Self(faults)) }
    }
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    #[error("must not be empty")]
    Empty,
    #[error("{0} characters are more than {1}")]
    TooLong(usize, usize),
    #[error("{0} are more than {1}")]
    TooMany(usize, usize),
    #[error("must be {0} to {1}")]
    OutOfRange(i64, i64),
    #[error("is not a time zone of the IANA database")]
    UnknownZone,
    #[error("overlaps the shift before it, or is not after it")]
    ShiftsOverlap,
    #[error("is there twice")]
    Twice,
    #[error("is in a year that is not among the years known")]
    YearNotKnown,
    #[error("a holiday has no shifts")]
    HolidayWithShifts,
    #[error("says neither its shifts nor a weekday that has some")]
    WorkdayWithoutShifts,
    #[error("the calendar has no working time")]
    NoWorkingTime,
    #[error("asks for a response after the resolution")]
    ResponseAfterResolution,
    #[error("promises nothing: neither response nor resolution")]
    PromisesNothing,
    #[error("is never reached: row {0} is for all tickets that it is for")]
    NeverReached(usize),
    #[error("stops no target")]
    StopsNothing,
}
