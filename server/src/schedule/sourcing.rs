//! Where a ticket's parts come from: its engineer's van first, then the depots that cost the least detour. One way
//! for assigning, which takes what there is and notes what is short, for a reservation by hand, which wants all
//! of it or nothing, and for the one call that reserves whatever a ticket needs. What is short is waited for.

use std::collections::BTreeMap;

use db::types::{EngineerId, LocationId, PartId, TicketId};
use db::{Conn, Timestamp, Tx};
use dispatch::sourcing::Rates;
use dispatch::{Depot, FreeStock, PartQuantity, PartSupply, Point, Sourcing, Substitute, Trip, VanStock};
use inventory::reservations::{self, Request, wanted};
use inventory::usage::{self, Outcome};
use inventory::{Free, Reservation};

use super::Board;
use super::ask::Considered;
use super::assign::Means;
use super::assignment::PartShortage;
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

/// The way to a ticket's site: from where this engineer is, or from the site itself if nobody is known to go there.
pub fn trip(board: &Board, ticket: &Ticket, engineer: Option<EngineerId>, now: Timestamp) -> Trip {
    let to = Point { latitude: ticket.latitude, longitude: ticket.longitude };
    let from = engineer.and_then(|engineer| board.place_of(engineer)).unwrap_or(to);
    Trip { from, to, leave_at: now.millis() }
}

/// Where these parts come from for this engineer, or for nobody in particular.
pub fn find(
    board: &Board,
    ticket: &Ticket,
    engineer: Option<EngineerId>,
    needs: &[PartQuantity],
    supply: &PartSupply,
    now: Timestamp,
) -> Sourcing {
    let policies = board.policies();
    let policy = policies.of_kind(&ticket.kind);
    let roads = board.travel().roads(policy.straight_line);
    let trip = trip(board, ticket, engineer, now);
    dispatch::source(needs, engineer.map(|id| id.uuid()), supply, trip, &Rates::of(policy), &roads)
}

/// All that is free of these parts, and of what the ticket's policy lets be taken instead.
///
/// # Errors
/// A failure of the database.
pub fn supply_of(
    conn: &mut Conn,
    board: &Board,
    ticket: &Ticket,
    needs: &[PartQuantity],
) -> Result<PartSupply, Error> {
    let mut parts: Vec<PartId> = needs.iter().map(|need| PartId::from_uuid(need.part_id)).collect();
    if parts.is_empty() {
        return Ok(PartSupply::default());
    }
    let allowed = board.policies().of_kind(&ticket.kind).substitutes;
    let substitutes = if allowed { inventory::parts::substitutes(conn, &parts)? } else { Vec::new() };
    parts.extend(substitutes.iter().map(|(_, substitute)| *substitute));
    parts.sort_unstable();
    parts.dedup();
    // Asked of all places in use, not of those on the board: a place that was just added counts.
    let free = inventory::free_stock(conn, &parts, None)?;
    Ok(supply(free, &substitutes, |engineer| board.place_of(engineer)))
}

/// How far a ticket is with one of the parts that it needs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// What the ticket asks for.
    pub needed: i64,
    /// Of it, what is promised to it, substitutes included.
    pub promised: i64,
    /// Of it, what was used already.
    pub used: i64,
    /// Of what is missing, what it waits for.
    pub wanted: i64,
}

impl Progress {
    /// What nobody promised yet.
    pub fn missing(&self) -> i64 {
        (self.needed - self.promised - self.used).max(0)
    }
}

/// How far a ticket is with each part that it asks for or waits for.
///
/// # Errors
/// A failure of the database.
pub fn progress(conn: &mut Conn, ticket: &Ticket) -> Result<BTreeMap<PartId, Progress>, Error> {
    let mut parts: BTreeMap<PartId, Progress> = BTreeMap::new();
    for need in &ticket.needed_parts.0 {
        parts.entry(need.part_id).or_default().needed += need.quantity;
    }
    for one in reservations::open_of_ticket(conn, ticket.id)? {
        if !one.status.is_live() {
            parts.entry(one.part_id).or_default().wanted += one.quantity;
        } else if let Some(part) = parts.get_mut(&one.instead_of_part_id.unwrap_or(one.part_id)) {
            part.promised += one.quantity;
        }
    }
    let used: Vec<_> = usage::of_ticket(conn, ticket.id)?
        .into_iter()
        .filter(|one| one.outcome != Outcome::Returned)
        .collect();
    // What was taken instead of what was asked for meets the need as well.
    let instead = match used.iter().all(|one| parts.contains_key(&one.part_id)) {
        true => BTreeMap::new(),
        false => reservations::used_instead(conn, ticket.id)?,
    };
    for one in used {
        let part_id =
            if parts.contains_key(&one.part_id) { Some(&one.part_id) } else { instead.get(&one.part_id) };
        if let Some(part) = part_id.and_then(|id| parts.get_mut(id)) {
            part.used += one.quantity;
        }
    }
    Ok(parts)
}

/// What of these is missing, as dispatch asks for it.
pub fn missing(parts: &BTreeMap<PartId, Progress>) -> Vec<PartQuantity> {
    let need =
        |(id, part): (&PartId, &Progress)| PartQuantity { part_id: id.uuid(), quantity: part.missing() };
    parts.iter().map(need).filter(|need| need.quantity > 0).collect()
}

/// What to reserve, in one order for everybody, so that two servers never wait for each other in a circle.
pub(super) fn requests(tx: &Tx<'_>, means: &Means<'_>, ticket: &Ticket, sourcing: &Sourcing) -> Vec<Request> {
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

/// What is short, in the words of the API.
pub fn shortages(sourcing: &Sourcing) -> Vec<PartShortage> {
    let short = |s: &dispatch::Shortage| PartShortage {
        part_id: PartId::from_uuid(s.part_id),
        wanted: s.wanted,
        available: s.available,
    };
    sourcing.shortages.iter().map(short).collect()
}

/// Reserves what the ticket still needs as far as it is to be had, for the engineer who has it now; says what is short,
/// and lets the ticket wait for it. Whoever is on the list gets what the ranking counted on, likely parts included.
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
        None => {
            let (engineer, now) = (ticket.engineer_id, tx.now());
            find(means.board, ticket, engineer, &considered.needed, considered.supply(), now)
        }
    };
    let (_, short) = take(tx, requests(tx, means, ticket, &sourcing), &sourcing)?;
    for one in &short {
        wanted::want(tx, ticket.id, ticket.engineer_id, one.part_id, one.wanted - one.available)?;
    }
    Ok(short)
}

/// Reserves what there is of it; says what is short.
fn take(
    tx: &mut Tx<'_>,
    requests: Vec<Request>,
    sourcing: &Sourcing,
) -> Result<(Vec<Reservation>, Vec<PartShortage>), Error> {
    let (mut made, mut short) = (Vec::new(), shortages(sourcing));
    for request in requests {
        match reservations::reserve(tx, request) {
            Ok(reservation) => made.push(reservation),
            // Somebody took it between the look and the grab; the guard said no, and the ticket says what is short.
            Err(inventory::Error::Shortage { wanted, .. }) => {
                let part_id = request.instead_of_part_id.unwrap_or(request.part_id);
                fall_short(&mut short, part_id, wanted);
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok((made, short))
}

/// So much more of a part is short: less of what was wanted is to be had, or nothing of what seemed to be there.
fn fall_short(short: &mut Vec<PartShortage>, part_id: PartId, quantity: i64) {
    match short.iter_mut().find(|one| one.part_id == part_id) {
        Some(one) => one.available -= quantity,
        None => short.push(PartShortage { part_id, wanted: quantity, available: 0 }),
    }
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
    // He asked for this part, and nothing else will do.
    let free = inventory::free_stock(tx.conn(), &[part_id], None)?;
    let supply = supply(free, &[], |engineer| means.board.place_of(engineer));
    let needs = [PartQuantity { part_id: part_id.uuid(), quantity }];
    let sourcing = find(means.board, ticket, ticket.engineer_id, &needs, &supply, tx.now());
    refuse_shortage(&shortages(&sourcing))?;
    Ok(reservations::reserve_all(tx, &requests(tx, means, ticket, &sourcing))?)
}

fn refuse_shortage(short: &[PartShortage]) -> Result<(), Error> {
    let Some(PartShortage { part_id, wanted, available }) = short.first() else { return Ok(()) };
    let detail = format!("{wanted} of part {part_id} wanted, {available} available");
    Err(Problem::conflict("shortage", detail).with("shortages", short).into())
}

/// What came of reserving a ticket's parts in one call.
#[derive(Debug)]
pub struct Reserved {
    /// What is held now.
    pub held: Vec<Reservation>,
    /// What the ticket waits for.
    pub wanted: Vec<Reservation>,
    /// Where it comes from, and what is short.
    pub sourcing: Sourcing,
}

/// Reserves these parts for the ticket, on the way of this engineer; all, or as much as there is if `partial`. What is
/// short is waited for, and the rest of what the ticket needs and waits for of the same part, as its progress says.
///
/// # Errors
/// 409 with all shortages unless `partial`; nothing is reserved then.
pub fn reserve_parts(
    tx: &mut Tx<'_>,
    means: &Means<'_>,
    ticket: &Ticket,
    engineer: Option<EngineerId>,
    needs: &[PartQuantity],
    progress: &BTreeMap<PartId, Progress>,
    partial: bool,
) -> Result<Reserved, Error> {
    let supply = supply_of(tx.conn_beside(), means.board, ticket, needs)?;
    let sourcing = find(means.board, ticket, engineer, needs, &supply, tx.now());
    let (held, short) = take(tx, requests(tx, means, ticket, &sourcing), &sourcing)?;
    if !partial {
        refuse_shortage(&short)?;
    }
    let mut waited_for = Vec::new();
    for need in needs {
        let part_id = PartId::from_uuid(need.part_id);
        let missing =
            short.iter().find(|one| one.part_id == part_id).map_or(0, |one| one.wanted - one.available);
        let known = progress.get(&part_id).copied().unwrap_or_default();
        if missing > 0 || known.wanted > 0 {
            let (held, lacked) = (need.quantity - missing, known.missing());
            let asked = wanted::Asked { held, short: missing, lacked };
            waited_for.extend(wanted::asked(tx, ticket.id, ticket.engineer_id, part_id, asked)?);
        }
    }
    Ok(Reserved { held, wanted: waited_for, sourcing })
}

/// Ends the wait for what is looked for anew.
///
/// # Errors
/// A failure of the database.
pub(super) fn stop_waiting(
    tx: &mut Tx<'_>,
    ticket_id: TicketId,
    needs: &[PartQuantity],
) -> Result<(), Error> {
    if needs.is_empty() {
        return Ok(());
    }
    for one in wanted::of_ticket(tx.conn_for(&ticket_id.to_string()), ticket_id)? {
        if needs.iter().any(|need| need.part_id == one.part_id.uuid()) {
            reservations::release(tx, one.id)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_promised_or_used_is_not_missing_and_more_than_that_is_not_less_than_nothing() {
        let missing = |needed, promised, used| Progress { needed, promised, used, wanted: 9 }.missing();
        assert_eq!([missing(3, 0, 0), missing(3, 1, 1), missing(3, 2, 2), missing(0, 1, 0)], [3, 1, 0, 0]);
    }

    #[test]
    fn what_somebody_else_was_faster_with_is_short_too() {
        let (one, other) = (PartId::new(), PartId::new());
        let mut short = vec![PartShortage { part_id: one, wanted: 5, available: 3 }];
        fall_short(&mut short, one, 2);
        fall_short(&mut short, other, 4);
        let expected = [
            PartShortage { part_id: one, wanted: 5, available: 1 },
            PartShortage { part_id: other, wanted: 4, available: 0 },
        ];
        assert_eq!(short, expected);
    }
}
