//! Tasks for other departments: added by people and by rules, ticked off by who does them, and in the way of closing.

use db::both_backends;
use db::types::{TaskId, TicketId};
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::auth::Role;

use crate::harness::{Answer, Person, Server};
use crate::rules::{add, body, firings, on, opened, ran};
use crate::tickets::{engineer, lift, new_ticket};

/// A ticket whose work is done.
async fn completed(server: &Server) -> (Person, String) {
    let one = engineer(server, "E1").await;
    let (office, field) =
        (server.log_in(Role::Dispatcher).await, server.log_in_as("field", Role::Engineer, Some(&one)).await);
    let ticket = office.post("/api/v1/tickets", &new_ticket(&lift(server).await)).await.ok();
    let path = format!("/api/v1/tickets/{}", ticket["id"].as_str().unwrap());
    let shipment = json!({"department": "Warehouse", "text": "Send the door motor", "required": true});
    office.post(&format!("{path}/tasks"), &shipment).await.ok();
    for kind in ["accept", "travel", "arrive", "start", "complete"] {
        field.post(&format!("{path}/events"), &json!({"kind": kind})).await.ok();
    }
    (office, path)
}

async fn tasks(person: &Person, path: &str) -> Vec<Value> {
    person.get(&format!("{path}/tasks")).await.ok()["items"].as_array().unwrap().clone()
}

async fn close(person: &Person, path: &str) -> Answer {
    person.post(&format!("{path}/events"), &json!({"kind": "close"})).await
}

both_backends! {
    async fn a_ticket_is_completed_but_not_closed_while_a_task_has_to_be_done(server: Server) {
        let (office, path) = completed(&server).await;
        assert_eq!(office.get(&path).await.ok()["status"], "completed", "what was done was done");
        let optional = json!({"department": "Accounting", "text": "Say thanks"});
        office.post(&format!("{path}/tasks"), &optional).await.ok();
        let refused = close(&office, &path).await;
        assert_eq!((refused.code(), &refused.body["facts"]["tasks"]), ("tasks_open", &json!(1)));
        let open = office.get("/api/v1/tasks?department=Warehouse").await.ok();
        assert_eq!(open["items"].as_array().unwrap().len(), 1);
        assert!(open["items"][0]["ticket_number"].is_i64());
        let store = server.log_in(Role::Warehouse).await;
        let task = tasks(&store, &path).await[0].clone();
        let done = format!("/api/v1/tasks/{}/done", task["id"].as_str().unwrap());
        let ticked = store.post(&done, &json!({"done": true})).await.ok();
        assert_eq!(ticked["done_by"], store.get("/api/v1/session").await.ok()["user"]["login"]);
        let again = office.post(&done, &json!({"done": true})).await.ok();
        assert_eq!(again, ticked, "the first word stays");
        store.post(&done, &json!({"done": false})).await.ok();
        assert_eq!(close(&office, &path).await.code(), "tasks_open");
        store.post(&done, &json!({"done": true})).await.ok();
        assert_eq!(close(&office, &path).await.ok()["status"], "closed");
        let late = office.post(&format!("{path}/tasks"), &optional).await;
        assert_eq!(late.code(), "ticket_ended");
        let history = office.get(&format!("{path}/history")).await.ok().to_string();
        assert!(history.contains("Send the door motor"), "{history}");
    }

    async fn what_makes_no_sense_is_refused(server: Server) {
        let (office, path) = completed(&server).await;
        let own = format!("{path}/tasks");
        for (task, field) in [
            (json!({"text": "x"}), "department"),
            (json!({"department": " ", "text": "x"}), "department"),
            (json!({"department": "a\nb", "text": "x"}), "department"),
            (json!({"department": "a", "text": "x".repeat(501)}), "text"),
            (json!({"department": "a", "text": "x\u{202e}"}), "text"),
            (json!({"department": "a", "text": "x", "done_at": 1}), "done_at"),
        ] {
            assert_eq!(office.post(&own, &task).await.field(), field, "{task}");
        }
        let task = json!({"department": "a", "text": "x"});
        for _ in 1..50 {
            office.post(&own, &task).await.ok();
        }
        assert_eq!(office.post(&own, &task).await.code(), "too_many_tasks");
        let nowhere = format!("/api/v1/tickets/{}/tasks", TicketId::new());
        assert_eq!(office.post(&nowhere, &task).await.status, StatusCode::NOT_FOUND);
        let nothing = format!("/api/v1/tasks/{}", TaskId::new());
        assert_eq!(office.delete(&nothing).await.status, StatusCode::NOT_FOUND);
        let gone = format!("/api/v1/tasks/{}", tasks(&office, &path).await[0]["id"].as_str().unwrap());
        assert_eq!(office.delete(&gone).await.status, StatusCode::NO_CONTENT);
        assert_eq!(close(&office, &path).await.ok()["status"], "closed", "the one that had to be done is gone");
    }

    async fn a_rule_adds_a_task(server: Server) {
        let action = json!({"do": "add_task", "department": "Finance", "text": "Refund {number}", "required": true});
        add(&server, &body(on("created"), "ticket.kind == 'repair'", json!([action]))).await;
        let id = opened(&server, json!({})).await;
        assert_eq!(ran(&server).await, 1);
        let office = server.log_in(Role::Dispatcher).await;
        let path = format!("/api/v1/tickets/{id}");
        let (number, all) = (office.get(&path).await.ok()["number"].clone(), tasks(&office, &path).await);
        assert_eq!((&all[0]["text"], &all[0]["created_by"]), (&json!(format!("Refund {number}")), &json!("rules")));
        let fired = firings(&server).await;
        assert_eq!(fired[0]["results"], json!([{"action": "add_task", "made": all[0]["id"]}]));
        let admin = server.log_in(Role::Admin).await;
        let nameless = json!({"do": "add_task", "department": "", "text": "x"});
        let refused = admin.post(crate::rules::PATH, &body(on("created"), "true", json!([nameless]))).await;
        assert_eq!(refused.field(), "actions[0].department");
    }

    async fn a_rule_does_not_close_over_a_task(server: Server) {
        let (office, path) = completed(&server).await;
        let close = json!({"do": "step", "event": "close", "reason": "done"});
        add(&server, &body(on("priority_changed"), "true", json!([close]))).await;
        let there = office.get(&path).await;
        office.patch(&path, &there.etag.unwrap(), &json!({"priority": 3})).await.ok();
        ran(&server).await;
        assert_eq!(firings(&server).await[0]["results"], json!([{"action": "step", "refused": "tasks_open"}]));
        assert_eq!(office.get(&path).await.ok()["status"], "completed");
    }

    async fn silence_does_not_close_a_ticket_over_a_task(server: Server) {
        let (office, path) = completed(&server).await;
        let status = async || office.get(&path).await.ok()["status"].clone();
        let later = server.app.config.confirm_days + 1;
        server.clock.set(db::testing::START.plus_minutes(later * 24 * 60));
        server::confirmations::close_unanswered(&server.app).await.unwrap();
        assert_eq!(status().await, "completed");
        let task = tasks(&office, &path).await[0]["id"].as_str().unwrap().to_owned();
        office.post(&format!("/api/v1/tasks/{task}/done"), &json!({"done": true})).await.ok();
        server::confirmations::close_unanswered(&server.app).await.unwrap();
        assert_eq!(status().await, "closed");
        let undone = office.post(&format!("/api/v1/tasks/{task}/done"), &json!({"done": false})).await;
        assert_eq!(undone.code(), "ticket_ended");
        assert_eq!(office.delete(&format!("/api/v1/tasks/{task}")).await.code(), "ticket_ended");
    }

    async fn nobody_is_sent_to_what_a_cancelled_ticket_needed(server: Server) {
        let office = server.log_in(Role::Dispatcher).await;
        let mut new = new_ticket(&lift(&server).await);
        new["dispatch"] = json!("manual");
        let path = format!("/api/v1/tickets/{}", office.post("/api/v1/tickets", &new).await.ok()["id"].as_str().unwrap());
        office.post(&format!("{path}/tasks"), &json!({"department": "Warehouse", "text": "Send it"})).await.ok();
        let open = async || office.get("/api/v1/tasks").await.ok()["items"].as_array().unwrap().len();
        assert_eq!(open().await, 1);
        office.post(&format!("{path}/events"), &json!({"kind": "cancel", "reason": "by mistake"})).await.ok();
        assert_eq!(open().await, 0);
    }
}
