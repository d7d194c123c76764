//! What engineers used. An engineer who says that he used a part is believed, because he has it no longer whatever
//! the books say: the van's balance may fall below zero, and the caller then asks for a count.

mod consume;

use db::schema::part_usage;
use db::types::{EngineerId, LocationId, PartId, PartUsageId, TicketId, VisitId};
use db::{Conn, Entity, Timestamp, Tx, each_backend};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::balances::{self, Shelf};
use crate::reservations::ReservationStatus;
use crate::{Error, check_quantity, locations, pieces};
use consume::{consume, end_reservations};

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

db::text_enum! {
    /// What does not fit the books: somebody has to count.
    pub enum Doubt {
        /// The van has less than nothing now.
        NegativeStock => "negative_stock",
        /// The books knew the piece at another place with stock; it came from there.
        PieceElsewhere => "piece_elsewhere",
        /// The books never knew the piece, or thought it gone: built in, scrapped, missing.
        PieceUnknown => "piece_unknown",
        /// There are more pieces than numbers.
        PieceUnnamed => "piece_unnamed",
    }
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
    /// What else does not fit the books, or that.
    pub doubt: Option<Doubt>,
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
    let (balance_after, doubt) = match row.outcome {
        Outcome::Returned => (give_up(tx, &row, van)?, None),
        Outcome::Used | Outcome::Defective => consume(tx, &row, van)?,
    };
    let went_negative = row.outcome != Outcome::Returned && balance_after < 0;
    let doubt = if went_negative { Some(Doubt::NegativeStock) } else { doubt };
    Ok(UseOutcome { usage: row, balance_after, went_negative, doubt, repeated: false })
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
    Ok(UseOutcome { usage, balance_after, went_negative, doubt: None, repeated: true })
}

fn on_hand(conn: &mut Conn, part_id: PartId, van: LocationId) -> Result<i64, Error> {
    Ok(balances::get(conn, part_id, van)?.map_or(0, |b| b.on_hand))
}

/// Not needed: what was reserved of it is free.
fn give_up(tx: &mut Tx<'_>, row: &PartUsage, van: LocationId) -> Result<i64, Error> {
    let ended = end_reservations(tx, row, van, (ReservationStatus::Returned, row.quantity))?;
    pieces::let_go_surplus(tx, &ended.live)?;
    if ended.quantity == 0 {
        return on_hand(tx.conn(), row.part_id, van);
    }
    let shelf = Shelf { part_id: row.part_id, location_id: van };
    Ok(balances::free(tx, shelf, ended.quantity)?.on_hand)
}

/// What was reported on a ticket, in order of time.
pub fn of_ticket(conn: &mut Conn, ticket_id: TicketId) -> Result<Vec<PartUsage>, Error> {
    Ok(part_usage::table
        .filter(part_usage::ticket_id.eq(ticket_id))
        .order((part_usage::at, part_usage::id))
        .load(conn)?)
}
