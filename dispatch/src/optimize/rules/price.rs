//! What may be otherwise, but at a price: whom the customer prefers, and whom the plan in force has promised. The whole
//! price is on the ticket, served or not, and those whom it is about have it taken off: so to leave a ticket out is
//! never a way to save it.

use crate::plan::{PlanEngineer, PlanTicket, Problem};

/// More than leaving out all that one engineer could do: what others count on stays.
const KEPT: i32 = 100_000_000;

/// What it costs if somebody does it who is neither preferred nor promised, in seconds.
pub fn price(problem: &Problem, ticket: &PlanTicket) -> i32 {
    preference(ticket) + disturbance(problem, ticket) + kept(ticket)
}

/// How much of it is taken off for this engineer.
pub fn credit(problem: &Problem, ticket: &PlanTicket, engineer: &PlanEngineer) -> i32 {
    let preferred = ticket.preferred_engineers.contains(&engineer.id);
    let promised = promised(ticket).contains(&engineer.id);
    let [preference, disturbance] = [preference(ticket), disturbance(problem, ticket)];
    [(preferred, preference), (promised, disturbance)]
        .iter()
        .filter(|(his, _)| *his)
        .map(|(_, price)| price)
        .sum::<i32>()
        + kept(ticket)
}

fn kept(ticket: &PlanTicket) -> i32 {
    if ticket.is_kept { KEPT } else { 0 }
}

fn preference(ticket: &PlanTicket) -> i32 {
    ticket.preference_s.unwrap_or(0)
}

fn disturbance(problem: &Problem, ticket: &PlanTicket) -> i32 {
    if promised(ticket).is_empty() { 0 } else { problem.disturbance_s.unwrap_or(0) }
}

/// Whom the plan in force has promised for this part.
fn promised(ticket: &PlanTicket) -> &[i64] {
    if ticket.helps.is_some() { &ticket.in_force_crew } else { ticket.in_force.as_slice() }
}
