//! What lies in a van goes to whoever drives it. What lies in depots is no phone's business.

use std::collections::{HashMap, HashSet};

use db::Conn;
use db::schema::{reservations, stock_balances, stock_locations, sync_feed};
use diesel::prelude::*;
use mobile_sync_wire::Collection;
use serde::Deserialize;

use super::group::{Group, row};
use super::{IDS, News, Tell};

#[derive(Deserialize)]
struct Balance {
    location_id: String,
}

pub(super) fn follow(conn: &mut Conn, group: &Group<'_>, news: &mut Vec<News>) -> Result<(), db::Error> {
    let mut changed: Vec<(&str, String)> = Vec::new();
    for change in group.puts("stock_balances") {
        changed.push((&change.row_id, row::<Balance>(change)?.location_id));
    }
    let places: HashSet<&str> = changed.iter().map(|(_, place)| place.as_str()).collect();
    let drivers = drivers(conn, places.into_iter().collect())?;
    for (id, place) in &changed {
        if let Some(driver) = drivers.get(place) {
            news.push(News::new(driver, Collection::VanStock, id, Tell::Put));
        }
    }
    let moved: Vec<&str> = group.puts("stock_locations").map(|change| change.row_id.as_str()).collect();
    for ids in moved.chunks(IDS) {
        vans(conn, ids, news)?;
        names(conn, ids, news)?;
    }
    Ok(())
}

/// Who drives these vans.
fn drivers(conn: &mut Conn, places: Vec<&str>) -> Result<HashMap<String, String>, db::Error> {
    let mut drivers = HashMap::new();
    for ids in places.chunks(IDS) {
        let found: Vec<(String, Option<String>)> = stock_locations::table
            .filter(stock_locations::id.eq_any(ids))
            .filter(stock_locations::kind.eq("van"))
            .filter(stock_locations::engineer_id.is_not_null())
            .select((stock_locations::id, stock_locations::engineer_id))
            .load(conn)?;
        drivers.extend(found.into_iter().filter_map(|(id, driver)| Some((id, driver?))));
    }
    Ok(drivers)
}

/// Vans that may have another driver now: all that is in them moves with the van.
fn vans(conn: &mut Conn, ids: &[&str], news: &mut Vec<News>) -> Result<(), db::Error> {
    let drivers = drivers(conn, ids.to_vec())?;
    let held: Vec<(String, String, Option<String>)> = stock_balances::table
        .left_join(
            sync_feed::table.on(sync_feed::collection
                .eq(Collection::VanStock.as_str())
                .and(sync_feed::row_id.eq(stock_balances::id))
                .and(sync_feed::op.eq("put"))),
        )
        .filter(stock_balances::location_id.eq_any(ids))
        .select((stock_balances::id, stock_balances::location_id, sync_feed::scope.nullable()))
        .load(conn)?;
    for (id, place, scope) in held {
        let driver = drivers.get(&place);
        if let Some(scope) = scope.filter(|scope| Some(scope) != driver) {
            news.push(News::new(&scope, Collection::VanStock, &id, Tell::Remove));
        }
        if let Some(driver) = driver {
            news.push(News::new(driver, Collection::VanStock, &id, Tell::Put));
        }
    }
    Ok(())
}

/// A reservation shows the name of the place where it lies.
fn names(conn: &mut Conn, ids: &[&str], news: &mut Vec<News>) -> Result<(), db::Error> {
    let found: Vec<(String, String)> = sync_feed::table
        .inner_join(reservations::table.on(reservations::id.eq(sync_feed::row_id)))
        .filter(sync_feed::collection.eq(Collection::Reservations.as_str()))
        .filter(sync_feed::op.eq("put"))
        .filter(reservations::location_id.eq_any(ids))
        .select((sync_feed::scope, sync_feed::row_id))
        .load(conn)?;
    news.extend(found.iter().map(|(scope, id)| News::new(scope, Collection::Reservations, id, Tell::Put)));
    Ok(())
}
