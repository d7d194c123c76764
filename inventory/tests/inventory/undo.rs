//! Taking back what was a slip of the hand.

use db::both_backends;
use db::testing::TestDb;
use db::types::MovementId;
use inventory::ledger::{Filter, adjust, movements, receive, transfer, undo};
use inventory::usage::use_part;
use inventory::{Error, Outcome, StockMovement, Tracking, locations};

use crate::fixture::Shop;

async fn take_back(shop: &Shop, id: MovementId) -> Result<StockMovement, Error> {
    Ok(shop.write(move |tx| undo(tx, id)).await?.swap_remove(0))
}

/// The last movement for the first ticket.
async fn last(shop: &Shop) -> MovementId {
    let filter = Filter { ticket_id: Some(shop.tickets[0]), ..Filter::default() };
    shop.read(move |conn| movements(conn, filter, None, 1)).await[0].id
}

both_backends! {
    async fn a_transfer_goes_back_once(test: TestDb) {
        let shop = Shop::open(test).await;
        let (part, [near, far]) = (shop.parts[0], shop.depots);
        shop.receive(part, near, 5).await;
        let id = shop.write(move |tx| transfer(tx, part, near, far, 3, "")).await.unwrap().id;
        let back = take_back(&shop, id).await.unwrap();
        assert_eq!((back.reverses_id, back.from_location_id, back.to_location_id), (Some(id), far, near));
        assert_eq!((shop.stock(near).await, shop.stock(far).await), ((5, 0), (0, 0)));
        for again in [id, back.id] {
            shop.receive(part, far, 9).await;
            let refused = take_back(&shop, again).await.unwrap_err();
            assert!(matches!(refused, Error::NotUndoable { movement_id } if movement_id == again), "{refused:?}");
        }
        shop.assert_proven().await;
    }

    async fn goods_in_counts_and_scrap_go_back_too(test: TestDb) {
        let shop = Shop::open(test).await;
        let (part, near) = (shop.parts[0], shop.depots[0]);
        shop.receive(part, near, 5).await;
        let received = shop.write(move |tx| receive(tx, part, near, 2, "")).await.unwrap().id;
        let counted = shop.write(move |tx| adjust(tx, part, near, 3, "")).await.unwrap().movements[0].id;
        let scrapped =
            shop.write(move |tx| transfer(tx, part, near, locations::scrap(), 1, "")).await.unwrap().id;
        for (id, left) in [(scrapped, 3), (counted, 7), (received, 5)] {
            take_back(&shop, id).await.unwrap();
            assert_eq!(shop.stock(near).await, (left, 0));
        }
        shop.assert_proven().await;
    }

    async fn what_has_gone_on_stays_gone(test: TestDb) {
        let shop = Shop::open(test).await;
        let (part, [near, far]) = (shop.parts[0], shop.depots);
        shop.receive(part, near, 5).await;
        let id = shop.write(move |tx| transfer(tx, part, near, far, 3, "")).await.unwrap().id;
        shop.reserve(shop.request(far, 1)).await.unwrap();
        let refused = take_back(&shop, id).await.unwrap_err();
        assert!(matches!(refused, Error::Shortage { wanted: 3, available: 2, .. }), "{refused:?}");
        assert_eq!((shop.stock(near).await, shop.stock(far).await), ((2, 0), (3, 1)));
        shop.assert_proven().await;
    }

    async fn what_moved_with_a_reservation_goes_back_with_it_alone(test: TestDb) {
        let shop = Shop::open(test).await;
        shop.receive(shop.parts[0], shop.depots[0], 5).await;
        let id = shop.reserve(shop.request(shop.depots[0], 2)).await.unwrap().id;
        shop.issue(id).await.unwrap();
        let issued = last(&shop).await;
        assert!(matches!(take_back(&shop, issued).await.unwrap_err(), Error::NotUndoable { .. }));
        for outcome in [Outcome::Used, Outcome::Defective] {
            let said = shop.says(1, outcome);
            shop.write(move |tx| use_part(tx, said.clone())).await.unwrap();
            let movement = last(&shop).await;
            assert!(matches!(take_back(&shop, movement).await.unwrap_err(), Error::NotUndoable { .. }));
        }
        let nothing = take_back(&shop, MovementId::new()).await.unwrap_err();
        assert!(matches!(nothing, Error::NotFound { what: "movement", .. }), "{nothing:?}");
    }

    async fn a_piece_goes_back_too_unless_it_has_gone_on(test: TestDb) {
        let shop = Shop::open(test).await;
        let board = shop.tracked(Tracking::Serial).await;
        let [near, far] = shop.depots;
        let moved = shop.take_in(board, near, &["A", "B"]).await.unwrap();
        assert!(moved[0].batch_id.is_some() && moved[0].batch_id == moved[1].batch_id, "{moved:?}");
        let back = take_back(&shop, moved[1].id).await.unwrap();
        assert_eq!(back.reverses_id, Some(moved[1].id), "the one that was named comes first");
        for number in ["A", "B"] {
            assert_eq!(shop.whereabouts(board, number).await.0, locations::supplier(), "they came together");
        }
        assert_eq!(shop.balance(board, near).await.unwrap().on_hand, 0);
        let twice = take_back(&shop, moved[0].id).await.unwrap_err();
        assert!(matches!(twice, Error::NotUndoable { .. }), "{twice:?}");
        let moved = shop.take_in(board, near, &["A", "B", "C"]).await.unwrap();
        shop.write(move |tx| {
            let serials = ["B".to_owned()];
            let transfer = inventory::ledger::Transfer {
                part_id: board, from: near, to: far, quantity: 1, serials: &serials, lot: None, note: "",
            };
            inventory::ledger::move_stock(tx, &transfer)
        }).await.unwrap();
        shop.take_in(board, near, &["D"]).await.unwrap();
        let gone = take_back(&shop, moved[1].id).await.unwrap_err();
        assert!(matches!(&gone, Error::SerialElsewhere { location_id, .. } if *location_id == far), "{gone:?}");
        assert_eq!(shop.whereabouts(board, "A").await.0, near, "all of it goes back, or nothing");
        shop.assert_proven().await;
    }

    async fn of_two_who_take_it_back_at_once_one_does(test: TestDb) {
        let shop = Shop::open(test).await;
        let (part, [near, far]) = (shop.parts[0], shop.depots);
        shop.receive(part, near, 9).await;
        shop.receive(part, far, 9).await;
        let id = shop.write(move |tx| transfer(tx, part, near, far, 3, "")).await.unwrap().id;
        let (first, second) = tokio::join!(take_back(&shop, id), take_back(&shop, id));
        let refused = match (first, second) {
            (Ok(_), Err(error)) | (Err(error), Ok(_)) => error,
            both => panic!("{both:?}"),
        };
        assert!(matches!(refused, Error::NotUndoable { movement_id } if movement_id == id), "{refused:?}");
        assert_eq!((shop.stock(near).await, shop.stock(far).await), ((9, 0), (9, 0)));
        shop.assert_proven().await;
    }

    async fn what_was_put_aside_comes_back_from_quarantine(test: TestDb) {
        let shop = Shop::open(test).await;
        let (part, near, aside) = (shop.parts[0], shop.depots[0], locations::quarantine());
        shop.receive(part, near, 5).await;
        let id = shop.write(move |tx| transfer(tx, part, near, aside, 2, "")).await.unwrap().id;
        assert_eq!((shop.stock(near).await, shop.stock(aside).await), ((3, 0), (2, 0)));
        let back = take_back(&shop, id).await.unwrap();
        assert_eq!((back.kind, back.quantity), (inventory::MovementKind::Reject, 2));
        assert_eq!((shop.stock(near).await, shop.stock(aside).await), ((5, 0), (0, 0)));
        shop.assert_proven().await;
    }

    async fn a_count_that_took_away_goes_back_whatever_came_since(test: TestDb) {
        let shop = Shop::open(test).await;
        let (part, near) = (shop.parts[0], shop.depots[0]);
        shop.receive(part, near, 5).await;
        let missing = shop.write(move |tx| adjust(tx, part, near, 1, "")).await.unwrap().movements[0].clone();
        assert_eq!((missing.from_location_id, missing.quantity), (near, 4));
        shop.receive(part, near, 2).await;
        let back = take_back(&shop, missing.id).await.unwrap();
        assert_eq!((back.from_location_id, back.to_location_id), (locations::adjustment(), near));
        assert_eq!(shop.stock(near).await, (7, 0));
        shop.assert_proven().await;
    }

    async fn a_piece_that_a_count_found_elsewhere_goes_back_there(test: TestDb) {
        let shop = Shop::open(test).await;
        let board = shop.tracked(Tracking::Serial).await;
        let [near, far] = shop.depots;
        shop.take_in(board, near, &["A", "B"]).await.unwrap();
        let moved = shop.write(move |tx| {
            inventory::ledger::found(tx, board, far, &["A".to_owned()], "")
        }).await.unwrap();
        assert_eq!(moved.len(), 1, "{moved:?}");
        assert_eq!((moved[0].from_location_id, moved[0].to_location_id), (near, far));
        assert_eq!(shop.whereabouts(board, "A").await.0, far);
        take_back(&shop, moved[0].id).await.unwrap();
        assert_eq!(shop.whereabouts(board, "A").await.0, near);
        let on_hand = |balance: Option<inventory::StockBalance>| balance.map_or(0, |b| b.on_hand);
        assert_eq!(on_hand(shop.balance(board, near).await), 2);
        assert_eq!(on_hand(shop.balance(board, far).await), 0);
        shop.assert_proven().await;
    }
}
