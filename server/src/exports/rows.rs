//! Parts, stock and movements as rows.

use std::collections::HashMap;

use db::schema::{part_lots, part_serials, parts, stock_balances, stock_locations, stock_movements, tickets};
use db::types::{LocationId, LotId, SerialId};
use db::{Conn, Timestamp};
use diesel::prelude::*;
use inventory::{Part, StockMovement};

use super::sheet::{Cell, Sheet};
use super::{MOST_ROWS, check_count};
use crate::error::Error;

/// One more than may be, to see that there are more.
pub const LIMIT: i64 = MOST_ROWS as i64 + 1;

/// Values in one `IN (…)`.
const IN_LIST: usize = 10_000;

/// The catalogue, in columns that the import of parts knows.
pub fn parts(conn: &mut Conn) -> Result<Sheet, Error> {
    let found: Vec<Part> = parts::table.order(parts::number).limit(LIMIT).load(conn)?;
    check_count(found.len())?;
    let row = |part: Part| {
        vec![
            part.number.into(),
            part.name.into(),
            part.name_zh.into(),
            part.unit.into(),
            Cell::Whole(part.decimals.into()),
            Cell::micros(part.unit_price_micros),
            part.currency.into(),
            part.tracking.as_str().into(),
            Cell::Flag(part.returnable),
            Cell::Whole(part.warranty_days.into()),
            Cell::Flag(part.active),
        ]
    };
    Ok(Sheet { columns: PARTS, rows: found.into_iter().map(row).collect() })
}

const PARTS: &[&str] = &[
    "number",
    "name",
    "name_zh",
    "unit",
    "decimals",
    "unit_price",
    "currency",
    "tracking",
    "returnable",
    "warranty_days",
    "active",
];

type Balance =
    ((String, String, String, String, i32), (String, String, inventory::LocationKind), i64, i64, i64);

/// What is where, by part and place.
pub fn stock(conn: &mut Conn) -> Result<Sheet, Error> {
    let found: Vec<Balance> = stock_balances::table
        .inner_join(parts::table)
        .inner_join(stock_locations::table)
        .order((parts::number, stock_locations::code))
        .limit(LIMIT)
        .select((
            (parts::number, parts::name, parts::name_zh, parts::unit, parts::decimals),
            (stock_locations::code, stock_locations::name, stock_locations::kind),
            stock_balances::on_hand,
            stock_balances::reserved,
            stock_balances::expired,
        ))
        .load(conn)?;
    check_count(found.len())?;
    let row = |(part, place, on_hand, reserved, expired): Balance| {
        let (number, name, name_zh, unit, decimals) = part;
        let quantity = |value| Cell::quantity(value, decimals);
        vec![
            number.into(),
            name.into(),
            name_zh.into(),
            place.0.into(),
            place.1.into(),
            place.2.as_str().into(),
            quantity(on_hand),
            quantity(reserved),
            quantity(on_hand - reserved - expired),
            quantity(expired),
            unit.into(),
        ]
    };
    Ok(Sheet { columns: STOCK, rows: found.into_iter().map(row).collect() })
}

const STOCK: &[&str] = &[
    "part",
    "part_name",
    "part_name_zh",
    "place",
    "place_name",
    "place_kind",
    "on_hand",
    "reserved",
    "available",
    "expired",
    "unit",
];

type Moved = (StockMovement, (String, String, i32), Option<i64>);

/// What moved in a time, the newest first.
pub fn movements(conn: &mut Conn, (from, until): (Timestamp, Timestamp)) -> Result<Sheet, Error> {
    let found: Vec<Moved> = stock_movements::table
        .inner_join(parts::table)
        .left_join(tickets::table)
        .filter(stock_movements::at.ge(from).and(stock_movements::at.lt(until)))
        .order(stock_movements::id.desc())
        .limit(LIMIT)
        .select((
            stock_movements::all_columns,
            (parts::number, parts::unit, parts::decimals),
            tickets::number.nullable(),
        ))
        .load(conn)?;
    check_count(found.len())?;
    let places: HashMap<LocationId, String> = stock_locations::table
        .select((stock_locations::id, stock_locations::code))
        .load::<(LocationId, String)>(conn)?
        .into_iter()
        .collect();
    let serials = serials(conn, &found)?;
    let lots = lots(conn, &found)?;
    let place = |id: &LocationId| Cell::from(places.get(id).map_or("", String::as_str));
    let row = |(moved, (part, unit, decimals), ticket): &Moved| {
        let serial = moved.serial_id.and_then(|id| serials.get(&id));
        let lot = moved.lot_id.and_then(|id| lots.get(&id));
        vec![
            Cell::instant(moved.at),
            moved.kind.as_str().into(),
            part.as_str().into(),
            Cell::quantity(moved.quantity, *decimals),
            unit.as_str().into(),
            place(&moved.from_location_id),
            place(&moved.to_location_id),
            serial.map_or(Cell::Empty, |number| number.as_str().into()),
            lot.map_or(Cell::Empty, |number| number.as_str().into()),
            ticket.map_or(Cell::Empty, Cell::Whole),
            moved.unit_cost_micros.map_or(Cell::Empty, Cell::micros),
            moved.currency.as_str().into(),
            Cell::Flag(moved.under_warranty),
            moved.actor.as_str().into(),
            moved.note.as_str().into(),
        ]
    };
    Ok(Sheet { columns: MOVEMENTS, rows: found.iter().map(row).collect() })
}

const MOVEMENTS: &[&str] = &[
    "at",
    "kind",
    "part",
    "quantity",
    "unit",
    "from",
    "to",
    "serial",
    "lot",
    "ticket",
    "unit_cost",
    "currency",
    "under_warranty",
    "actor",
    "note",
];

fn serials(conn: &mut Conn, moved: &[Moved]) -> Result<HashMap<SerialId, String>, Error> {
    let ids: Vec<SerialId> = moved.iter().filter_map(|row| row.0.serial_id).collect();
    let mut found = HashMap::new();
    for ids in ids.chunks(IN_LIST) {
        let some: Vec<(SerialId, String)> = part_serials::table
            .filter(part_serials::id.eq_any(ids))
            .select((part_serials::id, part_serials::number))
            .load(conn)?;
        found.extend(some);
    }
    Ok(found)
}

fn lots(conn: &mut Conn, moved: &[Moved]) -> Result<HashMap<LotId, String>, Error> {
    let ids: Vec<LotId> = moved.iter().filter_map(|row| row.0.lot_id).collect();
    let mut found = HashMap::new();
    for ids in ids.chunks(IN_LIST) {
        let some: Vec<(LotId, String)> = part_lots::table
            .filter(part_lots::id.eq_any(ids))
            .select((part_lots::id, part_lots::number))
            .load(conn)?;
        found.extend(some);
    }
    Ok(found)
}
