//! Purchase orders over HTTP: how far they are, what is on order, and what will not come. Goods that come are received
//! like any others (`POST /stock-movements` with `order_line_id`).

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, patch, post, web};
use db::types::{OrderLineId, PartId, PurchaseOrderId, SupplierId};
use db::{Conn, Tx};
use inventory::MAX_QUANTITY;
use inventory::catalogue::{self, Supplier};
use inventory::levels;
use inventory::orders::{self, OrderChanges, OrderStatus, OrderView, PurchaseOrder, day_of};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::reservations::Nothing;
use crate::app::App;
use crate::auth::{By, STOCK};
use crate::error::{Error, Problem};
use crate::http::page::{self, Page, PageParams};
use crate::http::{Body, Checks, IdempotencyKey, IfMatch, Params, Path, rows, with_tag};

/// Longest note of an order, in characters.
pub(super) const LONGEST_NOTE: usize = 2_000;

/// Which orders.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OrderFilter {
    /// Statuses, separated by commas: `ordered`, `partly_received`, `received`, `cancelled`.
    pub status: Option<String>,
    /// To this supplier.
    pub supplier_id: Option<SupplierId>,
    /// With this part.
    pub part_id: Option<PartId>,
    /// Those that were to have come before today, and have not.
    #[serde(default)]
    pub overdue: bool,
    /// Rows on the page, 1 to 200; 50 if absent.
    pub limit: Option<i64>,
    /// The `next` of the page before.
    pub after: Option<String>,
}

fn statuses(text: Option<&str>) -> Result<Vec<OrderStatus>, Error> {
    let parse = |name: &str| {
        let unknown = |_| Problem::invalid_field("status", "invalid", format!("{name} is no status")).into();
        name.trim().parse().map_err(unknown)
    };
    text.map_or_else(|| Ok(Vec::new()), |text| text.split(',').map(parse).collect())
}

/// Orders with their lines, the newest first.
#[utoipa::path(tag = "orders", params(OrderFilter), responses((status = 200, body = Page<OrderView>)))]
#[get("/purchase-orders")]
pub async fn list(
    app: web::Data<App>,
    _by: By<STOCK>,
    params: Params<OrderFilter>,
) -> Result<web::Json<Page<OrderView>>, Error> {
    let OrderFilter { status, supplier_id, part_id, overdue, limit, after } = params.0;
    let limit = page::limit(limit)?;
    let before = page::cursor(after.as_deref())?;
    let today = day_of(app.db.clock().now());
    let overdue = overdue.then_some(today);
    let filter = orders::Filter { status: statuses(status.as_deref())?, supplier_id, part_id, overdue };
    let read = move |conn: &mut Conn| Ok::<_, Error>(orders::list(conn, filter, today, before, limit)?);
    Ok(web::Json(Page::full(app.db.read(read).await?, limit, |view| view.order.number.to_string())))
}

/// One order.
#[utoipa::path(
    tag = "orders",
    params(("id" = PurchaseOrderId, Path)),
    responses((status = 200, body = OrderView), (status = 404, body = Problem)),
)]
#[get("/purchase-orders/{id}")]
pub async fn one(
    app: web::Data<App>,
    _by: By<STOCK>,
    id: Path<PurchaseOrderId>,
) -> Result<HttpResponse, Error> {
    let today = day_of(app.db.clock().now());
    let read = move |conn: &mut Conn| {
        let view = orders::view(conn, id.0, today)?;
        let version = db::changes::version(conn, "purchase_orders", &id.0.to_string())?;
        Ok::<_, Error>((view, version))
    };
    let (view, version) = app.db.read(read).await?;
    Ok(with_tag(StatusCode::OK, version, &view))
}

/// An order as it is in this transaction.
pub(super) fn view(tx: &mut Tx<'_>, id: PurchaseOrderId) -> Result<OrderView, Error> {
    let today = day_of(tx.now());
    Ok(orders::view(tx.conn(), id, today)?)
}

/// What of an order can be said anew.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderPatch {
    /// The day on which it is expected, `YYYY-MM-DD`; of an order of which something is to come.
    #[schema(format = Date)]
    pub expected_on: Option<String>,
    /// What somebody wanted to add.
    pub note: Option<String>,
}

/// Say when an order is expected now, or something about it.
#[utoipa::path(
    tag = "orders",
    params(("id" = PurchaseOrderId, Path), ("If-Match" = String, Header)),
    request_body = OrderPatch,
    responses(
        (status = 200, body = PurchaseOrder),
        (status = 404, body = Problem),
        (status = 409, body = Problem),
        (status = 412, body = Problem),
        (status = 422, body = Problem),
    ),
)]
#[patch("/purchase-orders/{id}")]
pub async fn change(
    app: web::Data<App>,
    by: By<STOCK>,
    id: Path<PurchaseOrderId>,
    if_match: IfMatch,
    body: Body<OrderPatch>,
) -> Result<HttpResponse, Error> {
    let OrderPatch { expected_on, note } = body.0;
    Checks::new().text("note", note.as_deref().unwrap_or_default(), LONGEST_NOTE).finish()?;
    let changes = OrderChanges { expected_on, note };
    rows::change(&app.db, &by.0, if_match, move |tx| Ok(orders::change(tx, id.0, &changes)?)).await
}

/// Say that what has not come of an order will not come.
#[utoipa::path(
    tag = "orders",
    params(("id" = PurchaseOrderId, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = Nothing,
    responses(
        (status = 200, body = OrderView),
        (status = 404, body = Problem),
        (status = 409, body = Problem),
    ),
)]
#[post("/purchase-orders/{id}/cancel")]
pub async fn cancel(
    app: web::Data<App>,
    by: By<STOCK>,
    key: IdempotencyKey,
    id: Path<PurchaseOrderId>,
    body: Body<Nothing>,
) -> Result<HttpResponse, Error> {
    let run = move |tx: &mut Tx<'_>| {
        orders::cancel(tx, id.0)?;
        view(tx, id.0)
    };
    key.step(&app.db, by.0, &body.0, run).await
}

/// How much of a line will not come.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GivenUp {
    /// How much; all that has not come if absent.
    pub quantity: Option<i64>,
}

/// Say that what has not come of a line, or a part of it, will not come.
#[utoipa::path(
    tag = "orders",
    params(("id" = OrderLineId, Path), ("Idempotency-Key" = Option<String>, Header)),
    request_body = GivenUp,
    responses(
        (status = 200, body = OrderView),
        (status = 404, body = Problem),
        (status = 409, body = Problem),
        (status = 422, body = Problem),
    ),
)]
#[post("/purchase-order-lines/{id}/cancel")]
pub async fn cancel_line(
    app: web::Data<App>,
    by: By<STOCK>,
    key: IdempotencyKey,
    id: Path<OrderLineId>,
    body: Body<GivenUp>,
) -> Result<HttpResponse, Error> {
    let quantity = body.0.quantity;
    Checks::new().within("quantity", quantity.unwrap_or(1), 1, MAX_QUANTITY).finish()?;
    let run = move |tx: &mut Tx<'_>| {
        let order = orders::cancel_line(tx, id.0, quantity)?;
        view(tx, order.id)
    };
    key.step(&app.db, by.0, &body.0, run).await
}

/// What is on order of a part.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PartOnOrder {
    /// Which.
    pub part_id: PartId,
    /// How much is to come.
    pub quantity: i64,
    /// The day on which the first of it is expected, `YYYY-MM-DD`.
    #[schema(format = Date)]
    pub expected_on: Option<String>,
}

/// What is on order of each part, in all.
#[utoipa::path(tag = "orders", responses((status = 200, body = Page<PartOnOrder>)))]
#[get("/parts-on-order")]
pub async fn on_order(
    app: web::Data<App>,
    _by: By<STOCK>,
    _params: Params<Nothing>,
) -> Result<web::Json<Page<PartOnOrder>>, Error> {
    let found = app.db.read(|conn: &mut Conn| Ok::<_, Error>(levels::on_order(conn)?)).await?;
    let row = |(part_id, all): (PartId, levels::OnOrder)| PartOnOrder {
        part_id,
        quantity: all.quantity,
        expected_on: all.expected_on,
    };
    Ok(web::Json(Page::whole(found.into_iter().map(row).collect())))
}

/// Who sells parts, in order of name.
#[utoipa::path(tag = "orders", params(PageParams), responses((status = 200, body = Page<Supplier>)))]
#[get("/suppliers")]
pub async fn suppliers(
    app: web::Data<App>,
    _by: By<STOCK>,
    params: Params<PageParams>,
) -> Result<web::Json<Page<Supplier>>, Error> {
    let limit = page::limit(params.0.limit)?;
    let after = page::text_cursor(params.0.after)?;
    let read = move |conn: &mut Conn| Ok::<_, Error>(catalogue::suppliers(conn, after.as_deref(), limit)?);
    Ok(web::Json(Page::full(app.db.read(read).await?, limit, |supplier| supplier.name.clone())))
}
