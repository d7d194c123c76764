//! What is refused, with the path in the file.

use thiserror::Error;

/// Latest moment and longest duration in seconds: about four months from the midnight of the planned day.
pub(crate) const LATEST: i32 = 10_000_000;
/// Largest load or capacity.
pub(super) const LARGEST_LOAD: i64 = 1_000_000_000_000;
/// Most entries of a list within an engineer or a ticket.
const LONGEST_LIST: usize = 1_000;
/// Most engineers of one visit.
pub(super) const LARGEST_CREW: usize = 10;
/// Most depots.
pub(super) const MOST_DEPOTS: usize = 1_000;
/// Most tickets and most engineers.
pub(super) const MOST: usize = 100_000;

/// What is wrong with a problem, and where.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{field}: {message}")]
pub struct ProblemError {
    /// The path in the file, such as `tickets[3].priority`.
    pub field: String,
    /// What is wrong.
    pub message: String,
}

pub(super) fn require(
    holds: bool,
    field: impl FnOnce() -> String,
    message: &str,
) -> Result<(), ProblemError> {
    if holds { Ok(()) } else { Err(ProblemError { field: field(), message: message.to_owned() }) }
}

pub(super) fn place(lat: f64, lon: f64, at: &dyn Fn(&str) -> String) -> Result<(), ProblemError> {
    require((-90.0..=90.0).contains(&lat), || at("lat"), "must be -90 to 90")?;
    require((-180.0..=180.0).contains(&lon), || at("lon"), "must be -180 to 180")
}

pub(super) fn seconds(value: i32, field: &str, at: &dyn Fn(&str) -> String) -> Result<(), ProblemError> {
    let sensible = (-LATEST..=LATEST).contains(&value);
    require(sensible, || at(field), "must be within 10,000,000 seconds of midnight")
}

/// A list within an engineer or a ticket.
pub(super) fn list<T>(entries: &[T], field: &str, at: &dyn Fn(&str) -> String) -> Result<(), ProblemError> {
    require(entries.len() <= LONGEST_LIST, || at(field), "has more than 1,000 entries")
}
