//! Problem and plan files: what a day's planning is asked with and answered by. Times are whole seconds since local
//! midnight of the planned day, coordinates WGS-84 degrees. docs/dispatch.md has the format with examples.

use serde::{Deserialize, Serialize};

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

impl PlanEngineer {
    /// Whether he holds every skill of the ticket.
    pub fn may_serve(&self, ticket: &PlanTicket) -> bool {
        ticket.skills.iter().all(|skill| self.skills.contains(skill))
    }
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
}

impl PlanTicket {
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
