//! The plan while it is searched: routes, who is where, what it costs; and the way back from a step that was no good.

use super::distance::Distance;
use super::instance::Instance;
use super::links::Span;
use super::route::{Insertion, NO_PAUSE, Route};

/// Not in any route.
pub const NOBODY: u32 = u32::MAX;

/// A plan of which every route is allowed.
#[derive(Clone, Debug)]
pub struct Solution {
    pub routes: Vec<Route>,
    /// Who has each ticket.
    pub holder: Vec<u32>,
    /// Tickets that nobody has, in no order.
    pub unserved: Vec<u32>,
    /// Where in `unserved` a ticket is.
    index: Vec<u32>,
    /// Travel, weighted lateness, and what unserved tickets cost.
    pub cost: i64,
}

impl Solution {
    /// Nobody has anything.
    pub fn empty<D: Distance>(instance: &Instance<'_, D>) -> Self {
        let tickets = instance.jobs.len();
        let route = |engineer| {
            let mut route = Route::default();
            route.rearrange(instance, engineer);
            route
        };
        let routes: Vec<Route> = (0..instance.shifts.len() as u32).map(route).collect();
        let left: i64 = instance.jobs.iter().map(super::instance::Job::penalty).sum();
        Self {
            cost: left + routes.iter().map(Route::cost).sum::<i64>(),
            routes,
            holder: vec![NOBODY; tickets],
            unserved: (0..tickets as u32).collect(),
            index: (0..tickets as u32).collect(),
        }
    }

    /// Gives an engineer who has nothing a whole route; false if it is not allowed.
    pub fn put_route<D: Distance>(
        &mut self,
        instance: &Instance<'_, D>,
        engineer: u32,
        stops: &[u32],
    ) -> bool {
        let mut route = Route::default();
        for (position, stop) in stops.iter().enumerate() {
            let Some(source) = route.source(instance, engineer, *stop) else { return false };
            route.put(instance, *stop, position, source);
        }
        route.rearrange(instance, engineer);
        if !self.routes[engineer as usize].stops.is_empty() || !route.is_allowed(instance, engineer) {
            return false;
        }
        for stop in stops {
            self.cost -= instance.jobs[*stop as usize].penalty();
            self.take(*stop, engineer);
        }
        self.cost += route.cost() - self.routes[engineer as usize].cost();
        self.routes[engineer as usize] = route;
        true
    }

    /// Puts the break before this stop, if it is allowed there: where others are waited for, it is not best where it
    /// would be best without them.
    pub fn rest<D: Distance>(&mut self, instance: &Instance<'_, D>, engineer: u32, before: usize) {
        let route = &mut self.routes[engineer as usize];
        if route.pause_at == NO_PAUSE || route.stops.len() < before {
            return;
        }
        let (cost, was) = (route.cost(), route.pause_at);
        route.pause_at = before;
        route.refresh(instance, engineer);
        if !route.is_allowed(instance, engineer) {
            route.pause_at = was;
            route.refresh(instance, engineer);
        }
        self.cost += route.cost() - cost;
    }

    /// Who has a ticket, and where in his route.
    pub fn place(&self, ticket: u32) -> Option<(u32, usize)> {
        let engineer = self.holder[ticket as usize];
        let stops = &self.routes.get(engineer as usize)?.stops;
        Some((engineer, stops.iter().position(|stop| *stop == ticket)?))
    }

    /// When a ticket begins.
    pub fn start(&self, ticket: u32) -> Option<i32> {
        let (engineer, at) = self.place(ticket)?;
        Some(self.routes[engineer as usize].calls[at].start)
    }

    /// The cost, and what it costs that work is not spread evenly.
    pub fn objective<D: Distance>(&self, instance: &Instance<'_, D>) -> f64 {
        let cost = self.cost as f64;
        if instance.fairness == 0.0 { cost } else { cost + instance.fairness * self.unevenness() }
    }

    /// The sum of how far each engineer's work, travel and service, is from the mean, in seconds.
    fn unevenness(&self) -> f64 {
        let work = |route: &Route| (route.travel + route.service) as f64;
        let mean = self.routes.iter().map(work).sum::<f64>() / self.routes.len() as f64;
        self.routes.iter().map(|route| (work(route) - mean).abs()).sum()
    }

    /// Works out who has what and what it costs, after routes were exchanged.
    pub fn settle<D: Distance>(&mut self, instance: &Instance<'_, D>) {
        self.holder.fill(NOBODY);
        for (engineer, route) in self.routes.iter().enumerate() {
            route.stops.iter().for_each(|stop| self.holder[*stop as usize] = engineer as u32);
        }
        self.unserved.clear();
        for ticket in 0..self.holder.len() as u32 {
            if self.holder[ticket as usize] == NOBODY {
                self.leave(ticket);
            }
        }
        let left: i64 = self.unserved.iter().map(|ticket| instance.jobs[*ticket as usize].penalty()).sum();
        self.cost = left + self.routes.iter().map(Route::cost).sum::<i64>();
    }

    fn leave(&mut self, ticket: u32) {
        self.index[ticket as usize] = self.unserved.len() as u32;
        self.unserved.push(ticket);
        self.holder[ticket as usize] = NOBODY;
    }

    fn take(&mut self, ticket: u32, engineer: u32) {
        let at = self.index[ticket as usize] as usize;
        self.unserved.swap_remove(at);
        if let Some(moved) = self.unserved.get(at) {
            self.index[*moved as usize] = at as u32;
        }
        self.holder[ticket as usize] = engineer;
    }
}

/// What one step changed, so that it can be undone. Its memory is used again from step to step.
#[derive(Default)]
pub struct Step {
    /// Routes as they were, the first `count` of them in use.
    before: Vec<(u32, Route)>,
    count: usize,
    /// Tickets that were taken out or tried, and who had them before.
    pub absent: Vec<(u32, u32)>,
    cost: i64,
}

impl Step {
    pub fn begin(&mut self, solution: &Solution) {
        self.count = 0;
        self.absent.clear();
        self.cost = solution.cost;
    }

    /// What the plan cost before.
    pub fn cost_before(&self) -> i64 {
        self.cost
    }

    /// Whose routes were changed.
    pub fn changed(&self) -> impl Iterator<Item = u32> + '_ {
        self.before[..self.count].iter().map(|(engineer, _)| *engineer)
    }

    /// Whether this route was changed in this step.
    pub fn has_changed(&self, engineer: u32) -> bool {
        self.changed().any(|other| other == engineer)
    }

    fn keep(&mut self, solution: &Solution, engineer: u32) {
        if self.has_changed(engineer) {
            return;
        }
        if self.count == self.before.len() {
            self.before.push((engineer, Route::default()));
        }
        let (whose, route) = &mut self.before[self.count];
        *whose = engineer;
        route.clone_from(&solution.routes[engineer as usize]);
        self.count += 1;
    }

    /// Takes stops out of a route, from the marked positions.
    pub fn remove<D: Distance>(
        &mut self,
        instance: &Instance<'_, D>,
        solution: &mut Solution,
        engineer: u32,
        mut is_out: impl FnMut(usize) -> bool,
    ) {
        self.keep(solution, engineer);
        let first = self.absent.len();
        let route = &mut solution.routes[engineer as usize];
        let (mut position, mut kept, absent) = (0, 0, &mut self.absent);
        solution.cost -= route.cost();
        let (sources, spans) = (&mut route.sources, &mut route.spans);
        route.stops.retain(|stop| {
            let out = is_out(position);
            if out {
                absent.push((*stop, engineer));
            } else {
                if let Some(source) = sources.get(position).copied() {
                    sources[kept] = source;
                }
                if let Some(span) = spans.get(position).copied() {
                    spans[kept] = span;
                }
                kept += 1;
            }
            position += 1;
            !out
        });
        sources.truncate(kept);
        spans.truncate(kept);
        route.restock(instance, engineer);
        route.rearrange(instance, engineer);
        if !route.is_allowed(instance, engineer) {
            // A matrix may be slower without a stop in between; then nothing of the route is sure to be allowed.
            absent.extend(route.stops.drain(..).map(|stop| (stop, engineer)));
            route.sources.clear();
            route.spans.clear();
            route.rearrange(instance, engineer);
        }
        solution.cost += route.cost();
        for i in first..self.absent.len() {
            let ticket = self.absent[i].0;
            solution.cost += instance.jobs[ticket as usize].penalty();
            solution.leave(ticket);
        }
    }

    /// Puts a ticket that nobody has into a route.
    pub fn insert<D: Distance>(
        &mut self,
        instance: &Instance<'_, D>,
        solution: &mut Solution,
        engineer: u32,
        ticket: u32,
        insertion: Insertion,
    ) {
        self.insert_within(instance, solution, engineer, ticket, insertion, Span::ANY);
    }

    /// The same for a ticket that was found a place within this span.
    pub fn insert_within<D: Distance>(
        &mut self,
        instance: &Instance<'_, D>,
        solution: &mut Solution,
        engineer: u32,
        ticket: u32,
        insertion: Insertion,
        span: Span,
    ) {
        self.keep(solution, engineer);
        let route = &mut solution.routes[engineer as usize];
        let before = route.cost();
        route.put(instance, ticket, insertion.position, insertion.source);
        if let Some(free) = route.spans.get_mut(insertion.position) {
            *free = span;
        }
        route.pause_at = insertion.pause_at;
        route.refresh(instance, engineer);
        debug_assert_eq!(route.cost() - before, insertion.delta, "a move costs what was said");
        if route.pause_at != NO_PAUSE && !route.keeps_pause {
            // With one stop more, the break may be better elsewhere.
            route.rearrange(instance, engineer);
            debug_assert!(route.cost() - before <= insertion.delta, "it may stay where it is");
        }
        solution.cost += route.cost() - before - instance.jobs[ticket as usize].penalty();
        solution.take(ticket, engineer);
    }

    /// Gives a stop another span; its place in the route and that of the break stay.
    pub fn appoint<D: Distance>(
        &mut self,
        instance: &Instance<'_, D>,
        solution: &mut Solution,
        ticket: u32,
        span: Span,
    ) {
        let Some((engineer, at)) = solution.place(ticket) else { return };
        if solution.routes[engineer as usize].spans[at] == span {
            return;
        }
        self.keep(solution, engineer);
        let route = &mut solution.routes[engineer as usize];
        solution.cost -= route.cost();
        route.spans[at] = span;
        route.refresh(instance, engineer);
        solution.cost += route.cost();
    }

    /// Keeps the break of a changed route on the way to this stop until [`Self::free_pauses`], if it may be there.
    pub fn keep_pause<D: Distance>(
        &mut self,
        instance: &Instance<'_, D>,
        solution: &mut Solution,
        engineer: u32,
        at: usize,
    ) {
        self.keep(solution, engineer);
        let route = &mut solution.routes[engineer as usize];
        let (before, stood) = (route.cost(), route.pause_at);
        route.pause_at = at;
        route.refresh(instance, engineer);
        route.keeps_pause = route.is_allowed(instance, engineer);
        if !route.keeps_pause {
            route.pause_at = stood;
            route.refresh(instance, engineer);
        }
        solution.cost += route.cost() - before;
    }

    /// Takes the breaks that were kept where they cost least.
    pub fn free_pauses<D: Distance>(&mut self, instance: &Instance<'_, D>, solution: &mut Solution) {
        for (engineer, _) in &self.before[..self.count] {
            let route = &mut solution.routes[*engineer as usize];
            if std::mem::take(&mut route.keeps_pause) {
                let before = route.cost();
                route.rearrange(instance, *engineer);
                solution.cost += route.cost() - before;
            }
        }
    }

    /// As if it had never been.
    pub fn undo(&mut self, solution: &mut Solution) {
        for (engineer, route) in &mut self.before[..self.count] {
            std::mem::swap(&mut solution.routes[*engineer as usize], route);
        }
        for &(ticket, holder) in &self.absent {
            let now = solution.holder[ticket as usize];
            match (now, holder) {
                (NOBODY, NOBODY) => {}
                (NOBODY, _) => solution.take(ticket, holder),
                (_, NOBODY) => solution.leave(ticket),
                _ => solution.holder[ticket as usize] = holder,
            }
        }
        solution.cost = self.cost;
    }
}
