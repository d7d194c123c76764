//! Parts that are followed one by one, and by lot.

use db::both_backends;
use db::testing::{START, TestDb};
use db::types::{LocationId, PartId};
use inventory::ledger::{Filter, Transfer, found, move_stock, movements};
use inventory::reservations::{
    self, Goods, Request, ReservationStatus as Status, pick, put_back, return_part,
};
use inventory::usage::{Doubt, Usage, UseOutcome, use_part};
use inventory::{Error, MovementKind, Outcome, Reservation, StockMovement, Tracking, locations, pieces};

use crate::fixture::Shop;

/// A part with three pieces at the first depot.
async fn three_pieces(test: TestDb) -> (Shop, PartId) {
    let shop = Shop::open(test).await;
    let board = shop.tracked(Tracking::Serial).await;
    shop.take_in(board, shop.depots[0], &["A", "B", "C"]).await.unwrap();
    (shop, board)
}

async fn carry(
    shop: &Shop,
    part_id: PartId,
    (from, to): (LocationId, LocationId),
    numbers: &'static [&'static str],
) -> Result<Vec<StockMovement>, Error> {
    shop.write(move |tx| {
        let serials: Vec<String> = numbers.iter().map(|n| (*n).to_owned()).collect();
        let quantity = i64::try_from(serials.len()).unwrap();
        move_stock(tx, &Transfer { part_id, from, to, quantity, serials: &serials, lot: None, note: "" })
    })
    .await
}

async fn take(
    shop: &Shop,
    reservation: &Reservation,
    numbers: &'static [&'static str],
) -> Result<Reservation, Error> {
    let id = reservation.id;
    shop.write(move |tx| {
        let serials: Vec<String> = numbers.iter().map(|n| (*n).to_owned()).collect();
        pick(tx, id, &Goods { quantity: i64::try_from(serials.len()).ok(), serials: &serials, lot: None })
    })
    .await
}

async fn see(
    shop: &Shop,
    part_id: PartId,
    place: LocationId,
    numbers: &'static [&'static str],
) -> Result<Vec<StockMovement>, Error> {
    shop.write(move |tx| {
        let serials: Vec<String> = numbers.iter().map(|n| (*n).to_owned()).collect();
        found(tx, part_id, place, &serials, "")
    })
    .await
}

async fn say(shop: &Shop, usage: Usage) -> UseOutcome {
    shop.write(move |tx| use_part(tx, usage.clone())).await.unwrap()
}

fn both() -> [String; 2] {
    ["A".to_owned(), "B".to_owned()]
}

async fn on_hand(shop: &Shop, part_id: PartId, place: LocationId) -> i64 {
    shop.balance(part_id, place).await.map_or(0, |balance| balance.on_hand)
}

both_backends! {
    async fn each_piece_arrives_by_itself_and_is_where_it_was_put(test: TestDb) {
        let (shop, board) = three_pieces(test).await;
        let filter = Filter { part_id: Some(board), ..Filter::default() };
        let moved = shop.read(move |conn| movements(conn, filter, None, 9)).await;
        assert_eq!(moved.len(), 3);
        assert!(moved.iter().all(|m| m.quantity == 1 && m.serial_id.is_some()), "{moved:?}");
        assert_eq!(shop.whereabouts(board, "B").await, (shop.depots[0], None, None));
        assert_eq!(on_hand(&shop, board, shop.depots[0]).await, 3);
        shop.assert_proven().await;
    }

    async fn a_piece_that_is_here_cannot_arrive_again(test: TestDb) {
        let (shop, board) = three_pieces(test).await;
        let again = shop.take_in(board, shop.depots[1], &["D", "B"]).await.unwrap_err();
        assert!(
            matches!(&again, Error::SerialElsewhere { number, location_id }
                if number == "B" && *location_id == shop.depots[0]),
            "{again:?}"
        );
        assert_eq!(on_hand(&shop, board, shop.depots[1]).await, 0, "nothing of it came in");
        assert!(shop.read(move |conn| pieces::find(conn, board, "D")).await.is_none());
        shop.assert_proven().await;
    }

    async fn numbers_have_to_be_as_many_as_the_pieces_and_different(test: TestDb) {
        let shop = Shop::open(test).await;
        let (board, plain) = (shop.tracked(Tracking::Serial).await, shop.parts[0]);
        let twice = shop.take_in(board, shop.depots[0], &["A", "A"]).await.unwrap_err();
        assert!(matches!(twice, Error::Invalid { field: "serials", .. }), "{twice:?}");
        let blank = shop.take_in(board, shop.depots[0], &[" "]).await.unwrap_err();
        assert!(matches!(blank, Error::Invalid { field: "serials", .. }), "{blank:?}");
        let depot = shop.depots[0];
        let none = shop.write(move |tx| inventory::ledger::receive(tx, board, depot, 2, "")).await.unwrap_err();
        assert!(matches!(none, Error::Invalid { field: "serials", .. }), "{none:?}");
        let needless = shop.take_in(plain, depot, &["A"]).await.unwrap_err();
        assert!(matches!(needless, Error::Invalid { field: "serials", .. }), "{needless:?}");
    }

    async fn a_piece_moves_from_where_it_is_and_from_nowhere_else(test: TestDb) {
        let (shop, board) = three_pieces(test).await;
        let [near, far] = shop.depots;
        carry(&shop, board, (near, far), &["A"]).await.unwrap();
        assert_eq!(shop.whereabouts(board, "A").await.0, far);
        let gone = carry(&shop, board, (near, shop.vans[0]), &["A"]).await.unwrap_err();
        assert!(matches!(&gone, Error::SerialElsewhere { location_id, .. } if *location_id == far), "{gone:?}");
        let unknown = carry(&shop, board, (near, far), &["Z"]).await.unwrap_err();
        assert!(matches!(unknown, Error::NotFound { what: "serial", .. }), "{unknown:?}");
        assert_eq!(on_hand(&shop, board, near).await, 2);
        shop.assert_proven().await;
    }

    async fn what_was_picked_for_a_ticket_goes_nowhere_without_it(test: TestDb) {
        let (shop, board) = three_pieces(test).await;
        let request = Request { part_id: board, ..shop.request(shop.depots[0], 2) };
        let reservation = shop.reserve(request).await.unwrap();
        take(&shop, &reservation, &["A", "B"]).await.unwrap();
        let refused = carry(&shop, board, (shop.depots[0], shop.depots[1]), &["A"]).await.unwrap_err();
        assert!(matches!(&refused, Error::SerialPromised { number } if number == "A"), "{refused:?}");
        let request = Request { part_id: board, ticket_id: shop.tickets[1], ..shop.request(shop.depots[0], 1) };
        let other = shop.reserve(request).await.unwrap();
        let refused = take(&shop, &other, &["A"]).await.unwrap_err();
        assert!(matches!(refused, Error::SerialPromised { .. }), "{refused:?}");
        shop.issue(reservation.id).await.unwrap();
        assert_eq!(shop.whereabouts(board, "A").await, (shop.vans[0], None, Some(reservation.id)));
        shop.assert_proven().await;
    }

    async fn of_two_pieces_one_is_picked_and_the_other_stays_held(test: TestDb) {
        let (shop, board) = three_pieces(test).await;
        let request = Request { part_id: board, ..shop.request(shop.depots[0], 2) };
        let all = shop.reserve(request).await.unwrap();
        let picked = take(&shop, &all, &["C"]).await.unwrap();
        assert_eq!((picked.status, picked.quantity), (Status::Picked, 1));
        assert_ne!(picked.id, all.id);
        let id = all.id;
        let left = shop.read(move |conn| reservations::get(conn, id)).await;
        assert_eq!((left.status, left.quantity), (Status::Held, 1));
        assert_eq!(shop.whereabouts(board, "C").await.2, Some(picked.id));
        let too_many = take(&shop, &left, &["A", "B"]).await.unwrap_err();
        assert!(matches!(too_many, Error::Invalid { field: "quantity", .. }), "{too_many:?}");
        assert_eq!(shop.whereabouts(board, "A").await.2, None);
        shop.assert_proven().await;
    }

    async fn what_is_put_back_is_held_again_and_its_pieces_are_anybodys(test: TestDb) {
        let (shop, board) = three_pieces(test).await;
        let request = Request { part_id: board, ..shop.request(shop.depots[0], 1) };
        let id = shop.reserve(request).await.unwrap().id;
        let early = shop.write(move |tx| put_back(tx, id, START)).await.unwrap_err();
        assert!(matches!(early, Error::IllegalMove { from: Status::Held, .. }), "{early:?}");
        shop.write(move |tx| pick(tx, id, &Goods { serials: &["A".to_owned()], ..Goods::default() })).await.unwrap();
        assert_eq!(shop.write(move |tx| put_back(tx, id, START)).await.unwrap().status, Status::Held);
        assert_eq!(shop.whereabouts(board, "A").await.2, None);
        carry(&shop, board, (shop.depots[0], shop.depots[1]), &["A"]).await.unwrap();
        shop.assert_proven().await;
    }

    async fn pieces_that_came_back_are_promised_to_nobody(test: TestDb) {
        let (shop, board) = three_pieces(test).await;
        let request = Request { part_id: board, ..shop.request(shop.depots[0], 2) };
        let id = shop.reserve(request).await.unwrap().id;
        shop.write(move |tx| pick(tx, id, &Goods { serials: &both(), ..Goods::default() })).await.unwrap();
        shop.issue(id).await.unwrap();
        shop.write(move |tx| return_part(tx, id, &Goods { serials: &["B".to_owned()], ..Goods::default() }, None)).await.unwrap();
        shop.write(move |tx| return_part(tx, id, &Goods::default(), None)).await.unwrap();
        for number in ["A", "B"] {
            assert_eq!(shop.whereabouts(board, number).await, (shop.depots[0], None, None));
        }
        shop.assert_proven().await;
    }

    async fn pieces_whose_reservation_was_used_up_by_count_alone_are_let_go(test: TestDb) {
        let (shop, board) = three_pieces(test).await;
        let request = Request { part_id: board, ..shop.request(shop.depots[0], 2) };
        let id = shop.reserve(request).await.unwrap().id;
        shop.write(move |tx| pick(tx, id, &Goods { serials: &both(), ..Goods::default() })).await.unwrap();
        shop.issue(id).await.unwrap();
        say(&shop, Usage { part_id: board, ..shop.says(2, Outcome::Used) }).await;
        assert_eq!(shop.whereabouts(board, "A").await, (shop.vans[0], None, None));
        shop.assert_proven().await;
    }

    async fn a_count_of_pieces_takes_the_missing_out_and_the_found_in(test: TestDb) {
        let (shop, board) = three_pieces(test).await;
        let [near, far] = shop.depots;
        shop.take_in(board, far, &["D"]).await.unwrap();
        let moved = see(&shop, board, near, &["A", "D", "E"]).await.unwrap();
        assert_eq!(moved.len(), 4, "two are missing, one was elsewhere, one is new: {moved:?}");
        assert!(moved.iter().all(|m| m.kind == MovementKind::Adjust));
        assert_eq!((on_hand(&shop, board, near).await, on_hand(&shop, board, far).await), (3, 0));
        assert_eq!(shop.whereabouts(board, "B").await.0, locations::adjustment());
        assert_eq!(shop.whereabouts(board, "D").await.0, near);
        assert_eq!(see(&shop, board, near, &["E", "D", "A"]).await.unwrap(), [], "the books say so already");
        let quantity = shop.write(move |tx| inventory::ledger::adjust(tx, board, near, 1, "")).await.unwrap_err();
        assert!(matches!(quantity, Error::Invalid { field: "serials", .. }), "{quantity:?}");
        shop.assert_proven().await;
    }

    async fn a_swap_writes_both_numbers_down_and_the_new_piece_is_in_the_lift(test: TestDb) {
        let (shop, board) = three_pieces(test).await;
        carry(&shop, board, (shop.depots[0], shop.vans[0]), &["A", "B"]).await.unwrap();
        let lift = shop.asset;
        let built_in =
            Usage { part_id: board, serial: "A".to_owned(), ..shop.says(1, Outcome::Used) };
        say(&shop, built_in.clone()).await;
        assert_eq!(shop.whereabouts(board, "A").await, (locations::installed(), Some(lift), None));
        let swap = Usage {
            id: db::types::Id::new(),
            serial: "B".to_owned(),
            removed_serial: "A".to_owned(),
            ..built_in
        };
        let said = say(&shop, swap).await;
        assert_eq!((said.usage.serial.as_str(), said.usage.removed_serial.as_str()), ("B", "A"));
        let inside = shop.read(move |conn| pieces::of_asset(conn, lift)).await;
        assert_eq!(inside.iter().map(|p| p.number.as_str()).collect::<Vec<_>>(), ["B"]);
        let filter = Filter { ticket_id: Some(shop.tickets[0]), ..Filter::default() };
        let moved = shop.read(move |conn| movements(conn, filter, None, 9)).await;
        assert!(moved.iter().all(|m| m.asset_id == Some(lift) && m.serial_id.is_some()), "{moved:?}");
        shop.assert_proven().await;
    }

    async fn an_engineer_is_believed_whatever_the_books_say_of_the_piece(test: TestDb) {
        let (shop, board) = three_pieces(test).await;
        let used = |serial: &str, removed: &str| Usage {
            part_id: board,
            serial: serial.to_owned(),
            removed_serial: removed.to_owned(),
            ..shop.says(1, Outcome::Used)
        };
        let elsewhere = say(&shop, used(" a ", "OLD")).await;
        assert_eq!((elsewhere.doubt, elsewhere.balance_after), (Some(Doubt::PieceElsewhere), 0));
        assert_eq!(on_hand(&shop, board, shop.depots[0]).await, 2, "it came from where the books had it");
        let unknown = say(&shop, used("NEW", "B")).await;
        assert_eq!((unknown.doubt, unknown.balance_after), (Some(Doubt::NegativeStock), -1));
        for number in ["A", "NEW"] {
            assert_eq!(shop.whereabouts(board, number).await, (locations::installed(), Some(shop.asset), None));
        }
        assert_eq!(shop.whereabouts(board, "OLD").await, (locations::installed(), None, None));
        assert_eq!(shop.whereabouts(board, "B").await.0, shop.depots[0], "it is on its shelf until somebody counts");
        shop.assert_proven().await;
    }

    async fn what_is_used_without_its_number_is_in_doubt_until_somebody_counts(test: TestDb) {
        let (shop, board) = three_pieces(test).await;
        let van = shop.vans[0];
        carry(&shop, board, (shop.depots[0], van), &["A", "B", "C"]).await.unwrap();
        let two = Usage { part_id: board, serial: "A".to_owned(), ..shop.says(2, Outcome::Used) };
        let said = say(&shop, two).await;
        assert_eq!((said.doubt, said.balance_after), (Some(Doubt::PieceUnnamed), 1));
        let again = Usage { part_id: board, serial: "A".to_owned(), ..shop.says(1, Outcome::Used) };
        let said = say(&shop, again).await;
        assert_eq!((said.doubt, said.balance_after), (Some(Doubt::PieceUnknown), 0));
        let twice = Usage { part_id: board, serial: "B".to_owned(), ..shop.says(1, Outcome::Defective) };
        say(&shop, twice.clone()).await;
        let said = say(&shop, Usage { id: db::types::Id::new(), ..twice }).await;
        assert_eq!((said.doubt, said.balance_after), (Some(Doubt::NegativeStock), -2));
        shop.assert_proven().await;
        let moved = see(&shop, board, van, &["C"]).await.unwrap();
        assert_eq!((moved.len(), moved[0].quantity, moved[0].serial_id), (1, 3, None), "{moved:?}");
        assert_eq!(on_hand(&shop, board, van).await, 1);
        assert_eq!(see(&shop, board, van, &["c "]).await.unwrap(), []);
        shop.assert_proven().await;
    }

    async fn no_piece_is_handed_over_that_nobody_picked(test: TestDb) {
        let (shop, board) = three_pieces(test).await;
        let request = Request { part_id: board, ..shop.request(shop.depots[0], 2) };
        let all = shop.reserve(request).await.unwrap();
        let refused = shop.issue(all.id).await.unwrap_err();
        assert!(matches!(refused, Error::Invalid { field: "serials", .. }), "{refused:?}");
        let picked = take(&shop, &all, &["C", "A"]).await.unwrap();
        // One of them is used by somebody who has no business with it.
        let usage = Usage { part_id: board, serial: "A".to_owned(), ticket_id: shop.tickets[1],
            visit_id: shop.visits[1], engineer_id: shop.engineers[1], ..shop.says(1, Outcome::Used) };
        say(&shop, usage).await;
        let refused = shop.issue(picked.id).await.unwrap_err();
        assert!(matches!(refused, Error::Invalid { field: "serials", .. }), "{refused:?}");
        assert_eq!(on_hand(&shop, board, shop.vans[0]).await, 0);
        shop.assert_proven().await;
    }

    async fn of_several_pieces_somebody_says_which_come_back(test: TestDb) {
        let (shop, board) = three_pieces(test).await;
        let request = Request { part_id: board, ..shop.request(shop.depots[0], 2) };
        let id = shop.reserve(request).await.unwrap().id;
        shop.write(move |tx| pick(tx, id, &Goods { serials: &both(), ..Goods::default() })).await.unwrap();
        shop.issue(id).await.unwrap();
        let back = async |quantity: Option<i64>, numbers: &'static [&'static str]| {
            shop.write(move |tx| {
                let serials: Vec<String> = numbers.iter().map(|n| (*n).to_owned()).collect();
                return_part(tx, id, &Goods { quantity, serials: &serials, lot: None }, None)
            }).await
        };
        for (quantity, numbers) in [(Some(1), &[][..]), (Some(1), &["C"]), (Some(2), &["A"]), (None, &["X"])] {
            let refused = back(quantity, numbers).await.unwrap_err();
            assert!(matches!(refused, Error::Invalid { field: "serials", .. }), "{refused:?}");
        }
        assert_eq!(back(Some(1), &["b"]).await.unwrap().quantity, 1);
        assert_eq!(shop.whereabouts(board, "B").await, (shop.depots[0], None, None));
        assert_eq!(shop.whereabouts(board, "A").await, (shop.vans[0], None, Some(id)));
        shop.assert_proven().await;
    }

    async fn what_is_put_back_late_is_held_for_a_while_again(test: TestDb) {
        let shop = Shop::open(test).await;
        shop.receive(shop.parts[0], shop.depots[0], 1).await;
        let request = Request { expires_at: Some(shop.at_minute(10)), ..shop.request(shop.depots[0], 1) };
        let id = shop.reserve(request).await.unwrap().id;
        shop.write(move |tx| pick(tx, id, &Goods::default())).await.unwrap();
        shop.test.clock.set(shop.at_minute(60));
        let until = shop.at_minute(90);
        let held = shop.write(move |tx| put_back(tx, id, until)).await.unwrap();
        assert_eq!((held.status, held.expires_at), (Status::Held, Some(until)));
    }

    async fn a_number_is_the_same_whatever_its_case_and_the_blanks_around_it(test: TestDb) {
        let (shop, board) = three_pieces(test).await;
        let twice = shop.take_in(board, shop.depots[0], &["D", " d "]).await.unwrap_err();
        assert!(matches!(twice, Error::Invalid { field: "serials", .. }), "{twice:?}");
        let again = shop.take_in(board, shop.depots[1], &[" b "]).await.unwrap_err();
        assert!(matches!(again, Error::SerialElsewhere { .. }), "{again:?}");
        carry(&shop, board, (shop.depots[0], shop.depots[1]), &["b"]).await.unwrap();
        assert_eq!(shop.whereabouts(board, "B").await.0, shop.depots[1]);
    }
}
