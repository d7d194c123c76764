//! The ledger: movements of stock from one place to another, only ever added. Receiving, transferring, counting and
//! taking back are here; handing over and using write their movements through the same door.

mod adjust;
mod list;
mod receive;
mod transfer;
mod undo;

use db::schema::stock_movements;
use db::types::{
    AssetId, Id, LocationId, LotId, MovementId, OrderLineId, PartId, ReservationId, SerialId, TicketId,
};
use db::{Conn, Entity, Timestamp, Tx};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Error;
use crate::costs::Cost;
use crate::lots::Share;
use crate::pieces::Serial;

pub use adjust::{Adjusted, adjust, adjust_by, adjust_lot, found};
pub(crate) use adjust::{adjusted, moved_before};
pub use list::{Filter, MovementView, movements, views};
pub use receive::{Receipt, receive, take_in};
pub use transfer::{Transfer, move_stock, transfer};
pub use undo::undo;

db::text_enum! {
    /// Why stock moved.
    pub enum MovementKind {
        /// From a supplier.
        Receive => "receive",
        /// Between two places, for no ticket.
        Transfer => "transfer",
        /// A count found another figure, or a part was found unusable.
        Adjust => "adjust",
        /// Handed over to an engineer for a ticket.
        Issue => "issue",
        /// Back from the van, not needed.
        Return => "return",
        /// Into a lift.
        Install => "install",
        /// Taken off the shelf and found unfit, to be looked at.
        Reject => "reject",
        /// Out of use for good.
        Scrap => "scrap",
    }
}

/// One movement: so much of a part from here to there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema, Queryable, Insertable)]
#[diesel(table_name = stock_movements)]
pub struct StockMovement {
    /// Its id.
    pub id: MovementId,
    /// Why.
    pub kind: MovementKind,
    /// Of what.
    pub part_id: PartId,
    /// How much; always more than nothing.
    pub quantity: i64,
    /// From where.
    pub from_location_id: LocationId,
    /// To where.
    pub to_location_id: LocationId,
    /// For which ticket.
    pub ticket_id: Option<TicketId>,
    /// By which reservation.
    pub reservation_id: Option<ReservationId>,
    /// Who.
    pub actor: String,
    /// When.
    pub at: Timestamp,
    /// What somebody wanted to add.
    pub note: String,
    /// Which piece, of parts with serial numbers: each moves by itself.
    pub serial_id: Option<SerialId>,
    /// Of which lot.
    pub lot_id: Option<LotId>,
    /// Into or out of which lift.
    pub asset_id: Option<AssetId>,
    /// What a unit of it was worth, in millionths of the currency's unit.
    pub unit_cost_micros: Option<i64>,
    /// ISO 4217; empty without a cost.
    pub currency: String,
    /// Whether the supplier or the customer's contract pays for it.
    pub under_warranty: bool,
    /// The movement that this one takes back.
    pub reverses_id: Option<MovementId>,
    /// The same for all movements that were recorded at once; they are taken back together.
    pub batch_id: Option<MovementId>,
    /// The line of an order that these goods came on, or that they are taken off again.
    pub order_line_id: Option<OrderLineId>,
}

impl Entity for StockMovement {
    const ENTITY: &'static str = "stock_movements";

    fn row_id(&self) -> String {
        self.id.to_string()
    }

    fn ticket_id(&self) -> Option<String> {
        self.ticket_id.map(|id| id.to_string())
    }
}

/// What only some movements have to say.
#[derive(Debug, Clone, Default)]
pub(crate) struct Detail {
    pub serial_id: Option<SerialId>,
    pub lot_id: Option<LotId>,
    pub asset_id: Option<AssetId>,
    pub cost: Option<Cost>,
    pub under_warranty: bool,
    pub reverses_id: Option<MovementId>,
    pub batch_id: Option<MovementId>,
    pub order_line_id: Option<OrderLineId>,
}

/// What one of several movements is about: a piece, or so much of a lot.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line {
    pub quantity: i64,
    pub serial_id: Option<SerialId>,
    pub lot_id: Option<LotId>,
}

impl From<Share> for Line {
    fn from(Share { lot_id, quantity }: Share) -> Self {
        Self { quantity, serial_id: None, lot_id }
    }
}

impl From<Serial> for Line {
    fn from(piece: Serial) -> Self {
        Self { quantity: 1, serial_id: Some(piece.id), lot_id: piece.lot_id }
    }
}

/// What every movement has to say; the rest is added by [`record`].
#[derive(Debug, Clone)]
pub(crate) struct Entry<'a> {
    pub kind: MovementKind,
    pub part_id: PartId,
    pub quantity: i64,
    pub from: LocationId,
    pub to: LocationId,
    pub ticket_id: Option<TicketId>,
    pub reservation_id: Option<ReservationId>,
    pub at: Timestamp,
    pub note: &'a str,
    pub detail: Detail,
}

impl<'a> Entry<'a> {
    /// For no ticket, now.
    fn plain(kind: MovementKind, part_id: PartId, quantity: i64, ends: (LocationId, LocationId)) -> Self {
        let (from, to) = ends;
        let at = Timestamp::from_millis(0);
        let detail = Detail::default();
        Self {
            kind,
            part_id,
            quantity,
            from,
            to,
            ticket_id: None,
            reservation_id: None,
            at,
            note: "",
            detail,
        }
    }

    fn noted(self, at: Timestamp, note: &'a str) -> Self {
        Self { at, note, ..self }
    }

    fn with(self, detail: Detail) -> Self {
        Self { detail, ..self }
    }
}

/// Adds a movement. The caller changes the balances of both ends in the same transaction.
pub(crate) fn record(tx: &mut Tx<'_>, entry: Entry<'_>) -> Result<StockMovement, Error> {
    let movement = StockMovement {
        id: Id::new(),
        kind: entry.kind,
        part_id: entry.part_id,
        quantity: entry.quantity,
        from_location_id: entry.from,
        to_location_id: entry.to,
        ticket_id: entry.ticket_id,
        reservation_id: entry.reservation_id,
        actor: tx.actor().name.clone(),
        at: entry.at,
        note: entry.note.to_owned(),
        serial_id: entry.detail.serial_id,
        lot_id: entry.detail.lot_id,
        asset_id: entry.detail.asset_id,
        unit_cost_micros: entry.detail.cost.as_ref().map(|cost| cost.unit_micros),
        currency: entry.detail.cost.map(|cost| cost.currency).unwrap_or_default(),
        under_warranty: entry.detail.under_warranty,
        reverses_id: entry.detail.reverses_id,
        batch_id: entry.detail.batch_id,
        order_line_id: entry.detail.order_line_id,
    };
    diesel::insert_into(stock_movements::table).values(&movement).execute(tx.conn())?;
    tx.changed(&movement)?;
    Ok(movement)
}

/// Adds a movement like `entry` for each line, all of one batch.
pub(crate) fn record_all(
    tx: &mut Tx<'_>,
    entry: &Entry<'_>,
    lines: impl IntoIterator<Item = impl Into<Line>>,
) -> Result<Vec<StockMovement>, Error> {
    let lines: Vec<Line> = lines.into_iter().map(Into::into).collect();
    let batch_id = if lines.len() > 1 { Some(Id::new()) } else { entry.detail.batch_id };
    let one = |Line { quantity, serial_id, lot_id }| {
        let detail = Detail { serial_id, lot_id, batch_id, ..entry.detail.clone() };
        record(tx, Entry { quantity, detail, ..entry.clone() })
    };
    lines.into_iter().map(one).collect()
}

/// One movement.
pub fn get(conn: &mut Conn, id: MovementId) -> Result<StockMovement, Error> {
    let found = stock_movements::table.find(id).first(conn).optional()?;
    found.ok_or_else(|| Error::NotFound { what: "movement", id: id.to_string() })
}
