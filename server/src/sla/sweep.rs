//! All open tickets counted anew, after a policy, a calendar or a contract was changed. What is the same as before is
//! not written; the rest is, in batches, so that nobody waits behind it for long.

use std::sync::Arc;
use std::time::{Duration, Instant};

use db::schema::{changes, settings};
use db::types::TicketId;
use db::{Actor, Conn, Tx, each_backend};
use diesel::prelude::*;

use super::{Promises, events, recompute, timers};
use crate::app::App;
use crate::error::Error;
use crate::tickets::{Ticket, store};

/// In whose name it writes.
pub const ACTOR: &str = "sla";
/// Under which name it is kept up to which change of promises all is counted.
const SWEPT: &str = "sla_swept";
/// Tickets that are read at once.
const PAGE: i64 = 2_000;
/// Tickets that are written at once.
const BATCH: usize = 200;

/// What a sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Open tickets.
    pub tickets: usize,
    /// Those with another due time, or another promise.
    pub changed: usize,
    /// For counting alone.
    pub counting: Duration,
    /// For reading them.
    pub reading: Duration,
    /// For writing those that changed.
    pub writing: Duration,
}

/// The number of the last change of any promise: what was counted before it may be another today.
///
/// # Errors
/// A failure of the database.
pub fn number(conn: &mut Conn) -> Result<i64, Error> {
    let promises = ["sla_policies", "sla_calendars", "sla_contracts", "sla_settings"];
    // Not `max` in SQL: PostgreSQL would look for it backwards through the log, to its beginning if there is none.
    let seqs: Vec<i64> =
        changes::table.filter(changes::entity.eq_any(promises)).select(changes::seq).load(conn)?;
    Ok(seqs.into_iter().max().unwrap_or(0))
}

/// Up to which change of promises all open tickets are counted; -1 if never, as after an update from a version that did
/// not count.
///
/// # Errors
/// A failure of the database.
pub fn done(conn: &mut Conn) -> Result<i64, Error> {
    let kept: Option<String> = settings::table.find(SWEPT).select(settings::value).first(conn).optional()?;
    Ok(kept.and_then(|text| text.parse().ok()).unwrap_or(-1))
}

/// Counts all open tickets anew if any promise changed since they were; none if nothing did.
///
/// # Errors
/// A failure of the database; what was written stays, and the next sweep does the rest.
pub async fn if_due(app: &Arc<App>) -> Result<Option<Swept>, Error> {
    let (number, done) = app.db.read(|conn| Ok::<_, Error>((number(conn)?, done(conn)?))).await?;
    if number <= done {
        return Ok(None);
    }
    let swept = all(app).await?;
    app.db.write(Actor::system(ACTOR), move |tx| note(tx, number)).await?;
    tracing::info!(tickets = swept.tickets, changed = swept.changed, "due times counted anew");
    Ok(Some(swept))
}

fn note(tx: &mut Tx<'_>, number: i64) -> Result<(), Error> {
    let value = number.to_string();
    each_backend!(tx.conn(), |c| diesel::insert_into(settings::table)
        .values((settings::name.eq(SWEPT), settings::value.eq(&value)))
        .on_conflict(settings::name)
        .do_update()
        .set(settings::value.eq(diesel::upsert::excluded(settings::value)))
        .execute(c))?;
    Ok(())
}

/// Counts all open tickets anew.
///
/// # Errors
/// A failure of the database.
pub async fn all(app: &Arc<App>) -> Result<Swept, Error> {
    in_pages(app, PAGE).await
}

/// The same, reading so many tickets at once.
///
/// # Errors
/// A failure of the database.
pub async fn in_pages(app: &Arc<App>, size: i64) -> Result<Swept, Error> {
    // Memory may not have heard of the change yet.
    app.board.catch_up(&app.db).await?;
    let (promises, mut swept, mut after) = (app.board.promises(), Swept::default(), None);
    let mut changed: Vec<TicketId> = Vec::new();
    loop {
        let (for_read, from) = (promises.clone(), after);
        let page = app.db.read(move |conn| page(conn, &for_read, from, size)).await?;
        swept.tickets += page.tickets;
        swept.counting += page.counting;
        swept.reading += page.reading;
        changed.extend(page.changed);
        after = page.last;
        if after.is_none() {
            break;
        }
    }
    swept.changed = changed.len();
    let began = Instant::now();
    for batch in changed.chunks(BATCH) {
        let (promises, batch) = (promises.clone(), batch.to_vec());
        app.db.write(Actor::system(ACTOR), move |tx| write(tx, &promises, &batch)).await?;
    }
    swept.writing = began.elapsed();
    Ok(swept)
}

struct Page {
    tickets: usize,
    changed: Vec<TicketId>,
    /// Where the next page begins; none after the last.
    last: Option<TicketId>,
    counting: Duration,
    reading: Duration,
}

fn page(conn: &mut Conn, promises: &Promises, after: Option<TicketId>, size: i64) -> Result<Page, Error> {
    let began = Instant::now();
    let mut tickets = store::open(conn, after, size)?;
    let ids: Vec<TicketId> = tickets.iter().map(|ticket| ticket.id).collect();
    let mut steps = events::of_tickets(conn, &ids)?;
    let reading = began.elapsed();
    let began = Instant::now();
    let mut changed = Vec::new();
    for ticket in &mut tickets {
        let steps = steps.remove(&ticket.id).unwrap_or_default();
        if moved(promises, ticket, &steps) {
            changed.push(ticket.id);
        }
    }
    let last = if (ids.len() as i64) < size { None } else { ids.last().copied() };
    Ok(Page { tickets: ids.len(), changed, last, counting: began.elapsed(), reading })
}

/// Counts a ticket anew, and says whether that is another answer.
pub fn moved(promises: &Promises, ticket: &mut Ticket, steps: &[events::Happened]) -> bool {
    let before = (ticket.due_at, ticket.sla.clone());
    recompute::set(promises, ticket, steps);
    before != (ticket.due_at, ticket.sla.clone())
}

fn write(tx: &mut Tx<'_>, promises: &Promises, ids: &[TicketId]) -> Result<(), Error> {
    let mut tickets = store::hold_all(tx, ids)?;
    let mut steps = events::of_tickets(tx.conn(), ids)?;
    // As they are now: one may have been paused or closed since it was looked at.
    tickets.retain_mut(|ticket| {
        let steps = steps.remove(&ticket.id).unwrap_or_default();
        !store::is_over(ticket.status) && moved(promises, ticket, &steps)
    });
    timers::set_all(tx, tickets.iter().map(|ticket| (ticket.id, ticket.sla.0.next_step_at)))?;
    store::update_promises(tx, &tickets)
}
