//! From the shelf into the van, and back. Handing over moves goods and promise together: what was reserved at the
//! depot is reserved in the van, and at no moment anybody else's.

use db::schema::stock_movements;
use db::types::{LocationId, ReservationId};
use db::{Conn, Tx};
use diesel::prelude::*;

use super::{Reservation, ReservationStatus, get, store};
use crate::balances::{self, Shelf};
use crate::ledger::{self, Detail, Entry, MovementKind};
use crate::parts::{self, Tracking};
use crate::pieces::{self, Target};
use crate::{Error, locations};

/// Takes `quantity` (or all) of a held reservation off the shelf, and of parts with serial numbers just these pieces.
/// It stays reserved where it was; what was not found stays held. Returns the part that was picked.
///
/// # Errors
/// A reservation that is not held, more than it holds, or pieces that are not there or promised to another ticket.
pub fn pick(
    tx: &mut Tx<'_>,
    id: ReservationId,
    quantity: Option<i64>,
    serials: &[String],
) -> Result<Reservation, Error> {
    let reservation = get(tx.conn(), id)?;
    let part = parts::get(tx.conn(), reservation.part_id)?;
    let quantity = quantity.unwrap_or(reservation.quantity);
    if part.tracking == Tracking::Serial {
        pieces::check(&part, quantity, serials, None)?;
    } else if !serials.is_empty() {
        return Err(Error::Invalid {
            field: "serials",
            problem: "are kept of parts with serial numbers only",
        });
    }
    let picked = store::finish(tx, &reservation, ReservationStatus::Picked, quantity)?;
    for number in serials {
        let target =
            Target { location_id: reservation.location_id, asset_id: None, reservation_id: Some(picked.id) };
        pieces::shift(tx, part.id, number, reservation.location_id, target)?;
    }
    Ok(picked)
}

/// Puts what was picked back on its shelf: it is held as before.
///
/// # Errors
/// A reservation that was not picked.
pub fn put_back(tx: &mut Tx<'_>, id: ReservationId) -> Result<Reservation, Error> {
    let reservation = get(tx.conn(), id)?;
    if reservation.status != ReservationStatus::Picked {
        return Err(Error::IllegalMove { from: reservation.status, to: ReservationStatus::Held });
    }
    let held = store::step(tx, &reservation, ReservationStatus::Held, reservation.location_id)?;
    pieces::let_go(tx, &[id])?;
    Ok(held)
}

/// Hands a reservation over to its engineer. If it is not in his van yet, it moves there with a movement, one for each
/// piece that was picked by its number.
pub fn issue(tx: &mut Tx<'_>, id: ReservationId) -> Result<Reservation, Error> {
    let reservation = get(tx.conn(), id)?;
    let engineer_id = reservation.engineer_id.ok_or(Error::NoEngineer { reservation_id: id })?;
    let van = locations::needed_van(tx.conn(), engineer_id)?;
    let issued = store::step(tx, &reservation, ReservationStatus::HandedOver, van)?;
    if reservation.location_id != van {
        carry(tx, &reservation, reservation.quantity, van, reservation.quantity)?;
        record(tx, MovementKind::Issue, &reservation, van, Some(id))?;
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
    // The pieces are those of the reservation that was handed over, of which this may be a part.
    let picked = Reservation { id, ..part.clone() };
    record(tx, MovementKind::Return, &picked, to, None)?;
    if part.id == id {
        pieces::let_go(tx, &[id])?;
    }
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

/// One movement for each piece with a number, and one for all others.
fn record(
    tx: &mut Tx<'_>,
    kind: MovementKind,
    from: &Reservation,
    to: LocationId,
    stays_for: Option<ReservationId>,
) -> Result<(), Error> {
    let entry = |at, quantity, detail| Entry {
        kind,
        part_id: from.part_id,
        quantity,
        from: from.location_id,
        to,
        ticket_id: Some(from.ticket_id),
        reservation_id: Some(from.id),
        at,
        note: "",
        detail,
    };
    let most = usize::try_from(from.quantity).unwrap_or(usize::MAX);
    let pieces = pieces::of_reservation(tx.conn(), from.id)?;
    let mut left = from.quantity;
    for piece in pieces.iter().take(most) {
        let target = Target { location_id: to, asset_id: None, reservation_id: stays_for };
        let moved = pieces::believe(tx, from.part_id, &piece.number, target)?;
        let detail = Detail { serial_id: Some(moved.id), lot_id: moved.lot_id, ..Detail::default() };
        ledger::record(tx, entry(tx.now(), 1, detail))?;
        left -= 1;
    }
    if left > 0 {
        ledger::record(tx, entry(tx.now(), left, Detail::default()))?;
    }
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
