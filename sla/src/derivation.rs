//! The answer, and how it came about: steps as data, which any page can put into words. [`crate::words`] does.

use serde::Serialize;

use crate::Millis;
use crate::policy::Target;

/// What is known of one target of one ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer<'a> {
    pub target: Target,
    pub outcome: Outcome,
    /// When it was met, if it was, in time or late.
    pub met_at: Option<Millis>,
    /// In the order in which they happened.
    pub steps: Vec<Step<'a>>,
}

impl Answer<'_> {
    /// When it is due, if that is known.
    pub fn due_at(&self) -> Option<Millis> {
        match self.outcome {
            Outcome::Due { at } => Some(at),
            Outcome::Paused { .. } | Outcome::UnknownYear { .. } => None,
        }
    }
}

/// When it is due, or why that cannot be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Outcome {
    Due {
        at: Millis,
    },
    /// The clock stands, and was not late when it was stopped.
    Paused {
        since: Millis,
        /// What is left when it goes on: milliseconds, or of business days shares of 86,400,000.
        left: i64,
    },
    /// It would have to be counted through a year of which the calendar does not know the holidays.
    UnknownYear {
        year: i16,
    },
}

/// One step of a derivation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "step")]
pub enum Step<'a> {
    Opened {
        at: Millis,
        target: Target,
    },
    /// There was no working time yet: counting begins here.
    CountsFrom {
        at: Millis,
    },
    /// Not counted. `until` is `None` if it goes on.
    Paused {
        from: Millis,
        until: Option<Millis>,
        /// Of which so much was time that would have counted; `None` if nobody knows, or it goes on.
        counted_ms: Option<Millis>,
        why: Why<'a>,
        /// After the pause there was no working time: counting goes on here.
        counts_from: Option<Millis>,
    },
    /// Something changed by which all was counted anew.
    Changed {
        at: Millis,
        what: Changed,
        to: &'a str,
    },
    Met {
        at: Millis,
    },
    Reopened {
        at: Millis,
    },
}

/// Why the clock stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "why")]
pub enum Why<'a> {
    /// Somebody said so.
    Asked { reason: &'a str, note: Option<&'a str> },
    /// The state it was in.
    State { state: &'a str, reason: &'a str, note: Option<&'a str> },
    /// It was taken for solved.
    Resolved,
}

/// What a change was of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Changed {
    Priority,
    Policy,
    Site,
}
