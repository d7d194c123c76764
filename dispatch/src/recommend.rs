//! Who should take this ticket now, and why not the others: the answer in two steps.
//!
//! [`shortlist`] needs only the roster: the nearest who break no rule, the count of the others under
//! each rule, and the nearest of those with their facts. [`rank`] then weighs the shortlist with loads
//! and stock that the caller read inside its transaction, and asks the rules once more: whoever was
//! given other work in between is excluded after all. So the slow part happens outside the
//! transaction, and nobody is overbooked because of it.

mod answer;
mod shortlist;
mod verdict;

use crate::case::{Case, Hand};
use crate::first_visit::{Chances, Outfit};
use crate::index::Roster;
use crate::problem::{Familiarity, Load, MS_PER_MINUTE, Millis, PartQuantity};
use crate::query::Query;
use crate::route::{Route, cheapest};
use crate::rules::{first_broken, is_certified};
use crate::score::{Minutes, terms, total};
use crate::sourcing::{PartSupply, Rates, Sourcing, Trip, source};
use crate::travel::TravelTimes;
pub(crate) use shortlist::Shortlisted;
use std::collections::HashMap;
use uuid::Uuid;

pub use answer::{Candidate, Excluded, Recommendation, RuleCount};
pub use shortlist::{EXCLUDED_IN_FULL, Shortlist, explain_all, shortlist};
pub use verdict::{Grade, Price, Verdict, verdicts};

/// What the caller read inside its transaction.
#[derive(Clone, Copy)]
pub struct Fresh<'a> {
    /// By engineer; whoever is missing has nothing in hand.
    pub loads: &'a HashMap<Uuid, Load>,
    pub supply: &'a PartSupply,
    pub travel: &'a dyn TravelTimes,
    /// By engineer; the route of whoever is missing is not known. `None`: as the roster knew them.
    pub routes: Option<&'a HashMap<Uuid, Route>>,
    /// By engineer; `None`, and whoever is missing: was never there.
    pub familiarity: Option<&'a HashMap<Uuid, Familiarity>>,
    /// By engineer, for taking turns; `None`, and whoever is missing: never.
    pub last_assigned_at: Option<&'a HashMap<Uuid, Millis>>,
    /// What is known of the parts that the visit will probably need; `None`: nobody asks how likely one visit is
    /// enough.
    pub chances: Option<&'a Chances>,
}

impl<'a> Fresh<'a> {
    /// With routes as the roster knew them, and nobody known to the customer.
    pub fn new(loads: &'a HashMap<Uuid, Load>, supply: &'a PartSupply, travel: &'a dyn TravelTimes) -> Self {
        let (routes, familiarity) = (None, None);
        Self { loads, supply, travel, routes, familiarity, last_assigned_at: None, chances: None }
    }

    /// What he will do, if that is known.
    fn route_of<'c>(&self, candidate: &'c Shortlisted) -> Option<&'c Route>
    where
        'a: 'c,
    {
        match self.routes {
            Some(routes) => routes.get(&candidate.id()),
            None => candidate.route.as_deref(),
        }
    }
}

/// A ranked shortlist, and for each candidate where his parts come from: what the caller reserves when
/// it assigns him, so that it reserves what the score counted on.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    pub recommendation: Recommendation,
    /// In the order of `recommendation.ranked`.
    pub sourcings: Vec<Sourcing>,
}

impl Ranking {
    /// A ranked candidate and the source of his parts; `None` if he is not ranked.
    pub fn candidate(&self, engineer_id: Uuid) -> Option<(&Candidate, &Sourcing)> {
        let mut ranked = self.recommendation.ranked.iter().zip(&self.sourcings);
        ranked.find(|(candidate, _)| candidate.engineer_id == engineer_id)
    }
}

/// Orders a shortlist, best first. The query must be the one that the shortlist was made for, though
/// its `now` may be later.
pub fn rank(shortlist: Shortlist, query: &Query, fresh: &Fresh) -> Ranking {
    let Shortlist { candidates, mut excluded, mut counts, beyond_shortlist } = shortlist;
    let mut ranked = Vec::with_capacity(candidates.len());
    for candidate in &candidates {
        match weigh(candidate, query, fresh) {
            Ok(weighed) => ranked.push(weighed),
            Err(exclusion) => {
                counts.add(exclusion.rule);
                excluded.push(*exclusion);
            }
        }
    }
    ranked.sort_by_key(Weighed::order);
    let (ranked, sourcings) = ranked.into_iter().map(|weighed| (weighed.candidate, weighed.sourcing)).unzip();
    // Stable: those from the shortlist are in order already, to finer than a metre.
    excluded.sort_by_key(|exclusion| exclusion.distance_m);
    let recommendation = Recommendation {
        ranked,
        excluded,
        excluded_counts: counts.into_list(),
        beyond_shortlist,
        policy_version: query.policy.version,
    };
    Ranking { recommendation, sourcings }
}

/// Both steps with the loads that the roster knows: for a screen, where nothing is committed.
pub fn recommend(
    roster: &Roster,
    query: &Query,
    supply: &PartSupply,
    travel: &dyn TravelTimes,
) -> Recommendation {
    let shortlist = shortlist(roster, query);
    let loads = shortlist.loads();
    rank(shortlist, query, &Fresh::new(&loads, supply, travel)).recommendation
}

/// Somebody who can take it, and what he is ordered by.
struct Weighed {
    candidate: Candidate,
    sourcing: Sourcing,
    /// By the policy's strategy, before the score.
    key: i64,
}

/// What candidates are ordered by: the strategy's key, score, distance in metres, id.
pub(crate) type Order = (i64, Minutes, u32, Uuid);

/// What he would be ordered by, if no rule excludes him.
pub(crate) fn order_of(candidate: &Shortlisted, query: &Query, fresh: &Fresh) -> Option<Order> {
    weigh(candidate, query, fresh).ok().map(|weighed| weighed.order())
}

impl Weighed {
    fn order(&self) -> Order {
        (self.key, self.candidate.score_minutes, self.candidate.distance_m, self.candidate.engineer_id)
    }
}

/// A candidate as the rules and the score see him, with his place in the route and the way to his parts.
struct Looked<'a> {
    case: Case<'a>,
    sourcing: Sourcing,
    trip: Trip,
}

fn look<'a>(candidate: &'a Shortlisted, query: &'a Query, fresh: &Fresh) -> Looked<'a> {
    let engineer = &candidate.profile.engineer;
    let load = fresh.loads.get(&engineer.id).copied().unwrap_or_default();
    let route = fresh.route_of(candidate);
    // Road times vary by the hour: those at which he will set out.
    let work_minutes = if route.is_some() { 0 } else { load.minutes };
    let leave_at = query.now.saturating_add(i64::from(work_minutes) * MS_PER_MINUTE);
    let trip = Trip { from: candidate.place, to: query.visit.point, leave_at };
    let sourcing = brought(query, engineer.id, trip, fresh);
    let detour_seconds = sourcing.delay_seconds(&Rates::of(query.policy));
    let hand = route.map_or(Hand::Minutes, |route| {
        let place = cheapest(query, &candidate.profile, candidate.place, route, detour_seconds, fresh.travel);
        place.map_or(Hand::NoPlace, Hand::Place)
    });
    let case = Case::new(query, &candidate.profile, load, candidate.distance_m)
        .with_journey(fresh.travel.travel_seconds(trip.from, trip.to, leave_at), detour_seconds)
        .with_hand(hand);
    let case = first_visit_of(case, &sourcing, trip, fresh);
    Looked { case, sourcing, trip }
}

/// What it costs if he does it, or why he cannot after all.
fn weigh(candidate: &Shortlisted, query: &Query, fresh: &Fresh) -> Result<Weighed, Box<Excluded>> {
    let Looked { case, sourcing, trip } = look(candidate, query, fresh);
    let engineer = &candidate.profile.engineer;
    if let Some(rule) = first_broken(&case) {
        return Err(Box::new(Excluded::new(rule, &case)));
    }
    let familiarity = fresh.familiarity.and_then(|all| all.get(&engineer.id)).copied().unwrap_or_default();
    let terms = terms(&case, &sourcing, familiarity);
    let starts_at = starts(&case, trip, fresh.travel);
    let candidate = Candidate {
        engineer_id: engineer.id,
        code: engineer.code.clone(),
        name: engineer.name.clone(),
        score_minutes: total(&terms),
        distance_m: candidate.distance_m.round() as u32,
        starts_at: starts_at.map(|range| range.1),
        starts_from: starts_at.map(|range| range.0),
        starts_until: starts_at.map(|range| range.2),
        terms,
        first_visit: case.first_visit.clone(),
    };
    let last_assigned_at = fresh.last_assigned_at.and_then(|all| all.get(&engineer.id)).copied();
    Ok(Weighed { candidate, sourcing, key: query.policy.strategy.key(&case, last_assigned_at) })
}

/// Most likely parts that he fetches beside those that are needed for sure.
const MOST_FETCHED: usize = 2;

/// Where the needed parts come from, and of the likely ones those whose way costs less than the second visits that
/// they save.
fn brought(query: &Query, engineer_id: Uuid, trip: Trip, fresh: &Fresh) -> Sourcing {
    let policy = query.policy;
    let rates = Rates::of(policy);
    let mut needs = query.visit.needed_parts.clone();
    let from =
        |needs: &[PartQuantity]| source(needs, Some(engineer_id), fresh.supply, trip, &rates, fresh.travel);
    let mut sourcing = from(&needs);
    let Some(chances) = fresh.chances.filter(|_| policy.second_visit_minutes > 0.0) else { return sourcing };
    for _ in 0..MOST_FETCHED {
        let outfit = Outfit {
            engineer_id,
            is_certified: true,
            // With what he fetches already: a way is what it adds to that.
            needed: &needs,
            sourcing: &sourcing,
            supply: fresh.supply,
            trip,
            travel: fresh.travel,
        };
        let Some(raise) = chances.of(&outfit, policy).raise else { break };
        let costs = policy.travel_weight * f64::from(raise.delay_seconds) / 60.0;
        if policy.second_visit_minutes * raise.gain <= costs {
            break;
        }
        let quantity = raise.from.iter().map(|allocation| allocation.quantity).sum();
        needs.push(PartQuantity { part_id: raise.part_id, quantity });
        sourcing = from(&needs);
    }
    sourcing
}

/// The case with how likely one visit is enough, if that is asked.
fn first_visit_of<'a>(case: Case<'a>, sourcing: &Sourcing, trip: Trip, fresh: &Fresh) -> Case<'a> {
    let Some(chances) = fresh.chances else { return case };
    let outfit = Outfit {
        engineer_id: case.profile.engineer.id,
        is_certified: is_certified(&case),
        needed: &case.query.visit.needed_parts,
        sourcing,
        supply: fresh.supply,
        trip,
        travel: fresh.travel,
    };
    let first_visit = chances.of(&outfit, case.query.policy);
    case.with_first_visit(Some(first_visit))
}

/// When he begins: at the earliest, as planned, and at the latest, as journeys scatter.
fn starts(case: &Case, trip: Trip, travel: &dyn TravelTimes) -> Option<(Millis, Millis, Millis)> {
    let start_at = case.start()?.start_at;
    let scatter_ms = case.road_ms() as f64 * travel.spread(trip.from, trip.leave_at);
    let scatter_ms = scatter_ms.round() as i64;
    let from = start_at.saturating_sub(scatter_ms).max(case.query.begins_at()).min(start_at);
    Some((from, start_at, start_at.saturating_add(scatter_ms)))
}

#[cfg(test)]
mod tests;
