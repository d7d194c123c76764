//! Edits of fields: merged against the row as it is and against who wrote what since the phone saw it.

use db::Tx;
use db::schema::tickets;
use db::types::{EngineerId, TicketId, VisitId};
use diesel::prelude::*;
use mobile_sync_wire::merge::{self, FieldClock, Patch};
use mobile_sync_wire::policy::{self, Rule};
use mobile_sync_wire::push::{Mutation, Outcome};
use mobile_sync_wire::{Collection, Fields, TicketStatus};

use crate::clocks::{self, Edited};
use crate::office::{Office, TicketOfRow, Verdict};
use crate::take::Decided;
use crate::{Phone, cards, docs, feed, insert};

/// Writes what of a `patch` may be written.
pub(crate) fn patch<O: Office>(
    tx: &mut Tx<'_>,
    office: &O,
    phone: &Phone,
    m: &Mutation,
    newest: bool,
) -> Result<Decided, O::Error> {
    let Some(table) = docs::table(m.c) else { return Ok(Decided::rejected("unsupported")) };
    let key = (m.c, m.id.clone());
    let Some(row) = docs::load(tx.conn(), [key.clone()])?.remove(&key) else {
        return Ok(Decided::rejected("unknown_row"));
    };
    if !feed::visible(tx.conn(), phone.engineer_id.as_str(), std::slice::from_ref(&key))?.contains(&key) {
        return not_his(tx, phone, m).map_err(O::Error::from);
    }
    let set: Fields = m.set.iter().map(|(name, value)| (name.clone(), clocks::plain(Some(value)))).collect();
    let edited = Edited { collection: m.c, table, id: &m.id, base: m.base.unwrap_or(0), newest };
    let columns: Vec<&str> = policy::entry(m.c).columns.iter().map(|(name, _)| *name).collect();
    let by_clock = set.keys().any(|field| policy::rule(m.c, field) == Rule::Lww);
    let clocks =
        if by_clock { clocks::since(tx.conn(), phone, &edited, &columns)? } else { Default::default() };
    let clock = FieldClock::of_device(phone.device_id.as_str(), m.seq, m.hlc.as_ref(), tx.now().millis());
    let patch = Patch { collection: m.c, base: edited.base, clock: &clock, set: &set };
    let merged = merge::merge(&patch, &row.doc, &clocks);
    if !merged.write.is_empty()
        && let Verdict::Refused(why) = office.write(tx, m.c, &m.id, &merged.write)?
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
    Ok(if m.c == Collection::Tickets { decided.about_id(&m.id) } else { decided })
}

fn code(why: mobile_sync_wire::push::KeptWhy) -> Option<String> {
    serde_json::to_value(why).ok()?.as_str().map(str::to_owned)
}

/// The row is in somebody else's hands, or in nobody's any more: nothing of it is shown.
fn not_his(tx: &mut Tx<'_>, phone: &Phone, m: &Mutation) -> Result<Decided, db::Error> {
    let mut why = "not_yours";
    if m.c == Collection::Tickets
        && let Ok(id) = m.id.parse::<TicketId>()
    {
        let found: Option<(VisitId, String, Option<EngineerId>)> = tickets::table
            .find(id)
            .select((tickets::visit_id, tickets::status, tickets::engineer_id))
            .first(tx.conn())
            .optional()?;
        // How a stranger's ticket ended is not for him to know.
        if let Some((visit_id, status, engineer_id)) = found
            && engineer_id == Some(phone.engineer_id)
            && let Some(status) = TicketStatus::parse(&status)
        {
            why = insert::late(&TicketOfRow { id, visit_id, status, engineer_id }, phone).unwrap_or(why);
        }
        return Ok(Decided::conflict(cards::LATE_WORK, why).about(id));
    }
    Ok(Decided::conflict(cards::LATE_WORK, why))
}
