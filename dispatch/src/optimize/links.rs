//! Visits of several routes that depend on each other: the parts of a crew begin together, and what follows a visit
//! begins when that has ended. Between two looks at them ([`agree`](super::agree)) their times are appointments: a
//! linked stop has a [`Span`] in which it begins, and whatever keeps the spans of its route disturbs no other. So one
//! stop more costs what it costs in its route, as without links.

use std::collections::HashMap;

use super::distance::Distance;
use super::instance::{FAR, Instance, Job};
use super::solution::{NOBODY, Solution, Step};
use crate::plan::{PlanTicket, Problem};

/// When a stop begins, at the earliest and at the latest, for the sake of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub from: i32,
    pub until: i32,
}

impl Span {
    /// No others.
    pub const ANY: Self = Self { from: -FAR, until: FAR };

    /// A visit within it.
    #[inline]
    pub fn within(self, job: Job) -> Job {
        Job { earliest: job.earliest.max(self.from), latest: job.latest.min(self.until), ..job }
    }
}

/// What is linked with others.
#[derive(Debug, Default)]
pub struct Visit {
    /// Tickets, the lead's first and alone if there is no crew; the others are alike.
    pub parts: Vec<u32>,
    /// What must have ended so many seconds before.
    pub after: Vec<(u32, i32)>,
    /// What waits for it.
    pub before: Vec<(u32, i32)>,
}

/// All that is linked. Visits have numbers, each a higher one than what it follows.
pub struct Links {
    pub visits: Vec<Visit>,
    /// The visit of each ticket.
    visit_of: Vec<Option<u32>>,
}

impl Links {
    /// None if nothing is linked. What has begun is no visit here: how long others wait for it is known, and written
    /// into their `jobs`.
    pub fn new(problem: &Problem, jobs: &mut [Job]) -> Option<Self> {
        let tickets = &problem.tickets;
        if tickets.iter().all(|ticket| ticket.helps.is_none() && ticket.after.is_empty()) {
            return None;
        }
        let index: HashMap<i64, u32> = (0..).zip(tickets).map(|(i, ticket)| (ticket.id, i)).collect();
        let mut parts: Vec<Vec<u32>> = (0..tickets.len() as u32).map(|ticket| vec![ticket]).collect();
        for (i, ticket) in (0..).zip(tickets).filter(|(_, ticket)| waits(ticket)) {
            if let Some(lead) = ticket.helps.and_then(|lead| index.get(&lead)) {
                parts[*lead as usize].push(i);
                parts[i as usize].clear();
            }
        }
        let mut after = vec![Vec::new(); tickets.len()];
        for (i, ticket) in tickets.iter().enumerate().filter(|(_, ticket)| waits(ticket)) {
            for link in &ticket.after {
                let Some(other) = index.get(&link.ticket) else { continue };
                let before = &tickets[*other as usize];
                match before.started_at_s {
                    None => after[i].push((*other, link.gap_s)),
                    Some(start) => {
                        for part in &parts[i] {
                            let job = &mut jobs[*part as usize];
                            job.earliest = job.earliest.max(start + before.duration_s + link.gap_s);
                        }
                    }
                }
            }
        }
        Self::in_order(parts, &after)
    }

    /// Numbers what is linked in the order in which it must be.
    fn in_order(mut parts: Vec<Vec<u32>>, after: &[Vec<(u32, i32)>]) -> Option<Self> {
        let tickets = parts.len();
        let mut followers = vec![Vec::new(); tickets];
        let mut left: Vec<usize> = after.iter().map(Vec::len).collect();
        for (ticket, links) in (0..).zip(after) {
            links.iter().for_each(|(other, gap)| followers[*other as usize].push((ticket, *gap)));
        }
        let mut order: Vec<u32> = (0..tickets as u32).filter(|ticket| left[*ticket as usize] == 0).collect();
        let mut links = Self { visits: Vec::new(), visit_of: vec![None; tickets] };
        let mut next = 0;
        while let Some(ticket) = order.get(next).map(|ticket| *ticket as usize) {
            next += 1;
            for &(follower, _) in &followers[ticket] {
                let count: &mut usize = &mut left[follower as usize];
                *count -= 1;
                if *count == 0 {
                    order.push(follower);
                }
            }
            if parts[ticket].len() > 1 || !after[ticket].is_empty() || !followers[ticket].is_empty() {
                let number = links.visits.len() as u32;
                let visit = Visit { parts: std::mem::take(&mut parts[ticket]), ..Visit::default() };
                visit.parts.iter().for_each(|part| links.visit_of[*part as usize] = Some(number));
                links.visits.push(visit);
                links.connect(number, &after[ticket]);
            }
        }
        (!links.visits.is_empty()).then_some(links)
    }

    fn connect(&mut self, number: u32, after: &[(u32, i32)]) {
        for (other, gap) in after {
            if let Some(other) = self.visit_of[*other as usize] {
                self.visits[number as usize].after.push((other, *gap));
                self.visits[other as usize].before.push((number, *gap));
            }
        }
    }

    /// The visit that a ticket is a part of, if others depend on it or it on others.
    #[inline]
    pub fn visit_of(&self, ticket: u32) -> Option<u32> {
        self.visit_of[ticket as usize]
    }

    pub fn parts(&self, visit: u32) -> &[u32] {
        &self.visits[visit as usize].parts
    }

    /// The lead's part.
    pub fn lead(&self, visit: u32) -> u32 {
        self.visits[visit as usize].parts[0]
    }

    pub fn is_served(&self, solution: &Solution, visit: u32) -> bool {
        self.parts(visit).iter().all(|part| solution.holder[*part as usize] != NOBODY)
    }

    /// When all that a visit follows has ended; none if one of them is not served.
    pub fn ready<D>(&self, instance: &Instance<'_, D>, solution: &Solution, visit: u32) -> Option<i32> {
        let mut ready = -FAR;
        for &(other, gap) in &self.visits[visit as usize].after {
            let lead = self.lead(other);
            let start = solution.start(lead)?;
            ready = ready.max((start + instance.jobs[lead as usize].duration + gap).min(FAR));
        }
        Some(ready)
    }

    /// What it costs at least that what follows a visit waits for it, if that begins at this moment.
    pub fn delay<D>(&self, instance: &Instance<'_, D>, visit: u32, start: i32) -> i64 {
        let Visit { parts, before, .. } = &self.visits[visit as usize];
        let end = start + instance.jobs[parts[0] as usize].duration;
        let late = |(other, gap): &(u32, i32)| instance.jobs[self.lead(*other) as usize].lateness(end + gap);
        before.iter().map(late).sum()
    }

    /// Takes all appointments back.
    pub fn release<D: Distance>(&self, instance: &Instance<'_, D>, solution: &mut Solution, step: &mut Step) {
        for part in self.visits.iter().flat_map(|visit| &visit.parts) {
            step.appoint(instance, solution, *part, Span::ANY);
        }
    }

    /// Takes out what cannot stay without what was taken out: the rest of its crew, and what follows it.
    pub fn take_along<D: Distance>(
        &self,
        instance: &Instance<'_, D>,
        solution: &mut Solution,
        step: &mut Step,
    ) {
        let mut next = 0;
        while let Some((ticket, _)) = step.absent.get(next).copied() {
            next += 1;
            let Some(visit) = self.visit_of(ticket) else { continue };
            let followers = self.visits[visit as usize].before.iter().map(|(other, _)| *other);
            for visit in std::iter::once(visit).chain(followers) {
                for part in self.parts(visit) {
                    if let Some((engineer, at)) = solution.place(*part) {
                        step.remove(instance, solution, engineer, |position| position == at);
                    }
                }
            }
        }
    }

    /// Names all parts of a crew where one is named, those that nobody had.
    pub fn complete(&self, solution: &Solution, absent: &mut Vec<(u32, u32)>) {
        let mut named: Vec<u32> = absent.iter().map(|(ticket, _)| *ticket).collect();
        named.sort_unstable();
        let visits = named.iter().filter_map(|ticket| self.visit_of(*ticket));
        let mut visits: Vec<u32> = visits.filter(|visit| self.parts(*visit).len() > 1).collect();
        visits.dedup();
        visits.sort_unstable();
        visits.dedup();
        for part in visits.into_iter().flat_map(|visit| self.parts(visit)) {
            if named.binary_search(part).is_err() && solution.holder[*part as usize] == NOBODY {
                absent.push((*part, NOBODY));
            }
        }
    }

    /// Brings what is followed before what follows it.
    pub fn line_up(&self, absent: &mut Vec<(u32, u32)>) {
        let mut turns: HashMap<u32, usize> = HashMap::new();
        for (turn, (ticket, _)) in absent.iter().enumerate() {
            if let Some(visit) = self.visit_of(*ticket).filter(|visit| self.lead(*visit) == *ticket) {
                turns.insert(visit, turn);
            }
        }
        if turns.is_empty() {
            return;
        }
        let mut visits: Vec<u32> = turns.keys().copied().collect();
        visits.sort_unstable_by_key(|visit| std::cmp::Reverse(*visit));
        for visit in visits {
            let turn = turns[&visit];
            for (other, _) in &self.visits[visit as usize].after {
                turns.entry(*other).and_modify(|theirs| *theirs = turn.min(*theirs));
            }
        }
        let mut lined: Vec<((usize, u32), (u32, u32))> = Vec::with_capacity(absent.len());
        for (turn, entry) in absent.drain(..).enumerate() {
            let visit = self.visit_of(entry.0);
            let theirs = visit.and_then(|visit| turns.get(&visit)).copied().unwrap_or(turn);
            lined.push(((theirs, visit.map_or(u32::MAX, |visit| visit)), entry));
        }
        lined.sort_unstable();
        absent.extend(lined.into_iter().map(|(_, entry)| entry));
    }
}

/// Whether it has not begun.
fn waits(ticket: &PlanTicket) -> bool {
    ticket.started_at_s.is_none()
}
