//! Whether the parts that tickets need are where the plan takes them from.

use std::collections::HashMap;

use crate::plan::{PlanEngineer, PlanTicket, Problem};

/// What is taken from depots, by depot and part.
#[derive(Default)]
pub struct Taken(HashMap<(i64, i64), i64>);

impl Taken {
    /// Takes the parts for a ticket from a depot.
    pub fn fetch(&mut self, ticket: &PlanTicket, depot: i64) {
        for count in &ticket.parts {
            *self.0.entry((depot, count.part)).or_default() += count.quantity;
        }
    }

    /// Depots from which more is taken than they hold.
    pub fn faults(&self, problem: &Problem) -> Vec<String> {
        let mut faults = Vec::new();
        for ((id, part), taken) in &self.0 {
            let depot = problem.depots.iter().find(|depot| depot.id == *id);
            let stock = depot.and_then(|depot| depot.stock.iter().find(|count| count.part == *part));
            let held = stock.map_or(0, |count| count.quantity);
            if *taken > held {
                faults.push(format!("{taken} of part {part} are fetched at depot {id}, which has {held}"));
            }
        }
        faults
    }
}

/// What is wrong with taking the parts of these tickets from the van.
pub fn van<'p>(engineer: &PlanEngineer, tickets: impl Iterator<Item = &'p PlanTicket>) -> Vec<String> {
    let mut needed: HashMap<i64, i64> = HashMap::new();
    for count in tickets.flat_map(|ticket| &ticket.parts) {
        *needed.entry(count.part).or_default() += count.quantity;
    }
    let held = |part: i64| engineer.stock.iter().find(|count| count.part == part).map_or(0, |c| c.quantity);
    let lacking = needed.iter().filter(|(part, quantity)| **quantity > held(**part));
    let words = |(part, quantity): (&i64, &i64)| {
        format!("engineer {} needs {quantity} of part {part} and has {}", engineer.id, held(*part))
    };
    lacking.map(words).collect()
}
