//! Edits of fields: merged against the row as it is and against who wrote what since the phone saw it.

use std::collections::BTreeMap;

use db::Tx;
use mobile_sync_wire::merge::{self, FieldClock, Patch};
use mobile_sync_wire::policy::{self, Rule};
use mobile_sync_wire::push::{Mutation, Outcome};
use mobile_sync_wire::{Collection, Fields};
use serde_json::Value;

use crate::clocks::{self, Edited};
use crate::office::{Office, Verdict};
use crate::take::Decided;
use crate::{Phone, cards, docs, epochs, feed};

/// Writes what of a `patch` may be written.
pub(crate) fn patch<O: Office>(
    tx: &mut Tx<'_>,
    office: &O,
    phone: &Phone,
    m: &Mutation,
    newest: bool,
) -> Result<Decided, O::Error> {
    let Some(table) = docs::table(m.c) else { return Ok(Decided::rejected("unsupported")) };
    let ids = std::slice::from_ref(&m.id);
    let Some((_, current)) = docs::of_collection(tx.conn(), m.c, ids)?.pop() else {
        return Ok(Decided::rejected("unknown_row"));
    };
    if !is_his(tx, phone, m, &current)? {
        return Ok(not_his(phone, m, &current));
    }
    let decided = merged(tx, office, phone, m, newest, (table, &m.id, &current))?;
    Ok(if m.c == Collection::Tickets { decided.about_id(&m.id) } else { decided })
}

/// A second answer to one question of a visit is an edit of the first, by somebody who had not seen it.
pub(crate) fn answer_again<O: Office>(
    tx: &mut Tx<'_>,
    office: &O,
    phone: &Phone,
    m: &Mutation,
    known: String,
    newest: bool,
) -> Result<Decided, O::Error> {
    let Some(table) = docs::table(m.c) else { return Ok(Decided::rejected("unsupported")) };
    let Some((_, current)) = docs::of_collection(tx.conn(), m.c, std::slice::from_ref(&known))?.pop() else {
        return Ok(Decided::rejected("unknown_row"));
    };
    let mut edit = m.clone();
    edit.base = Some(0);
    edit.set.retain(|name, _| policy::rule(m.c, name) == Rule::Lww);
    let decided = merged(tx, office, phone, &edit, newest, (table, &known, &current))?;
    // As sent it was not: the row has another id, or was there before.
    Ok(match decided.result {
        Outcome::Applied => Decided { result: Outcome::Merged, ..decided },
        _ => decided,
    })
}

/// Merges an edit into a row: its table, its id, and how it is.
fn merged<O: Office>(
    tx: &mut Tx<'_>,
    office: &O,
    phone: &Phone,
    m: &Mutation,
    newest: bool,
    (table, id, current): (&str, &str, &Fields),
) -> Result<Decided, O::Error> {
    let set: Fields = m.set.iter().map(|(name, value)| (name.clone(), clocks::plain(Some(value)))).collect();
    let base = epochs::seen(tx.conn(), m.base.unwrap_or(0))?;
    let edited = Edited { collection: m.c, table, id, base, newest };
    let by_clock: Vec<&str> =
        set.keys().map(String::as_str).filter(|field| policy::rule(m.c, field) == Rule::Lww).collect();
    let clock = FieldClock::of_device(phone.device_id.as_str(), m.seq, m.hlc.as_ref(), tx.now().millis());
    let clocks = match by_clock.is_empty() {
        true => BTreeMap::new(),
        false => clocks::since(tx, phone, &edited, &clock, &by_clock)?,
    };
    let patch = Patch { collection: m.c, base: edited.base, clock: &clock, set: &set };
    let merged = merge::merge(&patch, current, &clocks);
    if !merged.write.is_empty()
        && let Verdict::Refused(why) = office.write(tx, m.c, id, &merged.write)?
    {
        return Ok(Decided::rejected(why));
    }
    let why = match merged.result {
        Outcome::Conflict => merged.kept.values().next().map(|kept| kept.why),
        _ => None,
    };
    let mut decided = Decided { result: merged.result, ..Decided::applied() };
    decided.why = why.and_then(code).unwrap_or_default();
    decided.card = merged.card.then_some(cards::FIELDS);
    decided.kept = merged.kept;
    Ok(decided)
}

fn code(why: mobile_sync_wire::push::KeptWhy) -> Option<String> {
    serde_json::to_value(why).ok()?.as_str().map(str::to_owned)
}

/// Whether his phones hold it. Of a ticket the row itself tells.
fn is_his(tx: &mut Tx<'_>, phone: &Phone, m: &Mutation, current: &Fields) -> Result<bool, db::Error> {
    if m.c == Collection::Tickets {
        return Ok(held_by(phone, current) && !ended(current));
    }
    let key = (m.c, m.id.clone());
    Ok(feed::visible(tx.conn(), phone.engineer_id.as_str(), std::slice::from_ref(&key))?.contains(&key))
}

fn held_by(phone: &Phone, ticket: &Fields) -> bool {
    ticket.get("engineer_id").and_then(Value::as_str) == Some(phone.engineer_id.as_str())
}

fn ended(ticket: &Fields) -> bool {
    matches!(ticket.get("status").and_then(Value::as_str), Some("closed" | "cancelled"))
}

/// The row is in somebody else's hands, or in nobody's any more: nothing of it is shown.
fn not_his(phone: &Phone, m: &Mutation, current: &Fields) -> Decided {
    if m.c != Collection::Tickets {
        return Decided::conflict(cards::LATE_WORK, "not_yours");
    }
    // How a stranger's ticket ended is not for him to know.
    let status = current.get("status").and_then(Value::as_str).filter(|_| held_by(phone, current));
    Decided::conflict(cards::LATE_WORK, status.unwrap_or("not_yours")).about_id(&m.id)
}
