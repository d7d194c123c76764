//! Days that are too large to be searched as a whole: divided into sectors by place, each of which is planned by itself
//! for its share of the time, and then again with other borders, each time beginning with the plan so far. An engineer
//! takes his route with him, so that what is near a border is looked at from both sides in its turn.

mod linked;
mod split;

use std::collections::{HashMap, HashSet};

use super::{Options, Planned, Progress, rules, whole};
use crate::plan::{PartCount, Plan, PlanDepot, PlanTicket, PlannedRoute, Problem, Travel};
use crate::problem::Point;
use crate::travel::{chord2, unit_vector};
use linked::{Appointments, Linked};
use split::Unit;

/// Most tickets, and most pairs of a ticket and an engineer, of a problem that is searched as a whole.
const MOST_TICKETS: usize = 8_000;
const MOST_PAIRS: usize = 30_000_000;
/// How often everything is divided anew, at most, and tickets a sector for each.
const ROUNDS: usize = 3;
/// How much of the time each of the rounds takes.
const SHARES: [f64; ROUNDS] = [0.5, 0.3, 0.2];
/// Later rounds mend what is there: so much cooler they begin.
const COOLER: f64 = 0.15;

/// Whether a problem is to be divided. A matrix says nothing of places; it is as large as it is.
pub fn is_too_large(problem: &Problem) -> bool {
    let (tickets, engineers) = (problem.tickets.len(), problem.engineers.len());
    matches!(problem.travel, Travel::Haversine { .. })
        && (tickets > MOST_TICKETS || tickets * engineers > MOST_PAIRS)
}

/// Plans a problem that was checked.
pub fn optimize(problem: &Problem, options: &Options, done: &mut dyn FnMut(&Progress) -> f64) -> Plan {
    let mut state = State::new(problem, options);
    let aside = state.put_aside(&mut || done(&Progress { iterations: 0, cost: 0 }) >= 1.0);
    let (mut begins, mut iterations, mut gone) = (0.0, 0, 0.0);
    for (round, share) in SHARES.into_iter().enumerate() {
        if round > 0 && gone >= 1.0 {
            break;
        }
        let sectors = split::split(state.units(), round);
        let slice = share / sectors.len().max(1) as f64;
        for sector in &sectors {
            if round > 0 && done(&Progress { iterations, cost: state.cost() }) >= begins + slice {
                begins += slice;
                continue;
            }
            let mut options = Options { seed: options.seed + round as u64, ..options.clone() };
            if round > 0 {
                options.settings.annealing.first *= COOLER;
            }
            if round == 0 && gone >= 1.0 && state.is_idle(sector) {
                continue;
            }
            let (part, start) = state.part(sector, &aside);
            options.start = Some(start);
            let (cost, before) = (state.cost(), iterations);
            let kept = Linked::kept(&part);
            let planned = whole(&part, &options, &mut |progress| {
                iterations = before + progress.iterations;
                gone = done(&Progress { iterations, cost });
                // A first plan is made as long as there is any time; only the search keeps to its share.
                let share = ((gone - begins) / slice).clamp(0.0, 1.0);
                if gone >= 1.0 || progress.iterations > 0 { gone.floor().max(share) } else { 0.0 }
            });
            begins += slice;
            if planned.plan.unassigned.iter().all(|ticket| !kept.contains(ticket)) {
                state.take(sector, planned);
            }
            // The first round goes to the end: whoever has begun something, or has a plan in force, is in a route.
            if round > 0 && gone >= 1.0 {
                return state.into_plan();
            }
        }
    }
    state.into_plan()
}

/// The plan so far.
struct State<'p> {
    problem: &'p Problem,
    /// By engineer.
    routes: Vec<PlannedRoute>,
    costs: Vec<i64>,
    linked: Linked,
    served: Appointments,
    engineer_of: HashMap<i64, usize>,
    ticket_of: HashMap<i64, usize>,
}

impl<'p> State<'p> {
    fn new(problem: &'p Problem, options: &Options) -> Self {
        let empty = |id| PlannedRoute { engineer: id, ..PlannedRoute::default() };
        let mut state = Self {
            problem,
            routes: problem.engineers.iter().map(|engineer| empty(engineer.id)).collect(),
            costs: vec![0; problem.engineers.len()],
            linked: Linked::new(problem),
            served: Appointments::new(),
            engineer_of: problem.engineers.iter().enumerate().map(|(i, engineer)| (engineer.id, i)).collect(),
            ticket_of: problem.tickets.iter().enumerate().map(|(i, ticket)| (ticket.id, i)).collect(),
        };
        if let Some(plan) = options.start.as_ref().filter(|_| !state.linked.sets.is_empty()) {
            // Who waits for whom is not to be seen from a route.
            state.begin(in_force(problem, plan));
            return state;
        }
        let mut seen = HashSet::new();
        for route in options.start.iter().flat_map(|plan| &plan.routes) {
            if let Some(engineer) = state.engineer_of.get(&route.engineer) {
                let known = |stop: &&i64| state.ticket_of.contains_key(*stop) && seen.insert(**stop);
                state.routes[*engineer].stops = route.stops.iter().filter(known).copied().collect();
            }
        }
        state
    }

    /// Takes over a plan of everything.
    fn begin(&mut self, planned: Planned) {
        self.costs = planned.costs;
        self.served = planned.served.into_iter().collect();
        for route in planned.plan.routes {
            let engineer = self.engineer_of[&route.engineer];
            self.routes[engineer] = route;
        }
    }

    /// For each ticket the depot from which it may have its parts, whatever the sectors.
    fn put_aside(&self, is_over: &mut dyn FnMut() -> bool) -> Vec<Option<usize>> {
        let place = |latitude, longitude| unit_vector(Point { latitude, longitude });
        let depots: Vec<_> = self.problem.depots.iter().map(|depot| place(depot.lat, depot.lon)).collect();
        let way = |depot: usize, ticket: usize| {
            let ticket = &self.problem.tickets[ticket];
            (chord2(&depots[depot], &place(ticket.lat, ticket.lon)) * 1e8) as i32
        };
        rules::put_aside(self.problem, |_| false, way, is_over)
    }

    /// What belongs together: engineers with their routes and with what is pinned to them, and what nobody has.
    fn units(&self) -> Vec<Unit> {
        let mut units: Vec<Unit> = (0..).zip(&self.problem.engineers).map(|(i, e)| Unit::of(i, e)).collect();
        let mut served = vec![false; self.problem.tickets.len()];
        for (unit, route) in units.iter_mut().zip(&self.routes) {
            unit.tickets = route.stops.iter().map(|stop| self.ticket_of[stop]).collect();
            unit.tickets.iter().for_each(|ticket| served[*ticket] = true);
            let places = route.stops.iter().map(|stop| &self.problem.tickets[self.ticket_of[stop]]);
            unit.move_to(places.map(|ticket| (ticket.lat, ticket.lon)));
        }
        let mut unit_of: Vec<usize> = (0..units.len()).collect();
        for i in (0..served.len()).filter(|i| !served[*i]) {
            let set = self.linked.set(i).unwrap_or(std::slice::from_ref(&i));
            let mut open = set.iter().copied().filter(|ticket| !served[*ticket]);
            if open.next() != Some(i) {
                // It goes where the first of those goes that it is linked with.
                continue;
            }
            let engineers = self.engineers_of(set);
            let Some(&first) = engineers.first() else {
                let mut unit = Unit::alone(i, &self.problem.tickets[i]);
                unit.tickets.extend(open);
                units.push(unit);
                continue;
            };
            let unit = unit_of[first];
            units[unit].tickets.push(i);
            units[unit].tickets.extend(open);
            for engineer in engineers {
                let other = unit_of[engineer];
                if other != unit {
                    let mut other = std::mem::replace(&mut units[other], Unit::empty());
                    other.engineers.iter().for_each(|engineer| unit_of[*engineer] = unit);
                    units[unit].join(&mut other);
                }
            }
        }
        units.retain(|unit| !unit.engineers.is_empty() || !unit.tickets.is_empty());
        units
    }

    /// Those to whom tickets that are linked with each other are pinned, or one who serves one of them.
    fn engineers_of(&self, set: &[usize]) -> Vec<usize> {
        let tickets = || set.iter().map(|i| &self.problem.tickets[*i]);
        let pinned = |ticket: &PlanTicket| {
            let crew = ticket.pinned_crew.iter().filter(|_| ticket.pinned_engineer.is_none());
            ticket.pinned_engineer.iter().chain(crew).copied().collect::<Vec<_>>()
        };
        let open = tickets().filter(|ticket| !self.served.contains_key(&ticket.id));
        let mut ids: Vec<i64> = open.flat_map(pinned).collect();
        if ids.is_empty() {
            ids.extend(
                tickets().find_map(|ticket| self.served.get(&ticket.id)).map(|(engineer, _)| *engineer),
            );
        }
        ids.iter().filter_map(|id| self.engineer_of.get(id)).copied().collect()
    }

    /// One sector as a problem, and the plan of it so far.
    fn part(&self, sector: &[Unit], aside: &[Option<usize>]) -> (Problem, Plan) {
        let engineers: Vec<usize> = sector.iter().flat_map(|unit| unit.engineers.clone()).collect();
        let tickets = || sector.iter().flat_map(|unit| &unit.tickets).copied();
        let empty = |depot: &PlanDepot| PlanDepot { stock: Vec::new(), ..depot.clone() };
        let mut depots: Vec<PlanDepot> = self.problem.depots.iter().map(empty).collect();
        for ticket in tickets() {
            if let Some(depot) = aside[ticket] {
                self.problem.tickets[ticket]
                    .parts
                    .iter()
                    .for_each(|count| add(&mut depots[depot].stock, count));
            }
        }
        let problem = Problem {
            name: None,
            seed: None,
            travel: self.problem.travel.clone(),
            engineers: engineers.iter().map(|i| self.problem.engineers[*i].clone()).collect(),
            tickets: self.linked.part(self.problem, &tickets().collect::<Vec<_>>(), &self.served),
            depots,
            ..*self.problem
        };
        let routes = engineers.iter().map(|i| self.routes[*i].clone()).collect();
        (problem, Plan { routes, unassigned: Vec::new(), cost: None })
    }

    /// Takes over what was planned for a sector.
    fn take(&mut self, sector: &[Unit], planned: Planned) {
        let engineers = sector.iter().flat_map(|unit| &unit.engineers).copied();
        for ticket in sector.iter().flat_map(|unit| &unit.tickets) {
            self.served.remove(&self.problem.tickets[*ticket].id);
        }
        self.served.extend(planned.served);
        for (engineer, cost) in engineers.zip(planned.costs) {
            self.costs[engineer] = cost;
            let id = self.routes[engineer].engineer;
            self.routes[engineer] = PlannedRoute { engineer: id, ..PlannedRoute::default() };
        }
        for route in planned.plan.routes {
            let engineer = self.engineer_of[&route.engineer];
            self.routes[engineer] = route;
        }
    }

    /// Whether nobody of a sector has anything to do, or a way to go.
    fn is_idle(&self, sector: &[Unit]) -> bool {
        let begun = |ticket: &usize| self.problem.tickets[*ticket].started_at_s.is_some();
        sector.iter().all(|unit| {
            let elsewhere = unit.engineers.iter().any(|i| self.problem.engineers[*i].start_lat.is_some());
            let waits = unit.engineers.iter().any(|i| !self.routes[*i].stops.is_empty());
            !elsewhere && !waits && !unit.tickets.iter().any(begun)
        })
    }

    fn cost(&self) -> i64 {
        self.costs.iter().sum::<i64>() + self.left().map(|i| rules::penalty(self.problem, i)).sum::<i64>()
    }

    /// Tickets that nobody has.
    fn left(&self) -> impl Iterator<Item = usize> {
        let mut served = vec![false; self.problem.tickets.len()];
        let stops = self.routes.iter().flat_map(|route| &route.stops);
        stops.for_each(|stop| served[self.ticket_of[stop]] = true);
        served.into_iter().enumerate().filter(|(_, served)| !served).map(|(i, _)| i)
    }

    fn into_plan(self) -> Plan {
        let unassigned = self.left().map(|i| self.problem.tickets[i].id).collect();
        let cost = Some(self.cost());
        let linked = !self.linked.sets.is_empty();
        let routes = self.routes.into_iter().filter(|r| !r.stops.is_empty()).collect();
        let plan = Plan { routes, unassigned, cost };
        if !linked {
            return plan;
        }
        // What was an appointment between two sectors may be possible earlier by now.
        let settled = in_force(&linked::as_fetched(self.problem, &plan), &plan);
        let all = settled.plan.unassigned.len() == plan.unassigned.len();
        Plan { cost: if all { settled.plan.cost } else { plan.cost }, ..plan }
    }
}

/// What of a plan is allowed, with its times.
fn in_force(problem: &Problem, plan: &Plan) -> Planned {
    let options = Options { start: Some(plan.clone()), ..Options::default() };
    whole(problem, &options, &mut |_| 1.0)
}

fn add(stock: &mut Vec<PartCount>, count: &PartCount) {
    match stock.iter_mut().find(|held| held.part == count.part) {
        Some(held) => held.quantity += count.quantity,
        None => stock.push(*count),
    }
}
