//! Goods in against a line: one guarded statement, so that of two who receive the same goods one is told so.

use db::Tx;
use db::schema::purchase_order_lines as order_lines;
use db::types::{OrderLineId, PartId};
use diesel::prelude::*;

use super::{OrderLine, get, line, settle};
use crate::Error;
use crate::costs::Cost;

/// Counts goods of a part as come on a line; what they cost by it, if it has a price.
///
/// # Errors
/// A line that is not there or of another part, or more than is to come.
pub(crate) fn take_in(
    tx: &mut Tx<'_>,
    id: OrderLineId,
    part_id: PartId,
    quantity: i64,
) -> Result<Option<Cost>, Error> {
    let invalid = |problem| Error::Invalid { field: "order_line_id", problem };
    let of = match line(tx.conn(), id) {
        Err(Error::NotFound { .. }) => return Err(invalid("is no known line of an order")),
        found => found?,
    };
    if of.part_id != part_id {
        return Err(invalid("is of another part"));
    }
    let come: Option<OrderLine> = diesel::update(order_lines::table.find(id))
        .filter(order_lines::quantity.ge(order_lines::received + order_lines::cancelled + quantity))
        .set(order_lines::received.eq(order_lines::received + quantity))
        .returning(order_lines::all_columns)
        .get_result(tx.conn())
        .optional()?;
    let Some(come) = come else {
        let of = line(tx.conn(), id)?;
        return Err(Error::OverReceipt { line_id: id, wanted: quantity, open: of.open() });
    };
    tx.changed(&come)?;
    settle(tx, come.order_id)?;
    let currency = get(tx.conn(), come.order_id)?.currency;
    Ok(come.unit_price_micros.map(|unit_micros| Cost { unit_micros, currency }))
}

/// Says that goods which were counted on a line had not come.
///
/// # Errors
/// A line of which less has come than that, or a failure of the database.
pub(crate) fn give_back(tx: &mut Tx<'_>, id: OrderLineId, quantity: i64) -> Result<(), Error> {
    let back: Option<OrderLine> = diesel::update(order_lines::table.find(id))
        .filter(order_lines::received.ge(quantity))
        .set(order_lines::received.eq(order_lines::received - quantity))
        .returning(order_lines::all_columns)
        .get_result(tx.conn())
        .optional()?;
    let problem = "has received less than is taken back";
    let back = back.ok_or(Error::Invalid { field: "order_line_id", problem })?;
    tx.changed(&back)?;
    settle(tx, back.order_id)?;
    Ok(())
}
