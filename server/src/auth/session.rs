//! Sessions: log-ins of pages, tokens of phones and of other programs. Only a token's hash is kept. Their time is
//! real time, whatever clock the server runs on. Looked-up sessions are remembered for a few seconds, so a
//! revocation on another server takes at most that long.

use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::HeaderMap;
use actix_web::middleware::Next;
use actix_web::{HttpMessage, web};
use db::schema::{devices, sessions, users};
use db::types::{DeviceId, EngineerId, Id, SessionId, UserId};
use db::{Conn, Timestamp, Tx};
use diesel::prelude::*;

use super::{Entrance, Role, Who, secret};
use crate::app::App;
use crate::error::{Error, Problem};

/// Name of the cookie.
pub const COOKIE: &str = "fettle_session";
/// How long a page's session lasts.
pub const PAGE_HOURS: i64 = 16;
/// How long the token of a phone or a program lasts.
pub const TOKEN_DAYS: i64 = 730;
/// How long a session is trusted without looking again.
const REMEMBERED: Duration = Duration::from_secs(5);
/// Most sessions remembered.
const MOST_REMEMBERED: u64 = 100_000;

/// Sessions looked up of late, by the hash of their token.
pub type Remembered = moka::sync::Cache<String, Option<Who>>;

/// An empty memory.
pub fn remembered() -> Remembered {
    moka::sync::Cache::builder().time_to_live(REMEMBERED).max_capacity(MOST_REMEMBERED).build()
}

/// A session to be opened.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Whose it is.
    pub user_id: UserId,
    /// What it is for.
    pub entrance: Entrance,
    /// A name for people: the browser, the integration.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The phone that it is bound to.
    pub device_id: Option<DeviceId>,
}

#[derive(Insertable)]
#[diesel(table_name = sessions)]
struct Row<'a> {
    token_hash: String,
    id: SessionId,
    user_id: UserId,
    kind: &'a str,
    name: &'a str,
    role: Role,
    device_id: Option<DeviceId>,
    created_at: Timestamp,
    expires_at: Timestamp,
}

const fn kind(entrance: Entrance) -> &'static str {
    match entrance {
        Entrance::Page => "page",
        Entrance::Device | Entrance::Revoked => "device",
        Entrance::Integration => "integration",
    }
}

/// Opens a session for this token.
///
/// # Errors
/// A failure of the database.
pub fn open(tx: &mut Tx<'_>, token: &str, new: &NewSession) -> Result<SessionId, Error> {
    let now = db::clock::real_now();
    let minutes = match new.entrance {
        Entrance::Page => PAGE_HOURS * 60,
        Entrance::Device | Entrance::Revoked | Entrance::Integration => TOKEN_DAYS * 24 * 60,
    };
    let id = Id::new();
    let row = Row {
        token_hash: secret::hash(token),
        id,
        user_id: new.user_id,
        kind: kind(new.entrance),
        name: &new.name,
        role: new.role,
        device_id: new.device_id,
        created_at: now,
        expires_at: now.plus_minutes(minutes),
    };
    diesel::insert_into(sessions::table).values(row).execute(tx.conn())?;
    Ok(id)
}

/// Ends the session of this token.
///
/// # Errors
/// A failure of the database.
pub fn end(tx: &mut Tx<'_>, token: &str) -> Result<(), Error> {
    diesel::delete(sessions::table.find(secret::hash(token))).execute(tx.conn())?;
    Ok(())
}

/// Ends all sessions of a user: after a new password, or when he leaves.
///
/// # Errors
/// A failure of the database.
pub fn end_all(tx: &mut Tx<'_>, user_id: UserId) -> Result<(), Error> {
    diesel::delete(sessions::table.filter(sessions::user_id.eq(user_id))).execute(tx.conn())?;
    Ok(())
}

/// Forgets sessions that have expired.
///
/// # Errors
/// A failure of the database.
pub fn forget_expired(tx: &mut Tx<'_>) -> Result<usize, Error> {
    let now = db::clock::real_now();
    Ok(diesel::delete(sessions::table.filter(sessions::expires_at.lt(now))).execute(tx.conn())?)
}

type Found = (UserId, String, Role, Option<EngineerId>, String, Option<DeviceId>, Option<Timestamp>);

fn find(conn: &mut Conn, token_hash: &str) -> Result<Option<Who>, Error> {
    let now = db::clock::real_now();
    let found: Option<Found> = sessions::table
        .inner_join(users::table)
        .left_join(devices::table.on(sessions::device_id.eq(devices::id.nullable())))
        .filter(sessions::token_hash.eq(token_hash))
        .filter(sessions::expires_at.gt(now))
        .filter(users::active.eq(true))
        .select((
            users::id,
            users::login,
            sessions::role,
            users::engineer_id,
            sessions::kind,
            sessions::device_id,
            devices::revoked_at.nullable(),
        ))
        .first(conn)
        .optional()?;
    Ok(found.map(|(user_id, login, role, engineer_id, kind, device_id, revoked_at)| {
        let entrance = match kind.as_str() {
            "page" => Entrance::Page,
            "device" if revoked_at.is_some() => Entrance::Revoked,
            "device" => Entrance::Device,
            _ => Entrance::Integration,
        };
        Who { user_id, login, role, engineer_id, device_id, entrance }
    }))
}

/// Who has the session of this token, of which only the hash is needed; nobody if it has ended.
///
/// # Errors
/// A failure of the database.
pub async fn who(app: &App, token_hash: &str) -> Result<Option<Who>, Error> {
    if let Some(who) = app.sessions.get(token_hash) {
        return Ok(who);
    }
    let wanted = token_hash.to_owned();
    let who = app.db.read(move |conn| find(conn, &wanted)).await?;
    app.sessions.insert(token_hash.to_owned(), who.clone());
    Ok(who)
}

/// The hash of the token that a request came with.
pub fn hash_of(headers: &HeaderMap) -> Option<String> {
    token(headers).map(|token| secret::hash(&token))
}

/// The token that a request came with.
pub fn token(headers: &HeaderMap) -> Option<String> {
    token_in(headers).map(|(token, _)| token)
}

/// The token in a request: a bearer token, else the cookie.
fn token_in(headers: &HeaderMap) -> Option<(String, bool)> {
    let header = headers.get("authorization").and_then(|v| v.to_str().ok());
    if let Some(token) = header.and_then(|h| h.strip_prefix("Bearer ")) {
        return Some((token.trim().to_owned(), false));
    }
    cookie(headers).map(|token| (token, true))
}

/// The cookie's value.
fn cookie(headers: &HeaderMap) -> Option<String> {
    let all = headers.get_all("cookie").filter_map(|v| v.to_str().ok());
    all.flat_map(|v| v.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, value)| value.to_owned())
}

/// Finds out who is asking and leaves it in the request; refuses changes by cookie that another site caused.
///
/// # Errors
/// A failure of the database, or a forged request.
pub async fn middleware(
    app: web::Data<App>,
    req: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    if let Some((token, by_cookie)) = token_in(req.headers()) {
        if by_cookie && !req.method().is_safe() && is_foreign(&req) {
            return Err(Error::from(Problem::forbidden("This request came from another site.")).into());
        }
        if let Some(who) = who(&app, &secret::hash(&token)).await? {
            req.extensions_mut().insert(who);
        }
    }
    next.call(req).await
}

/// Browsers say where a request comes from; the cookie is `SameSite=Strict` besides.
fn is_foreign(req: &ServiceRequest) -> bool {
    let site = req.headers().get("sec-fetch-site").and_then(|v| v.to_str().ok());
    site.is_some_and(|site| site != "same-origin" && site != "none")
}
