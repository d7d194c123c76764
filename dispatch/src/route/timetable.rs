//! A route as it will be driven, for people to look at: when he leaves for each stop, begins it and is done, how sure
//! that is, and when he is at home. The times are those of the ranking: a [`Tour`](super::Tour) drives the same way.

use super::{Call as Driven, Route};
use crate::calendar::current_or_next;
use crate::policy::Policy;
use crate::problem::{Interval, Millis, Point};
use crate::profile::Profile;
use crate::travel::TravelTimes;
use uuid::Uuid;

/// Four of five lie within the spread of a journey; so many standard deviations is that.
const FOUR_OF_FIVE: f64 = 1.2816;

/// What one engineer will do, from now until he is at home again.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Timetable {
    /// The stretch of duty in which he leaves; `None` if he has none.
    pub on_duty: Option<Interval>,
    /// The stops in order.
    pub calls: Vec<Call>,
    /// When he is at home; none if there is nothing to do.
    pub home_at: Option<Millis>,
}

/// One stop on the clock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Call {
    pub ticket_id: Uuid,
    /// When he sets out for it.
    pub leaves_at: Millis,
    /// When he is there; he may have to wait for its window.
    pub arrives_at: Millis,
    pub starts_at: Millis,
    pub ends_at: Millis,
    /// How likely he begins later than it is due, 0 to 1, as journeys scatter; none if it is not due.
    pub late_chance: Option<f64>,
}

impl Timetable {
    /// As he would drive it who is at `place` now.
    pub(crate) fn of(
        profile: &Profile,
        place: Point,
        route: &Route,
        now: Millis,
        policy: &Policy,
        travel: &dyn TravelTimes,
    ) -> Self {
        let free_at = route.leaves_at.max(now);
        let stretch = current_or_next(profile.duty.present(), free_at);
        let on_duty = stretch.map(|s| Interval { starts_at: s.starts_at, ends_at: s.ends_at });
        let (mut at, mut from) =
            (on_duty.map_or(free_at, |duty| free_at.max(duty.starts_at)), route.leaves_from.unwrap_or(place));
        let (mut calls, mut scatter_ms) = (Vec::with_capacity(route.stops.len()), 0.0);
        for stop in &route.stops {
            let driven = Driven::of(stop, policy);
            let leg_ms = 1_000 * i64::from(travel.travel_seconds(from, stop.point, at));
            let arrives_at = at.saturating_add(leg_ms);
            let times = driven.at(arrives_at);
            scatter_ms += leg_ms as f64 * travel.spread(from, at);
            // Whoever waits for a window has made up for journeys that took longer.
            scatter_ms = (scatter_ms - (times.start_at - arrives_at) as f64).max(0.0);
            calls.push(Call {
                ticket_id: stop.ticket_id,
                leaves_at: at,
                arrives_at,
                starts_at: times.start_at,
                ends_at: times.over_at,
                late_chance: stop.due_at.map(|due_at| late_chance(times.start_at, due_at, scatter_ms)),
            });
            (at, from) = (times.over_at, stop.point);
        }
        let home_ms = 1_000 * i64::from(travel.travel_seconds(from, profile.engineer.home, at));
        let busy = !calls.is_empty() || route.leaves_from.is_some();
        Self { on_duty, calls, home_at: busy.then(|| at.saturating_add(home_ms)) }
    }
}

/// The share of a normal distribution beyond the due time, by the logistic curve, which is within a hundredth of it.
fn late_chance(starts_at: Millis, due_at: Millis, scatter_ms: f64) -> f64 {
    let late_ms = starts_at.saturating_sub(due_at) as f64;
    if scatter_ms < 1.0 {
        return if late_ms > 0.0 { 1.0 } else { 0.0 };
    }
    let deviations = late_ms / (scatter_ms / FOUR_OF_FIVE);
    1.0 / (1.0 + (-1.702 * deviations).exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::MS_PER_MINUTE;
    use crate::route::Stop;
    use crate::rules::sample::{engineer, minutes, visit};
    use crate::travel::StraightLine;

    fn stop(id: u128, east_km: f64, due: Option<i64>) -> Stop {
        let site = visit().point;
        Stop {
            ticket_id: Uuid::from_u128(id),
            point: Point { latitude: site.latitude, longitude: site.longitude + east_km / 84.2 },
            priority: 2,
            expected_minutes: 30,
            earliest_at: 0,
            latest_at: None,
            due_at: due.map(minutes),
            pinned: false,
        }
    }

    /// By a straight line, from the home of the sample, on shift from minute 60.
    fn table(route: &Route) -> Timetable {
        let profile = Profile::new(engineer().shift(60, 540).build());
        let (place, policy) = (profile.engineer.home, Policy::default());
        Timetable::of(&profile, place, route, 0, &policy, &StraightLine::default())
    }

    #[test]
    fn who_has_nothing_to_do_goes_nowhere() {
        let idle = table(&Route::default());
        assert_eq!((idle.calls.len(), idle.home_at), (0, None));
        assert_eq!(idle.on_duty, Some(Interval { starts_at: minutes(60), ends_at: minutes(540) }));
    }

    #[test]
    fn a_day_begins_with_the_shift_and_goes_on_where_the_last_stop_ended() {
        let mut later = stop(2, 5.0, None);
        later.earliest_at = minutes(200);
        let route = Route { stops: vec![stop(1, 5.0, None), later], ..Route::default() };
        let table = table(&route);
        let [first, second] = table.calls[..] else { panic!("{table:?}") };
        assert_eq!(first.leaves_at, minutes(60));
        assert!((12..=14).contains(&((first.arrives_at - first.leaves_at) / MS_PER_MINUTE)), "5 km by road");
        assert_eq!(first.ends_at - first.starts_at, minutes(30));
        assert_eq!((second.leaves_at, second.arrives_at), (first.ends_at, first.ends_at), "next door");
        assert_eq!(second.starts_at, minutes(200), "he waits for its window");
        let home = table.home_at.unwrap() - second.ends_at;
        assert_eq!(home, first.arrives_at - first.leaves_at);
    }

    #[test]
    fn who_is_at_work_leaves_from_there_when_it_is_done() {
        let (leaves_at, leaves_from) = (minutes(100), Some(stop(9, 5.0, None).point));
        let table = table(&Route { leaves_at, leaves_from, stops: vec![stop(1, 5.0, None)] });
        assert_eq!((table.calls[0].leaves_at, table.calls[0].arrives_at), (minutes(100), minutes(100)));
    }

    #[test]
    fn the_later_it_begins_the_likelier_it_is_late() {
        let chance = |due| {
            let stops = vec![stop(1, 10.0, due)];
            table(&Route { stops, ..Route::default() }).calls[0].late_chance
        };
        // It is begun 86 minutes after midnight, 26 of them on the road, of which four of five take 20 to 33.
        assert_eq!(chance(None), None);
        let [early, even, tight, late] = [140, 86, 92, 70].map(|due| chance(Some(due)).unwrap());
        assert!(early < 0.001 && (0.4..0.6).contains(&even), "{early} {even}");
        assert!((0.05..0.25).contains(&tight) && late > 0.99, "{tight} {late}");
    }

    #[test]
    fn without_a_journey_it_is_late_or_it_is_not() {
        let chance = |due| {
            let stops = vec![stop(1, 0.0, Some(due))];
            table(&Route { stops, ..Route::default() }).calls[0].late_chance
        };
        assert_eq!((chance(60), chance(59)), (Some(0.0), Some(1.0)));
    }
}
