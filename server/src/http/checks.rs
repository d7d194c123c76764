//! Checks of values from outside. All faults of a request are collected, so that a form shows them at once.

use db::Timestamp;

use crate::error::{Error, FieldFault, Problem};

/// The part of the world that this deployment serves, in degrees: west, south, east, north.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ServiceArea {
    /// Western border.
    pub west: f64,
    /// Southern border.
    pub south: f64,
    /// Eastern border.
    pub east: f64,
    /// Northern border.
    pub north: f64,
}

impl ServiceArea {
    /// Where people live. South of it a coordinate is far more likely swapped than meant.
    pub const INHABITED: Self = Self { west: -180.0, south: -60.0, east: 180.0, north: 85.0 };

    /// Whether the point is inside.
    pub fn contains(&self, latitude: f64, longitude: f64) -> bool {
        (self.south..=self.north).contains(&latitude) && (self.west..=self.east).contains(&longitude)
    }
}

/// Collects faults; [`finish`](Checks::finish) makes them one problem.
#[derive(Debug, Default)]
pub struct Checks(Vec<FieldFault>);

/// Characters that turn the reading direction without being letters: they make a text look like another one.
const BIDI_CONTROLS: [char; 12] = [
    '\u{200e}', '\u{200f}', '\u{061c}', '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}',
    '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}',
];

impl Checks {
    /// No fault so far.
    pub fn new() -> Self {
        Self::default()
    }

    /// Notes a fault.
    pub fn fault(&mut self, field: &str, code: &str, message: impl Into<String>) -> &mut Self {
        self.0.push(FieldFault::new(field, code, message));
        self
    }

    /// Notes a fault unless `holds`.
    pub fn require(&mut self, holds: bool, field: &str, code: &str, message: &str) -> &mut Self {
        if !holds {
            self.fault(field, code, message);
        }
        self
    }

    /// A text of at most `most` characters without control characters; line breaks and tabs are allowed.
    pub fn text(&mut self, field: &str, text: &str, most: usize) -> &mut Self {
        if text.chars().count() > most {
            self.fault(field, "too_long", format!("must have at most {most} characters"));
        }
        let bad =
            |c: char| (c.is_control() && !matches!(c, '\n' | '\r' | '\t')) || BIDI_CONTROLS.contains(&c);
        if let Some(c) = text.chars().find(|c| bad(*c)) {
            let message = format!("contains the control character U+{:04X}", c as u32);
            self.fault(field, "control_character", message);
        }
        self
    }

    /// A text that must say something, on one line.
    pub fn name(&mut self, field: &str, text: &str, most: usize) -> &mut Self {
        self.require(!text.trim().is_empty(), field, "required", "must not be empty");
        self.require(!text.contains(['\n', '\r', '\t']), field, "control_character", "must be one line");
        self.text(field, text, most)
    }

    /// A whole number within bounds.
    pub fn within(&mut self, field: &str, value: i64, least: i64, most: i64) -> &mut Self {
        if !(least..=most).contains(&value) {
            self.fault(field, "out_of_range", format!("must be between {least} and {most}"));
        }
        self
    }

    /// An instant between 1970 and 9999.
    pub fn instant(&mut self, field: &str, at: Timestamp) -> &mut Self {
        self.within(field, at.millis(), 0, Timestamp::MAX.millis())
    }

    /// WGS-84 degrees inside the area; tells where the two look swapped.
    pub fn place(
        &mut self,
        fields: (&str, &str),
        latitude: f64,
        longitude: f64,
        area: &ServiceArea,
    ) -> &mut Self {
        let (latitude_field, longitude_field) = fields;
        if !(-90.0..=90.0).contains(&latitude) {
            self.fault(latitude_field, "out_of_range", "must be between -90 and 90 degrees");
        }
        if !(-180.0..=180.0).contains(&longitude) {
            self.fault(longitude_field, "out_of_range", "must be between -180 and 180 degrees");
        }
        let outside =
            !area.contains(latitude, longitude) || !ServiceArea::INHABITED.contains(latitude, longitude);
        if outside && area.contains(longitude, latitude) {
            self.fault(latitude_field, "swapped", "looks swapped with the longitude");
        } else if outside {
            self.fault(latitude_field, "out_of_area", "is outside the area that is served here");
        }
        self
    }

    /// The problem, if there is one.
    ///
    /// # Errors
    /// All faults noted.
    pub fn finish(&mut self) -> Result<(), Error> {
        if self.0.is_empty() {
            return Ok(());
        }
        Err(Problem::invalid(std::mem::take(&mut self.0)).into())
    }

    /// The faults noted so far.
    pub fn faults(&self) -> &[FieldFault] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(checks: &Checks) -> Vec<&str> {
        checks.faults().iter().map(|f| f.code.as_str()).collect()
    }

    #[test]
    fn nul_and_direction_overrides_are_refused_but_hebrew_and_chinese_are_not() {
        assert_eq!(codes(Checks::new().text("t", "a\0b", 9)), ["control_character"]);
        assert_eq!(codes(Checks::new().text("t", "a\u{202e}b", 9)), ["control_character"]);
        assert!(codes(Checks::new().text("t", "מעלית 电梯\nEN 81", 20)).is_empty());
    }

    #[test]
    fn length_is_counted_in_characters_not_bytes() {
        assert!(codes(Checks::new().text("t", "电梯", 2)).is_empty());
        assert_eq!(codes(Checks::new().text("t", "电梯坏", 2)), ["too_long"]);
    }

    #[test]
    fn swapped_coordinates_of_new_york_are_recognised_without_any_configuration() {
        let mut checks = Checks::new();
        checks.place(("latitude", "longitude"), -73.98, 40.75, &ServiceArea::INHABITED);
        assert_eq!(codes(&checks), ["swapped"]);
    }

    #[test]
    fn a_point_outside_the_service_area_is_refused() {
        let area = ServiceArea { west: -75.0, south: 40.0, east: -73.0, north: 41.0 };
        let mut checks = Checks::new();
        checks.place(("latitude", "longitude"), 48.8, 2.3, &area);
        assert_eq!(codes(&checks), ["out_of_area"]);
        assert!(codes(Checks::new().place(("a", "b"), 40.75, -73.98, &area)).is_empty());
    }

    #[test]
    fn a_latitude_of_121_names_its_field() {
        let mut checks = Checks::new();
        checks.place(("latitude", "longitude"), 121.4, 31.2, &ServiceArea::INHABITED);
        assert!(codes(&checks).contains(&"out_of_range"));
        assert!(checks.faults().iter().all(|f| f.field == "latitude"));
    }
}
