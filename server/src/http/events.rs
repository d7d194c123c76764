//! Events that a server sends for as long as somebody listens.

use actix_web::HttpResponse;
use actix_web::web::Bytes;
use futures_util::Stream;

use crate::error::Error;

/// `text/event-stream` that nothing on the way holds back.
pub fn event_stream(events: impl Stream<Item = Result<Bytes, Error>> + 'static) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("cache-control", "no-cache"))
        .insert_header(("x-accel-buffering", "no"))
        // Compression would hold events back until a block is full.
        .insert_header(("content-encoding", "identity"))
        .content_type("text/event-stream")
        .streaming(events)
}
