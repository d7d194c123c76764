//! The shift card over HTTP.

use actix_web::{HttpResponse, get, post, web};
use db::{Conn, Timestamp, Tx};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Asked, ShiftCard, changes};
use crate::app::App;
use crate::auth::{By, OFFICE};
use crate::error::{Error, Problem};
use crate::http::{Body, Params};

/// Looked ahead unless asked otherwise, in hours.
const USUAL_AHEAD: i64 = 4;
/// Looked ahead at most, in hours.
const MOST_AHEAD: i64 = 24;

/// Since when and until when.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CardParams {
    /// Changes from here on, at most seven days ago; since the caller last looked if absent.
    pub since: Option<Timestamp>,
    /// Promises until here, at most 24 hours ahead; four hours ahead if absent.
    pub until: Option<Timestamp>,
}

impl CardParams {
    fn until(&self, now: Timestamp) -> Result<Timestamp, Error> {
        let until = self.until.unwrap_or(now.plus_minutes(60 * USUAL_AHEAD));
        if now < until && until <= now.plus_minutes(60 * MOST_AHEAD) {
            return Ok(until);
        }
        Err(Problem::invalid_field("until", "out_of_range", "must be within the next 24 hours").into())
    }
}

/// What changed, who is there, what will break its promise and what is not ready, with the action that mends each, and
/// what the dispatcher before left.
#[utoipa::path(
    tag = "shift",
    params(CardParams),
    responses((status = 200, body = ShiftCard), (status = 422, body = Problem)),
)]
#[get("/shift")]
pub async fn card(
    app: web::Data<App>,
    by: By<OFFICE>,
    params: Params<CardParams>,
) -> Result<web::Json<ShiftCard>, Error> {
    let app = app.into_inner();
    let now = app.db.clock().now();
    let (until, since) = (params.0.until(now)?, params.0.since);
    let asked = Asked { user: by.0.user_id, since, now, until };
    let db = app.db.clone();
    let read = move |conn: &mut Conn| super::card(conn, &app.board, &asked);
    Ok(web::Json(db.read(read).await?))
}

/// Up to when.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Looked {
    /// The `now_at` of the card that he has seen.
    pub until: Timestamp,
}

/// Remember that the caller has seen what changed until then: his next card begins there.
#[utoipa::path(
    tag = "shift",
    request_body = Looked,
    responses((status = 204), (status = 422, body = Problem)),
)]
#[post("/shift/looked")]
pub async fn looked(app: web::Data<App>, by: By<OFFICE>, body: Body<Looked>) -> Result<HttpResponse, Error> {
    let (user, until) = (by.0.user_id, body.0.until);
    let now = app.db.clock().now();
    if until > now || until.millis() < 0 {
        let message = "must not be in the future";
        return Err(Problem::invalid_field("until", "out_of_range", message).into());
    }
    app.db.write(by.0.actor(), move |tx: &mut Tx<'_>| changes::look(tx, user, until)).await?;
    Ok(HttpResponse::NoContent().finish())
}
