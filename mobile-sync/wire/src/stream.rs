//! `GET /sync/v1/stream`: server-sent events that wake a phone. They carry no data, so losing one is harmless: what
//! they tell of is in the next pull.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// `event: hello`, the first of every stream: the server listens for this phone from now on. What was before it is
/// not told; the phone pulls once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Hello {
    /// UTC milliseconds.
    pub server_time: i64,
}

/// `event: poke`: the phone's feed has moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Poke {
    /// Whoever has read up to here already need not pull.
    pub cursor: i64,
}

/// `event: wipe`, the last of a stream: the device was revoked. It gives what waits to `/sync/v1/rescue`, then erases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Wipe {
    /// UTC milliseconds.
    pub server_time: i64,
}
