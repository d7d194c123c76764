//! What comes of a report in the books: out of the van, into the lift or out of use.

use std::collections::BTreeSet;

use db::schema::{reservations, stock_movements, tickets};
use db::types::{AssetId, Id, LocationId, LotId, ReservationId, TicketId};
use db::{Conn, Timestamp, Tx};
use diesel::prelude::*;

use super::{Doubt, Outcome, PartUsage};
use crate::balances::{self, Shelf, StockBalance};
use crate::ledger::{self, Detail, Entry, MovementKind};
use crate::lots::{self, Which};
use crate::parts::{self, Part, Tracking};
use crate::pieces::{self, Target};
use crate::reservations::{self as promises, Reservation, ReservationStatus, broken, store};
use crate::{Error, locations, returns};

/// Out of the van, into the lift or out of use: what the van has on hand then, and what does not fit the books.
pub(super) fn consume(
    tx: &mut Tx<'_>,
    row: &PartUsage,
    van: LocationId,
) -> Result<(i64, Option<Doubt>), Error> {
    let part = parts::get(tx.conn(), row.part_id)?;
    let asset_id = asset_of(tx.conn(), row.ticket_id)?;
    let (kind, to, built_into) = match row.outcome {
        // It is still in the van, and no stock of anybody: whoever looks at it takes it from there.
        Outcome::Defective => (MovementKind::Reject, locations::quarantine(), None),
        _ => (MovementKind::Install, locations::installed(), asset_id),
    };
    let from = source(tx.conn(), &part, row, van, to)?;
    // What was picked for this very ticket and used before anybody handed it over.
    let own = from.promise.as_ref().filter(|one| one.ticket_id == row.ticket_id && one.location_id != van);
    if let Some(own) = own {
        store::finish(tx, own, ReservationStatus::Used, 1)?;
    }
    let own_quantity = i64::from(own.is_some());
    let ended = end_reservations(tx, row, van, (ReservationStatus::Used, row.quantity - own_quantity))?;
    let balance = out_of_stock(tx, row, &from, van, (ended.quantity, own_quantity))?;
    if row.outcome == Outcome::Defective {
        balances::put(tx, Shelf { part_id: row.part_id, location_id: to }, row.quantity, 0)?;
    }
    let detail = Detail {
        under_warranty: under_warranty(tx.conn(), &part, built_into, row.at)?,
        asset_id: built_into,
        ..Detail::default()
    };
    let entry = Entry {
        kind,
        part_id: row.part_id,
        quantity: row.quantity,
        from: van,
        to,
        ticket_id: Some(row.ticket_id),
        reservation_id: ended.only.or(own.map(|one| one.id)),
        at: row.at,
        note: "",
        detail,
    };
    if part.tracking == Tracking::Serial {
        move_pieces(tx, row, &from, entry)?;
    } else {
        move_lots(tx, &part, row, ended.lot_id, &entry)?;
    }
    pieces::let_go_surplus(tx, &ended.live)?;
    // What was promised to others, and is gone now.
    let lost = from.promise.as_ref().map(|one| one.id);
    for location_id in BTreeSet::from([van, from.location_id]) {
        broken::keep_what_can_be_kept(tx, Shelf { part_id: row.part_id, location_id }, lost)?;
    }
    if row.outcome == Outcome::Used {
        came_out(tx, &part, row)?;
        returns::expect(tx, &part, row, asset_id)?;
    }
    Ok((balance.on_hand, from.doubt))
}

/// Where the piece that an engineer names comes from.
struct Source {
    /// Its number, if he names one that can have gone this way.
    number: Option<String>,
    /// Where the books have it, or the van.
    location_id: LocationId,
    /// For which promise it was picked or handed over.
    promise: Option<Reservation>,
    /// What does not fit.
    doubt: Option<Doubt>,
}

/// He is believed: a piece that the books have at another place with stock came from there. One that is nowhere in
/// stock came out of the van, which then has one less than the books say.
fn source(
    conn: &mut Conn,
    part: &Part,
    row: &PartUsage,
    van: LocationId,
    to: LocationId,
) -> Result<Source, Error> {
    if part.tracking != Tracking::Serial {
        return Ok(Source { number: None, location_id: van, promise: None, doubt: None });
    }
    let unnamed = Source { number: None, location_id: van, promise: None, doubt: Some(Doubt::PieceUnnamed) };
    if row.serial.trim().is_empty() {
        return Ok(unnamed);
    }
    let known = pieces::find(conn, part.id, &row.serial)?;
    let there = known.as_ref().map(|piece| piece.location_id);
    // Found defective a second time: another one has to be meant.
    if there == Some(to) && to == locations::quarantine() {
        return Ok(unnamed);
    }
    let stocked = match there {
        Some(place) => locations::get(conn, place)?.kind.has_stock().then_some(place),
        None => None,
    };
    let doubt = match stocked {
        None => Some(Doubt::PieceUnknown),
        Some(place) if place != van => Some(Doubt::PieceElsewhere),
        Some(_) if row.quantity > 1 => Some(Doubt::PieceUnnamed),
        Some(_) => None,
    };
    let promise = match known.and_then(|piece| piece.reservation_id).filter(|_| stocked.is_some()) {
        Some(id) => Some(promises::get(conn, id)?).filter(|one| one.status.is_live()),
        None => None,
    };
    Ok(Source { number: Some(row.serial.clone()), location_id: stocked.unwrap_or(van), promise, doubt })
}

/// Takes what is used off the balances, with the promises that it fulfils, in the van and where the piece was; what the
/// van has then.
fn out_of_stock(
    tx: &mut Tx<'_>,
    row: &PartUsage,
    from: &Source,
    van: LocationId,
    (promised, elsewhere_promised): (i64, i64),
) -> Result<StockBalance, Error> {
    let elsewhere = i64::from(from.location_id != van);
    if elsewhere > 0 {
        let shelf = Shelf { part_id: row.part_id, location_id: from.location_id };
        balances::take_believed(tx, shelf, elsewhere, elsewhere_promised)?;
    }
    let shelf = Shelf { part_id: row.part_id, location_id: van };
    balances::take_believed(tx, shelf, row.quantity - elsewhere, promised)
}

/// A movement for the piece that is named, and one for those that are not.
fn move_pieces(tx: &mut Tx<'_>, row: &PartUsage, from: &Source, entry: Entry<'_>) -> Result<(), Error> {
    let mut unnamed = row.quantity;
    let batch_id = (from.number.is_some() && row.quantity > 1).then(Id::new);
    let detail = Detail { batch_id, ..entry.detail.clone() };
    if let Some(number) = &from.number {
        let target = Target { location_id: entry.to, asset_id: entry.detail.asset_id, reservation_id: None };
        let piece = pieces::believe(tx, row.part_id, number, target)?;
        let detail = Detail { serial_id: Some(piece.id), lot_id: piece.lot_id, ..detail.clone() };
        ledger::record(tx, Entry { quantity: 1, from: from.location_id, detail, ..entry.clone() })?;
        unnamed -= 1;
    }
    if unnamed > 0 {
        ledger::record(tx, Entry { quantity: unnamed, detail, ..entry })?;
    }
    Ok(())
}

/// A movement for each lot: the one whose number he gives, else the one that was handed over, else what expires first.
fn move_lots(
    tx: &mut Tx<'_>,
    part: &Part,
    row: &PartUsage,
    handed_over: Option<LotId>,
    entry: &Entry<'_>,
) -> Result<(), Error> {
    let said = match part.tracking {
        Tracking::Lot if !row.serial.trim().is_empty() => lots::find(tx.conn(), part.id, &row.serial)?,
        _ => None,
    };
    let which = Which::Believed(said.map(|lot| lot.id).or(handed_over));
    let shares = lots::take(tx, part, entry.from, row.quantity, which)?;
    if entry.kind == MovementKind::Reject {
        lots::put(tx, entry.to, &shares)?;
    }
    ledger::record_all(tx, entry, shares)?;
    Ok(())
}

/// The lift that a ticket is about.
fn asset_of(conn: &mut Conn, ticket_id: TicketId) -> Result<Option<AssetId>, Error> {
    Ok(tickets::table.find(ticket_id).select(tickets::asset_id).first(conn)?)
}

/// What came out is in no lift any more, and no stock until somebody has graded it. A number that the books know
/// elsewhere was misread, or a count was wrong: that piece stays where it is until somebody has seen this one.
fn came_out(tx: &mut Tx<'_>, part: &Part, row: &PartUsage) -> Result<(), Error> {
    let number = row.removed_serial.trim();
    let same = pieces::plain_number(number) == pieces::plain_number(&row.serial);
    if part.tracking != Tracking::Serial || number.is_empty() || same {
        return Ok(());
    }
    let known = pieces::find(tx.conn(), part.id, number)?;
    if known.is_none_or(|piece| piece.location_id == locations::installed()) {
        pieces::believe(tx, part.id, number, Target::place(locations::installed()))?;
    }
    Ok(())
}

/// Whether the same part was built into this lift so short a time ago that its failure is the supplier's to pay.
fn under_warranty(
    conn: &mut Conn,
    part: &Part,
    asset_id: Option<AssetId>,
    at: Timestamp,
) -> Result<bool, Error> {
    let Some(asset_id) = asset_id.filter(|_| part.warranty_days > 0) else { return Ok(false) };
    let since = at.plus_minutes(-i64::from(part.warranty_days) * 24 * 60);
    let before: i64 = stock_movements::table
        .filter(stock_movements::asset_id.eq(asset_id))
        .filter(stock_movements::part_id.eq(part.id))
        .filter(stock_movements::kind.eq(MovementKind::Install))
        .filter(stock_movements::at.ge(since))
        .filter(stock_movements::at.lt(at))
        .count()
        .get_result(conn)?;
    Ok(before > 0)
}

/// What a report ended of the ticket's reservations.
pub(super) struct Ended {
    /// How much.
    pub quantity: i64,
    /// By which reservation, if it was one alone.
    only: Option<ReservationId>,
    /// Of which lot that was, if it is known.
    lot_id: Option<LotId>,
    /// What the reservations of the ticket hold now; nothing once they have ended.
    pub live: Vec<(ReservationId, i64)>,
}

/// Ends the ticket's reservations in this van up to a quantity.
pub(super) fn end_reservations(
    tx: &mut Tx<'_>,
    row: &PartUsage,
    van: LocationId,
    (to, quantity): (ReservationStatus, i64),
) -> Result<Ended, Error> {
    let live: Vec<Reservation> = reservations::table
        .filter(reservations::ticket_id.eq(row.ticket_id))
        .filter(reservations::part_id.eq(row.part_id))
        .filter(reservations::location_id.eq(van))
        .filter(reservations::status.eq_any(ReservationStatus::LIVE))
        .order(reservations::id)
        .load(tx.conn())?;
    let mut left = quantity;
    let mut ended = Vec::new();
    let mut held = Vec::new();
    for reservation in &live {
        let taken = left.min(reservation.quantity);
        held.push((reservation.id, reservation.quantity - taken));
        if taken > 0 {
            // The van's own stock may be reserved without a hand-over: then there is nothing to return.
            let to = if reservation.status.may_become(to) { to } else { ReservationStatus::Released };
            ended.push(store::finish(tx, reservation, to, taken)?);
            left -= taken;
        }
    }
    let only = if ended.len() == 1 { ended.first() } else { None };
    Ok(Ended {
        quantity: quantity - left,
        only: only.map(|reservation| reservation.id),
        lot_id: only.filter(|one| one.quantity == row.quantity).and_then(|one| one.lot_id),
        live: held,
    })
}
