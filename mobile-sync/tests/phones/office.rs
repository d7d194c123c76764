//! The least office: events move tickets by the common table, notes and parts are written down, and a note that says
//! "break" fails after it has written something.

use db::schema::{notes, part_usage, ticket_events, tickets};
use db::{Failure, Tx};
use diesel::prelude::*;
use mobile_sync::{NewRow, Office, Verdict};
use mobile_sync_wire::intents::step;
use mobile_sync_wire::{Collection, EventKind, Fields, TicketStatus};
use serde_json::Value;

use crate::rows::{Event, Note, Ticket, Usage};

pub struct TestOffice;

#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    #[error(transparent)]
    Database(#[from] db::Error),
    #[error("broken")]
    Broken,
}

impl From<diesel::result::Error> for Trouble {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

impl Failure for Trouble {
    fn database(&self) -> Option<&db::Error> {
        match self {
            Self::Database(error) => Some(error),
            Self::Broken => None,
        }
    }
}

fn text(set: &Fields, name: &str) -> String {
    set.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

impl Office for TestOffice {
    type Error = Trouble;

    fn insert(&self, tx: &mut Tx<'_>, row: &NewRow<'_>) -> Result<Verdict, Trouble> {
        match row.collection {
            Collection::TicketEvents => event(tx, row),
            Collection::Notes => note(tx, row),
            Collection::PartUsage => usage(tx, row),
            _ => Ok(Verdict::Refused("unsupported".into())),
        }
    }

    fn write(&self, tx: &mut Tx<'_>, c: Collection, id: &str, fields: &Fields) -> Result<Verdict, Trouble> {
        if c != Collection::Tickets {
            return Ok(Verdict::Refused("unsupported".into()));
        }
        let mut ticket: Ticket = tickets::table.find(id).first(tx.conn())?;
        if fields.contains_key("access_note") {
            ticket.access_note = text(fields, "access_note");
        }
        if fields.contains_key("site_contact") {
            ticket.site_contact = text(fields, "site_contact");
        }
        diesel::update(tickets::table.find(id)).set(&ticket).execute(tx.conn())?;
        tx.changed(&ticket)?;
        Ok(Verdict::Applied)
    }

    fn code(&self, error: &Trouble) -> String {
        error.to_string()
    }
}

fn event(tx: &mut Tx<'_>, row: &NewRow<'_>) -> Result<Verdict, Trouble> {
    let Some(kind) = EventKind::parse(&text(row.set, "kind")) else {
        return Ok(Verdict::Refused("unknown_kind".into()));
    };
    let known: Option<String> =
        ticket_events::table.find(row.id).select(ticket_events::id).first(tx.conn()).optional()?;
    if known.is_some() {
        return Ok(Verdict::Known);
    }
    let his = row.ticket.engineer_id == Some(row.engineer_id);
    let judged = match row.ticket.status {
        TicketStatus::Cancelled => Err("cancelled".to_owned()),
        _ if !his => Err("not_yours".to_owned()),
        status => step(kind, status).map_err(|refusal| refusal.to_string()),
    };
    let event = Event {
        id: row.id.into(),
        ticket_id: row.ticket.id.to_string(),
        visit_id: row.ticket.visit_id.to_string(),
        engineer_id: Some(row.engineer_id.to_string()),
        kind: kind.as_str().into(),
        at: row.at.at,
        received_at: tx.now().millis(),
        dseq: row.dseq,
        reason: text(row.set, "reason"),
        actor: tx.actor().name.clone(),
        device_id: tx.actor().device_id.map(|id| id.to_string()),
        applied: judged.is_ok(),
        time_uncertain: row.at.time_uncertain,
    };
    diesel::insert_into(ticket_events::table).values(&event).execute(tx.conn())?;
    tx.changed(&event)?;
    let next = match judged {
        Err(why) => return Ok(Verdict::NotMoved(why)),
        Ok(step) => step.from(row.ticket.status),
    };
    let mut ticket: Ticket = tickets::table.find(row.ticket.id).first(tx.conn())?;
    ticket.status = next.as_str().into();
    if next == TicketStatus::New {
        ticket.engineer_id = None;
    }
    diesel::update(tickets::table.find(row.ticket.id)).set(&ticket).execute(tx.conn())?;
    tx.changed(&ticket)?;
    Ok(Verdict::Applied)
}

fn note(tx: &mut Tx<'_>, row: &NewRow<'_>) -> Result<Verdict, Trouble> {
    let note = Note {
        id: row.id.into(),
        ticket_id: row.ticket.id.to_string(),
        visit_id: row.ticket.visit_id.to_string(),
        engineer_id: Some(row.engineer_id.to_string()),
        author: tx.actor().name.clone(),
        at: row.at.at,
        text: text(row.set, "text"),
        audience: "team".into(),
        mentions: "[]".into(),
    };
    diesel::insert_into(notes::table).values(&note).execute(tx.conn())?;
    tx.changed(&note)?;
    if note.text == "break" { Err(Trouble::Broken) } else { Ok(Verdict::Applied) }
}

fn usage(tx: &mut Tx<'_>, row: &NewRow<'_>) -> Result<Verdict, Trouble> {
    let usage = Usage {
        id: row.id.into(),
        ticket_id: row.ticket.id.to_string(),
        visit_id: row.ticket.visit_id.to_string(),
        engineer_id: Some(row.engineer_id.to_string()),
        part_id: text(row.set, "part_id"),
        quantity: row.set.get("quantity").and_then(Value::as_i64).unwrap_or(0),
        serial: String::new(),
        outcome: text(row.set, "outcome"),
        at: row.at.at,
    };
    // A part that nobody knows breaks a foreign key: the database's own refusal.
    diesel::insert_into(part_usage::table).values(&usage).execute(tx.conn())?;
    tx.changed(&usage)?;
    Ok(if usage.quantity > 10 { Verdict::AppliedBut("negative_stock") } else { Verdict::Applied })
}
