//! Problem and plan files: what a day's planning is asked with and answered by. Times are whole seconds since local
//! midnight of the planned day, coordinates WGS-84 degrees. docs/dispatch.md has the format with examples.

mod check;
mod engineer;
mod order;
mod parts;
#[cfg(test)]
mod tests;
mod ticket;

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

pub use check::ProblemError;
pub use engineer::{PlanBreak, PlanCertificate, PlanEngineer};
pub use parts::{PartCount, PlanDepot};
pub use ticket::{After, PlanTicket, RequiredSkill};

use check::{LATEST, MOST, MOST_DEPOTS, require};

/// Longest journey in seconds: three years. Sums of it fit into the numbers of the search.
pub const LONGEST_JOURNEY: i32 = 100_000_000;

/// A day to be planned.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Problem {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    pub travel: Travel,
    pub engineers: Vec<PlanEngineer>,
    pub tickets: Vec<PlanTicket>,
    /// Where parts can be fetched that a van does not hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depots: Vec<PlanDepot>,
    /// Beginning after the due time is forbidden instead of late.
    #[serde(default)]
    pub hard_due: bool,
    /// What a second of difference between an engineer's work and the mean costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fairness_weight: Option<f64>,
    /// What it costs, in seconds, that a ticket is not done by whom the plan in force has promised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disturbance_s: Option<i32>,
}

impl Problem {
    /// Refuses what cannot be planned.
    ///
    /// # Errors
    /// The first fault.
    pub fn check(&self) -> Result<(), ProblemError> {
        for (field, count) in [("tickets", self.tickets.len()), ("engineers", self.engineers.len())] {
            require(count <= MOST, || field.to_owned(), "has more than 100,000 entries")?;
        }
        require(self.depots.len() <= MOST_DEPOTS, || "depots".to_owned(), "has more than 1,000 entries")?;
        let fairness = self.fairness_weight.unwrap_or(0.0);
        require((0.0..=1e6).contains(&fairness), || "fairness_weight".to_owned(), "must be 0 to 1,000,000")?;
        let disturbance = self.disturbance_s.unwrap_or(0);
        require(
            (0..=LATEST).contains(&disturbance),
            || "disturbance_s".to_owned(),
            "must be 0 to 10,000,000",
        )?;
        self.check_travel()?;
        self.check_starts()?;
        let (mut ids, mut busy) = (HashSet::new(), HashSet::new());
        for (i, engineer) in self.engineers.iter().enumerate() {
            let at = |field: &str| format!("engineers[{i}].{field}");
            require(ids.insert(engineer.id), || at("id"), "is there twice")?;
            engineer.check(&at)?;
        }
        let mut tickets = HashSet::new();
        for (i, ticket) in self.tickets.iter().enumerate() {
            let at = |field: &str| format!("tickets[{i}].{field}");
            require(tickets.insert(ticket.id), || at("id"), "is there twice")?;
            ticket.check(&at)?;
            let known = ticket.pinned_engineer.is_none_or(|pinned| ids.contains(&pinned));
            require(known, || at("pinned_engineer"), "is no engineer of this problem")?;
            let known = ticket.pinned_crew.iter().all(|pinned| ids.contains(pinned));
            require(known, || at("pinned_crew"), "names no engineer of this problem")?;
            let mut begun = ticket.pinned_engineer.iter().chain(&ticket.pinned_crew);
            let alone = ticket.started_at_s.is_none() || begun.all(|engineer| busy.insert(*engineer));
            require(alone, || at("started_at_s"), "is not possible: its engineer has begun another")?;
            let in_time = !self.hard_due || ticket.fixed_start_s.is_none_or(|fixed| fixed <= ticket.due_s);
            require(in_time, || at("fixed_start_s"), "is after due_s, which is forbidden here")?;
        }
        let parts: usize = self.tickets.iter().map(PlanTicket::crew_size).sum();
        require(parts <= MOST, || "tickets".to_owned(), "take more than 100,000 engineers together")?;
        order::check(self)?;
        let (matrix, mut depots) = (matches!(self.travel, Travel::Matrix { .. }), HashSet::new());
        for (i, depot) in self.depots.iter().enumerate() {
            let at = |field: &str| format!("depots[{i}].{field}");
            require(depots.insert(depot.id), || at("id"), "is there twice")?;
            depot.check(matrix, &at)?;
        }
        Ok(())
    }

    /// Rows of the matrix.
    fn places(&self) -> usize {
        let rows = self.engineers.iter().filter_map(|engineer| engineer.start_row);
        let rows = rows.chain(self.depots.iter().filter_map(|depot| depot.row));
        let others = rows.max().map_or(0, |row| row.saturating_add(1));
        others.max(self.tickets.len() + self.engineers.len())
    }

    /// A place is given by its row with a matrix, and by its coordinates without.
    fn check_starts(&self) -> Result<(), ProblemError> {
        let matrix = matches!(self.travel, Travel::Matrix { .. });
        for (i, engineer) in self.engineers.iter().enumerate() {
            let at = |field: &str| format!("engineers[{i}].{field}");
            let (by_row, by_degrees) = (engineer.start_row.is_some(), engineer.start_lat.is_some());
            require(matrix || !by_row, || at("start_row"), "is for travel by a matrix")?;
            require(!matrix || !by_degrees, || at("start_lat"), "is of no use with a matrix, use start_row")?;
        }
        Ok(())
    }

    fn check_travel(&self) -> Result<(), ProblemError> {
        match &self.travel {
            Travel::Haversine { radius_m, road_factor, speed_kmh, rounding } => {
                for (field, value) in [
                    ("radius_m", radius_m.unwrap_or(1.0)),
                    ("road_factor", *road_factor),
                    ("speed_kmh", *speed_kmh),
                ] {
                    let sensible = value > 0.0 && value <= 1e9;
                    require(
                        sensible,
                        || format!("travel.{field}"),
                        "must be more than 0 and at most 1,000,000,000",
                    )?;
                }
                let known = rounding.as_deref().is_none_or(|text| text == "floor(x+0.5)");
                require(known, || "travel.rounding".to_owned(), "must be floor(x+0.5)")
            }
            Travel::Matrix { seconds } => {
                let at = || "travel.seconds".to_owned();
                let places = self.places();
                let square = seconds.len() == places && seconds.iter().all(|row| row.len() == places);
                require(
                    square,
                    at,
                    "must have a row and a column for each ticket, engineer, start_row and depot",
                )?;
                let sensible = |value: &i32| (0..=LONGEST_JOURNEY).contains(value);
                require(seconds.iter().flatten().all(sensible), at, "must be 0 to 100,000,000")
            }
        }
    }
}

/// How long a journey takes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "model", rename_all = "snake_case", deny_unknown_fields)]
pub enum Travel {
    /// The great circle times a factor, at a constant speed.
    Haversine {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        radius_m: Option<f64>,
        road_factor: f64,
        speed_kmh: f64,
        /// Only `floor(x+0.5)`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rounding: Option<String>,
    },
    /// Rows and columns are the tickets in the order of the file, then the engineers' homes, then any other places.
    Matrix { seconds: Vec<Vec<i32>> },
}

/// Who does what in which order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub routes: Vec<PlannedRoute>,
    pub unassigned: Vec<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<i64>,
}

/// One engineer's day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedRoute {
    pub engineer: i64,
    pub stops: Vec<i64>,
    /// How many of the stops are served before the break, of whoever has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub break_after: Option<usize>,
    /// For which stops he fetches the parts at a depot, on the way there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fetches: Vec<Fetch>,
    /// Stops that somebody else leads.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub helps: Vec<i64>,
}

/// A depot on the way to a stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetch {
    pub ticket: i64,
    pub depot: i64,
}
