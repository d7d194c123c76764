//! What a change of the log means for a ticket: a row that is another one than before is one or more events. All is
//! read off the log, so no writer calls rules.

use db::types::{EngineerId, TicketId};
use db::{Change, Conn, Timestamp};
use mobile_sync_wire::TicketStatus;
use serde::Deserialize;

use super::facts::EventFacts;
use super::{ACTOR, RuleEvent};
use crate::confirmations::Satisfaction;
use crate::error::Error;

/// Tables whose changes are events.
pub const ENTITIES: [&str; 3] = ["tickets", "escalations", "confirmations"];

/// Something that happened to a ticket.
#[derive(Debug, Clone)]
pub struct Happened {
    /// What.
    pub event: RuleEvent,
    /// To which ticket.
    pub ticket_id: TicketId,
    /// A rule fires once for it.
    pub cause: String,
    /// What conditions may ask of it.
    pub facts: EventFacts,
}

/// What the log keeps of a ticket, as far as it makes an event.
#[derive(Debug, Clone, Deserialize)]
pub struct Kept {
    id: TicketId,
    status: TicketStatus,
    priority: i32,
    engineer_id: Option<EngineerId>,
    due_at: Timestamp,
    #[serde(default)]
    sla: Clock,
}

#[derive(Debug, Clone, Default, Deserialize)]
struct Clock {
    #[serde(default)]
    state: String,
}

impl Kept {
    /// Of a change, if it is one of a ticket whose content is still there.
    pub fn of(change: &Change) -> Option<Self> {
        let row = change.row.as_ref().filter(|_| change.entity == "tickets")?;
        serde_json::from_str(row.get()).ok()
    }

    fn is_late(&self, at: Timestamp) -> bool {
        let over =
            matches!(self.status, TicketStatus::Completed | TicketStatus::Closed | TicketStatus::Cancelled);
        self.sla.state == "due" && !over && self.due_at <= at
    }
}

/// The ticket as it was before this change; none if it is new.
///
/// # Errors
/// A failure of the database.
pub fn before(conn: &mut Conn, change: &Change) -> Result<Option<Kept>, Error> {
    if change.entity != "tickets" {
        return Ok(None);
    }
    let earlier = db::changes::of_row(conn, "tickets", &change.row_id, Some(change.seq), 1)?;
    Ok(earlier.first().and_then(Kept::of))
}

/// The events of a change, in the order in which one would tell them.
pub fn of(change: &Change, before: Option<&Kept>) -> Vec<Happened> {
    match change.entity.as_str() {
        "tickets" => of_ticket(change, before),
        "escalations" => of_escalation(change).into_iter().collect(),
        "confirmations" => of_confirmation(change).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn happened(change: &Change, ticket_id: TicketId, event: RuleEvent, facts: EventFacts) -> Happened {
    let facts = EventFacts {
        name: event.as_str().to_owned(),
        by: change.actor.clone(),
        by_rule: change.actor_id == ACTOR,
        ..facts
    };
    Happened { event, ticket_id, cause: format!("change:{}:{event}", change.seq), facts }
}

/// For a ticket whose time is over: once for each time that it was due.
pub fn due(ticket_id: TicketId, due_at: Timestamp) -> Happened {
    let facts = EventFacts {
        name: RuleEvent::SlaBreached.as_str().to_owned(),
        by: "sla".to_owned(),
        target: "resolution".to_owned(),
        ..EventFacts::default()
    };
    let cause = format!("due:{}", due_at.millis());
    Happened { event: RuleEvent::SlaBreached, ticket_id, cause, facts }
}

fn of_ticket(change: &Change, before: Option<&Kept>) -> Vec<Happened> {
    let Some(now) = Kept::of(change) else { return Vec::new() };
    let facts = EventFacts {
        from_status: before.map_or_else(String::new, |before| before.status.as_str().to_owned()),
        to_status: now.status.as_str().to_owned(),
        from_priority: before.map_or(0, |before| i64::from(before.priority)),
        to_priority: i64::from(now.priority),
        ..EventFacts::default()
    };
    let mut events = Vec::new();
    match before {
        None => events.push(RuleEvent::Created),
        Some(before) => {
            if before.priority != now.priority {
                events.push(RuleEvent::PriorityChanged);
            }
            if before.status != now.status {
                events.push(RuleEvent::StatusChanged);
            }
        }
    }
    if now.engineer_id.is_some() && before.and_then(|before| before.engineer_id) != now.engineer_id {
        events.push(RuleEvent::Assigned);
    }
    let told = events.into_iter().map(|event| happened(change, now.id, event, facts.clone()));
    let mut told: Vec<Happened> = told.collect();
    // Another priority or policy may say that it should have been done by now.
    if now.is_late(change.at) && !before.is_some_and(|before| before.is_late(change.at)) {
        told.push(due(now.id, now.due_at));
    }
    told
}

fn of_escalation(change: &Change) -> Option<Happened> {
    #[derive(Deserialize)]
    struct Taken {
        ticket_id: TicketId,
        step: String,
    }
    let taken: Taken = serde_json::from_str(change.row.as_ref()?.get()).ok()?;
    let mut parts = taken.step.split(':');
    let (target, left) = (parts.next()?.to_owned(), parts.next()?.parse::<i64>().ok()?);
    // That the time for the solution is over is seen by the clock, with or without a step.
    let event = match (target.as_str(), left) {
        ("response", 0) => RuleEvent::SlaBreached,
        _ => RuleEvent::SlaWarning,
    };
    let facts = EventFacts { target, left_percent: left, ..EventFacts::default() };
    Some(happened(change, taken.ticket_id, event, facts))
}

fn of_confirmation(change: &Change) -> Option<Happened> {
    #[derive(Deserialize)]
    struct Said {
        ticket_id: TicketId,
        solved: Option<bool>,
        satisfaction: Option<Satisfaction>,
        #[serde(default)]
        comment: String,
        answered_at: Option<Timestamp>,
    }
    let said: Said = serde_json::from_str(change.row.as_ref()?.get()).ok()?;
    said.answered_at?;
    let score = match said.satisfaction {
        Some(Satisfaction::Satisfied) => 3,
        Some(Satisfaction::Neutral) => 2,
        Some(Satisfaction::Dissatisfied) => 1,
        None => 0,
    };
    let (solved, comment) = (said.solved.unwrap_or(false), said.comment);
    let facts = EventFacts { solved, score, comment, ..EventFacts::default() };
    let answered = happened(change, said.ticket_id, RuleEvent::ConfirmationAnswered, facts);
    // Once for each answer: its row is written again when what tells of people is erased.
    Some(Happened { cause: format!("answer:{}", change.row_id), ..answered })
}
