//! The phones' door: routes onto `mobile-sync`. What its mutations do here is in [`console`]. A phone's request fails
//! only as a whole; a single mutation never does.

pub mod cards;
mod console;
pub mod devices;
pub mod enrol;
pub mod offers;
mod packed;
pub mod rescue;
pub mod stream;
pub mod wake;

use std::sync::Arc;

use actix_web::dev::{Decompress, Payload};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE, ContentEncoding, HeaderValue};
use actix_web::{FromRequest, HttpRequest, HttpResponse, get, post, web};
use futures_util::{Stream, StreamExt, stream as streams};
use mobile_sync_wire::limits::{self, Limits, MAX_NUMBER};
use mobile_sync_wire::problem::{SyncProblem, TOO_LARGE};
use mobile_sync_wire::pull::{PullPage, PullRequest};
use mobile_sync_wire::push::{PushRequest, PushResponse};
use mobile_sync_wire::shapes::OLDEST_SCHEMA;
use mobile_sync_wire::status::StatusResponse;
use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::app::App;
use crate::auth::{self, Phone};
use crate::blobs::tus;
use crate::error::{Error, Problem};
use console::Console;

/// Registers the routes under `/sync/v1`.
pub fn configure(config: &mut ServiceConfig) {
    let routes = scope::scope("/sync/v1")
        .service(enrol::enrol)
        .service(pull)
        .service(push)
        .service(status)
        .service(offers::list)
        .service(stream::stream)
        .service(rescue::give)
        .service(wake::subscriptions::state)
        .service(wake::subscriptions::subscribe)
        .service(wake::subscriptions::unsubscribe)
        .service(tus::abilities)
        .service(tus::create)
        .service(tus::offset)
        .service(tus::append);
    config.service(routes);
}

/// The rows of the engineer's scope that changed after a cursor.
#[utoipa::path(
    tag = "sync",
    request_body = PullRequest,
    responses(
        (status = 200, body = PullPage),
        (status = 400, body = Problem),
        (status = 401, body = Problem),
        (status = 426, body = SyncProblem),
    ),
)]
#[post("/pull")]
pub async fn pull(
    app: web::Data<App>,
    phone: Phone,
    req: HttpRequest,
    body: SyncBody,
) -> Result<HttpResponse, Error> {
    let who = who(phone)?;
    let told = match serde_json::from_slice::<PullRequest>(&body.0) {
        Ok(request) => {
            app.seen.note(
                who.device_id,
                app.db.clock().now(),
                request.last_seq.filter(|seq| *seq <= MAX_NUMBER),
            );
            let page = mobile_sync::pull(&app.db, &who, request).await;
            if let Ok(PullPage { more: false, cursor, .. }) = page {
                app.sleepers.told(who.device_id, cursor);
            }
            page
        }
        Err(error) => Err(mobile_sync::Error::Invalid { field: "body", problem: error.to_string() }),
    };
    answer(&req, told).await
}

/// What the phone did; each mutation is stored as it came and takes effect once.
#[utoipa::path(
    tag = "sync",
    request_body = PushRequest,
    responses(
        (status = 200, body = PushResponse),
        (status = 400, body = Problem),
        (status = 401, body = Problem),
        (status = 409, body = SyncProblem),
        (status = 413, body = SyncProblem),
    ),
)]
#[post("/push")]
pub async fn push(
    app: web::Data<App>,
    phone: Phone,
    req: HttpRequest,
    body: SyncBody,
) -> Result<HttpResponse, Error> {
    let who = who(phone)?;
    app.seen.note(who.device_id, app.db.clock().now(), None);
    answer(&req, take(&app.into_inner(), &who, &body.0).await).await
}

/// Takes a push, with the functions that the console calls too.
///
/// # Errors
/// What is wrong with the whole request, or a failure of the database.
pub async fn take(
    app: &Arc<App>,
    phone: &mobile_sync::Phone,
    body: &[u8],
) -> Result<PushResponse, mobile_sync::Error> {
    let console = Arc::new(Console { app: app.clone() });
    mobile_sync::push(&app.db, &console, phone, body).await
}

/// How far the server has come with this phone.
#[utoipa::path(tag = "sync", responses((status = 200, body = StatusResponse), (status = 401, body = Problem)))]
#[get("/status")]
pub async fn status(app: web::Data<App>, phone: Phone, req: HttpRequest) -> Result<HttpResponse, Error> {
    answer(&req, mobile_sync::devices::status(&app.db, &who(phone)?).await).await
}

fn who(phone: Phone) -> Result<mobile_sync::Phone, Error> {
    let who = phone.0;
    // A user who is no engineer any more has no scope: his phone has to enrol anew.
    let (Some(device_id), Some(engineer_id)) = (who.device_id, who.engineer_id) else {
        return Err(auth::unauthenticated());
    };
    Ok(mobile_sync::Phone { device_id, engineer_id, actor: who.actor() })
}

async fn answer<T: serde::Serialize>(
    req: &HttpRequest,
    result: Result<T, mobile_sync::Error>,
) -> Result<HttpResponse, Error> {
    use mobile_sync::Error as E;
    match result {
        Ok(answer) => packed::json(req, &answer).await,
        Err(E::EpochChanged { epoch }) => Ok(problem(&SyncProblem::epoch_changed(&epoch))),
        Err(E::SchemaTooOld) => Ok(problem(&SyncProblem::schema_too_old(OLDEST_SCHEMA))),
        Err(E::TooLarge) => Ok(problem(&SyncProblem::too_large(Limits::default()))),
        Err(E::Invalid { field, problem }) => Ok(invalid(field, &problem)),
        Err(E::NotEnrolled) => Err(auth::unauthenticated()),
        Err(E::Database(error)) => Err(error.into()),
    }
}

fn problem(problem: &SyncProblem) -> HttpResponse {
    let code = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::BAD_REQUEST);
    let mut response = HttpResponse::build(code).json(problem);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}

/// In this protocol a message that cannot be read is a 400, whatever is wrong with it.
fn invalid(field: &str, message: &str) -> HttpResponse {
    let problem = Problem::invalid_field(field, "invalid", message);
    crate::error::respond(&Problem {
        status: StatusCode::BAD_REQUEST.as_u16(),
        title: "Bad Request".to_owned(),
        ..problem
    })
}

/// A body of at most 8 MiB, unpacked if it came packed.
#[derive(Debug)]
pub struct SyncBody(web::BytesMut);

/// Bytes unpacked at a time: packed a thousandfold, one bite of this size is a megabyte.
const BITE: usize = 1_024;

impl FromRequest for SyncBody {
    type Error = actix_web::Error;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Self, actix_web::Error>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let payload = payload.take();
        let encoding = match req.headers().get(CONTENT_ENCODING).map(HeaderValue::as_bytes) {
            None | Some(b"identity") => Some(ContentEncoding::Identity),
            Some(b"gzip" | b"x-gzip") => Some(ContentEncoding::Gzip),
            Some(_) => None,
        };
        Box::pin(async move {
            let Some(encoding) = encoding else {
                let detail = "Send the body plain or packed with gzip.";
                let code = StatusCode::UNSUPPORTED_MEDIA_TYPE;
                return Err(Error::from(Problem::new(code, "unsupported_encoding", detail)).into());
            };
            let bites = payload.flat_map(|chunk| {
                let (bytes, error) = match chunk {
                    Ok(bytes) => (bytes, None),
                    Err(error) => (web::Bytes::new(), Some(Err(error))),
                };
                let starts = (0..bytes.len()).step_by(BITE);
                let bites =
                    starts.map(move |at| Ok(bytes.slice(at..bytes.len().min(at + BITE)))).collect::<Vec<_>>();
                streams::iter(bites.into_iter().chain(error))
            });
            bounded(Decompress::new(bites, encoding)).await.map(Self)
        })
    }
}

async fn bounded<S, E>(mut stream: S) -> Result<web::BytesMut, actix_web::Error>
where
    S: Stream<Item = Result<web::Bytes, E>> + Unpin,
    E: std::fmt::Display,
{
    let mut bytes = web::BytesMut::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|e| {
            Error::from(Problem::new(StatusCode::BAD_REQUEST, "unreadable_body", e.to_string()))
        })?;
        if bytes.len() + chunk.len() > limits::BODY_BYTES {
            let too_large = problem(&SyncProblem::too_large(Limits::default()));
            return Err(actix_web::error::InternalError::from_response(TOO_LARGE, too_large).into());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}
