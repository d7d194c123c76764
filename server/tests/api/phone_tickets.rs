//! Tickets as phones take and make them: of those who claim one it is the first who has it, and what is found to be
//! needed on site is opened as the office would.

use std::time::Duration;

use db::both_backends;
use futures_util::future::join_all;
use serde_json::{Value, json};
use server::auth::Role;

use crate::harness::{Person, Server};
use crate::phone::{Phone, new_id};
use crate::sync::assigned;
use crate::tickets::{engineer, lift, new_ticket};

/// How often the race is run.
const ROUNDS: usize = 10;

async fn unassigned(office: &Person, lift: &str) -> String {
    let mut new = new_ticket(lift);
    new["dispatch"] = json!("manual");
    office.post("/api/v1/tickets", &new).await.ok()["id"].as_str().unwrap().to_owned()
}

/// Waits until dispatch, which remembers everybody, has heard of this row.
async fn known_to_dispatch(server: &Server, entity: &'static str, id: String) {
    let version = server.app.db.read(move |conn| db::changes::version(conn, entity, &id)).await.unwrap();
    let heard = async {
        while server.app.live.cursor() < version {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), heard).await.expect("dispatch hears of it");
}

both_backends! {
    async fn of_many_who_claim_at_once_over_two_servers_exactly_one_has_the_ticket(server: Server) {
        let other = server.another().await;
        let office = server.log_in(Role::Dispatcher).await;
        let lift = lift(&server).await;
        let mut phones = Vec::new();
        for n in 0..4 {
            let engineer_id = engineer(&server, &format!("E-{n}")).await;
            let phone = Phone::new(&server, &engineer_id).await;
            // Half of them talk to the other server.
            let base = if n % 2 == 0 { server.base.clone() } else { other.base.clone() };
            phones.push((engineer_id, Phone { base, ..phone }));
        }
        for round in 0..ROUNDS {
            let id = unassigned(&office, &lift).await;
            let results: Vec<Value> = join_all(phones.iter_mut().map(|(_, phone)| phone.act(&id, "claim"))).await;
            let won: Vec<usize> = (0..4).filter(|n| results[*n]["result"] == "applied").collect();
            assert_eq!(won.len(), 1, "round {round}: {results:?}");
            for (n, result) in results.iter().enumerate().filter(|(n, _)| *n != won[0]) {
                assert_eq!((&result["result"], &result["why"]), (&json!("conflict"), &json!("already_taken")), "{n}: {result}");
                assert!(result["conflict"].is_string(), "and the office has a card");
            }
            let told = office.get(&format!("/api/v1/tickets/{id}")).await.ok();
            assert_eq!((&told["engineer_id"], &told["status"]), (&json!(phones[won[0]].0), &json!("accepted")));
            let assignments = office.get(&format!("/api/v1/tickets/{id}/assignments")).await.ok();
            assert_eq!(assignments["items"].as_array().unwrap().len(), 1);
            for (n, (_, phone)) in phones.iter().enumerate() {
                let holds = phone.rows("tickets").await.iter().any(|ticket| ticket["id"] == id.as_str());
                assert_eq!(holds, n == won[0], "phone {n} in round {round}");
            }
            office.post(&format!("/api/v1/tickets/{id}/events"), &json!({"kind": "cancel", "reason": "next round"})).await.ok();
        }
    }

    async fn what_a_loser_did_on_the_ticket_is_kept_and_not_applied(server: Server) {
        let (anna, ben) = (engineer(&server, "E-1").await, engineer(&server, "E-2").await);
        let office = server.log_in(Role::Dispatcher).await;
        let id = unassigned(&office, &lift(&server).await).await;
        let (mut hers, mut his) = (Phone::new(&server, &anna).await, Phone::new(&server, &ben).await);
        assert_eq!(hers.act(&id, "claim").await["result"], "applied");
        // He claimed and worked in a cellar, and comes second.
        for (kind, why) in [("claim", "already_taken"), ("travel", "not_yours"), ("complete", "not_yours")] {
            let told = his.act(&id, kind).await;
            assert_eq!((&told["result"], &told["why"]), (&json!("conflict"), &json!(why)));
        }
        let cards = office.get(&format!("/api/v1/conflict-cards?ticket_id={id}")).await.ok()["items"].clone();
        assert_eq!((cards.as_array().unwrap().len(), cards[0]["entries"].as_array().unwrap().len()), (1, 3));
        assert_eq!(office.get(&format!("/api/v1/tickets/{id}")).await.ok()["status"], "accepted");
        assert_eq!(hers.act(&id, "complete").await["result"], "applied");
    }

    async fn a_ticket_made_on_site_is_opened_as_the_office_would_and_once(server: Server) {
        let anna = engineer(&server, "E-1").await;
        let office = server.log_in(Role::Dispatcher).await;
        let first = assigned(&server, &office, &anna).await;
        let mut phone = Phone::new(&server, &anna).await;
        let held = phone.rows("tickets").await.remove(0);
        let (id, asset) = (new_id(), held["asset_id"].clone());
        let made = json!({"c": "tickets", "id": id, "set": {"title": "Door of lift 3 too", "asset_id": asset, "priority": 2, "description": "seen on the way out"}});
        assert_eq!(phone.push(made.clone()).await["result"], "applied");
        assert_eq!(phone.push(made).await["result"], "duplicate");
        let opened = office.get(&format!("/api/v1/tickets/{id}")).await.ok();
        assert_eq!((&opened["title"], &opened["kind"], &opened["priority"]), (&json!("Door of lift 3 too"), &json!("repair"), &json!(2)));
        assert_eq!((&opened["engineer_id"], &opened["status"]), (&json!(anna), &json!("assigned")), "she is the best to take it");
        assert!(opened["number"].as_i64() > held["number"].as_i64() && opened["due_at"].is_i64());
        let tickets = office.get("/api/v1/tickets").await.ok()["items"].clone();
        assert_eq!(tickets.as_array().unwrap().len(), 2);
        assert!(phone.rows("tickets").await.iter().any(|ticket| ticket["id"] == id.as_str()));
        assert_eq!(phone.act(&id, "start").await["result"], "applied");
        assert_eq!(phone.act(&first, "accept").await["result"], "applied");
    }

    async fn a_ticket_made_on_site_that_goes_to_somebody_else_is_taken_off_the_phone(server: Server) {
        let anna = engineer(&server, "E-1").await;
        let office = server.log_in(Role::Dispatcher).await;
        assigned(&server, &office, &anna).await;
        let mut phone = Phone::new(&server, &anna).await;
        let site = phone.rows("sites").await.remove(0)["id"].clone();
        let away = json!({"starts_at": db::testing::START.plus_minutes(-60).millis(), "ends_at": db::testing::START.plus_minutes(10_000).millis(), "reason": "off"});
        let absence = office.post(&format!("/api/v1/engineers/{anna}/absences"), &away).await.ok()["id"].as_str().unwrap().to_owned();
        known_to_dispatch(&server, "absences", absence).await;
        let before = phone.pull().await.ok()["cursor"].as_i64().unwrap();
        let id = new_id();
        let made = json!({"c": "tickets", "id": id, "set": {"title": "Light out", "site_id": site, "kind": "inspection"}});
        assert_eq!(phone.push(made).await["result"], "applied");
        assert_eq!(office.get(&format!("/api/v1/tickets/{id}")).await.ok()["status"], "new", "she is off, and there is nobody else");
        let pull = json!({"cursor": before, "schema": 1});
        let news = crate::harness::send(phone.request(reqwest::Method::POST, "/pull").json(&pull)).await.ok();
        let told = news["changes"].as_array().unwrap().iter().find(|change| change["id"] == id.as_str());
        assert_eq!(told.unwrap()["op"], "remove", "{news}");
    }

    async fn a_ticket_at_a_place_that_the_phone_does_not_hold_or_without_a_name_is_kept_and_not_opened(server: Server) {
        let (anna, ben) = (engineer(&server, "E-1").await, engineer(&server, "E-2").await);
        let office = server.log_in(Role::Dispatcher).await;
        assigned(&server, &office, &anna).await;
        let (mut hers, mut his) = (Phone::new(&server, &anna).await, Phone::new(&server, &ben).await);
        let site = hers.rows("sites").await.remove(0)["id"].clone();
        let stranger = his.push(json!({"c": "tickets", "set": {"title": "x", "site_id": site}})).await;
        assert_eq!((&stranger["result"], &stranger["why"]), (&json!("rejected_kept"), &json!("unknown_site")));
        for (set, why) in [
            (json!({"title": "x"}), "unknown_site"),
            (json!({"title": " ", "site_id": site}), "bad_ticket"),
            (json!({"title": "x", "site_id": site, "priority": "high"}), "bad_ticket"),
            (json!({"title": "x", "site_id": site, "priority": 9}), "bad_ticket"),
            (json!({"title": "x", "site_id": site, "engineer_id": ben}), "wrong_engineer"),
        ] {
            let told = hers.push(json!({"c": "tickets", "set": set})).await;
            assert_eq!((&told["result"], &told["why"]), (&json!("rejected_kept"), &json!(why)), "{set}");
        }
        assert_eq!(office.get("/api/v1/tickets").await.ok()["items"].as_array().unwrap().len(), 1);
    }
}
