//! Reorder points, the purchase list and what vans have to take on, over HTTP.

use actix_web::{HttpResponse, get, web};
use db::Conn;
use db::types::LocationId;
use inventory::replenishment::{self, Policy, PurchaseLine, Replenishment, TopUp};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::app::App;
use crate::auth::{By, STOCK};
use crate::error::{Error, Problem};
use crate::http::Params;
use crate::http::page::Page;

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

/// What to buy from whom: what no place can spare, and what depots use up.
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

/// The purchase list as a file for a spreadsheet.
#[utoipa::path(
    tag = "stock",
    params(Buying),
    responses((status = 200, body = String, content_type = "text/csv"), (status = 422, body = Problem)),
)]
#[get("/purchase-list.csv")]
pub async fn purchase_file(
    app: web::Data<App>,
    _by: By<STOCK>,
    params: Params<Buying>,
) -> Result<HttpResponse, Error> {
    let file = to_csv(&lines(&app, params.0).await?)?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header(("content-disposition", "attachment; filename=\"purchase-list.csv\""))
        .body(file))
}

const COLUMNS: [&str; 10] = [
    "supplier",
    "supplier_part",
    "part",
    "name",
    "wanted",
    "quantity",
    "unit",
    "unit_price",
    "total",
    "currency",
];

fn to_csv(lines: &[PurchaseLine]) -> Result<Vec<u8>, Error> {
    let failed = |error: csv::Error| Error::Internal(error.to_string());
    let mut file = csv::Writer::from_writer(Vec::new());
    file.write_record(COLUMNS).map_err(failed)?;
    for line in lines {
        let money = |micros: Option<i64>| micros.map(|micros| decimal(micros, 6)).unwrap_or_default();
        file.write_record([
            harmless(&line.supplier_name),
            harmless(&line.supplier_part_number),
            harmless(&line.part_number),
            harmless(&line.part_name),
            decimal(line.wanted, line.decimals),
            decimal(line.quantity, line.decimals),
            harmless(&line.unit),
            money(line.unit_price_micros),
            money(line.total_micros),
            line.currency.clone(),
        ])
        .map_err(failed)?;
    }
    file.into_inner().map_err(|error| Error::Internal(error.to_string()))
}

/// A spreadsheet runs what begins like a formula; the quote makes it a text.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

/// An integer of 10^-decimals as people write it, without zeros that say nothing.
fn decimal(value: i64, decimals: i32) -> String {
    let decimals = usize::try_from(decimals.clamp(0, 18)).unwrap_or(0);
    let digits = format!("{:0>width$}", value.unsigned_abs(), width = decimals + 1);
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    let sign = if value < 0 { "-" } else { "" };
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// What each van has to take on: what its engineer's tickets have reserved elsewhere, and what it lacks.
#[utoipa::path(tag = "stock", responses((status = 200, body = Page<TopUp>)))]
#[get("/van-top-up")]
pub async fn top_up(app: web::Data<App>, _by: By<STOCK>) -> Result<web::Json<Page<TopUp>>, Error> {
    let read = |conn: &mut Conn| Ok::<_, Error>(replenishment::top_up(conn)?);
    Ok(web::Json(Page::whole(app.db.read(read).await?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_as_people_write_them() {
        let written = [
            (1_500, 3, "1.5"),
            (5, 0, "5"),
            (12_500_000, 6, "12.5"),
            (-5, 2, "-0.05"),
            (0, 6, "0"),
            (100, 2, "1"),
        ];
        for (value, decimals, text) in written {
            assert_eq!(decimal(value, decimals), text);
        }
        assert_eq!(decimal(i64::MIN, 6), "-9223372036854.775808");
    }

    #[test]
    fn no_cell_is_a_formula() {
        assert_eq!(harmless("=1+1"), "'=1+1");
        assert_eq!(harmless("@cmd"), "'@cmd");
        assert_eq!(harmless("Bolt & Co, 电梯"), "Bolt & Co, 电梯");
    }
}
