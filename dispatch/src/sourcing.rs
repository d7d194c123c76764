//! Which places supply the parts of a ticket: the van, depots on the way, other engineers who are met, substitutes
//! where they are allowed. As much as can be had, and of all ways to have it the one that costs the least: the joint
//! detour of the stops in their best order, time at each stop, and a price for taking what a place keeps for others.
//! Pure: it is given what is free and reserves nothing; the caller reserves what it answers, in the same
//! transaction in which it read the stock. The method and its bounds are in `docs/inventory.md`.

mod fill;
mod legs;
mod options;
mod places;
mod search;

use crate::policy::Policy;
use crate::problem::{Millis, PartQuantity, Point};
use crate::travel::TravelTimes;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use uuid::Uuid;

pub use places::{StockPlace, StockPlaces};

/// What is free of a part at a place: on hand and not reserved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FreeStock {
    pub part_id: Uuid,
    /// May be negative: more was used than the books knew of. Then it supplies nothing.
    pub quantity: i64,
    /// So much of it should stay: the place's minimum, and what other likely tickets will need. It can be taken, at
    /// the policy's `starving_minutes`.
    pub kept: i64,
}

impl From<PartQuantity> for FreeStock {
    /// Nothing of it is kept.
    fn from(free: PartQuantity) -> Self {
        Self { part_id: free.part_id, quantity: free.quantity, kept: 0 }
    }
}

/// What is free on a van.
#[derive(Clone, Debug, PartialEq)]
pub struct VanStock {
    pub location_id: Uuid,
    pub free: Vec<FreeStock>,
    /// Where others may meet it; `None`: it supplies nobody but its own engineer.
    pub point: Option<Point>,
}

/// What is free at a place on the map.
#[derive(Clone, Debug, PartialEq)]
pub struct Depot {
    pub location_id: Uuid,
    pub point: Point,
    pub free: Vec<FreeStock>,
}

/// A part that may stand in for another, one for one in the same unit.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Substitute {
    /// The part that is needed.
    pub part_id: Uuid,
    /// The part that will do.
    pub substitute_id: Uuid,
    /// What it costs if all that is needed is substituted: longer work, a dearer part.
    pub minutes: f64,
}

/// The free stock of the parts that a visit needs, as the caller read it. Locations must differ from each other.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartSupply {
    /// By engineer; whoever is missing has nothing of use on board, or no van.
    pub vans: HashMap<Uuid, VanStock>,
    pub depots: Vec<Depot>,
    /// Used only if the policy allows substitutes.
    pub substitutes: Vec<Substitute>,
}

/// From where the engineer is to the site.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trip {
    pub from: Point,
    pub to: Point,
    pub leave_at: Millis,
}

/// What it takes to get at parts, as the policy says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rates {
    /// Cost of a minute on the way, in minutes.
    pub travel_weight: f64,
    /// At each depot.
    pub pickup_seconds: u32,
    /// At each van that is met, of each of the two engineers. `None`: nobody is met.
    pub meeting_seconds: Option<u32>,
    /// The price of taking all that is needed of a part from what its place keeps; in proportion for less of it.
    pub starving_seconds: f64,
    /// Whether substitutes may be used.
    pub substitutes: bool,
    /// Places by way of which the journey takes longer than this, the stop included, are left out, and so are stops
    /// that together take longer.
    pub max_detour_seconds: Option<u32>,
}

impl Rates {
    pub fn of(policy: &Policy) -> Self {
        let seconds = |minutes: u32| minutes.saturating_mul(60);
        Self {
            travel_weight: policy.travel_weight,
            pickup_seconds: seconds(policy.pickup_minutes),
            meeting_seconds: policy.meeting_minutes.map(seconds),
            starving_seconds: 60.0 * policy.starving_minutes,
            substitutes: policy.substitutes,
            max_detour_seconds: policy.max_detour_minutes.map(seconds),
        }
    }
}

/// Take so much of a part there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Allocation {
    pub part_id: Uuid,
    pub location_id: Uuid,
    pub quantity: i64,
    /// The needed part for which this one stands in; absent if it is the needed one itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead_of: Option<Uuid>,
}

/// All places that come into question together have only `available` of the `wanted` quantity, substitutes included,
/// and that is allocated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Shortage {
    pub part_id: Uuid,
    pub wanted: i64,
    pub available: i64,
}

/// Where the parts come from. For each needed part, allocations and what is short sum to what is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sourcing {
    /// First from the van, then in the order of the stops.
    pub allocations: Vec<Allocation>,
    pub shortages: Vec<Shortage>,
    /// Where to stop, in this order.
    pub stops: Vec<Uuid>,
    /// How much longer the journey is by way of the stops in their order, without the time at them.
    pub detour_seconds: u32,
    /// Depots to stop at.
    pub pickups: u32,
    /// Engineers to meet.
    pub meetings: u32,
    /// The price of what is taken from what is kept for others, and of substitutes. Not time.
    pub burden_seconds: u32,
}

impl Sourcing {
    /// How much later he is at the site: the longer journey and the time at the stops.
    pub fn delay_seconds(&self, rates: &Rates) -> u32 {
        let pickups = rates.pickup_seconds.saturating_mul(self.pickups);
        self.detour_seconds.saturating_add(pickups).saturating_add(self.meeting_seconds(rates))
    }

    /// The time of those who are met, which is lost to their own work.
    pub fn meeting_seconds(&self, rates: &Rates) -> u32 {
        rates.meeting_seconds.unwrap_or(0).saturating_mul(self.meetings)
    }
}

/// Finds the best places for what a visit needs, for an engineer with his van, or for nobody in particular.
pub fn source(
    needs: &[PartQuantity],
    engineer_id: Option<Uuid>,
    supply: &PartSupply,
    trip: Trip,
    rates: &Rates,
    travel: &dyn TravelTimes,
) -> Sourcing {
    let options = options::Options::new(needs, engineer_id, supply, rates);
    search::best(&options, trip, rates, travel)
}

#[cfg(test)]
mod tests;
