//! With whom a ticket is, when, and with which parts; and putting it there. Who gets a ticket back gets it as
//! assigned, even if he had accepted it: he is asked again.

use db::schema::{engineers, ticket_events};
use db::types::{EngineerId, LocationId, PartId, TicketId};
use db::{Conn, Timestamp, Tx};
use diesel::prelude::*;
use dispatch::{Recommendation, Rule};
use inventory::reservations::{self, Request, ReservationStatus, wanted};
use serde::{Deserialize, Serialize};

use super::blame;
use crate::error::{Error, Problem};
use crate::schedule::assign::{self, Choice, Means};
use crate::schedule::assignment;
use crate::schedule::load;
use crate::sla::recompute;
use crate::tickets::events::{self, Incoming};
use crate::tickets::{EventKind, Ticket, TicketEvent, TicketStatus, merge, store};

/// Parts that are promised to a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Held {
    part_id: PartId,
    location_id: LocationId,
    quantity: i64,
    expires_at: Option<Timestamp>,
    instead_of_part_id: Option<PartId>,
}

/// With whom a ticket is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Placement {
    pub status: TicketStatus,
    pub engineer_id: Option<EngineerId>,
    pub auto_dispatch: bool,
    planned_at: Option<Timestamp>,
    /// Why he has it though a rule excludes him; or why it was cancelled.
    reason: String,
    /// Who decided that he has it: what a person decided, the planner leaves alone.
    by: String,
    held: Vec<Held>,
    waits_for: Vec<(PartId, i64)>,
    /// The ticket that it was merged into, if it was.
    #[serde(default)]
    duplicate_of: Option<TicketId>,
    /// How much its engineers had told of it: if it is more now, a phone has acted.
    told: i64,
}

/// These tickets, held until the commit, and how they stand; in the order of their ids, which everybody keeps.
pub fn of_all(tx: &mut Tx<'_>, ids: &[TicketId]) -> Result<Vec<(Ticket, Placement)>, Error> {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        let ticket = store::hold(tx, id)?;
        let placement = Placement::of(tx.conn(), &ticket)?;
        found.push((ticket, placement));
    }
    Ok(found)
}

impl Placement {
    pub fn of(conn: &mut Conn, ticket: &Ticket) -> Result<Self, Error> {
        let current = assignment::of_ticket(conn, ticket.id)?.into_iter().find(|a| a.ended_at.is_none());
        let (by, mut reason) = current.map_or_else(Default::default, |a| (a.assigned_by, a.reason));
        if ticket.status == TicketStatus::Cancelled {
            reason = cancelled(conn, ticket.id)?.map_or_else(String::new, |event| event.reason);
        }
        let mut held: Vec<Held> = reservations::live_of_ticket(conn, ticket.id)?
            .into_iter()
            .map(|one| Held {
                part_id: one.part_id,
                location_id: one.location_id,
                quantity: one.quantity,
                expires_at: one.expires_at,
                instead_of_part_id: one.instead_of_part_id,
            })
            .collect();
        // In the order in which everybody reserves.
        held.sort_by_key(|one| (one.part_id, one.location_id));
        let waits_for = wanted::of_ticket(conn, ticket.id)?;
        let told = by_engineers(ticket.id).count().get_result(conn)?;
        Ok(Self {
            status: ticket.status,
            engineer_id: ticket.engineer_id,
            auto_dispatch: ticket.auto_dispatch,
            planned_at: ticket.planned_at,
            reason,
            by,
            held,
            waits_for: waits_for.into_iter().map(|one| (one.part_id, one.quantity)).collect(),
            duplicate_of: merge::into_of(conn, ticket.id)?,
            told,
        })
    }

    /// Whether the ticket stands so; when it is planned for follows from everything else, and does not count.
    pub fn is_of(&self, ticket: &Ticket) -> bool {
        (self.status, self.engineer_id, self.auto_dispatch)
            == (ticket.status, ticket.engineer_id, ticket.auto_dispatch)
    }

    /// What an engineer has told of the ticket since: his code, what, and when.
    pub fn told_since(
        &self,
        conn: &mut Conn,
        ticket: TicketId,
    ) -> Result<Option<(String, EventKind, Timestamp)>, Error> {
        let next: Option<TicketEvent> = by_engineers(ticket)
            .order((ticket_events::received_at, ticket_events::dseq, ticket_events::id))
            .offset(self.told)
            .first(conn)
            .optional()?;
        let Some(event) = next else { return Ok(None) };
        let code: Option<String> = match event.engineer_id {
            Some(id) => engineers::table.find(id).select(engineers::code).first(conn).optional()?,
            None => None,
        };
        Ok(Some((code.unwrap_or_default(), event.kind, event.received_at)))
    }
}

#[diesel::dsl::auto_type(no_type_alias)]
fn by_engineers(ticket: TicketId) -> _ {
    ticket_events::table
        .filter(ticket_events::ticket_id.eq(ticket))
        .filter(ticket_events::engineer_id.is_not_null())
}

/// The cancellation that is in force.
fn cancelled(conn: &mut Conn, ticket: TicketId) -> Result<Option<TicketEvent>, Error> {
    Ok(ticket_events::table
        .filter(ticket_events::ticket_id.eq(ticket))
        .filter(ticket_events::kind.eq(EventKind::Cancel.as_str()))
        .filter(ticket_events::applied.eq(true))
        .order((ticket_events::received_at.desc(), ticket_events::id.desc()))
        .first(conn)
        .optional()?)
}

/// Takes a ticket from whoever has it, with what is promised to it.
///
/// # Errors
/// 409 when its parts have left their shelf.
pub fn take(tx: &mut Tx<'_>, ticket: &Ticket) -> Result<(), Error> {
    let live = reservations::live_of_ticket(tx.conn(), ticket.id)?;
    if live.iter().any(|one| one.status != ReservationStatus::Held) {
        return Err(parts_moved(ticket));
    }
    if let (Some(former), true) = (ticket.engineer_id, load::counts(ticket.status)) {
        load::give_back(tx, former, ticket.expected_minutes)?;
    }
    reservations::release_for_ticket(tx, ticket.id)?;
    assignment::end_current(tx, ticket.id)
}

fn parts_moved(ticket: &Ticket) -> Error {
    let detail = format!("Parts of {} have gone elsewhere since.", ticket.number);
    let problem = Problem::conflict("undo_parts_moved", detail);
    problem.with("ticket_id", ticket.id).with("ticket_number", ticket.number).into()
}

/// Puts a ticket that was [taken](take) where it was, with the parts that it had.
///
/// # Errors
/// 409 when the engineer has left or has his hands full, or the parts are promised to somebody else.
pub fn put(tx: &mut Tx<'_>, means: &Means<'_>, mut ticket: Ticket, to: &Placement) -> Result<(), Error> {
    let stood = ticket.status;
    if stood == TicketStatus::Cancelled {
        take_back_cancellation(tx, ticket.id)?;
        recompute::again(tx, &means.board.promises(), &mut ticket)?;
    }
    reserve(tx, means, &ticket, to)?;
    ticket.auto_dispatch = to.auto_dispatch;
    match to.engineer_id {
        Some(engineer) => {
            give(tx, means, &mut ticket, engineer, to)?;
            if to.planned_at.is_some_and(|at| at > tx.now()) {
                ticket.planned_at = to.planned_at;
            }
        }
        None => {
            (ticket.status, ticket.engineer_id, ticket.planned_at) = (TicketStatus::New, None, None);
        }
    }
    let expected = if to.engineer_id.is_some() { ticket.status } else { stood };
    store::update(tx, &ticket, expected)?;
    store::follow_visit(tx, &ticket)
}

/// Cancels it again, as a duplicate if it was one.
///
/// # Errors
/// 409 when it cannot be cancelled any more.
pub fn cancel(tx: &mut Tx<'_>, means: &Means<'_>, ticket: &Ticket, to: &Placement) -> Result<(), Error> {
    if let Some(into) = to.duplicate_of {
        merge::check_into(&store::hold(tx, into)?)?;
    }
    let incoming = Incoming::by_office(tx, ticket.id, EventKind::Cancel, &to.reason);
    events::demand(tx, means, &incoming)?;
    to.duplicate_of.map_or(Ok(()), |into| merge::link(tx, ticket.id, into))
}

/// It stays in the record, as one that had no effect: so the clock of the promise goes on as if it had not been.
fn take_back_cancellation(tx: &mut Tx<'_>, ticket: TicketId) -> Result<(), Error> {
    let Some(mut event) = cancelled(tx.conn(), ticket)? else { return Ok(()) };
    event.applied = false;
    diesel::update(ticket_events::table.find(event.id))
        .set(ticket_events::applied.eq(false))
        .execute(tx.conn())?;
    Ok(tx.changed(&event)?)
}

fn reserve(tx: &mut Tx<'_>, means: &Means<'_>, ticket: &Ticket, to: &Placement) -> Result<(), Error> {
    let soonest = tx.now().plus_minutes(means.hold_minutes);
    for held in &to.held {
        let request = Request {
            ticket_id: ticket.id,
            engineer_id: to.engineer_id,
            part_id: held.part_id,
            location_id: held.location_id,
            quantity: held.quantity,
            expires_at: held.expires_at.map(|at| at.max(soonest)),
            instead_of_part_id: held.instead_of_part_id,
        };
        match reservations::reserve(tx, request) {
            Err(inventory::Error::Shortage { .. }) => return Err(parts_moved(ticket)),
            reserved => reserved.map(drop)?,
        }
    }
    for (part_id, quantity) in &to.waits_for {
        wanted::want(tx, ticket.id, to.engineer_id, *part_id, *quantity)?;
    }
    Ok(())
}

/// Whether he may still do it: what he holds may have ended since, or he is ill. Where a rule was overridden, it was
/// with a reason, which holds as before; that it is later now is no fault of whoever takes something back.
fn check_he_may(recommendation: &Recommendation, ticket: &Ticket, engineer: EngineerId) -> Result<(), Error> {
    let excluded = recommendation.excluded.iter().find(|one| one.engineer_id == engineer.uuid());
    let lasting = |rule: Rule| {
        !matches!(
            rule,
            Rule::OffShift
                | Rule::WindowMissed
                | Rule::TooFar
                | Rule::Workload
                | Rule::RouteFull
                | Rule::FirstVisitUnlikely
        )
    };
    let Some(excluded) = excluded.filter(|excluded| lasting(excluded.rule)) else { return Ok(()) };
    let detail = format!("{} He cannot have {} back.", excluded.fact, ticket.number);
    let problem = Problem::conflict(&format!("excluded.{}", excluded.rule.as_str()), detail.trim());
    Err(blame::about(problem, ticket).into())
}

fn give(
    tx: &mut Tx<'_>,
    means: &Means<'_>,
    ticket: &mut Ticket,
    engineer: EngineerId,
    to: &Placement,
) -> Result<(), Error> {
    assign::check_sendable(tx.conn(), engineer)?;
    let considered = assign::considered_for(tx, means, ticket, engineer)?;
    if to.reason.is_empty() {
        check_he_may(&considered.recommendation, ticket, engineer)?;
    }
    if !load::take_within_limit(tx, engineer, ticket.expected_minutes)? {
        return Err(assign::hands_full());
    }
    let by = assign::BY_THEMSELVES.into_iter().find(|part| *part == to.by);
    let score_minutes = considered.score_of(engineer);
    assign::commit(
        tx,
        means,
        ticket,
        Choice { engineer, score_minutes, reason: &to.reason, by },
        considered,
    )?;
    Ok(())
}
