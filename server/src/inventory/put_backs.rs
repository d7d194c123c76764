//! What has to be carried back to its shelf, over HTTP.

use actix_web::{HttpResponse, get, post, web};
use db::types::PutBackId;
use db::{Conn, Tx};
use inventory::put_backs::{self, PutBack, PutBackView};

use super::reservations::Nothing;
use crate::app::App;
use crate::auth::{By, STOCK};
use crate::error::{Error, Problem};
use crate::http::page::{self, Page, PageParams};
use crate::http::{Body, IdempotencyKey, Params, Path};

/// What was picked for tickets that need it no more, or not from there, and is not back on its shelf yet; the oldest
/// first. The books have it there already, free for anybody.
#[utoipa::path(tag = "reservations", params(PageParams), responses((status = 200, body = Page<PutBackView>)))]
#[get("/put-backs")]
pub async fn list(
    app: web::Data<App>,
    _by: By<STOCK>,
    params: Params<PageParams>,
) -> Result<web::Json<Page<PutBackView>>, Error> {
    let limit = page::limit(params.0.limit)?;
    let after = page::cursor(params.0.after.as_deref())?;
    let read = move |conn: &mut Conn| Ok::<_, Error>(put_backs::open(conn, after, limit)?);
    Ok(web::Json(Page::full(app.db.read(read).await?, limit, |row| row.put_back.id.to_string())))
}

/// Say that it is back on its shelf. It is too once it is picked for the same ticket again.
#[utoipa::path(
    tag = "reservations",
    params(("id" = PutBackId, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = Nothing,
    responses((status = 200, body = PutBack), (status = 404, body = Problem)),
)]
#[post("/put-backs/{id}/done")]
pub async fn done(
    app: web::Data<App>,
    by: By<STOCK>,
    key: IdempotencyKey,
    id: Path<PutBackId>,
    body: Body<Nothing>,
) -> Result<HttpResponse, Error> {
    let run = move |tx: &mut Tx<'_>| Ok(put_backs::done(tx, id.0)?);
    key.step(&app.db, by.0, &body.0, run).await
}
