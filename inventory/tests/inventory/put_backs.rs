//! What lies in the tray for nobody, until it is back on its shelf.

use db::both_backends;
use db::testing::TestDb;
use db::types::{Id, ReservationId};
use inventory::ledger::{Receipt, take_in};
use inventory::put_backs::{self, PutBackView};
use inventory::reservations::{Goods, Request, pick, put_back, release_for_ticket};
use inventory::{Error, Reservation, Tracking};

use crate::fixture::Shop;

async fn waiting(shop: &Shop) -> Vec<PutBackView> {
    shop.read(|conn| put_backs::open(conn, None, 9)).await
}

async fn picked(shop: &Shop, id: ReservationId) -> Reservation {
    shop.write(move |tx| pick(tx, id, &Goods::default())).await.unwrap()
}

async fn held(shop: &Shop, quantity: i64) -> Reservation {
    shop.reserve(shop.request(shop.depots[0], quantity)).await.unwrap()
}

async fn pick_pieces(shop: &Shop, id: ReservationId, numbers: &[&str]) {
    let serials: Vec<String> = numbers.iter().map(|number| (*number).to_owned()).collect();
    let quantity = i64::try_from(serials.len()).ok();
    let picked = shop.write(move |tx| pick(tx, id, &Goods { quantity, serials: &serials, lot: None }));
    picked.await.unwrap();
}

both_backends! {
    async fn what_was_picked_for_a_ticket_that_is_cancelled_waits_to_be_put_back(test: TestDb) {
        let shop = Shop::open(test).await;
        shop.receive(shop.parts[0], shop.depots[0], 9).await;
        let (first, second) = (held(&shop, 2).await, held(&shop, 3).await);
        picked(&shop, first.id).await;
        let ticket = shop.tickets[0];
        shop.write(move |tx| release_for_ticket(tx, ticket)).await.unwrap();
        let found = waiting(&shop).await;
        assert_eq!((found.len(), found[0].put_back.quantity), (1, 2), "the second was on its shelf still");
        assert_eq!((found[0].put_back.location_id, found[0].put_back.reservation_id), (shop.depots[0], first.id));
        assert_ne!(second.id, first.id);
        let id = found[0].put_back.id;
        let done = shop.write(move |tx| put_backs::done(tx, id)).await.unwrap();
        assert_eq!((done.done_by.as_str(), done.done_at), ("test", Some(shop.test.clock.now())));
        assert_eq!(waiting(&shop).await, []);
        shop.test.clock.set(shop.at_minute(5));
        let again = shop.write(move |tx| put_backs::done(tx, id)).await.unwrap();
        assert_eq!(again, done, "said again, it stays");
        let nothing = shop.write(|tx| put_backs::done(tx, Id::new())).await.unwrap_err();
        assert!(matches!(nothing, Error::NotFound { what: "put-back", .. }), "{nothing:?}");
    }

    async fn what_was_put_back_or_never_picked_is_not_asked_for(test: TestDb) {
        let shop = Shop::open(test).await;
        shop.receive(shop.parts[0], shop.depots[0], 9).await;
        let one = held(&shop, 2).await;
        picked(&shop, one.id).await;
        let until = shop.at_minute(60);
        shop.write(move |tx| put_back(tx, one.id, until)).await.unwrap();
        shop.release(one.id).await.unwrap();
        assert_eq!(waiting(&shop).await, []);
    }

    async fn what_is_picked_for_the_same_ticket_again_need_not_go_back(test: TestDb) {
        let shop = Shop::open(test).await;
        shop.receive(shop.parts[0], shop.depots[0], 9).await;
        let one = held(&shop, 5).await;
        picked(&shop, one.id).await;
        shop.release(one.id).await.unwrap();
        let noted = waiting(&shop).await[0].put_back.clone();
        let again = held(&shop, 5).await;
        shop.write(move |tx| pick(tx, again.id, &Goods { quantity: Some(3), ..Goods::default() })).await.unwrap();
        let left = waiting(&shop).await;
        assert_eq!((left.len(), left[0].put_back.id, left[0].put_back.quantity), (1, noted.id, 2), "so much less");
        picked(&shop, again.id).await;
        assert_eq!(waiting(&shop).await, [], "in two goes it is all of it");
        shop.assert_proven().await;
    }

    async fn what_another_ticket_picks_takes_nothing_out_of_the_tray(test: TestDb) {
        let shop = Shop::open(test).await;
        shop.receive(shop.parts[0], shop.depots[0], 9).await;
        let one = held(&shop, 2).await;
        picked(&shop, one.id).await;
        shop.release(one.id).await.unwrap();
        let request = Request { ticket_id: shop.tickets[1], ..shop.request(shop.depots[0], 2) };
        let other = shop.reserve(request).await.unwrap();
        picked(&shop, other.id).await;
        assert_eq!(waiting(&shop).await[0].put_back.quantity, 2);
    }

    async fn only_the_pieces_that_are_picked_again_leave_the_tray(test: TestDb) {
        let shop = Shop::open(test).await;
        let part_id = shop.tracked(Tracking::Serial).await;
        shop.take_in(part_id, shop.depots[0], &["S1", "S2", "S3"]).await.unwrap();
        let tray = |found: Vec<PutBackView>| -> Vec<(i64, Vec<String>)> {
            found.into_iter().map(|one| (one.put_back.quantity, one.put_back.serials.0)).collect()
        };
        let request = Request { part_id, ..shop.request(shop.depots[0], 2) };
        let one = shop.reserve(request).await.unwrap();
        pick_pieces(&shop, one.id, &["S1", "S2"]).await;
        shop.release(one.id).await.unwrap();
        let again = shop.reserve(request).await.unwrap();
        pick_pieces(&shop, again.id, &["S3"]).await;
        assert_eq!(tray(waiting(&shop).await), [(2, vec!["S1".to_owned(), "S2".to_owned()])], "neither is S3");
        pick_pieces(&shop, again.id, &[" s2"]).await;
        assert_eq!(tray(waiting(&shop).await), [(1, vec!["S1".to_owned()])]);
        let last = shop.reserve(Request { quantity: 1, ..request }).await.unwrap();
        pick_pieces(&shop, last.id, &["S1"]).await;
        assert_eq!(tray(waiting(&shop).await), []);
        shop.assert_proven().await;
    }

    async fn another_lot_leaves_the_first_in_the_tray(test: TestDb) {
        let shop = Shop::open(test).await;
        let (part_id, place) = (shop.tracked(Tracking::Lot).await, shop.depots[0]);
        for lot in ["LA", "LB"] {
            let receipt = Receipt { lot: Some(lot), ..Receipt::plain(part_id, place, 4, "") };
            shop.write(move |tx| take_in(tx, &receipt)).await.unwrap();
        }
        let request = Request { part_id, ..shop.request(place, 2) };
        for (lot, left) in [("LA", 0), ("LB", 1), ("LA", 1)] {
            let one = shop.reserve(request).await.unwrap();
            let goods = Goods { lot: Some(lot), ..Goods::default() };
            shop.write(move |tx| pick(tx, one.id, &goods)).await.unwrap();
            let found = waiting(&shop).await;
            assert_eq!(found.len(), left, "after {lot}: {found:?}");
            shop.release(one.id).await.unwrap();
        }
        let lots: Vec<_> = waiting(&shop).await.into_iter().map(|one| one.lot).collect();
        assert_eq!(lots, [Some("LB".to_owned()), Some("LA".to_owned())], "LA was picked again, and given up again");
        shop.assert_proven().await;
    }

    async fn pieces_are_named_by_their_numbers(test: TestDb) {
        let shop = Shop::open(test).await;
        let part_id = shop.tracked(Tracking::Serial).await;
        shop.take_in(part_id, shop.depots[0], &["S1", "S2", "S3"]).await.unwrap();
        let request = Request { part_id, ..shop.request(shop.depots[0], 2) };
        let one = shop.reserve(request).await.unwrap();
        shop.write(move |tx| {
            let serials = ["S3".to_owned(), "S1".to_owned()];
            pick(tx, one.id, &Goods { serials: &serials, ..Goods::default() })
        }).await.unwrap();
        shop.release(one.id).await.unwrap();
        assert_eq!(waiting(&shop).await[0].put_back.serials.0, ["S1", "S3"]);
    }
}
