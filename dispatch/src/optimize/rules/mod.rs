//! Who may serve a ticket, and on which terms: one file per rule. What is the same for everybody is in the [`Job`];
//! here is what differs from engineer to engineer.

mod certificate;
mod parts;
mod price;

use crate::plan::{PlanEngineer, PlanTicket, Problem};

pub use certificate::Holders;
pub use parts::{Parts, VAN, put_aside};
pub use price::price;

use super::instance::{Job, Pair};

/// Everybody who may serve a ticket, in the order of the file, each on his terms.
pub fn eligible(problem: &Problem, holders: &mut Holders, ticket: &PlanTicket, job: &Job) -> Vec<Pair> {
    if ticket.started_at_s.is_some() {
        // Whoever has begun it has it already.
        return Vec::new();
    }
    let mut pairs = holders.who(ticket);
    pairs.retain_mut(|pair| {
        let engineer = &problem.engineers[pair.engineer as usize];
        is_allowed(ticket, engineer) && {
            pair.credit = price::credit(problem, ticket, engineer);
            pair.latest = pair.latest.min(job.latest);
            pair.earliest.max(job.earliest) <= pair.latest
        }
    });
    pairs
}

/// What leaving this ticket out costs.
pub fn penalty(problem: &Problem, ticket: usize) -> i64 {
    Job::new(problem, &problem.tickets[ticket]).penalty()
}

/// Whether neither the customer nor the office has excluded him.
fn is_allowed(ticket: &PlanTicket, engineer: &PlanEngineer) -> bool {
    let covers = |territory| engineer.territories.as_ref().is_none_or(|covered| covered.contains(territory));
    ticket.territory.as_ref().is_none_or(covers)
        && !ticket.forbidden_engineers.contains(&engineer.id)
        && ticket.pinned_engineer.is_none_or(|pinned| pinned == engineer.id)
        && (ticket.helps.is_none()
            || ticket.pinned_crew.is_empty()
            || ticket.pinned_crew.contains(&engineer.id))
}
