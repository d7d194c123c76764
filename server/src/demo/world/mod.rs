//! The world outside the server: time, machines that are broken, people who drive through Midtown, counters at which
//! somebody stands. It knows the hidden truth, and shows it only to an engineer who has opened the machine.

pub mod body;
pub mod shelves;

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use db::{Clock, Timestamp};
use dispatch::Point;
use jiff::civil::Date;
use mobile_sync_device::wire::docs::{AssetDoc, TicketDoc};

use super::data::Data;
use super::faults::{Family, Symptom};
use super::line::Line;
use super::new_york::NewYork;
use super::people::{self, Engineer};
use super::stream::{Breakdown, Stream};
use super::truth::{self, Subject, Truth};
use body::Body;
use shelves::Shelves;

/// When somebody works, as it hangs on the office's wall.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
pub struct Duty {
    /// From.
    pub starts_at: Timestamp,
    /// Until just before.
    pub ends_at: Timestamp,
}

impl Duty {
    /// Whether he works then.
    pub fn covers(self, at: Timestamp) -> bool {
        self.starts_at <= at && at < self.ends_at
    }
}

/// The world.
pub struct World {
    /// The time, which the server's clock shows too.
    pub clock: Clock,
    /// Lifts and records.
    pub data: Data,
    /// What breaks.
    pub stream: Stream,
    /// The calendar.
    pub clocks: NewYork,
    /// The way to the server.
    pub line: Line,
    /// Everybody who repairs.
    pub people: Vec<Engineer>,
    bodies: Vec<Mutex<Body>>,
    shelves: Mutex<Shelves>,
    /// Everybody goes home.
    is_over: AtomicBool,
    /// Who stands at which depot's counter, by the engineer's code.
    counters: Mutex<HashMap<String, &'static str>>,
    /// The present or next shift, by code.
    roster: Mutex<HashMap<String, Duty>>,
    days: Mutex<BTreeMap<Date, Arc<Vec<Breakdown>>>>,
    fetching_ms: AtomicI64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl World {
    /// A world in which everybody is at home.
    pub fn new(data: Data, clock: Clock, line: Line) -> Self {
        let people = people::engineers();
        let home = |e: &Engineer| Mutex::new(Body::at(Point { latitude: e.home.0, longitude: e.home.1 }));
        Self {
            stream: Stream::new(&data),
            bodies: people.iter().map(home).collect(),
            shelves: Mutex::new(Shelves::full(&people)),
            is_over: AtomicBool::new(false),
            clock,
            data,
            clocks: NewYork::default(),
            line,
            people,
            counters: Mutex::default(),
            roster: Mutex::default(),
            days: Mutex::default(),
            fetching_ms: AtomicI64::new(0),
        }
    }

    /// The time.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Somebody's body.
    pub fn body(&self, engineer: &Engineer) -> MutexGuard<'_, Body> {
        lock(&self.bodies[engineer.index % self.bodies.len()])
    }

    /// What really lies where.
    pub fn shelves(&self) -> MutexGuard<'_, Shelves> {
        lock(&self.shelves)
    }

    /// Calls it a day: everybody ends what he is doing and begins nothing new.
    pub fn end(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }

    /// Whether everybody goes home.
    pub fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    /// Steps up to a depot's counter.
    pub fn stand_at(&self, code: &str, depot: &'static str) {
        lock(&self.counters).insert(code.to_owned(), depot);
    }

    /// Leaves the counter.
    pub fn leave_counter(&self, code: &str) {
        lock(&self.counters).remove(code);
    }

    /// Whether somebody stands at this depot's counter.
    pub fn is_at_counter(&self, code: &str, depot: &str) -> bool {
        lock(&self.counters).get(code).is_some_and(|at| *at == depot)
    }

    /// Somebody lost so much time by fetching a part: on the way, or at a counter.
    pub fn lose_by_fetching(&self, ms: i64) {
        self.fetching_ms.fetch_add(ms, Ordering::Relaxed);
    }

    /// What all people lost by fetching parts since this world began, in whole minutes.
    pub fn fetching_minutes(&self) -> i64 {
        self.fetching_ms.load(Ordering::Relaxed) / db::types::MINUTE_MS
    }

    /// Hangs up the roster.
    pub fn hang_up_roster(&self, roster: HashMap<String, Duty>) {
        *lock(&self.roster) = roster;
    }

    /// Somebody's present or next shift, if he has one.
    pub fn duty(&self, code: &str) -> Option<Duty> {
        lock(&self.roster).get(code).copied()
    }

    /// What broke on a day.
    pub fn day(&self, date: Date) -> Arc<Vec<Breakdown>> {
        let mut days = lock(&self.days);
        if let Some(day) = days.get(&date) {
            return day.clone();
        }
        let day = Arc::new(self.stream.day(&self.data, date));
        days.insert(date, day.clone());
        day
    }

    /// The breakdown of this reference.
    pub fn breakdown(&self, reference: &str) -> Option<Breakdown> {
        let (day, _) = reference.split_once('-')?;
        let date = Date::strptime("%Y%m%d", day).ok()?;
        self.day(date).iter().find(|b| b.reference == reference).cloned()
    }

    /// What an engineer finds who has opened the machine. For a ticket that people made by hand it is drawn from
    /// the ticket itself.
    pub fn look(&self, ticket: &TicketDoc, asset: Option<&AssetDoc>) -> Truth {
        let breakdown = reference_in(&ticket.description).and_then(|reference| self.breakdown(reference));
        if let Some(breakdown) = breakdown {
            let (lift, outage) = (&self.data.lifts[breakdown.lift], &self.data.outages[breakdown.outage]);
            return truth::of(Subject {
                reference: &breakdown.reference,
                family: lift.family,
                model: &lift.model,
                symptom: outage.symptom,
                recorded_minutes: outage.minutes,
            });
        }
        let kind = asset.and_then(|a| a.kind.as_deref()).unwrap_or_default();
        let model = asset.and_then(|a| a.model.as_deref()).unwrap_or_default();
        let machine = model.strip_prefix(kind).unwrap_or_default().trim();
        let found = truth::of(Subject {
            reference: &ticket.id,
            family: Family::of(kind, machine),
            model,
            symptom: Symptom::Callback,
            recorded_minutes: None,
        });
        Truth { minutes: ticket.expected_minutes.unwrap_or(found.minutes).clamp(5, 240), ..found }
    }
}

/// Before the reference in a ticket's description.
const REFERENCE: &str = "Call ";

/// How the call centre writes a reference into a ticket.
pub fn reference_text(reference: &str) -> String {
    format!("{REFERENCE}{reference}.")
}

/// The reference that the call centre wrote into a ticket.
pub fn reference_in(description: &str) -> Option<&str> {
    let at = description.rfind(REFERENCE)? + REFERENCE.len();
    let rest = description.get(at..)?;
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(rest.len());
    rest.get(..end).filter(|reference| reference.len() >= 10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mobile_sync_device::wire::TicketStatus;

    fn world() -> World {
        let clock = Clock::scaled(Timestamp::from_millis(1_795_348_800_000), 0.0);
        World::new(Data::read().unwrap(), clock, Line::to("http://127.0.0.1:1").unwrap())
    }

    fn ticket(description: &str) -> TicketDoc {
        TicketDoc {
            id: "t-1".to_owned(),
            sync_v: 1,
            number: 1,
            kind: "repair".to_owned(),
            title: String::new(),
            description: description.to_owned(),
            status: TicketStatus::Working,
            priority: 3,
            engineer_id: None,
            visit_id: None,
            site_id: String::new(),
            asset_id: None,
            access_note: None,
            site_contact: None,
            earliest_at: None,
            due_at: None,
            planned_at: None,
            expected_minutes: Some(45),
            form: None,
        }
    }

    #[test]
    fn a_reference_is_found_again_in_the_description() {
        let text = format!("Out of service. {}", reference_text("20261122-014"));
        assert_eq!(reference_in(&text), Some("20261122-014"));
        assert_eq!(reference_in("Call me."), None);
        assert_eq!(reference_in(""), None);
    }

    #[test]
    fn who_looks_finds_the_truth_of_the_breakdown_that_the_ticket_is_about() {
        let world = world();
        let day = world.day(jiff::civil::date(2026, 11, 22));
        let found: Vec<Truth> =
            day.iter().map(|b| world.look(&ticket(&reference_text(&b.reference)), None)).collect();
        assert!(found.iter().any(|truth| truth.part.is_some()));
        assert!(found.iter().any(|truth| truth.part.is_none()));
        assert_eq!(found[0], world.look(&ticket(&reference_text(&day[0].reference)), None));
        assert_eq!(world.breakdown("20261122-001").as_ref(), day.first());
        assert_eq!(world.breakdown("nonsense"), None);
    }

    #[test]
    fn a_ticket_that_people_made_takes_as_long_as_they_expect() {
        let found = world().look(&ticket("My own ticket"), None);
        assert_eq!(found.minutes, 45);
    }

    #[test]
    fn the_counter_knows_who_stands_at_it() {
        let world = world();
        world.stand_at("E-07", "D-W36");
        assert!(world.is_at_counter("E-07", "D-W36"));
        assert!(!world.is_at_counter("E-07", "D-E48"));
        world.leave_counter("E-07");
        assert!(!world.is_at_counter("E-07", "D-W36"));
    }

    #[test]
    fn a_shift_covers_its_beginning_and_not_its_end() {
        let at = Timestamp::from_millis;
        let duty = Duty { starts_at: at(10), ends_at: at(20) };
        assert!(duty.covers(at(10)) && duty.covers(at(19)));
        assert!(!duty.covers(at(20)) && !duty.covers(at(9)));
    }
}
