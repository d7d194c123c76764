//! Problem and plan files: what a day's planning is asked with and answered by. Times are whole seconds since local
//! midnight of the planned day, coordinates WGS-84 degrees. docs/dispatch.md has the format with examples.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Longest journey in seconds: three years. Sums of it fit into the numbers of the search.
pub const LONGEST_JOURNEY: i32 = 100_000_000;
/// Latest moment and longest duration in seconds: about four months from the midnight of the planned day.
const LATEST: i32 = 10_000_000;
/// Largest load or capacity.
const LARGEST_LOAD: i64 = 1_000_000_000_000;
/// Most tickets and most engineers.
const MOST: usize = 200_000;

/// What is wrong with a problem, and where.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{field}: {message}")]
pub struct ProblemError {
    /// The path in the file, such as `tickets[3].priority`.
    pub field: String,
    /// What is wrong.
    pub message: String,
}

fn require(holds: bool, field: impl FnOnce() -> String, message: &str) -> Result<(), ProblemError> {
    if holds { Ok(()) } else { Err(ProblemError { field: field(), message: message.to_owned() }) }
}

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
    /// Beginning after the due time is forbidden instead of late.
    #[serde(default)]
    pub hard_due: bool,
    /// What a second of difference between an engineer's work and the mean costs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fairness_weight: Option<f64>,
}

impl Problem {
    /// Refuses what cannot be planned.
    ///
    /// # Errors
    /// The first fault.
    pub fn check(&self) -> Result<(), ProblemError> {
        for (field, count) in [("tickets", self.tickets.len()), ("engineers", self.engineers.len())] {
            require(count <= MOST, || field.to_owned(), "has more than 200,000 entries")?;
        }
        let fairness = self.fairness_weight.unwrap_or(0.0);
        require((0.0..=1e6).contains(&fairness), || "fairness_weight".to_owned(), "must be 0 to 1,000,000")?;
        self.check_travel()?;
        let mut ids = HashSet::new();
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
                let places = self.tickets.len() + self.engineers.len();
                let at = || "travel.seconds".to_owned();
                let square = seconds.len() == places && seconds.iter().all(|row| row.len() == places);
                require(square, at, "must have a row and a column for each ticket and each engineer")?;
                let sensible = |value: &i32| (0..=LONGEST_JOURNEY).contains(value);
                require(seconds.iter().flatten().all(sensible), at, "must be 0 to 100,000,000")
            }
        }
    }
}

fn check_place(lat: f64, lon: f64, at: &dyn Fn(&str) -> String) -> Result<(), ProblemError> {
    require((-90.0..=90.0).contains(&lat), || at("lat"), "must be -90 to 90")?;
    require((-180.0..=180.0).contains(&lon), || at("lon"), "must be -180 to 180")
}

fn check_seconds(value: i32, field: &str, at: &dyn Fn(&str) -> String) -> Result<(), ProblemError> {
    let sensible = (-LATEST..=LATEST).contains(&value);
    require(sensible, || at(field), "must be within 10,000,000 seconds of midnight")
}

impl PlanEngineer {
    fn check(&self, at: &dyn Fn(&str) -> String) -> Result<(), ProblemError> {
        check_place(self.lat, self.lon, at)?;
        check_seconds(self.shift_start_s, "shift_start_s", at)?;
        check_seconds(self.shift_end_s, "shift_end_s", at)?;
        require(
            self.shift_start_s <= self.shift_end_s,
            || at("shift_end_s"),
            "must not be before shift_start_s",
        )?;
        let sensible = (0..=LARGEST_LOAD).contains(&self.capacity.unwrap_or(0));
        require(sensible, || at("capacity"), "must be 0 to 1,000,000,000,000")
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
    /// Rows and columns are the tickets in the order of the file, then the engineers' homes.
    Matrix { seconds: Vec<Vec<i32>> },
}

/// Somebody who works on that day.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanEngineer {
    pub id: i64,
    #[serde(default)]
    pub lat: f64,
    #[serde(default)]
    pub lon: f64,
    #[serde(default)]
    pub skills: Vec<i64>,
    pub shift_start_s: i32,
    pub shift_end_s: i32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_tasks: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<i64>,
}

/// A visit to be made.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanTicket {
    pub id: i64,
    #[serde(default)]
    pub lat: f64,
    #[serde(default)]
    pub lon: f64,
    #[serde(default)]
    pub skills: Vec<i64>,
    pub duration_s: i32,
    pub earliest_s: i32,
    pub due_s: i32,
    pub priority: u8,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load: Option<i64>,
    /// Whom the customer does not want.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub forbidden_engineers: Vec<i64>,
    /// The only one who may do it: a visit that is agreed or begun.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned_engineer: Option<i64>,
}

impl PlanTicket {
    /// Whether this engineer holds every skill, and nothing else speaks against him.
    pub fn may_be_served_by(&self, engineer: &PlanEngineer) -> bool {
        self.skills.iter().all(|skill| engineer.skills.contains(skill))
            && !self.forbidden_engineers.contains(&engineer.id)
            && self.pinned_engineer.is_none_or(|pinned| pinned == engineer.id)
    }

    fn check(&self, at: &dyn Fn(&str) -> String) -> Result<(), ProblemError> {
        check_place(self.lat, self.lon, at)?;
        require((0..=LATEST).contains(&self.duration_s), || at("duration_s"), "must be 0 to 10,000,000")?;
        check_seconds(self.earliest_s, "earliest_s", at)?;
        check_seconds(self.due_s, "due_s", at)?;
        require((1..=4).contains(&self.priority), || at("priority"), "must be 1 to 4")?;
        let sensible = (0..=LARGEST_LOAD).contains(&self.load.unwrap_or(0));
        require(sensible, || at("load"), "must be 0 to 1,000,000,000,000")
    }

    /// What a second of lateness costs: 8, 4, 2, 1 for priorities 1 to 4.
    pub fn weight(&self) -> i32 {
        8 >> self.priority.clamp(1, 4).saturating_sub(1)
    }
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedRoute {
    pub engineer: i64,
    pub stops: Vec<i64>,
}
