//! The phones as the office sees them, and the end of one: a phone that was lost is revoked, and what it still held is
//! known by number.

use actix_web::{HttpResponse, get, post, web};
use db::types::{DeviceId, EngineerId};
use db::{Actor, Conn, Timestamp, Tx};
use mobile_sync::fleet::{self, Filter, Standing};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::app::App;
use crate::auth::{By, FIELD, OFFICE};
use crate::error::{Error, Problem};
use crate::http::page::{self, Page};
use crate::http::{Body, IdempotencyKey, Params, Path};
use crate::inventory::reservations::Nothing;

/// Which devices.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DeviceFilter {
    /// Of this engineer.
    pub engineer_id: Option<EngineerId>,
    /// Rows on the page, 1 to 200; 50 if absent.
    pub limit: Option<i64>,
    /// The `next` of the page before.
    pub after: Option<String>,
}

/// A phone, and how far the server has come with it.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeviceView {
    /// Chosen by itself.
    pub id: DeviceId,
    /// Whose it is.
    pub engineer_id: EngineerId,
    /// His name.
    pub engineer_name: String,
    /// `android`, `ios`, `web`, …, as it says.
    pub platform: String,
    /// As it says.
    pub app_version: String,
    /// The document shapes it was built for.
    pub schema: i32,
    /// When its token was made.
    pub enrolled_at: Timestamp,
    /// When it last asked for anything.
    pub last_seen_at: Timestamp,
    /// The highest number that it is known to have used.
    pub announced_seq: i64,
    /// All its mutations up to this number are here.
    pub acked_seq: i64,
    /// So many of its mutations are known of and not counted yet: they are on the phone, or `held`.
    pub unconfirmed: i64,
    /// So many of these are here, and wait for an earlier one.
    pub held: i64,
    /// How often it gave away what could not be pushed.
    pub rescues: i64,
    /// When the office ended it.
    pub revoked_at: Option<Timestamp>,
}

impl From<Standing> for DeviceView {
    fn from(s: Standing) -> Self {
        Self {
            id: s.id,
            engineer_id: s.engineer_id,
            engineer_name: s.engineer_name,
            platform: s.platform,
            app_version: s.app_version,
            schema: s.schema,
            enrolled_at: s.enrolled_at,
            last_seen_at: s.last_seen_at,
            announced_seq: s.announced_seq,
            acked_seq: s.acked_seq,
            unconfirmed: s.announced_seq - s.acked_seq,
            held: s.held,
            rescues: s.rescues,
            revoked_at: s.revoked_at,
        }
    }
}

/// The phones; engineers see their own.
#[utoipa::path(
    tag = "devices",
    params(DeviceFilter),
    responses((status = 200, body = Page<DeviceView>), (status = 422, body = Problem)),
)]
#[get("/devices")]
pub async fn list(
    app: web::Data<App>,
    by: By<FIELD>,
    params: Params<DeviceFilter>,
) -> Result<web::Json<Page<DeviceView>>, Error> {
    let DeviceFilter { mut engineer_id, limit, after } = params.0;
    if !by.0.is_office() {
        engineer_id = Some(by.0.engineer()?);
    }
    let limit = page::limit(limit)?;
    let after: Option<DeviceId> = page::cursor(after.as_deref())?;
    // What was seen a moment ago counts too.
    flush(&app).await?;
    let read = move |conn: &mut Conn| fleet::list(conn, Filter { id: None, engineer_id }, after, limit + 1);
    let found = app.db.read(read).await?;
    let views = found.into_iter().map(DeviceView::from).collect();
    Ok(web::Json(Page::cut(views, limit, |device: &DeviceView| device.id.to_string())))
}

/// Revoke a phone: its token ends, it is told to erase itself, and may give away what it still has.
#[utoipa::path(
    tag = "devices",
    params(("id" = DeviceId, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = Nothing,
    responses((status = 200, body = DeviceView), (status = 404, body = Problem)),
)]
#[post("/devices/{id}/revoke")]
pub async fn revoke(
    app: web::Data<App>,
    by: By<OFFICE>,
    key: IdempotencyKey,
    id: Path<DeviceId>,
    body: Body<Nothing>,
) -> Result<HttpResponse, Error> {
    let run = move |tx: &mut Tx<'_>| {
        if !fleet::revoke(tx, id.0)? {
            return Err(Problem::not_found("device").into());
        }
        let filter = Filter { id: Some(id.0), engineer_id: None };
        let found = fleet::list(tx.conn(), filter, None, 1)?.pop();
        found.map(DeviceView::from).ok_or_else(|| Error::Internal("a device that is gone".to_owned()))
    };
    let answer = key.step(&app.db, by.0, &body.0, run).await?;
    app.sessions.invalidate_all();
    app.pokes.look();
    Ok(answer)
}

/// Writes down when phones were last heard of.
///
/// # Errors
/// A failure of the database.
pub async fn flush(app: &App) -> Result<(), Error> {
    let seen = app.seen.take();
    if seen.is_empty() {
        return Ok(());
    }
    let run = move |tx: &mut Tx<'_>| fleet::write(tx, &seen);
    Ok(app.db.write(Actor::system("sync"), run).await?)
}
