//! Places over HTTP, and what lies there.

use actix_web::{HttpResponse, get, post, web};
use db::types::{LocationId, PartId};
use db::{Conn, Tx};
use inventory::locations::{LocationKind, NewLocation, StockLocation};
use inventory::{StockBalance, balances};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::App;
use crate::auth::{By, STOCK};
use crate::engineers;
use crate::error::{Error, Problem};
use crate::http::checks::ServiceArea;
use crate::http::page::{self, Page};
use crate::http::{Body, Checks, Created, IdempotencyKey, Params};

/// Which places.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PlaceFilter {
    /// `depot`, `van`, or one of the three outside places `supplier`, `installed`, `adjustment`.
    pub kind: Option<String>,
    /// Rows on the page, 1 to 200; 50 if absent.
    pub limit: Option<i64>,
    /// The `next` of the page before.
    pub after: Option<String>,
}

/// Places in order of code; the outside places, which movements name, are among them.
#[utoipa::path(tag = "stock", params(PlaceFilter), responses((status = 200, body = Page<StockLocation>)))]
#[get("/stock-locations")]
pub async fn list(
    app: web::Data<App>,
    _by: By<STOCK>,
    params: Params<PlaceFilter>,
) -> Result<web::Json<Page<StockLocation>>, Error> {
    let filter = params.0;
    let limit = page::limit(filter.limit)?;
    let after = page::text_cursor(filter.after)?;
    let unknown = |e: db::types::UnknownValue| Problem::invalid_field("kind", "invalid", e.to_string());
    let kind = filter.kind.as_deref().map(str::parse::<LocationKind>).transpose().map_err(unknown)?;
    let read = move |conn: &mut Conn| {
        Ok::<_, Error>(inventory::locations::list(conn, kind, after.as_deref(), limit)?)
    };
    Ok(web::Json(Page::full(app.db.read(read).await?, limit, |place| place.code.clone())))
}

fn check(new: &NewLocation, area: &ServiceArea) -> Result<(), Error> {
    let mut checks = Checks::new();
    checks.name("code", &new.code, 50).name("name", &new.name, 200);
    checks.require(new.kind.has_stock(), "kind", "invalid", "must be depot or van");
    match (new.kind, new.latitude, new.longitude) {
        (_, Some(latitude), Some(longitude)) => {
            checks.place(("latitude", "longitude"), latitude, longitude, area);
        }
        (LocationKind::Depot, latitude, longitude) => {
            checks.require(latitude.is_some(), "latitude", "required", "is needed for a depot");
            checks.require(longitude.is_some(), "longitude", "required", "is needed for a depot");
        }
        (_, None, None) => {}
        (_, latitude, _) => {
            let field = if latitude.is_some() { "longitude" } else { "latitude" };
            checks.fault(field, "required", "comes with its twin or not at all");
        }
    }
    let is_van = new.kind == LocationKind::Van;
    checks.require(!is_van || new.engineer_id.is_some(), "engineer_id", "required", "is needed for a van");
    checks.require(is_van || new.engineer_id.is_none(), "engineer_id", "invalid", "is for vans only");
    checks.finish()
}

/// Add a depot, or an engineer's van.
#[utoipa::path(
    tag = "stock",
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body = NewLocation,
    responses(
        (status = 201, body = StockLocation),
        (status = 409, body = Problem),
        (status = 422, body = Problem),
    ),
)]
#[post("/stock-locations")]
pub async fn create(
    app: web::Data<App>,
    by: By<STOCK>,
    key: IdempotencyKey,
    body: Body<NewLocation>,
) -> Result<HttpResponse, Error> {
    let new = body.0;
    check(&new, &app.config.service_area)?;
    let asked = (new.kind, new.code.clone(), new.name.clone(), new.latitude, new.longitude, new.engineer_id);
    let run = move |tx: &mut Tx<'_>| {
        if let Some(engineer) = new.engineer_id {
            engineers::store::check_known(tx.conn(), engineer)?;
        }
        let place = inventory::locations::create(tx, new.clone())?;
        Created::new("/api/v1/stock-locations".to_owned(), &place)
    };
    key.create(&app.db, by.0, &asked, run).await
}

/// Which balances.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StockFilter {
    /// At this place.
    pub location_id: Option<LocationId>,
    /// Of this part.
    pub part_id: Option<PartId>,
    /// Rows on the page, 1 to 200; 50 if absent.
    pub limit: Option<i64>,
    /// The `next` of the page before.
    pub after: Option<String>,
}

/// What is where: on hand, reserved, available.
#[utoipa::path(tag = "stock", params(StockFilter), responses((status = 200, body = Page<StockBalance>)))]
#[get("/stock")]
pub async fn stock(
    app: web::Data<App>,
    _by: By<STOCK>,
    params: Params<StockFilter>,
) -> Result<web::Json<Page<StockBalance>>, Error> {
    let limit = page::limit(params.0.limit)?;
    let after = page::cursor(params.0.after.as_deref())?;
    let filter = balances::Filter { part_id: params.0.part_id, location_id: params.0.location_id };
    let read = move |conn: &mut Conn| Ok::<_, Error>(balances::list(conn, filter, after, limit)?);
    Ok(web::Json(Page::full(app.db.read(read).await?, limit, |balance| balance.id.to_string())))
}
