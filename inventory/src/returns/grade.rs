//! What an old part is good for, and where it goes.

use db::Tx;
use db::types::{LocationId, UsedPartReturnId};

use super::{Grade, ReturnStatus, UsedPartReturn, get, needs_number, step};
use crate::balances::{self, Shelf};
use crate::ledger::{self, Detail, Entry, MovementKind};
use crate::{Error, LocationKind, StockMovement, locations, parts, pieces};

/// What came of a look at an old part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grading {
    /// The old part.
    pub used: UsedPartReturn,
    /// What moved, out of the lift.
    pub movement: StockMovement,
}

/// Says what a received part is good for: it moves from [`locations::installed`] to `to`, or to where such parts go.
/// What is reusable goes to a depot or a bin: to the place where it was received if nothing else is said.
///
/// # Errors
/// A part that was not received or is graded already, a place that does not fit the grade, a piece without its number,
/// or one that the books know elsewhere.
pub fn grade(
    tx: &mut Tx<'_>,
    id: UsedPartReturnId,
    grade: Grade,
    to: Option<LocationId>,
) -> Result<Grading, Error> {
    let received = get(tx.conn(), id)?;
    if received.status != ReturnStatus::Received {
        return Err(Error::ReturnStatus { return_id: id, status: received.status });
    }
    let to = target(tx, &received, grade, to)?;
    let part = parts::get(tx.conn(), received.part_id)?;
    let keeps = locations::get(tx.conn(), to)?.kind.has_stock();
    if needs_number(&part) && keeps && (received.serial.is_empty() || received.quantity != 1) {
        let problem = "is needed: these pieces come back one by one, each with its number";
        return Err(Error::Invalid { field: "serial", problem });
    }
    let graded =
        UsedPartReturn { status: ReturnStatus::Graded, grade, location_id: Some(to), ..received.clone() };
    let used = step(tx, &received, graded)?;
    if keeps {
        balances::put(tx, Shelf { part_id: part.id, location_id: to }, used.quantity, 0)?;
    }
    let piece = if needs_number(&part) && used.quantity == 1 && !used.serial.is_empty() {
        Some(pieces::arrive(tx, part.id, &used.serial, None, to)?)
    } else {
        None
    };
    let detail = Detail {
        serial_id: piece.as_ref().map(|piece| piece.id),
        lot_id: piece.and_then(|piece| piece.lot_id),
        asset_id: used.asset_id,
        ..Detail::default()
    };
    let entry = Entry {
        kind: if grade == Grade::Scrap { MovementKind::Scrap } else { MovementKind::Return },
        part_id: part.id,
        quantity: used.quantity,
        from: locations::installed(),
        to,
        ticket_id: Some(used.ticket_id),
        reservation_id: None,
        at: tx.now(),
        note: &used.note,
        detail,
    };
    let movement = ledger::record(tx, entry)?;
    Ok(Grading { used, movement })
}

fn target(
    tx: &mut Tx<'_>,
    received: &UsedPartReturn,
    grade: Grade,
    to: Option<LocationId>,
) -> Result<LocationId, Error> {
    use LocationKind as K;
    let usual = match grade {
        Grade::None => return Err(Error::Invalid { field: "grade", problem: "must be said" }),
        Grade::Reusable => received.location_id,
        Grade::Repair => Some(locations::repair()),
        Grade::Quarantine => Some(locations::quarantine()),
        Grade::Scrap => Some(locations::scrap()),
    };
    let missing = Error::Invalid { field: "location_id", problem: "is needed" };
    let to = to.or(usual).ok_or(missing)?;
    let fits = match (grade, locations::get(tx.conn(), to)?.kind) {
        (Grade::Reusable, kind) => matches!(kind, K::Depot | K::Bin),
        (Grade::Repair, kind) => kind == K::Repair,
        (Grade::Quarantine, kind) => kind == K::Quarantine,
        (Grade::Scrap | Grade::None, kind) => kind == K::Scrap,
    };
    if fits {
        return Ok(to);
    }
    Err(Error::Invalid { field: "location_id", problem: "must be a place for what is graded so" })
}
