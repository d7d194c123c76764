//! One call for all parts of a ticket: what it still needs is reserved as far as it is to be had, and the answer says
//! what is short.

use actix_web::{HttpResponse, post, web};
use db::Tx;
use db::types::TicketId;
use inventory::Reservation;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::reservations::open_ticket;
use crate::app::App;
use crate::auth::{By, STOCK};
use crate::error::{Error, Problem};
use crate::http::{Body, Created, IdempotencyKey, Path};
use crate::schedule::assign::{Means, PartShortage};
use crate::schedule::sourcing;

/// How the parts of a ticket are reserved.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReservations {
    /// Whether nothing is reserved if something is short.
    #[serde(default)]
    pub all_or_nothing: bool,
}

/// What was reserved for a ticket.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ReservedParts {
    /// What was reserved now; empty if the ticket had all that it needs.
    pub reservations: Vec<Reservation>,
    /// What could not be had.
    pub shortages: Vec<PartShortage>,
}

/// Reserve all parts that a ticket still needs, or all that can be had: from its engineer's van, then from the places
/// that together cost him the least detour, substitutes where its kind of ticket allows them.
#[utoipa::path(
    tag = "reservations",
    params(("id" = TicketId, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = NewReservations,
    responses(
        (status = 201, body = ReservedParts),
        (status = 404, body = Problem),
        (status = 409, body = Problem),
    ),
)]
#[post("/tickets/{id}/reservations")]
pub async fn reserve(
    app: web::Data<App>,
    by: By<STOCK>,
    key: IdempotencyKey,
    id: Path<TicketId>,
    body: Body<NewReservations>,
) -> Result<HttpResponse, Error> {
    let new = body.0;
    let (app, all_or_nothing) = (app.into_inner(), new.all_or_nothing);
    let db = app.db.clone();
    let run = move |tx: &mut Tx<'_>| {
        let ticket = open_ticket(tx, id.0)?;
        let means = Means { board: &app.board, hold_minutes: app.config.hold_minutes };
        let (reservations, shortages) = sourcing::reserve_missing(tx, &means, &ticket)?;
        if let Some(short) = shortages.first().filter(|_| all_or_nothing) {
            return Err(short.problem().into());
        }
        let location = format!("/api/v1/reservations?ticket_id={}", ticket.id);
        Created::showing(location, &ticket, &ReservedParts { reservations, shortages })
    };
    key.create(&db, by.0, &new, run).await
}
