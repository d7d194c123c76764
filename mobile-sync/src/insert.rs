//! Rows that phones make: events, parts used, notes. What an engineer did was done, so the row is written also on a
//! ticket that was taken from him meanwhile; the office gets a card then.

use db::Tx;
use db::schema::tickets;
use db::types::{EngineerId, TicketId, VisitId};
use diesel::prelude::*;
use mobile_sync_wire::event_time::{EventTime, Stamp, corrected};
use mobile_sync_wire::push::Mutation;
use mobile_sync_wire::{Collection, TicketStatus, policy};
use serde_json::Value;

use crate::office::{NewRow, Office, TicketOfRow, Verdict};
use crate::take::Decided;
use crate::{Phone, cards};

/// Writes the row of an `insert` or `intent`.
pub(crate) fn insert<O: Office>(
    tx: &mut Tx<'_>,
    office: &O,
    phone: &Phone,
    sent: Option<&Stamp>,
    m: &Mutation,
) -> Result<Decided, O::Error> {
    if !policy::takes_inserts(m.c) {
        return Ok(Decided::rejected("not_insertable"));
    }
    let column = |name: &str| m.set.get(name).and_then(Value::as_str);
    if column("engineer_id").is_some_and(|id| id != phone.engineer_id.as_str()) {
        return Ok(Decided::rejected("wrong_engineer"));
    }
    let Some(ticket) = column("ticket_id").map(|id| ticket(tx, id)).transpose()?.flatten() else {
        return Ok(Decided::rejected("unknown_ticket"));
    };
    let row = NewRow {
        collection: m.c,
        id: &m.id,
        ticket: &ticket,
        engineer_id: phone.engineer_id,
        at: happened(m, sent, tx.now().millis()),
        dseq: m.set.get("dseq").and_then(Value::as_i64).or(m.seq).unwrap_or(0),
        set: &m.set,
    };
    let verdict = office.insert(tx, &row)?;
    let decided = match verdict {
        Verdict::Refused(why) => Decided::rejected(why),
        // A repeat under another name: the phone is shown what there is.
        Verdict::Known => Decided::merged(),
        Verdict::NotMoved(why) => Decided::conflict(kind_of(&why), why),
        // A claimed ticket is his only now.
        Verdict::Applied if m.c == Collection::TicketEvents => Decided::applied(),
        Verdict::Applied => on_time(&ticket, phone),
        Verdict::AppliedBut(kind) => on_time(&ticket, phone).with_doubt(Some(kind)),
    };
    Ok(decided.about(ticket.id))
}

fn ticket(tx: &mut Tx<'_>, id: &str) -> Result<Option<TicketOfRow>, db::Error> {
    let Ok(id) = id.parse::<TicketId>() else { return Ok(None) };
    let found: Option<(VisitId, String, Option<EngineerId>)> = tickets::table
        .find(id)
        .select((tickets::visit_id, tickets::status, tickets::engineer_id))
        .first(tx.conn())
        .optional()?;
    Ok(found.and_then(|(visit_id, status, engineer_id)| {
        Some(TicketOfRow { id, visit_id, status: TicketStatus::parse(&status)?, engineer_id })
    }))
}

/// Taken as it came, with a card if the ticket is not the engineer's work any more.
fn on_time(ticket: &TicketOfRow, phone: &Phone) -> Decided {
    late(ticket, phone).map_or_else(Decided::applied, |why| Decided::conflict(cards::LATE_WORK, why))
}

/// Why the ticket is not the engineer's work any more.
fn late(ticket: &TicketOfRow, phone: &Phone) -> Option<&'static str> {
    match ticket.status {
        TicketStatus::Cancelled => Some("cancelled"),
        TicketStatus::Closed => Some("closed"),
        _ if ticket.engineer_id != Some(phone.engineer_id) => Some("not_yours"),
        _ => None,
    }
}

fn kind_of(why: &str) -> &'static str {
    match why {
        "cancelled" | "closed" | "not_yours" | "not_assigned" | "already_taken" => cards::LATE_WORK,
        _ => cards::STEP,
    }
}

/// When it was done: by the device's clocks if it sent them, else by what the row says.
fn happened(m: &Mutation, sent: Option<&Stamp>, now: i64) -> EventTime {
    if let Some(stamp) = m.stamp() {
        return corrected(&stamp, sent, now);
    }
    let at = m.set.get("at").and_then(Value::as_i64).or(m.wall).unwrap_or(now);
    EventTime { at: at.clamp(0, now), time_uncertain: true }
}
