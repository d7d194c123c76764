//! One more visit in a route, against going through the whole route with and without it.

use super::*;
use crate::Policy;
use crate::problem::Visit;
use crate::rules::sample::{engineer, minutes, visit};
use crate::travel::StraightLine;
use proptest::prelude::*;

const SITE: Point = Point { latitude: 40.7549, longitude: -73.9840 };

/// So many kilometres east and north of the site of the sample.
fn away(east: f64, north: f64) -> Point {
    Point { latitude: SITE.latitude + north / 111.2, longitude: SITE.longitude + east / 84.2 }
}

fn stop(east: f64, earliest: i64, due: Option<i64>) -> Stop {
    Stop {
        ticket_id: Uuid::nil(),
        point: away(east, 0.0),
        priority: 1,
        expected_minutes: 30,
        earliest_at: minutes(earliest),
        latest_at: None,
        due_at: due.map(minutes),
        pinned: false,
    }
}

fn route(stops: impl IntoIterator<Item = Stop>) -> Route {
    Route { stops: stops.into_iter().collect(), ..Route::default() }
}

fn inserted(route: &Route, visit: &Visit) -> Option<Insertion> {
    let policy = Policy::default();
    let query = Query::new(visit, 0, &policy);
    let profile = Profile::new(engineer().shift(0, 480).shift(1_440, 1_920).build());
    cheapest(&query, &profile, away(-5.0, 0.0), route, 0, &StraightLine::default())
}

#[test]
fn a_visit_on_the_way_costs_no_travel_and_goes_between() {
    let insertion = inserted(&route([stop(-3.0, 0, None), stop(3.0, 0, None)]), &visit()).unwrap();
    assert_eq!(insertion.position, 1);
    assert!(insertion.travel_ms.abs() <= 2_000, "{}", insertion.travel_ms);
}

#[test]
fn tickets_that_are_due_are_not_made_late_if_there_is_a_place_behind_them() {
    let due_soon = route([stop(-3.0, 0, Some(10)), stop(3.0, 0, Some(80))]);
    assert_eq!(inserted(&due_soon, &visit()).unwrap().position, 2);
}

#[test]
fn an_urgent_visit_goes_before_what_can_wait() {
    let mut urgent = visit();
    (urgent.priority, urgent.due_at) = (1, Some(minutes(20)));
    let insertion = inserted(&route([stop(-20.0, 0, None), stop(-30.0, 0, None)]), &urgent).unwrap();
    assert_eq!(insertion.position, 0);
}

#[test]
fn nothing_goes_before_a_pinned_stop() {
    let mut urgent = visit();
    (urgent.priority, urgent.due_at) = (1, Some(minutes(20)));
    let pinned = Stop { pinned: true, ..stop(-20.0, 0, None) };
    assert_eq!(inserted(&route([pinned, stop(-30.0, 0, None)]), &urgent).unwrap().position, 1);
}

#[test]
fn a_visit_that_would_break_a_promise_waits_for_the_next_shift() {
    // Two hours of promised work each from now until the shift is over.
    let promised = |hour: i64| Stop {
        expected_minutes: 110,
        latest_at: Some(minutes(hour * 60 + 9)),
        ..stop(-5.0, hour * 60, None)
    };
    let full = route([0, 2, 4, 6].map(promised));
    let mut patient = visit();
    patient.latest_at = Some(minutes(1_500));
    let insertion = inserted(&full, &patient).unwrap();
    assert_eq!((insertion.position, insertion.stretch.starts_at), (0, minutes(1_440)));
    patient.latest_at = Some(minutes(400));
    assert_eq!(inserted(&full, &patient), None);
}

fn a_stop() -> impl Strategy<Value = Stop> {
    let window = prop::option::of(20i64..500);
    (-9.0..9.0f64, -9.0..9.0f64, 1u8..5, 0u32..50, 0i64..200, window, prop::option::of(-60i64..400)).prop_map(
        |(east, north, priority, expected_minutes, earliest, latest, due)| Stop {
            point: away(east, north),
            priority,
            expected_minutes,
            latest_at: latest.map(|minute| minutes(minute.max(earliest))),
            ..stop(0.0, earliest, due)
        },
    )
}

/// The whole route, stop by stop, from nothing but its stops: seconds on the road and weighted seconds late as plan
/// files count them, overtime, and whether each stop begins in time.
fn whole(
    query: &Query,
    place: Point,
    home: Point,
    leaves_at: Millis,
    stops: &[Stop],
    ends_at: Millis,
) -> Whole {
    let travel = StraightLine::default();
    let (mut at, mut from) = (leaves_at, place);
    let mut whole = Whole::default();
    for stop in stops {
        let seconds = i64::from(travel.travel_seconds(from, stop.point, at));
        whole.travel_s += seconds;
        let start_at = (at + 1_000 * seconds).max(stop.earliest_at);
        let weight = [8.0, 4.0, 2.0, 1.0][usize::from(stop.priority) - 1];
        let late_ms = stop.due_at.map_or(0, |due_at| (start_at - due_at).max(0));
        whole.late += weight * late_ms as f64 / 1_000.0;
        whole.in_time.push(stop.latest_at.is_none_or(|latest| start_at <= latest) && start_at < ends_at);
        (at, from) = (start_at + i64::from(stop.expected_minutes) * MS_PER_MINUTE, stop.point);
    }
    let seconds = i64::from(travel.travel_seconds(from, home, at));
    whole.travel_s += seconds;
    whole.overtime_s = (at + 1_000 * seconds - ends_at).max(0) as f64 / 1_000.0;
    whole.overtime_s *= query.policy.overtime_weight;
    whole
}

#[derive(Default)]
struct Whole {
    travel_s: i64,
    late: f64,
    overtime_s: f64,
    in_time: Vec<bool>,
}

impl Whole {
    fn cost(&self) -> f64 {
        self.travel_s as f64 + self.late + self.overtime_s
    }
}

proptest! {
    /// Every position tried by hand: the difference of two whole routes is what the insertion says, the cheapest is
    /// the cheapest, and it is refused exactly where something that was in time would not be.
    #[test]
    fn the_cheapest_insertion_is_the_difference_of_whole_routes(
        stops in prop::collection::vec(a_stop(), 0..9), new in a_stop(), leaves in -30i64..60, shift in 60i64..600,
        east in -9.0..9.0f64,
    ) {
        let mut visit = visit();
        (visit.point, visit.priority, visit.expected_minutes) = (new.point, new.priority, new.expected_minutes);
        (visit.earliest_at, visit.latest_at, visit.due_at) = (new.earliest_at, new.latest_at, new.due_at);
        let policy = Policy { max_wait_minutes: 40_000, ..Policy::default() };
        let query = Query::new(&visit, 0, &policy);
        let profile = Profile::new(engineer().shift(0, shift).build());
        let (place, home, ends_at) = (away(east, 1.0), profile.engineer.home, minutes(shift));
        let route = Route { leaves_at: minutes(leaves), leaves_from: None, stops: stops.clone() };
        let leaves_at = minutes(leaves.max(0));
        prop_assume!(leaves_at < ends_at);
        let go = |stops: &[Stop]| whole(&query, place, home, leaves_at, stops, ends_at);
        let without = go(&stops);
        let tour = Tour::new(&query, &profile, place, &route, &StraightLine::default()).map(|tour| {
            (0..=stops.len()).map(|position| tour.insert(&tour.visit(), position, 0)).collect::<Vec<_>>()
        }).unwrap();
        let mut least = f64::INFINITY;
        for (position, insertion) in tour.into_iter().enumerate() {
            let mut longer = stops.clone();
            longer.insert(position, new.clone());
            let with = go(&longer);
            let mut before = without.in_time.clone();
            before.insert(position, true);
            let allowed = before.iter().zip(&with.in_time).all(|(before, after)| *after || !*before);
            prop_assert_eq!(insertion.is_some(), allowed, "position {}", position);
            let Some(insertion) = insertion else { continue };
            let cost = insertion.cost_in_seconds(&query, &new);
            prop_assert!((cost - (with.cost() - without.cost())).abs() < 1e-6);
            prop_assert_eq!(insertion.travel_ms / 1_000, with.travel_s - without.travel_s);
            least = least.min(cost);
        }
        let best = cheapest(&query, &profile, place, &route, 0, &StraightLine::default());
        prop_assert_eq!(best.is_some(), least < f64::INFINITY);
        if let Some(best) = best {
            prop_assert!((best.cost_in_seconds(&query, &new) - least).abs() < 1e-6);
        }
    }
}

impl Insertion {
    fn cost_in_seconds(&self, query: &Query, new: &Stop) -> f64 {
        let late_ms = new.due_at.map_or(0, |due_at| (self.start_at - due_at).max(0));
        let weight = by_priority(&query.policy.lateness_weights, new.priority);
        (self.travel_ms as f64 + weight * late_ms as f64 + self.late_behind + self.overtime_ms as f64)
            / 1_000.0
    }
}
