//! Which places supply the parts of a ticket: the van first, then depots, the one that costs the least
//! detour first, several if one has not enough. Pure: it is given what is free and reserves nothing;
//! the caller reserves what it answers, in the same transaction in which it read the stock.

use crate::problem::{Millis, PartQuantity, Point};
use crate::travel::TravelTimes;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use uuid::Uuid;

/// What is free on a van: on hand and not reserved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VanStock {
    pub location_id: Uuid,
    pub free: Vec<PartQuantity>,
}

/// What is free at a place on the map.
#[derive(Clone, Debug, PartialEq)]
pub struct Depot {
    pub location_id: Uuid,
    pub point: Point,
    pub free: Vec<PartQuantity>,
}

/// The free stock of the parts that a visit needs, as the caller read it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartSupply {
    /// By engineer; whoever is missing has nothing of use on board, or no van.
    pub vans: HashMap<Uuid, VanStock>,
    pub depots: Vec<Depot>,
}

/// From where the engineer is to the site.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trip {
    pub from: Point,
    pub to: Point,
    pub leave_at: Millis,
}

/// Take so much of a part there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Allocation {
    pub part_id: Uuid,
    pub location_id: Uuid,
    pub quantity: i64,
}

/// All places together have only `available` of the `wanted` quantity, and that is allocated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Shortage {
    pub part_id: Uuid,
    pub wanted: i64,
    pub available: i64,
}

/// Where the parts come from. For each part, allocations and what is short sum to what is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sourcing {
    pub allocations: Vec<Allocation>,
    pub shortages: Vec<Shortage>,
    /// How much longer the journey is by way of the depots. The detours of several depots are added
    /// up, which is never too little.
    pub detour_seconds: u32,
    /// Depots to stop at.
    pub pickups: u32,
}

/// Finds the places for what a visit needs. Locations must differ from each other.
pub fn source(
    needs: &[PartQuantity],
    van: Option<&VanStock>,
    depots: &[Depot],
    trip: Trip,
    travel: &dyn TravelTimes,
) -> Sourcing {
    let mut sourcing = Sourcing::default();
    let mut missing = summed(needs);
    if let Some(van) = van {
        take(&mut missing, van.location_id, &van.free, &mut sourcing.allocations);
    }
    if missing.iter().any(|need| need.left > 0) {
        for (detour_seconds, depot) in by_detour(depots, trip, travel) {
            if take(&mut missing, depot.location_id, &depot.free, &mut sourcing.allocations) {
                sourcing.detour_seconds = sourcing.detour_seconds.saturating_add(detour_seconds);
                sourcing.pickups += 1;
            }
        }
    }
    sourcing.shortages = missing
        .iter()
        .filter(|need| need.left > 0)
        .map(|need| Shortage {
            part_id: need.part_id,
            wanted: need.wanted,
            available: need.wanted - need.left,
        })
        .collect();
    sourcing
}

struct Need {
    part_id: Uuid,
    wanted: i64,
    left: i64,
}

/// One entry for each part, even if it is listed twice.
fn summed(needs: &[PartQuantity]) -> Vec<Need> {
    let mut summed: Vec<Need> = Vec::with_capacity(needs.len());
    for &PartQuantity { part_id, quantity } in needs.iter().filter(|need| need.quantity > 0) {
        match summed.iter_mut().find(|need| need.part_id == part_id) {
            Some(need) => need.wanted = need.wanted.saturating_add(quantity),
            None => summed.push(Need { part_id, wanted: quantity, left: 0 }),
        }
    }
    summed.iter_mut().for_each(|need| need.left = need.wanted);
    summed
}

/// Takes what is still missing from one location; false if it has nothing of it.
fn take(missing: &mut [Need], location_id: Uuid, free: &[PartQuantity], taken: &mut Vec<Allocation>) -> bool {
    let before = taken.len();
    for need in missing.iter_mut().filter(|need| need.left > 0) {
        let of_part = free.iter().filter(|stock| stock.part_id == need.part_id);
        // A van's balance may be negative: he used what the books did not know of.
        let available = of_part.fold(0_i64, |sum, stock| sum.saturating_add(stock.quantity)).max(0);
        let quantity = need.left.min(available);
        if quantity > 0 {
            need.left -= quantity;
            taken.push(Allocation { part_id: need.part_id, location_id, quantity });
        }
    }
    taken.len() > before
}

/// Depots by how much longer they make the trip; ties by id, so that the answer is always the same.
fn by_detour<'a>(depots: &'a [Depot], trip: Trip, travel: &dyn TravelTimes) -> Vec<(u32, &'a Depot)> {
    let direct = travel.travel_seconds(trip.from, trip.to, trip.leave_at);
    let detour = |depot: &Depot| {
        let there = travel.travel_seconds(trip.from, depot.point, trip.leave_at);
        let reached_at = trip.leave_at.saturating_add(1_000 * i64::from(there));
        let onward = travel.travel_seconds(depot.point, trip.to, reached_at);
        there.saturating_add(onward).saturating_sub(direct)
    };
    let mut by_detour: Vec<_> = depots.iter().map(|depot| (detour(depot), depot)).collect();
    by_detour.sort_by_key(|(detour_seconds, depot)| (*detour_seconds, depot.location_id));
    by_detour
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::travel::StraightLine;
    use proptest::prelude::*;

    const VAN: Uuid = Uuid::from_u128(100);

    fn part(part: u128, quantity: i64) -> PartQuantity {
        PartQuantity { part_id: Uuid::from_u128(part), quantity }
    }

    /// On the equator, so many hundredths of a degree east.
    fn point(east: i32) -> Point {
        Point { latitude: 0.0, longitude: f64::from(east) / 100.0 }
    }

    fn depot(id: u128, east: i32, free: &[PartQuantity]) -> Depot {
        Depot { location_id: Uuid::from_u128(id), point: point(east), free: free.to_vec() }
    }

    fn sourced(needs: &[PartQuantity], van: &[PartQuantity], depots: &[Depot]) -> Sourcing {
        let van = VanStock { location_id: VAN, free: van.to_vec() };
        let trip = Trip { from: point(0), to: point(10), leave_at: 0 };
        source(needs, Some(&van), depots, trip, &StraightLine::default())
    }

    fn allocations(sourcing: &Sourcing) -> Vec<(u128, u128, i64)> {
        let flat = |a: &Allocation| (a.part_id.as_u128(), a.location_id.as_u128(), a.quantity);
        sourcing.allocations.iter().map(flat).collect()
    }

    #[test]
    fn the_van_supplies_first_and_without_a_detour() {
        let sourcing = sourced(&[part(1, 2)], &[part(1, 5)], &[depot(1, 5, &[part(1, 9)])]);
        assert_eq!(allocations(&sourcing), [(1, 100, 2)]);
        assert_eq!((sourcing.detour_seconds, sourcing.pickups), (0, 0));
    }

    #[test]
    fn the_depot_of_the_least_detour_supplies_what_the_van_lacks() {
        // One lies on the way, one nearer to him but behind him.
        let depots = [depot(1, -3, &[part(1, 9)]), depot(2, 6, &[part(1, 9)])];
        let sourcing = sourced(&[part(1, 2)], &[part(1, 1)], &depots);
        assert_eq!(allocations(&sourcing), [(1, 100, 1), (1, 2, 1)]);
        assert!(sourcing.detour_seconds <= 1, "{}", sourcing.detour_seconds);
        assert_eq!(sourcing.pickups, 1);
    }

    #[test]
    fn places_that_have_not_enough_share_and_each_detour_counts() {
        let depots = [depot(1, 12, &[part(1, 3)]), depot(2, 14, &[part(1, 9)]), depot(3, 90, &[part(1, 9)])];
        let sourcing = sourced(&[part(1, 5)], &[], &depots);
        assert_eq!(allocations(&sourcing), [(1, 1, 3), (1, 2, 2)]);
        let there_and_back = |east| 2 * StraightLine::default().travel_seconds(point(10), point(east), 0);
        assert!(sourcing.detour_seconds.abs_diff(there_and_back(12) + there_and_back(14)) <= 4);
        assert_eq!(sourcing.pickups, 2);
    }

    #[test]
    fn what_no_place_has_is_a_shortage_with_its_numbers() {
        let sourcing = sourced(&[part(1, 5), part(2, 1)], &[part(1, 1)], &[depot(1, 5, &[part(1, 2)])]);
        let short = |part, wanted, available| Shortage { part_id: Uuid::from_u128(part), wanted, available };
        assert_eq!(sourcing.shortages, [short(1, 5, 3), short(2, 1, 0)]);
    }

    #[test]
    fn a_negative_balance_supplies_nothing_and_takes_nothing() {
        let sourcing = sourced(&[part(1, 2)], &[part(1, -4)], &[depot(1, 5, &[part(1, 2)])]);
        assert_eq!(allocations(&sourcing), [(1, 1, 2)]);
        assert!(sourcing.shortages.is_empty());
    }

    #[test]
    fn a_part_listed_twice_is_needed_twice() {
        let sourcing = sourced(&[part(1, 2), part(1, 2)], &[part(1, 3)], &[]);
        assert_eq!(allocations(&sourcing), [(1, 100, 3)]);
        assert_eq!(sourcing.shortages[0].wanted, 4);
    }

    fn parts(least: i64) -> impl Strategy<Value = Vec<PartQuantity>> {
        prop::collection::vec((0u128..4, least..6).prop_map(|(id, quantity)| part(id, quantity)), 0..5)
    }

    fn sum<'a>(quantities: impl Iterator<Item = &'a PartQuantity>, part_id: Uuid) -> i64 {
        quantities.filter(|quantity| quantity.part_id == part_id).map(|quantity| quantity.quantity).sum()
    }

    proptest! {
        #[test]
        fn never_more_than_free_is_allocated_and_everything_wanted_is_accounted_for(
            needs in parts(1), van in parts(-2), stock in prop::collection::vec((-9i32..30, parts(-2)), 0..5),
        ) {
            let depots: Vec<Depot> =
                stock.iter().enumerate().map(|(id, (east, free))| depot(id as u128, *east, free)).collect();
            let sourcing = sourced(&needs, &van, &depots);
            for id in (0..4).map(Uuid::from_u128) {
                let at = |location: Uuid| {
                    let here = move |a: &&Allocation| a.part_id == id && a.location_id == location;
                    let taken = sourcing.allocations.iter().filter(here);
                    taken.map(|a| a.quantity).sum::<i64>()
                };
                prop_assert!(at(VAN) <= sum(van.iter(), id).max(0));
                for depot in &depots {
                    prop_assert!(at(depot.location_id) <= sum(depot.free.iter(), id).max(0));
                }
                let allocated: i64 = sourcing.allocations.iter().filter(|a| a.part_id == id).map(|a| a.quantity).sum();
                let short = sourcing.shortages.iter().find(|shortage| shortage.part_id == id);
                prop_assert_eq!(allocated + short.map_or(0, |s| s.wanted - s.available), sum(needs.iter(), id));
                prop_assert!(short.is_none_or(|shortage| shortage.available == allocated));
            }
            prop_assert!(sourcing.allocations.iter().all(|allocation| allocation.quantity > 0));
        }

        #[test]
        fn a_shortage_means_that_all_places_are_empty(needs in parts(1), van in parts(0), free in parts(0)) {
            let sourcing = sourced(&needs, &van, &[depot(1, 5, &free)]);
            for shortage in &sourcing.shortages {
                let everywhere = sum(van.iter().chain(&free), shortage.part_id);
                prop_assert_eq!(shortage.available, everywhere);
            }
        }
    }
}
