//! Which promises will be broken: what the engine's own routes begin after it is due, or likelier so than not, and what
//! nobody has and is due soon.

use std::collections::HashMap;

use db::types::{EngineerId, TicketId};
use db::{Conn, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Fix, Named};
use crate::error::Error;
use crate::schedule::Board;
use crate::schedule::timelines::{Phase, TimelineStop};
use crate::tickets::{Ticket, TicketStatus, store};

/// From here on it is likelier than not that work begins late.
const LIKELY_PERCENT: i64 = 50;
/// Tickets read at once.
const PAGE: i64 = 1_000;

/// A promise that will be broken.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = ShiftRisk)]
pub struct Risk {
    /// Of which ticket.
    #[serde(flatten)]
    pub ticket: Named,
    /// Who has it; nobody if absent.
    pub engineer_id: Option<EngineerId>,
    /// When it is due.
    pub due_at: Timestamp,
    /// When he would begin.
    pub starts_at: Option<Timestamp>,
    /// So long after it is due.
    pub late_minutes: i64,
    /// How likely that is, 0 to 100, as journeys scatter.
    pub late_percent: i64,
    /// What mends it.
    pub fix: Fix,
}

/// All that is open, and when it will be begun.
pub struct Plan {
    pub now: Timestamp,
    pub tickets: HashMap<TicketId, Ticket>,
    pub stops: HashMap<TicketId, TimelineStop>,
}

impl Plan {
    pub fn read(conn: &mut Conn, board: &Board, now: Timestamp) -> Result<Self, Error> {
        let mut tickets: HashMap<TicketId, Ticket> = HashMap::new();
        let mut after = None;
        loop {
            let page = store::open(conn, after, PAGE)?;
            after = page.last().map(|ticket| ticket.id);
            let more = page.len() as i64 == PAGE;
            tickets.extend(page.into_iter().map(|ticket| (ticket.id, ticket)));
            if !more {
                break;
            }
        }
        let stops = board.timelines(None, now).items.into_iter().flat_map(|timeline| timeline.stops);
        let stops = stops.map(|stop| (stop.ticket_id, stop)).collect();
        Ok(Self { now, tickets, stops })
    }

    /// Tickets that nobody has.
    pub fn undecided(&self) -> usize {
        self.tickets.values().filter(|ticket| ticket.status == TicketStatus::New).count()
    }
}

/// What is due before `until` and will be begun too late, the most urgent first; `except` are told of elsewhere.
pub fn find(plan: &Plan, until: Timestamp, except: &[TicketId]) -> Vec<Risk> {
    let soon = plan.tickets.values().filter(|ticket| ticket.due_at <= until && !except.contains(&ticket.id));
    let mut found: Vec<Risk> = soon.filter_map(|ticket| risk(plan, ticket)).collect();
    found.sort_by_key(|risk| (risk.due_at, risk.ticket.number));
    found
}

fn risk(plan: &Plan, ticket: &Ticket) -> Option<Risk> {
    let stop = plan.stops.get(&ticket.id).filter(|stop| matches!(stop.phase, Phase::Ahead | Phase::Later));
    let is_late = |stop: &&TimelineStop| stop.late_minutes > 0 || stop.late_percent >= LIKELY_PERCENT;
    let waits = ticket.status == TicketStatus::New;
    let stop = stop.filter(is_late);
    if stop.is_none() && !waits {
        return None;
    }
    Some(Risk {
        ticket: Named::of(ticket),
        engineer_id: ticket.engineer_id,
        due_at: ticket.due_at,
        starts_at: stop.map(|stop| stop.starts_at),
        late_minutes: stop
            .map_or_else(|| TimelineStop::late_minutes(plan.now, ticket.due_at), |stop| stop.late_minutes),
        late_percent: stop.map_or(0, |stop| stop.late_percent),
        fix: Fix::Look,
    })
}
