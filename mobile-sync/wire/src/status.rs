//! `GET /sync/v1/status`: how far the server has come with this device; asked by a person's "is it all up there?".

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct StatusResponse {
    pub epoch: String,
    /// All mutations of this device up to this `seq` are in the inbox.
    pub acked_seq: i64,
    /// Mutations stored but waiting for an earlier `seq`.
    pub held: i64,
    /// Conflict cards of this device's work that the office has not answered.
    pub open_conflicts: i64,
    /// UTC milliseconds.
    pub server_time: i64,
}
