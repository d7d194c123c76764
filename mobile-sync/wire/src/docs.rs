//! The documents of the collections: flat columns of string, number or boolean, and nothing else.
//!
//! Every document carries `id` and `sync_v`, the version of its last change. An empty column is left out. More
//! columns may follow, so a phone ignores those it does not know and keeps the whole document as it came. Times are
//! UTC milliseconds, quantities integers scaled by the part's `decimals`.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Collection, EventKind, Fields, TicketStatus};

mod site;
mod stock;
mod work;

pub use site::{ChecklistAnswerDoc, ChecklistDoc, PhotoDoc, ReadingDoc, SignatureDoc};
pub use stock::{PartDoc, ReservationDoc, VanStockDoc};
pub use work::{LabourDoc, NoteDoc, PartOutcome, PartUsageDoc, TicketEventDoc, VisitDoc};

/// A document type, tied to its collection.
pub trait Document: Serialize + serde::de::DeserializeOwned {
    const COLLECTION: Collection;

    /// The columns as a JSON object.
    fn to_fields(&self) -> Result<Fields, serde_json::Error> {
        match serde_json::to_value(self)? {
            serde_json::Value::Object(fields) => Ok(fields),
            other => Err(serde::ser::Error::custom(format!("a document is an object, not {other}"))),
        }
    }

    /// Reads the columns; unknown ones are ignored.
    fn from_fields(fields: &Fields) -> Result<Self, serde_json::Error> {
        serde_json::from_value(serde_json::Value::Object(fields.clone()))
    }
}

/// One repair to be done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct TicketDoc {
    pub id: String,
    #[serde(default)]
    pub sync_v: i64,
    pub number: i64,
    pub kind: String,
    pub title: String,
    #[serde(default)]
    pub description: String,
    pub status: TicketStatus,
    /// 1 urgent, 2 high, 3 medium, 4 low.
    pub priority: i64,
    /// Lead of the current visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engineer_id: Option<String>,
    /// The current visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visit_id: Option<String>,
    pub site_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asset_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_note: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site_contact: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earliest_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_minutes: Option<i64>,
    /// The fields of its template with their answers, and what it asks, as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub form: Option<String>,
}

/// A place that is visited.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SiteDoc {
    pub id: String,
    #[serde(default)]
    pub sync_v: i64,
    pub name: String,
    #[serde(default)]
    pub address: String,
    pub latitude: f64,
    pub longitude: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_note: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

/// What is repaired there. Address and coordinates are its site's unless it has its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct AssetDoc {
    pub id: String,
    #[serde(default)]
    pub sync_v: i64,
    /// How people call it: its number, if it has no name.
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latitude: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longitude: Option<f64>,
    pub site_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manufacturer: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A colleague's name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ColleagueDoc {
    pub id: String,
    #[serde(default)]
    pub sync_v: i64,
    pub code: String,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

impl Document for TicketDoc {
    const COLLECTION: Collection = Collection::Tickets;
}

impl Document for SiteDoc {
    const COLLECTION: Collection = Collection::Sites;
}

impl Document for AssetDoc {
    const COLLECTION: Collection = Collection::Assets;
}

impl Document for ColleagueDoc {
    const COLLECTION: Collection = Collection::Colleagues;
}
