//! Promises that a shelf cannot keep any more.

use db::both_backends;
use db::testing::TestDb;
use db::types::{PartId, TicketId};
use inventory::ledger::{adjust, found};
use inventory::reservations::{Goods, Request, ReservationStatus as Status, get, pick, wanted};
use inventory::usage::{Doubt, Usage, use_part};
use inventory::{Outcome, Reservation, Tracking, locations};

use crate::fixture::Shop;

/// What a ticket waits for: parts and quantities.
async fn waits(shop: &Shop, ticket: TicketId) -> Vec<(PartId, i64)> {
    let found = shop.read(move |conn| wanted::of_ticket(conn, ticket)).await;
    found.into_iter().map(|one| (one.part_id, one.quantity)).collect()
}

async fn now(shop: &Shop, one: &Reservation) -> (Status, i64) {
    let id = one.id;
    let found = shop.read(move |conn| get(conn, id)).await;
    (found.status, found.quantity)
}

async fn picked(shop: &Shop, request: Request, serials: &'static [&'static str]) -> Reservation {
    let held = shop.reserve(request).await.unwrap();
    shop.write(move |tx| {
        let serials: Vec<String> = serials.iter().map(|n| (*n).to_owned()).collect();
        pick(tx, held.id, &Goods { quantity: None, serials: &serials, lot: None })
    })
    .await
    .unwrap()
}

/// A part with two pieces at the first depot.
async fn two_pieces(test: TestDb) -> (Shop, PartId) {
    let shop = Shop::open(test).await;
    let board = shop.tracked(Tracking::Serial).await;
    shop.take_in(board, shop.depots[0], &["A", "B"]).await.unwrap();
    (shop, board)
}

both_backends! {
    async fn what_a_count_did_not_find_is_waited_for(test: TestDb) {
        let shop = Shop::open(test).await;
        let (part, depot, ticket) = (shop.parts[0], shop.depots[0], shop.tickets[0]);
        shop.receive(part, depot, 10).await;
        let held = shop.reserve(shop.request(depot, 8)).await.unwrap();
        shop.write(move |tx| adjust(tx, part, depot, 5, "")).await.unwrap();
        assert_eq!((shop.stock(depot).await, now(&shop, &held).await), ((5, 5), (Status::Held, 5)));
        assert_eq!(waits(&shop, ticket).await, [(part, 3)]);
        shop.write(move |tx| adjust(tx, part, depot, 0, "")).await.unwrap();
        assert_eq!((shop.stock(depot).await, now(&shop, &held).await.0), ((0, 0), Status::Released));
        assert_eq!(waits(&shop, ticket).await, [(part, 8)], "one wait for all of it");
        shop.assert_proven().await;
    }

    async fn what_is_only_held_is_lost_before_what_was_picked(test: TestDb) {
        let shop = Shop::open(test).await;
        let (part, depot) = (shop.parts[0], shop.depots[0]);
        shop.receive(part, depot, 4).await;
        let in_the_tray = picked(&shop, shop.request(depot, 2), &[]).await;
        let held = shop.reserve(Request { ticket_id: shop.tickets[1], ..shop.request(depot, 2) }).await.unwrap();
        shop.write(move |tx| adjust(tx, part, depot, 2, "")).await.unwrap();
        assert_eq!((now(&shop, &in_the_tray).await, now(&shop, &held).await.0), ((Status::Picked, 2), Status::Released));
        assert_eq!((waits(&shop, shop.tickets[0]).await, waits(&shop, shop.tickets[1]).await), (vec![], vec![(part, 2)]));
        shop.assert_proven().await;
    }

    async fn what_came_instead_is_waited_for_as_what_was_asked_for(test: TestDb) {
        let shop = Shop::open(test).await;
        let [asked, part] = shop.parts;
        let depot = shop.depots[0];
        shop.receive(part, depot, 2).await;
        let request = Request { part_id: part, instead_of_part_id: Some(asked), ..shop.request(depot, 2) };
        shop.reserve(request).await.unwrap();
        shop.write(move |tx| adjust(tx, part, depot, 1, "")).await.unwrap();
        assert_eq!(waits(&shop, shop.tickets[0]).await, [(asked, 1)]);
        shop.assert_proven().await;
    }

    async fn what_an_engineer_used_elsewhere_is_waited_for_by_its_ticket(test: TestDb) {
        let shop = Shop::open(test).await;
        let (part, van) = (shop.parts[0], shop.vans[0]);
        shop.receive(part, van, 3).await;
        let other = Request { ticket_id: shop.tickets[1], ..shop.request(van, 3) };
        let promised = shop.reserve(other).await.unwrap();
        let said = shop.says(3, Outcome::Used);
        shop.write(move |tx| use_part(tx, said.clone())).await.unwrap();
        assert_eq!((shop.stock(van).await, now(&shop, &promised).await.0), ((0, 0), Status::Released));
        assert_eq!(waits(&shop, shop.tickets[1]).await, [(part, 3)]);
        shop.assert_proven().await;
    }

    async fn the_ticket_whose_very_piece_was_used_waits_for_another(test: TestDb) {
        let (shop, board) = two_pieces(test).await;
        let depot = shop.depots[0];
        let of = |ticket_id| Request { ticket_id, part_id: board, ..shop.request(depot, 1) };
        let first = picked(&shop, of(shop.tickets[0]), &["A"]).await;
        let second = picked(&shop, of(shop.tickets[1]), &["B"]).await;
        let said = Usage { part_id: board, serial: "B".to_owned(), ..shop.says(1, Outcome::Used) };
        let done = shop.write(move |tx| use_part(tx, said.clone())).await.unwrap();
        assert_eq!(done.doubt, Some(Doubt::PieceElsewhere));
        assert_eq!((now(&shop, &first).await, now(&shop, &second).await.0), ((Status::Picked, 1), Status::Released));
        assert_eq!(waits(&shop, shop.tickets[1]).await, [(board, 1)]);
        shop.assert_proven().await;
    }

    async fn the_piece_that_was_picked_for_a_ticket_and_used_there_ends_its_promise(test: TestDb) {
        let (shop, board) = two_pieces(test).await;
        let depot = shop.depots[0];
        let mine = picked(&shop, Request { part_id: board, ..shop.request(depot, 1) }, &["A"]).await;
        let said = Usage { part_id: board, serial: "A".to_owned(), ..shop.says(1, Outcome::Used) };
        shop.write(move |tx| use_part(tx, said.clone())).await.unwrap();
        assert_eq!((now(&shop, &mine).await, waits(&shop, shop.tickets[0]).await), ((Status::Used, 1), vec![]));
        let balance = shop.balance(board, depot).await.unwrap();
        assert_eq!((balance.on_hand, balance.reserved), (1, 0));
        assert_eq!(shop.whereabouts(board, "A").await.0, locations::installed());
        shop.assert_proven().await;
    }

    async fn pieces_that_were_not_found_are_waited_for(test: TestDb) {
        let (shop, board) = two_pieces(test).await;
        let depot = shop.depots[0];
        let held = shop.reserve(Request { part_id: board, ..shop.request(depot, 2) }).await.unwrap();
        shop.write(move |tx| found(tx, board, depot, &["B".to_owned()], "")).await.unwrap();
        assert_eq!((now(&shop, &held).await, waits(&shop, shop.tickets[0]).await), ((Status::Held, 1), vec![(board, 1)]));
        shop.assert_proven().await;
    }
}
