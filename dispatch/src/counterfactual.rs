//! What would have to be different: the smallest change by which a loser would be first, or by which somebody who
//! is excluded could take the visit. Each is found by making the change and asking again, with the very function that
//! ranks; a minute, a metre or a level less was tried too, and does not suffice.
//!
//! One change at a time. Whoever has several things in his way gets no counterfactual: his first rule and its fact say
//! what to begin with.

mod change;
mod search;

use crate::Policy;
use crate::index::Roster;
use crate::problem::{Engineer, Load, Point, Visit};
use crate::query::Query;
use crate::recommend::{Fresh, rank, shortlist};
use crate::route::Route;
use crate::score::Minutes;
use crate::sourcing::PartSupply;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use uuid::Uuid;

pub use change::Change;
use search::Search;

/// Losers who are looked at when nobody in particular is asked about.
const LOSERS: usize = 3;

/// What the change achieves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// He would be the first of the ranked.
    First,
    /// He could take it.
    Placeable,
}

/// With this one change, and nothing else, he would reach the goal; with a little less he would not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Counterfactual {
    pub engineer_id: Uuid,
    pub code: String,
    pub name: String,
    pub goal: Goal,
    pub change: Change,
    /// His score then.
    pub score_minutes: Minutes,
}

impl fmt::Display for Counterfactual {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let goal = match self.goal {
            Goal::First => "would be first",
            Goal::Placeable => "could take it",
        };
        write!(f, "{} {goal} if {}", self.code, self.change)
    }
}

/// All that a change may change: what is known of one engineer, and what is asked.
#[derive(Clone, Debug)]
pub struct Scene {
    pub engineer: Engineer,
    /// Where he is taken to be.
    pub place: Point,
    pub load: Load,
    pub route: Option<Route>,
    pub visit: Visit,
    pub policy: Policy,
    pub supply: PartSupply,
}

/// The smallest changes for one engineer; without one, for those who come closest. If somebody can take the visit these
/// are the next three, and what would make each the first; if nobody can, for each kind of change the one among the
/// nearest 50 that is smallest.
pub fn counterfactuals(
    roster: &Roster,
    query: &Query,
    fresh: &Fresh,
    engineer_id: Option<Uuid>,
) -> Vec<Counterfactual> {
    let mut list = shortlist(roster, query);
    if let Some(id) = engineer_id {
        list.include(roster, query, id);
    }
    let answer = rank(list.clone(), query, fresh).recommendation;
    let search = Search { query, fresh, rivals: &list };
    let of = |id: Uuid| roster.seat_of(id).map(|seat| search.smallest(seat)).unwrap_or_default();
    if let Some(id) = engineer_id {
        return of(id);
    }
    if answer.ranked.is_empty() {
        return smallest_of_each_kind(answer.excluded.iter().flat_map(|excluded| of(excluded.engineer_id)));
    }
    answer.ranked.iter().skip(1).take(LOSERS).flat_map(|loser| of(loser.engineer_id)).collect()
}

/// Nearest engineers first, so of equal changes the nearer one's stays.
fn smallest_of_each_kind(all: impl Iterator<Item = Counterfactual>) -> Vec<Counterfactual> {
    let mut smallest: BTreeMap<u8, (i64, Counterfactual)> = BTreeMap::new();
    for one in all {
        let (kind, size) = (one.change.kind(), one.change.size());
        if smallest.get(&kind).is_none_or(|(least, _)| size < *least) {
            smallest.insert(kind, (size, one));
        }
    }
    smallest.into_values().map(|(_, one)| one).collect()
}
