//! Keeps the demo's time over restarts, and its roster ahead of it. What the clock shows is written every real
//! second; the next start goes on from there, at whatever speed.

use std::time::Duration;

use db::schema::{engineers, settings, shifts};
use db::types::EngineerId;
use db::{Actor, Clock, Conn, Db, Timestamp, Tx};
use diesel::prelude::*;
use jiff::ToSpan;
use serde::{Deserialize, Serialize};

use super::load::{self, ROSTER_DAYS};
use super::new_york::NewYork;
use super::people;
use crate::error::Error;

/// The setting in which the time is kept; with it a database is the demo's.
pub const SETTING: &str = "demo";
/// How often the time is written.
const EVERY: Duration = Duration::from_secs(1);
/// How often the roster is looked at, in such periods.
const ROSTER_EVERY: u32 = 30;

/// The time of the demo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    /// When the demo began.
    pub began_at: Timestamp,
    /// What the clock showed last.
    pub shown_at: Timestamp,
}

/// The time that was kept, if this is the demo's database.
///
/// # Errors
/// A failure of the database.
pub fn times(conn: &mut Conn) -> Result<Option<Times>, Error> {
    let kept: Option<String> =
        settings::table.find(SETTING).select(settings::value).first(conn).optional()?;
    Ok(kept.and_then(|text| serde_json::from_str(&text).ok()))
}

/// Begins to keep the time.
///
/// # Errors
/// A failure of the database.
pub fn begin(tx: &mut Tx<'_>, began_at: Timestamp) -> Result<(), Error> {
    let value = text(Times { began_at, shown_at: began_at })?;
    diesel::insert_into(settings::table)
        .values((settings::name.eq(SETTING), settings::value.eq(value)))
        .execute(tx.conn())?;
    Ok(())
}

/// Keeps what the clock shows.
///
/// # Errors
/// A failure of the database.
pub async fn keep(db: &Db, times: Times) -> Result<(), Error> {
    let value = text(times)?;
    let write = move |tx: &mut Tx<'_>| {
        diesel::update(settings::table.find(SETTING)).set(settings::value.eq(&value)).execute(tx.conn())?;
        Ok::<_, Error>(())
    };
    db.write(Actor::system("demo"), write).await
}

fn text(times: Times) -> Result<String, Error> {
    Ok(serde_json::to_string(&times).map_err(db::Error::from)?)
}

/// Keeps time and roster until it is stopped.
pub async fn run(db: Db, clock: Clock, began_at: Timestamp) {
    let mut timer = tokio::time::interval(EVERY);
    timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    for round in 0_u32.. {
        timer.tick().await;
        let kept = keep(&db, Times { began_at, shown_at: clock.now() }).await;
        let roster = if round.is_multiple_of(ROSTER_EVERY) { extend_roster(&db).await } else { Ok(0) };
        if let Err(error) = kept.and(roster.map(|_| ())) {
            tracing::warn!(%error, "the demo's time was not kept");
        }
    }
}

/// Writes shifts for the days that came into sight since the last time; how many.
///
/// # Errors
/// A failure of the database.
pub async fn extend_roster(db: &Db) -> Result<usize, Error> {
    let write = |tx: &mut Tx<'_>| {
        let clocks = NewYork::default();
        let last: Option<Timestamp> =
            shifts::table.select(diesel::dsl::max(shifts::starts_at)).first(tx.conn())?;
        let today = clocks.local(tx.now()).date();
        let written = last.map_or(today, |last| clocks.local(last).date());
        let until = today.saturating_add((ROSTER_DAYS - 1).days());
        if written >= until {
            return Ok(0);
        }
        let from = written.max(today.yesterday().unwrap_or(today)).saturating_add(1.day());
        let days = i64::from((until - from).get_days()) + 1;
        let known: Vec<(EngineerId, String)> = engineers::table
            .filter(engineers::active.eq(true))
            .select((engineers::id, engineers::code))
            .load(tx.conn())?;
        let mut people = people::engineers();
        people.retain(|engineer| known.iter().any(|(_, code)| *code == engineer.code));
        let known: Vec<_> = people
            .into_iter()
            .filter_map(|e| Some((known.iter().find(|(_, code)| *code == e.code)?.0, e)))
            .collect();
        load::add_shifts(tx, &known, &clocks, from, days)
    };
    db.write(Actor::system("demo"), write).await
}
