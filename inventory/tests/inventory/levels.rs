//! How much places should have, and from where it comes.

use std::collections::{BTreeMap, BTreeSet};

use db::both_backends;
use db::testing::TestDb;
use db::types::{Id, LocationId, PartId};
use inventory::Error;
use inventory::levels::{
    self, Fill, Filter, Lack, NewLevel, Proposal, Shelves, StockLevel, Take, carry, low, order, put, remove,
};
use inventory::locations::{self, NewLocation};
use proptest::prelude::*;

use crate::fixture::{Shop, depot};

async fn should_have(shop: &Shop, location_id: LocationId, minimum: i64, maximum: i64) -> StockLevel {
    let new = NewLevel { part_id: shop.parts[0], location_id, minimum, maximum, lead_days: 3 };
    shop.write(move |tx| put(tx, new)).await.unwrap()
}

async fn bin_in(shop: &Shop, depot_id: LocationId) -> LocationId {
    let bin = inventory::LocationKind::Bin;
    let new =
        NewLocation { kind: bin, latitude: None, longitude: None, parent_id: Some(depot_id), ..depot() };
    shop.write(move |tx| Ok(locations::create(tx, new.clone())?.id)).await.unwrap()
}

async fn proposals(shop: &Shop) -> Vec<Proposal> {
    shop.read(low).await
}

fn transfers(proposal: &Proposal) -> Vec<(LocationId, i64)> {
    proposal.transfers.iter().map(|source| (source.from_location_id, source.quantity)).collect()
}

both_backends! {
    async fn a_level_is_said_changed_listed_and_forgotten(test: TestDb) {
        let shop = Shop::open(test).await;
        let first = should_have(&shop, shop.depots[0], 2, 5).await;
        let second = should_have(&shop, shop.depots[0], 3, 9).await;
        assert_eq!((second.id, second.minimum, second.maximum), (first.id, 3, 9), "there is one a part and place");
        should_have(&shop, shop.vans[0], 1, 1).await;
        let here = Filter { location_id: Some(shop.depots[0]), part_id: Some(shop.parts[0]) };
        assert_eq!(shop.read(move |conn| levels::list(conn, here, None, 9)).await, [second]);
        let id = first.id;
        shop.write(move |tx| remove(tx, id)).await.unwrap();
        assert_eq!(shop.read(move |conn| levels::list(conn, Filter::default(), None, 9)).await.len(), 1);
        let gone = shop.write(move |tx| remove(tx, id)).await.unwrap_err();
        assert!(matches!(gone, Error::NotFound { what: "level", .. }), "{gone:?}");
    }

    async fn levels_that_make_no_sense_are_refused_by_field(test: TestDb) {
        let shop = Shop::open(test).await;
        let good = NewLevel {
            part_id: shop.parts[0], location_id: shop.depots[0], minimum: 1, maximum: 2, lead_days: 0,
        };
        let bad = [
            (NewLevel { minimum: -1, ..good }, "minimum"),
            (NewLevel { minimum: 3, ..good }, "maximum"),
            (NewLevel { maximum: i64::MAX, ..good }, "maximum"),
            (NewLevel { lead_days: -1, ..good }, "lead_days"),
            (NewLevel { location_id: locations::quarantine(), ..good }, "location_id"),
        ];
        for (new, expected) in bad {
            let refused = shop.write(move |tx| put(tx, new)).await.unwrap_err();
            assert!(matches!(refused, Error::Invalid { field, .. } if field == expected), "{refused:?}");
        }
        let unknown = NewLevel { part_id: PartId::new(), ..good };
        let refused = shop.write(move |tx| put(tx, unknown)).await.unwrap_err();
        assert!(matches!(refused, Error::NotFound { what: "part", .. }), "{refused:?}");
    }

    async fn what_is_promised_is_not_there_and_a_van_is_filled_from_its_depot(test: TestDb) {
        let shop = Shop::open(test).await;
        let (part, [near, far], van) = (shop.parts[0], shop.depots, shop.vans[0]);
        should_have(&shop, van, 2, 6).await;
        should_have(&shop, near, 3, 9).await;
        shop.receive(part, van, 3).await;
        shop.receive(part, near, 5).await;
        assert_eq!(proposals(&shop).await, [], "nobody lacks anything");
        shop.reserve(shop.request(van, 2)).await.unwrap();
        let found = proposals(&shop).await;
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].location_id, found[0].free, found[0].order), (van, 1, 3));
        assert_eq!(transfers(&found[0]), [(near, 2)], "the depot keeps its three");
        shop.receive(part, far, 1).await;
        shop.receive(part, shop.vans[1], 40).await;
        let found = proposals(&shop).await;
        assert_eq!(transfers(&found[0]), [(near, 2), (far, 1), (shop.vans[1], 2)], "depots before vans");
        assert_eq!(found[0].order, 0);
    }

    async fn what_is_in_a_depots_bins_is_in_the_depot(test: TestDb) {
        let shop = Shop::open(test).await;
        let near = shop.depots[0];
        let bin = bin_in(&shop, near).await;
        should_have(&shop, near, 4, 8).await;
        should_have(&shop, shop.vans[0], 1, 9).await;
        shop.receive(shop.parts[0], bin, 5).await;
        let found = proposals(&shop).await;
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((transfers(&found[0]), found[0].order), (vec![(bin, 1)], 8));
    }

    async fn what_a_bin_gets_its_depot_has_and_is_not_ordered_twice(test: TestDb) {
        let shop = Shop::open(test).await;
        let near = shop.depots[0];
        let bin = bin_in(&shop, near).await;
        let orders = async || -> Vec<(LocationId, i64)> {
            proposals(&shop).await.iter().map(|found| (found.location_id, found.order)).collect()
        };
        should_have(&shop, near, 5, 10).await;
        should_have(&shop, bin, 5, 10).await;
        assert_eq!(orders().await, [(bin, 10)], "ten in the bin are ten in the depot");
        should_have(&shop, bin, 2, 3).await;
        assert_eq!(orders().await, [(bin, 3), (near, 7)], "the depot has to have more than the bin");
        should_have(&shop, bin, 2, 14).await;
        assert_eq!(orders().await, [(bin, 14)]);
        shop.receive(shop.parts[0], shop.depots[1], 4).await;
        should_have(&shop, bin, 2, 6).await;
        let found = proposals(&shop).await;
        assert_eq!((transfers(&found[0]), found[0].order), (vec![(shop.depots[1], 4)], 2));
        assert_eq!((found[1].location_id, transfers(&found[1]), found[1].order), (near, vec![], 4));
    }

    async fn what_two_lack_is_offered_once_and_the_rest_is_ordered(test: TestDb) {
        let shop = Shop::open(test).await;
        shop.receive(shop.parts[0], shop.depots[0], 5).await;
        for van in shop.vans {
            should_have(&shop, van, 3, 4).await;
        }
        let found = proposals(&shop).await;
        let moved: i64 = found.iter().flat_map(transfers).map(|(_, quantity)| quantity).sum();
        assert_eq!((moved, found.iter().map(|p| p.order).sum::<i64>()), (5, 3));
    }
}

/// What is free, what should be at least, and what it would get.
type Row = (i64, Option<i64>, i64);

/// Four places, the second in the first, the last a van.
fn four() -> impl Strategy<Value = (Shelves, Vec<Lack>)> {
    let figures = proptest::collection::vec((-3..12_i64, proptest::option::of(0..8_i64), 0..9_i64), 4);
    figures.prop_map(|figures| {
        let places: Vec<LocationId> = (0..4).map(|_| Id::new()).collect();
        let with = |pick: fn(&Row) -> Option<i64>| -> BTreeMap<LocationId, i64> {
            places.iter().zip(&figures).filter_map(|(place, row)| Some((*place, pick(row)?))).collect()
        };
        let shelves = Shelves {
            free: with(|row| Some(row.0)),
            parent: BTreeMap::from([(places[1], places[0])]),
            vans: BTreeSet::from([places[3]]),
            minimum: with(|row| row.1),
        };
        let low =
            |place: &LocationId| shelves.minimum.get(place).is_some_and(|min| shelves.total(*place) < *min);
        let inner_first = [1, 0, 2, 3].map(|n| (&places[n], &figures[n]));
        let lacks = inner_first.into_iter().filter(|(place, _)| low(place));
        let lack = |(place, row): (&LocationId, &Row)| Lack { location_id: *place, quantity: row.2 };
        let lacks = lacks.map(lack).collect();
        (shelves, lacks)
    })
}

/// What is carried into a bin from outside of the place that it is in.
fn from_outside(shelves: &Shelves, fill: &Fill, outer: LocationId) -> i64 {
    let within = |at: LocationId| at == outer || shelves.parent.get(&at) == Some(&outer);
    fill.takes.iter().filter(|take| !within(take.from)).map(|take| take.quantity).sum()
}

#[test]
fn what_a_depot_has_goes_to_its_bin_though_both_are_at_their_minimum() {
    let (depot, bin): (LocationId, LocationId) = (Id::new(), Id::new());
    let shelves = Shelves {
        free: BTreeMap::from([(depot, 1)]),
        parent: BTreeMap::from([(bin, depot)]),
        minimum: BTreeMap::from([(depot, 1), (bin, 1)]),
        ..Shelves::default()
    };
    let fills = carry(&shelves, &[Lack { location_id: bin, quantity: 1 }]);
    assert_eq!(
        (fills[0].takes.as_slice(), fills[0].lacking),
        ([Take { from: depot, quantity: 1 }].as_slice(), 0)
    );
}

proptest! {
    #[test]
    fn nothing_is_given_twice_and_nobody_falls_below_his_own_minimum((shelves, lacks) in four()) {
        let fills = order(&shelves, &lacks);
        let mut after = shelves.clone();
        for (lack, fill) in lacks.iter().zip(&fills) {
            let given: i64 = fill.takes.iter().map(|take| take.quantity).sum();
            let inside: i64 = shelves.parent.iter().filter(|(_, outer)| **outer == lack.location_id)
                .flat_map(|(inner, _)| fills.iter().filter(|fill| fill.location_id == *inner))
                .map(|fill| fill.lacking + from_outside(&shelves, fill, lack.location_id)).sum();
            let had = given + fill.lacking;
            // What comes to a bin from elsewhere comes to its depot too, so a depot may get a little less than that.
            let wanted = (lack.quantity - inside).max(0);
            prop_assert_eq!(had, wanted);
            prop_assert!(fill.lacking >= 0 && fill.takes.iter().all(|take| take.quantity > 0));
            for Take { from, quantity } in &fill.takes {
                *after.free.get_mut(from).unwrap() -= quantity;
                if shelves.parent.get(&lack.location_id) == Some(from) {
                    // It stays in the depot.
                    *after.free.get_mut(&lack.location_id).unwrap() += quantity;
                }
            }
        }
        let givers: BTreeSet<LocationId> = fills.iter().flat_map(|f| f.takes.iter().map(|t| t.from)).collect();
        for place in givers {
            prop_assert!(after.free[&place] >= 0);
            let outer = shelves.parent.get(&place).copied();
            for at in [Some(place), outer].into_iter().flatten() {
                let kept = after.total(at) >= shelves.total(at);
                prop_assert!(kept || shelves.minimum.get(&at).is_none_or(|min| after.total(at) >= *min), "{:?}", at);
            }
        }
    }
}
