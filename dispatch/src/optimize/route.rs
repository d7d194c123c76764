//! One engineer's day, with what it takes to see in a moment what one stop more would cost.

use super::distance::Distance;
use super::instance::{FAR, Instance, Job};

/// The stops of an engineer and their times. Serving in the given order as early as possible is best for any order.
#[derive(Clone, Debug, Default)]
pub struct Route {
    pub stops: Vec<u32>,
    /// What each stop is, as this engineer serves it.
    pub jobs: Vec<Job>,
    /// When each stop begins.
    pub starts: Vec<i32>,
    /// When he leaves for each stop, and for home at the end: one more than stops.
    pub departs: Vec<i32>,
    /// The way to each stop, and home.
    pub legs: Vec<i32>,
    /// By when he must arrive at each stop, and at home, so that all that follows is allowed.
    pub latest: Vec<i32>,
    /// What a second of delay at each stop costs at least, from stops that are late already and before any waiting.
    pub slopes: Vec<i64>,
    /// The longest time between leaving for a stop and having to arrive there.
    pub room: i32,
    /// Seconds on the road.
    pub travel: i64,
    /// Weighted lateness.
    pub late: i64,
    /// Seconds of service.
    pub service: i64,
    pub load: i64,
}

/// Where a ticket would fit, and what it would cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Insertion {
    /// More travel and lateness, of this and of all later stops.
    pub delta: i64,
    /// Before the stop that stands there now.
    pub position: usize,
}

impl Route {
    pub fn cost(&self) -> i64 {
        self.travel + self.late
    }

    /// Whether he is in time everywhere where that is a must, and at home, with no more than he may have.
    pub fn is_allowed<D: Distance>(&self, instance: &Instance<'_, D>, engineer: u32) -> bool {
        let shift = &instance.shifts[engineer as usize];
        let end = self.departs.len() - 1;
        self.departs[end] + self.legs[end] <= shift.ends
            && self.starts.iter().zip(&self.jobs).all(|(start, job)| *start <= job.latest)
            && self.stops.len() <= shift.max_tasks
            && self.load <= shift.capacity
    }

    /// Works out the times anew after the stops were changed. Whatever the stops are, times stay below twice
    /// [`FAR`]: who is that late is not allowed anyway.
    pub fn refresh<D: Distance>(&mut self, instance: &Instance<'_, D>, engineer: u32) {
        let shift = &instance.shifts[engineer as usize];
        self.jobs.clear();
        self.starts.clear();
        self.departs.clear();
        self.legs.clear();
        (self.travel, self.late, self.service, self.load) = (0, 0, 0, 0);
        let (mut here, mut now) = (shift.home, shift.starts);
        for &stop in &self.stops {
            let job = instance.job(engineer, stop);
            let leg = instance.seconds(here, stop);
            let start = (now + leg).max(job.earliest).min(FAR);
            self.departs.push(now);
            self.legs.push(leg);
            self.starts.push(start);
            self.travel += i64::from(leg);
            self.late += job.lateness(start);
            self.service += i64::from(job.duration);
            self.load += instance.loads[stop as usize];
            self.jobs.push(job);
            (here, now) = (stop, start + job.duration);
        }
        let leg = if self.stops.is_empty() { 0 } else { instance.seconds(here, shift.home) };
        self.departs.push(now);
        self.legs.push(leg);
        self.travel += i64::from(leg);
        self.look_back(shift.ends);
    }

    fn look_back(&mut self, ends: i32) {
        let stops = self.stops.len();
        self.latest.clear();
        self.latest.resize(stops + 1, ends);
        self.slopes.clear();
        self.slopes.resize(stops + 1, 0);
        self.room = ends - self.departs[stops];
        for i in (0..stops).rev() {
            let job = &self.jobs[i];
            self.latest[i] = (self.latest[i + 1] - self.legs[i + 1] - job.duration).min(job.latest).max(-FAR);
            self.room = self.room.max(self.latest[i] - self.departs[i]);
            let waits = i + 1 < stops && self.departs[i + 1] + self.legs[i + 1] < self.starts[i + 1];
            let further = if waits { 0 } else { self.slopes[i + 1] };
            self.slopes[i] = further + if self.starts[i] >= job.due { i64::from(job.weight) } else { 0 };
        }
    }

    /// The cheapest place for a ticket that costs less than `bound`; none if there is none or it is not allowed.
    pub fn cheapest<D: Distance>(
        &self,
        instance: &Instance<'_, D>,
        engineer: u32,
        ticket: u32,
        bound: i64,
    ) -> Option<Insertion> {
        let shift = &instance.shifts[engineer as usize];
        if self.stops.len() >= shift.max_tasks || self.load + instance.loads[ticket as usize] > shift.capacity
        {
            return None;
        }
        let job = instance.job(engineer, ticket);
        if self.room < job.duration {
            return None;
        }
        let mut best = Insertion { delta: bound, position: usize::MAX };
        let mut before = shift.home;
        for position in 0..=self.stops.len() {
            let after = self.stops.get(position).copied().unwrap_or(shift.home);
            if self.departs[position] + job.duration > shift.ends {
                break;
            }
            let there = instance.seconds(before, ticket);
            let arrival = self.departs[position] + there;
            let on = instance.seconds(ticket, after);
            let start = arrival.max(job.earliest);
            let next = start + job.duration + on;
            before = after;
            if next > self.latest[position] || start > job.latest {
                continue;
            }
            let detour = i64::from(there + on - self.legs[position]) + job.lateness(start);
            let delay = self.starts.get(position).map_or(0, |start| i64::from((next - start).max(0)));
            if detour + delay * self.slopes[position] >= best.delta {
                continue;
            }
            // Where it is forbidden to be late, nothing that is delayed costs more.
            let delta = if instance.hard_due {
                Some(detour)
            } else {
                self.delayed(position, next, detour, best.delta)
            };
            if let Some(delta) = delta {
                best = Insertion { delta, position };
            }
        }
        (best.position != usize::MAX).then_some(best)
    }

    /// What a ticket costs at this very position; none if it is not allowed there.
    pub fn cost_at<D: Distance>(
        &self,
        instance: &Instance<'_, D>,
        engineer: u32,
        ticket: u32,
        position: usize,
    ) -> Option<i64> {
        let mut longer = self.clone();
        longer.stops.insert(position, ticket);
        longer.refresh(instance, engineer);
        longer.is_allowed(instance, engineer).then(|| longer.cost() - self.cost())
    }

    /// `cost` and what it costs to arrive at this stop so late, if that is less than `bound`. Ends where waiting
    /// swallows the delay.
    #[inline]
    fn delayed(&self, position: usize, mut arrival: i32, mut cost: i64, bound: i64) -> Option<i64> {
        for i in position..self.stops.len() {
            let job = &self.jobs[i];
            let start = arrival.max(job.earliest);
            if start == self.starts[i] {
                break;
            }
            cost += job.lateness(start) - job.lateness(self.starts[i]);
            // A matrix may be faster by a detour; only then can this sink, and the bound is asked again at the end.
            if cost >= bound && start > self.starts[i] {
                return None;
            }
            arrival = start + job.duration + self.legs[i + 1];
        }
        (cost < bound).then_some(cost)
    }
}
