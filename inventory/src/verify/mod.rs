//! The proof: every balance recomputed from movements and live reservations, the place of every piece from its last
//! movement, and whatever else follows from something, by queries that share nothing with the code that keeps them.

mod costs;
mod display;
mod lots;
mod orders;
mod pieces;
mod promises;
mod put_backs;
mod said;

use std::collections::BTreeMap;

use db::Conn;
use db::schema::{reservations, stock_balances, stock_locations, stock_movements};
use db::types::{
    AssetId, LocationId, MovementId, OrderLineId, PartId, PurchaseOrderId, ReservationId, SerialId, TicketId,
};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use serde::Serialize;

use crate::balances::Shelf;
use crate::orders::OrderStatus;
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
    /// A place of which something else is said to have expired than its lots have.
    Expired {
        /// Of what.
        part_id: PartId,
        /// Where.
        location_id: LocationId,
        /// What the balance says.
        expired: i64,
        /// What its lots come to that have expired by now.
        expired_by_lots: i64,
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
    /// What an engineer says he used of a part on a ticket is not what left his van for it.
    Usage {
        /// On which ticket.
        ticket_id: TicketId,
        /// Of what.
        part_id: PartId,
        /// What he says.
        said: i64,
        /// What moved.
        moved: i64,
    },
    /// What was graded of the old parts of a ticket is not what came out of its lift.
    Graded {
        /// Of which ticket.
        ticket_id: TicketId,
        /// Of what.
        part_id: PartId,
        /// What was graded.
        graded: i64,
        /// What moved.
        moved: i64,
    },
    /// A movement that takes one back, and does not say which, or is not its mirror.
    TakenBack {
        /// Which movement.
        movement_id: MovementId,
    },
    /// A line of an order on which something else has come than it says.
    OrderLine {
        /// Which line.
        line_id: OrderLineId,
        /// What it says.
        received: i64,
        /// What the movements that name it sum to.
        received_by_movements: i64,
    },
    /// An order that is not as far as it says.
    OrderStatus {
        /// Which order.
        order_id: PurchaseOrderId,
        /// What it says.
        status: OrderStatus,
        /// What its lines come to.
        status_by_lines: OrderStatus,
    },
    /// A line of an order on which another part has come than it says.
    OrderPart {
        /// Which line.
        line_id: OrderLineId,
        /// What it says.
        part_id: PartId,
        /// What a movement that names it says.
        part_by_movements: PartId,
    },
    /// The tray got something else of a reservation than was given up.
    PutBack {
        /// Of which reservation.
        reservation_id: ReservationId,
        /// What it had when it was given up.
        given_up: i64,
        /// What is noted, put back or not.
        noted: i64,
    },
    /// Goods to be put back that were noted, and are not there any more.
    PutBackGone {
        /// Which row.
        put_back_id: String,
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
/// promises, places, orders and the tray. Run it within one read, which sees one state.
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
    found.extend(lots::wrongly_expired(conn)?);
    found.extend(costs::differing(conn)?);
    found.extend(promises::beyond_stock(conn)?);
    found.extend(promises::of_tickets_that_are_over(conn)?);
    found.extend(promises::misplaced(conn)?);
    found.extend(said::used(conn)?);
    found.extend(said::graded(conn)?);
    found.extend(said::taken_back(conn)?);
    found.extend(orders::differing_lines(conn)?);
    found.extend(orders::of_other_parts(conn)?);
    found.extend(orders::differing_orders(conn)?);
    found.extend(put_backs::differing(conn)?);
    found.extend(put_backs::gone(conn)?);
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
