//! What is low, and what to do about it.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use db::Conn;
use db::schema::{parts, stock_balances, stock_levels, stock_locations};
use db::types::{LocationId, PartId};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Fill, Lack, Outlook, Shelves, StockLevel, fill};
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

/// What is below its minimum, counting what is free, with what to do about it: depots before vans, so that a van is
/// filled with what its depot can spare then. At a place all that is in it is counted, and what is proposed for what is
/// in it: a depot that its bins fill has no line. Nothing is ordered where enough is on order to come above the
/// minimum. In order of part, then place, bins before their depots.
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
    let rows: Vec<(StockLevel, String, String)> = stock_levels::table
        .inner_join(parts::table)
        .filter(parts::active.eq(true))
        .order((parts::number, stock_levels::location_id))
        .select((stock_levels::all_columns, parts::number, parts::name))
        .load(conn)?;
    let mut free = free_of_levels(conn, outlook)?;
    let mut found = Vec::new();
    let mut rest = rows.as_slice();
    while let Some(first) = rest.first() {
        let here = rest.iter().take_while(|row| row.0.part_id == first.0.part_id).count();
        let (levels, others) = rest.split_at(here);
        let free = free.remove(&first.0.part_id).unwrap_or_default();
        found.extend(of_part(&places, levels, free, outlook));
        rest = others;
    }
    found.truncate(MOST_PROPOSALS);
    Ok(found)
}

/// What is free of each part that has a level anywhere.
fn free_of_levels(
    conn: &mut Conn,
    outlook: &Outlook,
) -> Result<BTreeMap<PartId, BTreeMap<LocationId, i64>>, Error> {
    let with_levels = stock_levels::table.select(stock_levels::part_id);
    let rows: Vec<(PartId, LocationId, i64)> = stock_balances::table
        .filter(stock_balances::part_id.eq_any(with_levels))
        .select((
            stock_balances::part_id,
            stock_balances::location_id,
            stock_balances::on_hand - stock_balances::reserved - stock_balances::expired,
        ))
        .load(conn)?;
    let mut free: BTreeMap<PartId, BTreeMap<LocationId, i64>> = BTreeMap::new();
    for (part_id, location_id, quantity) in rows {
        let left = quantity - outlook.taken(part_id, location_id);
        free.entry(part_id).or_default().insert(location_id, left);
    }
    Ok(free)
}

fn of_part(
    places: &BTreeMap<LocationId, Place>,
    levels: &[(StockLevel, String, String)],
    mut free: BTreeMap<LocationId, i64>,
    outlook: &Outlook,
) -> Vec<Proposal> {
    free.retain(|place, _| places.contains_key(place));
    let Some(part_id) = levels.first().map(|(level, ..)| level.part_id) else { return Vec::new() };
    let shelves = Shelves {
        free,
        coming: outlook.coming_of(part_id),
        parent: places.iter().filter_map(|(id, place)| place.parent_id.map(|parent| (*id, parent))).collect(),
        vans: places.iter().filter(|(_, place)| place.kind == LocationKind::Van).map(|(id, _)| *id).collect(),
        minimum: levels.iter().map(|(level, ..)| (level.location_id, level.minimum)).collect(),
    };
    let mut low: Vec<&(StockLevel, String, String)> = levels
        .iter()
        .filter(|(level, ..)| places.contains_key(&level.location_id))
        .filter(|(level, ..)| shelves.total(level.location_id) < level.minimum)
        .collect();
    // What a bin gets its depot has too, so the innermost come first.
    low.sort_by_key(|(level, ..)| {
        let at = level.location_id;
        (shelves.vans.contains(&at), Reverse(shelves.chain(at).len()), at)
    });
    let lack = |(level, ..): &&(StockLevel, String, String)| Lack {
        location_id: level.location_id,
        quantity: (level.maximum - shelves.position(level.location_id)).max(0),
        may_order: shelves.position(level.location_id) < level.minimum,
    };
    let lacks: Vec<Lack> = low.iter().map(lack).collect();
    let fills = fill(&shelves, &lacks);
    let expected_on = outlook.on_order.get(&part_id).and_then(|all| all.expected_on.as_ref());
    let rows = low.into_iter().zip(fills).filter_map(|(row, fill)| proposal(places, &shelves, row, fill));
    let to_do = rows.filter(|row| row.order > 0 || row.on_order > 0 || !row.transfers.is_empty());
    to_do
        .map(|row| Proposal { expected_on: expected_on.filter(|_| row.on_order > 0).cloned(), ..row })
        .collect()
}

fn proposal(
    places: &BTreeMap<LocationId, Place>,
    shelves: &Shelves,
    (level, number, name): &(StockLevel, String, String),
    fill: Fill,
) -> Option<Proposal> {
    let place = places.get(&level.location_id)?;
    let source = |take: super::Take| Source {
        from_location_id: take.from,
        from_location_code: places.get(&take.from).map(|place| place.code.clone()).unwrap_or_default(),
        quantity: take.quantity,
    };
    Some(Proposal {
        part_id: level.part_id,
        part_number: number.clone(),
        part_name: name.clone(),
        location_id: level.location_id,
        location_code: place.code.clone(),
        location_kind: place.kind,
        free: shelves.total(level.location_id),
        minimum: level.minimum,
        maximum: level.maximum,
        lead_days: level.lead_days,
        on_order: shelves.on_order(level.location_id).saturating_add(fill.coming),
        expected_on: None,
        transfers: fill.takes.into_iter().map(source).collect(),
        order: fill.order,
    })
}
