//! The statements that change reservations. Each names the state it starts from, so that of two who want to move
//! one reservation only one does.

use std::collections::BTreeMap;

use db::schema::reservations;
use db::types::{Id, LocationId, LotId};
use db::{Conn, Tx, later_row};
use diesel::prelude::*;

use super::{Reservation, ReservationStatus, get};
use crate::balances::{self, Shelf};
use crate::{Error, check_quantity};

later_row!(Reservation, reservations::table, rank 2);

pub(crate) fn insert(tx: &mut Tx<'_>, reservation: &Reservation) -> Result<(), Error> {
    tx.created(reservation)?;
    tx.insert_later(reservation.clone());
    Ok(())
}

/// Moves a whole reservation to a status and a place; balances are the caller's.
pub(crate) fn step(
    tx: &mut Tx<'_>,
    from: &Reservation,
    to: ReservationStatus,
    location_id: LocationId,
) -> Result<Reservation, Error> {
    if !from.status.may_become(to) {
        return Err(Error::IllegalMove { from: from.status, to });
    }
    write(tx, from, to, location_id, from.quantity)
}

/// Moves `quantity` of a reservation to a final status and returns that part of it. What is left keeps id and
/// status, so that whoever knows the reservation finds in it what he still has.
pub(crate) fn finish(
    tx: &mut Tx<'_>,
    from: &Reservation,
    to: ReservationStatus,
    quantity: i64,
) -> Result<Reservation, Error> {
    check_quantity(quantity)?;
    if quantity > from.quantity {
        return Err(Error::Invalid { field: "quantity", problem: "is more than is reserved" });
    }
    if quantity == from.quantity {
        return step(tx, from, to, from.location_id);
    }
    if !from.status.may_become(to) {
        return Err(Error::IllegalMove { from: from.status, to });
    }
    write(tx, from, from.status, from.location_id, from.quantity - quantity)?;
    let split = Reservation { id: Id::new(), quantity, status: to, updated_at: tx.now(), ..from.clone() };
    insert(tx, &split)?;
    Ok(split)
}

/// Leaves so much of a reservation as it was.
pub(crate) fn lessen(tx: &mut Tx<'_>, from: &Reservation, quantity: i64) -> Result<Reservation, Error> {
    write(tx, from, from.status, from.location_id, quantity)
}

fn write(
    tx: &mut Tx<'_>,
    from: &Reservation,
    status: ReservationStatus,
    location_id: LocationId,
    quantity: i64,
) -> Result<Reservation, Error> {
    let now = tx.now();
    let moved: Option<Reservation> = diesel::update(reservations::table.find(from.id))
        .filter(reservations::status.eq(from.status))
        .filter(reservations::location_id.eq(from.location_id))
        .filter(reservations::quantity.eq(from.quantity))
        .set((
            reservations::status.eq(status),
            reservations::location_id.eq(location_id),
            reservations::quantity.eq(quantity),
            reservations::updated_at.eq(now),
        ))
        .returning(reservations::all_columns)
        .get_result(tx.conn())
        .optional()?;
    match moved {
        Some(reservation) => {
            tx.changed(&reservation)?;
            Ok(reservation)
        }
        // Another server was faster.
        None => Err(Error::IllegalMove { from: get(tx.conn(), from.id)?.status, to: status }),
    }
}

/// Notes of which lot its goods are.
pub(crate) fn note_lot(
    tx: &mut Tx<'_>,
    of: &Reservation,
    lot_id: Option<LotId>,
) -> Result<Reservation, Error> {
    let noted: Reservation = diesel::update(reservations::table.find(of.id))
        .set(reservations::lot_id.eq(lot_id))
        .returning(reservations::all_columns)
        .get_result(tx.conn())?;
    tx.changed(&noted)?;
    Ok(noted)
}

/// How much of a lot was picked at a place and lies there still.
pub(crate) fn picked_of_lot(conn: &mut Conn, lot_id: LotId, location_id: LocationId) -> Result<i64, Error> {
    let picked: Vec<i64> = reservations::table
        .filter(reservations::status.eq(ReservationStatus::Picked))
        .filter(reservations::location_id.eq(location_id))
        .filter(reservations::lot_id.eq(lot_id))
        .select(reservations::quantity)
        .load(conn)?;
    Ok(picked.into_iter().sum())
}

/// Frees what these reservations held, a statement a shelf, in the order that all commands keep.
pub(crate) fn free_all(tx: &mut Tx<'_>, ended: &[Reservation]) -> Result<(), Error> {
    let mut shelves: BTreeMap<Shelf, i64> = BTreeMap::new();
    for reservation in ended {
        tx.changed(reservation)?;
        *shelves.entry(reservation.shelf()).or_default() += reservation.quantity;
    }
    for (shelf, quantity) in shelves {
        balances::free(tx, shelf, quantity)?;
    }
    Ok(())
}
