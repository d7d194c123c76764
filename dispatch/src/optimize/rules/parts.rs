//! Two visits do not count on the same last part: what the stops of a route take from the van is in it, all of a
//! ticket's parts or none. Otherwise they are fetched on the way to it at the depot where they are put aside for it:
//! for each ticket, before the search, at the nearest depot that has them all. Whether they are fetched there is left
//! to the search, so no two tickets count on the same part of a depot either.

use std::collections::HashMap;

use super::super::distance::Distance;
use super::super::places::Places;
use crate::plan::{PartCount, Problem};

/// Not a depot: the parts are in the van.
pub const VAN: u32 = u32::MAX;

/// Who has which parts.
pub struct Parts {
    needs: Vec<Vec<PartCount>>,
    vans: Vec<HashMap<i64, i64>>,
    /// For each ticket, the place where its parts are put aside, and whose place that is.
    aside: Vec<Option<(u32, i64)>>,
}

impl Parts {
    /// None if no ticket needs any. `eligible` is who may serve each ticket.
    pub fn new<D: Distance>(
        problem: &Problem,
        places: &Places,
        distance: &D,
        eligible: &[Vec<u32>],
        is_over: impl FnMut() -> bool,
    ) -> Option<Self> {
        let waits = |i: usize| problem.tickets[i].started_at_s.is_none();
        let needs = |i: usize| if waits(i) { wanted(&problem.tickets[i].parts) } else { Vec::new() };
        let needs: Vec<Vec<PartCount>> = (0..problem.tickets.len()).map(needs).collect();
        if needs.iter().all(Vec::is_empty) {
            return None;
        }
        let vans = problem.engineers.iter().map(|engineer| by_part(&engineer.stock)).collect();
        let mut parts = Self { vans, aside: Vec::new(), needs };
        let in_no_van = |ticket: usize| {
            !eligible[ticket]
                .iter()
                .any(|engineer| has(&parts.vans[*engineer as usize], &parts.needs[ticket]))
        };
        let way = |depot: usize, ticket: usize| distance.seconds(places.depots[depot], ticket as u32);
        let aside = put_aside(problem, in_no_van, way, is_over);
        let place = |depot: usize| (places.depots[depot], problem.depots[depot].id);
        parts.aside = aside.into_iter().map(|depot| depot.map(place)).collect();
        Some(parts)
    }

    /// From where this engineer would have the parts, who already takes from his van what these tickets need.
    pub fn source(&self, engineer: u32, ticket: u32, taken: impl Iterator<Item = u32>) -> Option<u32> {
        let needs = &self.needs[ticket as usize];
        if needs.is_empty() {
            return Some(VAN);
        }
        let van = &self.vans[engineer as usize];
        let mut all = needs.clone();
        for other in taken {
            for theirs in &self.needs[other as usize] {
                all.iter_mut()
                    .filter(|count| count.part == theirs.part)
                    .for_each(|c| c.quantity += theirs.quantity);
            }
        }
        if has(van, &all) {
            return Some(VAN);
        }
        self.aside[ticket as usize].map(|(place, _)| place)
    }

    /// The depot where a ticket's parts are put aside.
    pub fn depot(&self, ticket: u32) -> Option<i64> {
        self.aside[ticket as usize].map(|(_, depot)| depot)
    }
}

/// For each ticket the depot at which its parts are put aside, as far as there are any left: those first that are in
/// no van, and those that weigh most. What is left when it `is_over` has none.
pub fn put_aside(
    problem: &Problem,
    in_no_van: impl Fn(usize) -> bool,
    way: impl Fn(usize, usize) -> i32,
    mut is_over: impl FnMut() -> bool,
) -> Vec<Option<usize>> {
    let mut left: Vec<HashMap<i64, i64>> = problem.depots.iter().map(|depot| by_part(&depot.stock)).collect();
    let mut aside = vec![None; problem.tickets.len()];
    let waits =
        |i: &usize| problem.tickets[*i].started_at_s.is_none() && !problem.tickets[*i].parts.is_empty();
    let mut order: Vec<usize> = (0..aside.len()).filter(waits).collect();
    order.sort_by_cached_key(|i| {
        let ticket = &problem.tickets[*i];
        (!in_no_van(*i), std::cmp::Reverse(ticket.weight()), ticket.due_s, *i)
    });
    for ticket in order {
        if is_over() {
            break;
        }
        let needs = wanted(&problem.tickets[ticket].parts);
        let stocked = (0..left.len()).filter(|depot| has(&left[*depot], &needs));
        aside[ticket] = stocked.min_by_key(|depot| way(*depot, ticket));
        if let Some(depot) = aside[ticket] {
            for count in &needs {
                *left[depot].entry(count.part).or_default() -= count.quantity;
            }
        }
    }
    aside
}

fn wanted(parts: &[PartCount]) -> Vec<PartCount> {
    parts.iter().filter(|count| count.quantity > 0).copied().collect()
}

fn by_part(parts: &[PartCount]) -> HashMap<i64, i64> {
    parts.iter().map(|count| (count.part, count.quantity)).collect()
}

fn has(stock: &HashMap<i64, i64>, needs: &[PartCount]) -> bool {
    needs.iter().all(|count| stock.get(&count.part).is_some_and(|held| *held >= count.quantity))
}
