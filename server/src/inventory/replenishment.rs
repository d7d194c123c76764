//! Reorder points, the purchase list and what vans have to take on, over HTTP.

use actix_web::{HttpResponse, get, web};
use db::Conn;
use db::types::LocationId;
use inventory::costs::minor_digits;
use inventory::replenishment::{self, Policy, PurchaseLine, Replenishment, TopUp};
use serde::Deserialize;
use utoipa::IntoParams;

use super::reservations::Nothing;
use crate::app::App;
use crate::auth::{By, STOCK};
use crate::error::{Error, Problem};
use crate::exports::sheet::{Cell, Sheet};
use crate::exports::{self, Format};
use crate::http::page::Page;
use crate::http::{Params, Path};

/// How far to look back, and how sure to be.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Review {
    /// Days to look back, today not among them: 1 to 730; 90 if absent.
    pub days: Option<i32>,
    /// How likely no day of the lead time is to be without stock: 0.5 to 0.9999; 0.95 if absent.
    pub service_level: Option<f64>,
    /// Days that an order is to last: 1 to 730; 30 if absent.
    pub cover_days: Option<i32>,
    /// Days that an order takes where no level says so: 0 to 730; 7 if absent.
    pub lead_days: Option<i32>,
    /// Only this place.
    pub location_id: Option<LocationId>,
}

impl Review {
    fn policy(&self) -> Policy {
        let usual = Policy::default();
        Policy {
            days: self.days.unwrap_or(usual.days),
            service_level: self.service_level.unwrap_or(usual.service_level),
            cover_days: self.cover_days.unwrap_or(usual.cover_days),
            lead_days: self.lead_days.unwrap_or(usual.lead_days),
        }
    }
}

/// When to order each part at each place that uses it, and how much, with all that it follows from.
#[utoipa::path(
    tag = "stock",
    params(Review),
    responses((status = 200, body = Page<Replenishment>), (status = 422, body = Problem)),
)]
#[get("/replenishment")]
pub async fn review(
    app: web::Data<App>,
    _by: By<STOCK>,
    params: Params<Review>,
) -> Result<web::Json<Page<Replenishment>>, Error> {
    let (policy, now) = (params.0.policy(), app.db.clock().now());
    let read = move |conn: &mut Conn| Ok::<_, Error>(replenishment::review(conn, now, policy)?);
    let mut found = app.db.read(read).await?;
    if let Some(place) = params.0.location_id {
        found.retain(|row| row.location_id == place);
    }
    Ok(web::Json(Page::whole(found)))
}

/// How far to look back, and how sure to be.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Buying {
    /// Days to look back, today not among them: 1 to 730; 90 if absent.
    pub days: Option<i32>,
    /// How likely no day of the lead time is to be without stock: 0.5 to 0.9999; 0.95 if absent.
    pub service_level: Option<f64>,
    /// Days that an order is to last: 1 to 730; 30 if absent.
    pub cover_days: Option<i32>,
    /// Days that an order takes where no level says so: 0 to 730; 7 if absent.
    pub lead_days: Option<i32>,
}

async fn lines(app: &App, asked: Buying) -> Result<Vec<PurchaseLine>, Error> {
    let Buying { days, service_level, cover_days, lead_days } = asked;
    let (policy, now) = (
        Review { days, service_level, cover_days, lead_days, location_id: None }.policy(),
        app.db.clock().now(),
    );
    app.db.read(move |conn| Ok::<_, Error>(replenishment::purchase_list(conn, now, policy)?)).await
}

/// What to buy from whom: what tickets wait for, what no place can spare, and what depots use up.
#[utoipa::path(
    tag = "stock",
    params(Buying),
    responses((status = 200, body = Page<PurchaseLine>), (status = 422, body = Problem)),
)]
#[get("/purchase-list")]
pub async fn purchase_list(
    app: web::Data<App>,
    _by: By<STOCK>,
    params: Params<Buying>,
) -> Result<web::Json<Page<PurchaseLine>>, Error> {
    Ok(web::Json(Page::whole(lines(&app, params.0).await?)))
}

/// The purchase list as a file for a spreadsheet, `csv` or `xlsx`. In CSV a text that a spreadsheet would take for a
/// formula begins with an apostrophe.
#[utoipa::path(
    tag = "stock",
    params(("format" = inline(Format), Path), Buying),
    responses(
        (status = 200, body = String, content_type = "text/csv"),
        (status = 404, body = Problem),
        (status = 422, body = Problem),
    ),
)]
#[get("/purchase-list.{format}")]
pub async fn purchase_file(
    app: web::Data<App>,
    _by: By<STOCK>,
    format: Path<String>,
    params: Params<Buying>,
) -> Result<HttpResponse, Error> {
    let format = format.0.parse::<Format>().map_err(|_| Problem::not_found("file"))?;
    let sheet = sheet(&lines(&app, params.0).await?);
    exports::file(sheet, "purchase-list", format).await
}

fn sheet(lines: &[PurchaseLine]) -> Sheet {
    let money = |micros: Option<i64>| micros.map_or(Cell::Empty, Cell::micros);
    let row = |line: &PurchaseLine| {
        let tickets: Vec<String> = line.tickets.iter().map(i64::to_string).collect();
        vec![
            line.supplier_name.as_str().into(),
            line.supplier_part_number.as_str().into(),
            line.part_number.as_str().into(),
            line.part_name.as_str().into(),
            Cell::quantity(line.wanted, line.decimals),
            Cell::quantity(line.waiting, line.decimals),
            tickets.join(" ").as_str().into(),
            if line.pack > 1 { Cell::quantity(line.pack, line.decimals) } else { Cell::Empty },
            Cell::quantity(line.quantity, line.decimals),
            line.unit.as_str().into(),
            money(line.unit_price_micros),
            line.total_minor.map_or(Cell::Empty, |total| Cell::quantity(total, minor_digits(&line.currency))),
            line.currency.as_str().into(),
        ]
    };
    Sheet { columns: &COLUMNS, rows: lines.iter().map(row).collect() }
}

const COLUMNS: [&str; 13] = [
    "supplier",
    "supplier_part",
    "part",
    "name",
    "wanted",
    "waiting",
    "tickets",
    "pack",
    "quantity",
    "unit",
    "unit_price",
    "total",
    "currency",
];

/// What each van has to take on: what its engineer's tickets have reserved elsewhere, and what it lacks.
#[utoipa::path(tag = "stock", responses((status = 200, body = Page<TopUp>)))]
#[get("/van-top-up")]
pub async fn top_up(
    app: web::Data<App>,
    _by: By<STOCK>,
    _params: Params<Nothing>,
) -> Result<web::Json<Page<TopUp>>, Error> {
    let read = |conn: &mut Conn| Ok::<_, Error>(replenishment::top_up(conn)?);
    Ok(web::Json(Page::whole(app.db.read(read).await?)))
}
