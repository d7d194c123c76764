//! What an old part is good for, and where it goes.

use db::Tx;
use db::types::{LocationId, UsedPartReturnId};

use super::{Grade, ReturnStatus, UsedPartReturn, get, needs_number, step};
use crate::balances::{self, Shelf};
use crate::ledger::{self, Detail, Entry, MovementKind};
use crate::lots::{self, Share};
use crate::parts::{self, Part};
use crate::pieces::{self, Serial};
use crate::{Error, LocationKind, StockMovement, locations};

/// What came of a look at an old part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grading {
    /// The old part.
    pub used: UsedPartReturn,
    /// What moved, out of the lift: one movement, or one a piece.
    pub movements: Vec<StockMovement>,
}

/// What somebody found who looked at an old part.
#[derive(Debug, Clone, Copy)]
pub struct Findings<'a> {
    /// What it is good for.
    pub grade: Grade,
    /// Where it goes; where such parts go if absent.
    pub to: Option<LocationId>,
    /// The numbers that are on the pieces, of parts that are followed one by one; without any, the number with which it
    /// was received.
    pub serials: &'a [String],
}

/// Says what a received part is good for: it moves from [`locations::installed`] to where it said, or to where such
/// parts go. What is reusable goes to a depot or a bin: to the place where it was received if nothing else is said.
///
/// # Errors
/// A part that was not received or is graded already, a place that does not fit the grade, pieces without their
/// numbers, or one that the books know elsewhere.
pub fn grade(tx: &mut Tx<'_>, id: UsedPartReturnId, found: &Findings<'_>) -> Result<Grading, Error> {
    let grade = found.grade;
    let received = get(tx.conn(), id)?;
    if received.status != ReturnStatus::Received {
        return Err(Error::ReturnStatus { return_id: id, status: received.status });
    }
    let to = target(tx, &received, grade, found.to)?;
    let part = parts::get(tx.conn(), received.part_id)?;
    let keeps = locations::get(tx.conn(), to)?.kind.has_stock();
    let numbers = numbers(&part, &received, found.serials, keeps)?;
    let serial = if let [one] = numbers.as_slice() { one.clone() } else { received.serial.clone() };
    let graded = UsedPartReturn {
        status: ReturnStatus::Graded,
        grade,
        location_id: Some(to),
        serial,
        ..received.clone()
    };
    let used = step(tx, &received, graded)?;
    if keeps {
        balances::put(tx, Shelf { part_id: part.id, location_id: to }, used.quantity, 0)?;
    }
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
        detail: Detail { asset_id: used.asset_id, ..Detail::default() },
    };
    let movements = if numbers.is_empty() {
        let share = if keeps {
            lots::put_nameless(tx, &part, to, used.quantity)?
        } else {
            Share { lot_id: None, quantity: used.quantity }
        };
        ledger::record_all(tx, &entry, [share])?
    } else {
        let arrive = |number: &String| pieces::arrive(tx, part.id, number, None, to);
        let arrived: Vec<Serial> = numbers.iter().map(arrive).collect::<Result<_, _>>()?;
        ledger::record_all(tx, &entry, arrived)?
    };
    Ok(Grading { used, movements })
}

/// The numbers of the pieces: all of them, where they become stock; else those that are known.
fn numbers(
    part: &Part,
    received: &UsedPartReturn,
    said: &[String],
    keeps: bool,
) -> Result<Vec<String>, Error> {
    let known = if said.is_empty() && !received.serial.trim().is_empty() && received.quantity == 1 {
        vec![received.serial.clone()]
    } else {
        said.to_vec()
    };
    // What a part without serial numbers has on it is a note.
    if !needs_number(part) && said.is_empty() {
        return Ok(Vec::new());
    }
    if !known.is_empty() {
        pieces::check(part, received.quantity, &known, None)?;
    } else if keeps {
        let problem = "are needed: these pieces come back one by one, each with its number";
        return Err(Error::Invalid { field: "serials", problem });
    }
    Ok(known)
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
