//! The nearest places that have what a ticket could use: what somebody asks who is about to drive there.

use std::collections::BTreeMap;

use db::types::{LocationId, PartId};
use db::{Conn, Timestamp};
use dispatch::travel::distance_m;
use dispatch::{PartQuantity, PartSupply, Point, TravelTimes, Trip};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::words::{self, NamedPart, NamedPlace};
use crate::error::Error;
use crate::schedule::{Board, sourcing};
use crate::tickets::Ticket;

/// Most places that are named of a part.
const MOST_PLACES: usize = 5;
/// So many, the nearest by the straight line, are asked for by road.
const MOST_ASKED: usize = 20;

/// A place that has a part.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct NearPlace {
    /// The part that is there.
    pub part: NamedPart,
    /// The part that was asked for, if this one may be taken instead.
    pub instead_of: Option<NamedPart>,
    /// Where.
    pub place: NamedPlace,
    /// How much is free.
    pub available: i64,
    /// Whether it is the van of whoever has the ticket.
    pub own_van: bool,
    /// Minutes from where the engineer is; from the site, if nobody has the ticket.
    pub minutes: i64,
    /// Minutes by which his way to the site is longer by way of it.
    pub detour_minutes: i64,
}

struct Found {
    part_id: Uuid,
    instead_of: Option<Uuid>,
    location_id: Uuid,
    available: i64,
    /// None: his own van.
    point: Option<Point>,
}

fn rows(supply: &PartSupply, own: Option<Uuid>, needed: Uuid) -> Vec<Found> {
    let substitutes = supply.substitutes.iter().filter(|s| s.part_id == needed).map(|s| s.substitute_id);
    let wanted: Vec<Uuid> = std::iter::once(needed).chain(substitutes).collect();
    let mut found = Vec::new();
    let mut add = |location_id, point, free: &[dispatch::FreeStock]| {
        for stock in free.iter().filter(|stock| wanted.contains(&stock.part_id)) {
            let instead_of = (stock.part_id != needed).then_some(needed);
            let (part_id, available) = (stock.part_id, stock.quantity);
            found.push(Found { part_id, instead_of, location_id, available, point });
        }
    };
    for depot in &supply.depots {
        add(depot.location_id, Some(depot.point), &depot.free);
    }
    for (engineer, van) in &supply.vans {
        if own == Some(*engineer) {
            add(van.location_id, None, &van.free);
        } else if let Some(point) = van.point {
            add(van.location_id, Some(point), &van.free);
        }
    }
    found
}

/// The nearest of them, with minutes there and minutes of detour.
fn nearest(mut found: Vec<Found>, trip: Trip, roads: &dyn TravelTimes) -> Vec<(Found, u32, u32)> {
    let straight = |one: &Found| {
        one.point.map_or(0.0, |place| distance_m(trip.from, place) + distance_m(place, trip.to))
    };
    found.sort_by(|a, b| straight(a).total_cmp(&straight(b)).then(a.location_id.cmp(&b.location_id)));
    found.truncate(MOST_ASKED);
    let direct = roads.travel_seconds(trip.from, trip.to, trip.leave_at);
    let timed = |one: Found| {
        let Some(point) = one.point else { return (one, 0, 0) };
        let there = roads.travel_seconds(trip.from, point, trip.leave_at);
        let arrived = trip.leave_at + i64::from(there) * 1_000;
        let way = there.saturating_add(roads.travel_seconds(point, trip.to, arrived));
        (one, there, way.saturating_sub(direct))
    };
    let mut timed: Vec<(Found, u32, u32)> = found.into_iter().map(timed).collect();
    timed.sort_by_key(|(one, there, detour)| (one.point.is_some(), *detour, *there, one.location_id));
    timed.truncate(MOST_PLACES);
    timed
}

/// Of each of these parts the nearest places that have any of it, or of what may be taken instead; his own van first.
///
/// # Errors
/// A failure of the database.
pub fn near(
    conn: &mut Conn,
    board: &Board,
    ticket: &Ticket,
    needs: &[PartQuantity],
    now: Timestamp,
) -> Result<Vec<NearPlace>, Error> {
    let supply = sourcing::supply_of(conn, board, ticket, needs)?;
    let trip = sourcing::trip(board, ticket, ticket.engineer_id, now);
    let policies = board.policies();
    let roads = board.travel().roads(policies.of_kind(&ticket.kind).straight_line);
    let own = ticket.engineer_id.map(|id| id.uuid());
    let of_part = |need: &PartQuantity| nearest(rows(&supply, own, need.part_id), trip, &roads);
    let all: Vec<(Found, u32, u32)> = needs.iter().flat_map(of_part).collect();
    let ids = all.iter().flat_map(|(one, ..)| [Some(one.part_id), one.instead_of]).flatten();
    let parts: BTreeMap<PartId, NamedPart> = words::parts(conn, ids.map(PartId::from_uuid))?;
    let places = words::places(conn, all.iter().map(|(one, ..)| LocationId::from_uuid(one.location_id)))?;
    let view = |(one, there, detour): (Found, u32, u32)| {
        Some(NearPlace {
            part: parts.get(&PartId::from_uuid(one.part_id))?.clone(),
            instead_of: one.instead_of.and_then(|id| parts.get(&PartId::from_uuid(id))).cloned(),
            place: places.get(&LocationId::from_uuid(one.location_id))?.clone(),
            available: one.available,
            own_van: one.point.is_none(),
            minutes: i64::from(there.div_ceil(60)),
            detour_minutes: i64::from(detour.div_ceil(60)),
        })
    };
    Ok(all.into_iter().filter_map(view).collect())
}
