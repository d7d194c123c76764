//! Counts over HTTP. The warehouse opens and counts; the office approves.

use actix_web::{HttpResponse, get, post, web};
use db::types::{LocationId, PartId, StockCountId};
use db::{Conn, Tx};
use inventory::MAX_QUANTITY;
use inventory::counts::{self, CountLineView, CountStatus, MOST_LINES, NewCount, StockCount};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::reservations::Nothing;
use super::{named_part, named_place};
use crate::app::App;
use crate::auth::{By, OFFICE, Role, STOCK, Who};
use crate::error::{Error, Problem};
use crate::http::page::{self, Page};
use crate::http::{Body, Checks, Created, IdempotencyKey, Params, Path};

/// Which counts.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CountFilter {
    /// At this place.
    pub location_id: Option<LocationId>,
    /// `open`, `submitted`, `approved` or `rejected`.
    pub status: Option<CountStatus>,
    /// Rows on the page, 1 to 200; 50 if absent.
    pub limit: Option<i64>,
    /// The `next` of the page before.
    pub after: Option<String>,
}

/// Counts, the newest first.
#[utoipa::path(tag = "counts", params(CountFilter), responses((status = 200, body = Page<StockCount>)))]
#[get("/stock-counts")]
pub async fn list(
    app: web::Data<App>,
    _by: By<STOCK>,
    params: Params<CountFilter>,
) -> Result<web::Json<Page<StockCount>>, Error> {
    let CountFilter { location_id, status, limit, after } = params.0;
    let limit = page::limit(limit)?;
    let after = page::cursor(after.as_deref())?;
    let filter = counts::Filter { location_id, status };
    let read = move |conn: &mut Conn| Ok::<_, Error>(counts::list(conn, filter, after, limit)?);
    Ok(web::Json(Page::full(app.db.read(read).await?, limit, |count| count.id.to_string())))
}

/// Open a count: of all parts that the books know at a place, or of those that are named. Of a blind count nobody sees
/// what is expected until it is submitted.
#[utoipa::path(
    tag = "counts",
    params(("Idempotency-Key" = Option<String>, Header)),
    request_body = NewCount,
    responses(
        (status = 201, body = StockCount),
        (status = 409, body = Problem),
        (status = 422, body = Problem),
    ),
)]
#[post("/stock-counts")]
pub async fn open(
    app: web::Data<App>,
    by: By<STOCK>,
    key: IdempotencyKey,
    body: Body<NewCount>,
) -> Result<HttpResponse, Error> {
    let new = body.0;
    let mut checks = Checks::new();
    checks.text("note", &new.note, 2_000);
    checks.require(new.part_ids.len() <= MOST_LINES, "part_ids", "too_many", "must be at most 2,000");
    checks.finish()?;
    let for_tx = new.clone();
    let run = move |tx: &mut Tx<'_>| {
        named_place(tx.conn(), for_tx.location_id, "location_id")?;
        let count = counts::open(tx, &for_tx)?;
        Created::new(format!("/api/v1/stock-counts/{}", count.id), &count)
    };
    key.create(&app.db, by.0, &new, run).await
}

/// A count with its lines.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CountView {
    /// The count.
    pub count: StockCount,
    /// A part each, in order of number.
    pub lines: Vec<CountLineView>,
}

/// One count, with what was found so far.
#[utoipa::path(
    tag = "counts",
    params(("id" = StockCountId, Path)),
    responses((status = 200, body = CountView), (status = 404, body = Problem)),
)]
#[get("/stock-counts/{id}")]
pub async fn one(
    app: web::Data<App>,
    _by: By<STOCK>,
    id: Path<StockCountId>,
) -> Result<web::Json<CountView>, Error> {
    let (count, lines) = app.db.read(move |conn| Ok::<_, Error>(counts::lines(conn, id.0)?)).await?;
    Ok(web::Json(CountView { count, lines }))
}

/// What was found of a part.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// Of what.
    pub part_id: PartId,
    /// How much; none takes back what was said: nobody has counted it.
    pub quantity: Option<i64>,
}

/// Say what was found of a part. The last word counts; what the books say at this moment is kept with it.
#[utoipa::path(
    tag = "counts",
    params(("id" = StockCountId, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = Figure,
    responses(
        (status = 200, body = CountLineView),
        (status = 404, body = Problem),
        (status = 409, body = Problem),
        (status = 422, body = Problem),
    ),
)]
#[post("/stock-counts/{id}/lines")]
pub async fn enter(
    app: web::Data<App>,
    by: By<STOCK>,
    key: IdempotencyKey,
    id: Path<StockCountId>,
    body: Body<Figure>,
) -> Result<HttpResponse, Error> {
    let Figure { part_id, quantity } = body.0;
    Checks::new().within("quantity", quantity.unwrap_or(0), 0, MAX_QUANTITY).finish()?;
    let run = move |tx: &mut Tx<'_>| {
        named_part(tx.conn(), part_id)?;
        Ok(match quantity {
            Some(quantity) => counts::enter(tx, id.0, part_id, quantity)?,
            None => counts::clear(tx, id.0, part_id)?,
        })
    };
    key.step(&app.db, by.0, &body.0, run).await
}

/// Say that all is counted.
#[utoipa::path(
    tag = "counts",
    params(("id" = StockCountId, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = Nothing,
    responses(
        (status = 200, body = StockCount),
        (status = 404, body = Problem),
        (status = 409, body = Problem),
    ),
)]
#[post("/stock-counts/{id}/submit")]
pub async fn submit(
    app: web::Data<App>,
    by: By<STOCK>,
    key: IdempotencyKey,
    id: Path<StockCountId>,
    body: Body<Nothing>,
) -> Result<HttpResponse, Error> {
    let run = move |tx: &mut Tx<'_>| Ok(counts::submit(tx, id.0)?);
    key.step(&app.db, by.0, &body.0, run).await
}

/// Whoever counted does not approve it himself: of two who look, one would notice. An administrator may.
fn refuse_own_count(conn: &mut Conn, who: &Who, id: StockCountId) -> Result<(), Error> {
    let (_, lines) = counts::lines(conn, id)?;
    if who.role != Role::Admin && lines.iter().any(|line| line.counted_by == who.login) {
        let detail = "You counted it yourself: somebody else has to approve it.";
        return Err(Problem::conflict("own_count", detail).into());
    }
    Ok(())
}

/// Make the differences true. Whoever counted may not, but an administrator.
#[utoipa::path(
    tag = "counts",
    params(("id" = StockCountId, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = Nothing,
    responses(
        (status = 200, body = StockCount),
        (status = 404, body = Problem),
        (status = 409, body = Problem),
    ),
)]
#[post("/stock-counts/{id}/approve")]
pub async fn approve(
    app: web::Data<App>,
    by: By<OFFICE>,
    key: IdempotencyKey,
    id: Path<StockCountId>,
    body: Body<Nothing>,
) -> Result<HttpResponse, Error> {
    let who = by.0.clone();
    let run = move |tx: &mut Tx<'_>| {
        refuse_own_count(tx.conn(), &who, id.0)?;
        Ok(counts::approve(tx, id.0)?)
    };
    key.step(&app.db, by.0, &body.0, run).await
}

/// Throw a count away.
#[utoipa::path(
    tag = "counts",
    params(("id" = StockCountId, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = Nothing,
    responses(
        (status = 200, body = StockCount),
        (status = 404, body = Problem),
        (status = 409, body = Problem),
    ),
)]
#[post("/stock-counts/{id}/reject")]
pub async fn reject(
    app: web::Data<App>,
    by: By<OFFICE>,
    key: IdempotencyKey,
    id: Path<StockCountId>,
    body: Body<Nothing>,
) -> Result<HttpResponse, Error> {
    let run = move |tx: &mut Tx<'_>| Ok(counts::reject(tx, id.0)?);
    key.step(&app.db, by.0, &body.0, run).await
}
