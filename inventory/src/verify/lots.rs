//! Lots against their movements, and against the balances that are their sum.

use std::collections::BTreeMap;

use db::schema::{changes, lot_balances, part_lots, stock_balances};
use db::types::{LocationId, PartId};
use db::{Conn, Timestamp};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::{Difference, kinds_with_stock};
use crate::Error;
use crate::balances::Shelf;

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

/// How long the books may take to say that a lot has expired, in minutes: a day, as long as a server may be down.
const LATEST: i64 = 24 * 60;

/// How much the clocks of servers may differ, in minutes.
const SKEW: i64 = 60;

/// Places of which something else is said to have expired than the lots there that have. What time it is the log of
/// what was written says, so that the books of another clock are proven too.
pub(super) fn wrongly_expired(conn: &mut Conn) -> Result<Vec<Difference>, Error> {
    let last: Option<Timestamp> =
        changes::table.order(changes::seq.desc()).select(changes::at).first(conn).optional()?;
    let Some(now) = last else { return Ok(Vec::new()) };
    let mut shelves: BTreeMap<Shelf, (i64, Vec<(Timestamp, i64)>)> = BTreeMap::new();
    let kept: Vec<(PartId, LocationId, i64)> = stock_balances::table
        .select((stock_balances::part_id, stock_balances::location_id, stock_balances::expired))
        .load(conn)?;
    for (part_id, location_id, expired) in kept {
        shelves.entry(Shelf { part_id, location_id }).or_default().0 = expired;
    }
    let over: Vec<(PartId, LocationId, Option<Timestamp>, i64)> = lot_balances::table
        .inner_join(part_lots::table)
        .filter(part_lots::expires_at.le(now.plus_minutes(SKEW)))
        .filter(lot_balances::on_hand.gt(0))
        .order(part_lots::expires_at)
        .select((part_lots::part_id, lot_balances::location_id, part_lots::expires_at, lot_balances::on_hand))
        .load(conn)?;
    for (part_id, location_id, at, on_hand) in over {
        shelves.entry(Shelf { part_id, location_id }).or_default().1.extend(at.map(|at| (at, on_hand)));
    }
    let place = |(shelf, (expired, over)): (Shelf, (i64, Vec<(Timestamp, i64)>))| {
        let by =
            |then: Timestamp| over.iter().filter(|(at, _)| *at <= then).map(|(_, on_hand)| on_hand).sum();
        let since = now.plus_minutes(-LATEST);
        let lately = over.iter().map(|(at, _)| *at).filter(|at| *at > since);
        let said: Vec<i64> = std::iter::once(since).chain(lately).map(by).collect();
        let Shelf { part_id, location_id } = shelf;
        let expired_by_lots = by(now);
        (!said.contains(&expired)).then_some(Difference::Expired {
            part_id,
            location_id,
            expired,
            expired_by_lots,
        })
    };
    Ok(shelves.into_iter().filter_map(place).collect())
}
