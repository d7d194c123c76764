//! When the next step of each open ticket is due, and the record of those that were taken. There is one row a ticket
//! that has a step ahead; which is next is the index's to say, so nothing is loaded when a server starts. A step that
//! could not be taken waits in its row, longer each time.

use db::schema::{escalations, sla_timers, users};
use db::types::{EngineerId, EscalationId, TicketId, UserId};
use db::{Conn, Entity, Timestamp, Tx, later_row, prepared};
use diesel::prelude::*;
use diesel::upsert::excluded;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::Role;
use crate::error::Error;

/// After the first failure a step waits so long.
const FIRST_WAIT_MINUTES: i64 = 1;
/// However often it failed, it is tried again after that.
const LONGEST_WAIT_MINUTES: i64 = 60;

/// When a ticket's next step is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Insertable)]
#[diesel(table_name = sla_timers)]
pub struct Timer {
    /// The ticket.
    pub ticket_id: TicketId,
    /// When.
    pub fires_at: Timestamp,
}

later_row!(Timer, sla_timers::table, rank 3);

/// That a ticket's next step was due and could not be taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, ToSchema)]
pub struct FailedStep {
    /// When it is tried again.
    pub tries_at: Timestamp,
    /// How often it was tried.
    pub failures: i64,
    /// Why not, the last time: the code of a problem document.
    pub fault: Option<String>,
}

/// A step that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Queryable, Insertable)]
#[diesel(table_name = escalations)]
pub struct Escalation {
    /// Its id.
    pub id: EscalationId,
    /// The ticket.
    pub ticket_id: TicketId,
    /// `resolution:30:notify_engineer`.
    pub step: String,
    /// When it was to be taken.
    pub due_at: Timestamp,
    /// When it was: later, if no server ran, or in quiet hours.
    pub fired_at: Timestamp,
    /// Who had the ticket.
    pub engineer_id: Option<EngineerId>,
    /// Who got it.
    pub given_to_id: Option<EngineerId>,
    /// So many were told.
    pub told: i64,
}

impl Entity for Escalation {
    const ENTITY: &'static str = "escalations";

    fn row_id(&self) -> String {
        self.id.to_string()
    }

    fn ticket_id(&self) -> Option<String> {
        Some(self.ticket_id.to_string())
    }
}

/// The statement that puts timers where they are to be; those that failed begin anew.
macro_rules! put {
    ($timers:expr) => {
        diesel::insert_into(sla_timers::table)
            .values($timers)
            .on_conflict(sla_timers::ticket_id)
            .do_update()
            .set((
                sla_timers::fires_at.eq(excluded(sla_timers::fires_at)),
                sla_timers::failures.eq(0),
                sla_timers::fault.eq(None::<String>),
            ))
            .returning(sla_timers::ticket_id)
    };
}

/// Says when a ticket's next step is due; none: it has none ahead.
///
/// # Errors
/// A failure of the database.
pub fn set(tx: &mut Tx<'_>, ticket_id: TicketId, fires_at: Option<Timestamp>) -> Result<(), Error> {
    set_all(tx, [(ticket_id, fires_at)])
}

/// The same of many tickets.
///
/// # Errors
/// A failure of the database.
pub fn set_all(
    tx: &mut Tx<'_>,
    steps: impl IntoIterator<Item = (TicketId, Option<Timestamp>)>,
) -> Result<(), Error> {
    let (mut timers, mut none) = (Vec::new(), Vec::new());
    for (ticket_id, fires_at) in steps {
        match fires_at {
            Some(fires_at) => timers.push(Timer { ticket_id, fires_at }),
            None => none.push(ticket_id),
        }
    }
    for ticket_id in none {
        diesel::delete(sla_timers::table.find(ticket_id)).execute(tx.conn())?;
    }
    match tx.conn() {
        Conn::Sqlite(c) => {
            for timer in timers {
                prepared(put!(timer)).get_result::<TicketId>(c)?;
            }
        }
        // One round trip for all of them; the text of one alone stays prepared.
        Conn::Postgres(c) => match timers.as_slice() {
            [] => {}
            [timer] => {
                prepared(put!(*timer)).get_result::<TicketId>(c)?;
            }
            _ => {
                put!(timers).execute(c)?;
            }
        },
    }
    Ok(())
}

/// Minutes until a step that failed so often is tried again: one, then twice as many each time, up to an hour.
fn wait_minutes(failures: i64) -> i64 {
    // 2^6 is beyond the longest wait.
    (FIRST_WAIT_MINUTES << failures.clamp(1, 7).saturating_sub(1)).min(LONGEST_WAIT_MINUTES)
}

/// Puts a timer off that was due by then and whose step could not be taken, so that those behind it are not delayed;
/// how often it failed by now. None if somebody else took it, or put it elsewhere.
///
/// # Errors
/// A failure of the database.
pub fn put_off(
    tx: &mut Tx<'_>,
    ticket_id: TicketId,
    now: Timestamp,
    fault: &str,
) -> Result<Option<FailedStep>, Error> {
    let due = sla_timers::table.find(ticket_id).filter(sla_timers::fires_at.le(now));
    let failed: Option<i64> = due.select(sla_timers::failures).first(tx.conn()).optional()?;
    let Some(failed) = failed else { return Ok(None) };
    let failures = failed + 1;
    let tries_at = now.plus_minutes(wait_minutes(failures));
    let put_off = diesel::update(due.filter(sla_timers::failures.eq(failed))).set((
        sla_timers::fires_at.eq(tries_at),
        sla_timers::failures.eq(failures),
        sla_timers::fault.eq(Some(fault)),
    ));
    let is_ours = put_off.execute(tx.conn())? == 1;
    Ok(is_ours.then(|| FailedStep { tries_at, failures, fault: Some(fault.to_owned()) }))
}

/// That a ticket's next step could not be taken; none if it was not tried, or was taken.
///
/// # Errors
/// A failure of the database.
pub fn failed(conn: &mut Conn, ticket_id: TicketId) -> Result<Option<FailedStep>, Error> {
    let failed = sla_timers::table.find(ticket_id).filter(sla_timers::failures.gt(0));
    let columns = (sla_timers::fires_at, sla_timers::failures, sla_timers::fault);
    Ok(failed.select(columns).first(conn).optional()?)
}

/// Tickets with a step that is due by then, the first first.
///
/// # Errors
/// A failure of the database.
pub fn due(conn: &mut Conn, now: Timestamp, limit: i64) -> Result<Vec<TicketId>, Error> {
    Ok(sla_timers::table
        .filter(sla_timers::fires_at.le(now))
        .order(sla_timers::fires_at)
        .limit(limit)
        .select(sla_timers::ticket_id)
        .load(conn)?)
}

/// Takes a timer that is due by then away: true for one server alone, whoever else has read it.
///
/// # Errors
/// A failure of the database.
pub fn take(tx: &mut Tx<'_>, ticket_id: TicketId, now: Timestamp) -> Result<bool, Error> {
    let due = sla_timers::table.find(ticket_id).filter(sla_timers::fires_at.le(now));
    Ok(diesel::delete(due).execute(tx.conn())? == 1)
}

/// Writes down a step that was taken. The database takes each step of a ticket once.
///
/// # Errors
/// It was taken already, or a failure of the database.
pub fn record(tx: &mut Tx<'_>, escalation: &Escalation) -> Result<(), Error> {
    diesel::insert_into(escalations::table).values(escalation.clone()).execute(tx.conn())?;
    Ok(tx.changed(escalation)?)
}

/// The log-ins of an engineer.
///
/// # Errors
/// A failure of the database.
pub fn users_of(conn: &mut Conn, engineer: EngineerId) -> Result<Vec<UserId>, Error> {
    let his = users::table.filter(users::engineer_id.eq(engineer)).filter(users::active.eq(true));
    Ok(his.order(users::id).select(users::id).load(conn)?)
}

/// Who is told when an engineer is not enough: these, or everybody of the office if there are none.
///
/// # Errors
/// A failure of the database.
pub fn supervisors(conn: &mut Conn, named: &[UserId]) -> Result<Vec<UserId>, Error> {
    let active = users::table.filter(users::active.eq(true)).order(users::id).select(users::id);
    if named.is_empty() {
        let office = [Role::Admin, Role::Dispatcher].map(Role::as_str);
        return Ok(active.filter(users::role.eq_any(office)).load(conn)?);
    }
    Ok(active.filter(users::id.eq_any(named)).load(conn)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_that_fails_waits_a_minute_then_twice_as_long_each_time_up_to_an_hour() {
        let waits: Vec<i64> = (1..=9).map(wait_minutes).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert_eq!(wait_minutes(i64::MAX), 60);
    }
}
