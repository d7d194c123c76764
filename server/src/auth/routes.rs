//! Logging in and out.

use std::net::IpAddr;

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, delete, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::session::{self, COOKIE, NewSession};
use super::users::{self, User};
use super::{ANYBODY, By, Entrance, password, secret};
use crate::app::App;
use crate::error::{Error, Problem};
use crate::http::{Body, Checks};

/// Who wants in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LogIn {
    /// The log-in name.
    login: String,
    /// The password.
    password: String,
}

/// Who is in.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionView {
    /// The user.
    user: User,
}

/// Wrong passwords that are allowed in [`ATTEMPTS_WITHIN`] for one log-in from one address.
pub const ATTEMPTS: u32 = 10;
/// Real time, whatever the server's clock says.
pub const ATTEMPTS_WITHIN: std::time::Duration = std::time::Duration::from_secs(300);

/// Wrong passwords of late.
pub type Attempts = moka::sync::Cache<(String, Option<IpAddr>), u32>;

/// None so far.
pub fn attempts() -> Attempts {
    moka::sync::Cache::builder().time_to_live(ATTEMPTS_WITHIN).max_capacity(100_000).build()
}

/// Log in. Sets the session cookie.
#[utoipa::path(
    tag = "session",
    request_body = LogIn,
    responses(
        (status = 200, body = SessionView),
        (status = 401, body = Problem),
        (status = 429, body = Problem),
    ),
)]
#[post("/session")]
pub async fn log_in(app: web::Data<App>, req: HttpRequest, body: Body<LogIn>) -> Result<HttpResponse, Error> {
    let Body(LogIn { login, password }) = body;
    let mut checks = Checks::new();
    checks.name("login", &login, 100);
    checks
        .require(password.len() <= 4 * password::LONGEST, "password", "too_long", "is too long")
        .finish()?;
    let from = req.peer_addr().map(|a| a.ip());
    let attempt = (login.clone(), from);
    count(&app.attempts, &attempt)?;
    let wanted = login.clone();
    let found = app.db.read(move |conn| users::by_login(conn, &wanted)).await?;
    let active = found.filter(|(user, _)| user.active);
    let hash = active.as_ref().map(|(_, hash)| hash.clone());
    let matches = password::verify(password, hash).await?;
    let Some((user, _)) = active.filter(|_| matches) else {
        let detail = "Log-in or password is wrong.";
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "wrong_password", detail).into());
    };
    if app.is_demo_login(&user.login) && !crate::meta::is_local(&req) {
        return Err(Problem::forbidden("Demo log-ins work on this machine only.").into());
    }
    app.attempts.invalidate(&attempt);
    open(&app, &req, user).await
}

/// Counts an attempt before its password is looked at: of many at once, no more than the limit get that far. The
/// right password takes the count back.
///
/// # Errors
/// 429 for too many.
pub fn count(attempts: &Attempts, attempt: &(String, Option<IpAddr>)) -> Result<(), Error> {
    let so_far = attempts.get(attempt).unwrap_or(0);
    let counted = if so_far < ATTEMPTS {
        let counting = attempts.entry_by_ref(attempt);
        counting.and_upsert_with(|before| before.map_or(0, |entry| entry.into_value()) + 1).into_value()
    } else {
        // Not counted any further, so that the limit ends although somebody goes on trying.
        ATTEMPTS + 1
    };
    if counted > ATTEMPTS {
        let detail = "Too many wrong passwords; wait five minutes.";
        return Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many_attempts", detail).into());
    }
    Ok(())
}

async fn open(app: &App, req: &HttpRequest, user: User) -> Result<HttpResponse, Error> {
    let token = secret::token()?;
    let agent = req.headers().get("user-agent").and_then(|v| v.to_str().ok()).unwrap_or("");
    let new = NewSession {
        user_id: user.id,
        entrance: Entrance::Page,
        name: agent.chars().take(200).collect(),
        role: user.role,
        device_id: None,
    };
    let for_tx = token.clone();
    app.db.write(user.actor(), move |tx| session::open(tx, &for_tx, &new)).await?;
    let cookie = cookie(app, token, Duration::hours(session::PAGE_HOURS));
    Ok(HttpResponse::Ok().cookie(cookie).json(SessionView { user }))
}

fn cookie(app: &App, value: String, age: Duration) -> Cookie<'static> {
    Cookie::build(COOKIE, value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(app.config.secure_cookies)
        .max_age(age)
        .finish()
}

/// Who is logged in.
#[utoipa::path(tag = "session", responses((status = 200, body = SessionView), (status = 401, body = Problem)))]
#[get("/session")]
pub async fn current(app: web::Data<App>, by: By<ANYBODY>) -> Result<HttpResponse, Error> {
    let user_id = by.0.user_id;
    let user = app.db.read(move |conn| users::get(conn, user_id)).await?;
    Ok(HttpResponse::Ok().json(SessionView { user }))
}

/// Log out.
#[utoipa::path(tag = "session", responses((status = 204), (status = 401, body = Problem)))]
#[delete("/session")]
pub async fn log_out(app: web::Data<App>, by: By<ANYBODY>, req: HttpRequest) -> Result<HttpResponse, Error> {
    if let Some(token) = session::token(req.headers()) {
        let remembered = secret::hash(&token);
        app.db.write(by.0.actor(), move |tx| session::end(tx, &token)).await?;
        // Afterwards: a request in between would have it remembered again.
        app.sessions.invalidate(&remembered);
    }
    Ok(HttpResponse::NoContent().cookie(cookie(&app, String::new(), Duration::ZERO)).finish())
}
