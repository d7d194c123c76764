//! Work that was done on a ticket which was cancelled or given to somebody else meanwhile, and that the office accepts
//! after all: the steps that were only recorded take effect, as they would have if nobody had come between.

use db::Tx;
use db::schema::ticket_events;
use db::types::{EngineerId, Json, TicketEventId, TicketId};
use diesel::prelude::*;
use mobile_sync_wire::intents::step;

use super::{EventKind, Ticket, TicketEvent, TicketStatus, events, store};
use crate::error::{Error, Problem};
use crate::schedule::assign::Means;
use crate::schedule::assignment;
use crate::schedule::taken;
use crate::sla::recompute;

/// Makes the ticket the engineer's, in the state that his steps lead to. What somebody else has finished meanwhile
/// stays his. Of rows that are no steps (parts, notes) there is nothing to be done: they are on the ticket already.
///
/// # Errors
/// 409 for a closed ticket: it has to be reopened first; 404 for none.
pub fn accept(
    tx: &mut Tx<'_>,
    means: &Means<'_>,
    ticket_id: TicketId,
    engineer: EngineerId,
    steps: &[TicketEventId],
) -> Result<Ticket, Error> {
    let mut ticket = store::hold(tx, ticket_id)?;
    if ticket.status == TicketStatus::Closed {
        let detail = "The ticket is closed; reopen it first, or keep the work as history.";
        return Err(Problem::conflict("illegal_step.closed", detail).into());
    }
    let late = late_steps(tx, ticket_id, engineer, steps)?;
    if late.is_empty() {
        return Ok(ticket);
    }
    let before = ticket.clone();
    let his = ticket.engineer_id == Some(engineer) && ticket.status != TicketStatus::Cancelled;
    let from = if his { ticket.status } else { TicketStatus::Assigned };
    let (next, completed_at) = walk(from, &late);
    if before.status != TicketStatus::Completed && !(his && next == before.status) {
        if !his {
            // As if it had just been taken from whoever has it.
            inventory::reservations::release_for_ticket(tx, ticket.id)?;
            assignment::end_current(tx, ticket.id)?;
            ticket.engineer_id = None;
            ticket.status = TicketStatus::New;
            ticket.planned_at = None;
        }
        let considered = match his || next == TicketStatus::Completed {
            true => None,
            false => Some(taken::consider(tx, means, &mut ticket, engineer)?),
        };
        ticket.status = next;
        ticket.engineer_id = Some(engineer);
        ticket.queue_reasons = Json(Vec::new());
        ticket.completed_at = completed_at.map(|at| at.max(ticket.created_at));
        store::update(tx, &ticket, before.status)?;
        store::follow_visit(tx, &ticket)?;
        events::settle(tx, &before, &ticket)?;
        if let Some(considered) = considered {
            taken::claimed(tx, means, &ticket, engineer, considered)?;
        }
    }
    for mut event in late {
        event.applied = true;
        let row = ticket_events::table.find(event.id);
        diesel::update(row).set(ticket_events::applied.eq(true)).execute(tx.conn())?;
        tx.changed(&event)?;
    }
    let counted_before = (ticket.due_at, ticket.sla.clone());
    recompute::again(tx, &means.board.promises(), &mut ticket)?;
    if (ticket.due_at, &ticket.sla) != (counted_before.0, &counted_before.1) {
        store::update(tx, &ticket, ticket.status)?;
    }
    Ok(ticket)
}

/// His steps among these that did not take effect, in the order in which they happened. Nobody gives a ticket back
/// after the work, or claims what he is given.
fn late_steps(
    tx: &mut Tx<'_>,
    ticket_id: TicketId,
    engineer: EngineerId,
    steps: &[TicketEventId],
) -> Result<Vec<TicketEvent>, Error> {
    Ok(ticket_events::table
        .filter(ticket_events::id.eq_any(steps))
        .filter(ticket_events::ticket_id.eq(ticket_id))
        .filter(ticket_events::engineer_id.eq(engineer))
        .filter(ticket_events::applied.eq(false))
        .filter(ticket_events::kind.ne_all([EventKind::Decline, EventKind::Claim].map(EventKind::as_str)))
        .order((ticket_events::at, ticket_events::dseq, ticket_events::id))
        .load(tx.conn())?)
}

/// Where the steps lead, and when the work was done, if it was.
fn walk(from: TicketStatus, late: &[TicketEvent]) -> (TicketStatus, Option<db::Timestamp>) {
    let (mut status, mut completed_at) = (from, None);
    for event in late {
        let Ok(step) = step(event.kind, status) else { continue };
        status = step.from(status);
        if event.kind == EventKind::Complete {
            completed_at = Some(event.at);
        }
    }
    (status, completed_at)
}
