//! What a phone's mutation does here: what the console's request does, by the same functions. Whatever can be seen to
//! be wrong is refused before anything is written; what fails after that is undone and kept.

use std::sync::Arc;

use actix_web::http::StatusCode;
use db::Tx;
use db::schema::{notes, parts};
use db::types::{AssetId, NoteId, PartId, PartUsageId, SiteId, TicketEventId, TicketId};
use diesel::prelude::*;
use inventory::usage::{self, Usage};
use mobile_sync::{NewRow, NewWork, Office, Verdict};
use mobile_sync_wire::{Collection, Fields};
use serde_json::Value;

use crate::app::App;
use crate::customers;
use crate::error::Error;
use crate::http::Checks;
use crate::schedule::assign::{self, Means};
use crate::sitework;
use crate::sla::Promises;
use crate::tickets::edit::TicketPatch;
use crate::tickets::events::{self, Incoming};
use crate::tickets::notes::{NoteAudience, Noted};
use crate::tickets::write::NewTicket;
use crate::tickets::{self, EventKind, Ticket};

/// The functions that the console calls, for phones.
pub(super) struct Console {
    pub app: Arc<App>,
}

impl Office for Console {
    type Error = Error;

    fn insert(&self, tx: &mut Tx<'_>, row: &NewRow<'_>) -> Result<Verdict, Error> {
        match row.collection {
            Collection::TicketEvents => self.event(tx, row),
            Collection::PartUsage => part_used(tx, row),
            Collection::Notes => note(tx, row),
            // What is none of these is kept in the inbox until this server knows it.
            _ => sitework::take::insert(tx, row),
        }
    }

    fn open(&self, tx: &mut Tx<'_>, work: &NewWork<'_>) -> Result<Verdict, Error> {
        let Ok(id) = work.id.parse::<TicketId>() else { return Ok(refused("bad_id")) };
        if tickets::store::find(tx.conn(), id)?.is_some() {
            return Ok(Verdict::Known);
        }
        let Some(new) = new_ticket(work.set) else { return Ok(refused("bad_ticket")) };
        if new.check(tx.now()).is_err() {
            return Ok(refused("bad_ticket"));
        }
        let ticket = Ticket { id, ..tickets::write::draft(tx, &self.app.board.promises(), &new)? };
        let means = Means { board: &self.app.board, hold_minutes: self.app.config.hold_minutes };
        assign::open(tx, &means, ticket)?;
        Ok(Verdict::Applied)
    }

    fn write(
        &self,
        tx: &mut Tx<'_>,
        collection: Collection,
        id: &str,
        fields: &Fields,
    ) -> Result<Verdict, Error> {
        match collection {
            Collection::Tickets => ticket_fields(tx, &self.app.board.promises(), id, fields),
            Collection::Sites => site_fields(tx, id, fields),
            Collection::Assets => asset_fields(tx, id, fields),
            Collection::ChecklistAnswers => sitework::take::change_answer(tx, id, fields),
            _ => Ok(refused("unsupported")),
        }
    }

    fn code(&self, error: &Error) -> String {
        error.problem().code
    }
}

impl Console {
    fn event(&self, tx: &mut Tx<'_>, row: &NewRow<'_>) -> Result<Verdict, Error> {
        let Ok(id) = row.id.parse::<TicketEventId>() else { return Ok(refused("bad_id")) };
        let kind = row.set.get("kind").and_then(Value::as_str).and_then(EventKind::parse);
        let Some(kind) = kind.filter(|kind| kind.is_engineers()) else { return Ok(refused("unknown_kind")) };
        let Some(reason) = text(row.set, "reason", REASON) else { return Ok(refused("bad_text")) };
        let incoming = Incoming {
            id,
            ticket_id: row.ticket.id,
            engineer_id: Some(row.engineer_id),
            kind,
            at: db::Timestamp::from_millis(row.at.at),
            dseq: row.dseq,
            reason,
            time_uncertain: row.at.time_uncertain,
        };
        let means = Means { board: &self.app.board, hold_minutes: self.app.config.hold_minutes };
        let outcome = events::record(tx, &means, &incoming)?;
        Ok(match outcome.not_applied {
            _ if outcome.repeated => Verdict::Known,
            Some(why) => Verdict::NotMoved(why.code()),
            None => Verdict::Applied,
        })
    }
}

/// What a phone says of a ticket, as the office would have said it; none if a column is of another kind.
fn new_ticket(set: &Fields) -> Option<NewTicket> {
    let said = |name: &str| set.get(name).filter(|value| !value.is_null());
    let number = |name: &str| said(name).map(|value| value.as_i64().ok_or(())).transpose().ok();
    let kind = text(set, "kind", usize::MAX)?;
    let (asset_id, site_id) = match said("asset_id") {
        Some(id) => (Some(id.as_str()?.parse().ok()?), None),
        None => (None, Some(said("site_id")?.as_str()?.parse().ok()?)),
    };
    Some(NewTicket {
        kind: if kind.is_empty() { "repair".to_owned() } else { kind },
        priority: Some(i32::try_from(number("priority")?.unwrap_or(3)).ok()?),
        title: text(set, "title", usize::MAX)?,
        description: text(set, "description", usize::MAX)?,
        asset_id,
        site_id,
        expected_minutes: number("expected_minutes")?,
        earliest_at: number("earliest_at")?.map(db::Timestamp::from_millis),
        ..NewTicket::default()
    })
}

fn refused(why: &str) -> Verdict {
    Verdict::Refused(why.to_owned())
}

/// A text column of a row; `None` where something else stands, or a text that no form would take.
fn text(set: &Fields, name: &str, most: usize) -> Option<String> {
    let text = match set.get(name) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(_) => return None,
    };
    let fits = Checks::new().text(name, &text, most).finish().is_ok();
    fits.then_some(text)
}

/// Longest reason of a step.
const REASON: usize = 2_000;
/// Longest note on how to get in.
const ACCESS_NOTE: usize = 2_000;
/// Longest name of whom to ask.
const CONTACT: usize = 500;

/// Most of a part that one visit uses, in its unit: what is more is a slip of the thumb, and nobody is to count it.
const MOST_UNITS: i64 = 10_000;

fn part_used(tx: &mut Tx<'_>, row: &NewRow<'_>) -> Result<Verdict, Error> {
    let column = |name: &str| row.set.get(name).and_then(Value::as_str);
    let Ok(id) = row.id.parse::<PartUsageId>() else { return Ok(refused("bad_id")) };
    let Some(part_id) = column("part_id").and_then(|id| id.parse::<PartId>().ok()) else {
        return Ok(refused("unknown_part"));
    };
    let known: Option<i32> =
        parts::table.find(part_id).select(parts::decimals).first(tx.conn()).optional()?;
    let Some(decimals) = known else { return Ok(refused("unknown_part")) };
    let Some(outcome) = column("outcome").and_then(|text| text.parse().ok()) else {
        return Ok(refused("unknown_outcome"));
    };
    let most = MOST_UNITS * 10_i64.pow(decimals.clamp(0, 6).unsigned_abs());
    let Some(quantity) = row.set.get("quantity").and_then(Value::as_i64).filter(|said| *said <= most) else {
        return Ok(refused("bad_quantity"));
    };
    let (Some(serial), Some(lot), Some(removed_serial)) =
        (text(row.set, "serial", 100), text(row.set, "lot", 100), text(row.set, "removed_serial", 100))
    else {
        return Ok(refused("bad_text"));
    };
    // Phones of the first schema, and people in a hurry, say a lot's number where a piece's belongs.
    let serial = if lot.is_empty() { serial } else { lot };
    let said = Usage {
        id,
        ticket_id: row.ticket.id,
        visit_id: row.ticket.visit_id,
        engineer_id: row.engineer_id,
        part_id,
        quantity,
        serial,
        outcome,
        removed_serial,
        at: db::Timestamp::from_millis(row.at.at),
    };
    match usage::use_part(tx, said) {
        // Both are found before anything is written.
        Err(inventory::Error::Invalid { .. }) => Ok(refused("bad_quantity")),
        Err(inventory::Error::NoVan { .. }) => Ok(refused("no_van")),
        Err(error) => Err(error.into()),
        Ok(done) if done.repeated => Ok(Verdict::Known),
        Ok(done) => Ok(done.doubt.map_or(Verdict::Applied, |doubt| Verdict::AppliedBut(doubt.as_str()))),
    }
}

fn note(tx: &mut Tx<'_>, row: &NewRow<'_>) -> Result<Verdict, Error> {
    let Ok(id) = row.id.parse::<NoteId>() else { return Ok(refused("bad_id")) };
    let Some(text) = text(row.set, "text", tickets::notes::LONGEST).filter(|text| !text.trim().is_empty())
    else {
        return Ok(refused("bad_text"));
    };
    let known: Option<NoteId> = notes::table.find(id).select(notes::id).first(tx.conn()).optional()?;
    if known.is_some() {
        return Ok(Verdict::Known);
    }
    let at = db::Timestamp::from_millis(row.at.at);
    let (ticket_id, engineer_id) = (row.ticket.id, Some(row.engineer_id));
    // What an engineer writes is for the team.
    let audience = NoteAudience::Team;
    let noted = Noted { id, ticket_id, engineer_id, at, text, audience, mentions: Vec::new() };
    tickets::notes::add(tx, noted)?;
    Ok(Verdict::Applied)
}

fn ticket_fields(tx: &mut Tx<'_>, promises: &Promises, id: &str, fields: &Fields) -> Result<Verdict, Error> {
    let Ok(id) = id.parse::<TicketId>() else { return Ok(refused("bad_id")) };
    let column = |name: &str| match fields.get(name) {
        None => Some(None),
        Some(_) => text(fields, name, usize::MAX).map(Some),
    };
    let (Some(access_note), Some(site_contact)) = (column("access_note"), column("site_contact")) else {
        return Ok(refused("bad_text"));
    };
    let ticket = tickets::store::hold(tx, id)?;
    let patch = TicketPatch { access_note, site_contact, ..TicketPatch::default() };
    match tickets::edit::patch(tx, promises, ticket, &patch) {
        // Found before anything is written.
        Err(Error::Problem(problem)) if problem.status == StatusCode::UNPROCESSABLE_ENTITY.as_u16() => {
            Ok(refused("bad_text"))
        }
        Err(error) => Err(error),
        Ok(_) => Ok(Verdict::Applied),
    }
}

fn site_fields(tx: &mut Tx<'_>, id: &str, fields: &Fields) -> Result<Verdict, Error> {
    let Ok(id) = id.parse::<SiteId>() else { return Ok(refused("bad_id")) };
    let mut site = customers::store::site(tx.conn(), id)?;
    for (name, value) in [("access_note", &mut site.access_note), ("contact", &mut site.contact)] {
        if fields.contains_key(name) {
            let most = if name == "contact" { CONTACT } else { ACCESS_NOTE };
            let Some(text) = text(fields, name, most) else { return Ok(refused("bad_text")) };
            *value = text;
        }
    }
    customers::store::update_site(tx, &site)?;
    Ok(Verdict::Applied)
}

fn asset_fields(tx: &mut Tx<'_>, id: &str, fields: &Fields) -> Result<Verdict, Error> {
    let Ok(id) = id.parse::<AssetId>() else { return Ok(refused("bad_id")) };
    let mut asset = customers::store::asset(tx.conn(), id)?;
    for name in fields.keys() {
        let value = match name.as_str() {
            "description" => &mut asset.description,
            "manufacturer" => &mut asset.manufacturer,
            "model" => &mut asset.model,
            // Readings of meters have no column yet.
            _ => return Ok(refused("unsupported")),
        };
        let Some(text) = text(fields, name, usize::MAX) else { return Ok(refused("bad_text")) };
        *value = text;
    }
    let mut checks = Checks::new();
    asset.check(&mut checks);
    if checks.finish().is_err() {
        return Ok(refused("bad_text"));
    }
    customers::store::update_asset(tx, &asset)?;
    Ok(Verdict::Applied)
}
