//! Serial numbers and lots over HTTP and from a phone: what has a number moves by it, and what was swapped is written
//! to the asset.

use db::both_backends;
use db::schema::conflict_cards;
use diesel::prelude::*;
use mobile_sync_device::PartUse;
use mobile_sync_wire::docs::PartOutcome;
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::auth::Role;

use crate::harness::{Person, Server};
use crate::inventory::{NOBODY, Warehouse, added, books_are_right, new_part, warehouse};
use crate::stock::{boards, transfer};
use crate::sync::{Handset, assigned};
use crate::tickets::engineer;

const MOVEMENTS: &str = "/api/v1/stock-movements";

async fn items(person: &Person, path: &str) -> Vec<Value> {
    person.get(path).await.ok()["items"].as_array().unwrap().clone()
}

async fn reserved(house: &Warehouse, part: &str, quantity: i64) -> String {
    let wish =
        json!({"ticket_id": house.ticket, "part_id": part, "quantity": quantity, "location_id": house.near});
    house.person.post("/api/v1/reservations", &wish).await.ok()["items"][0]["id"].as_str().unwrap().to_owned()
}

async fn where_is(house: &Warehouse, number: &str) -> Value {
    house.person.get(&format!("/api/v1/scan?code={number}")).await.ok()["piece"]["location_id"].clone()
}

both_backends! {
    async fn a_piece_is_handed_over_and_comes_back_by_its_number_only(server: Server) {
        let house = warehouse(&server).await;
        let board = boards(&house, &["S1", "S2", "S3"]).await;
        let office = server.log_in(Role::Dispatcher).await;
        let anna = house.person.get(&format!("/api/v1/stock-locations/{}", house.van)).await.ok()["engineer_id"].clone();
        let chosen = json!({"engineer_id": anna, "reason": "as the test wants", "instead_of": null});
        let path = format!("/api/v1/tickets/{}", house.ticket);
        if office.get(&path).await.ok()["engineer_id"].is_null() {
            office.post(&format!("{path}/assignments"), &chosen).await.ok();
        }
        let id = reserved(&house, &board, 2).await;
        let refused = house.step(&id, "issue", &json!({})).await;
        assert_eq!((refused.status, refused.field()), (StatusCode::UNPROCESSABLE_ENTITY, "serials"), "{}", refused.body);
        house.step(&id, "pick", &json!({"serials": [" s1", "S2"]})).await.ok();
        house.step(&id, "issue", &json!({})).await.ok();
        assert_eq!(where_is(&house, "S1").await, json!(house.van));
        assert_eq!(house.step(&id, "return", &json!({"quantity": 1})).await.field(), "serials");
        assert_eq!(house.step(&id, "return", &json!({"serials": ["S3"]})).await.field(), "serials");
        let back = house.step(&id, "return", &json!({"serials": ["S2"]})).await.ok();
        assert_eq!((back["status"].as_str(), back["quantity"].as_i64()), (Some("returned"), Some(1)));
        assert_eq!((where_is(&house, "S1").await, where_is(&house, "S2").await), (json!(house.van), json!(house.near)));
        books_are_right(&server).await;
    }

    async fn pieces_are_counted_by_their_numbers_and_as_many_as_they_say(server: Server) {
        let house = warehouse(&server).await;
        let board = boards(&house, &["S1", "S2"]).await;
        let count = |quantity: i64, serials: Value| json!({"kind": "adjust", "part_id": board, "quantity": quantity,
            "to_location_id": house.near, "serials": serials});
        for wrong in [count(5, json!([])), count(7, json!(["S1", "S2"])), count(0, json!(["S1"]))] {
            let refused = house.person.post(MOVEMENTS, &wrong).await;
            assert_eq!((refused.status, refused.field()), (StatusCode::UNPROCESSABLE_ENTITY, "serials"), "{}", refused.body);
        }
        let mut needless = count(1, json!(["X"]));
        needless["part_id"] = json!(house.part);
        assert_eq!(house.person.post(MOVEMENTS, &needless).await.field(), "serials");
        house.person.post(MOVEMENTS, &count(1, json!(["s2 "]))).await.ok();
        assert_eq!(house.person.post(MOVEMENTS, &count(1, json!(["S2"]))).await.code(), "no_difference");
        books_are_right(&server).await;
    }

    async fn what_came_in_together_goes_back_together(server: Server) {
        let house = warehouse(&server).await;
        let board = boards(&house, &["S0"]).await;
        let serials: Vec<String> = (1..=40).map(|n| format!("S{n}")).collect();
        let receipt = json!({"kind": "receive", "part_id": board, "quantity": 40, "to_location_id": house.near, "serials": serials});
        let answer = house.person.post(MOVEMENTS, &receipt).await;
        assert_eq!((answer.status, answer.body["recorded"].as_i64()), (StatusCode::CREATED, Some(40)));
        let all = items(&house.person, &format!("{}&limit=200", answer.location.clone().unwrap())).await;
        assert_eq!(all.len(), 40, "the answer says where all of them are");
        let undo = format!("{MOVEMENTS}/{}/undo", all[17]["id"].as_str().unwrap());
        let back = house.person.post(&undo, &json!({})).await.ok();
        assert_eq!((back["recorded"].as_i64(), &back["reverses_id"]), (Some(40), &all[17]["id"]));
        let first = format!("{MOVEMENTS}/{}/undo", answer.body["id"].as_str().unwrap());
        assert_eq!(house.person.post(&first, &json!({})).await.code(), "not_undoable");
        let stock = items(&house.person, &format!("/api/v1/stock?part_id={board}")).await;
        assert_eq!(stock[0]["on_hand"], 1);
        books_are_right(&server).await;
    }

    async fn a_lot_has_a_day_and_moves_as_a_lot(server: Server) {
        let house = warehouse(&server).await;
        let mut new = new_part("GREASE");
        new["tracking"] = json!("lot");
        let grease = added(&house.person, "/api/v1/parts", &new).await;
        let receipt = |lot: &str, day: &str| json!({"kind": "receive", "part_id": grease, "quantity": 5,
            "to_location_id": house.near, "lot": lot, "expires_on": day});
        for (day, field) in [("2027-02-30", "expires_on"), ("soon", "expires_on"), ("\u{0}", "expires_on")] {
            assert_eq!(house.person.post(MOVEMENTS, &receipt("L1", day)).await.field(), field);
        }
        let first = house.person.post(MOVEMENTS, &receipt("L1", "2099-05-31")).await.ok();
        house.person.post(MOVEMENTS, &receipt("L2", "2098-05-31")).await.ok();
        assert_eq!(house.person.post(MOVEMENTS, &receipt("L2", "2098-06-01")).await.field(), "expires_on");
        let mut away = transfer(&grease, &house.near, &house.far, &[]);
        away["quantity"] = json!(6);
        away["expires_on"] = json!("2099-05-31");
        assert_eq!(house.person.post(MOVEMENTS, &away).await.field(), "expires_on");
        away["expires_on"] = json!(null);
        for (lot, from) in [("L1", &house.near), ("L3", &house.near), ("L1", &house.far)] {
            away["lot"] = json!(lot);
            away["from_location_id"] = json!(from);
            away["to_location_id"] = json!(house.van);
            let refused = house.person.post(MOVEMENTS, &away).await;
            assert!(refused.code() == "shortage" || refused.field() == "lot", "{}", refused.body);
        }
        away["lot"] = json!(null);
        away["from_location_id"] = json!(house.near);
        let moved = house.person.post(MOVEMENTS, &away).await;
        assert_eq!(moved.body["recorded"], 2, "five of what expires first, and one of the other");
        let lots = items(&house.person, &moved.location.unwrap()).await;
        assert_eq!((lots[0]["quantity"].as_i64(), &lots[0]["lot_id"]), (Some(1), &first["lot_id"]));
        books_are_right(&server).await;
    }

    async fn an_old_piece_without_a_number_is_named_when_it_is_graded(server: Server) {
        let house = warehouse(&server).await;
        let mut new = new_part("BOARD");
        (new["tracking"], new["returnable"]) = (json!("serial"), json!(true));
        let board = added(&house.person, "/api/v1/parts", &new).await;
        crate::stock_keeping::used(&server, &house, &board, "").await;
        let old = items(&house.person, "/api/v1/used-part-returns").await;
        let path = format!("/api/v1/used-part-returns/{}", old[0]["id"].as_str().unwrap());
        house.person.post(&format!("{path}/receive"), &json!({"location_id": house.near})).await.ok();
        assert_eq!(house.person.post(&format!("{path}/grade"), &json!({"grade": "repair"})).await.field(), "serials");
        let graded = house.person.post(&format!("{path}/grade"), &json!({"grade": "repair", "serials": ["OLD-7"]})).await.ok();
        assert_eq!((graded["status"].as_str(), graded["serial"].as_str()), (Some("graded"), Some("OLD-7")));
        books_are_right(&server).await;
    }

    async fn a_swap_on_a_phone_writes_both_numbers_to_the_asset(server: Server) {
        let anna = engineer(&server, "E-7").await;
        let office = server.log_in(Role::Dispatcher).await;
        let house = warehouse(&server).await;
        let van = json!({"kind": "van", "code": "V-7", "name": "Van of E-7", "engineer_id": anna});
        let van = added(&house.person, "/api/v1/stock-locations", &van).await;
        let board = boards(&house, &["Z1", "Z2"]).await;
        house.person.post(MOVEMENTS, &transfer(&board, &house.near, &van, &["Z1"])).await.ok();
        let id = assigned(&server, &office, &anna).await;
        let asset = office.get(&format!("/api/v1/tickets/{id}")).await.ok()["asset_id"].as_str().unwrap().to_owned();
        let parts = format!("/api/v1/assets/{asset}/parts");
        assert_eq!(items(&office, &parts).await.len(), 0);

        let mut phone = Handset::new(&server, &anna, "android").await;
        let mut swap = async |serial: &str, removed: Option<&str>| {
            let now = phone.now();
            let used = PartUse { part_id: board.clone(), quantity: 1, serial: Some(serial.to_owned()),
                removed_serial: removed.map(str::to_owned), outcome: PartOutcome::Used };
            phone.device.use_part(&now, &id, &used).unwrap();
            phone.sync().await;
            assert!(phone.device.troubles().unwrap().is_empty());
        };
        swap("z1", Some("OLD-1")).await;
        let inside = items(&office, &parts).await;
        assert_eq!((inside.len(), inside[0]["number"].as_str(), inside[0]["part_number"].as_str()), (1, Some("Z1"), Some("BOARD")));
        let back = items(&house.person, "/api/v1/used-part-returns?status=expected").await;
        assert_eq!((back.len(), back[0]["serial"].as_str(), back[0]["asset_id"].as_str()), (1, Some("OLD-1"), Some(asset.as_str())));

        // The books have it on the shelf of a depot: it came from there, and somebody should look.
        swap("Z2", Some("Z1")).await;
        let inside = items(&office, &parts).await;
        assert_eq!((inside.len(), inside[0]["number"].as_str()), (1, Some("Z2")));
        let stock = items(&house.person, &format!("/api/v1/stock?part_id={board}")).await;
        assert!(stock.iter().all(|row| row["on_hand"] == 0), "{stock:?}");
        let kinds: Vec<String> = server.app.db.read(|c| {
            Ok::<_, db::Error>(conflict_cards::table.select(conflict_cards::kind).load(c)?)
        }).await.unwrap();
        assert_eq!(kinds, ["piece_elsewhere"]);
        assert_eq!(office.get(&format!("/api/v1/assets/{NOBODY}/parts")).await.status, StatusCode::NOT_FOUND);
        books_are_right(&server).await;
    }

    async fn nothing_comes_to_what_is_not_in_use(server: Server) {
        let house = warehouse(&server).await;
        let bin = json!({"kind": "bin", "code": "D-1/A", "name": "Shelf A", "parent_id": house.near});
        let bin = added(&house.person, "/api/v1/stock-locations", &bin).await;
        let path = format!("/api/v1/stock-locations/{}", house.near);
        let etag = house.person.get(&path).await.etag.unwrap();
        house.person.patch(&path, &etag, &json!({"active": false})).await.ok();
        let receipt = |part: &str, to: &str| json!({"kind": "receive", "part_id": part, "quantity": 1, "to_location_id": to});
        for place in [&house.near, &bin] {
            assert_eq!(house.person.post(MOVEMENTS, &receipt(&house.part, place)).await.field(), "to_location_id");
        }
        let open = format!("/api/v1/stock-locations/{bin}");
        let etag = house.person.get(&open).await.etag.unwrap();
        assert_eq!(house.person.patch(&open, &etag, &json!({"active": true})).await.field(), "active");
        let part = format!("/api/v1/parts/{}", house.part);
        let etag = house.person.get(&part).await.etag.unwrap();
        house.person.patch(&part, &etag, &json!({"active": false})).await.ok();
        assert_eq!(house.person.post(MOVEMENTS, &receipt(&house.part, &house.far)).await.field(), "part_id");
    }
}
