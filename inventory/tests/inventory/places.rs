//! Depots, their bins, and where they stand.

use db::both_backends;
use db::testing::TestDb;
use db::types::LocationId;
use inventory::locations::{
    self, LocationChanges, NewLocation, StockLocation, above, create, update, within,
};
use inventory::{Error, LocationKind};

use crate::fixture::{Shop, depot};

async fn bin(shop: &Shop, parent: LocationId) -> Result<StockLocation, Error> {
    let new = NewLocation {
        kind: LocationKind::Bin,
        latitude: None,
        longitude: None,
        parent_id: Some(parent),
        ..depot()
    };
    shop.write(move |tx| create(tx, new.clone())).await
}

async fn change(shop: &Shop, id: LocationId, changes: LocationChanges) -> Result<StockLocation, Error> {
    shop.write(move |tx| update(tx, id, &changes)).await
}

fn into(parent: LocationId) -> LocationChanges {
    LocationChanges { parent_id: Some(parent), ..LocationChanges::default() }
}

async fn stands(shop: &Shop, id: LocationId) -> (Option<f64>, Option<f64>) {
    let place = shop.read(move |conn| locations::get(conn, id)).await;
    (place.latitude, place.longitude)
}

/// Bins in each other, the outermost first.
async fn nested(shop: &Shop, outside: LocationId, count: usize) -> Vec<LocationId> {
    let mut bins = vec![outside];
    for _ in 0..count {
        bins.push(bin(shop, *bins.last().unwrap()).await.unwrap().id);
    }
    bins.split_off(1)
}

both_backends! {
    async fn a_bin_stands_where_its_depot_stands_and_moves_with_it(test: TestDb) {
        let shop = Shop::open(test).await;
        let bins = nested(&shop, shop.depots[0], 2).await;
        assert_eq!(stands(&shop, bins[1]).await, (Some(40.75), Some(-73.98)));
        let moved =
            LocationChanges { latitude: Some(41.0), longitude: Some(-74.0), ..LocationChanges::default() };
        change(&shop, shop.depots[0], moved.clone()).await.unwrap();
        assert_eq!(stands(&shop, bins[1]).await, (Some(41.0), Some(-74.0)));
        change(&shop, bins[0], into(shop.depots[1])).await.unwrap();
        assert_eq!(stands(&shop, bins[1]).await, (Some(40.75), Some(-73.98)), "with all that is in it");
        let depot = shop.depots[1];
        let inside = shop.read(move |conn| within(conn, depot)).await;
        assert_eq!(inside, [depot, bins[0], bins[1]]);
        let refused = change(&shop, bins[0], moved).await.unwrap_err();
        assert!(matches!(refused, Error::Invalid { field: "latitude", .. }), "{refused:?}");
    }

    async fn no_place_is_in_itself(test: TestDb) {
        let shop = Shop::open(test).await;
        let bins = nested(&shop, shop.depots[0], 3).await;
        for inside in &bins {
            let refused = change(&shop, bins[0], into(*inside)).await.unwrap_err();
            assert!(matches!(refused, Error::Invalid { field: "parent_id", .. }), "{refused:?}");
        }
        let last = shop.read({
            let id = bins[2];
            move |conn| { let place = locations::get(conn, id)?; above(conn, &place) }
        }).await;
        assert_eq!(last.iter().map(|p| p.id).collect::<Vec<_>>(), [bins[1], bins[0], shop.depots[0]]);
    }

    async fn nothing_is_more_than_eight_deep_made_or_moved(test: TestDb) {
        let shop = Shop::open(test).await;
        let bins = nested(&shop, shop.depots[0], 7).await;
        let deeper = bin(&shop, bins[6]).await.unwrap_err();
        assert!(matches!(deeper, Error::Invalid { field: "parent_id", .. }), "{deeper:?}");
        let tower = nested(&shop, shop.depots[1], 3).await;
        let refused = change(&shop, tower[0], into(bins[4])).await.unwrap_err();
        assert!(matches!(refused, Error::Invalid { field: "parent_id", .. }), "{refused:?}");
        change(&shop, tower[0], into(bins[3])).await.unwrap();
    }

    async fn bins_are_in_depots_and_bins_and_nothing_else_is_in_anything(test: TestDb) {
        let shop = Shop::open(test).await;
        for outside in [shop.vans[0], locations::quarantine(), locations::supplier()] {
            let refused = bin(&shop, outside).await.unwrap_err();
            assert!(matches!(refused, Error::Invalid { field: "parent_id", .. }), "{refused:?}");
        }
        let refused = change(&shop, shop.depots[0], into(shop.depots[1])).await.unwrap_err();
        assert!(matches!(refused, Error::Invalid { field: "parent_id", .. }), "{refused:?}");
        let name = LocationChanges { name: Some("All suppliers".to_owned()), ..LocationChanges::default() };
        let refused = change(&shop, locations::supplier(), name).await.unwrap_err();
        assert!(matches!(refused, Error::Invalid { field: "kind", .. }), "{refused:?}");
    }

    async fn half_a_point_is_none(test: TestDb) {
        let shop = Shop::open(test).await;
        for changes in [
            LocationChanges { latitude: Some(41.0), ..LocationChanges::default() },
            LocationChanges { longitude: Some(-74.0), ..LocationChanges::default() },
        ] {
            let refused = change(&shop, shop.depots[0], changes).await.unwrap_err();
            assert!(matches!(refused, Error::Invalid { field: "latitude", .. }), "{refused:?}");
        }
        let engineer = db::types::EngineerId::new();
        for new in [
            NewLocation { latitude: Some(41.0), ..crate::fixture::van(engineer) },
            NewLocation { longitude: Some(-74.0), ..crate::fixture::van(engineer) },
        ] {
            let refused = shop.write(move |tx| create(tx, new.clone())).await.unwrap_err();
            assert!(matches!(refused, Error::Invalid { field: "latitude", .. }), "{refused:?}");
        }
        assert_eq!(stands(&shop, shop.depots[0]).await, (Some(40.75), Some(-73.98)));
    }

    async fn a_point_outside_the_world_is_refused_by_its_half(test: TestDb) {
        let shop = Shop::open(test).await;
        for (latitude, longitude, expected) in [
            (90.1, 0.0, "latitude"),
            (f64::NAN, 0.0, "latitude"),
            (0.0, -180.1, "longitude"),
            (0.0, f64::INFINITY, "longitude"),
        ] {
            let changes = LocationChanges {
                latitude: Some(latitude), longitude: Some(longitude), ..LocationChanges::default()
            };
            let refused = change(&shop, shop.depots[0], changes).await.unwrap_err();
            assert!(matches!(refused, Error::Invalid { field, .. } if field == expected), "{refused:?}");
        }
        let edge =
            LocationChanges { latitude: Some(-90.0), longitude: Some(180.0), ..LocationChanges::default() };
        change(&shop, shop.depots[0], edge).await.unwrap();
        assert_eq!(stands(&shop, shop.depots[0]).await, (Some(-90.0), Some(180.0)));
    }

    async fn what_is_not_named_stays_and_nothing_beside_the_place_changes(test: TestDb) {
        let shop = Shop::open(test).await;
        let [near, far] = shop.depots;
        let before = shop.read(move |conn| locations::get(conn, near)).await;
        let other = shop.read(move |conn| locations::get(conn, far)).await;
        let same = change(&shop, near, LocationChanges::default()).await.unwrap();
        assert_eq!(same, before);
        let name = LocationChanges { name: Some("North".to_owned()), ..LocationChanges::default() };
        let named = change(&shop, near, name).await.unwrap();
        assert_eq!(named, StockLocation { name: "North".to_owned(), ..before });
        let closed = LocationChanges { active: Some(false), ..LocationChanges::default() };
        change(&shop, near, closed).await.unwrap();
        let stored = shop.read(move |conn| locations::get(conn, near)).await;
        assert_eq!(stored, StockLocation { active: false, ..named });
        assert_eq!(shop.read(move |conn| locations::get(conn, far)).await, other);
    }

    async fn a_code_is_of_one_place_and_never_empty(test: TestDb) {
        let shop = Shop::open(test).await;
        let [near, far] = shop.depots;
        let taken = shop.read(move |conn| Ok(locations::get(conn, far)?.code)).await;
        let code = |code: &str| LocationChanges { code: Some(code.to_owned()), ..LocationChanges::default() };
        let refused = change(&shop, near, code(&taken)).await.unwrap_err();
        let violation = db::Failure::database(&refused).and_then(db::Error::violation).unwrap();
        assert!(violation.concerns("stock_locations", "code"), "{refused:?}");
        let refused = change(&shop, near, code(" \t")).await.unwrap_err();
        assert!(matches!(refused, Error::Invalid { field: "code", .. }), "{refused:?}");
        assert_eq!(change(&shop, near, code("NORTH-1")).await.unwrap().code, "NORTH-1");
    }

    async fn what_is_not_there_cannot_be_changed_or_be_around_anything(test: TestDb) {
        let shop = Shop::open(test).await;
        let nowhere = LocationId::new();
        let gone = change(&shop, nowhere, LocationChanges::default()).await.unwrap_err();
        assert!(matches!(gone, Error::NotFound { .. }), "{gone:?}");
        let gone = bin(&shop, nowhere).await.unwrap_err();
        assert!(matches!(gone, Error::NotFound { .. }), "{gone:?}");
        let own = bin(&shop, shop.depots[0]).await.unwrap().id;
        let gone = change(&shop, own, into(nowhere)).await.unwrap_err();
        assert!(matches!(gone, Error::NotFound { .. }), "{gone:?}");
        let kept = shop.read(move |conn| locations::get(conn, own)).await;
        assert_eq!(kept.parent_id, Some(shop.depots[0]));
    }

    async fn every_bin_that_moves_along_is_in_the_log(test: TestDb) {
        let shop = Shop::open(test).await;
        let bins = nested(&shop, shop.depots[0], 2).await;
        let beside = bin(&shop, shop.depots[0]).await.unwrap().id;
        let before = shop.read(|conn| Ok(db::changes::last(conn)?)).await;
        change(&shop, bins[0], into(shop.depots[1])).await.unwrap();
        let log = shop.read(move |conn| Ok(db::changes::after(conn, before, 99)?)).await;
        let mut rows: Vec<String> = log.into_iter().map(|change| change.row_id).collect();
        rows.sort();
        let mut moved: Vec<String> = bins.iter().map(ToString::to_string).collect();
        moved.sort();
        assert_eq!(rows, moved, "and not the one beside, {beside}");
    }
}
