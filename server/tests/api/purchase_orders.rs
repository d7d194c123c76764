//! What is on order: out of the purchase list or by hand, received, cancelled, and seen where somebody waits for it.

use db::both_backends;
use db::testing::{START, raw};
use diesel::connection::SimpleConnection;
use inventory::orders::day_of;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::auth::Role;

use crate::harness::{Answer, Person, Server, send};
use crate::inventory::{NOBODY, SUPPLIER, Warehouse, books_are_right, warehouse};

const ORDERS: &str = "/api/v1/purchase-orders";
const LIST: &str = "/api/v1/purchase-list";

async fn items(person: &Person, path: &str) -> Vec<Value> {
    person.get(path).await.ok()["items"].as_array().unwrap().clone()
}

/// The near depot is to have four of the part, and has none.
async fn lacking(house: &Warehouse) {
    let level =
        json!({"part_id": house.part, "location_id": house.near, "minimum": 2, "maximum": 4, "lead_days": 3});
    send(house.person.request(Method::PUT, "/api/v1/stock-levels").json(&level)).await.ok();
}

fn chosen(house: &Warehouse) -> Value {
    json!({"lines": [{"part_id": house.part}], "supplier_name": "Bolt & Sons"})
}

fn by_hand(house: &Warehouse, quantity: i64) -> Value {
    json!({"supplier_name": "Bolt & Sons", "currency": "USD", "expected_on": "2031-03-05",
        "lines": [{"part_id": house.part, "location_id": house.near, "quantity": quantity, "unit_price_micros": 2_500_000}]})
}

async fn ordered(house: &Warehouse, quantity: i64) -> Value {
    house.person.post(ORDERS, &by_hand(house, quantity)).await.ok()
}

async fn comes(house: &Warehouse, line: &Value, quantity: i64) -> Answer {
    let body = json!({"kind": "receive", "part_id": house.part, "quantity": quantity, "to_location_id": house.near,
        "order_line_id": line["id"]});
    house.person.post("/api/v1/stock-movements", &body).await
}

both_backends! {
    async fn what_is_ordered_off_the_list_is_on_it_no_more_and_the_second_buyer_hears_so(server: Server) {
        let house = warehouse(&server).await;
        lacking(&house).await;
        assert_eq!(items(&house.person, LIST).await[0]["quantity"], 4);
        let path = format!("{LIST}/orders");
        let unnamed = house.person.post(&path, &json!({"lines": [{"part_id": house.part}]})).await;
        assert_eq!((unnamed.status, unnamed.field()), (StatusCode::UNPROCESSABLE_ENTITY, "supplier_name"));
        let once = || house.person.request(Method::POST, &path).header("idempotency-key", "k1").json(&chosen(&house));
        let made = send(once()).await;
        assert_eq!((made.status, made.location.as_deref()), (StatusCode::CREATED, Some(ORDERS)));
        let made = made.ok();
        let order = &made["orders"][0];
        assert_eq!((&order["number"], &order["status"], &order["supplier_name"]), (&json!(1), &json!("ordered"), &json!("Bolt & Sons")));
        assert_eq!((&order["lines"][0]["quantity"], &order["lines"][0]["location_code"]), (&json!(4), &json!("D-1")));
        assert_eq!(send(once()).await.ok(), made, "asked again, it is the same order");
        assert_eq!(items(&house.person, LIST).await, [] as [Value; 0]);
        let second = house.person.post(&path, &chosen(&house)).await;
        assert_eq!((second.status, second.code(), &second.body["facts"]["on_order"]), (StatusCode::CONFLICT, "not_lacking", &json!(4)));
        let low = items(&house.person, "/api/v1/stock-proposals").await;
        assert_eq!((&low[0]["on_order"], &low[0]["order"], &low[0]["expected_on"]), (&json!(4), &json!(0), &order["expected_on"]));
        let on_order = items(&house.person, "/api/v1/parts-on-order").await;
        assert_eq!((&on_order[0]["quantity"], &on_order[0]["part_id"]), (&json!(4), &json!(house.part)));
        assert_eq!(items(&house.person, "/api/v1/suppliers").await[0]["name"], "Bolt & Sons");
    }

    async fn goods_are_received_on_their_line_and_never_more_than_are_to_come(server: Server) {
        let house = warehouse(&server).await;
        let order = ordered(&house, 10).await;
        let line = &order["lines"][0];
        assert_eq!((&order["total_minor"], &line["open"], &order["overdue"]), (&json!(2_500), &json!(10), &json!(false)));
        let came = comes(&house, line, 4).await.ok();
        assert_eq!((&came["order_line_id"], &came["unit_cost_micros"]), (&line["id"], &json!(2_500_000)));
        let path = format!("{ORDERS}/{}", order["id"].as_str().unwrap());
        let seen = house.person.get(&path).await.ok();
        assert_eq!((&seen["status"], &seen["lines"][0]["open"]), (&json!("partly_received"), &json!(6)));
        let over = comes(&house, line, 7).await;
        assert_eq!((over.status, over.code(), &over.body["facts"]["open"]), (StatusCode::CONFLICT, "over_receipt", &json!(6)));
        let undo = format!("/api/v1/stock-movements/{}/undo", came["id"].as_str().unwrap());
        house.person.post(&undo, &json!({})).await.ok();
        assert_eq!(house.person.get(&path).await.ok()["status"], "ordered");
        comes(&house, line, 10).await.ok();
        assert_eq!(house.person.get(&path).await.ok()["status"], "received");
        let on_line = format!("/api/v1/stock-movements?order_line_id={}", line["id"].as_str().unwrap());
        assert_eq!(items(&house.person, &on_line).await.len(), 3);
        assert_eq!(house.stock(&house.near).await, (10, 0, 10));
        books_are_right(&server).await;
    }

    async fn an_order_is_expected_another_day_by_whoever_saw_the_present_one(server: Server) {
        let house = warehouse(&server).await;
        let made = house.person.post(ORDERS, &by_hand(&house, 3)).await;
        let (path, etag) = (made.location.clone().unwrap(), made.etag.clone().unwrap());
        assert_eq!(house.person.get(&path).await.etag, made.etag);
        let later = json!({"expected_on": "2031-04-01", "note": "Confirmed by phone"});
        let changed = house.person.patch(&path, &etag, &later).await;
        assert_eq!((&changed.body["expected_on"], &changed.body["note"]), (&json!("2031-04-01"), &json!("Confirmed by phone")));
        assert_eq!(house.person.patch(&path, &etag, &later).await.code(), "stale");
        let etag = changed.etag.unwrap();
        for day in ["tomorrow", "2031-02-30", "1800-01-01", "2026-01-31"] {
            let wrong = house.person.patch(&path, &etag, &json!({"expected_on": day})).await;
            assert_eq!(wrong.field(), "expected_on", "{day}");
        }
    }

    async fn an_overdue_order_is_listed_as_one_until_the_rest_is_cancelled(server: Server) {
        let house = warehouse(&server).await;
        let order = ordered(&house, 5).await;
        server.clock.set(START.plus_minutes(60 * 24 * 366 * 20));
        let late = items(&house.person, &format!("{ORDERS}?overdue=true&status=ordered,partly_received")).await;
        assert_eq!((late.len(), &late[0]["overdue"]), (1, &json!(true)));
        let line = order["lines"][0]["id"].as_str().unwrap();
        let cancel = format!("/api/v1/purchase-order-lines/{line}/cancel");
        let too_many = house.person.post(&cancel, &json!({"quantity": 6})).await;
        assert_eq!(too_many.field(), "quantity");
        let less = house.person.post(&cancel, &json!({"quantity": 2})).await.ok();
        assert_eq!((&less["lines"][0]["open"], &less["status"]), (&json!(3), &json!("ordered")));
        let path = format!("{ORDERS}/{}/cancel", order["id"].as_str().unwrap());
        let done = house.person.post(&path, &json!({})).await.ok();
        assert_eq!((&done["status"], &done["overdue"]), (&json!("cancelled"), &json!(false)));
        assert_eq!(house.person.post(&path, &json!({})).await.code(), "order_status");
        assert_eq!(house.person.post(&cancel, &json!({})).await.code(), "order_status");
        assert_eq!(items(&house.person, &format!("{ORDERS}?overdue=true")).await.len(), 0);
    }

    async fn what_cannot_be_ordered_is_refused_by_field(server: Server) {
        let house = warehouse(&server).await;
        let good = by_hand(&house, 1);
        let with = |path: &str, value: Value| {
            let mut body = good.clone();
            *body.pointer_mut(path).unwrap() = value;
            body
        };
        let huge = json!({"part_id": house.part, "location_id": house.near, "quantity": 1_000_000_000_000_i64,
            "unit_price_micros": 1_000_000_000_000_i64});
        let faults = [
            (with("/supplier_name", json!(null)), "supplier_id"),
            (with("/supplier_name", json!(" ")), "supplier_name"),
            (with("/currency", json!("XXQ")), "currency"),
            (with("/expected_on", json!("2200-01-01")), "expected_on"),
            (with("/expected_on", json!("2026-01-31")), "expected_on"),
            (with("/lines", json!([])), "lines"),
            (with("/lines/0/quantity", json!(0)), "lines[0].quantity"),
            (with("/lines/0/part_id", json!(NOBODY)), "lines[0].part_id"),
            (with("/lines/0/location_id", json!(NOBODY)), "lines[0].location_id"),
            (with("/lines/0/location_id", json!(SUPPLIER)), "lines[0].location_id"),
            (with("/lines/0/unit_price_micros", json!(-1)), "lines[0].unit_price_micros"),
            (with("/lines/0", huge), "lines[0].quantity"),
        ];
        for (body, field) in faults {
            let refused = house.person.post(ORDERS, &body).await;
            assert_eq!((refused.status, refused.field()), (StatusCode::UNPROCESSABLE_ENTITY, field), "{body}");
        }
        let twice = json!({"lines": [{"part_id": house.part}, {"part_id": house.part}]});
        assert_eq!(house.person.post(&format!("{LIST}/orders"), &twice).await.field(), "lines[1].part_id");
        assert_eq!(items(&house.person, ORDERS).await.len(), 0);
        let strange = json!({"kind": "adjust", "part_id": house.part, "quantity": 1, "to_location_id": house.near, "order_line_id": NOBODY});
        assert_eq!(house.person.post("/api/v1/stock-movements", &strange).await.field(), "order_line_id");
    }

    async fn an_unknown_number_of_the_supplier_is_refused_by_its_line_and_a_known_one_kept(server: Server) {
        let house = warehouse(&server).await;
        let order = ordered(&house, 1).await;
        let sold = format!(
            "INSERT INTO supplier_parts VALUES ('{id}', '{part}', '{id}', 'A-REEL', '', 1), ('{NOBODY}', '{part}', '{id}', 'B-CUT', '', 1);
             INSERT INTO supplier_prices VALUES ('1', '{id}', 1, 900, 'USD'), ('2', '{NOBODY}', 1, 800, 'USD');
             DELETE FROM guard_written_rows;",
            id = order["supplier_id"].as_str().unwrap(), part = house.part);
        raw(&server.url()).batch_execute(&sold).unwrap();
        let line = |number: Value| json!({"part_id": house.part, "location_id": house.near, "quantity": 1, "supplier_part_number": number});
        let of = |lines: Value| json!({"supplier_name": "Bolt & Sons", "lines": lines});
        let made = house.person.post(ORDERS, &of(json!([line(json!("A-REEL")), line(json!("B-CUT")), line(json!(null))]))).await.ok();
        let bought: Vec<_> = made["lines"].as_array().unwrap().iter().map(|line| (&line["supplier_part_number"], &line["unit_price_micros"])).collect();
        let (reel, cut) = ((&json!("A-REEL"), &json!(900)), (&json!("B-CUT"), &json!(800)));
        assert_eq!(bought, [reel, cut, cut]);
        let refused = house.person.post(ORDERS, &of(json!([line(json!("B-CUT")), line(json!("NO-SUCH"))]))).await;
        assert_eq!((refused.status, refused.field()), (StatusCode::UNPROCESSABLE_ENTITY, "lines[1].supplier_part_number"));
    }

    async fn an_order_without_prices_has_no_total(server: Server) {
        let house = warehouse(&server).await;
        let line = json!({"part_id": house.part, "location_id": house.near, "quantity": 2});
        let made = house.person.post(ORDERS, &json!({"supplier_name": "Bolt", "lines": [line]})).await.ok();
        assert_eq!((&made["total_minor"], &made["total_is_partial"]), (&json!(null), &json!(false)));
        let priced = json!({"part_id": house.part, "location_id": house.near, "quantity": 2, "unit_price_micros": 1_000_000});
        let made = house.person.post(ORDERS, &json!({"supplier_name": "Bolt", "currency": "USD", "lines": [line, priced]})).await.ok();
        assert_eq!((&made["total_minor"], &made["total_is_partial"]), (&json!(200), &json!(true)));
    }

    async fn a_part_on_order_is_not_closed(server: Server) {
        let house = warehouse(&server).await;
        let order = ordered(&house, 5).await;
        let path = format!("/api/v1/parts/{}", house.part);
        let etag = house.person.get(&path).await.etag.unwrap();
        let refused = house.person.patch(&path, &etag, &json!({"active": false})).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "part_on_order"));
        let facts = &refused.body["facts"];
        assert_eq!((&facts["orders"], &facts["open"], &facts["part_id"]), (&json!(1), &json!(5), &json!(house.part)));
        comes(&house, &order["lines"][0], 5).await.ok();
        assert_eq!(house.person.patch(&path, &etag, &json!({"active": false})).await.ok()["active"], false);
    }

    async fn a_level_without_days_is_ordered_within_the_usual_week_and_its_tag_is_read_or_refused(server: Server) {
        let house = warehouse(&server).await;
        let level = json!({"part_id": house.part, "location_id": house.near, "minimum": 2, "maximum": 4});
        let put = async |tag: &str| send(house.person.request(Method::PUT, "/api/v1/stock-levels").header("if-match", tag).json(&level)).await;
        let made = send(house.person.request(Method::PUT, "/api/v1/stock-levels").json(&level)).await;
        let tag = made.etag.clone().unwrap();
        let made = made.ok();
        assert_eq!(made["lead_days"], 7);
        let one = format!("/api/v1/stock-levels/{}", made["id"].as_str().unwrap());
        for strange in ["zzz", "", "*"] {
            let refused = put(strange).await;
            assert_eq!((refused.status, refused.field()), (StatusCode::UNPROCESSABLE_ENTITY, "If-Match"), "{strange}");
            let refused = send(house.person.request(Method::DELETE, &one).header("if-match", strange)).await;
            assert_eq!((refused.status, refused.field()), (StatusCode::UNPROCESSABLE_ENTITY, "If-Match"), "{strange}");
        }
        assert_eq!(put(&tag).await.status, StatusCode::OK);
        assert_eq!(put(&tag).await.code(), "stale");
        let made = house.person.post(&format!("{LIST}/orders"), &chosen(&house)).await.ok();
        let in_a_week = day_of(START.plus_minutes(7 * 24 * 60)).to_string();
        assert_eq!(made["orders"][0]["expected_on"], json!(in_a_week));
    }

    async fn a_ticket_that_waits_says_when_its_part_is_expected(server: Server) {
        let house = warehouse(&server).await;
        let office = server.log_in(Role::Dispatcher).await;
        let body = json!({"parts": [{"part_id": house.part, "quantity": 2}], "partial": true});
        office.post(&format!("/api/v1/tickets/{}/reservations", house.ticket), &body).await.ok();
        let path = format!("/api/v1/tickets/{}/parts", house.ticket);
        let need = &office.get(&path).await.ok()["needed"][0];
        assert_eq!((&need["wanted"], &need["on_order"], &need["expected_on"]), (&json!(2), &json!(0), &json!(null)));
        ordered(&house, 1).await;
        let need = &office.get(&path).await.ok()["needed"][0];
        assert_eq!((&need["on_order"], &need["expected_on"]), (&json!(1), &json!("2031-03-05")));
        assert_eq!(items(&house.person, LIST).await[0]["waiting"], 1, "the other one is to be bought");
    }

    async fn an_order_can_be_had_as_a_file(server: Server) {
        let house = warehouse(&server).await;
        let order = ordered(&house, 3).await;
        let path = format!("{ORDERS}/{}/lines", order["id"].as_str().unwrap());
        let file = house.person.request(Method::GET, &format!("{path}.csv")).send().await.unwrap();
        assert!(file.headers()["content-disposition"].to_str().unwrap().contains("purchase-order-1.csv"));
        let text = file.text().await.unwrap();
        let row = text.lines().nth(1).unwrap();
        assert!(row.starts_with("1,Bolt & Sons,2031-03-05,,P-1,Door belt,D-1,3,0,3,") && row.contains("7.5"), "{row}");
        let book = house.person.request(Method::GET, &format!("{path}.xlsx")).send().await.unwrap();
        assert_eq!(&book.bytes().await.unwrap()[..2], b"PK");
        let pdf = house.person.request(Method::GET, &format!("{path}.pdf")).send().await.unwrap();
        assert_eq!(pdf.status(), StatusCode::NOT_FOUND);
    }
}
