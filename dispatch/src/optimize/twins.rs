//! Engineers between whom a plan cannot tell any difference: they start and end at one place, at the same hours, and
//! may do the same. Of those who have nothing to do it is enough to ask one. Where everybody begins at one depot that
//! is nearly all of the work.

use std::collections::hash_map::DefaultHasher;
use std::collections::{HashMap, HashSet};
use std::hash::{Hash, Hasher};

use crate::plan::{PlanEngineer, Problem, Travel};

/// The class of each engineer: the number of the first one who is like him.
pub fn classes(problem: &Problem) -> Vec<u32> {
    let mut first: HashMap<(String, u64), u32> = HashMap::new();
    let named = named(problem);
    // What helps in a crew has no row of its own.
    let tickets = problem.tickets.iter().filter(|ticket| ticket.helps.is_none()).count();
    let class = |(number, engineer): (u32, &PlanEngineer)| {
        // Whoever is pinned, promised, preferred or refused by name is like nobody else.
        let name = if named.contains(&engineer.id) { engineer.id } else { 0 };
        // As text, since coordinates are no keys: the shortest digits that say exactly which number it is.
        let alike = format!("{:?}", PlanEngineer { id: name, ..engineer.clone() });
        *first.entry((alike, rows(problem, tickets, number as usize))).or_insert(number)
    };
    (0..).zip(&problem.engineers).map(class).collect()
}

/// Those whom a ticket names.
fn named(problem: &Problem) -> HashSet<i64> {
    let mut named = HashSet::new();
    for ticket in &problem.tickets {
        named.extend(ticket.pinned_engineer.iter().chain(&ticket.in_force));
        named.extend(ticket.pinned_crew.iter().chain(&ticket.in_force_crew));
        named.extend(ticket.forbidden_engineers.iter().chain(&ticket.preferred_engineers));
    }
    named
}

/// All journeys from and to his home, where they are not worked out from coordinates.
fn rows(problem: &Problem, tickets: usize, engineer: usize) -> u64 {
    let Travel::Matrix { seconds } = &problem.travel else { return 0 };
    let home = tickets + engineer;
    let mut hash = DefaultHasher::new();
    // From home to home is always nothing, but two homes may be apart.
    let other = |place: &usize| *place < tickets;
    for place in (0..seconds.len()).filter(other) {
        (seconds[home][place], seconds[place][home]).hash(&mut hash);
    }
    hash.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::PlanTicket;

    fn problem(travel: Travel, engineers: Vec<PlanEngineer>) -> Problem {
        let json = r#"{"travel": {"model": "matrix", "seconds": []}, "engineers": [], "tickets": []}"#;
        let empty: Problem = serde_json::from_str(json).unwrap();
        let ticket = PlanTicket { id: 1, forbidden_engineers: vec![9], ..PlanTicket::default() };
        Problem { travel, engineers, tickets: vec![ticket], ..empty }
    }

    fn haversine() -> Travel {
        Travel::Haversine { radius_m: None, road_factor: 1.3, speed_kmh: 30.0, rounding: None }
    }

    #[test]
    fn only_those_who_differ_in_nothing_are_alike() {
        let plain = |id| PlanEngineer { id, shift_end_s: 100, ..PlanEngineer::default() };
        let engineers = vec![
            plain(7),
            plain(8),
            PlanEngineer { shift_end_s: 101, ..plain(10) },
            plain(9),
            PlanEngineer { skills: vec![1], ..plain(11) },
            plain(12),
        ];
        assert_eq!(classes(&problem(haversine(), engineers)), [0, 0, 2, 3, 4, 0]);
    }

    #[test]
    fn with_a_matrix_they_are_alike_if_their_journeys_are() {
        let plain = |id| PlanEngineer { id, ..PlanEngineer::default() };
        let seconds = vec![vec![0, 5, 5, 6], vec![5, 0, 1, 1], vec![5, 1, 0, 1], vec![5, 1, 1, 0]];
        let engineers = vec![plain(1), plain(2), plain(3)];
        assert_eq!(classes(&problem(Travel::Matrix { seconds }, engineers)), [0, 0, 2]);
    }
}
