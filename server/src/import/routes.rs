//! Imports over HTTP. The body is the file itself, CSV or XLSX.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest, post, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{Kind, MOST_BYTES, Mode, Options, Report};
use crate::app::App;
use crate::auth::{By, OFFICE, STOCK, Who};
use crate::error::{Error, Problem};
use crate::http::{Params, body};

/// How to import.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportParams {
    /// `all` (default): all rows or none, in one transaction. `rows`: the good rows.
    mode: Option<String>,
    /// `true`: only look, and report.
    #[param(value_type = Option<bool>)]
    dry_run: Option<String>,
}

/// Mode and dry run, from a query.
///
/// # Errors
/// One that is neither of its values.
pub fn options(mode: Option<&str>, dry_run: Option<&str>) -> Result<Options, Error> {
    let mode = mode.unwrap_or("all").parse::<Mode>();
    let mode = mode.map_err(|e| Problem::invalid_field("mode", "invalid", e.to_string()))?;
    let dry_run = dry_run.unwrap_or("false").parse::<bool>();
    let dry_run = dry_run.map_err(|e| Problem::invalid_field("dry_run", "invalid", e.to_string()))?;
    Ok(Options { mode, dry_run })
}

/// What a file is declared as. Which of the two it is, its first bytes say.
const TYPES: [&str; 2] = ["text/csv", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"];

/// A file in the body of a request.
pub struct Table(Vec<u8>);

impl FromRequest for Table {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let declared = req.headers().get("content-type").and_then(|v| v.to_str().ok()).unwrap_or("");
        let declared = declared.split(';').next().unwrap_or("").trim();
        let is_table = TYPES.iter().any(|known| declared.eq_ignore_ascii_case(known));
        let payload = payload.take();
        Box::pin(async move {
            if !is_table {
                let detail = "Send the file as text/csv, or as an XLSX workbook with its media type.";
                return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_csv", detail).into());
            }
            Ok(Self(body::read(payload, MOST_BYTES).await?.to_vec()))
        })
    }
}

async fn import(
    app: &App,
    who: &Who,
    kind: Kind,
    params: &ImportParams,
    table: Table,
) -> Result<web::Json<Report>, Error> {
    let options = options(params.mode.as_deref(), params.dry_run.as_deref())?;
    let report = super::run(&app.db, who.actor(), app.config.service_area, kind, table.0, options).await?;
    Ok(web::Json(report))
}

/// Import assets, with the sites and customers that are missing. Columns: number, kind, model, manufacturer,
/// description, site_name, address, latitude, longitude, customer_number, customer_name. A file that was sent already
/// imports nothing: its numbers are taken.
#[utoipa::path(
    tag = "import",
    params(ImportParams),
    request_body(content = String, content_type = "text/csv"),
    responses(
        (status = 200, body = Report),
        (status = 413, body = Problem),
        (status = 415, body = Problem),
        (status = 422, body = Problem),
    ),
)]
#[post("/import/assets")]
pub async fn assets(
    app: web::Data<App>,
    by: By<OFFICE>,
    params: Params<ImportParams>,
    table: Table,
) -> Result<web::Json<Report>, Error> {
    import(&app, &by.0, Kind::Assets, &params.0, table).await
}

/// Import engineers. Columns: code, name, phone, home_latitude, home_longitude, max_load_minutes, and skills such as
/// `LIFT-B:2;ESC-A:1`.
#[utoipa::path(
    tag = "import",
    params(ImportParams),
    request_body(content = String, content_type = "text/csv"),
    responses(
        (status = 200, body = Report),
        (status = 413, body = Problem),
        (status = 415, body = Problem),
        (status = 422, body = Problem),
    ),
)]
#[post("/import/engineers")]
pub async fn engineers(
    app: web::Data<App>,
    by: By<OFFICE>,
    params: Params<ImportParams>,
    table: Table,
) -> Result<web::Json<Report>, Error> {
    import(&app, &by.0, Kind::Engineers, &params.0, table).await
}

/// Import parts. Columns: number, name, name_zh, unit, decimals, unit_price such as `12.50`, currency, tracking,
/// returnable, warranty_days, active: those of `/exports/parts.csv`.
#[utoipa::path(
    tag = "import",
    params(ImportParams),
    request_body(content = String, content_type = "text/csv"),
    responses(
        (status = 200, body = Report),
        (status = 413, body = Problem),
        (status = 415, body = Problem),
        (status = 422, body = Problem),
    ),
)]
#[post("/import/parts")]
pub async fn parts(
    app: web::Data<App>,
    by: By<STOCK>,
    params: Params<ImportParams>,
    table: Table,
) -> Result<web::Json<Report>, Error> {
    import(&app, &by.0, Kind::Parts, &params.0, table).await
}
