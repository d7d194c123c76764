//! The merge table as data: who owns which column of which collection.
//!
//! A client reads the same table from `vectors/merge-table.json`, which a test compares with this one.

use serde::{Deserialize, Serialize};

use crate::{Collection, collection::Collection as C};

/// What becomes of a value that a phone sends for a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// The office's value stands, the phone's goes onto a card.
    Office,
    /// Last writer wins, and only between writes that did not know of each other; both are on a card.
    Lww,
    /// Moves by intents, never by a value.
    Intent,
    /// Written once with its row, never changed.
    InsertOnly,
    /// Not in the table.
    Unknown,
}

/// How rows of a collection come to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rows {
    /// The office makes them.
    Office,
    /// Phones insert them too.
    Phone,
    /// Phones insert them, and each asks for a move of its ticket.
    Intents,
}

/// The rule of one collection, and its columns that differ from the others.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Entry {
    pub collection: Collection,
    pub rows: Rows,
    /// For every column that is not named below.
    pub others: Rule,
    pub columns: &'static [(&'static str, Rule)],
}

const fn office(collection: C, columns: &'static [(&'static str, Rule)]) -> Entry {
    Entry { collection, rows: Rows::Office, others: Rule::Unknown, columns }
}

const fn insert_only(collection: C, rows: Rows) -> Entry {
    Entry { collection, rows, others: Rule::InsertOnly, columns: &[] }
}

/// Every collection once, in the order of [`Collection::ALL`].
pub const TABLE: [Entry; 18] = [
    Entry {
        collection: C::Tickets,
        rows: Rows::Phone,
        others: Rule::Unknown,
        columns: &[
            ("status", Rule::Intent),
            ("access_note", Rule::Lww),
            ("site_contact", Rule::Lww),
            ("number", Rule::Office),
            ("kind", Rule::Office),
            ("title", Rule::Office),
            ("description", Rule::Office),
            ("priority", Rule::Office),
            ("engineer_id", Rule::Office),
            ("visit_id", Rule::Office),
            ("site_id", Rule::Office),
            ("asset_id", Rule::Office),
            ("earliest_at", Rule::Office),
            ("due_at", Rule::Office),
            ("planned_at", Rule::Office),
            ("expected_minutes", Rule::Office),
            ("form", Rule::Office),
        ],
    },
    read_only(C::Visits),
    insert_only(C::TicketEvents, Rows::Intents),
    insert_only(C::PartUsage, Rows::Phone),
    insert_only(C::Labour, Rows::Phone),
    insert_only(C::Notes, Rows::Phone),
    Entry {
        collection: C::ChecklistAnswers,
        rows: Rows::Phone,
        others: Rule::Lww,
        columns: &[
            ("ticket_id", Rule::InsertOnly),
            ("visit_id", Rule::InsertOnly),
            ("engineer_id", Rule::InsertOnly),
            ("question_id", Rule::InsertOnly),
            ("question", Rule::InsertOnly),
        ],
    },
    insert_only(C::Readings, Rows::Phone),
    insert_only(C::Photos, Rows::Phone),
    insert_only(C::Signatures, Rows::Phone),
    office(
        C::Sites,
        &[
            ("access_note", Rule::Lww),
            ("contact", Rule::Lww),
            ("name", Rule::Office),
            ("address", Rule::Office),
            ("latitude", Rule::Office),
            ("longitude", Rule::Office),
            ("customer_name", Rule::Office),
            ("time_zone", Rule::Office),
        ],
    ),
    office(
        C::Assets,
        &[
            ("description", Rule::Lww),
            ("manufacturer", Rule::Lww),
            ("model", Rule::Lww),
            ("meter_reading", Rule::Lww),
            ("name", Rule::Office),
            ("address", Rule::Office),
            ("latitude", Rule::Office),
            ("longitude", Rule::Office),
            ("site_id", Rule::Office),
            ("number", Rule::Office),
            ("kind", Rule::Office),
        ],
    ),
    read_only(C::Parts),
    read_only(C::VanStock),
    read_only(C::Reservations),
    read_only(C::Checklists),
    read_only(C::Articles),
    read_only(C::Colleagues),
];

const fn read_only(collection: C) -> Entry {
    Entry { collection, rows: Rows::Office, others: Rule::Office, columns: &[] }
}

/// The entry of a collection.
pub fn entry(collection: Collection) -> &'static Entry {
    // `TABLE` follows the declaration order, which a test holds it to.
    &TABLE[collection as usize]
}

/// The rule of one field.
pub fn rule(collection: Collection, field: &str) -> Rule {
    let entry = entry(collection);
    if matches!(field, "id" | "sync_v") {
        return Rule::InsertOnly;
    }
    entry.columns.iter().find(|(name, _)| *name == field).map_or(entry.others, |(_, rule)| *rule)
}

/// Whether a phone may insert rows there.
pub fn takes_inserts(collection: Collection) -> bool {
    entry(collection).rows != Rows::Office
}
