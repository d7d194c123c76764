//! The search: take out, put back, and keep the result if it is better, or by chance if it is not much worse.

use super::agree::Agreement;
use super::distance::Distance;
use super::instance::Instance;
use super::random::Random;
use super::recreate::Recreate;
use super::ruin::Strings;
use super::solution::{NOBODY, Solution, Step};

/// Steps between two looks at the caller's clock.
const LOOK: u64 = 4;

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
    /// Steps a ticket that one cooling takes; with more time there are several, each from the best plan so far.
    pub cycle: f64,
}

impl Default for Annealing {
    fn default() -> Self {
        Self { first: 6_000.0, last: 10.0, cycle: 500.0 }
    }
}

/// How the search works; the defaults are what the figures in docs/dispatch.md were measured with.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    pub annealing: Annealing,
    pub strings: Strings,
    /// How often room is made where a ticket can be done, instead of around where it is.
    pub able: f64,
    /// How often a step begins at a ticket that costs much.
    pub costly: f64,
    /// Of how many tickets the one that costs most is taken then.
    pub pick: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { annealing: Annealing::default(), strings: Strings::default(), able: 0.3, costly: 0.3, pick: 4 }
    }
}

/// Most coolings.
const MOST_CYCLES: f64 = 50.0;
/// Tickets from which on a search begins as warm as it may.
const FULLY_WARM: f64 = 1_000.0;

/// How often a break is kept somewhere for one step.
const KEPT_PAUSE: f64 = 0.05;

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
    present: f64,
    best: Solution,
    best_objective: f64,
    /// Routes that differ from those of the best plan, perhaps.
    dirty: Vec<bool>,
}

impl<'i, 'p, D: Distance> Search<'i, 'p, D> {
    pub fn new(instance: &'i Instance<'p, D>, start: Solution, settings: Settings, seed: u64) -> Self {
        let engineers = instance.shifts.len();
        let objective = start.objective(instance);
        Self {
            instance,
            settings,
            random: Random::new(seed),
            recreate: Recreate::new(engineers, 0.01),
            step: Step::default(),
            best: start.clone(),
            solution: start,
            present: objective,
            best_objective: objective,
            dirty: vec![false; engineers],
        }
    }

    /// Searches until `done` says that all of the time, 1.0, is gone.
    pub fn run(&mut self, mut done: impl FnMut(&Progress) -> f64) {
        if self.instance.jobs.is_empty() || self.instance.shifts.is_empty() {
            return;
        }
        let Annealing { first, last, cycle } = self.annealing();
        let (mut temperature, mut cycles, mut round) = (first, 1.0, 0.0);
        for iterations in 0.. {
            if iterations % LOOK == 0 {
                let gone = done(&Progress { iterations, cost: self.best.cost });
                if gone >= 1.0 {
                    break;
                }
                if round == 0.0 && gone > 0.0 {
                    // By the pace so far, how many coolings of their full length there is time for.
                    let expected = iterations as f64 / gone;
                    cycles = (expected / (cycle * self.instance.jobs.len() as f64))
                        .floor()
                        .clamp(1.0, MOST_CYCLES);
                }
                let at = gone * cycles;
                if at.floor() > round {
                    round = at.floor();
                    self.go_back();
                }
                temperature = first * libm::pow(last / first, at.fract());
            }
            self.iterate(temperature);
        }
    }

    /// Small days begin cooler: fewer tickets are melted by less. Where nothing can be late, a step costs journeys
    /// and nothing else: then the warmth is that of a journey in the first plan, and longer coolings are better.
    /// Measured on the generated days, and on files of Solomon and of Homberger.
    fn annealing(&self) -> Annealing {
        let given = self.settings.annealing;
        let served = self.solution.holder.len() - self.solution.unserved.len();
        if !self.instance.hard_due || served == 0 {
            let size = (self.instance.jobs.len() as f64 / FULLY_WARM).min(1.0);
            return Annealing { first: given.first * size.sqrt(), ..given };
        }
        let travel: i64 = self.solution.routes.iter().map(|route| route.travel).sum();
        let journey = travel as f64 / served as f64;
        Annealing {
            first: given.first * journey / 8_000.0,
            last: given.last * journey / 1_250.0,
            cycle: given.cycle * 2.0,
        }
    }

    /// Goes on from the best plan.
    fn go_back(&mut self) {
        for (engineer, dirty) in self.dirty.iter_mut().enumerate() {
            if std::mem::take(dirty) {
                self.solution.routes[engineer].clone_from(&self.best.routes[engineer]);
            }
        }
        self.solution.settle(self.instance);
        self.present = self.solution.objective(self.instance);
    }

    fn iterate(&mut self, temperature: f64) {
        self.step.begin(&self.solution);
        let seed = self.seed();
        let Self { instance, settings, random, step, solution, .. } = self;
        if random.chance(settings.able) {
            settings.strings.ruin_able(instance, solution, step, seed, random);
        } else {
            settings.strings.ruin(instance, solution, step, seed, random);
        }
        if let Some(links) = &instance.links {
            links.take_along(instance, solution, step);
        }
        // Of two places for a break that cost the same, only one may leave time for what follows. By turns alone, who
        // loses a stop and gets it back would look from the same end in every step.
        let paused = |engineer: &u32| instance.shifts[*engineer as usize].pause.is_some();
        for engineer in step.changed().filter(paused) {
            solution.routes[engineer as usize].late_pause ^= random.chance(0.5);
        }
        self.keep_pause();
        self.try_again();
        self.recreate.recreate(self.instance, &mut self.solution, &mut self.step, &mut self.random);
        self.step.free_pauses(self.instance, &mut self.solution);
        if !self.agree() {
            self.step.undo(&mut self.solution);
            return;
        }
        let objective = self.solution.objective(self.instance);
        let worse = objective - self.present;
        if worse <= 0.0 || worse < -temperature * libm::log(self.random.unit().max(f64::MIN_POSITIVE)) {
            self.present = objective;
            self.keep();
        } else {
            self.step.undo(&mut self.solution);
        }
    }

    /// Now and then one break stays somewhere while work is put back: where it costs least before that, it may leave no
    /// room for all of it.
    fn keep_pause(&mut self) {
        let Self { instance, random, step, solution, .. } = self;
        if !random.chance(KEPT_PAUSE) {
            return;
        }
        let first = step.changed().find(|engineer| instance.shifts[*engineer as usize].pause.is_some());
        if let Some(engineer) = first {
            let at = random.within(0, solution.routes[engineer as usize].stops.len());
            step.keep_pause(*instance, solution, engineer, at);
        }
    }

    /// What others depend on begins as early as it can now; false if no times were found.
    fn agree(&mut self) -> bool {
        let Self { instance, solution, step, .. } = self;
        let Some(links) = &instance.links else { return true };
        let before = solution.cost;
        let settled = Agreement::of_step(links, solution, step).settle(*instance, solution, step).is_ok();
        debug_assert!(settled, "there were times that all could keep");
        debug_assert!(solution.cost <= before, "nobody is later than he was");
        settled
    }

    /// The ticket around which to take out: any, or of a few the one that costs most.
    fn seed(&mut self) -> u32 {
        let count = self.instance.jobs.len();
        let any = self.random.below(count) as u32;
        if !self.random.chance(self.settings.costly) {
            return any;
        }
        let others = (1..self.settings.pick).map(|_| self.random.below(count) as u32);
        let all: Vec<u32> = std::iter::once(any).chain(others).collect();
        all.into_iter().max_by_key(|ticket| self.costs(*ticket)).unwrap_or(any)
    }

    fn costs(&self, ticket: u32) -> i64 {
        let engineer = self.solution.holder[ticket as usize];
        if engineer == NOBODY {
            return self.instance.jobs[ticket as usize].penalty();
        }
        let route = &self.solution.routes[engineer as usize];
        let at = route.stops.iter().position(|stop| *stop == ticket).unwrap_or(0);
        route.jobs[at].lateness(route.calls[at].start)
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
        if self.present >= self.best_objective {
            return;
        }
        self.best_objective = self.present;
        for (engineer, dirty) in self.dirty.iter_mut().enumerate() {
            if std::mem::take(dirty) {
                self.best.routes[engineer].clone_from(&self.solution.routes[engineer]);
            }
        }
        self.best.cost = self.solution.cost;
    }

    /// The best plan. Who has what has not been kept up to date in it, only the routes.
    pub fn into_best(mut self) -> Solution {
        self.best.settle(self.instance);
        self.best
    }
}
