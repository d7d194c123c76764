//! What a plan changes, and its publication: all of it in one command, or nothing.

use db::types::{EngineerId, TicketId};
use db::{Timestamp, Tx};
use dispatch::Rule;
use dispatch::plan::Plan;

use super::day::Day;
use super::drive;
use crate::app::App;
use crate::error::{Error, Problem};
use crate::schedule::assign::{self, Choice, Means};
use crate::schedule::load;
use crate::tickets::{Ticket, TicketStatus, store};

/// A planned time is corrected if it is wrong by so many minutes: each correction goes to a phone.
const TOLERANCE_MINUTES: i64 = 5;

/// A visit that goes to somebody who does not have it.
struct Move {
    ticket: TicketId,
    /// As the planner saw it.
    status: TicketStatus,
    from: Option<EngineerId>,
    to: EngineerId,
    planned_at: Timestamp,
}

/// A visit that stays, at another time.
struct Retiming {
    ticket: TicketId,
    engineer: EngineerId,
    planned_at: Timestamp,
}

/// What a plan changes.
pub struct Changes {
    moves: Vec<Move>,
    retimings: Vec<Retiming>,
}

impl Changes {
    /// What is different in this plan from how things stand.
    pub fn between(day: &Day, plan: &Plan) -> Self {
        let mut changes = Self { moves: Vec::new(), retimings: Vec::new() };
        let found = |id: i64| usize::try_from(id).ok();
        for route in &plan.routes {
            let place = found(route.engineer);
            let engineer =
                place.and_then(|place| Some((day.problem.engineers.get(place)?, *day.engineers.get(place)?)));
            let Some((planned, engineer)) = engineer else { continue };
            for (id, start) in drive::route(&day.problem, planned, &route.stops).starts {
                let Some(ticket) = found(id).and_then(|id| day.tickets.get(id)) else { continue };
                changes.add(ticket, engineer, day.now.plus_millis(i64::from(start) * 1_000));
            }
        }
        // One order for everybody, so that two servers never wait for each other in a circle.
        changes.moves.sort_by_key(|change| change.ticket);
        changes.retimings.sort_by_key(|change| change.ticket);
        changes
    }

    fn add(&mut self, ticket: &Ticket, engineer: EngineerId, planned_at: Timestamp) {
        if ticket.engineer_id != Some(engineer) {
            let (status, from) = (ticket.status, ticket.engineer_id);
            self.moves.push(Move { ticket: ticket.id, status, from, to: engineer, planned_at });
            return;
        }
        let ahead = matches!(ticket.status, TicketStatus::Assigned | TicketStatus::Accepted);
        let wrong_by = ticket.planned_at.map_or(i64::MAX, |at| (at.millis() - planned_at.millis()).abs());
        if ahead && wrong_by >= TOLERANCE_MINUTES * db::types::MINUTE_MS {
            self.retimings.push(Retiming { ticket: ticket.id, engineer, planned_at });
        }
    }

    /// Whether everything stays as it is.
    pub fn is_empty(&self) -> bool {
        self.moves.is_empty() && self.retimings.is_empty()
    }

    /// Visits that are moved, that are given out, and whose time is corrected.
    pub fn counts(&self) -> (usize, usize, usize) {
        let moved = self.moves.iter().filter(|change| change.from.is_some()).count();
        (moved, self.moves.len() - moved, self.retimings.len())
    }
}

/// Why a plan is not published; `field` names the ticket.
fn refused(ticket: TicketId, why: &str) -> Error {
    let mut problem = Problem::conflict("plan_refused", why);
    problem.field = Some(ticket.to_string());
    problem.into()
}

/// Publishes all of it.
///
/// # Errors
/// A conflict that names the ticket, if one of them is not as the planner saw it, or cannot be moved as planned.
pub fn all(tx: &mut Tx<'_>, app: &App, changes: &Changes) -> Result<(), Error> {
    let means = Means { board: &app.board, hold_minutes: app.config.hold_minutes };
    let mut taken = Vec::with_capacity(changes.moves.len());
    // First everything is taken away, then it is given out: two who exchange visits may both have full hands.
    for change in &changes.moves {
        let ticket = store::hold(tx, change.ticket)?;
        if ticket.status != change.status || ticket.engineer_id != change.from {
            return Err(refused(change.ticket, "It was changed meanwhile."));
        }
        if let Some(former) = ticket.engineer_id {
            load::give_back(tx, former, ticket.expected_minutes)?;
            inventory::reservations::release_for_ticket(tx, ticket.id)?;
            assign::end_current(tx, ticket.id)?;
        }
        taken.push((change, ticket));
    }
    for (change, ticket) in taken {
        give(tx, &means, change, ticket)?;
    }
    for change in &changes.retimings {
        let mut ticket = store::hold(tx, change.ticket)?;
        let ahead = matches!(ticket.status, TicketStatus::Assigned | TicketStatus::Accepted);
        if ahead && ticket.engineer_id == Some(change.engineer) {
            ticket.planned_at = Some(change.planned_at);
            store::update(tx, &ticket, ticket.status)?;
            store::follow_visit(tx, &ticket)?;
        }
    }
    Ok(())
}

fn give(tx: &mut Tx<'_>, means: &Means<'_>, change: &Move, mut ticket: Ticket) -> Result<(), Error> {
    let considered = assign::considered_for(tx, means, &ticket, change.to)?;
    let excluded = considered.recommendation.excluded.iter().find(|e| e.engineer_id == change.to.uuid());
    // When he can begin is the plan's to say: it knows what he gives away, and the ranking does not.
    let about_time =
        |rule: Rule| matches!(rule, Rule::OffShift | Rule::Absent | Rule::WindowMissed | Rule::RouteFull);
    if excluded.is_some_and(|excluded| !about_time(excluded.rule)) {
        return Err(refused(change.ticket, "A rule excludes the engineer."));
    }
    if !load::take_within_limit(tx, change.to, ticket.expected_minutes)? {
        return Err(refused(change.ticket, "The engineer's hands are full."));
    }
    let score_minutes = considered.score_of(change.to);
    let choice = Choice { engineer: change.to, score_minutes, reason: "", by: None };
    let assignment = assign::commit(tx, means, &mut ticket, choice, considered)?;
    if change.from.is_some() && !assignment.shortages.0.is_empty() {
        return Err(refused(change.ticket, "A part would be missing."));
    }
    ticket.planned_at = Some(change.planned_at);
    store::update(tx, &ticket, ticket.status)?;
    store::follow_visit(tx, &ticket)
}
