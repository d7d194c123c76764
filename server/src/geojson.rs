//! The map's layers as GeoJSON (RFC 7946): longitude first, WGS-84.

use actix_web::{HttpResponse, get, web};
use db::Entity;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::IntoParams;

use crate::app::App;
use crate::auth::{By, OFFICE};
use crate::error::Error;
use crate::http::Params;
use crate::tickets::query::{self, BoundingBox};

/// Which tickets.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct MapParams {
    /// `west,south,east,north` in degrees.
    bbox: Option<String>,
    /// Statuses, separated by commas; all open ones if absent.
    status: Option<String>,
}

fn feature(id: &str, longitude: f64, latitude: f64, properties: &impl Serialize) -> Result<Value, Error> {
    let properties = serde_json::to_value(properties).map_err(db::Error::from)?;
    let geometry = json!({ "type": "Point", "coordinates": [longitude, latitude] });
    Ok(json!({ "type": "Feature", "id": id, "geometry": geometry, "properties": properties }))
}

fn collection(features: Vec<Value>) -> Result<HttpResponse, Error> {
    let body = json!({ "type": "FeatureCollection", "features": features });
    let text = serde_json::to_string(&body).map_err(db::Error::from)?;
    Ok(HttpResponse::Ok().content_type("application/geo+json").body(text))
}

/// Tickets on the map.
#[utoipa::path(tag = "map", params(MapParams), responses((status = 200, content_type = "application/geo+json")))]
#[get("/map/tickets.geojson")]
pub async fn tickets(
    app: web::Data<App>,
    _by: By<OFFICE>,
    params: Params<MapParams>,
) -> Result<HttpResponse, Error> {
    let area = params.0.bbox.as_deref().map(BoundingBox::parse).transpose()?;
    let found = app.db.read(move |conn| query::on_map(conn, params.0.status.as_deref(), area)).await?;
    let features = found.iter().map(|t| feature(&t.row_id(), t.longitude, t.latitude, t));
    collection(features.collect::<Result<_, _>>()?)
}

/// Engineers on the map: where they were last seen, else at home.
#[utoipa::path(tag = "map", responses((status = 200, content_type = "application/geo+json")))]
#[get("/map/engineers.geojson")]
pub async fn engineers(app: web::Data<App>, _by: By<OFFICE>) -> Result<HttpResponse, Error> {
    let now = app.db.clock().now();
    let found = app.db.read(move |conn| crate::engineers::all_active(conn, now)).await?;
    let features = found.iter().map(|engineer| {
        let (longitude, latitude) = match app.board.position_of(engineer.engineer.id) {
            Some(position) => (position.point.longitude, position.point.latitude),
            None => (engineer.engineer.home_longitude, engineer.engineer.home_latitude),
        };
        feature(&engineer.engineer.row_id(), longitude, latitude, engineer)
    });
    collection(features.collect::<Result<_, _>>()?)
}
