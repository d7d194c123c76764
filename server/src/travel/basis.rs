//! By which travel times something was decided: said in every dossier, and of every plan.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What the times were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Times {
    /// All by road, from the engine.
    Roads,
    /// Some by road, the others straight lines.
    PartlyRoads,
    /// Straight lines at a constant speed.
    #[default]
    StraightLine,
}

/// Why not all of them were by road.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// None is configured.
    NoEngine,
    /// It does not answer; it is tried again by itself.
    EngineDown,
    /// It was not asked in time, or knows no road there.
    NotKnown,
    /// The day has too many places for a table of all journeys.
    TooManyPlaces,
}

/// By which travel times something was decided.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TravelBasis {
    /// What the times were.
    pub times: Times,
    /// Why not all of them were by road; absent if they were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<Why>,
    /// Whether finished journeys have corrected any of them.
    pub calibrated: bool,
    /// Journeys that were looked up.
    pub asked: u32,
    /// Of them, by road.
    pub by_road: u32,
}

impl TravelBasis {
    /// Straight lines, for this reason.
    pub fn straight_line(why: Why) -> Self {
        Self { why: Some(why), ..Self::default() }
    }
}
