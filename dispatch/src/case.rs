//! One visit seen from one engineer: how far he has to come, what he has in hand, when he could begin.
//! The rules and the score both look at a `Case`, so they cannot disagree about the facts.

use crate::calendar::{Approach, Start, Stretch, earliest_start};
use crate::first_visit::FirstVisit;
use crate::problem::{Load, MS_PER_MINUTE, Millis};
use crate::profile::Profile;
use crate::query::Query;
use crate::route::Insertion;
use std::cell::OnceCell;

/// What is known of the work that he has in hand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Hand {
    /// Its minutes: they are done first.
    Minutes,
    /// A route, which has not been looked at: at best the visit comes first.
    Route,
    /// A route, and the cheapest place for the visit in it.
    Place(Insertion),
    /// A route in which the visit has no place.
    NoPlace,
}

#[derive(Debug)]
pub struct Case<'a> {
    pub query: &'a Query<'a>,
    pub profile: &'a Profile,
    pub load: Load,
    pub hand: Hand,
    /// In a straight line, from where he is (or his home, if that is not known) to the site.
    pub distance_m: f64,
    pub travel_seconds: u32,
    /// Longer journey and counter time to fetch parts on the way.
    pub detour_seconds: u32,
    /// Not known, or not asked, in the shortlist.
    pub first_visit: Option<FirstVisit>,
    // Many are excluded before anybody asks when they could begin.
    start: OnceCell<Option<Start>>,
}

impl<'a> Case<'a> {
    /// With the journey estimated by the policy's straight line.
    pub fn new(query: &'a Query<'a>, profile: &'a Profile, load: Load, distance_m: f64) -> Self {
        let travel_seconds = query.policy.straight_line.seconds_for(distance_m);
        let (hand, start) = (Hand::Minutes, OnceCell::new());
        Self {
            query,
            profile,
            load,
            hand,
            distance_m,
            travel_seconds,
            detour_seconds: 0,
            first_visit: None,
            start,
        }
    }

    /// With the journey as the caller knows it, and a detour for parts.
    pub fn with_journey(mut self, travel_seconds: u32, detour_seconds: u32) -> Self {
        self.travel_seconds = travel_seconds;
        self.detour_seconds = detour_seconds;
        self.start = OnceCell::new();
        self
    }

    /// With what is known of his route.
    pub fn with_hand(mut self, hand: Hand) -> Self {
        self.hand = hand;
        self.start = OnceCell::new();
        self
    }

    /// With how likely one visit is enough.
    pub fn with_first_visit(mut self, first_visit: Option<FirstVisit>) -> Self {
        self.first_visit = first_visit;
        self
    }

    /// When he could begin, whatever the window says; `None` if never on the shifts that are known.
    pub fn start(&self) -> Option<Start> {
        *self.start.get_or_init(|| match self.hand {
            Hand::Place(insertion) => Some(insertion.start()),
            _ => self.start_within(self.profile.duty.present()),
        })
    }

    /// When he could begin if he were never absent.
    pub fn rostered_start(&self) -> Option<Start> {
        if self.profile.duty.is_ever_absent() {
            self.start_within(self.profile.duty.rostered())
        } else {
            self.start()
        }
    }

    /// From the start of the visit to its end: the time for which certificates must hold. Where he
    /// cannot begin in time, the first instant at which the visit may begin stands in for the start.
    pub fn span(&self) -> (Millis, Millis) {
        let in_time = self.start().filter(|start| start.start_at <= self.query.ends_at());
        let start_at = in_time.map_or(self.query.begins_at(), |start| start.start_at);
        (start_at, start_at.saturating_add(self.query.visit_ms()))
    }

    /// The instant at which he would be there if he had nothing to wait for.
    pub fn soonest_at(&self) -> Millis {
        self.query.now.saturating_add(self.approach_ms()).max(self.query.begins_at())
    }

    fn approach_ms(&self) -> i64 {
        1_000 * (i64::from(self.travel_seconds) + i64::from(self.detour_seconds))
    }

    /// On the road from now until he begins.
    pub fn road_ms(&self) -> i64 {
        match self.hand {
            Hand::Place(insertion) => insertion.road_ms,
            _ => self.approach_ms(),
        }
    }

    fn start_within(&self, stretches: &[Stretch]) -> Option<Start> {
        let approach = Approach {
            now: self.query.now,
            work_ms: if self.hand == Hand::Minutes {
                i64::from(self.load.minutes) * MS_PER_MINUTE
            } else {
                0
            },
            travel_ms: self.approach_ms(),
            not_before: self.query.begins_at(),
            visit_ms: self.query.visit_ms(),
        };
        earliest_start(stretches, &approach)
    }
}

#[cfg(test)]
mod tests {
    use crate::Policy;
    use crate::problem::{Load, MS_PER_MINUTE};
    use crate::profile::Profile;
    use crate::query::Query;
    use crate::rules::sample::{engineer, visit};

    use super::Case;

    #[test]
    fn the_start_counts_work_in_hand_the_journey_and_the_detour() {
        let (policy, visit) = (Policy::default(), visit());
        let query = Query::new(&visit, 0, &policy);
        let profile = Profile::new(engineer().shift(0, 600).build());
        let case = Case::new(&query, &profile, Load { tickets: 1, minutes: 30 }, 0.0).with_journey(600, 300);
        assert_eq!(case.start().unwrap().start_at, 45 * MS_PER_MINUTE);
        assert_eq!(case.soonest_at(), 15 * MS_PER_MINUTE);
        assert_eq!(case.span(), (45 * MS_PER_MINUTE, 105 * MS_PER_MINUTE));
    }

    #[test]
    fn without_a_start_certificates_are_judged_at_the_start_of_the_window() {
        let (policy, mut visit) = (Policy::default(), visit());
        visit.earliest_at = 10 * MS_PER_MINUTE;
        let query = Query::new(&visit, 0, &policy);
        let profile = Profile::new(engineer().build());
        let case = Case::new(&query, &profile, Load::default(), 0.0);
        assert_eq!(case.start(), None);
        assert_eq!(case.span(), (10 * MS_PER_MINUTE, 70 * MS_PER_MINUTE));
    }

    #[test]
    fn an_absence_moves_the_start_but_not_the_rostered_start() {
        let (policy, visit) = (Policy::default(), visit());
        let query = Query::new(&visit, 0, &policy);
        let profile = Profile::new(engineer().shift(0, 600).absent(0, 120).build());
        let case = Case::new(&query, &profile, Load::default(), 0.0);
        assert_eq!(case.start().unwrap().start_at, 120 * MS_PER_MINUTE);
        assert_eq!(case.rostered_start().unwrap().start_at, 0);
    }
}
