//! Checks a plan against its problem, sharing no code with the search: what it says of a plan is what a dispatcher
//! would find with a pencil. Every plan goes through here before anybody sees it.

mod certificates;
mod crew;
mod drive;
mod links;
mod parts;

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use crate::plan::{Plan, PlanEngineer, PlanTicket, PlannedRoute, Problem};

/// What a plan is worth.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Verdict {
    /// Rules that the plan breaks, in words; an allowed plan has none.
    pub faults: Vec<String>,
    pub served: usize,
    pub unserved: usize,
    pub travel_s: i64,
    /// Lateness times weight.
    pub late_weighted_s: i64,
    /// Tickets that begin after their due time.
    pub late: usize,
    /// Prices of those who are not preferred, and of changes to the plan in force.
    pub prices_s: i64,
    /// Travel, weighted lateness, prices, and ten hours of it for each unserved ticket.
    pub cost: i64,
    /// How far each engineer's travel and service are from the mean, summed.
    pub unevenness_s: f64,
    /// Cost and what the problem charges for unevenness.
    pub objective: f64,
}

/// Judges a plan.
pub fn verify(problem: &Problem, plan: &Plan) -> Verdict {
    let crews = crew::Crews::new(problem, plan);
    let linked = links::Linked::new(problem, plan, &crews);
    let mut judge = Judge {
        problem,
        crews: &crews,
        linked: &linked,
        tickets: problem.tickets.iter().enumerate().map(|(i, ticket)| (ticket.id, (i, ticket))).collect(),
        begun: problem.tickets.iter().flat_map(begun).collect(),
        taken: parts::Taken::default(),
        seen: HashSet::new(),
        verdict: Verdict::default(),
    };
    let engineers: HashMap<i64, (usize, &PlanEngineer)> =
        problem.engineers.iter().enumerate().map(|(i, engineer)| (engineer.id, (i, engineer))).collect();
    let mut work: HashMap<i64, i64> = engineers.keys().map(|id| (*id, 0)).collect();
    let mut used = HashSet::new();
    for route in linked.routes(plan) {
        match engineers.get(&route.engineer) {
            None => judge.fault(format!("engineer {} is unknown", route.engineer)),
            Some(_) if !used.insert(route.engineer) => {
                judge.fault(format!("engineer {} has two routes", route.engineer));
            }
            Some(&(row, engineer)) => {
                let seconds = judge.route(row, engineer, route);
                work.insert(route.engineer, seconds);
            }
        }
    }
    for (id, (row, engineer)) in &engineers {
        if !used.contains(id) {
            let idle = PlannedRoute { engineer: *id, ..PlannedRoute::default() };
            work.insert(*id, judge.route(*row, engineer, &idle));
        }
    }
    judge.verdict.faults.extend(crews.faults(problem, plan));
    judge.verdict.faults.extend(linked.faults.iter().cloned());
    judge.unassigned(&plan.unassigned);
    judge.finish(&work)
}

struct Judge<'p> {
    problem: &'p Problem,
    tickets: HashMap<i64, (usize, &'p PlanTicket)>,
    /// What each engineer has begun.
    begun: HashMap<i64, i64>,
    crews: &'p crew::Crews,
    linked: &'p links::Linked,
    taken: parts::Taken,
    seen: HashSet<i64>,
    verdict: Verdict,
}

impl<'p> Judge<'p> {
    fn fault(&mut self, text: String) {
        self.verdict.faults.push(text);
    }

    /// Drives a route; returns the seconds of travel and service.
    fn route(&mut self, row: usize, engineer: &'p PlanEngineer, route: &PlannedRoute) -> i64 {
        let name = engineer.id;
        let mut stops = Vec::new();
        for stop in &route.stops {
            match self.tickets.get(stop).copied() {
                None => self.fault(format!("ticket {stop} is unknown")),
                Some((row, ticket)) => {
                    self.ticket(engineer, ticket);
                    let helps = route.helps.contains(stop);
                    if helps {
                        self.helps(engineer, ticket);
                    } else {
                        self.leads(engineer, ticket);
                    }
                    stops.push((row, self.crews.part(ticket, helps)));
                }
            }
        }
        if let Some(begun) = self.begun.get(&name)
            && stops.first().is_none_or(|(_, first)| first.id != *begun)
        {
            self.fault(format!("ticket {begun} has begun, but is not the first of engineer {name}"));
        }
        let goes_on = stops.iter().any(|(_, ticket)| ticket.started_at_s.is_none());
        if goes_on && engineer.max_tasks.is_some_and(|most| stops.len() > most as usize) {
            self.fault(format!("engineer {name} has {} stops, more than he may", stops.len()));
        }
        let load: i64 = stops.iter().map(|(_, ticket)| ticket.load.unwrap_or(0)).sum();
        if goes_on && engineer.capacity.is_some_and(|capacity| load > capacity) {
            self.fault(format!("engineer {name} carries {load}, more than his van holds"));
        }
        self.parts(engineer, &stops, route);
        let drive = drive::best(self.problem, (row, engineer), &stops, route, &self.linked.held);
        for (start, (_, ticket)) in drive.starts.iter().zip(&stops) {
            if !route.helps.contains(&ticket.id) {
                self.begin(ticket, *start);
            }
        }
        self.verdict.faults.extend(drive.faults);
        self.verdict.travel_s += drive.travel;
        drive.travel + stops.iter().map(|(_, ticket)| i64::from(ticket.duration_s)).sum::<i64>()
    }

    fn ticket(&mut self, engineer: &PlanEngineer, ticket: &PlanTicket) {
        // Whether a crew is complete is counted for all routes together.
        if !self.seen.insert(ticket.id) && ticket.crew_size() == 1 {
            self.fault(format!("ticket {} is served twice", ticket.id));
        }
        if ticket.forbidden_engineers.contains(&engineer.id) && ticket.started_at_s.is_none() {
            self.fault(format!("engineer {} is forbidden for ticket {}", engineer.id, ticket.id));
        }
        let covers = |territory| engineer.territories.as_ref().is_none_or(|all| all.contains(&territory));
        if !ticket.territory.is_none_or(covers) && ticket.started_at_s.is_none() {
            self.fault(format!("engineer {} does not cover where ticket {} is", engineer.id, ticket.id));
        }
    }

    fn leads(&mut self, engineer: &PlanEngineer, ticket: &PlanTicket) {
        self.prices(Some(engineer.id), ticket);
        if ticket.pinned_engineer.is_some_and(|pinned| pinned != engineer.id) {
            self.fault(format!("ticket {} is pinned to another engineer", ticket.id));
        }
    }

    /// One of a crew, but not its lead.
    fn helps(&mut self, engineer: &PlanEngineer, ticket: &PlanTicket) {
        if !ticket.pinned_crew.is_empty() && !ticket.pinned_crew.contains(&engineer.id) {
            self.fault(format!("ticket {} is pinned to another crew", ticket.id));
        }
        let promised = ticket.in_force_crew.is_empty() || ticket.in_force_crew.contains(&engineer.id);
        if !promised && ticket.started_at_s.is_none() {
            self.verdict.prices_s += i64::from(self.problem.disturbance_s.unwrap_or(0));
        }
    }

    /// What it costs that he does it, or nobody.
    fn prices(&mut self, engineer: Option<i64>, ticket: &PlanTicket) {
        if ticket.started_at_s.is_some() {
            return;
        }
        if !engineer.is_some_and(|engineer| ticket.preferred_engineers.contains(&engineer)) {
            self.verdict.prices_s += i64::from(ticket.preference_s.unwrap_or(0));
        }
        if ticket.in_force.is_some() && ticket.in_force != engineer {
            self.verdict.prices_s += i64::from(self.problem.disturbance_s.unwrap_or(0));
        }
    }

    fn begin(&mut self, ticket: &PlanTicket, start: i64) {
        let late = (start - i64::from(ticket.due_s)).max(0);
        if late > 0 && self.problem.hard_due && ticket.started_at_s.is_none() {
            self.fault(format!("ticket {} begins {late} s after its due time", ticket.id));
        }
        self.verdict.late += usize::from(late > 0);
        self.verdict.late_weighted_s += late * i64::from(weight(ticket.priority));
    }

    fn unassigned(&mut self, unassigned: &[i64]) {
        let mut named = HashSet::new();
        for id in unassigned {
            match self.tickets.get(id) {
                None => self.fault(format!("ticket {id} is unknown")),
                Some(_) if !named.insert(*id) => self.fault(format!("ticket {id} is unassigned twice")),
                Some(_) if self.seen.contains(id) => {
                    self.fault(format!("ticket {id} is served and unassigned"))
                }
                Some(&(_, ticket)) => {
                    self.prices(None, ticket);
                    if ticket.started_at_s.is_none() {
                        let promised = ticket.in_force_crew.len() as i64;
                        self.verdict.prices_s +=
                            promised * i64::from(self.problem.disturbance_s.unwrap_or(0));
                    }
                    self.verdict.cost += 36_000 * i64::from(weight(ticket.priority));
                }
            }
        }
        let lost = self.tickets.keys().filter(|id| !self.seen.contains(id) && !named.contains(id)).count();
        if lost > 0 {
            self.fault(format!("{lost} tickets are neither served nor unassigned"));
        }
        self.verdict.unserved = named.len();
    }

    /// Whether the parts are in the van, or at the depot where the plan fetches them.
    fn parts(&mut self, engineer: &PlanEngineer, stops: &[drive::Stop<'_>], route: &PlannedRoute) {
        let depots: HashMap<i64, i64> =
            route.fetches.iter().map(|fetch| (fetch.ticket, fetch.depot)).collect();
        for fetch in &route.fetches {
            let known = self.problem.depots.iter().any(|depot| depot.id == fetch.depot);
            if !known || !route.stops.contains(&fetch.ticket) {
                self.fault(format!("parts for ticket {} are fetched where they are not", fetch.ticket));
            }
        }
        let begun = |ticket: &PlanTicket| ticket.started_at_s.is_some();
        let others = || stops.iter().map(|(_, ticket)| *ticket).filter(|ticket| !begun(ticket));
        for ticket in others() {
            if let Some(depot) = depots.get(&ticket.id) {
                self.taken.fetch(ticket, *depot);
            }
        }
        let from_van = others().filter(|ticket| !depots.contains_key(&ticket.id));
        self.verdict.faults.extend(parts::van(engineer, from_van));
    }

    fn finish(mut self, work: &HashMap<i64, i64>) -> Verdict {
        self.verdict.faults.extend(self.taken.faults(self.problem));
        let mean = work.values().sum::<i64>() as f64 / work.len().max(1) as f64;
        let verdict = &mut self.verdict;
        verdict.served = self.seen.len();
        verdict.cost += verdict.travel_s + verdict.late_weighted_s + verdict.prices_s;
        verdict.unevenness_s = work.values().map(|seconds| (*seconds as f64 - mean).abs()).sum();
        let charge = self.problem.fairness_weight.unwrap_or(0.0) * verdict.unevenness_s;
        verdict.objective = verdict.cost as f64 + charge;
        self.verdict
    }
}

/// Who has begun this ticket.
fn begun(ticket: &PlanTicket) -> impl Iterator<Item = (i64, i64)> {
    let crew = ticket.pinned_engineer.iter().chain(&ticket.pinned_crew);
    crew.filter(|_| ticket.started_at_s.is_some()).map(|engineer| (*engineer, ticket.id))
}

/// Priority 1 to 4.
const fn weight(priority: u8) -> i32 {
    match priority {
        1 => 8,
        2 => 4,
        3 => 2,
        _ => 1,
    }
}
