//! What places used, day by day.

use std::collections::BTreeMap;

use db::types::{LocationId, PartId};
use db::{Conn, Timestamp};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::chain;
use crate::levels::Place;
use crate::{Error, LocationKind, MovementKind};

const DAY_MS: i64 = 86_400_000;

/// What moved on one day of the world's clock between two places.
#[derive(QueryableByName)]
struct Moved {
    #[diesel(sql_type = Text)]
    part_id: PartId,
    #[diesel(sql_type = Text)]
    from_location_id: LocationId,
    #[diesel(sql_type = Text)]
    to_location_id: LocationId,
    #[diesel(sql_type = Text)]
    kind: MovementKind,
    #[diesel(sql_type = BigInt)]
    day: i64,
    #[diesel(sql_type = BigInt)]
    quantity: i64,
}

/// Summed up by the database, since a year has more movements than anybody wants to carry. As text, because the query
/// builder cannot group by a day; the bounds are numbers of ours.
fn moved(conn: &mut Conn, since_ms: i64, until_ms: i64) -> Result<Vec<Moved>, Error> {
    let sql = format!(
        "SELECT part_id, from_location_id, to_location_id, kind, at / {DAY_MS} AS day,
           CAST(SUM(quantity) AS BIGINT) AS quantity
         FROM stock_movements
         WHERE at >= {since_ms} AND at < {until_ms}
           AND kind IN ('install', 'reject', 'issue', 'return', 'transfer')
         GROUP BY part_id, from_location_id, to_location_id, kind, at / {DAY_MS}"
    );
    Ok(diesel::sql_query(sql).load(conn)?)
}

/// What each part's places used on each of the last `days` days on which they used any.
pub(super) fn by_day(
    conn: &mut Conn,
    places: &BTreeMap<LocationId, Place>,
    now: Timestamp,
    days: i32,
) -> Result<BTreeMap<PartId, BTreeMap<LocationId, Vec<i64>>>, Error> {
    let today_ms = now.millis() / DAY_MS * DAY_MS;
    let rows = moved(conn, today_ms - i64::from(days) * DAY_MS, today_ms)?;
    let mut daily: BTreeMap<(PartId, LocationId, i64), i64> = BTreeMap::new();
    for row in rows {
        let ends = (row.from_location_id, row.to_location_id);
        for (place, used) in uses(places, ends, row.kind, row.quantity) {
            *daily.entry((row.part_id, place, row.day)).or_default() += used;
        }
    }
    let mut found: BTreeMap<PartId, BTreeMap<LocationId, Vec<i64>>> = BTreeMap::new();
    // On a day on which more came back than went out, nothing was used.
    for ((part_id, place, _), used) in daily.into_iter().filter(|(_, used)| *used > 0) {
        found.entry(part_id).or_default().entry(place).or_default().push(used);
    }
    Ok(found)
}

/// Which places used how much by a movement; less than nothing for what came back.
fn uses(
    places: &BTreeMap<LocationId, Place>,
    (from, to): (LocationId, LocationId),
    kind: MovementKind,
    quantity: i64,
) -> Vec<(LocationId, i64)> {
    let is_van = |id: &LocationId| places.get(id).is_some_and(|place| place.kind == LocationKind::Van);
    match (is_van(&from), is_van(&to)) {
        // Out of the van for good: into a lift, or found unfit.
        (true, _) if matches!(kind, MovementKind::Install | MovementKind::Reject) => vec![(from, quantity)],
        (false, true) => shop(places, from).map(|place| (place, quantity)).into_iter().collect(),
        (true, false) => shop(places, to).map(|place| (place, -quantity)).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// The depot that a place is, or is in: it is the depot that orders.
fn shop(places: &BTreeMap<LocationId, Place>, id: LocationId) -> Option<LocationId> {
    chain(places, id).last().copied()
}
