//! What happened since somebody looked: tickets that came, went or came back, people who fell out, parts that arrived.

use std::collections::BTreeSet;

use db::schema::{absences, changes, dispatcher_looks, stock_movements, ticket_events, tickets};
use db::types::{EngineerId, PartId, TicketId, UserId};
use db::{Conn, Timestamp, Tx, each_backend};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::{MOST, Named};
use crate::error::Error;
use crate::tickets::Ticket;

/// Told of at most.
pub const MOST_HOURS: i64 = 7 * 24;
/// Told of where nobody says since when.
pub const USUAL_HOURS: i64 = 12;
/// Events looked at: whoever was away for longer gets counts of these.
const MOST_EVENTS: i64 = 20_000;

db::text_enum! {
    /// What happened.
    pub enum ChangeKind {
        /// Tickets were opened.
        Opened => "opened",
        /// Tickets were cancelled.
        Cancelled => "cancelled",
        /// Work was completed.
        Completed => "completed",
        /// Customers were not content: tickets were opened again.
        Reopened => "reopened",
        /// Engineers gave tickets back.
        Declined => "declined",
        /// Somebody was entered as absent.
        Absent => "absent",
        /// Parts came from suppliers.
        PartsArrived => "parts_arrived",
    }
}

/// What happened, and to what.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ShiftChange)]
pub struct Changed {
    /// What.
    pub kind: ChangeKind,
    /// To how many.
    pub count: usize,
    /// The last of the tickets, at most 20.
    pub tickets: Vec<Named>,
    /// The engineers.
    pub engineers: Vec<EngineerId>,
    /// The parts, at most 20.
    pub parts: Vec<PartId>,
}

impl Changed {
    fn new(kind: ChangeKind, count: usize) -> Self {
        Self { kind, count, tickets: Vec::new(), engineers: Vec::new(), parts: Vec::new() }
    }
}

/// When this user last said that he had seen what changed.
pub fn looked_at(conn: &mut Conn, user: UserId) -> Result<Option<Timestamp>, Error> {
    Ok(dispatcher_looks::table.find(user).select(dispatcher_looks::looked_at).first(conn).optional()?)
}

/// Notes that he has seen what changed until then; never less than he had.
pub fn look(tx: &mut Tx<'_>, user: UserId, until: Timestamp) -> Result<(), Error> {
    let row = (dispatcher_looks::user_id.eq(user), dispatcher_looks::looked_at.eq(until));
    each_backend!(tx.conn(), |c| diesel::insert_into(dispatcher_looks::table)
        .values(row)
        .on_conflict(dispatcher_looks::user_id)
        .do_update()
        .set(dispatcher_looks::looked_at.eq(until))
        .execute(c))?;
    Ok(())
}

/// What happened, by kind.
pub fn since(conn: &mut Conn, since: Timestamp) -> Result<Vec<Changed>, Error> {
    let mut found = Vec::new();
    let opened: Vec<TicketId> = tickets::table
        .filter(tickets::created_at.ge(since))
        .order(tickets::number.desc())
        .limit(MOST_EVENTS)
        .select(tickets::id)
        .load(conn)?;
    found.push(of_tickets(conn, ChangeKind::Opened, opened)?);
    let events: Vec<(TicketId, String)> = ticket_events::table
        .filter(ticket_events::received_at.ge(since))
        .filter(ticket_events::applied.eq(true))
        .filter(ticket_events::kind.eq_any(EVENTS.map(|(event, _)| event)))
        .order((ticket_events::received_at.desc(), ticket_events::id.desc()))
        .limit(MOST_EVENTS)
        .select((ticket_events::ticket_id, ticket_events::kind))
        .load(conn)?;
    for (event, kind) in EVENTS {
        let ids = events.iter().filter(|(_, kind)| kind == event).map(|(id, _)| *id).collect();
        found.push(of_tickets(conn, kind, ids)?);
    }
    found.push(fallen_out(conn, since)?);
    found.push(arrived(conn, since)?);
    found.retain(|changed| changed.count > 0);
    Ok(found)
}

/// Events that are told of.
const EVENTS: [(&str, ChangeKind); 4] = [
    ("cancel", ChangeKind::Cancelled),
    ("complete", ChangeKind::Completed),
    ("reopen", ChangeKind::Reopened),
    ("decline", ChangeKind::Declined),
];

fn of_tickets(conn: &mut Conn, kind: ChangeKind, ids: Vec<TicketId>) -> Result<Changed, Error> {
    let mut seen = BTreeSet::new();
    let last: Vec<TicketId> = ids.into_iter().filter(|id| seen.insert(*id)).collect();
    let shown = &last[..last.len().min(MOST)];
    let mut rows: Vec<Ticket> = tickets::table.filter(tickets::id.eq_any(shown)).load(conn)?;
    rows.sort_by_key(|ticket| shown.iter().position(|id| *id == ticket.id));
    Ok(Changed { tickets: rows.iter().map(Named::of).collect(), ..Changed::new(kind, last.len()) })
}

/// Who was entered as absent, by the log: an absence does not say when it was entered.
fn fallen_out(conn: &mut Conn, since: Timestamp) -> Result<Changed, Error> {
    let entered: Vec<String> = changes::table
        .filter(changes::entity.eq("absences"))
        .filter(changes::at.ge(since))
        .select(changes::row_id)
        .distinct()
        .limit(MOST_EVENTS)
        .load(conn)?;
    let engineers: Vec<EngineerId> = absences::table
        .filter(absences::id.eq_any(entered))
        .filter(absences::ends_at.gt(since))
        .select(absences::engineer_id)
        .distinct()
        .order(absences::engineer_id)
        .load(conn)?;
    Ok(Changed { engineers: engineers.clone(), ..Changed::new(ChangeKind::Absent, engineers.len()) })
}

fn arrived(conn: &mut Conn, since: Timestamp) -> Result<Changed, Error> {
    let mut parts: Vec<PartId> = stock_movements::table
        .filter(stock_movements::kind.eq("receive"))
        .filter(stock_movements::at.ge(since))
        .filter(stock_movements::reverses_id.is_null())
        .select(stock_movements::part_id)
        .distinct()
        .order(stock_movements::part_id)
        .limit(MOST_EVENTS)
        .load(conn)?;
    let count = parts.len();
    parts.truncate(MOST);
    Ok(Changed { parts, ..Changed::new(ChangeKind::PartsArrived, count) })
}
