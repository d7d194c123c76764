//! The proof: every balance recomputed from movements and live reservations, the place of every piece from its last
//! movement, and whatever else follows from something, by queries that share nothing with the code that keeps them.

mod costs;
mod display;
mod lots;
mod pieces;
mod promises;

use std::collections::BTreeMap;

use db::Conn;
use db::schema::{reservations, stock_balances, stock_locations, stock_movements};
use db::types::{AssetId, LocationId, PartId, ReservationId, SerialId, TicketId};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use serde::Serialize;

use crate::balances::Shelf;
use crate::{Error, LocationKind, ReservationStatus};

/// What does not add up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Difference {
    /// A balance that is not what it should be.
    Balance {
        /// Of what.
        part_id: PartId,
        /// Where.
        location_id: LocationId,
        /// What the balance says.
        on_hand: i64,
        /// What the movements sum to.
        on_hand_by_movements: i64,
        /// What the balance says.
        reserved: i64,
        /// What live reservations sum to.
        reserved_by_reservations: i64,
    },
    /// More is promised at a place than is there.
    Overpromised {
        /// Of what.
        part_id: PartId,
        /// Where.
        location_id: LocationId,
        /// What is there.
        on_hand: i64,
        /// What is promised.
        reserved: i64,
    },
    /// A piece that is not where it went.
    Piece {
        /// Of what.
        part_id: PartId,
        /// Its serial number.
        number: String,
        /// Where the books know it.
        location_id: LocationId,
        /// Where its last movement went.
        location_by_movements: LocationId,
    },
    /// A place has more or fewer pieces than its balance says.
    Pieces {
        /// Of what.
        part_id: PartId,
        /// Where.
        location_id: LocationId,
        /// How many pieces the books know there.
        pieces: i64,
        /// What the balance says.
        on_hand: i64,
        /// How much of the balance engineers and counts have explained without a piece; below zero for what is gone.
        explained: i64,
    },
    /// Movements name a piece of which there is no row.
    PieceMissing {
        /// Of what.
        part_id: PartId,
        /// Its id.
        serial_id: SerialId,
    },
    /// A piece that is in another lift than its last movement says.
    PieceAsset {
        /// Of what.
        part_id: PartId,
        /// Its serial number.
        number: String,
        /// Where the books know it.
        asset_id: Option<AssetId>,
        /// Where it was built in.
        asset_by_movements: Option<AssetId>,
    },
    /// A piece that is promised to a reservation which has ended, is elsewhere, or is of another part.
    PiecePromise {
        /// Of what.
        part_id: PartId,
        /// Its serial number.
        number: String,
        /// To which.
        reservation_id: ReservationId,
    },
    /// More pieces were picked for a reservation than it holds.
    PickedTooMany {
        /// For which.
        reservation_id: ReservationId,
        /// How many pieces.
        pieces: i64,
        /// What it holds.
        quantity: i64,
    },
    /// A lot of which a place has something else than its movements sum to.
    Lot {
        /// Of what.
        part_id: PartId,
        /// Its number.
        number: String,
        /// Where.
        location_id: LocationId,
        /// What the balance of the lot says.
        on_hand: i64,
        /// What its movements sum to.
        on_hand_by_movements: i64,
    },
    /// The lots at a place are not what the balance of their part says.
    Lots {
        /// Of what.
        part_id: PartId,
        /// Where.
        location_id: LocationId,
        /// What the balance of the part says.
        on_hand: i64,
        /// What the balances of its lots sum to.
        lots: i64,
    },
    /// An average cost that is not that of what was received.
    Cost {
        /// Of what.
        part_id: PartId,
        /// ISO 4217.
        currency: String,
        /// How much was received for money, and for how many millionths, as the row says.
        kept: (i64, i64),
        /// The same as the movements say.
        by_movements: (i64, i64),
    },
    /// A reservation that still holds stock for a ticket which is over.
    TicketOver {
        /// Which reservation.
        reservation_id: ReservationId,
        /// For which ticket.
        ticket_id: TicketId,
        /// What has become of the ticket.
        status: String,
    },
    /// A place that is inside itself, deeper than eight places, or in one that can have no places in it.
    Nesting {
        /// Which place.
        location_id: LocationId,
    },
}

#[derive(Debug, Default, Clone, Copy)]
struct Sums {
    on_hand: i64,
    moved: i64,
    reserved: i64,
    promised: i64,
}

type Sum = (PartId, LocationId, i64);

/// PostgreSQL sums BIGINT into NUMERIC; no column here needs more than BIGINT.
const SUM: &str = "CAST(SUM(quantity) AS BIGINT)";

/// Recomputes all books, and returns what differs: balances in order of part and place, then pieces, lots, costs,
/// promises and places. Run it within one read, which sees one state.
///
/// # Errors
/// A failure of the database.
pub fn verify(conn: &mut Conn) -> Result<Vec<Difference>, Error> {
    let mut found = balances(conn)?;
    found.extend(pieces::strayed(conn)?);
    found.extend(pieces::missing(conn)?);
    found.extend(pieces::uncounted(conn)?);
    found.extend(pieces::in_other_lifts(conn)?);
    found.extend(pieces::wrongly_promised(conn)?);
    found.extend(lots::differing(conn)?);
    found.extend(lots::not_their_sum(conn)?);
    found.extend(costs::differing(conn)?);
    found.extend(promises::beyond_stock(conn)?);
    found.extend(promises::of_tickets_that_are_over(conn)?);
    found.extend(promises::misplaced(conn)?);
    Ok(found)
}

fn balances(conn: &mut Conn) -> Result<Vec<Difference>, Error> {
    let mut shelves: BTreeMap<Shelf, Sums> = BTreeMap::new();
    let mut add = |rows: Vec<Sum>, into: fn(&mut Sums, i64)| {
        for (part_id, location_id, sum) in rows {
            into(shelves.entry(Shelf { part_id, location_id }).or_default(), sum);
        }
    };
    add(received(conn)?, |s, sum| s.moved += sum);
    add(given(conn)?, |s, sum| s.moved -= sum);
    add(promised(conn)?, |s, sum| s.promised += sum);
    let rows: Vec<(PartId, LocationId, i64, i64)> = stock_balances::table
        .select((
            stock_balances::part_id,
            stock_balances::location_id,
            stock_balances::on_hand,
            stock_balances::reserved,
        ))
        .load(conn)?;
    for (part_id, location_id, on_hand, reserved) in rows {
        let sums = shelves.entry(Shelf { part_id, location_id }).or_default();
        sums.on_hand = on_hand;
        sums.reserved = reserved;
    }
    let differs = |s: &Sums| s.on_hand != s.moved || s.reserved != s.promised;
    Ok(shelves.into_iter().filter(|(_, s)| differs(s)).map(|(shelf, s)| difference(shelf, s)).collect())
}

fn difference(shelf: Shelf, sums: Sums) -> Difference {
    Difference::Balance {
        part_id: shelf.part_id,
        location_id: shelf.location_id,
        on_hand: sums.on_hand,
        on_hand_by_movements: sums.moved,
        reserved: sums.reserved,
        reserved_by_reservations: sums.promised,
    }
}

fn received(conn: &mut Conn) -> Result<Vec<Sum>, Error> {
    Ok(stock_movements::table
        .inner_join(stock_locations::table.on(stock_locations::id.eq(stock_movements::to_location_id)))
        .filter(stock_locations::kind.eq_any(LocationKind::WITH_STOCK))
        .group_by((stock_movements::part_id, stock_movements::to_location_id))
        .select((stock_movements::part_id, stock_movements::to_location_id, sql::<BigInt>(SUM)))
        .load(conn)?)
}

fn given(conn: &mut Conn) -> Result<Vec<Sum>, Error> {
    Ok(stock_movements::table
        .inner_join(stock_locations::table.on(stock_locations::id.eq(stock_movements::from_location_id)))
        .filter(stock_locations::kind.eq_any(LocationKind::WITH_STOCK))
        .group_by((stock_movements::part_id, stock_movements::from_location_id))
        .select((stock_movements::part_id, stock_movements::from_location_id, sql::<BigInt>(SUM)))
        .load(conn)?)
}

fn promised(conn: &mut Conn) -> Result<Vec<Sum>, Error> {
    Ok(reservations::table
        .filter(reservations::status.eq_any(ReservationStatus::LIVE))
        .group_by((reservations::part_id, reservations::location_id))
        .select((reservations::part_id, reservations::location_id, sql::<BigInt>(SUM)))
        .load(conn)?)
}

/// The kinds of places with stock, as SQL.
fn kinds_with_stock() -> String {
    LocationKind::WITH_STOCK.map(|kind| format!("'{kind}'")).join(", ")
}
