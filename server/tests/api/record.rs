//! The record as its users meet it: sealed by itself, exported by the office, and judged by `fettle verify record`.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::Duration;

use db::both_backends;
use db::testing::{START, raw};
use db::types::{Id, of};
use diesel::connection::SimpleConnection;
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::auth::Role;
use server::housekeeping;

use crate::harness::{Person, Server};
use crate::tickets::{engineer, lift, new_ticket};

/// A ticket that somebody has, with a note and a changed priority; its id.
pub async fn told(server: &Server) -> (Person, String) {
    engineer(server, "E-1").await;
    let office = server.log_in(Role::Dispatcher).await;
    let opened = office.post("/api/v1/tickets", &new_ticket(&lift(server).await)).await;
    let (ticket, etag) = (opened.body["id"].as_str().unwrap().to_owned(), opened.etag.clone().unwrap());
    let path = format!("/api/v1/tickets/{ticket}");
    office.post(&format!("{path}/notes"), &json!({"text": "Mrs Li, 212 555 0100"})).await.ok();
    office.patch(&path, &etag, &json!({"priority": 2})).await.ok();
    (office, ticket)
}

/// A file of one test.
struct File(PathBuf);

impl File {
    fn of(bundle: &Value) -> Self {
        let path = std::env::temp_dir().join(format!("fettle-bundle-{}.json", Id::<of::Session>::new()));
        std::fs::write(&path, serde_json::to_vec(bundle).unwrap()).unwrap();
        Self(path)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        drop(std::fs::remove_file(&self.0));
    }
}

fn fettle(arguments: &[&str]) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_fettle"))
        .args(arguments)
        .env("FETTLE_LOG", "error")
        .output()
        .unwrap();
    (status.code(), String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap())
}

fn judge(bundle: &Value, more: &[&str]) -> (Option<i32>, String) {
    let file = File::of(bundle);
    fettle(&[&["verify", "record", file.0.to_str().unwrap()], more].concat())
}

fn judge_database(server: &Server) -> (Option<i32>, String) {
    fettle(&["--database-url", &server.app.config.database_url, "verify", "record"])
}

both_backends! {
    async fn a_ticket_goes_out_with_its_proof_and_is_judged_without_the_server(server: Server) {
        let (office, ticket) = told(&server).await;
        let bundle = office.get(&format!("/api/v1/tickets/{ticket}/record")).await.ok();
        let entries = bundle["entries"].as_array().unwrap();
        assert!(entries.len() >= 5, "ticket, visit, assignment, note, change: {}", entries.len());
        let (code, said) = judge(&bundle, &[]);
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains(&format!("All {} entries of ticket {ticket} are as they were", entries.len())), "{said}");
        let state = office.get("/api/v1/record").await.ok();
        assert!(said.contains(state["fingerprint"].as_str().unwrap()), "{said}");
        assert_eq!(judge(&bundle, &["--key", state["public_key"].as_str().unwrap()]).0, Some(0));
        let another = ::record::Signer::from_seed([1; 32]).public().text();
        assert_eq!(judge(&bundle, &["--key", &another]).0, Some(1));
    }

    async fn what_was_done_to_a_bundle_is_named_and_the_command_fails(server: Server) {
        let (office, ticket) = told(&server).await;
        let bundle = office.get(&format!("/api/v1/tickets/{ticket}/record")).await.ok();
        let altered = |alter: &dyn Fn(&mut Vec<Value>)| {
            let mut bundle = bundle.clone();
            alter(bundle["entries"].as_array_mut().unwrap());
            judge(&bundle, &[])
        };
        let last = bundle["entries"].as_array().unwrap().len();
        type Tamper<'a> = &'a dyn Fn(&mut Vec<Value>);
        let cases: [(Tamper<'_>, String); 5] = [
            (&|entries| drop(entries.remove(1)), "entry 2 is missing".to_owned()),
            (&|entries| drop(entries.pop()), format!("entry {last} is missing")),
            (&|entries| entries.swap(1, 2), "entry 2 stands behind one that comes after it".to_owned()),
            (&|entries| entries[2]["open"]["text"] = json!("{}"), "entry 3 was altered: its open text is another".to_owned()),
            (
                &|entries| {
                    let leaf = entries[0]["leaf"].as_str().unwrap().replace("dispatcher-1", "mallory");
                    entries[0]["leaf"] = json!(leaf);
                },
                "entry 1 was altered: it is not in the signed record".to_owned(),
            ),
        ];
        for (alter, expected) in cases {
            let (code, said) = altered(alter);
            assert_eq!(code, Some(1), "{said}");
            assert!(said.contains(&expected), "{expected}: {said}");
        }
    }

    async fn the_record_seals_itself_and_the_database_is_judged(server: Server) {
        let (office, _) = told(&server).await;
        let sealed = async {
            loop {
                let state = office.get("/api/v1/record").await.ok();
                if state["waiting_since"].is_null() && state["sealed"].as_i64().unwrap() > 0 {
                    return state;
                }
            }
        };
        let state = tokio::time::timeout(Duration::from_secs(60), sealed).await.expect("it is sealed by itself");
        assert!(state["head"].as_str().unwrap().starts_with("fettle-record/e"));
        let (code, said) = judge_database(&server);
        assert_eq!(code, Some(0), "{said}");
        let sql = "UPDATE change_contents SET body = replace(body, 'Mrs Li', 'Mrs Wu') WHERE body LIKE '%Mrs Li%'";
        raw(&server.url()).batch_execute(sql).unwrap();
        let (code, said) = judge_database(&server);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("(notes ") && said.contains("was altered"), "{said}");
    }

    async fn without_its_key_a_server_exports_nothing_and_says_so(server: Server) {
        let (office, ticket) = told(&server).await;
        office.get(&format!("/api/v1/tickets/{ticket}/record")).await.ok();
        let elsewhere = server.another_with(|config| config.record_key = "/nowhere/else/record.key".to_owned()).await;
        let office = elsewhere.log_in(Role::Dispatcher).await;
        let refused = office.get(&format!("/api/v1/tickets/{ticket}/record")).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "record_key"));
        let nobody = "/api/v1/tickets/0198f3c2-7b00-7000-8000-000000000001/record";
        assert_eq!(office.get(nobody).await.status, StatusCode::NOT_FOUND);
    }

    async fn a_customer_is_erased_with_all_that_was_said_and_every_proof_holds(server: Server) {
        let (office, ticket) = told(&server).await;
        let admin = server.log_in(Role::Admin).await;
        let customer = office.get(&format!("/api/v1/tickets/{ticket}")).await.ok()["customer_id"].clone();
        let erasure = format!("/api/v1/customers/{}/erasure", customer.as_str().unwrap());
        let open = admin.post(&erasure, &json!({})).await;
        assert_eq!((open.status, open.code()), (StatusCode::CONFLICT, "tickets_not_over"));
        let events = format!("/api/v1/tickets/{ticket}/events");
        office.post(&events, &json!({"kind": "cancel", "reason": "Mrs Li sold the house"})).await.ok();
        let before = office.get(&format!("/api/v1/tickets/{ticket}/record")).await.ok();
        assert!(before.to_string().contains("Mrs Li") && before.to_string().contains("Lift stands still"));
        let erased = admin.post(&erasure, &json!({})).await.ok();
        assert_eq!(erased["tickets"], 1);
        assert!(erased["entries"].as_i64().unwrap() >= 6, "{erased}");
        let after = office.get(&format!("/api/v1/tickets/{ticket}/record")).await.ok();
        let text = after.to_string();
        for gone in ["Mrs Li", "Lift stands still", "Ask at the desk", "212 555 0100"] {
            assert!(!text.contains(gone), "{gone} is still there");
        }
        assert!(text.contains("admin-1"), "who erased is in the record");
        let (code, said) = judge(&after, &[]);
        assert_eq!(code, Some(0), "{said}");
        assert!(said.contains("Erased before it was exported: 1p"), "{said}");
        assert_eq!(judge(&before, &[]).0, Some(0), "what was exported before still holds");
        let (code, said) = judge_database(&server);
        assert_eq!(code, Some(0), "{said}");
        let shown = office.get(&format!("/api/v1/tickets/{ticket}")).await.ok();
        assert_eq!((shown["title"].as_str(), shown["site_contact"].as_str()), (Some("erased"), Some("")));
        assert_eq!(office.get(&format!("/api/v1/tickets/{ticket}/history")).await.status, StatusCode::OK);
    }

    async fn texts_go_when_their_time_is_over_and_so_do_positions(server: Server) {
        let (office, ticket) = told(&server).await;
        let path = format!("/api/v1/tickets/{ticket}");
        let engineer = office.get(&path).await.ok()["engineer_id"].clone();
        let position = json!({"positions": [{"engineer_id": engineer, "latitude": 40.75, "longitude": -73.98,
            "at": START.millis(), "accuracy_m": null}]});
        office.post("/api/v1/positions", &position).await.ok();
        server::positions::flush(&server.app).await.unwrap();
        let at_work = server.log_in_as("engineer-1", Role::Engineer, engineer.as_str()).await;
        for kind in ["accept", "travel", "arrive", "start", "complete"] {
            at_work.post(&format!("{path}/events"), &json!({"kind": kind})).await.ok();
        }
        office.post(&format!("{path}/events"), &json!({"kind": "close"})).await.ok();
        let keeping = server.another_with(|config| config.record_keep_days = 30).await;
        let positions = |server: &Server| {
            let app = server.app.clone();
            async move { app.db.read(server::positions::all).await.unwrap().len() }
        };
        server.clock.set(START.plus_minutes(47 * 60));
        housekeeping::once(&keeping.app).await.unwrap();
        assert_eq!(positions(&keeping).await, 1, "it may be known for two days");
        server.clock.set(START.plus_minutes(29 * 24 * 60));
        housekeeping::once(&keeping.app).await.unwrap();
        assert_eq!(positions(&keeping).await, 0);
        let shown = office.get(&format!("/api/v1/engineers/{}", engineer.as_str().unwrap())).await.ok();
        assert!(shown["position"].is_null(), "{shown}");
        let record = format!("{path}/record");
        assert!(office.get(&record).await.ok().to_string().contains("Mrs Li"), "it is kept for thirty days");
        server.clock.set(START.plus_minutes(31 * 24 * 60));
        housekeeping::once(&keeping.app).await.unwrap();
        let bundle = office.get(&record).await.ok();
        let entries = bundle["entries"].as_array().unwrap();
        assert!(entries.iter().all(|entry| entry["open"].is_null() && entry["personal"].is_null()));
        let (code, said) = judge(&bundle, &[]);
        assert_eq!(code, Some(0), "{said}");
        assert_eq!(judge_database(&server).0, Some(0));
    }
}
