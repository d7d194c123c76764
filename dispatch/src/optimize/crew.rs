//! Crews: for the search every part of a crew is a ticket of its own, that of the lead and one for each helper. They
//! are at one place and begin at one moment ([`links`](super::links)), so that a route is still one engineer's.

use std::collections::{HashMap, HashSet};

use crate::plan::{Plan, PlanTicket, PlannedRoute, Problem};

/// A problem in which everybody of a crew has a ticket of his own: those of the helpers stand behind all others.
pub struct Apart {
    pub problem: Problem,
    /// Which ticket a helper's belongs to.
    ticket_of: HashMap<i64, i64>,
    /// The helpers' tickets of a ticket.
    helpers_of: HashMap<i64, Vec<i64>>,
}

impl Apart {
    /// None if no ticket of a problem that was checked needs a crew.
    pub fn new(problem: &Problem) -> Option<Self> {
        if problem.tickets.iter().all(|ticket| ticket.crew_size() == 1) {
            return None;
        }
        let mut apart =
            Self { problem: problem.clone(), ticket_of: HashMap::new(), helpers_of: HashMap::new() };
        let known: HashSet<i64> = problem.tickets.iter().map(|ticket| ticket.id).collect();
        let mut free = (i64::MIN..i64::MAX).filter(|id| !known.contains(id));
        for ticket in &problem.tickets {
            for (number, id) in (1..ticket.crew_size()).zip(&mut free) {
                apart.problem.tickets.push(helper(ticket, number - 1, id));
                apart.ticket_of.insert(id, ticket.id);
                apart.helpers_of.entry(ticket.id).or_default().push(id);
            }
        }
        Some(apart)
    }

    /// A plan of the problem as it was given, as one of the parts. Where it does not say who leads, the first does.
    pub fn divide(&self, plan: &Plan) -> Plan {
        let (mut plan, mut led) = (plan.clone(), HashSet::new());
        let mut free = self.helpers_of.clone();
        free.values_mut().for_each(|helpers| helpers.reverse());
        for route in &mut plan.routes {
            for stop in &mut route.stops {
                let Some(helpers) = free.get_mut(stop) else { continue };
                if route.helps.contains(stop) || !led.insert(*stop) {
                    *stop = helpers.pop().unwrap_or(*stop);
                }
            }
            route.helps.clear();
        }
        plan
    }

    /// A plan of the parts, as one of the problem as it was given.
    pub fn unite(&self, mut plan: Plan) -> Plan {
        for route in &mut plan.routes {
            let PlannedRoute { stops, helps, .. } = route;
            for stop in stops {
                if let Some(ticket) = self.ticket_of.get(stop) {
                    *stop = *ticket;
                    helps.push(*ticket);
                }
            }
        }
        plan.unassigned.retain(|ticket| !self.ticket_of.contains_key(ticket));
        plan
    }
}

/// A helper's part: of the same time and place, without what only the lead is asked or charged for.
fn helper(ticket: &PlanTicket, number: usize, id: i64) -> PlanTicket {
    let mut part = PlanTicket {
        id,
        helps: Some(ticket.id),
        load: None,
        parts: Vec::new(),
        preferred_engineers: Vec::new(),
        preference_s: None,
        in_force: None,
        // Who has begun is known one by one, the others are any of those who are named.
        pinned_engineer: ticket.started_at_s.and(ticket.pinned_crew.get(number).copied()),
        crew: None,
        crew_skills: None,
        after: Vec::new(),
        ..ticket.clone()
    };
    if let Some(skills) = &ticket.crew_skills {
        (part.skills, part.required_skills) = (skills.clone(), Vec::new());
    }
    part
}
