//! What places should have of parts, and what they have. A depot has what is in its bins.

use std::collections::HashMap;

use db::Conn;
use db::schema::{parts, stock_balances, stock_levels, stock_locations};
use db::types::{LocationId, PartId};
use diesel::prelude::*;

use super::check_count;
use super::rows::LIMIT;
use super::sheet::{Cell, Sheet};
use crate::error::Error;

type Level = ((PartId, String, String, String, i32), (LocationId, String, String), (i64, i64, i32));

/// On hand and reserved.
type Has = (i64, i64, i64);

const LEVELS: &[&str] = &[
    "part",
    "part_name",
    "place",
    "place_name",
    "minimum",
    "maximum",
    "lead_days",
    "on_hand",
    "reserved",
    "available",
    "missing",
    "unit",
];

/// All levels, or those below their minimum, by place and part.
pub fn levels(conn: &mut Conn, low_only: bool) -> Result<Sheet, Error> {
    let found: Vec<Level> = stock_levels::table
        .inner_join(parts::table)
        .inner_join(stock_locations::table)
        .order((stock_locations::code, parts::number))
        .limit(LIMIT)
        .select((
            (parts::id, parts::number, parts::name, parts::unit, parts::decimals),
            (stock_locations::id, stock_locations::code, stock_locations::name),
            (stock_levels::minimum, stock_levels::maximum, stock_levels::lead_days),
        ))
        .load(conn)?;
    check_count(found.len())?;
    let has = all_within(conn)?;
    let mut rows = Vec::new();
    for (part, place, (minimum, maximum, lead_days)) in found {
        let (part_id, number, name, unit, decimals) = part;
        let (on_hand, reserved, expired) = has.get(&(part_id, place.0)).copied().unwrap_or_default();
        let available = on_hand - reserved - expired;
        if low_only && available >= minimum {
            continue;
        }
        // What fills it up again, once it is below its minimum.
        let missing = if available < minimum { maximum - available } else { 0 };
        let quantity = |value| Cell::quantity(value, decimals);
        rows.push(vec![
            number.into(),
            name.into(),
            place.1.into(),
            place.2.into(),
            quantity(minimum),
            quantity(maximum),
            Cell::Whole(lead_days.into()),
            quantity(on_hand),
            quantity(reserved),
            quantity(available),
            quantity(missing),
            unit.into(),
        ]);
    }
    Ok(Sheet { columns: LEVELS, rows })
}

/// What each place has of each part that has levels, with what is in it.
fn all_within(conn: &mut Conn) -> Result<HashMap<(PartId, LocationId), Has>, Error> {
    let parents: HashMap<LocationId, LocationId> = stock_locations::table
        .select((stock_locations::id, stock_locations::parent_id))
        .load::<(LocationId, Option<LocationId>)>(conn)?
        .into_iter()
        .filter_map(|(id, parent)| Some((id, parent?)))
        .collect();
    let balances: Vec<(PartId, LocationId, i64, i64, i64)> = stock_balances::table
        .filter(stock_balances::part_id.eq_any(stock_levels::table.select(stock_levels::part_id)))
        .select((
            stock_balances::part_id,
            stock_balances::location_id,
            stock_balances::on_hand,
            stock_balances::reserved,
            stock_balances::expired,
        ))
        .load(conn)?;
    let mut has: HashMap<(PartId, LocationId), Has> = HashMap::new();
    for (part_id, location_id, on_hand, reserved, expired) in balances {
        // Places are eight deep at most.
        let mut at = Some(location_id);
        for _ in 0..8 {
            let Some(place) = at else { break };
            let sums = has.entry((part_id, place)).or_default();
            *sums = (sums.0 + on_hand, sums.1 + reserved, sums.2 + expired);
            at = parents.get(&place).copied();
        }
    }
    Ok(has)
}
