//! What is not ready: a part is missing, nobody who could do it is there, or he who has it has not said that he comes.

use std::collections::HashMap;

use db::schema::{assignments, parts};
use db::types::{EngineerId, PartId, TicketId};
use db::{Conn, Timestamp};
use diesel::prelude::*;
use inventory::levels;
use inventory::reservations::wanted;
use serde::Serialize;
use utoipa::ToSchema;

use super::risks::Plan;
use super::{Fix, Named};
use crate::error::Error;
use crate::tickets::{QueueReason, TicketStatus};

/// Whoever has had a ticket for longer than this, in minutes, and not said a word, may not have seen it.
const PATIENCE: i64 = 15;

/// What is lacking.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[schema(as = ShiftLack)]
pub enum Lack {
    /// A part that nobody has.
    Part {
        /// Which.
        part_id: PartId,
        /// Its number.
        number: String,
        /// Its name in English.
        name: String,
        /// The same in Chinese; empty if nobody gave one.
        name_zh: String,
        /// When what is on order is expected, `YYYY-MM-DD`; absent if nothing is.
        expected_on: Option<String>,
        /// So much is on order.
        on_order: i64,
    },
    /// Nobody may take it: so many break these rules.
    Anybody {
        /// The rules.
        reasons: Vec<QueueReason>,
    },
    /// The engineer has not accepted it.
    Answer {
        /// Since when he has it.
        asked_at: Timestamp,
    },
}

/// A ticket that is not ready.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ShiftUnready)]
pub struct Unready {
    /// Which.
    #[serde(flatten)]
    pub ticket: Named,
    /// Who has it.
    pub engineer_id: Option<EngineerId>,
    /// When it is due.
    pub due_at: Timestamp,
    /// What is lacking.
    pub lack: Lack,
    /// What mends it.
    pub fix: Fix,
}

/// All that is not ready, the most urgent first; of what somebody has not answered, what begins before `until`.
pub fn find(conn: &mut Conn, plan: &Plan, until: Timestamp) -> Result<Vec<Unready>, Error> {
    let mut found: HashMap<TicketId, Lack> = HashMap::new();
    found.extend(unanswered(conn, plan, until)?);
    found.extend(nobody(plan));
    found.extend(without_parts(conn)?);
    let mut rows: Vec<Unready> = found
        .into_iter()
        .filter_map(|(id, lack)| {
            let ticket = plan.tickets.get(&id)?;
            Some(Unready {
                ticket: Named::of(ticket),
                engineer_id: ticket.engineer_id,
                due_at: ticket.due_at,
                lack,
                fix: Fix::Look,
            })
        })
        .collect();
    rows.sort_by_key(|one| (one.due_at, one.ticket.number));
    Ok(rows)
}

type PartName = (PartId, String, String, String);

fn without_parts(conn: &mut Conn) -> Result<Vec<(TicketId, Lack)>, Error> {
    let waiting = wanted::waiting(conn, None)?;
    if waiting.is_empty() {
        return Ok(Vec::new());
    }
    let mut ids: Vec<PartId> = waiting.iter().map(|one| one.part_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let names: Vec<PartName> = parts::table
        .filter(parts::id.eq_any(ids))
        .select((parts::id, parts::number, parts::name, parts::name_zh))
        .load(conn)?;
    let names: HashMap<PartId, PartName> = names.into_iter().map(|name| (name.0, name)).collect();
    let coming = levels::on_order(conn)?;
    let lack = |part_id: PartId| {
        let (_, number, name, name_zh) = names.get(&part_id)?.clone();
        let order = coming.get(&part_id);
        let expected_on = order.and_then(|order| order.expected_on.clone());
        let on_order = order.map_or(0, |order| order.quantity);
        Some(Lack::Part { part_id, number, name, name_zh, expected_on, on_order })
    };
    Ok(waiting.iter().filter_map(|one| Some((one.ticket_id, lack(one.part_id)?))).collect())
}

/// What waits because a rule excludes everybody.
fn nobody(plan: &Plan) -> impl Iterator<Item = (TicketId, Lack)> {
    let waits = plan.tickets.values().filter(|ticket| ticket.status == TicketStatus::New);
    waits.filter(|ticket| !ticket.queue_reasons.0.is_empty()).map(|ticket| {
        let reasons = ticket.queue_reasons.0.clone();
        (ticket.id, Lack::Anybody { reasons })
    })
}

fn unanswered(conn: &mut Conn, plan: &Plan, until: Timestamp) -> Result<Vec<(TicketId, Lack)>, Error> {
    let begins = |id: &TicketId| plan.stops.get(id).is_some_and(|stop| stop.starts_at <= until);
    let silent = plan.tickets.values().filter(|ticket| ticket.status == TicketStatus::Assigned);
    let silent: Vec<TicketId> = silent.map(|ticket| ticket.id).filter(begins).collect();
    let mut found = Vec::new();
    for some in silent.chunks(500) {
        let rows: Vec<(TicketId, Timestamp)> = assignments::table
            .filter(assignments::ticket_id.eq_any(some))
            .filter(assignments::ended_at.is_null())
            .filter(assignments::assigned_at.lt(plan.now.plus_minutes(-PATIENCE)))
            .select((assignments::ticket_id, assignments::assigned_at))
            .load(conn)?;
        found.extend(rows.into_iter().map(|(id, asked_at)| (id, Lack::Answer { asked_at })));
    }
    Ok(found)
}
