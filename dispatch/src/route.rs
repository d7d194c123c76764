//! Somebody's present route, and what one more visit costs in it. The cost is the one by which a day is planned:
//! seconds on the road, and seconds begun late times 8, 4, 2, 1 by priority, from now until he is at home again. So
//! a recommendation, a drag on the board and a plan of the day agree on what is better.
//!
//! A [`Tour`] is the route on one question's clock: when each stop begins, and by how much it is late. One more
//! visit is tried in every position; behind it, delays are followed until waiting time has swallowed them.

mod insertion;
mod slips;
mod timetable;

use crate::calendar::{Stretch, current_or_next};
use crate::policy::{Policy, by_priority};
use crate::problem::{MS_PER_MINUTE, Millis, Point};
use crate::profile::Profile;
use crate::query::Query;
use crate::travel::TravelTimes;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use insertion::Insertion;
pub(crate) use insertion::cheapest;
pub use slips::Slip;
pub(crate) use slips::slips;
pub use timetable::{Call as PlannedCall, Timetable};

/// One visit that he has in hand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stop {
    pub ticket_id: Uuid,
    pub point: Point,
    /// 1 urgent to 4 low.
    pub priority: u8,
    pub expected_minutes: u32,
    /// Not to be begun before.
    pub earliest_at: Millis,
    /// Forbidden to begin later.
    pub latest_at: Option<Millis>,
    /// Late when begun later.
    pub due_at: Option<Millis>,
    /// Nothing may be put before it: it has started, or a dispatcher has fixed it.
    #[serde(default)]
    pub pinned: bool,
}

/// What he will do, in order. Whoever has nothing to do has an empty route, which is not the same as an unknown one:
/// of that only the minutes in hand are known, and they are taken to be done first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Route {
    /// When he can leave: after what he is working on. An instant in the past means now.
    pub leaves_at: Millis,
    /// Where he leaves from; absent: where he is.
    pub leaves_from: Option<Point>,
    pub stops: Vec<Stop>,
}

/// What has to be made of a stop or a visit to go through it: all instants and spans in milliseconds.
#[derive(Clone, Copy, Debug)]
struct Call {
    point: Point,
    earliest_at: Millis,
    latest_at: Millis,
    due_at: Millis,
    visit_ms: i64,
    /// Cost of a millisecond late.
    weight: f64,
}

/// When a call begins, and when he leaves it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Times {
    start_at: Millis,
    over_at: Millis,
}

impl Call {
    fn of(stop: &Stop, policy: &Policy) -> Self {
        Self {
            point: stop.point,
            earliest_at: stop.earliest_at,
            latest_at: stop.latest_at.unwrap_or(Millis::MAX),
            due_at: stop.due_at.unwrap_or(Millis::MAX),
            visit_ms: i64::from(stop.expected_minutes) * MS_PER_MINUTE,
            weight: by_priority(&policy.lateness_weights, stop.priority),
        }
    }

    fn at(&self, arrives_at: Millis) -> Times {
        let start_at = arrives_at.max(self.earliest_at);
        Times { start_at, over_at: start_at.saturating_add(self.visit_ms) }
    }

    fn late_ms(&self, start_at: Millis) -> i64 {
        start_at.saturating_sub(self.due_at).max(0)
    }
}

/// A route as it would be driven.
pub(crate) struct Tour<'a> {
    query: &'a Query<'a>,
    travel: &'a dyn TravelTimes,
    stretch: Stretch,
    leaves_at: Millis,
    leaves_from: Point,
    home: Point,
    calls: Vec<Call>,
    times: Vec<Times>,
    /// From the stop before it (or the first place) to each stop, and home from the last.
    legs_ms: Vec<i64>,
    home_at: Millis,
    /// So many stops at the front stay in front.
    pinned: usize,
}

impl<'a> Tour<'a> {
    /// In the stretch of duty in which he leaves; `None` if he has none.
    pub fn new(
        query: &'a Query<'a>,
        profile: &Profile,
        place: Point,
        route: &Route,
        travel: &'a dyn TravelTimes,
    ) -> Option<Self> {
        let free_at = route.leaves_at.max(query.now);
        let stretch = *current_or_next(profile.duty.present(), free_at)?;
        Some(Self::within(
            query,
            stretch,
            profile.engineer.home,
            route.leaves_from.unwrap_or(place),
            route,
            travel,
        ))
    }

    fn within(
        query: &'a Query<'a>,
        stretch: Stretch,
        home: Point,
        leaves_from: Point,
        route: &Route,
        travel: &'a dyn TravelTimes,
    ) -> Self {
        let mut tour = Self {
            query,
            travel,
            stretch,
            leaves_at: route.leaves_at.max(query.now).max(stretch.starts_at),
            leaves_from,
            home,
            calls: route.stops.iter().map(|stop| Call::of(stop, query.policy)).collect(),
            times: Vec::with_capacity(route.stops.len()),
            legs_ms: Vec::with_capacity(route.stops.len() + 1),
            home_at: 0,
            pinned: route.stops.iter().rposition(|stop| stop.pinned).map_or(0, |last| last + 1),
        };
        tour.drive();
        tour
    }

    /// Goes through the route as it is.
    fn drive(&mut self) {
        let (mut at, mut from) = (self.leaves_at, self.leaves_from);
        for call in &self.calls {
            let leg_ms = self.leg_ms(from, call.point, at);
            let times = call.at(at.saturating_add(leg_ms));
            self.legs_ms.push(leg_ms);
            self.times.push(times);
            (at, from) = (times.over_at, call.point);
        }
        let leg_ms = self.leg_ms(from, self.home, at);
        self.legs_ms.push(leg_ms);
        self.home_at = at.saturating_add(leg_ms);
    }

    fn leg_ms(&self, from: Point, to: Point, leave_at: Millis) -> i64 {
        1_000 * i64::from(self.travel.travel_seconds(from, to, leave_at))
    }

    /// Where and when he leaves for the call in this position.
    fn leaves(&self, position: usize) -> (Point, Millis) {
        match position.checked_sub(1) {
            Some(before) => (self.calls[before].point, self.times[before].over_at),
            None => (self.leaves_from, self.leaves_at),
        }
    }

    /// How long past the end of the shift he is at home.
    fn overtime_ms(&self, home_at: Millis) -> i64 {
        home_at.saturating_sub(self.stretch.ends_at).max(0)
    }
}

#[cfg(test)]
mod tests;
