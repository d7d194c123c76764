//! What is taken where. That the answer is the best there is, is shown in `against.rs` beside brute force.

use super::*;
use crate::travel::StraightLine;
use proptest::prelude::*;

mod against;
mod index;

const VAN: Uuid = Uuid::from_u128(100);
pub(super) const ME: Uuid = Uuid::from_u128(1_000);

pub(super) fn part(part: u128, quantity: i64) -> PartQuantity {
    PartQuantity { part_id: Uuid::from_u128(part), quantity }
}

fn kept(id: u128, quantity: i64, kept: i64) -> FreeStock {
    FreeStock { kept, ..FreeStock::from(part(id, quantity)) }
}

/// On the equator, so many hundredths of a degree east.
pub(super) fn point(east: i32) -> Point {
    Point { latitude: 0.0, longitude: f64::from(east) / 100.0 }
}

fn north(east: i32, north: i32) -> Point {
    Point { latitude: f64::from(north) / 100.0, ..point(east) }
}

fn depot(id: u128, east: i32, free: &[PartQuantity]) -> Depot {
    let free = free.iter().copied().map(FreeStock::from).collect();
    Depot { location_id: Uuid::from_u128(id), point: point(east), free }
}

pub(super) fn rates() -> Rates {
    Rates::of(&Policy::default())
}

pub(super) const TRIP: Trip = Trip {
    from: Point { latitude: 0.0, longitude: 0.0 },
    to: Point { latitude: 0.0, longitude: 0.1 },
    leave_at: 0,
};

fn supply(van: &[PartQuantity], depots: &[Depot]) -> PartSupply {
    let free = van.iter().copied().map(FreeStock::from).collect();
    let vans = HashMap::from([(ME, VanStock { location_id: VAN, free, point: None })]);
    PartSupply { vans, depots: depots.to_vec(), substitutes: Vec::new() }
}

fn asked(needs: &[PartQuantity], supply: &PartSupply, rates: &Rates) -> Sourcing {
    source(needs, Some(ME), supply, TRIP, rates, &StraightLine::default())
}

fn sourced(needs: &[PartQuantity], van: &[PartQuantity], depots: &[Depot]) -> Sourcing {
    asked(needs, &supply(van, depots), &rates())
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
fn places_that_have_not_enough_share_and_what_lies_on_the_way_to_another_is_no_detour_of_its_own() {
    let depots = [depot(1, 12, &[part(1, 3)]), depot(2, 14, &[part(1, 4)]), depot(3, 90, &[part(1, 9)])];
    let sourcing = sourced(&[part(1, 5)], &[], &depots);
    assert_eq!(allocations(&sourcing), [(1, 1, 3), (1, 2, 2)]);
    let there_and_back = 2 * StraightLine::default().travel_seconds(point(10), point(14), 0);
    assert!(sourcing.detour_seconds.abs_diff(there_and_back) <= 4);
    assert_eq!(sourcing.pickups, 2);
}

#[test]
fn one_place_that_has_everything_goes_before_two_nearer_ones() {
    let depots =
        [depot(1, 11, &[part(1, 1)]), depot(2, -1, &[part(2, 1)]), depot(3, 12, &[part(1, 1), part(2, 1)])];
    let sourcing = sourced(&[part(1, 1), part(2, 1)], &[], &depots);
    assert_eq!(allocations(&sourcing), [(1, 3, 1), (2, 3, 1)]);
}

#[test]
fn two_places_on_either_side_of_the_road_are_worse_than_their_detours_suggest() {
    let at = |id, point, parts: &[PartQuantity]| Depot { point, ..depot(id, 0, parts) };
    let (left, right) = (at(1, north(5, 4), &[part(1, 1)]), at(2, north(5, -4), &[part(2, 1)]));
    let both = at(3, north(5, 6), &[part(1, 1), part(2, 1)]);
    let no_stop = Rates { pickup_seconds: 0, ..rates() };
    let supply = supply(&[], &[left, right, both]);
    let sourcing = asked(&[part(1, 1), part(2, 1)], &supply, &no_stop);
    assert_eq!(sourcing.stops, [Uuid::from_u128(3)]);
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

#[test]
fn what_a_place_keeps_for_others_is_left_there_if_another_place_can_spare_it() {
    let spoken_for = Depot { free: vec![kept(1, 1, 1)], ..depot(1, 5, &[]) };
    let supply = |other| supply(&[], &[spoken_for.clone(), depot(2, other, &[part(1, 1)])]);
    let near = asked(&[part(1, 1)], &supply(12), &rates());
    assert_eq!((allocations(&near), near.burden_seconds), (vec![(1, 2, 1)], 0));
    // An hour away it is not worth it.
    let far = asked(&[part(1, 1)], &supply(40), &rates());
    assert_eq!((allocations(&far), far.burden_seconds), (vec![(1, 1, 1)], 3_600));
}

#[test]
fn part_of_what_is_kept_costs_its_part() {
    let place = Depot { free: vec![kept(1, 4, 2)], ..depot(1, 5, &[]) };
    let sourcing = asked(&[part(1, 4)], &supply(&[], &[place]), &rates());
    assert_eq!(sourcing.burden_seconds, 1_800);
}

#[test]
fn the_van_too_keeps_what_is_meant_for_others() {
    let mut supply = supply(&[], &[depot(1, 5, &[part(1, 1)])]);
    supply.vans.get_mut(&ME).unwrap().free = vec![kept(1, 1, 1)];
    assert_eq!(allocations(&asked(&[part(1, 1)], &supply, &rates())), [(1, 1, 1)]);
}

#[test]
fn another_engineer_is_met_if_the_policy_lets_them_and_where_he_is_is_known() {
    let mut supply = supply(&[], &[depot(1, 30, &[part(1, 1)])]);
    let van = |point| VanStock { location_id: Uuid::from_u128(101), free: vec![kept(1, 1, 0)], point };
    supply.vans.insert(Uuid::from_u128(1_001), van(Some(point(6))));
    let meet = Rates { meeting_seconds: Some(600), ..rates() };
    assert_eq!(asked(&[part(1, 1)], &supply, &rates()).stops, [Uuid::from_u128(1)]);
    let sourcing = asked(&[part(1, 1)], &supply, &meet);
    assert_eq!(allocations(&sourcing), [(1, 101, 1)]);
    assert_eq!((sourcing.pickups, sourcing.meetings), (0, 1));
    assert_eq!(sourcing.delay_seconds(&meet), sourcing.detour_seconds + 600);
    supply.vans.insert(Uuid::from_u128(1_001), van(None));
    assert_eq!(asked(&[part(1, 1)], &supply, &meet).stops, [Uuid::from_u128(1)]);
}

#[test]
fn a_substitute_is_taken_only_where_it_is_allowed_and_cheaper() {
    let substitute =
        |minutes| Substitute { part_id: Uuid::from_u128(1), substitute_id: Uuid::from_u128(7), minutes };
    let mut supply = supply(&[part(7, 1)], &[depot(1, 20, &[part(1, 1)])]);
    supply.substitutes = vec![substitute(10.0)];
    let allowed = Rates { substitutes: true, ..rates() };
    assert_eq!(allocations(&asked(&[part(1, 1)], &supply, &rates())), [(1, 1, 1)]);
    let sourcing = asked(&[part(1, 1)], &supply, &allowed);
    assert_eq!(allocations(&sourcing), [(7, 100, 1)]);
    assert_eq!(sourcing.allocations[0].instead_of, Some(Uuid::from_u128(1)));
    assert_eq!((sourcing.burden_seconds, sourcing.shortages.len()), (600, 0));
    supply.substitutes = vec![substitute(500.0)];
    assert_eq!(allocations(&asked(&[part(1, 1)], &supply, &allowed)), [(1, 1, 1)]);
}

#[test]
fn places_farther_out_of_the_way_than_the_policy_goes_are_left_out() {
    let depots = [depot(1, 20, &[part(1, 5)])];
    let within = |minutes: u32| Rates { max_detour_seconds: Some(60 * minutes), ..rates() };
    let asked = |minutes| asked(&[part(1, 1)], &supply(&[], &depots), &within(minutes));
    // 22 km there and back, with five minutes at the counter.
    assert_eq!(asked(63).stops.len(), 1);
    assert_eq!(asked(62).shortages.len(), 1);
}

#[test]
fn more_stops_than_are_searched_for_are_still_found() {
    let depots: Vec<Depot> = (1..=40).map(|id| depot(id, 5 + id as i32, &[part(1, 1)])).collect();
    let sourcing = sourced(&[part(1, 9)], &[], &depots);
    assert_eq!((sourcing.pickups, sourcing.shortages.len()), (9, 0));
    // All of them lie along the road behind the site, so the last alone says how long it is.
    let there_and_back = 2 * StraightLine::default().travel_seconds(point(10), point(14), 0);
    assert!(sourcing.detour_seconds.abs_diff(there_and_back) <= 20, "{}", sourcing.detour_seconds);
    assert_eq!(sourced(&[part(1, 20)], &[], &depots).shortages[0].available, 16);
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
        pairs in prop::collection::vec((0u128..4, 0u128..4), 0..4), substitutes in any::<bool>(),
    ) {
        let depots: Vec<Depot> =
            stock.iter().enumerate().map(|(id, (east, free))| depot(id as u128, *east, free)).collect();
        let of = |(of, with): (u128, u128)| (Uuid::from_u128(of), Uuid::from_u128(with));
        let pairs: Vec<(Uuid, Uuid)> = pairs.into_iter().map(of).collect();
        let mut supply = supply(&van, &depots);
        let listed = |(part_id, substitute_id): &(Uuid, Uuid)| {
            Substitute { part_id: *part_id, substitute_id: *substitute_id, minutes: 5.0 }
        };
        supply.substitutes = pairs.iter().map(listed).collect();
        let sourcing = asked(&needs, &supply, &Rates { substitutes, ..rates() });
        for id in (0..4).map(Uuid::from_u128) {
            let at = |location: Uuid| {
                let here = move |a: &&Allocation| a.part_id == id && a.location_id == location;
                let taken = sourcing.allocations.iter().filter(here);
                taken.map(|a| a.quantity).sum::<i64>()
            };
            prop_assert!(at(VAN) <= sum(van.iter(), id).max(0));
            for (depot, (_, free)) in depots.iter().zip(&stock) {
                prop_assert!(at(depot.location_id) <= sum(free.iter(), id).max(0));
            }
            let for_it = |a: &&Allocation| a.instead_of.unwrap_or(a.part_id) == id;
            let allocated: i64 = sourcing.allocations.iter().filter(for_it).map(|a| a.quantity).sum();
            let short = sourcing.shortages.iter().find(|shortage| shortage.part_id == id);
            prop_assert_eq!(allocated + short.map_or(0, |s| s.wanted - s.available), sum(needs.iter(), id));
            prop_assert!(short.is_none_or(|shortage| shortage.available == allocated));
        }
        prop_assert!(sourcing.allocations.iter().all(|allocation| allocation.quantity > 0));
        for used in &sourcing.allocations {
            let is_listed = |of: Uuid| substitutes && pairs.contains(&(of, used.part_id));
            prop_assert!(used.instead_of.is_none_or(is_listed));
        }
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
