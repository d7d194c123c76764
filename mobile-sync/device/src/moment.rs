//! Time and chance, given from outside with every call that needs them.

use mobile_sync_wire::event_time::Stamp;
use uuid::Builder;

/// The device's clocks at one moment, and randomness that is used for at most one id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// Wall clock, UTC milliseconds; may be wrong.
    pub wall: i64,
    /// Milliseconds since the start named by `boot`; never runs backwards within it.
    pub mono: i64,
    /// A new one for each start of the device.
    pub boot: String,
    /// Fresh for every call.
    pub random: [u8; 10],
}

impl Moment {
    pub(crate) fn stamp(&self) -> Stamp {
        Stamp { wall: self.wall, mono: self.mono, boot: self.boot.clone() }
    }

    /// A UUIDv7 of this moment by the server's clock, as far as it is known.
    pub(crate) fn id(&self, offset: i64) -> String {
        let millis = u64::try_from(self.wall.saturating_add(offset)).unwrap_or(0);
        Builder::from_unix_timestamp_millis(millis, &self.random).into_uuid().to_string()
    }
}
