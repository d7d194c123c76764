//! Promises that a shelf cannot keep any more: a count found less than is promised, goods that were promised had not
//! come at all, or an engineer used for one ticket what another one was to get. Whoever loses his part waits for it
//! again, so that it is looked for elsewhere, bought, and seen as short by everybody; a promise that nobody can keep
//! helps nobody.

use std::collections::BTreeMap;

use db::Tx;
use db::schema::{reservations, tickets};
use db::types::ReservationId;
use diesel::prelude::*;

use super::{Reservation, ReservationStatus, store, wanted};
use crate::balances::{self, Shelf};
use crate::{Error, pieces};

/// Takes promises back until no more is promised at a shelf than is there and may be used. `lost` is the one whose very
/// piece is gone; then what is only held goes first, then what is picked, then what was handed over; of those, what was
/// promised for the latest.
pub(crate) fn keep_what_can_be_kept(
    tx: &mut Tx<'_>,
    shelf: Shelf,
    lost: Option<ReservationId>,
) -> Result<(), Error> {
    let Some(balance) = balances::get(tx.conn(), shelf.part_id, shelf.location_id)? else { return Ok(()) };
    let mut too_much = balance.reserved - (balance.on_hand - balance.expired).max(0);
    if too_much <= 0 {
        return Ok(());
    }
    let live: Vec<Reservation> = reservations::table
        .inner_join(tickets::table.on(tickets::id.eq(reservations::ticket_id)))
        .filter(reservations::part_id.eq(shelf.part_id))
        .filter(reservations::location_id.eq(shelf.location_id))
        .filter(reservations::status.eq_any(ReservationStatus::LIVE))
        .order((tickets::due_at.desc(), reservations::id.desc()))
        .select(reservations::all_columns)
        .load(tx.conn())?;
    let mut in_turn: BTreeMap<(bool, usize, usize), Reservation> = BTreeMap::new();
    for (n, one) in live.into_iter().enumerate() {
        let far = ReservationStatus::LIVE.iter().position(|status| *status == one.status).unwrap_or(0);
        in_turn.insert((Some(one.id) != lost, far, n), one);
    }
    for one in in_turn.into_values() {
        let quantity = one.quantity.min(too_much);
        if quantity == 0 {
            break;
        }
        take_back(tx, &one, quantity)?;
        too_much -= quantity;
    }
    Ok(())
}

/// Makes so much of a shelf free, by taking back what is only held there, what was promised for the latest first. What
/// was picked is in somebody's hands, so if that is not enough nothing is taken back.
pub(crate) fn give_way(tx: &mut Tx<'_>, shelf: Shelf, quantity: i64) -> Result<(), Error> {
    // Nobody else promises or picks from this shelf until the commit.
    let balance = balances::hold_still(tx, shelf)?;
    let mut missing = quantity - (balance.on_hand - balance.reserved);
    if missing <= 0 {
        return Ok(());
    }
    let held: Vec<Reservation> = reservations::table
        .inner_join(tickets::table.on(tickets::id.eq(reservations::ticket_id)))
        .filter(reservations::part_id.eq(shelf.part_id))
        .filter(reservations::location_id.eq(shelf.location_id))
        .filter(reservations::status.eq(ReservationStatus::Held))
        .order((tickets::due_at.desc(), reservations::id.desc()))
        .select(reservations::all_columns)
        .load(tx.conn())?;
    if held.iter().map(|one| one.quantity).sum::<i64>() < missing {
        return Ok(());
    }
    for one in held {
        let quantity = one.quantity.min(missing);
        if quantity == 0 {
            break;
        }
        take_back(tx, &one, quantity)?;
        missing -= quantity;
    }
    Ok(())
}

/// Ends so much of a promise; its ticket waits for it instead.
fn take_back(tx: &mut Tx<'_>, promise: &Reservation, quantity: i64) -> Result<(), Error> {
    store::finish(tx, promise, ReservationStatus::Released, quantity)?;
    balances::free(tx, promise.shelf(), quantity)?;
    pieces::let_go_surplus(tx, &[(promise.id, promise.quantity - quantity)])?;
    // What came instead of something else was never asked for: the ticket waits for what it asked for.
    let part_id = promise.instead_of_part_id.unwrap_or(promise.part_id);
    let waiting: i64 = wanted::of_ticket(tx.conn(), promise.ticket_id)?
        .iter()
        .filter(|one| one.part_id == part_id)
        .map(|one| one.quantity)
        .sum();
    wanted::want(tx, promise.ticket_id, promise.engineer_id, part_id, waiting + quantity)?;
    Ok(())
}
