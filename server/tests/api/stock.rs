//! Places, pieces and slips of the hand over HTTP, and what `fettle verify stock` says of it all.

use std::process::{Command, Output};

use db::both_backends;
use db::testing::raw;
use diesel::connection::SimpleConnection;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::auth::Role;

use crate::harness::{Server, send};
use crate::inventory::{NOBODY, SUPPLIER, Warehouse, added, books_are_right, new_part, warehouse};

const QUARANTINE: &str = "00000000-0000-7000-8000-000000000005";
const SCRAP: &str = "00000000-0000-7000-8000-000000000004";

/// A part that is followed piece by piece, with these pieces at the near depot.
pub async fn boards(house: &Warehouse, serials: &[&str]) -> String {
    let mut new = new_part("BOARD");
    new["tracking"] = json!("serial");
    let part = added(&house.person, "/api/v1/parts", &new).await;
    let receipt = json!({"kind": "receive", "part_id": part, "quantity": serials.len(), "to_location_id": house.near,
        "serials": serials, "cost": {"unit_micros": 1_000_000, "currency": "USD"}});
    house.person.post("/api/v1/stock-movements", &receipt).await.ok();
    part
}

pub fn transfer(part: &str, from: &str, to: &str, serials: &[&str]) -> Value {
    json!({"kind": "transfer", "part_id": part, "quantity": serials.len(), "from_location_id": from,
        "to_location_id": to, "serials": serials})
}

fn verify(server: &Server, books: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_fettle"))
        .args(["--database-url", &server.app.config.database_url, "verify"])
        .args(books)
        .env("FETTLE_LOG", "error")
        .output()
        .unwrap()
}

both_backends! {
    async fn a_place_is_shown_and_changed_under_its_tag(server: Server) {
        let house = warehouse(&server).await;
        let bin = json!({"kind": "bin", "code": "D-1/A", "name": "Shelf A", "parent_id": house.near});
        let bin = added(&house.person, "/api/v1/stock-locations", &bin).await;
        let path = format!("/api/v1/stock-locations/{bin}");
        let seen = house.person.get(&path).await;
        let etag = seen.etag.clone().unwrap();
        assert_eq!((seen.body["parent_id"].as_str(), seen.body["latitude"].as_f64()), (Some(house.near.as_str()), Some(40.749)));
        let named = house.person.patch(&path, &etag, &json!({"name": "Shelf B", "parent_id": house.far})).await.ok();
        assert_eq!((named["name"].as_str(), named["latitude"].as_f64()), (Some("Shelf B"), Some(40.80)));
        let late = house.person.patch(&path, &etag, &json!({"name": "Shelf C"})).await;
        assert_eq!((late.status, late.code()), (StatusCode::PRECONDITION_FAILED, "stale"));
        assert_eq!(house.person.get(&format!("/api/v1/stock-locations/{NOBODY}")).await.status, StatusCode::NOT_FOUND);
    }

    async fn a_bad_change_of_a_place_names_its_field(server: Server) {
        let house = warehouse(&server).await;
        let bin = json!({"kind": "bin", "code": "D-1/A", "name": "Shelf A", "parent_id": house.near});
        let bin = added(&house.person, "/api/v1/stock-locations", &bin).await;
        let faults = [
            (&bin, json!({"parent_id": bin}), "parent_id"),
            (&bin, json!({"parent_id": house.van}), "parent_id"),
            (&bin, json!({"latitude": 40.7, "longitude": -73.9}), "latitude"),
            (&bin, json!({"code": " "}), "code"),
            (&bin, json!({"code": "D-1"}), "code"),
            (&house.near, json!({"latitude": 40.7}), "longitude"),
            (&house.near, json!({"parent_id": house.far}), "parent_id"),
            (&bin, json!({"parent_id": NOBODY}), "parent_id"),
            (&bin, json!({"code": "E-1"}), "code"),
        ];
        for (id, body, field) in faults {
            let path = format!("/api/v1/stock-locations/{id}");
            let etag = house.person.get(&path).await.etag.unwrap();
            let answer = house.person.patch(&path, &etag, &body).await;
            assert_eq!(answer.field(), field, "{body}: {}", answer.body);
        }
        let outside = format!("/api/v1/stock-locations/{SUPPLIER}");
        let etag = house.person.get(&outside).await.etag.unwrap();
        assert_eq!(house.person.patch(&outside, &etag, &json!({"name": "Us"})).await.code(), "outside_place");
    }

    async fn what_is_refused_is_named_in_figures_and_ids(server: Server) {
        let house = warehouse(&server).await;
        house.receive(&house.near, 2).await;
        let mut wish = house.wish(3);
        wish["location_id"] = json!(house.near);
        let facts = house.person.post("/api/v1/reservations", &wish).await.body["facts"].clone();
        let expected = json!({"part_id": house.part, "location_id": house.near, "wanted": 3, "available": 2});
        assert_eq!(facts, expected);
        let board = boards(&house, &["A-1"]).await;
        let ghost = transfer(&board, &house.near, &house.van, &["A-9"]);
        let unknown = house.person.post("/api/v1/stock-movements", &ghost).await;
        assert_eq!((unknown.status, unknown.field(), &unknown.body["facts"]["number"]), (StatusCode::UNPROCESSABLE_ENTITY, "serials", &json!("A-9")));
        let id = house.reserved(1).await;
        house.step(&id, "pick", &json!({})).await.ok();
        let loser = house.step(&id, "pick", &json!({})).await;
        assert_eq!((loser.code(), loser.body["detail"].as_str()), ("illegal_move", Some("The reservation is picked already.")));
        let cost = json!({"kind": "receive", "part_id": house.part, "quantity": 1, "to_location_id": house.near,
            "cost": {"unit_micros": 1, "currency": "usd"}});
        assert_eq!(house.person.post("/api/v1/stock-movements", &cost).await.field(), "cost.currency");
        let count = json!({"location_id": house.near});
        added(&house.person, "/api/v1/stock-counts", &count).await;
        assert_eq!(house.person.post("/api/v1/stock-counts", &count).await.body["facts"]["location_id"], house.near.as_str());
        assert_eq!(house.person.get("/api/v1/labels.pdf").await.field(), "kind");
    }

    async fn what_nobody_may_use_is_promised_to_nobody(server: Server) {
        let house = warehouse(&server).await;
        house.receive(&house.near, 3).await;
        let away = json!({"kind": "transfer", "part_id": house.part, "quantity": 2, "from_location_id": house.near, "to_location_id": QUARANTINE});
        assert_eq!(house.person.post("/api/v1/stock-movements", &away).await.ok()["kind"], "reject");
        let mut wish = house.wish(1);
        wish["location_id"] = json!(QUARANTINE);
        let refused = house.person.post("/api/v1/reservations", &wish).await;
        assert_eq!((refused.status, refused.field()), (StatusCode::UNPROCESSABLE_ENTITY, "location_id"), "{}", refused.body);
        let short = house.person.post("/api/v1/reservations", &house.wish(2)).await;
        assert_eq!(short.code(), "shortage", "quarantine is no source either");
        books_are_right(&server).await;
    }

    async fn pieces_come_go_and_are_picked_by_number(server: Server) {
        let house = warehouse(&server).await;
        let board = boards(&house, &["A", "B", "C"]).await;
        let person = &house.person;
        let receipt = json!({"kind": "receive", "part_id": board, "quantity": 1, "to_location_id": house.far, "serials": ["A"]});
        assert_eq!(person.post("/api/v1/stock-movements", &receipt).await.code(), "serial_elsewhere");
        let wish = json!({"ticket_id": house.ticket, "part_id": board, "quantity": 2});
        let id = person.post("/api/v1/reservations", &wish).await.ok()["items"][0]["id"].as_str().unwrap().to_owned();
        assert_eq!(house.step(&id, "pick", &json!({})).await.field(), "serials");
        let picked = house.step(&id, "pick", &json!({"quantity": 1, "serials": ["B"]})).await.ok();
        assert_eq!((picked["status"].as_str(), picked["quantity"].as_i64()), (Some("picked"), Some(1)));
        let moved = person.post("/api/v1/stock-movements", &transfer(&board, &house.near, &house.far, &["B"])).await;
        assert_eq!(moved.code(), "serial_promised");
        let back = house.step(picked["id"].as_str().unwrap(), "put-back", &json!({})).await.ok();
        assert_eq!(back["status"], "held");
        assert_eq!(house.step(picked["id"].as_str().unwrap(), "put-back", &json!({})).await.code(), "illegal_move");
        person.post("/api/v1/stock-movements", &transfer(&board, &house.near, SCRAP, &["B"])).await.ok();
        books_are_right(&server).await;
    }

    async fn a_slip_of_the_hand_is_taken_back_once(server: Server) {
        let house = warehouse(&server).await;
        house.receive(&house.near, 3).await;
        let slip = json!({"kind": "transfer", "part_id": house.part, "quantity": 2, "from_location_id": house.near, "to_location_id": house.far});
        let id = house.person.post("/api/v1/stock-movements", &slip).await.ok()["id"].as_str().unwrap().to_owned();
        let path = format!("/api/v1/stock-movements/{id}/undo");
        let back = house.person.post(&path, &json!({})).await;
        assert_eq!((back.status, back.body["reverses_id"].as_str()), (StatusCode::CREATED, Some(id.as_str())));
        assert_eq!(house.stock(&house.near).await, (3, 0, 3));
        let again = house.person.post(&path, &json!({})).await;
        assert_eq!((again.status, again.code()), (StatusCode::CONFLICT, "not_undoable"));
        let nothing = house.person.post(&format!("/api/v1/stock-movements/{NOBODY}/undo"), &json!({})).await;
        assert_eq!(nothing.status, StatusCode::NOT_FOUND);
        books_are_right(&server).await;
    }

    async fn verify_says_that_the_books_are_right_or_what_is_wrong_with_them(server: Server) {
        let house = warehouse(&server).await;
        house.receive(&house.near, 3).await;
        boards(&house, &["A-77"]).await;
        for books in [&["stock"][..], &[]] {
            let right = verify(&server, books);
            let words = String::from_utf8(right.stdout).unwrap();
            assert!(right.status.success() && words.contains("every piece is where it last went"), "{words}");
            assert_eq!(words.contains("Work in hand"), books.is_empty(), "{words}");
        }
        let wrong = format!(
            "UPDATE stock_balances SET on_hand = 7 WHERE part_id = '{}'; UPDATE part_serials SET location_id = '{}';
             DELETE FROM guard_written_rows;", house.part, house.far
        );
        raw(&server.url()).batch_execute(&wrong).unwrap();
        let found = verify(&server, &["stock"]);
        let words = String::from_utf8(found.stdout).unwrap();
        assert_eq!(found.status.code(), Some(1));
        assert!(words.contains("on hand 7, movements sum to 3") && words.contains("piece A-77 of part"), "{words}");
        assert!(String::from_utf8(found.stderr).unwrap().contains("4 differences"));
        assert!(verify(&server, &["work"]).status.success());
    }

    async fn a_step_that_is_repeated_with_its_key_is_done_once(server: Server) {
        let house = warehouse(&server).await;
        house.receive(&house.near, 9).await;
        let id = house.reserved(8).await;
        let stepped = async |id: &str, step: &str, body: Value| {
            let path = format!("/api/v1/reservations/{id}/{step}");
            let call = || house.person.request(Method::POST, &path).header("Idempotency-Key", format!("key of {step}")).json(&body);
            let (first, second) = (send(call()).await, send(call()).await);
            assert_eq!((first.status, second.status, second.replayed), (StatusCode::OK, StatusCode::OK, true), "{step}: {}", second.body);
            assert_eq!(first.body, second.body, "{step}");
            let other = send(call().json(&json!({"quantity": 7}))).await;
            assert!(matches!(other.code(), "idempotency_key_reused" | "invalid"), "{step}: {}", other.body);
            first.body["id"].as_str().unwrap().to_owned()
        };
        let part = stepped(&id, "pick", json!({"quantity": 3})).await;
        let left = house.person.get("/api/v1/reservations?status=held").await.ok();
        assert_eq!(left["items"][0]["quantity"], 5, "picked once");
        stepped(&part, "put-back", json!({})).await;
        house.step(&part, "pick", &json!({})).await.ok();
        stepped(&part, "issue", json!({})).await;
        stepped(&part, "release", json!({})).await;
        assert_eq!((house.stock(&house.near).await, house.stock(&house.van).await), ((6, 5, 1), (3, 0, 3)));
        books_are_right(&server).await;
    }

    async fn no_text_with_nul_reaches_the_database(server: Server) {
        let house = warehouse(&server).await;
        house.receive(&house.near, 3).await;
        let id = house.reserved(1).await;
        let answer = house.step(&id, "pick", &json!({"serials": ["K\u{0}"]})).await;
        assert_eq!((answer.field(), answer.body["errors"][0]["code"].as_str()), ("serials[0]", Some("control_character")));
        assert_eq!(house.step(&id, "pick", &json!({"serials": ["K\u{1}"]})).await.field(), "serials[0]");
        let api = serde_json::to_value(server::app::description()).unwrap();
        let admin = server.log_in(Role::Admin).await;
        let mut asked = 0;
        for (path, item) in api["paths"].as_object().unwrap().iter().filter(|(path, _)| path.starts_with("/api/v1")) {
            for (method, route) in item.as_object().unwrap() {
                let path = path.replace("{id}", &house.ticket).replace("{what}", "parts").replace("{format}", "csv");
                for name in route["parameters"].as_array().into_iter().flatten().filter(|p| p["in"] == "query") {
                    let url = format!("{path}?{}=a%00b", name["name"].as_str().unwrap());
                    let answer = admin.request(method.to_uppercase().parse().unwrap(), &url).send().await.unwrap();
                    assert!(!answer.status().is_server_error(), "{method} {url}: {}", answer.status());
                    asked += 1;
                }
                let schema = route["requestBody"]["content"]["application/json"]["schema"]["$ref"].as_str();
                let Some(schema) = schema.and_then(|name| name.rsplit('/').next()) else { continue };
                for (name, kind) in api["components"]["schemas"][schema]["properties"].as_object().into_iter().flatten() {
                    let value = if kind["type"] == "array" { json!(["a\u{0}b"]) } else { json!("a\u{0}b") };
                    let request = admin.request(method.to_uppercase().parse().unwrap(), &path).header("if-match", "\"1\"");
                    let answer = request.json(&json!({name: value})).send().await.unwrap();
                    assert!(answer.status().is_client_error(), "{method} {path} {name}: {}", answer.status());
                    asked += 1;
                }
            }
        }
        assert!(asked > 200, "only {asked} texts were tried");
    }

    async fn a_database_that_is_not_there_is_not_made_to_be_verified(server: Server) {
        let typo = std::env::temp_dir().join(format!("no-such-{}.db", std::process::id()));
        let found = Command::new(env!("CARGO_BIN_EXE_fettle"))
            .args(["--database-url", typo.to_str().unwrap(), "verify", "stock"])
            .output()
            .unwrap();
        assert_eq!((found.status.code(), typo.exists()), (Some(1), false));
        assert!(String::from_utf8(found.stderr).unwrap().contains("there is no database"));
        assert!(verify(&server, &["stock"]).status.success());
    }
}
