//! Files of stock: what is in them, that they can be read back, and that a text in them is no formula.

use std::collections::HashMap;
use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use db::both_backends;
use db::testing::Backend;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::auth::Role;

use crate::harness::{Person, Server, send};

/// A file, and what it is.
async fn file(person: &Person, path: &str) -> (String, Vec<u8>) {
    let answer = person.request(Method::GET, &format!("/api/v1/exports/{path}")).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
    let name = answer.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert_eq!(name, format!("attachment; filename=\"{}\"", path.split('?').next().unwrap()));
    (kind, answer.bytes().await.unwrap().to_vec())
}

/// The rows of a CSV file, by column.
async fn rows(person: &Person, path: &str) -> Vec<HashMap<String, String>> {
    let (kind, bytes) = file(person, path).await;
    assert_eq!(kind, "text/csv; charset=utf-8");
    let text = String::from_utf8(bytes).unwrap();
    let text = text.strip_prefix('\u{feff}').expect("a byte order mark");
    csv::Reader::from_reader(text.as_bytes()).deserialize().map(Result::unwrap).collect()
}

/// The cells of a workbook's only sheet.
async fn cells(person: &Person, path: &str) -> Vec<Vec<Data>> {
    let (kind, bytes) = file(person, path).await;
    assert!(kind.ends_with("spreadsheetml.sheet"), "{kind}");
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
    let name = book.sheet_names()[0].clone();
    book.worksheet_range(&name).unwrap().rows().map(<[Data]>::to_vec).collect()
}

async fn part(person: &Person, new: Value) -> Value {
    person.post("/api/v1/parts", &new).await.ok()["id"].clone()
}

async fn receive(person: &Person, part: &Value, to: &Value, quantity: i64) {
    let movement = json!({"kind": "receive", "part_id": part, "to_location_id": to, "quantity": quantity, "note": "=HYPERLINK(1)"});
    person.post("/api/v1/stock-movements", &movement).await.ok();
}

/// A depot with a bin; wire in the bin, 2.50 m of it.
async fn wire_in_a_bin(person: &Person) -> (Value, Value) {
    let depot = json!({"kind": "depot", "code": "EAST", "name": "Depot East", "latitude": 40.75, "longitude": -73.98});
    let depot = person.post("/api/v1/stock-locations", &depot).await.ok()["id"].clone();
    let bin = json!({"kind": "bin", "code": "EAST-1", "name": "Bin 1", "parent_id": depot});
    let bin = person.post("/api/v1/stock-locations", &bin).await.ok()["id"].clone();
    let wire = part(
        person,
        json!({"number": "W-1", "name": "Wire, red", "name_zh": "红线", "unit": "m", "decimals": 2,
        "unit_price_micros": 1_250_000, "currency": "CNY"}),
    )
    .await;
    receive(person, &wire, &bin, 250).await;
    (wire, depot)
}

both_backends! {
    async fn stock_and_movements_are_told_in_units_with_names(server: Server) {
        let person = server.log_in(Role::Warehouse).await;
        wire_in_a_bin(&person).await;
        let stock = rows(&person, "stock.csv").await;
        let cell = |column: &str| stock[0][column].as_str();
        assert_eq!((stock.len(), cell("part"), cell("part_name_zh"), cell("place")), (1, "W-1", "红线", "EAST-1"));
        assert_eq!((cell("on_hand"), cell("available"), cell("unit")), ("2.5", "2.5", "m"));
        let moved = rows(&person, "movements.csv").await;
        let cell = |column: &str| moved[0][column].as_str();
        assert_eq!((cell("kind"), cell("from"), cell("to"), cell("quantity")), ("receive", "SUPPLIER", "EAST-1", "2.5"));
        assert_eq!(cell("note"), "'=HYPERLINK(1)", "no formula");
        let at = person.get("/api/v1/stock-movements").await.ok()["items"][0]["at"].as_i64().unwrap();
        assert_eq!(rows(&person, &format!("movements.csv?from={at}&until={}", at + 1)).await.len(), 1);
        assert_eq!(rows(&person, &format!("movements.csv?until={at}")).await.len(), 0);
        let book = cells(&person, "stock.xlsx").await;
        assert_eq!((&book[0][0], &book[1][0], &book[1][6]), (&Data::String("part".into()), &Data::String("W-1".into()), &Data::Float(2.5)));
        let book = cells(&person, "movements.xlsx").await;
        assert_eq!(book[1].last(), Some(&Data::String("=HYPERLINK(1)".into())), "a text");
    }

    async fn parts_that_were_exported_can_be_imported_elsewhere(server: Server) {
        let person = server.log_in(Role::Warehouse).await;
        wire_in_a_bin(&person).await;
        part(&person, json!({"number": "S-1", "name": "Board", "tracking": "serial", "returnable": true, "warranty_days": 365})).await;
        for (name, kind) in [("parts.csv", "text/csv"), ("parts.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")] {
            let (_, bytes) = file(&person, name).await;
            let elsewhere = Server::fresh(backend(&server));
            let other = elsewhere.log_in(Role::Warehouse).await;
            let request = other.request(Method::POST, "/api/v1/import/parts").header("content-type", kind);
            assert_eq!(send(request.body(bytes)).await.ok()["imported"], 2, "{name}");
            assert_eq!(rows(&other, "parts.csv").await, rows(&person, "parts.csv").await, "{name}");
        }
    }

    async fn a_depot_is_low_when_it_and_its_bins_together_are(server: Server) {
        let person = server.log_in(Role::Warehouse).await;
        let (wire, depot) = wire_in_a_bin(&person).await;
        let (part_id, location_id) = (wire.as_str().unwrap().parse().unwrap(), depot.as_str().unwrap().parse().unwrap());
        let level = inventory::catalogue::StockLevel { id: db::types::Id::new(), part_id, location_id, minimum: 250, maximum: 1_000, lead_days: 7 };
        let write = move |tx: &mut db::Tx<'_>| inventory::catalogue::add_levels(tx, std::slice::from_ref(&level));
        server.app.db.write(db::Actor::system("test"), write).await.unwrap();
        let levels = rows(&person, "levels.csv").await;
        let cell = |column: &str| levels[0][column].as_str();
        assert_eq!((cell("place"), cell("minimum"), cell("available"), cell("missing")), ("EAST", "2.5", "2.5", "0"));
        assert_eq!(rows(&person, "low-stock.csv").await.len(), 0);
        let count = json!({"kind": "adjust", "part_id": wire, "to_location_id": bin_of(&person).await, "quantity": 249});
        person.post("/api/v1/stock-movements", &count).await.ok();
        let low = rows(&person, "low-stock.csv").await;
        assert_eq!((low[0]["available"].as_str(), low[0]["missing"].as_str()), ("2.49", "7.51"));
        assert_eq!(cells(&person, "low-stock.xlsx").await.len(), 2);
    }

    async fn what_there_is_no_file_of_is_not_found(server: Server) {
        let person = server.log_in(Role::Warehouse).await;
        for path in ["people.csv", "parts.pdf", "parts"] {
            assert_eq!(person.get(&format!("/api/v1/exports/{path}")).await.status, StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(person.get("/api/v1/exports/parts.csv?from=1").await.field(), "from");
        assert_eq!(person.get("/api/v1/exports/movements.csv?from=-1").await.field(), "from");
        assert_eq!(rows(&person, "parts.csv").await.len(), 0, "an empty file has its first row");
    }
}

fn backend(server: &Server) -> Backend {
    let is_postgres = server.app.config.database_url.starts_with("postgres");
    if is_postgres { Backend::Postgres } else { Backend::Sqlite }
}

async fn bin_of(person: &Person) -> Value {
    person.get("/api/v1/stock-locations?kind=bin").await.ok()["items"][0]["id"].clone()
}
