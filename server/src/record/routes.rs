//! The record's routes: one ticket as a bundle that is judged without us, and the last head, for whoever keeps heads.

use ::record::Bundle;
use ::record::export::export;
use ::record::seal::{Progress, progress};
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::{HttpResponse, get, web};
use db::types::TicketId;
use db::{Conn, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::{By, OFFICE};
use crate::error::{Error, Problem};
use crate::http::Path;
use crate::tickets::store;

/// The record of a ticket as a file that proves itself: docs/record.md. What was not sealed yet is sealed first.
#[utoipa::path(
    tag = "tickets",
    params(("id" = TicketId, Path)),
    responses(
        (status = 200, body = Bundle),
        (status = 404, body = Problem),
        (status = 409, body = Problem, description = "`record_key`, `record_damaged`"),
    ),
)]
#[get("/tickets/{id}/record")]
pub async fn bundle(app: web::Data<App>, _by: By<OFFICE>, id: Path<TicketId>) -> Result<HttpResponse, Error> {
    let ticket = app.db.read(move |conn: &mut Conn| store::get(conn, id.0)).await?;
    super::seal(&app).await?;
    let sealer = app.record.sealer(&app).await?;
    let now = app.db.clock().now();
    let read = move |conn: &mut Conn| export(conn, sealer.signer(), ticket.id.as_str(), now);
    let bundle = app.db.read(read).await?.ok_or_else(|| Problem::not_found("record"))?;
    let name = format!("attachment; filename=\"ticket-{}-record.json\"", ticket.number);
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_DISPOSITION, name))
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(bundle))
}

/// How far the record is sealed, and what it is signed with.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordState {
    /// The key in force, as `fettle verify record --key` takes it.
    public_key: String,
    /// SHA-256 of the key, to be read to each other.
    fingerprint: String,
    /// The last head: a checkpoint, as a signed note; none if nothing is sealed yet. Whoever keeps it elsewhere can
    /// show later that the record before it was altered.
    head: Option<String>,
    /// Changes that are sealed.
    sealed: i64,
    /// When the oldest change was made that is not.
    waiting_since: Option<Timestamp>,
}

/// How far the record is sealed, its key and its last head.
#[utoipa::path(
    tag = "tickets",
    responses((status = 200, body = RecordState), (status = 409, body = Problem, description = "`record_key`")),
)]
#[get("/record")]
pub async fn state(app: web::Data<App>, _by: By<OFFICE>) -> Result<web::Json<RecordState>, Error> {
    let sealer = app.record.sealer(&app).await?;
    let read = |conn: &mut Conn| Ok::<_, Error>((progress(conn)?, ::record::export::head(conn)?));
    let (Progress { sealed, waiting_since }, head) = app.db.read(read).await?;
    let key = sealer.signer().public();
    let (public_key, fingerprint) = (key.text(), key.fingerprint());
    Ok(web::Json(RecordState { public_key, fingerprint, head, sealed, waiting_since }))
}
