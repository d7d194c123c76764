//! The day as a problem for the planner: who is on duty, what is open, what may be moved, and the plan in force.

use std::collections::{HashMap, HashSet};

use db::schema::assignments;
use db::types::{EngineerId, PartId, TicketId};
use db::{Conn, Timestamp};
use diesel::prelude::*;
use dispatch::plan::{
    LONGEST_JOURNEY, Plan, PlanEngineer, PlanTicket, PlannedRoute, Problem, RequiredSkill, Travel,
};
use dispatch::{Load, Point, Policy, StraightLine, Strategy, TravelTimes};
use inventory::reservations::ReservationStatus;
use uuid::Uuid;

use super::drive;
use super::duty::{self, Worker, ids};
use crate::error::Error;
use crate::schedule::assign::BY_THEMSELVES;
use crate::schedule::{Board, load};
use crate::tickets::{Ticket, TicketStatus, store};
use crate::travel::{Travel as Journeys, TravelBasis, Why};

/// Most places for which a table of all journeys is made, by road or as learned; with more, they are straight lines.
const MOST_PLACES: usize = 400;
/// Most waiting tickets in a plan, the most urgent ones.
const MOST_WAITING: i64 = 2_000;
/// Most engineers that are named as too far from a ticket; with those who declined it a problem takes 1,000.
const MOST_NAMED: usize = 900;
/// Most engineers who declined a ticket that are named.
const MOST_DECLINES: usize = 100;
/// Times in a problem are seconds from its beginning, at most some four months.
const FARTHEST_S: i64 = 9_000_000;
/// What a second of difference between an engineer's work and the mean costs.
const FAIRNESS: f64 = 0.1;

/// How freely the planner may move things.
#[derive(Debug, Clone)]
pub struct Freedom {
    /// Minutes on the road, or late with weight one, that moving a visit must save.
    pub disturbance_minutes: i64,
    /// Whether what an engineer has accepted may still be moved.
    pub moves_accepted: bool,
    /// Tickets that were refused of late when they were to be moved.
    pub stuck: HashSet<TicketId>,
    /// Whether it is for a dispatcher to decide: then also what the server leaves to him has its place in the plan.
    pub proposing: bool,
}

/// A problem, and who is who in it: a ticket's or an engineer's id there is its place in the list here.
pub struct Day {
    pub problem: Problem,
    /// Without what cannot be done in time by those who have it.
    pub in_force: Plan,
    pub tickets: Vec<Ticket>,
    pub engineers: Vec<EngineerId>,
    pub now: Timestamp,
    /// What each visit that changes hands must save.
    pub disturbance_minutes: i64,
    /// By which travel times it is planned.
    pub travel: TravelBasis,
    /// What everybody has in hand, also what has no place in the plan.
    pub in_hand: HashMap<EngineerId, HashSet<TicketId>>,
}

/// What nobody but a person moves.
struct Fixed {
    /// Tickets whose engineer a person has chosen.
    chosen: HashSet<TicketId>,
    /// Tickets whose parts have left their shelf, or were reserved by hand beside what the ticket needs: who gives
    /// up a reservation has to know why it was made.
    supplied: HashSet<TicketId>,
}

impl Day {
    /// Reads the day as it is.
    ///
    /// # Errors
    /// A failure of the database.
    pub fn read(conn: &mut Conn, board: &Board, now: Timestamp, freedom: &Freedom) -> Result<Self, Error> {
        let policies = board.policies();
        let workers = duty::workers(conn, now)?;
        let places: HashMap<EngineerId, i64> = ids(&workers).into_iter().zip(0..).collect();
        let worker = |engineer: EngineerId| {
            places.get(&engineer).and_then(|at| workers.get(usize::try_from(*at).ok()?))
        };
        let mut open = load::in_hand(conn)?;
        let in_hand = by_holder(&open);
        open.retain(|(ticket, _)| {
            ticket.status != TicketStatus::Waiting
                && ticket.engineer_id.and_then(worker).is_some_and(|worker| !worker.does_it_later(ticket))
        });
        let smart = |ticket: &Ticket| {
            let policy = policies.of_kind(&ticket.kind);
            policy.strategy == Strategy::Smart && (policy.auto || freedom.proposing)
        };
        let theirs = if freedom.proposing { store::unassigned } else { store::waiting };
        let mut waiting = theirs(conn, MOST_WAITING)?;
        // Who is to be given what by other rules than the cost of the day is not the planner's to say.
        waiting.retain(|ticket| smart(ticket) && !freedom.stuck.contains(&ticket.id));
        open.extend(waiting.into_iter().map(|ticket| (ticket, now)));
        let fixed = Fixed { chosen: chosen_by_people(conn)?, supplied: supplied(conn, &open)? };
        let all: Vec<TicketId> = open.iter().map(|(ticket, _)| ticket.id).collect();
        let declines = store::declines(conn, &all)?;
        let mut skills = Names::default();
        let mut problem = Problem {
            name: None,
            seed: None,
            travel: travel(&policies.general),
            engineers: (0..).zip(&workers).map(|(id, w)| w.engineer(board, id, now, &mut skills)).collect(),
            tickets: Vec::with_capacity(open.len()),
            depots: Vec::new(),
            hard_due: false,
            fairness_weight: Some(FAIRNESS),
            disturbance_s: Some(i32::try_from(freedom.disturbance_minutes * 60).unwrap_or(i32::MAX)),
        };
        for (id, (ticket, since)) in (0..).zip(&open) {
            let mut visit = visit(id, ticket, now, &mut skills);
            let holder = ticket.engineer_id.and_then(|engineer| places.get(&engineer)).copied();
            visit.in_force = holder;
            visit.pinned_engineer = holder.filter(|_| !smart(ticket) || fixed.holds(ticket, freedom));
            if matches!(ticket.status, TicketStatus::OnSite | TicketStatus::Working) {
                visit.started_at_s = Some(seconds(*since, now));
                visit.latest_start_s = None;
                // Whoever takes longer than expected is there still.
                visit.duration_s = visit.duration_s.max(-seconds(*since, now));
            }
            let forbidden = declines.get(&ticket.id).into_iter().flatten().filter_map(|e| places.get(e));
            visit.forbidden_engineers = forbidden.copied().take(MOST_DECLINES).collect();
            let too_far = too_far(&problem, &visit, policies.of_kind(&ticket.kind));
            visit.forbidden_engineers.extend(too_far);
            problem.tickets.push(visit);
        }
        let tickets: Vec<Ticket> = open.into_iter().map(|(ticket, _)| ticket).collect();
        let travel = by_road(&mut problem, board.travel(), policies.general.straight_line, now);
        on_the_way(&mut problem, &tickets);
        one_at_a_time(&mut problem);
        duty::finish_before_leaving(&mut problem);
        allow_what_they_have(&mut problem, &workers, &load::all(conn)?);
        let in_force = in_force(&problem, &tickets);
        stay_for_later(&mut problem, &workers, &tickets, &in_force.unassigned);
        let disturbance_minutes = freedom.disturbance_minutes;
        let engineers = ids(&workers);
        Ok(Self { problem, in_force, engineers, tickets, now, disturbance_minutes, travel, in_hand })
    }
}

fn by_holder(open: &[(Ticket, Timestamp)]) -> HashMap<EngineerId, HashSet<TicketId>> {
    let mut held: HashMap<EngineerId, HashSet<TicketId>> = HashMap::new();
    for (ticket, _) in open {
        if let Some(engineer) = ticket.engineer_id {
            held.entry(engineer).or_default().insert(ticket.id);
        }
    }
    held
}

impl Fixed {
    /// Whether it stays with whoever has it.
    fn holds(&self, ticket: &Ticket, freedom: &Freedom) -> bool {
        let free = ticket.status == TicketStatus::Assigned
            || freedom.moves_accepted && ticket.status == TicketStatus::Accepted;
        !free
            || freedom.stuck.contains(&ticket.id)
            || self.chosen.contains(&ticket.id)
            || self.supplied.contains(&ticket.id)
    }
}

fn supplied(conn: &mut Conn, open: &[(Ticket, Timestamp)]) -> Result<HashSet<TicketId>, Error> {
    let mut held: HashMap<(TicketId, PartId), i64> = HashMap::new();
    let mut supplied = HashSet::new();
    for reservation in inventory::reservations::all_promised(conn)? {
        if reservation.status == ReservationStatus::Held {
            *held.entry((reservation.ticket_id, reservation.part_id)).or_default() += reservation.quantity;
        } else {
            supplied.insert(reservation.ticket_id);
        }
    }
    let needed: HashMap<(TicketId, PartId), i64> = open
        .iter()
        .flat_map(|(ticket, _)| {
            ticket.needed_parts.0.iter().map(|need| ((ticket.id, need.part_id), need.quantity))
        })
        .collect();
    let beyond = held.into_iter().filter(|(of, quantity)| needed.get(of).is_none_or(|need| quantity > need));
    supplied.extend(beyond.map(|((ticket, _), _)| ticket));
    Ok(supplied)
}

/// Tickets whose engineer a person has chosen: nobody but a person takes them from him.
fn chosen_by_people(conn: &mut Conn) -> Result<HashSet<TicketId>, Error> {
    let tickets: Vec<TicketId> = assignments::table
        .filter(assignments::ended_at.is_null())
        .filter(assignments::assigned_by.ne_all(BY_THEMSELVES))
        .select(assignments::ticket_id)
        .load(conn)?;
    Ok(tickets.into_iter().collect())
}

fn travel(policy: &Policy) -> Travel {
    Travel::Haversine {
        radius_m: None,
        road_factor: policy.straight_line.road_factor,
        speed_kmh: policy.straight_line.speed_kmh,
        rounding: None,
    }
}

/// Gives the problem a table of all journeys, where more is known than the straight line: a row for each ticket, each
/// home, and each place where somebody is now.
fn by_road(problem: &mut Problem, known: &Journeys, straight: StraightLine, now: Timestamp) -> TravelBasis {
    if !known.knows_better() {
        return TravelBasis::straight_line(Why::NoEngine);
    }
    let tickets = problem.tickets.iter().map(|visit| (visit.lat, visit.lon));
    let homes = problem.engineers.iter().map(|engineer| (engineer.lat, engineer.lon));
    let mut places: Vec<(f64, f64)> = tickets.chain(homes).collect();
    if places.len() + problem.engineers.len() > MOST_PLACES {
        return TravelBasis::straight_line(Why::TooManyPlaces);
    }
    for engineer in &mut problem.engineers {
        if let (Some(latitude), Some(longitude)) = (engineer.start_lat.take(), engineer.start_lon.take()) {
            engineer.start_row = Some(places.len());
            places.push((latitude, longitude));
        }
    }
    let point = |(latitude, longitude): &(f64, f64)| Point { latitude: *latitude, longitude: *longitude };
    let places: Vec<Point> = places.iter().map(point).collect();
    let roads = known.roads(straight);
    let seconds = |from: &Point, to: &Point| {
        let seconds = if from == to { 0 } else { roads.travel_seconds(*from, *to, now.millis()) };
        i32::try_from(seconds).unwrap_or(LONGEST_JOURNEY).min(LONGEST_JOURNEY)
    };
    let row = |from: &Point| places.iter().map(|to| seconds(from, to)).collect();
    problem.travel = Travel::Matrix { seconds: places.iter().map(row).collect() };
    roads.basis()
}

/// Skills are words here and numbers in a problem.
#[derive(Default)]
pub struct Names(HashMap<String, i64>);

impl Names {
    /// The number of a skill, the next one if it is new.
    pub fn number(&mut self, name: &str) -> i64 {
        let next = i64::try_from(self.0.len()).unwrap_or(i64::MAX);
        *self.0.entry(name.to_owned()).or_insert(next)
    }
}

/// Seconds from the beginning of the plan.
pub fn seconds(at: Timestamp, now: Timestamp) -> i32 {
    let seconds = at.millis().saturating_sub(now.millis()) / 1_000;
    i32::try_from(seconds.clamp(-FARTHEST_S, FARTHEST_S)).unwrap_or(0)
}

fn visit(id: i64, ticket: &Ticket, now: Timestamp, skills: &mut Names) -> PlanTicket {
    let need = |need: &crate::tickets::SkillNeed| RequiredSkill {
        skill: skills.number(&need.skill),
        level: u32::from(need.level).max(1),
    };
    let latest = ticket.latest_at.map(|at| seconds(at, now));
    PlanTicket {
        id,
        lat: ticket.latitude,
        lon: ticket.longitude,
        required_skills: ticket.required_skills.0.iter().map(need).collect(),
        duration_s: i32::try_from((ticket.expected_minutes * 60).clamp(0, FARTHEST_S)).unwrap_or(0),
        // A window that has passed cannot be kept, but is no contradiction.
        earliest_s: seconds(ticket.earliest_at.max(now), now).min(latest.unwrap_or(i32::MAX)),
        latest_start_s: latest,
        // Lateness counts from now: what is long overdue must not become better left undone.
        due_s: seconds(ticket.due_at, now).max(0),
        priority: u8::try_from(ticket.priority.clamp(1, 4)).unwrap_or(4),
        load: Some(ticket.expected_minutes),
        ..PlanTicket::default()
    }
}

/// Those who are farther from the visit than its policy sends anybody, but for who has it.
/// Where that would be too many to name, some are: the rule is asked again before anybody is sent.
fn too_far(problem: &Problem, visit: &PlanTicket, policy: &Policy) -> Vec<i64> {
    let to = Point { latitude: visit.lat, longitude: visit.lon };
    let is_far = |engineer: &&PlanEngineer| {
        let latitude = engineer.start_lat.unwrap_or(engineer.lat);
        let longitude = engineer.start_lon.unwrap_or(engineer.lon);
        let distance_m = dispatch::travel::distance_m(Point { latitude, longitude }, to);
        distance_m > policy.max_distance_m && visit.in_force != Some(engineer.id)
    };
    problem.engineers.iter().filter(is_far).map(|engineer| engineer.id).take(MOST_NAMED).collect()
}

/// Whoever drives to a visit, and is at no other, goes on to it: it begins when he arrives.
fn on_the_way(problem: &mut Problem, tickets: &[Ticket]) {
    let begun = |visit: &PlanTicket| visit.started_at_s.and(visit.pinned_engineer);
    let busy: HashSet<i64> = problem.tickets.iter().filter_map(begun).collect();
    for (i, ticket) in tickets.iter().enumerate() {
        let driver = problem.tickets[i].pinned_engineer.filter(|driver| !busy.contains(driver));
        let engineer = driver.and_then(|driver| problem.engineers.get(usize::try_from(driver).ok()?));
        if let (TicketStatus::Travelling, Some(engineer)) = (ticket.status, engineer) {
            let alone = drive::route(problem, engineer, &[problem.tickets[i].id]);
            let arrival = alone.starts.first().map_or(0, |(_, start)| *start);
            problem.tickets[i].started_at_s = Some(arrival);
        }
    }
}

/// Nobody is at two places: of two visits that somebody has begun, the last one counts.
fn one_at_a_time(problem: &mut Problem) {
    let mut last: HashMap<i64, (i32, i64)> = HashMap::new();
    for visit in &problem.tickets {
        if let (Some(engineer), Some(at)) = (visit.pinned_engineer, visit.started_at_s) {
            let entry = last.entry(engineer).or_insert((at, visit.id));
            *entry = (*entry).max((at, visit.id));
        }
    }
    for visit in &mut problem.tickets {
        let engineer = visit.pinned_engineer;
        if engineer.and_then(|engineer| last.get(&engineer)).is_none_or(|(_, id)| *id != visit.id) {
            visit.started_at_s = None;
        }
    }
}

/// A dispatcher may have given somebody more than his limit, or sent him although a customer would not have him: what
/// he has, he may keep.
fn allow_what_they_have(problem: &mut Problem, workers: &[Worker], in_hand: &HashMap<Uuid, Load>) {
    let mut loads: HashMap<i64, i64> = HashMap::new();
    for visit in &mut problem.tickets {
        if let Some(engineer) = visit.in_force {
            *loads.entry(engineer).or_default() += visit.load.unwrap_or(0);
            visit.forbidden_engineers.retain(|forbidden| *forbidden != engineer);
        }
    }
    for (engineer, worker) in problem.engineers.iter_mut().zip(workers) {
        let has = loads.get(&engineer.id).copied().unwrap_or(0);
        let in_all = in_hand.get(&worker.engineer.id).map_or(0, |load| i64::from(load.minutes));
        // What he has in hand beside the plan fills his hands too.
        engineer.capacity = engineer.capacity.map(|limit| (limit - (in_all - has).max(0)).max(has));
    }
}

/// What somebody cannot do today but on his next day, and in time, stays with him.
fn stay_for_later(problem: &mut Problem, workers: &[Worker], tickets: &[Ticket], left_out: &[i64]) {
    for id in left_out {
        let Some(place) = usize::try_from(*id).ok().filter(|place| *place < tickets.len()) else { continue };
        let holder = problem.tickets[place].in_force;
        let again_at = holder.and_then(|holder| workers.get(usize::try_from(holder).ok()?)?.again_at);
        let by = tickets[place]
            .latest_at
            .map_or(tickets[place].due_at, |latest| latest.min(tickets[place].due_at));
        if again_at.is_some_and(|again| again <= by) {
            problem.tickets[place].pinned_engineer = holder;
        }
    }
}

/// What everybody does now, in the order in which it is planned; what does not fit is left out.
fn in_force(problem: &Problem, tickets: &[Ticket]) -> Plan {
    let mut routes: HashMap<i64, Vec<i64>> = HashMap::new();
    let mut unassigned = Vec::new();
    for visit in &problem.tickets {
        match visit.in_force {
            Some(engineer) => routes.entry(engineer).or_default().push(visit.id),
            None => unassigned.push(visit.id),
        }
    }
    let mut plan = Plan { routes: Vec::new(), unassigned, cost: None };
    for engineer in &problem.engineers {
        let Some(mut stops) = routes.remove(&engineer.id) else { continue };
        let planned = |id: &i64| {
            usize::try_from(*id).ok().and_then(|id| Some((problem.tickets.get(id)?, tickets.get(id)?)))
        };
        stops.sort_by_key(|id| {
            planned(id).map(|(visit, ticket)| {
                let begun = visit.started_at_s.is_some();
                let driving = ticket.status == TicketStatus::Travelling;
                (!begun, !driving, ticket.planned_at.unwrap_or(Timestamp::MAX), ticket.due_at, ticket.id)
            })
        });
        let driven = drive::route(problem, engineer, &stops);
        plan.unassigned.extend(driven.left_out);
        let stops = driven.starts.into_iter().map(|(id, _)| id).collect();
        plan.routes.push(PlannedRoute { engineer: engineer.id, stops, ..PlannedRoute::default() });
    }
    plan
}
