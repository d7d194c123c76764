//! When visits begin that wait for other engineers, or for what must have ended before: each as soon as all are there
//! and all has ended. Everybody's day is driven again and again, later where somebody has to wait, until all agree.

use std::collections::{HashMap, HashSet};

use super::crew::Crews;
use super::drive::{self, Stop};
use crate::plan::{Plan, PlanEngineer, PlanTicket, PlannedRoute, Problem};

/// What the days of several engineers say of each other.
#[derive(Default)]
pub struct Linked {
    /// Before which moment a ticket does not begin.
    pub held: HashMap<i64, i64>,
    pub faults: Vec<String>,
    /// The routes with their breaks, if there are links.
    routes: Option<Vec<PlannedRoute>>,
}

/// A route to be driven.
struct Day<'p> {
    /// Which one of the plan.
    number: usize,
    engineer: (usize, &'p PlanEngineer),
    stops: Vec<Stop<'p>>,
    plan: PlannedRoute,
}

impl Linked {
    pub fn new(problem: &Problem, plan: &Plan, crews: &Crews) -> Self {
        let mut linked = Self::default();
        if problem.tickets.iter().all(|ticket| ticket.after.is_empty() && ticket.crew_size() == 1) {
            return linked;
        }
        let tickets: HashMap<i64, (usize, &PlanTicket)> =
            problem.tickets.iter().enumerate().map(|(i, ticket)| (ticket.id, (i, ticket))).collect();
        let days = days(problem, plan, &tickets, crews);
        linked.skipped(problem, plan);
        linked.agree(problem, &tickets, &days);
        let mut routes = plan.routes.clone();
        days.into_iter().for_each(|day| routes[day.number] = day.plan);
        linked.routes = Some(routes);
        linked
    }

    /// The routes of the plan, each with its break.
    pub fn routes<'p>(&'p self, plan: &'p Plan) -> &'p [PlannedRoute] {
        self.routes.as_deref().unwrap_or(&plan.routes)
    }

    /// What is served without what it must follow.
    fn skipped(&mut self, problem: &Problem, plan: &Plan) {
        let served: HashSet<i64> = plan.routes.iter().flat_map(|route| &route.stops).copied().collect();
        for ticket in problem.tickets.iter().filter(|ticket| served.contains(&ticket.id)) {
            let waits = ticket.after.iter().filter(|_| ticket.started_at_s.is_none());
            for after in waits.filter(|after| !served.contains(&after.ticket)) {
                self.faults.push(format!("ticket {} is served, but {} is not", ticket.id, after.ticket));
            }
        }
    }

    fn agree(&mut self, problem: &Problem, tickets: &HashMap<i64, (usize, &PlanTicket)>, days: &[Day<'_>]) {
        let mut whose: HashMap<i64, Vec<usize>> = HashMap::new();
        for (i, day) in days.iter().enumerate() {
            day.stops.iter().for_each(|(_, ticket)| whose.entry(ticket.id).or_default().push(i));
        }
        let linked: Vec<&PlanTicket> = problem
            .tickets
            .iter()
            .filter(|ticket| is_linked(ticket) && whose.contains_key(&ticket.id))
            .collect();
        let mut starts: HashMap<i64, i64> = HashMap::new();
        let mut dirty: HashSet<usize> = (0..days.len()).collect();
        // Each time, one visit more in a row of visits that wait for each other knows its time.
        for _ in 0..linked.len() + 2 {
            for day in dirty.drain() {
                let driven = days[day].drive(problem, &self.held);
                for (start, (_, ticket)) in driven.starts.iter().zip(&days[day].stops) {
                    let latest = starts.entry(ticket.id).or_insert(*start);
                    *latest = (*latest).max(*start);
                }
            }
            for ticket in &linked {
                let ready = self.ready(ticket, tickets, &starts);
                if self.held.get(&ticket.id).is_none_or(|held| *held < ready) {
                    self.held.insert(ticket.id, ready);
                    dirty.extend(&whose[&ticket.id]);
                }
            }
            if dirty.is_empty() {
                return;
            }
        }
        let waits = whose.iter().find(|(_, days)| days.iter().any(|day| dirty.contains(day)));
        let name = waits.map_or(0, |(ticket, _)| *ticket);
        self.faults.push(format!("engineers wait for one another for ever, one of them at ticket {name}"));
    }

    /// When all are there and all has ended, as far as is known.
    fn ready(
        &self,
        ticket: &PlanTicket,
        tickets: &HashMap<i64, (usize, &PlanTicket)>,
        starts: &HashMap<i64, i64>,
    ) -> i64 {
        let mut ready = starts.get(&ticket.id).copied().unwrap_or(i64::MIN);
        for after in &ticket.after {
            if let (Some(start), Some((_, before))) = (starts.get(&after.ticket), tickets.get(&after.ticket))
            {
                ready = ready.max(start + i64::from(before.duration_s) + i64::from(after.gap_s));
            }
        }
        ready
    }
}

impl Day<'_> {
    fn drive(&self, problem: &Problem, held: &HashMap<i64, i64>) -> drive::Drive {
        drive::best(problem, self.engineer, &self.stops, &self.plan, held)
    }
}

/// Whether others have a say in when it begins. What has begun has begun.
fn is_linked(ticket: &PlanTicket) -> bool {
    ticket.started_at_s.is_none() && (ticket.crew_size() > 1 || !ticket.after.is_empty())
}

/// The routes of known engineers; where the plan does not say when the break is, it is where it would do least harm if
/// nobody had to wait.
fn days<'p>(
    problem: &'p Problem,
    plan: &Plan,
    tickets: &HashMap<i64, (usize, &'p PlanTicket)>,
    crews: &'p Crews,
) -> Vec<Day<'p>> {
    let mut engineers: HashMap<i64, (usize, &PlanEngineer)> =
        problem.engineers.iter().enumerate().map(|(i, engineer)| (engineer.id, (i, engineer))).collect();
    let mut days = Vec::new();
    for (number, route) in plan.routes.iter().enumerate() {
        // A second route of somebody is a fault that is found elsewhere.
        let Some(engineer) = engineers.remove(&route.engineer) else { continue };
        let known = route.stops.iter().filter_map(|stop| tickets.get(stop));
        let part = |(row, ticket): &(usize, &'p PlanTicket)| {
            (*row, crews.part(ticket, route.helps.contains(&ticket.id)))
        };
        let mut day = Day { number, engineer, stops: known.map(part).collect(), plan: route.clone() };
        if day.plan.break_after.is_none() {
            day.plan.break_after = day.drive(problem, &HashMap::new()).break_after;
        }
        days.push(day);
    }
    days
}
