//! Whether anything was promised twice, asked in plain SQL when all is over.

use db::each_backend;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::BigInt;

use crate::client::Promised;
use crate::shared::place::Place;

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// What must not be there: each counts to nothing.
const NEVER: [(&str, &str); 3] = [
    (
        "shelves of which more is promised than is there",
        "SELECT COUNT(*) AS n FROM stock_balances WHERE reserved > on_hand OR reserved < 0",
    ),
    (
        "shelves whose promises are not the sum of their reservations",
        "SELECT COUNT(*) AS n FROM stock_balances b LEFT JOIN (
           SELECT part_id, location_id, SUM(quantity) AS promised FROM reservations
           WHERE status IN ('held', 'picked', 'handed_over') GROUP BY part_id, location_id
         ) r ON r.part_id = b.part_id AND r.location_id = b.location_id
         WHERE b.reserved <> COALESCE(r.promised, 0)",
    ),
    (
        "needs for which more is reserved than is needed, which is one",
        "SELECT COUNT(*) AS n FROM (
           SELECT 1 AS one FROM reservations WHERE status = 'held' GROUP BY ticket_id, part_id HAVING SUM(quantity) > 1
         ) AS twice",
    ),
];

/// Compares the books with each other, and with what the clients were told.
pub fn check(place: &Place, promised: &Promised) -> anyhow::Result<()> {
    let mut conn = place.raw();
    let mut number = |sql: &str| -> anyhow::Result<i64> {
        let found: Number = each_backend!(&mut conn, |c| sql_query(sql).get_result(c))?;
        Ok(found.n)
    };
    for (what, sql) in NEVER {
        let count = number(sql)?;
        anyhow::ensure!(count == 0, "{count} {what}");
    }
    let rows = number("SELECT COUNT(*) AS n FROM reservations WHERE status = 'held'")?;
    let sum =
        "SELECT CAST(COALESCE(SUM(quantity), 0) AS BIGINT) AS n FROM reservations WHERE status = 'held'";
    let quantity = number(sum)?;
    let told = (i64::try_from(promised.reservations)?, promised.quantity);
    anyhow::ensure!(
        (rows, quantity) == told,
        "{rows} reservations of {quantity} in the books, {told:?} told"
    );
    println!(
        "  nothing promised twice: {rows} reservations; {} times a part was out of stock",
        promised.shortages
    );
    Ok(())
}
