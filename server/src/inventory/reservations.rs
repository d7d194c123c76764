//! Reservations over HTTP: what the warehouse has to pick, and hands over.

use actix_web::{HttpResponse, get, post, web};
use db::types::{LocationId, PartId, ReservationId, TicketId};
use db::{Conn, Tx};
use inventory::reservations::{self as stock, ReservationView, wanted};
use inventory::{MAX_QUANTITY, Reservation, ReservationStatus};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{check_serials, named_part, named_place};
use crate::app::App;
use crate::auth::{By, STOCK};
use crate::error::{Error, Problem};
use crate::http::page::{self, Page};
use crate::http::{Body, Checks, Created, IdempotencyKey, Params, Path};
use crate::schedule::assign::Means;
use crate::schedule::sourcing;
use crate::tickets::{self, Ticket};

/// Which reservations.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// Statuses, separated by commas.
    pub status: Option<String>,
    /// At this place.
    pub location_id: Option<LocationId>,
    /// For this ticket.
    pub ticket_id: Option<TicketId>,
    /// Rows on the page, 1 to 200; 50 if absent.
    pub limit: Option<i64>,
    /// The `next` of the page before.
    pub after: Option<String>,
}

fn statuses(text: Option<&str>) -> Result<Vec<ReservationStatus>, Error> {
    let parse = |name: &str| {
        let unknown = |_| Problem::invalid_field("status", "invalid", format!("{name} is no status")).into();
        name.trim().parse().map_err(unknown)
    };
    text.map_or_else(|| Ok(Vec::new()), |text| text.split(',').map(parse).collect())
}

/// Reservations in the order in which they were made, with the names of what they are about.
#[utoipa::path(tag = "reservations", params(Filter), responses((status = 200, body = Page<ReservationView>)))]
#[get("/reservations")]
pub async fn list(
    app: web::Data<App>,
    _by: By<STOCK>,
    params: Params<Filter>,
) -> Result<web::Json<Page<ReservationView>>, Error> {
    let Filter { status, location_id, ticket_id, limit, after } = params.0;
    let limit = page::limit(limit)?;
    let after = page::cursor(after.as_deref())?;
    let filter = stock::Filter { status: statuses(status.as_deref())?, location_id, ticket_id };
    let read = move |conn: &mut Conn| Ok::<_, Error>(stock::list(conn, filter, after, limit)?);
    Ok(web::Json(Page::full(app.db.read(read).await?, limit, |reservation| reservation.id.to_string())))
}

/// A reservation to be made by hand.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReservation {
    /// For which ticket.
    pub ticket_id: TicketId,
    /// Of what.
    pub part_id: PartId,
    /// How much.
    pub quantity: i64,
    /// From where; absent: the engineer's van, then the nearest depots.
    pub location_id: Option<LocationId>,
}

/// Held until the commit: a ticket that another server ends meanwhile must not keep parts.
///
/// # Errors
/// 404; 409 if nobody works on it any more.
pub(super) fn open_ticket(tx: &mut Tx<'_>, id: TicketId) -> Result<Ticket, Error> {
    let ticket = tickets::store::hold(tx, id)?;
    if ticket.status.is_over() {
        let detail = format!("The ticket is {}.", ticket.status.as_str());
        return Err(Problem::conflict("ticket_ended", detail).into());
    }
    Ok(ticket)
}

impl NewReservation {
    fn reserve(&self, tx: &mut Tx<'_>, means: &Means<'_>) -> Result<Vec<Reservation>, Error> {
        let unknown = || Problem::invalid_field("ticket_id", "unknown", "is no known ticket");
        tickets::store::find(tx.conn(), self.ticket_id)?.ok_or_else(unknown)?;
        let ticket = open_ticket(tx, self.ticket_id)?;
        let made = self.reserve_for(tx, means, &ticket)?;
        // What it waited for may be what it was given now.
        wanted::got(tx, ticket.id, self.part_id, self.quantity)?;
        Ok(made)
    }

    fn reserve_for(
        &self,
        tx: &mut Tx<'_>,
        means: &Means<'_>,
        ticket: &Ticket,
    ) -> Result<Vec<Reservation>, Error> {
        let part = named_part(tx.conn(), self.part_id)?;
        if !part.active {
            return Err(Problem::invalid_field("part_id", "inactive", "is no longer in use").into());
        }
        let Some(location_id) = self.location_id else {
            return sourcing::reserve(tx, means, ticket, part.id, self.quantity);
        };
        let place = named_place(tx.conn(), location_id, "location_id")?;
        if !place.kind.may_promise() {
            let message = "must be a depot, a bin or a van: nothing else is promised";
            return Err(Problem::invalid_field("location_id", "invalid", message).into());
        }
        if !place.active {
            return Err(Problem::invalid_field("location_id", "inactive", "is no longer in use").into());
        }
        let request = stock::Request {
            ticket_id: ticket.id,
            engineer_id: ticket.engineer_id,
            part_id: part.id,
            location_id,
            quantity: self.quantity,
            expires_at: Some(tx.now().plus_minutes(means.hold_minutes)),
            instead_of_part_id: None,
        };
        Ok(vec![stock::reserve(tx, request)?])
    }
}

/// Reserve a part for a ticket. Without a place it comes from the engineer's van, then from the nearest depots;
/// several reservations are made if one place has not enough, and none if all together have not.
#[utoipa::path(
    tag = "reservations",
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body = NewReservation,
    responses(
        (status = 201, body = Page<Reservation>),
        (status = 409, body = Problem),
        (status = 422, body = Problem),
    ),
)]
#[post("/reservations")]
pub async fn create(
    app: web::Data<App>,
    by: By<STOCK>,
    key: IdempotencyKey,
    body: Body<NewReservation>,
) -> Result<HttpResponse, Error> {
    let new = body.0;
    let mut checks = Checks::new();
    checks.within("quantity", new.quantity, 1, MAX_QUANTITY).finish()?;
    let (app, for_tx) = (app.into_inner(), new.clone());
    let db = app.db.clone();
    let run = move |tx: &mut Tx<'_>| {
        let means = Means { board: &app.board, hold_minutes: app.config.hold_minutes };
        let made = for_tx.reserve(tx, &means)?;
        let nothing = || Error::Internal("a reservation of nothing".to_owned());
        let first = made.first().cloned().ok_or_else(nothing)?;
        let location = format!("/api/v1/reservations?ticket_id={}", for_tx.ticket_id);
        Created::showing(location, &first, &Page::whole(made))
    };
    key.create(&db, by.0, &new, run).await
}

/// Nothing needs to be said.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// What was taken off the shelf.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Picked {
    /// How much; all of it if absent. What was not found stays held.
    pub quantity: Option<i64>,
    /// Which pieces, of parts that are followed one by one.
    #[serde(default)]
    pub serials: Vec<String>,
    /// Of which lot, of parts that are followed by lot; at hand-over what expires first if absent.
    pub lot: Option<String>,
}

impl Picked {
    fn check(&self) -> Result<(), Error> {
        let mut checks = Checks::new();
        checks.within("quantity", self.quantity.unwrap_or(1), 1, MAX_QUANTITY);
        check_serials(&mut checks, &self.serials).finish()
    }
}

/// Take it off the shelf, or a part of it: that part is a reservation of its own then, and the answer.
#[utoipa::path(
    tag = "reservations",
    params(("id" = ReservationId, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = Picked,
    responses(
        (status = 200, body = Reservation),
        (status = 404, body = Problem),
        (status = 409, body = Problem),
        (status = 422, body = Problem),
    ),
)]
#[post("/reservations/{id}/pick")]
pub async fn pick(
    app: web::Data<App>,
    by: By<STOCK>,
    key: IdempotencyKey,
    id: Path<ReservationId>,
    body: Body<Picked>,
) -> Result<HttpResponse, Error> {
    let picked = body.0;
    picked.check()?;
    let for_tx = picked.clone();
    let run = move |tx: &mut Tx<'_>| {
        let Picked { quantity, serials, lot } = &for_tx;
        let goods = stock::Goods { quantity: *quantity, serials, lot: lot.as_deref() };
        Ok(stock::pick(tx, id.0, &goods)?)
    };
    key.step(&app.db, by.0, &picked, run).await
}

/// Put back on the shelf what was picked by mistake: it is held as before, and not less long than a new one.
#[utoipa::path(
    tag = "reservations",
    params(("id" = ReservationId, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = Nothing,
    responses(
        (status = 200, body = Reservation),
        (status = 404, body = Problem),
        (status = 409, body = Problem),
    ),
)]
#[post("/reservations/{id}/put-back")]
pub async fn put_back(
    app: web::Data<App>,
    by: By<STOCK>,
    key: IdempotencyKey,
    id: Path<ReservationId>,
    body: Body<Nothing>,
) -> Result<HttpResponse, Error> {
    let minutes = app.config.hold_minutes;
    let run = move |tx: &mut Tx<'_>| {
        let until = tx.now().plus_minutes(minutes);
        Ok(stock::put_back(tx, id.0, until)?)
    };
    key.step(&app.db, by.0, &body.0, run).await
}

/// Hand it over to the engineer: it lies in his van then.
#[utoipa::path(
    tag = "reservations",
    params(("id" = ReservationId, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = Nothing,
    responses(
        (status = 200, body = Reservation),
        (status = 404, body = Problem),
        (status = 409, body = Problem),
    ),
)]
#[post("/reservations/{id}/issue")]
pub async fn issue(
    app: web::Data<App>,
    by: By<STOCK>,
    key: IdempotencyKey,
    id: Path<ReservationId>,
    body: Body<Nothing>,
) -> Result<HttpResponse, Error> {
    let run = move |tx: &mut Tx<'_>| Ok(stock::issue(tx, id.0)?);
    key.step(&app.db, by.0, &body.0, run).await
}

/// Give it up: it is free where it lies.
#[utoipa::path(
    tag = "reservations",
    params(("id" = ReservationId, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = Nothing,
    responses(
        (status = 200, body = Reservation),
        (status = 404, body = Problem),
        (status = 409, body = Problem),
    ),
)]
#[post("/reservations/{id}/release")]
pub async fn release(
    app: web::Data<App>,
    by: By<STOCK>,
    key: IdempotencyKey,
    id: Path<ReservationId>,
    body: Body<Nothing>,
) -> Result<HttpResponse, Error> {
    let run = move |tx: &mut Tx<'_>| Ok(stock::release(tx, id.0)?);
    key.step(&app.db, by.0, &body.0, run).await
}

/// What comes back from a van.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReturn {
    /// How much; all of it if absent.
    pub quantity: Option<i64>,
    /// Where to; where it came from if absent.
    pub location_id: Option<LocationId>,
    /// Which pieces, of parts that are followed one by one; needed unless all of them come back.
    #[serde(default)]
    pub serials: Vec<String>,
    /// Of which lot, of parts that are followed by lot.
    pub lot: Option<String>,
}

/// Take back what was handed over and not used. Creates a movement, and a reservation of its own for a part of it,
/// so it takes an `Idempotency-Key`.
#[utoipa::path(
    tag = "reservations",
    params(("id" = ReservationId, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = NewReturn,
    responses(
        (status = 201, body = Reservation),
        (status = 404, body = Problem),
        (status = 409, body = Problem),
        (status = 422, body = Problem),
    ),
)]
#[post("/reservations/{id}/return")]
pub async fn give_back(
    app: web::Data<App>,
    by: By<STOCK>,
    key: IdempotencyKey,
    id: Path<ReservationId>,
    body: Body<NewReturn>,
) -> Result<HttpResponse, Error> {
    let new = body.0;
    let mut checks = Checks::new();
    checks.within("quantity", new.quantity.unwrap_or(1), 1, MAX_QUANTITY).finish()?;
    let for_tx = new.clone();
    let run = move |tx: &mut Tx<'_>| {
        if let Some(to) = for_tx.location_id {
            named_place(tx.conn(), to, "location_id")?;
        }
        let (serials, lot) = (&for_tx.serials[..], for_tx.lot.as_deref());
        let goods = stock::Goods { quantity: for_tx.quantity, serials, lot };
        let returned = stock::return_part(tx, id.0, &goods, for_tx.location_id)?;
        Created::new(format!("/api/v1/reservations?ticket_id={}", returned.ticket_id), &returned)
    };
    key.create(&app.db, by.0, &new, run).await
}
