//! Rules: when something happens to a ticket, or at a time, and a condition holds, something is done. A condition is
//! an expression in CEL over the facts of a ticket ([`facts`]), whose cost is bounded before it is saved
//! ([`expression`]). A reader of the change log and of the clock runs them ([`run`], [`times`]); what they do goes
//! through the functions that the console calls ([`act`]), in the transaction that writes down that the rule fired.

pub mod act;
pub mod check;
pub mod edit;
pub mod events;
pub mod expression;
pub mod facts;
pub mod fire;
pub mod origin;
pub mod preview;
pub mod run;
pub mod shipped;
pub mod store;
pub mod times;

use db::types::{Json, RuleFiringId, TicketId, UserId};
use db::{Entity, Timestamp, text_enum};
use diesel::prelude::*;
use mobile_sync_wire::EventKind;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::Role;
use crate::tickets::SkillNeed;
use crate::tickets::write::Dispatch;

/// As whom rules write.
pub const ACTOR: &str = "rules";

text_enum! {
    /// What can happen to a ticket.
    pub enum RuleEvent {
        /// It was opened.
        Created => "created",
        /// It moved from one status to another.
        StatusChanged => "status_changed",
        /// Somebody has it who did not have it before.
        Assigned => "assigned",
        /// It became more or less urgent.
        PriorityChanged => "priority_changed",
        /// A step of the escalation was taken: so much of a promise is left.
        SlaWarning => "sla_warning",
        /// It was not solved, or not taken up, by the time that was promised.
        SlaBreached => "sla_breached",
        /// The customer said whether it is solved, and how content he is.
        ConfirmationAnswered => "confirmation_answered",
    }
}

/// When a rule looks whether its condition holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "on", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = RuleTrigger)]
pub enum Trigger {
    /// When this happens to a ticket.
    Event {
        /// What.
        event: RuleEvent,
    },
    /// Every so many minutes, for each ticket that is not over.
    Every {
        /// 5 to 10,080: a week.
        minutes: i64,
        /// At most once for a ticket; else each time anew.
        #[serde(default)]
        once: bool,
    },
    /// Every day at this time, for each ticket that is not over.
    Daily {
        /// `08:00`.
        time: String,
        /// By whose clock: an IANA name.
        time_zone: String,
        /// At most once for a ticket; else each day anew.
        #[serde(default)]
        once: bool,
    },
}

/// What a rule does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = RuleAction)]
pub enum Action {
    /// Gives the ticket to the best engineer by the policy in force, if nobody has it.
    Assign {
        /// The group: those who hold this skill. The ticket needs it from then on.
        group: Option<SkillNeed>,
    },
    /// Tells people in the console.
    Notify {
        /// Whoever has the ticket.
        #[serde(default)]
        engineer: bool,
        /// Whom escalations tell, too.
        #[serde(default)]
        supervisors: bool,
        /// Everybody of these roles.
        #[serde(default)]
        roles: Vec<Role>,
        /// These people.
        #[serde(default)]
        users: Vec<UserId>,
    },
    /// Edits the ticket.
    Set {
        /// 1 urgent to 4 low; due times are counted anew.
        priority: Option<i32>,
        /// Whether the server assigns it by itself.
        auto_dispatch: Option<bool>,
        /// Minutes of work on site.
        expected_minutes: Option<i64>,
    },
    /// Takes a step of the office.
    Step {
        /// `close`, `reopen`, `cancel` or `unassign`.
        event: EventKind,
        /// Why.
        reason: String,
    },
    /// Opens another ticket at the same place.
    CreateTicket {
        /// `inspection`, …
        kind: String,
        /// 1 urgent to 4 low.
        priority: i32,
        /// In one line; `{number}` is the number of the ticket that it follows.
        title: String,
        /// In full.
        #[serde(default)]
        description: String,
        /// Whether the server assigns it by itself.
        #[serde(default)]
        dispatch: Dispatch,
    },
    /// Adds a task for another department.
    AddTask {
        /// Who is to do it.
        department: String,
        /// What; `{number}` is the number of the ticket.
        text: String,
        /// Whether the office cannot close the ticket before.
        #[serde(default)]
        required: bool,
    },
    /// Gives the ticket to the best other engineer, unless work has begun, and tells the supervisors.
    Escalate {},
    /// Tells another system: a signed CloudEvent.
    Webhook {
        /// Where: https, and no private network unless the configuration allows it.
        url: String,
    },
}

impl Action {
    /// As results name it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Assign { .. } => "assign",
            Self::Notify { .. } => "notify",
            Self::Set { .. } => "set",
            Self::Step { .. } => "step",
            Self::CreateTicket { .. } => "create_ticket",
            Self::AddTask { .. } => "add_task",
            Self::Escalate {} => "escalate",
            Self::Webhook { .. } => "webhook",
        }
    }
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Queryable, Insertable, ToSchema)]
#[diesel(table_name = db::schema::rules)]
#[schema(as = AutomationRule)]
pub struct Rule {
    /// A short name for those that come with Fettle, else a UUID.
    pub id: String,
    /// Counted up with every change; firings name it.
    pub version: i64,
    /// English.
    pub name_en: String,
    /// Simplified Chinese.
    pub name_zh: String,
    /// Whether it runs.
    pub enabled: bool,
    /// When it looks.
    #[diesel(serialize_as = String, deserialize_as = String)]
    #[schema(value_type = Trigger)]
    pub trigger: Json<Trigger>,
    /// What must hold: an expression in CEL (docs/rules.md).
    pub condition: String,
    /// What it does, in this order.
    #[diesel(serialize_as = String, deserialize_as = String)]
    #[schema(value_type = Vec<Action>)]
    pub actions: Json<Vec<Action>>,
    /// When it became so; 0 if it came with Fettle and nobody changed it.
    pub changed_at: Timestamp,
}

impl Entity for Rule {
    const ENTITY: &'static str = "rules";

    fn row_id(&self) -> String {
        self.id.clone()
    }
}

text_enum! {
    /// What came of it.
    pub enum RuleOutcome {
        /// Everything was done.
        Done => "done",
        /// Something was refused; the rest was done.
        Partly => "partly",
        /// Nothing was done.
        Refused => "refused",
        /// It was not begun, so that rules do not go round in a circle.
        Stopped => "stopped",
    }
}

/// What came of one action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = RuleResult)]
pub struct ActionResult {
    /// Which.
    pub action: String,
    /// The code of the refusal, if it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// What it made: a ticket, an assignment's engineer, a delivery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made: Option<String>,
    /// So many were told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<i64>,
}

/// A rule that fired for a ticket: part of the ticket's record.
#[derive(Debug, Clone, PartialEq, Serialize, Queryable, Insertable, ToSchema)]
#[diesel(table_name = db::schema::rule_firings)]
pub struct Firing {
    /// Its id.
    pub id: RuleFiringId,
    /// The rule.
    pub rule_id: String,
    /// Which version of it.
    pub rule_version: i64,
    /// What it was called.
    pub name_en: String,
    /// What it was called.
    pub name_zh: String,
    /// The ticket.
    pub ticket_id: TicketId,
    /// `change:SEQ:EVENT`, `answer:ID`, `due:AT`, `at:AT` or `once`: a rule fires once for each.
    pub cause: String,
    /// The rules by which the cause came about, the first first.
    #[diesel(serialize_as = String, deserialize_as = String)]
    #[schema(value_type = Vec<String>)]
    pub chain: Json<Vec<String>>,
    /// When.
    pub at: Timestamp,
    /// What came of it.
    pub outcome: RuleOutcome,
    /// Why it was stopped, or could not be asked; else empty.
    pub reason: String,
    /// What came of each action.
    #[diesel(serialize_as = String, deserialize_as = String)]
    #[schema(value_type = Vec<ActionResult>)]
    pub results: Json<Vec<ActionResult>>,
}

impl Entity for Firing {
    const ENTITY: &'static str = "rule_firings";

    fn row_id(&self) -> String {
        self.id.to_string()
    }

    fn ticket_id(&self) -> Option<String> {
        Some(self.ticket_id.to_string())
    }
}
