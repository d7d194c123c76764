//! What comes in: people, visits and stock as plain data. The words are those of the glossary; a
//! `Visit` has no customer, an `Engineer` no log-in. Instants are UTC milliseconds, given by the
//! caller, since this crate has no clock.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// An instant, in milliseconds since 1970 UTC.
pub type Millis = i64;

pub const MS_PER_MINUTE: i64 = 60_000;

/// A place on earth, WGS-84 degrees.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    pub latitude: f64,
    pub longitude: f64,
}

/// From `starts_at` until just before `ends_at`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    pub starts_at: Millis,
    pub ends_at: Millis,
}

/// Where somebody was, and when that was true.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Position {
    pub point: Point,
    pub at: Millis,
}

/// Proof of a skill at a level, for a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    pub skill: String,
    pub level: u8,
    pub number: String,
    pub valid_from: Millis,
    /// The last instant at which it holds; `None` never ends.
    pub valid_until: Option<Millis>,
}

/// How fast somebody was on one kind of fault: `ratio` is his mean repair time over everybody's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FaultSpeed {
    pub fault: String,
    pub count: u32,
    pub ratio: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Engineer {
    pub id: Uuid,
    pub code: String,
    pub name: String,
    pub active: bool,
    pub home: Point,
    pub position: Option<Position>,
    /// In any order; overlapping shifts count once.
    pub shifts: Vec<Interval>,
    pub absences: Vec<Interval>,
    pub certificates: Vec<Certificate>,
    /// The most work in minutes that he may have in hand at once.
    pub max_load_minutes: u32,
    pub speeds: Vec<FaultSpeed>,
    /// The area that his group serves, by whatever name the caller knows it.
    #[serde(default)]
    pub territory: Option<String>,
    /// The group of skills that he belongs to.
    #[serde(default)]
    pub skill_group: Option<String>,
}

/// Work that somebody already has in hand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    pub tickets: u32,
    pub minutes: u32,
}

/// How often somebody was at the visit's customer, and at its asset, as far back as the caller looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Familiarity {
    pub customer_visits: u32,
    pub asset_visits: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkillRequirement {
    pub skill: String,
    pub level: u8,
}

/// So much of a part, as an integer scaled by the part's decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartQuantity {
    pub part_id: Uuid,
    pub quantity: i64,
}

/// One call at one place for one ticket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Visit {
    pub ticket_id: Uuid,
    pub point: Point,
    /// 1 urgent, 2 high, 3 medium, 4 low.
    pub priority: u8,
    /// What past speed is compared on: a symptom or a kind of fault.
    pub fault: String,
    pub required_skills: Vec<SkillRequirement>,
    pub needed_parts: Vec<PartQuantity>,
    pub expected_minutes: u32,
    /// Not to be begun before; an instant in the past means now.
    pub earliest_at: Millis,
    /// Forbidden to begin later.
    pub latest_at: Option<Millis>,
    /// Late when begun later: not forbidden, but it costs.
    pub due_at: Option<Millis>,
    /// Whom the customer does not want to see again.
    pub excluded_engineers: Vec<Uuid>,
    /// The area that the site lies in.
    #[serde(default)]
    pub territory: Option<String>,
    /// The group of skills whose work it is.
    #[serde(default)]
    pub skill_group: Option<String>,
    /// How important the customer is; the higher the more.
    #[serde(default)]
    pub customer_level: Option<u8>,
}
