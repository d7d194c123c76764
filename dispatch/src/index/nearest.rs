//! The nearest engineers who satisfy a question. Where they are many, a walk through the tree meets them
//! nearest first; where they are few, looking at every leaf's words once finds them all sooner. Both see the
//! same distances and settle ties by id, so the answer does not depend on the choice.

use super::gate::{Asked, Away};
use super::roll::Roll;
use super::tree::ACTIVE;
use super::{Roster, Seat};
use crate::calendar::stretch_at;
use crate::query::Query;
use crate::travel::{StraightLine, chord2, chord2_to_m, m_to_chord2};
use std::cmp::Ordering;
use uuid::Uuid;

/// An eligible engineer and how far away he is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Near {
    pub engineer_id: Uuid,
    pub distance_m: f64,
}

/// Somebody met on the way; ordered by distance, then by id.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    pub chord2: f64,
    pub id: Uuid,
    pub number: u32,
}

impl Ord for Found {
    fn cmp(&self, other: &Self) -> Ordering {
        self.chord2.total_cmp(&other.chord2).then(self.id.cmp(&other.id))
    }
}

impl PartialOrd for Found {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Found {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Found {}

/// Who is wanted of those that break no rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Duty {
    Any,
    /// On duty when the visit may begin, or only later.
    Present(bool),
}

/// The `count` best seen so far, best first. A question wants few, so a sorted list beats a heap.
pub(super) struct Best<T> {
    count: usize,
    pub found: Vec<T>,
}

impl<T: Ord> Best<T> {
    pub fn new(count: usize) -> Self {
        Self { count, found: Vec::with_capacity(count.min(64)) }
    }

    pub fn is_full(&self) -> bool {
        self.found.len() >= self.count
    }

    pub fn offer(&mut self, item: T) {
        let place = self.found.partition_point(|other| *other < item);
        if place < self.count {
            if self.is_full() {
                self.found.pop();
            }
            self.found.insert(place, item);
        }
    }
}

/// What things cost, in nanoseconds at 100,000 engineers; only their ratios matter, and only for speed.
/// To look at a word of a leaf one after the other; to come to a leaf on a walk; to measure somebody.
const WORD_NS: f64 = 0.5;
const LEAF_NS: f64 = 20.0;
const MEASURE_NS: f64 = 8.0;

impl Roster {
    /// The `count` nearest engineers who break no rule, nearest first; exactly those that a scan over
    /// everybody would find.
    pub fn nearest(&self, query: &Query, count: usize) -> Vec<Near> {
        let near = |found: Found| Near { engineer_id: found.id, distance_m: chord2_to_m(found.chord2) };
        self.nearest_fit(query, count, Duty::Any).into_iter().map(near).collect()
    }

    pub(crate) fn nearest_fit(&self, query: &Query, count: usize, duty: Duty) -> Vec<Found> {
        let asked = self.asked(query);
        let fits = |number, chord2| self.fits(&asked, duty, number, chord2);
        if self.scan_is_cheaper(&asked, count) {
            self.scan(&asked, count, fits)
        } else {
            self.walk(&asked, count, fits)
        }
    }

    #[cfg(test)]
    pub(super) fn both_ways(&self, query: &Query, count: usize) -> [Vec<Found>; 2] {
        let asked = self.asked(query);
        let fits = |number, chord2| self.fits(&asked, Duty::Any, number, chord2);
        [self.scan(&asked, count, fits), self.walk(&asked, count, fits)]
    }

    /// From leaf to leaf, near ones first, until nobody nearer can come.
    fn walk(&self, asked: &Asked, count: usize, fits: impl Fn(u32, f64) -> bool) -> Vec<Found> {
        let mut best = Best::new(count);
        let mut reach = reach(asked.query);
        let word = |leaf| self.tree.holding(leaf, &asked.marks);
        self.tree.walk(asked.query.unit(), reach, word, |spot, chord2| {
            if fits(spot.number, chord2) {
                best.offer(Found { chord2, id: self.gates[spot.number as usize].id, number: spot.number });
                if best.is_full() {
                    reach = best.found.last().map_or(0.0, |last| last.chord2);
                }
            }
            reach
        });
        best.found
    }

    /// Looks at everybody who holds the skills, nearest first.
    fn scan(&self, asked: &Asked, count: usize, fits: impl Fn(u32, f64) -> bool) -> Vec<Found> {
        let reach = reach(asked.query);
        let mut holders: Vec<(f64, u32)> =
            self.holders(asked).filter(|(chord2, _)| *chord2 <= reach).collect();
        holders.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let mut found: Vec<Found> = Vec::with_capacity(count.min(holders.len()));
        for (chord2, number) in holders {
            // On past the last of them while others are just as far: ties are settled by id, below.
            if found.len() >= count && found.last().is_none_or(|last| chord2 > last.chord2) {
                break;
            }
            if fits(number, chord2) {
                found.push(Found { chord2, id: self.gates[number as usize].id, number });
            }
        }
        found.sort_unstable();
        found.truncate(count);
        found
    }

    /// Everybody active who holds certificates for the required skills, and how far away he is.
    fn holders<'a>(&'a self, asked: &'a Asked) -> impl Iterator<Item = (f64, u32)> + 'a {
        (0..self.roll.groups())
            .map(|group| (group, self.roll.holding(group, &asked.marks)))
            .filter(|(_, word)| *word != 0)
            .flat_map(|(group, word)| Roll::numbers(group, word))
            .map(|number| (chord2(self.roll.unit(number), asked.query.unit()), number))
    }

    fn fits(&self, asked: &Asked, duty: Duty, number: u32, chord2: f64) -> bool {
        self.is_wanted(asked, number, duty) && {
            let away = Away { most: chord2, exact: || chord2, is_certified: false };
            self.broken_by_holder(asked, number, away).is_none()
        }
    }

    fn is_wanted(&self, asked: &Asked, number: u32, duty: Duty) -> bool {
        let Duty::Present(wanted) = duty else { return true };
        let on_duty = self.gates[number as usize].is_on_duty(asked);
        let by_profile =
            |seat: &Seat| stretch_at(seat.profile.duty.present(), asked.query.begins_at()).is_some();
        on_duty.unwrap_or_else(|| self.seat(number).is_some_and(by_profile)) == wanted
    }

    /// The question with its skills as numbers. A skill that nobody ever held has none: nobody has that mark.
    pub(super) fn asked<'a>(&self, query: &'a Query<'a>) -> Asked<'a> {
        let number = |skill: &str| self.skills.get(skill).copied().unwrap_or(u32::MAX);
        let wanted: Vec<(u32, u8)> =
            query.requirements().map(|(required, _)| (number(&required.skill), required.level)).collect();
        let marks = match wanted.is_empty() {
            true => vec![ACTIVE],
            false => wanted.iter().map(|(mark, _)| *mark).collect(),
        };
        let level = wanted.iter().map(|(_, level)| *level).max().unwrap_or(0);
        let sure_m = query.policy.max_distance_m * 0.999_999 - 1.0;
        let sure_chord2 = if sure_m > 0.0 { m_to_chord2(sure_m) } else { -1.0 };
        // Chords grow slower than arcs: what holds for the longest holds for all.
        let StraightLine { road_factor, speed_kmh } = query.policy.straight_line;
        let longest_ms = 1_000.0 * sure_m * road_factor / (speed_kmh / 3.6);
        Asked {
            query,
            marks,
            wanted,
            level,
            sure_chord2,
            ms_per_chord: longest_ms / sure_chord2.max(0.0).sqrt(),
            is_current: query.now >= self.now,
        }
    }

    /// Estimated as if skills were spread evenly and every other holder were accepted.
    fn scan_is_cheaper(&self, asked: &Asked, count: usize) -> bool {
        let everybody = self.tree.len().max(1) as f64;
        let share = |mark: &u32| self.tree.count(*mark) as f64 / everybody;
        let holders = everybody * asked.marks.iter().map(share).product::<f64>();
        let leaves = f64::from(self.tree.leaves());
        let scan_ns = leaves * WORD_NS * asked.marks.len() as f64 + holders * MEASURE_NS;
        let walked = (2.0 * count as f64 / holders * leaves).min(leaves) + 10.0;
        scan_ns < 2.0 * walked * LEAF_NS
    }
}

/// Beyond this nobody needs to be looked at. A little wide: the rule itself decides at the edge.
fn reach(query: &Query) -> f64 {
    m_to_chord2(query.policy.max_distance_m * 1.000_001 + 1.0)
}
