//! What an answer does. Decided in the transaction, from where the ticket stands then: a link that was followed twice,
//! or after the office closed the ticket by itself, must not do anything twice.

use std::sync::Arc;

use db::schema::{confirmations, tasks as tasks_table, tickets};
use db::types::{Id, TicketId};
use db::{Actor, Conn, Timestamp, Tx};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::follow_ups::{self, Reason};
use super::link::Asked;
use super::{CUSTOMER, Confirmation, Satisfaction};
use crate::app::App;
use crate::error::{Error, Problem};
use crate::schedule::assign::Means;
use crate::tasks;
use crate::tickets::events::{self, Incoming};
use crate::tickets::{EventKind, Ticket, TicketStatus, store};

/// Longest comment of a customer, in characters.
const LONGEST: usize = 2_000;
/// So many tickets are closed in one transaction.
const ROUND: i64 = 100;
const DAY_MINUTES: i64 = 24 * 60;

/// What a customer says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// Whether the fault is gone.
    pub solved: bool,
    /// How content he is, if he wants to say.
    pub satisfaction: Option<Satisfaction>,
    /// What he wants to add; at most 2,000 characters.
    #[serde(default)]
    pub comment: String,
}

impl Answer {
    /// Names what is wrong with it.
    ///
    /// # Errors
    /// 422.
    pub fn check(&self) -> Result<(), Error> {
        crate::http::Checks::new().text("comment", &self.comment, LONGEST).finish()
    }

    fn is_the_same(&self, given: &Confirmation) -> bool {
        given.solved == Some(self.solved)
            && given.satisfaction == self.satisfaction
            && given.comment == self.comment
    }

    fn needs_somebody(&self) -> Option<Reason> {
        match (self.solved, self.satisfaction) {
            (false, _) => Some(Reason::NotSolved),
            (true, Some(Satisfaction::Dissatisfied)) => Some(Reason::Dissatisfied),
            _ => None,
        }
    }
}

/// The answer that was given about this completion, or that nobody gave one.
pub(super) fn known(conn: &mut Conn, asked: Asked) -> Result<Option<Confirmation>, Error> {
    let of_ticket = confirmations::table.filter(confirmations::ticket_id.eq(asked.ticket_id));
    Ok(of_ticket.filter(confirmations::completed_at.eq(asked.completed_at)).first(conn).optional()?)
}

/// Whether the customer may still answer: it is about the last completion, and not too long ago.
pub(super) fn is_open(ticket: &Ticket, asked: Asked, now: Timestamp, days: i64) -> bool {
    ticket.completed_at == Some(asked.completed_at)
        && matches!(ticket.status, TicketStatus::Completed | TicketStatus::Closed)
        && now <= asked.completed_at.plus_minutes(days * DAY_MINUTES)
}

/// Takes the customer's answer. The same answer again changes nothing.
///
/// # Errors
/// 409 `already_answered` for another answer, `confirmation_over` where there is nothing to answer any more.
pub(super) fn give(tx: &mut Tx<'_>, app: &App, asked: Asked, answer: &Answer) -> Result<Confirmation, Error> {
    let ticket = store::hold(tx, asked.ticket_id)?;
    let known = known(tx.conn(), asked)?;
    if let Some(given) = known.as_ref().filter(|given| given.answered_at.is_some()) {
        if answer.is_the_same(given) {
            return Ok(given.clone());
        }
        let detail = "This question has been answered, and the office has gone on from there.";
        return Err(Problem::conflict("already_answered", detail).into());
    }
    if !is_open(&ticket, asked, tx.now(), app.config.reopen_days) {
        let detail = "The work has gone on since, or it is too long ago; please call the office.";
        return Err(Problem::conflict("confirmation_over", detail).into());
    }
    let given = Confirmation {
        id: known.as_ref().map_or_else(Id::new, |known| known.id),
        ticket_id: ticket.id,
        completed_at: asked.completed_at,
        solved: Some(answer.solved),
        satisfaction: answer.satisfaction,
        comment: answer.comment.clone(),
        answered_at: Some(tx.now()),
    };
    put(tx, &given, known.is_some())?;
    if let Some(reason) = answer.needs_somebody() {
        follow_ups::open(tx, ticket.id, reason, &answer.comment)?;
    }
    let steps: &[EventKind] = match answer.solved {
        true if ticket.status == TicketStatus::Completed => &[EventKind::Close],
        true => &[],
        // Nobody is sent again before somebody has decided who.
        false if ticket.engineer_id.is_some() => &[EventKind::Reopen, EventKind::Unassign],
        false => &[EventKind::Reopen],
    };
    let reason = if answer.solved { "solved" } else { "not_solved" };
    take_steps(tx, app, ticket.id, steps, reason)?;
    Ok(given)
}

fn put(tx: &mut Tx<'_>, row: &Confirmation, is_known: bool) -> Result<(), Error> {
    if is_known {
        diesel::update(confirmations::table.find(row.id)).set(row.clone()).execute(tx.conn())?;
    } else {
        diesel::insert_into(confirmations::table).values(row.clone()).execute(tx.conn())?;
    }
    Ok(tx.changed(row)?)
}

fn take_steps(
    tx: &mut Tx<'_>,
    app: &App,
    ticket_id: TicketId,
    steps: &[EventKind],
    why: &str,
) -> Result<(), Error> {
    let means = Means { board: &app.board, hold_minutes: app.config.hold_minutes };
    for kind in steps {
        let incoming = Incoming::by_office(tx, ticket_id, *kind, why);
        events::demand(tx, &means, &incoming)?;
    }
    Ok(())
}

/// Closes what was completed some days ago and about which the customer has said nothing.
///
/// # Errors
/// A failure of the database.
pub async fn close_unanswered(app: &Arc<App>) -> Result<(), Error> {
    loop {
        let before = app.db.clock().now().plus_minutes(-app.config.confirm_days * DAY_MINUTES);
        // Hardly ever is there one: then nothing is written.
        if app.db.read(move |conn: &mut Conn| overdue(conn, before)).await?.is_empty() {
            return Ok(());
        }
        let for_tx = app.clone();
        let round = move |tx: &mut Tx<'_>| {
            let found = overdue(tx.conn(), before)?;
            found.into_iter().try_for_each(|(ticket_id, completed_at)| {
                let asked = Asked { ticket_id, completed_at };
                if known(tx.conn(), asked)?.is_none() {
                    let nobody = Confirmation {
                        id: Id::new(),
                        ticket_id,
                        completed_at,
                        solved: None,
                        satisfaction: None,
                        comment: String::new(),
                        answered_at: None,
                    };
                    put(tx, &nobody, false)?;
                }
                take_steps(tx, &for_tx, ticket_id, &[EventKind::Close], "no_answer")
            })
        };
        app.db.write(Actor::system("confirmations"), round).await?;
    }
}

fn overdue(conn: &mut Conn, before: Timestamp) -> Result<Vec<(TicketId, Timestamp)>, Error> {
    let waiting = tickets::table.filter(tickets::status.eq(TicketStatus::Completed.as_str()));
    Ok(waiting
        .filter(tickets::completed_at.le(before))
        .filter(not(exists(tasks::that_must_be_done().filter(tasks_table::ticket_id.eq(tickets::id)))))
        .order(tickets::completed_at)
        .limit(ROUND)
        .select((tickets::id, tickets::completed_at.assume_not_null()))
        .load(conn)?)
}

/// As whom a customer's answer is written.
pub(super) fn customer() -> Actor {
    Actor::system(CUSTOMER)
}
