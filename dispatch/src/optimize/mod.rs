//! What should everybody do today. Ruin and recreate on the true objective, anytime, from any plan.
//!
//! [`optimize`] turns a [`Problem`] into numbers ([`instance`]), makes a first plan ([`mod@construct`]) or takes the
//! one in force, and improves it ([`search`]): each step takes strings of stops out of neighbouring routes ([`ruin`])
//! and puts them back where they cost least ([`recreate`]). What a stop costs is asked of a [`route`], which knows
//! its times; a [`solution`] can be undone.

mod construct;
mod distance;
mod instance;
mod pause;
mod random;
mod recreate;
mod route;
mod ruin;
mod rules;
mod search;
mod solution;
#[cfg(test)]
mod tests;
mod warm;

pub use ruin::Strings;
pub use search::{Annealing, Progress, Settings};

use crate::plan::{Plan, PlannedRoute, Problem, ProblemError};
use crate::problem::Point;
use distance::{Distance, Distances};
use instance::Instance;
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
    let tickets = problem.tickets.iter().map(|ticket| (ticket.lat, ticket.lon));
    let homes = problem.engineers.iter().map(|engineer| (engineer.lat, engineer.lon));
    let places: Vec<Point> =
        tickets.chain(homes).map(|(latitude, longitude)| Point { latitude, longitude }).collect();
    Ok(match Distances::new(&problem.travel, &places) {
        Distances::Table(table) => run(problem, &table, options, done),
        Distances::Calculated(calculated) => run(problem, &calculated, options, done),
    })
}

fn run<D: Distance>(
    problem: &Problem,
    distance: &D,
    options: &Options,
    done: &mut dyn FnMut(&Progress) -> f64,
) -> Plan {
    let instance = Instance::new(problem, distance);
    let mut first = Solution::empty(&instance);
    if let Some(plan) = &options.start {
        warm::start(problem, &instance, &mut first, plan);
    }
    let (in_force, cost) = (first.clone(), first.cost);
    construct::construct(&instance, &mut first, || done(&Progress { iterations: 0, cost }) >= 1.0);
    if in_force.objective(&instance) < first.objective(&instance) {
        // To serve one ticket more may be uneven.
        first = in_force;
    }
    let mut search = Search::new(&instance, first, options.settings, options.seed);
    search.run(done);
    to_plan(problem, search.best())
}

fn to_plan(problem: &Problem, solution: &Solution) -> Plan {
    let mut served = vec![false; problem.tickets.len()];
    let mut routes = Vec::new();
    for (engineer, route) in problem.engineers.iter().zip(&solution.routes) {
        if route.stops.is_empty() {
            continue;
        }
        route.stops.iter().for_each(|stop| served[*stop as usize] = true);
        routes.push(PlannedRoute {
            engineer: engineer.id,
            break_after: Some(route.pause_at).filter(|at| *at != route::NO_PAUSE),
            stops: route.stops.iter().map(|stop| problem.tickets[*stop as usize].id).collect(),
        });
    }
    let unassigned = problem.tickets.iter().zip(&served).filter(|(_, served)| !**served);
    Plan { routes, unassigned: unassigned.map(|(ticket, _)| ticket.id).collect(), cost: Some(solution.cost) }
}
