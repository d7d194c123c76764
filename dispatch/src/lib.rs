//! Who should take this ticket now, and why not somebody else.
//!
//! This crate is pure: no I/O, no clock, no randomness. Whoever calls it says what time it is and
//! what is known; the same question always gets the same answer, so an assignment can be recomputed
//! and explained months later.
//!
//! A walk through it, in the order in which a question is answered:
//!
//! 1. [`problem`]: what comes in. Engineers with certificates, shifts and positions; a [`Visit`] to be
//!    made; nothing of customers or databases.
//! 2. [`policy`]: what is data, not code: limits and weights, with a version that each answer names.
//! 3. [`index`]: [`Roster`], every engineer in memory, in a tree by place with a bit set for each skill.
//!    The server builds it once and keeps it up to date as people move.
//! 4. [`query`] and [`case`]: one visit at one instant under one policy; and that visit seen from one
//!    engineer: how far, from when, until when.
//! 5. [`rules`]: who cannot take it. One file per rule; each can test, and can state its fact.
//! 6. [`route`] and [`score`]: what it costs if he does, in named terms, all in minutes: the cheapest place in his
//!    present route, by the objective by which a day is planned.
//! 7. [`mod@recommend`]: the answer, in two steps. [`shortlist`] needs only memory; [`rank`] weighs the
//!    shortlist again with loads and stock that the caller read inside its transaction.
//!    [`strategy`] says what may come before the score.
//!    [`verdicts`] says the same of everybody at once, for a board on which a ticket is dragged.
//! 8. [`sourcing`]: which places supply the parts. [`rank`] hands its answer for each candidate to the
//!    caller, so that what the score counted on is what gets reserved.
//! 9. [`needs`] and [`mod@first_visit`]: which parts it will probably need, and how likely one visit is enough.
//! 10. [`counterfactual`]: the smallest change that would have led to another answer.
//! 11. [`travel`]: how long a journey takes. A trait, because road engines come at this edge.
//!
//! ```
//! use dispatch::{Policy, PartSupply, Query, Roster, StraightLine, recommend};
//! # fn main() -> Result<(), serde_json::Error> {
//! let engineer = serde_json::from_str(r#"{
//!     "id": "01930000-0000-7000-8000-000000000007", "code": "E-7", "name": "Ada", "active": true,
//!     "home": {"latitude": 40.75, "longitude": -73.98}, "position": null,
//!     "shifts": [{"starts_at": 0, "ends_at": 28800000}], "absences": [],
//!     "certificates": [{"skill": "LIFT-A", "level": 2, "number": "4711", "valid_from": 0, "valid_until": null}],
//!     "max_load_minutes": 480, "speeds": []
//! }"#)?;
//! let visit = serde_json::from_str(r#"{
//!     "ticket_id": "01930000-0000-7000-8000-000000000001", "priority": 1, "fault": "door",
//!     "point": {"latitude": 40.76, "longitude": -73.98}, "required_skills": [{"skill": "LIFT-A", "level": 2}],
//!     "needed_parts": [], "expected_minutes": 60, "earliest_at": 0, "latest_at": null, "due_at": null,
//!     "excluded_engineers": []
//! }"#)?;
//! let (now, policy) = (0, Policy::default());
//! let roster = Roster::build([engineer], now, &policy);
//! let query = Query::new(&visit, now, &policy);
//! let answer = recommend(&roster, &query, &PartSupply::default(), &StraightLine::default());
//! assert_eq!(answer.ranked[0].code, "E-7");
//! assert_eq!(answer.ranked[0].score_minutes.to_string(), "2.9");
//! # Ok(())
//! # }
//! ```
//!
//! **Invariants.** The index answers exactly as a scan over everybody would. The terms of a score sum
//! to the score, to the tenth of a minute. Everybody, active or not, is either on the
//! shortlist, beyond it, or counted under exactly one rule: the first of [`Rule::ORDER`] he breaks.

pub mod calendar;
pub mod case;
pub mod counterfactual;
pub mod first_visit;
pub mod index;
pub mod needs;
pub mod optimize;
pub mod plan;
pub mod policy;
pub mod problem;
pub mod profile;
pub mod query;
pub mod recommend;
pub mod route;
pub mod rules;
pub mod score;
pub mod sourcing;
pub mod strategy;
pub mod travel;
pub mod verify;

pub use counterfactual::{Change, Counterfactual, Goal, Scene, counterfactuals};
pub use first_visit::{Chances, FirstVisit, Outfit, Raise, Record};
pub use index::{Near, Roster};
pub use needs::{LikelyPart, Needs};
pub use policy::{Policies, Policy, PolicyError};
pub use problem::{
    Certificate, Engineer, Familiarity, FaultSpeed, Interval, Load, Millis, PartQuantity, Point, Position,
    SkillRequirement, Visit,
};
pub use query::Query;
pub use recommend::{
    Candidate, Excluded, Fresh, Grade, Price, Ranking, Recommendation, RuleCount, Shortlist, Verdict,
    explain_all, rank, recommend, shortlist, verdicts,
};
pub use route::{Insertion, PlannedCall, Route, Slip, Stop, Timetable};
pub use rules::{Fact, Rule};
pub use score::{Minutes, Term, TermMinutes};
pub use sourcing::{
    Allocation, Depot, FreeStock, PartSupply, Rates, Shortage, Sourcing, StockPlace, StockPlaces, Substitute,
    Trip, VanStock, source,
};
pub use strategy::{Claim, Strategy, winner};
pub use travel::{StraightLine, TravelTimes};
