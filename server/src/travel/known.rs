//! What the engine has said, by cell, bounded and for half a day; and what somebody asked for and nobody knew.
//!
//! The hour is no part of the key: both engines answer for free roads, the same at every hour. What the hour does to
//! a journey is learned from journeys ([`calibration`](super::calibration)) and applied when the answer is read.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use dispatch::Point;
use moka::sync::Cache;
use tokio::sync::Notify;

use super::cell::Cell;
use super::fetch::Table;

/// Most answers: some 60 MB.
const MOST_KNOWN: u64 = 500_000;
/// How long an answer holds: roads are closed and opened, and maps are renewed overnight.
const KNOWN_FOR: Duration = Duration::from_secs(12 * 3_600);
/// Most legs that have no answer.
const MOST_UNKNOWN: u64 = 50_000;
/// After so long the engine is asked again about what it did not know.
const UNKNOWN_FOR: Duration = Duration::from_secs(3_600);
/// Most pairs that wait to be asked for; more are forgotten, and noted again when they are missed again.
const MOST_WANTED: usize = 20_000;

type Pair = (Cell, Cell);

/// Road times by cell.
#[derive(Debug)]
pub struct Known {
    seconds: Cache<Pair, u32>,
    no_answer: Cache<Pair, ()>,
}

impl Default for Known {
    fn default() -> Self {
        Self {
            seconds: Cache::builder().max_capacity(MOST_KNOWN).time_to_live(KNOWN_FOR).build(),
            no_answer: Cache::builder().max_capacity(MOST_UNKNOWN).time_to_live(UNKNOWN_FOR).build(),
        }
    }
}

impl Known {
    /// Seconds; `Some(None)`: it was asked, and the engine knows no way. `None`: it was never asked.
    pub fn get(&self, from: Cell, to: Cell) -> Option<Option<u32>> {
        match self.seconds.get(&(from, to)) {
            Some(seconds) => Some(Some(seconds)),
            None => self.no_answer.contains_key(&(from, to)).then_some(None),
        }
    }

    /// Those of the legs that have to be asked for, each pair of cells once.
    pub fn missing(&self, legs: Vec<(Point, Point)>) -> Vec<(Point, Point)> {
        let mut seen = HashSet::with_capacity(legs.len());
        let mut is_new = |(from, to): &(Point, Point)| {
            let pair = (Cell::of(*from), Cell::of(*to));
            pair.0 != pair.1 && self.get(pair.0, pair.1).is_none() && seen.insert(pair)
        };
        legs.into_iter().filter(|leg| is_new(leg)).collect()
    }

    /// Keeps a table.
    pub fn learn(&self, sources: &[Point], targets: &[Point], table: &Table) {
        for (row, from) in table.iter().zip(sources) {
            for (seconds, to) in row.iter().zip(targets) {
                let pair = (Cell::of(*from), Cell::of(*to));
                match seconds {
                    Some(seconds) => self.seconds.insert(pair, *seconds),
                    None => self.no_answer.insert(pair, ()),
                }
            }
        }
    }
}

/// What was asked for and not known.
#[derive(Debug, Default)]
pub struct Wanted {
    pairs: Mutex<HashMap<Pair, (Point, Point)>>,
    woken: Notify,
}

impl Wanted {
    fn pairs(&self) -> std::sync::MutexGuard<'_, HashMap<Pair, (Point, Point)>> {
        self.pairs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes pairs, as far as there is room.
    pub fn add(&self, pairs: Vec<(Point, Point)>) {
        if pairs.is_empty() {
            return;
        }
        let mut waiting = self.pairs();
        for (from, to) in pairs {
            if waiting.len() >= MOST_WANTED {
                break;
            }
            waiting.insert((Cell::of(from), Cell::of(to)), (from, to));
        }
        drop(waiting);
        self.woken.notify_one();
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.pairs().is_empty()
    }

    /// So many of them, in any order.
    pub fn take(&self, most: usize) -> Vec<(Point, Point)> {
        let mut waiting = self.pairs();
        let taken: Vec<Pair> = waiting.keys().take(most).copied().collect();
        taken.iter().filter_map(|pair| waiting.remove(pair)).collect()
    }

    /// Waits until something is noted, or so long.
    pub async fn some(&self, at_most: Duration) {
        let _ = tokio::time::timeout(at_most, self.woken.notified()).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(east: f64) -> Point {
        Point { latitude: 40.75, longitude: -74.0 + east / 100.0 }
    }

    #[test]
    fn what_is_known_or_known_to_have_no_answer_is_not_asked_again() {
        let known = Known::default();
        let (sources, targets) = ([at(0.0), at(1.0)], [at(2.0)]);
        known.learn(&sources, &targets, &vec![vec![Some(60)], vec![None]]);
        let get = |from, to| known.get(Cell::of(from), Cell::of(to));
        assert_eq!((get(at(0.0), at(2.0)), get(at(1.0), at(2.0))), (Some(Some(60)), Some(None)));
        assert_eq!(get(at(2.0), at(0.0)), None, "there and back differ");
        let legs = vec![
            (at(0.0), at(2.0)),
            (at(1.0), at(2.0)),
            (at(2.0), at(0.0)),
            (at(2.0), at(0.0)),
            (at(3.0), at(3.0)),
        ];
        assert_eq!(known.missing(legs), [(at(2.0), at(0.0))]);
    }

    #[test]
    fn no_more_is_wanted_than_there_is_room_for() {
        let wanted = Wanted::default();
        wanted.add((0..MOST_WANTED + 10).map(|i| (at(0.0), at(i as f64))).collect());
        assert_eq!(wanted.take(usize::MAX).len(), MOST_WANTED);
        assert!(wanted.is_empty());
    }
}
