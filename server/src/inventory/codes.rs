//! Barcodes of parts and what may be taken instead of them, over HTTP.

use actix_web::{HttpResponse, delete, get, post, web};
use db::Tx;
use db::types::{PartCodeId, PartId, SubstituteId};
use inventory::codes::{self, LONGEST_CODE, PartCode, Substitute};
use inventory::scan;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::refuse_taken;
use crate::app::App;
use crate::auth::{By, STOCK};
use crate::error::{Error, Problem};
use crate::http::page::Page;
use crate::http::{Body, Checks, Created, IdempotencyKey, Path, rows};

/// The codes under which a part is scanned.
#[utoipa::path(
    tag = "parts",
    params(("id" = PartId, Path)),
    responses((status = 200, body = Page<PartCode>), (status = 404, body = Problem)),
)]
#[get("/parts/{id}/codes")]
pub async fn list(
    app: web::Data<App>,
    _by: By<STOCK>,
    id: Path<PartId>,
) -> Result<web::Json<Page<PartCode>>, Error> {
    let found = app.db.read(move |conn| Ok::<_, Error>(codes::of_part(conn, id.0)?)).await?;
    Ok(web::Json(Page::whole(found)))
}

/// A code to be.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCode {
    /// As a scanner reads it; unique among all parts.
    pub code: String,
    /// Whose code it is.
    #[serde(default)]
    pub note: String,
}

/// Add a code to a part.
#[utoipa::path(
    tag = "parts",
    params(("id" = PartId, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = NewCode,
    responses(
        (status = 201, body = PartCode),
        (status = 404, body = Problem),
        (status = 409, body = Problem),
        (status = 422, body = Problem),
    ),
)]
#[post("/parts/{id}/codes")]
pub async fn add(
    app: web::Data<App>,
    by: By<STOCK>,
    key: IdempotencyKey,
    id: Path<PartId>,
    body: Body<NewCode>,
) -> Result<HttpResponse, Error> {
    let new = body.0;
    let mut checks = Checks::new();
    checks.name("code", &new.code, LONGEST_CODE).text("note", &new.note, 200);
    let code = new.code.trim();
    let fits = !scan::is_article_number(code) || scan::gs1::check_digit_fits(code);
    checks.require(fits, "code", "check_digit", "has a wrong check digit").finish()?;
    let for_tx = new.clone();
    let run = move |tx: &mut Tx<'_>| {
        refuse_taken(tx.conn(), &for_tx.code, "code")?;
        let code = codes::add(tx, id.0, &for_tx.code, &for_tx.note)?;
        Created::new(format!("/api/v1/parts/{}/codes", code.part_id), &code)
    };
    key.create(&app.db, by.0, &new, run).await
}

/// Remove a code.
#[utoipa::path(
    tag = "parts",
    params(("id" = PartCodeId, Path)),
    responses((status = 204), (status = 404, body = Problem)),
)]
#[delete("/part-codes/{id}")]
pub async fn remove(app: web::Data<App>, by: By<STOCK>, id: Path<PartCodeId>) -> Result<HttpResponse, Error> {
    rows::remove(&app.db, &by.0, move |tx| Ok(codes::remove(tx, id.0)?)).await
}

/// What may be taken instead of a part.
#[utoipa::path(
    tag = "parts",
    params(("id" = PartId, Path)),
    responses((status = 200, body = Page<Substitute>), (status = 404, body = Problem)),
)]
#[get("/parts/{id}/substitutes")]
pub async fn substitutes(
    app: web::Data<App>,
    _by: By<STOCK>,
    id: Path<PartId>,
) -> Result<web::Json<Page<Substitute>>, Error> {
    let found = app.db.read(move |conn| Ok::<_, Error>(codes::substitutes(conn, id.0)?)).await?;
    Ok(web::Json(Page::whole(found)))
}

/// A substitute to be.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSubstitute {
    /// What may be taken.
    pub substitute_id: PartId,
}

/// Let another part be taken instead of this one, one for one; not the other way round.
#[utoipa::path(
    tag = "parts",
    params(("id" = PartId, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = NewSubstitute,
    responses(
        (status = 201, body = Substitute),
        (status = 404, body = Problem),
        (status = 409, body = Problem),
        (status = 422, body = Problem),
    ),
)]
#[post("/parts/{id}/substitutes")]
pub async fn allow(
    app: web::Data<App>,
    by: By<STOCK>,
    key: IdempotencyKey,
    id: Path<PartId>,
    body: Body<NewSubstitute>,
) -> Result<HttpResponse, Error> {
    let new = body.0;
    let run = move |tx: &mut Tx<'_>| {
        known(tx, new.substitute_id)?;
        let row = codes::allow(tx, id.0, new.substitute_id)?;
        Created::new(format!("/api/v1/parts/{}/substitutes", row.part_id), &row)
    };
    key.create(&app.db, by.0, &new, run).await
}

/// An unknown substitute is a fault of its field, not of the path.
fn known(tx: &mut Tx<'_>, id: PartId) -> Result<(), Error> {
    match inventory::parts::get(tx.conn(), id) {
        Err(inventory::Error::NotFound { .. }) => {
            Err(Problem::invalid_field("substitute_id", "unknown", "is no known part").into())
        }
        found => Ok(found.map(drop)?),
    }
}

/// Remove a substitute.
#[utoipa::path(
    tag = "parts",
    params(("id" = SubstituteId, Path)),
    responses((status = 204), (status = 404, body = Problem)),
)]
#[delete("/part-substitutes/{id}")]
pub async fn forbid(
    app: web::Data<App>,
    by: By<STOCK>,
    id: Path<SubstituteId>,
) -> Result<HttpResponse, Error> {
    rows::remove(&app.db, &by.0, move |tx| Ok(codes::forbid(tx, id.0)?)).await
}
