//! What the planner proposes where it is not to decide: what is in it, accepted whole and in parts, and refused when
//! things have moved on.

use db::both_backends;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::auth::Role;
use server::schedule::planner::{self, Outcome};

use crate::harness::{Answer, Person, Server, send};
use crate::tickets::{engineer, known_to_dispatch, lift, new_ticket};
use crate::undo::{stands, sums_are_right, undo, waiting};

/// Repairs are for dispatchers to decide.
async fn by_hand(server: &Server) {
    let admin = server.log_in(Role::Admin).await;
    let set = admin.get("/api/v1/dispatch/policies").await;
    let (etag, mut body) = (set.etag.clone().unwrap(), set.ok()["body"].clone());
    body["by_kind"]["repair"] = body["general"].clone();
    body["by_kind"]["repair"]["auto"] = json!(false);
    let put = admin.request(Method::PUT, "/api/v1/dispatch/policies").header("if-match", etag).json(&body);
    let answer = send(put).await;
    let seq = answer.etag.clone().unwrap().trim_matches('"').parse().unwrap();
    answer.ok();
    known_to_dispatch(server, seq).await;
}

async fn proposal(server: &Server, person: &Person) -> Value {
    server.app.board.catch_up(&server.app.db).await.unwrap();
    let round = planner::round(&server.app).await.unwrap();
    assert!(round.outcome != Outcome::Faulty && round.moved == 0 && round.given_out == 0, "{round:?}");
    person.get("/api/v1/dispatch/proposal").await.ok()
}

async fn accept(person: &Person, proposal: &Value, part: Value) -> Answer {
    let mut body = part;
    body["proposal_id"] = proposal["id"].clone();
    person.post("/api/v1/dispatch/proposal/accept", &body).await
}

/// Two waiting tickets of an hour, two engineers, nothing automatic.
async fn office(server: &Server) -> (Person, [String; 2]) {
    let person = server.log_in(Role::Dispatcher).await;
    by_hand(server).await;
    engineer(server, "E-1").await;
    engineer(server, "E-2").await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        let ticket = person.post("/api/v1/tickets", &new_ticket(&lift(server).await)).await.ok();
        assert_eq!(ticket["status"], "new", "such tickets are for dispatchers");
        ids.push(ticket["id"].as_str().unwrap().to_owned());
    }
    (person, ids.try_into().unwrap())
}

both_backends! {
    async fn what_is_not_automatic_is_proposed_and_accepted_as_one_action(server: Server) {
        let (person, tickets) = office(&server).await;
        assert_eq!(person.get("/api/v1/dispatch/proposal").await.ok(), Value::Null);
        let offered = proposal(&server, &person).await;
        let entries = offered["entries"].as_array().unwrap();
        assert_eq!(entries.len(), 2, "{offered}");
        assert_eq!(offered["promises_won"], 2);
        assert!(offered["travel_minutes_won"].as_i64().unwrap() <= 0, "work that nobody had costs its way: {offered}");
        for entry in entries {
            assert_eq!((&entry["change"], &entry["safe"], &entry["from_engineer_id"]), (&json!("added"), &json!(true), &Value::Null));
            assert_eq!((&entry["late_minutes"], &entry["proposed_late_minutes"]), (&Value::Null, &json!(0)));
        }
        let again = proposal(&server, &person).await;
        assert_eq!(again["id"], offered["id"], "the same is the same");
        let action = accept(&person, &offered, json!({})).await.ok();
        assert_eq!((&action["kind"], &action["tickets"]), (&json!("accept_proposal"), &json!(2)));
        for entry in entries {
            let engineer = entry["to_engineer_id"].as_str().unwrap().to_owned();
            let stood = stands(&person, entry["ticket_id"].as_str().unwrap()).await;
            assert_eq!(stood, ("assigned".to_owned(), Some(engineer)));
        }
        assert_eq!(person.get("/api/v1/dispatch/proposal").await.ok(), Value::Null);
        sums_are_right(&server).await;
        undo(&person).await.ok();
        for ticket in &tickets {
            assert_eq!(stands(&person, ticket).await.0, "new");
        }
        person.post("/api/v1/dispatch/redo", &json!({})).await.ok();
        for ticket in &tickets {
            assert_eq!(stands(&person, ticket).await.0, "assigned");
        }
        sums_are_right(&server).await;
    }

    async fn a_part_is_accepted_by_ticket_by_engineer_or_as_safe(server: Server) {
        let (person, tickets) = office(&server).await;
        let offered = proposal(&server, &person).await;
        let one = accept(&person, &offered, json!({"ticket_ids": [tickets[0]]})).await.ok();
        assert_eq!((&one["tickets"], &one["ticket_id"]), (&json!(1), &json!(tickets[0])));
        assert_eq!(stands(&person, &tickets[1]).await.0, "new");
        let rest = person.get("/api/v1/dispatch/proposal").await.ok();
        assert_eq!(rest["entries"].as_array().unwrap().len(), 1, "{rest}");
        let to = json!({"engineer_id": rest["entries"][0]["to_engineer_id"]});
        accept(&person, &rest, to).await.ok();
        assert_eq!(stands(&person, &tickets[1]).await.0, "assigned");
        undo(&person).await.ok();
        undo(&person).await.ok();
        let offered = proposal(&server, &person).await;
        accept(&person, &offered, json!({"safe": true})).await.ok();
        assert_eq!(stands(&person, &tickets[0]).await.0, "assigned");
        sums_are_right(&server).await;
    }

    async fn what_has_changed_since_is_named_and_nothing_is_done(server: Server) {
        let (person, tickets) = office(&server).await;
        let otto = server.log_in_as("otto", Role::Dispatcher, None).await;
        let offered = proposal(&server, &person).await;
        let cancel = json!({"kind": "cancel", "reason": "it moves again"});
        otto.post(&format!("/api/v1/tickets/{}/events", tickets[0]), &cancel).await.ok();
        let refused = accept(&person, &offered, json!({})).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "proposal_changed"));
        let facts = &refused.body["facts"];
        assert_eq!((&facts["ticket_id"], &facts["by"]), (&json!(tickets[0]), &json!("otto")));
        assert_eq!(stands(&person, &tickets[1]).await.0, "new", "all of it or nothing");
        // Nor is it as planned if somebody who is to get something has got something else.
        let entry = offered["entries"].as_array().unwrap().iter().find(|e| e["ticket_id"] == json!(tickets[1])).unwrap();
        let other = waiting(&server, &otto, |_| {}).await;
        let wish = json!({"engineer_id": entry["to_engineer_id"], "reason": "she is there"});
        otto.post(&format!("/api/v1/tickets/{other}/assignments"), &wish).await.ok();
        let refused = accept(&person, &offered, json!({"ticket_ids": [tickets[1]]})).await;
        assert_eq!((refused.code(), &refused.body["facts"]["ticket_id"]), ("proposal_changed", &json!(other)));
        let newest = proposal(&server, &person).await;
        assert_ne!(newest["id"], offered["id"]);
        accept(&person, &newest, json!({})).await.ok();
        assert_eq!(stands(&person, &tickets[1]).await.0, "assigned");
        sums_are_right(&server).await;
    }

    async fn nobody_gets_what_was_proposed_before_he_was_absent(server: Server) {
        let (person, tickets) = office(&server).await;
        let offered = proposal(&server, &person).await;
        let entry = offered["entries"].as_array().unwrap().iter().find(|e| e["ticket_id"] == json!(tickets[0])).unwrap();
        let at = entry["proposed_at"].as_i64().unwrap();
        // For an hour: he could do it later, but not when it was planned for.
        let absence = json!({"starts_at": at - 60_000, "ends_at": at + 3_600_000, "reason": "dentist"});
        let his = format!("/api/v1/engineers/{}/absences", entry["to_engineer_id"].as_str().unwrap());
        person.post(&his, &absence).await.ok();
        let refused = accept(&person, &offered, json!({"ticket_ids": [tickets[0]]})).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "proposal_refused"));
        assert_eq!((&refused.body["facts"]["ticket_id"], &refused.body["facts"]["why"]), (&json!(tickets[0]), &json!("rule_excludes")));
        assert_eq!(stands(&person, &tickets[0]).await.0, "new");
    }

    async fn what_a_person_decided_and_what_has_begun_is_in_no_proposal(server: Server) {
        let (person, tickets) = office(&server).await;
        let offered = proposal(&server, &person).await;
        accept(&person, &offered, json!({})).await.ok();
        let holder = stands(&person, &tickets[0]).await.1.unwrap();
        let eve = server.log_in_as("eve", Role::Engineer, Some(&holder)).await;
        for kind in ["accept", "travel"] {
            eve.post(&format!("/api/v1/tickets/{}/events", tickets[0]), &json!({"kind": kind})).await.ok();
        }
        // Everything of one engineer, by a person: the planner would share it out, and must not.
        let mine = waiting(&server, &person, |new| new["expected_minutes"] = json!(240)).await;
        let wish = json!({"engineer_id": holder, "reason": "she knows it"});
        person.post(&format!("/api/v1/tickets/{mine}/assignments"), &wish).await.ok();
        let offered = proposal(&server, &person).await;
        let named = offered["entries"].as_array().map_or(&[][..], Vec::as_slice);
        assert!(named.iter().all(|e| e["ticket_id"] != json!(mine) && e["ticket_id"] != json!(tickets[0])), "{offered}");
    }

    async fn an_acceptance_that_makes_no_sense_is_refused_by_field(server: Server) {
        let (person, tickets) = office(&server).await;
        let offered = proposal(&server, &person).await;
        let both = json!({"safe": true, "ticket_ids": [tickets[0]]});
        assert_eq!(accept(&person, &offered, both).await.field(), "ticket_ids");
        // Not one that is opened now: the planner would propose it, and the offer would be an old one.
        let foreign = offered["id"].clone();
        assert_eq!(accept(&person, &offered, json!({"ticket_ids": [foreign]})).await.field(), "ticket_ids");
        assert_eq!(accept(&person, &offered, json!({"ticket_ids": []})).await.code(), "proposal_empty");
        let gone = json!({"id": crate::inventory::NOBODY});
        assert_eq!(accept(&person, &gone, json!({})).await.code(), "proposal_gone");
    }

    async fn where_everything_is_automatic_nothing_is_proposed_but_what_is_kept_back(server: Server) {
        let person = server.log_in(Role::Dispatcher).await;
        engineer(&server, "E-1").await;
        person.post("/api/v1/tickets", &new_ticket(&lift(&server).await)).await.ok();
        assert_eq!(proposal(&server, &person).await, Value::Null);
        let kept = waiting(&server, &person, |_| {}).await;
        let offered = proposal(&server, &person).await;
        assert_eq!((offered["entries"].as_array().unwrap().len(), &offered["entries"][0]["ticket_id"]), (1, &json!(kept)));
    }
}
