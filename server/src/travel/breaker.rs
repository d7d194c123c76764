//! Leaves somebody alone who does not answer, and tries again by itself: after so many failures in a row for a
//! second, then for twice as long each time, up to a minute. When the time is over one caller tries; the others go on
//! without until he has an answer.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The first pause.
const SHORTEST: Duration = Duration::from_secs(1);
/// The longest pause.
const LONGEST: Duration = Duration::from_secs(60);

/// Counts failures; callers bring the time.
#[derive(Debug)]
pub struct Breaker {
    allowed: u32,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    failures: u32,
    /// Nobody asks before this instant; none: everybody may.
    until: Option<Instant>,
}

impl Breaker {
    /// Breaks with the last of so many failures in a row.
    pub fn after(failures: u32) -> Self {
        Self { allowed: failures.max(1), state: Mutex::default() }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether to ask now. After a pause only the first caller may, until it is known what became of it.
    pub fn may_ask(&self, now: Instant) -> bool {
        let mut state = self.state();
        match state.until {
            Some(until) if now < until => false,
            Some(_) => {
                let pause = self.pause(state.failures);
                state.until = Some(now + pause);
                true
            }
            None => true,
        }
    }

    /// Whether it has broken and was not mended yet.
    pub fn is_open(&self) -> bool {
        self.state().until.is_some()
    }

    /// It works.
    pub fn answered(&self) {
        *self.state() = State::default();
    }

    /// It does not; true if it breaks now.
    pub fn failed(&self, now: Instant) -> bool {
        let mut state = self.state();
        state.failures = state.failures.saturating_add(1);
        if state.failures < self.allowed {
            return false;
        }
        let breaks = state.until.is_none();
        let pause = self.pause(state.failures);
        state.until = Some(now + pause);
        breaks
    }

    fn pause(&self, failures: u32) -> Duration {
        let doublings = failures.saturating_sub(self.allowed).min(16);
        SHORTEST.saturating_mul(1 << doublings).min(LONGEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_breaks_after_failures_in_a_row_and_is_tried_again_by_one() {
        let (breaker, start) = (Breaker::after(2), Instant::now());
        let at = |ms| start + Duration::from_millis(ms);
        assert!(!breaker.failed(at(0)) && breaker.may_ask(at(0)), "one failure is nothing");
        breaker.answered();
        assert!(!breaker.failed(at(1)) && breaker.failed(at(2)) && breaker.is_open());
        assert!(!breaker.may_ask(at(900)));
        assert!(breaker.may_ask(at(1_100)), "the first after the pause tries");
        assert!(!breaker.may_ask(at(1_100)), "the second does not");
        breaker.answered();
        assert!(!breaker.is_open() && breaker.may_ask(at(1_101)));
    }

    #[test]
    fn pauses_double_up_to_a_minute() {
        let (breaker, start) = (Breaker::after(1), Instant::now());
        let mut now = start;
        for seconds in [1, 2, 4, 8, 16, 32, 60, 60] {
            breaker.failed(now);
            assert!(!breaker.may_ask(now + Duration::from_millis(seconds * 1_000 - 1)), "{seconds}");
            now += Duration::from_secs(seconds);
            assert!(breaker.may_ask(now), "{seconds}");
        }
    }
}
