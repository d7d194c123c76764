//! The nearest engineers who satisfy a question, by whichever of the two structures is cheaper for it.
//! Both see the same distances and settle ties by id, so the answer does not depend on the choice.

use super::{Roster, Tag};
use crate::case::Case;
use crate::query::Query;
use crate::rules::first_broken;
use crate::travel::{chord2_to_m, m_to_chord2};
use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
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

/// What things cost, in nanoseconds at 100,000 engineers; only their ratios matter, and only for speed.
/// To pass over a holder in a list who lacks another skill; to place one who has them all; to meet
/// somebody on a walk through the tree.
const PASS_NS: f64 = 1.0;
const PLACE_NS: f64 = 40.0;
const STEP_NS: f64 = 200.0;

impl Roster {
    /// The `count` nearest engineers who break no rule, nearest first; exactly those that a scan over
    /// everybody would find.
    pub fn nearest(&self, query: &Query, count: usize) -> Vec<Near> {
        let found = self.nearest_where(query, count, |case| first_broken(case).is_none());
        let near = |found: Found| Near { engineer_id: found.id, distance_m: chord2_to_m(found.chord2) };
        found.into_iter().map(near).collect()
    }

    /// The `count` nearest holders of the required skills who are accepted. `accept` must refuse
    /// whoever lacks a skill or is beyond the policy's distance; it need not be asked about them.
    pub(crate) fn nearest_where(
        &self,
        query: &Query,
        count: usize,
        accept: impl Fn(&Case) -> bool,
    ) -> Vec<Found> {
        match self.rarest_holders(query) {
            Some(holders) if self.scan_is_cheaper(query, count, holders.len()) => {
                self.scan(query, count, holders, accept)
            }
            _ => self.walk(query, count, accept),
        }
    }

    /// Holders of the required skill that fewest hold; `None` if no skill is required.
    fn rarest_holders(&self, query: &Query) -> Option<&[Tag]> {
        query
            .requirements()
            .map(|(requirement, _)| self.holders(&requirement.skill))
            .min_by_key(|list| list.len())
    }

    fn holders(&self, skill: &str) -> &[Tag] {
        self.by_skill.get(skill).map_or(&[], Vec::as_slice)
    }

    /// Estimated as if skills were spread evenly and everybody who holds them were accepted.
    fn scan_is_cheaper(&self, query: &Query, count: usize, listed: usize) -> bool {
        let everybody = self.len() as f64;
        let share = |skill: &str| self.holders(skill).len() as f64 / everybody;
        let holding_all: f64 =
            query.requirements().map(|(requirement, _)| share(&requirement.skill)).product();
        let scan_ns = listed as f64 * PASS_NS + everybody * holding_all * PLACE_NS;
        let steps = (count as f64 / holding_all).min(everybody);
        scan_ns < steps * STEP_NS
    }

    fn walk(&self, query: &Query, count: usize, accept: impl Fn(&Case) -> bool) -> Vec<Found> {
        let reach = reach(query);
        let mut found: Vec<Found> = Vec::with_capacity(count.min(self.len()));
        for (entry, chord2) in self.tree.nearest_neighbor_iter_with_distance_2(*query.unit()) {
            // On past the last of them while others are just as far: ties are settled by id, below.
            let enough = found.len() >= count && found.last().is_none_or(|last| chord2 > last.chord2);
            if enough || chord2 > reach {
                break;
            }
            let Tag { number, marks } = entry.data;
            if marks & query.marks() != query.marks() {
                continue;
            }
            let Some(seat) = self.seat(number) else { continue };
            if accept(&seat.case(query, chord2)) {
                found.push(Found { chord2, id: seat.id(), number });
            }
        }
        found.sort_unstable();
        found.truncate(count);
        found
    }

    fn scan(
        &self,
        query: &Query,
        count: usize,
        holders: &[Tag],
        accept: impl Fn(&Case) -> bool,
    ) -> Vec<Found> {
        let reach = reach(query);
        let mut near: Vec<Reverse<Found>> = Vec::new();
        for Tag { number, .. } in holders.iter().filter(|tag| tag.marks & query.marks() == query.marks()) {
            let chord2 = self.chord2(*number, query);
            if chord2 <= reach {
                near.push(Reverse(Found { chord2, id: self.spots[*number as usize].id, number: *number }));
            }
        }
        // A heap is made in one pass, and usually only few need to come off it.
        let mut near = BinaryHeap::from(near);
        let mut found = Vec::with_capacity(count.min(near.len()));
        while found.len() < count
            && let Some(Reverse(next)) = near.pop()
        {
            let seat = self.seat(next.number);
            if seat.is_some_and(|seat| accept(&seat.case(query, next.chord2))) {
                found.push(next);
            }
        }
        found
    }
}

/// Beyond this nobody needs to be looked at. A little wide: the rule itself decides at the edge.
fn reach(query: &Query) -> f64 {
    m_to_chord2(query.policy.max_distance_m * 1.000_001 + 1.0)
}
