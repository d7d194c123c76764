//! Which visit follows which: that there is an order at all, and time for it.

use std::collections::{HashMap, HashSet};

use super::check::{self, LATEST, ProblemError, require};
use super::{PlanTicket, Problem};

/// Refuses an order of visits that no plan can keep.
///
/// # Errors
/// The first fault.
pub fn check(problem: &Problem) -> Result<(), ProblemError> {
    if problem.tickets.iter().all(|ticket| ticket.after.is_empty()) {
        return Ok(());
    }
    let index = problem.tickets.iter().enumerate().map(|(i, ticket)| (ticket.id, i)).collect();
    for (i, ticket) in problem.tickets.iter().enumerate() {
        entries(ticket, &index, &|field| format!("tickets[{i}].{field}"))?;
    }
    let mut ends = vec![0; problem.tickets.len()];
    for i in in_order(problem, &index)? {
        let ticket = &problem.tickets[i];
        let mut start = i64::from(ticket.started_at_s.or(ticket.fixed_start_s).unwrap_or(ticket.earliest_s));
        // Of what has begun nothing is asked any more.
        let waits = ticket.after.iter().enumerate().filter(|_| ticket.started_at_s.is_none());
        for (j, after) in waits {
            let ready = ends[index[&after.ticket]] + i64::from(after.gap_s);
            require(
                ready <= latest(problem, ticket),
                || format!("tickets[{i}].after[{j}]"),
                "cannot have ended by the time at which this ticket must begin",
            )?;
            start = start.max(ready);
        }
        ends[i] = start + i64::from(ticket.duration_s);
    }
    Ok(())
}

/// Each ticket once, and of this problem.
fn entries(
    ticket: &PlanTicket,
    index: &HashMap<i64, usize>,
    at: &dyn Fn(&str) -> String,
) -> Result<(), ProblemError> {
    check::list(&ticket.after, "after", at)?;
    let mut seen = HashSet::new();
    for (j, after) in ticket.after.iter().enumerate() {
        let here = |name: &str| at(&format!("after[{j}].{name}"));
        require(after.ticket != ticket.id, || here("ticket"), "is this ticket itself")?;
        require(index.contains_key(&after.ticket), || here("ticket"), "is no ticket of this problem")?;
        require(seen.insert(after.ticket), || here("ticket"), "is there twice")?;
        require((0..=LATEST).contains(&after.gap_s), || here("gap_s"), "must be 0 to 10,000,000")?;
    }
    Ok(())
}

/// All tickets, each behind those that it follows.
fn in_order(problem: &Problem, index: &HashMap<i64, usize>) -> Result<Vec<usize>, ProblemError> {
    let mut followers = vec![Vec::new(); problem.tickets.len()];
    let mut waits: Vec<usize> = problem.tickets.iter().map(|ticket| ticket.after.len()).collect();
    for (i, ticket) in problem.tickets.iter().enumerate() {
        ticket.after.iter().for_each(|after| followers[index[&after.ticket]].push(i));
    }
    let mut order: Vec<usize> = (0..waits.len()).filter(|i| waits[*i] == 0).collect();
    let mut next = 0;
    while let Some(i) = order.get(next).copied() {
        next += 1;
        for &follower in &followers[i] {
            waits[follower] -= 1;
            if waits[follower] == 0 {
                order.push(follower);
            }
        }
    }
    match waits.iter().position(|left| *left > 0) {
        None => Ok(order),
        Some(first) => Err(circle(problem, index, &waits, first)),
    }
}

/// What is left waits for something that is left: going from one to the next ends in a circle.
fn circle(problem: &Problem, index: &HashMap<i64, usize>, waits: &[usize], first: usize) -> ProblemError {
    let (mut i, mut seen) = (first, HashSet::new());
    while seen.insert(i) {
        let left = problem.tickets[i].after.iter().map(|after| index[&after.ticket]);
        i = left.filter(|other| waits[*other] > 0).min().unwrap_or(i);
    }
    let message = format!("goes round in a circle: ticket {} would wait for itself", problem.tickets[i].id);
    ProblemError { field: format!("tickets[{i}].after"), message }
}

/// By when it must begin.
fn latest(problem: &Problem, ticket: &PlanTicket) -> i64 {
    let ends = [ticket.fixed_start_s, ticket.latest_start_s, problem.hard_due.then_some(ticket.due_s)];
    ends.into_iter().flatten().min().map_or(i64::MAX, i64::from)
}
