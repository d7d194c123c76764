//! What is done to a ticket: one function for the console, the phone page and the sync protocol. Whether a step is
//! legal is decided by the table that phones have too ([`mobile_sync_wire::intents::step`]).

use db::types::{EngineerId, Id, Json, TicketEventId, TicketId};
use db::{Timestamp, Tx};
use mobile_sync_wire::intents::{Refusal, step};

use super::{EventKind, Ticket, TicketEvent, TicketStatus, store};
use crate::error::{Error, Problem};
use crate::schedule::assign::Means;
use crate::schedule::assignment;
use crate::schedule::{load, taken};
use crate::sla::recompute;
use crate::travel::journeys;

/// Something that happened, or that somebody wants.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// Chosen by whoever saw it happen.
    pub id: TicketEventId,
    /// The ticket.
    pub ticket_id: TicketId,
    /// The engineer who did it; none for the office.
    pub engineer_id: Option<EngineerId>,
    /// What.
    pub kind: EventKind,
    /// When, by the corrected clock.
    pub at: Timestamp,
    /// Order on the device; 0 for the office.
    pub dseq: i64,
    /// Why.
    pub reason: String,
    /// Whether `at` is a guess.
    pub time_uncertain: bool,
}

impl Incoming {
    /// An event of the office, now.
    pub fn by_office(tx: &Tx<'_>, ticket_id: TicketId, kind: EventKind, reason: &str) -> Self {
        Self {
            id: Id::new(),
            ticket_id,
            engineer_id: None,
            kind,
            at: tx.now(),
            dseq: 0,
            reason: reason.to_owned(),
            time_uncertain: false,
        }
    }
}

/// Why an event did not move the ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotApplied {
    /// The ticket's state does not allow it.
    Refused(Refusal),
    /// The ticket is somebody else's now.
    NotYours,
}

impl NotApplied {
    /// The stable code.
    pub fn code(self) -> String {
        match self {
            Self::Refused(refusal) => refusal.to_string(),
            Self::NotYours => "not_yours".to_owned(),
        }
    }
}

/// What became of an event.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The ticket as it is now.
    pub ticket: Ticket,
    /// Why it did not move, if it should have.
    pub not_applied: Option<NotApplied>,
    /// The event was known already; nothing was written.
    pub repeated: bool,
}

/// Records an event, and moves the ticket if that is legal. The event's row is written in any case: what an
/// engineer did was done.
///
/// # Errors
/// An unknown ticket, or a failure of the database.
pub fn record(tx: &mut Tx<'_>, means: &Means<'_>, incoming: &Incoming) -> Result<Outcome, Error> {
    let mut ticket = store::hold(tx, incoming.ticket_id)?;
    let before = ticket.clone();
    let verdict = judge(&ticket, incoming);
    let event = TicketEvent {
        id: incoming.id,
        ticket_id: ticket.id,
        visit_id: ticket.visit_id,
        engineer_id: incoming.engineer_id,
        kind: incoming.kind,
        at: incoming.at,
        received_at: tx.now(),
        dseq: incoming.dseq,
        reason: incoming.reason.clone(),
        actor: tx.actor().name.clone(),
        device_id: tx.actor().device_id.map(|id| id.to_string()),
        applied: verdict.is_ok(),
        time_uncertain: incoming.time_uncertain,
    };
    if !store::insert_event(tx, &event)? {
        return Ok(Outcome { ticket, not_applied: None, repeated: true });
    }
    match verdict {
        Err(why) => Ok(Outcome { ticket, not_applied: Some(why), repeated: false }),
        Ok(next) if next == ticket.status && incoming.kind != EventKind::Reopen => {
            Ok(Outcome { ticket, not_applied: None, repeated: false })
        }
        Ok(next) => {
            let claim = incoming.engineer_id.filter(|_| incoming.kind == EventKind::Claim);
            let claim = match claim {
                Some(engineer) => Some((engineer, taken::consider(tx, means, &mut ticket, engineer)?)),
                None => None,
            };
            apply(tx, &mut ticket, incoming, next)?;
            recompute::after(tx, &means.board.promises(), &mut ticket, incoming.kind)?;
            store::update(tx, &ticket, before.status)?;
            store::follow_visit(tx, &ticket)?;
            settle(tx, &before, &ticket)?;
            journeys::note(tx, means.board, &ticket, incoming)?;
            if let Some((engineer, considered)) = claim {
                taken::claimed(tx, means, &ticket, engineer, considered)?;
            }
            if incoming.kind == EventKind::Reopen {
                taken::reopened(tx, &ticket, &incoming.reason)?;
            }
            Ok(Outcome { ticket, not_applied: None, repeated: false })
        }
    }
}

/// Like [`record`], for callers that want an error where the ticket did not move.
///
/// # Errors
/// 409 with the reason; nothing is written then.
pub fn demand(tx: &mut Tx<'_>, means: &Means<'_>, incoming: &Incoming) -> Result<Ticket, Error> {
    let outcome = record(tx, means, incoming)?;
    match outcome.not_applied {
        None => Ok(outcome.ticket),
        Some(why) => {
            let code = why.code();
            let status = outcome.ticket.status.as_str();
            let detail = format!("{}: the ticket is {status} ({code}).", incoming.kind.as_str());
            Err(Problem::conflict(&format!("illegal_step.{code}"), detail).into())
        }
    }
}

fn judge(ticket: &Ticket, incoming: &Incoming) -> Result<TicketStatus, NotApplied> {
    if let Some(engineer) = incoming.engineer_id {
        let his = ticket.engineer_id == Some(engineer);
        // A claim is made on a ticket that nobody has.
        if !his && incoming.kind != EventKind::Claim {
            return Err(match ticket.status {
                TicketStatus::Cancelled => NotApplied::Refused(Refusal::Cancelled),
                TicketStatus::Closed => NotApplied::Refused(Refusal::Closed),
                _ => NotApplied::NotYours,
            });
        }
    }
    let step = step(incoming.kind, ticket.status).map_err(NotApplied::Refused)?;
    Ok(step.from(ticket.status))
}

fn apply(tx: &mut Tx<'_>, ticket: &mut Ticket, incoming: &Incoming, next: TicketStatus) -> Result<(), Error> {
    ticket.status = next;
    match incoming.kind {
        EventKind::Decline | EventKind::Unassign => {
            // A dispatcher who takes a ticket back has plans of his own for it.
            if incoming.kind == EventKind::Unassign {
                ticket.auto_dispatch = false;
            }
            ticket.engineer_id = None;
            ticket.planned_at = None;
            assignment::end_current(tx, ticket.id)?;
        }
        EventKind::Claim => {
            ticket.engineer_id = incoming.engineer_id;
            ticket.queue_reasons = Json(Vec::new());
        }
        // A phone whose clock is years behind did not finish before there was anything to do.
        EventKind::Complete => ticket.completed_at = Some(incoming.at.max(ticket.created_at)),
        EventKind::Close => ticket.closed_at = Some(incoming.at.max(ticket.created_at)),
        EventKind::Reopen => {
            ticket.completed_at = None;
            ticket.closed_at = None;
            if ticket.engineer_id.is_none() {
                ticket.status = TicketStatus::New;
            }
        }
        _ => {}
    }
    Ok(())
}

/// Brings the work in hand and the parts into line with where the ticket stands now.
pub(super) fn settle(tx: &mut Tx<'_>, before: &Ticket, after: &Ticket) -> Result<(), Error> {
    let counted = |t: &Ticket| if load::counts(t.status) { t.engineer_id } else { None };
    match (counted(before), counted(after)) {
        (Some(old), Some(new)) if old == new => {}
        (old, new) => {
            if let Some(old) = old {
                load::give_back(tx, old, before.expected_minutes)?;
            }
            if let Some(new) = new {
                // What he claimed or what came back is his, even beyond the rule.
                load::take(tx, new, after.expected_minutes)?;
            }
        }
    }
    let keeps_parts = !matches!(
        after.status,
        TicketStatus::New | TicketStatus::Completed | TicketStatus::Closed | TicketStatus::Cancelled
    );
    if matches!(after.status, TicketStatus::Closed | TicketStatus::Cancelled) {
        assignment::end_current(tx, after.id)?;
    }
    if after.status == TicketStatus::Closed && before.status != TicketStatus::Closed {
        crate::inventory::needs::learn(tx, after)?;
    }
    if before.status == TicketStatus::Closed && after.status != TicketStatus::Closed {
        crate::inventory::needs::unlearn(tx, before)?;
    }
    if !keeps_parts {
        inventory::reservations::release_for_ticket(tx, after.id)?;
    }
    if after.status == TicketStatus::Completed
        && before.status != TicketStatus::Completed
        && let Some(engineer) = after.engineer_id
    {
        load::learn_speed(tx, engineer, after)?;
    }
    Ok(())
}
