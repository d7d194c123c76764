//! What phones give away because they cannot push it. Opaque: it is stored as it comes, and read by people only. A
//! revoked phone may do this and nothing else, and it can never read anything back.

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_LENGTH};
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use db::schema::{devices, engineers, rescues};
use db::types::{DeviceId, EngineerId, RescueId};
use db::{Conn, Entity, Timestamp, Tx};
use diesel::prelude::*;
use mobile_sync_wire::limits::{RESCUE_BYTES, RESCUES};
use mobile_sync_wire::problem::SyncProblem;
use mobile_sync_wire::rescue::RescueResponse;
use object_store::path::Path as ObjectPath;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::auth::{self, ADMIN, By, OFFICE, Rescuer};
use crate::error::{Error, Problem};
use crate::http::page::{self, Page, PageParams};
use crate::http::{Params, Path};

/// What a phone gave away.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Queryable, Insertable)]
#[diesel(table_name = rescues)]
pub struct Rescue {
    /// Its id.
    pub id: RescueId,
    /// From which phone.
    pub device_id: DeviceId,
    /// Whose phone.
    pub engineer_id: EngineerId,
    /// How much.
    pub bytes: i64,
    /// SHA-256 in lower-case hexadecimal.
    pub sha256: String,
    /// When it came.
    pub received_at: Timestamp,
}

impl Entity for Rescue {
    const ENTITY: &'static str = "rescues";

    fn row_id(&self) -> String {
        self.id.to_string()
    }
}

/// Where the bytes are.
pub fn object(id: RescueId) -> ObjectPath {
    ObjectPath::from(format!("rescues/{id}"))
}

/// Give away what cannot be pushed: any bytes. A revoked phone may too.
#[utoipa::path(
    tag = "sync",
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 201, body = RescueResponse),
        (status = 401, body = Problem),
        (status = 409, body = Problem),
        (status = 413, body = SyncProblem),
    ),
)]
#[post("/rescue")]
pub async fn give(
    app: web::Data<App>,
    phone: Rescuer,
    req: HttpRequest,
    body: web::Payload,
) -> Result<HttpResponse, Error> {
    let who = phone.0;
    let device_id = who.device_id.ok_or_else(auth::unauthenticated)?;
    let told = req.headers().get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
    if told.is_some_and(|bytes| bytes > RESCUE_BYTES) {
        return Err(crate::storage::Refused::TooLarge(RESCUE_BYTES).into());
    }
    // Asked before the bytes are taken, and again when they are written down.
    app.db.read(move |conn| room(conn, device_id)).await?;
    let id = RescueId::new();
    let _turn = app.storage.turn()?;
    let written = app.storage.write(&object(id), body, RESCUE_BYTES).await?;
    if written.cut || written.bytes == 0 {
        app.storage.remove(&object(id)).await?;
        let detail = "The bytes ended before their end; send them again.";
        return Err(Problem::new(StatusCode::BAD_REQUEST, "cut_off", detail).into());
    }
    let run = move |tx: &mut Tx<'_>| {
        let engineer_id = room(tx.conn(), device_id)?;
        let rescue = Rescue {
            id,
            device_id,
            engineer_id,
            bytes: i64::try_from(written.bytes).unwrap_or(i64::MAX),
            sha256: written.sha256.clone(),
            received_at: tx.now(),
        };
        diesel::insert_into(rescues::table).values(rescue.clone()).execute(tx.conn())?;
        tx.created(&rescue)?;
        Ok::<_, Error>(rescue)
    };
    match app.db.write(who.actor(), run).await {
        Ok(rescue) => Ok(HttpResponse::Created().json(RescueResponse {
            id: rescue.id.to_string(),
            bytes: rescue.bytes,
            sha256: rescue.sha256,
            received_at: rescue.received_at.millis(),
        })),
        Err(error) => {
            app.storage.remove(&object(id)).await?;
            Err(error)
        }
    }
}

/// Whose the device is, if it may still give something.
fn room(conn: &mut Conn, device_id: DeviceId) -> Result<EngineerId, Error> {
    let known: Option<EngineerId> =
        devices::table.find(device_id).select(devices::engineer_id).first(conn).optional()?;
    let engineer_id = known.ok_or_else(auth::unauthenticated)?;
    let count: i64 = rescues::table.filter(rescues::device_id.eq(device_id)).count().get_result(conn)?;
    if count >= RESCUES {
        let detail = format!("This device has given {RESCUES} times already; ask the office.");
        return Err(Problem::conflict("too_many_rescues", detail).into());
    }
    Ok(engineer_id)
}

/// Something that a phone gave away.
#[derive(Debug, Serialize, Queryable, ToSchema)]
pub struct RescueView {
    /// Its id.
    pub id: RescueId,
    /// From which phone.
    pub device_id: DeviceId,
    /// The phone, as it says.
    pub platform: String,
    /// Whose phone.
    pub engineer_id: EngineerId,
    /// His name.
    pub engineer_name: String,
    /// How much.
    pub bytes: i64,
    /// SHA-256 in lower-case hexadecimal.
    pub sha256: String,
    /// When it came.
    pub received_at: Timestamp,
}

/// What phones gave away, the newest first.
#[utoipa::path(tag = "devices", params(PageParams), responses((status = 200, body = Page<RescueView>)))]
#[get("/rescues")]
pub async fn list(
    app: web::Data<App>,
    _by: By<OFFICE>,
    params: Params<PageParams>,
) -> Result<web::Json<Page<RescueView>>, Error> {
    let limit = page::limit(params.0.limit)?;
    let after: Option<RescueId> = page::cursor(params.0.after.as_deref())?;
    let read = move |conn: &mut Conn| {
        use rescues as r;
        let all = r::table.inner_join(devices::table).inner_join(engineers::table);
        let columns = (
            r::id,
            r::device_id,
            devices::platform,
            r::engineer_id,
            engineers::name,
            r::bytes,
            r::sha256,
            r::received_at,
        );
        let page = all.order(r::id.desc()).limit(limit + 1).select(columns);
        Ok::<Vec<RescueView>, Error>(match after {
            Some(after) => page.filter(r::id.lt(after)).load(conn)?,
            None => page.load(conn)?,
        })
    };
    Ok(web::Json(Page::cut(app.db.read(read).await?, limit, |rescue| rescue.id.to_string())))
}

/// The bytes themselves. Administrators only: there may be anything in them.
#[utoipa::path(
    tag = "devices",
    params(("id" = RescueId, Path)),
    responses((status = 200, content_type = "application/octet-stream"), (status = 404, body = Problem)),
)]
#[get("/rescues/{id}/content")]
pub async fn content(app: web::Data<App>, _by: By<ADMIN>, id: Path<RescueId>) -> Result<HttpResponse, Error> {
    let id = id.0;
    let known = move |conn: &mut Conn| {
        let found: Option<RescueId> = rescues::table.find(id).select(rescues::id).first(conn).optional()?;
        found.ok_or_else(|| Error::from(Problem::not_found("rescue")))
    };
    app.db.read(known).await?;
    let (bytes, pieces) = app.storage.read(&object(id)).await?;
    let name = format!("attachment; filename=\"rescue-{id}.bin\"");
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_DISPOSITION, name))
        .content_type("application/octet-stream")
        .body(actix_web::body::SizedStream::new(bytes, pieces)))
}
