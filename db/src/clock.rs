//! The one home of the current time. A server runs on [`Clock::system`]; the demo runs faster and elsewhere in
//! time; tests set it by hand. Log-ins and rate limits use [`real_now`], which no demo can move.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use crate::types::Timestamp;

/// The wall clock of the machine, for what must never follow the demo's clock: sessions, rate limits.
#[expect(clippy::disallowed_methods, reason = "the one home of the wall clock")]
pub fn real_now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// A clock that all parts of one server share.
#[derive(Debug, Clone)]
pub struct Clock(Arc<Mutex<Anchor>>);

/// At real time `real`, this clock showed `shown`; since then it has run `speed` times as fast.
#[derive(Debug, Clone, Copy)]
struct Anchor {
    real: Timestamp,
    shown: Timestamp,
    speed: f64,
    follows_system: bool,
}

impl Clock {
    /// The clock of a real server.
    pub fn system() -> Self {
        let now = real_now();
        Self::anchored(Anchor { real: now, shown: now, speed: 1.0, follows_system: true })
    }

    /// A clock that starts at `shown` and runs `speed` times as fast as real time; 0 stands still.
    pub fn scaled(shown: Timestamp, speed: f64) -> Self {
        Self::anchored(Anchor { real: real_now(), shown, speed, follows_system: false })
    }

    fn anchored(anchor: Anchor) -> Self {
        Self(Arc::new(Mutex::new(anchor)))
    }

    fn anchor(&self) -> Anchor {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The current time on this clock.
    pub fn now(&self) -> Timestamp {
        let anchor = self.anchor();
        let real = real_now();
        if anchor.follows_system {
            return real;
        }
        let passed = (real.millis() - anchor.real.millis()) as f64 * anchor.speed;
        Timestamp::from_millis(anchor.shown.millis() + passed as i64)
    }

    /// How many times faster than real time this clock runs.
    pub fn speed(&self) -> f64 {
        self.anchor().speed
    }

    /// Sets the clock, keeping its speed. For tests and for the demo's start; a system clock stops following.
    pub fn set(&self, shown: Timestamp) {
        let mut anchor = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *anchor = Anchor { real: real_now(), shown, speed: anchor.speed, follows_system: false };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_of_speed_zero_stands_still_until_it_is_set() {
        let clock = Clock::scaled(Timestamp::from_millis(1_000), 0.0);
        assert_eq!(clock.now().millis(), 1_000);
        clock.set(Timestamp::from_millis(5_000));
        assert_eq!(clock.now().millis(), 5_000);
    }

    #[test]
    fn clones_share_one_time() {
        let clock = Clock::scaled(Timestamp::from_millis(0), 0.0);
        let other = clock.clone();
        clock.set(Timestamp::from_millis(42));
        assert_eq!(other.now().millis(), 42);
    }

    #[test]
    fn a_fast_clock_never_runs_backwards() {
        let clock = Clock::scaled(Timestamp::from_millis(0), 3_600.0);
        let first = clock.now();
        assert!(clock.now() >= first);
        assert_eq!(clock.speed(), 3_600.0);
    }
}
