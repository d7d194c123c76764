//! Taking a ticket from an engineer who does not get to it, and giving it to the best of the others: what an escalation
//! does, by the same rules and with the same dossier as a dispatcher would.

use db::Tx;
use db::types::EngineerId;

use super::ask::recommend;
use super::assign::{self, Assigned, Means};
use crate::error::Error;
use crate::tickets::{Ticket, TicketStatus};

/// Gives the ticket to somebody else; none if work has begun, or nobody else can take it. Whoever gets it is told why
/// by `reason`.
///
/// # Errors
/// 409 where somebody came between; what was written by then has to be undone.
pub fn another(
    tx: &mut Tx<'_>,
    means: &Means<'_>,
    ticket: &mut Ticket,
    reason: &str,
) -> Result<Option<EngineerId>, Error> {
    let Some(has) = ticket.engineer_id else {
        if ticket.status != TicketStatus::New {
            return Ok(None);
        }
        return Ok(match assign::best(tx, means, ticket, &[])? {
            Assigned::To(assignment) => Some(assignment.engineer_id),
            Assigned::Nobody => None,
        });
    };
    if !matches!(ticket.status, TicketStatus::Assigned | TicketStatus::Accepted) {
        return Ok(None);
    }
    let visit = assign::visit_without_held(tx.conn(), ticket, &[has])?;
    let now = tx.now();
    let considered = recommend(tx.conn(), means.board, ticket, &visit, now, None)?;
    let best = considered.recommendation.ranked.iter().map(|one| EngineerId::from_uuid(one.engineer_id));
    let Some(engineer) = best.into_iter().find(|engineer| *engineer != has) else { return Ok(None) };
    assign::chosen(tx, means, ticket, Some(has), engineer, reason)?;
    Ok(Some(engineer))
}
