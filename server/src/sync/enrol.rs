//! How a phone gets its token: by its engineer's own session, or by a code that the office shows him. A code is good
//! for one phone and a quarter of an hour, and its hash is all that is kept.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, post, web};
use db::schema::{engineers, enrolment_codes, sessions, users};
use db::types::{DeviceId, EngineerId, UserId};
use db::{Actor, Timestamp, Tx, each_backend};
use diesel::prelude::*;
use mobile_sync::devices::{self, NewDevice};
use mobile_sync_wire::enrol::{EnrolRequest, EnrolResponse, Policy};
use mobile_sync_wire::limits::{self, Limits};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::session::{self, NewSession};
use crate::auth::users::User;
use crate::auth::{By, ENGINEERS, Entrance, OFFICE, Role, Who, routes, secret, users as people};
use crate::error::{Error, Problem};
use crate::http::{Body, Checks, Path};
use crate::inventory::reservations::Nothing;

/// How long a code is good for.
pub const CODE_MINUTES: i64 = 15;
/// Longest code that is looked at, hyphens and blanks included.
const LONGEST_CODE: usize = 64;

/// A code that enrols one phone.
#[derive(Debug, Serialize, ToSchema)]
pub struct EnrolmentCode {
    /// To be typed; shown this once.
    pub code: String,
    /// The same as an address, to be shown as a QR code: the phone's page reads the code from behind the `#`, which no
    /// server ever sees.
    pub url: String,
    /// Until when, in real time.
    pub expires_at: Timestamp,
    /// Whose phone it will be.
    pub engineer_id: EngineerId,
}

/// Make a code that enrols one phone of this engineer. One that he was given before ends.
#[utoipa::path(
    tag = "devices",
    params(("id" = EngineerId, Path)),
    request_body = Nothing,
    responses(
        (status = 201, body = EnrolmentCode),
        (status = 404, body = Problem),
        (status = 409, body = Problem),
    ),
)]
#[post("/engineers/{id}/enrolment-codes")]
pub async fn make_code(
    app: web::Data<App>,
    by: By<OFFICE>,
    req: HttpRequest,
    id: Path<EngineerId>,
    _body: Body<Nothing>,
) -> Result<HttpResponse, Error> {
    let engineer_id = id.0;
    let code = secret::code()?;
    let (hash, actor) = (secret::hash(&plain(&code)), by.0.actor());
    let run = move |tx: &mut Tx<'_>| {
        let user_id = user_of(tx, engineer_id)?;
        let now = db::clock::real_now();
        let expires_at = now.plus_minutes(CODE_MINUTES);
        let row = (
            enrolment_codes::code_hash.eq(&hash),
            enrolment_codes::engineer_id.eq(engineer_id),
            enrolment_codes::user_id.eq(user_id),
            enrolment_codes::created_by.eq(tx.actor().name.clone()),
            enrolment_codes::created_at.eq(now),
            enrolment_codes::expires_at.eq(expires_at),
        );
        let former = enrolment_codes::table.filter(enrolment_codes::engineer_id.eq(engineer_id));
        diesel::delete(former).execute(tx.conn())?;
        each_backend!(tx.conn(), |c| diesel::insert_into(enrolment_codes::table).values(&row).execute(c))?;
        Ok::<_, Error>(expires_at)
    };
    let expires_at = app.db.write(actor, run).await?;
    let url = format!("{}/phone#enrol={code}", base(&app, &req));
    Ok(HttpResponse::Created().json(EnrolmentCode { code, url, expires_at, engineer_id }))
}

/// Where phones find this server: as it is configured, or as the office found it.
pub(crate) fn base(app: &App, req: &HttpRequest) -> String {
    match app.config.public_url.trim_end_matches('/') {
        "" => {
            let connection = req.connection_info();
            format!("{}://{}", connection.scheme(), connection.host())
        }
        url => url.to_owned(),
    }
}

/// The user who is this engineer: it is in his name that the phone will write.
fn user_of(tx: &mut Tx<'_>, engineer_id: EngineerId) -> Result<UserId, Error> {
    let known: Option<bool> =
        engineers::table.find(engineer_id).select(engineers::active).first(tx.conn()).optional()?;
    if !known.ok_or_else(|| Problem::not_found("engineer"))? {
        return Err(Problem::conflict("inactive", "He does not work here any more.").into());
    }
    let user: Option<UserId> = users::table
        .filter(users::engineer_id.eq(engineer_id))
        .filter(users::role.eq(Role::Engineer))
        .filter(users::active.eq(true))
        .order(users::id)
        .select(users::id)
        .first(tx.conn())
        .optional()?;
    user.ok_or_else(|| {
        let detail = "He has no log-in yet: add a user who is this engineer.";
        Problem::conflict("no_user", detail).into()
    })
}

/// The code as it is hashed: people type small letters, blanks, and letters that look like figures.
fn plain(code: &str) -> String {
    let letters = code.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| c.to_ascii_uppercase());
    letters
        .map(|c| match c {
            'O' => '0',
            'I' | 'L' => '1',
            c => c,
        })
        .collect()
}

/// Enrol a phone, by the engineer's own session or by a `code` from the office. The token is shown this once; those
/// that the device had before end.
#[utoipa::path(
    tag = "sync",
    request_body = EnrolRequest,
    responses(
        (status = 200, body = EnrolResponse),
        (status = 401, body = Problem),
        (status = 422, body = Problem),
        (status = 429, body = Problem),
    ),
)]
#[post("/devices")]
pub async fn enrol(
    app: web::Data<App>,
    by: Result<By<ENGINEERS>, Error>,
    req: HttpRequest,
    body: Result<Body<EnrolRequest>, Error>,
) -> Result<web::Json<EnrolResponse>, Error> {
    // Whoever is nobody hears so first, whatever he sent; a code makes him somebody.
    let (by, asked) = match (by, body) {
        (by, Ok(Body(asked))) if asked.code.is_some() => (by.ok(), asked),
        (by, body) => (Some(by?), body?.0),
    };
    let mut checks = Checks::new();
    checks.name("platform", &asked.platform, 100).text("app_version", &asked.app_version, 100);
    let code = asked.code.as_deref().unwrap_or("");
    checks.require(code.len() <= LONGEST_CODE, "code", "too_long", "must have at most 64 characters");
    let id = asked.device_id.parse::<DeviceId>();
    checks.require(id.is_ok(), "device_id", "invalid", "must be a UUID").finish()?;
    let id = id.map_err(|e| Error::Internal(e.to_string()))?;
    let vouched = match (asked.code.is_some(), by) {
        (true, _) => by_code(&app, &req, plain(code)).await?,
        (false, Some(by)) => Vouched::by(&by.0)?,
        (false, None) => return Err(crate::auth::unauthenticated()),
    };
    introduce(&app, id, vouched, asked).await
}

/// Whose phone it is, and who says so.
struct Vouched {
    user_id: UserId,
    engineer_id: EngineerId,
    role: Role,
    actor: Actor,
    /// Used up with the enrolment.
    code_hash: Option<String>,
}

impl Vouched {
    fn by(who: &Who) -> Result<Self, Error> {
        let engineer_id = who.engineer()?;
        Ok(Self { user_id: who.user_id, engineer_id, role: who.role, actor: who.actor(), code_hash: None })
    }
}

/// Looks a code up. It is not used up yet; of two who try it, one will.
async fn by_code(app: &App, req: &HttpRequest, code: String) -> Result<Vouched, Error> {
    // One count for each address: there is no name to try codes for.
    let attempt = (String::new(), req.peer_addr().map(|address| address.ip()));
    routes::count(&app.attempts, &attempt)?;
    let hash = secret::hash(&code);
    let wanted = hash.clone();
    let read = move |conn: &mut db::Conn| {
        let found: Option<(UserId, EngineerId)> = enrolment_codes::table
            .find(&wanted)
            .filter(enrolment_codes::expires_at.gt(db::clock::real_now()))
            .select((enrolment_codes::user_id, enrolment_codes::engineer_id))
            .first(conn)
            .optional()?;
        let Some((user_id, engineer_id)) = found else { return Ok::<_, Error>(None) };
        Ok(Some((people::get(conn, user_id)?, engineer_id)))
    };
    let Some((user, engineer_id)) = app.db.read(read).await? else { return Err(wrong_code()) };
    let user: User = user;
    if !user.active || user.engineer_id != Some(engineer_id) {
        return Err(wrong_code());
    }
    app.attempts.invalidate(&attempt);
    let actor = user.actor();
    Ok(Vouched { user_id: user.id, engineer_id, role: user.role, actor, code_hash: Some(hash) })
}

fn wrong_code() -> Error {
    let detail = "The code is wrong, used or too old; ask for another one.";
    Problem::new(StatusCode::UNAUTHORIZED, "wrong_code", detail).into()
}

async fn introduce(
    app: &App,
    id: DeviceId,
    vouched: Vouched,
    asked: EnrolRequest,
) -> Result<web::Json<EnrolResponse>, Error> {
    let Vouched { user_id, engineer_id, role, actor, code_hash } = vouched;
    let device = NewDevice {
        id,
        user_id,
        engineer_id,
        platform: asked.platform.clone(),
        app_version: asked.app_version,
        schema: asked.schema,
    };
    let token = format!("fd_{}", secret::token()?);
    let (entrance, name) = (Entrance::Device, asked.platform);
    let new = NewSession { user_id, entrance, name, role, device_id: Some(id) };
    let kept = token.clone();
    let run = move |tx: &mut Tx<'_>| {
        if let Some(hash) = &code_hash
            && diesel::delete(enrolment_codes::table.find(hash)).execute(tx.conn())? == 0
        {
            return Err(wrong_code());
        }
        let epoch = devices::enrol(tx, &device)?;
        diesel::delete(sessions::table.filter(sessions::device_id.eq(id))).execute(tx.conn())?;
        session::open(tx, &kept, &new)?;
        Ok::<_, Error>(epoch)
    };
    let epoch = app.db.write(actor, run).await?;
    app.sessions.invalidate_all();
    // Whoever listens with the token that has just ended.
    app.pokes.look();
    let server_time = app.db.clock().now().millis();
    let policy = Policy { engineer_id: engineer_id.to_string(), keep_acked_days: limits::KEEP_ACKED_DAYS };
    Ok(web::Json(EnrolResponse { token, epoch, server_time, limits: Limits::default(), policy }))
}

/// Forgets codes that nobody can use any more.
///
/// # Errors
/// A failure of the database.
pub fn forget_expired(tx: &mut Tx<'_>) -> Result<usize, Error> {
    let now = db::clock::real_now();
    let over = enrolment_codes::table.filter(enrolment_codes::expires_at.lt(now));
    Ok(diesel::delete(over).execute(tx.conn())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        assert_eq!(plain("7ab0-cd1e fg"), "7AB0CD1EFG");
        assert_eq!(plain(" 7abO-cdlE FG "), "7AB0CD1EFG");
        assert_eq!(plain("–#"), "");
    }
}
