//! What becomes of an order but goods coming in: another day, and what will not come.

use db::Tx;
use db::schema::{purchase_order_lines as order_lines, purchase_orders};
use db::types::{OrderLineId, PurchaseOrderId};
use diesel::prelude::*;

use super::{OrderLine, OrderStatus, PurchaseOrder, day_from, day_of, get, line, lines, settle};
use crate::Error;

/// What of an order can be said anew.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrderChanges {
    /// The day on which it is expected, `YYYY-MM-DD`; today or later, if it is not the one that was said before.
    pub expected_on: Option<String>,
    /// What somebody wanted to add.
    pub note: Option<String>,
}

/// Says on which day an order is expected now, or something about it.
///
/// # Errors
/// An order that is closed, or a day that is none or over.
pub fn change(tx: &mut Tx<'_>, id: PurchaseOrderId, changes: &OrderChanges) -> Result<PurchaseOrder, Error> {
    let order = get(tx.conn(), id)?;
    let today = day_of(tx.now());
    // The day that it has already is no new one, even if it is over.
    let anew = changes.expected_on.as_deref().filter(|text| *text != order.expected_on);
    let expected_on = anew.map(|text| day_from(today, text)).transpose()?.map(|day| day.to_string());
    if expected_on.is_some() && !OrderStatus::OPEN.contains(&order.status) {
        return Err(Error::OrderStatus { order_id: id, status: order.status });
    }
    let (expected_on, note) =
        (expected_on.unwrap_or(order.expected_on), changes.note.clone().unwrap_or(order.note));
    let order: PurchaseOrder = diesel::update(purchase_orders::table.find(id))
        .set((purchase_orders::expected_on.eq(expected_on), purchase_orders::note.eq(note)))
        .returning(purchase_orders::all_columns)
        .get_result(tx.conn())?;
    tx.changed(&order)?;
    Ok(order)
}

/// Says that what has not come of an order will not come.
///
/// # Errors
/// An order of which nothing is to come any more.
pub fn cancel(tx: &mut Tx<'_>, id: PurchaseOrderId) -> Result<PurchaseOrder, Error> {
    let order = get(tx.conn(), id)?;
    if !OrderStatus::OPEN.contains(&order.status) {
        return Err(Error::OrderStatus { order_id: id, status: order.status });
    }
    for open in lines(tx.conn(), id)?.into_iter().filter(|line| line.open() > 0) {
        give_up(tx, open.id, open.open())?;
    }
    settle(tx, id)
}

/// Says that so much of what has not come of a line will not come; all of it if nothing is said.
///
/// # Errors
/// More than is to come, or nothing is.
pub fn cancel_line(tx: &mut Tx<'_>, id: OrderLineId, quantity: Option<i64>) -> Result<PurchaseOrder, Error> {
    let of = line(tx.conn(), id)?;
    if of.open() == 0 {
        let status = get(tx.conn(), of.order_id)?.status;
        return Err(Error::OrderStatus { order_id: of.order_id, status });
    }
    give_up(tx, id, quantity.unwrap_or(of.open()))?;
    settle(tx, of.order_id)
}

fn give_up(tx: &mut Tx<'_>, id: OrderLineId, quantity: i64) -> Result<(), Error> {
    let given_up: Option<OrderLine> = diesel::update(order_lines::table.find(id))
        .filter(order_lines::quantity.ge(order_lines::received + order_lines::cancelled + quantity))
        .set(order_lines::cancelled.eq(order_lines::cancelled + quantity))
        .returning(order_lines::all_columns)
        .get_result(tx.conn())
        .optional()?;
    let problem = "is more than is to come";
    let given_up = given_up.ok_or(Error::Invalid { field: "quantity", problem })?;
    Ok(tx.changed(&given_up)?)
}
