//! Lots against their movements, and against the balances that are their sum.

use db::Conn;
use db::types::{LocationId, PartId};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::{Difference, kinds_with_stock};
use crate::Error;

#[derive(QueryableByName)]
struct OfLot {
    #[diesel(sql_type = Text)]
    part_id: PartId,
    #[diesel(sql_type = Text)]
    number: String,
    #[diesel(sql_type = Text)]
    location_id: LocationId,
    #[diesel(sql_type = BigInt)]
    on_hand: i64,
    #[diesel(sql_type = BigInt)]
    moved: i64,
}

/// Lots of which a place has something else than what moved. What moved without a lot is of the nameless one.
pub(super) fn differing(conn: &mut Conn) -> Result<Vec<Difference>, Error> {
    let kinds = kinds_with_stock();
    let moved = |place: &str, sign: &str| {
        format!(
            "SELECT m.part_id, COALESCE(o.number, '') AS number, m.{place} AS location_id, 0 AS on_hand,
               {sign}m.quantity AS moved
             FROM stock_movements m LEFT JOIN part_lots o ON o.id = m.lot_id"
        )
    };
    let sql = format!(
        "SELECT sums.part_id, sums.number, location_id, CAST(SUM(on_hand) AS BIGINT) AS on_hand,
           CAST(SUM(moved) AS BIGINT) AS moved
         FROM ({} UNION ALL {}
           UNION ALL SELECT o.part_id, o.number, b.location_id, b.on_hand, 0
             FROM lot_balances b JOIN part_lots o ON o.id = b.lot_id) AS sums
         JOIN parts p ON p.id = sums.part_id JOIN stock_locations l ON l.id = location_id
         WHERE p.tracking = 'lot' AND l.kind IN ({kinds})
         GROUP BY sums.part_id, sums.number, location_id HAVING SUM(on_hand) <> SUM(moved)
         ORDER BY sums.part_id, sums.number, location_id",
        moved("to_location_id", ""),
        moved("from_location_id", "-"),
    );
    let found: Vec<OfLot> = diesel::sql_query(sql).load(conn)?;
    let lot = |OfLot { part_id, number, location_id, on_hand, moved }| Difference::Lot {
        part_id,
        number,
        location_id,
        on_hand,
        on_hand_by_movements: moved,
    };
    Ok(found.into_iter().map(lot).collect())
}

#[derive(QueryableByName)]
struct Sum {
    #[diesel(sql_type = Text)]
    part_id: PartId,
    #[diesel(sql_type = Text)]
    location_id: LocationId,
    #[diesel(sql_type = BigInt)]
    on_hand: i64,
    #[diesel(sql_type = BigInt)]
    lots: i64,
}

/// Places whose lots do not sum to the balance of their part.
pub(super) fn not_their_sum(conn: &mut Conn) -> Result<Vec<Difference>, Error> {
    let sql = "SELECT sums.part_id, location_id, CAST(SUM(on_hand) AS BIGINT) AS on_hand,
           CAST(SUM(lots) AS BIGINT) AS lots
         FROM (SELECT part_id, location_id, on_hand, 0 AS lots FROM stock_balances
           UNION ALL SELECT o.part_id, b.location_id, 0, b.on_hand
             FROM lot_balances b JOIN part_lots o ON o.id = b.lot_id) AS sums
         JOIN parts p ON p.id = sums.part_id WHERE p.tracking = 'lot'
         GROUP BY sums.part_id, location_id HAVING SUM(on_hand) <> SUM(lots)
         ORDER BY sums.part_id, location_id";
    let found: Vec<Sum> = diesel::sql_query(sql).load(conn)?;
    let place = |Sum { part_id, location_id, on_hand, lots }| Difference::Lots {
        part_id,
        location_id,
        on_hand,
        lots,
    };
    Ok(found.into_iter().map(place).collect())
}
