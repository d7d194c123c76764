//! Entity tags: a row's version (the number of its last change) in quotes. A change must name the version that it
//! was made from, so that nobody overwrites what he has not seen.

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{ETAG, HeaderValue};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use db::Tx;

use crate::error::{Error, Problem};

/// The version in the `If-Match` header, which changing requests must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IfMatch(pub i64);

impl FromRequest for IfMatch {
    type Error = Error;
    type Future = std::future::Ready<Result<Self, Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let header = req.headers().get("if-match").map(|value| value.to_str().unwrap_or_default());
        std::future::ready(match header {
            None => Err(Problem::new(
                StatusCode::PRECONDITION_REQUIRED,
                "if_match_required",
                "Send the ETag that you changed in If-Match.",
            )
            .into()),
            Some(tag) => {
                tag.trim_matches('"').parse().map(Self).map_err(|_| {
                    Problem::invalid_field("If-Match", "invalid", "is not an ETag of ours").into()
                })
            }
        })
    }
}

/// The version in the `If-Match` header of a request that may have one. One that cannot be read is refused: whoever
/// sent it believes himself protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen(pub Option<IfMatch>);

impl FromRequest for Seen {
    type Error = Error;
    type Future = std::future::Ready<Result<Self, Error>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if !req.headers().contains_key("if-match") {
            return std::future::ready(Ok(Self(None)));
        }
        std::future::ready(IfMatch::from_request(req, payload).into_inner().map(|seen| Self(Some(seen))))
    }
}

impl IfMatch {
    /// Refuses if the row has changed since. Call it after the row was updated: the update holds the row, so that
    /// nobody can come in between; the refusal undoes it.
    ///
    /// # Errors
    /// 412 with the present version.
    pub fn check(self, tx: &mut Tx<'_>, entity: &str, row_id: &str) -> Result<(), Error> {
        let present = db::changes::version(tx.conn(), entity, row_id)?;
        if tx.changed_just_now(entity, row_id) {
            let detail = "The row was changed this very moment; read it again.";
            return Err(Problem::new(StatusCode::PRECONDITION_FAILED, "stale", detail).into());
        }
        if present == self.0 {
            return Ok(());
        }
        let detail = format!("The row was changed meanwhile; its ETag is \"{present}\".");
        Err(Problem::new(StatusCode::PRECONDITION_FAILED, "stale", detail).into())
    }
}

/// A JSON response with an entity tag.
pub fn with_tag<T: serde::Serialize>(status: StatusCode, version: i64, body: &T) -> HttpResponse {
    let mut response = HttpResponse::build(status).json(body);
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{version}\"")) {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}
