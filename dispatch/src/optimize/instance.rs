//! The problem as the search sees it: numbers in a row instead of names and dates.

use std::collections::HashSet;

use super::distance::Distance;
use super::links::Links;
use super::places::Places;
use super::rules::{self, Holders, Parts, VAN};
use super::shift::{self, Shift};
use super::twins;
use crate::plan::{PlanTicket, Problem};

/// Longer than any day that can be planned, in seconds; twice this still fits into 32 bits.
pub const FAR: i32 = 1_000_000_000;

/// What an unserved ticket costs, a unit of weight: ten hours, more than any lateness within a day.
pub const UNSERVED: i64 = 36_000;

/// A ticket, in seconds of the planned day.
#[derive(Clone, Copy, Debug)]
pub struct Job {
    pub earliest: i32,
    /// By when it must begin.
    pub latest: i32,
    pub due: i32,
    pub duration: i32,
    /// What a second of lateness costs.
    pub weight: i32,
    /// What it costs that this engineer serves it.
    pub price: i32,
}

impl Job {
    pub fn new(problem: &Problem, ticket: &PlanTicket) -> Self {
        Self {
            earliest: ticket.fixed_start_s.unwrap_or(ticket.earliest_s),
            latest: [ticket.fixed_start_s, ticket.latest_start_s, problem.hard_due.then_some(ticket.due_s)]
                .into_iter()
                .flatten()
                .fold(FAR, i32::min),
            due: ticket.due_s,
            duration: ticket.duration_s,
            // What has begun is not left out any more.
            weight: if ticket.started_at_s.is_some() { 0 } else { ticket.weight() },
            price: if ticket.started_at_s.is_some() { 0 } else { rules::price(problem, ticket) },
        }
    }

    /// Being back by the end of the shift.
    pub fn home(ends: i32) -> Self {
        Self { earliest: -FAR, latest: ends, due: FAR, duration: 0, weight: 0, price: 0 }
    }

    /// What beginning at this moment costs.
    #[inline]
    pub fn lateness(&self, start: i32) -> i64 {
        i64::from(self.weight) * i64::from((start - self.due).max(0))
    }

    /// What leaving it out costs.
    pub fn penalty(&self) -> i64 {
        i64::from(self.weight) * UNSERVED + i64::from(self.price)
    }
}

/// On which terms one engineer may serve one ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pair {
    pub engineer: u32,
    /// Not to begin before.
    pub earliest: i32,
    /// To begin by then.
    pub latest: i32,
    /// How much less it costs than if somebody else served it.
    pub credit: i32,
}

/// Everything that does not change during the search.
pub struct Instance<'p, D> {
    pub distance: &'p D,
    pub jobs: Vec<Job>,
    pub loads: Vec<i64>,
    pub shifts: Vec<Shift>,
    /// Who may serve a ticket, nearest first.
    pub eligible: Vec<Vec<u32>>,
    can: Vec<u64>,
    words: usize,
    /// Where the terms of an engineer differ from those of the ticket, by ticket and then by engineer.
    pairs: Vec<Pair>,
    /// Where the pairs of each ticket begin, and where the last one's end.
    first_pair: Vec<u32>,
    /// The nearest tickets of a ticket, itself first.
    pub near: Vec<Vec<u32>>,
    /// Engineers of one class are alike.
    pub class: Vec<u32>,
    /// None if no ticket needs any.
    pub parts: Option<Parts>,
    /// None if no visit depends on another.
    pub links: Option<Links>,
    /// Beginning after the due time is forbidden instead of late.
    pub hard_due: bool,
    /// What a second of unevenness costs.
    pub fairness: f64,
}

/// Tickets that are prepared between two looks at the caller's clock.
const LOOK: usize = 8;

/// Neighbours that are kept of each ticket: memory grows with the tickets, not with their square.
const NEIGHBOURS: usize = 200;

impl<'p, D: Distance> Instance<'p, D> {
    /// When `is_over`, only what the tickets in `start` need is worked out: enough for the plan in force, and no more.
    pub fn new(
        problem: &Problem,
        places: &Places,
        distance: &'p D,
        start: &HashSet<i64>,
        mut is_over: impl FnMut() -> bool,
    ) -> Self {
        let tickets = problem.tickets.len();
        let mut instance = Self {
            distance,
            jobs: problem.tickets.iter().map(|ticket| Job::new(problem, ticket)).collect(),
            loads: problem.tickets.iter().map(|ticket| ticket.load.unwrap_or(0)).collect(),
            shifts: shift::all(problem, places),
            eligible: Vec::with_capacity(tickets),
            can: Vec::new(),
            words: problem.engineers.len().div_ceil(64),
            pairs: Vec::new(),
            first_pair: vec![0],
            near: Vec::with_capacity(tickets),
            class: twins::classes(problem),
            parts: None,
            links: None,
            hard_due: problem.hard_due,
            fairness: problem.fairness_weight.unwrap_or(0.0),
        };
        instance.links = Links::new(problem, &mut instance.jobs);
        let mut holders = Holders::new(problem);
        let mut over = false;
        for ticket in 0..tickets {
            over = over || (ticket % LOOK == 0 && is_over());
            let visit = &problem.tickets[ticket];
            let wanted = !over || start.contains(&visit.id);
            let mut all = || rules::eligible(problem, &mut holders, visit, &instance.jobs[ticket]);
            let pairs = if wanted { all() } else { Vec::new() };
            instance.find_eligible(ticket, &pairs, over);
            if over {
                instance.near.push(Vec::new());
            } else {
                instance.find_near(ticket as u32);
            }
        }
        instance.parts = Parts::new(problem, places, distance, &instance.eligible, is_over);
        instance
    }

    fn find_eligible(&mut self, ticket: usize, pairs: &[Pair], over: bool) {
        let job = self.jobs[ticket];
        let differs = |pair: &&Pair| {
            let shift = &self.shifts[pair.engineer as usize];
            pair.credit != 0
                || pair.earliest > job.earliest.max(shift.starts)
                || pair.latest < job.latest.min(shift.ends)
        };
        self.pairs.extend(pairs.iter().filter(differs));
        self.first_pair.push(self.pairs.len() as u32);
        let mut eligible: Vec<u32> = pairs.iter().map(|pair| pair.engineer).collect();
        let way =
            |engineer: &u32| self.distance.seconds(self.shifts[*engineer as usize].start, ticket as u32);
        if !over {
            eligible.sort_by_cached_key(|engineer| (way(engineer), *engineer));
        }
        let mut bits = vec![0; self.words];
        for engineer in &eligible {
            bits[*engineer as usize / 64] |= 1 << (engineer % 64);
        }
        self.can.extend(bits);
        eligible.shrink_to_fit();
        self.eligible.push(eligible);
    }

    fn find_near(&mut self, ticket: u32) {
        let way = |other: &u32| (self.distance.seconds(ticket, *other), *other != ticket, *other);
        let mut near: Vec<(i32, bool, u32)> = (0..self.jobs.len() as u32).map(|other| way(&other)).collect();
        if near.len() > NEIGHBOURS {
            near.select_nth_unstable(NEIGHBOURS);
            near.truncate(NEIGHBOURS);
        }
        near.sort_unstable();
        // Collected anew: the old list has room for every ticket, and collecting in place would keep it.
        self.near.push(near.iter().map(|(_, _, other)| *other).collect());
    }

    /// Whether the engineer holds what the ticket needs.
    #[inline]
    pub fn can(&self, engineer: u32, ticket: u32) -> bool {
        self.can[ticket as usize * self.words + engineer as usize / 64] & (1 << (engineer % 64)) != 0
    }

    /// The ticket as this engineer would serve it.
    #[inline]
    pub fn job(&self, engineer: u32, ticket: u32) -> Job {
        let ticket = ticket as usize;
        let mut job = self.jobs[ticket];
        if self.pairs.is_empty() {
            return job;
        }
        let (first, end) = (self.first_pair[ticket] as usize, self.first_pair[ticket + 1] as usize);
        if first == end {
            return job;
        }
        let pairs = &self.pairs[first..end];
        if let Ok(found) = pairs.binary_search_by_key(&engineer, |pair| pair.engineer) {
            job.earliest = job.earliest.max(pairs[found].earliest);
            job.latest = job.latest.min(pairs[found].latest);
            job.price -= pairs[found].credit;
        }
        job
    }

    /// The way to a ticket, past the depot that has its parts unless they are in the van.
    #[inline]
    pub fn way(&self, from: u32, to: u32, source: u32) -> i32 {
        if source == VAN {
            return self.seconds(from, to);
        }
        self.seconds(from, source) + self.seconds(source, to)
    }

    #[inline]
    pub fn seconds(&self, from: u32, to: u32) -> i32 {
        self.distance.seconds(from, to)
    }
}
