//! Pieces against their movements, and against the balances that count them.

use std::collections::BTreeSet;

use db::Conn;
use db::schema::part_usage;
use db::types::{AssetId, LocationId, PartId, ReservationId, SerialId};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use super::{Difference, kinds_with_stock};
use crate::{Error, locations, pieces};

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
pub(super) fn strayed(conn: &mut Conn) -> Result<Vec<Difference>, Error> {
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

#[derive(QueryableByName)]
struct Missing {
    #[diesel(sql_type = Text)]
    part_id: PartId,
    #[diesel(sql_type = Text)]
    serial_id: SerialId,
}

/// Pieces that moved and of which there is no row.
pub(super) fn missing(conn: &mut Conn) -> Result<Vec<Difference>, Error> {
    let sql = "SELECT DISTINCT m.part_id, m.serial_id FROM stock_movements m
         LEFT JOIN part_serials s ON s.id = m.serial_id
         WHERE m.serial_id IS NOT NULL AND s.id IS NULL ORDER BY m.part_id, m.serial_id";
    let found: Vec<Missing> = diesel::sql_query(sql).load(conn)?;
    let piece = |Missing { part_id, serial_id }| Difference::PieceMissing { part_id, serial_id };
    Ok(found.into_iter().map(piece).collect())
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = Text)]
    part_id: PartId,
    #[diesel(sql_type = Text)]
    location_id: LocationId,
    #[diesel(sql_type = BigInt)]
    pieces: i64,
    #[diesel(sql_type = BigInt)]
    on_hand: i64,
    #[diesel(sql_type = BigInt)]
    explained: i64,
}

/// Places where there are not as many pieces as the balance says. What engineers used, or found defective, without a
/// number that the books had there explains a difference until somebody counts; so does what that count then booked.
pub(super) fn uncounted(conn: &mut Conn) -> Result<Vec<Difference>, Error> {
    let kinds = kinds_with_stock();
    let without_piece = "serial_id IS NULL
        AND (kind = 'adjust' OR (kind IN ('install', 'reject') AND ticket_id IS NOT NULL))";
    let sql = format!(
        "SELECT sums.part_id, sums.location_id, CAST(SUM(pieces) AS BIGINT) AS pieces,
           CAST(SUM(on_hand) AS BIGINT) AS on_hand, CAST(SUM(explained) AS BIGINT) AS explained
         FROM (
           SELECT part_id, location_id, 1 AS pieces, 0 AS on_hand, 0 AS explained FROM part_serials
           UNION ALL SELECT part_id, location_id, 0, on_hand, 0 FROM stock_balances
           UNION ALL SELECT part_id, to_location_id, 0, 0, quantity FROM stock_movements WHERE {without_piece}
           UNION ALL SELECT part_id, from_location_id, 0, 0, -quantity FROM stock_movements WHERE {without_piece}
           UNION ALL SELECT m.part_id, m.from_location_id, 0, 0, -m.quantity FROM stock_movements m
             WHERE m.serial_id IS NOT NULL AND m.kind IN ('install', 'reject') AND m.ticket_id IS NOT NULL
               AND COALESCE((SELECT l.kind FROM stock_movements b
                 JOIN stock_locations l ON l.id = b.to_location_id
                 WHERE b.serial_id = m.serial_id AND b.id < m.id ORDER BY b.id DESC LIMIT 1), '') NOT IN ({kinds})
         ) AS sums
         JOIN parts p ON p.id = sums.part_id JOIN stock_locations l ON l.id = sums.location_id
         WHERE p.tracking = 'serial' AND l.kind IN ({kinds})
         GROUP BY sums.part_id, sums.location_id HAVING SUM(pieces) + SUM(explained) <> SUM(on_hand)
         ORDER BY sums.part_id, sums.location_id"
    );
    let found: Vec<Counted> = diesel::sql_query(sql).load(conn)?;
    let place = |Counted { part_id, location_id, pieces, on_hand, explained }| Difference::Pieces {
        part_id,
        location_id,
        pieces,
        on_hand,
        explained,
    };
    Ok(found.into_iter().map(place).collect())
}

#[derive(QueryableByName)]
struct BuiltIn {
    #[diesel(sql_type = Text)]
    part_id: PartId,
    #[diesel(sql_type = Text)]
    number: String,
    #[diesel(sql_type = Nullable<Text>)]
    asset_id: Option<AssetId>,
    #[diesel(sql_type = Nullable<Text>)]
    went: Option<AssetId>,
}

/// Pieces that are in another lift than their last movement says. Coming out is no movement, since nothing is in stock
/// before somebody has graded it, but what an engineer said when he used another.
pub(super) fn in_other_lifts(conn: &mut Conn) -> Result<Vec<Difference>, Error> {
    let sql = "SELECT part_id, number, asset_id, went FROM (
           SELECT s.part_id, s.number, s.asset_id, (SELECT CASE WHEN m.kind = 'install' THEN m.asset_id END
             FROM stock_movements m WHERE m.serial_id = s.id ORDER BY m.id DESC LIMIT 1) AS went
           FROM part_serials s) AS lifts
         WHERE COALESCE(asset_id, '') <> COALESCE(went, '') ORDER BY part_id, number";
    let found: Vec<BuiltIn> = diesel::sql_query(sql).load(conn)?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let removed: Vec<(PartId, String)> = part_usage::table
        .filter(part_usage::removed_serial.ne(""))
        .select((part_usage::part_id, part_usage::removed_serial))
        .load(conn)?;
    let removed: BTreeSet<(PartId, String)> =
        removed.into_iter().map(|(part_id, number)| (part_id, pieces::plain_number(&number))).collect();
    let came_out = |piece: &BuiltIn| {
        piece.asset_id.is_none() && removed.contains(&(piece.part_id, piece.number.clone()))
    };
    let lift = |BuiltIn { part_id, number, asset_id, went }| Difference::PieceAsset {
        part_id,
        number,
        asset_id,
        asset_by_movements: went,
    };
    Ok(found.into_iter().filter(|piece| !came_out(piece)).map(lift).collect())
}

#[derive(QueryableByName)]
struct Promised {
    #[diesel(sql_type = Text)]
    part_id: PartId,
    #[diesel(sql_type = Text)]
    number: String,
    #[diesel(sql_type = Text)]
    reservation_id: ReservationId,
}

#[derive(QueryableByName)]
struct Picked {
    #[diesel(sql_type = Text)]
    reservation_id: ReservationId,
    #[diesel(sql_type = BigInt)]
    pieces: i64,
    #[diesel(sql_type = BigInt)]
    quantity: i64,
}

/// Pieces of reservations that have nothing there to promise, and reservations with more pieces than they hold.
pub(super) fn wrongly_promised(conn: &mut Conn) -> Result<Vec<Difference>, Error> {
    let sql = "SELECT s.part_id, s.number, s.reservation_id FROM part_serials s
         LEFT JOIN reservations r ON r.id = s.reservation_id AND r.part_id = s.part_id
           AND r.location_id = s.location_id AND r.status IN ('picked', 'handed_over')
         WHERE s.reservation_id IS NOT NULL AND r.id IS NULL ORDER BY s.part_id, s.number";
    let strays: Vec<Promised> = diesel::sql_query(sql).load(conn)?;
    let sql = "SELECT r.id AS reservation_id, COUNT(*) AS pieces, r.quantity FROM part_serials s
         JOIN reservations r ON r.id = s.reservation_id
         GROUP BY r.id, r.quantity HAVING COUNT(*) > r.quantity ORDER BY r.id";
    let surplus: Vec<Picked> = diesel::sql_query(sql).load(conn)?;
    let stray = |Promised { part_id, number, reservation_id }| Difference::PiecePromise {
        part_id,
        number,
        reservation_id,
    };
    let too_many = |Picked { reservation_id, pieces, quantity }| Difference::PickedTooMany {
        reservation_id,
        pieces,
        quantity,
    };
    Ok(strays.into_iter().map(stray).chain(surplus.into_iter().map(too_many)).collect())
}
