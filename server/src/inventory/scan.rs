//! What a scanned code is, over HTTP.

use actix_web::http::StatusCode;
use actix_web::{get, web};
use db::Conn;
use inventory::scan::{self, Scanned};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::App;
use crate::auth::{By, STOCK};
use crate::error::{Error, Problem};
use crate::http::Params;

/// What a scanner read.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Scan {
    /// As it was read; the separators of a GS1 label (0x1D) are part of it.
    pub code: Option<String>,
}

/// What a code is: a place, a part, a piece of one, an engineer's badge or a reservation.
#[utoipa::path(
    tag = "stock",
    params(Scan),
    responses(
        (status = 200, body = Scanned),
        (status = 404, body = Problem),
        (status = 409, body = Problem),
        (status = 422, body = Problem),
    ),
)]
#[get("/scan")]
pub async fn lookup(
    app: web::Data<App>,
    _by: By<STOCK>,
    params: Params<Scan>,
) -> Result<web::Json<Scanned>, Error> {
    let needed = || Problem::invalid_field("code", "required", "is needed");
    let code = params.0.code.ok_or_else(needed)?;
    let found = app.db.read(move |conn: &mut Conn| Ok::<_, Error>(scan::lookup(conn, &code)?)).await?;
    let unknown = || Problem::new(StatusCode::NOT_FOUND, "unknown_code", "Nobody knows this code.");
    Ok(web::Json(found.ok_or_else(unknown)?))
}
