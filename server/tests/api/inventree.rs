//! InvenTree's export: its demo data imports as it is, and what comes of it is compared with what this file reads in
//! the same tables by itself. Bad rows are told by file, row and column, and nothing is half-done.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;

use db::schema::{
    part_codes, part_components, part_serials, part_substitutes, parts, stock_balances, stock_levels,
    stock_locations, stock_movements, supplier_parts, supplier_prices, suppliers,
};
use db::{Conn, both_backends};
use diesel::prelude::*;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::auth::Role;

use crate::harness::{Answer, Person, Server, send};

const FILES: [&str; 8] = [
    "parts",
    "stock_locations",
    "stock_items",
    "bom",
    "bom_substitutes",
    "supplier_parts",
    "supplier_price_breaks",
    "stock_tracking",
];
const SOMEWHERE: &str = "latitude=40.75&longitude=-73.98";

type Files = Vec<(&'static str, String)>;
type Row = HashMap<String, String>;

fn text(file: &str) -> String {
    let path = format!("{}/tests/data/inventree/{file}.csv", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(path).unwrap()
}

fn export() -> Files {
    FILES.map(|file| (file, text(file))).to_vec()
}

fn rows(file: &str) -> Vec<Row> {
    csv::Reader::from_reader(text(file).as_bytes()).deserialize().map(Result::unwrap).collect()
}

/// Millionths of a number with at most six digits after the point.
fn micros(text: &str) -> i64 {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    format!("{whole}{fraction:0<6}").parse().unwrap()
}

async fn import(person: &Person, query: &str, files: &Files) -> Answer {
    let files: Vec<(&str, Vec<u8>)> =
        files.iter().map(|(name, text)| (*name, text.clone().into_bytes())).collect();
    send_form(person, query, &files).await
}

async fn send_form(person: &Person, query: &str, files: &[(&str, Vec<u8>)]) -> Answer {
    let mut body = Vec::new();
    for (name, bytes) in files {
        let head = format!(
            "--boundary\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"{name}\"\r\n\r\n"
        );
        body.extend([head.as_bytes(), bytes, b"\r\n"].concat());
    }
    body.extend(b"--boundary--\r\n");
    let request = person.request(Method::POST, &format!("/api/v1/import/inventree?{query}"));
    send(request.header("content-type", "multipart/form-data; boundary=boundary").body(body)).await
}

/// A table as a spreadsheet saves it: what looks like a number or a truth there is one.
fn workbook(file: &str) -> Vec<u8> {
    let numbers =
        ["pk", "part", "location", "quantity", "minimum_stock", "purchase_price", "price", "bom_item"];
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let text = text(file);
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    sheet.write_row(0, 0, header.iter()).unwrap();
    for (row, record) in (1..).zip(reader.records()) {
        for ((column, name), cell) in (0..).zip(&header).zip(&record.unwrap()) {
            match cell.parse::<f64>() {
                Ok(number) if numbers.contains(&name) => sheet.write_number(row, column, number),
                _ if cell == "True" || cell == "False" => sheet.write_boolean(row, column, cell == "True"),
                _ if cell.is_empty() => continue,
                _ => sheet.write_string(row, column, cell),
            }
            .unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

/// File, row, column and code of each fault.
fn faults(report: &Value) -> Vec<(String, u64, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
    let fault =
        |f: &Value| (text(&f["file"]), f["row"].as_u64().unwrap(), text(&f["column"]), text(&f["code"]));
    report["faults"].as_array().unwrap().iter().map(fault).collect()
}

/// Rows in each table that an import writes to.
fn counts(conn: &mut Conn) -> Result<Vec<(&'static str, i64)>, server::error::Error> {
    Ok(vec![
        ("parts", parts::table.count().get_result(conn)?),
        (
            "places",
            stock_locations::table.filter(stock_locations::created_at.gt(0)).count().get_result(conn)?,
        ),
        ("movements", stock_movements::table.count().get_result(conn)?),
        ("serials", part_serials::table.count().get_result(conn)?),
        ("codes", part_codes::table.count().get_result(conn)?),
        ("components", part_components::table.count().get_result(conn)?),
        ("substitutes", part_substitutes::table.count().get_result(conn)?),
        ("suppliers", suppliers::table.count().get_result(conn)?),
        ("supplier_parts", supplier_parts::table.count().get_result(conn)?),
        ("supplier_prices", supplier_prices::table.count().get_result(conn)?),
        ("levels", stock_levels::table.count().get_result(conn)?),
    ])
}

async fn counted(server: &Server) -> BTreeMap<&'static str, i64> {
    server.app.db.read(counts).await.unwrap().into_iter().collect()
}

async fn adds_up(server: &Server) {
    let differences = server.app.db.read(inventory::verify).await.unwrap();
    assert!(differences.is_empty(), "{differences:?}");
}

/// The name that a part has here, by the number it has there.
fn names() -> HashMap<String, String> {
    let name = |p: &Row| if p["IPN"].is_empty() { p["name"].clone() } else { p["IPN"].clone() };
    rows("parts").iter().map(|p| (p["pk"].clone(), name(p))).collect()
}

/// What should be where, in millionths, as the tables say.
fn expected_stock() -> BTreeMap<(String, String), i64> {
    let names = names();
    let places: HashMap<String, String> =
        rows("stock_locations").into_iter().map(|l| (l["pk"].clone(), l["name"].clone())).collect();
    let mut stock = BTreeMap::new();
    for item in rows("stock_items") {
        let place = match (item["location"].as_str(), item["belongs_to"].as_str(), item["status"].as_str()) {
            ("", _, _) => "UNPLACED",
            (_, belongs_to, _) if !belongs_to.is_empty() => "UNPLACED",
            (_, _, "55" | "65" | "75") => "QUARANTINE",
            (location, _, _) => &places[location],
        };
        *stock.entry((names[&item["part"]].clone(), place.to_owned())).or_default() +=
            micros(&item["quantity"]);
    }
    stock
}

async fn real_stock(server: &Server) -> BTreeMap<(String, String), i64> {
    let load = |conn: &mut Conn| -> Result<Vec<(String, String, i64, i32)>, server::error::Error> {
        Ok(stock_balances::table
            .inner_join(parts::table)
            .inner_join(stock_locations::table)
            .select((parts::number, stock_locations::code, stock_balances::on_hand, parts::decimals))
            .load(conn)?)
    };
    let found = server.app.db.read(load).await.unwrap();
    let millionths = |(part, place, on_hand, decimals): (String, String, i64, i32)| {
        ((part, place), on_hand * 10_i64.pow(6 - u32::try_from(decimals).unwrap()))
    };
    found.into_iter().map(millionths).collect()
}

both_backends! {
    async fn the_export_imports_as_it_is_and_the_ledger_adds_up(server: Server) {
        let person = server.log_in(Role::Warehouse).await;
        let looked = import(&person, &format!("{SOMEWHERE}&dry_run=true"), &export()).await.ok();
        assert_eq!((looked["fault_count"].as_u64(), looked["imported"].as_u64()), (Some(0), Some(0)), "{looked}");
        assert_eq!(counted(&server).await.values().sum::<i64>(), 0);
        let report = import(&person, SOMEWHERE, &export()).await.ok();
        assert_eq!(report["fault_count"], 0, "{report}");
        for (file, told) in FILES.iter().zip(report["files"].as_array().unwrap()) {
            let rows = rows(file).len();
            let (imported, left_out) = if *file == "stock_tracking" { (0, rows) } else { (rows, 0) };
            assert_eq!(*told, json!({"file": file, "rows": rows, "imported": imported, "left_out": left_out}));
        }
        adds_up(&server).await;
        let (expected, real) = (expected_stock(), real_stock(&server).await);
        assert_eq!(expected.iter().filter(|shelf| real.get(shelf.0) != Some(shelf.1)).collect::<Vec<_>>(), []);
        assert_eq!(expected.len(), real.len());

        let items = rows("stock_items");
        let serialised: BTreeSet<&String> = items.iter().filter(|i| !i["serial"].is_empty()).map(|i| &i["part"]).collect();
        let (pieces, rest): (Vec<&Row>, Vec<&Row>) = items.iter().partition(|i| serialised.contains(&i["part"]));
        let pieces = pieces.iter().map(|i| micros(&i["quantity"]) / 1_000_000).sum::<i64>();
        let counts = counted(&server).await;
        let many = |file: &str| i64::try_from(rows(file).len()).unwrap();
        assert_eq!((counts["parts"], counts["places"], counts["codes"]), (414, 19, 414));
        assert_eq!(counts["serials"], pieces);
        assert_eq!(counts["movements"], pieces + i64::try_from(rest.len()).unwrap());
        assert_eq!((counts["components"], counts["substitutes"]), (many("bom"), many("bom_substitutes")));
        assert_eq!((counts["supplier_parts"], counts["supplier_prices"]), (many("supplier_parts"), many("supplier_price_breaks")));
        assert_eq!((counts["suppliers"], counts["levels"]), (11, 3));
    }

    async fn what_was_paid_is_kept_by_currency(server: Server) {
        let person = server.log_in(Role::Warehouse).await;
        import(&person, SOMEWHERE, &export()).await.ok();
        let load = |conn: &mut Conn| -> Result<Vec<(String, i64, i64, i32)>, server::error::Error> {
            Ok(stock_movements::table
                .inner_join(parts::table)
                .filter(stock_movements::unit_cost_micros.is_not_null())
                .select((stock_movements::currency, stock_movements::unit_cost_micros.assume_not_null(), stock_movements::quantity, parts::decimals))
                .load(conn)?)
        };
        // In 10^-12 of a currency's unit, so that nothing is rounded.
        let (mut expected, mut paid) = (BTreeMap::<String, i128>::new(), BTreeMap::<String, i128>::new());
        for item in rows("stock_items").iter().filter(|i| !i["purchase_price"].is_empty()) {
            let value = i128::from(micros(&item["purchase_price"])) * i128::from(micros(&item["quantity"]));
            *expected.entry(item["purchase_price_currency"].clone()).or_default() += value;
        }
        for (currency, cost, quantity, decimals) in server.app.db.read(load).await.unwrap() {
            let value = i128::from(cost) * i128::from(quantity) * 10_i128.pow(6 - u32::try_from(decimals).unwrap());
            *paid.entry(currency).or_default() += value;
        }
        assert_eq!(paid, expected);
        assert_eq!(paid.keys().collect::<Vec<_>>(), ["AUD", "CAD", "CNY", "EUR", "USD"]);
    }

    async fn prices_are_for_units_places_within_places_and_unplaced_stock_is_not_promised(server: Server) {
        let person = server.log_in(Role::Warehouse).await;
        import(&person, SOMEWHERE, &export()).await.ok();
        let load = |conn: &mut Conn| -> Result<Vec<(i64, i64, i64)>, server::error::Error> {
            let priced = supplier_prices::table.inner_join(supplier_parts::table.inner_join(parts::table));
            Ok(priced
                .filter(parts::number.eq("Silicon Wire 10AWG Black"))
                .order(supplier_prices::unit_price_micros)
                .select((supplier_prices::quantity, supplier_prices::unit_price_micros, supplier_parts::pack))
                .load(conn)?)
        };
        // 500 m for 1,000; 100 m for 250; a metre for 3.
        let expected = [(500, 2_000_000, 500), (100, 2_500_000, 100), (1, 3_000_000, 1)];
        assert_eq!(server.app.db.read(load).await.unwrap(), expected);
        let places = person.get("/api/v1/stock-locations?limit=200").await.ok()["items"].as_array().unwrap().clone();
        let place = |code: &str| places.iter().find(|place| place["code"] == code).unwrap().clone();
        assert_eq!((place("Factory")["kind"].as_str(), place("Room 404")["kind"].as_str()), (Some("depot"), Some("bin")));
        assert_eq!(place("Room 404")["parent_id"], place("Office Block")["id"]);
        assert_eq!(place("Location 5")["latitude"], 40.75, "as deep as it is");
        let part = person.get("/api/v1/parts?q=widget.red.00").await.ok()["items"][0].clone();
        assert_eq!((part["name"].as_str(), part["tracking"].as_str()), (Some("Red Widget"), Some("serial")));
        let paints = person.get("/api/v1/parts?q=Red%20Paint").await.ok()["items"].as_array().unwrap().clone();
        let paint = paints.iter().find(|paint| paint["number"] == "Red Paint").unwrap();
        assert_eq!((paint["unit"].as_str(), paint["decimals"].as_i64()), (Some("litres"), Some(3)));
    }

    async fn an_export_that_is_sent_again_imports_nothing_again(server: Server) {
        let person = server.log_in(Role::Warehouse).await;
        import(&person, SOMEWHERE, &export()).await.ok();
        let before = counted(&server).await;
        for mode in ["all", "rows"] {
            let again = import(&person, &format!("{SOMEWHERE}&mode={mode}"), &export()).await.ok();
            let every: usize = FILES.iter().filter(|file| **file != "stock_tracking").map(|file| rows(file).len()).sum();
            assert_eq!((again["imported"].as_u64(), again["fault_count"].as_u64()), (Some(0), Some(every as u64)));
            assert_eq!(again["faults"].as_array().unwrap().len(), 1_000);
        }
        assert_eq!(counted(&server).await, before);
        adds_up(&server).await;
    }

    async fn each_bad_row_is_told_by_file_row_and_column(server: Server) {
        let person = server.log_in(Role::Warehouse).await;
        let files: Files = vec![
            ("parts", "pk,name,units\n1,Bolt,pcs\n2,Bolt,pcs\n3,,pcs\n4,Wire,m\nx,Nut,pcs\n".into()),
            ("stock_locations", "pk,name,parent\n1,Depot,\n2,A,3\n3,B,2\n4,C,99\n5,Shelf,1\n".into()),
            ("stock_items", "pk,part,location,quantity,serial,status,purchase_price,purchase_price_currency,belongs_to\n\
                1,1,5,-1,,10,,,\n2,2,5,1,,10,,,\n3,1,2,1,,10,,,\n4,1,5,1,S1,10,,,\n5,1,5,1,S1,10,,,\n6,1,5,0.5,,10,,,\n\
                7,4,5,2.5,,10,0.0000001,usd,\n8,4,5,2.25,,11,,,\n9,4,5,1.125,,10,0.05,USD,\n10,4,5,1,,70,,,\n11,4,5,1,,10,,,12\n".into()),
            ("bom", "pk,part,sub_part,quantity\n1,1,1,1\n2,1,4,0\n3,1,4,2.125\n".into()),
            ("supplier_parts", "pk,part,supplier_name,SKU,pack_quantity\n1,4,Acme,W,3 barrels\n2,4,Acme,X,10 feet\n".into()),
            ("supplier_price_breaks", "part,quantity,price,price_currency\n1,1,1.00,USD\n2,1,30.48,USD\n".into()),
        ];
        let told = [
            ("parts", 2, "name", "duplicate"), ("parts", 3, "name", "required"), ("parts", 5, "pk", "invalid"),
            ("stock_locations", 2, "parent", "inside_itself"), ("stock_locations", 3, "parent", "inside_itself"),
            ("stock_locations", 4, "parent", "unknown"),
            ("stock_items", 1, "quantity", "out_of_range"), ("stock_items", 2, "part", "unknown"),
            ("stock_items", 3, "location", "unknown"), ("stock_items", 5, "serial", "duplicate"),
            ("stock_items", 6, "quantity", "invalid"), ("stock_items", 7, "purchase_price", "invalid"),
            ("stock_items", 7, "purchase_price_currency", "invalid"), ("stock_items", 8, "status", "unknown"),
            ("stock_items", 11, "belongs_to", "unknown"),
            ("bom", 1, "sub_part", "inside_itself"), ("bom", 2, "quantity", "out_of_range"),
            ("supplier_parts", 1, "pack_quantity", "invalid"), ("supplier_price_breaks", 1, "part", "unknown"),
        ].map(|(file, row, column, code)| (file.to_owned(), row, column.to_owned(), code.to_owned()));
        for query in ["", "&mode=all", "&dry_run=true", "&mode=rows&dry_run=true"] {
            let mut found = faults(&import(&person, &format!("{SOMEWHERE}{query}"), &files).await.ok());
            found.dedup();
            assert_eq!(found, told, "{query}");
            assert_eq!(counted(&server).await.values().sum::<i64>(), 0, "{query}");
        }
        let report = import(&person, &format!("{SOMEWHERE}&mode=rows"), &files).await.ok();
        assert_eq!((faults(&report).len(), report["imported"].as_u64()), (told.len(), Some(2 + 2 + 2 + 1 + 1 + 1)));
        assert_eq!(report["files"][2]["left_out"], 1, "what is lost");
        let stock = real_stock(&server).await;
        let shelf = |part: &str| ((part.to_owned(), "Shelf".to_owned()), if part == "Bolt" { 1_000_000 } else { 1_125_000 });
        assert_eq!(stock, BTreeMap::from([shelf("Bolt"), shelf("Wire")]));
        adds_up(&server).await;
    }

    async fn ten_thousand_bad_rows_get_a_short_answer_and_write_nothing(server: Server) {
        let person = server.log_in(Role::Warehouse).await;
        let chain: String = (2..=10_000).map(|n| format!("{n},P{n},{}\n", n - 1)).collect();
        let items: String = (1..=10_000).map(|n| format!("{n},{n},7,{n}.5,\u{7},10\n")).collect();
        let files: Files = vec![
            ("parts", "pk,name\n1,Bolt\n".into()),
            ("stock_locations", format!("pk,name,parent\n1,P1,10000\n{chain}")),
            ("stock_items", format!("pk,part,location,quantity,serial,status\n{items}")),
        ];
        for query in [format!("{SOMEWHERE}&mode=all"), format!("{SOMEWHERE}&mode=rows&dry_run=true")] {
            let report = import(&person, &query, &files).await.ok();
            assert_eq!((report["fault_count"].as_u64(), report["faults"].as_array().unwrap().len()), (Some(20_000), 1_000));
            assert_eq!(counted(&server).await.values().sum::<i64>(), 0);
        }
    }

    async fn a_set_that_cannot_be_read_as_a_whole_names_the_file(server: Server) {
        let person = server.log_in(Role::Warehouse).await;
        let part = || ("parts", "pk,name\n1,Bolt\n".to_owned());
        let place = || ("stock_locations", "pk,name,parent\n1,Depot,\n".to_owned());
        assert_eq!(import(&person, "", &vec![part(), place()]).await.field(), "latitude");
        assert_eq!(import(&person, "latitude=40.75", &vec![part()]).await.field(), "longitude");
        assert_eq!(import(&person, SOMEWHERE, &vec![place()]).await.field(), "parts");
        assert_eq!(import(&person, SOMEWHERE, &vec![part(), part()]).await.field(), "parts");
        assert_eq!(import(&person, SOMEWHERE, &vec![part(), ("colours", String::new())]).await.field(), "colours");
        let odd = vec![part(), ("stock_items", "pk,part\n1,1\n".to_owned())];
        assert_eq!(import(&person, SOMEWHERE, &odd).await.field(), "stock_items.location");
        let json = person.post("/api/v1/import/inventree", &json!({})).await;
        assert_eq!((json.status, json.code()), (StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_form"));
        let huge = vec![part(), ("stock_items", "x".repeat(16 * 1024 * 1024))];
        assert_eq!(import(&person, SOMEWHERE, &huge).await.code(), "too_large");
        assert_eq!(counted(&server).await.values().sum::<i64>(), 0);
    }

    async fn an_export_that_was_saved_as_workbooks_imports_the_same(server: Server) {
        let person = server.log_in(Role::Warehouse).await;
        let books = FILES.map(|file| (file, workbook(file)));
        let report = send_form(&person, SOMEWHERE, &books).await.ok();
        assert_eq!((report["fault_count"].as_u64(), report["imported"].as_u64()), (Some(0), Some(3_544)), "{report}");
        assert_eq!(real_stock(&server).await, expected_stock());
        adds_up(&server).await;
    }

    async fn an_import_that_is_taken_back_leaves_the_ledger_true(server: Server) {
        let person = server.log_in(Role::Warehouse).await;
        let files: Files = vec![
            ("parts", "pk,name\n1,Bolt\n".into()),
            ("stock_items", "pk,part,location,quantity,belongs_to\n7,1,,12,\n8,1,,3,7\n".into()),
        ];
        import(&person, "", &files).await.ok();
        let moved = person.get("/api/v1/stock-movements").await.ok()["items"].as_array().unwrap().clone();
        let notes: Vec<&str> = moved.iter().map(|moved| moved["note"].as_str().unwrap()).collect();
        assert_eq!(notes, ["InvenTree stock item 8, in stock item 7", "InvenTree stock item 7"]);
        let path = format!("/api/v1/stock-movements/{}/undo", moved[0]["id"].as_str().unwrap());
        person.post(&path, &json!({})).await.ok();
        assert_eq!(real_stock(&server).await, BTreeMap::from([(("Bolt".to_owned(), "UNPLACED".to_owned()), 12_000_000)]));
        let reserve = person.get("/api/v1/stock").await.ok()["items"][0].clone();
        assert_eq!(reserve["on_hand"], 12, "{reserve}");
        adds_up(&server).await;
    }

    async fn what_takes_a_number_or_a_code_that_is_here_already_is_told(server: Server) {
        let person = server.log_in(Role::Warehouse).await;
        person.post("/api/v1/parts", &json!({"number": "Bolt", "name": "Ours"})).await.ok();
        let depot = json!({"kind": "depot", "code": "Factory", "name": "Ours", "latitude": 40.75, "longitude": -73.98});
        person.post("/api/v1/stock-locations", &depot).await.ok();
        let files: Files = vec![
            ("parts", "pk,name,IPN\n1,Bolt,\n2,Bolt,B-2\n".into()),
            ("stock_locations", "pk,name,parent\n1,Factory,\n2,Room,1\n3,Yard,\n4,Bin,3\n5,Bin,3\n".into()),
            ("stock_items", "pk,part,location,quantity\n1,1,4,1\n2,2,2,1\n3,2,5,4\n".into()),
        ];
        let report = import(&person, &format!("{SOMEWHERE}&mode=rows"), &files).await.ok();
        let told = [
            ("parts", 1, "name", "duplicate"), ("stock_locations", 1, "name", "duplicate"),
            ("stock_locations", 2, "parent", "unknown"), ("stock_items", 1, "part", "unknown"),
            ("stock_items", 2, "location", "unknown"),
        ].map(|(file, row, column, code)| (file.to_owned(), row, column.to_owned(), code.to_owned()));
        assert_eq!(faults(&report), told);
        let shelf = (("B-2".to_owned(), "INV-SL5".to_owned()), 4_000_000);
        assert_eq!(real_stock(&server).await, BTreeMap::from([shelf]), "two bins of one name have codes of their own");
    }

    async fn a_workbook_is_as_good_as_a_csv_file(server: Server) {
        let person = server.log_in(Role::Warehouse).await;
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        for (row, cells) in [["number", "name", "decimals", "unit_price"], ["P-1", "门皮带", "", "0.000001"]].iter().enumerate() {
            sheet.write_row(u32::try_from(row).unwrap(), 0, *cells).unwrap();
        }
        sheet.write_row(2, 0, ["P-2", "Bolt"]).unwrap();
        sheet.write_row(2, 2, [2.0, 12.5]).unwrap();
        let bytes = book.save_to_buffer().unwrap();
        let request = person.request(Method::POST, "/api/v1/import/parts");
        let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
        let report = send(request.header("content-type", kind).body(bytes)).await.ok();
        assert_eq!(report["imported"], 2, "{report}");
        let parts = person.get("/api/v1/parts").await.ok()["items"].clone();
        assert_eq!((parts[0]["name"].as_str(), parts[0]["unit_price_micros"].as_i64()), (Some("门皮带"), Some(1)));
        assert_eq!((parts[1]["decimals"].as_i64(), parts[1]["unit_price_micros"].as_i64()), (Some(2), Some(12_500_000)));
    }
}
