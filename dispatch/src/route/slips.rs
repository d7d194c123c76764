//! Who waits longer for it: the promises behind a new visit that are broken by it, or broken by more.

use super::{Insertion, Route, Tour};
use crate::problem::{MS_PER_MINUTE, Millis, Point};
use crate::profile::Profile;
use crate::query::Query;
use crate::travel::TravelTimes;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A stop whose promise is broken by a visit before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Slip {
    pub ticket_id: Uuid,
    /// When it would begin without the visit.
    pub starts_at: Millis,
    /// So much later it begins with it.
    pub later_minutes: i64,
    /// So long past its promise it begins then.
    pub late_minutes: i64,
}

/// What the visit breaks that was put into a route there, the worst first. Nothing, if it was put into a later shift,
/// which is empty.
pub(crate) fn slips(
    query: &Query,
    profile: &Profile,
    place: Point,
    route: &Route,
    insertion: &Insertion,
    detour_seconds: u32,
    travel: &dyn TravelTimes,
) -> Vec<Slip> {
    let Some(tour) = Tour::new(query, profile, place, route, travel) else { return Vec::new() };
    if tour.stretch != insertion.stretch {
        return Vec::new();
    }
    let mut slips = tour.slips(&route.stops, insertion.position, detour_seconds);
    slips.sort_by_key(|slip| (-slip.late_minutes, slip.ticket_id));
    slips
}

impl Tour<'_> {
    fn slips(&self, stops: &[super::Stop], position: usize, detour_seconds: u32) -> Vec<Slip> {
        let visit = self.visit();
        let (from, leave_at) = self.leaves(position);
        let there_ms = self.leg_ms(from, visit.point, leave_at) + 1_000 * i64::from(detour_seconds);
        let (mut at, mut from) = (visit.at(leave_at.saturating_add(there_ms)).over_at, visit.point);
        let mut slips = Vec::new();
        let behind = self.calls.iter().zip(&self.times).zip(stops).skip(position);
        for ((call, before), stop) in behind {
            let after = call.at(at.saturating_add(self.leg_ms(from, call.point, at)));
            let (later_ms, late_ms) = (after.start_at - before.start_at, call.late_ms(after.start_at));
            if later_ms > 0 && late_ms > 0 {
                slips.push(Slip {
                    ticket_id: stop.ticket_id,
                    starts_at: before.start_at,
                    later_minutes: minutes_begun(later_ms),
                    late_minutes: minutes_begun(late_ms),
                });
            }
            (at, from) = (after.over_at, call.point);
        }
        slips
    }
}

fn minutes_begun(ms: i64) -> i64 {
    ms.saturating_add(MS_PER_MINUTE - 1) / MS_PER_MINUTE
}
