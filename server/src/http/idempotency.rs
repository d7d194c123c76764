//! `Idempotency-Key`: a request that creates or moves something and is repeated changes nothing and gets the first
//! answer again. The answer is written in the transaction of the change; keys are kept for 24 hours.

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{ETAG, HeaderValue, LOCATION};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use db::schema::idempotency_keys;
use db::{Conn, Db, Entity, Tx, later_row};
use diesel::prelude::*;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::auth::Who;
use crate::error::{Error, Problem};

/// How long an answer can be had again.
pub const KEPT_HOURS: i64 = 24;
/// Longest key.
const MAX_KEY: usize = 255;

/// The key that the client chose, and the request that it stands for.
#[derive(Debug, Clone)]
pub struct IdempotencyKey {
    key: Option<String>,
    route: String,
}

impl FromRequest for IdempotencyKey {
    type Error = Error;
    type Future = std::future::Ready<Result<Self, Error>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let route = format!("{} {}", req.method(), req.path());
        let key = req.headers().get("idempotency-key").map(|v| v.to_str().unwrap_or("").to_owned());
        let bad = key.as_ref().is_some_and(|k| k.is_empty() || k.len() > MAX_KEY);
        std::future::ready(if bad {
            let message = "must have 1 to 255 visible characters";
            Err(Problem::invalid_field("Idempotency-Key", "invalid", message).into())
        } else {
            Ok(Self { key, route })
        })
    }
}

/// What a creation answers: where the new row is, and how it looks. Or what a step answers: how things are now.
#[derive(Debug, Clone)]
pub struct Created {
    status: StatusCode,
    location: String,
    body: String,
    /// The row whose version is the tag of the answer.
    row: Option<(&'static str, String)>,
}

impl Created {
    /// A new row that can be had at `location`.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn new<R: Entity>(location: String, row: &R) -> Result<Self, Error> {
        Self::showing::<R, R>(location, row, row)
    }

    /// A new row that is shown as something else than itself.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn showing<R: Entity, V: Serialize>(location: String, row: &R, view: &V) -> Result<Self, Error> {
        let body = serde_json::to_string(view).map_err(db::Error::from)?;
        Ok(Self { status: StatusCode::CREATED, location, body, row: Some((R::ENTITY, row.row_id())) })
    }

    /// Nothing new to be had anywhere: `200` with how things are now.
    ///
    /// # Errors
    /// When it cannot be written as JSON.
    pub fn done<V: Serialize>(view: &V) -> Result<Self, Error> {
        let body = serde_json::to_string(view).map_err(db::Error::from)?;
        Ok(Self { status: StatusCode::OK, location: String::new(), body, row: None })
    }
}

#[derive(Insertable)]
#[diesel(table_name = idempotency_keys)]
struct NewKey {
    user_id: String,
    key: String,
    request: String,
    status: i32,
    location: String,
    body: String,
    created_at: db::Timestamp,
}

later_row!(NewKey, idempotency_keys::table, rank 9);

impl IdempotencyKey {
    /// Runs a creation or a step once for this key, and answers as [`Created`] says.
    ///
    /// # Errors
    /// What the creation returns; 422 when the key was used for another request.
    pub async fn create<B, F>(
        self,
        db: &Db,
        who: Who,
        request: &B,
        mut create: F,
    ) -> Result<HttpResponse, Error>
    where
        B: Serialize,
        F: FnMut(&mut Tx<'_>) -> Result<Created, Error> + Send + 'static,
    {
        let fingerprint = self.fingerprint(request)?;
        let user_id = who.user_id.to_string();
        let key = self.key;
        let run = move |tx: &mut Tx<'_>| {
            let Some(key) = &key else { return create(tx).map(Answer::New) };
            // A key is hardly ever there already. If it is, it cannot be inserted, and we come here again.
            if !tx.may_hope()
                && let Some(first) = replay(tx, &user_id, key, &fingerprint)?
            {
                return Ok(Answer::Again(first));
            }
            let created = create(tx)?;
            tx.insert_later(NewKey {
                user_id: user_id.clone(),
                key: key.clone(),
                request: fingerprint.clone(),
                status: i32::from(created.status.as_u16()),
                location: created.location.clone(),
                body: created.body.clone(),
                created_at: db::clock::real_now(),
            });
            Ok(Answer::New(created))
        };
        let (answer, numbers) = db.write_numbered(who.actor(), run).await?;
        Ok(match answer {
            Answer::New(created) => {
                let version = created.row.as_ref().and_then(|(entity, id)| numbers.version(entity, id));
                respond(created.status, &created.location, created.body, version)
            }
            Answer::Again(first) => replayed(first),
        })
    }

    /// The answer to this request if it was given before: for a route that refuses it before its transaction, by what
    /// may have changed meanwhile.
    ///
    /// # Errors
    /// 422 when the key was used for another request.
    pub async fn again<B: Serialize>(
        self,
        db: &Db,
        who: &Who,
        request: &B,
    ) -> Result<Option<HttpResponse>, Error> {
        let fingerprint = self.fingerprint(request)?;
        let Some(key) = self.key else { return Ok(None) };
        let user_id = who.user_id.to_string();
        let first = db.read(move |conn| known(conn, &user_id, &key, &fingerprint)).await?;
        Ok(first.map(replayed))
    }

    /// Runs a step of a row once for this key, and answers `200` with how it is then.
    ///
    /// # Errors
    /// What the step returns; 422 when the key was used for another request.
    pub async fn step<B, V, F>(
        self,
        db: &Db,
        who: Who,
        request: &B,
        mut step: F,
    ) -> Result<HttpResponse, Error>
    where
        B: Serialize,
        V: Serialize,
        F: FnMut(&mut Tx<'_>) -> Result<V, Error> + Send + 'static,
    {
        self.create(db, who, request, move |tx: &mut Tx<'_>| Created::done(&step(tx)?)).await
    }

    /// A hash of route and body: the same key with another request is a mistake of the client.
    fn fingerprint<B: Serialize>(&self, request: &B) -> Result<String, Error> {
        if self.key.is_none() {
            return Ok(String::new());
        }
        let body = serde_json::to_vec(request).map_err(db::Error::from)?;
        let mut hash = Sha256::new();
        hash.update(self.route.as_bytes());
        hash.update([0]);
        hash.update(&body);
        Ok(crate::auth::secret::hex(&hash.finalize()))
    }
}

/// What was answered the first time: status, location, body.
type First = (StatusCode, String, String);

enum Answer {
    New(Created),
    Again(First),
}

fn replay(tx: &mut Tx<'_>, user_id: &str, key: &str, fingerprint: &str) -> Result<Option<First>, Error> {
    let first = known(tx.conn(), user_id, key, fingerprint)?;
    if first.is_none() {
        // One too old to count would be in the way of the new one.
        diesel::delete(idempotency_keys::table.find((user_id, key))).execute(tx.conn())?;
    }
    Ok(first)
}

fn known(conn: &mut Conn, user_id: &str, key: &str, fingerprint: &str) -> Result<Option<First>, Error> {
    let oldest = db::clock::real_now().plus_minutes(-60 * KEPT_HOURS);
    let first: Option<(String, i32, String, String, db::Timestamp)> = idempotency_keys::table
        .find((user_id, key))
        .select((
            idempotency_keys::request,
            idempotency_keys::status,
            idempotency_keys::location,
            idempotency_keys::body,
            idempotency_keys::created_at,
        ))
        .first(conn)
        .optional()?;
    match first {
        None => Ok(None),
        Some((_, _, _, _, at)) if at < oldest => Ok(None),
        Some((request, status, location, body, _)) if request == fingerprint => {
            let status = u16::try_from(status).ok().and_then(|code| StatusCode::from_u16(code).ok());
            Ok(Some((status.unwrap_or(StatusCode::CREATED), location, body)))
        }
        Some(_) => Err(Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "idempotency_key_reused",
            "This Idempotency-Key stands for another request.",
        )
        .into()),
    }
}

fn replayed((status, location, body): First) -> HttpResponse {
    let mut response = respond(status, &location, body, None);
    let name = actix_web::http::header::HeaderName::from_static("idempotent-replayed");
    response.headers_mut().insert(name, HeaderValue::from_static("true"));
    response
}

fn respond(status: StatusCode, location: &str, body: String, version: Option<i64>) -> HttpResponse {
    let mut response = HttpResponse::build(status).content_type("application/json").body(body);
    let headers = response.headers_mut();
    if let Some(location) = HeaderValue::from_str(location).ok().filter(|value| !value.is_empty()) {
        headers.insert(LOCATION, location);
    }
    if let Some(Ok(tag)) = version.map(|v| HeaderValue::from_str(&format!("\"{v}\""))) {
        headers.insert(ETAG, tag);
    }
    response
}

/// Forgets keys older than [`KEPT_HOURS`].
///
/// # Errors
/// A failure of the database.
pub fn forget_old(tx: &mut Tx<'_>) -> Result<usize, Error> {
    let oldest = db::clock::real_now().plus_minutes(-60 * KEPT_HOURS);
    Ok(diesel::delete(idempotency_keys::table.filter(idempotency_keys::created_at.lt(oldest)))
        .execute(tx.conn())?)
}
