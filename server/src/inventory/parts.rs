//! The catalogue of parts over HTTP.

use actix_web::{HttpResponse, get, patch, post, web};
use db::types::PartId;
use db::{Conn, Tx};
use inventory::Part;
use inventory::parts::{NewPart, PartChanges};
use serde::Deserialize;
use utoipa::IntoParams;

use super::refuse_taken;
use crate::app::App;
use crate::auth::{By, STOCK};
use crate::error::{Error, Problem};
use crate::http::page::{self, Page};
use crate::http::{Body, Checks, Created, IdempotencyKey, IfMatch, Params, Path, rows};

/// Most that a unit may cost, in millionths: what JavaScript can still count.
pub const HIGHEST_PRICE: i64 = 1 << 52;

/// Which parts.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// Words in number or names.
    pub q: Option<String>,
    /// Rows on the page, 1 to 200; 50 if absent.
    pub limit: Option<i64>,
    /// The `next` of the page before.
    pub after: Option<String>,
}

/// Notes what is wrong with a part to be.
pub fn check(checks: &mut Checks, new: &NewPart) {
    checks
        .name("number", &new.number, 50)
        .name("name", &new.name, 200)
        .text("name_zh", &new.name_zh, 200)
        .name("unit", &new.unit, 20)
        .within("decimals", i64::from(new.decimals), 0, 6)
        .within("unit_price_micros", new.unit_price_micros, 0, HIGHEST_PRICE);
    check_currency(checks, &new.currency);
}

fn check_currency(checks: &mut Checks, currency: &str) {
    let known = inventory::costs::is_currency(currency);
    checks.require(known, "currency", "invalid", "must be a currency of ISO 4217, as in EUR");
}

fn check_changes(checks: &mut Checks, changes: &PartChanges) {
    if let Some(number) = &changes.number {
        checks.name("number", number, 50);
    }
    if let Some(name) = &changes.name {
        checks.name("name", name, 200);
    }
    checks.text("name_zh", changes.name_zh.as_deref().unwrap_or(""), 200);
    checks.within("unit_price_micros", changes.unit_price_micros.unwrap_or(0), 0, HIGHEST_PRICE);
    if let Some(currency) = &changes.currency {
        check_currency(checks, currency);
    }
}

/// Parts in order of number.
#[utoipa::path(tag = "parts", params(Filter), responses((status = 200, body = Page<Part>)))]
#[get("/parts")]
pub async fn list(
    app: web::Data<App>,
    _by: By<STOCK>,
    params: Params<Filter>,
) -> Result<web::Json<Page<Part>>, Error> {
    let filter = params.0;
    let limit = page::limit(filter.limit)?;
    let (q, after) = (page::search(filter.q)?, page::text_cursor(filter.after)?);
    let read = move |conn: &mut Conn| {
        Ok::<_, Error>(inventory::parts::list(conn, q.as_deref(), after.as_deref(), limit)?)
    };
    Ok(web::Json(Page::full(app.db.read(read).await?, limit, |part| part.number.clone())))
}

/// Add a part.
#[utoipa::path(
    tag = "parts",
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body = NewPart,
    responses((status = 201, body = Part), (status = 409, body = Problem), (status = 422, body = Problem)),
)]
#[post("/parts")]
pub async fn create(
    app: web::Data<App>,
    by: By<STOCK>,
    key: IdempotencyKey,
    body: Body<NewPart>,
) -> Result<HttpResponse, Error> {
    let new = body.0;
    let mut checks = Checks::new();
    check(&mut checks, &new);
    checks.finish()?;
    let asked = (
        new.number.clone(),
        new.name.clone(),
        new.name_zh.clone(),
        new.unit.clone(),
        new.decimals,
        new.unit_price_micros,
        new.currency.clone(),
    );
    let run = move |tx: &mut Tx<'_>| {
        refuse_taken(tx.conn(), &new.number, "number")?;
        let part = inventory::parts::create(tx, new.clone())?;
        Created::new(format!("/api/v1/parts/{}", part.id), &part)
    };
    key.create(&app.db, by.0, &asked, run).await
}

/// One part.
#[utoipa::path(
    tag = "parts",
    params(("id" = PartId, Path)),
    responses((status = 200, body = Part), (status = 404, body = Problem)),
)]
#[get("/parts/{id}")]
pub async fn one(app: web::Data<App>, _by: By<STOCK>, id: Path<PartId>) -> Result<HttpResponse, Error> {
    rows::show(&app.db, move |conn| Ok(inventory::parts::get(conn, id.0)?)).await
}

/// Change a part. Unit and decimals stay: all quantities are counted in them.
#[utoipa::path(
    tag = "parts",
    params(("id" = PartId, Path), ("If-Match" = String, Header)),
    request_body = PartChanges,
    responses(
        (status = 200, body = Part),
        (status = 409, body = Problem),
        (status = 412, body = Problem),
        (status = 422, body = Problem),
    ),
)]
#[patch("/parts/{id}")]
pub async fn change(
    app: web::Data<App>,
    by: By<STOCK>,
    id: Path<PartId>,
    if_match: IfMatch,
    body: Body<PartChanges>,
) -> Result<HttpResponse, Error> {
    let changes = body.0;
    let mut checks = Checks::new();
    check_changes(&mut checks, &changes);
    checks.finish()?;
    let run = move |tx: &mut Tx<'_>| Ok(inventory::parts::update(tx, id.0, &changes)?);
    rows::change(&app.db, &by.0, if_match, run).await
}
