//! Where a ticket's parts come from: its engineer's van first, then the depots that cost the least detour. One way
//! for assigning, which takes what there is and notes what is short, and for a reservation by hand, which wants all
//! of it or nothing.

use db::Tx;
use db::types::{EngineerId, LocationId, PartId};
use dispatch::sourcing::Rates;
use dispatch::{Depot, FreeStock, PartQuantity, PartSupply, Point, Substitute, Trip, VanStock};
use inventory::reservations::{self, Request};
use inventory::{Free, Reservation};

use super::assign::{Means, PartShortage};
use crate::error::{Error, Problem};
use crate::tickets::Ticket;

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

/// What to reserve where, and what is not to be had.
struct Sources {
    requests: Vec<Request>,
    shortages: Vec<PartShortage>,
}

fn find(
    tx: &Tx<'_>,
    means: &Means<'_>,
    ticket: &Ticket,
    needs: &[PartQuantity],
    supply: &PartSupply,
) -> Sources {
    let engineer = ticket.engineer_id;
    let to = Point { latitude: ticket.latitude, longitude: ticket.longitude };
    let from = engineer.and_then(|engineer| means.board.place_of(engineer)).unwrap_or(to);
    let trip = Trip { from, to, leave_at: tx.now().millis() };
    let policies = means.board.policies();
    let policy = policies.of_kind(&ticket.kind);
    let roads = means.board.travel().roads(policy.straight_line);
    let his = engineer.map(|engineer: EngineerId| engineer.uuid());
    let sourcing = dispatch::source(needs, his, supply, trip, &Rates::of(policy), &roads);
    let expires_at = Some(tx.now().plus_minutes(means.hold_minutes));
    let request = |a: &dispatch::Allocation| Request {
        ticket_id: ticket.id,
        engineer_id: engineer,
        part_id: PartId::from_uuid(a.part_id),
        location_id: LocationId::from_uuid(a.location_id),
        quantity: a.quantity,
        expires_at,
        instead_of_part_id: a.instead_of.map(PartId::from_uuid),
    };
    let short = |s: &dispatch::Shortage| PartShortage {
        part_id: PartId::from_uuid(s.part_id),
        wanted: s.wanted,
        available: s.available,
    };
    let mut requests: Vec<Request> = sourcing.allocations.iter().map(request).collect();
    // One order for everybody, so that two servers never wait for each other in a circle.
    requests.sort_by_key(|r| (r.part_id, r.location_id));
    Sources { requests, shortages: sourcing.shortages.iter().map(short).collect() }
}

/// Reserves what the ticket still needs as far as it is to be had, for the engineer who has it now; says what is short.
///
/// # Errors
/// A failure of the database.
pub fn reserve_needed(
    tx: &mut Tx<'_>,
    means: &Means<'_>,
    ticket: &Ticket,
    needs: &[PartQuantity],
    supply: &PartSupply,
) -> Result<Vec<PartShortage>, Error> {
    if needs.is_empty() {
        return Ok(Vec::new());
    }
    let Sources { requests, mut shortages } = find(tx, means, ticket, needs, supply);
    for request in requests {
        match reservations::reserve(tx, request) {
            Ok(_) => {}
            // Somebody took it between the look and the grab; the guard said no, and the ticket says what is short.
            Err(inventory::Error::Shortage { part_id, wanted, available, .. }) => {
                shortages.push(PartShortage { part_id, wanted, available });
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(shortages)
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
    let sources = find(tx, means, ticket, &needs, &supply);
    if let Some(PartShortage { part_id, wanted, available }) = sources.shortages.first() {
        let detail = format!("{wanted} of part {part_id} wanted, {available} available");
        return Err(Problem::conflict("shortage", detail).into());
    }
    Ok(reservations::reserve_all(tx, &sources.requests)?)
}
