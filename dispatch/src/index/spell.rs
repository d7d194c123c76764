//! A stretch of duty, and what is known of the next one: enough to say for nearly everybody when he could begin,
//! without a look at his calendar.

use crate::calendar::{Stretch, current_or_next, next_after};
use crate::problem::Millis;
use crate::query::Query;

/// The first stretch that was not over at some instant. Without one, it ended when time began.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spell {
    pub starts_at: Millis,
    pub ends_at: Millis,
    /// When the stretch after it begins; never, if there is none.
    pub next_at: Millis,
}

impl Spell {
    /// The spell, and whether a visit must be over before it ends.
    pub fn first(stretches: &[Stretch], now: Millis) -> (Self, bool) {
        let Some(stretch) = current_or_next(stretches, now) else {
            return (Self { starts_at: Millis::MIN, ends_at: Millis::MIN, next_at: Millis::MAX }, false);
        };
        let next_at = next_after(stretches, stretch.starts_at).map_or(Millis::MAX, |next| next.starts_at);
        (Self { starts_at: stretch.starts_at, ends_at: stretch.ends_at, next_at }, stretch.must_end)
    }

    /// When he could begin, `None` within if not in time; `None` if that depends on the stretches after this one.
    /// What was over for the spell must be over for the question.
    pub fn start(
        &self,
        query: &Query,
        must_end: bool,
        work_ms: i64,
        travel_ms: i64,
    ) -> Option<Option<Millis>> {
        if self.ends_at > query.now {
            let free_at = self.starts_at.max(query.now).saturating_add(work_ms);
            let start_at = free_at.saturating_add(travel_ms).max(query.begins_at());
            let over_at = start_at.saturating_add(query.visit_ms());
            let fits = free_at < self.ends_at && start_at < self.ends_at;
            if fits && (!must_end || over_at <= self.ends_at) {
                return Some((start_at <= query.ends_at()).then_some(start_at));
            }
        }
        (self.next_at > query.ends_at()).then_some(None)
    }

    /// Is he on duty at some time in the customer's window, or is that over? `None` if that depends on the stretches
    /// after this one. As [`off_shift`](crate::rules) asks.
    pub fn touches_window(&self, query: &Query) -> Option<bool> {
        let Some(latest_at) = query.visit.latest_at else { return Some(false) };
        let begins_at = query.begins_at();
        if latest_at < begins_at {
            return Some(true);
        }
        if begins_at < self.ends_at {
            return Some(self.starts_at <= latest_at);
        }
        (self.next_at > latest_at).then_some(false)
    }
}
