//! Taking a movement back: the ledger only grows, so what was a slip of the hand is moved back by another movement.

use std::collections::BTreeMap;

use db::Tx;
use db::schema::{part_serials, stock_movements};
use db::types::{Id, LotId, MovementId};
use diesel::prelude::*;

use super::{Detail, Entry, MovementKind, StockMovement, get, record};
use crate::balances::{self, Shelf};
use crate::costs::Cost;
use crate::lots::{self, Share, Which};
use crate::parts::{self, Part, Tracking};
use crate::pieces::{self, Target};
use crate::reservations::{broken, store};
use crate::{Error, costs, locations, orders};

/// Moves back what was moved by hand: goods in, a transfer, a count, scrap; with a movement, all that was recorded at
/// once with it. What moved with a reservation goes back with it. Whoever was promised goods that had not come at all
/// waits for them again. The movement that takes back this one comes first.
///
/// # Errors
/// A movement of a reservation or of a visit, one that was taken back before, and stock that has gone on since.
pub fn undo(tx: &mut Tx<'_>, id: MovementId) -> Result<Vec<StockMovement>, Error> {
    let done = get(tx.conn(), id)?;
    let Some(batch_id) = done.batch_id else {
        give_way(tx, std::slice::from_ref(&done))?;
        return Ok(vec![one(tx, &done, None)?]);
    };
    let mut together: Vec<StockMovement> = stock_movements::table
        .filter(stock_movements::batch_id.eq(batch_id))
        .order(stock_movements::id)
        .load(tx.conn())?;
    // What a count took out comes back before what it brought in goes: only together they leave what is promised.
    together.sort_by_key(|movement| movement.to_location_id != locations::adjustment());
    give_way(tx, &together)?;
    let back = Some(Id::new());
    let mut undone =
        together.iter().map(|done| one(tx, done, back)).collect::<Result<Vec<StockMovement>, Error>>()?;
    undone.sort_by_key(|movement| movement.reverses_id != Some(id));
    Ok(undone)
}

/// Promises of goods in that had not come are taken back, unless they were picked: then the goods are there.
fn give_way(tx: &mut Tx<'_>, together: &[StockMovement]) -> Result<(), Error> {
    let mut shelves: BTreeMap<Shelf, i64> = BTreeMap::new();
    for done in together.iter().filter(|done| done.kind == MovementKind::Receive) {
        let shelf = Shelf { part_id: done.part_id, location_id: done.to_location_id };
        *shelves.entry(shelf).or_default() += done.quantity;
    }
    for (shelf, quantity) in shelves {
        if locations::get(tx.conn(), shelf.location_id)?.kind.has_stock() {
            broken::give_way(tx, shelf, quantity)?;
        }
    }
    Ok(())
}

fn one(tx: &mut Tx<'_>, done: &StockMovement, batch_id: Option<MovementId>) -> Result<StockMovement, Error> {
    use MovementKind as K;
    let by_hand = matches!(done.kind, K::Receive | K::Transfer | K::Adjust | K::Reject | K::Scrap);
    if !by_hand || done.ticket_id.is_some() || done.reverses_id.is_some() || was_taken_back(tx, done)? {
        return Err(Error::NotUndoable { movement_id: done.id });
    }
    let part = parts::get(tx.conn(), done.part_id)?;
    let share = carry_back(tx, &part, done)?;
    // Asked again once the balances are held: of two who take it back at once, the second sees the first.
    if was_taken_back(tx, done)? {
        return Err(Error::NotUndoable { movement_id: done.id });
    }
    let (from, to) = (done.to_location_id, done.from_location_id);
    if let Some(serial_id) = done.serial_id {
        let number: String =
            part_serials::table.find(serial_id).select(part_serials::number).first(tx.conn())?;
        pieces::shift(tx, done.part_id, &number, from, Target::place(to))?;
    }
    if let Some(unit_micros) = done.unit_cost_micros {
        let cost = Cost { unit_micros, currency: done.currency.clone() };
        costs::take_back(tx, &part, done.quantity, &cost)?;
    }
    if let Some(line) = done.order_line_id {
        orders::give_back(tx, line, done.quantity)?;
    }
    let lot_id = share.lot_id.or(done.lot_id);
    let detail = Detail {
        serial_id: done.serial_id,
        lot_id,
        reverses_id: Some(done.id),
        batch_id,
        order_line_id: done.order_line_id,
        ..Detail::default()
    };
    let entry = Entry::plain(done.kind, done.part_id, done.quantity, (from, to));
    record(tx, entry.noted(tx.now(), "").with(detail))
}

/// The balances of those ends that keep one.
fn carry_back(tx: &mut Tx<'_>, part: &Part, done: &StockMovement) -> Result<Share, Error> {
    let (from, to) = (done.to_location_id, done.from_location_id);
    let shelf = |location_id| Shelf { part_id: part.id, location_id };
    let lot_id = match (part.tracking, done.lot_id) {
        (Tracking::Lot, None) => Some(lots::named(tx, part.id, lots::NAMELESS, None)?.id),
        (Tracking::Lot, known) => known,
        _ => None,
    };
    let share = Share { lot_id, quantity: done.quantity };
    if locations::get(tx.conn(), from)?.kind.has_stock() {
        balances::take_free(tx, shelf(from), done.quantity)?;
        if let Some(lot_id) = lot_id {
            lots::take(tx, part, from, done.quantity, Which::Named(lot_id))?;
            keep_what_was_picked(tx, shelf(from), lot_id, done.quantity)?;
        }
    }
    if locations::get(tx.conn(), to)?.kind.has_stock() {
        balances::put(tx, shelf(to), done.quantity, 0)?;
        lots::put(tx, to, &[share])?;
    }
    Ok(share)
}

/// A lot is not taken back from under what was picked of it, though others of its shelf are free.
fn keep_what_was_picked(tx: &mut Tx<'_>, shelf: Shelf, lot_id: LotId, wanted: i64) -> Result<(), Error> {
    let Shelf { part_id, location_id } = shelf;
    let picked = store::picked_of_lot(tx.conn(), lot_id, location_id)?;
    if picked == 0 {
        return Ok(());
    }
    let there = lots::at(tx.conn(), part_id, location_id)?;
    let left = there.iter().find(|(lot, _)| lot.id == lot_id).map_or(0, |(_, on_hand)| *on_hand);
    if left >= picked {
        return Ok(());
    }
    Err(Error::Shortage { part_id, location_id, wanted, available: wanted + left - picked })
}

fn was_taken_back(tx: &mut Tx<'_>, done: &StockMovement) -> Result<bool, Error> {
    let back: i64 = stock_movements::table
        // The part is named because it has an index.
        .filter(stock_movements::part_id.eq(done.part_id))
        .filter(stock_movements::reverses_id.eq(done.id))
        .count()
        .get_result(tx.conn())?;
    Ok(back > 0)
}
