//! One ticket's record as a file: its entries as they were hashed, the path of each to a signed head, and what the
//! server signed about the ticket. Everything that is hashed or signed is a string in it, to be taken byte for byte.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::entry::Shown;

/// What [`Bundle::format`] says.
pub const FORMAT: &str = "fettle-record-1";
/// Most entries of a bundle.
pub const MOST_ENTRIES: i64 = 20_000;
/// Largest file that is read, in bytes.
pub const LARGEST: u64 = 256 << 20;

/// One ticket's record, provable without the server. docs/record.md says how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RecordBundle)]
pub struct Bundle {
    /// `fettle-record-1`.
    pub format: String,
    /// The key that head and statement are signed with. Whoever checks should know it from elsewhere.
    pub public_key: String,
    /// The head that the entries are proved by: a checkpoint, as a signed note.
    pub head: String,
    /// Which ticket, how many entries, and which is the last: a signed note.
    pub statement: String,
    /// In the order of the log.
    pub entries: Vec<Proved>,
}

/// One entry and its proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RecordEntry)]
pub struct Proved {
    /// Its place in the tree, from 0.
    pub position: u64,
    /// What was hashed: a JSON object.
    pub leaf: String,
    /// Hashes beside the way to the root, from the leaf up, in hexadecimal.
    pub proof: Vec<String>,
    /// The part of the row that may always be kept; none if it was erased.
    pub open: Option<Shown>,
    /// The part that tells of people; none if there is none, or it was erased.
    pub personal: Option<Shown>,
    /// The dossier of an assignment, as it was hashed: the text of a JSON object.
    pub why: Option<String>,
}
