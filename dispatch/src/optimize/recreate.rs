//! Putting back: each absent ticket where it costs least now, in an order that changes from step to step, with a
//! blink now and then so that not every step is greedy in the same way.

use super::distance::Distance;
use super::instance::Instance;
use super::links::{Links, Span};
use super::random::Random;
use super::route::Insertion;
use super::solution::{NOBODY, Solution, Step};
use super::together::Offer;

/// In which order tickets are put back.
#[derive(Clone, Copy, Debug)]
enum Order {
    Random,
    /// What costs most when left out, first.
    Weight,
    /// What few engineers can do, first.
    Scarce,
    Due,
    Longest,
}

/// How often each order is taken.
const ORDERS: [(Order, usize); 5] =
    [(Order::Random, 4), (Order::Weight, 3), (Order::Scarce, 2), (Order::Due, 3), (Order::Longest, 1)];

/// Above so many engineers who could do it, only those near by are asked.
const ASK_ALL: usize = 48;
/// Neighbours whose routes are asked, and nearest homes.
const ASK_NEAR: usize = 40;
const ASK_HOMES: usize = 8;
/// Of those who have nothing to do yet, so many who are not alike are asked besides.
const ASK_IDLE: usize = 4;

/// How much more often a place is overlooked for what is linked: what follows it is never there when its place is
/// looked for.
const BLINDER: f64 = 5.0;

/// Puts back what is absent.
pub struct Recreate {
    /// How often an engineer is overlooked, or one place in his route: what is cheapest is not always best, least of
    /// all where work is to be spread evenly, which nobody looks at here.
    pub blink: f64,
    asked: Vec<u32>,
    /// When an idle engineer of each class was last asked.
    asked_class: Vec<u32>,
    round: u32,
    candidates: Vec<u32>,
    /// Whether those are asked too who are like somebody who was: a crew needs several of them.
    every: bool,
    /// Who is not asked for a linked visit.
    pub passed_over: Option<u32>,
    /// Who had nothing to do when the step began.
    idle: Vec<u32>,
}

impl Recreate {
    pub fn new(engineers: usize, blink: f64) -> Self {
        let (asked, asked_class) = (vec![0; engineers], vec![0; engineers]);
        Self {
            blink,
            asked,
            asked_class,
            round: 0,
            candidates: Vec::new(),
            every: false,
            passed_over: None,
            idle: Vec::new(),
        }
    }

    /// Serves the absent tickets of this step again, as far as that is cheaper than to leave them out.
    pub fn recreate<D: Distance>(
        &mut self,
        instance: &Instance<'_, D>,
        solution: &mut Solution,
        step: &mut Step,
        random: &mut Random,
    ) {
        if let Some(links) = &instance.links {
            links.complete(solution, &mut step.absent);
        }
        sort(instance, &mut step.absent, random);
        if let Some(links) = &instance.links {
            links.line_up(&mut step.absent);
        }
        self.find_idle(solution, random);
        for i in 0..step.absent.len() {
            let (ticket, holder) = step.absent[i];
            // What nobody had before found no place in the routes as they were: only changed ones can have one.
            let only_changed = holder == NOBODY;
            if let Some((links, visit)) = linked(instance, ticket) {
                if links.lead(visit) == ticket {
                    self.place_visit(instance, links, solution, step, visit, only_changed, random);
                }
            } else if let Some((engineer, insertion)) =
                self.cheapest(instance, solution, step, ticket, only_changed, random)
            {
                step.insert(instance, solution, engineer, ticket, insertion);
            }
        }
    }

    /// Serves one ticket where it costs least, if that is cheaper than to leave it out.
    pub fn place<D: Distance>(
        &mut self,
        instance: &Instance<'_, D>,
        solution: &mut Solution,
        step: &mut Step,
        ticket: u32,
        random: &mut Random,
    ) {
        self.find_idle(solution, random);
        if let Some((links, visit)) = linked(instance, ticket) {
            if links.lead(visit) == ticket {
                self.place_visit(instance, links, solution, step, visit, false, random);
            }
        } else if let Some((engineer, insertion)) =
            self.cheapest(instance, solution, step, ticket, false, random)
        {
            step.insert(instance, solution, engineer, ticket, insertion);
        }
    }

    fn cheapest<D: Distance>(
        &mut self,
        instance: &Instance<'_, D>,
        solution: &Solution,
        step: &Step,
        ticket: u32,
        only_changed: bool,
        random: &mut Random,
    ) -> Option<(u32, Insertion)> {
        let mut best: Option<(u32, Insertion)> = None;
        let mut bound = instance.jobs[ticket as usize].penalty();
        self.ask(instance, solution, step, ticket, only_changed);
        for &engineer in &self.candidates {
            let route = &solution.routes[engineer as usize];
            let mut overlooked = usize::MAX;
            if random.chance(self.blink) {
                if random.chance(0.5) {
                    continue;
                }
                overlooked = random.within(0, route.stops.len());
            }
            if let Some(insertion) = route.cheapest(instance, engineer, ticket, bound, overlooked) {
                bound = insertion.delta;
                best = Some((engineer, insertion));
            }
        }
        best
    }

    /// Where a part of a linked visit could be within a span, the cheapest first.
    #[expect(clippy::too_many_arguments, reason = "the step and what it works on")]
    pub fn offers<D: Distance>(
        &mut self,
        instance: &Instance<'_, D>,
        solution: &Solution,
        step: &Step,
        ticket: u32,
        span: Span,
        bound: i64,
        only_changed: bool,
        random: &mut Random,
    ) -> Vec<Offer> {
        let mut offers = Vec::new();
        self.every = true;
        self.ask(instance, solution, step, ticket, only_changed);
        self.every = false;
        for &engineer in &self.candidates {
            let route = &solution.routes[engineer as usize];
            let mut overlooked = usize::MAX;
            if self.passed_over == Some(engineer) {
                continue;
            }
            if random.chance(self.blink * BLINDER) {
                overlooked = random.within(0, route.stops.len());
            }
            let found = route.cheapest_within(instance, engineer, ticket, span, bound, overlooked);
            offers.extend(found.map(|insertion| Offer { engineer, insertion }));
        }
        offers.sort_by_key(|offer| offer.insertion.delta);
        offers
    }

    /// Whose routes may be cheapest, likely ones first.
    fn ask<D: Distance>(
        &mut self,
        instance: &Instance<'_, D>,
        solution: &Solution,
        step: &Step,
        ticket: u32,
        only_changed: bool,
    ) {
        self.candidates.clear();
        self.round += 1;
        let eligible = &instance.eligible[ticket as usize];
        for engineer in step.changed() {
            if instance.can(engineer, ticket) {
                self.asked[engineer as usize] = self.round;
                self.candidates.push(engineer);
            }
        }
        if only_changed {
            return;
        }
        if eligible.len() <= ASK_ALL {
            for engineer in eligible {
                self.consider(instance, solution, *engineer);
            }
            return;
        }
        let near = instance.near[ticket as usize].iter().take(ASK_NEAR);
        let holders = near.map(|near| solution.holder[*near as usize]).filter(|holder| *holder != NOBODY);
        for engineer in holders.chain(eligible.iter().take(ASK_HOMES).copied()) {
            if instance.can(engineer, ticket) {
                self.consider(instance, solution, engineer);
            }
        }
        let most = self.candidates.len() + ASK_IDLE;
        for i in 0..self.idle.len() {
            if self.candidates.len() >= most {
                break;
            }
            let engineer = self.idle[i];
            if solution.routes[engineer as usize].stops.is_empty() && instance.can(engineer, ticket) {
                self.consider(instance, solution, engineer);
            }
        }
    }

    /// Asks him too, unless he was asked, or has nothing to do just like somebody who was asked.
    fn consider<D>(&mut self, instance: &Instance<'_, D>, solution: &Solution, engineer: u32) {
        let e = engineer as usize;
        let idle = solution.routes[e].stops.is_empty();
        let class = instance.class[e] as usize;
        let alike = idle && !self.every && self.asked_class[class] == self.round;
        if self.asked[e] == self.round || alike {
            return;
        }
        if idle {
            self.asked_class[class] = self.round;
        }
        self.asked[e] = self.round;
        self.candidates.push(engineer);
    }

    /// Begins anywhere, so that in the long run everybody has his turn.
    fn find_idle(&mut self, solution: &Solution, random: &mut Random) {
        self.idle.clear();
        let idle = (0..).zip(&solution.routes).filter(|(_, route)| route.stops.is_empty());
        self.idle.extend(idle.map(|(engineer, _): (u32, _)| engineer));
        if !self.idle.is_empty() {
            let first = random.within(0, self.idle.len() - 1);
            self.idle.rotate_left(first);
        }
    }
}

/// The visit of a ticket that is linked with others.
fn linked<'i, D>(instance: &'i Instance<'_, D>, ticket: u32) -> Option<(&'i Links, u32)> {
    let links = instance.links.as_ref()?;
    Some((links, links.visit_of(ticket)?))
}

fn sort<D: Distance>(instance: &Instance<'_, D>, absent: &mut [(u32, u32)], random: &mut Random) {
    // Shuffled first, so that equals are in no fixed order.
    for i in (1..absent.len()).rev() {
        absent.swap(i, random.within(0, i));
    }
    let mut draw = random.below(ORDERS.iter().map(|(_, share)| share).sum());
    let mut order = Order::Random;
    for (candidate, share) in ORDERS {
        if draw < share {
            order = candidate;
            break;
        }
        draw -= share;
    }
    let job = |ticket: u32| &instance.jobs[ticket as usize];
    match order {
        Order::Random => {}
        Order::Weight => absent.sort_by_key(|(ticket, _)| -job(*ticket).weight),
        Order::Scarce => absent.sort_by_key(|(ticket, _)| instance.eligible[*ticket as usize].len()),
        Order::Due => absent.sort_by_key(|(ticket, _)| job(*ticket).due),
        Order::Longest => absent.sort_by_key(|(ticket, _)| -job(*ticket).duration),
    }
}
