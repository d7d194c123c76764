//! Customers' answers: what each does to its ticket, that a link is good for one completion, and what happens when
//! nobody answers.

use db::both_backends;
use db::testing::START;
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::auth::Role;

use crate::harness::{Person, Server};
use crate::tickets::{engineer, lift, new_ticket};

/// A ticket whose work is done, seen by the office.
struct Done {
    office: Person,
    eve: Person,
    path: String,
    customer: Person,
}

impl Done {
    async fn new(server: &Server) -> Self {
        let id = engineer(server, "E-1").await;
        let (office, eve) =
            (server.log_in(Role::Dispatcher).await, server.log_in_as("eve", Role::Engineer, Some(&id)).await);
        let mut new = new_ticket(&lift(server).await);
        new["dispatch"] = json!("manual");
        let made = office.post("/api/v1/tickets", &new).await.ok();
        let path = format!("/api/v1/tickets/{}", made["id"].as_str().unwrap());
        let done = Self { office, eve, path, customer: server.stranger() };
        done.work().await;
        done
    }

    /// Somebody goes there and finishes.
    async fn work(&self) {
        self.office.post(&format!("{}/assignments", self.path), &json!({})).await.ok();
        self.step(&self.eve, "complete").await;
    }

    async fn step(&self, who: &Person, kind: &str) {
        who.post(&format!("{}/events", self.path), &json!({"kind": kind, "reason": "as agreed"})).await.ok();
    }

    async fn ticket(&self) -> Value {
        self.office.get(&self.path).await.ok()
    }

    async fn known(&self) -> Value {
        self.office.get(&format!("{}/confirmation", self.path)).await.ok()
    }

    /// The customer's address in the interface, as his page makes it of the link.
    async fn link(&self) -> String {
        let known = self.known().await;
        let (page, token) = known["url"].as_str().unwrap().split_once('#').unwrap();
        assert!(page.ends_with("/confirm"), "{page}");
        format!("/api/v1/confirmations/{token}")
    }

    async fn follow_ups(&self) -> Vec<Value> {
        self.office.get("/api/v1/follow-ups").await.ok()["items"].as_array().unwrap().clone()
    }
}

both_backends! {
    async fn a_customer_who_is_content_closes_the_ticket(server: Server) {
        let done = Done::new(&server).await;
        let link = done.link().await;
        let page = done.customer.get(&link).await.ok();
        assert_eq!((&page["state"], &page["title"]), (&json!("asked"), &done.ticket().await["title"]));
        let said = json!({"solved": true, "satisfaction": "satisfied", "comment": "很好，谢谢"});
        assert_eq!(done.customer.post(&link, &said).await.ok()["state"], "answered");
        let ticket = done.ticket().await;
        assert_eq!((&ticket["status"], &ticket["closed_at"]), (&json!("closed"), &json!(START.millis())));
        let known = done.known().await;
        assert_eq!((&known["confirmation"]["satisfaction"], &known["confirmation"]["comment"]), (&json!("satisfied"), &json!("很好，谢谢")));
        assert_eq!(done.follow_ups().await, Vec::<Value>::new());
        let history = done.office.get(&format!("{}/history", done.path)).await.ok();
        let by: Vec<&Value> = history["items"].as_array().unwrap().iter().filter(|e| e["entity"] == "confirmations").map(|e| &e["actor"]).collect();
        assert_eq!(by, [&json!("customer")], "{history}");
    }

    async fn the_same_answer_twice_is_one_and_another_is_refused(server: Server) {
        let done = Done::new(&server).await;
        let link = done.link().await;
        let said = json!({"solved": false, "comment": "Still stuck."});
        done.customer.post(&link, &said).await.ok();
        done.customer.post(&link, &said).await.ok();
        assert_eq!(done.follow_ups().await.len(), 1);
        let refused = done.customer.post(&link, &json!({"solved": true})).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "already_answered"));
        assert_eq!(done.ticket().await["status"], "new");
    }

    async fn what_is_not_solved_is_open_again_and_waits_for_somebody_to_decide(server: Server) {
        let done = Done::new(&server).await;
        let link = done.link().await;
        done.customer.post(&link, &json!({"solved": false, "satisfaction": "dissatisfied", "comment": "Still stuck."})).await.ok();
        let ticket = done.ticket().await;
        assert_eq!((&ticket["status"], &ticket["engineer_id"], &ticket["auto_dispatch"]), (&json!("new"), &json!(null), &json!(false)));
        let open = done.follow_ups().await;
        assert_eq!((open.len(), &open[0]["reason"], &open[0]["comment"], &open[0]["ticket_number"]), (1, &json!("not_solved"), &json!("Still stuck."), &ticket["number"]));
        // Done again, it is another question with another link; the old one is answered for good.
        done.work().await;
        server.clock.set(START.plus_minutes(30));
        done.step(&done.office, "reopen").await;
        done.step(&done.eve, "complete").await;
        let second = done.link().await;
        assert_ne!(second, link);
        assert_eq!(done.customer.get(&link).await.ok()["state"], "answered");
        done.customer.post(&second, &json!({"solved": true})).await.ok();
        assert_eq!(done.ticket().await["status"], "closed");
    }

    async fn a_low_score_stays_on_the_list_until_somebody_says_what_he_did(server: Server) {
        let done = Done::new(&server).await;
        done.customer.post(&done.link().await, &json!({"solved": true, "satisfaction": "dissatisfied", "comment": "Too late."})).await.ok();
        assert_eq!(done.ticket().await["status"], "closed");
        let open = done.follow_ups().await;
        let path = format!("/api/v1/follow-ups/{}/done", open[0]["id"].as_str().unwrap());
        assert_eq!(done.office.post(&path, &json!({"note": " "})).await.field(), "note");
        let seen_to = done.office.post(&path, &json!({"note": "Called him."})).await.ok();
        assert_eq!((&seen_to["done_by"], &seen_to["note"]), (&json!("dispatcher-1"), &json!("Called him.")));
        done.office.post(&path, &json!({"note": "Too late to say it otherwise."})).await.ok();
        assert_eq!(done.follow_ups().await, Vec::<Value>::new());
        let all = done.office.get("/api/v1/follow-ups?all=true").await.ok();
        assert_eq!(all["items"][0]["note"], "Called him.");
    }

    async fn who_says_nothing_agrees_after_some_days_once_and_may_still_object(server: Server) {
        let done = Done::new(&server).await;
        let link = done.link().await;
        let other = server.another().await;
        server.clock.set(START.plus_minutes(7 * 24 * 60 - 1));
        server::housekeeping::once(&server.app).await.unwrap();
        assert_eq!(done.ticket().await["status"], "completed", "a minute is left");
        server.clock.set(START.plus_minutes(7 * 24 * 60));
        let (one, two) = tokio::join!(server::housekeeping::once(&server.app), server::housekeeping::once(&other.app));
        one.and(two).unwrap();
        assert_eq!(done.ticket().await["status"], "closed");
        let known = done.known().await;
        assert_eq!((&known["confirmation"]["answered_at"], &known["confirmation"]["solved"]), (&json!(null), &json!(null)));
        assert_eq!(done.customer.get(&link).await.ok()["state"], "asked");
        server.clock.set(START.plus_minutes(30 * 24 * 60));
        done.customer.post(&link, &json!({"solved": false, "comment": "It stands again."})).await.ok();
        assert_eq!(done.ticket().await["status"], "new");
    }

    async fn after_a_month_it_is_too_late(server: Server) {
        let done = Done::new(&server).await;
        let link = done.link().await;
        server.clock.set(START.plus_minutes(30 * 24 * 60 + 1));
        assert_eq!(done.customer.get(&link).await.ok()["state"], "over");
        assert_eq!(done.customer.post(&link, &json!({"solved": false})).await.code(), "confirmation_over");
        assert_eq!(done.ticket().await["status"], "completed");
    }

    async fn a_link_to_work_that_was_reopened_is_over(server: Server) {
        let done = Done::new(&server).await;
        let link = done.link().await;
        done.step(&done.office, "reopen").await;
        assert_eq!(done.known().await["url"], json!(null));
        assert_eq!(done.customer.get(&link).await.ok()["state"], "over");
        assert_eq!(done.customer.post(&link, &json!({"solved": true})).await.code(), "confirmation_over");
    }

    async fn several_servers_know_each_others_links(server: Server) {
        let done = Done::new(&server).await;
        let link = done.link().await;
        let other = server.another().await;
        assert_eq!(other.stranger().get(&link).await.ok()["state"], "asked");
    }

    async fn what_a_customer_said_goes_when_he_is_erased(server: Server) {
        let done = Done::new(&server).await;
        done.customer.post(&done.link().await, &json!({"solved": true, "satisfaction": "dissatisfied", "comment": "Ask Mrs Li."})).await.ok();
        let seen_to = format!("/api/v1/follow-ups/{}/done", done.follow_ups().await[0]["id"].as_str().unwrap());
        done.office.post(&seen_to, &json!({"note": "Called Mrs Li."})).await.ok();
        let customer = done.ticket().await["customer_id"].as_str().unwrap().to_owned();
        let admin = server.log_in(Role::Admin).await;
        admin.post(&format!("/api/v1/customers/{customer}/erasure"), &json!({})).await.ok();
        assert_eq!(done.known().await["confirmation"]["comment"], "");
        let all = done.office.get("/api/v1/follow-ups?all=true").await.ok();
        assert_eq!((&all["items"][0]["comment"], &all["items"][0]["note"]), (&json!(""), &json!("")));
        assert!(!done.office.get(&format!("{}/record", done.path)).await.ok().to_string().contains("Mrs Li"));
    }

    async fn wrong_links_and_answers_are_refused(server: Server) {
        let done = Done::new(&server).await;
        let link = done.link().await;
        // Not the last letter, of which some bits say nothing.
        let (start, end) = link.split_at(link.len() - 10);
        let bent = format!("{start}{}{}", if end.starts_with('A') { 'B' } else { 'A' }, &end[1..]);
        for wrong in ["/api/v1/confirmations/x", &bent, &format!("{link}{}", "A".repeat(5_000))] {
            assert_eq!(done.customer.get(wrong).await.status, StatusCode::NOT_FOUND, "{wrong:.60}");
            assert_eq!(done.customer.post(wrong, &json!({"solved": true})).await.code(), "not_found");
        }
        for (said, field) in [
            (json!({}), "solved"),
            (json!({"solved": true, "satisfaction": "delighted"}), "satisfaction"),
            (json!({"solved": true, "stars": 5}), "stars"),
            (json!({"solved": true, "comment": "x".repeat(2_001)}), "comment"),
            (json!({"solved": true, "comment": "a\u{0}b"}), "comment"),
        ] {
            assert_eq!(done.customer.post(&link, &said).await.field(), field, "{said}");
        }
        assert_eq!(done.ticket().await["status"], "completed");
    }
}
