//! Goods in.

use db::types::{LocationId, LotId, OrderLineId, PartId};
use db::{Timestamp, Tx};

use super::{Detail, Entry, MovementKind, StockMovement, record_all};
use crate::balances::{self, Shelf};
use crate::costs::{self, Cost};
use crate::lots::{self, Share};
use crate::parts::{self, Part, Tracking};
use crate::pieces::{self, Serial};
use crate::{Error, check_quantity, locations, orders};

/// What arrives from a supplier.
#[derive(Debug, Clone)]
pub struct Receipt<'a> {
    /// Of what.
    pub part_id: PartId,
    /// Where it is put.
    pub to: LocationId,
    /// How much.
    pub quantity: i64,
    /// The serial number of each piece, of parts that are followed one by one.
    pub serials: &'a [String],
    /// The lot, of parts that are followed by lot.
    pub lot: Option<&'a str>,
    /// When the lot must not be used any more.
    pub expires_at: Option<Timestamp>,
    /// What it cost; of what was ordered, if absent, what the line of the order says.
    pub cost: Option<Cost>,
    /// The line of the order that it came on.
    pub order_line_id: Option<OrderLineId>,
    /// What somebody wanted to add: a delivery note.
    pub note: &'a str,
}

impl<'a> Receipt<'a> {
    /// Of a part of which only the quantity is kept.
    pub const fn plain(part_id: PartId, to: LocationId, quantity: i64, note: &'a str) -> Self {
        let (serials, lot, expires_at) = (&[], None, None);
        Self { part_id, to, quantity, serials, lot, expires_at, cost: None, order_line_id: None, note }
    }
}

/// Takes in stock from a supplier; what its movements are, one for each piece with a serial number.
///
/// # Errors
/// A number that the part does not have, a piece that is elsewhere by the books, a place without stock, more than is
/// to come of what was ordered.
pub fn take_in(tx: &mut Tx<'_>, receipt: &Receipt<'_>) -> Result<Vec<StockMovement>, Error> {
    let Receipt { part_id, to, quantity, .. } = *receipt;
    check_quantity(quantity)?;
    locations::check_takes_stock(tx.conn(), to, "to_location_id")?;
    let part = parts::get(tx.conn(), part_id)?;
    if !part.active {
        return Err(Error::Invalid { field: "part_id", problem: "is no longer in use" });
    }
    pieces::check(&part, quantity, receipt.serials, receipt.lot)?;
    let lot_id = lot_of(tx, &part, receipt)?;
    let ordered = match receipt.order_line_id {
        Some(line) => orders::take_in(tx, line, part_id, quantity)?,
        None => None,
    };
    let cost = receipt.cost.clone().or(ordered);
    if let Some(cost) = &cost {
        costs::add(tx, &part, quantity, cost)?;
    }
    balances::put(tx, Shelf { part_id, location_id: to }, quantity, 0)?;
    let detail = Detail { cost, order_line_id: receipt.order_line_id, ..Detail::default() };
    let ends = (locations::supplier(), to);
    let entry = Entry::plain(MovementKind::Receive, part_id, quantity, ends);
    let entry = entry.noted(tx.now(), receipt.note).with(detail);
    if part.tracking == Tracking::Serial {
        let arrive = |number: &String| pieces::arrive(tx, part_id, number, lot_id, to);
        let arrived: Vec<Serial> = receipt.serials.iter().map(arrive).collect::<Result<_, _>>()?;
        return record_all(tx, &entry, arrived);
    }
    let share = Share { lot_id, quantity };
    lots::put(tx, to, &[share])?;
    record_all(tx, &entry, [share])
}

/// The lot that the goods are of.
fn lot_of(tx: &mut Tx<'_>, part: &Part, receipt: &Receipt<'_>) -> Result<Option<LotId>, Error> {
    match receipt.lot {
        Some(number) => Ok(Some(lots::named(tx, part.id, number, receipt.expires_at)?.id)),
        None if part.tracking == Tracking::Lot => {
            Err(Error::Invalid { field: "lot", problem: "is needed: this part is followed by lot" })
        }
        None if receipt.expires_at.is_some() => {
            Err(Error::Invalid { field: "expires_on", problem: "is kept of lots only" })
        }
        None => Ok(None),
    }
}

/// Takes in stock of a part of which only the quantity is kept, to a depot or straight into a van.
///
/// # Errors
/// As [`take_in`].
pub fn receive(
    tx: &mut Tx<'_>,
    part_id: PartId,
    to: LocationId,
    quantity: i64,
    note: &str,
) -> Result<StockMovement, Error> {
    let receipt = Receipt::plain(part_id, to, quantity, note);
    take_in(tx, &receipt)?.pop().ok_or(Error::Invalid { field: "quantity", problem: "must be positive" })
}
