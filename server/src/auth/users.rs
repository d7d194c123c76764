//! Users: who may log in, and as what. Administrators only.

use actix_web::{HttpResponse, get, patch, post, web};
use db::schema::users;
use db::types::{EngineerId, Id, UserId};
use db::{Actor, Conn, Entity, Timestamp, Tx};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ADMIN, By, Role, password, session};
use crate::app::App;
use crate::error::{Error, Problem};
use crate::http::page::{self, Page, PageParams};
use crate::http::{Body, Checks, Created, IdempotencyKey, IfMatch, Params, Path, with_tag};
use crate::mail;

/// Somebody who may log in. The hash of his password never leaves its column.
#[derive(Debug, Clone, Serialize, Queryable, ToSchema)]
pub struct User {
    /// His id.
    pub id: UserId,
    /// What he types to log in.
    pub login: String,
    /// What others read.
    pub display_name: String,
    /// What he may do.
    pub role: Role,
    /// The engineer that he is, if he is one.
    pub engineer_id: Option<EngineerId>,
    /// `en` or `zh-CN`.
    pub locale: String,
    /// Whether he may log in.
    pub active: bool,
    /// When he was added.
    pub created_at: Timestamp,
    /// Where he is written to; empty: nowhere.
    pub email: String,
}

impl User {
    /// As the change log knows him.
    pub fn actor(&self) -> Actor {
        Actor { id: self.id.to_string(), name: self.login.clone(), device_id: None }
    }
}

impl Entity for User {
    const ENTITY: &'static str = "users";

    fn row_id(&self) -> String {
        self.id.to_string()
    }
}

const COLUMNS: Columns = (
    users::id,
    users::login,
    users::display_name,
    users::role,
    users::engineer_id,
    users::locale,
    users::active,
    users::created_at,
    users::email,
);
type Columns = (
    users::id,
    users::login,
    users::display_name,
    users::role,
    users::engineer_id,
    users::locale,
    users::active,
    users::created_at,
    users::email,
);

/// Languages that the screens speak.
pub const LOCALES: &[&str] = &["en", "zh-CN"];

/// A user to be added.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// Unique; letters, digits, `.`, `-`, `_`, `@`.
    pub login: String,
    /// What others read.
    pub display_name: String,
    /// What he may do.
    pub role: Role,
    /// 10 to 200 characters.
    #[serde(serialize_with = "unsaid")]
    pub password: String,
    /// The engineer that he is; required for the role engineer.
    pub engineer_id: Option<EngineerId>,
    /// `en` (default) or `zh-CN`.
    pub locale: Option<String>,
    /// Where he is written to; nowhere if absent.
    pub email: Option<String>,
}

/// A password is never written out again, not even into the fingerprint of an `Idempotency-Key`, which is kept for a
/// day: a hash that is made fast is broken fast.
fn unsaid<S: serde::Serializer>(_: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str("")
}

/// Under these names parts of the server write: what they decide must not look like a person's decision.
const SYSTEM_NAMES: [&str; 5] = ["dispatch", "planner", "housekeeping", "sla", "system"];

impl NewUser {
    /// Checks what can be checked without the database.
    ///
    /// # Errors
    /// All faults.
    pub fn check(&self) -> Result<(), Error> {
        let mut checks = Checks::new();
        checks.name("login", &self.login, 100).name("display_name", &self.display_name, 200);
        let plain = |c: char| c.is_ascii_alphanumeric() || ".-_@".contains(c);
        let message = "may have letters, digits, '.', '-', '_' and '@'";
        checks.require(self.login.chars().all(plain), "login", "invalid", message);
        let ours = SYSTEM_NAMES.contains(&self.login.as_str());
        checks.require(!ours, "login", "reserved", "is the name of a part of the server");
        password::check(&mut checks, "password", &self.password);
        check_link(&mut checks, self.role, self.engineer_id);
        check_locale(&mut checks, self.locale.as_deref());
        mail::check_address(&mut checks, "email", self.email.as_deref().unwrap_or_default());
        checks.finish()
    }
}

fn check_link(checks: &mut Checks, role: Role, engineer_id: Option<EngineerId>) {
    let linked = role != Role::Engineer || engineer_id.is_some();
    checks.require(linked, "engineer_id", "required", "is needed for the role engineer");
}

fn check_locale(checks: &mut Checks, locale: Option<&str>) {
    let known = locale.is_none_or(|l| LOCALES.contains(&l));
    checks.require(known, "locale", "invalid", "must be en or zh-CN");
}

/// What of a user can be changed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserPatch {
    display_name: Option<String>,
    role: Option<Role>,
    active: Option<bool>,
    engineer_id: Option<EngineerId>,
    locale: Option<String>,
    email: Option<String>,
}

/// A new password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    password: String,
}

/// The user of this id.
///
/// # Errors
/// 404.
pub fn get(conn: &mut Conn, id: UserId) -> Result<User, Error> {
    let found = users::table.find(id).select(COLUMNS).first(conn).optional()?;
    found.ok_or_else(|| Problem::not_found("user").into())
}

/// The user of this log-in, with the hash of his password.
///
/// # Errors
/// A failure of the database.
pub fn by_login(conn: &mut Conn, login: &str) -> Result<Option<(User, String)>, Error> {
    Ok(users::table
        .filter(users::login.eq(login))
        .select((COLUMNS, users::password_hash))
        .first(conn)
        .optional()?)
}

/// Adds a user whose password is hashed already.
///
/// # Errors
/// A taken log-in, an unknown engineer.
pub fn create(tx: &mut Tx<'_>, new: &NewUser, password_hash: &str) -> Result<User, Error> {
    let user = User {
        id: Id::new(),
        login: new.login.clone(),
        display_name: new.display_name.clone(),
        role: new.role,
        engineer_id: new.engineer_id,
        locale: new.locale.clone().unwrap_or_else(|| "en".to_owned()),
        active: true,
        created_at: tx.now(),
        email: new.email.clone().unwrap_or_default(),
    };
    diesel::insert_into(users::table)
        .values((
            users::id.eq(user.id),
            users::login.eq(&user.login),
            users::display_name.eq(&user.display_name),
            users::role.eq(user.role),
            users::password_hash.eq(password_hash),
            users::engineer_id.eq(user.engineer_id),
            users::locale.eq(&user.locale),
            users::active.eq(user.active),
            users::created_at.eq(user.created_at),
            users::email.eq(&user.email),
        ))
        .execute(tx.conn())?;
    tx.changed(&user)?;
    Ok(user)
}

fn update(tx: &mut Tx<'_>, id: UserId, patch: &UserPatch) -> Result<User, Error> {
    let before = get(tx.conn(), id)?;
    let mut user = before.clone();
    user.display_name = patch.display_name.clone().unwrap_or(user.display_name);
    user.role = patch.role.unwrap_or(user.role);
    user.active = patch.active.unwrap_or(user.active);
    user.engineer_id = patch.engineer_id.or(user.engineer_id);
    user.locale = patch.locale.clone().unwrap_or(user.locale);
    user.email = patch.email.clone().unwrap_or(user.email);
    let mut checks = Checks::new();
    checks.name("display_name", &user.display_name, 200);
    check_link(&mut checks, user.role, user.engineer_id);
    check_locale(&mut checks, Some(&user.locale));
    mail::check_address(&mut checks, "email", &user.email);
    checks.finish()?;
    diesel::update(users::table.find(id))
        .set((
            users::display_name.eq(&user.display_name),
            users::role.eq(user.role),
            users::active.eq(user.active),
            users::engineer_id.eq(user.engineer_id),
            users::locale.eq(&user.locale),
            users::email.eq(&user.email),
        ))
        .execute(tx.conn())?;
    // A session carries the rights it was opened with, so a user whose rights change logs in again.
    if (before.role, before.active, before.engineer_id) != (user.role, user.active, user.engineer_id) {
        session::end_all(tx, id)?;
    }
    tx.changed(&user)?;
    let was_admin = before.active && before.role == Role::Admin;
    if was_admin && !(user.active && user.role == Role::Admin) {
        check_somebody_administers(tx)?;
    }
    Ok(user)
}

/// Refuses to leave the house without somebody who has the keys.
fn check_somebody_administers(tx: &mut Tx<'_>) -> Result<(), Error> {
    let admins = users::table.filter(users::role.eq(Role::Admin)).filter(users::active.eq(true));
    let left: i64 = admins.count().get_result(tx.conn())?;
    if left > 0 {
        return Ok(());
    }
    Err(Problem::conflict("last_admin", "Nobody else could administer this server.").into())
}

/// All users, page by page.
#[utoipa::path(tag = "users", params(PageParams), responses((status = 200, body = Page<User>)))]
#[get("/users")]
pub async fn list(
    app: web::Data<App>,
    _by: By<ADMIN>,
    params: Params<PageParams>,
) -> Result<web::Json<Page<User>>, Error> {
    let limit = page::limit(params.0.limit)?;
    let after: Option<UserId> = page::cursor(params.0.after.as_deref())?;
    let found: Vec<User> = app
        .db
        .read(move |conn| {
            let mut query = users::table.select(COLUMNS).order(users::id).limit(limit + 1).into_boxed();
            if let Some(after) = after {
                query = query.filter(users::id.gt(after));
            }
            Ok::<_, Error>(query.load(conn)?)
        })
        .await?;
    Ok(web::Json(Page::cut(found, limit, |user| user.id.to_string())))
}

/// Add a user.
#[utoipa::path(
    tag = "users",
    request_body = NewUser,
    responses((status = 201, body = User), (status = 409, body = Problem), (status = 422, body = Problem)),
)]
#[post("/users")]
pub async fn add(
    app: web::Data<App>,
    by: By<ADMIN>,
    key: IdempotencyKey,
    body: Body<NewUser>,
) -> Result<HttpResponse, Error> {
    let new = body.0;
    new.check()?;
    let hash = password::hash(new.password.clone()).await?;
    let for_tx = new.clone();
    let create = move |tx: &mut Tx<'_>| {
        let user = create(tx, &for_tx, &hash)?;
        Created::new(format!("/api/v1/users/{}", user.id), &user)
    };
    key.create(&app.db, by.0, &new, create).await
}

/// One user.
#[utoipa::path(
    tag = "users",
    params(("id" = UserId, Path)),
    responses((status = 200, body = User), (status = 404, body = Problem)),
)]
#[get("/users/{id}")]
pub async fn one(app: web::Data<App>, _by: By<ADMIN>, id: Path<UserId>) -> Result<HttpResponse, Error> {
    let (user, version) = app
        .db
        .read(move |conn| {
            let version = db::changes::version(conn, User::ENTITY, id.0.as_str())?;
            Ok::<_, Error>((get(conn, id.0)?, version))
        })
        .await?;
    Ok(with_tag(actix_web::http::StatusCode::OK, version, &user))
}

/// Change a user. Ends his sessions, since they carry his old rights.
#[utoipa::path(
    tag = "users",
    params(("id" = UserId, Path), ("If-Match" = String, Header)),
    request_body = UserPatch,
    responses((status = 200, body = User), (status = 412, body = Problem)),
)]
#[patch("/users/{id}")]
pub async fn change(
    app: web::Data<App>,
    by: By<ADMIN>,
    id: Path<UserId>,
    if_match: IfMatch,
    body: Body<UserPatch>,
) -> Result<HttpResponse, Error> {
    let run = move |tx: &mut Tx<'_>| {
        let user = update(tx, id.0, &body.0)?;
        if_match.check(tx, User::ENTITY, id.0.as_str())?;
        Ok::<_, Error>(user)
    };
    let (user, numbers) = app.db.write_numbered(by.0.actor(), run).await?;
    app.sessions.invalidate_all();
    let version = numbers.version(User::ENTITY, user.id.as_str()).unwrap_or(0);
    Ok(with_tag(actix_web::http::StatusCode::OK, version, &user))
}

/// Set a user's password. Ends his sessions.
#[utoipa::path(
    tag = "users",
    params(("id" = UserId, Path)),
    request_body = NewPassword,
    responses((status = 204), (status = 422, body = Problem)),
)]
#[post("/users/{id}/password")]
pub async fn set_password(
    app: web::Data<App>,
    by: By<ADMIN>,
    id: Path<UserId>,
    body: Body<NewPassword>,
) -> Result<HttpResponse, Error> {
    let mut checks = Checks::new();
    password::check(&mut checks, "password", &body.0.password);
    checks.finish()?;
    let hash = password::hash(body.0.password).await?;
    let run = move |tx: &mut Tx<'_>| {
        let user = get(tx.conn(), id.0)?;
        diesel::update(users::table.find(id.0)).set(users::password_hash.eq(&hash)).execute(tx.conn())?;
        session::end_all(tx, id.0)?;
        // The log says that it happened, and when; the row that it shows has no password in it.
        tx.changed(&user)?;
        Ok::<_, Error>(())
    };
    app.db.write(by.0.actor(), run).await?;
    app.sessions.invalidate_all();
    Ok(HttpResponse::NoContent().finish())
}
