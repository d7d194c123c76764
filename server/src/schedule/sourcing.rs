//! Where a ticket's parts come from: its engineer's van first, then the depots that cost the least detour. One way
//! for assigning, which takes what there is and notes what is short, and for a reservation by hand, which wants all
//! of it or nothing.

use db::Tx;
use db::types::{EngineerId, LocationId, PartId};
use dispatch::sourcing::Rates;
use dispatch::{Depot, FreeStock, PartQuantity, PartSupply, Point, Sourcing, Substitute, Trip, VanStock};
use inventory::reservations::{self, Request};
use inventory::{Free, Reservation, ReservationStatus};

use super::ask::Considered;
use super::assign::{Means, PartShortage};
use crate::error::Error;
use crate::tickets::{PartNeed, Ticket};

/// Free stock as dispatch sees it; `place_of` says where an engineer's van is now.
pub fn supply(
    free: Vec<Free>,
    substitutes: &[(PartId, PartId)],
    place_of: impl Fn(EngineerId) -> Option<Point>,
) -> PartSupply {
    let mut supply = PartSupply::default();
    for row in free {
        let location_id = row.location_id.uuid();
        let kept = row.minimum.unwrap_or(0);
        let stock = FreeStock { part_id: row.part_id.uuid(), quantity: row.available, kept };
        match (row.engineer_id, row.latitude, row.longitude) {
            (Some(engineer), _, _) => {
                let van = || VanStock { location_id, free: Vec::new(), point: place_of(engineer) };
                supply.vans.entry(engineer.uuid()).or_insert_with(van).free.push(stock);
            }
            (None, Some(latitude), Some(longitude)) => {
                match supply.depots.iter_mut().find(|depot| depot.location_id == location_id) {
                    Some(depot) => depot.free.push(stock),
                    None => supply.depots.push(Depot {
                        location_id,
                        point: Point { latitude, longitude },
                        free: vec![stock],
                    }),
                }
            }
            // A depot without a place on the map cannot be driven to.
            (None, _, _) => {}
        }
    }
    let substitute = |(part, substitute): &(PartId, PartId)| Substitute {
        part_id: part.uuid(),
        substitute_id: substitute.uuid(),
        minutes: 0.0,
    };
    supply.substitutes = substitutes.iter().map(substitute).collect();
    supply
}

/// Where these parts come from for whoever has the ticket.
fn find(
    tx: &Tx<'_>,
    means: &Means<'_>,
    ticket: &Ticket,
    needs: &[PartQuantity],
    supply: &PartSupply,
) -> Sourcing {
    let to = Point { latitude: ticket.latitude, longitude: ticket.longitude };
    let from = ticket.engineer_id.and_then(|engineer| means.board.place_of(engineer)).unwrap_or(to);
    let trip = Trip { from, to, leave_at: tx.now().millis() };
    let policies = means.board.policies();
    let policy = policies.of_kind(&ticket.kind);
    let roads = means.board.travel().roads(policy.straight_line);
    let his = ticket.engineer_id.map(|engineer| engineer.uuid());
    dispatch::source(needs, his, supply, trip, &Rates::of(policy), &roads)
}

/// What to reserve, in one order for everybody, so that two servers never wait for each other in a circle.
fn requests(tx: &Tx<'_>, means: &Means<'_>, ticket: &Ticket, sourcing: &Sourcing) -> Vec<Request> {
    let expires_at = Some(tx.now().plus_minutes(means.hold_minutes));
    let request = |a: &dispatch::Allocation| Request {
        ticket_id: ticket.id,
        engineer_id: ticket.engineer_id,
        part_id: PartId::from_uuid(a.part_id),
        location_id: LocationId::from_uuid(a.location_id),
        quantity: a.quantity,
        expires_at,
        instead_of_part_id: a.instead_of.map(PartId::from_uuid),
    };
    let mut requests: Vec<Request> = sourcing.allocations.iter().map(request).collect();
    requests.sort_by_key(|r| (r.part_id, r.location_id));
    requests
}

fn shortages(sourcing: &Sourcing) -> Vec<PartShortage> {
    let short = |s: &dispatch::Shortage| PartShortage {
        part_id: PartId::from_uuid(s.part_id),
        wanted: s.wanted,
        available: s.available,
    };
    sourcing.shortages.iter().map(short).collect()
}

/// Reserves what the ticket still needs as far as it is to be had, for the engineer who has it now; says what is short.
/// Whoever is on the list gets what the ranking counted on, likely parts included.
///
/// # Errors
/// A failure of the database.
pub fn reserve_needed(
    tx: &mut Tx<'_>,
    means: &Means<'_>,
    ticket: &Ticket,
    considered: &Considered,
) -> Result<Vec<PartShortage>, Error> {
    let promised = ticket.engineer_id.and_then(|engineer| considered.sourcing_of(engineer)).cloned();
    let sourcing = match promised {
        Some(promised) => promised,
        None if considered.needed.is_empty() => return Ok(Vec::new()),
        None => find(tx, means, ticket, &considered.needed, considered.supply()),
    };
    let mut short = shortages(&sourcing);
    promise(tx, requests(tx, means, ticket, &sourcing), &mut short)?;
    Ok(short)
}

/// Reserves what is there; adds to the shortages what is not.
fn promise(
    tx: &mut Tx<'_>,
    requests: Vec<Request>,
    short: &mut Vec<PartShortage>,
) -> Result<Vec<Reservation>, Error> {
    let mut made = Vec::with_capacity(requests.len());
    for request in requests {
        match reservations::reserve(tx, request) {
            Ok(reservation) => made.push(reservation),
            // Somebody took it between the look and the grab; the guard said no, and the ticket says what is short.
            Err(inventory::Error::Shortage { part_id, wanted, available, .. }) => {
                short.push(PartShortage { part_id, wanted, available });
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(made)
}

/// What the ticket needs and has not got: neither promised nor used, a substitute counting for what it stands in for.
fn missing(tx: &mut Tx<'_>, ticket: &Ticket) -> Result<Vec<PartQuantity>, Error> {
    if ticket.needed_parts.0.is_empty() {
        return Ok(Vec::new());
    }
    let mut has = reservations::of_ticket(tx.conn_for(&ticket.id.to_string()), ticket.id)?;
    has.retain(|r| r.status.is_live() || r.status == ReservationStatus::Used);
    let missing = |need: &PartNeed| {
        let for_it = has.iter().filter(|r| r.instead_of_part_id.unwrap_or(r.part_id) == need.part_id);
        let quantity = need.quantity - for_it.map(|r| r.quantity).sum::<i64>();
        PartQuantity { part_id: need.part_id.uuid(), quantity }
    };
    Ok(ticket.needed_parts.0.iter().map(missing).filter(|need| need.quantity > 0).collect())
}

/// Reserves all that the ticket still needs, as far as it is to be had, by the policy of its kind; says what is short.
///
/// # Errors
/// A failure of the database.
pub fn reserve_missing(
    tx: &mut Tx<'_>,
    means: &Means<'_>,
    ticket: &Ticket,
) -> Result<(Vec<Reservation>, Vec<PartShortage>), Error> {
    let needs = missing(tx, ticket)?;
    if needs.is_empty() {
        return Ok((Vec::new(), Vec::new()));
    }
    let mut parts: Vec<PartId> = needs.iter().map(|need| PartId::from_uuid(need.part_id)).collect();
    let may_substitute = means.board.policies().of_kind(&ticket.kind).substitutes;
    let substitutes =
        if may_substitute { inventory::parts::substitutes(tx.conn_beside(), &parts)? } else { Vec::new() };
    parts.extend(substitutes.iter().map(|(_, substitute)| *substitute));
    parts.sort_unstable();
    parts.dedup();
    // Of all places in use, as for one part by hand.
    let free = inventory::free_stock(tx.conn_beside(), &parts, None)?;
    let supply = supply(free, &substitutes, |engineer| means.board.place_of(engineer));
    let sourcing = find(tx, means, ticket, &needs, &supply);
    let mut short = shortages(&sourcing);
    let made = promise(tx, requests(tx, means, ticket, &sourcing), &mut short)?;
    Ok((made, short))
}

/// Reserves so much of a part for the ticket, at several places if one has not enough; all of it or nothing.
///
/// # Errors
/// 409 with what was wanted and what is free.
pub fn reserve(
    tx: &mut Tx<'_>,
    means: &Means<'_>,
    ticket: &Ticket,
    part_id: PartId,
    quantity: i64,
) -> Result<Vec<Reservation>, Error> {
    // Asked of all places in use, not of those on the board: a place that was just added counts.
    let free = inventory::free_stock(tx.conn(), &[part_id], None)?;
    let supply = supply(free, &[], |engineer| means.board.place_of(engineer));
    let needs = [PartQuantity { part_id: part_id.uuid(), quantity }];
    let sourcing = find(tx, means, ticket, &needs, &supply);
    if let Some(short) = shortages(&sourcing).first() {
        return Err(short.problem().into());
    }
    Ok(reservations::reserve_all(tx, &requests(tx, means, ticket, &sourcing))?)
}
