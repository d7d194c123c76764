//! The proof: every balance recomputed from movements and live reservations, by queries that share nothing with the
//! code that keeps them.

use std::collections::BTreeMap;

use db::Conn;
use db::schema::{reservations, stock_balances, stock_locations, stock_movements};
use db::types::{LocationId, PartId};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use serde::Serialize;

use crate::balances::Shelf;
use crate::{Error, LocationKind, ReservationStatus};

/// A balance that is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Of what.
    pub part_id: PartId,
    /// Where.
    pub location_id: LocationId,
    /// What the balance says.
    pub on_hand: i64,
    /// What the movements sum to.
    pub on_hand_by_movements: i64,
    /// What the balance says.
    pub reserved: i64,
    /// What live reservations sum to.
    pub reserved_by_reservations: i64,
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

/// Recomputes all balances and returns those that differ, in order of part and place. Run it within one read, which
/// sees one state.
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
    Ok(shelves.into_iter().filter(|(_, s)| differs(s)).map(|(shelf, s)| difference(shelf, s)).collect())
}

fn difference(shelf: Shelf, sums: Sums) -> Difference {
    Difference {
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
