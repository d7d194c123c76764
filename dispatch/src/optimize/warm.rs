//! Beginning with the plan in force: as much of it as is still allowed.

use std::collections::{HashMap, HashSet};

use super::distance::Distance;
use super::instance::Instance;
use super::solution::{NOBODY, Solution, Step};
use crate::plan::{Plan, Problem};

/// Puts the routes of a plan into an empty solution. Who is not there any more, cannot do it or would be back too late,
/// does not get it: the search will find somebody.
pub fn start<D: Distance>(
    problem: &Problem,
    instance: &Instance<'_, D>,
    solution: &mut Solution,
    plan: &Plan,
) {
    let engineers: HashMap<i64, u32> = (0..).zip(&problem.engineers).map(|(i, e)| (e.id, i)).collect();
    let tickets: HashMap<i64, u32> = (0..).zip(&problem.tickets).map(|(i, t)| (t.id, i)).collect();
    let mut step = Step::default();
    for planned in &plan.routes {
        let Some(&engineer) = engineers.get(&planned.engineer) else { continue };
        let mut seen = HashSet::new();
        let theirs = planned.stops.iter().filter_map(|stop| tickets.get(stop).copied());
        let stops: Vec<u32> = theirs
            .filter(|ticket| {
                let free = solution.holder[*ticket as usize] == NOBODY;
                free && instance.can(engineer, *ticket) && seen.insert(*ticket)
            })
            .collect();
        if solution.put_route(instance, engineer, &stops) {
            continue;
        }
        for ticket in stops {
            if let Some(insertion) = solution.routes[engineer as usize].at_the_end(instance, engineer, ticket)
            {
                step.begin(solution);
                step.insert(instance, solution, engineer, ticket, insertion);
            }
        }
    }
}
