//! Work that came too late: one card, three answers, and what follows from each.

use db::both_backends;
use futures_util::future::join_all;
use serde_json::{Value, json};
use server::auth::Role;

use crate::harness::{Answer, Person, Server};
use crate::phone::Phone;
use crate::sync::{assign, assigned, van};
use crate::tickets::{engineer, new_ticket};

async fn ticket(office: &Person, id: &str) -> Value {
    office.get(&format!("/api/v1/tickets/{id}")).await.ok()
}

async fn cancel(office: &Person, id: &str) {
    let cancel = json!({"kind": "cancel", "reason": "the customer has no more trouble"});
    office.post(&format!("/api/v1/tickets/{id}/events"), &cancel).await.ok();
}

async fn late_cards(office: &Person, id: &str) -> Vec<Value> {
    let path = format!("/api/v1/conflict-cards?kind=late_work&status=open&ticket_id={id}");
    office.get(&path).await.ok()["items"].as_array().unwrap().clone()
}

async fn answer(person: &Person, card: &Value, body: Value) -> Answer {
    person.post(&format!("/api/v1/conflict-cards/{}/resolve", card["id"].as_str().unwrap()), &body).await
}

/// All steps of a visit.
async fn work(phone: &mut Phone, id: &str, steps: &[&str]) {
    for kind in steps {
        assert_eq!(phone.act(id, kind).await["result"], "conflict", "{kind}");
    }
}

async fn load(server: &Server, engineer: &str) -> (i64, i64) {
    use db::schema::engineer_loads as l;
    use diesel::prelude::*;
    let id = engineer.to_owned();
    let read = move |c: &mut db::Conn| {
        Ok::<_, server::error::Error>(l::table.find(id).select((l::tickets, l::minutes)).first(c)?)
    };
    server.app.db.read(read).await.unwrap()
}

both_backends! {
    async fn finished_work_on_a_cancelled_ticket_is_one_card_and_accepted_it_completes_the_ticket(server: Server) {
        let anna = engineer(&server, "E-1").await;
        let part = van(&server, &anna, 4).await;
        let office = server.log_in(Role::Dispatcher).await;
        let id = assigned(&server, &office, &anna).await;
        let (mut phone, mut tablet) = (Phone::new(&server, &anna).await, Phone::new(&server, &anna).await);
        cancel(&office, &id).await;
        server.clock.set(db::testing::START.plus_minutes(30));
        work(&mut phone, &id, &["travel", "start"]).await;
        let used = json!({"ticket_id": id, "part_id": part, "quantity": 1, "outcome": "used"});
        assert_eq!(phone.push(json!({"c": "part_usage", "set": used})).await["result"], "conflict");
        server.clock.set(db::testing::START.plus_minutes(90));
        work(&mut tablet, &id, &["complete"]).await;
        let cards = late_cards(&office, &id).await;
        assert_eq!((cards.len(), cards[0]["entries"].as_array().unwrap().len()), (1, 4), "{cards:?}");
        assert_eq!(ticket(&office, &id).await["status"], "cancelled");

        let told = answer(&office, &cards[0], json!({"answer": "accept_work"})).await.ok();
        assert_eq!((&told["status"], &told["answer"]), (&json!("resolved"), &json!("accept_work")));
        let now = ticket(&office, &id).await;
        assert_eq!((&now["status"], &now["engineer_id"]), (&json!("completed"), &json!(anna)));
        assert_eq!(now["completed_at"], db::testing::START.plus_minutes(90).millis(), "when it was done, not when it was accepted");
        assert_eq!(load(&server, &anna).await, (0, 0), "there is no more work in hand");
        assert_eq!(phone.rows("tickets").await[0]["status"], "completed", "and it is on her phones again");
        assert_eq!(phone.rows("ticket_events").await.len(), 4, "hers and the office's");
        assert_eq!(answer(&office, &cards[0], json!({"answer": "accept_work"})).await.code(), "already_resolved");
        let close = office.post(&format!("/api/v1/tickets/{id}/events"), &json!({"kind": "close"})).await;
        assert_eq!(close.ok()["status"], "closed", "the office goes on as with any other");
    }

    async fn work_that_is_accepted_on_a_duplicate_makes_it_a_ticket_of_its_own(server: Server) {
        let anna = engineer(&server, "E-1").await;
        let office = server.log_in(Role::Dispatcher).await;
        let id = assigned(&server, &office, &anna).await;
        let lift = ticket(&office, &id).await["asset_id"].clone();
        let mut phone = Phone::new(&server, &anna).await;
        let mut new = new_ticket(lift.as_str().unwrap());
        new["dispatch"] = json!("manual");
        let goes_on = office.post("/api/v1/tickets", &new).await.ok()["id"].clone();
        let merge = async |from: &str, into: &Value| {
            office.post(&format!("/api/v1/tickets/{from}/merge"), &json!({"into_id": into})).await
        };
        merge(&id, &goes_on).await.ok();
        work(&mut phone, &id, &["accept"]).await;
        let card = late_cards(&office, &id).await.remove(0);
        answer(&office, &card, json!({"answer": "accept_work"})).await.ok();
        let shown = office.get(&format!("/api/v1/tickets/{id}/duplicates")).await.ok();
        assert_eq!(shown["into"], Value::Null);
        merge(goes_on.as_str().unwrap(), &json!(id)).await.ok();
        let shown = office.get(&format!("/api/v1/tickets/{id}/duplicates")).await.ok();
        assert_eq!((shown["duplicates"].as_array().unwrap().len(), &shown["into"]), (1, &Value::Null), "no circle");
    }

    async fn work_on_a_ticket_that_somebody_else_has_now_takes_it_back(server: Server) {
        let (anna, ben) = (engineer(&server, "E-1").await, engineer(&server, "E-2").await);
        let office = server.log_in(Role::Dispatcher).await;
        let id = assigned(&server, &office, &anna).await;
        let (mut hers, his) = (Phone::new(&server, &anna).await, Phone::new(&server, &ben).await);
        assign(&office, &id, &ben).await;
        assert_eq!((load(&server, &anna).await.0, load(&server, &ben).await.0), (0, 1));
        work(&mut hers, &id, &["accept", "travel", "arrive", "start"]).await;
        assert_eq!(his.rows("tickets").await.len(), 1);
        let card = late_cards(&office, &id).await.remove(0);
        answer(&office, &card, json!({"answer": "accept_work"})).await.ok();
        let now = ticket(&office, &id).await;
        assert_eq!((&now["status"], &now["engineer_id"]), (&json!("working"), &json!(anna)));
        assert_eq!((load(&server, &anna).await.0, load(&server, &ben).await.0), (1, 0));
        assert_eq!((hers.rows("tickets").await.len(), his.rows("tickets").await.len()), (1, 0));
        let assignments = office.get(&format!("/api/v1/tickets/{id}/assignments")).await.ok()["items"].clone();
        let open: Vec<&Value> = assignments.as_array().unwrap().iter().filter(|a| a["ended_at"].is_null()).collect();
        assert_eq!((open.len(), &open[0]["engineer_id"]), (1, &json!(anna)));
        assert_eq!(hers.act(&id, "complete").await["result"], "applied", "she goes on where she was");
    }

    async fn the_other_two_answers_leave_the_ticket_as_it_is(server: Server) {
        let anna = engineer(&server, "E-1").await;
        let office = server.log_in(Role::Dispatcher).await;
        for said in [json!({"answer": "bill_call_out"}), json!({"answer": "keep_as_history"}), json!({})] {
            let id = assigned(&server, &office, &anna).await;
            let mut phone = Phone::new(&server, &anna).await;
            cancel(&office, &id).await;
            work(&mut phone, &id, &["travel", "complete"]).await;
            let card = late_cards(&office, &id).await.remove(0);
            let told = answer(&office, &card, said.clone()).await.ok();
            let kept = json!("keep_as_history");
            assert_eq!(told["answer"], *said.get("answer").unwrap_or(&kept));
            assert_eq!(ticket(&office, &id).await["status"], "cancelled");
            let history = office.get(&format!("/api/v1/tickets/{id}/history")).await.ok()["items"].to_string();
            assert!(history.contains(told["answer"].as_str().unwrap()), "the record of the ticket says how it was answered");
            // What comes later still is a card of its own.
            work(&mut phone, &id, &["start"]).await;
            assert_eq!(late_cards(&office, &id).await.len(), 1);
        }
    }

    async fn what_another_has_completed_or_the_office_has_closed_is_not_taken_back(server: Server) {
        let (anna, ben) = (engineer(&server, "E-1").await, engineer(&server, "E-2").await);
        let office = server.log_in(Role::Dispatcher).await;
        let id = assigned(&server, &office, &anna).await;
        let (mut hers, mut his) = (Phone::new(&server, &anna).await, Phone::new(&server, &ben).await);
        assign(&office, &id, &ben).await;
        assert_eq!(his.act(&id, "complete").await["result"], "applied");
        work(&mut hers, &id, &["start", "complete"]).await;
        let card = late_cards(&office, &id).await.remove(0);
        answer(&office, &card, json!({"answer": "accept_work"})).await.ok();
        let now = ticket(&office, &id).await;
        assert_eq!((&now["status"], &now["engineer_id"]), (&json!("completed"), &json!(ben)));
        office.post(&format!("/api/v1/tickets/{id}/events"), &json!({"kind": "close"})).await.ok();
        work(&mut hers, &id, &["pause"]).await;
        let card = late_cards(&office, &id).await.remove(0);
        let refused = answer(&office, &card, json!({"answer": "accept_work"})).await;
        assert_eq!(refused.code(), "illegal_step.closed");
        assert_eq!(late_cards(&office, &id).await.len(), 1, "a refused answer is none");
        answer(&office, &card, json!({"answer": "keep_as_history"})).await.ok();
    }

    async fn only_the_office_answers_only_such_cards_and_only_once(server: Server) {
        let anna = engineer(&server, "E-1").await;
        let (office, keeper) = (server.log_in(Role::Dispatcher).await, server.log_in(Role::Warehouse).await);
        let id = assigned(&server, &office, &anna).await;
        let mut phone = Phone::new(&server, &anna).await;
        let odd = phone.push(json!({"c": "notes", "op": "delete"})).await;
        let odd = json!({"id": odd["conflict"]});
        assert_eq!(answer(&office, &odd, json!({"answer": "accept_work"})).await.field(), "answer");
        assert_eq!(answer(&office, &odd, json!({"answer": "forget_it"})).await.field(), "answer");
        cancel(&office, &id).await;
        work(&mut phone, &id, &["complete"]).await;
        let card = late_cards(&office, &id).await.remove(0);
        assert_eq!(answer(&keeper, &card, json!({"answer": "accept_work"})).await.code(), "forbidden");
        let two = [json!({"answer": "accept_work"}), json!({"answer": "bill_call_out"})];
        let answers = join_all(two.map(|said| answer(&office, &card, said))).await;
        assert_eq!(answers.iter().filter(|a| a.status.is_success()).count(), 1, "{answers:?}");
        let accepted = answers[0].status.is_success();
        assert_eq!(ticket(&office, &id).await["status"] == "completed", accepted);
    }
}
