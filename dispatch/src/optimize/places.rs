//! The places of a problem by number: tickets, then homes, then others.

use crate::plan::{Problem, Travel};
use crate::problem::Point;

/// What is where.
pub struct Places {
    /// None with a matrix, whose rows have the same numbers.
    pub points: Vec<Point>,
    /// Where each engineer leaves for his first stop.
    pub starts: Vec<u32>,
    pub depots: Vec<u32>,
}

impl Places {
    pub fn new(problem: &Problem) -> Self {
        let tickets = problem.tickets.iter().map(|ticket| (ticket.lat, ticket.lon));
        let homes = problem.engineers.iter().map(|engineer| (engineer.lat, engineer.lon));
        let point = |(latitude, longitude)| Point { latitude, longitude };
        let mut places = Self { points: Vec::new(), starts: Vec::new(), depots: Vec::new() };
        if matches!(problem.travel, Travel::Haversine { .. }) {
            places.points.extend(tickets.chain(homes).map(point));
        }
        for (home, engineer) in (problem.tickets.len()..).zip(&problem.engineers) {
            let start = match (engineer.start_row, engineer.start_lat.zip(engineer.start_lon)) {
                (Some(row), _) => row,
                (None, Some(degrees)) => places.add(point(degrees)),
                (None, None) => home,
            };
            places.starts.push(start as u32);
        }
        for depot in &problem.depots {
            let place = depot.row.unwrap_or_else(|| places.add(point((depot.lat, depot.lon))));
            places.depots.push(place as u32);
        }
        places
    }

    fn add(&mut self, point: Point) -> usize {
        self.points.push(point);
        self.points.len() - 1
    }
}
