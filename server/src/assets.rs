//! The pages: the front end that `build.rs` embedded, and the offline map. A path that is no file and no API is the
//! console's to route; a missing asset is a plain 404, never a page in disguise.

use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, ETAG, HeaderValue, IF_NONE_MATCH, RANGE, VARY,
};
use actix_web::{HttpRequest, HttpResponse, web};

use crate::error::{Problem, respond};

struct File {
    path: &'static str,
    etag: &'static str,
    raw: &'static [u8],
    gzip: &'static [u8],
    brotli: &'static [u8],
}

static FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

/// The bundled map of Midtown Manhattan (© OpenStreetMap contributors, ODbL 1.0).
static TILES: &[u8] = include_bytes!("../../demo/data/midtown-manhattan.pmtiles");

/// Scripts and styles come from this server alone; the map needs blobs for its worker and images. Bar codes are read
/// and drawn by WebAssembly, which is no script that a text could become.
const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; \
    child-src blob:; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; \
    frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/// Routes of pages and tiles; everything that no other route took.
pub fn pages(config: &mut web::ServiceConfig) {
    config.route("/tiles/midtown.pmtiles", web::get().to(tiles)).default_service(web::to(page));
}

async fn page(req: HttpRequest) -> HttpResponse {
    let path = req.path().trim_start_matches('/');
    let api = ["api/", "sync/", "assets/", "tiles/"].iter().any(|start| path.starts_with(start));
    if !req.method().is_safe() || (api && !FILES.iter().any(|f| f.path == path)) {
        return respond(&Problem::not_found("route"));
    }
    let wanted = match path {
        "warehouse" => "warehouse.html",
        "phone" => "phone.html",
        "confirm" => "confirm.html",
        "record" => "record.html",
        path if FILES.iter().any(|f| f.path == path) => path,
        _ => "index.html",
    };
    match FILES.iter().find(|f| f.path == wanted) {
        Some(file) => send(&req, file),
        None => HttpResponse::ServiceUnavailable().content_type("text/html; charset=utf-8").body(UNBUILT),
    }
}

const UNBUILT: &str = "<!doctype html><title>Fettle</title><p>The pages are not built into this binary. \
    Run <code>cargo xtask web</code> and build it again, or <code>cargo xtask demo</code>, which does both.";

fn send(req: &HttpRequest, file: &'static File) -> HttpResponse {
    let html = file.path.ends_with(".html");
    let tag = HeaderValue::from_static(file.etag);
    // Names under /assets carry the hash of their content; pages are asked for anew each time.
    let cached =
        if file.path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    let known = req.headers().get(IF_NONE_MATCH).is_some_and(|v| *v == tag);
    let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        .insert_header((ETAG, tag))
        .insert_header((CACHE_CONTROL, cached))
        .insert_header((VARY, "accept-encoding"));
    if html {
        response.insert_header(("content-security-policy", POLICY));
    }
    if known {
        return response.finish();
    }
    response.content_type(media_type(file.path));
    let accepts = req.headers().get("accept-encoding").and_then(|v| v.to_str().ok()).unwrap_or("");
    let (encoding, body) = match () {
        () if accepts.contains("br") && !file.brotli.is_empty() => ("br", file.brotli),
        () if accepts.contains("gzip") && !file.gzip.is_empty() => ("gzip", file.gzip),
        // Said outright, so that nobody compresses it again on the way.
        () => ("identity", file.raw),
    };
    response.insert_header((CONTENT_ENCODING, encoding)).body(body)
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or("") {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        _ => "application/octet-stream",
    }
}

/// The map's archive, in the ranges that the map asks for.
async fn tiles(req: HttpRequest) -> HttpResponse {
    let whole = || {
        HttpResponse::Ok()
            .insert_header(("accept-ranges", "bytes"))
            .insert_header((CONTENT_ENCODING, "identity"))
            .content_type("application/vnd.pmtiles")
            .body(TILES)
    };
    let Some(range) = req.headers().get(RANGE).and_then(|v| v.to_str().ok()) else { return whole() };
    let Some((from, to)) = parse_range(range, TILES.len()) else {
        return HttpResponse::RangeNotSatisfiable()
            .insert_header(("content-range", format!("bytes */{}", TILES.len())))
            .finish();
    };
    HttpResponse::build(StatusCode::PARTIAL_CONTENT)
        .insert_header(("accept-ranges", "bytes"))
        .insert_header((CONTENT_ENCODING, "identity"))
        .insert_header(("content-range", format!("bytes {from}-{to}/{}", TILES.len())))
        .content_type("application/vnd.pmtiles")
        .body(&TILES[from..=to])
}

/// One range of `bytes=from-to`, both ends included, within a body of this length.
fn parse_range(header: &str, length: usize) -> Option<(usize, usize)> {
    let (from, to) = header.strip_prefix("bytes=")?.split_once('-')?;
    let last = length.checked_sub(1)?;
    if from.is_empty() {
        let count: usize = to.parse().ok()?;
        return (count > 0).then(|| (length.saturating_sub(count), last));
    }
    let from: usize = from.parse().ok()?;
    let to: usize = if to.is_empty() { last } else { to.parse().ok()? };
    (from <= to && from <= last).then(|| (from, to.min(last)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_cut_to_the_body_and_nonsense_is_refused() {
        assert_eq!(parse_range("bytes=0-9", 100), Some((0, 9)));
        assert_eq!(parse_range("bytes=90-", 100), Some((90, 99)));
        assert_eq!(parse_range("bytes=-10", 100), Some((90, 99)));
        assert_eq!(parse_range("bytes=50-500", 100), Some((50, 99)));
        assert_eq!(parse_range("bytes=100-", 100), None);
        assert_eq!(parse_range("bytes=9-1", 100), None);
        assert_eq!(parse_range("lines=1-2", 100), None);
    }
}
