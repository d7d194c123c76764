//! Photos and signatures for the office.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::{HttpResponse, get, web};

use crate::app::App;
use crate::auth::{By, OFFICE};
use crate::error::{Error, Problem};
use crate::http::Path;

/// Bytes by their hash. They never change, so they may be kept for ever.
#[utoipa::path(
    tag = "blobs",
    params(("sha256" = String, Path)),
    responses((status = 200, content_type = "application/octet-stream"), (status = 404, body = Problem)),
)]
#[get("/blobs/{sha256}")]
pub async fn content(
    app: web::Data<App>,
    _by: By<OFFICE>,
    sha256: Path<String>,
) -> Result<HttpResponse, Error> {
    let hash = sha256.0;
    let blob = app.db.read(move |conn| super::find(conn, &hash)).await?;
    let blob = blob.ok_or_else(|| Problem::not_found("blob"))?;
    let (bytes, pieces) = app.storage.read(&super::object(&blob.sha256)).await?;
    // What a browser would not show it only keeps.
    let shown = if blob.media_type == super::ANY { "attachment" } else { "inline" };
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "private, max-age=31536000, immutable"))
        .insert_header((CONTENT_DISPOSITION, shown))
        .content_type(blob.media_type)
        .body(actix_web::body::SizedStream::new(bytes, pieces)))
}
