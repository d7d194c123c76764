//! The card at the start of a shift: what changed, who is there, what will be late and what mends it, what is not ready,
//! and what the dispatcher before left.

use db::both_backends;
use db::testing::START;
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::auth::Role;

use crate::engineers::{number, skill};
use crate::harness::{Person, Server};
use crate::inventory::{NOBODY, warehouse};
use crate::tickets::{engineer, known_to_dispatch, lift, new_ticket};
use crate::undo::waiting;

async fn card(person: &Person, query: &str) -> Value {
    person.get(&format!("/api/v1/shift{query}")).await.ok()
}

/// A day ahead, so that all that is open counts.
async fn day(person: &Person) -> Value {
    let until = card(person, "").await["now_at"].as_i64().unwrap() + 24 * 3_600_000;
    card(person, &format!("?until={until}")).await
}

fn count(card: &Value, kind: &str) -> i64 {
    let all = card["changes"].as_array().unwrap();
    all.iter().find(|one| one["kind"] == kind).map_or(0, |one| one["count"].as_i64().unwrap())
}

/// The entry of a ticket in one of the card's lists.
fn of(card: &Value, list: &str, ticket: &str) -> Value {
    let all = card[list].as_array().unwrap();
    all.iter().find(|one| one["ticket_id"] == ticket).cloned().unwrap_or(Value::Null)
}

async fn give(server: &Server, person: &Person, ticket: &str, engineer: &str) {
    let path = format!("/api/v1/tickets/{ticket}");
    person.post(&format!("{path}/assignments"), &json!({"engineer_id": engineer})).await.ok();
    known_to_dispatch(server, number(&person.get(&path).await)).await;
}

/// He has it, and is at work on it.
pub async fn begun(server: &Server, person: &Person, ticket: &str, engineer: &str) {
    let eve = server.log_in_as("eve", Role::Engineer, Some(engineer)).await;
    for kind in ["accept", "travel", "arrive", "start"] {
        eve.post(&format!("/api/v1/tickets/{ticket}/events"), &json!({"kind": kind})).await.ok();
    }
    known_to_dispatch(server, number(&person.get(&format!("/api/v1/tickets/{ticket}")).await)).await;
}

both_backends! {
    async fn what_changed_is_told_since_this_dispatcher_last_looked(server: Server) {
        let engineer = engineer(&server, "E-1").await;
        let (dora, otto) = (server.log_in(Role::Dispatcher).await, server.log_in_as("otto", Role::Dispatcher, None).await);
        server.clock.set(START.plus_minutes(1));
        let first = waiting(&server, &dora, |_| {}).await;
        server.clock.set(START.plus_minutes(2));
        let seen = card(&dora, "").await;
        assert_eq!((count(&seen, "opened"), &seen["looked_at"]), (1, &Value::Null));
        assert_eq!(seen["since"], START.plus_minutes(-60).millis(), "since the shift began");
        dora.post("/api/v1/shift/looked", &json!({"until": seen["now_at"]})).await.ok();
        server.clock.set(START.plus_minutes(3));
        let cancel = json!({"kind": "cancel", "reason": "The customer rang"});
        otto.post(&format!("/api/v1/tickets/{first}/events"), &cancel).await.ok();
        let sick = json!({"starts_at": START.millis(), "ends_at": START.plus_minutes(600).millis(), "reason": "sick"});
        otto.post(&format!("/api/v1/engineers/{engineer}/absences"), &sick).await.ok();
        let news = card(&dora, "").await;
        assert_eq!((count(&news, "opened"), count(&news, "cancelled"), count(&news, "absent")), (0, 1, 1));
        assert_eq!(news["looked_at"], seen["now_at"]);
        let cancelled = news["changes"].as_array().unwrap().iter().find(|one| one["kind"] == "cancelled").unwrap();
        assert_eq!(cancelled["tickets"][0]["ticket_id"], first);
        assert_eq!(count(&card(&otto, "").await, "opened"), 1, "he has not looked yet");
        let all = card(&dora, &format!("?since={}", START.millis())).await;
        assert_eq!(count(&all, "opened"), 1);
    }

    async fn parts_that_came_are_told(server: Server) {
        let house = warehouse(&server).await;
        let dora = server.log_in(Role::Dispatcher).await;
        assert_eq!(count(&card(&dora, "").await, "parts_arrived"), 0);
        house.receive(&house.near, 2).await;
        let told = card(&dora, "").await;
        let came = told["changes"].as_array().unwrap().iter().find(|one| one["kind"] == "parts_arrived").unwrap();
        assert_eq!((&came["count"], &came["parts"]), (&json!(1), &json!([house.part])));
    }

    async fn a_look_in_the_future_or_too_far_ahead_is_refused(server: Server) {
        let dora = server.log_in(Role::Dispatcher).await;
        let ahead = json!({"until": START.plus_minutes(1).millis()});
        assert_eq!(dora.post("/api/v1/shift/looked", &ahead).await.field(), "until");
        for until in [START.millis(), START.plus_minutes(24 * 60 + 1).millis()] {
            assert_eq!(dora.get(&format!("/api/v1/shift?until={until}")).await.field(), "until");
        }
    }

    async fn who_is_there_is_who_is_on_shift_heard_of_and_not_absent(server: Server) {
        let (near, silent, sick) = (engineer(&server, "E-1").await, engineer(&server, "E-2").await, engineer(&server, "E-3").await);
        let dora = server.log_in(Role::Dispatcher).await;
        let at = json!([{"engineer_id": near, "latitude": 40.7501, "longitude": -73.9801, "at": START.millis()}]);
        dora.post("/api/v1/positions", &json!({"positions": at})).await.ok();
        server.app.board.catch_up(&server.app.db).await.unwrap();
        server::positions::flush(&server.app).await.unwrap();
        let away = json!({"starts_at": START.plus_minutes(-30).millis(), "ends_at": START.plus_minutes(90).millis(), "reason": "sick"});
        dora.post(&format!("/api/v1/engineers/{sick}/absences"), &away).await.ok();
        let people = card(&dora, "").await["people"].clone();
        assert_eq!((&people["on_shift"], &people["heard_of"]), (&json!(2), &json!(1)));
        assert_eq!(people["silent"], json!([{"engineer_id": silent, "seen_at": null, "phone": ""}]));
        assert_eq!((&people["away"][0]["engineer_id"], &people["away"][0]["until"]), (&json!(sick), &away["ends_at"]));
        server.clock.set(START.plus_minutes(61));
        assert_eq!(card(&dora, "").await["people"]["heard_of"], 0, "dispatch does not count on it any more");
    }

    async fn what_nobody_has_is_mended_by_giving_it_to_whom_the_engine_would_send(server: Server) {
        let engineer = engineer(&server, "E-1").await;
        let dora = server.log_in(Role::Dispatcher).await;
        let ticket = waiting(&server, &dora, |_| {}).await;
        let told = day(&dora).await;
        let risk = of(&told, "risks", &ticket);
        assert_eq!((&told["risk_count"], &told["undecided"], &risk["engineer_id"]), (&json!(1), &json!(1), &Value::Null));
        assert_eq!((&risk["fix"]["kind"], &risk["fix"]["verdict"]["engineer_id"]), (&json!("give"), &json!(engineer)));
        give(&server, &dora, &ticket, &engineer).await;
        let mended = day(&dora).await;
        assert_eq!((&mended["risk_count"], &mended["undecided"]), (&json!(0), &json!(0)), "{mended}");
    }

    async fn work_that_will_begin_too_late_is_given_to_who_begins_sooner(server: Server) {
        let (busy, free) = (engineer(&server, "E-1").await, engineer(&server, "E-2").await);
        let dora = server.log_in(Role::Dispatcher).await;
        let long = waiting(&server, &dora, |new| new["expected_minutes"] = json!(480)).await;
        give(&server, &dora, &long, &busy).await;
        begun(&server, &dora, &long, &busy).await;
        let urgent = waiting(&server, &dora, |new| new["expected_minutes"] = json!(30)).await;
        give(&server, &dora, &urgent, &busy).await;
        let risk = of(&day(&dora).await, "risks", &urgent);
        assert!(risk["late_minutes"].as_i64().unwrap() > 0, "{risk}");
        assert_eq!((&risk["engineer_id"], &risk["fix"]["kind"]), (&json!(busy), &json!("give")));
        assert_eq!((&risk["fix"]["verdict"]["engineer_id"], &risk["fix"]["verdict"]["grade"]), (&json!(free), &json!("fits")));
        let instead = json!({"engineer_id": free, "instead_of": busy});
        dora.post(&format!("/api/v1/tickets/{urgent}/assignments"), &instead).await.ok();
        known_to_dispatch(&server, number(&dora.get(&format!("/api/v1/tickets/{urgent}")).await)).await;
        assert_eq!(day(&dora).await["risk_count"], 0);
    }

    async fn what_a_rule_forbids_everybody_names_who_comes_closest(server: Server) {
        skill(&server, "CRANE").await;
        let engineer = engineer(&server, "E-1").await;
        let dora = server.log_in(Role::Dispatcher).await;
        let mut new = new_ticket(&lift(&server).await);
        new["required_skills"] = json!([{"skill": "CRANE", "level": 1}]);
        let ticket = dora.post("/api/v1/tickets", &new).await.ok()["id"].as_str().unwrap().to_owned();
        let told = day(&dora).await;
        let lack = of(&told, "unready", &ticket);
        assert_eq!((&lack["lack"]["kind"], &lack["lack"]["reasons"][0]["rule"]), (&json!("anybody"), &json!("skill_missing")));
        assert_eq!((&lack["fix"]["kind"], &lack["fix"]["verdict"]["engineer_id"]), (&json!("override"), &json!(engineer)));
        assert_eq!(lack["fix"]["verdict"]["rule"], "skill_missing");
        assert_eq!(of(&told, "risks", &ticket), Value::Null, "it is told of once");
    }

    async fn a_missing_part_is_ordered_and_who_does_not_answer_is_told_of(server: Server) {
        let house = warehouse(&server).await;
        let dora = server.log_in(Role::Dispatcher).await;
        let needed = json!([{"part_id": house.part, "quantity": 3}]);
        let ticket = waiting(&server, &dora, |new| new["needed_parts"] = needed).await;
        dora.post(&format!("/api/v1/tickets/{ticket}/reservations"), &json!({"partial": true})).await.ok();
        let lack = of(&day(&dora).await, "unready", &ticket);
        assert_eq!((&lack["lack"]["kind"], &lack["lack"]["number"]), (&json!("part"), &json!("P-1")));
        assert_eq!(lack["fix"], json!({"kind": "order", "part_id": house.part}));
        let order = json!({"lines": [{"part_id": house.part}], "supplier_name": "Otis"});
        dora.post("/api/v1/purchase-list/orders", &order).await.ok();
        let ordered = of(&day(&dora).await, "unready", &ticket);
        assert_eq!((&ordered["lack"]["on_order"], &ordered["fix"]["kind"]), (&json!(3), &json!("look")));
        // The one that the warehouse's world began with was given to E-1 at once.
        assert_eq!(of(&day(&dora).await, "unready", &house.ticket), Value::Null, "he may still answer");
        server.clock.set(START.plus_minutes(16));
        let silent = of(&day(&dora).await, "unready", &house.ticket);
        assert_eq!((&silent["lack"]["kind"], &silent["lack"]["asked_at"]), (&json!("answer"), &json!(START.millis())));
    }

    async fn what_one_dispatcher_leaves_is_shown_to_the_next_until_it_is_dealt_with(server: Server) {
        let (dora, otto) = (server.log_in(Role::Dispatcher).await, server.log_in_as("otto", Role::Dispatcher, None).await);
        let ticket = waiting(&server, &dora, |_| {}).await;
        let leave = json!({"text": " Mrs Li calls back at nine ", "ticket_id": ticket});
        let note = dora.post("/api/v1/handover-notes", &leave).await.ok();
        dora.post("/api/v1/handover-notes", &json!({"text": "The van of E-7 is in the garage"})).await.ok();
        let shown = card(&otto, "").await["notes"].clone();
        assert_eq!(shown.as_array().unwrap().len(), 2);
        assert_eq!((&shown[1]["text"], &shown[1]["author"]), (&json!("Mrs Li calls back at nine"), &json!("dispatcher-1")));
        let done = format!("/api/v1/handover-notes/{}/done", note["id"].as_str().unwrap());
        assert_eq!(otto.post(&done, &json!({})).await.ok()["done_by"], "otto");
        assert_eq!(dora.post(&done, &json!({})).await.ok()["done_by"], "otto", "who was faster stays");
        assert_eq!(card(&dora, "").await["notes"].as_array().unwrap().len(), 1);
        let kept = dora.get("/api/v1/handover-notes?limit=1").await.ok();
        assert_eq!(kept["items"][0]["text"], "The van of E-7 is in the garage");
        let rest = dora.get(&format!("/api/v1/handover-notes?after={}", kept["next"].as_str().unwrap())).await.ok();
        assert_eq!((&rest["items"][0]["id"], &rest["next"]), (&note["id"], &Value::Null));
    }

    async fn a_note_that_says_nothing_or_of_no_ticket_is_refused(server: Server) {
        let dora = server.log_in(Role::Dispatcher).await;
        let leave = async |body: Value| dora.post("/api/v1/handover-notes", &body).await;
        assert_eq!(leave(json!({"text": "  "})).await.field(), "text");
        assert_eq!(leave(json!({"text": "x".repeat(2_001)})).await.field(), "text");
        assert_eq!(leave(json!({"text": "x", "ticket_id": NOBODY})).await.field(), "ticket_id");
        let gone = dora.post(&format!("/api/v1/handover-notes/{NOBODY}/done"), &json!({})).await;
        assert_eq!(gone.status, StatusCode::NOT_FOUND);
    }

    async fn what_was_left_about_a_customers_ticket_is_erased_with_it(server: Server) {
        let (dora, admin) = (server.log_in(Role::Dispatcher).await, server.log_in(Role::Admin).await);
        let ticket = waiting(&server, &dora, |_| {}).await;
        dora.post("/api/v1/handover-notes", &json!({"text": "Mrs Li calls back", "ticket_id": ticket})).await.ok();
        let row = dora.post(&format!("/api/v1/tickets/{ticket}/events"), &json!({"kind": "cancel", "reason": "x"})).await.ok();
        admin.post(&format!("/api/v1/customers/{}/erasure", row["customer_id"].as_str().unwrap()), &json!({})).await.ok();
        assert_eq!(card(&dora, "").await["notes"][0]["text"], "");
    }
}
