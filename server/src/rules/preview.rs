//! Which tickets of the last month a rule would have matched. Its condition is asked of what the change log says
//! happened, with the ticket as it was then; of a rule with a time, for each state in which a ticket stood, at the end
//! of it. Bounded in time: what was not looked at by then is not counted, and the answer says so.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use db::types::TicketId;
use db::{Change, Conn, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::events::{self, Kept};
use super::expression::Condition;
use super::facts::{self, EventFacts};
use super::{RuleEvent, Trigger};
use crate::error::Error;
use crate::tickets::{Ticket, store};

/// How long a preview may take.
const LONGEST: Duration = Duration::from_secs(3);
/// How far back it looks, in minutes: thirty days.
const MONTH: i64 = 30 * 24 * 60;
/// Tickets that are named.
const EXAMPLES: usize = 20;
/// Changes that are read at once.
const PAGE: i64 = 500;

/// What is to be previewed.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RulePreviewAsked)]
pub struct Asked {
    /// When it looks.
    pub trigger: Trigger,
    /// What must hold.
    pub condition: String,
}

/// A ticket that it would have matched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RuleExample)]
pub struct Example {
    /// The ticket.
    pub ticket_id: TicketId,
    /// What people call it.
    pub number: i64,
    /// In one line.
    pub title: String,
    /// When it would have matched first.
    pub at: Timestamp,
}

/// What a rule would have matched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = RulePreview)]
pub struct Preview {
    /// So many tickets.
    pub matched: usize,
    /// Of so many that were looked at.
    pub looked_at: usize,
    /// Since when.
    pub since: Timestamp,
    /// Whether the whole month was looked at.
    pub complete: bool,
    /// Of so many it could not be said.
    pub failed: usize,
    /// Some of them, the latest first.
    pub examples: Vec<Example>,
}

struct Look<'a> {
    condition: &'a Condition,
    matched: BTreeMap<TicketId, Example>,
    seen: HashMap<TicketId, bool>,
}

impl Look<'_> {
    fn ask(
        &mut self,
        conn: &mut Conn,
        ticket: &Ticket,
        event: EventFacts,
        at: Timestamp,
    ) -> Result<(), Error> {
        let failed = self.seen.entry(ticket.id).or_insert(false);
        if self.matched.contains_key(&ticket.id) {
            return Ok(());
        }
        let facts = facts::of(conn, ticket, event, self.condition.asks(), at)?;
        match self.condition.holds(&facts) {
            Ok(false) => {}
            Ok(true) => {
                let (ticket_id, number, title) = (ticket.id, ticket.number, ticket.title.clone());
                self.matched.insert(ticket.id, Example { ticket_id, number, title, at });
            }
            Err(_) => *failed = true,
        }
        Ok(())
    }
}

/// Asks the condition of the last month.
///
/// # Errors
/// A failure of the database.
pub fn of(
    conn: &mut Conn,
    trigger: &Trigger,
    condition: &Condition,
    now: Timestamp,
) -> Result<Preview, Error> {
    let (began, since) = (Instant::now(), now.plus_minutes(-MONTH));
    let mut look = Look { condition, matched: BTreeMap::new(), seen: HashMap::new() };
    let mut cursor = db::changes::before_time(conn, since)?;
    let mut complete = true;
    let (mut kept, mut stood) = (HashMap::new(), HashMap::new());
    'log: loop {
        let page = db::changes::of_entities(conn, &events::ENTITIES, cursor, PAGE)?;
        let Some(last) = page.last() else { break };
        cursor = last.seq;
        for change in &page {
            if began.elapsed() > LONGEST {
                complete = false;
                break 'log;
            }
            match trigger {
                Trigger::Event { event } => by_event(conn, &mut look, *event, change, &mut kept)?,
                _ => by_time(conn, &mut look, trigger, change, &mut stood)?,
            }
        }
    }
    if complete {
        complete = at_present(conn, &mut look, trigger, now, began)?;
    }
    Ok(told(look, since, complete))
}

fn told(look: Look<'_>, since: Timestamp, complete: bool) -> Preview {
    let matched = look.matched.len();
    let unsure = look.seen.iter().filter(|(id, failed)| **failed && !look.matched.contains_key(id));
    let failed = unsure.count();
    let mut examples: Vec<Example> = look.matched.into_values().collect();
    examples.sort_by_key(|example| std::cmp::Reverse((example.at, example.number)));
    examples.truncate(EXAMPLES);
    Preview { matched, looked_at: look.seen.len(), since, complete, failed, examples }
}

fn row(change: &Change) -> Option<Ticket> {
    let row = change.row.as_ref().filter(|_| change.entity == "tickets")?;
    serde_json::from_str(row.get()).ok()
}

fn by_event(
    conn: &mut Conn,
    look: &mut Look<'_>,
    event: RuleEvent,
    change: &Change,
    kept: &mut HashMap<String, Kept>,
) -> Result<(), Error> {
    let before = match kept.remove(&change.row_id) {
        Some(before) => Some(before),
        None => events::before(conn, change)?,
    };
    if let Some(now) = Kept::of(change) {
        kept.insert(change.row_id.clone(), now);
    }
    for happened in events::of(change, before.as_ref()) {
        if happened.event != event {
            continue;
        }
        let ticket = match row(change) {
            Some(ticket) => Some(ticket),
            None => store::find(conn, happened.ticket_id)?,
        };
        if let Some(ticket) = ticket {
            look.ask(conn, &ticket, happened.facts, change.at)?;
        }
    }
    Ok(())
}

/// What a rule with a time, or one for what is late, would have seen just before this change.
fn by_time(
    conn: &mut Conn,
    look: &mut Look<'_>,
    trigger: &Trigger,
    change: &Change,
    stood: &mut HashMap<String, Ticket>,
) -> Result<(), Error> {
    let Some(now) = row(change) else { return Ok(()) };
    if let Some(before) = stood.insert(change.row_id.clone(), now)
        && !store::is_over(before.status)
    {
        look.ask(conn, &before, time_facts(trigger), change.at)?;
    }
    Ok(())
}

fn time_facts(trigger: &Trigger) -> EventFacts {
    let name = match trigger {
        Trigger::Every { .. } => "every",
        _ => "daily",
    };
    EventFacts { name: name.to_owned(), ..EventFacts::default() }
}

/// What is open now, for rules with a time, and what is late now.
fn at_present(
    conn: &mut Conn,
    look: &mut Look<'_>,
    trigger: &Trigger,
    now: Timestamp,
    began: Instant,
) -> Result<bool, Error> {
    let late = *trigger == Trigger::Event { event: RuleEvent::SlaBreached };
    if matches!(trigger, Trigger::Event { .. }) && !late {
        return Ok(true);
    }
    let mut after = None;
    loop {
        let page = store::open(conn, after, PAGE)?;
        let Some(last) = page.last().map(|ticket| ticket.id) else { return Ok(true) };
        after = Some(last);
        for ticket in &page {
            if began.elapsed() > LONGEST {
                return Ok(false);
            }
            let is_late = ticket.due_at <= now && ticket.sla.0.state == crate::sla::DueState::Due;
            if late && is_late {
                look.ask(conn, ticket, events::due(ticket.id, ticket.due_at).facts, ticket.due_at)?;
            } else if !late {
                look.ask(conn, ticket, time_facts(trigger), now)?;
            }
        }
    }
}
