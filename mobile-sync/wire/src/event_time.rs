//! When something really happened, told by a device whose wall clock may be wrong by hours.
//!
//! Within one start of the device its monotonic clock is exact: an event lies as far before the arrival as it lies
//! before the sending. Over a restart only the wall clock is left, corrected by what is known of its error now, and
//! the result is flagged.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::limits;

/// The clocks of a device at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Stamp {
    /// Wall clock, UTC milliseconds.
    pub wall: i64,
    /// Milliseconds since the start named by `boot`.
    pub mono: i64,
    pub boot: String,
}

/// When it happened, as well as can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EventTime {
    /// UTC milliseconds by the server's clock; never later than the arrival.
    pub at: i64,
    pub time_uncertain: bool,
}

/// Corrects the time of an event that arrived at `received_at` (server's clock) in a push `sent` by the same device.
pub fn corrected(event: &Stamp, sent: Option<&Stamp>, received_at: i64) -> EventTime {
    let received_at = tame(received_at);
    let certain = |at: i64| EventTime { at: at.clamp(0, received_at), time_uncertain: false };
    let uncertain = |at: i64| EventTime { at: at.clamp(0, received_at), time_uncertain: true };
    match sent {
        Some(sent) if sent.boot == event.boot && sent.mono >= event.mono => {
            certain(received_at - (tame(sent.mono) - tame(event.mono)))
        }
        Some(sent) => uncertain(tame(event.wall) + offset(sent.wall, sent.wall, received_at)),
        None => uncertain(tame(event.wall)),
    }
}

/// What to add to a device's wall clock to get the server's: its answer was made half way between sending and
/// receiving, as in NTP.
pub fn offset(sent_wall: i64, received_wall: i64, server_time: i64) -> i64 {
    tame(server_time) - i64::midpoint(tame(sent_wall), tame(received_wall))
}

/// A stranger's number, brought into range before it is subtracted.
fn tame(n: i64) -> i64 {
    n.clamp(0, limits::MAX_NUMBER)
}
