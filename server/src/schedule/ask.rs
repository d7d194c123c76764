//! Asking dispatch about one ticket: what it is told beside what it has in memory, and what it answered.

use std::borrow::Cow;
use std::collections::HashMap;

use db::schema::{assignments, customers};
use db::types::{EngineerId, PartId};
use db::{Conn, Timestamp};
use diesel::prelude::*;
use dispatch::first_visit::Chances;
use dispatch::needs::Outlook;
use dispatch::{
    Familiarity, Fresh, Load, PartQuantity, PartSupply, Policy, Query, Ranking, Recommendation, Sourcing,
    Strategy, TravelTimes,
};
use uuid::Uuid;

use super::{Board, load, sourcing};
use crate::error::Error;
use crate::inventory::needs;
use crate::tickets::Ticket;
use crate::travel::TravelBasis;

/// What is fresher than memory, or of no use to any ticket but this one.
#[derive(Debug, Default)]
pub struct Facts {
    loads: HashMap<Uuid, Load>,
    supply: PartSupply,
    familiarity: HashMap<Uuid, Familiarity>,
    last_assigned_at: HashMap<Uuid, dispatch::Millis>,
    chances: Option<Chances>,
}

impl Facts {
    /// Of those who come into question: their loads, the stock that they could use, how well they know customer and
    /// asset, and, if they take turns, when each had his last.
    ///
    /// # Errors
    /// A failure of the database.
    pub fn read(
        conn: &mut Conn,
        board: &Board,
        ticket: &Ticket,
        query: &Query<'_>,
        engineers: &[EngineerId],
    ) -> Result<Self, Error> {
        if engineers.is_empty() {
            return Ok(Self::default());
        }
        let chances = chances(conn, board, query.policy, ticket)?;
        let likely = chances.iter().flat_map(|chances| &chances.likely).map(|part| part.part_id);
        let needed = query.visit.needed_parts.iter().map(|part| part.part_id);
        let parts = needed.chain(likely).map(PartId::from_uuid).collect();
        let supply = supply(conn, board, query.policy, engineers, parts)?;
        let take_turns = query.policy.strategy == Strategy::RoundRobin;
        Ok(Self {
            loads: load::of(conn, engineers)?,
            supply,
            familiarity: board.familiarity(ticket, engineers),
            chances,
            last_assigned_at: if take_turns { last_assigned_at(conn, engineers)? } else { HashMap::new() },
        })
    }

    /// In the words of dispatch, with these travel times.
    pub fn fresh<'a>(&'a self, travel: &'a dyn TravelTimes) -> Fresh<'a> {
        Fresh {
            familiarity: Some(&self.familiarity),
            last_assigned_at: Some(&self.last_assigned_at),
            chances: self.chances.as_ref(),
            ..Fresh::new(&self.loads, &self.supply, travel)
        }
    }
}

/// Likely parts that are looked for; what is less likely than all these says little.
const MOST_LIKELY: usize = 12;

/// What the visit will probably need, if its policy asks how likely one visit is enough.
fn chances(
    conn: &mut Conn,
    board: &Board,
    policy: &Policy,
    ticket: &Ticket,
) -> Result<Option<Chances>, Error> {
    if policy.second_visit_minutes <= 0.0 && policy.least_first_visit <= 0.0 {
        return Ok(None);
    }
    let fault = needs::fault_of(conn, ticket)?;
    let mut likely = board.needs().of(&fault, &Outlook::default());
    likely.truncate(MOST_LIKELY);
    Ok(Some(Chances { likely, ..Chances::default() }))
}

/// Where these parts, or what may be taken instead, are free for one of these engineers.
fn supply(
    conn: &mut Conn,
    board: &Board,
    policy: &Policy,
    engineers: &[EngineerId],
    mut parts: Vec<PartId>,
) -> Result<PartSupply, Error> {
    if parts.is_empty() {
        return Ok(PartSupply::default());
    }
    let substitutes =
        if policy.substitutes { inventory::parts::substitutes(conn, &parts)? } else { Vec::new() };
    parts.extend(substitutes.iter().map(|(_, substitute)| *substitute));
    parts.sort_unstable();
    parts.dedup();
    let places = board.stock_places(engineers.iter().copied());
    let free = inventory::free_stock(conn, &parts, places.as_deref())?;
    Ok(sourcing::supply(free, &substitutes, |engineer| board.place_of(engineer)))
}

fn last_assigned_at(
    conn: &mut Conn,
    engineers: &[EngineerId],
) -> Result<HashMap<Uuid, dispatch::Millis>, Error> {
    let rows: Vec<(EngineerId, Option<Timestamp>)> = assignments::table
        .filter(assignments::engineer_id.eq_any(engineers))
        .group_by(assignments::engineer_id)
        .select((assignments::engineer_id, diesel::dsl::max(assignments::assigned_at)))
        .load(conn)?;
    Ok(rows.into_iter().filter_map(|(engineer, at)| Some((engineer.uuid(), at?.millis()))).collect())
}

/// The visit with all that this policy looks at.
///
/// # Errors
/// A failure of the database.
pub fn completed<'v>(
    conn: &mut Conn,
    policy: &Policy,
    ticket: &Ticket,
    visit: &'v dispatch::Visit,
) -> Result<Cow<'v, dispatch::Visit>, Error> {
    if !matches!(policy.strategy, Strategy::CustomerLevel { .. }) {
        return Ok(Cow::Borrowed(visit));
    }
    let level: String = customers::table.find(ticket.customer_id).select(customers::level).first(conn)?;
    // Levels are free text; only numbers can be compared.
    Ok(Cow::Owned(dispatch::Visit { customer_level: level.trim().parse().ok(), ..visit.clone() }))
}

/// An answer of dispatch, and what it was made from: what was promised in the ranking is what gets reserved.
pub struct Considered {
    /// The ranked list and the exclusions.
    pub recommendation: Recommendation,
    /// Whether the best of the list gets the ticket without being asked.
    pub chooses: bool,
    /// By which travel times.
    pub travel: TravelBasis,
    pub(super) needed: Vec<PartQuantity>,
    sourcings: Vec<Sourcing>,
    facts: Facts,
}

impl Considered {
    fn candidate(&self, engineer: EngineerId) -> Option<&dispatch::Candidate> {
        self.recommendation.ranked.iter().find(|c| c.engineer_id == engineer.uuid())
    }

    /// His score; none if he is not on the list.
    pub fn score_of(&self, engineer: EngineerId) -> Option<f64> {
        self.candidate(engineer).map(|c| c.score_minutes.as_f64())
    }

    /// When he would begin, as the ranking placed the visit among his others.
    pub(super) fn start_of(&self, engineer: EngineerId) -> Option<Timestamp> {
        self.candidate(engineer)?.starts_at.map(Timestamp::from_millis)
    }

    /// Minutes of work that he has in hand.
    pub(super) fn in_hand(&self, engineer: EngineerId) -> i64 {
        self.facts.loads.get(&engineer.uuid()).map_or(0, |load| i64::from(load.minutes))
    }

    /// Where his parts come from, as the ranking counted on it; none if he is not on the list.
    pub(super) fn sourcing_of(&self, engineer: EngineerId) -> Option<&Sourcing> {
        let ranked = self.recommendation.ranked.iter().position(|c| c.engineer_id == engineer.uuid())?;
        self.sourcings.get(ranked)
    }

    /// Where the needed parts were free.
    pub(super) fn supply(&self) -> &PartSupply {
        &self.facts.supply
    }
}

/// Who should take this ticket, with loads and stock as this connection sees them. `also` is somebody whom the
/// dispatcher asks about.
///
/// # Errors
/// A failure of the database.
pub fn recommend(
    conn: &mut Conn,
    board: &Board,
    ticket: &Ticket,
    visit: &dispatch::Visit,
    now: Timestamp,
    also: Option<EngineerId>,
) -> Result<Considered, Error> {
    let policies = board.policies();
    let policy = policies.of_kind(&ticket.kind);
    let visit = completed(conn, policy, ticket, visit)?;
    let query = Query::new(&visit, now.millis(), policy);
    let shortlist = board.shortlist(&query, also);
    let facts = Facts::read(conn, board, ticket, &query, &in_question(&shortlist, also))?;
    let roads = board.travel().roads(policy.straight_line);
    let Ranking { recommendation, sourcings } = dispatch::rank(shortlist, &query, &facts.fresh(&roads));
    let needed = visit.needed_parts.clone();
    let chooses = policy.strategy.chooses();
    Ok(Considered { recommendation, chooses, travel: roads.basis(), needed, sourcings, facts })
}

/// Those on the shortlist, and whom the dispatcher asks about: somebody whom a rule excludes may be sent all the
/// same, so his load and his van count too.
pub fn in_question(shortlist: &dispatch::Shortlist, also: Option<EngineerId>) -> Vec<EngineerId> {
    let listed = shortlist.engineer_ids().map(EngineerId::from_uuid);
    let mut engineers: Vec<EngineerId> = listed.chain(also).collect();
    engineers.sort_unstable();
    engineers.dedup();
    engineers
}
