//! All parts of a ticket, reserved by one call.

use db::both_backends;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::auth::Role;

use crate::harness::{Server, send};
use crate::inventory::{NOBODY, Warehouse, added, books_are_right, new_part, warehouse};
use crate::tickets::{known_to_dispatch, lift, new_ticket};

/// A ticket that nobody has, which needs so many of these parts.
async fn ticket(server: &Server, needs: &[(&str, i64)]) -> String {
    let office = server.log_in(Role::Dispatcher).await;
    let mut new = new_ticket(&lift(server).await);
    let need = |(part, quantity): &(&str, i64)| json!({"part_id": part, "quantity": quantity});
    (new["dispatch"], new["needed_parts"]) = (json!("manual"), needs.iter().map(need).collect());
    added(&office, "/api/v1/tickets", &new).await
}

fn path(ticket: &str) -> String {
    format!("/api/v1/tickets/{ticket}/reservations")
}

/// What an answer reserved: part, place and quantity.
fn taken(answer: &Value) -> Vec<(String, String, i64)> {
    let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    let row = |r: &Value| (text(r, "part_id"), text(r, "location_id"), r["quantity"].as_i64().unwrap());
    answer["reservations"].as_array().unwrap().iter().map(row).collect()
}

/// Another part that is nowhere in stock.
async fn other_part(house: &Warehouse) -> String {
    added(&house.person, "/api/v1/parts", &new_part("P-2")).await
}

both_backends! {
    async fn one_call_reserves_what_can_be_had_and_says_what_is_short(server: Server) {
        let house = warehouse(&server).await;
        house.receive(&house.near, 2).await;
        house.receive(&house.far, 1).await;
        let other = other_part(&house).await;
        let ticket = ticket(&server, &[(&house.part, 5), (&other, 1)]).await;
        let made = house.person.post(&path(&ticket), &json!({})).await;
        let expected = format!("/api/v1/reservations?ticket_id={ticket}");
        assert_eq!((made.status, made.location.as_deref()), (StatusCode::CREATED, Some(expected.as_str())));
        let mut all = taken(&made.body);
        all.sort_by_key(|(.., quantity)| *quantity);
        assert_eq!(all, [(house.part.clone(), house.far.clone(), 1), (house.part.clone(), house.near.clone(), 2)]);
        let mut short = made.body["shortages"].as_array().unwrap().clone();
        short.sort_by_key(|short| short["wanted"].as_i64());
        let shortage = |part: &str, wanted: i64, available: i64| json!({"part_id": part, "wanted": wanted, "available": available});
        assert_eq!(short, [shortage(&other, 1, 0), shortage(&house.part, 5, 3)]);
        books_are_right(&server).await;
    }

    async fn what_the_ticket_has_is_not_reserved_again_and_what_has_come_since_is(server: Server) {
        let house = warehouse(&server).await;
        house.receive(&house.near, 2).await;
        let ticket = ticket(&server, &[(&house.part, 3)]).await;
        let first = house.person.post(&path(&ticket), &json!({})).await.ok();
        assert_eq!(taken(&first), [(house.part.clone(), house.near.clone(), 2)]);
        house.receive(&house.near, 5).await;
        let second = house.person.post(&path(&ticket), &json!({})).await.ok();
        assert_eq!((taken(&second), &second["shortages"]), (vec![(house.part.clone(), house.near.clone(), 1)], &json!([])));
        let third = house.person.post(&path(&ticket), &json!({})).await.ok();
        assert_eq!(third, json!({"reservations": [], "shortages": []}));
        assert_eq!(house.stock(&house.near).await, (7, 3, 4));
    }

    async fn all_or_nothing_takes_nothing_if_something_is_short(server: Server) {
        let house = warehouse(&server).await;
        house.receive(&house.near, 2).await;
        let other = other_part(&house).await;
        let both = ticket(&server, &[(&house.part, 1), (&other, 1)]).await;
        let whole = json!({"all_or_nothing": true});
        let refused = house.person.post(&path(&both), &whole).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "shortage"));
        assert_eq!(house.stock(&house.near).await, (2, 0, 2));
        let one = ticket(&server, &[(&house.part, 2)]).await;
        assert_eq!(taken(&house.person.post(&path(&one), &whole).await.ok()).len(), 1);
        assert_eq!(house.stock(&house.near).await, (2, 2, 0));
    }

    async fn a_substitute_is_taken_where_the_kind_allows_it_and_counts_for_the_need(server: Server) {
        let house = warehouse(&server).await;
        house.receive(&house.near, 4).await;
        let wanted = other_part(&house).await;
        let row = json!({"substitute_id": house.part});
        house.person.post(&format!("/api/v1/parts/{wanted}/substitutes"), &row).await.ok();
        let ticket = ticket(&server, &[(&wanted, 2)]).await;
        let before = house.person.post(&path(&ticket), &json!({})).await.ok();
        assert_eq!(taken(&before), [], "not allowed");
        let admin = server.log_in(Role::Admin).await;
        let policies = "/api/v1/dispatch/policies";
        let etag = admin.get(policies).await.etag.unwrap();
        let allowed = admin.request(Method::PUT, policies).header("if-match", etag);
        let made = send(allowed.json(&json!({"general": {"substitutes": true}}))).await;
        known_to_dispatch(&server, made.etag.unwrap().trim_matches('"').parse().unwrap()).await;
        let after = house.person.post(&path(&ticket), &json!({})).await.ok();
        assert_eq!(taken(&after), [(house.part.clone(), house.near.clone(), 2)]);
        assert_eq!(after["reservations"][0]["instead_of_part_id"], json!(wanted));
        let again = house.person.post(&path(&ticket), &json!({})).await.ok();
        assert_eq!(again, json!({"reservations": [], "shortages": []}));
    }

    async fn nothing_is_reserved_for_no_ticket_or_one_that_is_over_and_a_repeated_call_counts_once(server: Server) {
        let house = warehouse(&server).await;
        house.receive(&house.near, 5).await;
        let nobodys = house.person.post(&path(NOBODY), &json!({})).await;
        assert_eq!(nobodys.status, StatusCode::NOT_FOUND);
        assert_eq!(house.person.post(&path(NOBODY), &json!({"quantity": 1})).await.status, StatusCode::UNPROCESSABLE_ENTITY);
        let open = ticket(&server, &[(&house.part, 2)]).await;
        let once = || house.person.request(Method::POST, &path(&open)).header("idempotency-key", "k").json(&json!({}));
        let first = send(once()).await.ok();
        assert_eq!(send(once()).await.ok(), first);
        assert_eq!(house.stock(&house.near).await, (5, 2, 3));
        let office = server.log_in(Role::Dispatcher).await;
        let cancel = json!({"kind": "cancel", "reason": "x"});
        office.post(&format!("/api/v1/tickets/{open}/events"), &cancel).await.ok();
        let late = house.person.post(&path(&open), &json!({})).await;
        assert_eq!((late.status, late.code()), (StatusCode::CONFLICT, "ticket_ended"));
        assert_eq!(house.stock(&house.near).await, (5, 0, 5));
    }
}
