//! Journeys as engineers report them: from "on my way" to "I am there". Where somebody left from is noted when he
//! leaves, if he was seen there; when he arrives, the time that it took teaches the [`calibration`].

use db::schema::travel_departures;
use db::types::{EngineerId, TicketId};
use db::{Timestamp, Tx};
use diesel::prelude::*;
use dispatch::travel::distance_m;
use dispatch::{Point, StraightLine};

use super::calibration::{self, Journey, Rod};
use crate::error::Error;
use crate::schedule::Board;
use crate::tickets::events::Incoming;
use crate::tickets::{EventKind, Ticket};

/// A position says where somebody leaves from if it is at most so much older or younger than the leaving.
const SEEN_WITHIN_MS: i64 = 10 * 60_000;
/// Whoever is so near walks over, or is there already.
const SHORTEST_M: f64 = 300.0;
/// Nobody drives for longer without doing anything else.
const LONGEST_S: i64 = 4 * 3_600;

type Departure = (EngineerId, TicketId, f64, f64, Timestamp);

/// Takes note of a step that was just made: of leaving, or of arriving.
///
/// # Errors
/// A failure of the database.
pub fn note(tx: &mut Tx<'_>, board: &Board, ticket: &Ticket, incoming: &Incoming) -> Result<(), Error> {
    let Some(engineer) = incoming.engineer_id.filter(|_| !incoming.time_uncertain) else { return Ok(()) };
    match incoming.kind {
        EventKind::Travel => left(tx, board, ticket, engineer, incoming.at),
        EventKind::Arrive => arrived(tx, board, ticket, engineer, incoming.at),
        _ => Ok(()),
    }
}

fn left(
    tx: &mut Tx<'_>,
    board: &Board,
    ticket: &Ticket,
    engineer: EngineerId,
    at: Timestamp,
) -> Result<(), Error> {
    diesel::delete(travel_departures::table.find(engineer)).execute(tx.conn())?;
    let seen = board.position_of(engineer);
    let Some(seen) = seen.filter(|seen| (seen.at - at.millis()).abs() <= SEEN_WITHIN_MS) else {
        return Ok(());
    };
    diesel::insert_into(travel_departures::table)
        .values((
            travel_departures::engineer_id.eq(engineer),
            travel_departures::ticket_id.eq(ticket.id),
            travel_departures::latitude.eq(seen.point.latitude),
            travel_departures::longitude.eq(seen.point.longitude),
            travel_departures::left_at.eq(at),
        ))
        .execute(tx.conn())?;
    Ok(())
}

fn arrived(
    tx: &mut Tx<'_>,
    board: &Board,
    ticket: &Ticket,
    engineer: EngineerId,
    at: Timestamp,
) -> Result<(), Error> {
    let row = travel_departures::table.find(engineer);
    let left: Option<Departure> = row.first(tx.conn()).optional()?;
    let Some((_, for_ticket, latitude, longitude, left_at)) = left else { return Ok(()) };
    diesel::delete(row).execute(tx.conn())?;
    let seconds = (at.millis() - left_at.millis()) / 1_000;
    let from = Point { latitude, longitude };
    let to = Point { latitude: ticket.latitude, longitude: ticket.longitude };
    let metres = distance_m(from, to);
    if for_ticket != ticket.id || !(1..=LONGEST_S).contains(&seconds) || metres < SHORTEST_M {
        return Ok(());
    }
    let journey = |estimate: f64| Journey {
        area: calibration::area(from),
        band: calibration::band_of(left_at),
        estimate,
        seconds: seconds as f64,
    };
    let straight = board.policies().of_kind(&ticket.kind).straight_line;
    let prior_pace = prior_pace(straight);
    calibration::learn(tx, Rod::StraightLine, &journey(by_rod(metres)), prior_pace)?;
    if let Some(by_road) = board.travel().engine_seconds(from, to) {
        calibration::learn(tx, Rod::Roads, &journey(f64::from(by_road)), 1.0)?;
    }
    Ok(())
}

/// Seconds for a straight line by the rod that journeys are measured by.
pub fn by_rod(metres: f64) -> f64 {
    let rod = StraightLine::default();
    metres * rod.road_factor / (rod.speed_kmh / 3.6)
}

/// How much slower than the rod the policy expects people to be.
pub fn prior_pace(straight: StraightLine) -> f64 {
    let rod = StraightLine::default();
    (straight.road_factor / straight.speed_kmh) / (rod.road_factor / rod.speed_kmh)
}
