//! Parts and places.

use db::both_backends;
use db::testing::TestDb;
use db::types::{Id, PartId};
use db::{Failure, ViolationKind};
use inventory::parts::{self, NewPart, PartChanges};
use inventory::{Error, LocationKind, locations};

use crate::fixture::{Shop, depot, part, van};

fn violates(error: &Error, table: &str, column: &str) -> bool {
    error
        .database()
        .and_then(db::Error::violation)
        .is_some_and(|v| v.kind == ViolationKind::Duplicate && v.concerns(table, column))
}

async fn numbered(shop: &Shop, number: &str, name: &str) -> PartId {
    let new = NewPart { number: number.to_owned(), name: name.to_owned(), ..part("") };
    shop.write(move |tx| parts::create(tx, new.clone())).await.unwrap().id
}

both_backends! {
    async fn a_part_number_can_be_given_only_once(test: TestDb) {
        let shop = Shop::open(test).await;
        numbered(&shop, "ROLLER-1", "Roller").await;
        let again = NewPart { number: "ROLLER-1".to_owned(), ..part("Another") };
        let refused = shop.write(move |tx| parts::create(tx, again.clone())).await.unwrap_err();
        assert!(violates(&refused, "parts", "number"), "{refused:?}");
    }

    async fn a_changed_part_keeps_what_was_not_named(test: TestDb) {
        let shop = Shop::open(test).await;
        let id = shop.parts[0];
        let before = shop.read(move |conn| parts::get(conn, id)).await;
        let changes = PartChanges { unit_price_micros: Some(1), ..PartChanges::default() };
        let after = shop.write(move |tx| parts::update(tx, id, &changes)).await.unwrap();
        assert_eq!(after, parts::Part { unit_price_micros: 1, ..before });
        assert_eq!(shop.read(move |conn| parts::get(conn, id)).await, after);
    }

    async fn changing_nothing_is_no_error(test: TestDb) {
        let shop = Shop::open(test).await;
        let id = shop.parts[0];
        let same = shop.write(move |tx| parts::update(tx, id, &PartChanges::default())).await.unwrap();
        assert_eq!(same.id, id);
    }

    async fn changing_a_part_that_is_not_there_says_so(test: TestDb) {
        let shop = Shop::open(test).await;
        let changes = PartChanges { active: Some(false), ..PartChanges::default() };
        let refused = shop.write(move |tx| parts::update(tx, Id::new(), &changes)).await.unwrap_err();
        assert!(matches!(refused, Error::NotFound { what: "part", .. }), "{refused:?}");
    }

    async fn faulty_parts_are_refused_by_field(test: TestDb) {
        let shop = Shop::open(test).await;
        for (field, new) in [
            ("number", NewPart { number: " ".to_owned(), ..part("x") }),
            ("name", part("")),
            ("decimals", NewPart { decimals: 7, ..part("x") }),
            ("unit_price_micros", NewPart { unit_price_micros: -1, ..part("x") }),
            ("currency", NewPart { currency: "dollars".to_owned(), ..part("x") }),
        ] {
            let refused = shop.write(move |tx| parts::create(tx, new.clone())).await.unwrap_err();
            assert!(matches!(refused, Error::Invalid { field: f, .. } if f == field), "{field}: {refused:?}");
        }
    }

    async fn parts_are_found_by_any_text_whatever_its_case(test: TestDb) {
        let shop = Shop::open(test).await;
        numbered(&shop, "BELT-7", "Drive Belt").await;
        numbered(&shop, "PCT-100%", "Odd_one").await;
        for (q, expected) in [("belt", 1), ("drive B", 1), ("滚轮", 4), ("100%", 1), ("d_o", 1), ("%", 1), ("zzz", 0)] {
            let found = shop.read(move |conn| parts::list(conn, Some(q), None, 50)).await;
            assert_eq!(found.len(), expected, "{q}");
        }
    }

    async fn pages_of_parts_follow_each_other_without_gap_or_repeat(test: TestDb) {
        let shop = Shop::open(test).await;
        for n in 0..7 {
            numbered(&shop, &format!("N-{n}"), "Nut").await;
        }
        let mut seen = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let from = after.clone();
            let page = shop.read(move |conn| parts::list(conn, Some("N-"), from.as_deref(), 3)).await;
            let Some(last) = page.last() else { break };
            after = Some(last.number.clone());
            seen.extend(page.into_iter().map(|p| p.number));
        }
        assert_eq!(seen, (0..7).map(|n| format!("N-{n}")).collect::<Vec<_>>());
    }

    async fn parts_by_ids_leaves_out_what_is_not_there(test: TestDb) {
        let shop = Shop::open(test).await;
        let ids = [shop.parts[0], PartId::new(), shop.parts[1]];
        let found = shop.read(move |conn| parts::by_ids(conn, &ids)).await;
        let mut found: Vec<PartId> = found.into_iter().map(|p| p.id).collect();
        found.sort();
        assert_eq!(found, shop.parts);
        assert!(shop.read(|conn| parts::by_ids(conn, &[])).await.is_empty());
    }

    async fn an_engineer_has_one_van(test: TestDb) {
        let shop = Shop::open(test).await;
        let engineer = shop.engineers[0];
        let second = shop.write(move |tx| locations::create(tx, van(engineer))).await.unwrap_err();
        assert!(violates(&second, "stock_locations", "engineer_id"), "{second:?}");
        let van = shop.read(move |conn| locations::van_of(conn, engineer)).await;
        assert_eq!(van.map(|v| v.id), Some(shop.vans[0]));
    }

    async fn a_place_that_makes_no_sense_is_refused_by_field(test: TestDb) {
        let shop = Shop::open(test).await;
        let engineer = shop.engineers[0];
        let places = [
            ("code", locations::NewLocation { code: String::new(), ..depot() }),
            ("latitude", locations::NewLocation { latitude: Some(91.0), ..depot() }),
            ("longitude", locations::NewLocation { longitude: Some(f64::NAN), ..depot() }),
            ("latitude", locations::NewLocation { latitude: None, ..depot() }),
            ("engineer_id", locations::NewLocation { engineer_id: Some(engineer), ..depot() }),
            ("engineer_id", locations::NewLocation { engineer_id: None, ..van(engineer) }),
            ("kind", locations::NewLocation { kind: LocationKind::Supplier, ..depot() }),
        ];
        for (field, new) in places {
            let refused = shop.write(move |tx| locations::create(tx, new.clone())).await.unwrap_err();
            assert!(matches!(refused, Error::Invalid { field: f, .. } if f == field), "{field}: {refused:?}");
        }
    }

    async fn the_outside_places_are_there_from_the_start(test: TestDb) {
        let shop = Shop::open(test).await;
        for (id, kind) in [
            (locations::supplier(), LocationKind::Supplier),
            (locations::installed(), LocationKind::Installed),
            (locations::adjustment(), LocationKind::Adjustment),
        ] {
            assert_eq!(shop.read(move |conn| locations::get(conn, id)).await.kind, kind);
        }
    }

    async fn places_are_listed_by_kind_and_page(test: TestDb) {
        let shop = Shop::open(test).await;
        let depots = shop.read(locations::depots).await;
        let first = shop.read(|conn| locations::list(conn, Some(LocationKind::Depot), None, 1)).await;
        let code = first[0].code.clone();
        let second = shop.read(move |conn| locations::list(conn, Some(LocationKind::Depot), Some(&code), 9)).await;
        assert_eq!([first, second].concat(), depots);
        assert_eq!(depots.len(), 2);
    }
}
