//! The search: take out, put back, and keep the result if it is better, or by chance if it is not much worse.

use super::distance::Distance;
use super::instance::Instance;
use super::random::Random;
use super::recreate::Recreate;
use super::ruin::Strings;
use super::solution::{NOBODY, Solution, Step};

/// Steps between two looks at the caller's clock.
const LOOK: u64 = 64;

/// What the caller hears from time to time.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    pub iterations: u64,
    /// What the best plan so far costs.
    pub cost: i64,
}

/// How warm the search is: how much worse a step may be, in seconds of cost.
#[derive(Clone, Copy, Debug)]
pub struct Annealing {
    pub first: f64,
    pub last: f64,
}

impl Default for Annealing {
    fn default() -> Self {
        Self { first: 1_000.0, last: 5.0 }
    }
}

/// How the search works; the defaults are what the figures in docs/dispatch.md were measured with.
#[derive(Clone, Copy, Debug, Default)]
pub struct Settings {
    pub annealing: Annealing,
    pub strings: Strings,
}

/// Unserved tickets that are tried again in one step.
const RETRIES: usize = 10;

/// One search on one plan.
pub struct Search<'i, 'p, D> {
    instance: &'i Instance<'p, D>,
    settings: Settings,
    random: Random,
    recreate: Recreate,
    step: Step,
    solution: Solution,
    best: Solution,
    /// Routes that differ from those of the best plan, perhaps.
    dirty: Vec<bool>,
}

impl<'i, 'p, D: Distance> Search<'i, 'p, D> {
    pub fn new(instance: &'i Instance<'p, D>, start: Solution, settings: Settings, seed: u64) -> Self {
        let engineers = instance.shifts.len();
        Self {
            instance,
            settings,
            random: Random::new(seed),
            recreate: Recreate::new(engineers, 0.01),
            step: Step::default(),
            best: start.clone(),
            solution: start,
            dirty: vec![false; engineers],
        }
    }

    /// Searches until `done` says that all of the time, 1.0, is gone.
    pub fn run(&mut self, mut done: impl FnMut(&Progress) -> f64) {
        if self.instance.jobs.is_empty() || self.instance.shifts.is_empty() {
            return;
        }
        let Annealing { first, last } = self.settings.annealing;
        let mut temperature = first;
        for iterations in 0.. {
            if iterations % LOOK == 0 {
                let gone = done(&Progress { iterations, cost: self.best.cost });
                if gone >= 1.0 {
                    break;
                }
                temperature = first * libm::pow(last / first, gone);
            }
            self.iterate(temperature);
        }
    }

    fn iterate(&mut self, temperature: f64) {
        self.step.begin(&self.solution);
        let seed = self.random.below(self.instance.jobs.len()) as u32;
        let Self { instance, settings, random, step, solution, .. } = self;
        settings.strings.ruin(instance, solution, step, seed, random);
        self.try_again();
        self.recreate.recreate(self.instance, &mut self.solution, &mut self.step, &mut self.random);
        let worse = (self.solution.cost - self.step.cost_before()) as f64;
        if worse <= 0.0 || worse < -temperature * libm::log(self.random.unit().max(f64::MIN_POSITIVE)) {
            self.keep();
        } else {
            self.step.undo(&mut self.solution);
        }
    }

    /// Some of the unserved tickets are tried again, in the routes that were just changed.
    fn try_again(&mut self) {
        let removed = self.step.absent.len();
        let unserved = self.solution.unserved.len() - removed;
        // What was just taken out stands at the end of the list.
        if unserved <= RETRIES {
            let tickets = self.solution.unserved[..unserved].iter();
            self.step.absent.extend(tickets.map(|ticket| (*ticket, NOBODY)));
            return;
        }
        let first = self.random.below(unserved);
        for i in 0..RETRIES {
            let ticket = self.solution.unserved[(first + i) % unserved];
            self.step.absent.push((ticket, NOBODY));
        }
    }

    fn keep(&mut self) {
        for engineer in self.step.changed() {
            self.dirty[engineer as usize] = true;
        }
        if self.solution.cost >= self.best.cost {
            return;
        }
        for (engineer, dirty) in self.dirty.iter_mut().enumerate() {
            if std::mem::take(dirty) {
                self.best.routes[engineer].clone_from(&self.solution.routes[engineer]);
            }
        }
        self.best.cost = self.solution.cost;
    }

    /// The best plan so far.
    pub fn best(&self) -> &Solution {
        &self.best
    }
}
