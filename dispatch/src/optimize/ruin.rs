//! Taking out: strings of neighbouring stops from the routes around one ticket, so that what is put back has room to
//! be somewhere else. After Christiaens and Vanden Berghe, Slack Induction by String Removals (2020).

use super::distance::Distance;
use super::instance::Instance;
use super::random::Random;
use super::solution::{NOBODY, Solution, Step};

/// How much is taken out.
#[derive(Clone, Copy, Debug)]
pub struct Strings {
    /// Tickets a step, on average.
    pub average: f64,
    /// Longest string.
    pub longest: f64,
    /// How often a string keeps some stops in its middle.
    pub split: f64,
    /// How often one stop more is kept, once a string is split.
    pub keep_less: f64,
}

impl Default for Strings {
    fn default() -> Self {
        Self { average: 12.0, longest: 10.0, split: 0.5, keep_less: 0.5 }
    }
}

impl Strings {
    /// Takes strings out of the routes around a ticket.
    pub fn ruin<D: Distance>(
        &self,
        instance: &Instance<'_, D>,
        solution: &mut Solution,
        step: &mut Step,
        seed: u32,
        random: &mut Random,
    ) {
        let served = solution.holder.len() - solution.unserved.len();
        let used = solution.routes.iter().filter(|route| !route.stops.is_empty()).count();
        let longest = self.longest.min(served as f64 / used.max(1) as f64).max(1.0);
        let most = 4.0 * self.average / (1.0 + longest) - 1.0;
        let strings = random.between(1.0, most + 1.0).floor() as usize;
        let mut done = 0;
        for &near in &instance.near[seed as usize] {
            let engineer = solution.holder[near as usize];
            if engineer == NOBODY || step.has_changed(engineer) {
                continue;
            }
            self.string(instance, solution, step, engineer, near, longest, random);
            done += 1;
            if done >= strings {
                break;
            }
        }
    }

    /// Takes strings out of routes of engineers who could do this ticket, about the time at which it is wanted. What
    /// few can do is rarely near by; room for it has to be made where it can be done.
    pub fn ruin_able<D: Distance>(
        &self,
        instance: &Instance<'_, D>,
        solution: &mut Solution,
        step: &mut Step,
        seed: u32,
        random: &mut Random,
    ) {
        let eligible = &instance.eligible[seed as usize];
        if eligible.is_empty() {
            return;
        }
        let most = 4.0 * self.average / (1.0 + self.longest) - 1.0;
        let strings = random.between(1.0, most.max(1.0) + 1.0).floor() as usize;
        let wanted = instance.jobs[seed as usize].earliest;
        let holder = solution.holder[seed as usize];
        if holder != NOBODY {
            self.string(instance, solution, step, holder, seed, self.longest, random);
        }
        for _ in 0..strings {
            // Near homes more often than far ones.
            let rank = (random.unit() * random.unit() * eligible.len() as f64) as usize;
            let engineer = eligible[rank];
            let route = &solution.routes[engineer as usize];
            if route.stops.is_empty() || step.has_changed(engineer) {
                continue;
            }
            let at = route.calls.partition_point(|call| call.start < wanted).min(route.stops.len() - 1);
            let around = route.stops[at];
            self.string(instance, solution, step, engineer, around, self.longest, random);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the step and what it works on")]
    fn string<D: Distance>(
        &self,
        instance: &Instance<'_, D>,
        solution: &mut Solution,
        step: &mut Step,
        engineer: u32,
        around: u32,
        longest: f64,
        random: &mut Random,
    ) {
        let stops = &solution.routes[engineer as usize].stops;
        let Some(at) = stops.iter().position(|stop| *stop == around) else { return };
        let most = longest.min(stops.len() as f64);
        let length = random.between(1.0, most + 1.0).floor() as usize;
        let mut kept = 0;
        if length > 1 && length < stops.len() && random.chance(self.split) {
            kept = 1;
            while length + kept < stops.len() && random.chance(self.keep_less) {
                kept += 1;
            }
        }
        let span = length + kept;
        let lowest = (at + 1).saturating_sub(span);
        let highest = at.min(stops.len() - span);
        let first = random.within(lowest, highest);
        // What is kept must not be the ticket that the string is around.
        let gap = if kept == 0 { span } else { random.within(0, length - 1) };
        let is_out = |position: usize| {
            let Some(i) = position.checked_sub(first).filter(|i| *i < span) else { return false };
            kept == 0 || !(gap..gap + kept).contains(&i) || position == at
        };
        step.remove(instance, solution, engineer, is_out);
    }
}
