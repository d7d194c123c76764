//! Work that comes to an engineer without being ranked: what he claims himself, and what is reopened. Both leave an
//! assignment like any other, so that the record is whole and dispatch hears of it when he gives the work up again.

use db::Tx;
use db::types::{EngineerId, Id, Json};

use super::ask::Considered;
use super::assign::{self, Choice, Means};
use super::assignment::{self, Assignment};
use crate::error::Error;
use crate::tickets::Ticket;

/// What dispatch says of an engineer who claims a ticket, asked before it is in his hands.
///
/// # Errors
/// A failure of the database.
pub fn consider(
    tx: &mut Tx<'_>,
    means: &Means<'_>,
    ticket: &mut Ticket,
    engineer: EngineerId,
) -> Result<Considered, Error> {
    let considered = assign::considered_for(tx, means, ticket, engineer)?;
    ticket.planned_at = assign::expected_at(tx.now(), means.board, ticket, engineer, &considered);
    Ok(considered)
}

/// Reserves the parts of a claimed ticket, and writes down that its engineer has it.
///
/// # Errors
/// A failure of the database.
pub fn claimed(
    tx: &mut Tx<'_>,
    means: &Means<'_>,
    ticket: &Ticket,
    engineer: EngineerId,
    considered: Considered,
) -> Result<(), Error> {
    let score_minutes = considered.score_of(engineer);
    assign::record(tx, means, ticket, Choice { engineer, score_minutes, reason: "", by: None }, considered)
        .map(drop)
}

/// Goes on with the assignment that the ticket's end has ended: the same engineer, for the same reasons.
///
/// # Errors
/// A failure of the database.
pub fn reopened(tx: &mut Tx<'_>, ticket: &Ticket, reason: &str) -> Result<(), Error> {
    let last = assignment::of_ticket(tx.conn(), ticket.id)?.into_iter().next();
    let Some(last) = last.filter(|a| a.ended_at.is_some() && Some(a.engineer_id) == ticket.engineer_id)
    else {
        return Ok(());
    };
    let again = Assignment {
        id: Id::new(),
        assigned_at: tx.now(),
        assigned_by: tx.actor().name.clone(),
        reason: reason.to_owned(),
        shortages: Json(Vec::new()),
        ended_at: None,
        ..last
    };
    assignment::write(tx, &again)
}
