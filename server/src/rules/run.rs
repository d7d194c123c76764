//! Runs rules: follows the change log with a cursor, and looks at the clock. Of several servers one does it, the holder
//! of a lease that is taken over within seconds if its server is killed. Even without the lease no rule would fire
//! twice for the same cause ([`super::fire`]); the cursor says no more than from where it need not be looked again.

use std::sync::Arc;
use std::time::Duration;

use db::types::Id;
use db::{Actor, Change, Conn, Tx};

use super::events::Kept;
use super::fire::{Occasion, Ready, fire, first_in_need, ready};
use super::store::{self, Cursor};
use super::{ACTOR, RuleEvent, Trigger, events, times};
use crate::app::App;
use crate::error::Error;
use crate::lease;

/// How long the lease holds, in real time.
const LEASE: Duration = Duration::from_secs(6);
/// The lease's name.
const NAME: &str = "rules_lease";
/// How often it is looked, in real time.
const EVERY: Duration = Duration::from_secs(1);
/// Changes that are read at once.
const PAGE: i64 = 500;
/// The cursor is moved at the latest after so many changes that are nothing to rules.
const FAR: i64 = 1_000;
/// Tables that are read: what happens to tickets, and what rules did.
const READ: [&str; 4] = ["tickets", "escalations", "confirmations", "rule_firings"];

/// Runs for ever.
pub async fn run(app: Arc<App>) {
    if !app.config.rules_run {
        return;
    }
    let mut timer = tokio::time::interval(EVERY);
    timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    // Each server of one process, too, is somebody of his own.
    let holder = Id::<db::types::of::Session>::new().to_string();
    loop {
        timer.tick().await;
        if let Err(error) = look(&app, &holder).await {
            tracing::warn!(%error, "rules failed; they are tried again");
        }
    }
}

async fn look(app: &Arc<App>, holder: &str) -> Result<(), Error> {
    if lease::take_for(&app.db, NAME, ACTOR, LEASE, holder).await? {
        once(app).await?;
    }
    Ok(())
}

/// Runs every rule for everything that has happened since, and for the time that it is; how many fired.
///
/// # Errors
/// A failure of the database. What was not done is done the next time.
pub async fn once(app: &Arc<App>) -> Result<usize, Error> {
    let mut fired = 0;
    // What rules did is read in the next round: it may be the cause of others.
    while let Some(more) = page(app).await? {
        fired += more;
    }
    Ok(fired + times::once(app).await?)
}

/// The next changes that may mean something, each with the ticket before it.
struct Page {
    cursor: Option<Cursor>,
    last: i64,
    changes: Vec<(Change, Option<Kept>)>,
    ready: Vec<Ready>,
}

fn next_page(conn: &mut Conn) -> Result<Page, Error> {
    let (cursor, last) = (store::cursor(conn)?, db::changes::last(conn)?);
    let from = cursor.as_ref().map_or(last, |cursor| cursor.seq);
    let found = db::changes::of_entities(conn, &READ, from, PAGE)?;
    let rules = if found.is_empty() { Vec::new() } else { store::all(conn)? };
    let on_event = |ready: &Ready| matches!(ready.rule.trigger.0, Trigger::Event { .. });
    let ready: Vec<Ready> = ready(rules).into_iter().filter(on_event).collect();
    let mut changes = Vec::with_capacity(found.len());
    for change in found {
        let before = if ready.is_empty() { None } else { events::before(conn, &change)? };
        changes.push((change, before));
    }
    Ok(Page { cursor, last, changes, ready })
}

/// Looks at the next changes; none if there are no more.
async fn page(app: &Arc<App>) -> Result<Option<usize>, Error> {
    let Page { cursor, last, changes, ready } = app.db.read(next_page).await?;
    let Some(mut cursor) = cursor else {
        // What happened before there were rules is no cause.
        return moved(app, Cursor { seq: last, chain: Vec::new() }).await.map(|()| None);
    };
    if changes.is_empty() {
        if last > cursor.seq + FAR {
            moved(app, Cursor { seq: last, chain: Vec::new() }).await?;
        }
        return Ok(None);
    }
    let mut fired = 0;
    for (change, before) in &changes {
        cursor.seq = change.seq;
        cursor.chain = match change.actor_id == ACTOR {
            true => store::chain_of(change).unwrap_or(cursor.chain),
            false => Vec::new(),
        };
        for happened in events::of(change, before.as_ref()) {
            let (ticket_id, cause, facts) = (happened.ticket_id, happened.cause, happened.facts);
            let occasion = Occasion { ticket_id, cause, facts, chain: cursor.chain.clone() };
            fired += on(app, &ready, happened.event, occasion).await?;
        }
    }
    moved(app, cursor).await?;
    Ok(Some(fired))
}

async fn moved(app: &Arc<App>, to: Cursor) -> Result<(), Error> {
    app.db.write(Actor::system(ACTOR), move |tx: &mut Tx<'_>| store::move_cursor(tx, &to)).await
}

/// Asks the rules that wait for this event; how many fired.
///
/// # Errors
/// A failure of the database.
pub async fn on(
    app: &Arc<App>,
    ready: &[Ready],
    event: RuleEvent,
    occasion: Occasion,
) -> Result<usize, Error> {
    let waits = |one: &&Ready| one.rule.trigger.0 == Trigger::Event { event };
    let (mut waiting, mut fired) = (ready.iter().filter(waits).cloned().collect::<Vec<_>>(), 0);
    while !waiting.is_empty() {
        let (occasion_read, now) = (occasion.clone(), app.db.clock().now());
        let ask = move |conn: &mut Conn| {
            Ok::<_, Error>((first_in_need(conn, &waiting, &occasion_read, now)?, waiting))
        };
        let (first, asked) = app.db.read(ask).await?;
        let Some(nth) = first else { break };
        fired += usize::from(fire(app, &asked[nth], &occasion).await?);
        // What it did may concern those behind it.
        waiting = asked[nth + 1..].to_vec();
    }
    Ok(fired)
}
