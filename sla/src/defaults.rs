//! Tables and calendars that come with Fettle, as they are in `sla/data/`. What a new server begins with is
//! [`DEFAULT_TABLE`]; the others are there to be chosen.

use crate::calendar::CalendarSpec;
use crate::table::Table;

/// A file of `sla/data/`: a name for configuration and addresses, and its text.
pub type Shipped = (&'static str, &'static str);

/// The table of a new server: four priorities, each with response and resolution.
pub const DEFAULT_TABLE: &str = "four-levels";

pub const TABLES: [Shipped; 5] = [
    (DEFAULT_TABLE, include_str!("../data/policies/four-levels.json")),
    ("high-in-15-minutes", include_str!("../data/policies/high-in-15-minutes.json")),
    ("consultation-and-complaint", include_str!("../data/policies/consultation-and-complaint.json")),
    ("repair-and-consultation", include_str!("../data/policies/repair-and-consultation.json")),
    ("four-hour-response", include_str!("../data/policies/four-hour-response.json")),
];

pub const CALENDARS: [Shipped; 3] = [
    ("round-the-clock", include_str!("../data/calendars/round-the-clock.json")),
    ("china", include_str!("../data/calendars/china.json")),
    ("new-york", include_str!("../data/calendars/new-york.json")),
];

/// A table by its name.
///
/// # Errors
/// Its text is no table, which a test excludes.
pub fn table(name: &str) -> Option<Result<Table, serde_json::Error>> {
    find(&TABLES, name).map(serde_json::from_str)
}

/// A calendar by its name.
///
/// # Errors
/// Its text is no calendar, which a test excludes.
pub fn calendar(name: &str) -> Option<Result<CalendarSpec, serde_json::Error>> {
    find(&CALENDARS, name).map(serde_json::from_str)
}

fn find(shipped: &[Shipped], name: &str) -> Option<&'static str> {
    shipped.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}
