//! Assignments in an order that nobody planned: on tickets that are over, by a claim, after a reopening, to people who
//! just came or just left.

use db::schema::changes;
use db::{Conn, both_backends};
use diesel::dsl::max;
use diesel::prelude::*;
use serde_json::{Value, json};
use server::auth::Role;
use server::error::Error;

use crate::engineers::{new_certificate, number, skill};
use crate::harness::{Person, Server};
use crate::tickets::{engineer, known_to_dispatch, lift, new_ticket};

/// A ticket that waits for a dispatcher.
async fn waiting(server: &Server) -> (Person, String) {
    let mut new = new_ticket(&lift(server).await);
    new["dispatch"] = json!("manual");
    let person = server.log_in(Role::Dispatcher).await;
    let made = person.post("/api/v1/tickets", &new).await.ok();
    let path = format!("/api/v1/tickets/{}", made["id"].as_str().unwrap());
    (person, path)
}

async fn step(person: &Person, path: &str, kind: &str) -> Value {
    person.post(&format!("{path}/events"), &json!({"kind": kind, "reason": "because"})).await.ok()
}

/// Who has the ticket by its assignments: the engineer of each that is not over.
async fn holders(person: &Person, path: &str) -> Vec<Value> {
    let all = person.get(&format!("{path}/assignments")).await.ok();
    let open = all["items"].as_array().unwrap().iter().filter(|a| a["ended_at"].is_null());
    open.map(|a| a["engineer_id"].clone()).collect()
}

/// A ticket that fills an engineer's hands goes to him at once: memory knows that they are empty.
async fn hands_are_empty(server: &Server, person: &Person, engineer: &str) {
    let last = |conn: &mut Conn| {
        Ok::<_, Error>(changes::table.select(max(changes::seq)).first::<Option<i64>>(conn)?)
    };
    known_to_dispatch(server, server.app.db.read(last).await.unwrap().unwrap()).await;
    let mut new = new_ticket(&lift(server).await);
    new["expected_minutes"] = json!(600);
    let ticket = person.post("/api/v1/tickets", &new).await.ok();
    assert_eq!(ticket["engineer_id"], engineer, "{}", ticket["queue_reasons"]);
}

both_backends! {
    async fn a_ticket_that_is_over_goes_to_nobody(server: Server) {
        let engineer = engineer(&server, "E-1").await;
        let (person, path) = waiting(&server).await;
        step(&person, &path, "cancel").await;
        for wish in [json!({}), json!({"engineer_id": engineer, "reason": "please"})] {
            let refused = person.post(&format!("{path}/assignments"), &wish).await;
            assert_eq!(refused.code(), "illegal_step.cancelled");
        }
        assert_eq!(person.get(&path).await.ok()["status"], "cancelled");
    }

    async fn who_claims_a_ticket_has_an_assignment_until_he_gives_it_up(server: Server) {
        let id = engineer(&server, "E-1").await;
        let (person, path) = waiting(&server).await;
        let eve = server.log_in_as("eve", Role::Engineer, Some(&id)).await;
        let claimed = step(&eve, &path, "claim").await;
        assert_eq!((claimed["status"].as_str(), claimed["engineer_id"].as_str()), (Some("accepted"), Some(id.as_str())));
        assert!(claimed["planned_at"].is_i64(), "{claimed}");
        assert_eq!(holders(&person, &path).await, [json!(id)]);
        let all = person.get(&format!("{path}/assignments")).await.ok();
        assert_eq!(all["items"][0]["assigned_by"], "eve");
        assert!(all["items"][0]["score_minutes"].is_f64(), "{all}");
        step(&eve, &path, "decline").await;
        assert_eq!(holders(&person, &path).await, Vec::<Value>::new());
        hands_are_empty(&server, &person, &id).await;
    }

    async fn a_reopened_ticket_has_an_assignment_again(server: Server) {
        let id = engineer(&server, "E-1").await;
        let (person, path) = waiting(&server).await;
        person.post(&format!("{path}/assignments"), &json!({})).await.ok();
        let eve = server.log_in_as("eve", Role::Engineer, Some(&id)).await;
        step(&eve, &path, "complete").await;
        step(&person, &path, "close").await;
        assert_eq!(holders(&person, &path).await, Vec::<Value>::new());
        assert_eq!(step(&person, &path, "reopen").await["status"], "assigned");
        assert_eq!(holders(&person, &path).await, [json!(id)]);
        step(&person, &path, "unassign").await;
        assert_eq!(holders(&person, &path).await, Vec::<Value>::new());
        hands_are_empty(&server, &person, &id).await;
    }

    async fn whoever_left_is_sent_nowhere_whatever_the_reason(server: Server) {
        let id = engineer(&server, "E-1").await;
        let (person, path) = waiting(&server).await;
        let engineer = format!("/api/v1/engineers/{id}");
        let etag = person.get(&engineer).await.etag.unwrap();
        person.patch(&engineer, &etag, &json!({"active": false})).await.ok();
        let wish = json!({"engineer_id": id, "reason": "please"});
        assert_eq!(person.post(&format!("{path}/assignments"), &wish).await.code(), "excluded.inactive");
    }

    async fn of_two_who_decide_at_once_the_second_hears_of_the_first(server: Server) {
        let (first, second) = (engineer(&server, "E-1").await, engineer(&server, "E-2").await);
        let (person, path) = waiting(&server).await;
        let path = format!("{path}/assignments");
        person.post(&path, &json!({"engineer_id": first})).await.ok();
        let unaware = person.post(&path, &json!({"engineer_id": second})).await;
        assert_eq!(unaware.code(), "already_assigned");
        let mistaken = person.post(&path, &json!({"engineer_id": first, "instead_of": second})).await;
        assert_eq!(mistaken.code(), "already_assigned");
        let aware = json!({"engineer_id": second, "instead_of": first});
        assert_eq!(person.post(&path, &aware).await.ok()["engineer_id"], second.as_str());
        step(&person, path.trim_end_matches("/assignments"), "unassign").await;
        let late = json!({"engineer_id": first, "instead_of": second});
        assert_eq!(person.post(&path, &late).await.code(), "changed_meanwhile");
    }

    async fn what_would_have_to_be_different_is_said_and_is_enough(server: Server) {
        skill(&server, "CRANE").await;
        let id = engineer(&server, "E-1").await;
        let person = server.log_in(Role::Dispatcher).await;
        let mut new = new_ticket(&lift(&server).await);
        new["required_skills"] = json!([{"skill": "CRANE", "level": 2}]);
        // Else the server itself may be first, once somebody holds it.
        new["dispatch"] = json!("manual");
        let ticket = person.post("/api/v1/tickets", &new).await.ok();
        assert_eq!(ticket["status"], "new", "nobody holds it");
        let path = format!("/api/v1/tickets/{}", ticket["id"].as_str().unwrap());
        for asked in [format!("{path}/counterfactuals"), format!("{path}/counterfactuals?engineer_id={id}")] {
            let found = person.get(&asked).await.ok();
            let what_if = &found["items"][0];
            assert_eq!((&what_if["code"], &what_if["engineer_id"]), (&json!("E-1"), &json!(id)), "{found}");
            assert!(what_if["sentence"].as_str().unwrap().contains("CRANE"), "{found}");
        }
        let mut certificate = new_certificate();
        certificate["skill"] = json!("CRANE");
        let made = person.post(&format!("/api/v1/engineers/{id}/certificates"), &certificate).await;
        known_to_dispatch(&server, number(&made)).await;
        let assigned = person.post(&format!("{path}/assignments"), &json!({})).await.ok();
        assert_eq!(assigned["engineer_id"], json!(id));
    }

    async fn whoever_just_came_can_be_sent_at_once(server: Server) {
        let (person, path) = waiting(&server).await;
        let new = json!({"code": "E-9", "name": "Nina", "home_latitude": 40.75, "home_longitude": -73.98});
        let made = person.post("/api/v1/engineers", &new).await.ok();
        let wish = json!({"engineer_id": made["id"], "reason": "she stands before it"});
        let assigned = person.post(&format!("{path}/assignments"), &wish).await.ok();
        assert_eq!(assigned["engineer_id"], made["id"]);
    }

    async fn nothing_is_done_before_it_was_to_be_done(server: Server) {
        let id = engineer(&server, "E-1").await;
        let (person, path) = waiting(&server).await;
        person.post(&format!("{path}/assignments"), &json!({})).await.ok();
        let eve = server.log_in_as("eve", Role::Engineer, Some(&id)).await;
        let done = eve.post(&format!("{path}/events"), &json!({"kind": "complete", "at": 0})).await.ok();
        assert_eq!(done["completed_at"], done["created_at"], "a clock that stood at 1970");
    }
}
