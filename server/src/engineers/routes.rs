//! Engineers over HTTP. The entity tag is that of the engineer's own row: position, work in hand and certificates
//! come and go without it.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, patch, post, web};
use db::types::EngineerId;
use db::{Conn, Entity, Timestamp, Tx};
use serde::Deserialize;
use utoipa::IntoParams;

use super::write::{self, EngineerPatch, NewEngineer};
use super::{Engineer, EngineerView, store, view};
use crate::app::App;
use crate::auth::{By, OFFICE};
use crate::error::{Error, Problem};
use crate::http::page::{self, Page};
use crate::http::{Body, Checks, Created, IdempotencyKey, IfMatch, Params, Path, with_tag};

/// Which engineers.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// Words in code, name or telephone.
    pub q: Option<String>,
    /// Rows on the page, 1 to 200; 50 if absent.
    pub limit: Option<i64>,
    /// The `next` of the page before.
    pub after: Option<String>,
}

fn view_one(conn: &mut Conn, engineer: Engineer, now: Timestamp) -> Result<EngineerView, Error> {
    let seen = view(conn, vec![engineer], now)?.pop();
    seen.ok_or_else(|| Problem::not_found("engineer").into())
}

/// Engineers in order of code, those who left included.
#[utoipa::path(tag = "engineers", params(Filter), responses((status = 200, body = Page<EngineerView>)))]
#[get("/engineers")]
pub async fn list(
    app: web::Data<App>,
    _by: By<OFFICE>,
    params: Params<Filter>,
) -> Result<web::Json<Page<EngineerView>>, Error> {
    let filter = params.0;
    let limit = page::limit(filter.limit)?;
    let (q, after) = (page::search(filter.q)?, page::text_cursor(filter.after)?);
    let now = app.db.clock().now();
    let read = move |conn: &mut Conn| {
        let found = store::list(conn, q.as_deref(), after.as_deref(), limit + 1)?;
        view(conn, found, now)
    };
    let found = app.db.read(read).await?;
    Ok(web::Json(Page::cut(found, limit, |seen| seen.engineer.code.clone())))
}

/// Add an engineer. He gets a van as a stock location, and a log-in as a user.
#[utoipa::path(
    tag = "engineers",
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body = NewEngineer,
    responses(
        (status = 201, body = EngineerView),
        (status = 409, body = Problem),
        (status = 422, body = Problem),
    ),
)]
#[post("/engineers")]
pub async fn create(
    app: web::Data<App>,
    by: By<OFFICE>,
    key: IdempotencyKey,
    body: Body<NewEngineer>,
) -> Result<HttpResponse, Error> {
    let new = body.0;
    let engineer = new.row(app.db.clock().now());
    let mut checks = Checks::new();
    write::check(&mut checks, &engineer, &app.config.service_area);
    checks.finish()?;
    let run = move |tx: &mut Tx<'_>| {
        store::insert(tx, &engineer)?;
        let now = tx.now();
        let seen = view_one(tx.conn(), engineer.clone(), now)?;
        Created::showing(format!("/api/v1/engineers/{}", engineer.id), &engineer, &seen)
    };
    key.create(&app.db, by.0, &new, run).await
}

/// One engineer.
#[utoipa::path(
    tag = "engineers",
    params(("id" = EngineerId, Path)),
    responses((status = 200, body = EngineerView), (status = 404, body = Problem)),
)]
#[get("/engineers/{id}")]
pub async fn one(app: web::Data<App>, _by: By<OFFICE>, id: Path<EngineerId>) -> Result<HttpResponse, Error> {
    let now = app.db.clock().now();
    let read = move |conn: &mut Conn| {
        let engineer = store::get(conn, id.0)?;
        let version = db::changes::version(conn, Engineer::ENTITY, id.0.as_str())?;
        Ok::<_, Error>((view_one(conn, engineer, now)?, version))
    };
    let (seen, version) = app.db.read(read).await?;
    Ok(with_tag(StatusCode::OK, version, &seen))
}

/// Change an engineer.
#[utoipa::path(
    tag = "engineers",
    params(("id" = EngineerId, Path), ("If-Match" = String, Header)),
    request_body = EngineerPatch,
    responses(
        (status = 200, body = EngineerView),
        (status = 412, body = Problem),
        (status = 422, body = Problem),
    ),
)]
#[patch("/engineers/{id}")]
pub async fn change(
    app: web::Data<App>,
    by: By<OFFICE>,
    id: Path<EngineerId>,
    if_match: IfMatch,
    body: Body<EngineerPatch>,
) -> Result<HttpResponse, Error> {
    let area = app.config.service_area;
    let run = move |tx: &mut Tx<'_>| {
        let engineer = write::patch(tx, id.0, &body.0, &area)?;
        if_match.check(tx, Engineer::ENTITY, id.0.as_str())?;
        let now = tx.now();
        view_one(tx.conn(), engineer, now)
    };
    let (seen, numbers) = app.db.write_numbered(by.0.actor(), run).await?;
    let version = numbers.version(Engineer::ENTITY, seen.engineer.id.as_str()).unwrap_or(if_match.0);
    Ok(with_tag(StatusCode::OK, version, &seen))
}
