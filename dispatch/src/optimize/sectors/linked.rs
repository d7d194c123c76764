//! Linked visits and borders. What is linked and has no engineer yet is in one sector. What is served by engineers of
//! several sectors keeps its engineers and its times for the round: it is an appointment in each of them.

use std::collections::{HashMap, HashSet};

use crate::plan::{After, PartCount, Plan, PlanTicket, Problem};

/// Who serves a ticket, and when it begins.
pub type Appointments = HashMap<i64, (i64, i32)>;

/// Which tickets are linked, over however many others.
pub struct Linked {
    /// The tickets of each set; only of sets of several.
    pub sets: Vec<Vec<usize>>,
    /// The set of each ticket.
    set_of: Vec<Option<usize>>,
    index: HashMap<i64, usize>,
}

impl Linked {
    pub fn new(problem: &Problem) -> Self {
        let index: HashMap<i64, usize> =
            problem.tickets.iter().enumerate().map(|(i, ticket)| (ticket.id, i)).collect();
        let mut root: Vec<usize> = (0..problem.tickets.len()).collect();
        for (i, ticket) in problem.tickets.iter().enumerate().filter(|(_, ticket)| !has_begun(ticket)) {
            for other in ticket.helps.iter().chain(ticket.after.iter().map(|after| &after.ticket)) {
                let other = index[other];
                if !has_begun(&problem.tickets[other]) {
                    let (one, other) = (find(&mut root, i), find(&mut root, other));
                    root[one.max(other)] = one.min(other);
                }
            }
        }
        let mut sets: HashMap<usize, Vec<usize>> = HashMap::new();
        for i in 0..root.len() {
            let first = find(&mut root, i);
            sets.entry(first).or_default().push(i);
        }
        let mut sets: Vec<Vec<usize>> = sets.into_values().filter(|set| set.len() > 1).collect();
        sets.sort_unstable();
        let mut set_of = vec![None; problem.tickets.len()];
        for (number, set) in sets.iter().enumerate() {
            set.iter().for_each(|ticket| set_of[*ticket] = Some(number));
        }
        Self { sets, set_of, index }
    }

    /// The tickets that are linked with this one, itself among them.
    pub fn set(&self, ticket: usize) -> Option<&[usize]> {
        self.set_of[ticket].map(|set| self.sets[set].as_slice())
    }

    /// The tickets of a sector as they are planned there. `served` is by whom, and from when.
    pub fn part(&self, problem: &Problem, tickets: &[usize], served: &Appointments) -> Vec<PlanTicket> {
        let mut here: HashMap<usize, usize> = HashMap::new();
        for set in tickets.iter().filter_map(|ticket| self.set_of[*ticket]) {
            *here.entry(set).or_default() += 1;
        }
        let is_torn =
            |ticket: usize| self.set_of[ticket].is_some_and(|set| here[&set] < self.sets[set].len());
        let mut part = Vec::with_capacity(tickets.len());
        for &i in tickets {
            let mut ticket = problem.tickets[i].clone();
            if is_torn(i) {
                // What nobody serves yet waits for another round.
                let Some((engineer, start)) = served.get(&ticket.id) else { continue };
                (ticket.pinned_engineer, ticket.fixed_start_s) = (Some(*engineer), Some(*start));
                ticket.is_kept = true;
                ticket.after.clear();
            } else if !has_begun(&ticket) {
                self.remember(problem, &mut ticket);
            }
            part.push(ticket);
        }
        part
    }

    /// The tickets of a sector that must stay served.
    pub fn kept(part: &Problem) -> HashSet<i64> {
        part.tickets.iter().filter(|ticket| ticket.is_kept).map(|ticket| ticket.id).collect()
    }

    /// When something ends that has begun is known, wherever that is.
    fn remember(&self, problem: &Problem, ticket: &mut PlanTicket) {
        let ended = |after: &After| {
            let before = &problem.tickets[self.index[&after.ticket]];
            before.started_at_s.map(|start| start + before.duration_s + after.gap_s)
        };
        let known = ticket.after.iter().filter_map(ended).max();
        ticket.earliest_s = known.map_or(ticket.earliest_s, |end| ticket.earliest_s.max(end));
        ticket.after.retain(|after| ended(after).is_none());
    }
}

/// The problem with parts at depots only for those tickets for which a plan fetches them there.
pub fn as_fetched(problem: &Problem, plan: &Plan) -> Problem {
    let mut problem = problem.clone();
    problem.depots.iter_mut().for_each(|depot| depot.stock.clear());
    let stock = problem.engineers.iter().flat_map(|engineer| &engineer.stock);
    let known: HashSet<i64> = stock.map(|count| count.part).collect();
    // A part for each, so that nobody has it in his van.
    let mut free = (i64::MIN..i64::MAX).filter(|part| !known.contains(part));
    let fetches = plan.routes.iter().flat_map(|route| &route.fetches);
    let mut depot_of: HashMap<i64, i64> = fetches.map(|fetch| (fetch.ticket, fetch.depot)).collect();
    for ticket in &mut problem.tickets {
        let Some(fetched) = depot_of.remove(&ticket.id) else { continue };
        let depot = problem.depots.iter_mut().find(|depot| depot.id == fetched);
        if let (Some(depot), Some(part)) = (depot, free.next()) {
            ticket.parts = vec![PartCount { part, quantity: 1 }];
            depot.stock.push(PartCount { part, quantity: 1 });
        }
    }
    problem
}

fn has_begun(ticket: &PlanTicket) -> bool {
    ticket.started_at_s.is_some()
}

/// The first of the set that a ticket belongs to.
fn find(root: &mut [usize], ticket: usize) -> usize {
    let mut first = ticket;
    while root[first] != first {
        root[first] = root[root[first]];
        first = root[first];
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem() -> Problem {
        let text = r#"{"travel": {"model": "haversine", "road_factor": 1.3, "speed_kmh": 30}, "engineers": [],
            "depots": [{"id": 5, "stock": [{"part": 1, "quantity": 9}]}, {"id": 6}], "tickets": []}"#;
        let mut problem: Problem = serde_json::from_str(text).unwrap();
        let after = |ticket| vec![After { ticket, gap_s: 10 }];
        let ticket = |id| PlanTicket { id, duration_s: 100, priority: 4, ..PlanTicket::default() };
        problem.tickets = (0..7).map(ticket).collect();
        problem.tickets[1].after = after(0);
        problem.tickets[2].helps = Some(1);
        problem.tickets[4].started_at_s = Some(500);
        problem.tickets[5].after = [after(4), after(6)].concat();
        problem
    }

    #[test]
    fn sets_are_what_is_linked_over_others_and_has_not_begun() {
        let linked = Linked::new(&problem());
        assert_eq!(linked.sets, [vec![0, 1, 2], vec![5, 6]]);
        assert_eq!((linked.set(2), linked.set(3), linked.set(4)), (Some(&[0, 1, 2][..]), None, None));
    }

    #[test]
    fn what_is_torn_is_an_appointment_and_what_is_whole_is_free() {
        let (problem, served) = (problem(), Appointments::from([(0, (7, 1_000)), (1, (8, 1_200))]));
        let part = Linked::new(&problem).part(&problem, &[1, 2, 3, 5, 6], &served);
        assert_eq!(part.iter().map(|ticket| ticket.id).collect::<Vec<_>>(), [1, 3, 5, 6], "nobody helps yet");
        assert_eq!((part[0].fixed_start_s, part[0].pinned_engineer), (Some(1_200), Some(8)));
        assert!(part[0].is_kept && part[0].after.is_empty());
        assert!(!part[2].is_kept && part[2].fixed_start_s.is_none());
        // What began elsewhere is over at 600, and the other is in this sector.
        assert_eq!((part[2].earliest_s, part[2].after.len()), (610, 1));
    }

    #[test]
    fn parts_are_where_a_plan_fetches_them() {
        let mut problem = problem();
        problem.tickets[3].parts = vec![PartCount { part: 1, quantity: 2 }];
        let plan = r#"{"routes": [{"engineer": 1, "stops": [3], "fetches": [{"ticket": 3, "depot": 6}]}],
            "unassigned": []}"#;
        let fetched = as_fetched(&problem, &serde_json::from_str(plan).unwrap());
        assert!(fetched.depots[0].stock.is_empty());
        assert_eq!(fetched.depots[1].stock[0].part, fetched.tickets[3].parts[0].part);
    }
}
