//! `POST /sync/v1/devices`: a device introduces itself, authenticated by its engineer's session, and receives the
//! token that every later request carries. Enrolling the same `device_id` again gives a new token to the same
//! device; its inbox and `acked_seq` stay.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::limits::Limits;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnrolRequest {
    /// UUID chosen by the device at its first start; the writer of its edits from then on.
    pub device_id: String,
    /// `android`, `ios`, `web`, `simulated`, …: shown to the office, decides nothing.
    pub platform: String,
    pub app_version: String,
    /// A code from the office, instead of the engineer's session: good once, and not for long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The document shapes this app was built for: [`crate::SCHEMA`] at its build.
    pub schema: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EnrolResponse {
    /// Bearer token, bound to this device. Shown once.
    pub token: String,
    pub epoch: String,
    /// UTC milliseconds.
    pub server_time: i64,
    pub limits: Limits,
    pub policy: Policy,
}

/// What the organisation decides for its phones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Policy {
    /// Whose phone this is: goes into `engineer_id` of every row the phone makes.
    pub engineer_id: String,
    /// Days for which acknowledged mutations are kept on the phone.
    pub keep_acked_days: u32,
}
