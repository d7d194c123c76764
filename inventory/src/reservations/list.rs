//! Reservations as the warehouse sees them: with the numbers and names that are on labels and badges.

use std::collections::BTreeSet;

use db::schema::{engineers, part_lots, part_serials, parts, reservations, stock_locations, tickets};
use db::types::{EngineerId, LocationId, PartId, ReservationId, TicketId};
use db::{Conn, Timestamp};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Reservation, ReservationStatus};
use crate::levels::awaited;
use crate::{Error, LocationKind, PAGE};

/// All reservations that a ticket ever had, the oldest first.
pub fn of_ticket(conn: &mut Conn, ticket_id: TicketId) -> Result<Vec<Reservation>, Error> {
    Ok(reservations::table
        .filter(reservations::ticket_id.eq(ticket_id))
        .order((reservations::created_at, reservations::id))
        .load(conn)?)
}

/// Which reservations to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only these statuses; none means all.
    pub status: Vec<ReservationStatus>,
    /// Only at this place.
    pub location_id: Option<LocationId>,
    /// Only of this ticket.
    pub ticket_id: Option<TicketId>,
}

/// A reservation with what people call its ticket, engineer, part and place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReservationView {
    /// Its id.
    pub id: ReservationId,
    /// For which ticket.
    pub ticket_id: TicketId,
    /// The ticket's number.
    pub ticket_number: i64,
    /// Who will use it.
    pub engineer_id: Option<EngineerId>,
    /// His code.
    pub engineer_code: Option<String>,
    /// His name.
    pub engineer_name: Option<String>,
    /// When he is expected at the ticket's site: until then he has to have left with it.
    pub planned_at: Option<Timestamp>,
    /// When the ticket was promised to be done.
    pub due_at: Timestamp,
    /// Of what.
    pub part_id: PartId,
    /// The part's number.
    pub part_number: String,
    /// The part's name.
    pub part_name: String,
    /// Where it lies now.
    pub location_id: LocationId,
    /// The place's code.
    pub location_code: String,
    /// Depot or van.
    pub location_kind: LocationKind,
    /// How much.
    pub quantity: i64,
    /// How far it has come.
    pub status: ReservationStatus,
    /// When it is given up, if it is only held then.
    pub expires_at: Option<Timestamp>,
    /// The number of the lot that was picked or handed over, if it is one.
    pub lot: Option<String>,
    /// The numbers of the pieces that were picked.
    pub serials: Vec<String>,
    /// Of one that waits: what is on order for it, not for those who wait before it.
    pub on_order: i64,
    /// The day on which the last of that is expected, `YYYY-MM-DD`.
    #[schema(format = Date)]
    pub expected_on: Option<String>,
}

/// Reservations in order of id, which is the order they were made in, after the id `after`.
pub fn list(
    conn: &mut Conn,
    filter: Filter,
    after: Option<ReservationId>,
    limit: i64,
) -> Result<Vec<ReservationView>, Error> {
    let mut query = reservations::table
        .inner_join(tickets::table.on(tickets::id.eq(reservations::ticket_id)))
        .inner_join(parts::table.on(parts::id.eq(reservations::part_id)))
        .inner_join(stock_locations::table.on(stock_locations::id.eq(reservations::location_id)))
        .left_join(engineers::table.on(engineers::id.nullable().eq(reservations::engineer_id)))
        .left_join(part_lots::table.on(part_lots::id.nullable().eq(reservations::lot_id)))
        .order(reservations::id)
        .limit(limit.clamp(1, PAGE))
        .select((
            reservations::all_columns,
            (tickets::number, tickets::planned_at, tickets::due_at),
            (engineers::code.nullable(), engineers::name.nullable()),
            (parts::number, parts::name),
            (stock_locations::code, stock_locations::kind),
            part_lots::number.nullable(),
        ))
        .into_boxed();
    if !filter.status.is_empty() {
        query = query.filter(reservations::status.eq_any(filter.status));
    }
    if let Some(id) = filter.location_id {
        query = query.filter(reservations::location_id.eq(id));
    }
    if let Some(id) = filter.ticket_id {
        query = query.filter(reservations::ticket_id.eq(id));
    }
    if let Some(after) = after {
        query = query.filter(reservations::id.gt(after));
    }
    let rows: Vec<Row> = query.load(conn)?;
    let mut found: Vec<ReservationView> = rows.into_iter().map(view).collect();
    name_pieces(conn, &mut found)?;
    say_what_is_on_order(conn, &mut found)?;
    Ok(found)
}

type Row = (
    Reservation,
    (i64, Option<Timestamp>, Timestamp),
    (Option<String>, Option<String>),
    (String, String),
    (String, LocationKind),
    Option<String>,
);

fn view((of, ticket, engineer, part, place, lot): Row) -> ReservationView {
    ReservationView {
        id: of.id,
        ticket_id: of.ticket_id,
        ticket_number: ticket.0,
        engineer_id: of.engineer_id,
        engineer_code: engineer.0,
        engineer_name: engineer.1,
        planned_at: ticket.1,
        due_at: ticket.2,
        part_id: of.part_id,
        part_number: part.0,
        part_name: part.1,
        location_id: of.location_id,
        location_code: place.0,
        location_kind: place.1,
        quantity: of.quantity,
        status: of.status,
        expires_at: of.expires_at,
        lot,
        serials: Vec::new(),
        on_order: 0,
        expected_on: None,
    }
}

/// The pieces of those that have any, in order of number.
fn name_pieces(conn: &mut Conn, found: &mut [ReservationView]) -> Result<(), Error> {
    let live = found.iter().filter(|one| one.status.is_live()).map(|one| one.id);
    let live: Vec<ReservationId> = live.collect();
    if live.is_empty() {
        return Ok(());
    }
    let pieces: Vec<(Option<ReservationId>, String)> = part_serials::table
        .filter(part_serials::reservation_id.eq_any(live))
        .order(part_serials::number)
        .select((part_serials::reservation_id, part_serials::number))
        .load(conn)?;
    for (id, number) in pieces {
        if let Some(one) = found.iter_mut().find(|one| Some(one.id) == id) {
            one.serials.push(number);
        }
    }
    Ok(())
}

/// What will come for those that wait.
fn say_what_is_on_order(conn: &mut Conn, found: &mut [ReservationView]) -> Result<(), Error> {
    let waiting = |one: &&mut ReservationView| one.status == ReservationStatus::Wanted;
    let parts: BTreeSet<PartId> = found.iter_mut().filter(waiting).map(|one| one.part_id).collect();
    if parts.is_empty() {
        return Ok(());
    }
    let awaited = awaited(conn, &parts.into_iter().collect::<Vec<_>>())?;
    for one in found.iter_mut().filter(waiting) {
        if let Some(coming) = awaited.iter().find(|coming| coming.reservation_id == one.id) {
            one.on_order = coming.on_order;
            one.expected_on = Some(coming.expected_on.clone());
        }
    }
    Ok(())
}
