//! When linked visits begin: as early as everybody can be there and all that they follow has ended. The order in which
//! they are asked is that of their times so far, so that mostly each is asked once; whoever changes asks those who
//! come after him again.

use std::collections::BTreeSet;

use super::distance::Distance;
use super::instance::{FAR, Instance};
use super::links::{Links, Span};
use super::solution::{Solution, Step};

/// How often visits are asked on average, at most: who waits for himself would be asked for ever.
const MOST: usize = 50;

/// Visits that are to be asked for their times.
pub struct Agreement<'l> {
    links: &'l Links,
    /// By the time so far.
    queue: BTreeSet<(i32, u32)>,
    asked: BTreeSet<u32>,
}

impl<'l> Agreement<'l> {
    /// Of all visits that a step has touched. What they agree on is never later than before, since that was possible.
    pub fn of_step(links: &'l Links, solution: &Solution, step: &Step) -> Self {
        let mut agreement = Self { links, queue: BTreeSet::new(), asked: BTreeSet::new() };
        for engineer in step.changed() {
            for stop in &solution.routes[engineer as usize].stops {
                agreement.ask(solution, links.visit_of(*stop));
            }
        }
        for visit in step.absent.iter().filter_map(|(ticket, _)| links.visit_of(*ticket)) {
            let after = links.visits[visit as usize].after.iter();
            after.for_each(|(other, _)| agreement.ask(solution, Some(*other)));
        }
        agreement
    }

    /// Of all visits, as if nothing had been agreed on.
    pub fn of_all<D: Distance>(
        links: &'l Links,
        instance: &Instance<'_, D>,
        solution: &mut Solution,
        step: &mut Step,
    ) -> Self {
        let mut agreement = Self { links, queue: BTreeSet::new(), asked: BTreeSet::new() };
        (0..links.visits.len() as u32).for_each(|visit| agreement.ask(solution, Some(visit)));
        links.release(instance, solution, step);
        agreement
    }

    fn ask(&mut self, solution: &Solution, visit: Option<u32>) {
        let time = |visit: &u32| Some((solution.start(self.links.lead(*visit))?, *visit));
        self.queue.extend(visit.as_ref().and_then(time));
    }

    /// Agrees on times.
    ///
    /// # Errors
    /// A visit that would have to wait for itself: then no times were possible, and those of the solution are not.
    pub fn settle<D: Distance>(
        mut self,
        instance: &Instance<'_, D>,
        solution: &mut Solution,
        step: &mut Step,
    ) -> Result<(), u32> {
        let mut left = MOST * (self.links.visits.len() + 1);
        while let Some((_, visit)) = self.queue.pop_first() {
            left -= 1;
            if left == 0 {
                return Err(visit);
            }
            self.asked.insert(visit);
            if self.time(instance, solution, step, visit) {
                self.ask_later(solution, visit);
            }
        }
        let after = |visit: &u32| self.links.visits[*visit as usize].after.iter().map(|(other, _)| *other);
        let followed: Vec<u32> = self.asked.iter().flat_map(after).collect();
        self.asked.extend(followed);
        for visit in self.asked {
            hold(self.links, instance, solution, step, visit, FAR);
        }
        Ok(())
    }

    /// Works out when a visit begins, and whether that is another time than before.
    fn time<D: Distance>(
        &self,
        instance: &Instance<'_, D>,
        solution: &mut Solution,
        step: &mut Step,
        visit: u32,
    ) -> bool {
        let Some(ready) = self.links.ready(instance, solution, visit) else { return false };
        let parts = self.links.parts(visit);
        let (mut was, mut start) = (i32::MIN, ready);
        for part in parts {
            let Some((engineer, at)) = solution.place(*part) else { return false };
            let route = &solution.routes[engineer as usize];
            was = was.max(route.spans[at].from);
            start = start.max(route.free_start(instance, engineer, at));
        }
        for part in parts {
            let until = if parts.len() > 1 { start } else { FAR };
            step.appoint(instance, solution, *part, Span { from: start, until });
        }
        was != start
    }

    /// Those who come after a visit, on the routes of its crew or by the order of the visits.
    fn ask_later(&mut self, solution: &Solution, visit: u32) {
        for part in self.links.parts(visit) {
            if let Some((engineer, at)) = solution.place(*part) {
                for stop in &solution.routes[engineer as usize].stops[at + 1..] {
                    self.ask(solution, self.links.visit_of(*stop));
                }
            }
        }
        for (other, _) in &self.links.visits[visit as usize].before {
            self.ask(solution, Some(*other));
        }
    }
}

/// Lets a visit end no later than what follows it allows, and than `end`, for the sake of what may follow.
pub fn hold<D: Distance>(
    links: &Links,
    instance: &Instance<'_, D>,
    solution: &mut Solution,
    step: &mut Step,
    visit: u32,
    end: i32,
) {
    let lead = links.lead(visit);
    let Some((engineer, at)) = solution.place(lead).filter(|_| links.parts(visit).len() == 1) else { return };
    let Span { from, .. } = solution.routes[engineer as usize].spans[at];
    let mut until = end - instance.jobs[lead as usize].duration;
    for &(other, gap) in &links.visits[visit as usize].before {
        if let Some((whose, position)) = solution.place(links.lead(other)) {
            let begins = solution.routes[whose as usize].spans[position].from;
            until = until.min(begins - gap - instance.jobs[lead as usize].duration);
        }
    }
    step.appoint(instance, solution, lead, Span { from, until });
}

/// Everything that is linked begins as early as it can, with the stops and breaks as they are.
pub fn anew<D: Distance>(instance: &Instance<'_, D>, solution: &mut Solution) {
    let Some(links) = &instance.links else { return };
    let mut step = Step::default();
    step.begin(solution);
    let agreement = Agreement::of_all(links, instance, solution, &mut step);
    if agreement.settle(instance, solution, &mut step).is_err() {
        debug_assert!(false, "there were times that all could keep");
        step.undo(solution);
    }
}
