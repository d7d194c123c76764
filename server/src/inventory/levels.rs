//! How much places should have, over HTTP, and what to do where they have less.

use actix_web::{HttpResponse, delete, get, put, web};
use db::types::{LocationId, PartId, StockLevelId};
use db::{Conn, Tx};
use inventory::MAX_QUANTITY;
use inventory::levels::{self, LONGEST_LEAD_DAYS, NewLevel, Proposal, StockLevel};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{named_part, named_place};
use crate::app::App;
use crate::auth::{By, STOCK};
use crate::error::{Error, Problem};
use crate::http::page::{self, Page};
use crate::http::{Body, Checks, Params, Path, rows};

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

/// Say what a place should have of a part; what was said before is replaced.
#[utoipa::path(
    tag = "stock",
    request_body = NewLevel,
    responses((status = 200, body = StockLevel), (status = 422, body = Problem)),
)]
#[put("/stock-levels")]
pub async fn put(
    app: web::Data<App>,
    by: By<STOCK>,
    body: Body<NewLevel>,
) -> Result<web::Json<StockLevel>, Error> {
    let new = body.0;
    Checks::new()
        .within("minimum", new.minimum, 0, MAX_QUANTITY)
        .within("maximum", new.maximum, new.minimum.clamp(0, MAX_QUANTITY), MAX_QUANTITY)
        .within("lead_days", i64::from(new.lead_days), 0, i64::from(LONGEST_LEAD_DAYS))
        .finish()?;
    let run = move |tx: &mut Tx<'_>| {
        named_part(tx.conn(), new.part_id)?;
        named_place(tx.conn(), new.location_id, "location_id")?;
        Ok::<_, Error>(levels::put(tx, new)?)
    };
    Ok(web::Json(app.db.write(by.0.actor(), run).await?))
}

/// Forget what a place should have.
#[utoipa::path(
    tag = "stock",
    params(("id" = StockLevelId, Path)),
    responses((status = 204), (status = 404, body = Problem)),
)]
#[delete("/stock-levels/{id}")]
pub async fn remove(
    app: web::Data<App>,
    by: By<STOCK>,
    id: Path<StockLevelId>,
) -> Result<HttpResponse, Error> {
    rows::remove(&app.db, &by.0, move |tx| Ok(levels::remove(tx, id.0)?)).await
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
