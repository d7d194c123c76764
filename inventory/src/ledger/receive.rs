//! Goods in.

use db::Tx;
use db::types::{LocationId, PartId};

use super::{Detail, Entry, MovementKind, StockMovement, record};
use crate::balances::{self, Shelf};
use crate::costs::{self, Cost};
use crate::{Error, check_quantity, locations, parts, pieces};

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
    /// What it cost.
    pub cost: Option<Cost>,
    /// What somebody wanted to add: a delivery note.
    pub note: &'a str,
}

/// Takes in stock from a supplier; what its movements are, one for each piece with a serial number.
///
/// # Errors
/// A number that the part does not have, a piece that is elsewhere by the books, a place without stock.
pub fn take_in(tx: &mut Tx<'_>, receipt: &Receipt<'_>) -> Result<Vec<StockMovement>, Error> {
    let Receipt { part_id, to, quantity, .. } = *receipt;
    check_quantity(quantity)?;
    locations::check_has_stock(tx.conn(), to, "to_location_id")?;
    let part = parts::get(tx.conn(), part_id)?;
    pieces::check(&part, quantity, receipt.serials, receipt.lot)?;
    if let Some(cost) = &receipt.cost {
        costs::add(tx, &part, quantity, cost)?;
    }
    let lot = receipt.lot.map(|number| pieces::lot(tx, part_id, number, None)).transpose()?;
    balances::put(tx, Shelf { part_id, location_id: to }, quantity, 0)?;
    let (at, ends) = (tx.now(), (locations::supplier(), to));
    let detail = Detail { lot_id: lot.map(|lot| lot.id), cost: receipt.cost.clone(), ..Detail::default() };
    let entry =
        |quantity| Entry::plain(MovementKind::Receive, part_id, quantity, ends).noted(at, receipt.note);
    if receipt.serials.is_empty() {
        return Ok(vec![record(tx, entry(quantity).with(detail))?]);
    }
    let one = |number: &String| {
        let serial = pieces::arrive(tx, part_id, number, detail.lot_id, to)?;
        record(tx, entry(1).with(Detail { serial_id: Some(serial.id), ..detail.clone() }))
    };
    receipt.serials.iter().map(one).collect()
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
    let receipt = Receipt { part_id, to, quantity, serials: &[], lot: None, cost: None, note };
    take_in(tx, &receipt)?.pop().ok_or(Error::Invalid { field: "quantity", problem: "must be positive" })
}
