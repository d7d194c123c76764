//! Who of a crew leads and who helps, and whether all are there.

use std::collections::HashMap;

use crate::plan::{Plan, PlanTicket, Problem};

/// What those are asked who only help.
pub struct Crews(HashMap<i64, PlanTicket>);

impl Crews {
    /// Of the tickets that somebody helps with.
    pub fn new(problem: &Problem, plan: &Plan) -> Self {
        let mut crews = HashMap::new();
        if plan.routes.iter().any(|route| !route.helps.is_empty()) {
            crews.extend(problem.tickets.iter().map(|ticket| (ticket.id, helping(ticket))));
        }
        Self(crews)
    }

    /// The ticket as he finds it who leads, or helps.
    pub fn part<'t>(&'t self, ticket: &'t PlanTicket, helps: bool) -> &'t PlanTicket {
        self.0.get(&ticket.id).filter(|_| helps).unwrap_or(ticket)
    }

    /// Crews that are not complete, or have no lead or several.
    pub fn faults(&self, problem: &Problem, plan: &Plan) -> Vec<String> {
        let (mut led, mut helped, mut faults) = (HashMap::new(), HashMap::new(), Vec::new());
        for route in &plan.routes {
            for stop in &route.stops {
                let count = if route.helps.contains(stop) { &mut helped } else { &mut led };
                *count.entry(*stop).or_insert(0) += 1;
            }
            let who = route.engineer;
            for ticket in route.helps.iter().filter(|ticket| !route.stops.contains(ticket)) {
                faults.push(format!("engineer {who} helps with ticket {ticket}, which is no stop of his"));
            }
            if let Some(ticket) = twice(&route.stops) {
                faults.push(format!("engineer {who} has ticket {ticket} twice"));
            }
        }
        for ticket in &problem.tickets {
            let [leads, helpers] = [&led, &helped].map(|count| count.get(&ticket.id).copied().unwrap_or(0));
            let (all, crew) = (leads + helpers, ticket.crew_size());
            if all > 0 && all != crew && (crew > 1 || helpers > 0) {
                faults.push(format!("ticket {} has {all} engineers instead of {crew}", ticket.id));
            } else if all > 0 && leads != 1 && crew > 1 {
                faults.push(format!("ticket {} has {leads} leads", ticket.id));
            }
        }
        faults
    }
}

fn twice(stops: &[i64]) -> Option<i64> {
    let mut sorted = stops.to_vec();
    sorted.sort_unstable();
    sorted.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0])
}

/// Load and parts are the lead's, as are skills unless others are named.
fn helping(ticket: &PlanTicket) -> PlanTicket {
    let mut part = PlanTicket { load: None, parts: Vec::new(), ..ticket.clone() };
    if let Some(skills) = &ticket.crew_skills {
        (part.skills, part.required_skills) = (skills.clone(), Vec::new());
    }
    part
}
