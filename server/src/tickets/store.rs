//! The tickets' SQL. Every write ends with `tx.changed`.

use std::collections::HashMap;

use db::schema::{ticket_events, tickets, visits};
use db::types::{EngineerId, TicketEventId, TicketId, VisitId};
use db::{Conn, Tx, later_row, prepared};
use diesel::prelude::*;
use diesel::upsert::excluded;

use super::{Ticket, TicketEvent, TicketStatus, Visit, merge, watchers};
use crate::customers::Site;
use crate::error::{Error, Problem};
use crate::sla::timers::{self, Timer};
use crate::sla::{Promises, recompute};

/// Most ids in one question: SQLite takes 32,766 values, PostgreSQL 65,535.
const MOST_ASKED: usize = 10_000;

later_row!(Ticket, tickets::table, rank 0);
later_row!(Visit, visits::table, rank 1);

/// The ticket of this id.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: TicketId) -> Result<Ticket, Error> {
    find(conn, id)?.ok_or_else(|| Problem::not_found("ticket").into())
}

/// The ticket of this id, if there is one.
///
/// # Errors
/// A failure of the database.
pub fn find(conn: &mut Conn, id: TicketId) -> Result<Option<Ticket>, Error> {
    Ok(tickets::table.find(id).first(conn).optional()?)
}

/// Reads a ticket that is about to be changed, and keeps other servers from changing it until this transaction
/// ends. SQLite has one writer at a time, so reading is enough there.
///
/// # Errors
/// 404.
pub fn hold(tx: &mut Tx<'_>, id: TicketId) -> Result<Ticket, Error> {
    let found: Option<Ticket> = match tx.conn_for(&id.to_string()) {
        Conn::Sqlite(c) => tickets::table.find(id).first(c).optional()?,
        Conn::Postgres(c) => tickets::table.find(id).for_update().first(c).optional()?,
    };
    found.ok_or_else(|| Problem::not_found("ticket").into())
}

/// The visit of this id.
///
/// # Errors
/// 404.
pub fn visit(conn: &mut Conn, id: VisitId) -> Result<Visit, Error> {
    let found = visits::table.find(id).first(conn).optional()?;
    found.ok_or_else(|| Problem::not_found("visit").into())
}

/// Writes a new ticket with its first visit.
///
/// # Errors
/// A taken number; an unknown customer, site or asset.
pub fn insert(tx: &mut Tx<'_>, ticket: &Ticket) -> Result<(), Error> {
    let visit = Visit {
        id: ticket.visit_id,
        ticket_id: ticket.id,
        number: 1,
        status: ticket.status,
        planned_at: ticket.planned_at,
        expected_minutes: ticket.expected_minutes,
        lead_engineer_id: ticket.engineer_id,
    };
    tx.created(ticket)?;
    tx.created(&visit)?;
    tx.insert_later(ticket.clone());
    tx.insert_later(visit);
    if let Some(fires_at) = ticket.sla.0.next_step_at {
        tx.insert_later(Timer { ticket_id: ticket.id, fires_at });
    }
    Ok(())
}

/// Writes the ticket back if it still has this status; else somebody was faster. Whoever watches it is told of another
/// status. What was over and is so no more has its timer again, and is nobody's duplicate.
///
/// # Errors
/// 409 `changed_meanwhile`.
pub fn update(tx: &mut Tx<'_>, ticket: &Ticket, expected: TicketStatus) -> Result<(), Error> {
    let guard = tickets::table.find(ticket.id).filter(tickets::status.eq(expected.as_str()));
    let updating = diesel::update(guard).set(ticket.clone()).returning(tickets::id);
    let updated: Option<TicketId> = prepared(updating).get_result(tx.conn()).optional()?;
    if updated.is_none() {
        let detail = "Somebody changed the ticket meanwhile.";
        return Err(Problem::conflict("changed_meanwhile", detail).into());
    }
    tx.changed(ticket)?;
    if ticket.status == expected {
        return Ok(());
    }
    if is_over(expected) && !is_over(ticket.status) {
        // What fell due while it was over has been dropped.
        timers::set(tx, ticket.id, ticket.sla.0.next_step_at)?;
    }
    if expected == TicketStatus::Cancelled {
        merge::release(tx, ticket.id)?;
    }
    watchers::moved(tx, ticket)
}

/// Writes what is promised of tickets that are held, in as few statements as the database takes.
///
/// # Errors
/// A failure of the database.
pub fn update_promises(tx: &mut Tx<'_>, held: &[Ticket]) -> Result<(), Error> {
    match tx.conn() {
        Conn::Sqlite(c) => {
            for ticket in held {
                let updating = diesel::update(tickets::table.find(ticket.id)).set(ticket.clone());
                prepared(updating.returning(tickets::id)).get_result::<TicketId>(c)?;
            }
        }
        // They are there, so that nothing is inserted: it is an update of many rows in one round trip.
        Conn::Postgres(c) => {
            diesel::insert_into(tickets::table)
                .values(held.to_vec())
                .on_conflict(tickets::id)
                .do_update()
                .set((tickets::due_at.eq(excluded(tickets::due_at)), tickets::sla.eq(excluded(tickets::sla))))
                .execute(c)?;
        }
    }
    held.iter().try_for_each(|ticket| Ok(tx.changed(ticket)?))
}

/// Takes over where a site is now, in all its tickets that are not over.
///
/// # Errors
/// A failure of the database.
pub fn follow_site(tx: &mut Tx<'_>, promises: &Promises, site: &Site) -> Result<(), Error> {
    let over = [TicketStatus::Closed, TicketStatus::Cancelled];
    let open: Vec<TicketId> = tickets::table
        .filter(tickets::site_id.eq(site.id))
        .filter(tickets::status.ne_all(over.map(TicketStatus::as_str)))
        .order(tickets::id)
        .select(tickets::id)
        .load(tx.conn())?;
    for id in open {
        let mut ticket = hold(tx, id)?;
        if over.contains(&ticket.status) {
            continue;
        }
        ticket.address.clone_from(&site.address);
        ticket.latitude = site.latitude;
        ticket.longitude = site.longitude;
        if ticket.sla.0.time_zone != site.time_zone {
            ticket.sla.0.time_zone.clone_from(&site.time_zone);
            recompute::again(tx, promises, &mut ticket)?;
        }
        update(tx, &ticket, ticket.status)?;
    }
    Ok(())
}

/// Writes the present visit to match its ticket.
///
/// # Errors
/// A failure of the database.
pub fn follow_visit(tx: &mut Tx<'_>, ticket: &Ticket) -> Result<(), Error> {
    let mut visit = visit(tx.conn(), ticket.visit_id)?;
    visit.status = ticket.status;
    visit.planned_at = ticket.planned_at;
    visit.expected_minutes = ticket.expected_minutes;
    visit.lead_engineer_id = ticket.engineer_id;
    diesel::update(visits::table.find(visit.id)).set(visit.clone()).execute(tx.conn())?;
    tx.changed(&visit)?;
    Ok(())
}

/// Writes an event. False if it is there already: phones repeat themselves.
///
/// # Errors
/// A failure of the database.
pub fn insert_event(tx: &mut Tx<'_>, event: &TicketEvent) -> Result<bool, Error> {
    let known: Option<TicketEventId> =
        ticket_events::table.find(event.id).select(ticket_events::id).first(tx.conn()).optional()?;
    if known.is_some() {
        return Ok(false);
    }
    diesel::insert_into(ticket_events::table).values(event.clone()).execute(tx.conn())?;
    tx.changed(event)?;
    Ok(true)
}

/// The engineers who declined this ticket: it is not offered to them again.
///
/// # Errors
/// A failure of the database.
pub fn declined_by(conn: &mut Conn, id: TicketId) -> Result<Vec<EngineerId>, Error> {
    let found: Vec<Option<EngineerId>> = ticket_events::table
        .filter(ticket_events::ticket_id.eq(id))
        .filter(ticket_events::kind.eq("decline"))
        .select(ticket_events::engineer_id)
        .distinct()
        .load(conn)?;
    Ok(found.into_iter().flatten().collect())
}

/// Who declined which of these tickets.
///
/// # Errors
/// A failure of the database.
pub fn declines(conn: &mut Conn, tickets: &[TicketId]) -> Result<HashMap<TicketId, Vec<EngineerId>>, Error> {
    let mut declines: HashMap<TicketId, Vec<EngineerId>> = HashMap::new();
    for some in tickets.chunks(MOST_ASKED) {
        let found: Vec<(TicketId, Option<EngineerId>)> = ticket_events::table
            .filter(ticket_events::ticket_id.eq_any(some))
            .filter(ticket_events::kind.eq("decline"))
            .select((ticket_events::ticket_id, ticket_events::engineer_id))
            .distinct()
            .load(conn)?;
        for (ticket, engineer) in found {
            declines.entry(ticket).or_default().extend(engineer);
        }
    }
    Ok(declines)
}

/// Whether nothing will be done on the ticket any more.
pub fn is_over(status: TicketStatus) -> bool {
    matches!(status, TicketStatus::Completed | TicketStatus::Closed | TicketStatus::Cancelled)
}

/// Tickets on which something is still to be done, by id, after one if one is given.
///
/// # Errors
/// A failure of the database.
pub fn open(conn: &mut Conn, after: Option<TicketId>, limit: i64) -> Result<Vec<Ticket>, Error> {
    let done = TicketStatus::ALL.iter().filter(|status| is_over(**status)).map(|status| status.as_str());
    let mut query = tickets::table.filter(tickets::status.ne_all(done)).into_boxed();
    if let Some(after) = after {
        query = query.filter(tickets::id.gt(after));
    }
    Ok(query.order(tickets::id).limit(limit).load(conn)?)
}

/// Like [`hold`], for several; those that there are not are left out.
///
/// # Errors
/// A failure of the database.
pub fn hold_all(tx: &mut Tx<'_>, ids: &[TicketId]) -> Result<Vec<Ticket>, Error> {
    let wanted = tickets::table.filter(tickets::id.eq_any(ids)).order(tickets::id);
    Ok(match tx.conn() {
        Conn::Sqlite(c) => wanted.load(c)?,
        Conn::Postgres(c) => wanted.for_update().load(c)?,
    })
}

/// Unassigned tickets, whoever is to assign them, most urgent first.
///
/// # Errors
/// A failure of the database.
pub fn unassigned(conn: &mut Conn, limit: i64) -> Result<Vec<Ticket>, Error> {
    Ok(tickets::table
        .filter(tickets::status.eq(TicketStatus::New.as_str()))
        .order((tickets::priority, tickets::due_at, tickets::number))
        .limit(limit)
        .load(conn)?)
}

/// Unassigned tickets that the server may assign, most urgent first.
///
/// # Errors
/// A failure of the database.
pub fn waiting(conn: &mut Conn, limit: i64) -> Result<Vec<Ticket>, Error> {
    Ok(tickets::table
        .filter(tickets::status.eq(TicketStatus::New.as_str()))
        .filter(tickets::auto_dispatch.eq(true))
        .order((tickets::priority, tickets::due_at, tickets::number))
        .limit(limit)
        .load(conn)?)
}
