//! Editing a ticket: what people put right. The rest follows from events and assignments.

use db::types::{Json, PartId};
use db::{Timestamp, Tx};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::write::{DESCRIPTION, LONGEST, MOST_NEEDS, check_parts, window};
use super::{PartNeed, Ticket, TicketStatus, store};
use crate::error::{Error, Problem};
use crate::http::Checks;
use crate::schedule::load;
use crate::sla::{Promises, recompute};
use crate::templates::{Answers, answers};

/// What of a ticket can be edited; the rest follows from events and assignments.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TicketPatch {
    /// 1 urgent to 4 low; moves the due times, counted from the opening with all pauses.
    pub priority: Option<i32>,
    /// In one line.
    pub title: Option<String>,
    /// In full.
    pub description: Option<String>,
    /// How to get in.
    pub access_note: Option<String>,
    /// Whom to ask.
    pub site_contact: Option<String>,
    /// Minutes of work on site.
    pub expected_minutes: Option<i64>,
    /// Not to be begun before.
    pub earliest_at: Option<Timestamp>,
    /// Not to be begun after; `null`: no such limit.
    #[serde(
        default,
        deserialize_with = "crate::http::body::present",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<Timestamp>)]
    pub latest_at: Option<Option<Timestamp>>,
    /// Whether the server assigns it by itself while nobody has it.
    pub auto_dispatch: Option<bool>,
    /// The parts that it needs, instead of those that were known before. What is reserved stays reserved.
    pub needed_parts: Option<Vec<PartNeed>>,
    /// Answers to the fields of its template, by their keys; `null` takes one back, what is not named stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub fields: Option<Answers>,
}

impl TicketPatch {
    /// What makes one version of a ticket of the other.
    pub fn from_to(from: &Ticket, to: &Ticket) -> Self {
        fn new<T: PartialEq + Clone>(from: &T, to: &T) -> Option<T> {
            (from != to).then(|| to.clone())
        }
        Self {
            priority: new(&from.priority, &to.priority),
            title: new(&from.title, &to.title),
            description: new(&from.description, &to.description),
            access_note: new(&from.access_note, &to.access_note),
            site_contact: new(&from.site_contact, &to.site_contact),
            expected_minutes: new(&from.expected_minutes, &to.expected_minutes),
            earliest_at: new(&from.earliest_at, &to.earliest_at),
            latest_at: new(&from.latest_at, &to.latest_at),
            auto_dispatch: new(&from.auto_dispatch, &to.auto_dispatch),
            needed_parts: new(&from.needed_parts.0, &to.needed_parts.0),
            fields: answers::changed(from, to),
        }
    }

    /// What the ticket has in the fields of another patch.
    pub fn of(ticket: &Ticket, fields: &Self) -> Self {
        fn has<T: Clone, F>(asked: &Option<F>, value: &T) -> Option<T> {
            asked.is_some().then(|| value.clone())
        }
        Self {
            priority: has(&fields.priority, &ticket.priority),
            title: has(&fields.title, &ticket.title),
            description: has(&fields.description, &ticket.description),
            access_note: has(&fields.access_note, &ticket.access_note),
            site_contact: has(&fields.site_contact, &ticket.site_contact),
            expected_minutes: has(&fields.expected_minutes, &ticket.expected_minutes),
            earliest_at: has(&fields.earliest_at, &ticket.earliest_at),
            latest_at: has(&fields.latest_at, &ticket.latest_at),
            auto_dispatch: has(&fields.auto_dispatch, &ticket.auto_dispatch),
            needed_parts: has(&fields.needed_parts, &ticket.needed_parts.0),
            fields: fields.fields.as_ref().map(|asked| answers::of(ticket, asked)),
        }
    }
}

/// Edits a ticket.
///
/// # Errors
/// Faults by field; 409 when it is closed or cancelled.
pub fn patch(
    tx: &mut Tx<'_>,
    promises: &Promises,
    mut ticket: Ticket,
    patch: &TicketPatch,
) -> Result<Ticket, Error> {
    if matches!(ticket.status, TicketStatus::Closed | TicketStatus::Cancelled) {
        let detail = format!("The ticket is {}.", ticket.status.as_str());
        return Err(Problem::conflict("ticket_ended", detail).into());
    }
    let mut checks = Checks::new();
    if let Some(priority) = patch.priority {
        checks.within("priority", i64::from(priority), 1, 4);
        ticket.priority = priority;
    }
    let texts = [
        ("title", &patch.title, &mut ticket.title, 200),
        ("description", &patch.description, &mut ticket.description, DESCRIPTION),
        ("access_note", &patch.access_note, &mut ticket.access_note, 2_000),
        ("site_contact", &patch.site_contact, &mut ticket.site_contact, 500),
    ];
    for (field, new, old, most) in texts {
        if let Some(new) = new {
            checks.text(field, new, most);
            old.clone_from(new);
        }
    }
    checks.name("title", &ticket.title, 200);
    let before = ticket.expected_minutes;
    ticket.expected_minutes = patch.expected_minutes.unwrap_or(before);
    checks.within("expected_minutes", ticket.expected_minutes, 1, LONGEST);
    ticket.earliest_at = patch.earliest_at.unwrap_or(ticket.earliest_at);
    ticket.latest_at = patch.latest_at.unwrap_or(ticket.latest_at);
    ticket.auto_dispatch = patch.auto_dispatch.unwrap_or(ticket.auto_dispatch);
    if patch.earliest_at.is_some() || patch.latest_at.is_some() {
        window(&mut checks, ticket.earliest_at, ticket.latest_at, tx.now());
    }
    if let Some(needed) = &patch.needed_parts {
        check_needed(tx, &mut checks, needed)?;
        ticket.needed_parts = Json(needed.clone());
    }
    if let Some(given) = &patch.fields {
        answers::edit(&mut checks, &mut ticket, given);
    }
    checks.finish()?;
    if patch.priority.is_some() {
        recompute::again(tx, promises, &mut ticket)?;
    }
    if let (Some(engineer), true) = (ticket.engineer_id, load::counts(ticket.status)) {
        load::correct(tx, engineer, ticket.expected_minutes - before)?;
    }
    store::update(tx, &ticket, ticket.status)?;
    // Nothing else that is edited here is the visit's too: a phone that edits a thousand notes sends no visit round.
    if ticket.expected_minutes != before {
        store::follow_visit(tx, &ticket)?;
    }
    Ok(ticket)
}

/// Parts that a ticket is to need from now on: few, each once, and known.
fn check_needed(tx: &mut Tx<'_>, checks: &mut Checks, needed: &[PartNeed]) -> Result<(), Error> {
    checks.require(needed.len() <= MOST_NEEDS, "needed_parts", "too_many", "at most 50");
    check_parts(checks, needed);
    let ids: Vec<PartId> = needed.iter().map(|need| need.part_id).take(MOST_NEEDS).collect();
    let known = inventory::parts::by_ids(tx.conn(), &ids)?;
    for (i, need) in needed.iter().enumerate().take(MOST_NEEDS) {
        let is_known = known.iter().any(|part| part.id == need.part_id);
        checks.require(is_known, &format!("needed_parts[{i}].part_id"), "unknown", "is no known part");
    }
    Ok(())
}
