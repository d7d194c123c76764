//! Who made a ticket what it is, by the change log: what a refusal names, so that people can talk to each other.

use db::{Change, Conn, Entity, Timestamp};

use crate::error::{Error, Problem};
use crate::tickets::Ticket;

/// Changes of a ticket that are looked through.
const LOOK_BACK: i64 = 100;

/// Who made the ticket so in this respect, and when; none if that was just now, or too many changes ago.
///
/// # Errors
/// A failure of the database.
pub fn who(
    conn: &mut Conn,
    ticket: &Ticket,
    same: impl Fn(&Ticket) -> bool,
) -> Result<Option<(String, Timestamp)>, Error> {
    let log = db::changes::of_row(conn, Ticket::ENTITY, &ticket.row_id(), None, LOOK_BACK)?;
    let is_so = |change: &&Change| {
        let row = change.row.as_ref().and_then(|row| serde_json::from_str::<Ticket>(row.get()).ok());
        row.is_some_and(|row| same(&row))
    };
    Ok(log.iter().take_while(is_so).last().map(|first| (first.actor.clone(), first.at)))
}

/// A refusal because of what somebody did to this ticket.
pub fn refusal(code: &str, ticket: &Ticket, whom: Option<(String, Timestamp)>) -> Problem {
    let by = whom.as_ref().map_or("Somebody", |(by, _)| by);
    let problem =
        about(Problem::conflict(code, format!("{by} has changed {} since.", ticket.number)), ticket);
    match whom {
        Some((by, at)) => problem.with("by", by).with("at", at),
        None => problem,
    }
}

/// With the ticket that it is about.
pub fn about(problem: Problem, ticket: &Ticket) -> Problem {
    problem.with("ticket_id", ticket.id).with("ticket_number", ticket.number)
}
