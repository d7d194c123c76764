//! Receiving, transferring, counting, and the proof.

use db::both_backends;
use db::testing::{TestDb, raw};
use db::types::{LocationId, PartId};
use diesel::connection::SimpleConnection;
use inventory::ledger::{Filter, MovementKind, adjust, movements, receive, transfer};
use inventory::verify::{Difference, verify};
use inventory::{Error, MAX_QUANTITY, StockMovement, locations};

use crate::fixture::Shop;

async fn moved(shop: &Shop, filter: Filter) -> Vec<StockMovement> {
    shop.read(move |conn| movements(conn, filter, None, 50)).await
}

both_backends! {
    async fn received_stock_is_on_hand_and_free(test: TestDb) {
        let shop = Shop::open(test).await;
        shop.receive(shop.parts[0], shop.depots[0], 5).await;
        shop.receive(shop.parts[0], shop.depots[0], 2).await;
        let balance = shop.balance(shop.parts[0], shop.depots[0]).await.unwrap();
        assert_eq!((balance.on_hand, balance.reserved, balance.available), (7, 0, 7));
        shop.assert_proven().await;
    }

    async fn a_movement_names_both_ends_its_time_and_who(test: TestDb) {
        let shop = Shop::open(test).await;
        let (part, depot) = (shop.parts[0], shop.depots[0]);
        let movement = shop.write(move |tx| receive(tx, part, depot, 5, "delivery 7")).await.unwrap();
        assert_eq!(movement.kind, MovementKind::Receive);
        assert_eq!((movement.from_location_id, movement.to_location_id), (locations::supplier(), depot));
        assert_eq!((movement.actor.as_str(), movement.note.as_str()), ("test", "delivery 7"));
        assert_eq!(moved(&shop, Filter::default()).await, [movement]);
    }

    async fn a_transfer_moves_what_is_free_and_no_more(test: TestDb) {
        let shop = Shop::open(test).await;
        let (part, from, to) = (shop.parts[0], shop.depots[0], shop.vans[1]);
        shop.receive(part, from, 5).await;
        shop.reserve(shop.request(from, 2)).await.unwrap();
        let refused = shop.write(move |tx| transfer(tx, part, from, to, 4, "")).await.unwrap_err();
        assert!(matches!(refused, Error::Shortage { wanted: 4, available: 3, .. }), "{refused:?}");
        shop.write(move |tx| transfer(tx, part, from, to, 3, "")).await.unwrap();
        assert_eq!(shop.stock(from).await, (2, 2));
        assert_eq!(shop.stock(to).await, (3, 0));
        shop.assert_proven().await;
    }

    async fn a_transfer_needs_two_places_that_keep_stock(test: TestDb) {
        let shop = Shop::open(test).await;
        let (part, depot) = (shop.parts[0], shop.depots[0]);
        shop.receive(part, depot, 5).await;
        for (from, to, field) in [
            (depot, depot, "to_location_id"),
            (depot, locations::installed(), "to_location_id"),
            (locations::supplier(), depot, "from_location_id"),
        ] {
            let refused = shop.write(move |tx| transfer(tx, part, from, to, 1, "")).await.unwrap_err();
            assert!(matches!(refused, Error::Invalid { field: f, .. } if f == field), "{refused:?}");
        }
        assert_eq!(shop.stock(depot).await, (5, 0));
    }

    async fn quantities_that_no_movement_can_have_are_refused(test: TestDb) {
        let shop = Shop::open(test).await;
        let (part, depot, van) = (shop.parts[0], shop.depots[0], shop.vans[0]);
        for quantity in [0, -1, i64::MIN, i64::MAX, MAX_QUANTITY + 1] {
            let received = shop.write(move |tx| receive(tx, part, depot, quantity, "")).await;
            assert!(matches!(received, Err(Error::Invalid { field: "quantity", .. })), "{quantity}: {received:?}");
            let moved = shop.write(move |tx| transfer(tx, part, depot, van, quantity, "")).await;
            assert!(matches!(moved, Err(Error::Invalid { field: "quantity", .. })), "{quantity}: {moved:?}");
            let reserved = shop.reserve(shop.request(depot, quantity)).await;
            assert!(matches!(reserved, Err(Error::Invalid { field: "quantity", .. })), "{quantity}: {reserved:?}");
        }
        assert!(shop.balance(part, depot).await.is_none());
    }

    async fn an_unknown_part_or_place_is_refused_and_leaves_nothing(test: TestDb) {
        let shop = Shop::open(test).await;
        let (part, depot) = (shop.parts[0], shop.depots[0]);
        let nowhere = shop.write(move |tx| receive(tx, part, LocationId::new(), 1, "")).await.unwrap_err();
        assert!(matches!(nowhere, Error::NotFound { what: "location", .. }), "{nowhere:?}");
        let nothing = shop.write(move |tx| receive(tx, PartId::new(), depot, 1, "")).await.unwrap_err();
        assert!(matches!(nothing, Error::NotFound { what: "part", .. }), "{nothing:?}");
        assert_eq!(moved(&shop, Filter::default()).await, []);
    }

    async fn a_count_becomes_the_figure_and_its_difference_a_movement(test: TestDb) {
        let shop = Shop::open(test).await;
        let (part, depot) = (shop.parts[0], shop.depots[0]);
        shop.receive(part, depot, 5).await;
        for (counted, difference) in [(3, -2), (9, 6), (0, -9)] {
            let adjusted = shop.write(move |tx| adjust(tx, part, depot, counted, "count")).await.unwrap();
            let movement = adjusted.movements[0].clone();
            let signed = if movement.to_location_id == depot { movement.quantity } else { -movement.quantity };
            assert_eq!((signed, adjusted.balance.on_hand), (difference, counted));
            shop.assert_proven().await;
        }
    }

    async fn a_count_that_finds_what_the_books_say_moves_nothing(test: TestDb) {
        let shop = Shop::open(test).await;
        let (part, depot) = (shop.parts[0], shop.depots[0]);
        shop.receive(part, depot, 5).await;
        let adjusted = shop.write(move |tx| adjust(tx, part, depot, 5, "")).await.unwrap();
        assert_eq!((adjusted.movements.len(), adjusted.balance.on_hand), (0, 5));
    }

    async fn a_count_of_what_was_never_there_opens_a_balance(test: TestDb) {
        let shop = Shop::open(test).await;
        let (part, depot) = (shop.parts[0], shop.depots[0]);
        let adjusted = shop.write(move |tx| adjust(tx, part, depot, 4, "found")).await.unwrap();
        assert_eq!(adjusted.balance.on_hand, 4);
        shop.assert_proven().await;
    }

    async fn a_count_below_what_is_promised_is_believed_and_no_more_is_promised_than_was_found(test: TestDb) {
        let shop = Shop::open(test).await;
        let (part, depot) = (shop.parts[0], shop.depots[0]);
        shop.receive(part, depot, 5).await;
        shop.reserve(shop.request(depot, 4)).await.unwrap();
        let adjusted = shop.write(move |tx| adjust(tx, part, depot, 1, "")).await.unwrap();
        assert_eq!((adjusted.balance.on_hand, adjusted.balance.reserved, adjusted.balance.available), (1, 1, 0));
        let refused = shop.write(move |tx| adjust(tx, part, depot, -1, "")).await.unwrap_err();
        assert!(matches!(refused, Error::Invalid { field: "quantity", .. }), "{refused:?}");
        shop.assert_proven().await;
    }

    async fn movements_are_listed_newest_first_by_part_place_and_ticket(test: TestDb) {
        let shop = Shop::open(test).await;
        let [first, second] = shop.parts;
        shop.receive(first, shop.depots[0], 1).await;
        shop.receive(second, shop.depots[1], 2).await;
        shop.receive(first, shop.depots[1], 3).await;
        let quantities = |found: Vec<StockMovement>| found.iter().map(|m| m.quantity).collect::<Vec<_>>();
        let of_part = Filter { part_id: Some(first), ..Filter::default() };
        assert_eq!(quantities(moved(&shop, of_part).await), [3, 1]);
        let at_place = Filter { location_id: Some(shop.depots[1]), ..Filter::default() };
        assert_eq!(quantities(moved(&shop, at_place).await), [3, 2]);
        let of_ticket = Filter { ticket_id: Some(shop.tickets[0]), ..Filter::default() };
        assert!(moved(&shop, of_ticket).await.is_empty());
        let newest = moved(&shop, Filter::default()).await[0].id;
        let rest = shop.read(move |conn| movements(conn, Filter::default(), Some(newest), 50)).await;
        assert_eq!(quantities(rest), [2, 1]);
    }

    async fn the_proof_finds_balances_that_somebody_changed_by_hand(test: TestDb) {
        let shop = Shop::open(test).await;
        shop.receive(shop.parts[0], shop.depots[0], 5).await;
        shop.reserve(shop.request(shop.depots[0], 2)).await.unwrap();
        raw(&shop.test.url).batch_execute("UPDATE stock_balances SET on_hand = 6, reserved = 1").unwrap();
        let found = shop.read(verify).await;
        let expected = Difference::Balance {
            part_id: shop.parts[0],
            location_id: shop.depots[0],
            on_hand: 6,
            on_hand_by_movements: 5,
            reserved: 1,
            reserved_by_reservations: 2,
        };
        assert_eq!(found, [expected]);
    }

    async fn the_proof_finds_a_balance_that_is_missing(test: TestDb) {
        let shop = Shop::open(test).await;
        shop.receive(shop.parts[0], shop.depots[0], 5).await;
        raw(&shop.test.url).batch_execute("DELETE FROM stock_balances").unwrap();
        let found = shop.read(verify).await;
        assert!(matches!(found[0], Difference::Balance { on_hand_by_movements: 5, .. }), "{found:?}");
    }
}
