//! Parts, places, movements and reservations over HTTP: routes onto the crate that keeps stock. What a request names
//! is looked up here, so that an unknown part is a fault of its field and not of the path.

pub mod codes;
pub mod counts;
pub mod for_ticket;
pub mod levels;
pub mod locations;
pub mod movements;
pub mod needs;
pub mod parts;
pub mod replenishment;
pub mod reservations;
pub mod returns;
pub mod scan;

use db::Conn;
use db::types::{LocationId, PartId};
use inventory::{Part, StockLocation};

use crate::error::{Error, Problem};

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
