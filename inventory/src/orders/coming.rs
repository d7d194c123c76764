//! What is on order, for those who ask what is still to be bought.

use db::Conn;
use db::schema::{purchase_order_lines as order_lines, purchase_orders};
use db::types::{LocationId, PartId};
use diesel::prelude::*;

use crate::Error;

/// So much of a part is to come to a place.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub(crate) struct Coming {
    /// Of what.
    pub part_id: PartId,
    /// Where to.
    pub location_id: LocationId,
    /// How much.
    pub quantity: i64,
    /// On which day, `YYYY-MM-DD`.
    pub expected_on: String,
}

/// What has not come of all orders, or of these parts: what is expected first comes first.
///
/// # Errors
/// A failure of the database.
pub(crate) fn open(conn: &mut Conn, part_ids: Option<&[PartId]>) -> Result<Vec<Coming>, Error> {
    let open = order_lines::quantity - order_lines::received - order_lines::cancelled;
    let mut query = order_lines::table
        .inner_join(purchase_orders::table)
        // As the index says it.
        .filter((order_lines::received + order_lines::cancelled).lt(order_lines::quantity))
        .order((purchase_orders::expected_on, order_lines::id))
        .select((order_lines::part_id, order_lines::location_id, open, purchase_orders::expected_on))
        .into_boxed();
    if let Some(ids) = part_ids {
        query = query.filter(order_lines::part_id.eq_any(ids.to_vec()));
    }
    Ok(query.load(conn)?)
}
