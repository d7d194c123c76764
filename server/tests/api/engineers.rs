//! Skills, engineers, certificates, shifts and absences: adding, changing, removing, and what must be refused.

use db::testing::START;
use db::types::EngineerId;
use db::{Actor, Op, Tx, both_backends};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::auth::Role;
use server::engineers::write::{self, EngineerPatch};
use server::error::Error;
use server::http::IfMatch;
use server::http::checks::ServiceArea;

use crate::harness::{Answer, Person, Server, send};
use crate::tickets::{known_to_dispatch, lift, new_ticket};

/// Nobody's id.
const NOBODY: &str = "0198f3c2-7b00-7000-8000-000000000001";

fn at(minutes: i64) -> i64 {
    START.plus_minutes(minutes).millis()
}

pub fn new_engineer(code: &str) -> Value {
    json!({"code": code, "name": format!("Engineer {code}"), "home_latitude": 40.75, "home_longitude": -73.98})
}

pub fn new_certificate() -> Value {
    json!({"skill": "LIFT-B", "level": 2, "number": "C-1", "valid_from": at(-60), "valid_until": at(60 * 24 * 365)})
}

/// Makes the skill `LIFT-B`.
pub async fn skill(server: &Server, code: &str) {
    let admin = server.log_in(Role::Admin).await;
    admin.post("/api/v1/skills", &json!({"code": code, "name": "Lifts"})).await.ok();
}

async fn hired(person: &Person, code: &str) -> String {
    person.post("/api/v1/engineers", &new_engineer(code)).await.ok()["id"].as_str().unwrap().to_owned()
}

/// Whether the log says that this row was removed, and by whom.
async fn removed_by(server: &Server, entity: &'static str, id: String) -> Option<String> {
    let changes = server.app.db.read(|conn| db::changes::after(conn, 0, 1_000)).await.unwrap();
    let gone = changes.into_iter().find(|c| c.entity == entity && c.row_id == id && c.op == Op::Delete);
    gone.map(|change| change.actor)
}

pub fn number(answer: &Answer) -> i64 {
    answer.etag.as_deref().unwrap().trim_matches('"').parse().unwrap()
}

both_backends! {
    async fn an_engineer_with_certificate_and_shift_gets_the_next_ticket(server: Server) {
        skill(&server, "LIFT-B").await;
        let person = server.log_in(Role::Dispatcher).await;
        let made = person.post("/api/v1/engineers", &new_engineer("E-1")).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.body);
        let path = made.location.clone().unwrap();
        let engineer = made.ok();
        assert_eq!((engineer["max_load_minutes"].as_i64(), engineer["on_shift"].as_bool()), (Some(480), Some(false)));
        assert_eq!(engineer["in_hand"], json!({"tickets": 0, "minutes": 0}));
        person.post(&format!("{path}/certificates"), &new_certificate()).await.ok();
        let shift = json!({"starts_at": at(-60), "ends_at": at(600)});
        let last = person.post(&format!("{path}/shifts"), &shift).await;
        known_to_dispatch(&server, number(&last)).await;
        let ticket = person.post("/api/v1/tickets", &new_ticket(&lift(&server).await)).await.ok();
        assert_eq!(ticket["engineer_id"], engineer["id"], "{ticket}");
        let seen = person.get(&path).await.ok();
        assert_eq!((seen["on_shift"].as_bool(), seen["in_hand"]["minutes"].as_i64()), (Some(true), Some(60)));
        assert_eq!(seen["shift"], shift);
        assert_eq!(seen["certificates"][0]["number"], "C-1");
        assert_eq!((&seen["van_id"], &seen["position"]), (&Value::Null, &Value::Null));
        assert_eq!(person.get("/api/v1/engineers").await.ok()["items"][0], seen);
    }

    async fn a_bad_engineer_is_refused_by_field_and_nothing_is_written(server: Server) {
        let person = server.log_in(Role::Dispatcher).await;
        let faults = [
            ("code", json!(""), "code"),
            ("code", json!("E\u{0}1"), "code"),
            ("name", json!("a\u{202e}b"), "name"),
            ("name", json!("x".repeat(201)), "name"),
            ("phone", json!(7), "phone"),
            ("home_latitude", json!(91), "home_latitude"),
            ("home_longitude", json!("west"), "home_longitude"),
            ("max_load_minutes", json!(0), "max_load_minutes"),
            ("active", json!(true), "active"),
        ];
        for (name, value, field) in faults {
            let mut new = new_engineer("E-1");
            new[name] = value;
            let answer = person.post("/api/v1/engineers", &new).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}: {}", answer.body);
            assert_eq!(answer.field(), field);
        }
        let mut swapped = new_engineer("E-1");
        (swapped["home_latitude"], swapped["home_longitude"]) = (json!(-73.98), json!(40.75));
        let answer = person.post("/api/v1/engineers", &swapped).await;
        assert_eq!((answer.field(), answer.body["errors"][0]["code"].as_str()), ("home_latitude", Some("swapped")));
        assert_eq!(person.get("/api/v1/engineers").await.ok()["items"], json!([]));
    }

    async fn a_code_belongs_to_one_engineer(server: Server) {
        let person = server.log_in(Role::Dispatcher).await;
        hired(&person, "E-1").await;
        let again = person.post("/api/v1/engineers", &new_engineer("E-1")).await;
        assert_eq!((again.status, again.code(), again.field()), (StatusCode::CONFLICT, "duplicate", "code"));
        let other = person.post("/api/v1/engineers", &new_engineer("E-2")).await;
        let (path, etag) = (other.location.clone().unwrap(), other.etag.clone().unwrap());
        let renamed = person.patch(&path, &etag, &json!({"code": "E-1"})).await;
        assert_eq!((renamed.code(), renamed.field()), ("duplicate", "code"));
        assert_eq!(person.get(&path).await.ok()["code"], "E-2");
    }

    async fn an_edit_of_an_engineer_needs_the_version_that_it_was_made_from(server: Server) {
        let person = server.log_in(Role::Dispatcher).await;
        let made = person.post("/api/v1/engineers", &new_engineer("E-1")).await;
        let (path, etag) = (made.location.clone().unwrap(), made.etag.clone().unwrap());
        assert_eq!(person.get(&path).await.etag, made.etag);
        let changed = person.patch(&path, &etag, &json!({"name": "Ada", "active": false})).await;
        assert_eq!((changed.status, changed.body["name"].as_str()), (StatusCode::OK, Some("Ada")));
        assert_eq!(changed.body["active"], false);
        assert_eq!(changed.body["code"], "E-1", "what is absent stays");
        let stale = person.patch(&path, &etag, &json!({"name": "Bob"})).await;
        assert_eq!((stale.status, stale.code()), (StatusCode::PRECONDITION_FAILED, "stale"));
        let now = person.get(&path).await;
        assert_eq!((now.body["name"].as_str(), &now.etag), (Some("Ada"), &changed.etag));
        let blind = send(person.request(Method::PATCH, &path).json(&json!({}))).await;
        assert_eq!(blind.status, StatusCode::PRECONDITION_REQUIRED);
        let bad = person.patch(&path, changed.etag.as_deref().unwrap(), &json!({"home_latitude": 400})).await;
        assert_eq!(bad.field(), "home_latitude");
        let missing = person.patch(&format!("/api/v1/engineers/{NOBODY}"), "\"1\"", &json!({})).await;
        assert_eq!(missing.status, StatusCode::NOT_FOUND);
    }

    async fn an_engineer_asked_for_twice_with_one_key_is_one_engineer(server: Server) {
        let person = server.log_in(Role::Dispatcher).await;
        let ask = |body: Value| {
            let request = person.request(Method::POST, "/api/v1/engineers").header("idempotency-key", "k1");
            send(request.json(&body))
        };
        let first = ask(new_engineer("E-1")).await;
        let again = ask(new_engineer("E-1")).await;
        assert_eq!((again.status, &again.body, again.replayed), (StatusCode::CREATED, &first.body, true));
        assert_eq!(ask(new_engineer("E-2")).await.code(), "idempotency_key_reused");
    }

    async fn engineers_come_in_pages_and_are_found_by_code_name_and_telephone(server: Server) {
        let person = server.log_in(Role::Dispatcher).await;
        for n in 1..=5 {
            let mut new = new_engineer(&format!("E-{n}"));
            new["phone"] = json!(format!("+1 212 555 010{n}"));
            person.post("/api/v1/engineers", &new).await.ok();
        }
        let mut codes = Vec::new();
        let mut after = String::new();
        loop {
            let page = person.get(&format!("/api/v1/engineers?limit=2{after}")).await.ok();
            codes.extend(page["items"].as_array().unwrap().iter().map(|e| e["code"].as_str().unwrap().to_owned()));
            let Some(next) = page["next"].as_str() else { break };
            after = format!("&after={next}");
        }
        assert_eq!(codes, ["E-1", "E-2", "E-3", "E-4", "E-5"]);
        for q in ["e-3", "engineer%20E-3", "0103"] {
            let found = person.get(&format!("/api/v1/engineers?q={q}")).await.ok();
            assert_eq!(found["items"].as_array().unwrap().len(), 1, "{q}");
            assert_eq!(found["items"][0]["code"], "E-3");
        }
        assert_eq!(person.get("/api/v1/engineers?q=%25").await.ok()["items"], json!([]));
        assert_eq!(person.get("/api/v1/engineers?q=a%00").await.field(), "q");
        assert_eq!(person.get("/api/v1/engineers?after=%00").await.field(), "after");
        assert_eq!(person.get("/api/v1/engineers?limit=201").await.field(), "limit");
    }

    async fn a_skill_is_added_by_administrators_once(server: Server) {
        let admin = server.log_in(Role::Admin).await;
        let new = json!({"code": "LIFT-B", "name": "Lifts", "name_zh": "电梯"});
        assert_eq!(admin.post("/api/v1/skills", &new).await.status, StatusCode::CREATED);
        let again = admin.post("/api/v1/skills", &new).await;
        assert_eq!((again.code(), again.field()), ("duplicate", "code"));
        let odd = admin.post("/api/v1/skills", &json!({"code": "A:1", "name": "x"})).await;
        assert_eq!(odd.field(), "code");
        let dispatcher = server.log_in(Role::Dispatcher).await;
        assert_eq!(dispatcher.get("/api/v1/skills").await.ok()["items"], json!([new]));
        assert_eq!(dispatcher.post("/api/v1/skills", &new).await.code(), "forbidden");
    }

    async fn a_bad_certificate_is_refused_by_field(server: Server) {
        skill(&server, "LIFT-B").await;
        let person = server.log_in(Role::Dispatcher).await;
        let path = format!("/api/v1/engineers/{}/certificates", hired(&person, "E-1").await);
        let faults = [
            ("skill", json!("JUGGLING"), "skill"),
            ("level", json!(10), "level"),
            ("number", json!(" "), "number"),
            ("valid_from", json!(-1), "valid_from"),
            ("valid_until", json!(at(-60)), "valid_until"),
            ("valid_until", json!(i64::MAX), "valid_until"),
        ];
        for (name, value, field) in faults {
            let mut new = new_certificate();
            new[name] = value;
            let answer = person.post(&path, &new).await;
            assert_eq!((answer.status, answer.field()), (StatusCode::UNPROCESSABLE_ENTITY, field), "{}", answer.body);
        }
        let nobodys = person.post(&format!("/api/v1/engineers/{NOBODY}/certificates"), &new_certificate()).await;
        assert_eq!(nobodys.status, StatusCode::NOT_FOUND);
    }

    async fn a_certificate_is_prolonged_and_removed_and_the_log_keeps_both(server: Server) {
        skill(&server, "LIFT-B").await;
        let person = server.log_in(Role::Dispatcher).await;
        let engineer = hired(&person, "E-1").await;
        let made = person.post(&format!("/api/v1/engineers/{engineer}/certificates"), &new_certificate()).await;
        let (path, etag) = (made.location.clone().unwrap(), made.etag.clone().unwrap());
        assert_eq!(person.get(&path).await.etag, made.etag);
        let raised = person.patch(&path, &etag, &json!({"level": 3})).await;
        assert_eq!((raised.body["level"].as_i64(), &raised.body["valid_until"]), (Some(3), &json!(at(60 * 24 * 365))));
        let for_ever = person.patch(&path, raised.etag.as_deref().unwrap(), &json!({"valid_until": null})).await;
        assert_eq!(for_ever.body["valid_until"], Value::Null);
        assert_eq!(person.patch(&path, &etag, &json!({"level": 4})).await.code(), "stale");
        let etag = for_ever.etag.unwrap();
        let backwards = person.patch(&path, &etag, &json!({"valid_until": 5})).await;
        assert_eq!(backwards.field(), "valid_until");
        assert_eq!(person.delete(&path).await.status, StatusCode::NO_CONTENT);
        assert_eq!(person.delete(&path).await.status, StatusCode::NOT_FOUND);
        let id = path.rsplit('/').next().unwrap().to_owned();
        assert_eq!(removed_by(&server, "skill_certificates", id).await.as_deref(), Some("dispatcher-1"));
        assert_eq!(person.get(&format!("/api/v1/engineers/{engineer}")).await.ok()["certificates"], json!([]));
    }

    async fn shifts_are_added_listed_and_removed(server: Server) {
        let person = server.log_in(Role::Dispatcher).await;
        let path = format!("/api/v1/engineers/{}/shifts", hired(&person, "E-1").await);
        for day in 0..3 {
            let shift = json!({"starts_at": at(day * 1_440), "ends_at": at(day * 1_440 + 480)});
            assert_eq!(person.post(&path, &shift).await.status, StatusCode::CREATED);
        }
        let again = person.post(&path, &json!({"starts_at": at(0), "ends_at": at(480)})).await;
        assert_eq!((again.code(), again.field()), ("duplicate", "starts_at"));
        let first = person.get(&format!("{path}?limit=2")).await.ok();
        let rest = person.get(&format!("{path}?limit=2&after={}", first["next"].as_str().unwrap())).await.ok();
        assert_eq!((first["items"].as_array().unwrap().len(), rest["items"].as_array().unwrap().len()), (2, 1));
        assert_eq!(rest["next"], Value::Null);
        let id = first["items"][0]["id"].as_str().unwrap().to_owned();
        assert_eq!(person.delete(&format!("/api/v1/shifts/{id}")).await.status, StatusCode::NO_CONTENT);
        assert_eq!(removed_by(&server, "shifts", id).await.as_deref(), Some("dispatcher-1"));
        assert_eq!(person.get(&path).await.ok()["items"].as_array().unwrap().len(), 2);
        for (starts, ends, field) in [(0, 1_441, "ends_at"), (10, 10, "ends_at"), (i64::MIN / 60_000, 5, "starts_at")] {
            let answer = person.post(&path, &json!({"starts_at": at(starts), "ends_at": at(ends)})).await;
            assert_eq!((answer.status, answer.field()), (StatusCode::UNPROCESSABLE_ENTITY, field));
        }
        let nobodys = format!("/api/v1/engineers/{NOBODY}/shifts");
        assert_eq!(person.get(&nobodys).await.status, StatusCode::NOT_FOUND);
        assert_eq!(person.post(&nobodys, &json!({"starts_at": 0, "ends_at": 1})).await.status, StatusCode::NOT_FOUND);
    }

    async fn who_is_absent_is_not_on_shift_until_the_absence_is_removed(server: Server) {
        let person = server.log_in(Role::Dispatcher).await;
        let engineer = format!("/api/v1/engineers/{}", hired(&person, "E-1").await);
        person.post(&format!("{engineer}/shifts"), &json!({"starts_at": at(-60), "ends_at": at(60)})).await.ok();
        let path = format!("{engineer}/absences");
        let absence = json!({"starts_at": at(-10), "ends_at": at(10), "reason": "dentist"});
        let made = person.post(&path, &absence).await.ok();
        assert_eq!(person.get(&engineer).await.ok()["on_shift"], false);
        assert_eq!(person.get(&path).await.ok()["items"], json!([made]));
        let id = made["id"].as_str().unwrap().to_owned();
        assert_eq!(person.delete(&format!("/api/v1/absences/{id}")).await.status, StatusCode::NO_CONTENT);
        assert_eq!(removed_by(&server, "absences", id).await.as_deref(), Some("dispatcher-1"));
        assert_eq!(person.get(&engineer).await.ok()["on_shift"], true);
        let mut endless = absence.clone();
        endless["ends_at"] = json!(at(3 * 366 * 1_440));
        assert_eq!(person.post(&path, &endless).await.field(), "ends_at");
        let mut silent = absence;
        silent["reason"] = json!("");
        assert_eq!(person.post(&path, &silent).await.field(), "reason");
    }

    async fn of_two_edits_from_one_page_that_are_committed_together_only_one_is_taken(server: Server) {
        let person = server.log_in(Role::Dispatcher).await;
        let made = person.post("/api/v1/engineers", &new_engineer("E-1")).await;
        let version = IfMatch(number(&made));
        let id: EngineerId = made.ok()["id"].as_str().unwrap().parse().unwrap();
        let db = &server.app.db;
        // The writer is held up until both edits wait for it, so that they come into one group.
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let held_up = db.write(Actor::system("test"), move |_| { let _ = wait.recv(); Ok::<_, Error>(()) });
        let edit = |name: &'static str| db.write(Actor::system("test"), move |tx: &mut Tx<'_>| {
            let patch = EngineerPatch { name: Some(name.to_owned()), ..EngineerPatch::default() };
            write::patch(tx, id, &patch, &ServiceArea::INHABITED)?;
            version.check(tx, "engineers", id.as_str())
        });
        let (_, first, second, ()) = tokio::join!(held_up, edit("Ada"), edit("Bob"), async move { go.send(()).unwrap() });
        assert!(first.is_ok());
        assert_eq!(second.unwrap_err().problem().code, "stale");
    }

    async fn nobody_leaves_with_work_in_his_hands(server: Server) {
        let id = crate::tickets::engineer(&server, "E-1").await;
        let office = server.log_in(Role::Dispatcher).await;
        let lift = crate::tickets::lift(&server).await;
        let ticket = office.post("/api/v1/tickets", &crate::tickets::new_ticket(&lift)).await.ok();
        assert_eq!(ticket["engineer_id"], json!(id));
        let (path, admin) = (format!("/api/v1/engineers/{id}"), server.log_in(Role::Admin).await);
        let etag = admin.get(&path).await.etag.unwrap();
        assert_eq!(admin.patch(&path, &etag, &json!({"active": false})).await.code(), "has_open_tickets");
        let events = format!("/api/v1/tickets/{}/events", ticket["id"].as_str().unwrap());
        office.post(&events, &json!({"kind": "cancel", "reason": "it moves again"})).await.ok();
        admin.patch(&path, &etag, &json!({"active": false})).await.ok();
    }
}
