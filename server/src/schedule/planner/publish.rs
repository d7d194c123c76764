//! What a plan changes, and its publication: all that goes to somebody else in one command, or nothing of it; then the
//! planned times of what stays.

use std::collections::HashSet;

use db::types::{EngineerId, PartId, TicketId};
use db::{Timestamp, Tx};
use dispatch::Rule;
use dispatch::plan::Plan;
use inventory::reservations::ReservationStatus;

use super::day::Day;
use super::drive;
use super::record::Why;
use crate::app::App;
use crate::error::{Error, Problem};
use crate::schedule::assign::{self, Choice, Means};
use crate::schedule::assignment;
use crate::schedule::load;
use crate::tickets::{Ticket, TicketStatus, store};

/// Corrections of times in one command.
const AT_ONCE: usize = 50;
/// A planned time is corrected if it is wrong by so many minutes: each correction goes to a phone.
const TOLERANCE_MINUTES: i64 = 5;

/// A visit that goes to somebody who does not have it.
#[derive(Debug, Clone)]
pub struct Move {
    /// As the planner saw it.
    pub seen: Ticket,
    /// To whom.
    pub to: EngineerId,
    /// When he is expected.
    pub planned_at: Timestamp,
}

/// A visit that stays, at another time.
pub struct Retiming {
    /// As the planner saw it.
    seen: Ticket,
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
        changes.moves.sort_by_key(|change| change.seen.id);
        changes.retimings.sort_by_key(|change| change.seen.id);
        changes
    }

    /// These moves, in the order of their tickets.
    pub fn of(mut moves: Vec<Move>) -> Self {
        moves.sort_by_key(|change| change.seen.id);
        Self { moves, retimings: Vec::new() }
    }

    /// What goes to somebody else.
    pub fn moves(&self) -> &[Move] {
        &self.moves
    }

    fn add(&mut self, ticket: &Ticket, engineer: EngineerId, planned_at: Timestamp) {
        if ticket.engineer_id != Some(engineer) {
            self.moves.push(Move { seen: ticket.clone(), to: engineer, planned_at });
            return;
        }
        let ahead = matches!(ticket.status, TicketStatus::Assigned | TicketStatus::Accepted);
        let wrong_by = ticket.planned_at.map_or(i64::MAX, |at| (at.millis() - planned_at.millis()).abs());
        if ahead && wrong_by >= TOLERANCE_MINUTES * db::types::MINUTE_MS {
            self.retimings.push(Retiming { seen: ticket.clone(), planned_at });
        }
    }

    /// Whether everything stays as it is.
    pub fn is_empty(&self) -> bool {
        self.moves.is_empty() && self.retimings.is_empty()
    }

    /// Visits that are moved, that are given out, and whose time is corrected.
    pub fn counts(&self) -> (usize, usize, usize) {
        let moved = self.moves.iter().filter(|change| change.seen.engineer_id.is_some()).count();
        (moved, self.moves.len() - moved, self.retimings.len())
    }

    /// The corrections of times, in groups that the writer has done with before others have waited for long.
    pub fn take_retimings(&mut self) -> Vec<Vec<Retiming>> {
        let mut left = std::mem::take(&mut self.retimings).into_iter();
        std::iter::from_fn(|| {
            let group: Vec<Retiming> = left.by_ref().take(AT_ONCE).collect();
            (!group.is_empty()).then_some(group)
        })
        .collect()
    }

    /// Whether somebody gets something else to do.
    pub fn moves_any(&self) -> bool {
        !self.moves.is_empty()
    }
}

/// Why a plan is not published; `field` names the ticket.
pub fn refused(ticket: TicketId, why: Why) -> Error {
    let mut problem = Problem::conflict("plan_refused", why.text());
    problem.field = Some(ticket.to_string());
    problem.into()
}

/// Publishes all that goes to somebody else.
///
/// # Errors
/// A conflict that names the ticket, if one of them is not as the planner saw it, or cannot be moved as planned.
pub fn moves(tx: &mut Tx<'_>, app: &App, changes: &Changes) -> Result<(), Error> {
    let means = Means { board: &app.board, hold_minutes: app.config.hold_minutes };
    let mut taken = Vec::with_capacity(changes.moves.len());
    // First everything is taken away, then it is given out: two who exchange visits may both have full hands.
    for change in &changes.moves {
        let ticket = store::hold(tx, change.seen.id)?;
        if ticket != change.seen {
            return Err(refused(ticket.id, Why::ChangedMeanwhile));
        }
        let mut was_short = HashSet::new();
        if let Some(former) = ticket.engineer_id {
            if parts_have_left(tx, &ticket)? {
                return Err(refused(ticket.id, Why::PartsHaveLeft));
            }
            let current =
                assignment::of_ticket(tx.conn(), ticket.id)?.into_iter().find(|a| a.ended_at.is_none());
            was_short.extend(current.iter().flat_map(|a| &a.shortages.0).map(|short| short.part_id));
            load::give_back(tx, former, ticket.expected_minutes)?;
            inventory::reservations::release_for_ticket(tx, ticket.id)?;
            assignment::end_current(tx, ticket.id)?;
        }
        taken.push((change, ticket, was_short));
    }
    for (change, ticket, was_short) in taken {
        give(tx, &means, change, ticket, &was_short)?;
    }
    Ok(())
}

fn parts_have_left(tx: &mut Tx<'_>, ticket: &Ticket) -> Result<bool, Error> {
    let live = inventory::reservations::live_of_ticket(tx.conn(), ticket.id)?;
    Ok(live.iter().any(|reservation| reservation.status != ReservationStatus::Held))
}

/// Corrects planned times. What was changed meanwhile is left as it is; the next round sees it.
///
/// # Errors
/// A failure of the database.
pub fn times(tx: &mut Tx<'_>, retimings: &[Retiming]) -> Result<(), Error> {
    for change in retimings {
        let mut ticket = store::hold(tx, change.seen.id)?;
        if ticket == change.seen {
            ticket.planned_at = Some(change.planned_at);
            store::update(tx, &ticket, ticket.status)?;
            store::follow_visit(tx, &ticket)?;
        }
    }
    Ok(())
}

fn give(
    tx: &mut Tx<'_>,
    means: &Means<'_>,
    change: &Move,
    mut ticket: Ticket,
    was_short: &HashSet<PartId>,
) -> Result<(), Error> {
    let considered = assign::considered_for(tx, means, &ticket, change.to)?;
    let excluded = considered.recommendation.excluded.iter().find(|e| e.engineer_id == change.to.uuid());
    // When he can begin is the plan's to say: it knows what he gives away, and the ranking does not.
    let about_time =
        |rule: Rule| matches!(rule, Rule::OffShift | Rule::Absent | Rule::WindowMissed | Rule::RouteFull);
    if excluded.is_some_and(|excluded| !about_time(excluded.rule)) {
        return Err(refused(ticket.id, Why::RuleExcludes));
    }
    if !load::take_within_limit(tx, change.to, ticket.expected_minutes)? {
        return Err(refused(ticket.id, Why::HandsFull));
    }
    let score_minutes = considered.score_of(change.to);
    // Whoever accepts what the planner proposed has not pinned it: the planner may propose again.
    let choice = Choice { engineer: change.to, score_minutes, reason: "", by: Some(super::ACTOR) };
    let moved = ticket.engineer_id.is_some();
    let assignment = assign::commit(tx, means, &mut ticket, choice, considered)?;
    if moved && assignment.shortages.0.iter().any(|short| !was_short.contains(&short.part_id)) {
        return Err(refused(ticket.id, Why::PartMissing));
    }
    ticket.planned_at = Some(change.planned_at);
    store::update(tx, &ticket, ticket.status)?;
    store::follow_visit(tx, &ticket)
}
