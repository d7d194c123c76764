//! The routes of tus 1.0 (creation, checksum, expiration): a phone sends bytes in pieces, and goes on after a cut where
//! the last one ended. <https://tus.io/protocols/resumable-upload>

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HttpDate, LOCATION};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, head, options, patch, post, web};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use db::types::{BlobUploadId, DeviceId};
use db::{Actor, Conn, Timestamp, Tx};
use mobile_sync_wire::limits::BLOB_BYTES;

use super::sums::{Sum, Summed};
use super::uploads::{self, Upload};
use crate::app::App;
use crate::auth::Phone;
use crate::error::{Error, Problem};

/// The version that is spoken here.
const VERSION: &str = "1.0.0";
/// What tus calls a piece of an upload.
const PIECE: &str = "application/offset+octet-stream";

fn answer(status: StatusCode) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response.insert_header(("tus-resumable", VERSION));
    response
}

fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn number(headers: &HeaderMap, name: &str) -> Result<i64, Error> {
    let number = header(headers, name).and_then(|text| text.parse().ok()).filter(|number| *number >= 0);
    number.ok_or_else(|| bad(name, "must be a number of bytes"))
}

fn bad(field: &str, message: &str) -> Error {
    let problem = Problem::invalid_field(field, "invalid", message);
    Problem { status: StatusCode::BAD_REQUEST.as_u16(), title: "Bad Request".to_owned(), ..problem }.into()
}

fn check_version(headers: &HeaderMap) -> Result<(), Error> {
    if header(headers, "tus-resumable") == Some(VERSION) {
        return Ok(());
    }
    let detail = "This server speaks tus 1.0.0; send Tus-Resumable: 1.0.0.";
    Err(Problem::new(StatusCode::PRECONDITION_FAILED, "tus_version", detail).into())
}

fn device(phone: &Phone) -> Result<DeviceId, Error> {
    phone.0.device_id.ok_or_else(crate::auth::unauthenticated)
}

/// What this server can do.
#[utoipa::path(tag = "sync", responses((status = 204)))]
#[options("/blobs")]
pub async fn abilities() -> HttpResponse {
    answer(StatusCode::NO_CONTENT)
        .insert_header(("tus-version", VERSION))
        .insert_header(("tus-extension", "creation,checksum,expiration"))
        .insert_header(("tus-checksum-algorithm", "sha1,sha256"))
        .insert_header(("tus-max-size", BLOB_BYTES))
        .finish()
}

/// Begin to send bytes. `Upload-Metadata` has the `sha256` of all of them, in hexadecimal (and then, as tus wants it,
/// in base64), and may have a `filetype`.
#[utoipa::path(
    tag = "sync",
    params(("Tus-Resumable" = String, Header), ("Upload-Length" = i64, Header), ("Upload-Metadata" = String, Header)),
    responses(
        (status = 201),
        (status = 400, body = Problem),
        (status = 409, body = Problem),
        (status = 412, body = Problem),
        (status = 413, body = Problem),
    ),
)]
#[post("/blobs")]
pub async fn create(app: web::Data<App>, phone: Phone, req: HttpRequest) -> Result<HttpResponse, Error> {
    let headers = req.headers();
    check_version(headers)?;
    let length = number(headers, "upload-length")?;
    if length > BLOB_BYTES {
        return Err(uploads::too_large());
    }
    let metadata = header(headers, "upload-metadata").unwrap_or("");
    let sha256 = said(metadata, "sha256").filter(|hash| super::is_hash(hash));
    let sha256 =
        sha256.ok_or_else(|| bad("upload-metadata", "must have the sha256 of the bytes, in hexadecimal"))?;
    let media_type = said(metadata, "filetype").unwrap_or_default();
    let device_id = device(&phone)?;
    let run = move |tx: &mut Tx<'_>| uploads::begin(tx, device_id, &sha256, length, &media_type);
    let upload = app.db.write(Actor { device_id: Some(device_id), ..phone.0.actor() }, run).await?;
    if upload.length == 0 {
        uploads::finish(&app, &upload).await?;
    }
    Ok(answer(StatusCode::CREATED)
        .insert_header((LOCATION, format!("/sync/v1/blobs/{}", upload.id)))
        .insert_header(("upload-expires", http_date(upload.expires_at)))
        .finish())
}

/// A value of `Upload-Metadata`: `name base64,name base64`.
fn said(metadata: &str, name: &str) -> Option<String> {
    let value = metadata.split(',').find_map(|pair| {
        let (key, value) = pair.trim().split_once(' ')?;
        (key == name).then_some(value.trim())
    })?;
    String::from_utf8(BASE64.decode(value).ok()?).ok()
}

/// How far an upload has come; or, with `sha256:` and a hash, whether the bytes are here already.
#[utoipa::path(
    tag = "sync",
    params(("id" = String, Path)),
    responses((status = 200), (status = 404)),
)]
#[head("/blobs/{id}")]
pub async fn offset(app: web::Data<App>, phone: Phone, id: web::Path<String>) -> Result<HttpResponse, Error> {
    let device_id = device(&phone)?;
    if let Some(hash) = id.strip_prefix("sha256:") {
        let hash = hash.to_owned();
        let blob = app.db.read(move |conn| super::find(conn, &hash)).await?;
        let blob = blob.ok_or_else(|| Problem::not_found("blob"))?;
        return Ok(answer(StatusCode::OK)
            .insert_header(("upload-length", blob.bytes))
            .insert_header(("upload-offset", blob.bytes))
            .insert_header((CACHE_CONTROL, "no-store"))
            .finish());
    }
    let upload = find(&app, &id, device_id).await?;
    if upload.received == upload.length {
        // A server that stopped before it was whole left this to do.
        uploads::finish(&app, &upload).await?;
    }
    Ok(answer(StatusCode::OK)
        .insert_header(("upload-length", upload.length))
        .insert_header(("upload-offset", upload.received))
        .insert_header(("upload-expires", http_date(upload.expires_at)))
        .insert_header((CACHE_CONTROL, "no-store"))
        .finish())
}

async fn find(app: &App, id: &str, device_id: DeviceId) -> Result<Upload, Error> {
    let id: BlobUploadId = id.parse().map_err(|_| Problem::not_found("upload"))?;
    let now = app.db.clock().now();
    app.db.read(move |conn: &mut Conn| uploads::get(conn, id, device_id, now)).await
}

/// Send the next piece. Of one that is cut off, what came is kept; with `Upload-Checksum` it is all or nothing.
#[utoipa::path(
    tag = "sync",
    params(
        ("id" = String, Path),
        ("Tus-Resumable" = String, Header),
        ("Upload-Offset" = i64, Header),
        ("Upload-Checksum" = Option<String>, Header),
    ),
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"),
    responses(
        (status = 204),
        (status = 404, body = Problem),
        (status = 409, body = Problem),
        (status = 413, body = Problem),
        (status = 415, body = Problem),
        (status = 422, body = Problem),
        (status = 460, body = Problem),
    ),
)]
#[patch("/blobs/{id}")]
pub async fn append(
    app: web::Data<App>,
    phone: Phone,
    req: HttpRequest,
    id: web::Path<String>,
    body: web::Payload,
) -> Result<HttpResponse, Error> {
    let headers = req.headers();
    check_version(headers)?;
    if header(headers, CONTENT_TYPE.as_str()) != Some(PIECE) {
        let detail = format!("Send the piece as {PIECE}.");
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_a_piece", detail).into());
    }
    let upload = find(&app, &id, device(&phone)?).await?;
    if number(headers, "upload-offset")? != upload.received {
        return Err(uploads::wrong_offset());
    }
    let sum = header(headers, "upload-checksum").map(Sum::parse).transpose()?;
    let source = Summed { source: body, sum };
    // Apart from this request, which is given up when the connection breaks: what came until then is to be kept.
    let taking = actix_web::rt::spawn(async move {
        let upload = uploads::append(&app, &upload, source).await?;
        if upload.received == upload.length {
            uploads::finish(&app, &upload).await?;
        }
        Ok::<_, Error>(upload)
    });
    let upload = taking.await.map_err(|_| Error::Internal("the server is stopping".to_owned()))??;
    Ok(answer(StatusCode::NO_CONTENT)
        .insert_header(("upload-offset", upload.received))
        .insert_header(("upload-expires", http_date(upload.expires_at)))
        .finish())
}

/// What of an instant HTTP writes.
fn http_date(at: Timestamp) -> String {
    let seconds = u64::try_from(at.millis() / 1_000).unwrap_or(0);
    let at = std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
    HttpDate::from(at).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_read_by_name_and_an_instant_is_written_as_http_does() {
        let metadata = "filename eA==, sha256 YWJj,empty";
        assert_eq!(said(metadata, "sha256").as_deref(), Some("abc"));
        assert_eq!(
            (said(metadata, "filetype"), said("sha256 !", "sha256"), said("", "")),
            (None, None, None)
        );
        assert_eq!(http_date(Timestamp::from_millis(784_111_777_999)), "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
