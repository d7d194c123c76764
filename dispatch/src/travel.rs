//! How long a journey takes. `TravelTimes` is a trait because road engines sit at this edge of the
//! crate; their drivers live in the server, fill a table beforehand and answer from it here. The
//! straight line needs nobody, and is what the shortlist and every fallback use.

use crate::problem::{Millis, Point};
use geo::{Distance, Haversine};
use serde::{Deserialize, Serialize};

/// Mean radius of the earth (GRS 80).
pub(crate) const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// By how much of a journey four of five differ from what is expected, before any journey has taught better.
pub const SPREAD: f64 = 0.25;

/// Journey times that are already known.
///
/// **Never blocks**: it is asked inside transactions. What is not known is estimated, not fetched.
pub trait TravelTimes {
    /// Whole seconds from one point to another when leaving at `leave_at`.
    fn travel_seconds(&self, from: Point, to: Point, leave_at: Millis) -> u32;

    /// By how much of it, as a share, four of five journeys that begin here then are shorter or longer at most.
    fn spread(&self, _from: Point, _leave_at: Millis) -> f64 {
        SPREAD
    }
}

/// The great circle, lengthened by `road_factor`, at a constant speed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StraightLine {
    pub road_factor: f64,
    pub speed_kmh: f64,
}

impl Default for StraightLine {
    fn default() -> Self {
        Self { road_factor: 1.3, speed_kmh: 30.0 }
    }
}

impl StraightLine {
    /// Whole seconds for a distance in a straight line, rounded half up as the plan files do.
    pub fn seconds_for(&self, distance_m: f64) -> u32 {
        // `as` saturates, so that even a speed of zero gives a number.
        (distance_m * self.road_factor / (self.speed_kmh / 3.6) + 0.5).floor() as u32
    }
}

impl TravelTimes for StraightLine {
    fn travel_seconds(&self, from: Point, to: Point, _leave_at: Millis) -> u32 {
        self.seconds_for(distance_m(from, to))
    }
}

/// Metres along the great circle.
pub fn distance_m(from: Point, to: Point) -> f64 {
    Haversine.distance(geo_point(from), geo_point(to))
}

fn geo_point(point: Point) -> geo::Point {
    geo::Point::new(point.longitude, point.latitude)
}

/// A point as a vector from the centre of a unit sphere. The chord between two of them orders places
/// exactly as the great circle does, has neither poles nor a date line, and costs no trigonometry;
/// so it is what the index stores and compares.
pub(crate) fn unit_vector(point: Point) -> [f64; 3] {
    if !point.latitude.is_finite() || !point.longitude.is_finite() {
        // Nobody can order what is not a number. The centre of the earth is far from everybody.
        return [0.0; 3];
    }
    let (sin_lat, cos_lat) = point.latitude.to_radians().sin_cos();
    let (sin_lon, cos_lon) = point.longitude.to_radians().sin_cos();
    [cos_lat * cos_lon, cos_lat * sin_lon, sin_lat]
}

/// The squared chord between two unit vectors, summed in one order everywhere, so that whoever compares two of
/// them sees the very same numbers.
pub(crate) fn chord2(a: &[f64; 3], b: &[f64; 3]) -> f64 {
    let [dx, dy, dz] = [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
    dx * dx + dy * dy + dz * dz
}

/// Metres along the great circle for a squared chord.
pub(crate) fn chord2_to_m(chord2: f64) -> f64 {
    2.0 * EARTH_RADIUS_M * (chord2.sqrt() / 2.0).min(1.0).asin()
}

/// The squared chord for metres along the great circle.
pub(crate) fn m_to_chord2(distance_m: f64) -> f64 {
    let half_angle = (distance_m / EARTH_RADIUS_M / 2.0).clamp(0.0, std::f64::consts::FRAC_PI_2);
    (2.0 * half_angle.sin()).powi(2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PARK: Point = Point { latitude: 40.7829, longitude: -73.9654 };
    const TERMINAL: Point = Point { latitude: 40.7527, longitude: -73.9772 };

    #[test]
    fn the_straight_line_takes_the_road_factor_and_the_speed_into_account() {
        let metres = distance_m(PARK, TERMINAL);
        assert!((3_500.0..3_520.0).contains(&metres), "{metres}");
        let seconds = StraightLine::default().travel_seconds(PARK, TERMINAL, 0);
        assert_eq!(seconds, (metres * 1.3 / (30.0 / 3.6)).round() as u32);
    }

    #[test]
    fn a_journey_to_where_one_is_takes_no_time() {
        assert_eq!(StraightLine::default().travel_seconds(PARK, PARK, 0), 0);
    }

    #[test]
    fn a_hopeless_speed_takes_for_ever_instead_of_failing() {
        let stuck = StraightLine { road_factor: 1.3, speed_kmh: 0.0 };
        assert_eq!(stuck.travel_seconds(PARK, TERMINAL, 0), u32::MAX);
    }

    proptest! {
        #[test]
        fn the_chord_agrees_with_the_great_circle(
            a in (-90.0..=90.0f64, -180.0..=180.0f64), b in (-90.0..=90.0f64, -180.0..=180.0f64),
        ) {
            let (a, b) = (Point { latitude: a.0, longitude: a.1 }, Point { latitude: b.0, longitude: b.1 });
            let chord2 = chord2(&unit_vector(a), &unit_vector(b));
            // Near the antipodes both formulas lose digits; a metre in 20,000 km is enough.
            prop_assert!((chord2_to_m(chord2) - distance_m(a, b)).abs() < 1.0);
            prop_assert!((m_to_chord2(chord2_to_m(chord2)) - chord2).abs() < 1e-7);
        }
    }
}
