//! The cheapest place for one more visit in a tour.

use super::{Call, Route, Tour};
use crate::calendar::{Start, Stretch};
use crate::policy::by_priority;
use crate::problem::{Millis, Point};
use crate::profile::Profile;
use crate::query::Query;
use crate::travel::TravelTimes;

/// What one more visit changes. Differences are "with it" less "without it".
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Insertion {
    /// So many stops come before it.
    pub position: usize,
    pub start_at: Millis,
    pub stretch: Stretch,
    /// Longer on the road, the way home included, without the detour for parts. Negative only where a road engine
    /// finds a way through the site shorter than the direct one.
    pub travel_ms: i64,
    /// On the road from now until it begins, the detour for parts included.
    pub road_ms: i64,
    /// Weighted milliseconds that the tickets behind it begin later than due.
    pub late_behind: f64,
    /// Later at home than the end of the shift.
    pub overtime_ms: i64,
}

impl Insertion {
    pub fn start(&self) -> Start {
        Start { start_at: self.start_at, stretch: self.stretch }
    }

    /// By what positions are compared: what the plan of the day would pay, and overtime. In weighted milliseconds.
    fn cost(&self, query: &Query, visit: &Call) -> f64 {
        query.policy.travel_weight * self.travel_ms as f64
            + visit.weight * visit.late_ms(self.start_at) as f64
            + self.late_behind
            + query.policy.overtime_weight * self.overtime_ms as f64
    }
}

/// The cheapest place for the visit in a route, with so long a detour for parts on the way to it. If today's shift
/// has none, the first later shift that has, with nothing else to do in it. `None` if there is no place at all.
pub(crate) fn cheapest(
    query: &Query,
    profile: &Profile,
    place: Point,
    route: &Route,
    detour_seconds: u32,
    travel: &dyn TravelTimes,
) -> Option<Insertion> {
    let tour = Tour::new(query, profile, place, route, travel)?;
    if let Some(insertion) = tour.cheapest(detour_seconds) {
        return Some(insertion);
    }
    let home = profile.engineer.home;
    let today_ends_at = tour.stretch.ends_at;
    let later = profile.duty.present().iter().filter(|stretch| stretch.starts_at >= today_ends_at);
    later.take_while(|stretch| stretch.starts_at <= query.ends_at()).find_map(|stretch| {
        let empty = Route { leaves_at: stretch.starts_at, ..Route::default() };
        Tour::within(query, *stretch, home, home, &empty, travel).cheapest(detour_seconds)
    })
}

impl Tour<'_> {
    pub(super) fn visit(&self) -> Call {
        let (query, visit) = (self.query, self.query.visit);
        Call {
            point: visit.point,
            earliest_at: query.begins_at(),
            latest_at: query.ends_at(),
            due_at: visit.due_at.unwrap_or(Millis::MAX),
            visit_ms: query.visit_ms(),
            weight: by_priority(&query.policy.lateness_weights, visit.priority),
        }
    }

    pub(super) fn cheapest(&self, detour_seconds: u32) -> Option<Insertion> {
        let visit = self.visit();
        let mut cheapest: Option<(f64, Insertion)> = None;
        for position in self.pinned..=self.calls.len() {
            let Some(insertion) = self.insert(&visit, position, detour_seconds) else { continue };
            let cost = insertion.cost(self.query, &visit);
            // Of equal ones the earlier: sooner is better where it costs nothing.
            if cheapest.is_none_or(|(least, _)| cost < least) {
                cheapest = Some((cost, insertion));
            }
        }
        cheapest.map(|(_, insertion)| insertion)
    }

    /// What the visit costs in one position; `None` if something then begins too late.
    pub(super) fn insert(&self, visit: &Call, position: usize, detour_seconds: u32) -> Option<Insertion> {
        let (from, leave_at) = self.leaves(position);
        let there_ms = self.leg_ms(from, visit.point, leave_at);
        let detour_ms = 1_000 * i64::from(detour_seconds);
        let times = visit.at(leave_at.saturating_add(there_ms).saturating_add(detour_ms));
        if times.start_at > visit.latest_at || !self.is_on_duty(times.start_at, times.over_at) {
            return None;
        }
        let to = self.calls.get(position).map_or(self.home, |call| call.point);
        let onward_ms = self.leg_ms(visit.point, to, times.over_at);
        let mut insertion = Insertion {
            position,
            start_at: times.start_at,
            stretch: self.stretch,
            travel_ms: there_ms + onward_ms - self.legs_ms[position],
            road_ms: self.legs_ms[..position].iter().sum::<i64>() + there_ms + detour_ms,
            late_behind: 0.0,
            overtime_ms: 0,
        };
        let mut arrives_at = times.over_at.saturating_add(onward_ms);
        for behind in position..self.calls.len() {
            let (call, before) = (&self.calls[behind], self.times[behind]);
            let after = call.at(arrives_at);
            if after == before {
                // It waited anyway: nothing behind it changes.
                return Some(insertion);
            }
            if after.start_at > before.start_at && !self.may_begin(call, before.start_at, after.start_at) {
                return None;
            }
            let later_ms = call.late_ms(after.start_at) - call.late_ms(before.start_at);
            insertion.late_behind += call.weight * later_ms as f64;
            arrives_at = after.over_at.saturating_add(self.legs_ms[behind + 1]);
        }
        insertion.overtime_ms = self.overtime_ms(arrives_at) - self.overtime_ms(self.home_at);
        Some(insertion)
    }

    /// Begins within the shift, and is over before an absence.
    fn is_on_duty(&self, start_at: Millis, over_at: Millis) -> bool {
        start_at < self.stretch.ends_at && (!self.stretch.must_end || over_at <= self.stretch.ends_at)
    }

    /// May a stop begin so much later? What was too late already may not get later, but does not forbid either.
    fn may_begin(&self, call: &Call, before: Millis, after: Millis) -> bool {
        let fits = |at: Millis| at <= call.latest_at && self.is_on_duty(at, at.saturating_add(call.visit_ms));
        fits(after) || !fits(before)
    }
}
