//! Errors of a whole request, as RFC 9457 problem documents. A single mutation never causes one: its fault is a
//! result of its own (see [`crate::push`]), so that one bad row cannot stop the queue.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::limits::Limits;

/// 409: the server was restored from a backup, or this device was enrolled against another one.
pub const EPOCH_CHANGED: &str = "epoch_changed";
/// 413: the body or the batch is larger than `limits`; halve it.
pub const TOO_LARGE: &str = "too_large";
/// 401: unknown or expired token, or one that another has replaced. The queue is kept.
pub const UNAUTHENTICATED: &str = "unauthenticated";
/// 401: the office has revoked the device. It gives what waits to `/sync/v1/rescue`, then erases.
pub const REVOKED: &str = "revoked";

/// 426: the phone's document shapes are too old to be served. Its queue was taken all the same; the app needs an
/// update.
pub const SCHEMA_TOO_OLD: &str = "schema_too_old";

/// The parts of a problem document that a phone acts upon; the server may send more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SyncProblem {
    #[serde(rename = "type", default)]
    pub kind: String,
    #[serde(default)]
    pub title: String,
    pub status: u16,
    pub code: String,
    #[serde(default)]
    pub detail: String,
    /// With `epoch_changed`: the epoch to continue in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<String>,
    /// With `too_large`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Limits>,
    /// With `schema_too_old`: the oldest that is served.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest_schema: Option<u32>,
}

impl SyncProblem {
    fn new(status: u16, code: &str, title: &str, detail: String) -> Self {
        Self {
            kind: format!("/problems/{code}"),
            title: title.into(),
            status,
            code: code.into(),
            detail,
            epoch: None,
            limits: None,
            oldest_schema: None,
        }
    }

    pub fn epoch_changed(epoch: &str) -> Self {
        let detail = format!("this server is in epoch {epoch}: pull from cursor 0, then push again");
        Self { epoch: Some(epoch.into()), ..Self::new(409, EPOCH_CHANGED, "Epoch changed", detail) }
    }

    pub fn revoked() -> Self {
        let detail = "this device was revoked: only /sync/v1/rescue takes what it has".to_owned();
        Self::new(401, REVOKED, "Device revoked", detail)
    }

    pub fn schema_too_old(oldest: u32) -> Self {
        let detail = format!(
            "documents are served from schema {oldest} on: update the app; what it pushes is still taken"
        );
        Self { oldest_schema: Some(oldest), ..Self::new(426, SCHEMA_TOO_OLD, "App too old", detail) }
    }

    pub fn too_large(limits: Limits) -> Self {
        let detail =
            format!("at most {} mutations and {} bytes a request", limits.push_mutations, limits.body_bytes);
        Self { limits: Some(limits), ..Self::new(413, TOO_LARGE, "Batch too large", detail) }
    }
}
