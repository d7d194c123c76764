//! The index proposes what a scan over all places would, after any changes.

use super::*;

fn place(id: u128, at: Point, free: Vec<FreeStock>) -> StockPlace {
    StockPlace { location_id: Uuid::from_u128(id), engineer_id: None, point: Some(at), free }
}

fn van(id: u128, engineer: u128, at: Option<Point>, free: Vec<FreeStock>) -> StockPlace {
    StockPlace { engineer_id: Some(Uuid::from_u128(engineer)), point: at, ..place(id, point(0), free) }
}

fn proposed(index: &StockPlaces, needs: &[PartQuantity], rates: &Rates) -> PartSupply {
    index.supply(needs, [(ME, TRIP.from)], TRIP.to, rates)
}

#[test]
fn his_van_and_the_depots_that_have_something_are_proposed() {
    let index = StockPlaces::build(
        [
            van(100, 1_000, None, vec![kept(1, 1, 0), kept(9, 4, 0)]),
            van(101, 1_001, Some(point(5)), vec![kept(1, 1, 0)]),
            place(1, point(5), vec![kept(1, 3, 2)]),
            place(2, point(5), vec![kept(2, 3, 0)]),
            place(3, point(5), vec![kept(1, 0, 0)]),
            place(4, Point { latitude: f64::NAN, longitude: 0.0 }, vec![kept(1, 9, 0)]),
        ],
        [],
    );
    let supply = proposed(&index, &[part(1, 1)], &rates());
    assert_eq!(supply.vans.len(), 1);
    assert_eq!(supply.vans[&ME].free, [kept(1, 1, 0)]);
    assert_eq!(supply.depots, [Depot { free: vec![kept(1, 3, 2)], ..depot(1, 5, &[]) }]);
    let meet = Rates { meeting_seconds: Some(0), ..rates() };
    assert_eq!(proposed(&index, &[part(1, 1)], &meet).vans.len(), 2);
    assert!(proposed(&index, &[], &meet).depots.is_empty());
}

#[test]
fn substitutes_are_looked_for_where_they_are_allowed() {
    let substitute =
        Substitute { part_id: Uuid::from_u128(1), substitute_id: Uuid::from_u128(7), minutes: 5.0 };
    let index = StockPlaces::build([place(1, point(5), vec![kept(7, 3, 0)])], [substitute]);
    assert_eq!(proposed(&index, &[part(1, 1)], &rates()), PartSupply::default());
    let supply = proposed(&index, &[part(1, 1)], &Rates { substitutes: true, ..rates() });
    assert_eq!((supply.depots.len(), supply.substitutes), (1, vec![substitute]));
}

#[test]
fn a_far_place_that_has_enough_is_proposed_beside_the_near_ones_that_have_little() {
    let little = (1..=30).map(|id| place(id, point(id as i32), vec![kept(1, 1, 0)]));
    let index = StockPlaces::build(little.chain([place(99, point(300), vec![kept(1, 90, 0)])]), []);
    let supply = proposed(&index, &[part(1, 50)], &rates());
    assert!(supply.depots.iter().any(|depot| depot.location_id == Uuid::from_u128(99)));
}

#[derive(Clone, Debug)]
enum Step {
    Put(u128, bool, (i32, i32), i64),
    Remove(u128),
    Stocked(u128, u128, i64),
    Moved(u128, Option<(i32, i32)>),
}

fn step() -> impl Strategy<Value = Step> {
    let at = || (-30i32..40, -30i32..30);
    prop_oneof![
        (0u128..40, any::<bool>(), at(), -1i64..4)
            .prop_map(|(id, van, at, free)| Step::Put(id, van, at, free)),
        (0u128..40).prop_map(Step::Remove),
        (0u128..40, 1u128..3, -1i64..4).prop_map(|(id, part, free)| Step::Stocked(id, part, free)),
        (0u128..40, prop::option::of(at())).prop_map(|(id, at)| Step::Moved(id, at)),
    ]
}

/// The same in a plain list.
fn apply(step: &Step, index: &mut StockPlaces, list: &mut Vec<StockPlace>) {
    let id = |id: u128| Uuid::from_u128(id);
    match *step {
        Step::Put(number, is_van, at, free) => {
            let engineer_id = is_van.then(|| id(500 + number));
            let place =
                StockPlace { engineer_id, ..place(number, north(at.0, at.1), vec![kept(1, free, 0)]) };
            list.retain(|other| other.location_id != id(number));
            list.push(place.clone());
            index.put(place);
        }
        Step::Remove(number) => {
            list.retain(|other| other.location_id != id(number));
            index.remove(id(number));
        }
        Step::Stocked(number, of, free) => {
            for place in list.iter_mut().filter(|place| place.location_id == id(number)) {
                place.free.retain(|stock| stock.part_id != id(of));
                place.free.push(kept(of, free, 0));
            }
            index.stocked(id(number), kept(of, free, 0));
        }
        Step::Moved(number, at) => {
            let at = at.map(|(east, up)| north(east, up));
            list.iter_mut().filter(|p| p.location_id == id(number)).for_each(|place| place.point = at);
            index.moved(id(number), at);
        }
    }
}

/// All that a scan finds for one part: how much longer the way is, in chords, and where.
fn scanned(list: &[StockPlace], part_id: Uuid) -> Vec<(f64, Uuid)> {
    let unit = crate::travel::unit_vector;
    let distance = |a, b| crate::travel::chord2(&unit(a), &unit(b)).sqrt();
    let has_it = |place: &&StockPlace| place.free.iter().any(|s| s.part_id == part_id && s.quantity > 0);
    let way = |place: &StockPlace| {
        let at = place.point?;
        Some((distance(TRIP.from, at) + distance(at, TRIP.to), place.location_id))
    };
    let mut found: Vec<(f64, Uuid)> = list.iter().filter(has_it).filter_map(way).collect();
    found.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    found
}

proptest! {
    #[test]
    fn the_nearest_by_the_way_are_those_of_a_scan_after_any_changes(steps in prop::collection::vec(step(), 0..120)) {
        let (mut index, mut list) = (StockPlaces::default(), Vec::new());
        steps.iter().for_each(|step| apply(step, &mut index, &mut list));
        prop_assert_eq!(index.len(), list.len());
        let meet = Rates { meeting_seconds: Some(60), ..rates() };
        for needed in [part(1, 2), part(2, 1)] {
            let supply = proposed(&index, &[needed], &meet);
            let depots = supply.depots.iter().map(|depot| depot.location_id);
            let proposed: Vec<Uuid> = depots.chain(supply.vans.values().map(|van| van.location_id)).collect();
            let scanned = scanned(&list, needed.part_id);
            for (_, location_id) in scanned.iter().take(8) {
                prop_assert!(proposed.contains(location_id));
            }
            prop_assert!(proposed.iter().all(|id| scanned.iter().any(|(_, other)| other == id)));
        }
    }
}
