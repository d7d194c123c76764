//! What is known of parts, brought in lists.

use db::both_backends;
use db::testing::TestDb;
use db::types::{Id, PartId, SupplierId};
use db::{Failure, ViolationKind};
use inventory::catalogue::{
    Component, PartCode, StockLevel, Substitute, SupplierPart, SupplierPrice, add_codes, add_components,
    add_levels, add_substitutes, add_supplier_parts, add_supplier_prices, known_supplier, supplier,
};
use inventory::{Error, codes, levels, scan};

use crate::fixture::Shop;

fn is_duplicate(error: &Error, table: &str) -> bool {
    let violation = error.database().and_then(db::Error::violation);
    violation.is_some_and(|v| v.kind == ViolationKind::Duplicate && v.constraint.contains(table))
}

fn code(part_id: PartId, code: &str) -> PartCode {
    PartCode { id: Id::new(), part_id, code: code.to_owned(), note: String::new() }
}

async fn logged(shop: &Shop, entity: &'static str) -> usize {
    let (mut cursor, mut count) = (0, 0);
    loop {
        let page = shop.read(move |conn| Ok(db::changes::after(conn, cursor, db::changes::PAGE)?)).await;
        let Some(last) = page.last() else { return count };
        cursor = last.seq;
        count += page.iter().filter(|change| change.entity == entity).count();
    }
}

async fn codes_of(shop: &Shop, part_id: PartId) -> usize {
    shop.read(move |conn| codes::of_part(conn, part_id)).await.len()
}

async fn seller(shop: &Shop, name: &'static str) -> SupplierId {
    shop.write(move |tx| supplier(tx, name)).await.unwrap()
}

fn offer(part_id: PartId, supplier_id: SupplierId, number: &str) -> SupplierPart {
    SupplierPart {
        id: Id::new(),
        part_id,
        supplier_id,
        number: number.to_owned(),
        note: String::new(),
        pack: 1,
    }
}

both_backends! {
    async fn more_codes_than_one_insert_holds_are_all_there_and_in_the_log(test: TestDb) {
        let shop = Shop::open(test).await;
        let part = shop.parts[0];
        let rows: Vec<PartCode> = (0..1_001).map(|n| code(part, &format!("C-{n}"))).collect();
        shop.write(move |tx| add_codes(tx, &rows)).await.unwrap();
        assert_eq!(logged(&shop, "part_codes").await, 1_001);
        for asked in ["C-0", "C-999", "C-1000"] {
            let found = shop.read(move |conn| scan::lookup(conn, asked)).await.unwrap();
            assert_eq!(found.part.map(|p| p.id), Some(part), "{asked}");
        }
    }

    async fn an_empty_list_is_no_error_and_changes_nothing(test: TestDb) {
        let shop = Shop::open(test).await;
        let before = shop.read(|conn| Ok(db::changes::last(conn)?)).await;
        shop.write(|tx| {
            add_codes(tx, &[])?;
            add_components(tx, &[])?;
            add_substitutes(tx, &[])?;
            add_supplier_parts(tx, &[])?;
            add_supplier_prices(tx, &[])?;
            add_levels(tx, &[])
        }).await.unwrap();
        assert_eq!(shop.read(|conn| Ok(db::changes::last(conn)?)).await, before);
    }

    async fn a_list_with_one_code_that_is_taken_brings_none(test: TestDb) {
        let shop = Shop::open(test).await;
        let [first, second] = shop.parts;
        let rows = [code(first, "TAKEN")];
        shop.write(move |tx| add_codes(tx, &rows)).await.unwrap();
        let rows = [code(second, "NEW"), code(second, "TAKEN")];
        let refused = shop.write(move |tx| add_codes(tx, &rows)).await.unwrap_err();
        assert!(is_duplicate(&refused, "part_codes"), "{refused:?}");
        assert_eq!((codes_of(&shop, first).await, codes_of(&shop, second).await), (1, 0));
    }

    async fn a_part_is_not_made_of_itself_nor_twice_of_the_same(test: TestDb) {
        let shop = Shop::open(test).await;
        let [part_id, component_id] = shop.parts;
        let line = move |component_id| {
            Component { id: Id::new(), part_id, component_id, quantity: 2, note: String::new() }
        };
        shop.write(move |tx| add_components(tx, &[line(component_id)])).await.unwrap();
        let twice = shop.write(move |tx| add_components(tx, &[line(component_id)])).await.unwrap_err();
        assert!(is_duplicate(&twice, "part_components"), "{twice:?}");
        let itself = shop.write(move |tx| add_components(tx, &[line(part_id)])).await.unwrap_err();
        assert!(itself.database().is_some_and(|e| e.violation().is_some()), "{itself:?}");
        let unknown = shop.write(move |tx| add_components(tx, &[line(PartId::new())])).await.unwrap_err();
        assert!(unknown.database().is_some_and(|e| e.violation().is_some()), "{unknown:?}");
        assert_eq!(logged(&shop, "part_components").await, 1);
    }

    async fn a_part_does_not_stand_in_for_itself_but_two_do_for_each_other(test: TestDb) {
        let shop = Shop::open(test).await;
        let [first, second] = shop.parts;
        let pair = |part_id, substitute_id| Substitute { id: Id::new(), part_id, substitute_id };
        shop.write(move |tx| add_substitutes(tx, &[pair(first, second), pair(second, first)])).await.unwrap();
        for part in [first, second] {
            assert_eq!(shop.read(move |conn| codes::substitutes(conn, part)).await.len(), 1);
        }
        let itself = shop.write(move |tx| add_substitutes(tx, &[pair(first, first)])).await.unwrap_err();
        assert!(itself.database().is_some_and(|e| e.violation().is_some()), "{itself:?}");
        let twice = shop.write(move |tx| add_substitutes(tx, &[pair(first, second)])).await.unwrap_err();
        assert!(is_duplicate(&twice, "part_substitutes"), "{twice:?}");
    }

    async fn a_supplier_is_made_once_and_known_by_name(test: TestDb) {
        let shop = Shop::open(test).await;
        assert_eq!(shop.read(|conn| known_supplier(conn, "Otis Parts")).await, None);
        let made = seller(&shop, "Otis Parts").await;
        assert_eq!(seller(&shop, "Otis Parts").await, made);
        assert_ne!(seller(&shop, "Schindler").await, made);
        assert_eq!(shop.read(|conn| known_supplier(conn, "Otis Parts")).await, Some(made));
        assert_eq!(logged(&shop, "suppliers").await, 2);
    }

    async fn a_number_is_one_part_for_a_supplier_and_another_for_the_next(test: TestDb) {
        let shop = Shop::open(test).await;
        let [first, second] = shop.parts;
        let (otis, schindler) = (seller(&shop, "Otis Parts").await, seller(&shop, "Schindler").await);
        let rows = [offer(first, otis, "17"), offer(second, schindler, "17"), offer(first, otis, "18")];
        shop.write(move |tx| add_supplier_parts(tx, &rows)).await.unwrap();
        let again = [offer(second, otis, "17")];
        let refused = shop.write(move |tx| add_supplier_parts(tx, &again)).await.unwrap_err();
        assert!(is_duplicate(&refused, "supplier_parts"), "{refused:?}");
        assert_eq!(logged(&shop, "supplier_parts").await, 3);
    }

    async fn a_price_is_said_once_a_quantity_and_currency(test: TestDb) {
        let shop = Shop::open(test).await;
        let sold = offer(shop.parts[0], seller(&shop, "Otis Parts").await, "17");
        let supplier_part_id = sold.id;
        shop.write(move |tx| add_supplier_parts(tx, std::slice::from_ref(&sold))).await.unwrap();
        let price = move |quantity, currency: &str| {
            let currency = currency.to_owned();
            SupplierPrice { id: Id::new(), supplier_part_id, quantity, unit_price_micros: 5, currency }
        };
        let rows = [price(1, "USD"), price(10, "USD"), price(1, "CNY")];
        shop.write(move |tx| add_supplier_prices(tx, &rows)).await.unwrap();
        let again = [price(10, "USD")];
        let refused = shop.write(move |tx| add_supplier_prices(tx, &again)).await.unwrap_err();
        assert!(is_duplicate(&refused, "supplier_prices"), "{refused:?}");
        assert_eq!(logged(&shop, "supplier_prices").await, 3);
    }

    async fn levels_that_come_in_a_list_are_those_of_the_places(test: TestDb) {
        let shop = Shop::open(test).await;
        let part_id = shop.parts[0];
        let level = move |location_id| {
            StockLevel { id: Id::new(), part_id, location_id, minimum: 2, maximum: 5, lead_days: 9 }
        };
        let [near, far] = shop.depots;
        shop.write(move |tx| add_levels(tx, &[level(near), level(far)])).await.unwrap();
        let here = levels::Filter { location_id: Some(far), part_id: None };
        let found = shop.read(move |conn| levels::list(conn, here, None, 9)).await;
        let figures: Vec<_> = found.iter().map(|l| (l.minimum, l.maximum, l.lead_days)).collect();
        assert_eq!(figures, [(2, 5, 9)]);
        let refused = shop.write(move |tx| add_levels(tx, &[level(near)])).await.unwrap_err();
        assert!(is_duplicate(&refused, "stock_levels"), "{refused:?}");
    }
}
