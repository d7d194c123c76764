//! What engineers used. An engineer who says that he used a part is believed, because he has it no longer whatever
//! the books say: the van's balance may fall below zero, and the caller then asks for a count.

use db::schema::{part_usage, reservations, stock_movements, tickets};
use db::types::{AssetId, EngineerId, LocationId, PartId, PartUsageId, ReservationId, TicketId, VisitId};
use db::{Conn, Entity, Timestamp, Tx, each_backend};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::balances::{self, Shelf};
use crate::ledger::{self, Detail, Entry, MovementKind};
use crate::parts::{self, Part, Tracking};
use crate::pieces::{self, Serial, Target};
use crate::reservations::{Reservation, ReservationStatus, store};
use crate::{Error, check_quantity, locations, returns};

db::text_enum! {
    /// What became of a part that an engineer had with him.
    pub enum Outcome {
        /// It is in the lift.
        Used => "used",
        /// It did not work; nobody can use it.
        Defective => "defective",
        /// It was not needed and stays in the van.
        Returned => "returned",
    }
}

/// One part that an engineer reports on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Queryable, Insertable)]
#[diesel(table_name = part_usage)]
pub struct PartUsage {
    /// Its id, made by the phone.
    pub id: PartUsageId,
    /// On which ticket.
    pub ticket_id: TicketId,
    /// At which visit.
    pub visit_id: VisitId,
    /// Who reports.
    pub engineer_id: Option<EngineerId>,
    /// Of what.
    pub part_id: PartId,
    /// How much.
    pub quantity: i64,
    /// The serial number of what was used; may be empty.
    pub serial: String,
    /// What became of it.
    pub outcome: Outcome,
    /// When.
    pub at: Timestamp,
    /// The serial number of what came out instead; may be empty.
    pub removed_serial: String,
}

impl Entity for PartUsage {
    const ENTITY: &'static str = "part_usage";

    fn row_id(&self) -> String {
        self.id.to_string()
    }

    fn ticket_id(&self) -> Option<String> {
        Some(self.ticket_id.to_string())
    }
}

/// What an engineer says.
#[derive(Debug, Clone)]
pub struct Usage {
    /// The id that his phone gave it: said twice, it counts once.
    pub id: PartUsageId,
    /// On which ticket.
    pub ticket_id: TicketId,
    /// At which visit.
    pub visit_id: VisitId,
    /// Who says it.
    pub engineer_id: EngineerId,
    /// Of what.
    pub part_id: PartId,
    /// How much.
    pub quantity: i64,
    /// The serial number; may be empty.
    pub serial: String,
    /// What became of it.
    pub outcome: Outcome,
    /// When.
    pub at: Timestamp,
    /// The serial number of what came out instead; may be empty.
    pub removed_serial: String,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UseOutcome {
    /// The row.
    pub usage: PartUsage,
    /// What the van has on hand now.
    pub balance_after: i64,
    /// The books knew of less than was taken: somebody has to count.
    pub went_negative: bool,
    /// It had been said before; nothing was written.
    pub repeated: bool,
}

/// Records what an engineer says. What he used or found defective comes out of his van: first what is reserved for
/// the ticket, then whatever else is there. What he did not need stays in it, free for other tickets.
pub fn use_part(tx: &mut Tx<'_>, usage: Usage) -> Result<UseOutcome, Error> {
    check_quantity(usage.quantity)?;
    let van = locations::needed_van(tx.conn(), usage.engineer_id)?;
    let row = PartUsage {
        id: usage.id,
        ticket_id: usage.ticket_id,
        visit_id: usage.visit_id,
        engineer_id: Some(usage.engineer_id),
        part_id: usage.part_id,
        quantity: usage.quantity,
        serial: usage.serial,
        outcome: usage.outcome,
        at: usage.at,
        removed_serial: usage.removed_serial,
    };
    if !insert_once(tx.conn(), &row)? {
        return repeated(tx.conn(), row.id, van);
    }
    tx.changed(&row)?;
    let balance_after =
        if row.outcome == Outcome::Returned { give_up(tx, &row, van)? } else { consume(tx, &row, van)? };
    let went_negative = row.outcome != Outcome::Returned && balance_after < 0;
    Ok(UseOutcome { usage: row, balance_after, went_negative, repeated: false })
}

/// Whether this id was new: asked and answered by one statement, so that two servers cannot both book it.
fn insert_once(conn: &mut Conn, row: &PartUsage) -> Result<bool, Error> {
    let inserted = each_backend!(conn, |c| diesel::insert_into(part_usage::table)
        .values(row)
        .on_conflict(part_usage::id)
        .do_nothing()
        .execute(c))?;
    Ok(inserted == 1)
}

fn repeated(conn: &mut Conn, id: PartUsageId, van: LocationId) -> Result<UseOutcome, Error> {
    let usage: PartUsage = part_usage::table.find(id).first(conn)?;
    let balance_after = on_hand(conn, usage.part_id, van)?;
    let went_negative = usage.outcome != Outcome::Returned && balance_after < 0;
    Ok(UseOutcome { usage, balance_after, went_negative, repeated: true })
}

fn on_hand(conn: &mut Conn, part_id: PartId, van: LocationId) -> Result<i64, Error> {
    Ok(balances::get(conn, part_id, van)?.map_or(0, |b| b.on_hand))
}

/// Out of the van, into the lift or out of use.
fn consume(tx: &mut Tx<'_>, row: &PartUsage, van: LocationId) -> Result<i64, Error> {
    let part = parts::get(tx.conn(), row.part_id)?;
    let (promised, reservation_id) = end_reservations(tx, row, van, ReservationStatus::Used)?;
    let shelf = Shelf { part_id: row.part_id, location_id: van };
    let balance = balances::take_believed(tx, shelf, row.quantity, promised)?;
    let asset_id = asset_of(tx.conn(), row.ticket_id)?;
    let (kind, to, asset_id) = match row.outcome {
        // It is still in the van, and no stock of anybody: whoever looks at it takes it from there.
        Outcome::Defective => (MovementKind::Reject, locations::quarantine(), None),
        _ => (MovementKind::Install, locations::installed(), asset_id),
    };
    if row.outcome == Outcome::Defective {
        balances::put(tx, Shelf { part_id: row.part_id, location_id: to }, row.quantity, 0)?;
    }
    let serial = believed_piece(tx, &part, row, to, asset_id)?;
    if row.outcome == Outcome::Used {
        returns::expect(tx, &part, row, asset_id)?;
    }
    let detail = Detail {
        serial_id: serial.as_ref().map(|serial| serial.id),
        lot_id: serial.and_then(|serial| serial.lot_id),
        under_warranty: under_warranty(tx.conn(), &part, asset_id, row.at)?,
        asset_id,
        ..Detail::default()
    };
    let entry = Entry {
        kind,
        part_id: row.part_id,
        quantity: row.quantity,
        from: van,
        to,
        ticket_id: Some(row.ticket_id),
        reservation_id,
        at: row.at,
        note: "",
        detail,
    };
    ledger::record(tx, entry)?;
    Ok(balance.on_hand)
}

/// The lift that a ticket is about.
fn asset_of(conn: &mut Conn, ticket_id: TicketId) -> Result<Option<AssetId>, Error> {
    Ok(tickets::table.find(ticket_id).select(tickets::asset_id).first(conn)?)
}

/// The piece that the engineer names; of parts with serial numbers only, and only if it is one piece.
fn believed_piece(
    tx: &mut Tx<'_>,
    part: &Part,
    row: &PartUsage,
    to: LocationId,
    asset_id: Option<AssetId>,
) -> Result<Option<Serial>, Error> {
    if part.tracking != Tracking::Serial {
        return Ok(None);
    }
    let target = Target { location_id: to, asset_id, reservation_id: None };
    if row.outcome == Outcome::Used && !row.removed_serial.is_empty() {
        came_out(tx, part.id, &row.removed_serial)?;
    }
    if row.serial.is_empty() || row.quantity != 1 {
        return Ok(None);
    }
    pieces::believe(tx, part.id, &row.serial, target).map(Some)
}

/// What came out is in no lift any more, and no stock until somebody has graded it. A number that the books know
/// elsewhere was misread, or a count was wrong: that piece stays where it is until somebody has seen this one.
fn came_out(tx: &mut Tx<'_>, part_id: PartId, number: &str) -> Result<(), Error> {
    let known = pieces::find(tx.conn(), part_id, number)?;
    if known.is_none_or(|piece| piece.location_id == locations::installed()) {
        pieces::believe(tx, part_id, number, Target::place(locations::installed()))?;
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

/// Not needed: what was reserved of it is free.
fn give_up(tx: &mut Tx<'_>, row: &PartUsage, van: LocationId) -> Result<i64, Error> {
    let (promised, _) = end_reservations(tx, row, van, ReservationStatus::Returned)?;
    if promised == 0 {
        return on_hand(tx.conn(), row.part_id, van);
    }
    let shelf = Shelf { part_id: row.part_id, location_id: van };
    Ok(balances::free(tx, shelf, promised)?.on_hand)
}

/// Ends the ticket's reservations in this van up to the quantity reported, and says how much that was and, if it
/// was one reservation alone, which.
fn end_reservations(
    tx: &mut Tx<'_>,
    row: &PartUsage,
    van: LocationId,
    to: ReservationStatus,
) -> Result<(i64, Option<ReservationId>), Error> {
    let live: Vec<Reservation> = reservations::table
        .filter(reservations::ticket_id.eq(row.ticket_id))
        .filter(reservations::part_id.eq(row.part_id))
        .filter(reservations::location_id.eq(van))
        .filter(reservations::status.eq_any(ReservationStatus::LIVE))
        .order(reservations::id)
        .load(tx.conn())?;
    let mut left = row.quantity;
    let mut ended = Vec::new();
    for reservation in &live {
        if left == 0 {
            break;
        }
        // The van's own stock may be reserved without a hand-over: then there is nothing to return.
        let to = if reservation.status.may_become(to) { to } else { ReservationStatus::Released };
        let part = store::finish(tx, reservation, to, left.min(reservation.quantity))?;
        left -= part.quantity;
        ended.push(part.id);
    }
    // Pieces that were picked for what has ended are promised to nobody. A rest keeps the id, and its pieces.
    let pieces_too: Vec<ReservationId> =
        live.iter().map(|reservation| reservation.id).filter(|id| ended.contains(id)).collect();
    pieces::let_go(tx, &pieces_too)?;
    let only = if ended.len() == 1 { ended.first().copied() } else { None };
    Ok((row.quantity - left, only))
}

/// What was reported on a ticket, in order of time.
pub fn of_ticket(conn: &mut Conn, ticket_id: TicketId) -> Result<Vec<PartUsage>, Error> {
    Ok(part_usage::table
        .filter(part_usage::ticket_id.eq(ticket_id))
        .order((part_usage::at, part_usage::id))
        .load(conn)?)
}
