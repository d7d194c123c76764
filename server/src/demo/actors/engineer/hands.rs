//! What an engineer has at hand and what he still has to fetch, as far as his phone tells him.

use dispatch::Point;
use mobile_sync_device::wire::docs::{
    AssetDoc, PartDoc, PartOutcome, ReservationDoc, TicketDoc, TicketEventDoc,
};
use mobile_sync_device::wire::{EventKind, TicketStatus};
use mobile_sync_device::{Device, DeviceError};

use crate::demo::places::{DEPOTS, Depot};
use crate::demo::world::World;

/// A part that a repair takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// Which.
    pub part_id: String,
    /// Its number.
    pub number: String,
    /// Its name.
    pub name: String,
    /// How much, scaled by its decimals.
    pub quantity: i64,
    /// How much, for people: `5.0 L`.
    pub amount: String,
}

/// How people write a quantity.
pub fn amount(quantity: i64, decimals: i64, unit: &str) -> String {
    let places = usize::try_from(decimals).unwrap_or(0);
    let scale = 10_f64.powi(i32::try_from(decimals).unwrap_or(0));
    format!("{:.places$} {unit}", quantity as f64 / scale)
}

/// What the engineer finds when he looks: the part that is broken, unless he has exchanged it already, and the
/// minutes that the repair takes.
///
/// # Errors
/// A failure of the phone's database.
pub fn findings(
    world: &World,
    device: &Device,
    ticket: &TicketDoc,
) -> Result<(Option<Need>, i64), DeviceError> {
    let asset = match &ticket.asset_id {
        Some(id) => device.document::<AssetDoc>(id)?,
        None => None,
    };
    let truth = world.look(ticket, asset.as_ref());
    let Some((number, quantity)) = truth.part else { return Ok((None, truth.minutes)) };
    let part = device.documents::<PartDoc>()?.into_iter().find(|part| part.number == number);
    // A part that no catalogue has cannot be asked for; he makes do.
    let Some(part) = part else { return Ok((None, truth.minutes)) };
    let used = device.part_usage(&ticket.id)?;
    if used.iter().any(|usage| usage.part_id == part.id && usage.outcome == PartOutcome::Used) {
        return Ok((None, truth.minutes));
    }
    let unit = part.unit.as_deref().unwrap_or("pcs");
    let amount = amount(quantity, part.decimals, unit);
    Ok((
        Some(Need { part_id: part.id, number: part.number, name: part.name, quantity, amount }),
        truth.minutes,
    ))
}

/// Whether a reservation still stands.
fn is_live(reservation: &ReservationDoc) -> bool {
    matches!(reservation.status.as_str(), "held" | "picked" | "handed_over")
}

/// The depot at which a reserved part waits, if it is at one.
fn depot_of(reservation: &ReservationDoc) -> Option<Depot> {
    let waits = matches!(reservation.status.as_str(), "held" | "picked");
    let name = reservation.location_name.as_deref().filter(|_| waits)?;
    DEPOTS.into_iter().find(|depot| depot.name == name || depot.code == name)
}

/// The depots at which parts of this ticket wait for him, the nearest first.
///
/// # Errors
/// A failure of the phone's database.
pub fn waiting_at(device: &Device, ticket_id: &str, from: Point) -> Result<Vec<Depot>, DeviceError> {
    let held = device.held_parts(ticket_id)?;
    let mut depots: Vec<Depot> = held.iter().filter_map(|part| depot_of(&part.reservation)).collect();
    depots.sort_by(|a, b| away(a, from).total_cmp(&away(b, from)));
    depots.dedup_by_key(|depot| depot.code);
    Ok(depots)
}

/// Where a depot stands.
pub fn point(depot: &Depot) -> Point {
    Point { latitude: depot.latitude, longitude: depot.longitude }
}

fn away(depot: &Depot, from: Point) -> f64 {
    dispatch::travel::distance_m(from, point(depot))
}

/// Whether he has the part with him: in the van, and not promised to another ticket.
///
/// # Errors
/// A failure of the phone's database.
pub fn has_in_hand(device: &Device, ticket_id: &str, need: &Need) -> Result<bool, DeviceError> {
    let stock = device.van_stock()?;
    let Some(shelf) = stock.iter().find(|shelf| shelf.part_id == need.part_id) else { return Ok(false) };
    let held = device.held_parts(ticket_id)?;
    let in_van = |r: &ReservationDoc| {
        r.part_id == need.part_id && is_live(r) && r.location_id.as_ref() == Some(&shelf.location_id)
    };
    let promised: i64 =
        held.iter().filter(|part| in_van(&part.reservation)).map(|part| part.reservation.quantity).sum();
    let free = (shelf.on_hand - shelf.reserved).max(0);
    Ok(shelf.on_hand >= need.quantity && free + promised >= need.quantity)
}

/// Whether the part waits for him at a depot.
///
/// # Errors
/// A failure of the phone's database.
pub fn can_be_fetched(device: &Device, ticket_id: &str, need: &Need) -> Result<bool, DeviceError> {
    let held = device.held_parts(ticket_id)?;
    Ok(held
        .iter()
        .any(|part| part.reservation.part_id == need.part_id && depot_of(&part.reservation).is_some()))
}

/// What was handed over to him for the ticket and was not needed: part and quantity.
///
/// # Errors
/// A failure of the phone's database.
pub fn left_over(device: &Device, ticket_id: &str) -> Result<Vec<(String, i64)>, DeviceError> {
    let used = device.part_usage(ticket_id)?;
    let held = device.held_parts(ticket_id)?;
    let handed = held.into_iter().map(|part| part.reservation).filter(|r| r.status == "handed_over");
    let unused = handed.filter(|r| !used.iter().any(|usage| usage.part_id == r.part_id));
    Ok(unused.map(|r| (r.part_id, r.quantity)).collect())
}

/// When he last began to work on the ticket, if his phone knows.
///
/// # Errors
/// A failure of the phone's database.
pub fn began_at(device: &Device, ticket_id: &str) -> Result<Option<i64>, DeviceError> {
    let events = device.documents::<TicketEventDoc>()?;
    let starts = events.iter().filter(|event| {
        event.ticket_id == ticket_id && matches!(event.kind, EventKind::Start | EventKind::Resume)
    });
    Ok(starts.map(|event| event.at).max())
}

/// Whether somebody is in the middle of this ticket: on the way, there, or at work.
pub const fn is_begun(status: TicketStatus) -> bool {
    matches!(status, TicketStatus::Travelling | TicketStatus::OnSite | TicketStatus::Working)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reservation(status: &str, location: &str) -> ReservationDoc {
        ReservationDoc {
            id: "r".to_owned(),
            sync_v: 1,
            ticket_id: "t".to_owned(),
            engineer_id: None,
            part_id: "p".to_owned(),
            location_id: Some("l".to_owned()),
            location_name: Some(location.to_owned()),
            quantity: 1,
            status: status.to_owned(),
            expires_at: None,
        }
    }

    #[test]
    fn a_quantity_is_written_with_the_decimals_of_its_part() {
        assert_eq!(amount(50, 1, "L"), "5.0 L");
        assert_eq!(amount(3, 0, "pcs"), "3 pcs");
    }

    #[test]
    fn only_what_was_not_handed_over_yet_waits_at_a_depot() {
        assert_eq!(depot_of(&reservation("held", "Depot East 38th")).unwrap().code, "D-E38");
        assert_eq!(depot_of(&reservation("picked", "D-W36")).unwrap().code, "D-W36");
        assert!(depot_of(&reservation("handed_over", "Depot East 38th")).is_none());
        assert!(depot_of(&reservation("held", "Van E-07")).is_none());
    }

    #[test]
    fn a_promise_stands_until_it_is_used_returned_or_given_up() {
        let standing: Vec<_> = ["wanted", "held", "picked", "handed_over", "used", "released"]
            .into_iter()
            .filter(|status| is_live(&reservation(status, "x")))
            .collect();
        assert_eq!(standing, ["held", "picked", "handed_over"]);
    }

    #[test]
    fn a_ticket_that_waits_is_not_begun_any_more() {
        assert!(is_begun(TicketStatus::Working) && is_begun(TicketStatus::Travelling));
        assert!(!is_begun(TicketStatus::Waiting) && !is_begun(TicketStatus::Accepted));
    }
}
