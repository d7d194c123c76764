//! From one place to another.

use db::Tx;
use db::types::{LocationId, PartId};

use super::{Entry, MovementKind, StockMovement, record_all};
use crate::balances::{self, Shelf};
use crate::lots::{self, Which};
use crate::parts::{self, Tracking};
use crate::pieces::{self, Serial, Target};
use crate::{Error, LocationKind, check_quantity, locations};

/// What goes from one place to another.
#[derive(Debug, Clone, Copy)]
pub struct Transfer<'a> {
    /// Of what.
    pub part_id: PartId,
    /// From where.
    pub from: LocationId,
    /// To where; [`locations::scrap`] for what nobody can use.
    pub to: LocationId,
    /// How much.
    pub quantity: i64,
    /// Which pieces, of parts that are followed one by one.
    pub serials: &'a [String],
    /// Of which lot, of parts that are followed by lot; what expires first if absent.
    pub lot: Option<&'a str>,
    /// What somebody wanted to add.
    pub note: &'a str,
}

/// Moves free stock between places; what is reserved stays where it was promised.
///
/// # Errors
/// A shortage with what is free, a piece that is not there or was picked for a ticket, or a place without stock.
pub fn move_stock(tx: &mut Tx<'_>, transfer: &Transfer<'_>) -> Result<Vec<StockMovement>, Error> {
    let Transfer { part_id, from, to, quantity, serials, lot, note } = *transfer;
    check_quantity(quantity)?;
    if from == to {
        let problem = "must be another place than the first";
        return Err(Error::Invalid { field: "to_location_id", problem });
    }
    locations::check_has_stock(tx.conn(), from, "from_location_id")?;
    let kind = kind_of(tx, to)?;
    let part = parts::get(tx.conn(), part_id)?;
    pieces::check(&part, quantity, serials, lot)?;
    let lot_id = lot.map(|number| lots::known(tx.conn(), part_id, number)).transpose()?;
    // Taken first although the order of ids would avoid waiting in a circle: a shortage has to be found before
    // anything is put, and a circle between two servers is found and run again.
    balances::take_free(tx, Shelf { part_id, location_id: from }, quantity)?;
    if kind != MovementKind::Scrap {
        balances::put(tx, Shelf { part_id, location_id: to }, quantity, 0)?;
    }
    let entry = Entry::plain(kind, part_id, quantity, (from, to)).noted(tx.now(), note);
    if part.tracking == Tracking::Serial {
        let shift = |number: &String| pieces::shift(tx, part_id, number, from, Target::place(to));
        let moved: Vec<Serial> = serials.iter().map(shift).collect::<Result<_, _>>()?;
        return record_all(tx, &entry, moved);
    }
    let shares = lots::take(tx, &part, from, quantity, lot_id.map_or(Which::First, Which::Named))?;
    if kind != MovementKind::Scrap {
        lots::put(tx, to, &shares)?;
    }
    record_all(tx, &entry, shares)
}

/// What a movement to this place is called.
fn kind_of(tx: &mut Tx<'_>, to: LocationId) -> Result<MovementKind, Error> {
    match locations::get(tx.conn(), to)?.kind {
        LocationKind::Scrap => Ok(MovementKind::Scrap),
        LocationKind::Quarantine => Ok(MovementKind::Reject),
        _ => {
            locations::check_takes_stock(tx.conn(), to, "to_location_id")?;
            Ok(MovementKind::Transfer)
        }
    }
}

/// Moves free stock of a part of which only the quantity is kept.
///
/// # Errors
/// As [`move_stock`].
pub fn transfer(
    tx: &mut Tx<'_>,
    part_id: PartId,
    from: LocationId,
    to: LocationId,
    quantity: i64,
    note: &str,
) -> Result<StockMovement, Error> {
    let moved = move_stock(tx, &Transfer { part_id, from, to, quantity, serials: &[], lot: None, note })?;
    moved.into_iter().next().ok_or(Error::Invalid { field: "quantity", problem: "must be positive" })
}
