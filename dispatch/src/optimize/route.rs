//! One engineer's day, with what it takes to see in a moment what one stop more would cost.

use super::distance::Distance;
use super::instance::{FAR, Instance, Job};
use super::links::Span;
use super::rules::VAN;
use super::shift::Shift;

/// The times of a stop. The last of a route is home.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    /// When he leaves for it.
    pub depart: i32,
    /// The way to it.
    pub leg: i32,
    pub start: i32,
    /// By when he must be ready to begin, so that all that follows is allowed.
    latest: i32,
    /// What a second of delay costs at least, from stops that are late already and before any waiting.
    slope: i32,
}

/// The stops of an engineer and their times. Serving in the given order as early as possible is best for any order.
#[derive(Debug, Default)]
pub struct Route {
    pub stops: Vec<u32>,
    /// Where the parts of each stop are from; empty if no ticket of the problem needs any.
    pub sources: Vec<u32>,
    /// What other routes allow each stop; empty if nothing in the problem is linked.
    pub spans: Vec<Span>,
    /// What each stop is, as this engineer serves it, and home.
    pub jobs: Vec<Job>,
    /// The times of each stop, and of being home.
    pub calls: Vec<Call>,
    /// The break is taken on the way to this stop, or to home; beyond everything if there is none.
    pub pause_at: usize,
    /// Whether the break was last looked for from the end.
    pub late_pause: bool,
    /// Whether the break stays where it is for now, though it may cost less elsewhere.
    pub keeps_pause: bool,
    /// The longest time between leaving for a stop and having to be ready for it.
    room: i32,
    /// Seconds on the road.
    pub travel: i64,
    /// Weighted lateness.
    pub late: i64,
    /// Prices of whom these tickets are given to.
    pub price: i64,
    /// Seconds of service.
    pub service: i64,
    pub load: i64,
}

impl Clone for Route {
    fn clone(&self) -> Self {
        let mut route = Self::default();
        route.clone_from(self);
        route
    }

    /// Into the memory that is there: once a step for each changed route.
    fn clone_from(&mut self, other: &Self) {
        let Self {
            stops,
            sources,
            spans,
            jobs,
            calls,
            pause_at,
            late_pause,
            keeps_pause,
            room,
            travel,
            late,
            price,
            service,
            load,
        } = self;
        stops.clone_from(&other.stops);
        sources.clone_from(&other.sources);
        spans.clone_from(&other.spans);
        jobs.clone_from(&other.jobs);
        calls.clone_from(&other.calls);
        (*pause_at, *late_pause, *keeps_pause) = (other.pause_at, other.late_pause, other.keeps_pause);
        *room = other.room;
        (*travel, *late, *price) = (other.travel, other.late, other.price);
        (*service, *load) = (other.service, other.load);
    }
}

/// Where a ticket would fit, and what it would cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Insertion {
    /// More travel and lateness, of this and of all later stops.
    pub delta: i64,
    /// Before the stop that stands there now.
    pub position: usize,
    /// Where the break is from then on.
    pub pause_at: usize,
    /// Where its parts are from.
    pub source: u32,
}

/// Where the break of somebody is who has none.
pub const NO_PAUSE: usize = usize::MAX;

/// A ticket that is tried at a position: when it would begin, and when he would be ready for what follows.
pub struct Trial {
    pub position: usize,
    pub start: i32,
    pub ready: i32,
    /// More travel.
    pub detour: i32,
}

impl Route {
    pub fn cost(&self) -> i64 {
        self.travel + self.late + self.price
    }

    /// Whether he is in time everywhere where that is a must, and at home, with no more than he may have.
    pub fn is_allowed<D: Distance>(&self, instance: &Instance<'_, D>, engineer: u32) -> bool {
        let shift = &instance.shifts[engineer as usize];
        if self.stops.is_empty() {
            return true;
        }
        let rested = shift.pause.is_none_or(|pause| self.calls[self.pause_at].depart <= pause.latest);
        rested
            && self.calls.iter().zip(&self.jobs).all(|(call, job)| call.start <= job.latest)
            && self.stops.len() <= shift.max_tasks
            && self.load <= shift.capacity
    }

    /// Works out the times anew after the stops were changed, with the break where it does least harm.
    pub fn rearrange<D: Distance>(&mut self, instance: &Instance<'_, D>, engineer: u32) {
        let pause = instance.shifts[engineer as usize].pause;
        self.pause_at = NO_PAUSE;
        self.refresh(instance, engineer);
        if let Some(pause) = pause {
            self.late_pause = !self.late_pause;
            self.pause_at = self.best_pause(&pause);
            self.refresh(instance, engineer);
        }
    }

    /// Works out the times anew after the stops were changed, with the break where it is. Whatever the stops are,
    /// times stay below twice [`FAR`]: who is that late is not allowed anyway.
    pub fn refresh<D: Distance>(&mut self, instance: &Instance<'_, D>, engineer: u32) {
        let shift = &instance.shifts[engineer as usize];
        self.calls.clear();
        self.jobs.clear();
        (self.travel, self.price) = (0, 0);
        (self.late, self.service, self.load) =
            shift.begun.map_or((0, 0, 0), |begun| (begun.late, begun.service, begun.load));
        let (mut here, mut now) = (shift.start, shift.starts);
        for i in 0..self.stops.len() {
            let stop = self.stops[i];
            let mut job = instance.job(engineer, stop);
            if let Some(span) = self.spans.get(i) {
                job = span.within(job);
            }
            let leg = instance.way(here, stop, self.source_of(i));
            let start = self.call(shift, job, now, leg);
            self.late += job.lateness(start);
            self.price += i64::from(job.price);
            self.service += i64::from(job.duration);
            self.load += instance.loads[stop as usize];
            (here, now) = (stop, start + job.duration);
        }
        let leg = if here == shift.home { 0 } else { instance.seconds(here, shift.home) };
        self.call(shift, Job::home(shift.ends), now, leg);
        self.look_back(shift);
    }

    fn call(&mut self, shift: &Shift, job: Job, depart: i32, leg: i32) -> i32 {
        let ready = self.ready(shift, self.calls.len(), depart + leg);
        let start = ready.max(job.earliest).min(FAR);
        self.travel += i64::from(leg);
        self.jobs.push(job);
        self.calls.push(Call { depart, leg, start, latest: job.latest, slope: 0 });
        start
    }

    /// When he is ready for a stop, who would arrive at this moment if there were no break.
    #[inline]
    fn ready(&self, shift: &Shift, position: usize, arrival: i32) -> i32 {
        if position != self.pause_at {
            return arrival;
        }
        shift.pause.map_or(arrival, |pause| pause.ready(arrival))
    }

    fn look_back(&mut self, shift: &Shift) {
        let stops = self.stops.len();
        let Some((home, calls)) = self.calls.split_last_mut() else { return };
        self.room = home.latest - home.depart;
        let mut after = *home;
        for (i, (call, job)) in calls.iter_mut().zip(&self.jobs[..stops]).enumerate().rev() {
            let (mut leave, mut ready) = (after.latest - after.leg, after.depart + after.leg);
            if let Some(pause) = shift.pause.as_ref().filter(|_| self.pause_at == i + 1) {
                leave = (leave - pause.duration).min(pause.latest);
                ready += pause.duration;
            }
            call.latest = (leave - job.duration).min(job.latest).max(-FAR);
            self.room = self.room.max(call.latest - call.depart);
            let waits = ready < after.start;
            let further = if waits { 0 } else { after.slope };
            call.slope = further + if call.start >= job.due { job.weight } else { 0 };
            after = *call;
        }
    }

    /// The cheapest place for a ticket that costs less than `bound`; none if there is none or it is not allowed. The
    /// position `overlooked` is passed by.
    pub fn cheapest<D: Distance>(
        &self,
        instance: &Instance<'_, D>,
        engineer: u32,
        ticket: u32,
        bound: i64,
        overlooked: usize,
    ) -> Option<Insertion> {
        self.cheapest_within(instance, engineer, ticket, Span::ANY, bound, overlooked)
    }

    /// The same for a stop that must begin within a span.
    #[inline]
    pub fn cheapest_within<D: Distance>(
        &self,
        instance: &Instance<'_, D>,
        engineer: u32,
        ticket: u32,
        span: Span,
        bound: i64,
        overlooked: usize,
    ) -> Option<Insertion> {
        let shift = &instance.shifts[engineer as usize];
        if self.stops.len() >= shift.max_tasks || self.load + instance.loads[ticket as usize] > shift.capacity
        {
            return None;
        }
        let job = span.within(instance.job(engineer, ticket));
        if self.room < job.duration {
            return None;
        }
        let source = self.source(instance, engineer, ticket)?;
        let mut best = Insertion { delta: bound, position: usize::MAX, pause_at: NO_PAUSE, source };
        let mut before = shift.start;
        // Whoever leaves later than this is not in time.
        let last = job.latest.min(shift.ends - job.duration);
        for (position, call) in self.calls.iter().enumerate() {
            let after = self.stops.get(position).copied().unwrap_or(shift.home);
            if call.depart > last {
                break;
            }
            let there = instance.way(before, ticket, source);
            let on = instance.way(ticket, after, self.source_of(position));
            before = after;
            let detour = there + on - call.leg;
            if position == overlooked {
                continue;
            }
            if position == self.pause_at {
                self.beside_pause(instance, shift, &job, (position, there, on), &mut best);
                continue;
            }
            let start = (call.depart + there).max(job.earliest);
            let trial = Trial { position, start, ready: start + job.duration + on, detour };
            if let Some(delta) = self.tried(instance, shift, &job, &trial, best.delta) {
                let pause_at = self.pause_at.saturating_add(usize::from(position < self.pause_at));
                best = Insertion { delta, position, pause_at, source };
            }
        }
        (best.position != usize::MAX).then_some(best)
    }

    /// What it costs, if it is allowed and that is less than `bound`.
    #[inline(always)]
    pub fn tried<D>(
        &self,
        instance: &Instance<'_, D>,
        shift: &Shift,
        job: &Job,
        trial: &Trial,
        bound: i64,
    ) -> Option<i64> {
        let call = &self.calls[trial.position];
        if trial.ready > call.latest || trial.start > job.latest {
            return None;
        }
        let cost = i64::from(trial.detour) + i64::from(job.price) + job.lateness(trial.start);
        let delay = i64::from((trial.ready - call.start).max(0));
        if cost + delay * i64::from(call.slope) >= bound {
            return None;
        }
        // Where it is forbidden to be late, nothing that is delayed costs more.
        if instance.hard_due { Some(cost) } else { self.delayed(shift, trial, cost, bound) }
    }

    /// Puts a ticket before the stop that stands there now; its times are worked out by the caller.
    pub fn put<D>(&mut self, instance: &Instance<'_, D>, ticket: u32, position: usize, source: u32) {
        self.stops.insert(position, ticket);
        if instance.parts.is_some() {
            self.sources.insert(position, source);
        }
        if instance.links.is_some() {
            self.spans.insert(position, Span::ANY);
        }
    }

    /// When a ticket would begin that was put there.
    pub fn begins<D: Distance>(
        &self,
        instance: &Instance<'_, D>,
        engineer: u32,
        ticket: u32,
        span: Span,
        insertion: &Insertion,
    ) -> i32 {
        let shift = &instance.shifts[engineer as usize];
        let before = insertion.position.checked_sub(1).map_or(shift.start, |before| self.stops[before]);
        let way = instance.way(before, ticket, insertion.source);
        let mut ready = self.calls[insertion.position].depart + way;
        if let Some(pause) = shift.pause.filter(|_| insertion.pause_at == insertion.position) {
            ready = pause.ready(ready);
        }
        ready.max(span.within(instance.job(engineer, ticket)).earliest)
    }

    /// When a stop would begin if it depended on nobody else.
    pub fn free_start<D: Distance>(&self, instance: &Instance<'_, D>, engineer: u32, at: usize) -> i32 {
        let (shift, call) = (&instance.shifts[engineer as usize], &self.calls[at]);
        let ready = self.ready(shift, at, call.depart + call.leg);
        ready.max(instance.job(engineer, self.stops[at]).earliest).min(FAR)
    }

    /// From where he would have the parts for a ticket; none if he cannot have them.
    pub fn source<D>(&self, instance: &Instance<'_, D>, engineer: u32, ticket: u32) -> Option<u32> {
        let Some(parts) = &instance.parts else { return Some(VAN) };
        parts.source(engineer, ticket, self.taken_from_van(self.stops.len()))
    }

    /// Which of the first so many stops have their parts from the van.
    fn taken_from_van(&self, count: usize) -> impl Iterator<Item = u32> + '_ {
        let first = self.stops.iter().zip(&self.sources).take(count);
        first.filter(|(_, source)| **source == VAN).map(|(stop, _)| *stop)
    }

    #[inline]
    fn source_of(&self, position: usize) -> u32 {
        self.sources.get(position).copied().unwrap_or(VAN)
    }

    /// Takes from the van what has room in it again.
    pub fn restock<D>(&mut self, instance: &Instance<'_, D>, engineer: u32) {
        let Some(parts) = &instance.parts else { return };
        for i in 0..self.sources.len() {
            if self.sources[i] != VAN {
                let source = parts.source(engineer, self.stops[i], self.taken_from_van(self.stops.len()));
                self.sources[i] = source.unwrap_or(self.sources[i]);
            }
        }
    }

    /// A ticket after all others; none if that is not allowed.
    pub fn at_the_end<D: Distance>(
        &self,
        instance: &Instance<'_, D>,
        engineer: u32,
        ticket: u32,
    ) -> Option<Insertion> {
        let (position, mut longer) = (self.stops.len(), self.clone());
        let source = self.source(instance, engineer, ticket)?;
        longer.put(instance, ticket, position, source);
        longer.rearrange(instance, engineer);
        let (delta, pause_at) = (longer.cost() - self.cost(), longer.pause_at);
        longer.is_allowed(instance, engineer).then_some(Insertion { delta, position, pause_at, source })
    }

    /// `cost` and what it costs to be ready for this stop so late, if that is less than `bound`. Ends where waiting
    /// swallows the delay.
    #[inline]
    fn delayed(&self, shift: &Shift, trial: &Trial, mut cost: i64, bound: i64) -> Option<i64> {
        let mut ready = trial.ready;
        for (i, job) in self.jobs[..self.stops.len()].iter().enumerate().skip(trial.position) {
            let was = self.calls[i].start;
            let start = ready.max(job.earliest);
            if start == was {
                break;
            }
            cost += job.lateness(start) - job.lateness(was);
            // A matrix may be faster by a detour; only then can this sink, and the bound is asked again at the end.
            if cost >= bound && start > was {
                return None;
            }
            ready = self.ready(shift, i + 1, start + job.duration + self.calls[i + 1].leg);
        }
        (cost < bound).then_some(cost)
    }
}
