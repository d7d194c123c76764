//! Old parts over HTTP: expected, received, graded.

use actix_web::{HttpResponse, get, post, web};
use db::types::{EngineerId, LocationId, TicketId, UsedPartReturnId};
use db::{Conn, Tx};
use inventory::MAX_QUANTITY;
use inventory::pieces::LONGEST_NUMBER;
use inventory::returns::{self, Arrival, Findings, Grade, ReturnStatus, UsedPartReturn, UsedPartReturnView};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{known_place, named_place};
use crate::app::App;
use crate::auth::{By, STOCK};
use crate::error::{Error, Problem};
use crate::http::page::{self, Page};
use crate::http::{Body, Checks, IdempotencyKey, Params, Path};

/// Which old parts.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReturnFilter {
    /// `expected`, `received`, `graded` or `waived`.
    pub status: Option<ReturnStatus>,
    /// That this engineer has to bring.
    pub engineer_id: Option<EngineerId>,
    /// That came out on this ticket.
    pub ticket_id: Option<TicketId>,
    /// That came out at least so many days ago, 0 to 3,650; with `expected`, what is overdue.
    pub older_than_days: Option<i64>,
    /// Rows on the page, 1 to 200; 50 if absent.
    pub limit: Option<i64>,
    /// The `next` of the page before.
    pub after: Option<String>,
}

/// Old parts that have to come back, the oldest first.
#[utoipa::path(
    tag = "returns",
    params(ReturnFilter),
    responses((status = 200, body = Page<UsedPartReturnView>)),
)]
#[get("/used-part-returns")]
pub async fn list(
    app: web::Data<App>,
    _by: By<STOCK>,
    params: Params<ReturnFilter>,
) -> Result<web::Json<Page<UsedPartReturnView>>, Error> {
    let ReturnFilter { status, engineer_id, ticket_id, older_than_days, limit, after } = params.0;
    let limit = page::limit(limit)?;
    let after = page::cursor(after.as_deref())?;
    if let Some(days) = older_than_days {
        Checks::new().within("older_than_days", days, 0, 3_650).finish()?;
    }
    let now = app.db.clock().now();
    let before = older_than_days.map(|days| now.plus_minutes(-days * 24 * 60));
    let filter = returns::Filter { status, engineer_id, ticket_id, before };
    let read = move |conn: &mut Conn| Ok::<_, Error>(returns::list(conn, filter, after, limit)?);
    Ok(web::Json(Page::full(app.db.read(read).await?, limit, |row| row.used.id.to_string())))
}

/// What came in over the counter.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Received {
    /// Where it lies now.
    pub location_id: LocationId,
    /// How much; all of it if absent. What did not come stays expected.
    pub quantity: Option<i64>,
    /// The number that is on it.
    pub serial: Option<String>,
    /// What somebody wanted to add.
    #[serde(default)]
    pub note: String,
}

/// Take an old part in.
#[utoipa::path(
    tag = "returns",
    params(("id" = UsedPartReturnId, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = Received,
    responses(
        (status = 200, body = UsedPartReturn),
        (status = 404, body = Problem),
        (status = 409, body = Problem),
        (status = 422, body = Problem),
    ),
)]
#[post("/used-part-returns/{id}/receive")]
pub async fn receive(
    app: web::Data<App>,
    by: By<STOCK>,
    key: IdempotencyKey,
    id: Path<UsedPartReturnId>,
    body: Body<Received>,
) -> Result<HttpResponse, Error> {
    let Received { location_id, quantity, serial, note } = body.0.clone();
    let mut checks = Checks::new();
    checks.within("quantity", quantity.unwrap_or(1), 1, MAX_QUANTITY).text("note", &note, 2_000);
    if let Some(serial) = &serial {
        checks.name("serial", serial, LONGEST_NUMBER);
    }
    checks.finish()?;
    let arrival = Arrival { quantity, serial, note };
    let run = move |tx: &mut Tx<'_>| {
        named_place(tx.conn(), location_id, "location_id")?;
        Ok(returns::receive(tx, id.0, location_id, &arrival)?)
    };
    key.step(&app.db, by.0, &body.0, run).await
}

/// What an old part is good for.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Graded {
    /// `reusable`, `repair`, `quarantine` or `scrap`.
    pub grade: Grade,
    /// Where it goes; where such parts go if absent.
    pub location_id: Option<LocationId>,
    /// The numbers that are on the pieces, of parts that are followed one by one; the one that it came with if absent.
    #[serde(default)]
    pub serials: Vec<String>,
}

/// Say what an old part is good for: it moves out of the lift to where such parts go.
#[utoipa::path(
    tag = "returns",
    params(("id" = UsedPartReturnId, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = Graded,
    responses(
        (status = 200, body = UsedPartReturn),
        (status = 404, body = Problem),
        (status = 409, body = Problem),
        (status = 422, body = Problem),
    ),
)]
#[post("/used-part-returns/{id}/grade")]
pub async fn grade(
    app: web::Data<App>,
    by: By<STOCK>,
    key: IdempotencyKey,
    id: Path<UsedPartReturnId>,
    body: Body<Graded>,
) -> Result<HttpResponse, Error> {
    let for_tx = body.0.clone();
    let run = move |tx: &mut Tx<'_>| {
        if let Some(place) = for_tx.location_id {
            known_place(tx.conn(), place, "location_id")?;
        }
        let findings = Findings { grade: for_tx.grade, to: for_tx.location_id, serials: &for_tx.serials };
        Ok(returns::grade(tx, id.0, &findings)?.used)
    };
    key.step(&app.db, by.0, &body.0, run).await
}

/// Why it does not come.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Waived {
    /// Why.
    pub note: String,
}

/// Say that an old part will not come.
#[utoipa::path(
    tag = "returns",
    params(("id" = UsedPartReturnId, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = Waived,
    responses(
        (status = 200, body = UsedPartReturn),
        (status = 404, body = Problem),
        (status = 409, body = Problem),
        (status = 422, body = Problem),
    ),
)]
#[post("/used-part-returns/{id}/waive")]
pub async fn waive(
    app: web::Data<App>,
    by: By<STOCK>,
    key: IdempotencyKey,
    id: Path<UsedPartReturnId>,
    body: Body<Waived>,
) -> Result<HttpResponse, Error> {
    let note = body.0.note.clone();
    let mut checks = Checks::new();
    checks.require(!note.trim().is_empty(), "note", "required", "must say why").text("note", &note, 2_000);
    checks.finish()?;
    let run = move |tx: &mut Tx<'_>| Ok(returns::waive(tx, id.0, &note)?);
    key.step(&app.db, by.0, &body.0, run).await
}
