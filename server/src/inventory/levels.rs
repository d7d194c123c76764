//! How much places should have, over HTTP, and what to do where they have less.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, delete, get, put, web};
use db::types::{LocationId, PartId, StockLevelId};
use db::{Conn, Entity, Tx};
use inventory::MAX_QUANTITY;
use inventory::levels::{self, LONGEST_LEAD_DAYS, NewLevel, Proposal, StockLevel};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{named_part, named_place};
use crate::app::App;
use crate::auth::{By, STOCK};
use crate::error::{Error, Problem};
use crate::http::page::{self, Page};
use crate::http::{Body, Checks, Params, Path, Seen, rows, with_tag};

/// Which levels.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LevelFilter {
    /// Of this part.
    pub part_id: Option<PartId>,
    /// At this place.
    pub location_id: Option<LocationId>,
    /// Rows on the page, 1 to 200; 50 if absent.
    pub limit: Option<i64>,
    /// The `next` of the page before.
    pub after: Option<String>,
}

/// What places should have: minimum, maximum and days that an order takes.
#[utoipa::path(tag = "stock", params(LevelFilter), responses((status = 200, body = Page<StockLevel>)))]
#[get("/stock-levels")]
pub async fn list(
    app: web::Data<App>,
    _by: By<STOCK>,
    params: Params<LevelFilter>,
) -> Result<web::Json<Page<StockLevel>>, Error> {
    let LevelFilter { part_id, location_id, limit, after } = params.0;
    let limit = page::limit(limit)?;
    let after = page::cursor(after.as_deref())?;
    let filter = levels::Filter { part_id, location_id };
    let read = move |conn: &mut Conn| Ok::<_, Error>(levels::list(conn, filter, after, limit)?);
    Ok(web::Json(Page::full(app.db.read(read).await?, limit, |level| level.id.to_string())))
}

/// One level, with its version as the tag.
#[utoipa::path(
    tag = "stock",
    params(("id" = StockLevelId, Path)),
    responses((status = 200, body = StockLevel), (status = 404, body = Problem)),
)]
#[get("/stock-levels/{id}")]
pub async fn one(app: web::Data<App>, _by: By<STOCK>, id: Path<StockLevelId>) -> Result<HttpResponse, Error> {
    rows::show(&app.db, move |conn| Ok(levels::get(conn, id.0)?)).await
}

/// Say what a place should have of a part; what was said before is replaced. With `If-Match` only if it is still the
/// version that was seen; a level that nobody has seen is none to be matched.
#[utoipa::path(
    tag = "stock",
    params(("If-Match" = Option<String>, Header)),
    request_body = NewLevel,
    responses(
        (status = 200, body = StockLevel),
        (status = 412, body = Problem),
        (status = 422, body = Problem),
    ),
)]
#[put("/stock-levels")]
pub async fn put(
    app: web::Data<App>,
    by: By<STOCK>,
    seen: Seen,
    body: Body<NewLevel>,
) -> Result<HttpResponse, Error> {
    let new = body.0;
    Checks::new()
        .within("minimum", new.minimum, 0, MAX_QUANTITY)
        .within("maximum", new.maximum, new.minimum.clamp(0, MAX_QUANTITY), MAX_QUANTITY)
        .within("lead_days", i64::from(new.lead_days), 0, i64::from(LONGEST_LEAD_DAYS))
        .finish()?;
    let run = move |tx: &mut Tx<'_>| {
        named_part(tx.conn(), new.part_id)?;
        named_place(tx.conn(), new.location_id, "location_id")?;
        let level = levels::put(tx, new)?;
        if let Some(seen) = seen.0 {
            seen.check(tx, StockLevel::ENTITY, &level.row_id())?;
        }
        Ok::<_, Error>(level)
    };
    let (level, numbers) = app.db.write_numbered(by.0.actor(), run).await?;
    let version = numbers.version(StockLevel::ENTITY, &level.row_id()).unwrap_or_default();
    Ok(with_tag(StatusCode::OK, version, &level))
}

/// Forget what a place should have.
#[utoipa::path(
    tag = "stock",
    params(("id" = StockLevelId, Path), ("If-Match" = Option<String>, Header)),
    responses(
        (status = 204),
        (status = 404, body = Problem),
        (status = 412, body = Problem),
        (status = 422, body = Problem),
    ),
)]
#[delete("/stock-levels/{id}")]
pub async fn remove(
    app: web::Data<App>,
    by: By<STOCK>,
    id: Path<StockLevelId>,
    seen: Seen,
) -> Result<HttpResponse, Error> {
    let run = move |tx: &mut Tx<'_>| {
        levels::remove(tx, id.0)?;
        if let Some(seen) = seen.0 {
            seen.check(tx, StockLevel::ENTITY, &id.0.to_string())?;
        }
        Ok(())
    };
    rows::remove(&app.db, &by.0, run).await
}

/// Only there.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PlaceFilter {
    /// At this place.
    pub location_id: Option<LocationId>,
}

/// What is below its minimum, counting what is free: to be transferred from where more than the minimum is, or to be
/// ordered. What is offered to one place is not offered to another.
#[utoipa::path(tag = "stock", params(PlaceFilter), responses((status = 200, body = Page<Proposal>)))]
#[get("/stock-proposals")]
pub async fn proposals(
    app: web::Data<App>,
    _by: By<STOCK>,
    params: Params<PlaceFilter>,
) -> Result<web::Json<Page<Proposal>>, Error> {
    let mut found = app.db.read(|conn| Ok::<_, Error>(levels::low(conn)?)).await?;
    if let Some(place) = params.0.location_id {
        found.retain(|proposal| proposal.location_id == place);
    }
    Ok(web::Json(Page::whole(found)))
}
