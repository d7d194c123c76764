//! The places of a problem by number: tickets, then homes, then others.

use std::collections::HashMap;

use crate::plan::{PlanTicket, Problem, Travel};
use crate::problem::Point;

/// What is where.
pub struct Places {
    /// None with a matrix.
    pub points: Vec<Point>,
    /// With a matrix, the row of each place, if that is not its number: who helps in a crew has that of its lead.
    pub rows: Option<Vec<u32>>,
    /// Where each engineer leaves for his first stop.
    pub starts: Vec<u32>,
    pub depots: Vec<u32>,
}

impl Places {
    pub fn new(problem: &Problem) -> Self {
        let tickets = problem.tickets.iter().map(|ticket| (ticket.lat, ticket.lon));
        let homes = problem.engineers.iter().map(|engineer| (engineer.lat, engineer.lon));
        let point = |(latitude, longitude)| Point { latitude, longitude };
        let mut places = Self { points: Vec::new(), rows: None, starts: Vec::new(), depots: Vec::new() };
        if matches!(problem.travel, Travel::Haversine { .. }) {
            places.points.extend(tickets.chain(homes).map(point));
        }
        let helpers = problem.tickets.iter().filter(|ticket| ticket.helps.is_some()).count();
        if let Travel::Matrix { seconds } = &problem.travel
            && helpers > 0
        {
            places.rows = Some(rows(problem, seconds.len()));
        }
        let place_of = |row: usize| if row < problem.tickets.len() - helpers { row } else { row + helpers };
        for (home, engineer) in (problem.tickets.len()..).zip(&problem.engineers) {
            let start = match (engineer.start_row, engineer.start_lat.zip(engineer.start_lon)) {
                (Some(row), _) => place_of(row),
                (None, Some(degrees)) => places.add(point(degrees)),
                (None, None) => home,
            };
            places.starts.push(start as u32);
        }
        for depot in &problem.depots {
            let place = depot.row.map(place_of).unwrap_or_else(|| places.add(point((depot.lat, depot.lon))));
            places.depots.push(place as u32);
        }
        places
    }

    fn add(&mut self, point: Point) -> usize {
        self.points.push(point);
        self.points.len() - 1
    }
}

/// Helpers stand behind all other tickets, and have no rows.
fn rows(problem: &Problem, count: usize) -> Vec<u32> {
    let own = problem.tickets.iter().take_while(|ticket| ticket.helps.is_none());
    let row_of: HashMap<i64, u32> = own.zip(0..).map(|(ticket, row)| (ticket.id, row)).collect();
    let lead = |ticket: &PlanTicket| ticket.helps.and_then(|lead| row_of.get(&lead)).copied();
    let helpers = problem.tickets.iter().filter_map(lead);
    let tickets = row_of.len() as u32;
    (0..tickets).chain(helpers).chain(tickets..count as u32).collect()
}
