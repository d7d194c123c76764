//! Parts, the own van, and what is held for a ticket. Read-only on the phone: it inserts `part_usage` rows, and
//! quantities follow from those.

use super::*;

/// A part of the catalogue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PartDoc {
    pub id: String,
    #[serde(default)]
    pub sync_v: i64,
    pub number: String,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_zh: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Quantities of this part are integers of 10^-decimals units.
    #[serde(default)]
    pub decimals: i64,
    /// `serial` or `lot`: a use of it should name the piece or the lot. Absent where only the quantity counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking: Option<String>,
}

/// How much of a part lies in the engineer's van.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct VanStockDoc {
    pub id: String,
    #[serde(default)]
    pub sync_v: i64,
    pub engineer_id: String,
    pub location_id: String,
    pub part_id: String,
    pub on_hand: i64,
    pub reserved: i64,
}

/// Parts held for a ticket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct ReservationDoc {
    pub id: String,
    #[serde(default)]
    pub sync_v: i64,
    pub ticket_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engineer_id: Option<String>,
    pub part_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location_name: Option<String>,
    pub quantity: i64,
    /// `wanted held picked handed_over used returned released expired`.
    pub status: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<i64>,
}

impl Document for PartDoc {
    const COLLECTION: Collection = Collection::Parts;
}

impl Document for VanStockDoc {
    const COLLECTION: Collection = Collection::VanStock;
}

impl Document for ReservationDoc {
    const COLLECTION: Collection = Collection::Reservations;
}
