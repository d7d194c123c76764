//! Promises that a shelf cannot keep any more.

use db::both_backends;
use db::testing::TestDb;
use db::types::{PartId, TicketId};
use inventory::ledger::{Receipt, adjust, found, receive, take_in, undo};
use inventory::orders::{self, NewLine, NewOrder};
use inventory::reservations::{Goods, Request, ReservationStatus as Status, get, pick, wanted};
use inventory::usage::{Doubt, Usage, use_part};
use inventory::{Error, Outcome, Reservation, Tracking, catalogue, locations};

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

    async fn goods_that_had_not_come_are_waited_for_again(test: TestDb) {
        let shop = Shop::open(test).await;
        let (part, depot, ticket) = (shop.parts[0], shop.depots[0], shop.tickets[0]);
        shop.receive(part, depot, 1).await;
        let waiting = shop.write(move |tx| wanted::want(tx, ticket, None, part, 5)).await.unwrap().unwrap();
        let came = shop.write(move |tx| receive(tx, part, depot, 2, "")).await.unwrap().id;
        let request = shop.request(depot, 3);
        shop.write(move |tx| wanted::promise(tx, &waiting, request)).await.unwrap();
        assert_eq!((shop.stock(depot).await, waits(&shop, ticket).await), ((3, 3), vec![(part, 2)]));
        shop.write(move |tx| undo(tx, came)).await.unwrap();
        assert_eq!((shop.stock(depot).await, waits(&shop, ticket).await), ((1, 1), vec![(part, 4)]), "one is there");
        shop.assert_proven().await;
    }

    async fn goods_of_an_order_that_were_promised_are_taken_back_and_still_to_come(test: TestDb) {
        let shop = Shop::open(test).await;
        let (part, depot, ticket) = (shop.tracked(Tracking::Serial).await, shop.depots[0], shop.tickets[0]);
        let new = NewOrder {
            supplier_id: shop.write(|tx| catalogue::supplier(tx, "Bolt")).await.unwrap(),
            currency: None,
            expected_on: None,
            note: String::new(),
            lines: vec![NewLine {
                part_id: part, location_id: depot, quantity: 3, unit_price_micros: None, supplier_part_number: None,
            }],
        };
        let line = shop.write(move |tx| orders::place(tx, &new)).await.unwrap().1[0].id;
        let came = shop.write(move |tx| {
            let serials = ["A".to_owned(), "B".to_owned()];
            let plain = Receipt::plain(part, depot, 2, "");
            take_in(tx, &Receipt { serials: &serials, order_line_id: Some(line), ..plain })
        }).await.unwrap()[0].id;
        shop.reserve(Request { part_id: part, ..shop.request(depot, 2) }).await.unwrap();
        shop.write(move |tx| undo(tx, came)).await.unwrap();
        assert_eq!(waits(&shop, ticket).await, [(part, 2)]);
        assert_eq!(shop.read(move |conn| orders::line(conn, line)).await.open(), 3);
        shop.assert_proven().await;
    }

    async fn what_was_picked_or_handed_over_has_come(test: TestDb) {
        let shop = Shop::open(test).await;
        let (part, depot) = (shop.parts[0], shop.depots[0]);
        let came = shop.write(move |tx| receive(tx, part, depot, 4, "")).await.unwrap().id;
        let in_the_tray = picked(&shop, shop.request(depot, 1), &[]).await;
        let held = shop.reserve(Request { ticket_id: shop.tickets[1], ..shop.request(depot, 2) }).await.unwrap();
        let refused = shop.write(move |tx| undo(tx, came)).await.unwrap_err();
        assert!(matches!(refused, Error::Shortage { wanted: 4, available: 1, .. }), "{refused:?}");
        assert_eq!(now(&shop, &held).await, (Status::Held, 2), "for nothing, nobody loses his promise");
        shop.issue(in_the_tray.id).await.unwrap();
        let refused = shop.write(move |tx| undo(tx, came)).await.unwrap_err();
        assert!(matches!(refused, Error::Shortage { wanted: 4, available: 1, .. }), "{refused:?}");
        assert_eq!((now(&shop, &held).await, shop.stock(depot).await), ((Status::Held, 2), (3, 2)));
        shop.assert_proven().await;
    }

    async fn a_lot_of_which_some_was_picked_has_come(test: TestDb) {
        let shop = Shop::open(test).await;
        let (grease, depot) = (shop.tracked(Tracking::Lot).await, shop.depots[0]);
        let mut came = Vec::new();
        for lot in ["LA", "LB"] {
            let receipt = Receipt { lot: Some(lot), ..Receipt::plain(grease, depot, 5, "") };
            came.push(shop.write(move |tx| take_in(tx, &receipt)).await.unwrap()[0].id);
        }
        let held = shop.reserve(Request { part_id: grease, ..shop.request(depot, 2) }).await.unwrap();
        let goods = Goods { lot: Some("LA"), ..Goods::default() };
        shop.write(move |tx| pick(tx, held.id, &goods)).await.unwrap();
        let first = came[0];
        let refused = shop.write(move |tx| undo(tx, first)).await.unwrap_err();
        assert!(matches!(refused, Error::Shortage { wanted: 5, available: 3, .. }), "{refused:?}");
        let second = came[1];
        shop.write(move |tx| undo(tx, second)).await.unwrap();
        shop.assert_proven().await;
    }
}
