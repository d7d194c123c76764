//! By which rules a ticket was opened. What the clock brings about has no cause in the log, so a rule that opens
//! tickets at a time, or for what is late, would be asked about those that it opened itself, and each would bring forth
//! another: after some hours there were millions.

use db::types::TicketId;
use db::{Conn, Entity};

use super::{ACTOR, Action, Firing, Rule, RuleEvent, Trigger, store};
use crate::error::Error;
use crate::tickets::Ticket;

/// The channel by which rules open tickets.
pub const CHANNEL: &str = "rule";
/// The cause under which it is written down that a rule was stopped because of it.
pub const ONCE: &str = "once";

/// Whether this rule must not be asked about tickets that come of it: it opens tickets, and nobody but the clock asks.
pub fn matters(rule: &Rule) -> bool {
    let by_the_clock = match &rule.trigger.0 {
        Trigger::Event { event } => matches!(event, RuleEvent::SlaWarning | RuleEvent::SlaBreached),
        Trigger::Every { .. } | Trigger::Daily { .. } => true,
    };
    by_the_clock && rule.actions.0.iter().any(|action| matches!(action, Action::CreateTicket { .. }))
}

/// The rules by which the ticket was opened, the first first; none if somebody else opened it.
///
/// # Errors
/// A failure of the database.
pub fn of(conn: &mut Conn, ticket: &Ticket) -> Result<Vec<String>, Error> {
    if ticket.sla.0.channel != CHANNEL {
        return Ok(Vec::new());
    }
    opened_by(conn, ticket.id)
}

/// The firing is the first change of the command that opened it.
fn opened_by(conn: &mut Conn, ticket: TicketId) -> Result<Vec<String>, Error> {
    let opened = db::changes::first_of_row(conn, Ticket::ENTITY, &ticket.to_string())?;
    let Some(opened) = opened.filter(|opened| opened.actor_id == ACTOR) else { return Ok(Vec::new()) };
    let firing = db::changes::last_of_entity(conn, Firing::ENTITY, opened.seq)?;
    Ok(firing.and_then(|firing| store::chain_of(&firing)).unwrap_or_default())
}
