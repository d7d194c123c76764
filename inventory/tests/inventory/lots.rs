//! Parts that are followed by lot: what expires first goes first, and a lot is only where it went.

use db::both_backends;
use db::testing::TestDb;
use db::types::{LocationId, PartId};
use inventory::ledger::{self, Receipt, Transfer, adjust, adjust_lot, move_stock, take_in};
use inventory::reservations::{Goods, Request, issue, pick, put_back, return_part};
use inventory::usage::{Usage, use_part};
use inventory::{Error, Outcome, StockMovement, Tracking, lots};

use crate::fixture::Shop;

/// A part with lots: three of L1 that expires last, and two of L2 that expires first, at the first depot.
async fn two_lots(test: TestDb) -> (Shop, PartId) {
    let shop = Shop::open(test).await;
    let grease = shop.tracked(Tracking::Lot).await;
    arrive(&shop, grease, "L1", 3, 2_000).await.unwrap();
    arrive(&shop, grease, "L2", 2, 1_000).await.unwrap();
    (shop, grease)
}

async fn arrive(
    shop: &Shop,
    part_id: PartId,
    lot: &'static str,
    quantity: i64,
    minutes: i64,
) -> Result<Vec<StockMovement>, Error> {
    let (to, expires_at) = (shop.depots[0], Some(shop.at_minute(minutes)));
    shop.write(move |tx| {
        let receipt = Receipt {
            part_id,
            to,
            quantity,
            serials: &[],
            lot: Some(lot),
            expires_at,
            cost: None,
            order_line_id: None,
            note: "",
        };
        take_in(tx, &receipt)
    })
    .await
}

async fn carry(
    shop: &Shop,
    part_id: PartId,
    (from, to): (LocationId, LocationId),
    quantity: i64,
    lot: Option<&'static str>,
) -> Result<Vec<StockMovement>, Error> {
    shop.write(move |tx| {
        move_stock(tx, &Transfer { part_id, from, to, quantity, serials: &[], lot, note: "" })
    })
    .await
}

/// Number and quantity of each lot at a place.
async fn lots_at(shop: &Shop, part_id: PartId, place: LocationId) -> Vec<(String, i64)> {
    let there = shop.read(move |conn| lots::at(conn, part_id, place)).await;
    there.into_iter().map(|(lot, on_hand)| (lot.number, on_hand)).collect()
}

fn of(lots: &[(&str, i64)]) -> Vec<(String, i64)> {
    lots.iter().map(|(number, on_hand)| ((*number).to_owned(), *on_hand)).collect()
}

both_backends! {
    async fn goods_come_in_with_a_lot_and_its_day(test: TestDb) {
        let (shop, grease) = two_lots(test).await;
        let to = shop.depots[0];
        let nameless = shop.write(move |tx| ledger::receive(tx, grease, to, 1, "")).await.unwrap_err();
        assert!(matches!(nameless, Error::Invalid { field: "lot", .. }), "{nameless:?}");
        let lot = shop.read(move |conn| lots::find(conn, grease, " l1 ")).await.unwrap();
        assert_eq!(lot.expires_at, Some(shop.at_minute(2_000)));
        arrive(&shop, grease, "l1", 1, 2_000).await.unwrap();
        let other_day = arrive(&shop, grease, "L1", 1, 3_000).await.unwrap_err();
        assert!(matches!(other_day, Error::Invalid { field: "expires_on", .. }), "{other_day:?}");
        let plain = arrive(&shop, shop.parts[0], "L1", 1, 1).await.unwrap_err();
        assert!(matches!(plain, Error::Invalid { field: "lot", .. }), "{plain:?}");
        assert_eq!(lots_at(&shop, grease, to).await, of(&[("L2", 2), ("L1", 4)]));
        shop.assert_proven().await;
    }

    async fn a_lot_moves_from_where_it_is_and_what_expires_first_where_nobody_says(test: TestDb) {
        let (shop, grease) = two_lots(test).await;
        let [near, far] = shop.depots;
        arrive(&shop, grease, "L3", 1, 9_000).await.unwrap();
        for (lot, quantity) in [("L3", 2), ("L4", 1)] {
            let refused = carry(&shop, grease, (near, far), quantity, Some(lot)).await.unwrap_err();
            assert!(matches!(refused, Error::Invalid { field: "lot", .. }), "{refused:?}");
        }
        let moved = carry(&shop, grease, (near, far), 3, None).await.unwrap();
        assert_eq!(moved.iter().map(|m| m.quantity).collect::<Vec<_>>(), [2, 1]);
        assert!(moved[0].batch_id.is_some() && moved[0].batch_id == moved[1].batch_id);
        assert_eq!(lots_at(&shop, grease, far).await, of(&[("L2", 2), ("L1", 1)]));
        let refused = carry(&shop, grease, (far, near), 1, Some("L3")).await.unwrap_err();
        assert!(matches!(refused, Error::Invalid { field: "lot", .. }), "it never was there: {refused:?}");
        let id = moved[1].id;
        shop.write(move |tx| ledger::undo(tx, id)).await.unwrap();
        assert_eq!(lots_at(&shop, grease, far).await, []);
        assert_eq!(lots_at(&shop, grease, near).await, of(&[("L2", 2), ("L1", 3), ("L3", 1)]));
        shop.assert_proven().await;
    }

    async fn the_lot_that_was_picked_is_handed_over_used_and_given_back(test: TestDb) {
        let (shop, grease) = two_lots(test).await;
        let request = Request { part_id: grease, ..shop.request(shop.depots[0], 3) };
        let id = shop.reserve(request).await.unwrap().id;
        let goods = Goods { lot: Some("L2"), ..Goods::default() };
        let too_few = shop.write(move |tx| pick(tx, id, &goods)).await.unwrap_err();
        assert!(matches!(too_few, Error::Invalid { field: "lot", .. }), "{too_few:?}");
        let goods = Goods { lot: Some("l1"), ..Goods::default() };
        let picked = shop.write(move |tx| pick(tx, id, &goods)).await.unwrap();
        assert!(picked.lot_id.is_some());
        let request = Request { part_id: grease, ..shop.request(shop.depots[0], 1) };
        let other = shop.reserve(request).await.unwrap().id;
        let goods = Goods { lot: Some("L1"), ..Goods::default() };
        let gone = shop.write(move |tx| pick(tx, other, &goods)).await.unwrap_err();
        assert!(matches!(gone, Error::Invalid { field: "lot", .. }), "all of it is picked: {gone:?}");
        shop.write(move |tx| issue(tx, id)).await.unwrap();
        assert_eq!(lots_at(&shop, grease, shop.vans[0]).await, of(&[("L1", 3)]));
        shop.write(move |tx| issue(tx, other)).await.unwrap();
        let goods = Goods { quantity: Some(1), ..Goods::default() };
        shop.write(move |tx| return_part(tx, id, &goods, None)).await.unwrap();
        assert_eq!(lots_at(&shop, grease, shop.depots[0]).await, of(&[("L2", 1), ("L1", 1)]));
        let usage = Usage { part_id: grease, ..shop.says(2, Outcome::Used) };
        shop.write(move |tx| use_part(tx, usage.clone())).await.unwrap();
        assert_eq!(lots_at(&shop, grease, shop.vans[0]).await, of(&[("L2", 1)]), "what was handed over for it");
        shop.assert_proven().await;
    }

    async fn what_has_expired_is_not_handed_over(test: TestDb) {
        let (shop, grease) = two_lots(test).await;
        let request = Request { part_id: grease, ..shop.request(shop.depots[0], 4) };
        let id = shop.reserve(request).await.unwrap().id;
        shop.test.clock.set(shop.at_minute(1_000));
        let refused = shop.write(move |tx| issue(tx, id)).await.unwrap_err();
        assert!(matches!(refused, Error::Shortage { wanted: 4, available: 3, .. }), "{refused:?}");
        let goods = Goods { quantity: Some(1), lot: Some("L2"), ..Goods::default() };
        let refused = shop.write(move |tx| pick(tx, id, &goods)).await.unwrap_err();
        assert!(matches!(refused, Error::Invalid { field: "lot", .. }), "{refused:?}");
        let goods = Goods { quantity: Some(3), ..Goods::default() };
        let picked = shop.write(move |tx| pick(tx, id, &goods)).await.unwrap().id;
        shop.write(move |tx| issue(tx, picked)).await.unwrap();
        assert_eq!(lots_at(&shop, grease, shop.depots[0]).await, of(&[("L2", 2)]));
        shop.assert_proven().await;
    }

    async fn a_lot_that_is_put_back_is_anybodys(test: TestDb) {
        let (shop, grease) = two_lots(test).await;
        let request = Request { part_id: grease, ..shop.request(shop.depots[0], 2) };
        let id = shop.reserve(request).await.unwrap().id;
        let goods = Goods { lot: Some("L2"), ..Goods::default() };
        shop.write(move |tx| pick(tx, id, &goods)).await.unwrap();
        let until = shop.at_minute(10);
        assert_eq!(shop.write(move |tx| put_back(tx, id, until)).await.unwrap().lot_id, None);
    }

    async fn an_engineer_who_used_what_is_not_there_leaves_less_than_nothing_of_no_lot(test: TestDb) {
        let (shop, grease) = two_lots(test).await;
        let (depot, van) = (shop.depots[0], shop.vans[0]);
        carry(&shop, grease, (depot, van), 2, Some("L1")).await.unwrap();
        let usage = Usage { part_id: grease, ..shop.says(3, Outcome::Used) };
        assert!(shop.write(move |tx| use_part(tx, usage.clone())).await.unwrap().went_negative);
        assert_eq!(lots_at(&shop, grease, van).await, of(&[("", -1)]));
        let named = Usage { part_id: grease, serial: "L2".to_owned(), ..shop.says(1, Outcome::Defective) };
        shop.write(move |tx| use_part(tx, named.clone())).await.unwrap();
        assert_eq!(lots_at(&shop, grease, van).await, of(&[("L2", -1), ("", -1)]), "he says which it was");
        shop.assert_proven().await;
        shop.write(move |tx| adjust_lot(tx, (grease, van), "L2", 0, "")).await.unwrap();
        shop.write(move |tx| adjust(tx, grease, van, 0, "")).await.unwrap();
        assert_eq!(lots_at(&shop, grease, van).await, []);
        shop.assert_proven().await;
    }

    async fn a_count_of_one_lot_leaves_the_others_alone(test: TestDb) {
        let (shop, grease) = two_lots(test).await;
        let depot = shop.depots[0];
        shop.write(move |tx| adjust_lot(tx, (grease, depot), "L1", 5, "")).await.unwrap();
        assert_eq!(lots_at(&shop, grease, depot).await, of(&[("L2", 2), ("L1", 5)]));
        let counted = shop.write(move |tx| adjust(tx, grease, depot, 4, "")).await.unwrap();
        assert_eq!(counted.movements.len(), 2, "what expires first is missing");
        assert_eq!(lots_at(&shop, grease, depot).await, of(&[("L1", 4)]));
        shop.write(move |tx| adjust(tx, grease, depot, 5, "")).await.unwrap();
        assert_eq!(lots_at(&shop, grease, depot).await, of(&[("L1", 4), ("", 1)]));
        shop.assert_proven().await;
    }
}
