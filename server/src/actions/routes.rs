//! What dispatchers did, undoing and redoing over HTTP.

use std::sync::Arc;

use actix_web::{HttpResponse, get, post, web};
use db::{Conn, Tx};

use super::turn::{self, Way, Which};
use super::{Action, KEPT_HOURS, store};
use crate::app::App;
use crate::auth::{By, OFFICE, Who};
use crate::error::{Error, Problem};
use crate::http::page::{self, Page, PageParams};
use crate::http::{Body, IdempotencyKey, Params};
use crate::schedule::assign::Means;

/// What everybody did in the last 24 hours, the last first: each can be undone while its tickets stand as it left them.
#[utoipa::path(tag = "dispatch", params(PageParams), responses((status = 200, body = Page<Action>)))]
#[get("/dispatch/actions")]
pub async fn list(
    app: web::Data<App>,
    _by: By<OFFICE>,
    params: Params<PageParams>,
) -> Result<web::Json<Page<Action>>, Error> {
    let limit = page::limit(params.0.limit)?;
    let before: Option<i64> = page::cursor(params.0.after.as_deref())?;
    let since = app.db.clock().now().plus_minutes(-60 * KEPT_HOURS);
    let found = app.db.read(move |conn: &mut Conn| store::recent(conn, since, before, limit + 1)).await?;
    Ok(web::Json(Page::cut(found, limit, |action| action.number.to_string())))
}

/// Undo the caller's own last action, or any that is named: its tickets stand as before, with their parts. Refused
/// where a phone has acted on one of them since, or somebody changed the same.
#[utoipa::path(
    tag = "dispatch",
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body = Which,
    responses((status = 200, body = Action), (status = 404, body = Problem), (status = 409, body = Problem)),
)]
#[post("/dispatch/undo")]
pub async fn undo(
    app: web::Data<App>,
    by: By<OFFICE>,
    key: IdempotencyKey,
    body: Body<Which>,
) -> Result<HttpResponse, Error> {
    answer(app.into_inner(), by.0, key, body.0, Way::Undo).await
}

/// Do again what the caller undid last, or any undone action that is named.
#[utoipa::path(
    tag = "dispatch",
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body = Which,
    responses((status = 200, body = Action), (status = 404, body = Problem), (status = 409, body = Problem)),
)]
#[post("/dispatch/redo")]
pub async fn redo(
    app: web::Data<App>,
    by: By<OFFICE>,
    key: IdempotencyKey,
    body: Body<Which>,
) -> Result<HttpResponse, Error> {
    answer(app.into_inner(), by.0, key, body.0, Way::Redo).await
}

async fn answer(
    app: Arc<App>,
    who: Who,
    key: IdempotencyKey,
    which: Which,
    way: Way,
) -> Result<HttpResponse, Error> {
    let db = app.db.clone();
    // Memory has to know of what was just done: it says who is where, and what they have in hand.
    app.board.catch_up(&db).await?;
    let step = move |tx: &mut Tx<'_>| {
        let means = Means { board: &app.board, hold_minutes: app.config.hold_minutes };
        turn::turn(tx, &means, which, way)
    };
    key.step(&db, who, &which, step).await
}
