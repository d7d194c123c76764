//! The proof: every balance recomputed from movements and live reservations, and the place of every piece from its last
//! movement, by queries that share nothing with the code that keeps them.

use std::collections::BTreeMap;
use std::fmt;

use db::Conn;
use db::schema::{reservations, stock_balances, stock_locations, stock_movements};
use db::types::{LocationId, PartId};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use serde::Serialize;

use crate::balances::Shelf;
use crate::{Error, LocationKind, ReservationStatus, locations};

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
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Balance {
                part_id,
                location_id,
                on_hand,
                on_hand_by_movements,
                reserved,
                reserved_by_reservations,
            } => write!(
                f,
                "part {part_id} at {location_id}: on hand {on_hand}, movements sum to {on_hand_by_movements}; \
                 reserved {reserved}, reservations sum to {reserved_by_reservations}"
            ),
            Self::Piece { part_id, number, location_id, location_by_movements } => write!(
                f,
                "piece {number} of part {part_id}: at {location_id}, its last movement went to \
                 {location_by_movements}"
            ),
        }
    }
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

/// Recomputes all balances and the places of all pieces, and returns what differs: balances in order of part and place,
/// then pieces in order of part and number. Run it within one read, which sees one state.
pub fn verify(conn: &mut Conn) -> Result<Vec<Difference>, Error> {
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
    let balances = shelves.into_iter().filter(|(_, s)| differs(s)).map(|(shelf, s)| difference(shelf, s));
    Ok(balances.chain(strayed(conn)?).collect())
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

#[derive(QueryableByName)]
struct Whereabouts {
    #[diesel(sql_type = Text)]
    part_id: PartId,
    #[diesel(sql_type = Text)]
    number: String,
    #[diesel(sql_type = Text)]
    location_id: LocationId,
    #[diesel(sql_type = Text)]
    went: LocationId,
}

/// Pieces that are elsewhere than their last movement went. One that never moved was taken out of a lift.
fn strayed(conn: &mut Conn) -> Result<Vec<Difference>, Error> {
    let sql = format!(
        "SELECT part_id, number, location_id, went FROM (
           SELECT s.part_id, s.number, s.location_id, COALESCE((SELECT m.to_location_id FROM stock_movements m
             WHERE m.serial_id = s.id ORDER BY m.id DESC LIMIT 1), '{}') AS went
           FROM part_serials s) AS whereabouts
         WHERE location_id <> went ORDER BY part_id, number",
        locations::installed()
    );
    let found: Vec<Whereabouts> = diesel::sql_query(sql).load(conn)?;
    let piece = |Whereabouts { part_id, number, location_id, went }| Difference::Piece {
        part_id,
        number,
        location_id,
        location_by_movements: went,
    };
    Ok(found.into_iter().map(piece).collect())
}
