//! Assigning: the one function that crosses dispatch, tickets and stock in one transaction. It ranks the shortlist
//! with loads and stock as they are now, takes the work into the engineer's hand by a guarded statement, moves the
//! ticket, reserves the parts, and stores the dossier that explains it.

use db::schema::engineers;
use db::types::{EngineerId, Id, Json};
use db::{Conn, Timestamp, Tx};
use diesel::prelude::*;
use dispatch::{PartQuantity, Point, Recommendation, SkillRequirement, TravelTimes};
use mobile_sync_wire::intents::step;

use super::ask::{Considered, recommend};
use super::assignment::{self, Assignment, Dossier};
use super::{Board, load, sourcing};
use crate::error::{Error, Problem};
use crate::sla::recompute;
use crate::tickets::{EventKind, QueueReason, Ticket, store};

/// How dispatch sees a ticket.
pub fn visit_of(ticket: &Ticket, excluded: &[EngineerId]) -> dispatch::Visit {
    let skill =
        |need: &crate::tickets::SkillNeed| SkillRequirement { skill: need.skill.clone(), level: need.level };
    let part = |need: &crate::tickets::PartNeed| PartQuantity {
        part_id: need.part_id.uuid(),
        quantity: need.quantity,
    };
    dispatch::Visit {
        ticket_id: ticket.id.uuid(),
        point: Point { latitude: ticket.latitude, longitude: ticket.longitude },
        priority: u8::try_from(ticket.priority).unwrap_or(4),
        fault: load::fault(ticket).to_owned(),
        required_skills: ticket.required_skills.0.iter().map(skill).collect(),
        needed_parts: ticket.needed_parts.0.iter().map(part).collect(),
        expected_minutes: u32::try_from(ticket.expected_minutes).unwrap_or(u32::MAX),
        earliest_at: ticket.earliest_at.millis(),
        latest_at: ticket.latest_at.map(Timestamp::millis),
        due_at: Some(ticket.due_at.millis()),
        excluded_engineers: excluded.iter().map(EngineerId::uuid).collect(),
        territory: None,
        skill_group: None,
        customer_level: None,
    }
}

/// How dispatch sees a ticket that may have parts already: those that are reserved for it need not be found again.
///
/// # Errors
/// A failure of the database.
pub fn visit_without_held(
    conn: &mut Conn,
    ticket: &Ticket,
    excluded: &[EngineerId],
) -> Result<dispatch::Visit, Error> {
    let mut visit = visit_of(ticket, excluded);
    if !visit.needed_parts.is_empty() {
        let held = inventory::reservations::live_of_ticket(conn, ticket.id)?;
        for need in &mut visit.needed_parts {
            // What will do instead counts for what was asked for.
            let of_part =
                held.iter().filter(|r| r.instead_of_part_id.unwrap_or(r.part_id).uuid() == need.part_id);
            need.quantity -= of_part.map(|r| r.quantity).sum::<i64>();
        }
        visit.needed_parts.retain(|need| need.quantity > 0);
    }
    Ok(visit)
}

/// What an assignment is made with.
pub struct Means<'a> {
    /// Everybody in memory.
    pub board: &'a Board,
    /// Minutes for which parts are held.
    pub hold_minutes: i64,
}

/// What came of it.
#[derive(Debug)]
pub enum Assigned {
    /// Somebody has it.
    To(Box<Assignment>),
    /// Nobody can take it now; the ticket says why and stays in the queue.
    Nobody,
}

/// Opens a ticket and gives it to the best engineer who can take it, if there is one: its rows are written once.
///
/// # Errors
/// A taken number, or a failure of the database.
pub fn open(tx: &mut Tx<'_>, means: &Means<'_>, mut ticket: Ticket) -> Result<Ticket, Error> {
    if !ticket.auto_dispatch || !means.board.policies().of_kind(&ticket.kind).auto {
        store::insert(tx, &ticket)?;
        return Ok(ticket);
    }
    let (now, visit) = (tx.now(), visit_of(&ticket, &[]));
    // Turns go by assignments, and those of this group may be held back.
    let turns = means.board.policies().of_kind(&ticket.kind).strategy == dispatch::Strategy::RoundRobin;
    let conn = if turns { tx.conn() } else { tx.conn_beside() };
    let considered = recommend(conn, means.board, &ticket, &visit, now, None)?;
    let taker = first_with_room(tx, &considered, &ticket)?;
    match taker {
        Some(choice) => {
            // Whoever opened the ticket did not choose.
            let choice = Choice { by: Some("dispatch"), ..choice };
            hand_over(tx.now(), means.board, &mut ticket, choice.engineer, &considered);
            store::insert(tx, &ticket)?;
            insert(tx, means, &ticket, choice, considered)?;
        }
        None => {
            ticket.queue_reasons = reasons(&considered);
            store::insert(tx, &ticket)?;
        }
    }
    Ok(ticket)
}

/// Gives a waiting ticket to the best engineer who can take it; or notes why there is none.
///
/// # Errors
/// 409 when the ticket is over, or somebody else moved it meanwhile.
pub fn best(
    tx: &mut Tx<'_>,
    means: &Means<'_>,
    ticket: &mut Ticket,
    excluded: &[EngineerId],
) -> Result<Assigned, Error> {
    check_assignable(ticket)?;
    let now = tx.now();
    let visit = visit_without_held(tx.conn(), ticket, excluded)?;
    let considered = recommend(tx.conn(), means.board, ticket, &visit, now, None)?;
    if let Some(choice) = first_with_room(tx, &considered, ticket)? {
        let assignment = commit(tx, means, ticket, choice, considered)?;
        return Ok(Assigned::To(Box::new(assignment)));
    }
    let reasons = reasons(&considered);
    if ticket.queue_reasons != reasons {
        ticket.queue_reasons = reasons;
        store::update(tx, ticket, ticket.status)?;
    }
    Ok(Assigned::Nobody)
}

/// The best of the ranked whose hands are not full, by a guarded statement: the work is in them when this returns.
fn first_with_room(
    tx: &mut Tx<'_>,
    considered: &Considered,
    ticket: &Ticket,
) -> Result<Option<Choice<'static>>, Error> {
    // What is offered to all is given to nobody.
    let choosable = if considered.chooses { &*considered.recommendation.ranked } else { &[] };
    for candidate in choosable {
        let engineer = EngineerId::from_uuid(candidate.engineer_id);
        if load::take_within_limit(tx, engineer, ticket.expected_minutes)? {
            let score_minutes = Some(candidate.score_minutes.as_f64());
            return Ok(Some(Choice { engineer, score_minutes, reason: "", by: None }));
        }
    }
    Ok(None)
}

fn reasons(considered: &Considered) -> Json<Vec<QueueReason>> {
    let reason = |c: &dispatch::RuleCount| QueueReason { rule: c.rule, count: c.count };
    Json(considered.recommendation.excluded_counts.iter().map(reason).collect())
}

/// Somebody has the ticket, and the caller did not say that it is to be taken from him.
pub fn already_assigned() -> Error {
    let detail = "Somebody has it already; say in instead_of from whom it is taken.";
    Problem::conflict("already_assigned", detail).into()
}

/// Gives the ticket to the engineer whom a dispatcher chose, and takes it from the one he named. Somebody whom a
/// rule excludes needs a reason; nobody is overbooked, whatever the reason.
///
/// # Errors
/// 409 with the rule and its fact, that the engineer's hands are full, or that somebody else has it.
pub fn chosen(
    tx: &mut Tx<'_>,
    means: &Means<'_>,
    ticket: &mut Ticket,
    instead_of: Option<EngineerId>,
    engineer: EngineerId,
    reason: &str,
) -> Result<Assignment, Error> {
    check_sendable(tx.conn(), engineer)?;
    check_assignable(ticket)?;
    if ticket.engineer_id == Some(engineer) {
        return Err(Problem::conflict("already_assigned", "He has it already.").into());
    }
    match (ticket.engineer_id, instead_of) {
        (has, said) if has == said => {}
        (Some(_), _) => return Err(already_assigned()),
        (None, _) => {
            let detail = "Nobody has the ticket any more.";
            return Err(Problem::conflict("changed_meanwhile", detail).into());
        }
    }
    if let Some(former) = ticket.engineer_id {
        load::give_back(tx, former, ticket.expected_minutes)?;
        inventory::reservations::release_for_ticket(tx, ticket.id)?;
        assignment::end_current(tx, ticket.id)?;
    }
    let considered = considered_for(tx, means, ticket, engineer)?;
    let score_minutes = considered.score_of(engineer);
    if score_minutes.is_none() && reason.trim().is_empty() {
        return Err(excluded(&considered.recommendation, engineer).into());
    }
    if !load::take_within_limit(tx, engineer, ticket.expected_minutes)? {
        return Err(hands_full());
    }
    commit(tx, means, ticket, Choice { engineer, score_minutes, reason, by: None }, considered)
}

/// Nobody is overbooked.
pub fn hands_full() -> Error {
    let detail = "His hands are full: the work in hand would exceed his limit.";
    Problem::conflict("excluded.workload", detail).into()
}

/// What dispatch says of an engineer whom somebody chose.
///
/// # Errors
/// A failure of the database.
pub fn considered_for(
    tx: &mut Tx<'_>,
    means: &Means<'_>,
    ticket: &Ticket,
    engineer: EngineerId,
) -> Result<Considered, Error> {
    let now = tx.now();
    let visit = visit_without_held(tx.conn(), ticket, &[])?;
    recommend(tx.conn(), means.board, ticket, &visit, now, Some(engineer))
}

fn check_assignable(ticket: &Ticket) -> Result<(), Error> {
    step(EventKind::Assign, ticket.status).map(drop).map_err(|refusal| {
        Problem::conflict(&format!("illegal_step.{refusal}"), "The ticket cannot be assigned.").into()
    })
}

/// Asked of the database: memory may not have heard yet of somebody who was just added, or who just left.
///
/// # Errors
/// 409 when he has left, 422 when there is no such engineer.
pub fn check_sendable(conn: &mut Conn, engineer: EngineerId) -> Result<(), Error> {
    let active: Option<bool> =
        engineers::table.find(engineer).select(engineers::active).first(conn).optional()?;
    match active {
        Some(true) => Ok(()),
        Some(false) => {
            Err(Problem::conflict("excluded.inactive", "Whoever does not work here is sent nowhere.").into())
        }
        None => Err(Problem::invalid_field("engineer_id", "unknown", "is no engineer").into()),
    }
}

fn excluded(recommendation: &Recommendation, engineer: EngineerId) -> Problem {
    let excluded = recommendation.excluded.iter().find(|e| e.engineer_id == engineer.uuid());
    let rule = excluded.map_or("unknown", |e| e.rule.as_str());
    let fact = excluded.map_or(String::new(), |e| e.fact.to_string());
    let detail = format!("{fact} Give a reason to assign him all the same.");
    Problem::conflict(&format!("excluded.{rule}"), detail.trim())
}

/// The parts of the server that give tickets to engineers by themselves, as assignments name them.
pub const BY_THEMSELVES: [&str; 2] = ["dispatch", super::planner::ACTOR];

/// Who gets a ticket.
pub struct Choice<'a> {
    /// He.
    pub engineer: EngineerId,
    /// The score that he has; none if he is not on the list.
    pub score_minutes: Option<f64>,
    /// Why, where a rule excludes him.
    pub reason: &'a str,
    /// Who decided, if not whoever runs the command.
    pub by: Option<&'static str>,
}

/// Moves a ticket that exists already; its engineer's hands have room for it.
///
/// # Errors
/// 409 when somebody else moved it meanwhile.
pub fn commit(
    tx: &mut Tx<'_>,
    means: &Means<'_>,
    ticket: &mut Ticket,
    choice: Choice<'_>,
    considered: Considered,
) -> Result<Assignment, Error> {
    let expected = ticket.status;
    hand_over(tx.now(), means.board, ticket, choice.engineer, &considered);
    recompute::handed_over(tx, &means.board.promises(), ticket, expected)?;
    store::update(tx, ticket, expected)?;
    store::follow_visit(tx, ticket)?;
    record(tx, means, ticket, choice, considered)
}

/// Puts the ticket into the engineer's hands, and says when he is expected.
fn hand_over(
    now: Timestamp,
    board: &Board,
    ticket: &mut Ticket,
    engineer: EngineerId,
    considered: &Considered,
) {
    ticket.status = crate::tickets::TicketStatus::Assigned;
    ticket.engineer_id = Some(engineer);
    ticket.queue_reasons = Json(Vec::new());
    ticket.planned_at = expected_at(now, board, ticket, engineer, considered);
}

/// When the engineer is expected: as the ranking placed the visit among his others. Somebody who is sent although a
/// rule excludes him does it after the work that he has and the way, not before the window opens.
pub(super) fn expected_at(
    now: Timestamp,
    board: &Board,
    ticket: &Ticket,
    engineer: EngineerId,
    considered: &Considered,
) -> Option<Timestamp> {
    if let Some(start) = considered.start_of(engineer) {
        return Some(start);
    }
    let to = Point { latitude: ticket.latitude, longitude: ticket.longitude };
    let from = board.place_of(engineer)?;
    let straight = board.policies().of_kind(&ticket.kind).straight_line;
    let travel = board.travel().roads(straight).travel_seconds(from, to, now.millis());
    Some(
        now.plus_minutes(considered.in_hand(engineer))
            .plus_millis(i64::from(travel) * 1_000)
            .max(ticket.earliest_at),
    )
}

/// Gives the engineer what is reserved for the ticket, reserves what is missing, and writes down who has it and why.
pub(super) fn record(
    tx: &mut Tx<'_>,
    means: &Means<'_>,
    ticket: &Ticket,
    choice: Choice<'_>,
    considered: Considered,
) -> Result<Assignment, Error> {
    sourcing::stop_waiting(tx, ticket.id, &considered.needed)?;
    inventory::reservations::take_over(tx, ticket.id, choice.engineer)?;
    insert(tx, means, ticket, choice, considered)
}

/// Reserves the parts and writes down who has the ticket and why.
fn insert(
    tx: &mut Tx<'_>,
    means: &Means<'_>,
    ticket: &Ticket,
    choice: Choice<'_>,
    considered: Considered,
) -> Result<Assignment, Error> {
    let shortages = sourcing::reserve_needed(tx, means, ticket, &considered)?;
    let (recommendation, travel) = (considered.recommendation, Some(considered.travel));
    let dossier = Dossier { recommendation, cursor: means.board.cursor(), asked_at: tx.now(), travel };
    let assignment = Assignment {
        id: Id::new(),
        ticket_id: ticket.id,
        visit_id: ticket.visit_id,
        engineer_id: choice.engineer,
        assigned_at: tx.now(),
        assigned_by: choice.by.map_or_else(|| tx.actor().name.clone(), str::to_owned),
        reason: choice.reason.to_owned(),
        score_minutes: choice.score_minutes,
        dossier: Json(dossier),
        shortages: Json(shortages),
        ended_at: None,
    };
    assignment::write(tx, &assignment)?;
    Ok(assignment)
}
