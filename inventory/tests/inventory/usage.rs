//! What an engineer says he used.

use db::both_backends;
use db::testing::TestDb;
use db::types::EngineerId;
use inventory::ledger::{Filter, movements};
use inventory::reservations::{Request, ReservationStatus as Status, get};
use inventory::usage::{Usage, UseOutcome, of_ticket, use_part};
use inventory::{Error, MovementKind, Outcome, locations};

use crate::fixture::Shop;

async fn report(shop: &Shop, usage: Usage) -> Result<UseOutcome, Error> {
    shop.write(move |tx| use_part(tx, usage.clone())).await
}

async fn with_van_stock(test: TestDb, quantity: i64) -> Shop {
    let shop = Shop::open(test).await;
    shop.receive(shop.parts[0], shop.vans[0], quantity).await;
    shop
}

both_backends! {
    async fn using_what_is_reserved_ends_the_reservation(test: TestDb) {
        let shop = with_van_stock(test, 5).await;
        let id = shop.reserve(shop.request(shop.vans[0], 2)).await.unwrap().id;
        shop.issue(id).await.unwrap();
        let said = report(&shop, shop.says(2, Outcome::Used)).await.unwrap();
        assert_eq!((said.balance_after, said.went_negative), (3, false));
        assert_eq!(shop.stock(shop.vans[0]).await, (3, 0));
        assert_eq!(shop.read(move |conn| get(conn, id)).await.status, Status::Used);
        shop.assert_proven().await;
    }

    async fn use_is_a_movement_from_the_van_into_the_lift_for_the_ticket(test: TestDb) {
        let shop = with_van_stock(test, 5).await;
        let id = shop.reserve(shop.request(shop.vans[0], 2)).await.unwrap().id;
        report(&shop, shop.says(2, Outcome::Used)).await.unwrap();
        let filter = Filter { ticket_id: Some(shop.tickets[0]), ..Filter::default() };
        let moved = shop.read(move |conn| movements(conn, filter, None, 9)).await;
        assert_eq!(moved.len(), 1);
        assert_eq!((moved[0].kind, moved[0].quantity), (MovementKind::Install, 2));
        assert_eq!((moved[0].from_location_id, moved[0].to_location_id), (shop.vans[0], locations::installed()));
        assert_eq!(moved[0].reservation_id, Some(id));
    }

    async fn more_than_reserved_comes_out_of_the_free_stock_of_the_van(test: TestDb) {
        let shop = with_van_stock(test, 5).await;
        shop.reserve(shop.request(shop.vans[0], 2)).await.unwrap();
        let said = report(&shop, shop.says(3, Outcome::Used)).await.unwrap();
        assert_eq!((said.balance_after, said.went_negative), (2, false));
        assert_eq!(shop.stock(shop.vans[0]).await, (2, 0));
        shop.assert_proven().await;
    }

    async fn less_than_reserved_leaves_the_rest_reserved(test: TestDb) {
        let shop = with_van_stock(test, 5).await;
        let id = shop.reserve(shop.request(shop.vans[0], 4)).await.unwrap().id;
        report(&shop, shop.says(1, Outcome::Used)).await.unwrap();
        assert_eq!(shop.stock(shop.vans[0]).await, (4, 3));
        let rest = shop.read(move |conn| get(conn, id)).await;
        assert_eq!((rest.status, rest.quantity), (Status::Held, 3));
        shop.assert_proven().await;
    }

    async fn several_reservations_are_used_up_in_the_order_they_were_made(test: TestDb) {
        let shop = with_van_stock(test, 5).await;
        let first = shop.reserve(shop.request(shop.vans[0], 2)).await.unwrap().id;
        let second = shop.reserve(shop.request(shop.vans[0], 2)).await.unwrap().id;
        report(&shop, shop.says(3, Outcome::Used)).await.unwrap();
        assert_eq!(shop.read(move |conn| get(conn, first)).await.status, Status::Used);
        let rest = shop.read(move |conn| get(conn, second)).await;
        assert_eq!((rest.status, rest.quantity), (Status::Held, 1));
        assert_eq!(shop.stock(shop.vans[0]).await, (2, 1));
        shop.assert_proven().await;
    }

    async fn what_other_tickets_reserved_is_waited_for_when_it_is_used(test: TestDb) {
        let shop = with_van_stock(test, 5).await;
        let other = Request { ticket_id: shop.tickets[1], ..shop.request(shop.vans[0], 5) };
        let id = shop.reserve(other).await.unwrap().id;
        let said = report(&shop, shop.says(2, Outcome::Used)).await.unwrap();
        assert_eq!((said.balance_after, said.went_negative), (3, false));
        let balance = shop.balance(shop.parts[0], shop.vans[0]).await.unwrap();
        assert_eq!((balance.reserved, balance.available), (3, 0), "no more is promised than is left");
        let kept = shop.read(move |conn| get(conn, id)).await;
        assert_eq!((kept.status, kept.quantity), (Status::Held, 3));
        shop.assert_proven().await;
    }

    async fn what_lies_reserved_at_the_depot_is_not_what_was_used(test: TestDb) {
        let shop = with_van_stock(test, 1).await;
        shop.receive(shop.parts[0], shop.depots[0], 1).await;
        let id = shop.reserve(shop.request(shop.depots[0], 1)).await.unwrap().id;
        report(&shop, shop.says(1, Outcome::Used)).await.unwrap();
        assert_eq!(shop.read(move |conn| get(conn, id)).await.status, Status::Held);
        assert_eq!(shop.stock(shop.depots[0]).await, (1, 1));
        shop.assert_proven().await;
    }

    async fn what_the_books_did_not_know_of_is_believed_and_leaves_less_than_nothing(test: TestDb) {
        let shop = Shop::open(test).await;
        let said = report(&shop, shop.says(2, Outcome::Used)).await.unwrap();
        assert_eq!((said.balance_after, said.went_negative), (-2, true));
        assert_eq!(shop.stock(shop.vans[0]).await, (-2, 0));
        shop.assert_proven().await;
        shop.receive(shop.parts[0], shop.vans[0], 5).await;
        let said = report(&shop, shop.says(1, Outcome::Used)).await.unwrap();
        assert_eq!((said.balance_after, said.went_negative), (2, false));
    }

    async fn said_twice_it_counts_once(test: TestDb) {
        let shop = with_van_stock(test, 5).await;
        shop.reserve(shop.request(shop.vans[0], 2)).await.unwrap();
        let usage = shop.says(2, Outcome::Used);
        let first = report(&shop, usage.clone()).await.unwrap();
        let last = shop.read(|conn| Ok(db::changes::last(conn)?)).await;
        let second = report(&shop, usage).await.unwrap();
        assert_eq!(second, UseOutcome { repeated: true, ..first });
        assert_eq!(shop.stock(shop.vans[0]).await, (3, 0));
        assert_eq!(shop.read(|conn| Ok(db::changes::last(conn)?)).await, last, "nothing was written");
    }

    async fn a_defective_part_leaves_the_van_but_is_in_no_lift(test: TestDb) {
        let shop = with_van_stock(test, 5).await;
        shop.reserve(shop.request(shop.vans[0], 2)).await.unwrap();
        let said = report(&shop, shop.says(1, Outcome::Defective)).await.unwrap();
        assert_eq!(said.balance_after, 4);
        assert_eq!(shop.stock(shop.vans[0]).await, (4, 1));
        let filter = Filter { ticket_id: Some(shop.tickets[0]), ..Filter::default() };
        let moved = shop.read(move |conn| movements(conn, filter, None, 9)).await;
        assert_eq!((moved[0].kind, moved[0].to_location_id), (MovementKind::Reject, locations::quarantine()));
        assert_eq!(shop.stock(locations::quarantine()).await, (1, 0));
        shop.assert_proven().await;
    }

    async fn a_part_that_was_not_needed_stays_in_the_van_and_is_free(test: TestDb) {
        let shop = Shop::open(test).await;
        shop.receive(shop.parts[0], shop.depots[0], 5).await;
        let issued = shop.reserve(shop.request(shop.depots[0], 2)).await.unwrap().id;
        shop.issue(issued).await.unwrap();
        let said = report(&shop, shop.says(2, Outcome::Returned)).await.unwrap();
        assert_eq!((said.balance_after, said.went_negative), (2, false));
        assert_eq!(shop.stock(shop.vans[0]).await, (2, 0));
        assert_eq!(shop.read(move |conn| get(conn, issued)).await.status, Status::Returned);
        shop.assert_proven().await;
    }

    async fn not_needing_the_vans_own_stock_releases_it(test: TestDb) {
        let shop = with_van_stock(test, 5).await;
        let id = shop.reserve(shop.request(shop.vans[0], 2)).await.unwrap().id;
        report(&shop, shop.says(2, Outcome::Returned)).await.unwrap();
        assert_eq!(shop.read(move |conn| get(conn, id)).await.status, Status::Released);
        assert_eq!(shop.stock(shop.vans[0]).await, (5, 0));
        let said = report(&shop, shop.says(9, Outcome::Returned)).await.unwrap();
        assert_eq!(said.balance_after, 5, "nothing was reserved: only the report is kept");
        shop.assert_proven().await;
    }

    async fn an_engineer_without_a_van_uses_nothing_from_it(test: TestDb) {
        let shop = Shop::open(test).await;
        let nobody = EngineerId::new();
        let usage = Usage { engineer_id: nobody, ..shop.says(1, Outcome::Used) };
        let refused = report(&shop, usage).await.unwrap_err();
        assert!(matches!(refused, Error::NoVan { engineer_id } if engineer_id == nobody), "{refused:?}");
    }

    async fn faulty_reports_leave_nothing_behind(test: TestDb) {
        let shop = with_van_stock(test, 5).await;
        let none = report(&shop, shop.says(0, Outcome::Used)).await.unwrap_err();
        assert!(matches!(none, Error::Invalid { field: "quantity", .. }), "{none:?}");
        let unknown = Usage { part_id: db::types::Id::new(), ..shop.says(1, Outcome::Used) };
        let refused = report(&shop, unknown).await.unwrap_err();
        assert!(matches!(&refused, Error::Database(e) if e.violation().is_some()), "{refused:?}");
        let ticket = shop.tickets[0];
        assert_eq!(shop.read(move |conn| of_ticket(conn, ticket)).await, []);
        assert_eq!(shop.stock(shop.vans[0]).await, (5, 0));
    }

    async fn a_tickets_usage_is_listed_in_order_of_time(test: TestDb) {
        let shop = with_van_stock(test, 5).await;
        let late = Usage { at: shop.at_minute(9), ..shop.says(1, Outcome::Used) };
        let early = Usage { at: shop.at_minute(3), serial: "SN-1".to_owned(), ..shop.says(2, Outcome::Used) };
        report(&shop, late).await.unwrap();
        report(&shop, early).await.unwrap();
        let ticket = shop.tickets[0];
        let found = shop.read(move |conn| of_ticket(conn, ticket)).await;
        assert_eq!(found.iter().map(|u| u.quantity).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(found[0].serial, "SN-1");
    }
}
