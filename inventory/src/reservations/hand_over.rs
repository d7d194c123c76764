//! From the shelf into the van, and back. Handing over moves goods and promise together: what was reserved at the
//! depot is reserved in the van, and at no moment anybody else's.

use db::schema::stock_movements;
use db::types::{LocationId, ReservationId};
use db::{Conn, Tx};
use diesel::prelude::*;

use super::{Reservation, ReservationStatus, get, store};
use crate::balances::{self, Shelf};
use crate::ledger::{self, Entry, MovementKind};
use crate::{Error, locations};

/// Takes a held reservation off the shelf. It stays reserved where it was.
pub fn pick(tx: &mut Tx<'_>, id: ReservationId) -> Result<Reservation, Error> {
    let reservation = get(tx.conn(), id)?;
    store::step(tx, &reservation, ReservationStatus::Picked, reservation.location_id)
}

/// Hands a reservation over to its engineer. If it is not in his van yet, it moves there with a movement.
pub fn issue(tx: &mut Tx<'_>, id: ReservationId) -> Result<Reservation, Error> {
    let reservation = get(tx.conn(), id)?;
    let engineer_id = reservation.engineer_id.ok_or(Error::NoEngineer { reservation_id: id })?;
    let van = locations::needed_van(tx.conn(), engineer_id)?;
    let issued = store::step(tx, &reservation, ReservationStatus::HandedOver, van)?;
    if reservation.location_id != van {
        carry(tx, &reservation, reservation.quantity, van, reservation.quantity)?;
        record(tx, MovementKind::Issue, &reservation, van)?;
    }
    Ok(issued)
}

/// Takes back `quantity` (or all) of what was handed over and not used, to the place `to` or to where it came from.
/// Returns that part of the reservation; what is left of it stays in the van.
pub fn return_part(
    tx: &mut Tx<'_>,
    id: ReservationId,
    quantity: Option<i64>,
    to: Option<LocationId>,
) -> Result<Reservation, Error> {
    let reservation = get(tx.conn(), id)?;
    let returned = ReservationStatus::Returned;
    if !reservation.status.may_become(returned) {
        return Err(Error::IllegalMove { from: reservation.status, to: returned });
    }
    let to = match to {
        Some(to) => to,
        None => origin(tx.conn(), &reservation)?.ok_or(Error::Invalid {
            field: "location_id",
            problem: "is needed: the part was the van's own",
        })?,
    };
    if to == reservation.location_id {
        return Err(Error::Invalid { field: "location_id", problem: "must be another place than the van" });
    }
    locations::check_has_stock(tx.conn(), to, "location_id")?;
    let part = store::finish(tx, &reservation, returned, quantity.unwrap_or(reservation.quantity))?;
    carry(tx, &reservation, part.quantity, to, 0)?;
    record(tx, MovementKind::Return, &part, to)?;
    Ok(part)
}

/// Changes both balances of a reservation that moves; `promised` of it stays reserved at its new place.
fn carry(
    tx: &mut Tx<'_>,
    from: &Reservation,
    quantity: i64,
    to: LocationId,
    promised: i64,
) -> Result<(), Error> {
    balances::take_promised(tx, from.shelf(), quantity)?;
    balances::put(tx, Shelf { part_id: from.part_id, location_id: to }, quantity, promised)?;
    Ok(())
}

fn record(tx: &mut Tx<'_>, kind: MovementKind, from: &Reservation, to: LocationId) -> Result<(), Error> {
    let entry = Entry {
        kind,
        part_id: from.part_id,
        quantity: from.quantity,
        from: from.location_id,
        to,
        ticket_id: Some(from.ticket_id),
        reservation_id: Some(from.id),
        at: tx.now(),
        note: "",
    };
    ledger::record(tx, entry)?;
    Ok(())
}

/// Where a reservation lay before it was handed over; none if that was the van itself.
fn origin(conn: &mut Conn, reservation: &Reservation) -> Result<Option<LocationId>, Error> {
    Ok(stock_movements::table
        // The ticket is named because it has an index.
        .filter(stock_movements::ticket_id.eq(reservation.ticket_id))
        .filter(stock_movements::reservation_id.eq(reservation.id))
        .filter(stock_movements::kind.eq(MovementKind::Issue))
        .select(stock_movements::from_location_id)
        .first(conn)
        .optional()?)
}
