//! The planner: goes over the whole day again as events arrive, and publishes what it finds if that is better than
//! what is in force by more than it disturbs. It never moves what has begun, what a person decided, or whose parts
//! have left their shelf.
//!
//! A round reads the [`Day`](day::Day), searches a plan for it, lets [`dispatch::verify`] judge it, and publishes
//! the difference in one command ([`publish`]). If something changed meanwhile the command is refused, and the next
//! round begins with what is then.

pub mod accept;
mod aside;
pub mod day;
mod diff;
pub mod drive;
pub mod duty;
pub mod proposal;
pub mod publish;
pub mod record;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use db::types::TicketId;
use db::{Actor, Timestamp};
use dispatch::optimize::{self, Options, Progress};
use dispatch::plan::Plan;
use dispatch::verify::verify;

use self::day::{Day, Freedom};
pub use self::record::{Outcome, Round};
use self::record::{Record, Why};
use crate::app::App;
use crate::error::Error;
use crate::lease;

/// The lease of the server that plans.
const LEASE: &str = "planner_lease";
/// In whose name it writes.
pub const ACTOR: &str = "planner";
/// A ticket that could not be moved stays where it is for so many minutes, in real time: other rounds come first.
const STUCK_MINUTES: i64 = 10;
/// Longest pause between two rounds, in real time: waiting alone makes work late.
const PAUSE: Duration = Duration::from_secs(60);

/// What the planner remembers from round to round.
#[derive(Default)]
pub struct Planner {
    record: Mutex<Record>,
    stuck: Mutex<HashMap<TicketId, Timestamp>>,
    offers: Mutex<proposal::Offers>,
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs for ever.
pub async fn run(app: Arc<App>) {
    if app.config.plan_seconds <= 0.0 {
        return;
    }
    let every = Duration::from_secs_f64(app.config.plan_every_seconds.clamp(0.1, 86_400.0));
    loop {
        let cursor = app.board.cursor();
        if let Err(error) = round(&app).await {
            tracing::warn!(%error, "the day could not be planned");
        }
        tokio::time::sleep(every).await;
        app.db.changed_after(cursor, PAUSE.saturating_sub(every)).await;
    }
}

/// Plans once.
///
/// # Errors
/// A failure of the database.
pub async fn round(app: &Arc<App>) -> Result<Round, Error> {
    let now = app.db.clock().now();
    let round = if lease::take(&app.db, LEASE, ACTOR, PAUSE * 2).await? {
        search_and_publish(app, now).await
    } else {
        Ok(Round::without_plan(now, Outcome::Elsewhere))
    };
    let shown = round.as_ref().map_or_else(|_| Round::without_plan(now, Outcome::Failed), Round::clone);
    locked(&app.planner.record).add(shown);
    if round.is_ok() {
        proposal::renew(app).await?;
    }
    round
}

/// It was refused when it was to be moved: for some minutes it stays where it is.
fn is_stuck(app: &App, ticket: TicketId) {
    let until = db::clock::real_now().plus_minutes(STUCK_MINUTES);
    locked(&app.planner.stuck).insert(ticket, until);
}

fn freedom(app: &App, proposing: bool) -> Freedom {
    let (mut stuck, now) = (locked(&app.planner.stuck), db::clock::real_now());
    stuck.retain(|_, until| *until > now);
    Freedom {
        disturbance_minutes: app.config.plan_disturbance_minutes.clamp(0, 10_000),
        moves_accepted: app.config.plan_moves_accepted,
        stuck: stuck.keys().copied().collect(),
        proposing,
    }
}

async fn search_and_publish(app: &Arc<App>, now: Timestamp) -> Result<Round, Error> {
    let (for_read, freedom) = (app.clone(), freedom(app, false));
    let day = app.db.read(move |conn| Day::read(conn, &for_read.board, now, &freedom)).await?;
    if day.tickets.is_empty() || day.engineers.is_empty() {
        let why = if day.tickets.is_empty() { Why::NothingOpen } else { Why::NobodyOnDuty };
        return Ok(Round { why: Some(why), ..Round::without_plan(now, Outcome::NothingToDo) });
    }
    let seconds = app.config.plan_seconds.clamp(0.01, 60.0);
    let (day, plan) = aside::run(move || {
        let plan = search(&day, seconds);
        (day, plan)
    })
    .await?;
    let plan =
        plan.map_err(|error| Error::Internal(format!("the day is no problem that can be planned: {error}")))?;
    judge_and_publish(app, Arc::new(day), plan).await
}

/// The best plan that is found in this time.
fn search(day: &Day, seconds: f64) -> Result<Plan, dispatch::plan::ProblemError> {
    let options = Options { start: Some(day.in_force.clone()), seed: 1, ..Options::default() };
    let began = Instant::now();
    let mut done = |_: &Progress| began.elapsed().as_secs_f64() / seconds;
    optimize::optimize(&day.problem, &options, &mut done)
}

async fn judge_and_publish(app: &Arc<App>, day: Arc<Day>, plan: Plan) -> Result<Round, Error> {
    let (verdict, before) = (verify(&day.problem, &plan), verify(&day.problem, &day.in_force));
    let cost_in_force = before.faults.is_empty().then_some(before.objective);
    let mut round = Round {
        tickets: day.tickets.len(),
        engineers: day.engineers.len(),
        left_out: plan.unassigned.len(),
        cost_in_force,
        cost: verdict.objective,
        disturbance_s: Some(verdict.prices_s),
        disturbance_minutes: Some(day.disturbance_minutes),
        travel: Some(day.travel),
        ..Round::without_plan(day.now, Outcome::Kept)
    };
    if let Some(fault) = verdict.faults.first() {
        tracing::error!(fault, "a plan breaks a rule; it is thrown away");
        return Ok(Round { outcome: Outcome::Faulty, why: Some(Why::BreaksARule), ..round });
    }
    let better = cost_in_force.is_none_or(|cost| verdict.objective < cost);
    let mut changes = publish::Changes::between(&day, if better { &plan } else { &day.in_force });
    if !changes.moves_any() {
        round.why = Some(if better { Why::OnlyTimes } else { Why::NothingBetter });
    }
    if changes.is_empty() {
        return Ok(round);
    }
    (round.moved, round.given_out, round.retimed) = changes.counts();
    let (retimings, for_tx) = (changes.take_retimings(), app.clone());
    let publishing = if changes.moves_any() {
        round.outcome = Outcome::Published;
        app.db.write(Actor::system(ACTOR), move |tx| publish::moves(tx, &for_tx, &changes)).await
    } else {
        Ok(())
    };
    match publishing {
        Ok(()) => {
            for group in retimings {
                app.db.write(Actor::system(ACTOR), move |tx| publish::times(tx, &group)).await?;
            }
        }
        Err(Error::Problem(problem)) => {
            tracing::debug!(code = %problem.code, detail = %problem.detail, "a plan was refused");
            let ticket = problem.field.as_deref().and_then(|field| field.parse::<TicketId>().ok());
            (round.why, round.refused_ticket_id) = (Why::refused_with(&problem.detail), ticket);
            if let Some(ticket) = ticket {
                is_stuck(app, ticket);
            }
            round = Round { outcome: Outcome::Refused, moved: 0, given_out: 0, retimed: 0, ..round };
        }
        Err(error) => return Err(error),
    }
    Ok(round)
}
