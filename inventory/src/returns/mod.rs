//! Old parts that came out of lifts and have to come back: expected when an engineer reports what he built in,
//! received by the warehouse, and graded. Only the grade makes stock of them, by a movement out of the lift.

mod grade;
mod list;

use db::schema::used_part_returns;
use db::types::{AssetId, EngineerId, Id, LocationId, PartId, TicketId, UsedPartReturnId};
use db::{Conn, Entity, Timestamp, Tx};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::parts::{Part, Tracking};
use crate::pieces::LONGEST_NUMBER;
use crate::usage::PartUsage;
use crate::{Error, check_quantity, locations};

pub use grade::{Findings, Grading, grade};
pub use list::{Filter, UsedPartReturnView, list};

db::text_enum! {
    /// How far an old part has come.
    pub enum ReturnStatus {
        /// It is with the engineer.
        Expected => "expected",
        /// It is at the warehouse; nobody has looked at it.
        Received => "received",
        /// Somebody has said what it is good for.
        Graded => "graded",
        /// It will not come.
        Waived => "waived",
    }
}

db::text_enum! {
    /// What an old part is good for.
    pub enum Grade {
        /// Nobody has said.
        None => "none",
        /// As good as new.
        Reusable => "reusable",
        /// Once it is repaired.
        Repair => "repair",
        /// Somebody has to look at it more closely.
        Quarantine => "quarantine",
        /// Nothing.
        Scrap => "scrap",
    }
}

/// An old part that has to come back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Queryable, Insertable)]
#[diesel(table_name = used_part_returns)]
pub struct UsedPartReturn {
    /// Its id.
    pub id: UsedPartReturnId,
    /// On which ticket it came out.
    pub ticket_id: TicketId,
    /// Out of which lift.
    pub asset_id: Option<AssetId>,
    /// What it is.
    pub part_id: PartId,
    /// How much.
    pub quantity: i64,
    /// Its serial number; may be empty.
    pub serial: String,
    /// Who has it, or had it.
    pub engineer_id: Option<EngineerId>,
    /// How far it has come.
    pub status: ReturnStatus,
    /// What it is good for.
    pub grade: Grade,
    /// Where it was received, and once it is graded, where it went.
    pub location_id: Option<LocationId>,
    /// What somebody wanted to add.
    pub note: String,
    /// When it came out.
    pub created_at: Timestamp,
    /// When anything was last said of it.
    pub updated_at: Timestamp,
}

impl Entity for UsedPartReturn {
    const ENTITY: &'static str = "used_part_returns";

    fn row_id(&self) -> String {
        self.id.to_string()
    }

    fn ticket_id(&self) -> Option<String> {
        Some(self.ticket_id.to_string())
    }
}

/// Notes that the old part has to come back, if it has to: the catalogue says so, or the engineer named it.
pub(crate) fn expect(
    tx: &mut Tx<'_>,
    part: &Part,
    usage: &PartUsage,
    asset_id: Option<AssetId>,
) -> Result<(), Error> {
    if !part.returnable && usage.removed_serial.is_empty() {
        return Ok(());
    }
    // Of a part that need not come back, only what was named does.
    let quantity = if part.returnable { usage.quantity } else { unit(part) };
    let row = UsedPartReturn {
        id: Id::new(),
        ticket_id: usage.ticket_id,
        asset_id,
        part_id: part.id,
        quantity,
        serial: usage.removed_serial.clone(),
        engineer_id: usage.engineer_id,
        status: ReturnStatus::Expected,
        grade: Grade::None,
        location_id: None,
        note: String::new(),
        created_at: usage.at,
        updated_at: tx.now(),
    };
    insert(tx, &row)
}

/// One unit, in the part's decimals.
fn unit(part: &Part) -> i64 {
    10_i64.pow(part.decimals.clamp(0, 6).unsigned_abs())
}

fn insert(tx: &mut Tx<'_>, row: &UsedPartReturn) -> Result<(), Error> {
    diesel::insert_into(used_part_returns::table).values(row).execute(tx.conn())?;
    Ok(tx.changed(row)?)
}

/// One of them.
///
/// # Errors
/// There is none of this id, or a failure of the database.
pub fn get(conn: &mut Conn, id: UsedPartReturnId) -> Result<UsedPartReturn, Error> {
    let found = used_part_returns::table.find(id).first(conn).optional()?;
    found.ok_or_else(|| Error::NotFound { what: "used part", id: id.to_string() })
}

/// What came in over the counter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arrival {
    /// How much; all of it if absent.
    pub quantity: Option<i64>,
    /// The number that is on it, where that is another than was said, or none was said.
    pub serial: Option<String>,
    /// What somebody wanted to add.
    pub note: String,
}

/// Takes an old part in at a place. What did not come yet stays expected, as a row of its own.
///
/// # Errors
/// One that was received before, more than is expected, or a place without stock.
pub fn receive(
    tx: &mut Tx<'_>,
    id: UsedPartReturnId,
    location_id: LocationId,
    arrival: &Arrival,
) -> Result<UsedPartReturn, Error> {
    let expected = get(tx.conn(), id)?;
    let quantity = arrival.quantity.unwrap_or(expected.quantity);
    check_quantity(quantity)?;
    if quantity > expected.quantity {
        return Err(Error::Invalid { field: "quantity", problem: "is more than is expected" });
    }
    check_number(arrival.serial.as_deref())?;
    locations::check_takes_stock(tx.conn(), location_id, "location_id")?;
    let received = UsedPartReturn {
        quantity,
        serial: arrival.serial.clone().unwrap_or_else(|| expected.serial.clone()),
        status: ReturnStatus::Received,
        location_id: Some(location_id),
        note: arrival.note.clone(),
        ..expected.clone()
    };
    let received = step(tx, &expected, received)?;
    if quantity < expected.quantity {
        let rest = UsedPartReturn {
            id: Id::new(),
            quantity: expected.quantity - quantity,
            // The number went with the piece that it is on.
            serial: String::new(),
            updated_at: tx.now(),
            ..expected
        };
        insert(tx, &rest)?;
    }
    Ok(received)
}

fn check_number(serial: Option<&str>) -> Result<(), Error> {
    let fits = |serial: &str| !serial.trim().is_empty() && serial.chars().count() <= LONGEST_NUMBER;
    if serial.is_none_or(fits) {
        return Ok(());
    }
    Err(Error::Invalid { field: "serial", problem: "must be 1 to 100 characters" })
}

/// Says that an old part will not come: it was lost, or the customer keeps it.
///
/// # Errors
/// One that is here already.
pub fn waive(tx: &mut Tx<'_>, id: UsedPartReturnId, note: &str) -> Result<UsedPartReturn, Error> {
    let expected = get(tx.conn(), id)?;
    let waived = UsedPartReturn { status: ReturnStatus::Waived, note: note.to_owned(), ..expected.clone() };
    step(tx, &expected, waived)
}

/// From one status to the next: of two who do it, one does.
fn step(tx: &mut Tx<'_>, from: &UsedPartReturn, to: UsedPartReturn) -> Result<UsedPartReturn, Error> {
    use ReturnStatus as S;
    let may =
        matches!((from.status, to.status), (S::Expected, S::Received | S::Waived) | (S::Received, S::Graded));
    let now = tx.now();
    let moved: Option<UsedPartReturn> = if may {
        diesel::update(used_part_returns::table.find(from.id))
            .filter(used_part_returns::status.eq(from.status))
            .filter(used_part_returns::quantity.eq(from.quantity))
            .set((
                used_part_returns::quantity.eq(to.quantity),
                used_part_returns::serial.eq(&to.serial),
                used_part_returns::status.eq(to.status),
                used_part_returns::grade.eq(to.grade),
                used_part_returns::location_id.eq(to.location_id),
                used_part_returns::note.eq(&to.note),
                used_part_returns::updated_at.eq(now),
            ))
            .returning(used_part_returns::all_columns)
            .get_result(tx.conn())
            .optional()?
    } else {
        None
    };
    let Some(moved) = moved else {
        let status = get(tx.conn(), from.id)?.status;
        return Err(Error::ReturnStatus { return_id: from.id, status });
    };
    tx.changed(&moved)?;
    Ok(moved)
}

/// Whether grading into stock needs a number: pieces are followed one by one.
fn needs_number(part: &Part) -> bool {
    part.tracking == Tracking::Serial
}
