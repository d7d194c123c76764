//! What an engineer may reserve for his own ticket: what it needs or waits for and has not, or what it probably needs.
//! More than that is for the office or the warehouse to say, who see what other tickets need.

use std::collections::BTreeMap;

use db::Conn;
use db::types::PartId;
use dispatch::PartQuantity;
use dispatch::needs::Outlook;
use inventory::reservations;

use super::needs::fault_of;
use crate::error::{Error, Problem};
use crate::schedule::Board;
use crate::schedule::sourcing::Progress;
use crate::tickets::Ticket;

/// Refuses what is beyond it.
///
/// # Errors
/// 409 with the part, what was asked for and what the ticket needs of it; a failure of the database.
pub fn check(
    conn: &mut Conn,
    board: &Board,
    ticket: &Ticket,
    progress: &BTreeMap<PartId, Progress>,
    asked: &[PartQuantity],
) -> Result<(), Error> {
    let mut most: BTreeMap<PartId, i64> = BTreeMap::new();
    for (part_id, part) in progress {
        most.insert(*part_id, part.missing().max(part.wanted));
    }
    let likely = board.needs().of(&fault_of(conn, ticket)?, &Outlook::default());
    for part in &likely {
        most.entry(PartId::from_uuid(part.part_id)).or_insert(part.quantity);
    }
    // What it has of a part that nobody said it needs.
    for one in reservations::live_of_ticket(conn, ticket.id)? {
        if let Some(left) = most.get_mut(&one.part_id).filter(|_| !progress.contains_key(&one.part_id)) {
            *left = (*left - one.quantity).max(0);
        }
    }
    let known: Vec<PartId> = most.keys().copied().collect();
    for (part_id, substitute) in inventory::parts::substitutes(conn, &known)? {
        let instead = most.get(&part_id).copied().unwrap_or(0);
        let own = most.entry(substitute).or_default();
        *own = instead.max(*own);
    }
    for one in asked {
        let part_id = PartId::from_uuid(one.part_id);
        let needed = most.get(&part_id).copied().unwrap_or(0);
        if one.quantity > needed {
            let detail =
                "That is more than the ticket needs or will probably need: the office can reserve it.";
            return Err(Problem::conflict("more_than_needed", detail)
                .with("part_id", part_id)
                .with("wanted", one.quantity)
                .with("needed", needed)
                .into());
        }
    }
    Ok(())
}
