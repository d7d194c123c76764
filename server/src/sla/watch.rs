//! Acts when a step's time has come. Of several servers one does it, the holder of a lease that is taken over within
//! seconds if its server is killed. Even without the lease no step would be taken twice: each is taken in the
//! transaction that removes its timer, and the database keeps one row of each step of a ticket. What fell due while no
//! server ran is taken at the next start, once, and recorded with the time at which it was due.

use std::sync::Arc;
use std::time::Duration;

use db::types::{Id, TicketId};
use db::{Actor, Timestamp, Tx};

use super::promises::Promises;
use super::steps::{Act, Due};
use super::sweep::{self, ACTOR};
use super::timers::{self, Escalation};
use super::{events, recompute};
use crate::app::App;
use crate::error::Error;
use crate::lease;
use crate::notifications::{self, NotificationKind};
use crate::schedule::another::another;
use crate::schedule::assign::Means;
use crate::tickets::{Ticket, store};

/// How long the lease holds, in real time: a server that is killed is followed after that and a second.
const LEASE: Duration = Duration::from_secs(6);
/// The lease's name.
const NAME: &str = "sla_lease";
/// How often it is looked, in real time.
const EVERY: Duration = Duration::from_secs(1);
/// After a sweep, so many looks until the next one: another server may have opened a ticket by what it knew before.
const SECOND_LOOK: u32 = 10;
/// Timers that are read at once.
const BATCH: i64 = 200;

/// Runs for ever.
pub async fn run(app: Arc<App>) {
    if !app.config.sla_watch {
        return;
    }
    let (mut timer, mut again) = (tokio::time::interval(EVERY), None);
    timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    // Each server of one process, too, is somebody of his own.
    let holder = Id::<db::types::of::Session>::new().to_string();
    loop {
        timer.tick().await;
        if let Err(error) = look(&app, &holder, &mut again).await {
            tracing::warn!(%error, "escalations failed; they are tried again");
        }
    }
}

async fn look(app: &Arc<App>, holder: &str, again: &mut Option<u32>) -> Result<(), Error> {
    if !lease::take_for(&app.db, NAME, ACTOR, LEASE, holder).await? {
        *again = None;
        return Ok(());
    }
    if sweep::if_due(app).await?.is_some() {
        *again = Some(SECOND_LOOK);
    } else if let Some(left) = again {
        *left -= 1;
        if *left == 0 {
            *again = None;
            sweep::all(app).await?;
        }
    }
    once(app).await.map(drop)
}

/// Takes every step that is due; how many.
///
/// # Errors
/// A failure of the database.
pub async fn once(app: &Arc<App>) -> Result<usize, Error> {
    let (mut taken, now) = (0, app.db.clock().now());
    loop {
        let due = app.db.read(move |conn| timers::due(conn, now, BATCH)).await?;
        if due.is_empty() {
            return Ok(taken);
        }
        for ticket in due {
            match fire(app, ticket).await {
                Ok(steps) => taken += steps,
                Err(error) => put_off(app, ticket, now, &error).await?,
            }
        }
    }
}

/// Lets a step that could not be taken wait, and keeps why on its timer: neither the others nor the next look may
/// suffer from one ticket. If not even that can be written, it is the database that fails.
async fn put_off(app: &Arc<App>, ticket: TicketId, now: Timestamp, error: &Error) -> Result<(), Error> {
    let fault = error.problem().code;
    let run = move |tx: &mut Tx<'_>| timers::put_off(tx, ticket, now, &fault);
    if let Some(failed) = app.db.write(Actor::system(ACTOR), run).await? {
        let (failures, tries_at) = (failed.failures, failed.tries_at.millis());
        tracing::warn!(%ticket, %error, failures, tries_at, "an escalation failed; it is tried again");
    }
    Ok(())
}

/// Takes the steps of one ticket that are due. If it cannot be given to somebody else, the others are taken all the
/// same.
async fn fire(app: &Arc<App>, id: TicketId) -> Result<usize, Error> {
    let with = |reassigns: bool| {
        let app = app.clone();
        move |tx: &mut Tx<'_>| fired(tx, &app, id, reassigns)
    };
    match app.db.write(Actor::system(ACTOR), with(true)).await {
        Err(Error::Problem(problem)) => {
            tracing::info!(ticket = %id, code = problem.code, "could not be given to somebody else");
            app.db.write(Actor::system(ACTOR), with(false)).await
        }
        result => result,
    }
}

fn fired(tx: &mut Tx<'_>, app: &App, id: TicketId, reassigns: bool) -> Result<usize, Error> {
    let (now, promises) = (tx.now(), app.board.promises());
    if !timers::take(tx, id, now)? {
        return Ok(0);
    }
    let mut ticket = store::hold(tx, id)?;
    if store::is_over(ticket.status) {
        return Ok(0);
    }
    let steps = events::of_tickets(tx.conn(), &[id])?.remove(&id).unwrap_or_default();
    let due: Vec<Due> = recompute::ahead(&promises, &ticket, &steps);
    let due: Vec<Due> = due.into_iter().filter(|due| due.fires_at <= now).collect();
    for due in &due {
        take(tx, app, &promises, &mut ticket, *due, reassigns)?;
        ticket.sla.0.taken.push(due.step.name());
    }
    let steps = events::of_tickets(tx.conn(), &[id])?.remove(&id).unwrap_or_default();
    recompute::set(&promises, &mut ticket, &steps);
    timers::set(tx, id, ticket.sla.0.next_step_at)?;
    store::update(tx, &ticket, ticket.status)?;
    Ok(due.len())
}

fn take(
    tx: &mut Tx<'_>,
    app: &App,
    promises: &Promises,
    ticket: &mut Ticket,
    due: Due,
    reassigns: bool,
) -> Result<(), Error> {
    let (step, had) = (due.step, ticket.engineer_id);
    let mut given_to_id = None;
    if step.act == Act::Reassign && reassigns {
        let means = Means { board: &app.board, hold_minutes: app.config.hold_minutes };
        let reason = format!("{} % of the {} is left", step.left_percent, target_name(step.target));
        given_to_id = another(tx, &means, ticket, &reason)?;
    }
    let engineer = had.filter(|_| step.act == Act::NotifyEngineer);
    let mut told = match engineer {
        Some(engineer) => timers::users_of(tx.conn(), engineer)?,
        None => Vec::new(),
    };
    if told.is_empty() {
        told = timers::supervisors(tx.conn(), &promises.settings().supervisors)?;
    }
    let kind = match (given_to_id, step.target) {
        (Some(_), _) => NotificationKind::Reassigned,
        (None, ::sla::TargetKind::Response) => NotificationKind::ResponseDue,
        (None, ::sla::TargetKind::Resolution) => NotificationKind::ResolutionDue,
    };
    notifications::tell(tx, &told, ticket.id, kind, due.at)?;
    let fired_at: Timestamp = tx.now();
    let escalation = Escalation {
        id: Id::new(),
        ticket_id: ticket.id,
        step: step.name(),
        due_at: due.at,
        fired_at,
        engineer_id: had,
        given_to_id,
        told: told.len() as i64,
    };
    timers::record(tx, &escalation)
}

fn target_name(target: ::sla::TargetKind) -> &'static str {
    match target {
        ::sla::TargetKind::Response => "response time",
        ::sla::TargetKind::Resolution => "resolution time",
    }
}
