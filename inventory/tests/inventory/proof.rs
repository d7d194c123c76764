//! What the proof says of books that somebody has spoilt.

use db::both_backends;
use db::testing::{TestDb, raw};
use db::{Conn, Url};
use diesel::connection::SimpleConnection;
use inventory::ledger::{Receipt, take_in};
use inventory::locations::{self, NewLocation};
use inventory::orders::{self, NewLine, NewOrder};
use inventory::reservations::{Goods, Request, pick};
use inventory::usage::{Usage, use_part};
use inventory::verify::{Difference, verify};
use inventory::{Cost, LocationKind, Outcome, Tracking, catalogue, lots};

use crate::fixture::{Shop, depot};

/// Plain SQL that no foreign key stops.
fn spoil(url: &Url, sql: &str) {
    let mut conn = raw(url);
    let unchecked = match &conn {
        Conn::Sqlite(_) => "PRAGMA foreign_keys = OFF",
        Conn::Postgres(_) => "SET session_replication_role = replica",
    };
    conn.batch_execute(unchecked).unwrap();
    conn.batch_execute(sql).unwrap();
}

/// What the proof says once this was done to sound books.
async fn after(shop: &Shop, sql: &str) -> Vec<Difference> {
    shop.assert_proven().await;
    spoil(&shop.test.url, sql);
    let found = shop.read(verify).await;
    for difference in &found {
        assert!(!difference.to_string().is_empty());
    }
    found
}

/// Two pieces at the first depot, of which one is picked for the first ticket, and a third in the lift.
async fn with_pieces(test: TestDb) -> (Shop, Request) {
    let shop = Shop::open(test).await;
    let board = shop.tracked(Tracking::Serial).await;
    shop.take_in(board, shop.depots[0], &["A", "B"]).await.unwrap();
    shop.take_in(board, shop.vans[0], &["C"]).await.unwrap();
    let usage = Usage { part_id: board, serial: "C".to_owned(), ..shop.says(1, Outcome::Used) };
    shop.write(move |tx| use_part(tx, usage.clone())).await.unwrap();
    let request = Request { part_id: board, ..shop.request(shop.depots[0], 1) };
    let id = shop.reserve(request).await.unwrap().id;
    let serials = ["A".to_owned()];
    shop.write(move |tx| pick(tx, id, &Goods { serials: &serials, ..Goods::default() })).await.unwrap();
    (shop, request)
}

both_backends! {
    async fn the_proof_names_a_piece_that_is_not_where_it_went(test: TestDb) {
        let shop = Shop::open(test).await;
        let board = shop.tracked(Tracking::Serial).await;
        shop.take_in(board, shop.depots[0], &["A", "B"]).await.unwrap();
        let astray = format!("UPDATE part_serials SET location_id = '{}' WHERE number = 'B'", shop.vans[0]);
        let found = after(&shop, &astray).await;
        let expected = Difference::Piece {
            part_id: board,
            number: "B".to_owned(),
            location_id: shop.vans[0],
            location_by_movements: shop.depots[0],
        };
        assert_eq!(found[0], expected);
        assert!(found[0].to_string().starts_with("piece B of part"), "{}", found[0]);
        assert!(matches!(found[1..], [Difference::Pieces { .. }, Difference::Pieces { .. }]), "{found:?}");
    }

    async fn a_piece_that_never_moved_is_in_stock_nowhere(test: TestDb) {
        let shop = Shop::open(test).await;
        let board = shop.tracked(Tracking::Serial).await;
        let from_nowhere = format!(
            "INSERT INTO part_serials VALUES ('s', '{board}', 'X', NULL, '{}', NULL, NULL, 0, 0)", shop.depots[0]
        );
        let found = after(&shop, &from_nowhere).await;
        assert!(matches!(&found[..], [Difference::Piece { number, .. }, Difference::Pieces { pieces: 1, on_hand: 0, .. }]
            if number == "X"), "{found:?}");
    }

    async fn a_piece_that_is_gone_is_missed(test: TestDb) {
        let (shop, _) = with_pieces(test).await;
        let found = after(&shop, "DELETE FROM part_serials WHERE number IN ('B', 'C')").await;
        assert!(matches!(found[..], [
            Difference::PieceMissing { .. },
            Difference::PieceMissing { .. },
            Difference::Pieces { pieces: 1, on_hand: 2, explained: 0, .. },
        ]), "{found:?}");
    }

    async fn pieces_that_moved_by_count_alone_are_missed_at_both_ends(test: TestDb) {
        let (shop, request) = with_pieces(test).await;
        let (board, depot, van) = (request.part_id, shop.depots[0], shop.vans[0]);
        let nameless = format!(
            "INSERT INTO stock_movements (id, kind, part_id, quantity, from_location_id, to_location_id, actor, at, note)
               VALUES ('m', 'issue', '{board}', 1, '{depot}', '{van}', '', 0, '');
             UPDATE stock_balances SET on_hand = on_hand - 1 WHERE part_id = '{board}' AND location_id = '{depot}';
             UPDATE stock_balances SET on_hand = on_hand + 1 WHERE part_id = '{board}' AND location_id = '{van}'"
        );
        let found = after(&shop, &nameless).await;
        let pieces = found.iter().filter(|d| matches!(d, Difference::Pieces { explained: 0, .. })).count();
        assert_eq!((pieces, found.len()), (2, 2), "{found:?}");
    }

    async fn a_piece_in_a_lift_where_nobody_built_it_in_is_named(test: TestDb) {
        let (shop, _) = with_pieces(test).await;
        let found = after(&shop, "UPDATE part_serials SET asset_id = NULL WHERE number = 'C'").await;
        let [Difference::PieceAsset { asset_id: None, asset_by_movements, .. }] = &found[..] else {
            panic!("{found:?}")
        };
        assert_eq!(*asset_by_movements, Some(shop.asset));
        let shop = shop.reopen().await;
        let other = format!("UPDATE part_serials SET asset_id = '{}' WHERE number IN ('B', 'C')", shop.asset);
        spoil(&shop.test.url, &other);
        let found = shop.read(verify).await;
        assert_eq!(found.iter().filter(|d| matches!(d, Difference::PieceAsset { .. })).count(), 2, "{found:?}");
    }

    async fn a_piece_that_is_promised_to_what_has_ended_is_named(test: TestDb) {
        let (shop, request) = with_pieces(test).await;
        let id = shop.reserve(Request { quantity: 1, ..request }).await.unwrap().id;
        shop.release(id).await.unwrap();
        let found = after(&shop, &format!("UPDATE part_serials SET reservation_id = '{id}' WHERE number = 'B'")).await;
        assert!(
            matches!(&found[..], [Difference::PiecePromise { number, reservation_id, .. }]
                if number == "B" && *reservation_id == id),
            "{found:?}"
        );
        let too_many = "UPDATE part_serials SET reservation_id =
            (SELECT reservation_id FROM part_serials WHERE number = 'A') WHERE number = 'B'";
        spoil(&shop.test.url, too_many);
        let found = shop.read(verify).await;
        assert!(matches!(found[..], [Difference::PickedTooMany { pieces: 2, quantity: 1, .. }]), "{found:?}");
    }

    async fn lots_that_are_not_their_movements_or_not_the_balance_are_named(test: TestDb) {
        let shop = Shop::open(test).await;
        let grease = shop.tracked(Tracking::Lot).await;
        let to = shop.depots[0];
        shop.write(move |tx| {
            let receipt = Receipt {
                part_id: grease, to, quantity: 5, serials: &[], lot: Some("L1"), expires_at: None, cost: None, note: "",
                order_line_id: None,
            };
            take_in(tx, &receipt)
        }).await.unwrap();
        let found = after(&shop, "UPDATE lot_balances SET on_hand = 4").await;
        assert!(matches!(found[..], [
            Difference::Lot { on_hand: 4, on_hand_by_movements: 5, .. },
            Difference::Lots { on_hand: 5, lots: 4, .. },
        ]), "{found:?}");
    }

    async fn a_wrong_average_cost_is_named(test: TestDb) {
        let shop = Shop::open(test).await;
        let (part_id, to) = (shop.parts[0], shop.depots[0]);
        let buy = move |tx: &mut db::Tx<'_>, unit_micros| {
            let cost = Some(Cost { unit_micros, currency: "EUR".to_owned() });
            let receipt = Receipt {
                part_id, to, quantity: 3, serials: &[], lot: None, expires_at: None, cost, order_line_id: None, note: "",
            };
            take_in(tx, &receipt)
        };
        shop.write(move |tx| buy(tx, 2_000_000)).await.unwrap();
        let slip = shop.write(move |tx| buy(tx, 9_000_000)).await.unwrap()[0].id;
        shop.write(move |tx| inventory::ledger::undo(tx, slip)).await.unwrap();
        let found = after(&shop, "UPDATE part_costs SET value_micros = value_micros + 1").await;
        assert!(
            matches!(found[..], [Difference::Cost { kept: (3, 6_000_001), by_movements: (3, 6_000_000), .. }]),
            "{found:?}"
        );
        spoil(&shop.test.url, "DELETE FROM part_costs");
        let found = shop.read(verify).await;
        assert!(matches!(found[..], [Difference::Cost { kept: (0, 0), .. }]), "{found:?}");
    }

    async fn what_is_promised_beyond_what_is_there_is_named(test: TestDb) {
        let shop = Shop::open(test).await;
        let (part, depot) = (shop.parts[0], shop.depots[0]);
        shop.receive(part, depot, 2).await;
        shop.reserve(shop.request(depot, 2)).await.unwrap();
        let lost = format!("UPDATE stock_movements SET quantity = 1 WHERE part_id = '{part}';
            UPDATE stock_balances SET on_hand = 1 WHERE part_id = '{part}'");
        let found = after(&shop, &lost).await;
        assert!(
            matches!(found[..], [Difference::Overpromised { on_hand: 1, reserved: 2, .. }]),
            "{found:?}"
        );
    }

    async fn what_is_held_for_a_ticket_that_is_over_is_named(test: TestDb) {
        let (shop, request) = with_pieces(test).await;
        let over = format!("UPDATE tickets SET status = 'cancelled' WHERE id = '{}'", request.ticket_id);
        let found = after(&shop, &over).await;
        assert!(
            matches!(&found[..], [Difference::TicketOver { ticket_id, status, .. }]
                if *ticket_id == request.ticket_id && status == "cancelled"),
            "{found:?}"
        );
    }

    async fn a_place_inside_itself_is_named(test: TestDb) {
        let shop = Shop::open(test).await;
        let near = shop.depots[0];
        let bin = move |code: &str, parent_id| NewLocation {
            kind: LocationKind::Bin, code: format!("{code}-{near}"), parent_id: Some(parent_id),
            latitude: None, longitude: None, ..depot()
        };
        let outer = shop.write(move |tx| Ok(locations::create(tx, bin("OUTER", near))?.id)).await.unwrap();
        let inner = shop.write(move |tx| Ok(locations::create(tx, bin("INNER", outer))?.id)).await.unwrap();
        let found = after(&shop, &format!("UPDATE stock_locations SET parent_id = id WHERE id = '{outer}'")).await;
        let named = |id| found.contains(&Difference::Nesting { location_id: id });
        assert_eq!((found.len(), named(outer), named(inner)), (2, true, true), "{found:?}");
    }

    async fn what_an_engineer_used_and_nothing_moved_for_is_named(test: TestDb) {
        let shop = Shop::open(test).await;
        shop.receive(shop.parts[0], shop.vans[0], 5).await;
        let usage = shop.says(2, Outcome::Used);
        shop.write(move |tx| use_part(tx, usage.clone())).await.unwrap();
        shop.assert_proven().await;
        let found = after(&shop, "UPDATE part_usage SET quantity = quantity + 1").await;
        let (ticket_id, part_id) = (shop.tickets[0], shop.parts[0]);
        assert_eq!(found, [Difference::Usage { ticket_id, part_id, said: 3, moved: 2 }]);
    }

    async fn a_movement_that_hides_what_it_takes_back_is_named(test: TestDb) {
        let shop = Shop::open(test).await;
        let (part, place) = (shop.parts[0], shop.depots[0]);
        let came = shop.write(move |tx| inventory::ledger::receive(tx, part, place, 5, "")).await.unwrap();
        shop.receive(part, place, 4).await;
        let back = shop.write(move |tx| inventory::ledger::undo(tx, came.id)).await.unwrap();
        shop.assert_proven().await;
        let movement_id = back[0].id;
        let found = after(&shop, "UPDATE stock_movements SET reverses_id = NULL").await;
        assert_eq!(found, [Difference::TakenBack { movement_id }]);
        let wrong = format!("UPDATE stock_movements SET reverses_id = '{movement_id}' WHERE id = '{movement_id}'");
        spoil(&shop.test.url, &wrong);
        let found = shop.read(verify).await;
        assert_eq!(found, [Difference::TakenBack { movement_id }], "it is not its own mirror");
    }

    async fn what_is_said_to_have_expired_and_has_not_is_named(test: TestDb) {
        let shop = Shop::open(test).await;
        let (grease, place) = (shop.tracked(Tracking::Lot).await, shop.depots[0]);
        let days = |days: i64| shop.at_minute(days * 24 * 60);
        for (lot, quantity, expires_at) in [("L1", 5, Some(days(2))), ("L2", 3, Some(days(9)))] {
            let receipt = Receipt { lot: Some(lot), expires_at, ..Receipt::plain(grease, place, quantity, "") };
            shop.write(move |tx| take_in(tx, &receipt)).await.unwrap();
        }
        shop.receive(shop.parts[0], place, 1).await;
        shop.test.clock.set(days(4));
        shop.write(move |tx| lots::expire(tx, grease, place)).await.unwrap();
        let wrong = |expired| vec![Difference::Expired { part_id: grease, location_id: place, expired, expired_by_lots: 5 }];
        let found = after(&shop, &format!("UPDATE stock_balances SET expired = 6 WHERE part_id = '{grease}'")).await;
        assert_eq!(found, wrong(6));
        spoil(&shop.test.url, "UPDATE stock_balances SET expired = 0");
        assert_eq!(shop.read(verify).await, wrong(0));
        let plain = format!("UPDATE stock_balances SET expired = 5 WHERE part_id = '{grease}';
            UPDATE stock_balances SET expired = 1 WHERE part_id = '{}'", shop.parts[0]);
        spoil(&shop.test.url, &plain);
        let found = shop.read(verify).await;
        assert!(matches!(found[..], [Difference::Expired { expired: 1, expired_by_lots: 0, .. }]), "{found:?}");
    }

    async fn a_lot_that_has_just_expired_may_still_be_counted_as_free(test: TestDb) {
        let shop = Shop::open(test).await;
        let (grease, place) = (shop.tracked(Tracking::Lot).await, shop.depots[0]);
        let expires_at = Some(shop.at_minute(10));
        let receipt = Receipt { lot: Some("L1"), expires_at, ..Receipt::plain(grease, place, 5, "") };
        shop.write(move |tx| take_in(tx, &receipt)).await.unwrap();
        shop.test.clock.set(shop.at_minute(20));
        shop.receive(shop.parts[0], place, 1).await;
        shop.assert_proven().await;
        shop.test.clock.set(shop.at_minute(2 * 24 * 60));
        shop.receive(shop.parts[0], place, 1).await;
        let found = shop.read(verify).await;
        assert!(matches!(found[..], [Difference::Expired { expired: 0, expired_by_lots: 5, .. }]), "{found:?}");
    }

    async fn a_line_of_another_part_than_came_on_it_is_named(test: TestDb) {
        let shop = Shop::open(test).await;
        let ([part, other], place) = (shop.parts, shop.depots[0]);
        let new = NewOrder {
            supplier_id: shop.write(|tx| catalogue::supplier(tx, "Bolt")).await.unwrap(),
            currency: None,
            expected_on: None,
            note: String::new(),
            lines: vec![NewLine {
                part_id: part, location_id: place, quantity: 5, unit_price_micros: None, supplier_part_number: None,
            }],
        };
        let line_id = shop.write(move |tx| orders::place(tx, &new)).await.unwrap().1[0].id;
        for _ in 0..2 {
            let receipt = Receipt { order_line_id: Some(line_id), ..Receipt::plain(part, place, 2, "") };
            shop.write(move |tx| take_in(tx, &receipt)).await.unwrap();
        }
        let found = after(&shop, &format!("UPDATE purchase_order_lines SET part_id = '{other}'")).await;
        assert_eq!(found, [Difference::OrderPart { line_id, part_id: other, part_by_movements: part }]);
    }

    async fn a_tray_with_more_or_less_in_it_than_was_given_up_is_named(test: TestDb) {
        let shop = Shop::open(test).await;
        let place = shop.depots[0];
        shop.receive(shop.parts[0], place, 9).await;
        let id = shop.reserve(shop.request(place, 2)).await.unwrap().id;
        shop.write(move |tx| pick(tx, id, &Goods::default())).await.unwrap();
        shop.release(id).await.unwrap();
        let found = after(&shop, "UPDATE put_backs SET quantity = quantity + 3").await;
        assert_eq!(found, [Difference::PutBack { reservation_id: id, given_up: 2, noted: 5 }]);
        let other = format!("UPDATE put_backs SET quantity = 2, part_id = '{}'", shop.parts[1]);
        spoil(&shop.test.url, &other);
        let found = shop.read(verify).await;
        assert_eq!(found, [Difference::PutBack { reservation_id: id, given_up: 0, noted: 2 }], "of another part");
        spoil(&shop.test.url, "DELETE FROM put_backs");
        let found = shop.read(verify).await;
        assert!(matches!(found[..], [Difference::PutBackGone { .. }]), "{found:?}");
    }
}
