//! An engineer's day as the search sees it.

use std::collections::HashMap;

use super::places::Places;
use crate::plan::{PlanEngineer, PlanTicket, Problem};

/// A break, in seconds of the planned day.
#[derive(Clone, Copy, Debug)]
pub struct Pause {
    pub duration: i32,
    pub earliest: i32,
    /// By when it must begin.
    pub latest: i32,
}

impl Pause {
    /// When he is ready, who would arrive at this moment without it. He takes it on the way, or before he goes on.
    #[inline]
    pub fn ready(&self, arrival: i32) -> i32 {
        arrival.max(self.earliest) + self.duration
    }
}

/// What a visit that has begun takes from the day.
#[derive(Clone, Copy, Debug)]
pub struct Begun {
    pub ticket: u32,
    pub late: i64,
    pub service: i64,
    pub load: i64,
}

/// An engineer's day.
#[derive(Clone, Copy, Debug)]
pub struct Shift {
    pub starts: i32,
    pub ends: i32,
    pub max_tasks: usize,
    pub capacity: i64,
    pub pause: Option<Pause>,
    /// The place where he leaves for his first stop.
    pub start: u32,
    /// The place where the day ends.
    pub home: u32,
    /// The visit that he has begun: it is in no route of the search, but counts.
    pub begun: Option<Begun>,
}

/// The days of all engineers. Who has begun a visit leaves from there, when it is over.
pub fn all(problem: &Problem, places: &Places) -> Vec<Shift> {
    let begun = (0..).zip(&problem.tickets).filter(|(_, ticket)| ticket.started_at_s.is_some());
    let begun: HashMap<_, _> = begun.map(|(i, ticket)| (ticket.pinned_engineer, (i, ticket))).collect();
    let shift = |(i, engineer): (usize, &PlanEngineer)| {
        let mut shift = Shift {
            starts: engineer
                .available_from_s
                .map_or(engineer.shift_start_s, |s| s.max(engineer.shift_start_s)),
            ends: engineer.shift_end_s,
            max_tasks: engineer.max_tasks.map_or(usize::MAX, |most| most as usize),
            capacity: engineer.capacity.unwrap_or(i64::MAX),
            pause: engineer.pause.map(|pause| Pause {
                duration: pause.duration_s,
                earliest: pause.earliest_s,
                latest: pause.latest_s,
            }),
            start: places.starts[i],
            home: (problem.tickets.len() + i) as u32,
            begun: None,
        };
        if let Some((ticket, visit)) = begun.get(&Some(engineer.id)) {
            shift.go_on_after(*ticket, visit);
        }
        shift
    };
    problem.engineers.iter().enumerate().map(shift).collect()
}

impl Shift {
    fn go_on_after(&mut self, ticket: u32, visit: &PlanTicket) {
        let start = visit.started_at_s.unwrap_or(visit.earliest_s);
        self.start = ticket;
        self.starts = self.starts.max(start + visit.duration_s);
        self.max_tasks = self.max_tasks.saturating_sub(1);
        self.begun = Some(Begun {
            ticket,
            late: i64::from(visit.weight()) * i64::from((start - visit.due_s).max(0)),
            service: i64::from(visit.duration_s),
            load: visit.load.unwrap_or(0),
        });
    }
}
