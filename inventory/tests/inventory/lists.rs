//! What dispatch and the warehouse ask for.

use db::both_backends;
use db::testing::TestDb;
use inventory::reservations::{Filter, Request, ReservationStatus as Status, list};
use inventory::{Free, LocationKind, balances, free_stock};

use crate::fixture::Shop;

both_backends! {
    async fn free_stock_names_places_that_have_something_to_promise(test: TestDb) {
        let shop = Shop::open(test).await;
        let part = shop.parts[0];
        shop.receive(part, shop.depots[0], 5).await;
        shop.receive(part, shop.vans[1], 2).await;
        shop.receive(part, shop.depots[1], 1).await;
        shop.receive(shop.parts[1], shop.depots[0], 7).await;
        shop.reserve(shop.request(shop.depots[1], 1)).await.unwrap();
        shop.reserve(shop.request(shop.depots[0], 1)).await.unwrap();
        let mut found = shop.read(move |conn| free_stock(conn, &[part], None)).await;
        found.sort_by_key(|f| f.available);
        let van = Free {
            part_id: part,
            location_id: shop.vans[1],
            kind: LocationKind::Van,
            engineer_id: Some(shop.engineers[1]),
            latitude: None,
            longitude: None,
            available: 2,
            minimum: None,
        };
        let depot = Free {
            location_id: shop.depots[0],
            kind: LocationKind::Depot,
            engineer_id: None,
            latitude: Some(40.75),
            longitude: Some(-73.98),
            available: 4,
            ..van.clone()
        };
        assert_eq!(found, [van, depot]);
    }

    async fn free_stock_looks_only_where_it_is_told_to(test: TestDb) {
        let shop = Shop::open(test).await;
        let (parts, vans) = (shop.parts, shop.vans);
        shop.receive(parts[0], shop.depots[0], 5).await;
        shop.receive(parts[0], vans[0], 1).await;
        shop.receive(parts[1], vans[0], 2).await;
        let found = shop.read(move |conn| free_stock(conn, &parts, Some(&vans))).await;
        assert_eq!(found.iter().map(|f| f.available).sum::<i64>(), 3);
        assert!(shop.read(move |conn| free_stock(conn, &parts, Some(&[]))).await.is_empty());
        assert!(shop.read(|conn| free_stock(conn, &[], None)).await.is_empty());
    }

    async fn a_place_out_of_use_has_nothing_to_promise(test: TestDb) {
        let shop = Shop::open(test).await;
        let part = shop.parts[0];
        shop.receive(part, shop.depots[0], 5).await;
        let sql = "UPDATE stock_locations SET active = FALSE; DELETE FROM guard_written_rows;";
        diesel::connection::SimpleConnection::batch_execute(&mut db::testing::raw(&shop.test.url), sql).unwrap();
        assert!(shop.read(move |conn| free_stock(conn, &[part], None)).await.is_empty());
    }

    async fn the_warehouse_sees_numbers_and_names(test: TestDb) {
        let shop = Shop::open(test).await;
        shop.receive(shop.parts[0], shop.depots[0], 5).await;
        let made = shop.reserve(shop.request(shop.depots[0], 2)).await.unwrap();
        let found = shop.read(|conn| list(conn, Filter::default(), None, 9)).await;
        assert_eq!(found.len(), 1);
        let view = &found[0];
        assert_eq!((view.id, view.ticket_number, view.quantity), (made.id, 1001, 2));
        assert_eq!(view.engineer_code, Some(format!("E-{}", shop.engineers[0])));
        assert_eq!((view.part_name.as_str(), view.location_kind), ("Door roller", LocationKind::Depot));
        assert!(view.location_code.starts_with("DEPOT-"));
    }

    async fn reservations_are_listed_by_status_place_and_ticket_in_pages(test: TestDb) {
        let shop = Shop::open(test).await;
        let [first, second] = shop.depots;
        shop.receive(shop.parts[0], first, 9).await;
        shop.receive(shop.parts[0], second, 9).await;
        let nobody = Request { engineer_id: None, ticket_id: shop.tickets[1], ..shop.request(first, 1) };
        let a = shop.reserve(nobody).await.unwrap().id;
        let b = shop.reserve(shop.request(first, 2)).await.unwrap().id;
        let c = shop.reserve(shop.request(second, 3)).await.unwrap().id;
        shop.release(b).await.unwrap();
        let filters = [
            (Filter::default(), vec![a, b, c]),
            (Filter { status: vec![Status::Held], ..Filter::default() }, vec![a, c]),
            (Filter { status: vec![Status::Held, Status::Released], ..Filter::default() }, vec![a, b, c]),
            (Filter { location_id: Some(first), ..Filter::default() }, vec![a, b]),
            (Filter { ticket_id: Some(shop.tickets[0]), ..Filter::default() }, vec![b, c]),
        ];
        for (filter, expected) in filters {
            let found = shop.read(move |conn| list(conn, filter, None, 9)).await;
            assert_eq!(found.iter().map(|v| v.id).collect::<Vec<_>>(), expected);
        }
        let page = shop.read(move |conn| list(conn, Filter::default(), Some(a), 1)).await;
        assert_eq!(page.iter().map(|v| v.id).collect::<Vec<_>>(), [b]);
    }

    async fn balances_are_listed_by_part_and_place_in_pages(test: TestDb) {
        let shop = Shop::open(test).await;
        for part in shop.parts {
            for depot in shop.depots {
                shop.receive(part, depot, 1).await;
            }
        }
        let by_part = balances::Filter { part_id: Some(shop.parts[0]), location_id: None };
        let by_both = balances::Filter { location_id: Some(shop.depots[0]), ..by_part };
        assert_eq!(shop.read(move |conn| balances::list(conn, by_part, None, 9)).await.len(), 2);
        assert_eq!(shop.read(move |conn| balances::list(conn, by_both, None, 9)).await.len(), 1);
        let all = balances::Filter::default();
        let first = shop.read(move |conn| balances::list(conn, all, None, 3)).await;
        let last = first[2].id;
        assert_eq!(shop.read(move |conn| balances::list(conn, all, Some(last), 3)).await.len(), 1);
    }

    async fn pages_have_a_bound_however_much_is_asked_for(test: TestDb) {
        let shop = Shop::open(test).await;
        for limit in [i64::MAX, 0, -5] {
            shop.read(move |conn| balances::list(conn, balances::Filter::default(), None, limit)).await;
        }
    }
}

#[test]
fn a_balance_tells_what_is_available() {
    let text = r#"{"id":"0198f3c2-7b00-7000-8000-000000000001","part_id":"0198f3c2-7b00-7000-8000-000000000002",
        "location_id":"0198f3c2-7b00-7000-8000-000000000003","on_hand":5,"reserved":2,"available":2,"expired":1}"#;
    let balance: inventory::StockBalance = serde_json::from_str(text).unwrap();
    let compact: String = text.split_whitespace().collect();
    assert_eq!(serde_json::to_string(&balance).unwrap(), compact);
}
