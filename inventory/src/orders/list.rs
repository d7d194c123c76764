//! Orders as people read them: with the names of supplier, parts and places, and what it all costs.

use std::collections::BTreeMap;

use db::Conn;
use db::schema::{parts, purchase_order_lines as order_lines, purchase_orders, stock_locations, suppliers};
use db::types::{PartId, PurchaseOrderId, SupplierId};
use diesel::prelude::*;
use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;

use super::{OrderLine, OrderStatus, PurchaseOrder, get};
use crate::costs::minor;
use crate::parts::Tracking;
use crate::{Error, PAGE};

/// A line with the names on its labels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LineView {
    /// The line.
    #[serde(flatten)]
    pub line: OrderLine,
    /// What is to come.
    pub open: i64,
    /// The part's number.
    pub part_number: String,
    /// The part's name.
    pub part_name: String,
    /// In Chinese; may be empty.
    pub part_name_zh: String,
    /// `pcs`, `m`, `kg`.
    pub unit: String,
    /// Quantities are integers of 10^-decimals units.
    pub decimals: i32,
    /// How its pieces are followed.
    pub tracking: Tracking,
    /// The place's code.
    pub location_code: String,
    /// What is ordered of it and not cancelled, in the currency's smallest unit; none without a price.
    pub total_minor: Option<i64>,
}

/// An order with its lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OrderView {
    /// The order.
    #[serde(flatten)]
    pub order: PurchaseOrder,
    /// The supplier's name.
    pub supplier_name: String,
    /// Whether it was to have come before today, and has not.
    pub overdue: bool,
    /// What its lines sum to, in the currency's smallest unit; none where none of them has a price.
    pub total_minor: Option<i64>,
    /// Whether some of its lines have no price: the total is that of the others.
    pub total_is_partial: bool,
    /// A part and place each, as they were written.
    pub lines: Vec<LineView>,
}

/// Which orders to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only these; all if empty.
    pub status: Vec<OrderStatus>,
    /// Only to this supplier.
    pub supplier_id: Option<SupplierId>,
    /// Only with this part.
    pub part_id: Option<PartId>,
    /// Only those that were to have come before this day, and have not.
    pub overdue: Option<Date>,
}

/// Orders, the newest first; `before` is the number of the last one of the page before.
///
/// # Errors
/// A failure of the database.
pub fn list(
    conn: &mut Conn,
    filter: Filter,
    today: Date,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<OrderView>, Error> {
    let mut query = purchase_orders::table
        .inner_join(suppliers::table)
        .order(purchase_orders::number.desc())
        .limit(limit.clamp(1, PAGE))
        .select((purchase_orders::all_columns, suppliers::name))
        .into_boxed();
    if !filter.status.is_empty() {
        query = query.filter(purchase_orders::status.eq_any(filter.status));
    }
    if let Some(id) = filter.supplier_id {
        query = query.filter(purchase_orders::supplier_id.eq(id));
    }
    if let Some(id) = filter.part_id {
        let with = order_lines::table.filter(order_lines::part_id.eq(id)).select(order_lines::order_id);
        query = query.filter(purchase_orders::id.eq_any(with));
    }
    if let Some(day) = filter.overdue {
        query = query
            .filter(purchase_orders::status.eq_any(OrderStatus::OPEN))
            .filter(purchase_orders::expected_on.lt(day.to_string()));
    }
    if let Some(before) = before {
        query = query.filter(purchase_orders::number.lt(before));
    }
    let orders: Vec<(PurchaseOrder, String)> = query.load(conn)?;
    let ids: Vec<PurchaseOrderId> = orders.iter().map(|(order, _)| order.id).collect();
    let mut lines = lines_of(conn, &ids)?;
    let one = |(order, supplier): (PurchaseOrder, String)| {
        let lines = lines.remove(&order.id).unwrap_or_default();
        of(order, supplier, lines, today)
    };
    Ok(orders.into_iter().map(one).collect())
}

/// One order.
///
/// # Errors
/// There is no such order, or a failure of the database.
pub fn view(conn: &mut Conn, id: PurchaseOrderId, today: Date) -> Result<OrderView, Error> {
    let order = get(conn, id)?;
    let supplier = suppliers::table.find(order.supplier_id).select(suppliers::name).first(conn)?;
    let lines = lines_of(conn, &[id])?.remove(&id).unwrap_or_default();
    Ok(of(order, supplier, lines, today))
}

fn of(order: PurchaseOrder, supplier_name: String, rows: Vec<Row>, today: Date) -> OrderView {
    let lines: Vec<LineView> = rows.into_iter().map(|row| line(row, &order.currency)).collect();
    let overdue = OrderStatus::OPEN.contains(&order.status) && order.expected_on < today.to_string();
    let totals = lines.iter().filter_map(|line| line.total_minor);
    let total_minor = totals.reduce(i64::saturating_add);
    // Of what was given up nothing is paid, whatever it costs.
    let unpriced = |line: &LineView| line.total_minor.is_none() && line.line.cancelled < line.line.quantity;
    let total_is_partial = total_minor.is_some() && lines.iter().any(unpriced);
    OrderView { order, supplier_name, overdue, total_minor, total_is_partial, lines }
}

type Row = (OrderLine, (String, String, String, String, i32, Tracking), String);

fn line((line, of_part, location_code): Row, currency: &str) -> LineView {
    let (part_number, part_name, part_name_zh, unit, decimals, tracking) = of_part;
    let scale = 10_i128.pow(decimals.clamp(0, 6).unsigned_abs());
    let total = |price: i64| {
        let micros = i128::from(line.quantity - line.cancelled) * i128::from(price) / scale;
        minor(i64::try_from(micros).unwrap_or(i64::MAX), currency)
    };
    LineView {
        open: line.open(),
        total_minor: line.unit_price_micros.map(total),
        line,
        part_number,
        part_name,
        part_name_zh,
        unit,
        decimals,
        tracking,
        location_code,
    }
}

fn lines_of(conn: &mut Conn, ids: &[PurchaseOrderId]) -> Result<BTreeMap<PurchaseOrderId, Vec<Row>>, Error> {
    let rows: Vec<Row> = order_lines::table
        .inner_join(parts::table)
        .inner_join(stock_locations::table)
        .filter(order_lines::order_id.eq_any(ids.to_vec()))
        .order(order_lines::id)
        .select((
            order_lines::all_columns,
            (parts::number, parts::name, parts::name_zh, parts::unit, parts::decimals, parts::tracking),
            stock_locations::code,
        ))
        .load(conn)?;
    let mut found: BTreeMap<PurchaseOrderId, Vec<Row>> = BTreeMap::new();
    for row in rows {
        found.entry(row.0.order_id).or_default().push(row);
    }
    Ok(found)
}
