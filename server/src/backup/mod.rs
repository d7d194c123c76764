//! `fettle backup` and `fettle restore`: everything that a server has, in one file that `unzip` opens. The same file
//! for both databases: the tables as lines of JSON, all of one moment, and the bytes of photos and rescues by their
//! names; `manifest.json` says how many rows and which hash each has. docs/operations.md tells how to use it.

mod archive;
mod restore;
mod write;

use db::Timestamp;
use serde::{Deserialize, Serialize};

pub use restore::{Restored, restore};
pub use write::{Saved, write};

/// The shape of the file. A newer one is refused.
const FORMAT: u32 = 1;
/// Bytes at a time, from one place to another.
const PIECE: usize = 256 * 1024;
/// Tables whose rows are of use to the server alone that wrote them: uploads whose pieces are not in the backup.
const LEFT_OUT: [&str; 1] = ["blob_uploads"];

/// What is in a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// 1.
    pub format: u32,
    /// Who wrote it.
    pub fettle: String,
    /// When the database was as it is here.
    pub taken_at: Timestamp,
    /// `sqlite` or `postgres`: where it came from, and where it can go to.
    pub database: String,
    /// The number of the last change.
    pub last_change: i64,
    /// The epoch that ends with a restore.
    pub epoch: Option<String>,
    /// The migrations that made the tables.
    pub migrations: Vec<String>,
    /// Each table.
    pub tables: Vec<Entry>,
    /// Each photo, signature and rescue.
    pub objects: Vec<Entry>,
    /// Objects that the database names and that were not there.
    pub missing: Vec<String>,
}

/// A file in the backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The table, or the name in the object store.
    pub name: String,
    /// Rows of a table, bytes of an object.
    pub count: u64,
    /// SHA-256 of the file, in lower-case hexadecimal.
    pub sha256: String,
}

const MANIFEST: &str = "manifest.json";

fn table_file(table: &str) -> String {
    format!("tables/{table}.jsonl")
}

fn object_file(name: &str) -> String {
    format!("objects/{name}")
}

fn kind(postgres: bool) -> &'static str {
    if postgres { "postgres" } else { "sqlite" }
}
