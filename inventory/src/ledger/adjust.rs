//! What a count found.

use std::collections::BTreeSet;

use db::schema::{part_serials, stock_movements};
use db::types::{Id, LocationId, LotId, MovementId, PartId};
use db::{Conn, Timestamp, Tx};
use diesel::dsl::{exists, not, sql};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable};

use super::{Detail, Entry, MovementKind, StockMovement, record, record_all};
use crate::balances::{self, Shelf, StockBalance};
use crate::lots::{self, Share, Which};
use crate::parts::Tracking;
use crate::pieces::{self, Serial, Target};
use crate::reservations::broken;
use crate::{Error, MAX_QUANTITY, locations, parts};

/// What a count did: no movement if the books were right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjusted {
    /// The difference, as movements from or to [`locations::adjustment`]: one, or one a lot.
    pub movements: Vec<StockMovement>,
    /// The balance after it.
    pub balance: StockBalance,
}

/// Sets what is on hand to what was counted. A count is believed, even below what is reserved: then whoever was
/// promised what is not there waits for it again.
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

/// Sets what a place has of one lot to what was counted of it.
///
/// # Errors
/// As [`adjust`], or a part that is not followed by lot.
pub fn adjust_lot(
    tx: &mut Tx<'_>,
    shelf: (PartId, LocationId),
    lot: &str,
    counted: i64,
    note: &str,
) -> Result<Adjusted, Error> {
    let (part_id, location_id) = shelf;
    check_counted(counted)?;
    locations::check_has_stock(tx.conn(), location_id, "location_id")?;
    if parts::get(tx.conn(), part_id)?.tracking != Tracking::Lot {
        return Err(Error::Invalid { field: "lot", problem: "is kept of parts with lots only" });
    }
    balances::hold_still(tx, Shelf { part_id, location_id })?;
    let lot = lots::named(tx, part_id, lot, None)?;
    let there = lots::at(tx.conn(), part_id, location_id)?;
    let on_hand = there.into_iter().find(|(known, _)| known.id == lot.id).map_or(0, |(_, on_hand)| on_hand);
    change(tx, Shelf { part_id, location_id }, counted - on_hand, Some(lot.id), note)
}

/// Changes what is on hand by what a count found too much or too little. Of a part with lots, what expires first is
/// missing, and what is too much is of the nameless lot.
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
    change(tx, Shelf { part_id, location_id }, difference, None, note)
}

fn change(
    tx: &mut Tx<'_>,
    shelf: Shelf,
    difference: i64,
    lot_id: Option<LotId>,
    note: &str,
) -> Result<Adjusted, Error> {
    let Shelf { part_id, location_id } = shelf;
    if difference == 0 {
        return Ok(Adjusted { movements: Vec::new(), balance: balances::hold_still(tx, shelf)? });
    }
    let part = parts::get(tx.conn(), part_id)?;
    if part.tracking == Tracking::Serial {
        return Err(Error::Invalid { field: "serials", problem: "have to be counted, piece by piece" });
    }
    let balance = balances::put(tx, shelf, difference, 0)?;
    let shares = if difference < 0 {
        lots::take(tx, &part, location_id, -difference, Which::Believed(lot_id))?
    } else if let Some(lot_id) = lot_id {
        let share = Share { lot_id: Some(lot_id), quantity: difference };
        lots::put(tx, location_id, &[share])?;
        vec![share]
    } else {
        vec![lots::put_nameless(tx, &part, location_id, difference)?]
    };
    let entry =
        Entry::plain(MovementKind::Adjust, part_id, difference.abs(), ends(location_id, difference > 0));
    let movements = record_all(tx, &entry.noted(tx.now(), note), shares)?;
    if balance.available >= 0 {
        return Ok(Adjusted { movements, balance });
    }
    broken::keep_what_can_be_kept(tx, shelf, None)?;
    Ok(Adjusted { movements, balance: balances::hold_still(tx, shelf)? })
}

/// What all adjustments of a part at a place sum to. A count asks when it is made and when it is approved: what others
/// have adjusted in between is not booked again.
pub(crate) fn adjusted(conn: &mut Conn, part_id: PartId, location_id: LocationId) -> Result<i64, Error> {
    let of_kind = stock_movements::table
        .filter(stock_movements::part_id.eq(part_id))
        .filter(stock_movements::kind.eq(MovementKind::Adjust));
    let more: Option<i64> = of_kind
        .filter(stock_movements::to_location_id.eq(location_id))
        .select(sql::<Nullable<BigInt>>("CAST(SUM(quantity) AS BIGINT)"))
        .first(conn)?;
    let less: Option<i64> = of_kind
        .filter(stock_movements::from_location_id.eq(location_id))
        .select(sql::<Nullable<BigInt>>("CAST(SUM(quantity) AS BIGINT)"))
        .first(conn)?;
    Ok(more.unwrap_or(0) - less.unwrap_or(0))
}

/// What went in and out of a place before an instant, other than by adjusting it, as far as the books know by now. What
/// was taken back counts as never moved. A count asks when it is made and when it is approved: what came to be known in
/// between, a phone's late word or a slip that was taken back, had happened before anybody counted.
pub(crate) fn moved_before(
    conn: &mut Conn,
    part_id: PartId,
    location_id: LocationId,
    before: Timestamp,
) -> Result<i64, Error> {
    let back = diesel::alias!(stock_movements as back);
    let taken_back = back
        .filter(back.field(stock_movements::part_id).eq(part_id))
        .filter(back.field(stock_movements::reverses_id).eq(stock_movements::id.nullable()));
    let moved = stock_movements::table
        .filter(stock_movements::part_id.eq(part_id))
        .filter(stock_movements::kind.ne(MovementKind::Adjust))
        .filter(stock_movements::at.lt(before))
        .filter(stock_movements::reverses_id.is_null())
        .filter(not(exists(taken_back)));
    let more: Option<i64> = moved
        .filter(stock_movements::to_location_id.eq(location_id))
        .select(sql::<Nullable<BigInt>>("CAST(SUM(stock_movements.quantity) AS BIGINT)"))
        .first(conn)?;
    let less: Option<i64> = moved
        .filter(stock_movements::from_location_id.eq(location_id))
        .select(sql::<Nullable<BigInt>>("CAST(SUM(stock_movements.quantity) AS BIGINT)"))
        .first(conn)?;
    Ok(more.unwrap_or(0) - less.unwrap_or(0))
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
/// A piece that the books know at another place comes from there. Where the balance was not the number of pieces,
/// because an engineer used some without naming them, it is afterwards: by a movement without a piece.
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
    if part.tracking != Tracking::Serial {
        return Err(Error::Invalid {
            field: "serials",
            problem: "are kept of parts with serial numbers only",
        });
    }
    pieces::check(&part, i64::try_from(serials.len()).unwrap_or(i64::MAX), serials, None)?;
    let shelf = Shelf { part_id, location_id };
    balances::hold_still(tx, shelf)?;
    let batch = Batch { part_id, batch_id: Id::new(), note };
    let mut movements = batch.replace(tx, location_id, serials)?;
    let counted = i64::try_from(serials.len()).unwrap_or(i64::MAX);
    let difference = counted - balances::hold_still(tx, shelf)?.on_hand;
    if difference != 0 {
        balances::put(tx, shelf, difference, 0)?;
        let ends = ends(location_id, difference > 0);
        movements.push(record(tx, batch.entry(tx.now(), difference.abs(), ends))?);
    }
    // The places that pieces came from, too; the outside has no balance, so nothing is promised there.
    let mut shelves: BTreeSet<Shelf> = [shelf].into();
    shelves.extend(movements.iter().map(|one| Shelf { part_id, location_id: one.from_location_id }));
    for shelf in shelves {
        broken::keep_what_can_be_kept(tx, shelf, None)?;
    }
    Ok(movements)
}

/// What the movements of one count have in common.
struct Batch<'a> {
    part_id: PartId,
    batch_id: MovementId,
    note: &'a str,
}

impl<'a> Batch<'a> {
    fn entry(&self, at: Timestamp, quantity: i64, ends: (LocationId, LocationId)) -> Entry<'a> {
        let detail = Detail { batch_id: Some(self.batch_id), ..Detail::default() };
        Entry::plain(MovementKind::Adjust, self.part_id, quantity, ends).noted(at, self.note).with(detail)
    }

    /// Takes out what is missing, and brings in what was found.
    fn replace(
        &self,
        tx: &mut Tx<'_>,
        location_id: LocationId,
        serials: &[String],
    ) -> Result<Vec<StockMovement>, Error> {
        let here: Vec<Serial> = part_serials::table
            .filter(part_serials::part_id.eq(self.part_id))
            .filter(part_serials::location_id.eq(location_id))
            .order(part_serials::number)
            .load(tx.conn())?;
        let seen: BTreeSet<String> = serials.iter().map(|number| pieces::plain_number(number)).collect();
        let booked: BTreeSet<String> = here.iter().map(|serial| serial.number.clone()).collect();
        let mut movements = Vec::new();
        for missing in booked.difference(&seen) {
            movements.push(self.one(tx, missing, (location_id, locations::adjustment()))?);
        }
        for number in seen.difference(&booked) {
            let known = pieces::find(tx.conn(), self.part_id, number)?.map(|serial| serial.location_id);
            let stocked = match known {
                Some(place) => locations::get(tx.conn(), place)?.kind.has_stock().then_some(place),
                None => None,
            };
            let from = stocked.unwrap_or_else(locations::adjustment);
            movements.push(self.one(tx, number, (from, location_id))?);
        }
        Ok(movements)
    }

    /// One piece, with the balances of those ends that keep one.
    fn one(
        &self,
        tx: &mut Tx<'_>,
        number: &str,
        (from, to): (LocationId, LocationId),
    ) -> Result<StockMovement, Error> {
        let outside = locations::adjustment();
        for (location_id, change) in [(from, -1), (to, 1)] {
            if location_id != outside {
                balances::put(tx, Shelf { part_id: self.part_id, location_id }, change, 0)?;
            }
        }
        let serial = pieces::believe(tx, self.part_id, number, Target::place(to))?;
        let entry = self.entry(tx.now(), 1, (from, to));
        let detail = Detail { serial_id: Some(serial.id), lot_id: serial.lot_id, ..entry.detail.clone() };
        record(tx, entry.with(detail))
    }
}
