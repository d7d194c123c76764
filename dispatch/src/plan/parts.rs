//! Spare parts: what tickets need, what vans hold, and what depots hold.

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::check::{self, LARGEST_LOAD, ProblemError, require};

/// So many of a part.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartCount {
    pub part: i64,
    pub quantity: i64,
}

/// Where parts can be fetched.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanDepot {
    pub id: i64,
    #[serde(default)]
    pub lat: f64,
    #[serde(default)]
    pub lon: f64,
    /// With a matrix, the row of its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<usize>,
    #[serde(default)]
    pub stock: Vec<PartCount>,
}

impl PlanDepot {
    pub(super) fn check(&self, matrix: bool, at: &dyn Fn(&str) -> String) -> Result<(), ProblemError> {
        check::place(self.lat, self.lon, at)?;
        require(matrix == self.row.is_some(), || at("row"), "is needed with a matrix, and only then")?;
        counts(&self.stock, "stock", at)
    }
}

/// Each part once, and no fewer than none.
pub(super) fn counts(
    parts: &[PartCount],
    field: &str,
    at: &dyn Fn(&str) -> String,
) -> Result<(), ProblemError> {
    check::list(parts, field, at)?;
    let mut seen = HashSet::new();
    for (i, count) in parts.iter().enumerate() {
        let sensible = (0..=LARGEST_LOAD).contains(&count.quantity);
        let here = |name: &str| at(&format!("{field}[{i}].{name}"));
        require(sensible, || here("quantity"), "must be 0 to 1,000,000,000,000")?;
        require(seen.insert(count.part), || here("part"), "is there twice")?;
    }
    Ok(())
}
