//! How likely one visit is enough: that this engineer, with what he has on the van and fetches on the way, and with
//! these certificates, fixes it the first time. Three things have to come together, and are taken to be independent:
//! that he may do it, that the parts which turn out to be needed are there, and that he, given those, gets it done:
//! `certified * (1 - p1) * (1 - p2) * ... * record`, one factor for each likely part that he would not have.
//!
//! And what would raise it most: the likely part whose absence costs the most, where it is to be had, and how much
//! longer he would be under way for it.

use crate::needs::LikelyPart;
use crate::policy::Policy;
use crate::problem::PartQuantity;
use crate::sourcing::{Allocation, PartSupply, Rates, Sourcing, Trip, source};
use crate::travel::TravelTimes;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use uuid::Uuid;

/// Of those who had what was needed, so many fixed it at once, before anybody has counted.
const UNKNOWN: f64 = 0.9;
/// Parts that are looked for elsewhere, of those that would raise it most.
const TRIED: usize = 3;
/// A part that raises it by less is not worth a word.
const LEAST_GAIN: f64 = 0.005;

/// First visits on like faults at which no needed part was missing, and how many of them were enough.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    pub visits: u32,
    pub fixed: u32,
}

/// What is known of a visit's chances, whoever goes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chances {
    /// What it will probably need. A part that the visit needs and that is not listed here is needed for sure.
    pub likely: Vec<LikelyPart>,
    pub everybody: Record,
    /// By engineer; whoever is missing has no record.
    pub records: HashMap<Uuid, Record>,
}

/// Who would go, from where, and what he would have.
#[derive(Clone, Copy)]
pub struct Outfit<'a> {
    pub engineer_id: Uuid,
    /// Whether his certificates cover all that is required until the visit is over.
    pub is_certified: bool,
    pub needed: &'a [PartQuantity],
    /// Where the needed parts come from.
    pub sourcing: &'a Sourcing,
    pub supply: &'a PartSupply,
    pub trip: Trip,
    pub travel: &'a dyn TravelTimes,
}

/// How likely one visit is enough, and what would make it likelier.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FirstVisit {
    /// From 0 to 1: the product of the others, or 0 without certificates.
    pub probability: f64,
    pub is_certified: bool,
    /// That all parts that turn out to be needed are there.
    pub parts: f64,
    /// That he gets it done if they are.
    pub record: f64,
    /// The part that raises it most; absent if none that is to be had does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raise: Option<Raise>,
}

/// A part that he does not have, and could fetch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Raise {
    pub part_id: Uuid,
    /// The probability with it, less that without it: 0.18 is 18 points.
    pub gain: f64,
    /// Where it is to be had; from several places if one has not enough.
    pub from: Vec<Allocation>,
    /// So much later he is at the site, the time at the stops included; beside what he fetches anyway.
    pub delay_seconds: u32,
}

impl Chances {
    /// How likely it is with this outfit.
    pub fn of(&self, outfit: &Outfit, policy: &Policy) -> FirstVisit {
        let record = self.record(outfit.engineer_id, policy);
        let rates = Rates::of(policy);
        let lacking = self.lacking(outfit, &rates);
        let parts: f64 = lacking.iter().map(|part| 1.0 - part.probability).product();
        let probability = if outfit.is_certified { parts * record } else { 0.0 };
        let raise = if outfit.is_certified { raise(lacking, record, outfit, &rates) } else { None };
        FirstVisit { probability, is_certified: outfit.is_certified, parts, record, raise }
    }

    /// His share of repairs, drawn towards everybody's as long as his record is short, and that towards nine of ten.
    fn record(&self, engineer_id: Uuid, policy: &Policy) -> f64 {
        let prior = f64::from(policy.record_prior);
        let share = |record: Record, before: f64| {
            let visits = f64::from(record.visits);
            let fixed = f64::from(record.fixed.min(record.visits));
            if visits + prior > 0.0 { (fixed + prior * before) / (visits + prior) } else { before }
        };
        let his = self.records.get(&engineer_id).copied().unwrap_or_default();
        share(his, share(self.everybody, UNKNOWN))
    }

    /// The likely parts that he would not have enough of.
    fn lacking(&self, outfit: &Outfit, rates: &Rates) -> Vec<Lacking> {
        let mut left = Left::new(outfit);
        let mut wanted: Vec<Lacking> = Vec::with_capacity(outfit.needed.len() + self.likely.len());
        for part in &self.likely {
            let probability = if part.probability.is_nan() { 0.0 } else { part.probability.clamp(0.0, 1.0) };
            if !wanted.iter().any(|listed| listed.part_id == part.part_id) {
                wanted.push(Lacking {
                    part_id: part.part_id,
                    probability,
                    quantity: part.quantity.max(1),
                    needed: 0,
                });
            }
        }
        for need in outfit.needed.iter().filter(|need| need.quantity > 0) {
            match wanted.iter_mut().find(|listed| listed.part_id == need.part_id) {
                Some(listed) => listed.needed = listed.needed.saturating_add(need.quantity),
                None => wanted.push(Lacking {
                    part_id: need.part_id,
                    probability: 1.0,
                    quantity: 1,
                    needed: need.quantity,
                }),
            }
        }
        // The most probable has the first claim to a substitute that would do for several.
        wanted.sort_by(|a, b| b.probability.total_cmp(&a.probability).then(a.part_id.cmp(&b.part_id)));
        wanted.retain(|part| part.probability > 0.0 && !left.suffices(part, outfit, rates));
        wanted
    }
}

/// A part that will probably be needed.
#[derive(Clone, Copy)]
struct Lacking {
    part_id: Uuid,
    probability: f64,
    /// How much, if it is needed.
    quantity: i64,
    /// How much the visit asks for anyway.
    needed: i64,
}

impl Lacking {
    fn wanted(&self) -> i64 {
        self.quantity.max(self.needed)
    }
}

/// What is left on his van when the needed parts are taken.
struct Left(Vec<PartQuantity>);

impl Left {
    fn new(outfit: &Outfit) -> Self {
        let Some(van) = outfit.supply.vans.get(&outfit.engineer_id) else { return Self(Vec::new()) };
        let taken = |part_id: Uuid| {
            let here = |a: &&Allocation| a.location_id == van.location_id && a.part_id == part_id;
            outfit.sourcing.allocations.iter().filter(here).map(|a| a.quantity).sum::<i64>()
        };
        let mut left: Vec<PartQuantity> = Vec::with_capacity(van.free.len());
        for stock in &van.free {
            match left.iter_mut().find(|listed| listed.part_id == stock.part_id) {
                Some(listed) => listed.quantity = listed.quantity.saturating_add(stock.quantity),
                None => left.push(PartQuantity { part_id: stock.part_id, quantity: stock.quantity }),
            }
        }
        left.iter_mut()
            .for_each(|part| part.quantity = part.quantity.saturating_sub(taken(part.part_id)).max(0));
        Self(left)
    }

    /// Whether what he fetches, what is on the van and what may stand in for it are enough; takes it if so.
    fn suffices(&mut self, part: &Lacking, outfit: &Outfit, rates: &Rates) -> bool {
        let for_it = |a: &&Allocation| a.instead_of.unwrap_or(a.part_id) == part.part_id;
        let fetched: i64 = outfit.sourcing.allocations.iter().filter(for_it).map(|a| a.quantity).sum();
        let mut missing = part.wanted().saturating_sub(fetched);
        let standing_in =
            outfit.supply.substitutes.iter().filter(|s| rates.substitutes && s.part_id == part.part_id);
        let before = self.0.clone();
        for will_do in [part.part_id].into_iter().chain(standing_in.map(|s| s.substitute_id)) {
            for stock in self.0.iter_mut().filter(|stock| stock.part_id == will_do) {
                let quantity = missing.clamp(0, stock.quantity);
                stock.quantity -= quantity;
                missing -= quantity;
            }
        }
        if missing > 0 {
            self.0 = before;
        }
        missing <= 0
    }
}

/// Of the parts that would raise it most, the first that is to be had.
fn raise(mut lacking: Vec<Lacking>, record: f64, outfit: &Outfit, rates: &Rates) -> Option<Raise> {
    let gain = |part: &Lacking| {
        let others = lacking.iter().filter(|other| other.part_id != part.part_id);
        others.map(|other| 1.0 - other.probability).product::<f64>() * part.probability * record
    };
    let gains: HashMap<Uuid, f64> = lacking.iter().map(|part| (part.part_id, gain(part))).collect();
    let gain = |part: &Lacking| gains.get(&part.part_id).copied().unwrap_or(0.0);
    lacking.sort_by(|a, b| gain(b).total_cmp(&gain(a)).then(a.part_id.cmp(&b.part_id)));
    let worth = lacking.iter().take(TRIED).filter(|part| gain(part) >= LEAST_GAIN);
    worth.into_iter().find_map(|part| fetched(part, gain(part), outfit, rates))
}

/// The same visit with this part fetched too; `None` if there is not enough of it.
fn fetched(part: &Lacking, gain: f64, outfit: &Outfit, rates: &Rates) -> Option<Raise> {
    let mut needs = outfit.needed.to_vec();
    let more = part.wanted().saturating_sub(part.needed);
    if more > 0 {
        needs.push(PartQuantity { part_id: part.part_id, quantity: more });
    }
    let with = source(&needs, Some(outfit.engineer_id), outfit.supply, outfit.trip, rates, outfit.travel);
    if with.shortages.iter().any(|shortage| shortage.part_id == part.part_id) {
        return None;
    }
    let for_it = |a: &&Allocation| a.instead_of.unwrap_or(a.part_id) == part.part_id;
    Some(Raise {
        part_id: part.part_id,
        gain,
        from: with.allocations.iter().filter(for_it).copied().collect(),
        delay_seconds: with.delay_seconds(rates).saturating_sub(outfit.sourcing.delay_seconds(rates)),
    })
}

#[cfg(test)]
mod tests;
