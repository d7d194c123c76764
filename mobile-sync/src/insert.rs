//! Rows that phones make: events, parts used, notes. What an engineer did was done, so the row is written also on a
//! ticket that was taken from him meanwhile; the office gets a card then.

use db::Tx;
use db::schema::{checklist_answers, tickets};
use db::types::{EngineerId, TicketId, VisitId};
use diesel::prelude::*;
use mobile_sync_wire::event_time::{EventTime, Stamp, corrected};
use mobile_sync_wire::push::Mutation;
use mobile_sync_wire::{Collection, TicketStatus, policy};
use serde_json::Value;

use crate::office::{NewRow, NewWork, Office, TicketOfRow, Verdict};
use crate::take::Decided;
use crate::{Phone, cards, feed, patch};

/// Writes the row of an `insert` or `intent`.
pub(crate) fn insert<O: Office>(
    tx: &mut Tx<'_>,
    office: &O,
    phone: &Phone,
    sent: Option<&Stamp>,
    m: &Mutation,
    newest: bool,
) -> Result<Decided, O::Error> {
    if !policy::takes_inserts(m.c) {
        return Ok(Decided::rejected("not_insertable"));
    }
    let column = |name: &str| m.set.get(name).and_then(Value::as_str);
    if column("engineer_id").is_some_and(|id| id != phone.engineer_id.as_str()) {
        return Ok(Decided::rejected("wrong_engineer"));
    }
    if m.c == Collection::Tickets {
        return open(tx, office, phone, m);
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
    if m.c == Collection::ChecklistAnswers
        && late(&ticket, phone).is_none()
        && let Some(known) = answered(tx, &row)?
    {
        return Ok(patch::answer_again(tx, office, phone, m, known, newest)?.about(ticket.id));
    }
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

/// A ticket made on site: at a place that the phone holds, and told of again, for it may be somebody else's at once.
fn open<O: Office>(tx: &mut Tx<'_>, office: &O, phone: &Phone, m: &Mutation) -> Result<Decided, O::Error> {
    let place = |collection, name: &str| {
        let id = m.set.get(name).and_then(Value::as_str)?;
        Some((collection, id.to_owned()))
    };
    let place = place(Collection::Assets, "asset_id").or_else(|| place(Collection::Sites, "site_id"));
    let held = match place {
        Some(key) => !feed::visible(tx.conn(), phone.engineer_id.as_str(), &[key])?.is_empty(),
        None => false,
    };
    if !held {
        return Ok(Decided::rejected("unknown_site"));
    }
    let work = NewWork { id: &m.id, engineer_id: phone.engineer_id, set: &m.set };
    Ok(match office.open(tx, &work)? {
        Verdict::Applied | Verdict::AppliedBut(_) => Decided::applied().told_again(),
        Verdict::Known => Decided::merged(),
        Verdict::NotMoved(why) | Verdict::Refused(why) => Decided::rejected(why),
    })
}

/// The answer that this visit has to the question already, whoever gave it.
fn answered(tx: &mut Tx<'_>, row: &NewRow<'_>) -> Result<Option<String>, db::Error> {
    let Some(question) = row.set.get("question_id").and_then(Value::as_str) else { return Ok(None) };
    Ok(checklist_answers::table
        .filter(checklist_answers::visit_id.eq(row.ticket.visit_id))
        .filter(checklist_answers::question_id.eq(question))
        .select(checklist_answers::id)
        .first(tx.conn())
        .optional()?)
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
