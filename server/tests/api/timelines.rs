//! The days of all engineers, as the console draws them, and what it would mean to give somebody one ticket more.

use db::both_backends;
use db::testing::START;
use serde_json::{Value, json};
use server::auth::Role;

use crate::engineers::{number, skill};
use crate::harness::{Person, Server};
use crate::tickets::{engineer, known_to_dispatch, lift, new_ticket};

const MINUTE: i64 = 60_000;

/// A ticket in nobody's hands, and its path.
async fn waiting(server: &Server, person: &Person, change: Value) -> String {
    let mut new = new_ticket(&lift(server).await);
    new["dispatch"] = json!("manual");
    for (key, value) in change.as_object().unwrap() {
        new[key] = value.clone();
    }
    let made = person.post("/api/v1/tickets", &new).await.ok();
    format!("/api/v1/tickets/{}", made["id"].as_str().unwrap())
}

/// Gives it to him; memory knows of it when this returns.
async fn give(server: &Server, person: &Person, path: &str, engineer: &str) {
    person.post(&format!("{path}/assignments"), &json!({"engineer_id": engineer})).await.ok();
    let ticket = person.get(path).await;
    known_to_dispatch(server, number(&ticket)).await;
}

async fn timelines(person: &Person, query: &str) -> Value {
    person.get(&format!("/api/v1/dispatch/timelines{query}")).await.ok()
}

async fn verdicts(person: &Person, path: &str) -> Value {
    let ticket_id = path.rsplit('/').next().unwrap();
    person.post("/api/v1/dispatch/verdicts", &json!({"ticket_id": ticket_id})).await.ok()
}

fn of<'a>(page: &'a Value, engineer: &str) -> &'a Value {
    page["items"].as_array().unwrap().iter().find(|one| one["engineer_id"] == engineer).unwrap()
}

fn phases(timeline: &Value) -> Vec<&str> {
    timeline["stops"].as_array().unwrap().iter().map(|stop| stop["phase"].as_str().unwrap()).collect()
}

both_backends! {
    async fn a_day_shows_shift_journey_visit_and_the_way_home(server: Server) {
        let (id, idle) = (engineer(&server, "E-1").await, engineer(&server, "E-2").await);
        let person = server.log_in(Role::Dispatcher).await;
        let path = waiting(&server, &person, json!({"expected_minutes": 45})).await;
        give(&server, &person, &path, &id).await;
        let page = timelines(&person, "").await;
        assert_eq!((page["whole"].as_bool(), page["items"].as_array().map(Vec::len)), (Some(true), Some(2)));
        assert_eq!((of(&page, &idle)["stops"].as_array().map(Vec::len), &of(&page, &idle)["home_at"]), (Some(0), &Value::Null));
        let mine = of(&page, &id);
        assert_eq!(mine["shifts"][0]["starts_at"], START.plus_minutes(-60).millis());
        let (ticket, stop) = (person.get(&path).await.ok(), &mine["stops"][0]);
        assert_eq!((&stop["ticket_id"], &stop["number"], &stop["phase"]), (&ticket["id"], &ticket["number"], &json!("ahead")));
        let at = |field: &str| stop[field].as_i64().unwrap();
        assert!(at("leaves_at") <= at("arrives_at") && at("arrives_at") <= at("starts_at"), "{stop}");
        assert_eq!(at("ends_at") - at("starts_at"), 45 * MINUTE);
        assert!(mine["home_at"].as_i64().unwrap() >= at("ends_at"));
    }

    async fn what_is_done_stays_in_the_day_with_the_times_that_were_reported(server: Server) {
        let id = engineer(&server, "E-1").await;
        let person = server.log_in(Role::Dispatcher).await;
        let path = waiting(&server, &person, json!({})).await;
        give(&server, &person, &path, &id).await;
        let eve = server.log_in_as("eve", Role::Engineer, Some(&id)).await;
        for kind in ["accept", "travel", "arrive", "start"] {
            eve.post(&format!("{path}/events"), &json!({"kind": kind})).await.ok();
        }
        known_to_dispatch(&server, number(&person.get(&path).await)).await;
        assert_eq!(phases(of(&timelines(&person, "").await, &id)), ["present"]);
        let done = eve.post(&format!("{path}/events"), &json!({"kind": "complete"})).await.ok();
        known_to_dispatch(&server, number(&person.get(&path).await)).await;
        let page = timelines(&person, "").await;
        let stop = &of(&page, &id)["stops"][0];
        assert_eq!((&stop["phase"], &stop["ends_at"]), (&json!("done"), &done["completed_at"]));
        assert!(stop["leaves_at"].as_i64() <= stop["starts_at"].as_i64(), "{stop}");
        let yesterday = format!("?from={}&until={}", START.plus_minutes(-3_000).millis(), START.plus_minutes(-1_500).millis());
        assert_eq!(phases(of(&timelines(&person, &yesterday).await, &id)), Vec::<&str>::new());
    }

    async fn a_cursor_brings_only_those_whose_day_has_changed(server: Server) {
        let (id, other) = (engineer(&server, "E-1").await, engineer(&server, "E-2").await);
        let person = server.log_in(Role::Dispatcher).await;
        let before = timelines(&person, "").await["cursor"].as_i64().unwrap();
        let path = waiting(&server, &person, json!({})).await;
        give(&server, &person, &path, &id).await;
        let page = timelines(&person, &format!("?since={before}")).await;
        assert_eq!((page["whole"].as_bool(), page["items"].as_array().map(Vec::len)), (Some(false), Some(1)));
        assert_eq!(phases(of(&page, &id)), ["ahead"]);
        person.post(&format!("{path}/assignments"), &json!({"engineer_id": other, "instead_of": id})).await.ok();
        known_to_dispatch(&server, number(&person.get(&path).await)).await;
        let page = timelines(&person, &format!("?since={}", page["cursor"])).await;
        assert_eq!((phases(of(&page, &id)).len(), phases(of(&page, &other)).len()), (0, 1), "who had it, and who has it");
        let page = timelines(&person, &format!("?since={}", page["cursor"])).await;
        assert_eq!(page["items"], json!([]));
        let of_another_history = timelines(&person, "?since=999999999").await;
        assert_eq!(of_another_history["whole"], true);
    }

    async fn a_span_that_is_none_or_too_long_is_refused(server: Server) {
        let person = server.log_in(Role::Dispatcher).await;
        for span in ["?from=1000&until=1000", "?from=0&until=691200001"] {
            assert_eq!(person.get(&format!("/api/v1/dispatch/timelines{span}")).await.field(), "until");
        }
    }

    async fn every_row_answers_before_the_ticket_is_let_go(server: Server) {
        skill(&server, "CRANE").await;
        let (free, busy) = (engineer(&server, "E-1").await, engineer(&server, "E-2").await);
        let person = server.log_in(Role::Dispatcher).await;
        let filler = waiting(&server, &person, json!({"expected_minutes": 590})).await;
        give(&server, &person, &filler, &busy).await;
        let path = waiting(&server, &person, json!({})).await;
        let said = verdicts(&person, &path).await;
        assert_eq!((of(&said, &free)["grade"].as_str(), of(&said, &busy)["grade"].as_str()), (Some("fits"), Some("forbidden")));
        assert_eq!(of(&said, &busy)["rule"], "workload");
        assert_eq!(of(&said, &busy)["fact"]["in_hand_minutes"], 590);
        give(&server, &person, &path, &free).await;
        let given = person.get(&path).await.ok();
        assert_eq!(given["planned_at"], of(&said, &free)["price"]["starts_at"], "what was said is what is done");
        let said = verdicts(&person, &path).await;
        assert_eq!((&said["engineer_id"], said["items"].as_array().map(Vec::len)), (&json!(free), Some(1)));
        let special = waiting(&server, &person, json!({"required_skills": [{"skill": "CRANE", "level": 1}]})).await;
        let said = verdicts(&person, &special).await;
        assert_eq!((&of(&said, &free)["rule"], &of(&said, &free)["price"]), (&json!("skill_missing"), &Value::Null));
        let against = person.post(&format!("{special}/assignments"), &json!({"engineer_id": free})).await;
        assert_eq!(against.code(), "excluded.skill_missing", "red says what the assignment says");
        let overridden = json!({"engineer_id": free, "reason": "The customer's crane driver helps"});
        let assignment = person.post(&format!("{special}/assignments"), &overridden).await.ok();
        assert_eq!(assignment["reason"], "The customer's crane driver helps");
    }

    async fn of_a_ticket_that_is_none_nothing_is_said(server: Server) {
        let person = server.log_in(Role::Dispatcher).await;
        let unknown = json!({"ticket_id": db::types::TicketId::new()});
        assert_eq!(person.post("/api/v1/dispatch/verdicts", &unknown).await.code(), "not_found");
    }
}
