//! Imports over HTTP. The body is the file itself, `text/csv`.

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

impl ImportParams {
    fn options(&self) -> Result<Options, Error> {
        let mode = self.mode.as_deref().unwrap_or("all").parse::<Mode>();
        let mode = mode.map_err(|e| Problem::invalid_field("mode", "invalid", e.to_string()))?;
        let dry_run = self.dry_run.as_deref().unwrap_or("false").parse::<bool>();
        let dry_run = dry_run.map_err(|e| Problem::invalid_field("dry_run", "invalid", e.to_string()))?;
        Ok(Options { mode, dry_run })
    }
}

/// A file in the body of a request.
pub struct Csv(Vec<u8>);

impl FromRequest for Csv {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let declared = req.headers().get("content-type").and_then(|v| v.to_str().ok()).unwrap_or("");
        let is_csv = declared.split(';').next().is_some_and(|t| t.trim().eq_ignore_ascii_case("text/csv"));
        let payload = payload.take();
        Box::pin(async move {
            if !is_csv {
                let detail = "Send the file as text/csv.";
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
    csv: Csv,
) -> Result<web::Json<Report>, Error> {
    let options = params.options()?;
    let report = super::run(&app.db, who.actor(), app.config.service_area, kind, csv.0, options).await?;
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
    csv: Csv,
) -> Result<web::Json<Report>, Error> {
    import(&app, &by.0, Kind::Assets, &params.0, csv).await
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
    csv: Csv,
) -> Result<web::Json<Report>, Error> {
    import(&app, &by.0, Kind::Engineers, &params.0, csv).await
}

/// Import parts. Columns: number, name, name_zh, unit, decimals, unit_price such as `12.50`, currency.
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
    csv: Csv,
) -> Result<web::Json<Report>, Error> {
    import(&app, &by.0, Kind::Parts, &params.0, csv).await
}
