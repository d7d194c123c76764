//! Parts, places, movements and reservations: the warehouse's day, and what must be refused.

use db::both_backends;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::auth::Role;

use crate::harness::{Answer, Person, Server, send};
use crate::tickets::{engineer, lift, new_ticket};

/// Nobody's id.
pub const NOBODY: &str = "0198f3c2-7b00-7000-8000-000000000001";
/// Where received stock comes from: a place outside.
pub const SUPPLIER: &str = "00000000-0000-7000-8000-000000000001";

pub async fn added(person: &Person, path: &str, body: &Value) -> String {
    person.post(path, body).await.ok()["id"].as_str().unwrap().to_owned()
}

pub fn new_part(number: &str) -> Value {
    json!({"number": number, "name": "Door belt", "name_zh": "门皮带", "unit_price_micros": 12_500_000})
}

fn depot(code: &str, latitude: f64) -> Value {
    json!({"kind": "depot", "code": code, "name": code, "latitude": latitude, "longitude": -73.98})
}

/// A part, a depot near the lift and one farther away, an engineer with a van, and his ticket.
pub struct Warehouse {
    pub person: Person,
    pub part: String,
    pub near: String,
    pub far: String,
    pub van: String,
    pub ticket: String,
}

pub async fn warehouse(server: &Server) -> Warehouse {
    let engineer = engineer(server, "E-1").await;
    let person = server.log_in(Role::Warehouse).await;
    let part = added(&person, "/api/v1/parts", &new_part("P-1")).await;
    let near = added(&person, "/api/v1/stock-locations", &depot("D-1", 40.749)).await;
    let far = added(&person, "/api/v1/stock-locations", &depot("D-2", 40.80)).await;
    let van = json!({"kind": "van", "code": "V-1", "name": "Van of E-1", "engineer_id": engineer});
    let van = added(&person, "/api/v1/stock-locations", &van).await;
    let office = server.log_in(Role::Dispatcher).await;
    let ticket = added(&office, "/api/v1/tickets", &new_ticket(&lift(server).await)).await;
    Warehouse { person, part, near, far, van, ticket }
}

impl Warehouse {
    pub async fn receive(&self, to: &str, quantity: i64) {
        let body =
            json!({"kind": "receive", "part_id": self.part, "quantity": quantity, "to_location_id": to});
        self.person.post("/api/v1/stock-movements", &body).await.ok();
    }

    pub fn wish(&self, quantity: i64) -> Value {
        json!({"ticket_id": self.ticket, "part_id": self.part, "quantity": quantity})
    }

    /// Reserves; the one reservation's id.
    pub async fn reserved(&self, quantity: i64) -> String {
        let made = self.person.post("/api/v1/reservations", &self.wish(quantity)).await.ok();
        assert_eq!(made["items"].as_array().unwrap().len(), 1, "{made}");
        made["items"][0]["id"].as_str().unwrap().to_owned()
    }

    pub async fn reserve_one(&self) -> Answer {
        self.person.post("/api/v1/reservations", &self.wish(1)).await
    }

    /// On hand, reserved and available at a place.
    pub async fn stock(&self, place: &str) -> (i64, i64, i64) {
        let found =
            self.person.get(&format!("/api/v1/stock?location_id={place}&part_id={}", self.part)).await.ok();
        let count = |name: &str| found["items"][0][name].as_i64().unwrap_or(0);
        (count("on_hand"), count("reserved"), count("available"))
    }

    pub async fn step(&self, id: &str, step: &str, body: &Value) -> Answer {
        self.person.post(&format!("/api/v1/reservations/{id}/{step}"), body).await
    }
}

/// Balances are what movements and reservations sum to.
pub async fn books_are_right(server: &Server) {
    let differences = server.app.db.read(inventory::verify).await.unwrap();
    assert!(differences.is_empty(), "{differences:?}");
}

both_backends! {
    async fn a_part_is_added_found_and_changed(server: Server) {
        let person = server.log_in(Role::Warehouse).await;
        let made = person.post("/api/v1/parts", &new_part("P-1")).await;
        assert_eq!((made.status, made.body["currency"].as_str()), (StatusCode::CREATED, Some("USD")));
        let (path, etag) = (made.location.clone().unwrap(), made.etag.clone().unwrap());
        assert_eq!(person.get(&path).await.etag, made.etag);
        let dearer = person.patch(&path, &etag, &json!({"unit_price_micros": 13_000_000})).await;
        assert_eq!(dearer.body["unit_price_micros"], 13_000_000);
        assert_eq!(person.patch(&path, &etag, &json!({"name": "x"})).await.code(), "stale");
        let same = person.patch(&path, dearer.etag.as_deref().unwrap(), &json!({})).await;
        assert_eq!((same.status, &same.etag), (StatusCode::OK, &dearer.etag), "nothing changed");
        let unit = person.patch(&path, dearer.etag.as_deref().unwrap(), &json!({"decimals": 2})).await;
        assert_eq!(unit.field(), "decimals");
        for q in ["p-1", "belt", "%E7%9A%AE%E5%B8%A6"] {
            assert_eq!(person.get(&format!("/api/v1/parts?q={q}")).await.ok()["items"].as_array().unwrap().len(), 1, "{q}");
        }
        assert_eq!(person.get("/api/v1/parts?q=a%00").await.field(), "q");
        let again = person.post("/api/v1/parts", &new_part("P-1")).await;
        assert_eq!((again.status, again.field()), (StatusCode::CONFLICT, "number"));
        assert_eq!(person.get(&format!("/api/v1/parts/{NOBODY}")).await.status, StatusCode::NOT_FOUND);
    }

    async fn bad_parts_and_places_are_refused_by_field(server: Server) {
        let person = server.log_in(Role::Warehouse).await;
        let engineer = engineer(&server, "E-1").await;
        let van = json!({"kind": "van", "code": "V-1", "name": "Van", "engineer_id": engineer});
        let faults = [
            ("parts", new_part("P-1"), "number", json!("\u{0}")),
            ("parts", new_part("P-1"), "name", json!("")),
            ("parts", new_part("P-1"), "decimals", json!(7)),
            ("parts", new_part("P-1"), "unit_price_micros", json!(-1)),
            ("parts", new_part("P-1"), "currency", json!("usd")),
            ("parts", new_part("P-1"), "colour", json!("red")),
            ("stock-locations", depot("D-1", 40.75), "kind", json!("supplier")),
            ("stock-locations", depot("D-1", 40.75), "kind", json!("moon")),
            ("stock-locations", depot("D-1", 40.75), "latitude", json!(null)),
            ("stock-locations", depot("D-1", 40.75), "latitude", json!(95)),
            ("stock-locations", depot("D-1", 40.75), "engineer_id", json!(engineer)),
            ("stock-locations", van.clone(), "engineer_id", json!(null)),
            ("stock-locations", van.clone(), "engineer_id", json!(NOBODY)),
            ("stock-locations", van.clone(), "code", json!("")),
        ];
        for (kind, mut new, name, value) in faults {
            new[name] = value;
            let answer = person.post(&format!("/api/v1/{kind}"), &new).await;
            assert_eq!((answer.status, answer.field()), (StatusCode::UNPROCESSABLE_ENTITY, name), "{}", answer.body);
        }
        let mut swapped = depot("D-1", -73.98);
        swapped["longitude"] = json!(40.75);
        assert_eq!(person.post("/api/v1/stock-locations", &swapped).await.body["errors"][0]["code"], "swapped");
        person.post("/api/v1/stock-locations", &van).await.ok();
        let mut second = van;
        second["code"] = json!("V-2");
        let answer = person.post("/api/v1/stock-locations", &second).await;
        assert_eq!((answer.code(), answer.field()), ("duplicate", "engineer_id"));
        assert_eq!(person.get("/api/v1/stock-locations?kind=van").await.ok()["items"].as_array().unwrap().len(), 1);
        assert_eq!(person.get("/api/v1/stock-locations?kind=moon").await.field(), "kind");
        assert_eq!(person.get("/api/v1/parts").await.ok()["items"], json!([]));
    }

    async fn a_van_is_shown_with_its_engineer(server: Server) {
        let house = warehouse(&server).await;
        let office = server.log_in(Role::Dispatcher).await;
        assert_eq!(office.get("/api/v1/engineers").await.ok()["items"][0]["van_id"], house.van.as_str());
    }

    async fn goods_come_in_move_and_are_counted_and_the_ledger_tells_it(server: Server) {
        let house = warehouse(&server).await;
        house.receive(&house.near, 10).await;
        let mut movement = json!({
            "kind": "transfer", "part_id": house.part, "quantity": 4, "from_location_id": house.near,
            "to_location_id": house.van, "note": "for the week",
        });
        let moved = house.person.post("/api/v1/stock-movements", &movement).await;
        assert_eq!((moved.status, moved.etag.is_some()), (StatusCode::CREATED, true));
        movement["quantity"] = json!(7);
        let short = house.person.post("/api/v1/stock-movements", &movement).await;
        assert_eq!((short.status, short.code()), (StatusCode::CONFLICT, "shortage"));
        assert!(short.body["detail"].as_str().unwrap().contains("6 available"), "{}", short.body);
        let count = json!({"kind": "adjust", "part_id": house.part, "quantity": 5, "to_location_id": house.near});
        let counted = house.person.post("/api/v1/stock-movements", &count).await.ok();
        assert_eq!((counted["kind"].as_str(), counted["quantity"].as_i64()), (Some("adjust"), Some(1)));
        assert_eq!(house.person.post("/api/v1/stock-movements", &count).await.code(), "no_difference");
        assert_eq!((house.stock(&house.near).await, house.stock(&house.van).await), ((5, 0, 5), (4, 0, 4)));
        let ledger = house.person.get(&format!("/api/v1/stock-movements?part_id={}", house.part)).await.ok();
        let kinds: Vec<&str> = ledger["items"].as_array().unwrap().iter().map(|m| m["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["adjust", "transfer", "receive"]);
        let at_van = house.person.get(&format!("/api/v1/stock-movements?location_id={}", house.van)).await.ok();
        assert_eq!((at_van["items"].as_array().unwrap().len(), at_van["items"][0]["note"].as_str()), (1, Some("for the week")));
        assert_eq!(at_van["items"][0]["actor"], "warehouse-1");
        books_are_right(&server).await;
    }

    async fn a_bad_movement_is_refused_by_field_and_moves_nothing(server: Server) {
        let house = warehouse(&server).await;
        house.receive(&house.near, 10).await;
        let transfer = json!({"kind": "transfer", "part_id": house.part, "quantity": 1, "from_location_id": house.near, "to_location_id": house.van});
        let faults = [
            ("kind", json!("install"), "kind"),
            ("kind", json!("receive"), "from_location_id"),
            ("part_id", json!(NOBODY), "part_id"),
            ("quantity", json!(0), "quantity"),
            ("quantity", json!(i64::MAX), "quantity"),
            ("quantity", json!(0.5), "quantity"),
            ("from_location_id", json!(null), "from_location_id"),
            ("from_location_id", json!(NOBODY), "from_location_id"),
            ("from_location_id", json!(SUPPLIER), "from_location_id"),
            ("to_location_id", json!(NOBODY), "to_location_id"),
            ("to_location_id", json!(house.near), "to_location_id"),
            ("note", json!("\u{0}"), "note"),
        ];
        for (name, value, field) in faults {
            let mut body = transfer.clone();
            body[name] = value;
            let answer = house.person.post("/api/v1/stock-movements", &body).await;
            assert_eq!((answer.status, answer.field()), (StatusCode::UNPROCESSABLE_ENTITY, field), "{}", answer.body);
        }
        assert_eq!(house.stock(&house.near).await, (10, 0, 10));
    }

    async fn goods_received_twice_with_one_key_came_once(server: Server) {
        let house = warehouse(&server).await;
        let body = json!({"kind": "receive", "part_id": house.part, "quantity": 3, "to_location_id": house.near});
        for replayed in [false, true] {
            let request = house.person.request(Method::POST, "/api/v1/stock-movements").header("idempotency-key", "k1");
            let answer = send(request.json(&body)).await;
            assert_eq!((answer.status, answer.replayed), (StatusCode::CREATED, replayed));
        }
        assert_eq!(house.stock(&house.near).await, (3, 0, 3));
    }

    async fn a_part_is_reserved_picked_issued_and_returned(server: Server) {
        let house = warehouse(&server).await;
        house.receive(&house.near, 5).await;
        let id = house.reserved(3).await;
        assert_eq!(house.stock(&house.near).await, (5, 3, 2));
        let listed = house.person.get("/api/v1/reservations?status=held,picked").await.ok();
        let seen = &listed["items"][0];
        assert_eq!((seen["id"].as_str(), seen["part_number"].as_str()), (Some(id.as_str()), Some("P-1")));
        assert_eq!((seen["location_code"].as_str(), seen["engineer_code"].as_str()), (Some("D-1"), Some("E-1")));
        let held_until = db::testing::START.plus_minutes(server.app.config.hold_minutes);
        assert_eq!(seen["expires_at"], held_until.millis());
        assert_eq!(house.step(&id, "pick", &json!({})).await.ok()["status"], "picked");
        assert_eq!(house.step(&id, "pick", &json!({})).await.code(), "illegal_move");
        let issued = house.step(&id, "issue", &json!({})).await.ok();
        assert_eq!((issued["status"].as_str(), issued["location_id"].as_str()), (Some("handed_over"), Some(house.van.as_str())));
        assert_eq!((house.stock(&house.near).await, house.stock(&house.van).await), ((2, 0, 2), (3, 3, 0)));
        let back = house.step(&id, "return", &json!({"quantity": 1})).await;
        assert_eq!((back.status, back.body["quantity"].as_i64()), (StatusCode::CREATED, Some(1)));
        assert_eq!((house.stock(&house.near).await, house.stock(&house.van).await), ((3, 0, 3), (2, 2, 0)));
        assert_eq!(house.step(&id, "return", &json!({"quantity": 3})).await.field(), "quantity");
        assert_eq!(house.step(&id, "return", &json!({"location_id": house.far})).await.status, StatusCode::CREATED);
        assert_eq!(house.stock(&house.far).await, (2, 0, 2));
        let of_ticket = house.person.get(&format!("/api/v1/stock-movements?ticket_id={}", house.ticket)).await.ok();
        assert_eq!(of_ticket["items"].as_array().unwrap().len(), 3, "one out, two back");
        books_are_right(&server).await;
    }

    async fn what_was_reserved_by_hand_is_the_engineers_and_is_not_reserved_again(server: Server) {
        let house = warehouse(&server).await;
        house.receive(&house.near, 5).await;
        let office = server.log_in(Role::Dispatcher).await;
        let mut new = new_ticket(&lift(&server).await);
        (new["dispatch"], new["needed_parts"]) = (json!("manual"), json!([{"part_id": house.part, "quantity": 3}]));
        let ticket = added(&office, "/api/v1/tickets", &new).await;
        let wish = json!({"ticket_id": ticket, "part_id": house.part, "quantity": 2});
        let by_hand = house.person.post("/api/v1/reservations", &wish).await.ok()["items"][0]["id"].clone();
        let assigned = office.post(&format!("/api/v1/tickets/{ticket}/assignments"), &json!({})).await.ok();
        assert_eq!(assigned["shortages"], json!([]));
        assert_eq!(house.stock(&house.near).await, (5, 3, 2));
        let held = house.person.get(&format!("/api/v1/reservations?ticket_id={ticket}")).await.ok();
        let seen: Vec<_> = held["items"].as_array().unwrap().iter().map(|r| (&r["quantity"], &r["engineer_code"])).collect();
        assert_eq!(seen, [(&json!(2), &json!("E-1")), (&json!(1), &json!("E-1"))]);
        house.step(by_hand.as_str().unwrap(), "issue", &json!({})).await.ok();
        assert_eq!(house.stock(&house.van).await, (2, 2, 0));
        books_are_right(&server).await;
    }

    async fn parts_are_held_on_for_work_that_somebody_has_and_freed_for_other(server: Server) {
        let house = warehouse(&server).await;
        house.receive(&house.near, 5).await;
        let office = server.log_in(Role::Dispatcher).await;
        let mut new = new_ticket(&lift(&server).await);
        new["dispatch"] = json!("manual");
        let nobodys = added(&office, "/api/v1/tickets", &new).await;
        house.reserved(1).await;
        let wish = json!({"ticket_id": nobodys, "part_id": house.part, "quantity": 2});
        house.person.post("/api/v1/reservations", &wish).await.ok();
        let hold = server.app.config.hold_minutes;
        for days in 1..4 {
            server.clock.set(db::testing::START.plus_minutes(days * hold));
            server::housekeeping::once(&server.app).await.unwrap();
            assert_eq!(house.stock(&house.near).await, (5, 1, 4));
        }
        let status = |ticket: &str| {
            let (person, path) = (house.person.clone(), format!("/api/v1/reservations?ticket_id={ticket}"));
            async move { person.get(&path).await.ok()["items"][0]["status"].clone() }
        };
        assert_eq!((status(&house.ticket).await, status(&nobodys).await), (json!("held"), json!("expired")));
        books_are_right(&server).await;
    }

    async fn a_return_asked_for_twice_with_one_key_happens_once(server: Server) {
        let house = warehouse(&server).await;
        house.receive(&house.near, 5).await;
        let id = house.reserved(3).await;
        house.step(&id, "issue", &json!({})).await.ok();
        for replayed in [false, true] {
            let path = format!("/api/v1/reservations/{id}/return");
            let request = house.person.request(Method::POST, &path).header("idempotency-key", "k1");
            let answer = send(request.json(&json!({"quantity": 1}))).await;
            assert_eq!((answer.status, answer.replayed), (StatusCode::CREATED, replayed), "{}", answer.body);
        }
        assert_eq!(house.stock(&house.van).await, (2, 2, 0));
    }

    async fn a_released_reservation_is_free_again(server: Server) {
        let house = warehouse(&server).await;
        house.receive(&house.near, 1).await;
        let id = house.reserved(1).await;
        assert_eq!(house.step(&id, "release", &json!({})).await.ok()["status"], "released");
        assert_eq!(house.stock(&house.near).await, (1, 0, 1));
        assert_eq!(house.step(&id, "release", &json!({})).await.code(), "illegal_move");
        assert_eq!(house.step(&id, "issue", &json!({"now": true})).await.field(), "now");
        assert_eq!(house.step(NOBODY, "pick", &json!({})).await.status, StatusCode::NOT_FOUND);
    }

    async fn parts_come_from_the_van_first_then_from_the_nearest_depot(server: Server) {
        let house = warehouse(&server).await;
        for (place, quantity) in [(&house.van, 1), (&house.near, 2), (&house.far, 9)] {
            house.receive(place, quantity).await;
        }
        for (wanted, reservations, reserved) in [(3, 2, (1, 2, 0)), (2, 1, (1, 2, 2))] {
            let made = house.person.post("/api/v1/reservations", &house.wish(wanted)).await;
            assert_eq!(made.status, StatusCode::CREATED);
            assert_eq!(made.ok()["items"].as_array().unwrap().len(), reservations);
            let places = [&house.van, &house.near, &house.far];
            let held = (house.stock(places[0]).await.1, house.stock(places[1]).await.1, house.stock(places[2]).await.1);
            assert_eq!(held, reserved);
        }
        let mut there = house.wish(7);
        there["location_id"] = json!(house.far);
        house.person.post("/api/v1/reservations", &there).await.ok();
        let short = house.person.post("/api/v1/reservations", &house.wish(1)).await;
        assert_eq!((short.status, short.code()), (StatusCode::CONFLICT, "shortage"));
        books_are_right(&server).await;
    }

    async fn a_shortage_says_what_is_missing_and_reserves_nothing(server: Server) {
        let house = warehouse(&server).await;
        house.receive(&house.near, 2).await;
        let mut wish = house.wish(3);
        for location in [json!(null), json!(house.near)] {
            wish["location_id"] = location;
            let short = house.person.post("/api/v1/reservations", &wish).await;
            assert_eq!((short.status, short.code()), (StatusCode::CONFLICT, "shortage"));
            let detail = short.body["detail"].as_str().unwrap();
            assert!(detail.contains(&house.part) && detail.contains("3 of") && detail.contains("2 available"), "{detail}");
        }
        assert_eq!(house.stock(&house.near).await, (2, 0, 2));
        assert_eq!(house.person.get("/api/v1/reservations").await.ok()["items"], json!([]));
    }

    async fn a_bad_reservation_is_refused_by_field(server: Server) {
        let house = warehouse(&server).await;
        house.receive(&house.near, 2).await;
        let faults = [
            ("ticket_id", json!(NOBODY)),
            ("part_id", json!(NOBODY)),
            ("location_id", json!(NOBODY)),
            ("location_id", json!(SUPPLIER)),
            ("quantity", json!(0)),
            ("quantity", json!(-1)),
        ];
        for (name, value) in faults {
            let mut wish = house.wish(1);
            wish[name] = value;
            let answer = house.person.post("/api/v1/reservations", &wish).await;
            assert_eq!((answer.status, answer.field()), (StatusCode::UNPROCESSABLE_ENTITY, name), "{}", answer.body);
        }
        let path = format!("/api/v1/parts/{}", house.part);
        let etag = house.person.get(&path).await.etag.unwrap();
        house.person.patch(&path, &etag, &json!({"active": false})).await.ok();
        assert_eq!(house.person.post("/api/v1/reservations", &house.wish(1)).await.field(), "part_id");
        assert_eq!(house.person.get("/api/v1/reservations?status=held,lost").await.field(), "status");
        let office = server.log_in(Role::Dispatcher).await;
        let cancel = json!({"kind": "cancel", "reason": "by mistake"});
        office.post(&format!("/api/v1/tickets/{}/events", house.ticket), &cancel).await.ok();
        assert_eq!(house.person.post("/api/v1/reservations", &house.wish(1)).await.code(), "ticket_ended");
    }

    async fn the_last_piece_goes_to_one_of_many_who_want_it(server: Server) {
        let house = warehouse(&server).await;
        house.receive(&house.near, 1).await;
        let all = (0..16).map(|_| house.reserve_one());
        let codes: Vec<StatusCode> = futures_util::future::join_all(all).await.iter().map(|answer| answer.status).collect();
        assert_eq!(codes.iter().filter(|code| **code == StatusCode::CREATED).count(), 1);
        assert_eq!(codes.iter().filter(|code| **code == StatusCode::CONFLICT).count(), 15);
        books_are_right(&server).await;
    }

    async fn stock_lists_come_in_pages_that_miss_nothing(server: Server) {
        let person = server.log_in(Role::Warehouse).await;
        for n in 1..=4 {
            added(&person, "/api/v1/parts", &new_part(&format!("P-{n}"))).await;
        }
        let mut numbers = Vec::new();
        let mut after = String::new();
        loop {
            let page = person.get(&format!("/api/v1/parts?limit=2{after}")).await.ok();
            numbers.extend(page["items"].as_array().unwrap().iter().map(|p| p["number"].as_str().unwrap().to_owned()));
            let Some(next) = page["next"].as_str() else { break };
            after = format!("&after={next}");
        }
        assert_eq!(numbers, ["P-1", "P-2", "P-3", "P-4"]);
        for list in ["stock", "stock-movements", "reservations"] {
            assert_eq!(person.get(&format!("/api/v1/{list}?after=x")).await.field(), "after");
            assert_eq!(person.get(&format!("/api/v1/{list}?limit=0")).await.field(), "limit");
            assert_eq!(person.get(&format!("/api/v1/{list}")).await.ok(), json!({"items": [], "next": null}));
        }
    }
}
