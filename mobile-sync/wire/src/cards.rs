//! What the office answers to a card about work that was done on a ticket which was cancelled, closed or given to
//! somebody else meanwhile. The office alone says so; phones see what follows from it in their rows.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CardAnswer {
    /// The work counts: the ticket is the engineer's, and stands where his steps led.
    AcceptWork,
    /// The ticket stays as it is; the journey and what was used are to be billed.
    BillCallOut,
    /// The ticket stays as it is; what was done is on record, no more.
    KeepAsHistory,
}

impl CardAnswer {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AcceptWork => "accept_work",
            Self::BillCallOut => "bill_call_out",
            Self::KeepAsHistory => "keep_as_history",
        }
    }
}

/// Puts a card away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CardResolution {
    /// For cards of the kind `late_work`; `keep_as_history` if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<CardAnswer>,
}
