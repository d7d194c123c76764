//! The ledger: movements of stock from one place to another, only ever added. Receiving, transferring and counting
//! are here; handing over and using write their movements through the same door.

use db::schema::stock_movements;
use db::types::{Id, LocationId, MovementId, PartId, ReservationId, TicketId};
use db::{Conn, Entity, Timestamp, Tx};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::balances::{self, Shelf, StockBalance};
use crate::{Error, MAX_QUANTITY, PAGE, check_quantity, locations};

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

/// What every movement has to say; the rest is added by [`record`].
#[derive(Debug)]
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
    };
    diesel::insert_into(stock_movements::table).values(&movement).execute(tx.conn())?;
    tx.changed(&movement)?;
    Ok(movement)
}

fn plain<'a>(
    kind: MovementKind,
    part_id: PartId,
    quantity: i64,
    from: LocationId,
    to: LocationId,
    at: Timestamp,
    note: &'a str,
) -> Entry<'a> {
    Entry { kind, part_id, quantity, from, to, ticket_id: None, reservation_id: None, at, note }
}

/// Takes in stock from a supplier, to a depot or straight into a van.
pub fn receive(
    tx: &mut Tx<'_>,
    part_id: PartId,
    to: LocationId,
    quantity: i64,
    note: &str,
) -> Result<StockMovement, Error> {
    check_quantity(quantity)?;
    locations::check_has_stock(tx.conn(), to, "to_location_id")?;
    balances::put(tx, Shelf { part_id, location_id: to }, quantity, 0)?;
    let at = tx.now();
    record(tx, plain(MovementKind::Receive, part_id, quantity, locations::supplier(), to, at, note))
}

/// Moves free stock between depots and vans; what is reserved stays where it was promised.
pub fn transfer(
    tx: &mut Tx<'_>,
    part_id: PartId,
    from: LocationId,
    to: LocationId,
    quantity: i64,
    note: &str,
) -> Result<StockMovement, Error> {
    check_quantity(quantity)?;
    if from == to {
        return Err(Error::Invalid {
            field: "to_location_id",
            problem: "must be another place than the first",
        });
    }
    locations::check_has_stock(tx.conn(), from, "from_location_id")?;
    locations::check_has_stock(tx.conn(), to, "to_location_id")?;
    // Taken first although the order of ids would avoid waiting in a circle: a shortage has to be found before
    // anything is put, and a circle between two servers is found and run again.
    balances::take_free(tx, Shelf { part_id, location_id: from }, quantity)?;
    balances::put(tx, Shelf { part_id, location_id: to }, quantity, 0)?;
    let at = tx.now();
    record(tx, plain(MovementKind::Transfer, part_id, quantity, from, to, at, note))
}

/// What a count did: no movement if the books were right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjusted {
    /// The difference, as a movement from or to [`locations::adjustment`].
    pub movement: Option<StockMovement>,
    /// The balance after it. `available` is below zero if less was found than is promised.
    pub balance: StockBalance,
}

/// Sets what is on hand to what was counted. A count is believed, even below what is reserved.
pub fn adjust(
    tx: &mut Tx<'_>,
    part_id: PartId,
    location_id: LocationId,
    counted: i64,
    note: &str,
) -> Result<Adjusted, Error> {
    if !(0..=MAX_QUANTITY).contains(&counted) {
        return Err(Error::Invalid {
            field: "quantity",
            problem: "must not be negative, and at most a million million",
        });
    }
    locations::check_has_stock(tx.conn(), location_id, "location_id")?;
    let shelf = Shelf { part_id, location_id };
    let before = balances::hold_still(tx, shelf)?;
    let difference = counted - before.on_hand;
    if difference == 0 {
        return Ok(Adjusted { movement: None, balance: before });
    }
    let balance = balances::put(tx, shelf, difference, 0)?;
    let outside = locations::adjustment();
    let (from, to) = if difference > 0 { (outside, location_id) } else { (location_id, outside) };
    let at = tx.now();
    let entry = plain(MovementKind::Adjust, part_id, difference.abs(), from, to, at, note);
    Ok(Adjusted { movement: Some(record(tx, entry)?), balance })
}

/// Which movements to list.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    /// Only of this part.
    pub part_id: Option<PartId>,
    /// Only from or to this place.
    pub location_id: Option<LocationId>,
    /// Only for this ticket.
    pub ticket_id: Option<TicketId>,
}

/// Movements, the newest first; `after` is the last one of the page before.
pub fn movements(
    conn: &mut Conn,
    filter: Filter,
    after: Option<MovementId>,
    limit: i64,
) -> Result<Vec<StockMovement>, Error> {
    let mut query =
        stock_movements::table.order(stock_movements::id.desc()).limit(limit.clamp(1, PAGE)).into_boxed();
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
    if let Some(after) = after {
        query = query.filter(stock_movements::id.lt(after));
    }
    Ok(query.load(conn)?)
}
