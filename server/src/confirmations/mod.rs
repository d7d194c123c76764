//! What the customer says when the work is done. He follows a link that only this deployment can make; it opens one
//! page about one ticket, without a log-in. Solved: the ticket is closed. Not solved: it is opened again for the office
//! to decide. Whoever says nothing for some days agrees, and the record says that nobody answered.

mod answer;
pub mod follow_ups;
mod link;
pub mod routes;

pub use answer::{Answer, close_unanswered};
use db::types::{ConfirmationId, TicketId};
use db::{Entity, Timestamp};
use diesel::prelude::*;
pub use link::Key;
use serde::Serialize;
use utoipa::ToSchema;

/// As whom the customer writes.
const CUSTOMER: &str = "customer";

db::text_enum! {
    /// How content somebody is.
    pub enum Satisfaction {
        /// 满意
        Satisfied => "satisfied",
        /// 一般
        Neutral => "neutral",
        /// 不满意
        Dissatisfied => "dissatisfied",
    }
}

/// What became of the question whether the work is good, once for each time that a ticket was completed.
#[derive(Debug, Clone, PartialEq, Serialize, Queryable, Insertable, AsChangeset, ToSchema)]
#[diesel(table_name = db::schema::confirmations, treat_none_as_null = true)]
pub struct Confirmation {
    /// Its id.
    pub id: ConfirmationId,
    /// The ticket.
    pub ticket_id: TicketId,
    /// The completion that was asked about.
    pub completed_at: Timestamp,
    /// Whether the fault is gone.
    pub solved: Option<bool>,
    /// How content the customer is, if he says so.
    pub satisfaction: Option<Satisfaction>,
    /// What he adds.
    pub comment: String,
    /// When he answered; none if the ticket was closed without an answer.
    pub answered_at: Option<Timestamp>,
}

impl Entity for Confirmation {
    const ENTITY: &'static str = "confirmations";

    fn row_id(&self) -> String {
        self.id.to_string()
    }

    fn ticket_id(&self) -> Option<String> {
        Some(self.ticket_id.to_string())
    }
}
