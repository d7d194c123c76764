//! Webhooks of rules over HTTP: what was sent, what is dead, sending it again, and the secret that a receiver needs.

use actix_web::{HttpResponse, get, post, web};
use db::schema::webhook_deliveries as deliveries;
use db::{Conn, Timestamp, Tx};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::rules::{self, FIRED};
use crate::app::App;
use crate::auth::{ADMIN, By, OFFICE};
use crate::error::{Error, Problem};
use crate::http::page::{self, Page};
use crate::http::{Body, Params, Path};

db::text_enum! {
    /// Where a delivery stands.
    pub enum DeliveryState {
        /// It is tried, again if it was refused.
        Waiting => "waiting",
        /// It was taken.
        Delivered => "delivered",
        /// It was refused ten times and is not tried any more.
        Dead => "dead",
    }
}

/// A webhook of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WebhookDelivery {
    /// Its `webhook-id`.
    pub id: String,
    /// Where it goes.
    pub url: String,
    /// The rule.
    pub rule_id: Option<String>,
    /// The ticket.
    pub ticket_id: Option<String>,
    /// Where it stands.
    pub state: DeliveryState,
    /// So often it was tried.
    pub attempts: i32,
    /// When the rule fired.
    pub created_at: Timestamp,
    /// When it is tried next.
    pub due_at: Option<Timestamp>,
    /// When it was taken.
    pub delivered_at: Option<Timestamp>,
    /// Why it was not taken the last time.
    pub error: String,
}

impl WebhookDelivery {
    fn of(row: super::Delivery) -> Self {
        let state = match (row.delivered_at, row.due_at) {
            (Some(_), _) => DeliveryState::Delivered,
            (None, Some(_)) => DeliveryState::Waiting,
            (None, None) => DeliveryState::Dead,
        };
        Self {
            id: row.id,
            url: row.url,
            rule_id: row.rule_id,
            ticket_id: row.ticket_id,
            state,
            attempts: row.attempts,
            created_at: row.created_at,
            due_at: row.due_at,
            delivered_at: row.delivered_at,
            error: row.error,
        }
    }
}

/// Which deliveries.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    /// `waiting`, `delivered` or `dead`; all if absent.
    state: Option<DeliveryState>,
    /// At most so many, 1 to 200.
    limit: Option<i64>,
    /// The `next` of the page before.
    after: Option<String>,
}

/// Webhooks of rules, the latest first.
#[utoipa::path(tag = "rules", params(Filter), responses((status = 200, body = Page<WebhookDelivery>)))]
#[get("/webhooks/deliveries")]
pub async fn list(
    app: web::Data<App>,
    _by: By<OFFICE>,
    params: Params<Filter>,
) -> Result<web::Json<Page<WebhookDelivery>>, Error> {
    let Params(filter) = params;
    let limit = page::limit(filter.limit)?;
    let after = page::text_cursor(filter.after)?;
    let read = move |conn: &mut Conn| {
        let mut query = deliveries::table.filter(deliveries::kind.eq(FIRED)).into_boxed();
        query = match filter.state {
            None => query,
            Some(DeliveryState::Delivered) => query.filter(deliveries::delivered_at.is_not_null()),
            Some(DeliveryState::Waiting) => query.filter(deliveries::due_at.is_not_null()),
            Some(DeliveryState::Dead) => {
                query.filter(deliveries::due_at.is_null()).filter(deliveries::delivered_at.is_null())
            }
        };
        if let Some(after) = after {
            query = query.filter(deliveries::id.lt(after));
        }
        let found: Vec<super::Delivery> =
            query.order(deliveries::id.desc()).limit(limit.saturating_add(1)).load(conn)?;
        Ok::<_, Error>(found)
    };
    let found = app.db.read(read).await?.into_iter().map(WebhookDelivery::of).collect();
    Ok(web::Json(Page::cut(found, limit, |one: &WebhookDelivery| one.id.clone())))
}

/// Send a delivery again, from the first attempt on, with the same `webhook-id`.
#[utoipa::path(
    tag = "rules",
    params(("id" = String, Path)),
    responses((status = 204), (status = 404, body = Problem)),
)]
#[post("/webhooks/deliveries/{id}/replay")]
pub async fn replay(app: web::Data<App>, by: By<ADMIN>, id: Path<String>) -> Result<HttpResponse, Error> {
    let run = move |tx: &mut Tx<'_>| {
        let now = tx.now();
        let this = deliveries::table.find(&id.0).filter(deliveries::kind.eq(FIRED));
        let again = diesel::update(this)
            .set((
                deliveries::attempts.eq(0),
                deliveries::due_at.eq(Some(now)),
                deliveries::delivered_at.eq(None::<Timestamp>),
            ))
            .execute(tx.conn())?;
        if again == 1 { Ok(()) } else { Err(Error::from(Problem::not_found("delivery"))) }
    };
    app.db.write(by.0.actor(), run).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Whose secret is asked for.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretAsked {
    /// The address, as in the rule.
    pub url: String,
}

/// With what the events to this address are signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WebhookSecret {
    /// `whsec_` and base64, as Standard Webhooks say.
    pub secret: String,
}

/// The secret with which a receiver proves that events come from here; the same for every address of one host.
#[utoipa::path(
    tag = "rules",
    request_body = SecretAsked,
    responses((status = 200, body = WebhookSecret), (status = 422, body = Problem)),
)]
#[post("/webhooks/secret")]
pub async fn secret(
    app: web::Data<App>,
    _by: By<ADMIN>,
    body: Body<SecretAsked>,
) -> Result<web::Json<WebhookSecret>, Error> {
    Ok(web::Json(WebhookSecret { secret: rules::secret(&app, &body.0.url).await? }))
}
