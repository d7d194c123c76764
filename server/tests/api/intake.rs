//! What whoever answers the telephone hears before a ticket is opened.

use db::both_backends;
use serde_json::{Value, json};
use server::auth::Role;

use crate::engineers::skill;
use crate::harness::{Person, Server};
use crate::inventory::{NOBODY, warehouse};
use crate::shift::begun;
use crate::tickets::{engineer, lift, new_ticket};
use crate::undo::waiting;

async fn id(person: &Person, path: &str, body: Value) -> String {
    person.post(path, &body).await.ok()["id"].as_str().unwrap().to_owned()
}

/// A customer with that number, with a site that has that contact, and a lift there.
async fn customer(person: &Person, name: &str, phone: &str, contact: &str) -> (String, String) {
    let body = json!({"number": format!("C-{name}"), "name": name, "phone": phone});
    let customer = id(person, "/api/v1/customers", body).await;
    let site = json!({"customer_id": customer, "name": name, "address": "1 Main St", "latitude": 40.75, "longitude": -73.98, "contact": contact, "time_zone": "America/New_York"});
    let site = id(person, "/api/v1/sites", site).await;
    let lift = json!({"site_id": site, "number": format!("L-{name}"), "kind": "lift", "model": "X"});
    (customer, id(person, "/api/v1/assets", lift).await)
}

async fn callers(person: &Person, number: &str) -> Vec<Value> {
    let number: String = number.replace('+', "%2B").replace(' ', "%20");
    person.get(&format!("/api/v1/intake/callers?number={number}")).await.ok()["items"]
        .as_array()
        .unwrap()
        .clone()
}

async fn ask(person: &Person, new: &Value) -> Value {
    person.post("/api/v1/intake/question", new).await.ok()
}

both_backends! {
    async fn a_caller_is_found_by_his_number_however_it_is_written(server: Server) {
        let dora = server.log_in(Role::Dispatcher).await;
        let (atlas, lift) = customer(&dora, "Atlas", "+1 (212) 555-0199", "").await;
        let (plaza, _) = customer(&dora, "Plaza", "+1 212 555 7000", "Porter, 212.555.0133").await;
        for written in ["2125550199", "+1 212 555 0199", "555-0199"] {
            let found = callers(&dora, written).await;
            assert_eq!((found.len(), &found[0]["id"]), (1, &json!(atlas)), "{written}");
            assert_eq!((&found[0]["sites"][0]["assets"][0]["id"], &found[0]["sites"][0]["by_contact"]), (&json!(lift), &json!(false)));
        }
        let porter = callers(&dora, "212 555 0133").await;
        assert_eq!((&porter[0]["id"], &porter[0]["sites"][0]["by_contact"]), (&json!(plaza), &json!(true)));
        assert!(callers(&dora, "2125550198").await.is_empty());
        for bad in ["123", "%25%25%25%25", &"5".repeat(41)] {
            assert_eq!(dora.get(&format!("/api/v1/intake/callers?number={bad}")).await.field(), "number");
        }
    }

    async fn what_is_open_there_is_told_the_same_lift_first(server: Server) {
        let dora = server.log_in(Role::Dispatcher).await;
        let lift = lift(&server).await;
        let site = dora.get(&format!("/api/v1/assets/{lift}")).await.ok()["site_id"].clone();
        let mut new = new_ticket(&lift);
        new["dispatch"] = json!("manual");
        assert_eq!(ask(&dora, &new).await["open"], json!([]));
        let same = id(&dora, "/api/v1/tickets", new.clone()).await;
        let elsewhere = json!({"kind": "repair", "priority": 2, "title": "Lamp in the hall", "site_id": site, "dispatch": "manual"});
        let hall = id(&dora, "/api/v1/tickets", elsewhere.clone()).await;
        let over = id(&dora, "/api/v1/tickets", new.clone()).await;
        dora.post(&format!("/api/v1/tickets/{over}/events"), &json!({"kind": "cancel", "reason": "x"})).await.ok();
        waiting(&server, &dora, |_| {}).await;
        let open = ask(&dora, &new).await["open"].as_array().unwrap().clone();
        let told: Vec<_> = open.iter().map(|one| (one["ticket_id"].as_str().unwrap(), one["same_asset"].as_bool().unwrap())).collect();
        assert_eq!(told, [(same.as_str(), true), (hall.as_str(), false)]);
        let about_the_site = ask(&dora, &elsewhere).await;
        assert!(about_the_site["open"].as_array().unwrap().iter().all(|one| one["same_asset"] == false));
    }

    async fn the_first_free_promise_is_what_opening_the_ticket_then_does(server: Server) {
        let engineer = engineer(&server, "E-1").await;
        let dora = server.log_in(Role::Dispatcher).await;
        let new = new_ticket(&lift(&server).await);
        let said = ask(&dora, &new).await;
        assert_eq!((&said["free"]["engineer_id"], &said["free"]["grade"], &said["earliest"]), (&json!(engineer), &json!("fits"), &Value::Null));
        assert_eq!(dora.get("/api/v1/tickets").await.ok()["items"], json!([]), "asking opens nothing");
        let made = dora.post("/api/v1/tickets", &new).await.ok();
        assert_eq!((&made["engineer_id"], &made["planned_at"]), (&json!(engineer), &said["free"]["price"]["starts_at"]));
        assert_eq!(made["due_at"], said["due_at"]);
    }

    async fn who_could_come_sooner_at_a_cost_is_told_beside_it(server: Server) {
        let house = warehouse(&server).await;
        let dora = server.log_in(Role::Dispatcher).await;
        // E-1 has the part in his van and is at work; E-2 could come at once, without it.
        let with_part = dora.get(&format!("/api/v1/tickets/{}", house.ticket)).await.ok()["engineer_id"].clone();
        begun(&server, &dora, &house.ticket, with_part.as_str().unwrap()).await;
        house.receive(&house.van, 1).await;
        let without = engineer(&server, "E-2").await;
        let mut new = new_ticket(&lift(&server).await);
        new["needed_parts"] = json!([{"part_id": house.part, "quantity": 1}]);
        let said = ask(&dora, &new).await;
        let (free, sooner) = (&said["free"], &said["earliest"]);
        assert_eq!((&free["engineer_id"], &sooner["engineer_id"]), (&with_part, &json!(without)), "{said}");
        assert_eq!((&sooner["grade"], &sooner["price"]["missing_parts"]), (&json!("costs"), &json!(1)));
        assert!(sooner["price"]["starts_at"].as_i64() < free["price"]["starts_at"].as_i64());
    }

    async fn where_a_rule_excludes_everybody_nothing_is_promised(server: Server) {
        skill(&server, "CRANE").await;
        engineer(&server, "E-1").await;
        let dora = server.log_in(Role::Dispatcher).await;
        let mut new = new_ticket(&lift(&server).await);
        new["required_skills"] = json!([{"skill": "CRANE", "level": 1}]);
        let said = ask(&dora, &new).await;
        assert_eq!((&said["free"], &said["earliest"]), (&Value::Null, &Value::Null));
    }

    async fn a_question_is_checked_like_a_ticket(server: Server) {
        let dora = server.log_in(Role::Dispatcher).await;
        let mut new = new_ticket(&lift(&server).await);
        let refused = dora.post("/api/v1/intake/question", &new_ticket(NOBODY)).await;
        assert_eq!(refused.field(), "asset_id");
        new["priority"] = json!(9);
        assert_eq!(dora.post("/api/v1/intake/question", &new).await.field(), "priority");
        new["priority"] = json!(1);
        new["required_skills"] = json!([{"skill": "NONE", "level": 1}]);
        assert_eq!(dora.post("/api/v1/intake/question", &new).await.field(), "required_skills[0].skill");
    }
}
