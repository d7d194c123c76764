//! Orders against the ledger: what a line says has come against the movements that name it, and how far an order is
//! against its lines.

use std::collections::BTreeMap;

use db::Conn;
use db::schema::{purchase_order_lines, purchase_orders, stock_movements};
use db::types::{LocationId, OrderLineId, PartId, PurchaseOrderId};
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::{Difference, SUM};
use crate::orders::OrderStatus;
use crate::{Error, locations};

/// Lines of which the ledger says something else has come.
pub(super) fn differing_lines(conn: &mut Conn) -> Result<Vec<Difference>, Error> {
    let mut moved: BTreeMap<OrderLineId, i64> = BTreeMap::new();
    // By where it came from, not by what it takes back: both are proven apart.
    let rows: Vec<(Option<OrderLineId>, LocationId, i64)> = stock_movements::table
        .filter(stock_movements::order_line_id.is_not_null())
        .group_by((stock_movements::order_line_id, stock_movements::from_location_id))
        .select((stock_movements::order_line_id, stock_movements::from_location_id, sql::<BigInt>(SUM)))
        .load(conn)?;
    for (line, from, sum) in rows.into_iter().filter_map(|(line, from, sum)| Some((line?, from, sum))) {
        *moved.entry(line).or_default() += if from == locations::supplier() { sum } else { -sum };
    }
    let lines: Vec<(OrderLineId, i64)> = purchase_order_lines::table
        .order(purchase_order_lines::id)
        .select((purchase_order_lines::id, purchase_order_lines::received))
        .load(conn)?;
    let line = |(line_id, received)| {
        let received_by_movements = moved.get(&line_id).copied().unwrap_or(0);
        (received != received_by_movements).then_some(Difference::OrderLine {
            line_id,
            received,
            received_by_movements,
        })
    };
    Ok(lines.into_iter().filter_map(line).collect())
}

/// Lines on which another part has come than they say.
pub(super) fn of_other_parts(conn: &mut Conn) -> Result<Vec<Difference>, Error> {
    let found: Vec<(OrderLineId, PartId, PartId)> = stock_movements::table
        .inner_join(
            purchase_order_lines::table
                .on(stock_movements::order_line_id.eq(purchase_order_lines::id.nullable())),
        )
        .filter(stock_movements::part_id.ne(purchase_order_lines::part_id))
        .select((purchase_order_lines::id, purchase_order_lines::part_id, stock_movements::part_id))
        .distinct()
        .order((purchase_order_lines::id, stock_movements::part_id))
        .load(conn)?;
    let line =
        |(line_id, part_id, part_by_movements)| Difference::OrderPart { line_id, part_id, part_by_movements };
    Ok(found.into_iter().map(line).collect())
}

/// Orders that say they are farther than their lines, or less far.
pub(super) fn differing_orders(conn: &mut Conn) -> Result<Vec<Difference>, Error> {
    let rows: Vec<(PurchaseOrderId, OrderStatus, i64, i64, i64)> = purchase_order_lines::table
        .inner_join(purchase_orders::table)
        .order(purchase_order_lines::id)
        .select((
            purchase_orders::id,
            purchase_orders::status,
            purchase_order_lines::quantity,
            purchase_order_lines::received,
            purchase_order_lines::cancelled,
        ))
        .load(conn)?;
    let mut orders: BTreeMap<PurchaseOrderId, (OrderStatus, i64, i64)> = BTreeMap::new();
    for (id, status, quantity, received, cancelled) in rows {
        let sums = orders.entry(id).or_insert((status, 0, 0));
        sums.1 += quantity - received - cancelled;
        sums.2 += received;
    }
    let order = |(order_id, (status, open, received))| {
        let status_by_lines = OrderStatus::of(open, received);
        (status != status_by_lines).then_some(Difference::OrderStatus { order_id, status, status_by_lines })
    };
    Ok(orders.into_iter().filter_map(order).collect())
}
