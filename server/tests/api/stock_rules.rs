//! What the stock's routes refuse, and what they remember: limits of an engineer, places that close, days that cannot
//! be, what lies in the tray, versions of levels.

use db::both_backends;
use db::testing::START;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::auth::Role;

use crate::harness::{Person, Server, send};
use crate::inventory::{NOBODY, Warehouse, added, books_are_right, new_part, warehouse};

const MOVEMENTS: &str = "/api/v1/stock-movements";

async fn items(person: &Person, path: &str) -> Vec<Value> {
    person.get(path).await.ok()["items"].as_array().unwrap().clone()
}

/// The engineer who has the house's ticket.
async fn eve(server: &Server, house: &Warehouse) -> Person {
    let office = server.log_in(Role::Dispatcher).await;
    let ticket = office.get(&format!("/api/v1/tickets/{}", house.ticket)).await.ok();
    server.log_in_as("eve", Role::Engineer, ticket["engineer_id"].as_str()).await
}

/// A part that is followed by lot, some of which came in.
async fn lots(
    house: &Warehouse,
    lot: &str,
    expires_on: Option<&str>,
    quantity: i64,
) -> crate::harness::Answer {
    let grease = items(&house.person, "/api/v1/parts?q=P-LOT").await;
    let id = match grease.first() {
        Some(part) => part["id"].as_str().unwrap().to_owned(),
        None => {
            let mut new = new_part("P-LOT");
            new["tracking"] = json!("lot");
            added(&house.person, "/api/v1/parts", &new).await
        }
    };
    let body = json!({"kind": "receive", "part_id": id, "quantity": quantity, "to_location_id": house.near,
        "lot": lot, "expires_on": expires_on});
    house.person.post(MOVEMENTS, &body).await
}

both_backends! {
    async fn an_engineer_reserves_what_his_ticket_needs_or_probably_needs_and_no_more(server: Server) {
        let house = warehouse(&server).await;
        house.receive(&house.near, 9).await;
        let eve = eve(&server, &house).await;
        let path = format!("/api/v1/tickets/{}/reservations", house.ticket);
        let wish = |quantity: i64| json!({"parts": [{"part_id": house.part, "quantity": quantity}]});
        let refused = eve.post(&path, &wish(1)).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "more_than_needed"), "nobody says it needs any");
        let say = json!({"ticket_kind": "repair", "part_id": house.part, "quantity": 2, "probability": 0.5});
        house.person.post("/api/v1/part-needs", &say).await.ok();
        server.app.board.catch_up(&server.app.db).await.unwrap();
        assert_eq!(eve.post(&path, &wish(3)).await.code(), "more_than_needed");
        eve.post(&path, &wish(1)).await.ok();
        let refused = eve.post(&path, &wish(2)).await;
        assert_eq!((&refused.body["facts"]["needed"], &refused.body["facts"]["wanted"]), (&json!(1), &json!(2)), "he has one");
        let office = server.log_in(Role::Dispatcher).await;
        office.post(&path, &wish(5)).await.ok();
        books_are_right(&server).await;
    }

    async fn needed_parts_of_a_ticket_are_said_anew_and_then_may_be_reserved(server: Server) {
        let house = warehouse(&server).await;
        house.receive(&house.near, 9).await;
        let office = server.log_in(Role::Dispatcher).await;
        let path = format!("/api/v1/tickets/{}", house.ticket);
        let etag = office.get(&path).await.etag.unwrap();
        let need = |part: &str, quantity: i64| json!({"needed_parts": [{"part_id": part, "quantity": quantity}]});
        let faults = [
            (need(&house.part, 0), "needed_parts[0].quantity"),
            (need(NOBODY, 1), "needed_parts[0].part_id"),
            (json!({"needed_parts": [{"part_id": house.part, "quantity": 1}, {"part_id": house.part, "quantity": 1}]}), "needed_parts[1].part_id"),
        ];
        for (body, field) in faults {
            assert_eq!(office.patch(&path, &etag, &body).await.field(), field);
        }
        let changed = office.patch(&path, &etag, &need(&house.part, 3)).await.ok();
        assert_eq!(changed["needed_parts"][0]["quantity"], 3);
        let eve = eve(&server, &house).await;
        let wish = json!({"parts": [{"part_id": house.part, "quantity": 3}]});
        eve.post(&format!("{path}/reservations"), &wish).await.ok();
    }

    async fn a_place_with_stock_promises_or_orders_is_not_closed(server: Server) {
        let house = warehouse(&server).await;
        let bin = json!({"kind": "bin", "code": "D-2/A", "name": "Shelf A", "parent_id": house.far});
        let bin = added(&house.person, "/api/v1/stock-locations", &bin).await;
        let path = format!("/api/v1/stock-locations/{}", house.far);
        let close = async || {
            let etag = house.person.get(&path).await.etag.unwrap();
            house.person.patch(&path, &etag, &json!({"active": false})).await
        };
        house.receive(&bin, 2).await;
        let reserve = json!({"ticket_id": house.ticket, "part_id": house.part, "quantity": 1, "location_id": bin});
        house.person.post("/api/v1/reservations", &reserve).await.ok();
        let refused = close().await;
        assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "place_in_use"));
        let facts = &refused.body["facts"];
        assert_eq!((&facts["parts"], &facts["promises"], &facts["orders"]), (&json!(1), &json!(1), &json!(0)));
        let held = items(&house.person, "/api/v1/reservations?status=held").await;
        house.step(held[0]["id"].as_str().unwrap(), "release", &json!({})).await.ok();
        let away = json!({"kind": "transfer", "part_id": house.part, "quantity": 2, "from_location_id": bin, "to_location_id": house.near});
        house.person.post(MOVEMENTS, &away).await.ok();
        let order = json!({"supplier_name": "Bolt", "lines": [{"part_id": house.part, "location_id": house.far, "quantity": 1}]});
        let order = house.person.post("/api/v1/purchase-orders", &order).await.ok();
        assert_eq!(close().await.body["facts"]["orders"], 1);
        house.person.post(&format!("/api/v1/purchase-orders/{}/cancel", order["id"].as_str().unwrap()), &json!({})).await.ok();
        assert_eq!(close().await.ok()["active"], false);
    }

    async fn a_currency_that_is_none_and_a_day_of_another_century_are_refused(server: Server) {
        let house = warehouse(&server).await;
        let body = json!({"kind": "receive", "part_id": house.part, "quantity": 1, "to_location_id": house.near,
            "cost": {"unit_micros": 5, "currency": "XXQ"}});
        assert_eq!(house.person.post(MOVEMENTS, &body).await.field(), "cost.currency");
        let mut part = new_part("P-9");
        part["currency"] = json!("XXQ");
        assert_eq!(house.person.post("/api/v1/parts", &part).await.field(), "currency");
        for day in ["1800-01-01", "1999-12-31", "2101-01-01"] {
            assert_eq!(lots(&house, "L1", Some(day), 1).await.field(), "expires_on", "{day}");
        }
        lots(&house, "L1", Some("2100-12-31"), 1).await.ok();
    }

    async fn what_has_expired_is_on_hand_and_not_available(server: Server) {
        let house = warehouse(&server).await;
        let day = server.clock.now().millis() / 86_400_000;
        let tomorrow = inventory::orders::day_of(db::Timestamp::from_millis((day + 1) * 86_400_000)).to_string();
        lots(&house, "L1", Some(&tomorrow), 4).await.ok();
        lots(&house, "L2", None, 1).await.ok();
        let shelf = async || {
            let found = items(&house.person, &format!("/api/v1/stock?location_id={}", house.near)).await;
            ["on_hand", "available", "expired"].map(|name| found[0][name].as_i64().unwrap())
        };
        assert_eq!(shelf().await, [5, 5, 0]);
        server.clock.set(START.plus_minutes(3 * 24 * 60));
        server::housekeeping::once(&server.app).await.unwrap();
        assert_eq!(shelf().await, [5, 1, 4]);
        books_are_right(&server).await;
    }

    async fn lots_and_pieces_are_named_where_they_move_and_are_reserved(server: Server) {
        let house = warehouse(&server).await;
        lots(&house, "L1", None, 3).await.ok();
        let part = items(&house.person, "/api/v1/parts?q=P-LOT").await[0]["id"].clone();
        let moved = items(&house.person, MOVEMENTS).await;
        assert_eq!((&moved[0]["lot"], &moved[0]["serial"], &moved[0]["quantity"]), (&json!("L1"), &json!(null), &json!(3)));
        let wish = json!({"ticket_id": house.ticket, "part_id": part, "quantity": 2});
        let made = house.person.post("/api/v1/reservations", &wish).await.ok();
        let id = made["items"][0]["id"].as_str().unwrap().to_owned();
        house.step(&id, "pick", &json!({"lot": "L1"})).await.ok();
        let row = &items(&house.person, "/api/v1/reservations?status=picked").await[0];
        assert_eq!((&row["lot"], &row["serials"]), (&json!("L1"), &json!([])));
    }

    async fn what_was_picked_for_a_cancelled_ticket_is_listed_until_it_is_back(server: Server) {
        let house = warehouse(&server).await;
        house.receive(&house.near, 5).await;
        let id = house.reserved(2).await;
        house.step(&id, "pick", &json!({})).await.ok();
        let office = server.log_in(Role::Dispatcher).await;
        let cancel = json!({"kind": "cancel", "reason": "by mistake"});
        office.post(&format!("/api/v1/tickets/{}/events", house.ticket), &cancel).await.ok();
        let tray = items(&house.person, "/api/v1/put-backs").await;
        assert_eq!((tray.len(), &tray[0]["quantity"], &tray[0]["location_code"]), (1, &json!(2), &json!("D-1")));
        assert_eq!((&tray[0]["reservation_id"], &tray[0]["part_number"]), (&json!(id), &json!("P-1")));
        let path = format!("/api/v1/put-backs/{}/done", tray[0]["id"].as_str().unwrap());
        let done = house.person.post(&path, &json!({})).await.ok();
        assert!(done["done_at"].as_i64().is_some() && !done["done_by"].as_str().unwrap().is_empty());
        assert_eq!(items(&house.person, "/api/v1/put-backs").await.len(), 0);
        let nothing = house.person.post(&format!("/api/v1/put-backs/{NOBODY}/done"), &json!({})).await;
        assert_eq!(nothing.status, StatusCode::NOT_FOUND);
        books_are_right(&server).await;
    }

    async fn a_level_has_a_version_and_is_not_overwritten_unseen(server: Server) {
        let house = warehouse(&server).await;
        let put = async |minimum: i64, seen: Option<&str>| {
            let body = json!({"part_id": house.part, "location_id": house.near, "minimum": minimum, "maximum": 9});
            let request = house.person.request(Method::PUT, "/api/v1/stock-levels").json(&body);
            send(match seen { Some(tag) => request.header("if-match", tag), None => request }).await
        };
        let first = put(1, None).await;
        let tag = first.etag.clone().unwrap();
        let path = format!("/api/v1/stock-levels/{}", first.body["id"].as_str().unwrap());
        assert_eq!(house.person.get(&path).await.etag.as_deref(), Some(tag.as_str()));
        let second = put(2, Some(&tag)).await;
        assert_eq!((second.status, &second.body["minimum"]), (StatusCode::OK, &json!(2)));
        assert_eq!(put(3, Some(&tag)).await.code(), "stale");
        let remove = async |tag: &str| send(house.person.request(Method::DELETE, &path).header("if-match", tag)).await;
        assert_eq!(remove(&tag).await.code(), "stale");
        assert_eq!(house.person.get(&path).await.ok()["minimum"], 2);
        assert_eq!(remove(second.etag.as_deref().unwrap()).await.status, StatusCode::NO_CONTENT);
        assert_eq!(house.person.get(&path).await.status, StatusCode::NOT_FOUND);
    }
}
