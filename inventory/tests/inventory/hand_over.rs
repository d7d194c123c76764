//! From the depot into the van and back.

use db::both_backends;
use db::testing::TestDb;
use db::types::{LocationId, ReservationId};
use inventory::ledger::{Filter, adjust, movements};
use inventory::reservations::{Goods, Request, ReservationStatus as Status, get, of_ticket, return_part};
use inventory::usage::use_part;
use inventory::{Error, MovementKind, Outcome, Reservation};

use crate::fixture::Shop;

/// A shop with nine of the first part at the first depot, and a reservation of `quantity` of them handed over.
async fn handed_over(test: TestDb, quantity: i64) -> (Shop, ReservationId) {
    let shop = Shop::open(test).await;
    shop.receive(shop.parts[0], shop.depots[0], 9).await;
    let id = shop.reserve(shop.request(shop.depots[0], quantity)).await.unwrap().id;
    shop.issue(id).await.unwrap();
    (shop, id)
}

async fn give_back(
    shop: &Shop,
    id: ReservationId,
    quantity: Option<i64>,
    to: Option<LocationId>,
) -> Result<Reservation, Error> {
    shop.write(move |tx| return_part(tx, id, &Goods { quantity, ..Goods::default() }, to)).await
}

both_backends! {
    async fn handing_over_moves_goods_and_promise_into_the_van(test: TestDb) {
        let (shop, id) = handed_over(test, 2).await;
        let reservation = shop.read(move |conn| get(conn, id)).await;
        assert_eq!((reservation.status, reservation.location_id), (Status::HandedOver, shop.vans[0]));
        assert_eq!(shop.stock(shop.depots[0]).await, (7, 0));
        assert_eq!(shop.stock(shop.vans[0]).await, (2, 2));
        let filter = Filter { ticket_id: Some(shop.tickets[0]), ..Filter::default() };
        let moved = shop.read(move |conn| movements(conn, filter, None, 9)).await;
        assert_eq!(moved.len(), 1);
        assert_eq!((moved[0].kind, moved[0].reservation_id), (MovementKind::Issue, Some(id)));
        shop.assert_proven().await;
    }

    async fn what_is_in_the_van_already_is_handed_over_without_a_movement(test: TestDb) {
        let shop = Shop::open(test).await;
        shop.receive(shop.parts[0], shop.vans[0], 3).await;
        let id = shop.reserve(shop.request(shop.vans[0], 2)).await.unwrap().id;
        assert_eq!(shop.issue(id).await.unwrap().status, Status::HandedOver);
        assert_eq!(shop.stock(shop.vans[0]).await, (3, 2));
        let moved = shop.read(|conn| movements(conn, Filter::default(), None, 9)).await;
        assert_eq!(moved.len(), 1, "only the receipt: {moved:?}");
    }

    async fn handing_over_twice_is_refused_and_moves_nothing(test: TestDb) {
        let (shop, id) = handed_over(test, 2).await;
        let again = shop.issue(id).await.unwrap_err();
        assert!(matches!(again, Error::IllegalMove { from: Status::HandedOver, to: Status::HandedOver }));
        assert_eq!(shop.stock(shop.vans[0]).await, (2, 2));
    }

    async fn nothing_is_handed_over_to_nobody_or_to_an_engineer_without_a_van(test: TestDb) {
        let shop = Shop::open(test).await;
        shop.receive(shop.parts[0], shop.depots[0], 3).await;
        let nobody = Request { engineer_id: None, ..shop.request(shop.depots[0], 1) };
        let id = shop.reserve(nobody).await.unwrap().id;
        let refused = shop.issue(id).await.unwrap_err();
        assert!(matches!(refused, Error::NoEngineer { reservation_id } if reservation_id == id));
        let walker = shop.engineers[1];
        let sql = format!("UPDATE stock_locations SET engineer_id = NULL WHERE engineer_id = '{walker}';
            DELETE FROM guard_written_rows;");
        diesel::connection::SimpleConnection::batch_execute(&mut db::testing::raw(&shop.test.url), &sql).unwrap();
        let on_foot = Request { engineer_id: Some(walker), ..shop.request(shop.depots[0], 1) };
        let id = shop.reserve(on_foot).await.unwrap().id;
        let refused = shop.issue(id).await.unwrap_err();
        assert!(matches!(refused, Error::NoVan { engineer_id } if engineer_id == walker));
        assert_eq!(shop.stock(shop.depots[0]).await, (3, 2));
    }

    async fn what_the_books_say_is_not_there_cannot_be_handed_over(test: TestDb) {
        let shop = Shop::open(test).await;
        let (part, depot) = (shop.parts[0], shop.depots[0]);
        shop.receive(part, depot, 3).await;
        let id = shop.reserve(shop.request(depot, 3)).await.unwrap().id;
        shop.write(move |tx| adjust(tx, part, depot, 1, "two are broken")).await.unwrap();
        assert_eq!(shop.stock(depot).await, (1, 1), "no more is promised than is there");
        assert_eq!(shop.issue(id).await.unwrap().quantity, 1);
        assert_eq!((shop.stock(depot).await, shop.stock(shop.vans[0]).await), ((0, 0), (1, 1)));
        shop.assert_proven().await;
    }

    async fn what_was_not_needed_goes_back_where_it_came_from(test: TestDb) {
        let (shop, id) = handed_over(test, 2).await;
        let returned = give_back(&shop, id, None, None).await.unwrap();
        assert_eq!((returned.id, returned.status), (id, Status::Returned));
        assert_eq!(shop.stock(shop.depots[0]).await, (9, 0));
        assert_eq!(shop.stock(shop.vans[0]).await, (0, 0));
        shop.assert_proven().await;
    }

    async fn a_part_of_it_goes_back_and_the_rest_stays_in_the_van(test: TestDb) {
        let (shop, id) = handed_over(test, 3).await;
        let returned = give_back(&shop, id, Some(1), Some(shop.depots[1])).await.unwrap();
        assert_eq!((returned.quantity, returned.status), (1, Status::Returned));
        let rest = shop.read(move |conn| get(conn, id)).await;
        assert_eq!((rest.quantity, rest.status), (2, Status::HandedOver));
        assert_eq!(shop.stock(shop.depots[1]).await, (1, 0));
        assert_eq!(shop.stock(shop.vans[0]).await, (2, 2));
        shop.assert_proven().await;
        give_back(&shop, id, None, None).await.unwrap();
        assert_eq!(shop.stock(shop.depots[0]).await, (8, 0), "the rest still knows where it came from");
    }

    async fn more_than_was_handed_over_cannot_come_back(test: TestDb) {
        let (shop, id) = handed_over(test, 2).await;
        for quantity in [3, 0, -1] {
            let refused = give_back(&shop, id, Some(quantity), None).await.unwrap_err();
            assert!(matches!(refused, Error::Invalid { field: "quantity", .. }), "{refused:?}");
        }
        assert_eq!(shop.stock(shop.vans[0]).await, (2, 2));
    }

    async fn only_what_was_handed_over_can_come_back(test: TestDb) {
        let shop = Shop::open(test).await;
        shop.receive(shop.parts[0], shop.depots[0], 3).await;
        let id = shop.reserve(shop.request(shop.depots[0], 2)).await.unwrap().id;
        let refused = give_back(&shop, id, None, Some(shop.depots[1])).await.unwrap_err();
        assert!(matches!(refused, Error::IllegalMove { from: Status::Held, to: Status::Returned }));
    }

    async fn a_return_needs_a_place_with_stock_that_is_not_the_van(test: TestDb) {
        let shop = Shop::open(test).await;
        shop.receive(shop.parts[0], shop.vans[0], 3).await;
        let id = shop.reserve(shop.request(shop.vans[0], 2)).await.unwrap().id;
        shop.issue(id).await.unwrap();
        for to in [None, Some(shop.vans[0]), Some(inventory::locations::installed())] {
            let refused = give_back(&shop, id, None, to).await.unwrap_err();
            assert!(matches!(refused, Error::Invalid { field: "location_id", .. }), "{refused:?}");
        }
        give_back(&shop, id, None, Some(shop.depots[1])).await.unwrap();
        assert_eq!(shop.stock(shop.depots[1]).await, (2, 0));
    }

    async fn what_was_used_meanwhile_does_not_come_back(test: TestDb) {
        let (shop, id) = handed_over(test, 3).await;
        let usage = shop.says(2, Outcome::Used);
        shop.write(move |tx| use_part(tx, usage.clone())).await.unwrap();
        let returned = give_back(&shop, id, None, None).await.unwrap();
        assert_eq!(returned.quantity, 1);
        assert_eq!(shop.stock(shop.depots[0]).await, (7, 0));
        assert_eq!(shop.stock(shop.vans[0]).await, (0, 0));
        let ticket = shop.tickets[0];
        let all = shop.read(move |conn| of_ticket(conn, ticket)).await;
        assert_eq!(all.iter().map(|r| r.quantity).sum::<i64>(), 3, "splitting loses nothing");
        shop.assert_proven().await;
    }
}
