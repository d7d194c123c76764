//! What was ordered from suppliers and has not come yet. An order is to one supplier in one currency; each of its lines
//! is a part for a place. What has come is known from the ledger: goods in names the line, the line keeps the sum, and
//! a receipt that is taken back gives it back. How far an order has come follows from its lines.

mod buying;
mod coming;
mod edit;
mod list;
mod offer;
mod place;
mod receive;

use db::schema::{purchase_order_lines, purchase_orders};
use db::types::{LocationId, OrderLineId, PartId, PurchaseOrderId, SupplierId};
use db::{Conn, Entity, Timestamp, Tx};
use diesel::prelude::*;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Error;

pub(crate) use coming::{Coming, open as coming};
pub use edit::{OrderChanges, cancel, cancel_line, change};
pub use list::{Filter, LineView, OrderView, list, view};
pub use place::{MOST_LINES, NewLine, NewOrder, place};
pub(crate) use receive::{give_back, take_in};

db::text_enum! {
    /// How far an order has come.
    pub enum OrderStatus {
        /// Nothing of it has come.
        Ordered => "ordered",
        /// Some of it has come.
        PartlyReceived => "partly_received",
        /// All of it that was not cancelled has come.
        Received => "received",
        /// Nothing of it has come, or will.
        Cancelled => "cancelled",
    }
}

impl OrderStatus {
    /// Those of which something is to come.
    pub const OPEN: [Self; 2] = [Self::Ordered, Self::PartlyReceived];

    /// What lines come to, of which so much is open and so much has come.
    pub(crate) const fn of(open: i64, received: i64) -> Self {
        match (open > 0, received > 0) {
            (true, false) => Self::Ordered,
            (true, true) => Self::PartlyReceived,
            (false, true) => Self::Received,
            (false, false) => Self::Cancelled,
        }
    }
}

/// An order to a supplier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Queryable, Insertable)]
#[diesel(table_name = purchase_orders)]
pub struct PurchaseOrder {
    /// Its id.
    pub id: PurchaseOrderId,
    /// What people call it by; counted up.
    pub number: i64,
    /// To whom.
    pub supplier_id: SupplierId,
    /// ISO 4217, of all its prices; empty where none is known.
    pub currency: String,
    /// How far it has come.
    pub status: OrderStatus,
    /// The day on which it is expected, `YYYY-MM-DD`.
    #[schema(format = Date)]
    pub expected_on: String,
    /// What somebody wanted to add: the supplier's confirmation.
    pub note: String,
    /// Who ordered.
    pub ordered_by: String,
    /// When.
    pub ordered_at: Timestamp,
}

impl Entity for PurchaseOrder {
    const ENTITY: &'static str = "purchase_orders";

    fn row_id(&self) -> String {
        self.id.to_string()
    }
}

/// A part on an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Queryable, Insertable)]
#[diesel(table_name = purchase_order_lines)]
pub struct OrderLine {
    /// Its id.
    pub id: OrderLineId,
    /// On which order.
    pub order_id: PurchaseOrderId,
    /// What.
    pub part_id: PartId,
    /// Where it is to be.
    pub location_id: LocationId,
    /// The supplier's number for the part; may be empty.
    pub supplier_part_number: String,
    /// What was ordered.
    pub quantity: i64,
    /// What has come of it.
    pub received: i64,
    /// What will not come.
    pub cancelled: i64,
    /// A unit, in millionths of the order's currency; none if no price is known.
    pub unit_price_micros: Option<i64>,
}

impl OrderLine {
    /// What is to come.
    pub const fn open(&self) -> i64 {
        self.quantity - self.received - self.cancelled
    }
}

impl Entity for OrderLine {
    const ENTITY: &'static str = "purchase_order_lines";

    fn row_id(&self) -> String {
        self.id.to_string()
    }
}

/// One order.
///
/// # Errors
/// There is no such order, or a failure of the database.
pub fn get(conn: &mut Conn, id: PurchaseOrderId) -> Result<PurchaseOrder, Error> {
    let found = purchase_orders::table.find(id).first(conn).optional()?;
    found.ok_or_else(|| Error::NotFound { what: "order", id: id.to_string() })
}

/// One line.
///
/// # Errors
/// There is no such line, or a failure of the database.
pub fn line(conn: &mut Conn, id: OrderLineId) -> Result<OrderLine, Error> {
    let found = purchase_order_lines::table.find(id).first(conn).optional()?;
    found.ok_or_else(|| Error::NotFound { what: "order line", id: id.to_string() })
}

/// The lines of an order, as they were written.
///
/// # Errors
/// A failure of the database.
pub fn lines(conn: &mut Conn, id: PurchaseOrderId) -> Result<Vec<OrderLine>, Error> {
    Ok(purchase_order_lines::table
        .filter(purchase_order_lines::order_id.eq(id))
        .order(purchase_order_lines::id)
        .load(conn)?)
}

/// Sets an order's status to what its lines say.
fn settle(tx: &mut Tx<'_>, id: PurchaseOrderId) -> Result<PurchaseOrder, Error> {
    let order = get(tx.conn(), id)?;
    let lines = lines(tx.conn(), id)?;
    let (open, received) = (lines.iter().map(OrderLine::open).sum(), lines.iter().map(|l| l.received).sum());
    let status = OrderStatus::of(open, received);
    if status == order.status {
        return Ok(order);
    }
    let order: PurchaseOrder = diesel::update(purchase_orders::table.find(id))
        .set(purchase_orders::status.eq(status))
        .returning(purchase_orders::all_columns)
        .get_result(tx.conn())?;
    tx.changed(&order)?;
    Ok(order)
}

/// The day in UTC on which an instant is.
pub fn day_of(at: Timestamp) -> Date {
    let instant = jiff::Timestamp::from_millisecond(at.millis()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    instant.to_zoned(TimeZone::UTC).date()
}

/// A day that an order may be expected on: of this century, as people type it.
fn day(text: &str) -> Result<Date, Error> {
    let invalid = |problem| Error::Invalid { field: "expected_on", problem };
    let day: Date = text.parse().map_err(|_| invalid("must be a day, as in 2027-04-30"))?;
    if !(2000..=2100).contains(&day.year()) {
        return Err(invalid("must be between 2000 and 2100"));
    }
    Ok(day)
}

/// The same, and not over yet on this day: an order that is new, or put off, is not overdue at once.
fn day_from(today: Date, text: &str) -> Result<Date, Error> {
    let day = day(text)?;
    if day < today {
        return Err(Error::Invalid { field: "expected_on", problem: "is over already" });
    }
    Ok(day)
}
