//! Two servers on one database: what each promises holds for both.

use db::testing::{Backend, block_on};
use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::auth::Role;

use crate::harness::{Person, Server, send};
use crate::tickets::{engineer, lift, new_ticket};

/// How often a race is run: each of these was lost within a few rounds.
const ROUNDS: usize = 20;

/// The same dispatcher at both.
async fn at_both(server: &Server, other: &Server) -> [Person; 2] {
    [server.log_in(Role::Dispatcher).await, other.log_in(Role::Dispatcher).await]
}

fn manual(lift: &str) -> Value {
    let mut new = new_ticket(lift);
    new["dispatch"] = json!("manual");
    new
}

async fn opened(person: &Person, new: &Value) -> String {
    person.post("/api/v1/tickets", new).await.ok()["id"].as_str().unwrap().to_owned()
}

/// So much of a new part at a depot.
async fn stocked(person: &Person, quantity: i64) -> String {
    let id = |made: Value| made["id"].as_str().unwrap().to_owned();
    let part = id(person.post("/api/v1/parts", &json!({"number": "P-1", "name": "Belt"})).await.ok());
    let depot =
        json!({"kind": "depot", "code": "D-1", "name": "Depot", "latitude": 40.749, "longitude": -73.98});
    let depot = id(person.post("/api/v1/stock-locations", &depot).await.ok());
    let come = json!({"kind": "receive", "part_id": part, "quantity": quantity, "to_location_id": depot});
    person.post("/api/v1/stock-movements", &come).await.ok();
    part
}

#[test]
fn one_key_sent_to_both_at_once_opens_one_ticket() {
    block_on(async {
        let server = Server::fresh(Backend::Postgres);
        let other = server.another().await;
        let (people, lift) = (at_both(&server, &other).await, lift(&server).await);
        for round in 0..ROUNDS {
            let ask = |person: &Person| {
                let request = person.request(Method::POST, "/api/v1/tickets");
                send(request.header("idempotency-key", format!("k{round}")).json(&manual(&lift)))
            };
            let answers = join_all([&people[0], &people[1], &people[0], &people[1]].map(ask)).await;
            assert!(answers.iter().all(|a| a.status == StatusCode::CREATED), "{answers:?}");
            assert!(answers.iter().all(|a| a.body["id"] == answers[0].body["id"]));
        }
    });
}

#[test]
fn a_ticket_that_one_cancels_keeps_no_part_that_the_other_reserves() {
    block_on(async {
        let server = Server::fresh(Backend::Postgres);
        let other = server.another().await;
        let ([here, there], lift) = (at_both(&server, &other).await, lift(&server).await);
        let part = stocked(&here, 1_000).await;
        for _ in 0..ROUNDS {
            let id = opened(&here, &manual(&lift)).await;
            let (path, cancel) =
                (format!("/api/v1/tickets/{id}/events"), json!({"kind": "cancel", "reason": "x"}));
            let wish = json!({"ticket_id": id, "part_id": part, "quantity": 1});
            let (cancelled, reserved) =
                tokio::join!(here.post(&path, &cancel), there.post("/api/v1/reservations", &wish));
            cancelled.ok();
            assert!(reserved.status.is_success() || reserved.code() == "ticket_ended");
            let held = here.get(&format!("/api/v1/reservations?ticket_id={id}&status=held")).await.ok();
            assert_eq!(held["items"], json!([]));
        }
    });
}

#[test]
fn nothing_fails_when_both_open_and_cancel_tickets_for_the_same_people_and_parts() {
    block_on(async {
        let server = Server::fresh(Backend::Postgres);
        for n in 0..4 {
            engineer(&server, &format!("E-{n}")).await;
        }
        let other = server.another().await;
        let (people, lift) = (at_both(&server, &other).await, lift(&server).await);
        let mut new = new_ticket(&lift);
        new["needed_parts"] = json!([{"part_id": stocked(&people[0], 1_000).await, "quantity": 1}]);
        let there_and_back = |n: usize| {
            let (person, new) = (people[n % 2].clone(), new.clone());
            async move {
                let id = opened(&person, &new).await;
                let cancel = json!({"kind": "cancel", "reason": "x"});
                person.post(&format!("/api/v1/tickets/{id}/events"), &cancel).await.ok();
            }
        };
        join_all((0..80).map(there_and_back)).await;
        let loads = server.app.db.read(server::schedule::load::verify).await.unwrap();
        assert!(loads.is_empty(), "{loads:?}");
        let stock = server.app.db.read(inventory::verify).await.unwrap();
        assert!(stock.is_empty(), "{stock:?}");
    });
}
