//! Duplicates: merged, shown with the ticket that goes on, refused where that would hide work, and undone.

use db::both_backends;
use db::types::TicketId;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::auth::Role;

use crate::harness::{Answer, Person, Server, send};
use crate::tickets::{engineer, lift, new_ticket};

async fn open(person: &Person, lift: &str, dispatch: &str) -> Value {
    let mut new = new_ticket(lift);
    new["dispatch"] = json!(dispatch);
    person.post("/api/v1/tickets", &new).await.ok()
}

fn path(ticket: &Value) -> String {
    format!("/api/v1/tickets/{}", ticket["id"].as_str().unwrap())
}

async fn merge(person: &Person, ticket: &Value, into: &Value) -> Answer {
    person.post(&format!("{}/merge", path(ticket)), &json!({"into_id": into["id"]})).await
}

/// The id of the ticket into which it was merged.
async fn into(person: &Person, ticket: &Value) -> Value {
    person.get(&format!("{}/duplicates", path(ticket))).await.ok()["into"]["id"].clone()
}

async fn step(person: &Person, ticket: &Value, kind: &str) {
    let event = json!({"kind": kind, "reason": "for the test"});
    person.post(&format!("{}/events", path(ticket)), &event).await.ok();
}

both_backends! {
    async fn a_duplicate_is_cancelled_and_its_notes_are_shown_with_the_one_that_goes_on(server: Server) {
        let one = engineer(&server, "E1").await;
        let (office, lift) = (server.log_in(Role::Dispatcher).await, lift(&server).await);
        let (goes_on, second) = (open(&office, &lift, "manual").await, open(&office, &lift, "auto").await);
        assert_eq!(second["engineer_id"], one);
        office.post(&format!("{}/notes", path(&second)), &json!({"text": "the porter has the key"})).await.ok();
        let merged = merge(&office, &second, &goes_on).await.ok();
        assert_eq!(merged["status"], "cancelled");
        assert_eq!(into(&office, &second).await, goes_on["id"]);
        let given = office.get(&format!("/api/v1/engineers/{one}")).await.ok();
        assert_eq!(given["in_hand"]["tickets"], 0, "his hands are free");
        let shown = office.get(&format!("{}/duplicates", path(&goes_on))).await.ok();
        assert_eq!(shown["duplicates"][0]["id"], second["id"]);
        let notes = office.get(&format!("{}/notes", path(&goes_on))).await.ok();
        assert_eq!(notes["items"][0]["text"], "the porter has the key");
        assert_eq!(notes["items"][0]["ticket_id"], second["id"]);
        let history = office.get(&format!("{}/history", path(&second))).await.ok();
        assert!(history.to_string().contains(&format!("Duplicate of {}", goes_on["number"])), "{history}");
    }

    async fn a_duplicate_of_a_duplicate_is_shown_with_the_last_one(server: Server) {
        let (office, lift) = (server.log_in(Role::Dispatcher).await, lift(&server).await);
        let mut all = Vec::new();
        for _ in 0..3 {
            all.push(open(&office, &lift, "manual").await);
        }
        merge(&office, &all[0], &all[1]).await.ok();
        merge(&office, &all[1], &all[2]).await.ok();
        let shown = office.get(&format!("{}/duplicates", path(&all[2]))).await.ok();
        let ids: Vec<&Value> = shown["duplicates"].as_array().unwrap().iter().map(|one| &one["id"]).collect();
        assert_eq!(ids, [&all[0]["id"], &all[1]["id"]]);
        office.post("/api/v1/dispatch/undo", &json!({})).await.ok();
        assert_eq!(into(&office, &all[1]).await, Value::Null, "it stands for itself");
        merge(&office, &all[2], &all[1]).await.ok();
        let shown = office.get(&format!("{}/duplicates", path(&all[1]))).await.ok();
        assert_eq!(shown["duplicates"].as_array().unwrap().len(), 2);
    }

    async fn what_would_hide_work_is_refused(server: Server) {
        let one = engineer(&server, "E1").await;
        let (office, here, there) =
            (server.log_in(Role::Dispatcher).await, lift(&server).await, lift(&server).await);
        let field = server.log_in_as("field", Role::Engineer, Some(&one)).await;
        let (goes_on, busy) = (open(&office, &here, "manual").await, open(&office, &here, "auto").await);
        let elsewhere = open(&office, &there, "manual").await;
        let nobody = json!({"id": TicketId::new()});
        assert_eq!(merge(&office, &goes_on, &goes_on).await.field(), "into_id");
        assert_eq!(merge(&office, &goes_on, &nobody).await.field(), "into_id");
        assert_eq!(merge(&office, &nobody, &goes_on).await.status, StatusCode::NOT_FOUND);
        assert_eq!(merge(&office, &elsewhere, &goes_on).await.code(), "merge_elsewhere");
        for kind in ["accept", "travel", "arrive", "start"] {
            step(&field, &busy, kind).await;
        }
        assert_eq!(merge(&office, &busy, &goes_on).await.code(), "merge_in_work");
        let meant = json!({"into_id": goes_on["id"], "elsewhere": true});
        office.post(&format!("{}/merge", path(&elsewhere)), &meant).await.ok();
        assert_eq!(merge(&office, &elsewhere, &goes_on).await.code(), "ticket_ended");
        step(&office, &goes_on, "cancel").await;
        let late = open(&office, &here, "manual").await;
        assert_eq!(merge(&office, &late, &goes_on).await.code(), "merge_into_ended");
        let more = json!({"into_id": late["id"], "force": true});
        assert_eq!(office.post(&format!("{}/merge", path(&late)), &more).await.field(), "force");
    }

    async fn a_merge_is_undone_and_done_again(server: Server) {
        let one = engineer(&server, "E1").await;
        let (office, lift) = (server.log_in(Role::Dispatcher).await, lift(&server).await);
        let (goes_on, second) = (open(&office, &lift, "manual").await, open(&office, &lift, "auto").await);
        merge(&office, &second, &goes_on).await.ok();
        office.post("/api/v1/dispatch/undo", &json!({})).await.ok();
        let back = office.get(&path(&second)).await.ok();
        assert_eq!((&back["status"], &back["engineer_id"]), (&json!("assigned"), &json!(one)));
        assert_eq!(into(&office, &second).await, Value::Null);
        office.post("/api/v1/dispatch/redo", &json!({})).await.ok();
        assert_eq!(into(&office, &second).await, goes_on["id"]);
    }

    async fn what_is_still_to_be_done_and_who_watches_go_over(server: Server) {
        let (office, lift) = (server.log_in(Role::Dispatcher).await, lift(&server).await);
        let (goes_on, second) = (open(&office, &lift, "manual").await, open(&office, &lift, "manual").await);
        let mut ids = Vec::new();
        for text in ["Send the motor", "Call the porter"] {
            let task = json!({"department": "Warehouse", "text": text, "required": true});
            ids.push(office.post(&format!("{}/tasks", path(&second)), &task).await.ok()["id"].clone());
        }
        office.post(&format!("/api/v1/tasks/{}/done", ids[0].as_str().unwrap()), &json!({"done": true})).await.ok();
        office.post(&format!("{}/notes", path(&second)), &json!({"text": "so I watch it"})).await.ok();
        let merge = || {
            let request = office.request(Method::POST, &format!("{}/merge", path(&second)));
            send(request.header("idempotency-key", "m1").json(&json!({"into_id": goes_on["id"]})))
        };
        let first = merge().await;
        let again = merge().await;
        assert_eq!((again.replayed, &again.body), (true, &first.ok()));
        let tasks = office.get(&format!("{}/tasks", path(&goes_on))).await.ok();
        let tasks: Vec<&Value> = tasks["items"].as_array().unwrap().iter().map(|one| &one["id"]).collect();
        assert_eq!(tasks, [&ids[1]], "what is done stays where it was done");
        let readers = office.get(&format!("{}/readers", path(&goes_on))).await.ok();
        let watches = |one: &Value| one["login"] == "dispatcher-1" && one["watches"] == true;
        assert!(readers["items"].as_array().unwrap().iter().any(watches), "{readers}");
    }

    async fn an_urgent_ticket_is_not_hidden_in_one_that_can_wait_unless_that_is_meant(server: Server) {
        let (office, lift) = (server.log_in(Role::Dispatcher).await, lift(&server).await);
        let [urgent, waits] = [1, 4].map(|priority| {
            let mut new = new_ticket(&lift);
            new["priority"] = json!(priority);
            new["dispatch"] = json!("manual");
            new
        });
        let urgent = office.post("/api/v1/tickets", &urgent).await.ok();
        let waits = office.post("/api/v1/tickets", &waits).await.ok();
        assert_eq!(merge(&office, &urgent, &waits).await.code(), "merge_less_urgent");
        let meant = json!({"into_id": waits["id"], "less_urgent": true});
        office.post(&format!("{}/merge", path(&urgent)), &meant).await.ok();
        assert_eq!(into(&office, &urgent).await, waits["id"]);
    }

    async fn an_engineer_is_shown_nothing_of_another_place(server: Server) {
        let one = engineer(&server, "E1").await;
        let (office, here, there) =
            (server.log_in(Role::Dispatcher).await, lift(&server).await, lift(&server).await);
        let field = server.log_in_as("field", Role::Engineer, Some(&one)).await;
        let his = open(&office, &here, "auto").await;
        for lift in [&here, &there] {
            let duplicate = open(&office, lift, "manual").await;
            office.post(&format!("{}/notes", path(&duplicate)), &json!({"text": lift})).await.ok();
            let meant = json!({"into_id": his["id"], "elsewhere": true});
            office.post(&format!("{}/merge", path(&duplicate)), &meant).await.ok();
        }
        for (who, sees) in [(&office, 2), (&field, 1)] {
            for (list, items) in [("duplicates", "duplicates"), ("notes", "items")] {
                let shown = who.get(&format!("{}/{list}", path(&his))).await.ok();
                assert_eq!(shown[items].as_array().unwrap().len(), sees, "{shown}");
            }
        }
    }
}
