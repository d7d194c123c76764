//! The first full plan: every ticket in its turn where it costs least, the weighty and the scarce first.

use super::distance::Distance;
use super::instance::Instance;
use super::random::Random;
use super::recreate::Recreate;
use super::solution::{NOBODY, Solution, Step};

/// Serves what nobody has yet, until `is_over`.
pub fn construct<D: Distance>(
    instance: &Instance<'_, D>,
    solution: &mut Solution,
    mut is_over: impl FnMut() -> bool,
) {
    let mut step = Step::default();
    let mut tickets = solution.unserved.clone();
    tickets.sort_by_key(|ticket| {
        let job = &instance.jobs[*ticket as usize];
        (-job.weight, job.due, instance.eligible[*ticket as usize].len(), *ticket)
    });
    if let Some(links) = &instance.links {
        let mut turns = tickets.iter().map(|ticket| (*ticket, NOBODY)).collect();
        links.line_up(&mut turns);
        tickets = turns.into_iter().map(|(ticket, _)| ticket).collect();
    }
    let mut recreate = Recreate::new(instance.shifts.len(), 0.0);
    let mut random = Random::new(0);
    for ticket in tickets {
        if is_over() {
            break;
        }
        step.begin(solution);
        recreate.place(instance, solution, &mut step, ticket, &mut random);
    }
}
