//! Parts, the own van, and what is held for a ticket.

use db::Conn;
use db::schema::{parts, reservations, stock_balances, stock_locations};
use diesel::prelude::*;
use mobile_sync_wire::docs::{PartDoc, ReservationDoc, VanStockDoc};

use super::{Found, fields, some};

type PartRow = (String, String, String, String, String, i32, String);

/// What `tracking` says of a part of which only the quantity counts.
const BY_QUANTITY: &str = "none";

pub(super) fn parts(conn: &mut Conn, ids: &[String]) -> Result<Found, db::Error> {
    use parts as p;
    let rows: Vec<PartRow> = p::table
        .filter(p::id.eq_any(ids))
        .select((p::id, p::number, p::name, p::name_zh, p::unit, p::decimals, p::tracking))
        .load(conn)?;
    rows.into_iter()
        .map(|(id, number, name, name_zh, unit, decimals, tracking)| {
            let doc = PartDoc {
                id: id.clone(),
                sync_v: 0,
                number,
                name,
                name_zh: some(name_zh),
                unit: some(unit),
                decimals: decimals.into(),
                tracking: Some(tracking).filter(|tracking| tracking != BY_QUANTITY),
            };
            fields(id, &doc)
        })
        .collect()
}

type BalanceRow = (String, Option<String>, String, String, i64, i64);

pub(super) fn van_stock(conn: &mut Conn, ids: &[String]) -> Result<Found, db::Error> {
    use stock_balances as b;
    let rows: Vec<BalanceRow> = b::table
        .inner_join(stock_locations::table.on(stock_locations::id.eq(b::location_id)))
        .filter(b::id.eq_any(ids))
        .select((b::id, stock_locations::engineer_id, b::location_id, b::part_id, b::on_hand, b::reserved))
        .load(conn)?;
    rows.into_iter()
        .map(|(id, driver, location_id, part_id, on_hand, reserved)| {
            let engineer_id = driver.unwrap_or_default();
            let doc = VanStockDoc {
                id: id.clone(),
                sync_v: 0,
                engineer_id,
                location_id,
                part_id,
                on_hand,
                reserved,
            };
            fields(id, &doc)
        })
        .collect()
}

type ReservationRow = (String, String, Option<String>, String, String, String, i64, String, Option<i64>);

pub(super) fn reservations(conn: &mut Conn, ids: &[String]) -> Result<Found, db::Error> {
    use reservations as r;
    let rows: Vec<ReservationRow> = r::table
        .inner_join(stock_locations::table.on(stock_locations::id.eq(r::location_id)))
        .filter(r::id.eq_any(ids))
        .select((
            r::id,
            r::ticket_id,
            r::engineer_id,
            r::part_id,
            r::location_id,
            stock_locations::name,
            r::quantity,
            r::status,
            r::expires_at,
        ))
        .load(conn)?;
    rows.into_iter()
        .map(|(id, ticket_id, engineer_id, part_id, location_id, place, quantity, status, expires_at)| {
            let doc = ReservationDoc {
                id: id.clone(),
                sync_v: 0,
                ticket_id,
                engineer_id,
                part_id,
                location_id: Some(location_id),
                location_name: some(place),
                quantity,
                status,
                expires_at,
            };
            fields(id, &doc)
        })
        .collect()
}
