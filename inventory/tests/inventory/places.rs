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
}
