//! What people said against what moved: what engineers used, what old parts were graded to, and what was taken back.

use db::Conn;
use db::schema::stock_movements;
use db::types::{MovementId, PartId, TicketId};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::Difference;
use crate::ledger::StockMovement;
use crate::{Error, MovementKind, locations};

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    ticket_id: TicketId,
    #[diesel(sql_type = Text)]
    part_id: PartId,
    #[diesel(sql_type = BigInt)]
    said: i64,
    #[diesel(sql_type = BigInt)]
    moved: i64,
}

/// Where both halves of a ticket's parts are not the same: what was said, and what moved.
fn unlike(conn: &mut Conn, said: &str, moved: &str) -> Result<Vec<Row>, Error> {
    let sql = format!(
        "SELECT ticket_id, part_id, CAST(SUM(said) AS BIGINT) AS said, CAST(SUM(moved) AS BIGINT) AS moved
         FROM (SELECT ticket_id, part_id, quantity AS said, 0 AS moved FROM {said}
               UNION ALL
               SELECT ticket_id, part_id, 0, quantity FROM stock_movements WHERE {moved}) AS entries
         GROUP BY ticket_id, part_id
         HAVING SUM(said) <> SUM(moved)
         ORDER BY ticket_id, part_id"
    );
    Ok(diesel::sql_query(sql).load(conn)?)
}

/// What an engineer says he used or found unfit has left his van, and nothing else has.
pub(super) fn used(conn: &mut Conn) -> Result<Vec<Difference>, Error> {
    let rows = unlike(
        conn,
        "part_usage WHERE outcome IN ('used', 'defective')",
        "kind IN ('install', 'reject') AND ticket_id IS NOT NULL",
    )?;
    let usage = |row: Row| Difference::Usage {
        ticket_id: row.ticket_id,
        part_id: row.part_id,
        said: row.said,
        moved: row.moved,
    };
    Ok(rows.into_iter().map(usage).collect())
}

/// What came out of a lift has left it when it was graded, and not before.
pub(super) fn graded(conn: &mut Conn) -> Result<Vec<Difference>, Error> {
    let out = format!(
        "kind IN ('return', 'scrap') AND ticket_id IS NOT NULL AND from_location_id = '{}'",
        locations::installed()
    );
    let rows = unlike(conn, "used_part_returns WHERE status = 'graded'", &out)?;
    let graded = |row: Row| Difference::Graded {
        ticket_id: row.ticket_id,
        part_id: row.part_id,
        graded: row.said,
        moved: row.moved,
    };
    Ok(rows.into_iter().map(graded).collect())
}

/// Movements that take something back and do not say what, or say something that they are not the mirror of. Goods go
/// back to a supplier, and come out of scrap, in no other way; of a transfer it cannot be told.
pub(super) fn taken_back(conn: &mut Conn) -> Result<Vec<Difference>, Error> {
    let supplier = stock_movements::kind
        .eq(MovementKind::Receive)
        .and(stock_movements::to_location_id.eq(locations::supplier()));
    let scrap = stock_movements::kind
        .eq(MovementKind::Scrap)
        .and(stock_movements::from_location_id.eq(locations::scrap()));
    let silent: Vec<MovementId> = stock_movements::table
        .filter(stock_movements::reverses_id.is_null())
        .filter(supplier.or(scrap))
        .order(stock_movements::id)
        .select(stock_movements::id)
        .load(conn)?;
    let first = diesel::alias!(stock_movements as first);
    let pairs: Vec<(StockMovement, StockMovement)> = stock_movements::table
        .inner_join(first.on(first.field(stock_movements::id).nullable().eq(stock_movements::reverses_id)))
        .order(stock_movements::id)
        .select((stock_movements::all_columns, first.fields(stock_movements::all_columns)))
        .load(conn)?;
    let mut seen = std::collections::BTreeSet::new();
    let wrong = pairs.into_iter().filter(|(back, done)| {
        let mirrors = (back.part_id, back.quantity, back.from_location_id, back.to_location_id)
            == (done.part_id, done.quantity, done.to_location_id, done.from_location_id);
        !seen.insert(done.id) || !mirrors || done.reverses_id.is_some()
    });
    let wrong: Vec<MovementId> = wrong.map(|(back, _)| back.id).collect();
    Ok(silent.into_iter().chain(wrong).map(|movement_id| Difference::TakenBack { movement_id }).collect())
}
