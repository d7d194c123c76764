//! Taking a movement back: the ledger only grows, so what was a slip of the hand is moved back by another movement.

use db::Tx;
use db::schema::{part_serials, stock_movements};
use db::types::MovementId;
use diesel::prelude::*;

use super::{Detail, Entry, MovementKind, StockMovement, get, record};
use crate::balances::{self, Shelf};
use crate::costs::Cost;
use crate::pieces::{self, Target};
use crate::{Error, costs, locations, parts};

/// Moves back what a movement moved by hand: goods in, a transfer, a count, scrap. What moved with a reservation goes
/// back with it.
///
/// # Errors
/// A movement of a reservation or of a visit, one that was taken back before, and stock that has gone on since.
pub fn undo(tx: &mut Tx<'_>, id: MovementId) -> Result<StockMovement, Error> {
    use MovementKind as K;
    let done = get(tx.conn(), id)?;
    let by_hand = matches!(done.kind, K::Receive | K::Transfer | K::Adjust | K::Reject | K::Scrap);
    if !by_hand || done.ticket_id.is_some() || done.reverses_id.is_some() || was_taken_back(tx, &done)? {
        return Err(Error::NotUndoable { movement_id: id });
    }
    // Asked again once the balances are held: of two who take it back at once, the second sees the first.
    let (from, to) = (done.to_location_id, done.from_location_id);
    let keeps = |tx: &mut Tx<'_>, place| Ok::<_, Error>(locations::get(tx.conn(), place)?.kind.has_stock());
    let shelf = |location_id| Shelf { part_id: done.part_id, location_id };
    if keeps(tx, from)? {
        balances::take_free(tx, shelf(from), done.quantity)?;
    }
    if keeps(tx, to)? {
        balances::put(tx, shelf(to), done.quantity, 0)?;
    }
    if was_taken_back(tx, &done)? {
        return Err(Error::NotUndoable { movement_id: id });
    }
    if let Some(serial_id) = done.serial_id {
        let number: String =
            part_serials::table.find(serial_id).select(part_serials::number).first(tx.conn())?;
        pieces::shift(tx, done.part_id, &number, from, Target::place(to))?;
    }
    if let Some(unit_micros) = done.unit_cost_micros {
        let part = parts::get(tx.conn(), done.part_id)?;
        let cost = Cost { unit_micros, currency: done.currency.clone() };
        costs::take_back(tx, &part, done.quantity, &cost)?;
    }
    let detail =
        Detail { serial_id: done.serial_id, lot_id: done.lot_id, reverses_id: Some(id), ..Detail::default() };
    let entry = Entry::plain(done.kind, done.part_id, done.quantity, (from, to));
    record(tx, entry.noted(tx.now(), "").with(detail))
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
