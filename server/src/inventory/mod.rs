//! Parts, places, movements and reservations over HTTP: routes onto the crate that keeps stock. What a request names
//! is looked up here, so that an unknown part is a fault of its field and not of the path.

pub mod codes;
pub mod counts;
pub mod learnt;
pub mod levels;
mod limits;
pub mod locations;
pub mod movements;
pub mod needs;
pub mod order_file;
pub mod ordering;
pub mod orders;
pub mod parts;
pub mod places;
pub mod put_backs;
pub mod replenishment;
pub mod reservations;
pub mod returns;
pub mod scan;
pub mod ticket_parts;
pub mod words;

use db::Conn;
use db::types::{LocationId, PartId};
use inventory::pieces::{LONGEST_NUMBER, MOST_PIECES};
use inventory::{Part, StockLocation, scan as codes_of};

use crate::error::{Error, Problem};
use crate::http::Checks;

/// Serial numbers as they can be on a piece, and no more than one command moves.
fn check_serials<'a>(checks: &'a mut Checks, serials: &[String]) -> &'a mut Checks {
    checks.require(serials.len() <= MOST_PIECES, "serials", "too_many", "must be at most 1,000");
    for (n, serial) in serials.iter().enumerate().take(MOST_PIECES) {
        checks.name(&format!("serials[{n}]"), serial, LONGEST_NUMBER);
    }
    checks
}

/// Refuses a code that a place, a part or an engineer goes by already: a scan would mean two things. Two who give one
/// code at the same instant to things of different kinds are not told apart.
fn refuse_taken(conn: &mut Conn, code: &str, field: &str) -> Result<(), Error> {
    let Some(found) = codes_of::bearer(conn, code.trim())? else { return Ok(()) };
    Err(Problem::duplicate(field).with("taken_by", found.kind).into())
}

/// The part that a request names in its field `part_id`.
fn named_part(conn: &mut Conn, id: PartId) -> Result<Part, Error> {
    match inventory::parts::get(conn, id) {
        Err(inventory::Error::NotFound { .. }) => {
            Err(Problem::invalid_field("part_id", "unknown", "is no known part").into())
        }
        found => Ok(found?),
    }
}

/// The place that a request names in this field, whatever it is.
fn known_place(conn: &mut Conn, id: LocationId, field: &str) -> Result<StockLocation, Error> {
    match inventory::locations::get(conn, id) {
        Err(inventory::Error::NotFound { .. }) => {
            Err(Problem::invalid_field(field, "unknown", "is no known place").into())
        }
        found => Ok(found?),
    }
}

/// The place with stock that a request names in this field.
fn named_place(conn: &mut Conn, id: LocationId, field: &str) -> Result<StockLocation, Error> {
    let place = known_place(conn, id, field)?;
    if !place.kind.has_stock() {
        return Err(Problem::invalid_field(field, "invalid", "must be a place that has stock").into());
    }
    Ok(place)
}
