//! `POST /sync/v1/rescue`: bytes that a phone gives away because it cannot push them: it was revoked, its app cannot
//! read its own database any more, somebody logs out. Stored as they come, never looked into.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RescueResponse {
    pub id: String,
    pub bytes: i64,
    /// Of the bytes as they arrived, in lower-case hexadecimal: erase only when it is yours.
    pub sha256: String,
    /// UTC milliseconds.
    pub received_at: i64,
}
