//! Shifts and absences over HTTP: when an engineer works, and when not. They are added and removed, never changed:
//! dispatch looks at what holds now.

use actix_web::{HttpResponse, delete, get, post, web};
use db::types::{AbsenceId, EngineerId, Id, MINUTE_MS, ShiftId};
use db::{Conn, Timestamp, Tx};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Absence, Shift, store};
use crate::app::App;
use crate::auth::{By, OFFICE};
use crate::error::{Error, Problem};
use crate::http::page::{self, Page, PageParams};
use crate::http::{Body, Checks, Created, IdempotencyKey, Params, Path, rows};

/// Longest shift: a day. What is longer is a slip in the date.
const LONGEST_SHIFT_MINUTES: i64 = 24 * 60;
/// Longest absence: two years.
const LONGEST_ABSENCE_MINUTES: i64 = 2 * 366 * 24 * 60;

/// A shift to be added.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewShift {
    /// From.
    pub starts_at: Timestamp,
    /// Until just before; at most 24 hours later.
    pub ends_at: Timestamp,
}

/// An absence to be added.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAbsence {
    /// From.
    pub starts_at: Timestamp,
    /// Until just before; at most two years later.
    pub ends_at: Timestamp,
    /// Why: sick, leave, training.
    pub reason: String,
}

fn span(checks: &mut Checks, starts_at: Timestamp, ends_at: Timestamp, longest_minutes: i64) {
    checks.instant("starts_at", starts_at).instant("ends_at", ends_at);
    checks.require(ends_at > starts_at, "ends_at", "out_of_order", "must be after starts_at");
    let length = ends_at.millis().saturating_sub(starts_at.millis());
    let message = format!("must be at most {} hours after starts_at", longest_minutes / 60);
    checks.require(length <= longest_minutes * MINUTE_MS, "ends_at", "too_long", &message);
}

/// An engineer's shifts, in the order in which they were added.
#[utoipa::path(
    tag = "engineers",
    params(("id" = EngineerId, Path), PageParams),
    responses((status = 200, body = Page<Shift>), (status = 404, body = Problem)),
)]
#[get("/engineers/{id}/shifts")]
pub async fn list_shifts(
    app: web::Data<App>,
    _by: By<OFFICE>,
    id: Path<EngineerId>,
    params: Params<PageParams>,
) -> Result<web::Json<Page<Shift>>, Error> {
    let limit = page::limit(params.0.limit)?;
    let after = page::cursor(params.0.after.as_deref())?;
    let read = move |conn: &mut Conn| {
        store::get(conn, id.0)?;
        store::shifts_of(conn, id.0, after, limit + 1)
    };
    Ok(web::Json(Page::cut(app.db.read(read).await?, limit, |shift| shift.id.to_string())))
}

/// Add a shift.
#[utoipa::path(
    tag = "engineers",
    params(("id" = EngineerId, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = NewShift,
    responses(
        (status = 201, body = Shift),
        (status = 404, body = Problem),
        (status = 409, body = Problem),
        (status = 422, body = Problem),
    ),
)]
#[post("/engineers/{id}/shifts")]
pub async fn create_shift(
    app: web::Data<App>,
    by: By<OFFICE>,
    key: IdempotencyKey,
    id: Path<EngineerId>,
    body: Body<NewShift>,
) -> Result<HttpResponse, Error> {
    let new = body.0;
    let mut checks = Checks::new();
    span(&mut checks, new.starts_at, new.ends_at, LONGEST_SHIFT_MINUTES);
    checks.finish()?;
    let shift = Shift { id: Id::new(), engineer_id: id.0, starts_at: new.starts_at, ends_at: new.ends_at };
    let run = move |tx: &mut Tx<'_>| {
        store::get(tx.conn(), id.0)?;
        store::insert_shift(tx, &shift)?;
        Created::new(format!("/api/v1/engineers/{}/shifts", id.0), &shift)
    };
    key.create(&app.db, by.0, &new, run).await
}

/// Remove a shift.
#[utoipa::path(
    tag = "engineers",
    params(("id" = ShiftId, Path)),
    responses((status = 204), (status = 404, body = Problem)),
)]
#[delete("/shifts/{id}")]
pub async fn remove_shift(
    app: web::Data<App>,
    by: By<OFFICE>,
    id: Path<ShiftId>,
) -> Result<HttpResponse, Error> {
    rows::remove(&app.db, &by.0, move |tx| store::remove_shift(tx, id.0)).await
}

/// An engineer's absences, in the order in which they were added.
#[utoipa::path(
    tag = "engineers",
    params(("id" = EngineerId, Path), PageParams),
    responses((status = 200, body = Page<Absence>), (status = 404, body = Problem)),
)]
#[get("/engineers/{id}/absences")]
pub async fn list_absences(
    app: web::Data<App>,
    _by: By<OFFICE>,
    id: Path<EngineerId>,
    params: Params<PageParams>,
) -> Result<web::Json<Page<Absence>>, Error> {
    let limit = page::limit(params.0.limit)?;
    let after = page::cursor(params.0.after.as_deref())?;
    let read = move |conn: &mut Conn| {
        store::get(conn, id.0)?;
        store::absences_of(conn, id.0, after, limit + 1)
    };
    Ok(web::Json(Page::cut(app.db.read(read).await?, limit, |absence| absence.id.to_string())))
}

/// Add an absence.
#[utoipa::path(
    tag = "engineers",
    params(("id" = EngineerId, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = NewAbsence,
    responses((status = 201, body = Absence), (status = 404, body = Problem), (status = 422, body = Problem)),
)]
#[post("/engineers/{id}/absences")]
pub async fn create_absence(
    app: web::Data<App>,
    by: By<OFFICE>,
    key: IdempotencyKey,
    id: Path<EngineerId>,
    body: Body<NewAbsence>,
) -> Result<HttpResponse, Error> {
    let new = body.0;
    let mut checks = Checks::new();
    checks.name("reason", &new.reason, 500);
    span(&mut checks, new.starts_at, new.ends_at, LONGEST_ABSENCE_MINUTES);
    checks.finish()?;
    let absence = Absence {
        id: Id::new(),
        engineer_id: id.0,
        starts_at: new.starts_at,
        ends_at: new.ends_at,
        reason: new.reason.clone(),
    };
    let run = move |tx: &mut Tx<'_>| {
        store::get(tx.conn(), id.0)?;
        store::insert_absence(tx, &absence)?;
        Created::new(format!("/api/v1/engineers/{}/absences", id.0), &absence)
    };
    key.create(&app.db, by.0, &new, run).await
}

/// Remove an absence.
#[utoipa::path(
    tag = "engineers",
    params(("id" = AbsenceId, Path)),
    responses((status = 204), (status = 404, body = Problem)),
)]
#[delete("/absences/{id}")]
pub async fn remove_absence(
    app: web::Data<App>,
    by: By<OFFICE>,
    id: Path<AbsenceId>,
) -> Result<HttpResponse, Error> {
    rows::remove(&app.db, &by.0, move |tx| store::remove_absence(tx, id.0)).await
}
