//! When a ticket is due, and why.
//!
//! This crate is pure: no I/O, no clock, no database. A due time is a function of three things, and whoever has
//! them can recompute it years later:
//!
//! 1. [`policy`]: what was promised. So many minutes, business minutes, business hours or business days until the
//!    response and until the resolution, and which states stop the clock. [`table`] says which policy is for which
//!    ticket; [`defaults`] are the tables and calendars that a new server has.
//! 2. [`calendar`]: when there is working time at the site. A week of shifts in the site's time zone, holidays,
//!    make-up workdays, and the years of which they are known. It is compiled once into prefix sums.
//! 3. [`events`]: what happened to the ticket, in order.
//!
//! [`clock::count`] is the function. It answers with a [`derivation`], steps as data, which [`words`] puts into
//! English and Chinese; [`mod@earliest`] is for those who need an instant even while the clock stands. What is wrong
//! with any of the three has a name in [`fault`]. [`mod@preview`] does it for a file of tickets.
//!
//! ```
//! use sla::{Calendar, CalendarSpec, Event, Kind, Language, Outcome, Policy, count, words};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let spec: CalendarSpec = serde_json::from_str(r#"{
//!     "name": "Office", "time_zone": "America/New_York", "years": "every",
//!     "week": {"monday": ["09:00-17:00"], "tuesday": ["09:00-17:00"], "friday": ["09:00-17:00"]}
//! }"#)?;
//! let calendar = Calendar::compile(&spec)?;
//! let policy: Policy = serde_json::from_str(r#"{"resolution": {"amount": 8, "unit": "business_hours"}}"#)?;
//! let at = |text: &str| text.parse::<jiff::Timestamp>().map(|at| at.as_millisecond());
//! let events = [
//!     Event::new(at("2026-03-06T17:40-05")?, Kind::Opened),
//!     Event::new(at("2026-03-09T10:00-04")?, Kind::paused("part", Some("4711"))),
//!     Event::new(at("2026-03-09T12:10-04")?, Kind::Resumed),
//! ];
//! let clock = count(&policy, &calendar, &events)?;
//! let resolution = clock.resolution.ok_or("the policy has one")?;
//! assert_eq!(resolution.outcome, Outcome::Due { at: at("2026-03-10T11:10-04")? });
//! assert_eq!(
//!     words::derivation(&resolution, &calendar, Language::English),
//!     "opened Fri 2026-03-06 17:40, 8 business hours, counts from Mon 09:00, \
//!      paused 2 h 10 min waiting for part 4711 (Mon 10:00 to 12:10), due Tue 11:10"
//! );
//! # Ok(())
//! # }
//! ```
//!
//! **Invariants.** The same three things always give the same answer. Pauses are united before they are taken
//! off, so no minute is taken off twice. No answer depends on a day of which the calendar does not know whether it
//! is a holiday. Nothing panics, and no loop is longer than the ticket's events.

pub mod calendar;
pub mod clock;
pub mod defaults;
pub mod derivation;
pub mod earliest;
pub mod events;
pub mod fault;
pub mod policy;
pub mod preview;
pub mod table;
pub mod words;

pub use calendar::{Calendar, CalendarSpec};
pub use clock::{Clock, count, internal, used_up};
pub use derivation::{Answer, Outcome, Step};
pub use earliest::earliest;
pub use events::{Event, Kind};
pub use fault::{Fault, SpecFault, SpecFaults};
pub use policy::{Agreement, Policy, Target, TargetKind, Unit};
pub use table::{Subject, Table};
pub use words::Language;

/// Milliseconds since 1970 began, UTC, or a span of milliseconds.
pub type Millis = i64;
