//! Counting a ticket's due times and writing them on it. Which events there are is looked up here; whether anything
//! changed is the caller's to see.

use std::sync::Arc;

use ::sla::{Answer, Calendar, Event, Outcome, Policy, TargetKind, count, earliest};
use db::{Timestamp, Tx};

use super::events::{self, Happened};
use super::promises::{Held, Promises};
use super::steps::{self, Due};
use super::{DueState, TicketSla, timers};
use crate::error::Error;
use crate::tickets::{EventKind, Ticket, TicketStatus};

/// Minutes after the opening at which a ticket stands in lists of which nothing is promised: as many as the longest
/// promise has.
const NO_PROMISE: i64 = ::sla::policy::MOST_MINUTES;

/// When it is due, as far as can be said before anything happened to it: for a ticket that is being opened.
pub fn begin(promises: &Promises, ticket: &mut Ticket) {
    set(promises, ticket, &[]);
}

/// Counts anew, from all that happened to the ticket. The caller writes it back.
///
/// # Errors
/// A failure of the database.
pub fn again(tx: &mut Tx<'_>, promises: &Promises, ticket: &mut Ticket) -> Result<(), Error> {
    let steps = events::of_tickets(tx.conn(), &[ticket.id])?.remove(&ticket.id).unwrap_or_default();
    set_with_timer(tx, promises, ticket, &steps)
}

/// Counts, and puts the ticket's timer where its next step is.
///
/// # Errors
/// A failure of the database.
pub fn set_with_timer(
    tx: &mut Tx<'_>,
    promises: &Promises,
    ticket: &mut Ticket,
    steps: &[Happened],
) -> Result<(), Error> {
    let before = ticket.sla.0.next_step_at;
    set(promises, ticket, steps);
    let now = ticket.sla.0.next_step_at;
    if now == before { Ok(()) } else { timers::set(tx, ticket.id, now) }
}

/// Counts anew if this step can have moved anything; for one that was just recorded, with the ticket as it is after
/// it.
///
/// # Errors
/// A failure of the database.
pub fn after(
    tx: &mut Tx<'_>,
    promises: &Promises,
    ticket: &mut Ticket,
    kind: EventKind,
) -> Result<(), Error> {
    let stood = ticket.sla.0.paused_since.is_some();
    let office =
        matches!(kind, EventKind::Assign | EventKind::Unassign | EventKind::Close | EventKind::Cancel);
    if !stood && (office || kind == EventKind::Decline) {
        return Ok(());
    }
    again(tx, promises, ticket)
}

/// Counts anew if the ticket was waiting and somebody gets it now: that ends the pause.
///
/// # Errors
/// A failure of the database.
pub fn handed_over(
    tx: &mut Tx<'_>,
    promises: &Promises,
    ticket: &mut Ticket,
    before: TicketStatus,
) -> Result<(), Error> {
    if before != TicketStatus::Waiting {
        return Ok(());
    }
    let mut steps = events::of_tickets(tx.conn(), &[ticket.id])?.remove(&ticket.id).unwrap_or_default();
    steps.push(Happened { at: tx.now(), kind: EventKind::Assign, reason: String::new() });
    set_with_timer(tx, promises, ticket, &steps)
}

/// The clock's question for one ticket: by what, in which calendar, after what.
pub struct Asked<'a> {
    /// By which promise.
    pub held: Held<'a>,
    /// Laid out in the site's zone.
    pub calendar: Arc<Calendar>,
    /// What happened.
    pub events: Vec<Event>,
}

/// What has to be asked for a ticket; none if its policy or calendar is not there.
pub fn asked<'a>(promises: &'a Promises, ticket: &Ticket, steps: &[Happened]) -> Option<Asked<'a>> {
    let held = promises.held(ticket)?;
    let zone = &ticket.sla.0.time_zone;
    let asks = held.row.is_some_and(|(_, policy)| policy.asks_calendar());
    let calendar = if asks {
        promises.calendar(held.calendar, zone)
    } else {
        promises.no_calendar(held.calendar, zone)
    }?;
    Some(Asked { held, calendar, events: events::told(ticket.created_at, steps) })
}

/// Counts, and writes the answer on the ticket.
pub fn set(promises: &Promises, ticket: &mut Ticket, steps: &[Happened]) {
    let none = ticket.created_at.plus_minutes(NO_PROMISE);
    let Some(asked) = asked(promises, ticket, steps) else {
        tracing::error!(ticket = %ticket.id, "the policy or calendar of a ticket is not there");
        return;
    };
    let Asked { held, calendar, events } = &asked;
    let sla = &mut ticket.sla.0;
    *sla = TicketSla {
        policy_id: held.table.id.clone(),
        policy_version: held.table.version,
        row: held.row.map(|(name, _)| name.to_owned()),
        contract_id: held.contract.map(|contract| contract.id),
        calendar_id: held.calendar.id.clone(),
        calendar_version: held.calendar.version,
        state: DueState::None,
        time_zone: std::mem::take(&mut sla.time_zone),
        channel: std::mem::take(&mut sla.channel),
        taken: std::mem::take(&mut sla.taken),
        responded_at: responded(events),
        ..TicketSla::default()
    };
    let Some((_, policy)) = held.row else {
        ticket.due_at = none;
        return;
    };
    let clock = match count(policy, calendar, events) {
        Ok(clock) => clock,
        // As it was; somebody has to look at it.
        Err(fault) => {
            tracing::error!(ticket = %ticket.id, %fault, "a ticket's steps make no sense");
            sla.state = DueState::Unknown;
            return;
        }
    };
    let at = |kind, answer: &Answer<'_>| earliest_at(policy, calendar, events, kind, answer);
    if let Some(answer) = &clock.response {
        sla.response_state = state(answer.outcome);
        sla.response_due_at = at(TargetKind::Response, answer);
    }
    let resolution = clock.resolution.as_ref();
    ticket.due_at = resolution.and_then(|answer| at(TargetKind::Resolution, answer)).unwrap_or(none);
    if let Some(answer) = resolution {
        sla.state = state(answer.outcome);
        match answer.outcome {
            Outcome::Due { .. } => {}
            Outcome::Paused { since, left } => {
                (sla.paused_since, sla.left) = (Some(Timestamp::from_millis(since)), Some(left));
            }
            Outcome::UnknownYear { year } => sla.unknown_year = Some(year),
        }
    }
    sla.next_step_at =
        ahead_of(promises, ticket.priority, &asked, &sla.taken).first().map(|due| due.fires_at);
}

/// The steps of the ticket's escalation that are yet to be taken, the first first.
pub fn ahead(promises: &Promises, ticket: &Ticket, steps: &[Happened]) -> Vec<Due> {
    let asked = asked(promises, ticket, steps);
    asked.map_or_else(Vec::new, |asked| ahead_of(promises, ticket.priority, &asked, &ticket.sla.0.taken))
}

fn ahead_of(promises: &Promises, priority: i32, asked: &Asked<'_>, taken: &[String]) -> Vec<Due> {
    let Asked { held, calendar, events } = asked;
    let Some((_, policy)) = held.row else { return Vec::new() };
    let settings = promises.settings();
    let (steps, quiet) = (&settings.steps, settings.quiet.as_ref());
    steps::ahead(&steps::Asked { steps, quiet, policy, calendar, events, priority, met }, taken)
}

/// Whether there is nothing left to warn of.
fn met(target: TargetKind, events: &[Event]) -> bool {
    let mut resolved = false;
    for event in events {
        match event.kind {
            ::sla::Kind::Responded if target == TargetKind::Response => return true,
            ::sla::Kind::Resolved => resolved = true,
            ::sla::Kind::Reopened => resolved = false,
            _ => {}
        }
    }
    resolved
}

fn earliest_at(
    policy: &Policy,
    calendar: &Calendar,
    events: &[Event],
    kind: TargetKind,
    answer: &Answer<'_>,
) -> Option<Timestamp> {
    earliest(policy, calendar, events, kind, answer).ok().map(Timestamp::from_millis)
}

fn state(outcome: Outcome) -> DueState {
    match outcome {
        Outcome::Due { .. } => DueState::Due,
        Outcome::Paused { .. } => DueState::Paused,
        Outcome::UnknownYear { .. } => DueState::Unknown,
    }
}

fn responded(events: &[Event]) -> Option<Timestamp> {
    let responded = events.iter().find(|event| event.kind == ::sla::Kind::Responded)?;
    Some(Timestamp::from_millis(responded.at))
}
