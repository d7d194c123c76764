//! The earliest instant at which a target can be due, where it is not known when it will be: lists must be sorted by
//! something, and plans made, while a clock stands. The true one is not earlier, so nobody becomes late by waiting for
//! it. (Of business days in an unknown year it is a guess by some hours: nobody knows how long those days are.)

use crate::Millis;
use crate::calendar::{Calendar, Counted};
use crate::clock::count;
use crate::derivation::{Answer, Outcome};
use crate::events::Event;
use crate::fault::Fault;
use crate::policy::{Policy, Target, TargetKind, Unit};

/// The due time, if it is known. Of a clock that stands, the one that it would have if it went on at the moment at
/// which it stopped. Where the calendar does not know the year, as if everybody worked round the clock, which is the
/// least that the target can take; a business day is one day then.
///
/// # Errors
/// Events that contradict each other.
pub fn earliest(
    policy: &Policy,
    calendar: &Calendar,
    events: &[Event],
    kind: TargetKind,
    answer: &Answer<'_>,
) -> Result<Millis, Fault> {
    match answer.outcome {
        Outcome::Due { at } => Ok(at),
        Outcome::Paused { since, left } => {
            Ok(match calendar.count(answer.target.unit, left, since, None) {
                Counted::Reached(at) => at,
                // A business day counts as many units as a day has milliseconds.
                Counted::Left(_) | Counted::UnknownYear(_) => since.saturating_add(left),
            })
        }
        Outcome::UnknownYear { .. } => {
            let clock = count(&round_the_clock(policy), calendar, events)?;
            let again = match kind {
                TargetKind::Response => clock.response,
                TargetKind::Resolution => clock.resolution,
            };
            let opened_at = events.first().map_or(0, |event| event.at);
            Ok(match again.map(|answer| answer.outcome) {
                Some(Outcome::Due { at }) => at,
                Some(Outcome::Paused { since, left }) => since.saturating_add(left),
                // Round the clock no year is unknown.
                Some(Outcome::UnknownYear { .. }) | None => opened_at,
            })
        }
    }
}

/// The same promises, in units for which no calendar is asked.
fn round_the_clock(policy: &Policy) -> Policy {
    let all_hours = |target: Target| match target.unit {
        Unit::Minutes | Unit::Hours => target,
        Unit::BusinessMinutes => Target { unit: Unit::Minutes, ..target },
        Unit::BusinessHours => Target { unit: Unit::Hours, ..target },
        Unit::BusinessDays => Target { amount: target.amount.saturating_mul(24), unit: Unit::Hours },
    };
    Policy {
        response: policy.response.map(all_hours),
        resolution: policy.resolution.map(all_hours),
        pauses: policy.pauses.clone(),
        internal: Vec::new(),
    }
}
