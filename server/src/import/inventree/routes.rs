//! The import over HTTP: the files of the export as the fields of a form, each named after its file.

use std::future::Future;
use std::pin::Pin;

use actix_multipart::Multipart;
use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest, post, web};
use futures_util::StreamExt;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::{File, Files, SetReport};
use crate::app::App;
use crate::auth::{By, STOCK};
use crate::error::{Error, Problem};
use crate::http::Params;
use crate::import::MOST_BYTES;
use crate::import::routes::options;

/// How to import an export.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SetParams {
    /// `all` (default): all rows or none, in one transaction. `rows`: the good rows.
    mode: Option<String>,
    /// `true`: only look, and report.
    #[param(value_type = Option<bool>)]
    dry_run: Option<String>,
    /// Where the places stand that are in no other one, in degrees; each can be moved later.
    latitude: Option<f64>,
    /// Where the places stand that are in no other one, in degrees.
    longitude: Option<f64>,
}

/// The files of an export, CSV or XLSX; `parts` has to be among them.
#[derive(ToSchema)]
pub struct ExportFiles {
    /// `parts.csv`
    #[schema(format = Binary)]
    pub parts: String,
    /// `stock_locations.csv`
    #[schema(format = Binary)]
    pub stock_locations: Option<String>,
    /// `stock_items.csv`
    #[schema(format = Binary)]
    pub stock_items: Option<String>,
    /// `bom.csv`
    #[schema(format = Binary)]
    pub bom: Option<String>,
    /// `bom_substitutes.csv`
    #[schema(format = Binary)]
    pub bom_substitutes: Option<String>,
    /// `supplier_parts.csv`
    #[schema(format = Binary)]
    pub supplier_parts: Option<String>,
    /// `supplier_price_breaks.csv`
    #[schema(format = Binary)]
    pub supplier_price_breaks: Option<String>,
    /// `stock_tracking.csv`
    #[schema(format = Binary)]
    pub stock_tracking: Option<String>,
}

/// Files in the form of a request.
pub struct Form(Files);

impl FromRequest for Form {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Error>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let declared = req.headers().get("content-type").and_then(|v| v.to_str().ok()).unwrap_or("");
        let kind = declared.split(';').next().unwrap_or("").trim();
        let is_form = kind.eq_ignore_ascii_case("multipart/form-data");
        let form = Multipart::new(req.headers(), payload.take());
        Box::pin(async move {
            if !is_form {
                let detail = "Send the files as multipart/form-data.";
                return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_form", detail).into());
            }
            Ok(Self(read(form).await?))
        })
    }
}

fn unreadable(error: impl std::fmt::Display) -> Error {
    Problem::new(StatusCode::BAD_REQUEST, "unreadable_body", error.to_string()).into()
}

async fn read(mut form: Multipart) -> Result<Files, Error> {
    let (mut files, mut left) = (Files::new(), MOST_BYTES);
    while let Some(field) = form.next().await {
        let mut field = field.map_err(unreadable)?;
        let name: String = field.name().unwrap_or("").chars().take(100).collect();
        let file = name.parse::<File>().map_err(|_| {
            let known: Vec<&str> = File::ALL.iter().map(|file| file.as_str()).collect();
            let message = format!("is no file of an export; known are {}", known.join(", "));
            Problem::invalid_field(name.clone(), "unknown", message)
        })?;
        let mut bytes = Vec::new();
        while let Some(chunk) = field.next().await {
            let chunk = chunk.map_err(unreadable)?;
            left = left.checked_sub(chunk.len()).ok_or_else(|| {
                let detail = "All files together may have 16 MiB.";
                Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
            })?;
            bytes.extend_from_slice(&chunk);
        }
        if files.insert(file, bytes).is_some() {
            return Err(Problem::invalid_field(name, "duplicate", "is there twice").into());
        }
    }
    Ok(files)
}

/// Import a stock from InvenTree: parts, places within places, stock, what parts are made of, suppliers and their
/// prices. The files are its export's tables, as the fields of a form. All stock becomes movements from outside; what
/// has no place there goes to `UNPLACED`, what is damaged to `QUARANTINE`. Sent again, nothing is imported again.
#[utoipa::path(
    tag = "import",
    params(SetParams),
    request_body(content = inline(ExportFiles), content_type = "multipart/form-data"),
    responses(
        (status = 200, body = SetReport),
        (status = 413, body = Problem),
        (status = 415, body = Problem),
        (status = 422, body = Problem),
    ),
)]
#[post("/import/inventree")]
pub async fn inventree(
    app: web::Data<App>,
    by: By<STOCK>,
    params: Params<SetParams>,
    form: Form,
) -> Result<web::Json<SetReport>, Error> {
    let params = params.0;
    let options = options(params.mode.as_deref(), params.dry_run.as_deref())?;
    let origin = super::origin(params.latitude, params.longitude)?;
    let area = app.config.service_area;
    let report = super::run(&app.db, by.0.actor(), area, form.0, origin, options).await?;
    Ok(web::Json(report))
}
