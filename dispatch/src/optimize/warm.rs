//! Beginning with the plan in force: as much of it as is still allowed.

use std::collections::{HashMap, HashSet};

use super::agree::Agreement;
use super::distance::Distance;
use super::instance::Instance;
use super::links::Links;
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
            if let Some(after) = planned.break_after.filter(|_| instance.links.is_some()) {
                let before: HashSet<i64> = planned.stops.iter().take(after).copied().collect();
                let kept = stops.iter().filter(|stop| before.contains(&problem.tickets[**stop as usize].id));
                solution.rest(instance, engineer, kept.count());
            }
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
    if let Some(links) = &instance.links {
        agree(instance, links, solution, &mut step);
    }
}

/// Leaves out linked visits until the others can agree on times: those of which a part is not there any more, and
/// those for which somebody would wait too long for others.
fn agree<D: Distance>(instance: &Instance<'_, D>, links: &Links, solution: &mut Solution, step: &mut Step) {
    for visit in 0..links.visits.len() as u32 {
        let follows = links.ready(instance, solution, visit).is_some();
        if !follows || !links.is_served(solution, visit) {
            leave_out(instance, links, solution, step, visit);
        }
    }
    loop {
        step.begin(solution);
        let agreement = Agreement::of_all(links, instance, solution, step);
        let late = match agreement.settle(instance, solution, step) {
            Ok(()) => too_late(instance, links, solution),
            Err(stuck) => vec![stuck],
        };
        if late.is_empty() {
            return;
        }
        // As if nothing had been agreed on, a route is allowed again.
        links.release(instance, solution, step);
        late.into_iter().for_each(|visit| leave_out(instance, links, solution, step, visit));
    }
}

/// For each route in which something is too late, the last visit before that for which others were waited for.
fn too_late<D: Distance>(instance: &Instance<'_, D>, links: &Links, solution: &Solution) -> Vec<u32> {
    let mut visits = Vec::new();
    for (engineer, route) in (0..).zip(&solution.routes) {
        if !route.is_allowed(instance, engineer) {
            let late = route.calls.iter().zip(&route.jobs).position(|(call, job)| call.start > job.latest);
            let until = late.map_or(route.stops.len(), |at| (at + 1).min(route.stops.len()));
            let linked = |stops: &[u32]| stops.iter().rev().find_map(|stop| links.visit_of(*stop));
            visits.extend(linked(&route.stops[..until]).or_else(|| linked(&route.stops)));
        }
    }
    visits
}

/// Takes a visit out, and what follows it.
fn leave_out<D: Distance>(
    instance: &Instance<'_, D>,
    links: &Links,
    solution: &mut Solution,
    step: &mut Step,
    visit: u32,
) {
    step.begin(solution);
    for part in links.parts(visit) {
        if let Some((engineer, at)) = solution.place(*part) {
            step.remove(instance, solution, engineer, |position| position == at);
        }
    }
    links.take_along(instance, solution, step);
}
