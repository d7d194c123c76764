//! Answers to phones are packed harder than others: a page of a thousand rows is made once, and goes over somebody's
//! mobile network.

use std::io::Write;

use actix_web::http::header::{
    ACCEPT_ENCODING, AcceptEncoding, CONTENT_ENCODING, ContentType, Encoding, Header, VARY,
};
use actix_web::{HttpRequest, HttpResponse, web};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::error::Error;

/// Answers shorter than this are left to what packs all others.
const WORTH: usize = 4_096;

/// An answer as JSON, packed with gzip if that is worth it and the phone takes it.
///
/// # Errors
/// An answer that is no JSON.
pub(super) async fn json<T: serde::Serialize>(req: &HttpRequest, answer: &T) -> Result<HttpResponse, Error> {
    let body = serde_json::to_vec(answer).map_err(internal)?;
    let mut response = HttpResponse::Ok();
    response.insert_header(ContentType::json());
    if body.len() < WORTH || !takes_gzip(req) {
        return Ok(response.body(body));
    }
    // A large page takes tens of milliseconds: not on the thread that others wait for.
    let packed = web::block(move || pack(&body)).await.map_err(internal)?.map_err(internal)?;
    response.insert_header((CONTENT_ENCODING, "gzip")).insert_header((VARY, ACCEPT_ENCODING.as_str()));
    Ok(response.body(packed))
}

fn internal(error: impl std::fmt::Display) -> Error {
    Error::Internal(error.to_string())
}

fn takes_gzip(req: &HttpRequest) -> bool {
    let offered = [Encoding::gzip(), Encoding::identity()];
    AcceptEncoding::parse(req).is_ok_and(|takes| takes.negotiate(offered.iter()) == Some(Encoding::gzip()))
}

fn pack(body: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut packer = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::default());
    packer.write_all(body)?;
    packer.finish()
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn only_those_who_take_gzip_get_it() {
        let takes = |header: &str| {
            takes_gzip(&TestRequest::default().insert_header((ACCEPT_ENCODING, header)).to_http_request())
        };
        assert!(takes("gzip") && takes("gzip, deflate, br"));
        assert!(!takes("identity") && !takes("gzip;q=0") && !takes("br"));
        assert!(!takes_gzip(&TestRequest::default().to_http_request()));
    }
}
