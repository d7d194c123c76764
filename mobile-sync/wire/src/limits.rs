//! Every bound of the protocol by name. The server announces them when a device enrols, so that a client need not
//! compile them in; the numbers here are what our server announces and the least that a client may rely on.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Most mutations in one push.
pub const PUSH_MUTATIONS: usize = 1_000;
/// Most bytes of one request body after decompression. Every server takes at least this much.
pub const BODY_BYTES: usize = 8 * 1024 * 1024;
/// Most changes in one page of a pull.
pub const PAGE_LIMIT: u32 = 1_000;
/// Page size when a pull names none.
pub const PAGE_DEFAULT: u32 = 500;
/// Most bytes of one mutation. Far below [`BODY_BYTES`], so that a batch of one always fits and the queue drains.
pub const MUTATION_BYTES: usize = 256 * 1024;
/// Longest `mid`, row id, device id, boot id or clock tag.
pub const ID_CHARS: usize = 64;
/// Largest cursor, version and sequence number: what a JSON number holds exactly.
pub const MAX_NUMBER: i64 = (1 << 53) - 1;
/// Most bytes of one photo or other blob.
pub const BLOB_BYTES: i64 = 100 * 1024 * 1024;
/// Most uploads of a device that may be under way at once.
pub const BLOB_UPLOADS: i64 = 32;
/// Most bytes of one rescue.
pub const RESCUE_BYTES: u64 = 64 * 1024 * 1024;
/// How often a device may give something away.
pub const RESCUES: i64 = 20;
/// Days for which a phone keeps acknowledged mutations, to give them again to a server restored from a backup.
pub const KEEP_ACKED_DAYS: u32 = 30;

/// The limits as the server announces them at enrolment, and repeats with a 413.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Limits {
    pub push_mutations: usize,
    pub body_bytes: usize,
    pub page_limit: u32,
    pub mutation_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            push_mutations: PUSH_MUTATIONS,
            body_bytes: BODY_BYTES,
            page_limit: PAGE_LIMIT,
            mutation_bytes: MUTATION_BYTES,
        }
    }
}
