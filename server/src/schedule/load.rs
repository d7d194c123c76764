//! The work that each engineer has in hand, kept beside the tickets in the same transaction: the guard against
//! overbooking is one statement on one row. Also what he took for like faults so far.

use std::collections::HashMap;

use db::schema::{engineer_loads, engineers, repair_times, ticket_events, tickets};
use db::types::{EngineerId, TicketId};
use db::{Conn, Timestamp, Tx, each_backend, padded, prepared};
use diesel::prelude::*;
use dispatch::Load;
use uuid::Uuid;

use crate::error::Error;
use crate::tickets::{Ticket, TicketStatus};

/// Whether a ticket in this state is work in hand.
pub fn counts(status: TicketStatus) -> bool {
    use TicketStatus as S;
    matches!(status, S::Assigned | S::Accepted | S::Travelling | S::OnSite | S::Working | S::Waiting)
}

/// Takes a ticket into hand if that keeps to the engineer's limit; false if it would not, or if he is not active:
/// memory may not have heard yet that he left.
///
/// # Errors
/// A failure of the database.
pub fn take_within_limit(tx: &mut Tx<'_>, engineer: EngineerId, minutes: i64) -> Result<bool, Error> {
    let limit = engineers::table
        .find(engineer)
        .filter(engineers::active.eq(true))
        .select(engineers::max_load_minutes)
        .single_value();
    let taking = diesel::update(engineer_loads::table.find(engineer))
        .filter((engineer_loads::minutes + minutes).nullable().le(limit))
        .set((
            engineer_loads::tickets.eq(engineer_loads::tickets + 1),
            engineer_loads::minutes.eq(engineer_loads::minutes + minutes),
        ))
        .returning(engineer_loads::engineer_id);
    let taken: Option<EngineerId> = prepared(taking).get_result(tx.conn_beside()).optional()?;
    Ok(taken.is_some())
}

/// Takes a ticket into hand, whatever the limit: what he claims, or what is reopened, is his.
///
/// # Errors
/// A failure of the database.
pub fn take(tx: &mut Tx<'_>, engineer: EngineerId, minutes: i64) -> Result<(), Error> {
    change(tx, engineer, 1, minutes)
}

/// Gives a ticket out of hand.
///
/// # Errors
/// A failure of the database.
pub fn give_back(tx: &mut Tx<'_>, engineer: EngineerId, minutes: i64) -> Result<(), Error> {
    change(tx, engineer, -1, -minutes)
}

/// The expected minutes of a ticket in hand changed by so many.
///
/// # Errors
/// A failure of the database.
pub fn correct(tx: &mut Tx<'_>, engineer: EngineerId, by_minutes: i64) -> Result<(), Error> {
    change(tx, engineer, 0, by_minutes)
}

fn change(tx: &mut Tx<'_>, engineer: EngineerId, by_tickets: i64, by_minutes: i64) -> Result<(), Error> {
    diesel::update(engineer_loads::table.find(engineer))
        .set((
            engineer_loads::tickets.eq(engineer_loads::tickets + by_tickets),
            engineer_loads::minutes.eq(engineer_loads::minutes + by_minutes),
        ))
        .execute(tx.conn())?;
    Ok(())
}

/// An engineer begins with nothing in hand.
///
/// # Errors
/// A failure of the database.
pub fn begin(tx: &mut Tx<'_>, engineer: EngineerId) -> Result<(), Error> {
    diesel::insert_into(engineer_loads::table)
        .values((
            engineer_loads::engineer_id.eq(engineer),
            engineer_loads::tickets.eq(0),
            engineer_loads::minutes.eq(0),
        ))
        .execute(tx.conn())?;
    Ok(())
}

type Row = (EngineerId, i64, i64);

fn to_load((id, tickets, minutes): Row) -> (Uuid, Load) {
    let small = |n: i64| u32::try_from(n).unwrap_or(u32::MAX);
    (id.uuid(), Load { tickets: small(tickets), minutes: small(minutes) })
}

/// The loads of these engineers.
///
/// # Errors
/// A failure of the database.
pub fn of(conn: &mut Conn, engineers: &[EngineerId]) -> Result<HashMap<Uuid, Load>, Error> {
    let columns = (engineer_loads::engineer_id, engineer_loads::tickets, engineer_loads::minutes);
    let of_these = engineer_loads::table.filter(engineer_loads::engineer_id.eq_any(padded(engineers)));
    // For each database by itself: PostgreSQL then gets one array.
    let rows: Vec<Row> = each_backend!(conn, |c| prepared(of_these.select(columns)).load(c))?;
    Ok(rows.into_iter().map(to_load).collect())
}

/// Everybody's loads.
///
/// # Errors
/// A failure of the database.
pub fn all(conn: &mut Conn) -> Result<HashMap<Uuid, Load>, Error> {
    let rows: Vec<Row> = engineer_loads::table
        .select((engineer_loads::engineer_id, engineer_loads::tickets, engineer_loads::minutes))
        .load(conn)?;
    Ok(rows.into_iter().map(to_load).collect())
}

/// Every ticket in hand, with the instant since when its engineer is at it, if he is.
///
/// # Errors
/// A failure of the database.
pub fn in_hand(conn: &mut Conn) -> Result<Vec<(Ticket, Timestamp)>, Error> {
    use TicketStatus as S;
    let in_hand = [S::Assigned, S::Accepted, S::Travelling, S::OnSite, S::Working, S::Waiting];
    let tickets: Vec<Ticket> = tickets::table
        .filter(tickets::status.eq_any(in_hand.map(S::as_str)))
        .filter(tickets::engineer_id.is_not_null())
        .load(conn)?;
    let begun: HashMap<TicketId, Timestamp> = ticket_events::table
        .inner_join(tickets::table.on(tickets::id.eq(ticket_events::ticket_id)))
        .filter(tickets::status.eq_any([S::OnSite, S::Working].map(S::as_str)))
        .filter(ticket_events::kind.eq_any(["arrive", "start"]))
        .order(ticket_events::at)
        .select((ticket_events::ticket_id, ticket_events::at))
        .load(conn)?
        .into_iter()
        .collect();
    let since = |ticket: &Ticket| begun.get(&ticket.id).copied().unwrap_or(ticket.created_at);
    Ok(tickets.into_iter().map(|ticket| (since(&ticket), ticket)).map(|(at, ticket)| (ticket, at)).collect())
}

/// The fault by which past speed is compared: the symptom where there is one, else the kind.
pub fn fault(ticket: &Ticket) -> &str {
    if ticket.symptom.is_empty() { &ticket.kind } else { &ticket.symptom }
}

/// Longest repair that says something about speed; beyond, somebody forgot to press the button.
const LONGEST_REPAIR: i64 = 24 * 60;

/// Remembers how long this repair took, from the last start to the completion.
///
/// # Errors
/// A failure of the database.
pub fn learn_speed(tx: &mut Tx<'_>, engineer: EngineerId, ticket: &Ticket) -> Result<(), Error> {
    let began: Option<Timestamp> = ticket_events::table
        .filter(ticket_events::ticket_id.eq(ticket.id))
        .filter(ticket_events::engineer_id.eq(engineer))
        .filter(ticket_events::kind.eq("start"))
        .select(diesel::dsl::max(ticket_events::at))
        .first(tx.conn())?;
    let (Some(began), Some(done)) = (began, ticket.completed_at) else { return Ok(()) };
    let minutes = (done.millis() - began.millis()) / db::types::MINUTE_MS;
    if !(1..=LONGEST_REPAIR).contains(&minutes) {
        return Ok(());
    }
    let row = repair_times::table.find((engineer, fault(ticket)));
    let known = diesel::update(row)
        .set((
            repair_times::repairs.eq(repair_times::repairs + 1),
            repair_times::minutes.eq(repair_times::minutes + minutes),
            repair_times::expected_minutes.eq(repair_times::expected_minutes + ticket.expected_minutes),
        ))
        .execute(tx.conn())?;
    if known == 0 {
        diesel::insert_into(repair_times::table)
            .values((
                repair_times::engineer_id.eq(engineer),
                repair_times::fault.eq(fault(ticket)),
                repair_times::repairs.eq(1),
                repair_times::minutes.eq(minutes),
                repair_times::expected_minutes.eq(ticket.expected_minutes),
            ))
            .execute(tx.conn())?;
    }
    Ok(())
}

/// Engineers whose load is not what their open tickets sum to: for `fettle verify`.
///
/// # Errors
/// A failure of the database.
pub fn verify(conn: &mut Conn) -> Result<Vec<(EngineerId, Load, Load)>, Error> {
    let open: Vec<(Option<EngineerId>, String, i64)> = tickets::table
        .filter(tickets::engineer_id.is_not_null())
        .select((tickets::engineer_id, tickets::status, tickets::expected_minutes))
        .load(conn)?;
    let mut sums: HashMap<Uuid, Load> = HashMap::new();
    for (engineer, status, minutes) in open {
        let in_hand = TicketStatus::parse(&status).is_some_and(counts);
        if let (Some(engineer), true) = (engineer, in_hand) {
            let sum = sums.entry(engineer.uuid()).or_default();
            sum.tickets += 1;
            sum.minutes += u32::try_from(minutes).unwrap_or(0);
        }
    }
    let kept = all(conn)?;
    let differs =
        |id: &Uuid| kept.get(id).copied().unwrap_or_default() != sums.get(id).copied().unwrap_or_default();
    let ids: std::collections::BTreeSet<Uuid> = kept.keys().chain(sums.keys()).copied().collect();
    Ok(ids
        .into_iter()
        .filter(differs)
        .map(|id| {
            let of = |map: &HashMap<Uuid, Load>| map.get(&id).copied().unwrap_or_default();
            (EngineerId::from_uuid(id), of(&kept), of(&sums))
        })
        .collect())
}
