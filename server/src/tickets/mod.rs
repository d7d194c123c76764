//! Tickets: one repair to be done, from the call to the confirmation. This module is the feature's only public door;
//! the console, the phones and the import all come through it.

pub mod edit;
pub mod events;
mod known;
pub mod late;
pub mod merge;
pub mod notes;
pub mod query;
pub mod routes;
pub mod store;
pub mod watchers;
pub mod words;
pub mod write;

use db::types::{AssetId, CustomerId, EngineerId, Json, PartId, SiteId, TicketEventId, TicketId, VisitId};
use db::{Entity, Timestamp};
use diesel::prelude::*;
pub use known::Known;
pub use mobile_sync_wire::{EventKind, TicketStatus};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::sla::TicketSla;
use crate::templates::Form;

/// A skill that the work needs, at least at this level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SkillNeed {
    /// Code of the skill.
    pub skill: String,
    /// 1 to 9.
    pub level: u8,
}

/// A part that the work needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NeededPart)]
pub struct PartNeed {
    /// The part.
    pub part_id: PartId,
    /// Integer scaled by the part's decimals.
    pub quantity: i64,
}

/// Why a ticket waits in the queue: so many engineers break this rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct QueueReason {
    /// The rule.
    pub rule: dispatch::Rule,
    /// So many engineers.
    pub count: u32,
}

/// One repair to be done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Queryable, Insertable, AsChangeset, ToSchema)]
#[diesel(table_name = db::schema::tickets, treat_none_as_null = true)]
pub struct Ticket {
    /// Its id.
    pub id: TicketId,
    /// What people call it; unique.
    pub number: i64,
    /// `repair`, `inspection`, … : what past speed is compared on, beside the symptom.
    pub kind: String,
    /// 1 urgent, 2 high, 3 medium, 4 low.
    pub priority: i32,
    /// In one line.
    pub title: String,
    /// In full.
    pub description: String,
    /// What the customer sees, as a code or in words.
    pub symptom: String,
    /// Where it stands.
    #[diesel(serialize_as = String, deserialize_as = String)]
    pub status: TicketStatus,
    /// Whose lift.
    pub customer_id: CustomerId,
    /// Where.
    pub site_id: SiteId,
    /// Which lift.
    pub asset_id: Option<AssetId>,
    /// The present visit.
    pub visit_id: VisitId,
    /// The lead engineer of the present visit.
    pub engineer_id: Option<EngineerId>,
    /// Skills that the lead must hold on the day.
    #[diesel(serialize_as = String, deserialize_as = String)]
    #[schema(value_type = Vec<SkillNeed>)]
    pub required_skills: Json<Vec<SkillNeed>>,
    /// Parts that will be needed.
    #[diesel(serialize_as = String, deserialize_as = String)]
    #[schema(value_type = Vec<PartNeed>)]
    pub needed_parts: Json<Vec<PartNeed>>,
    /// Minutes of work on site.
    pub expected_minutes: i64,
    /// Not to be begun before.
    pub earliest_at: Timestamp,
    /// Not to be begun after.
    pub latest_at: Option<Timestamp>,
    /// To be solved by; `sla.state` says what that is worth.
    pub due_at: Timestamp,
    /// When the engineer is expected.
    pub planned_at: Option<Timestamp>,
    /// How to get in.
    pub access_note: String,
    /// Whom to ask on site.
    pub site_contact: String,
    /// Where, in words.
    pub address: String,
    /// WGS-84 degrees.
    pub latitude: f64,
    /// WGS-84 degrees.
    pub longitude: f64,
    /// Whether the server assigns it by itself.
    pub auto_dispatch: bool,
    /// Why nobody has it; empty once it is assigned.
    #[diesel(serialize_as = String, deserialize_as = String)]
    #[schema(value_type = Vec<QueueReason>)]
    pub queue_reasons: Json<Vec<QueueReason>>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When the work was done.
    pub completed_at: Option<Timestamp>,
    /// When the customer confirmed.
    pub closed_at: Option<Timestamp>,
    /// By which promise it is due, and how its clocks stand.
    #[diesel(serialize_as = String, deserialize_as = String)]
    #[serde(default)]
    #[schema(value_type = TicketSla)]
    pub sla: Json<TicketSla>,
    /// The fields of its template with their answers; `null` if it was opened by none.
    #[diesel(serialize_as = String, deserialize_as = String)]
    #[serde(default)]
    #[schema(value_type = Option<Form>)]
    pub form: Json<Option<Form>>,
}

impl Entity for Ticket {
    const ENTITY: &'static str = "tickets";

    fn row_id(&self) -> String {
        self.id.to_string()
    }

    fn ticket_id(&self) -> Option<String> {
        Some(self.id.to_string())
    }
}

/// One journey to a ticket's site.
#[derive(Debug, Clone, PartialEq, Serialize, Queryable, Insertable, AsChangeset, ToSchema)]
#[diesel(table_name = db::schema::visits, treat_none_as_null = true)]
pub struct Visit {
    /// Its id.
    pub id: VisitId,
    /// The ticket.
    pub ticket_id: TicketId,
    /// First, second, …
    pub number: i32,
    /// As the ticket's.
    #[diesel(serialize_as = String, deserialize_as = String)]
    pub status: TicketStatus,
    /// When the engineer is expected.
    pub planned_at: Option<Timestamp>,
    /// Minutes of work on site.
    pub expected_minutes: i64,
    /// Who leads it.
    pub lead_engineer_id: Option<EngineerId>,
}

impl Entity for Visit {
    const ENTITY: &'static str = "visits";

    fn row_id(&self) -> String {
        self.id.to_string()
    }

    fn ticket_id(&self) -> Option<String> {
        Some(self.ticket_id.to_string())
    }
}

/// Something that was done to a ticket, or tried.
#[derive(Debug, Clone, PartialEq, Serialize, Queryable, Insertable, ToSchema)]
#[diesel(table_name = db::schema::ticket_events)]
pub struct TicketEvent {
    /// Its id; a phone chooses it.
    pub id: TicketEventId,
    /// The ticket.
    pub ticket_id: TicketId,
    /// The visit.
    pub visit_id: VisitId,
    /// The engineer who did it; none for the office.
    pub engineer_id: Option<EngineerId>,
    /// What was done.
    #[diesel(serialize_as = String, deserialize_as = String)]
    pub kind: EventKind,
    /// When it happened, by the corrected clock of the device.
    pub at: Timestamp,
    /// When we heard of it.
    pub received_at: Timestamp,
    /// Order on the device.
    pub dseq: i64,
    /// Why (pause, decline, cancel, …).
    pub reason: String,
    /// Who, as the record shows it.
    pub actor: String,
    /// The phone.
    pub device_id: Option<String>,
    /// Whether the ticket moved, or the event came too late or to the wrong ticket.
    pub applied: bool,
    /// Whether `at` is a guess.
    pub time_uncertain: bool,
}

impl Entity for TicketEvent {
    const ENTITY: &'static str = "ticket_events";

    fn row_id(&self) -> String {
        self.id.to_string()
    }

    fn ticket_id(&self) -> Option<String> {
        Some(self.ticket_id.to_string())
    }
}
