//! What was promised to customers, and when tickets are due by it. Counting is the crate `sla`, which is pure; this
//! feature knows which ticket has which promise ([`Promises`]), brings what happened to it into the crate's words
//! ([`events`]), and writes the answer on the ticket ([`recompute`]). Nothing is counted up: each time all is counted
//! again from the opening, so that no pause is lost.

pub mod contracts;
pub mod edit;
pub mod events;
mod kept;
pub mod promises;
pub mod recompute;
pub mod routes;
pub mod steps;
pub mod store;
pub mod sweep;
pub mod timers;
pub mod trial;
pub mod watch;

use db::types::ContractId;
use db::{Timestamp, text_enum};
pub use promises::Promises;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

text_enum! {
    /// What a ticket's `due_at` means.
    pub enum DueState {
        /// It is due then, and nothing but what happens to it moves that.
        Due => "due",
        /// The clock stands. `due_at` is when it would be due if it had gone on at once: the earliest possible.
        Paused => "paused",
        /// Nobody knows: the calendar does not know the holidays of a year that has to be counted through. `due_at`
        /// is the earliest possible, counted round the clock.
        Unknown => "unknown",
        /// Nothing is promised. `due_at` is ten years after the opening, behind all that is.
        None => "none",
    }
}

impl TicketSla {
    /// When it is due, as one may tell a customer: nothing while the clock stands, or if nothing is promised.
    #[must_use]
    pub fn promised(&self, due_at: Timestamp) -> Option<Timestamp> {
        (self.state == DueState::Due).then_some(due_at)
    }
}

/// By which promise a ticket is due, and how its clocks stand. Counted by the server, never edited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct TicketSla {
    /// What `due_at` means.
    pub state: DueState,
    /// Since when the clock of the resolution stands, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused_since: Option<Timestamp>,
    /// While it stands: what is left, in milliseconds, or of business days in shares of 86,400,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<i64>,
    /// The year that the calendar would have to know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown_year: Option<i16>,
    /// What `response_due_at` means.
    pub response_state: DueState,
    /// Until when somebody has to take it up; `null` if that is not promised.
    pub response_due_at: Option<Timestamp>,
    /// When somebody did.
    pub responded_at: Option<Timestamp>,
    /// The table of policies.
    pub policy_id: String,
    /// Its version.
    pub policy_version: i64,
    /// The row of it, by name; `null` if none is for this ticket.
    pub row: Option<String>,
    /// The contract that names the policy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contract_id: Option<ContractId>,
    /// The calendar.
    pub calendar_id: String,
    /// Its version.
    pub calendar_version: i64,
    /// The site's, from the IANA database; empty if it is not known.
    pub time_zone: String,
    /// When the next step of the escalation is due; absent if there is none ahead, or the clock stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_step_at: Option<Timestamp>,
    /// The steps that were taken: each once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub taken: Vec<String>,
    /// How it came in: `phone`, `portal`, ...; empty if nobody said.
    pub channel: String,
}

impl Default for TicketSla {
    fn default() -> Self {
        Self {
            state: DueState::Due,
            paused_since: None,
            left: None,
            unknown_year: None,
            response_state: DueState::None,
            response_due_at: None,
            responded_at: None,
            policy_id: String::new(),
            policy_version: 0,
            row: None,
            contract_id: None,
            calendar_id: String::new(),
            calendar_version: 0,
            time_zone: String::new(),
            next_step_at: None,
            taken: Vec::new(),
            channel: String::new(),
        }
    }
}
