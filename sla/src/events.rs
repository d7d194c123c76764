//! What happened to a ticket, as far as its due times depend on it.

use crate::Millis;
use crate::fault::Fault;

/// Events of one ticket.
pub const MOST_EVENTS: usize = 10_000;
/// Instants lie before this: the year 2200 begins.
const END_OF_TIME: Millis = 7_258_118_400_000;

/// One thing that happened. Of work without a network, `at` is the time of the device that it was done on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    pub at: Millis,
    pub kind: Kind,
}

impl Event {
    pub fn new(at: Millis, kind: Kind) -> Self {
        Self { at, kind }
    }
}

/// Why the clock stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hold {
    /// A short name that policies know: `part`, `customer`. May be empty.
    pub reason: String,
    /// What is waited for, in somebody's words: `4711`.
    pub note: Option<String>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The first of all.
    Opened,
    /// It came into a state. Whether that stops a clock, the policy says.
    State { state: String, hold: Hold },
    /// Somebody stopped both clocks, in whatever state.
    Paused(Hold),
    /// He let them go on. A state that stops the clock still does.
    Resumed,
    /// Somebody took it up: the response's target is met.
    Responded,
    /// Solved: the resolution's target is met.
    Resolved,
    /// It was not. The time since [`Kind::Resolved`] is not counted.
    Reopened,
    /// From here on it has another priority. All is counted anew, from the beginning, with all pauses.
    Priority(String),
    /// Likewise, another policy.
    Policy(String),
    /// Likewise, another place, so another calendar.
    Site(String),
}

impl Kind {
    pub fn paused(reason: &str, note: Option<&str>) -> Self {
        Self::Paused(Hold { reason: reason.to_owned(), note: note.map(str::to_owned) })
    }

    pub fn state(state: &str, reason: &str, note: Option<&str>) -> Self {
        let hold = Hold { reason: reason.to_owned(), note: note.map(str::to_owned) };
        Self::State { state: state.to_owned(), hold }
    }
}

/// Are they in order, and does each make sense after those before it?
pub(crate) fn check(events: &[Event]) -> Result<(), Fault> {
    let first = events.first().ok_or(Fault::NoEvents)?;
    if events.len() > MOST_EVENTS {
        return Err(Fault::TooManyEvents { count: events.len(), most: MOST_EVENTS });
    }
    if first.kind != Kind::Opened {
        return Err(Fault::NotOpened { index: 0 });
    }
    let (mut before, mut paused, mut resolved, mut responded) = (first.at, false, false, false);
    for (index, event) in events.iter().enumerate() {
        if !(0..END_OF_TIME).contains(&event.at) {
            return Err(Fault::OutOfRange { index, at: event.at });
        }
        if event.at < before {
            return Err(Fault::ClockSetBack { index, at: event.at, after: before });
        }
        before = event.at;
        match event.kind {
            Kind::Opened if index > 0 => return Err(Fault::OpenedTwice { index }),
            Kind::Paused(_) if paused => return Err(Fault::PausedTwice { index }),
            Kind::Resumed if !paused => return Err(Fault::ResumedWithoutPause { index }),
            Kind::Responded if responded => return Err(Fault::RespondedTwice { index }),
            Kind::Resolved if resolved => return Err(Fault::ResolvedTwice { index }),
            Kind::Reopened if !resolved => return Err(Fault::ReopenedWithoutResolution { index }),
            Kind::Paused(_) => paused = true,
            Kind::Resumed => paused = false,
            Kind::Responded => responded = true,
            Kind::Resolved => resolved = true,
            Kind::Reopened => resolved = false,
            Kind::Opened | Kind::State { .. } | Kind::Priority(_) | Kind::Policy(_) | Kind::Site(_) => {}
        }
    }
    Ok(())
}
