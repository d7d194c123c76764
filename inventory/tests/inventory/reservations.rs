//! Promising stock, and giving promises up.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use db::both_backends;
use db::testing::TestDb;
use db::types::{LocationId, ReservationId};
use diesel::Connection;
use diesel::connection::InstrumentationEvent;
use inventory::reservations::{
    Goods, Request, ReservationStatus as Status, get, of_ticket, pick, release_for_ticket, reserve,
    reserve_all,
};
use inventory::{Error, Reservation};

use crate::fixture::Shop;

async fn pick_it(shop: &Shop, id: ReservationId) -> Result<Reservation, Error> {
    shop.write(move |tx| pick(tx, id, &Goods::default())).await
}

async fn stocked(test: TestDb, quantity: i64) -> (Shop, LocationId) {
    let shop = Shop::open(test).await;
    let depot = shop.depots[0];
    shop.receive(shop.parts[0], depot, quantity).await;
    (shop, depot)
}

both_backends! {
    async fn reserving_takes_from_what_is_available_and_not_from_what_is_on_hand(test: TestDb) {
        let (shop, depot) = stocked(test, 5).await;
        let reservation = shop.reserve(shop.request(depot, 3)).await.unwrap();
        assert_eq!((reservation.status, reservation.quantity), (Status::Held, 3));
        assert_eq!(shop.stock(depot).await, (5, 3));
        shop.assert_proven().await;
    }

    async fn reserving_takes_two_statements(test: TestDb) {
        let (shop, depot) = stocked(test, 5).await;
        let request = shop.request(depot, 1);
        let counted = shop.write(move |tx| {
            let statements = Arc::new(AtomicUsize::new(0));
            let counter = statements.clone();
            tx.conn().set_instrumentation(move |event: InstrumentationEvent<'_>| {
                if let InstrumentationEvent::StartQuery { .. } = event {
                    counter.fetch_add(1, Ordering::Relaxed);
                }
            });
            let made = reserve(tx, request);
            tx.conn().set_instrumentation(|_: InstrumentationEvent<'_>| {});
            made.map(|_| statements.load(Ordering::Relaxed))
        });
        assert_eq!(counted.await.unwrap(), 2);
    }

    async fn reserving_more_than_available_reports_the_shortage(test: TestDb) {
        let (shop, depot) = stocked(test, 5).await;
        shop.reserve(shop.request(depot, 3)).await.unwrap();
        let refused = shop.reserve(shop.request(depot, 3)).await.unwrap_err();
        let Error::Shortage { part_id, location_id, wanted, available } = refused else { panic!("{refused:?}") };
        assert_eq!((part_id, location_id, wanted, available), (shop.parts[0], depot, 3, 2));
        assert_eq!(shop.stock(depot).await, (5, 3));
    }

    async fn reserving_where_nothing_ever_was_reports_the_shortage(test: TestDb) {
        let shop = Shop::open(test).await;
        let refused = shop.reserve(shop.request(shop.depots[1], 1)).await.unwrap_err();
        assert!(matches!(refused, Error::Shortage { wanted: 1, available: 0, .. }), "{refused:?}");
    }

    async fn a_shortage_does_not_end_the_command_that_meets_it(test: TestDb) {
        let (shop, depot) = stocked(test, 5).await;
        let (too_much, enough) = (shop.request(depot, 6), shop.request(depot, 5));
        let made = shop.write(move |tx| {
            match reserve(tx, too_much) {
                Err(Error::Shortage { .. }) => reserve(tx, enough),
                other => other,
            }
        });
        assert_eq!(made.await.unwrap().quantity, 5);
    }

    async fn all_parts_of_a_ticket_are_reserved_or_none(test: TestDb) {
        let (shop, depot) = stocked(test, 5).await;
        shop.receive(shop.parts[1], depot, 1).await;
        let wants = |second| {
            let other = Request { part_id: shop.parts[1], quantity: second, ..shop.request(depot, 1) };
            vec![other, shop.request(depot, 5)]
        };
        let too_much = wants(2);
        let refused = shop.write(move |tx| reserve_all(tx, &too_much)).await.unwrap_err();
        assert!(matches!(refused, Error::Shortage { wanted: 2, available: 1, .. }), "{refused:?}");
        assert_eq!(shop.stock(depot).await, (5, 0));
        let enough = wants(1);
        assert_eq!(shop.write(move |tx| reserve_all(tx, &enough)).await.unwrap().len(), 2);
        assert_eq!(shop.stock(depot).await, (5, 5));
        shop.assert_proven().await;
    }

    async fn the_same_part_twice_in_one_demand_is_not_promised_twice(test: TestDb) {
        let (shop, depot) = stocked(test, 5).await;
        let twice = vec![shop.request(depot, 3); 2];
        let refused = shop.write(move |tx| reserve_all(tx, &twice)).await.unwrap_err();
        assert!(matches!(refused, Error::Shortage { wanted: 3, available: 2, .. }), "{refused:?}");
        assert_eq!(shop.stock(depot).await, (5, 0));
    }

    async fn a_reservation_longer_than_a_year_is_refused(test: TestDb) {
        let (shop, depot) = stocked(test, 5).await;
        for (minutes, fits) in [(365 * 24 * 60, true), (367 * 24 * 60, false), (i64::MAX, false)] {
            let request = Request { expires_at: Some(shop.at_minute(minutes)), ..shop.request(depot, 1) };
            let made = shop.reserve(request).await;
            assert_eq!(made.is_ok(), fits, "{minutes}: {made:?}");
        }
    }

    async fn a_reservation_for_no_ticket_leaves_nothing_reserved(test: TestDb) {
        let (shop, depot) = stocked(test, 5).await;
        let request = Request { ticket_id: db::types::Id::new(), ..shop.request(depot, 1) };
        let refused = shop.reserve(request).await.unwrap_err();
        assert!(matches!(&refused, Error::Database(e) if e.violation().is_some()), "{refused:?}");
        assert_eq!(shop.stock(depot).await, (5, 0));
    }

    async fn released_stock_is_free_again_but_only_once(test: TestDb) {
        let (shop, depot) = stocked(test, 5).await;
        let id = shop.reserve(shop.request(depot, 5)).await.unwrap().id;
        assert_eq!(shop.release(id).await.unwrap().status, Status::Released);
        assert_eq!(shop.stock(depot).await, (5, 0));
        let again = shop.release(id).await.unwrap_err();
        assert!(matches!(again, Error::IllegalMove { from: Status::Released, to: Status::Released }), "{again:?}");
        assert_eq!(shop.stock(depot).await, (5, 0));
    }

    async fn picking_keeps_the_stock_reserved_and_cannot_be_done_twice(test: TestDb) {
        let (shop, depot) = stocked(test, 5).await;
        let id = shop.reserve(shop.request(depot, 2)).await.unwrap().id;
        assert_eq!(pick_it(&shop, id).await.unwrap().status, Status::Picked);
        assert_eq!(shop.stock(depot).await, (5, 2));
        let again = pick_it(&shop, id).await.unwrap_err();
        assert!(matches!(again, Error::IllegalMove { from: Status::Picked, to: Status::Picked }), "{again:?}");
        shop.assert_proven().await;
    }

    async fn a_ticket_that_ends_frees_all_that_it_had_and_nothing_of_others(test: TestDb) {
        let (shop, depot) = stocked(test, 9).await;
        shop.reserve(shop.request(depot, 1)).await.unwrap();
        let picked = shop.reserve(shop.request(depot, 2)).await.unwrap().id;
        pick_it(&shop, picked).await.unwrap();
        let issued = shop.reserve(shop.request(depot, 3)).await.unwrap().id;
        shop.issue(issued).await.unwrap();
        let other = Request { ticket_id: shop.tickets[1], ..shop.request(depot, 1) };
        shop.reserve(other).await.unwrap();
        let ticket = shop.tickets[0];
        let freed = shop.write(move |tx| release_for_ticket(tx, ticket)).await.unwrap();
        assert_eq!(freed.len(), 3);
        assert!(freed.iter().all(|r| r.status == Status::Released));
        assert_eq!(shop.stock(depot).await, (6, 1));
        assert_eq!(shop.stock(shop.vans[0]).await, (3, 0), "what was handed over stays in the van, free");
        shop.assert_proven().await;
        let again = shop.write(move |tx| release_for_ticket(tx, ticket)).await.unwrap();
        assert_eq!(again, []);
    }

    async fn a_wanted_reservation_is_given_up_without_touching_stock(test: TestDb) {
        let (shop, depot) = stocked(test, 5).await;
        let id = shop.reserve(shop.request(depot, 2)).await.unwrap().id;
        shop.release(id).await.unwrap();
        let sql = "UPDATE reservations SET status = 'wanted'; DELETE FROM guard_written_rows;";
        diesel::connection::SimpleConnection::batch_execute(&mut db::testing::raw(&shop.test.url), sql).unwrap();
        let ticket = shop.tickets[0];
        let freed = shop.write(move |tx| release_for_ticket(tx, ticket)).await.unwrap();
        assert_eq!(freed.iter().map(|r| r.status).collect::<Vec<_>>(), [Status::Released]);
        assert_eq!(shop.stock(depot).await, (5, 0));
        shop.assert_proven().await;
    }

    async fn a_reservation_that_is_not_there_is_named(test: TestDb) {
        let shop = Shop::open(test).await;
        let id = ReservationId::new();
        let refused = shop.release(id).await.unwrap_err();
        assert!(matches!(&refused, Error::NotFound { what: "reservation", id: named } if *named == id.to_string()));
    }

    async fn the_log_tells_of_reservation_and_balance_in_one_go(test: TestDb) {
        let (shop, depot) = stocked(test, 5).await;
        let request = shop.request(depot, 2);
        let written = shop.test.db.write_numbered(db::Actor::system("test"), move |tx| {
            reserve(tx, request)
        });
        let (reservation, numbers) = written.await.unwrap();
        let balance = shop.balance(shop.parts[0], depot).await.unwrap();
        assert!(numbers.version("reservations", reservation.id.as_str()).is_some());
        assert!(numbers.version("stock_balances", balance.id.as_str()).is_some());
        let ticket = shop.tickets[0];
        let id = reservation.id;
        assert_eq!(shop.read(move |conn| get(conn, id)).await, reservation);
        assert_eq!(shop.read(move |conn| of_ticket(conn, ticket)).await, [reservation]);
    }
}

#[test]
fn only_the_drawn_moves_are_legal() {
    use Status::*;
    let legal = [
        (Wanted, Held),
        (Wanted, Released),
        (Held, Picked),
        (Held, HandedOver),
        (Held, Used),
        (Held, Released),
        (Held, Expired),
        (Picked, Held),
        (Picked, HandedOver),
        (Picked, Used),
        (Picked, Released),
        (HandedOver, Used),
        (HandedOver, Returned),
        (HandedOver, Released),
    ];
    for from in Status::ALL {
        for to in Status::ALL {
            assert_eq!(from.may_become(*to), legal.contains(&(*from, *to)), "{from} to {to}");
        }
        assert_eq!(from.is_live(), Status::LIVE.contains(from));
    }
}
