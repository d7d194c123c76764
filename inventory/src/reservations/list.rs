//! Reservations as the warehouse sees them: with the numbers and names that are on labels and badges.

use db::schema::{engineers, parts, reservations, stock_locations, tickets};
use db::types::{EngineerId, LocationId, PartId, ReservationId, TicketId};
use db::{Conn, Timestamp};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Reservation, ReservationStatus};
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema, Queryable)]
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
        .order(reservations::id)
        .limit(limit.clamp(1, PAGE))
        .select((
            reservations::id,
            reservations::ticket_id,
            tickets::number,
            reservations::engineer_id,
            engineers::code.nullable(),
            engineers::name.nullable(),
            tickets::planned_at,
            tickets::due_at,
            reservations::part_id,
            parts::number,
            parts::name,
            reservations::location_id,
            stock_locations::code,
            stock_locations::kind,
            reservations::quantity,
            reservations::status,
            reservations::expires_at,
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
    Ok(query.load(conn)?)
}
