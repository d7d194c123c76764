//! What a page has to know before anybody has logged in, and whether the server is well.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get, web};
use db::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::Role;
use crate::config::Tiles;
use crate::error::{Error, Problem};

/// A log-in of the demo.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct DemoLogin {
    /// What it may do.
    pub role: Role,
    /// The log-in.
    pub login: String,
    /// Its password, which everybody knows.
    pub password: String,
}

/// About this server.
#[derive(Debug, Serialize, ToSchema)]
pub struct Meta {
    /// Version of the program.
    version: &'static str,
    /// The server's time; the demo's runs faster than the wall clock.
    now_at: Timestamp,
    /// How much faster.
    speed: f64,
    /// Whether this is the demo.
    demo: bool,
    /// Whom this server serves.
    organisation: String,
    /// The map.
    tiles: Tiles,
    /// Log-ins to try, only in the demo and only on the same machine.
    demo_logins: Vec<DemoLogin>,
}

/// Whether a request comes from this machine itself, not through a proxy on it.
pub fn is_local(req: &HttpRequest) -> bool {
    let forwarded = ["forwarded", "x-forwarded-for"].iter().any(|name| req.headers().contains_key(*name));
    !forwarded && req.peer_addr().is_some_and(|address| address.ip().is_loopback())
}

/// About this server. Open to everybody.
#[utoipa::path(tag = "operation", responses((status = 200, body = Meta)))]
#[get("/meta")]
pub async fn meta(app: web::Data<App>, req: HttpRequest) -> web::Json<Meta> {
    let local = is_local(&req);
    let clock = app.db.clock();
    web::Json(Meta {
        version: env!("CARGO_PKG_VERSION"),
        now_at: clock.now(),
        speed: clock.speed(),
        demo: !app.demo_logins.is_empty(),
        organisation: app.config.organisation.clone(),
        tiles: app.config.tiles.clone(),
        demo_logins: if local { app.demo_logins.clone() } else { Vec::new() },
    })
}

/// The process runs. Open to everybody.
#[utoipa::path(tag = "operation", responses((status = 200)))]
#[get("/healthz")]
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain").body("ok\n")
}

/// The database answers. Open to everybody.
#[utoipa::path(tag = "operation", responses((status = 200), (status = 503, body = Problem)))]
#[get("/readyz")]
pub async fn readyz(app: web::Data<App>) -> Result<HttpResponse, Error> {
    let answers = app.db.read(|conn| Ok::<_, Error>(db::changes::last(conn)?)).await;
    answers.map_err(|_| Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not_ready", "No database."))?;
    Ok(HttpResponse::Ok().content_type("text/plain").body("ready\n"))
}
