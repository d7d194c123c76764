//! A new order.

use db::Tx;
use db::schema::{purchase_order_lines, purchase_orders, stock_levels, suppliers};
use db::types::{Id, LocationId, PartId, SupplierId};
use diesel::prelude::*;
use jiff::ToSpan;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::buying::Buying;
use super::{OrderLine, OrderStatus, PurchaseOrder, day_from, day_of};
use crate::costs::{HIGHEST_COST, check_currency};
use crate::replenishment::Policy;
use crate::{Error, Part, check_quantity, locations, parts};

/// Most lines of one order.
pub const MOST_LINES: usize = 500;

/// Something to be ordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLine {
    /// What.
    pub part_id: PartId,
    /// Where it is to be: a place that takes stock.
    pub location_id: LocationId,
    /// How much; of what the supplier sells in packs, whole packs are ordered.
    pub quantity: i64,
    /// A unit, in millionths of the order's currency; if absent, what the supplier is known to ask.
    pub unit_price_micros: Option<i64>,
    /// Under which of the supplier's numbers, where he sells it under several; if absent, what costs least. Kept as
    /// it is typed where he is not known to sell the part.
    pub supplier_part_number: Option<String>,
}

/// An order to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOrder {
    /// To whom.
    pub supplier_id: SupplierId,
    /// ISO 4217; if absent, in what the supplier asks for the first of these parts of which he says so.
    pub currency: Option<String>,
    /// The day on which it is expected, `YYYY-MM-DD`, today or later; if absent, after the longest lead time of its
    /// lines.
    pub expected_on: Option<String>,
    /// What somebody wanted to add.
    pub note: String,
    /// What.
    pub lines: Vec<NewLine>,
}

/// Orders something.
///
/// # Errors
/// An unknown supplier, part or place, or one that is not in use; a number under which the supplier sells another
/// part; a quantity, price, sum or day that cannot be.
pub fn place(tx: &mut Tx<'_>, new: &NewOrder) -> Result<(PurchaseOrder, Vec<OrderLine>), Error> {
    let parts = check(tx, new)?;
    let buying = Buying::of(tx.conn(), new, &parts)?;
    let currency = new.currency.clone().or_else(|| buying.currency()).unwrap_or_default();
    let priced = new.lines.iter().any(|line| line.unit_price_micros.is_some());
    if priced || new.currency.is_some() {
        check_currency(&currency, "currency")?;
    }
    let last: Option<i64> =
        purchase_orders::table.select(diesel::dsl::max(purchase_orders::number)).first(tx.conn())?;
    let order = PurchaseOrder {
        id: Id::new(),
        number: last.unwrap_or(0) + 1,
        supplier_id: new.supplier_id,
        currency,
        status: OrderStatus::Ordered,
        expected_on: expected_on(tx, new)?,
        note: new.note.clone(),
        ordered_by: tx.actor().name.clone(),
        ordered_at: tx.now(),
    };
    let lines = buying.lines(&order)?;
    diesel::insert_into(purchase_orders::table).values(&order).execute(tx.conn())?;
    tx.changed(&order)?;
    for line in &lines {
        diesel::insert_into(purchase_order_lines::table).values(line).execute(tx.conn())?;
        tx.changed(line)?;
    }
    Ok((order, lines))
}

/// Refuses what cannot be ordered; the parts of the lines, in their order.
fn check(tx: &mut Tx<'_>, new: &NewOrder) -> Result<Vec<Part>, Error> {
    let invalid = |field, problem| Err(Error::Invalid { field, problem });
    let known: i64 =
        suppliers::table.filter(suppliers::id.eq(new.supplier_id)).count().get_result(tx.conn())?;
    if known == 0 {
        return invalid("supplier_id", "is no known supplier");
    }
    if new.lines.is_empty() || new.lines.len() > MOST_LINES {
        return invalid("lines", "must be 1 to 500");
    }
    let check = |(n, line)| check_line(tx, line).map_err(|error| error.on_line(n));
    new.lines.iter().enumerate().map(check).collect()
}

fn check_line(tx: &mut Tx<'_>, line: &NewLine) -> Result<Part, Error> {
    check_quantity(line.quantity)?;
    if line.unit_price_micros.is_some_and(|price| !(0..=HIGHEST_COST).contains(&price)) {
        return Err(Error::Invalid { field: "unit_price_micros", problem: "must be 0 to 2^52" });
    }
    let part = parts::get(tx.conn(), line.part_id)?;
    if !part.active {
        return Err(Error::Invalid { field: "part_id", problem: "is no longer in use" });
    }
    locations::check_takes_stock(tx.conn(), line.location_id, "location_id")?;
    Ok(part)
}

/// As somebody said; else after the longest lead time of what is ordered, where no level says so the usual one.
fn expected_on(tx: &mut Tx<'_>, new: &NewOrder) -> Result<String, Error> {
    let today = day_of(tx.now());
    if let Some(text) = &new.expected_on {
        return Ok(day_from(today, text)?.to_string());
    }
    let parts: Vec<PartId> = new.lines.iter().map(|line| line.part_id).collect();
    let known: Vec<(PartId, LocationId, i32)> = stock_levels::table
        .filter(stock_levels::part_id.eq_any(parts))
        .select((stock_levels::part_id, stock_levels::location_id, stock_levels::lead_days))
        .load(tx.conn())?;
    let days = new.lines.iter().map(|line| {
        let here = known.iter().find(|(part, place, _)| (*part, *place) == (line.part_id, line.location_id));
        // A van's level says how long it takes from the depot, so another place's is asked only for the part.
        here.map_or(Policy::default().lead_days, |(.., days)| *days)
    });
    let days = days.max().unwrap_or(0);
    Ok(today.saturating_add(days.days()).to_string())
}
