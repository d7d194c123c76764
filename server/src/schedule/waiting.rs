//! Stock that came is promised to those who wait for it, whoever was promised to be helped first before the others.
//! Done with the housekeeping: goods in, a transfer, a count and a promise that was given up all make stock free, and
//! none of them has to know who waits.

use db::types::{PartId, TicketId};
use db::{Conn, Tx};
use dispatch::PartQuantity;
use inventory::Reservation;
use inventory::reservations::wanted;

use super::assign::Means;
use super::sourcing;
use crate::error::Error;
use crate::tickets::{Ticket, store};

/// Most that one round promises: a delivery for very many takes several.
pub const ROUND: usize = 100;

/// Promises what is free now to those who wait for it; returns how many got something.
///
/// # Errors
/// A failure of the database, or another server that was faster; the next round sees what is left.
pub fn fill(tx: &mut Tx<'_>, means: &Means<'_>) -> Result<usize, Error> {
    let waiting = fillable(tx.conn())?;
    let mut filled = 0;
    for one in waiting {
        if filled == ROUND {
            break;
        }
        let Some(ticket) = open_ticket(tx, one.ticket_id)? else { continue };
        filled += usize::from(serve(tx, means, &ticket, &one)?);
    }
    Ok(filled)
}

/// Who waits for something of which there may be any, in the order in which they are served.
fn fillable(conn: &mut Conn) -> Result<Vec<Reservation>, Error> {
    let wanted_parts = wanted::parts(conn)?;
    if wanted_parts.is_empty() {
        return Ok(Vec::new());
    }
    let substitutes = inventory::parts::substitutes(conn, &wanted_parts)?;
    let mut looked_for: Vec<PartId> = wanted_parts.clone();
    looked_for.extend(substitutes.iter().map(|(_, substitute)| *substitute));
    looked_for.sort_unstable();
    looked_for.dedup();
    let free: Vec<PartId> =
        inventory::free_stock(conn, &looked_for, None)?.into_iter().map(|row| row.part_id).collect();
    let is_free = |part: &PartId| {
        free.contains(part)
            || substitutes.iter().any(|(of, substitute)| of == part && free.contains(substitute))
    };
    let parts: Vec<PartId> = wanted_parts.into_iter().filter(is_free).collect();
    if parts.is_empty() {
        return Ok(Vec::new());
    }
    Ok(wanted::waiting(conn, Some(&parts))?)
}

/// Held until the commit: a ticket that another server ends meanwhile must not get parts.
fn open_ticket(tx: &mut Tx<'_>, id: TicketId) -> Result<Option<Ticket>, Error> {
    let ticket = store::hold(tx, id)?;
    Ok((!ticket.status.is_over()).then_some(ticket))
}

/// Gives one who waits what there is for him; whether that was anything.
fn serve(tx: &mut Tx<'_>, means: &Means<'_>, ticket: &Ticket, one: &Reservation) -> Result<bool, Error> {
    let needs = [PartQuantity { part_id: one.part_id.uuid(), quantity: one.quantity }];
    let supply = sourcing::supply_of(tx.conn(), means.board, ticket, &needs)?;
    let found = sourcing::find(means.board, ticket, ticket.engineer_id, &needs, &supply, tx.now());
    let mut rest = one.clone();
    for request in sourcing::requests(tx, means, ticket, &found) {
        wanted::promise(tx, &rest, request)?;
        rest.quantity -= request.quantity;
    }
    Ok(rest.quantity < one.quantity)
}
