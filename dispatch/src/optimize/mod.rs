//! What should everybody do today. Ruin and recreate on the true objective, anytime, from any plan.
//!
//! [`optimize`] turns a [`Problem`] into numbers ([`instance`]), makes a first plan ([`mod@construct`]) or takes the
//! one in force, and improves it ([`search`]): each step takes strings of stops out of neighbouring routes ([`ruin`])
//! and puts them back where they cost least ([`recreate`]). What a stop costs is asked of a [`route`], which knows
//! its times; a [`solution`] can be undone. What is too large for that is planned in [`sectors`].

mod agree;
mod construct;
mod crew;
mod distance;
mod instance;
mod links;
mod pause;
mod places;
mod random;
mod recreate;
mod route;
mod ruin;
mod rules;
mod search;
mod sectors;
mod shift;
mod solution;
#[cfg(test)]
mod tests;
mod together;
mod twins;
mod warm;

pub use ruin::Strings;
pub use search::{Annealing, Progress, Settings};

use std::collections::HashSet;

use crate::plan::{Fetch, Plan, PlannedRoute, Problem, ProblemError};
use crew::Apart;
use distance::{Distance, Distances};
use instance::Instance;
use places::Places;
use route::Route;
use rules::VAN;
use search::Search;
use solution::Solution;

/// How to plan.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How the search works.
    pub settings: Settings,
    /// Where chance begins.
    pub seed: u64,
    /// The plan in force, to begin with. What of it is not allowed any more is left out.
    pub start: Option<Plan>,
}

/// Plans the day. `done` hears how far the search is and answers how much of its time is gone, from 0.0 to 1.0: a
/// clock or a count of steps, since there is none in here. With a count and the same seed the plan is the same on
/// every machine.
///
/// # Errors
/// What is wrong with the problem.
pub fn optimize(
    problem: &Problem,
    options: &Options,
    done: &mut dyn FnMut(&Progress) -> f64,
) -> Result<Plan, ProblemError> {
    problem.check()?;
    let Some(apart) = Apart::new(problem) else { return Ok(divided(problem, options, done)) };
    let options = Options { start: options.start.as_ref().map(|plan| apart.divide(plan)), ..options.clone() };
    Ok(apart.unite(divided(&apart.problem, &options, done)))
}

/// Plans a problem without crews, in sectors if it is too large to be searched at once.
fn divided(problem: &Problem, options: &Options, done: &mut dyn FnMut(&Progress) -> f64) -> Plan {
    if sectors::is_too_large(problem) {
        return sectors::optimize(problem, options, done);
    }
    whole(problem, options, done).plan
}

/// A plan, and what of its cost is whose route.
struct Planned {
    plan: Plan,
    costs: Vec<i64>,
    /// By whom each ticket is served, and from when.
    served: Vec<(i64, (i64, i32))>,
}

/// Plans all of a problem that was checked at once.
fn whole(problem: &Problem, options: &Options, done: &mut dyn FnMut(&Progress) -> f64) -> Planned {
    let places = Places::new(problem);
    let is_over = || done(&Progress { iterations: 0, cost: 0 }) >= 1.0;
    match Distances::new(&problem.travel, &places, is_over) {
        Distances::Table(table) => run(problem, &places, &table, options, done),
        Distances::Shared(shared) => run(problem, &places, &shared, options, done),
        Distances::Calculated(calculated) => run(problem, &places, &calculated, options, done),
    }
}

fn run<D: Distance>(
    problem: &Problem,
    places: &Places,
    distance: &D,
    options: &Options,
    done: &mut dyn FnMut(&Progress) -> f64,
) -> Planned {
    let stops = options.start.iter().flat_map(|plan| &plan.routes).flat_map(|route| &route.stops);
    let start: HashSet<i64> = stops.copied().collect();
    let is_over = || done(&Progress { iterations: 0, cost: 0 }) >= 1.0;
    let instance = Instance::new(problem, places, distance, &start, is_over);
    let mut first = Solution::empty(&instance);
    if let Some(plan) = &options.start {
        warm::start(problem, &instance, &mut first, plan);
    }
    let (in_force, cost) = (first.clone(), first.cost);
    construct::construct(&instance, &mut first, || done(&Progress { iterations: 0, cost }) >= 1.0);
    agree::anew(&instance, &mut first);
    if in_force.objective(&instance) < first.objective(&instance) {
        // To serve one ticket more may be uneven.
        first = in_force;
    }
    let mut search = Search::new(&instance, first, options.settings, options.seed);
    search.run(done);
    let mut best = search.into_best();
    agree::anew(&instance, &mut best);
    let costs = best.routes.iter().map(Route::cost).collect();
    let mut served = Vec::new();
    for (engineer, route) in problem.engineers.iter().zip(&best.routes) {
        let starts = route.stops.iter().zip(&route.calls);
        served.extend(starts.map(|(s, call)| (problem.tickets[*s as usize].id, (engineer.id, call.start))));
    }
    Planned { plan: to_plan(problem, &instance, &best), costs, served }
}

fn to_plan<D>(problem: &Problem, instance: &Instance<'_, D>, solution: &Solution) -> Plan {
    let mut served = vec![false; problem.tickets.len()];
    let mut routes = Vec::new();
    for ((engineer, shift), route) in problem.engineers.iter().zip(&instance.shifts).zip(&solution.routes) {
        let begun: Vec<u32> = shift.begun.iter().map(|begun| begun.ticket).collect();
        let all = || begun.iter().chain(&route.stops).map(|stop| *stop as usize);
        if all().next().is_none() {
            continue;
        }
        all().for_each(|stop| served[stop] = true);
        let break_after =
            shift.pause.filter(|_| !route.stops.is_empty()).map(|_| begun.len() + route.pause_at);
        let stops = all().map(|stop| problem.tickets[stop].id).collect();
        let fetches = fetches(problem, instance, route);
        routes.push(PlannedRoute { engineer: engineer.id, stops, break_after, fetches, helps: Vec::new() });
    }
    let unassigned = problem.tickets.iter().zip(&served).filter(|(_, served)| !**served);
    Plan { routes, unassigned: unassigned.map(|(ticket, _)| ticket.id).collect(), cost: Some(solution.cost) }
}

/// For which stops he goes by a depot.
fn fetches<D>(problem: &Problem, instance: &Instance<'_, D>, route: &Route) -> Vec<Fetch> {
    let Some(parts) = &instance.parts else { return Vec::new() };
    let fetched = route.stops.iter().zip(&route.sources).filter(|(_, source)| **source != VAN);
    let fetch = |(stop, _): (&u32, &u32)| {
        let depot = parts.depot(*stop)?;
        Some(Fetch { ticket: problem.tickets[*stop as usize].id, depot })
    };
    fetched.filter_map(fetch).collect()
}
