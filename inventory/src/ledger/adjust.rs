//! What a count found.

use std::collections::BTreeSet;

use db::Tx;
use db::schema::part_serials;
use db::types::{LocationId, PartId};
use diesel::prelude::*;

use super::{Detail, Entry, MovementKind, StockMovement, record};
use crate::balances::{self, Shelf, StockBalance};
use crate::parts::Tracking;
use crate::pieces::{self, Serial, Target};
use crate::{Error, MAX_QUANTITY, locations, parts};

/// What a count did: no movement if the books were right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjusted {
    /// The difference, as a movement from or to [`locations::adjustment`].
    pub movement: Option<StockMovement>,
    /// The balance after it. `available` is below zero if less was found than is promised.
    pub balance: StockBalance,
}

/// Sets what is on hand to what was counted. A count is believed, even below what is reserved.
///
/// # Errors
/// A negative count, a place without stock, or a part whose pieces have to be named: see [`found`].
pub fn adjust(
    tx: &mut Tx<'_>,
    part_id: PartId,
    location_id: LocationId,
    counted: i64,
    note: &str,
) -> Result<Adjusted, Error> {
    check_counted(counted)?;
    locations::check_has_stock(tx.conn(), location_id, "location_id")?;
    let before = balances::hold_still(tx, Shelf { part_id, location_id })?;
    adjust_by(tx, part_id, location_id, counted - before.on_hand, note)
}

/// Changes what is on hand by what a count found too much or too little.
///
/// # Errors
/// As [`adjust`].
pub fn adjust_by(
    tx: &mut Tx<'_>,
    part_id: PartId,
    location_id: LocationId,
    difference: i64,
    note: &str,
) -> Result<Adjusted, Error> {
    let shelf = Shelf { part_id, location_id };
    if difference == 0 {
        return Ok(Adjusted { movement: None, balance: balances::hold_still(tx, shelf)? });
    }
    if parts::get(tx.conn(), part_id)?.tracking == Tracking::Serial {
        return Err(Error::Invalid { field: "serials", problem: "have to be counted, piece by piece" });
    }
    let balance = balances::put(tx, shelf, difference, 0)?;
    let entry =
        Entry::plain(MovementKind::Adjust, part_id, difference.abs(), ends(location_id, difference > 0));
    let movement = record(tx, entry.noted(tx.now(), note))?;
    Ok(Adjusted { movement: Some(movement), balance })
}

fn ends(location_id: LocationId, more: bool) -> (LocationId, LocationId) {
    let outside = locations::adjustment();
    if more { (outside, location_id) } else { (location_id, outside) }
}

fn check_counted(counted: i64) -> Result<(), Error> {
    if (0..=MAX_QUANTITY).contains(&counted) {
        return Ok(());
    }
    let problem = "must not be negative, and at most a million million";
    Err(Error::Invalid { field: "quantity", problem })
}

/// Sets which pieces are at a place to those that were found there; a movement for each that was missing or too many.
/// A piece that the books know at another place comes from there.
///
/// # Errors
/// A part without serial numbers, a number given twice, or a place without stock.
pub fn found(
    tx: &mut Tx<'_>,
    part_id: PartId,
    location_id: LocationId,
    serials: &[String],
    note: &str,
) -> Result<Vec<StockMovement>, Error> {
    locations::check_has_stock(tx.conn(), location_id, "location_id")?;
    let part = parts::get(tx.conn(), part_id)?;
    pieces::check(&part, i64::try_from(serials.len()).unwrap_or(i64::MAX), serials, None)?;
    let here: Vec<Serial> = part_serials::table
        .filter(part_serials::part_id.eq(part_id))
        .filter(part_serials::location_id.eq(location_id))
        .order(part_serials::number)
        .load(tx.conn())?;
    let seen: BTreeSet<&String> = serials.iter().collect();
    let booked: BTreeSet<&String> = here.iter().map(|serial| &serial.number).collect();
    let mut movements = Vec::new();
    for missing in here.iter().filter(|serial| !seen.contains(&serial.number)) {
        let to = locations::adjustment();
        movements.push(one(tx, part_id, &missing.number, (location_id, to), note)?);
    }
    for number in seen.difference(&booked) {
        let known = pieces::find(tx.conn(), part_id, number)?.map(|serial| serial.location_id);
        let stocked = match known {
            Some(place) => locations::get(tx.conn(), place)?.kind.has_stock().then_some(place),
            None => None,
        };
        let from = stocked.unwrap_or_else(locations::adjustment);
        movements.push(one(tx, part_id, number, (from, location_id), note)?);
    }
    Ok(movements)
}

/// One piece, with the balances of those ends that keep one.
fn one(
    tx: &mut Tx<'_>,
    part_id: PartId,
    number: &str,
    (from, to): (LocationId, LocationId),
    note: &str,
) -> Result<StockMovement, Error> {
    let outside = locations::adjustment();
    for (location_id, change) in [(from, -1), (to, 1)] {
        if location_id != outside {
            balances::put(tx, Shelf { part_id, location_id }, change, 0)?;
        }
    }
    let serial = pieces::believe(tx, part_id, number, Target::place(to))?;
    let detail = Detail { serial_id: Some(serial.id), lot_id: serial.lot_id, ..Detail::default() };
    let entry = Entry::plain(MovementKind::Adjust, part_id, 1, (from, to));
    record(tx, entry.noted(tx.now(), note).with(detail))
}
