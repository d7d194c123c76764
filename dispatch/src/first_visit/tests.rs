//! How likely one visit is enough, in small scenes and beside counting all that may turn out to be needed.

use super::*;
use crate::problem::Point;
use crate::sourcing::{Depot, FreeStock, Substitute, VanStock};
use crate::travel::StraightLine;
use proptest::prelude::*;

const ME: Uuid = Uuid::from_u128(1_000);

fn id(part: u128) -> Uuid {
    Uuid::from_u128(part)
}

fn part(part: u128, quantity: i64) -> PartQuantity {
    PartQuantity { part_id: id(part), quantity }
}

fn likely(part: u128, probability: f64, quantity: i64) -> LikelyPart {
    let expected_quantity = probability * quantity as f64;
    let (tickets, uses, is_edited) = (0, 0, false);
    LikelyPart { part_id: id(part), probability, quantity, expected_quantity, tickets, uses, is_edited }
}

fn point(east: i32) -> Point {
    Point { latitude: 0.0, longitude: f64::from(east) / 100.0 }
}

#[derive(Clone, Debug)]
struct Scene {
    chances: Chances,
    needed: Vec<PartQuantity>,
    supply: PartSupply,
    is_certified: bool,
    policy: Policy,
}

impl Scene {
    fn new(likely: &[LikelyPart], van: &[PartQuantity], depot: &[PartQuantity]) -> Self {
        let free = |stock: &[PartQuantity]| stock.iter().copied().map(FreeStock::from).collect();
        let van = VanStock { location_id: id(100), free: free(van), point: None };
        let depot = Depot { location_id: id(200), point: point(12), free: free(depot) };
        Self {
            chances: Chances { likely: likely.to_vec(), ..Chances::default() },
            needed: Vec::new(),
            supply: PartSupply {
                vans: HashMap::from([(ME, van)]),
                depots: vec![depot],
                substitutes: Vec::new(),
            },
            is_certified: true,
            policy: Policy::default(),
        }
    }

    fn needs(mut self, needed: &[PartQuantity]) -> Self {
        self.needed = needed.to_vec();
        self
    }

    fn answer(&self) -> FirstVisit {
        let trip = Trip { from: point(0), to: point(10), leave_at: 0 };
        let (travel, rates) = (StraightLine::default(), Rates::of(&self.policy));
        let sourcing = source(&self.needed, Some(ME), &self.supply, trip, &rates, &travel);
        let outfit = Outfit {
            engineer_id: ME,
            is_certified: self.is_certified,
            needed: &self.needed,
            sourcing: &sourcing,
            supply: &self.supply,
            trip,
            travel: &travel,
        };
        self.chances.of(&outfit, &self.policy)
    }
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9
}

#[test]
fn with_everything_on_the_van_it_is_his_record() {
    let answer = Scene::new(&[likely(1, 0.8, 2)], &[part(1, 2)], &[]).answer();
    assert_eq!((answer.probability, answer.parts, answer.raise), (0.9, 1.0, None));
}

#[test]
fn a_part_that_he_lacks_costs_its_probability_and_is_named_with_its_way() {
    let answer = Scene::new(&[likely(1, 0.2, 2)], &[part(1, 1)], &[part(1, 9)]).answer();
    assert!(close(answer.probability, 0.8 * 0.9), "{answer:?}");
    let raise = answer.raise.unwrap();
    assert!(close(raise.gain, 0.2 * 0.9), "{raise:?}");
    let from: Vec<(Uuid, i64)> = raise.from.iter().map(|a| (a.location_id, a.quantity)).collect();
    assert_eq!(from, [(id(100), 1), (id(200), 1)]);
    // Two hundredths of a degree beyond the site and back, and five minutes at the counter.
    let there_and_back = 2 * StraightLine::default().travel_seconds(point(10), point(12), 0);
    assert!(raise.delay_seconds.abs_diff(there_and_back + 300) <= 2, "{raise:?}");
}

#[test]
fn without_certificates_no_part_helps() {
    let scene = Scene::new(&[likely(1, 0.2, 1)], &[], &[part(1, 9)]);
    let answer = Scene { is_certified: false, ..scene }.answer();
    assert_eq!((answer.probability, answer.raise), (0.0, None));
}

#[test]
fn a_long_record_counts_for_more_than_a_short_one() {
    let record = |visits, fixed| {
        let mut scene = Scene::new(&[], &[], &[]);
        scene.chances.everybody = Record { visits: 990, fixed: 791 };
        scene.chances.records.insert(ME, Record { visits, fixed });
        scene.answer().probability
    };
    assert!(close(record(0, 0), 0.8));
    assert!(close(record(10, 10), 0.9));
    assert!(record(1_000, 1_000) > 0.99 && record(2, 0) > 0.6);
    // More repairs than visits is a mistake of whoever counted.
    assert!(close(record(10, 99), 0.9));
}

#[test]
fn a_needed_part_that_nobody_has_makes_a_second_visit_certain_unless_it_is_only_likely() {
    let scene = Scene::new(&[], &[], &[]).needs(&[part(1, 1)]);
    assert_eq!(scene.answer().probability, 0.0);
    let scene = Scene::new(&[likely(1, 0.5, 1)], &[], &[]).needs(&[part(1, 1)]);
    assert!(close(scene.answer().probability, 0.45));
}

#[test]
fn what_is_fetched_for_the_visit_is_there_and_what_it_takes_from_the_van_is_not() {
    let fetched = Scene::new(&[likely(1, 0.5, 1)], &[], &[part(1, 1)]).needs(&[part(1, 1)]);
    assert_eq!(fetched.answer().parts, 1.0);
    let more = Scene::new(&[likely(1, 0.5, 2)], &[part(1, 1)], &[]).needs(&[part(1, 1)]);
    assert_eq!(more.answer().parts, 0.5);
}

#[test]
fn the_part_that_raises_it_most_and_is_to_be_had_is_named() {
    let scene = |depot: &[PartQuantity]| {
        Scene::new(&[likely(1, 0.2, 1), likely(2, 0.5, 1), likely(3, 0.3, 1)], &[], depot).answer()
    };
    let named = |answer: FirstVisit| answer.raise.map(|raise| raise.part_id);
    assert_eq!(named(scene(&[part(1, 1), part(2, 1), part(3, 1)])), Some(id(2)));
    assert_eq!(named(scene(&[part(1, 1), part(3, 1)])), Some(id(3)));
    assert_eq!(named(scene(&[])), None);
}

#[test]
fn a_substitute_on_the_van_will_do_where_it_is_allowed() {
    let mut scene = Scene::new(&[likely(1, 0.5, 1), likely(2, 0.4, 1)], &[part(7, 1)], &[]);
    let for_part = |part| Substitute { part_id: id(part), substitute_id: id(7), minutes: 5.0 };
    scene.supply.substitutes = vec![for_part(1), for_part(2)];
    assert!(close(scene.answer().parts, 0.5 * 0.6));
    scene.policy.substitutes = true;
    // There is one of it: the likelier part has it.
    assert!(close(scene.answer().parts, 0.6));
}

prop_compose! {
    fn scene()(
        probabilities in prop::collection::vec(0.0..=1.0, 0..5), quantities in prop::collection::vec(1i64..4, 5),
        van in prop::collection::vec(-1i64..5, 5), depot in prop::collection::vec(0i64..5, 5),
        needed in prop::collection::vec((0u128..6, 1i64..4), 0..3), record in (0u32..50, 0u32..50),
        everybody in (0u32..500, 0u32..500), is_certified in any::<bool>(),
    ) -> Scene {
        let list = |stock: Vec<i64>| (0..).zip(stock).map(|(id, free)| part(id, free)).collect::<Vec<_>>();
        let likely: Vec<LikelyPart> = (0..).zip(probabilities.into_iter().zip(quantities))
            .map(|(id, (probability, quantity))| likely(id, probability, quantity)).collect();
        let mut scene = Scene::new(&likely, &list(van), &list(depot));
        scene.needed = needed.into_iter().map(|(id, quantity)| part(id, quantity)).collect();
        scene.chances.records.insert(ME, Record { visits: record.0, fixed: record.1 });
        scene.chances.everybody = Record { visits: everybody.0, fixed: everybody.1 };
        scene.is_certified = is_certified;
        scene
    }
}

proptest! {
    #[test]
    fn it_is_the_share_of_all_that_may_turn_out_to_be_needed(mut scene in scene()) {
        scene.needed.clear();
        scene.is_certified = true;
        let answer = scene.answer();
        let likely = &scene.chances.likely;
        let has = |part: &LikelyPart| {
            let free = &scene.supply.vans[&ME].free;
            free.iter().any(|stock| stock.part_id == part.part_id && stock.quantity >= part.quantity)
        };
        let mut enough = 0.0;
        for outcome in 0..1_u32 << likely.len() {
            let is_needed = |n: usize| outcome & (1 << n) != 0;
            let chance = |(n, part): (usize, &LikelyPart)| {
                if is_needed(n) { part.probability } else { 1.0 - part.probability }
            };
            if likely.iter().enumerate().all(|(n, part)| !is_needed(n) || has(part)) {
                enough += likely.iter().enumerate().map(chance).product::<f64>();
            }
        }
        prop_assert!((answer.parts - enough).abs() < 1e-9, "{} for {enough}", answer.parts);
        prop_assert!((answer.probability - enough * answer.record).abs() < 1e-9);
    }

    #[test]
    fn the_named_part_on_the_van_raises_it_by_what_was_said(scene in scene()) {
        let before = scene.answer();
        prop_assert!((0.0..=1.0).contains(&before.probability), "{before:?}");
        let Some(raise) = before.raise else { return Ok(()) };
        let mut with = scene.clone();
        let van = with.supply.vans.get_mut(&ME).unwrap();
        van.free.retain(|stock| stock.part_id != raise.part_id);
        van.free.push(part(raise.part_id.as_u128(), 99).into());
        let after = with.answer();
        prop_assert!((after.probability - before.probability - raise.gain).abs() < 1e-9, "{after:?}");
        let lacking = |answer: &FirstVisit| answer.raise.as_ref().map(|raise| raise.part_id);
        prop_assert_ne!(lacking(&after), Some(raise.part_id));
    }

    #[test]
    fn more_on_the_van_never_lowers_it(scene in scene(), of in 0u128..6, quantity in 1i64..9) {
        let mut with = scene.clone();
        with.supply.vans.get_mut(&ME).unwrap().free.push(part(of, quantity).into());
        prop_assert!(with.answer().probability >= scene.answer().probability - 1e-12);
    }
}
