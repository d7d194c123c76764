//! What can be wrong with a demand on stock, each case with the facts that the caller needs to answer it.

use db::types::{
    EngineerId, LocationId, MovementId, OrderLineId, PartId, PurchaseOrderId, ReservationId, StockCountId,
    UsedPartReturnId,
};

use crate::ReservationStatus;
use crate::counts::CountStatus;
use crate::orders::OrderStatus;
use crate::returns::ReturnStatus;
use crate::scan::gs1;

/// A refusal, or a failure of the database underneath.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A row that was named is not there.
    #[error("there is no {what} {id}")]
    NotFound {
        /// What was looked for: `part`, `location`, `reservation`.
        what: &'static str,
        /// The id that was given.
        id: String,
    },
    /// A value makes no sense by itself.
    #[error("{field} {problem}")]
    Invalid {
        /// Which one.
        field: &'static str,
        /// What is wrong with it; reads on after the field's name.
        problem: &'static str,
    },
    /// The same, of one of many lines.
    #[error("lines[{line}].{field} {problem}")]
    InvalidLine {
        /// Which line; the first is 0.
        line: usize,
        /// Which field of it.
        field: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The place has less than is wanted.
    #[error("{wanted} of part {part_id} wanted at {location_id}, {available} available")]
    Shortage {
        /// Of what.
        part_id: PartId,
        /// Where.
        location_id: LocationId,
        /// What was asked for.
        wanted: i64,
        /// What could have been had.
        available: i64,
    },
    /// A reservation cannot go this way.
    #[error("a reservation that is {from} cannot become {to}")]
    IllegalMove {
        /// Its status.
        from: ReservationStatus,
        /// What it was to become.
        to: ReservationStatus,
    },
    /// Parts are handed over to an engineer's van, and he has none.
    #[error("engineer {engineer_id} has no van")]
    NoVan {
        /// Who.
        engineer_id: EngineerId,
    },
    /// Nobody is to receive what is reserved.
    #[error("reservation {reservation_id} is for no engineer yet")]
    NoEngineer {
        /// Which one.
        reservation_id: ReservationId,
    },
    /// A piece is at another place than the movement says.
    #[error("the piece {number} is at {location_id}")]
    SerialElsewhere {
        /// Its serial number.
        number: String,
        /// Where the books know it.
        location_id: LocationId,
    },
    /// A piece was picked for a ticket.
    #[error("the piece {number} was picked for a ticket")]
    SerialPromised {
        /// Its serial number.
        number: String,
    },
    /// A movement that cannot be taken back.
    #[error("movement {movement_id} cannot be taken back")]
    NotUndoable {
        /// Which one.
        movement_id: MovementId,
    },
    /// A place is being counted already.
    #[error("{location_id} is being counted already")]
    CountRunning {
        /// Which place.
        location_id: LocationId,
    },
    /// A count is not at the point where this can be done.
    #[error("count {count_id} is {status}")]
    CountStatus {
        /// Which one.
        count_id: StockCountId,
        /// How far it has come.
        status: CountStatus,
    },
    /// Nobody has said what is there of some parts.
    #[error("{uncounted} parts have not been counted")]
    CountIncomplete {
        /// How many.
        uncounted: i64,
    },
    /// An old part is not at the point where this can be done.
    #[error("the old part {return_id} is {status}")]
    ReturnStatus {
        /// Which one.
        return_id: UsedPartReturnId,
        /// How far it has come.
        status: ReturnStatus,
    },
    /// A place that is to close has something in it.
    #[error("{location_id} has {parts} parts, {promises} promises and {orders} lines on order")]
    PlaceInUse {
        /// Which place.
        location_id: LocationId,
        /// How many parts it has, or what is in it.
        parts: i64,
        /// How many reservations hold stock there.
        promises: i64,
        /// How many lines of orders are to come there.
        orders: i64,
    },
    /// A part that nobody is to order or reserve any more is on order.
    #[error("of part {number} {open} are to come on {orders} lines of orders")]
    PartOnOrder {
        /// Which part.
        part_id: PartId,
        /// What people call it by.
        number: String,
        /// How many lines of orders it is to come on.
        orders: i64,
        /// How much is to come.
        open: i64,
    },
    /// More came than was ordered.
    #[error("{wanted} received, {open} are to come on the order")]
    OverReceipt {
        /// On which line.
        line_id: OrderLineId,
        /// What was to be received.
        wanted: i64,
        /// What is to come.
        open: i64,
    },
    /// An order is not at the point where this can be done.
    #[error("order {order_id} is {status}")]
    OrderStatus {
        /// Which one.
        order_id: PurchaseOrderId,
        /// How far it has come.
        status: OrderStatus,
    },
    /// A part was to be bought that nobody lacks any more: somebody else has ordered it.
    #[error("nothing of part {part_id} is lacking any more: {on_order} are on order")]
    NotLacking {
        /// Which part.
        part_id: PartId,
        /// What is on order of it.
        on_order: i64,
    },
    /// A scanned label cannot be read.
    #[error("the code {fault}")]
    Unreadable {
        /// Why.
        fault: gs1::Fault,
    },
    /// A scanned number is that of pieces of several parts.
    #[error("several parts have a piece {code}")]
    Ambiguous {
        /// The number.
        code: String,
    },
    /// The database failed or refused.
    #[error(transparent)]
    Database(#[from] db::Error),
}

impl Error {
    /// What is wrong with a value is wrong with that of this line, counted from 0.
    pub(crate) fn on_line(self, line: usize) -> Self {
        match self {
            Self::Invalid { field, problem } => Self::InvalidLine { line, field, problem },
            other => other,
        }
    }

    /// What is wrong with a line is wrong with the one that the caller knows by another number.
    pub(crate) fn of_line(self, known_as: impl Fn(usize) -> usize) -> Self {
        match self {
            Self::InvalidLine { line, field, problem } => {
                Self::InvalidLine { line: known_as(line), field, problem }
            }
            other => other,
        }
    }
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

impl db::Failure for Error {
    fn database(&self) -> Option<&db::Error> {
        match self {
            Self::Database(error) => Some(error),
            _ => None,
        }
    }
}
