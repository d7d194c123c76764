//! Somebody who works on the planned day.

use serde::{Deserialize, Serialize};

use super::check::{self, LARGEST_LOAD, LATEST, ProblemError, require};
use super::parts::{self, PartCount};

/// Somebody who works on that day.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanEngineer {
    pub id: i64,
    #[serde(default)]
    pub lat: f64,
    #[serde(default)]
    pub lon: f64,
    #[serde(default)]
    pub skills: Vec<i64>,
    /// Skills that begin or end, or are of a level above the first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub certificates: Vec<PlanCertificate>,
    /// Where he is now, if that is not his home; with a matrix, the row of that place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_lat: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_lon: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_row: Option<usize>,
    /// When he can go on from there, if that is later than the beginning of his shift.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available_from_s: Option<i32>,
    pub shift_start_s: i32,
    pub shift_end_s: i32,
    /// The territories that he covers; all if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub territories: Option<Vec<i64>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_tasks: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<i64>,
    /// Parts in the van.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stock: Vec<PartCount>,
    /// The pause that must be taken by whoever has a stop.
    #[serde(default, rename = "break", skip_serializing_if = "Option::is_none")]
    pub pause: Option<PlanBreak>,
}

/// A pause: between two stops, on the way or while waiting, but not during a visit.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanBreak {
    pub duration_s: i32,
    /// When it begins, at the earliest and at the latest.
    pub earliest_s: i32,
    pub latest_s: i32,
}

impl PlanBreak {
    fn check(&self, shift: (i32, i32), at: &dyn Fn(&str) -> String) -> Result<(), ProblemError> {
        require((0..=LATEST).contains(&self.duration_s), || at("duration_s"), "must be 0 to 10,000,000")?;
        check::seconds(self.earliest_s, "earliest_s", at)?;
        check::seconds(self.latest_s, "latest_s", at)?;
        require(self.earliest_s <= self.latest_s, || at("latest_s"), "must not be before earliest_s")?;
        require(self.latest_s >= shift.0, || at("latest_s"), "is before he is at work")?;
        let over = self.earliest_s.max(shift.0) + self.duration_s;
        require(over <= shift.1, || at("duration_s"), "does not fit before the end of the shift")
    }
}

/// That somebody may do something, from when until when.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanCertificate {
    pub skill: i64,
    #[serde(default = "first_level")]
    pub level: u32,
    /// No visit may begin before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from_s: Option<i32>,
    /// A visit must be over by then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until_s: Option<i32>,
}

/// The level of a skill that is a mere number, and what is required where nothing is said.
pub(super) const fn first_level() -> u32 {
    1
}

impl PlanCertificate {
    fn check(&self, at: &dyn Fn(&str) -> String) -> Result<(), ProblemError> {
        let [from, until] = [self.valid_from_s, self.valid_until_s];
        check::seconds(from.unwrap_or(0), "valid_from_s", at)?;
        check::seconds(until.unwrap_or(0), "valid_until_s", at)?;
        let sensible = from.is_none_or(|from| until.is_none_or(|until| from <= until));
        require(sensible, || at("valid_until_s"), "must not be before valid_from_s")
    }
}

impl PlanEngineer {
    /// When he leaves for his first stop, at the earliest.
    fn leaves_s(&self) -> i32 {
        self.available_from_s.map_or(self.shift_start_s, |from| from.max(self.shift_start_s))
    }

    pub(super) fn check(&self, at: &dyn Fn(&str) -> String) -> Result<(), ProblemError> {
        check::place(self.lat, self.lon, at)?;
        check::seconds(self.shift_start_s, "shift_start_s", at)?;
        check::seconds(self.shift_end_s, "shift_end_s", at)?;
        require(
            self.shift_start_s <= self.shift_end_s,
            || at("shift_end_s"),
            "must not be before shift_start_s",
        )?;
        check::seconds(self.available_from_s.unwrap_or(0), "available_from_s", at)?;
        let lat_and_lon = self.start_lat.is_some() == self.start_lon.is_some();
        require(lat_and_lon, || at("start_lat"), "and start_lon belong together")?;
        if let (Some(lat), Some(lon)) = (self.start_lat, self.start_lon) {
            check::place(lat, lon, &|field| at(&format!("start_{field}")))?;
        }
        check::list(&self.skills, "skills", at)?;
        check::list(self.territories.as_deref().unwrap_or(&[]), "territories", at)?;
        parts::counts(&self.stock, "stock", at)?;
        check::list(&self.certificates, "certificates", at)?;
        for (i, certificate) in self.certificates.iter().enumerate() {
            certificate.check(&|field| at(&format!("certificates[{i}].{field}")))?;
        }
        if let Some(pause) = &self.pause {
            let shift = (self.leaves_s(), self.shift_end_s);
            pause.check(shift, &|field| at(&format!("break.{field}")))?;
        }
        let sensible = (0..=LARGEST_LOAD).contains(&self.capacity.unwrap_or(0));
        require(sensible, || at("capacity"), "must be 0 to 1,000,000,000,000")
    }
}
