//! What is low, and what to do about it.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use db::Conn;
use db::schema::{parts, stock_balances, stock_levels, stock_locations};
use db::types::{LocationId, PartId};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::outlook::of_part;
use super::{Fill, Lack, Outlook, Shelves, Stock, StockLevel, Take, added, carry, order};
use crate::{Error, LocationKind};

/// Most rows that [`low`] returns.
pub const MOST_PROPOSALS: usize = 2_000;

/// From where something can be had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Source {
    /// From where.
    pub from_location_id: LocationId,
    /// The place's code.
    pub from_location_code: String,
    /// How much of it.
    pub quantity: i64,
}

/// A place that has too little of a part, and how it can be filled up to its maximum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Proposal {
    /// Of what.
    pub part_id: PartId,
    /// The part's number.
    pub part_number: String,
    /// The part's name.
    pub part_name: String,
    /// Where it lacks.
    pub location_id: LocationId,
    /// The place's code.
    pub location_code: String,
    /// Depot, bin or van.
    pub location_kind: LocationKind,
    /// What is free there, and in its bins.
    pub free: i64,
    /// What should be.
    pub minimum: i64,
    /// Up to what it is filled.
    pub maximum: i64,
    /// How many days an order takes.
    pub lead_days: i32,
    /// To be transferred from these places, none of which falls below its own minimum by it.
    pub transfers: Vec<Source>,
    /// To be ordered: no place can spare it, and it is not on order yet.
    pub order: i64,
    /// What is on order for it, and not for those who wait.
    pub on_order: i64,
    /// The day on which the first of the part is expected, `YYYY-MM-DD`; none if nothing is on order for it.
    #[schema(format = Date)]
    pub expected_on: Option<String>,
}

/// A level, and its part's number and name.
type Row = (StockLevel, String, String);

pub(crate) struct Place {
    pub code: String,
    pub kind: LocationKind,
    pub parent_id: Option<LocationId>,
}

/// All places in use whose stock may be promised.
pub(crate) fn places(conn: &mut Conn) -> Result<BTreeMap<LocationId, Place>, Error> {
    let rows: Vec<(LocationId, String, LocationKind, Option<LocationId>)> = stock_locations::table
        .filter(stock_locations::kind.eq_any(LocationKind::PROMISED_FROM))
        .filter(stock_locations::active.eq(true))
        .select((
            stock_locations::id,
            stock_locations::code,
            stock_locations::kind,
            stock_locations::parent_id,
        ))
        .load(conn)?;
    Ok(rows.into_iter().map(|(id, code, kind, parent_id)| (id, Place { code, kind, parent_id })).collect())
}

/// What is below its minimum, with what to do about it: depots before vans, so that a van is filled with what its depot
/// can spare then. At a place all that is in it is counted, and what is proposed for what is in it: a depot that its
/// bins fill has no line. What to carry is asked of what is free now; what to order, of what will be free when all that
/// is on order has come, so nothing is ordered where enough is on order to come above the minimum. In order of part,
/// then place, bins before their depots.
///
/// # Errors
/// A failure of the database.
pub fn low(conn: &mut Conn) -> Result<Vec<Proposal>, Error> {
    let outlook = Outlook::of_shelves(conn)?;
    low_beside(conn, &outlook)
}

/// The same, with what those who wait will take counted as gone.
pub(crate) fn low_beside(conn: &mut Conn, outlook: &Outlook) -> Result<Vec<Proposal>, Error> {
    let places = places(conn)?;
    let rows: Vec<Row> = stock_levels::table
        .inner_join(parts::table)
        .filter(parts::active.eq(true))
        .order((parts::number, stock_levels::location_id))
        .select((stock_levels::all_columns, parts::number, parts::name))
        .load(conn)?;
    let free = free_of_levels(conn)?;
    let positions = added(&free, &outlook.expected);
    let free = outlook.left(free);
    let mut found = Vec::new();
    let mut rest = rows.as_slice();
    while let Some(first) = rest.first() {
        let here = rest.iter().take_while(|row| row.0.part_id == first.0.part_id).count();
        let (levels, others) = rest.split_at(here);
        let part_id = first.0.part_id;
        let shelves = |stock| {
            let mut free = of_part(stock, part_id);
            free.retain(|place, _| places.contains_key(place));
            shelves(&places, levels, free)
        };
        found.extend(proposals(&places, part_id, levels, &shelves(&free), &shelves(&positions), outlook));
        rest = others;
    }
    found.truncate(MOST_PROPOSALS);
    Ok(found)
}

/// What is free of each part that has a level anywhere.
fn free_of_levels(conn: &mut Conn) -> Result<Stock, Error> {
    let with_levels = stock_levels::table.select(stock_levels::part_id);
    let rows: Vec<(PartId, LocationId, i64)> = stock_balances::table
        .filter(stock_balances::part_id.eq_any(with_levels))
        .select((
            stock_balances::part_id,
            stock_balances::location_id,
            stock_balances::on_hand - stock_balances::reserved - stock_balances::expired,
        ))
        .load(conn)?;
    Ok(rows.into_iter().map(|(part_id, location_id, free)| ((part_id, location_id), free)).collect())
}

fn shelves(places: &BTreeMap<LocationId, Place>, levels: &[Row], free: BTreeMap<LocationId, i64>) -> Shelves {
    Shelves {
        free,
        parent: places.iter().filter_map(|(id, place)| place.parent_id.map(|parent| (*id, parent))).collect(),
        vans: places.iter().filter(|(_, place)| place.kind == LocationKind::Van).map(|(id, _)| *id).collect(),
        minimum: levels.iter().map(|(level, ..)| (level.location_id, level.minimum)).collect(),
    }
}

/// Those of one part, from what is free of it now and what will be when all has come.
fn proposals(
    places: &BTreeMap<LocationId, Place>,
    part_id: PartId,
    levels: &[Row],
    now: &Shelves,
    then: &Shelves,
    outlook: &Outlook,
) -> Vec<Proposal> {
    let mut rows: Vec<&Row> =
        levels.iter().filter(|(level, ..)| places.contains_key(&level.location_id)).collect();
    // What a bin gets its depot has too, so the innermost come first.
    rows.sort_by_key(|(level, ..)| {
        let at = level.location_id;
        (now.vans.contains(&at), Reverse(now.chain(at).len()), at)
    });
    let lacks = |row: &Row| (row.0.maximum - then.total(row.0.location_id)).max(0);
    let to_order = rows.iter().filter(|row| is_low(then, row));
    let to_order: Vec<Lack> = to_order.map(|row| lack(row, lacks(row))).collect();
    let fills: BTreeMap<LocationId, Fill> =
        order(then, &to_order).into_iter().map(|fill| (fill.location_id, fill)).collect();
    let orders: BTreeMap<LocationId, i64> = fills.iter().map(|(at, fill)| (*at, fill.lacking)).collect();

    rows.retain(|row| is_low(now, row) || orders.get(&row.0.location_id).is_some_and(|order| *order > 0));
    // What is ordered is not carried there as well.
    let to_carry = rows.iter().map(|row| (row, lacks(row) - then.within(&orders, row.0.location_id)));
    let to_carry: Vec<Lack> = to_carry.map(|(row, quantity)| lack(row, quantity.max(0))).collect();
    let coming = of_part(&outlook.coming, part_id);
    let all = outlook.on_order.get(&part_id);
    let one = |(row, carried): (&Row, Fill)| {
        let at = row.0.location_id;
        // What other places can spare when their orders have come.
        let others = fills.get(&at).map_or(0, |fill| fill.taken() - carried.taken()).max(0);
        let on_order = now.within(&coming, at) + others;
        let order = orders.get(&at).copied().unwrap_or(0);
        let expected_on = all.and_then(|all| all.expected_on.clone()).filter(|_| on_order > 0);
        let place = places.get(&at)?;
        let carries = proposal(places, place, now.total(at), row, carried.takes);
        Some(Proposal { on_order, expected_on, order, ..carries })
    };
    let found = rows.into_iter().zip(carry(now, &to_carry)).filter_map(one);
    found.filter(|row| row.order > 0 || row.on_order > 0 || !row.transfers.is_empty()).collect()
}

fn is_low(shelves: &Shelves, (level, ..): &Row) -> bool {
    shelves.total(level.location_id) < level.minimum
}

fn lack((level, ..): &Row, quantity: i64) -> Lack {
    Lack { location_id: level.location_id, quantity }
}

fn proposal(
    places: &BTreeMap<LocationId, Place>,
    place: &Place,
    free: i64,
    (level, number, name): &Row,
    takes: Vec<Take>,
) -> Proposal {
    let source = |take: Take| Source {
        from_location_id: take.from,
        from_location_code: places.get(&take.from).map(|place| place.code.clone()).unwrap_or_default(),
        quantity: take.quantity,
    };
    Proposal {
        part_id: level.part_id,
        part_number: number.clone(),
        part_name: name.clone(),
        location_id: level.location_id,
        location_code: place.code.clone(),
        location_kind: place.kind,
        free,
        minimum: level.minimum,
        maximum: level.maximum,
        lead_days: level.lead_days,
        on_order: 0,
        expected_on: None,
        transfers: takes.into_iter().map(source).collect(),
        order: 0,
    }
}
