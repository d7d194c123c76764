//! What is done at a ticket: visits, and the rows that phones insert. Of the latter the phone chooses the id and
//! nobody ever changes one.

use super::*;

/// One coming of one or more engineers for a ticket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VisitDoc {
    pub id: String,
    #[serde(default)]
    pub sync_v: i64,
    pub ticket_id: String,
    /// Counted within the ticket, from 1.
    pub number: i64,
    /// The ticket's status as far as it concerns this visit.
    pub status: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_minutes: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead_engineer_id: Option<String>,
    /// Ids of the whole crew, comma-separated.
    #[serde(default)]
    pub crew: String,
}

/// An engineer did a step: see [`crate::intents`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TicketEventDoc {
    pub id: String,
    #[serde(default)]
    pub sync_v: i64,
    pub ticket_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit_id: Option<String>,
    pub engineer_id: String,
    pub kind: EventKind,
    /// By the phone's corrected clock when inserted; by the server's once it has come back.
    pub at: i64,
    /// Order of this device's events: libraries that hand rows over in no order need it.
    pub dseq: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What became of a part that an engineer had in his hands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartOutcome {
    /// Built in.
    Used,
    /// Found defective: gone from stock, not built in.
    Defective,
    /// Taken out again, back to the van.
    Returned,
}

/// Parts used at a ticket. Believed: stock may go negative, which is a card and not a refusal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PartUsageDoc {
    pub id: String,
    #[serde(default)]
    pub sync_v: i64,
    pub ticket_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit_id: Option<String>,
    pub engineer_id: String,
    pub part_id: String,
    /// Scaled by the part's `decimals`; more than 0.
    pub quantity: i64,
    /// The number of the piece that was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// The number of the lot that it was taken from, of parts that are kept in lots.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lot: Option<String>,
    /// The number of the piece that came out instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed_serial: Option<String>,
    pub outcome: PartOutcome,
}

/// Time worked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct LabourDoc {
    pub id: String,
    #[serde(default)]
    pub sync_v: i64,
    pub ticket_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit_id: Option<String>,
    pub engineer_id: String,
    pub at: i64,
    pub minutes: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
}

/// A note at a ticket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct NoteDoc {
    pub id: String,
    #[serde(default)]
    pub sync_v: i64,
    pub ticket_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit_id: Option<String>,
    /// Absent for a note of the office.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engineer_id: Option<String>,
    pub at: i64,
    pub text: String,
}

impl Document for VisitDoc {
    const COLLECTION: Collection = Collection::Visits;
}

impl Document for TicketEventDoc {
    const COLLECTION: Collection = Collection::TicketEvents;
}

impl Document for PartUsageDoc {
    const COLLECTION: Collection = Collection::PartUsage;
}

impl Document for LabourDoc {
    const COLLECTION: Collection = Collection::Labour;
}

impl Document for NoteDoc {
    const COLLECTION: Collection = Collection::Notes;
}
