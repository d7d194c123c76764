//! What each engineer is about to do: his open tickets as the stops of a route, in memory, learned from the change
//! log. The ranking tries a new visit in every place of it, and the plan of the day begins with it.

use std::collections::HashMap;

use db::types::{AssetId, CustomerId, EngineerId, TicketId};
use db::{Change, Timestamp};
use dispatch::{Point, Route, Stop};
use serde::Deserialize;

use super::load;
use crate::tickets::{Ticket, TicketStatus};

/// With more than so many tickets in hand nobody drives by a route; then only their minutes count.
const MOST_STOPS: usize = 40;

/// A ticket as far as a route needs it; reads itself out of a row of the log.
#[derive(Debug, Clone, Deserialize)]
pub struct Work {
    id: TicketId,
    number: i64,
    customer_id: CustomerId,
    asset_id: Option<AssetId>,
    engineer_id: Option<EngineerId>,
    status: TicketStatus,
    priority: i32,
    expected_minutes: i64,
    earliest_at: Timestamp,
    latest_at: Option<Timestamp>,
    due_at: Timestamp,
    planned_at: Option<Timestamp>,
    latitude: f64,
    longitude: f64,
    /// Since when it has this status, as far as memory goes back.
    #[serde(skip, default = "long_ago")]
    since: Timestamp,
}

fn long_ago() -> Timestamp {
    Timestamp::from_millis(0)
}

impl Work {
    /// The ticket, in this status since then.
    pub fn of(ticket: &Ticket, since: Timestamp) -> Self {
        Self {
            id: ticket.id,
            number: ticket.number,
            customer_id: ticket.customer_id,
            asset_id: ticket.asset_id,
            engineer_id: ticket.engineer_id,
            status: ticket.status,
            priority: ticket.priority,
            expected_minutes: ticket.expected_minutes,
            earliest_at: ticket.earliest_at,
            latest_at: ticket.latest_at,
            due_at: ticket.due_at,
            planned_at: ticket.planned_at,
            latitude: ticket.latitude,
            longitude: ticket.longitude,
            since,
        }
    }

    /// The ticket that a change shows.
    pub fn shown(change: &Change) -> Option<Self> {
        let row = change.row.as_ref().filter(|_| change.entity == "tickets")?;
        let work: Self = serde_json::from_str(row.get()).ok()?;
        Some(Self { since: change.at, ..work })
    }

    fn point(&self) -> Point {
        Point { latitude: self.latitude, longitude: self.longitude }
    }

    /// Its id and the number that people call it by.
    pub fn name(&self) -> (TicketId, i64) {
        (self.id, self.number)
    }

    /// Since when he is at it.
    pub fn since(&self) -> Timestamp {
        self.since
    }

    /// To be begun by.
    pub fn due_at(&self) -> Timestamp {
        self.due_at
    }

    /// When it is to be done by the plan, if that is not before that instant: on another day.
    pub fn planned_from(&self, instant: Timestamp) -> Option<Timestamp> {
        let ahead = matches!(self.status, TicketStatus::Assigned | TicketStatus::Accepted);
        self.planned_at.filter(|at| ahead && *at >= instant)
    }

    /// Minutes on site.
    pub fn minutes(&self) -> i64 {
        self.expected_minutes
    }

    /// When he will be done with it, if he is at it now.
    pub fn ends_at(&self) -> Option<Timestamp> {
        let at_it = matches!(self.status, TicketStatus::OnSite | TicketStatus::Working);
        at_it.then(|| self.since.plus_minutes(self.expected_minutes))
    }

    fn stop(&self) -> Stop {
        Stop {
            ticket_id: self.id.uuid(),
            point: self.point(),
            priority: u8::try_from(self.priority).unwrap_or(4),
            expected_minutes: u32::try_from(self.expected_minutes).unwrap_or(u32::MAX),
            earliest_at: self.earliest_at.millis(),
            latest_at: self.latest_at.map(Timestamp::millis),
            due_at: Some(self.due_at.millis()),
            pinned: self.status == TicketStatus::Travelling,
        }
    }
}

/// Everybody's open tickets.
#[derive(Debug, Default)]
pub struct InHand {
    holders: HashMap<TicketId, EngineerId>,
    work: HashMap<EngineerId, HashMap<TicketId, Work>>,
}

impl InHand {
    /// Takes in how a ticket is now; returns the engineers whose routes it changes: who had it, and who has it.
    pub fn learn(&mut self, mut work: Work) -> impl Iterator<Item = EngineerId> + use<> {
        let former = self.holders.remove(&work.id);
        let before = former.and_then(|engineer| self.work.get_mut(&engineer)?.remove(&work.id));
        if let Some(before) = before.filter(|before| before.status == work.status) {
            work.since = before.since;
        }
        let holder = work.engineer_id.filter(|_| load::counts(work.status));
        if let Some(holder) = holder {
            self.holders.insert(work.id, holder);
            self.work.entry(holder).or_default().insert(work.id, work);
        }
        former.into_iter().chain(holder.filter(|holder| former != Some(*holder)))
    }

    /// Who knows whom better once this ticket is taken in: whoever had it in hand and has completed it.
    pub fn completes(&self, work: &Work) -> Option<(EngineerId, CustomerId, Option<AssetId>)> {
        let holder = self.holders.get(&work.id).filter(|_| work.status == TicketStatus::Completed)?;
        Some((*holder, work.customer_id, work.asset_id))
    }

    /// His route: what he is at comes first, then where he is driving, then the others as they are planned. Work
    /// that waits for something has no place in it. None if it is too long to be one.
    pub fn route(&self, engineer: EngineerId) -> Option<Route> {
        let hand = self.of(engineer);
        if hand.count > MOST_STOPS {
            return None;
        }
        Some(hand.route(|_| true))
    }

    /// What he has in hand, in the order in which he will do it.
    pub fn of(&self, engineer: EngineerId) -> Hand<'_> {
        let Some(work) = self.work.get(&engineer) else { return Hand::default() };
        let present =
            work.values().filter_map(|work| Some((work.ends_at()?, work))).max_by_key(|(at, _)| *at);
        let mut ahead: Vec<&Work> = work
            .values()
            .filter(|work| work.ends_at().is_none() && work.status != TicketStatus::Waiting)
            .collect();
        ahead.sort_by_key(|work| {
            (
                work.status != TicketStatus::Travelling,
                work.planned_at.unwrap_or(Timestamp::MAX),
                work.due_at,
                work.id,
            )
        });
        Hand { present: present.map(|(_, work)| work), ahead, count: work.len() }
    }
}

/// What one engineer has in hand.
#[derive(Debug, Default)]
pub struct Hand<'a> {
    /// What he is at.
    pub present: Option<&'a Work>,
    /// What he will do, in order; without what waits for something.
    pub ahead: Vec<&'a Work>,
    /// All together.
    count: usize,
}

impl Hand<'_> {
    /// As a route through those of the stops ahead that are wanted.
    pub fn route(&self, wanted: impl Fn(&Work) -> bool) -> Route {
        Route {
            leaves_at: self.present.and_then(Work::ends_at).map_or(0, Timestamp::millis),
            leaves_from: self.present.map(Work::point),
            stops: self.ahead.iter().filter(|work| wanted(work)).map(|work| work.stop()).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use db::types::{CustomerId, Id};

    use super::*;

    const MINUTE: i64 = 60_000;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_millis(0).plus_minutes(minutes)
    }

    fn work(engineer: EngineerId, status: TicketStatus, planned: i64) -> Work {
        Work {
            id: Id::new(),
            number: 1,
            customer_id: CustomerId::new(),
            asset_id: None,
            engineer_id: Some(engineer),
            status,
            priority: 2,
            expected_minutes: 30,
            earliest_at: at(0),
            latest_at: None,
            due_at: at(600),
            planned_at: Some(at(planned)),
            latitude: 40.0,
            longitude: -74.0,
            since: at(100),
        }
    }

    fn tickets(route: &Route) -> Vec<uuid::Uuid> {
        route.stops.iter().map(|stop| stop.ticket_id).collect()
    }

    #[test]
    fn a_route_begins_with_the_present_work_and_goes_on_as_planned() {
        use TicketStatus as S;
        let engineer = EngineerId::new();
        let mut hand = InHand::default();
        assert_eq!(hand.route(engineer), Some(Route::default()), "nothing to do");
        let [late, soon, under_way] =
            [(S::Assigned, 90), (S::Accepted, 60), (S::Travelling, 300)].map(|(s, p)| work(engineer, s, p));
        let expected = [under_way.id, soon.id, late.id].map(|id| id.uuid());
        for work in [late, work(engineer, S::Waiting, 10), work(engineer, S::Working, 0), soon, under_way] {
            assert_eq!(hand.learn(work).collect::<Vec<_>>(), [engineer]);
        }
        let route = hand.route(engineer).unwrap();
        assert_eq!(tickets(&route), expected);
        assert_eq!(route.leaves_at, 130 * MINUTE, "he began at 100 and needs 30");
        assert!(route.leaves_from.is_some());
        assert_eq!(route.stops.iter().map(|stop| stop.pinned).collect::<Vec<_>>(), [true, false, false]);
    }

    #[test]
    fn a_ticket_that_changes_hands_leaves_one_route_for_the_other() {
        let (one, two) = (EngineerId::new(), EngineerId::new());
        let mut hand = InHand::default();
        let mut moved = work(one, TicketStatus::Assigned, 10);
        hand.learn(moved.clone()).for_each(drop);
        moved.engineer_id = Some(two);
        assert_eq!(hand.learn(moved.clone()).collect::<Vec<_>>(), [one, two]);
        assert_eq!(hand.route(one), Some(Route::default()));
        assert_eq!(tickets(&hand.route(two).unwrap()), [moved.id.uuid()]);
        moved.status = TicketStatus::Completed;
        assert_eq!(hand.completes(&moved), Some((two, moved.customer_id, None)));
        assert_eq!(hand.learn(moved.clone()).collect::<Vec<_>>(), [two]);
        assert_eq!((hand.completes(&moved), hand.route(two)), (None, Some(Route::default())));
    }

    #[test]
    fn who_is_at_it_stays_at_it_since_he_began_whatever_else_is_edited() {
        let engineer = EngineerId::new();
        let mut hand = InHand::default();
        let mut working = work(engineer, TicketStatus::Working, 0);
        hand.learn(working.clone()).for_each(drop);
        working.since = at(120);
        working.expected_minutes = 45;
        hand.learn(working).for_each(drop);
        assert_eq!(hand.route(engineer).unwrap().leaves_at, 145 * MINUTE);
    }

    #[test]
    fn with_too_many_tickets_there_is_no_route() {
        let engineer = EngineerId::new();
        let mut hand = InHand::default();
        for n in 0..=MOST_STOPS {
            assert!(hand.route(engineer).is_some(), "{n}");
            hand.learn(work(engineer, TicketStatus::Assigned, 10)).for_each(drop);
        }
        assert_eq!(hand.route(engineer), None);
    }
}
