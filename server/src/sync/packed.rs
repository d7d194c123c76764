//! Answers to phones are packed harder than others: a page of a thousand rows is made once, and goes over somebody's
//! mobile network.

use std::io::Write;

use actix_web::http::header::{
    ACCEPT_ENCODING, AcceptEncoding, CONTENT_ENCODING, ContentType, Encoding, Header, VARY,
};
use actix_web::{HttpRequest, HttpResponse, web};
use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::error::Error;

/// Answers shorter than this are left to what packs all others.
const WORTH: usize = 4_096;

/// Of brotli: a page is packed while a phone waits for it.
const QUALITY: i32 = 5;
/// A page fits into four megabytes, so that a site which comes again is found wherever it was.
const WINDOW_BITS: i32 = 22;

/// How an answer is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Packing {
    Brotli,
    Gzip,
}

/// An answer as JSON, packed as the phone takes it if that is worth it.
///
/// # Errors
/// An answer that is no JSON.
pub(super) async fn json<T: serde::Serialize>(req: &HttpRequest, answer: &T) -> Result<HttpResponse, Error> {
    let body = serde_json::to_vec(answer).map_err(internal)?;
    let mut response = HttpResponse::Ok();
    response.insert_header(ContentType::json());
    let Some(packing) = taken(req).filter(|_| body.len() >= WORTH) else {
        return Ok(response.body(body));
    };
    // A large page takes tens of milliseconds: not on the thread that others wait for.
    let packed = web::block(move || packing.pack(&body)).await.map_err(internal)?.map_err(internal)?;
    response.insert_header((CONTENT_ENCODING, packing.name()));
    response.insert_header((VARY, ACCEPT_ENCODING.as_str()));
    Ok(response.body(packed))
}

fn internal(error: impl std::fmt::Display) -> Error {
    Error::Internal(error.to_string())
}

/// What the phone takes; brotli, which sees a whole page, before gzip.
fn taken(req: &HttpRequest) -> Option<Packing> {
    let takes = AcceptEncoding::parse(req).ok()?;
    let offered = [Encoding::brotli(), Encoding::gzip(), Encoding::identity()];
    let chosen = takes.negotiate(offered.iter())?;
    let packings = [(Encoding::brotli(), Packing::Brotli), (Encoding::gzip(), Packing::Gzip)];
    packings.into_iter().find(|(encoding, _)| *encoding == chosen).map(|(_, packing)| packing)
}

impl Packing {
    fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    fn pack(self, body: &[u8]) -> std::io::Result<Vec<u8>> {
        let packed = Vec::with_capacity(body.len() / 4);
        match self {
            Self::Gzip => {
                let mut packer = GzEncoder::new(packed, Compression::default());
                packer.write_all(body)?;
                packer.finish()
            }
            Self::Brotli => {
                let mut packed = packed;
                let params =
                    BrotliEncoderParams { quality: QUALITY, lgwin: WINDOW_BITS, ..Default::default() };
                brotli::BrotliCompress(&mut &*body, &mut packed, &params)?;
                Ok(packed)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn of(header: &str) -> Option<Packing> {
        taken(&TestRequest::default().insert_header((ACCEPT_ENCODING, header)).to_http_request())
    }

    #[test]
    fn nobody_gets_what_he_does_not_take() {
        assert_eq!(of("gzip"), Some(Packing::Gzip));
        assert_eq!(of("gzip, deflate, br"), Some(Packing::Brotli));
        assert_eq!(of("br;q=0.5, gzip"), Some(Packing::Gzip));
        assert_eq!(of("br"), Some(Packing::Brotli));
        assert_eq!(of("identity"), None);
        assert_eq!(of("gzip;q=0, br;q=0"), None);
        assert_eq!(taken(&TestRequest::default().to_http_request()), None);
    }

    #[test]
    fn what_is_packed_is_what_it_was() {
        let body = "{\"c\":\"tickets\"}".repeat(5_000);
        let mut plain = Vec::new();
        let packed = Packing::Brotli.pack(body.as_bytes()).unwrap();
        brotli::BrotliDecompress(&mut packed.as_slice(), &mut plain).unwrap();
        assert!(packed.len() < 200 && plain == body.as_bytes(), "{}", packed.len());
    }
}
