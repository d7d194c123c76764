//! The tree by itself, where boxes and words could go wrong; that it finds the right people is shown against a
//! scan in `tests/all/properties.rs`.

use super::*;
use crate::problem::Point;
use crate::travel::{chord2, unit_vector};
use proptest::prelude::*;

fn spot(number: u32, latitude: f64, longitude: f64) -> Spot {
    Spot { number, unit: unit_vector(Point { latitude, longitude }) }
}

fn marks(number: u32) -> Box<[u32]> {
    [ACTIVE].into_iter().chain((1..5).filter(|mark| number.is_multiple_of(*mark + 1))).collect()
}

/// Every box holds what is below it, every bit stands for the one who sits there, and the counts agree.
fn check(tree: &Tree) {
    let mut seen = 0;
    let mut open = vec![(0u32, Vec::new())];
    while let Some((node, mut above)) = open.pop() {
        above.push(node);
        match tree.nodes[node as usize].kind {
            Kind::Fork { first, .. } => open.extend([(first, above.clone()), (first + 1, above)]),
            Kind::Leaf(leaf) => {
                assert_eq!(tree.leaves[leaf as usize].node, node);
                for spot in tree.spots(leaf, tree.taken(leaf)) {
                    seen += 1;
                    let turned = tree.frame.turned(&spot.unit);
                    assert!(above.iter().all(|node| tree.nodes[*node as usize].bounds.holds(&turned)));
                    assert_eq!(tree.slots[spot.number as usize].unwrap().leaf, leaf);
                    for mark in 0..6 {
                        assert_eq!(tree.has(spot.number, &[mark]), marks(spot.number).contains(&mark));
                    }
                }
            }
        }
    }
    assert_eq!(seen, tree.len());
    for mark in 0..6 {
        let holders = |leaf| tree.holding(leaf, &[mark]).count_ones() as usize;
        assert_eq!(tree.count(mark), (0..tree.leaves()).map(holders).sum::<usize>());
    }
}

#[test]
fn thousands_at_one_place_do_not_make_a_list_of_the_tree() {
    let mut tree = Tree::default();
    (0..5_000).for_each(|number| tree.put(spot(number, 40.7, -74.0), marks(number)));
    check(&tree);
    let mut met = 0;
    tree.walk(
        &spot(0, 40.7, -74.0).unit,
        4.0,
        |leaf| tree.taken(leaf),
        |_, chord2| {
            met += 1;
            chord2 + 1.0
        },
    );
    assert_eq!(met, 5_000);
    assert!(tree.leaves() < 400, "{}", tree.leaves());
}

#[test]
fn a_tree_that_has_grown_out_of_its_shape_is_worn_and_a_new_one_is_not() {
    let mut tree = Tree::default();
    (0..3_000).for_each(|number| tree.put(spot(number, f64::from(number) / 100.0, 5.0), marks(number)));
    assert!(tree.is_worn());
    tree.rebuild();
    assert!(!tree.is_worn());
    check(&tree);
}

proptest! {
    #[test]
    fn boxes_words_and_counts_stay_true_whatever_happens(
        built in 0u32..300, wide in any::<bool>(),
        steps in prop::collection::vec((0u32..400, 0u8..4, -89.0..89.0f64, -180.0..180.0f64), 0..400),
    ) {
        let scale = if wide { 1.0 } else { 1e-3 };
        let first = (0..built).map(|n| (spot(n, f64::from(n % 17) * scale, f64::from(n % 23) * scale), marks(n)));
        let mut tree = Tree::build(first.collect());
        for (number, what, latitude, longitude) in steps {
            let spot = spot(number, latitude * scale, longitude * scale);
            match what {
                0 => tree.remove(number),
                1 => tree.put(spot, marks(number)),
                _ => tree.moved(number, spot.unit),
            }
        }
        check(&tree);
        tree.rebuild();
        check(&tree);
    }

    #[test]
    fn a_box_never_seems_farther_than_somebody_in_it(
        points in prop::collection::vec((-90.0..=90.0f64, -180.0..=180.0f64), 1..9),
        from in (-90.0..=90.0f64, -180.0..=180.0f64), near in any::<bool>(),
    ) {
        let scale = if near { 1e-6 } else { 1.0 };
        let unit = |(latitude, longitude): (f64, f64)| spot(0, latitude * scale, longitude * scale).unit;
        let units: Vec<[f64; 3]> = points.into_iter().map(unit).collect();
        let frame = Frame::over(units.iter());
        let bounds = Bounds::around(units.iter().map(|unit| frame.turned(unit)).collect::<Vec<_>>().iter());
        let least = bounds.least_chord2(&side(&frame.turned(&unit(from))));
        for place in &units {
            prop_assert!(least <= chord2(place, &unit(from)));
        }
    }
}
