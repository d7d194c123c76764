//! Sites over HTTP.

use actix_web::{HttpResponse, get, patch, post, web};
use db::types::{CustomerId, Id, SiteId};
use db::{Conn, Timestamp, Tx};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Site, store};
use crate::app::App;
use crate::auth::{By, OFFICE};
use crate::error::{Error, Problem};
use crate::http::page::{self, Page};
use crate::http::{Body, Checks, Created, IdempotencyKey, IfMatch, Params, Path, rows};
use crate::tickets;

/// Which sites.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Filter {
    /// Words in name or address.
    pub q: Option<String>,
    /// Of this customer.
    pub customer_id: Option<CustomerId>,
    /// Rows on the page, 1 to 200; 50 if absent.
    pub limit: Option<i64>,
    /// The `next` of the page before.
    pub after: Option<String>,
}

/// A site to be added.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSite {
    /// Whose.
    pub customer_id: CustomerId,
    /// What people call it.
    pub name: String,
    /// Where, in words.
    pub address: String,
    /// WGS-84 degrees.
    pub latitude: f64,
    /// WGS-84 degrees.
    pub longitude: f64,
    /// How to get in.
    pub access_note: Option<String>,
    /// Whom to ask there.
    pub contact: Option<String>,
    /// IANA name, such as `America/New_York`.
    pub time_zone: Option<String>,
}

impl NewSite {
    fn row(&self, now: Timestamp) -> Site {
        Site {
            id: Id::new(),
            customer_id: self.customer_id,
            name: self.name.clone(),
            address: self.address.clone(),
            latitude: self.latitude,
            longitude: self.longitude,
            access_note: self.access_note.clone().unwrap_or_default(),
            contact: self.contact.clone().unwrap_or_default(),
            time_zone: self.time_zone.clone().unwrap_or_default(),
            created_at: now,
        }
    }
}

/// What of a site can be changed; what is absent stays. Open tickets follow a change of address or coordinates.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SitePatch {
    /// What people call it.
    pub name: Option<String>,
    /// Where, in words.
    pub address: Option<String>,
    /// WGS-84 degrees.
    pub latitude: Option<f64>,
    /// WGS-84 degrees.
    pub longitude: Option<f64>,
    /// How to get in.
    pub access_note: Option<String>,
    /// Whom to ask there.
    pub contact: Option<String>,
    /// IANA name; empty for unknown.
    pub time_zone: Option<String>,
}

impl SitePatch {
    fn apply(&self, site: &mut Site) {
        let fields = [
            (&self.name, &mut site.name),
            (&self.address, &mut site.address),
            (&self.access_note, &mut site.access_note),
            (&self.contact, &mut site.contact),
            (&self.time_zone, &mut site.time_zone),
        ];
        super::take_over(fields);
        site.latitude = self.latitude.unwrap_or(site.latitude);
        site.longitude = self.longitude.unwrap_or(site.longitude);
    }
}

/// Sites in the order in which they were added.
#[utoipa::path(tag = "sites", params(Filter), responses((status = 200, body = Page<Site>)))]
#[get("/sites")]
pub async fn list(
    app: web::Data<App>,
    _by: By<OFFICE>,
    params: Params<Filter>,
) -> Result<web::Json<Page<Site>>, Error> {
    let filter = params.0;
    let limit = page::limit(filter.limit)?;
    let (q, after) = (page::search(filter.q)?, page::cursor(filter.after.as_deref())?);
    let read = move |conn: &mut Conn| store::sites(conn, q.as_deref(), filter.customer_id, after, limit + 1);
    Ok(web::Json(Page::cut(app.db.read(read).await?, limit, |site| site.id.to_string())))
}

/// Add a site.
#[utoipa::path(
    tag = "sites",
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body = NewSite,
    responses((status = 201, body = Site), (status = 422, body = Problem)),
)]
#[post("/sites")]
pub async fn create(
    app: web::Data<App>,
    by: By<OFFICE>,
    key: IdempotencyKey,
    body: Body<NewSite>,
) -> Result<HttpResponse, Error> {
    let new = body.0;
    let site = new.row(app.db.clock().now());
    let mut checks = Checks::new();
    site.check(&mut checks, &app.config.service_area);
    checks.finish()?;
    let run = move |tx: &mut Tx<'_>| {
        if store::find_customer(tx.conn(), site.customer_id)?.is_none() {
            return Err(Problem::invalid_field("customer_id", "unknown", "is no known customer").into());
        }
        store::insert_site(tx, &site)?;
        Created::new(format!("/api/v1/sites/{}", site.id), &site)
    };
    key.create(&app.db, by.0, &new, run).await
}

/// One site.
#[utoipa::path(
    tag = "sites",
    params(("id" = SiteId, Path)),
    responses((status = 200, body = Site), (status = 404, body = Problem)),
)]
#[get("/sites/{id}")]
pub async fn one(app: web::Data<App>, _by: By<OFFICE>, id: Path<SiteId>) -> Result<HttpResponse, Error> {
    rows::show(&app.db, move |conn| store::site(conn, id.0)).await
}

/// Change a site.
#[utoipa::path(
    tag = "sites",
    params(("id" = SiteId, Path), ("If-Match" = String, Header)),
    request_body = SitePatch,
    responses((status = 200, body = Site), (status = 412, body = Problem), (status = 422, body = Problem)),
)]
#[patch("/sites/{id}")]
pub async fn change(
    app: web::Data<App>,
    by: By<OFFICE>,
    id: Path<SiteId>,
    if_match: IfMatch,
    body: Body<SitePatch>,
) -> Result<HttpResponse, Error> {
    let (area, for_tx) = (app.config.service_area, app.clone());
    let run = move |tx: &mut Tx<'_>| {
        let before = store::site(tx.conn(), id.0)?;
        let mut site = before.clone();
        body.0.apply(&mut site);
        let mut checks = Checks::new();
        site.check(&mut checks, &area);
        checks.finish()?;
        store::update_site(tx, &site)?;
        if site.moved_from(&before) {
            tickets::store::follow_site(tx, &for_tx.board.promises(), &site)?;
        }
        Ok(site)
    };
    rows::change(&app.db, &by.0, if_match, run).await
}
