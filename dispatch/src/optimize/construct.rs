//! The first full plan: every ticket in its turn where it costs least, the weighty and the scarce first.

use super::distance::Distance;
use super::instance::Instance;
use super::random::Random;
use super::recreate::Recreate;
use super::solution::{Solution, Step};

/// A plan to begin with.
pub fn construct<D: Distance>(instance: &Instance<'_, D>) -> Solution {
    let mut solution = Solution::empty(instance);
    let mut step = Step::default();
    let mut tickets: Vec<u32> = (0..instance.jobs.len() as u32).collect();
    tickets.sort_by_key(|ticket| {
        let job = &instance.jobs[*ticket as usize];
        (-job.weight, job.due, instance.eligible[*ticket as usize].len(), *ticket)
    });
    let mut recreate = Recreate::new(instance.shifts.len(), 0.0);
    let mut random = Random::new(0);
    for ticket in tickets {
        step.begin(&solution);
        recreate.place(instance, &mut solution, &mut step, ticket, &mut random);
    }
    solution
}
