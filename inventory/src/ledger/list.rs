//! The ledger as it is read: the newest movement first, with the numbers that are on the goods.

use db::Conn;
use db::schema::{part_lots, part_serials, stock_movements};
use db::types::{LocationId, MovementId, OrderLineId, PartId, TicketId};
use diesel::prelude::*;
use serde::Serialize;
use utoipa::ToSchema;

use super::StockMovement;
use crate::{Error, PAGE};

/// Which movements to list.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    /// Only of this part.
    pub part_id: Option<PartId>,
    /// Only from or to this place.
    pub location_id: Option<LocationId>,
    /// Only for this ticket.
    pub ticket_id: Option<TicketId>,
    /// Only those that were recorded at once.
    pub batch_id: Option<MovementId>,
    /// Only what came on this line of an order, and was taken off it again.
    pub order_line_id: Option<OrderLineId>,
}

/// A movement with the numbers that are on its goods.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema, Queryable)]
pub struct MovementView {
    /// The movement.
    #[serde(flatten)]
    pub movement: StockMovement,
    /// The serial number of its piece, if it is one.
    pub serial: Option<String>,
    /// The number of its lot, if it is of one; empty for stock of which nobody knows the lot.
    pub lot: Option<String>,
}

/// Movements, the newest first; `after` is the last one of the page before.
pub fn movements(
    conn: &mut Conn,
    filter: Filter,
    after: Option<MovementId>,
    limit: i64,
) -> Result<Vec<StockMovement>, Error> {
    Ok(views(conn, filter, after, limit)?.into_iter().map(|row| row.movement).collect())
}

/// The same, with the numbers that are on the goods.
///
/// # Errors
/// A failure of the database.
pub fn views(
    conn: &mut Conn,
    filter: Filter,
    after: Option<MovementId>,
    limit: i64,
) -> Result<Vec<MovementView>, Error> {
    let mut query = stock_movements::table
        .left_join(part_serials::table.on(part_serials::id.nullable().eq(stock_movements::serial_id)))
        .left_join(part_lots::table.on(part_lots::id.nullable().eq(stock_movements::lot_id)))
        .order(stock_movements::id.desc())
        .limit(limit.clamp(1, PAGE))
        .select((stock_movements::all_columns, part_serials::number.nullable(), part_lots::number.nullable()))
        .into_boxed();
    if let Some(id) = filter.part_id {
        query = query.filter(stock_movements::part_id.eq(id));
    }
    if let Some(id) = filter.location_id {
        let ends = stock_movements::from_location_id.eq(id).or(stock_movements::to_location_id.eq(id));
        query = query.filter(ends);
    }
    if let Some(id) = filter.ticket_id {
        query = query.filter(stock_movements::ticket_id.eq(id));
    }
    if let Some(id) = filter.batch_id {
        query = query.filter(stock_movements::batch_id.eq(id));
    }
    if let Some(id) = filter.order_line_id {
        query = query.filter(stock_movements::order_line_id.eq(id));
    }
    if let Some(after) = after {
        query = query.filter(stock_movements::id.lt(after));
    }
    Ok(query.load(conn)?)
}
