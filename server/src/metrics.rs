//! `/metrics` for Prometheus, and the id that each request has: the client may choose it and always gets it back,
//! and every log line of the request carries it.

use std::sync::atomic::Ordering;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpRequest, HttpResponse, get, web};
use db::types::{Id, of};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use tokio::time::Instant;
use tracing::Instrument;

use crate::app::App;
use crate::auth::Who;
use crate::error::{Error, Problem};

/// Name of the header with the id of a request.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Longest id that a client may choose.
const LONGEST_ID: usize = 64;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    method: String,
    route: String,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    route: String,
}

/// What is counted while serving.
#[derive(Debug, Clone)]
pub struct Metrics {
    requests: Family<Labels, Counter>,
    seconds: Family<RouteLabels, Histogram, fn() -> Histogram>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            requests: Family::default(),
            seconds: Family::new_with_constructor(buckets as fn() -> Histogram),
        }
    }
}

fn buckets() -> Histogram {
    Histogram::new([0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0])
}

/// Counts and times every request, and gives it its id.
///
/// # Errors
/// Only those of the request itself.
pub async fn middleware(
    app: web::Data<App>,
    req: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let began = Instant::now();
    let method = req.method().to_string();
    // The pattern, not the path: ids would make a label a row.
    let route = req.match_pattern().unwrap_or_else(|| "other".to_owned());
    let id = request_id(&req);
    let span = tracing::info_span!("request", id = %id, %method, %route);
    let result = next.call(req).instrument(span).await;
    let status = match &result {
        Ok(response) => response.status(),
        Err(error) => error.as_response_error().status_code(),
    };
    let labels = Labels { method, route: route.clone(), status: status.as_u16() };
    app.metrics.requests.get_or_create(&labels).inc();
    app.metrics.seconds.get_or_create(&RouteLabels { route }).observe(began.elapsed().as_secs_f64());
    let mut response = result?;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    Ok(response)
}

fn request_id(req: &ServiceRequest) -> String {
    let chosen = req.headers().get(REQUEST_ID).and_then(|v| v.to_str().ok());
    let plain =
        |id: &&str| id.len() <= LONGEST_ID && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    chosen.filter(plain).map_or_else(|| Id::<of::Session>::new().to_string(), str::to_owned)
}

/// Figures for Prometheus; from this machine, or with an administrator's token.
#[utoipa::path(tag = "operation", responses((status = 200, content_type = "text/plain")))]
#[get("/metrics")]
pub async fn metrics(app: web::Data<App>, req: HttpRequest) -> Result<HttpResponse, Error> {
    let local = crate::meta::is_local(&req);
    let admin = {
        use actix_web::HttpMessage;
        req.extensions().get::<Who>().is_some_and(|who| who.role == crate::auth::Role::Admin)
    };
    if !local && !admin {
        return Err(Problem::forbidden("Figures are for this machine and for administrators.").into());
    }
    let mut registry = Registry::with_prefix("fettle");
    registry.register("http_requests", "Requests answered", app.metrics.requests.clone());
    registry.register("http_request_seconds", "Time to answer", app.metrics.seconds.clone());
    let gauge = |registry: &mut Registry, name: &str, help: &str, value: i64| {
        let gauge = Gauge::<i64>::default();
        gauge.set(value);
        registry.register(name, help, gauge);
    };
    let stats = app.db.stats();
    let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let groups = count(stats.groups.load(Ordering::Relaxed));
    let commands = count(stats.commands.load(Ordering::Relaxed));
    gauge(&mut registry, "write_groups", "Transactions of the writer so far", groups);
    gauge(&mut registry, "write_commands", "Commands in them", commands);
    gauge(&mut registry, "live_cursor", "Last change sent to live streams", app.live.cursor());
    let mut text = String::new();
    encode(&mut text, &registry).map_err(|e| Error::Internal(e.to_string()))?;
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    Ok(HttpResponse::Ok().content_type(kind).body(text))
}
