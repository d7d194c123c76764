//! Places over HTTP, and what lies there.

use actix_web::{HttpResponse, get, patch, post, web};
use db::types::{LocationId, PartId};
use db::{Conn, Tx};
use inventory::locations::{LocationChanges, LocationKind, NewLocation, StockLocation};
use inventory::{StockBalance, balances};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{known_place, refuse_taken};
use crate::app::App;
use crate::auth::{By, STOCK};
use crate::engineers;
use crate::error::{Error, Problem};
use crate::http::checks::ServiceArea;
use crate::http::page::{self, Page};
use crate::http::{Body, Checks, Created, IdempotencyKey, IfMatch, Params, Path, rows};

/// Which places.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PlaceFilter {
    /// `depot`, `bin`, `van`, `quarantine`, `repair`, `unplaced`, or one of the outside places `supplier`, `installed`,
    /// `adjustment`, `scrap`.
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
    use LocationKind as K;
    let mut checks = Checks::new();
    checks.name("code", &new.code, 50).name("name", &new.name, 200);
    let may_be = matches!(new.kind, K::Depot | K::Bin | K::Van | K::Quarantine | K::Repair);
    checks.require(may_be, "kind", "invalid", "must be depot, bin, van, quarantine or repair");
    check_point(&mut checks, new.latitude, new.longitude, area, new.kind == K::Depot);
    let (is_van, is_bin) = (new.kind == K::Van, new.kind == K::Bin);
    checks.require(!is_van || new.engineer_id.is_some(), "engineer_id", "required", "is needed for a van");
    checks.require(is_van || new.engineer_id.is_none(), "engineer_id", "invalid", "is for vans only");
    checks.require(!is_bin || new.parent_id.is_some(), "parent_id", "required", "is needed for a bin");
    checks.require(is_bin || new.parent_id.is_none(), "parent_id", "invalid", "is for bins only");
    checks.finish()
}

fn check_point(
    checks: &mut Checks,
    latitude: Option<f64>,
    longitude: Option<f64>,
    area: &ServiceArea,
    needed: bool,
) {
    match (latitude, longitude) {
        (Some(latitude), Some(longitude)) => {
            checks.place(("latitude", "longitude"), latitude, longitude, area);
        }
        (latitude, longitude) if needed => {
            checks.require(latitude.is_some(), "latitude", "required", "is needed for a depot");
            checks.require(longitude.is_some(), "longitude", "required", "is needed for a depot");
        }
        (None, None) => {}
        (latitude, _) => {
            let field = if latitude.is_some() { "longitude" } else { "latitude" };
            checks.fault(field, "required", "comes with its twin or not at all");
        }
    }
}

/// One place.
#[utoipa::path(
    tag = "stock",
    params(("id" = LocationId, Path)),
    responses((status = 200, body = StockLocation), (status = 404, body = Problem)),
)]
#[get("/stock-locations/{id}")]
pub async fn one(app: web::Data<App>, _by: By<STOCK>, id: Path<LocationId>) -> Result<HttpResponse, Error> {
    rows::show(&app.db, move |conn| Ok(inventory::locations::get(conn, id.0)?)).await
}

/// Change a place. A depot that moves, and a bin that goes elsewhere, take all that is in them along.
#[utoipa::path(
    tag = "stock",
    params(("id" = LocationId, Path), ("If-Match" = String, Header)),
    request_body = LocationChanges,
    responses(
        (status = 200, body = StockLocation),
        (status = 404, body = Problem),
        (status = 412, body = Problem),
        (status = 422, body = Problem),
    ),
)]
#[patch("/stock-locations/{id}")]
pub async fn change(
    app: web::Data<App>,
    by: By<STOCK>,
    id: Path<LocationId>,
    if_match: IfMatch,
    body: Body<LocationChanges>,
) -> Result<HttpResponse, Error> {
    let changes = body.0;
    let mut checks = Checks::new();
    if let Some(code) = &changes.code {
        checks.name("code", code, 50);
    }
    if let Some(name) = &changes.name {
        checks.name("name", name, 200);
    }
    check_point(&mut checks, changes.latitude, changes.longitude, &app.config.service_area, false);
    checks.finish()?;
    let run = move |tx: &mut Tx<'_>| {
        check_change(tx.conn(), id.0, &changes)?;
        Ok(inventory::locations::update(tx, id.0, &changes)?)
    };
    rows::change(&app.db, &by.0, if_match, run).await
}

/// Refuses what no field of the request is at fault for, names that are unknown, and codes that are taken.
fn check_change(conn: &mut Conn, id: LocationId, changes: &LocationChanges) -> Result<(), Error> {
    let place = inventory::locations::get(conn, id)?;
    if !place.kind.has_stock() {
        return Err(Problem::conflict("outside_place", "An outside place stays as it is.").into());
    }
    if let Some(parent) = changes.parent_id {
        known_place(conn, parent, "parent_id")?;
    }
    match &changes.code {
        Some(code) if *code != place.code => refuse_taken(conn, code, "code"),
        _ => Ok(()),
    }
}

/// Add a depot, a bin in one, an engineer's van, or a place for parts that may not be used.
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
    let asked = (
        (new.kind, new.code.clone(), new.name.clone()),
        (new.latitude, new.longitude),
        (new.engineer_id, new.parent_id),
    );
    let run = move |tx: &mut Tx<'_>| {
        if let Some(engineer) = new.engineer_id {
            engineers::store::check_known(tx.conn(), engineer)?;
        }
        if let Some(parent) = new.parent_id {
            known_place(tx.conn(), parent, "parent_id")?;
        }
        refuse_taken(tx.conn(), &new.code, "code")?;
        let place = inventory::locations::create(tx, new.clone())?;
        Created::new(format!("/api/v1/stock-locations/{}", place.id), &place)
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
