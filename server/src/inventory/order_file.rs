//! One purchase order as a file for the supplier, and for whoever checks what came.

use actix_web::{HttpResponse, get, web};
use db::Conn;
use db::types::PurchaseOrderId;
use inventory::costs::minor_digits;
use inventory::orders::{self, LineView, OrderView, day_of};

use crate::app::App;
use crate::auth::{By, STOCK};
use crate::error::{Error, Problem};
use crate::exports::sheet::{Cell, Sheet};
use crate::exports::{self, Format};
use crate::http::Path;

const COLUMNS: [&str; 14] = [
    "order",
    "supplier",
    "expected_on",
    "supplier_part",
    "part",
    "name",
    "place",
    "quantity",
    "received",
    "open",
    "unit",
    "unit_price",
    "total",
    "currency",
];

/// An order as a file for a spreadsheet, `csv` or `xlsx`. In CSV a text that a spreadsheet would take for a formula
/// begins with an apostrophe.
#[utoipa::path(
    tag = "orders",
    params(("id" = PurchaseOrderId, Path), ("format" = inline(Format), Path)),
    responses((status = 200, body = String, content_type = "text/csv"), (status = 404, body = Problem)),
)]
#[get("/purchase-orders/{id}/lines.{format}")]
pub async fn lines(
    app: web::Data<App>,
    _by: By<STOCK>,
    path: Path<(PurchaseOrderId, String)>,
) -> Result<HttpResponse, Error> {
    let (id, format) = path.0;
    let format = format.parse::<Format>().map_err(|_| Problem::not_found("file"))?;
    let today = day_of(app.db.clock().now());
    let view = app.db.read(move |conn: &mut Conn| Ok::<_, Error>(orders::view(conn, id, today)?)).await?;
    let name = format!("purchase-order-{}", view.order.number);
    exports::file(sheet(&view), name, format).await
}

fn sheet(view: &OrderView) -> Sheet {
    let (order, supplier) = (&view.order, view.supplier_name.as_str());
    let row = |of: &LineView| {
        let line = &of.line;
        vec![
            Cell::quantity(order.number, 0),
            supplier.into(),
            order.expected_on.as_str().into(),
            line.supplier_part_number.as_str().into(),
            of.part_number.as_str().into(),
            of.part_name.as_str().into(),
            of.location_code.as_str().into(),
            Cell::quantity(line.quantity - line.cancelled, of.decimals),
            Cell::quantity(line.received, of.decimals),
            Cell::quantity(of.open, of.decimals),
            of.unit.as_str().into(),
            line.unit_price_micros.map_or(Cell::Empty, Cell::micros),
            of.total_minor.map_or(Cell::Empty, |total| Cell::quantity(total, minor_digits(&order.currency))),
            order.currency.as_str().into(),
        ]
    };
    Sheet { columns: &COLUMNS, rows: view.lines.iter().map(row).collect() }
}
