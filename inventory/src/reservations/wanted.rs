//! What a ticket waits for. A wanted reservation promises nothing: it says that the ticket would take so much as soon
//! as there is any, so that the warehouse sees what is short, and whoever was promised to be helped first gets it
//! first.

use db::schema::{reservations, tickets};
use db::types::{EngineerId, Id, PartId, TicketId};
use db::{Conn, Tx};
use diesel::prelude::*;

use super::{Request, Reservation, ReservationStatus, check_expiry, open_of_ticket, store};
use crate::balances::{self, Shelf};
use crate::{Error, check_quantity, locations};

/// Most that a look at what is waited for finds.
pub const MOST_WAITING: i64 = 1_000;

/// Says how much of a part the ticket waits for from now on, whatever was said before; nothing ends the wait. The new
/// reservation stands at no place yet: [`locations::unplaced`].
///
/// # Errors
/// A quantity that nothing can have, or a failure of the database.
pub fn want(
    tx: &mut Tx<'_>,
    ticket_id: TicketId,
    engineer_id: Option<EngineerId>,
    part_id: PartId,
    quantity: i64,
) -> Result<Option<Reservation>, Error> {
    let waiting = of_part(tx.conn(), ticket_id, part_id)?;
    if let [one] = &waiting[..]
        && one.quantity == quantity
    {
        return Ok(Some(one.clone()));
    }
    for one in &waiting {
        store::step(tx, one, ReservationStatus::Released, one.location_id)?;
    }
    if quantity == 0 {
        return Ok(None);
    }
    check_quantity(quantity)?;
    let wanted = Reservation {
        id: Id::new(),
        ticket_id,
        engineer_id,
        part_id,
        lot_id: None,
        location_id: locations::unplaced(),
        quantity,
        status: ReservationStatus::Wanted,
        expires_at: None,
        created_at: tx.now(),
        updated_at: tx.now(),
        instead_of_part_id: None,
    };
    store::insert(tx, &wanted)?;
    Ok(Some(wanted))
}

fn of_part(conn: &mut Conn, ticket_id: TicketId, part_id: PartId) -> Result<Vec<Reservation>, Error> {
    Ok(reservations::table
        .filter(reservations::ticket_id.eq(ticket_id))
        .filter(reservations::part_id.eq(part_id))
        .filter(reservations::status.eq(ReservationStatus::Wanted))
        .order(reservations::id)
        .load(conn)?)
}

/// What a ticket waits for.
///
/// # Errors
/// A failure of the database.
pub fn of_ticket(conn: &mut Conn, ticket_id: TicketId) -> Result<Vec<Reservation>, Error> {
    let mut found = open_of_ticket(conn, ticket_id)?;
    found.retain(|one| one.status == ReservationStatus::Wanted);
    Ok(found)
}

/// What all tickets wait for, the oldest promise first, of two with the same the one who asked first. At most
/// [`MOST_WAITING`], and only of these parts if some are named.
///
/// # Errors
/// A failure of the database.
pub fn waiting(conn: &mut Conn, part_ids: Option<&[PartId]>) -> Result<Vec<Reservation>, Error> {
    let mut query = reservations::table
        .inner_join(tickets::table.on(tickets::id.eq(reservations::ticket_id)))
        .filter(reservations::status.eq(ReservationStatus::Wanted))
        .order((tickets::due_at, reservations::created_at, reservations::id))
        .limit(MOST_WAITING)
        .select(reservations::all_columns)
        .into_boxed();
    if let Some(ids) = part_ids {
        query = query.filter(reservations::part_id.eq_any(ids.to_vec()));
    }
    Ok(query.load(conn)?)
}

/// The parts that anybody waits for.
///
/// # Errors
/// A failure of the database.
pub fn parts(conn: &mut Conn) -> Result<Vec<PartId>, Error> {
    Ok(reservations::table
        .filter(reservations::status.eq(ReservationStatus::Wanted))
        .select(reservations::part_id)
        .distinct()
        .order(reservations::part_id)
        .load(conn)?)
}

/// Holds what was waited for, or a part of it, at a place where it is free now. If it is all, and no substitute, the
/// reservation itself is held; else a new one is, and the ticket waits for the rest.
///
/// # Errors
/// A shortage, more than is waited for, or a wait that ended meanwhile.
pub fn promise(tx: &mut Tx<'_>, wanted: &Reservation, request: Request) -> Result<Reservation, Error> {
    check_quantity(request.quantity)?;
    let left = wanted.quantity - request.quantity;
    if left < 0 {
        return Err(Error::Invalid { field: "quantity", problem: "is more than is wanted" });
    }
    if left == 0 && request.part_id == wanted.part_id {
        return hold_all(tx, wanted, &request);
    }
    let request = Request { ticket_id: wanted.ticket_id, engineer_id: wanted.engineer_id, ..request };
    let held = super::reserve(tx, request)?;
    if left == 0 {
        store::step(tx, wanted, ReservationStatus::Released, wanted.location_id)?;
    } else {
        store::lessen(tx, wanted, left)?;
    }
    Ok(held)
}

fn hold_all(tx: &mut Tx<'_>, wanted: &Reservation, request: &Request) -> Result<Reservation, Error> {
    check_expiry(request.expires_at, tx.now())?;
    let shelf = Shelf { part_id: request.part_id, location_id: request.location_id };
    balances::hold(tx, shelf, request.quantity)?;
    store::step(tx, wanted, ReservationStatus::Held, request.location_id)?;
    super::extend(tx, wanted.id, request.expires_at)
}

/// What came of asking for a part of a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// How much of what was asked for is held now.
    pub held: i64,
    /// How much of it is short.
    pub short: i64,
    /// How much the ticket lacked before, of all that it needs.
    pub lacked: i64,
}

/// Waits for what is short, and goes on waiting for the rest of what the ticket needs and waits for: who asks for less
/// than that does not say that the rest is not needed. A wait for more than is needed ends.
///
/// # Errors
/// A quantity that nothing can have, or a failure of the database.
pub fn asked(
    tx: &mut Tx<'_>,
    ticket_id: TicketId,
    engineer_id: Option<EngineerId>,
    part_id: PartId,
    asked: Asked,
) -> Result<Option<Reservation>, Error> {
    let waiting = of_part(tx.conn(), ticket_id, part_id)?;
    let sum: i64 = waiting.iter().map(|one| one.quantity).sum();
    let rest = sum.min(asked.lacked) - asked.held;
    want(tx, ticket_id, engineer_id, part_id, rest.max(asked.short))
}

/// Says that the ticket was given so much of a part: it waits for that much less.
///
/// # Errors
/// A failure of the database.
pub fn got(tx: &mut Tx<'_>, ticket_id: TicketId, part_id: PartId, quantity: i64) -> Result<(), Error> {
    let waiting = of_part(tx.conn(), ticket_id, part_id)?;
    let sum: i64 = waiting.iter().map(|one| one.quantity).sum();
    if let Some(first) = waiting.first() {
        want(tx, ticket_id, first.engineer_id, part_id, (sum - quantity).max(0))?;
    }
    Ok(())
}
