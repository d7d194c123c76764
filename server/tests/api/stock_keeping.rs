//! Levels, counts, old parts, codes and what is to be bought, over HTTP.

use db::both_backends;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::auth::Role;

use crate::harness::{Person, Server, send};
use crate::inventory::{NOBODY, SUPPLIER, Warehouse, added, books_are_right, new_part, warehouse};

const GTIN: &str = "09506000134352";

async fn put_level(person: &Person, body: &Value) -> crate::harness::Answer {
    send(person.request(Method::PUT, "/api/v1/stock-levels").json(body)).await
}

fn level(house: &Warehouse, place: &str, minimum: i64, maximum: i64) -> Value {
    json!({"part_id": house.part, "location_id": place, "minimum": minimum, "maximum": maximum, "lead_days": 3})
}

async fn items(person: &Person, path: &str) -> Vec<Value> {
    person.get(path).await.ok()["items"].as_array().unwrap().clone()
}

/// What an engineer would report from his phone.
pub async fn used(server: &Server, house: &Warehouse, part: &str, removed: &str) {
    let (part_id, removed_serial) = (part.parse().unwrap(), removed.to_owned());
    let ticket_id: db::types::TicketId = house.ticket.parse().unwrap();
    let van: db::types::LocationId = house.van.parse().unwrap();
    let say = move |tx: &mut db::Tx<'_>| {
        let engineer_id = inventory::locations::get(tx.conn(), van)?.engineer_id.unwrap();
        let visit_id = server::tickets::store::find(tx.conn(), ticket_id)?.unwrap().visit_id;
        let usage = inventory::usage::Usage {
            id: db::types::Id::new(),
            ticket_id,
            visit_id,
            engineer_id,
            part_id,
            quantity: 1,
            serial: String::new(),
            outcome: inventory::Outcome::Used,
            at: tx.now(),
            removed_serial: removed_serial.clone(),
        };
        inventory::usage::use_part(tx, usage)?;
        Ok::<_, server::error::Error>(())
    };
    server.app.db.write(db::Actor::system("phone"), say).await.unwrap();
}

both_backends! {
    async fn what_a_van_lacks_is_proposed_from_the_depot_that_can_spare_it(server: Server) {
        let house = warehouse(&server).await;
        house.receive(&house.near, 5).await;
        let van = put_level(&house.person, &level(&house, &house.van, 2, 4)).await.ok();
        put_level(&house.person, &level(&house, &house.near, 3, 9)).await.ok();
        let found = items(&house.person, &format!("/api/v1/stock-proposals?location_id={}", house.van)).await;
        assert_eq!((found.len(), found[0]["location_code"].as_str(), found[0]["order"].as_i64()), (1, Some("V-1"), Some(2)));
        assert_eq!(found[0]["transfers"][0]["from_location_code"], "D-1");
        assert_eq!(found[0]["transfers"][0]["quantity"], 2);
        let load = items(&house.person, "/api/v1/van-top-up").await;
        assert_eq!((load[0]["location_code"].as_str(), load[0]["to_level"].as_i64()), (Some("V-1"), Some(4)));
        assert_eq!(items(&house.person, "/api/v1/stock-levels").await.len(), 2);
        let path = format!("/api/v1/stock-levels/{}", van["id"].as_str().unwrap());
        assert_eq!(house.person.delete(&path).await.status, StatusCode::NO_CONTENT);
        assert_eq!(house.person.delete(&path).await.status, StatusCode::NOT_FOUND);
        assert_eq!(items(&house.person, "/api/v1/stock-proposals").await.len(), 0);
    }

    async fn a_bad_level_is_refused_by_field(server: Server) {
        let house = warehouse(&server).await;
        let faults = [
            ("minimum", json!(-1)),
            ("maximum", json!(1)),
            ("maximum", json!(i64::MAX)),
            ("minimum", json!(0.5)),
            ("lead_days", json!(4_000)),
            ("part_id", json!(NOBODY)),
            ("location_id", json!(NOBODY)),
            ("location_id", json!(SUPPLIER)),
            ("location_id", json!("00000000-0000-7000-8000-000000000005")),
        ];
        for (field, value) in faults {
            let mut body = level(&house, &house.near, 2, 4);
            body[field] = value;
            let answer = put_level(&house.person, &body).await;
            assert_eq!((answer.status, answer.field()), (StatusCode::UNPROCESSABLE_ENTITY, field), "{}", answer.body);
        }
    }

    async fn what_is_lacking_is_on_the_purchase_list_and_in_its_file(server: Server) {
        let house = warehouse(&server).await;
        put_level(&house.person, &level(&house, &house.near, 2, 4)).await.ok();
        let list = items(&house.person, "/api/v1/purchase-list?service_level=0.99").await;
        assert_eq!((list.len(), list[0]["part_number"].as_str(), list[0]["quantity"].as_i64()), (1, Some("P-1"), Some(4)));
        assert_eq!(list[0]["supplier_id"], json!(null));
        let file = house.person.get("/api/v1/purchase-list.csv").await;
        assert_eq!(file.content_type, "text/csv; charset=utf-8");
        let text = file.ok();
        let lines: Vec<&str> = text.as_str().unwrap().lines().collect();
        assert_eq!(lines[0], "\u{feff}supplier,supplier_part,part,name,wanted,waiting,tickets,pack,quantity,unit,unit_price,total,currency");
        assert_eq!(lines[1], ",,P-1,Door belt,4,0,,,4,pcs,,,");
        let book = house.person.request(Method::GET, "/api/v1/purchase-list.xlsx").send().await.unwrap();
        assert!(book.headers()["content-type"].to_str().unwrap().contains("spreadsheetml"));
        assert_eq!(&book.bytes().await.unwrap()[..2], b"PK", "a workbook is a zip");
        assert_eq!(house.person.get("/api/v1/purchase-list.pdf").await.status, StatusCode::NOT_FOUND);
        assert_eq!(house.person.get("/api/v1/van-top-up?foo=1").await.field(), "foo");
        for list in ["replenishment", "purchase-list", "purchase-list.csv"] {
            for (field, value) in [("days", "0"), ("service_level", "1"), ("cover_days", "1000"), ("lead_days", "-1")] {
                assert_eq!(house.person.get(&format!("/api/v1/{list}?{field}={value}")).await.field(), field);
            }
        }
    }

    async fn consumption_gives_a_reorder_point_with_its_reasons(server: Server) {
        let house = warehouse(&server).await;
        house.receive(&house.near, 9).await;
        let id = house.reserved(3).await;
        house.step(&id, "issue", &json!({})).await.ok();
        server.clock.set(db::testing::START.plus_minutes(24 * 60));
        let path = format!("/api/v1/replenishment?days=10&lead_days=4&cover_days=10&location_id={}", house.near);
        // The day has passed, and with it the session.
        let person = server.log_in(Role::Warehouse).await;
        let found = items(&person, &path).await;
        assert_eq!((found.len(), found[0]["demand"]["used"].as_i64(), found[0]["lead_days"].as_i64()), (1, Some(3), Some(4)));
        assert_eq!((found[0]["free"].as_i64(), found[0]["plan"]["quantity"].as_i64()), (Some(6), Some(3)));
        let z = found[0]["plan"]["z"].as_f64().unwrap();
        assert!((z - 1.644_854).abs() < 1e-5, "{z}");
    }

    async fn a_blind_count_is_entered_by_the_warehouse_and_approved_by_the_office(server: Server) {
        let house = warehouse(&server).await;
        house.receive(&house.near, 5).await;
        let (person, office) = (&house.person, server.log_in(Role::Dispatcher).await);
        let new = json!({"location_id": house.near, "blind": true, "note": "Friday"});
        let made = person.post("/api/v1/stock-counts", &new).await;
        assert_eq!(made.status, StatusCode::CREATED);
        let path = made.location.clone().unwrap();
        assert_eq!(person.post("/api/v1/stock-counts", &new).await.code(), "count_running");
        assert_eq!(person.post(&format!("{path}/submit"), &json!({})).await.code(), "count_incomplete");
        let figure = json!({"part_id": house.part, "quantity": 4});
        let line = person.post(&format!("{path}/lines"), &figure).await.ok();
        assert_eq!((&line["expected"], &line["difference"], line["counted"].as_i64()), (&json!(null), &json!(null), Some(4)));
        assert_eq!(person.get(&path).await.ok()["lines"][0]["expected"], json!(null));
        let taken_back = json!({"part_id": house.part, "quantity": null});
        assert_eq!(person.post(&format!("{path}/lines"), &taken_back).await.ok()["counted"], json!(null));
        assert_eq!(person.post(&format!("{path}/submit"), &json!({})).await.code(), "count_incomplete");
        person.post(&format!("{path}/lines"), &figure).await.ok();
        person.post(&format!("{path}/submit"), &json!({})).await.ok();
        assert_eq!(person.get(&path).await.ok()["lines"][0]["difference"], -1);
        assert_eq!(person.post(&format!("{path}/lines"), &figure).await.code(), "count_status");
        assert_eq!(person.post(&format!("{path}/approve"), &json!({})).await.status, StatusCode::FORBIDDEN);
        let approved = office.post(&format!("{path}/approve"), &json!({})).await.ok();
        assert_eq!((approved["status"].as_str(), approved["closed_by"].as_str()), (Some("approved"), Some("dispatcher-1")));
        assert_eq!(office.post(&format!("{path}/reject"), &json!({})).await.code(), "count_status");
        assert_eq!(house.stock(&house.near).await, (4, 0, 4));
        assert_eq!(items(person, "/api/v1/stock-counts?status=approved").await.len(), 1);
        books_are_right(&server).await;
    }

    async fn whoever_counted_does_not_approve_it_but_an_administrator_may(server: Server) {
        let house = warehouse(&server).await;
        house.receive(&house.near, 5).await;
        let (office, admin) = (server.log_in(Role::Dispatcher).await, server.log_in(Role::Admin).await);
        for (person, code) in [(&office, Some("own_count")), (&admin, None)] {
            let count = added(person, "/api/v1/stock-counts", &json!({"location_id": house.near})).await;
            let path = format!("/api/v1/stock-counts/{count}");
            person.post(&format!("{path}/lines"), &json!({"part_id": house.part, "quantity": 5})).await.ok();
            person.post(&format!("{path}/submit"), &json!({})).await.ok();
            let answer = person.post(&format!("{path}/approve"), &json!({})).await;
            match code {
                Some(code) => assert_eq!(answer.code(), code),
                None => drop(answer.ok()),
            }
            admin.post(&format!("{path}/reject"), &json!({})).await;
        }
    }

    async fn a_step_of_a_count_that_is_repeated_with_its_key_is_done_once(server: Server) {
        let house = warehouse(&server).await;
        house.receive(&house.near, 5).await;
        let office = server.log_in(Role::Dispatcher).await;
        let count = added(&house.person, "/api/v1/stock-counts", &json!({"location_id": house.near})).await;
        let twice = async |person: &Person, step: &str, body: Value| {
            let path = format!("/api/v1/stock-counts/{count}/{step}");
            let call = || person.request(Method::POST, &path).header("Idempotency-Key", format!("key of {step}")).json(&body);
            let (first, second) = (send(call()).await, send(call()).await);
            assert_eq!((first.status, second.status, second.replayed), (StatusCode::OK, StatusCode::OK, true), "{step}: {}", second.body);
            assert_eq!(first.body, second.body, "{step}");
        };
        twice(&house.person, "lines", json!({"part_id": house.part, "quantity": 4})).await;
        twice(&house.person, "submit", json!({})).await;
        twice(&office, "approve", json!({})).await;
        assert_eq!(house.stock(&house.near).await, (4, 0, 4), "the difference is booked once");
        books_are_right(&server).await;
    }

    async fn a_code_means_one_thing_however_it_is_spelt(server: Server) {
        let house = warehouse(&server).await;
        let person = &house.person;
        let other = added(person, "/api/v1/parts", &new_part("P-2")).await;
        let (codes, others) = (format!("/api/v1/parts/{}/codes", house.part), format!("/api/v1/parts/{other}/codes"));
        added(person, &codes, &json!({"code": "5901234123457"})).await;
        for taken in ["5901234123457", "05901234123457", "P-1", "D-1", "V-1", "E-1"] {
            let answer = person.post(&others, &json!({"code": taken})).await;
            assert_eq!((answer.status, answer.field()), (StatusCode::CONFLICT, "code"), "{taken}: {}", answer.body);
        }
        assert_eq!(person.post(&others, &json!({"code": "5901234123458"})).await.body["errors"][0]["code"], "check_digit");
        added(person, &others, &json!({"code": "OEM-2"})).await;
        for taken in ["05901234123457", "OEM-2", "D-1"] {
            assert_eq!(person.post("/api/v1/parts", &new_part(taken)).await.field(), "number", "{taken}");
        }
        let bin = json!({"kind": "bin", "code": "OEM-2", "name": "Shelf", "parent_id": house.near});
        let answer = person.post("/api/v1/stock-locations", &bin).await;
        assert_eq!((answer.field(), &answer.body["facts"]["taken_by"]), ("code", &json!("part")));
        for (code, number) in [("%5DE05901234123457", "P-1"), ("%5DC0OEM-2", "P-2"), ("%5DC10105901234123457310300018937%0B12", "")] {
            let found = person.get(&format!("/api/v1/scan?code={code}")).await;
            assert_eq!(found.body["part"]["number"].as_str().unwrap_or(""), number, "{code}: {}", found.body);
        }
        assert_eq!(person.get("/api/v1/scan?code=%5DC1010590123412345711260101").await.ok()["part"]["number"], "P-1");
    }

    async fn a_bad_count_is_refused_by_field(server: Server) {
        let house = warehouse(&server).await;
        let faults = [
            ("location_id", json!(NOBODY)),
            ("location_id", json!(SUPPLIER)),
            ("part_ids", json!([NOBODY])),
            ("note", json!("\u{0}")),
        ];
        for (field, value) in faults {
            let mut body = json!({"location_id": house.near});
            body[field] = value;
            assert_eq!(house.person.post("/api/v1/stock-counts", &body).await.field(), field);
        }
        let count = json!({"location_id": house.near, "part_ids": [house.part]});
        let id = added(&house.person, "/api/v1/stock-counts", &count).await;
        for (field, value) in [("quantity", json!(-1)), ("quantity", json!(0.5)), ("part_id", json!(NOBODY))] {
            let mut body = json!({"part_id": house.part, "quantity": 1});
            body[field] = value;
            let answer = house.person.post(&format!("/api/v1/stock-counts/{id}/lines"), &body).await;
            assert_eq!(answer.field(), field, "{}", answer.body);
        }
        assert_eq!(house.person.get(&format!("/api/v1/stock-counts/{NOBODY}")).await.status, StatusCode::NOT_FOUND);
        assert_eq!(house.person.get("/api/v1/stock-counts?status=done").await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }

    async fn an_old_part_is_expected_received_and_graded(server: Server) {
        let house = warehouse(&server).await;
        let mut new = new_part("BELT");
        new["returnable"] = json!(true);
        let belt = added(&house.person, "/api/v1/parts", &new).await;
        used(&server, &house, &belt, "OLD-1").await;
        let person = &house.person;
        let due = items(person, &format!("/api/v1/used-part-returns?status=expected&ticket_id={}", house.ticket)).await;
        assert_eq!((due.len(), due[0]["serial"].as_str(), due[0]["part_id"].as_str()), (1, Some("OLD-1"), Some(belt.as_str())));
        assert!(due[0]["ticket_number"].is_i64() && due[0]["engineer_code"].is_string(), "{}", due[0]);
        assert_eq!(items(person, "/api/v1/used-part-returns?status=expected&older_than_days=14").await.len(), 0);
        let path = format!("/api/v1/used-part-returns/{}", due[0]["id"].as_str().unwrap());
        assert_eq!(person.post(&format!("{path}/grade"), &json!({"grade": "scrap"})).await.code(), "return_status");
        assert_eq!(person.post(&format!("{path}/receive"), &json!({"location_id": SUPPLIER})).await.field(), "location_id");
        assert_eq!(person.post(&format!("{path}/receive"), &json!({"location_id": house.near, "quantity": 2})).await.field(), "quantity");
        let received = person.post(&format!("{path}/receive"), &json!({"location_id": house.near, "note": "worn"})).await.ok();
        assert_eq!((received["status"].as_str(), received["note"].as_str()), (Some("received"), Some("worn")));
        let misplaced = json!({"grade": "reusable", "location_id": house.van});
        assert_eq!(person.post(&format!("{path}/grade"), &misplaced).await.field(), "location_id");
        let graded = person.post(&format!("{path}/grade"), &json!({"grade": "reusable"})).await.ok();
        assert_eq!((graded["status"].as_str(), graded["location_id"].as_str()), (Some("graded"), Some(house.near.as_str())));
        let there = items(person, &format!("/api/v1/stock?part_id={belt}&location_id={}", house.near)).await;
        assert_eq!(there[0]["available"], 1);
        used(&server, &house, &belt, "").await;
        let lost = items(person, "/api/v1/used-part-returns?status=expected").await[0]["id"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/used-part-returns/{lost}/waive");
        assert_eq!(person.post(&path, &json!({"note": " "})).await.field(), "note");
        assert_eq!(person.post(&path, &json!({"note": "the customer keeps it"})).await.ok()["status"], "waived");
        books_are_right(&server).await;
    }

    async fn a_scan_says_what_a_code_is(server: Server) {
        let house = warehouse(&server).await;
        let person = &house.person;
        let code = json!({"code": GTIN, "note": "on the box"});
        let codes = format!("/api/v1/parts/{}/codes", house.part);
        let code = added(person, &codes, &code).await;
        let scan = async |code: &str| {
            let escaped: String = code.bytes().map(|byte| format!("%{byte:02X}")).collect();
            person.get(&format!("/api/v1/scan?code={escaped}")).await
        };
        let kinds = [
            ("D-1", "place"), ("P-1", "part"), ("E-1", "engineer"), (GTIN, "part"), ("9506000134352", "part"),
            ("]d2010950600013435217270531\u{1d}10L7", "part"),
        ];
        for (code, kind) in kinds {
            assert_eq!(scan(code).await.ok()["kind"], kind, "{code:?}");
        }
        assert_eq!(scan("(01)09506000134352(17)270531").await.ok()["expires_on"], "2027-05-31");
        house.receive(&house.near, 1).await;
        let reservation = house.reserved(1).await;
        assert_eq!(scan(&reservation).await.ok()["reservation"]["id"], reservation.as_str());
        let unknown = scan("nobody's").await;
        assert_eq!((unknown.status, unknown.code()), (StatusCode::NOT_FOUND, "unknown_code"));
        for half in ["]d2010950600", "(01)09506000134353", "A\u{7}B", "", "\0"] {
            let refused = scan(half).await;
            assert_eq!((refused.status, refused.field()), (StatusCode::UNPROCESSABLE_ENTITY, "code"), "{half:?}");
        }
        assert_eq!(person.get("/api/v1/scan").await.field(), "code");
        assert_eq!(items(person, &codes).await.len(), 1);
        assert_eq!(person.delete(&format!("/api/v1/part-codes/{code}")).await.status, StatusCode::NO_CONTENT);
        assert_eq!(scan(GTIN).await.code(), "unknown_code");
    }

    async fn codes_and_substitutes_that_cannot_be_are_refused_by_field(server: Server) {
        let house = warehouse(&server).await;
        let person = &house.person;
        let other = added(person, "/api/v1/parts", &new_part("P-2")).await;
        let codes = format!("/api/v1/parts/{}/codes", house.part);
        added(person, &codes, &json!({"code": "OEM-1"})).await;
        let taken = person.post(&format!("/api/v1/parts/{other}/codes"), &json!({"code": "OEM-1"})).await;
        assert_eq!((taken.status, taken.field()), (StatusCode::CONFLICT, "code"));
        assert_eq!(person.post(&codes, &json!({"code": "a\u{1}"})).await.field(), "code");
        let substitutes = format!("/api/v1/parts/{}/substitutes", house.part);
        let row = added(person, &substitutes, &json!({"substitute_id": other})).await;
        for (value, status) in [
            (other.as_str(), StatusCode::CONFLICT),
            (house.part.as_str(), StatusCode::UNPROCESSABLE_ENTITY),
            (NOBODY, StatusCode::UNPROCESSABLE_ENTITY),
        ] {
            let answer = person.post(&substitutes, &json!({"substitute_id": value})).await;
            assert_eq!((answer.status, answer.field()), (status, "substitute_id"), "{}", answer.body);
        }
        assert_eq!(items(person, &substitutes).await[0]["substitute_id"], other.as_str());
        assert_eq!(person.delete(&format!("/api/v1/part-substitutes/{row}")).await.status, StatusCode::NO_CONTENT);
        assert_eq!(items(person, &substitutes).await.len(), 0);
        assert_eq!(person.get(&format!("/api/v1/parts/{NOBODY}/substitutes")).await.status, StatusCode::NOT_FOUND);
    }
}
