//! The queue: tickets that nobody could take are tried again whenever something changed, and every now and then,
//! since shifts begin without anybody writing anything.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use db::types::{EngineerId, TicketId};
use db::{Actor, Conn, Timestamp, Tx};
use dispatch::{Fresh, PartSupply, Query};

use super::assign::{self, Assigned, Means};
use crate::app::App;
use crate::error::Error;
use crate::tickets::{Ticket, TicketStatus, store};
use crate::travel::ahead;

/// Most tickets looked at in one round. Looking costs microseconds; only those for whom memory knows somebody, or
/// whose reasons have changed, cost a transaction.
const ROUND: i64 = 10_000;
/// Tickets tried in one round, so that a round ends in time for the next urgent ticket.
const ATTEMPTS: usize = 200;
/// Longest pause between two rounds, in real time.
const PAUSE: Duration = Duration::from_secs(2);

/// Runs for ever.
pub async fn run(app: Arc<App>) {
    loop {
        let cursor = app.board.cursor();
        if let Err(error) = round(&app).await {
            tracing::warn!(%error, "the queue could not be worked");
        }
        // Not at once after every single change: many changes come together, and one look serves them all.
        tokio::time::sleep(PAUSE / 8).await;
        app.db.changed_after(cursor, PAUSE).await;
    }
}

/// Whether somebody may take the ticket now, or it would wait for other reasons than it says.
fn is_worth_it(app: &App, ticket: &Ticket, declined: &[EngineerId], now: Timestamp) -> bool {
    let visit = assign::visit_of(ticket, declined);
    let policies = app.board.policies();
    let policy = policies.of_kind(&ticket.kind);
    if !policy.strategy.chooses() || !policy.auto {
        // It waits for somebody to claim it, or for a dispatcher.
        return false;
    }
    let query = Query::new(&visit, now.millis(), policy);
    let shortlist = app.board.shortlist(&query, None);
    if shortlist.engineer_ids().next().is_some() {
        return true;
    }
    let (loads, supply) = (HashMap::new(), PartSupply::default());
    let fresh = Fresh::new(&loads, &supply, &policy.straight_line);
    let counts = dispatch::rank(shortlist, &query, &fresh).recommendation.excluded_counts;
    let rules = counts.iter().map(|count| count.rule);
    !rules.eq(ticket.queue_reasons.0.iter().map(|reason| reason.rule))
}

/// Tries the most urgent waiting tickets once; returns how many found somebody.
///
/// # Errors
/// A failure of the database.
pub async fn round(app: &Arc<App>) -> Result<usize, Error> {
    app.board.refresh(app.db.clock().now());
    let look = |conn: &mut Conn| {
        let waiting = store::waiting(conn, ROUND)?;
        let ids: Vec<TicketId> = waiting.iter().map(|ticket| ticket.id).collect();
        Ok::<_, Error>((waiting, store::declines(conn, &ids)?))
    };
    let (waiting, declines) = app.db.read(look).await?;
    let nobody = Vec::new();
    let declined = |ticket: &Ticket| declines.get(&ticket.id).unwrap_or(&nobody);
    let now = app.db.clock().now();
    let mut assigned = 0;
    let worth_it =
        waiting.iter().filter(|ticket| is_worth_it(app, ticket, declined(ticket), now)).take(ATTEMPTS);
    for ticket in worth_it {
        ahead::of_ticket(app, ticket, declined(ticket), None).await;
        let (id, for_tx) = (ticket.id, app.clone());
        let attempt = move |tx: &mut Tx<'_>| {
            // Read again: somebody may have taken it since.
            let mut ticket = store::hold(tx, id)?;
            if ticket.status != TicketStatus::New || !ticket.auto_dispatch {
                return Ok(false);
            }
            let declined = store::declined_by(tx.conn(), id)?;
            let means = Means { board: &for_tx.board, hold_minutes: for_tx.config.hold_minutes };
            let outcome = assign::best(tx, &means, &mut ticket, &declined)?;
            Ok::<_, Error>(matches!(outcome, Assigned::To(_)))
        };
        match app.db.write(Actor::system("dispatch"), attempt).await {
            Ok(true) => assigned += 1,
            Ok(false) => {}
            // A dispatcher or another server was faster.
            Err(Error::Problem(problem)) => tracing::debug!(code = %problem.code, "not assigned"),
            Err(error) => return Err(error),
        }
    }
    Ok(assigned)
}
