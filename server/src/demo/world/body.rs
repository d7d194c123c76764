//! Where somebody is, and on the way where to: people drive along straight lines, slower than the law allows.

use db::Timestamp;
use dispatch::Point;
use dispatch::travel::{StraightLine, distance_m};

/// The streets of Midtown by day: a third longer than the straight line, at the pace of a bicycle.
const STREETS: StraightLine = StraightLine { road_factor: 1.3, speed_kmh: 15.0 };
/// Parking and walking.
const ON_FOOT_MS: i64 = 90_000;
/// Who moved less than this did not move.
const STEP_M: f64 = 12.0;
/// Somebody who stands still says so again after this time, so that his position does not grow old.
const SAY_AGAIN_MINUTES: i64 = 10;

#[derive(Debug, Clone, Copy)]
struct Journey {
    from: Point,
    to: Point,
    left_at: Timestamp,
    arrives_at: Timestamp,
}

/// How long the way takes by way of another place, beyond the way without it, in milliseconds.
pub fn detour_ms(from: Point, by: Point, to: Point) -> i64 {
    let drive = |a: Point, b: Point| i64::from(STREETS.seconds_for(distance_m(a, b))) * 1_000;
    (drive(from, by) + ON_FOOT_MS + drive(by, to) - drive(from, to)).max(0)
}

/// Somebody on the map.
#[derive(Debug, Clone)]
pub struct Body {
    at: Point,
    journey: Option<Journey>,
    said: Option<(Point, Timestamp)>,
    /// Whether his van tells where it is: during work only.
    pub tracked: bool,
}

impl Body {
    /// Somebody who stands somewhere.
    pub fn at(point: Point) -> Self {
        Self { at: point, journey: None, said: None, tracked: false }
    }

    /// Sets out.
    pub fn go(&mut self, now: Timestamp, to: Point) {
        let from = self.place(now);
        let driving = i64::from(STREETS.seconds_for(distance_m(from, to))) * 1_000;
        let arrives_at = now.plus_millis(driving + ON_FOOT_MS);
        self.at = from;
        self.journey = Some(Journey { from, to, left_at: now, arrives_at });
    }

    /// Where he is.
    pub fn place(&self, now: Timestamp) -> Point {
        let Some(journey) = self.journey else { return self.at };
        let whole = (journey.arrives_at.millis() - journey.left_at.millis()).max(1) as f64;
        let done = ((now.millis() - journey.left_at.millis()) as f64 / whole).clamp(0.0, 1.0);
        let between = |from: f64, to: f64| from + (to - from) * done;
        Point {
            latitude: between(journey.from.latitude, journey.to.latitude),
            longitude: between(journey.from.longitude, journey.to.longitude),
        }
    }

    /// Whether he is where he wanted to go.
    pub fn has_arrived(&mut self, now: Timestamp) -> bool {
        match self.journey {
            Some(journey) if now < journey.arrives_at => false,
            Some(journey) => {
                self.at = journey.to;
                self.journey = None;
                true
            }
            None => true,
        }
    }

    /// Whether he stands at a place.
    pub fn is_at(&self, now: Timestamp, point: Point) -> bool {
        distance_m(self.place(now), point) < STEP_M
    }

    /// His position, if there is something new to say about it.
    pub fn report(&mut self, now: Timestamp) -> Option<Point> {
        if !self.tracked {
            return None;
        }
        let here = self.place(now);
        let old = |said_at: Timestamp| now >= said_at.plus_minutes(SAY_AGAIN_MINUTES);
        let news = self.said.is_none_or(|(said, at)| distance_m(said, here) >= STEP_M || old(at));
        if news {
            self.said = Some((here, now));
        }
        news.then_some(here)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EAST: Point = Point { latitude: 40.75, longitude: -73.97 };
    const WEST: Point = Point { latitude: 40.75, longitude: -74.00 };
    const NOW: Timestamp = Timestamp::from_millis(1_795_348_800_000);

    #[test]
    fn a_journey_across_midtown_takes_about_a_quarter_of_an_hour() {
        let mut body = Body::at(EAST);
        body.go(NOW, WEST);
        assert!(!body.has_arrived(NOW.plus_minutes(10)));
        assert!(body.has_arrived(NOW.plus_minutes(17)));
        assert!(body.is_at(NOW.plus_minutes(17), WEST));
    }

    #[test]
    fn a_depot_on_the_way_costs_the_walk_to_its_counter_and_one_behind_him_the_way_there_and_back() {
        let between = Point { latitude: 40.75, longitude: -73.985 };
        assert!((detour_ms(EAST, between, WEST) - ON_FOOT_MS).abs() < 3_000);
        let across = detour_ms(EAST, WEST, EAST) - ON_FOOT_MS;
        assert!(across > 2 * 12 * 60_000, "{across}");
    }

    #[test]
    fn on_the_way_he_is_between_both_ends() {
        let mut body = Body::at(EAST);
        body.go(NOW, WEST);
        let half = body.place(NOW.plus_minutes(7));
        assert!(half.longitude < EAST.longitude && half.longitude > WEST.longitude);
        assert_eq!(half.latitude, 40.75);
    }

    #[test]
    fn who_turns_round_goes_on_from_where_he_is() {
        let mut body = Body::at(EAST);
        body.go(NOW, WEST);
        let later = NOW.plus_minutes(5);
        let here = body.place(later);
        body.go(later, EAST);
        assert_eq!(body.place(later), here);
        assert!(body.has_arrived(later.plus_minutes(9)), "the way back is as short as the way so far");
    }

    #[test]
    fn who_stands_still_says_so_every_ten_minutes_and_who_is_off_duty_never() {
        let mut body = Body::at(EAST);
        assert_eq!(body.report(NOW), None);
        body.tracked = true;
        assert_eq!(body.report(NOW), Some(EAST));
        assert_eq!(body.report(NOW.plus_minutes(9)), None);
        assert_eq!(body.report(NOW.plus_minutes(10)), Some(EAST));
        body.go(NOW.plus_minutes(10), WEST);
        assert!(body.report(NOW.plus_minutes(12)).is_some());
    }
}
