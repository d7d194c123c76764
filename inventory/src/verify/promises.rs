//! Reservations against their tickets, and places against what they are in.

use std::collections::BTreeMap;

use db::Conn;
use db::schema::{reservations, stock_balances, stock_locations, tickets};
use db::types::{LocationId, PartId, ReservationId, TicketId};
use diesel::prelude::*;

use super::Difference;
use crate::locations::DEEPEST;
use crate::{Error, LocationKind, ReservationStatus};

/// Shelves of depots of which more is promised than is there: whoever takes what is promised makes its ticket wait. Of
/// a van the books may know less than what was handed over into it, until somebody has counted it.
pub(super) fn beyond_stock(conn: &mut Conn) -> Result<Vec<Difference>, Error> {
    let found: Vec<(PartId, LocationId, i64, i64)> = stock_balances::table
        .inner_join(stock_locations::table.on(stock_locations::id.eq(stock_balances::location_id)))
        .filter(stock_locations::kind.ne(LocationKind::Van))
        .filter(stock_balances::reserved.gt(0))
        .filter(stock_balances::reserved.gt(stock_balances::on_hand))
        .order((stock_balances::part_id, stock_balances::location_id))
        .select((
            stock_balances::part_id,
            stock_balances::location_id,
            stock_balances::on_hand,
            stock_balances::reserved,
        ))
        .load(conn)?;
    let beyond = |(part_id, location_id, on_hand, reserved)| Difference::Overpromised {
        part_id,
        location_id,
        on_hand,
        reserved,
    };
    Ok(found.into_iter().map(beyond).collect())
}

/// Tickets that need nothing any more.
const OVER: [&str; 3] = ["completed", "closed", "cancelled"];

pub(super) fn of_tickets_that_are_over(conn: &mut Conn) -> Result<Vec<Difference>, Error> {
    let found: Vec<(ReservationId, TicketId, String)> = reservations::table
        .inner_join(tickets::table.on(tickets::id.eq(reservations::ticket_id)))
        .filter(reservations::status.eq_any(ReservationStatus::LIVE))
        .filter(tickets::status.eq_any(OVER))
        .order(reservations::id)
        .select((reservations::id, tickets::id, tickets::status))
        .load(conn)?;
    let over =
        |(reservation_id, ticket_id, status)| Difference::TicketOver { reservation_id, ticket_id, status };
    Ok(found.into_iter().map(over).collect())
}

/// Places from which no way leads up to a depot, through bins only.
pub(super) fn misplaced(conn: &mut Conn) -> Result<Vec<Difference>, Error> {
    let rows: Vec<(LocationId, LocationKind, Option<LocationId>)> = stock_locations::table
        .order(stock_locations::id)
        .select((stock_locations::id, stock_locations::kind, stock_locations::parent_id))
        .load(conn)?;
    let places: BTreeMap<LocationId, (LocationKind, Option<LocationId>)> =
        rows.iter().map(|(id, kind, parent)| (*id, (*kind, *parent))).collect();
    let wrong = rows.iter().filter(|(id, ..)| !stands_well(&places, *id));
    Ok(wrong.map(|(id, ..)| Difference::Nesting { location_id: *id }).collect())
}

fn stands_well(places: &BTreeMap<LocationId, (LocationKind, Option<LocationId>)>, id: LocationId) -> bool {
    let mut at = id;
    for _ in 0..DEEPEST {
        match places.get(&at) {
            Some((LocationKind::Bin, Some(parent))) => at = *parent,
            // Whatever else it is, only a depot has places in it.
            Some((kind, None)) => {
                return at == id && *kind != LocationKind::Bin || *kind == LocationKind::Depot;
            }
            _ => return false,
        }
    }
    false
}
