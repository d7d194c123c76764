//! The one home of the current time. A server runs on [`Clock::system`]; the demo runs faster and elsewhere in
//! time; tests set it by hand. Log-ins and rate limits use [`real_now`], which no demo can move.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
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
    held: bool,
}

impl Anchor {
    fn at(&self, real: Timestamp) -> Timestamp {
        if self.follows_system {
            return real;
        }
        if self.held {
            return self.shown;
        }
        let passed = (real.millis() - self.real.millis()) as f64 * self.speed;
        Timestamp::from_millis(self.shown.millis() + passed as i64)
    }
}

impl Clock {
    /// The clock of a real server.
    pub fn system() -> Self {
        let now = real_now();
        Self::anchored(Anchor { real: now, shown: now, speed: 1.0, follows_system: true, held: false })
    }

    /// A clock that starts at `shown` and runs `speed` times as fast as real time; 0 stands still.
    pub fn scaled(shown: Timestamp, speed: f64) -> Self {
        Self::anchored(Anchor { real: real_now(), shown, speed, follows_system: false, held: false })
    }

    fn anchored(anchor: Anchor) -> Self {
        Self(Arc::new(Mutex::new(anchor)))
    }

    fn lock(&self) -> MutexGuard<'_, Anchor> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn anchor(&self) -> Anchor {
        *self.lock()
    }

    /// The current time on this clock.
    pub fn now(&self) -> Timestamp {
        self.anchor().at(real_now())
    }

    /// Stops the clock where it is, until it is let go. For the demo, whose day must not run away from a busy
    /// machine; a system clock cannot be held.
    pub fn hold(&self) {
        let mut anchor = self.lock();
        if !anchor.held && !anchor.follows_system {
            let real = real_now();
            *anchor = Anchor { real, shown: anchor.at(real), held: true, ..*anchor };
        }
    }

    /// Lets a held clock run on from where it stood.
    pub fn let_go(&self) {
        let mut anchor = self.lock();
        if anchor.held {
            *anchor = Anchor { real: real_now(), held: false, ..*anchor };
        }
    }

    /// Whether somebody holds it.
    pub fn is_held(&self) -> bool {
        self.anchor().held
    }

    /// How many times faster than real time this clock runs.
    pub fn speed(&self) -> f64 {
        self.anchor().speed
    }

    /// Sets the clock, keeping its speed. For tests and for the demo's start; a system clock stops following.
    pub fn set(&self, shown: Timestamp) {
        let mut anchor = self.lock();
        *anchor = Anchor { real: real_now(), shown, follows_system: false, ..*anchor };
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
    fn a_held_clock_stands_goes_on_from_there_and_never_jumps() {
        let clock = Clock::scaled(Timestamp::from_millis(0), 1_000_000.0);
        clock.hold();
        let shown = clock.now();
        clock.hold();
        assert_eq!(clock.now(), shown);
        clock.set(Timestamp::from_millis(42));
        assert_eq!((clock.now().millis(), clock.is_held()), (42, true), "it is set and still held");
        clock.let_go();
        assert!(!clock.is_held() && clock.now().millis() >= 42);
        let system = Clock::system();
        system.hold();
        assert!(!system.is_held(), "nobody holds real time");
    }

    #[test]
    fn a_fast_clock_never_runs_backwards() {
        let clock = Clock::scaled(Timestamp::from_millis(0), 3_600.0);
        let first = clock.now();
        assert!(clock.now() >= first);
        assert_eq!(clock.speed(), 3_600.0);
    }
}
