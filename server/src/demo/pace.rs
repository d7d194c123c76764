//! Holds the demo's clock while the server, or the machine, cannot follow it: a fast day then takes longer, and
//! nobody in it comes late because a computer was busy.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use db::clock::real_now;
use db::{Clock, Timestamp};

use super::error::DemoError;

/// A call that takes longer in real time, or a world that does not come round for so long, holds the clock.
const PATIENCE_MS: i64 = 300;
/// How often somebody looks, and how often the world says that it came round.
const LOOK: Duration = Duration::from_millis(25);

/// What is under way.
#[derive(Debug)]
struct Going {
    /// When the world last came round; nothing before it began.
    beat_at: Option<Timestamp>,
    /// When calls began, by a number of their own.
    calls: BTreeMap<u64, Timestamp>,
    next_call: u64,
}

/// Who must not fall behind.
#[derive(Debug)]
pub struct Pace(Mutex<Going>);

/// A call that is under way until this is dropped.
#[derive(Debug)]
pub struct Call<'a>(&'a Pace, u64);

impl Drop for Call<'_> {
    fn drop(&mut self) {
        self.0.going().calls.remove(&self.1);
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self(Mutex::new(Going { beat_at: None, calls: BTreeMap::new(), next_call: 0 }))
    }
}

impl Pace {
    fn going(&self) -> MutexGuard<'_, Going> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody calls the server.
    pub fn call(&self) -> Call<'_> {
        let mut going = self.going();
        let number = going.next_call;
        going.next_call += 1;
        going.calls.insert(number, real_now());
        Call(self, number)
    }

    /// Says again and again that the world comes round. To run on the world's own thread.
    pub async fn beat(self: Arc<Self>) {
        let mut timer = tokio::time::interval(LOOK);
        timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            timer.tick().await;
            self.going().beat_at = Some(real_now());
        }
    }

    fn is_behind(&self, now: Timestamp) -> bool {
        let going = self.going();
        let long_ago = |at: Timestamp| now.millis() - at.millis() > PATIENCE_MS;
        going.beat_at.is_some_and(long_ago) || going.calls.values().copied().any(long_ago)
    }
}

/// Somebody who holds the clock; lets it go for good when this is dropped.
#[derive(Debug)]
pub struct Keeper {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    /// Begins to look, on a thread of his own: the world's may be the one that is busy.
    ///
    /// # Errors
    /// When there is no thread to be had.
    pub fn start(pace: Arc<Pace>, clock: Clock) -> Result<Self, DemoError> {
        let (stop, stopped) = channel();
        let thread = std::thread::Builder::new()
            .name("fettle-pace".to_owned())
            .spawn(move || keep(&pace, &clock, &stopped))
            .map_err(|e| DemoError::Io("the pace's thread".to_owned(), e))?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.stop.take());
        // He only fails if he panicked, and then the clock runs on its own.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn keep(pace: &Pace, clock: &Clock, stopped: &Receiver<()>) {
    while stopped.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
        if pace.is_behind(real_now()) {
            clock.hold();
        } else {
            clock.let_go();
        }
    }
    clock.let_go();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn later() -> Timestamp {
        real_now().plus_millis(PATIENCE_MS + 1)
    }

    #[test]
    fn who_waits_for_the_server_falls_behind_and_no_longer_when_it_answered() {
        let pace = Pace::default();
        assert!(!pace.is_behind(later()), "nobody does anything");
        let (first, second) = (pace.call(), pace.call());
        assert!(!pace.is_behind(real_now()), "they have just begun");
        drop(first);
        assert!(pace.is_behind(later()), "one still waits");
        drop(second);
        assert!(!pace.is_behind(later()));
    }

    #[tokio::test]
    async fn a_world_that_does_not_come_round_is_behind() {
        let pace = Arc::new(Pace::default());
        let beating = tokio::spawn(pace.clone().beat());
        while pace.going().beat_at.is_none() {
            tokio::task::yield_now().await;
        }
        beating.abort();
        assert!(!pace.is_behind(real_now()));
        assert!(pace.is_behind(later()));
    }

    #[test]
    fn the_clock_stands_while_somebody_is_behind_and_runs_when_nobody_watches() {
        let (pace, clock) = (Arc::new(Pace::default()), Clock::scaled(Timestamp::from_millis(0), 100.0));
        let keeper = Keeper::start(pace.clone(), clock.clone()).unwrap();
        pace.going().beat_at = Some(real_now().plus_millis(-2 * PATIENCE_MS));
        while !clock.is_held() {
            std::thread::yield_now();
        }
        let shown = clock.now();
        assert_eq!(clock.now(), shown, "it stands");
        drop(keeper);
        assert!(!clock.is_held());
        while clock.now() == shown {
            std::thread::yield_now();
        }
    }
}
