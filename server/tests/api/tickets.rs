//! Tickets: opening, assigning, moving along, editing, and everything that must be refused.

use db::both_backends;
use db::schema::{assets, customers, engineer_loads, engineers, shifts, sites, skill_certificates, skills};
use db::testing::START;
use db::types::Id;
use db::{Actor, Tx};
use diesel::prelude::*;
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::auth::Role;
use server::engineers::{Certificate, Engineer, Shift};
use server::error::Error;

use crate::harness::{Person, Server, send};

/// An engineer at home in Midtown, on shift for twelve hours, with a certificate LIFT-B of level 2.
pub async fn engineer(server: &Server, code: &str) -> String {
    let code = code.to_owned();
    let create = move |tx: &mut Tx<'_>| {
        let engineer = Engineer {
            id: Id::new(),
            code: code.clone(),
            name: format!("Engineer {code}"),
            phone: String::new(),
            home_latitude: 40.75,
            home_longitude: -73.98,
            max_load_minutes: 600,
            active: true,
            created_at: START,
        };
        diesel::insert_into(engineers::table).values(engineer.clone()).execute(tx.conn())?;
        tx.changed(&engineer)?;
        diesel::insert_into(engineer_loads::table)
            .values((
                engineer_loads::engineer_id.eq(engineer.id),
                engineer_loads::tickets.eq(0),
                engineer_loads::minutes.eq(0),
            ))
            .execute(tx.conn())?;
        let shift = Shift {
            id: Id::new(),
            engineer_id: engineer.id,
            starts_at: START.plus_minutes(-60),
            ends_at: START.plus_minutes(12 * 60),
        };
        diesel::insert_into(shifts::table).values(shift.clone()).execute(tx.conn())?;
        tx.changed(&shift)?;
        skill(tx, "LIFT-B")?;
        let certificate = Certificate {
            id: Id::new(),
            engineer_id: engineer.id,
            skill: "LIFT-B".to_owned(),
            level: 2,
            number: "C-1".to_owned(),
            valid_from: START.plus_minutes(-100_000),
            valid_until: Some(START.plus_minutes(24 * 60)),
        };
        diesel::insert_into(skill_certificates::table).values(certificate.clone()).execute(tx.conn())?;
        tx.changed(&certificate)?;
        Ok::<_, Error>(engineer.id.to_string())
    };
    let (id, numbers) = server.app.db.write_numbered(Actor::system("test"), create).await.unwrap();
    known_to_dispatch(server, numbers.last().unwrap()).await;
    id
}

macro_rules! row {
    ($name:ident, $table:literal) => {
        #[derive(serde::Serialize)]
        struct $name(String);
        impl db::Entity for $name {
            const ENTITY: &'static str = $table;
            fn row_id(&self) -> String {
                self.0.clone()
            }
        }
    };
}
row!(SkillRow, "skills");
row!(CustomerRow, "customers");
row!(SiteRow, "sites");
row!(AssetRow, "assets");

fn skill(tx: &mut Tx<'_>, code: &str) -> Result<(), Error> {
    let known: i64 = skills::table.filter(skills::code.eq(code)).count().get_result(tx.conn())?;
    if known == 0 {
        diesel::insert_into(skills::table)
            .values((skills::code.eq(code), skills::name.eq(code), skills::name_zh.eq(code)))
            .execute(tx.conn())?;
        tx.changed(&SkillRow(code.to_owned()))?;
    }
    Ok(())
}

/// Waits until dispatch has taken this change in.
pub async fn known_to_dispatch(server: &Server, seq: i64) {
    let waiting = async {
        while server.app.board.cursor() < seq {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), waiting)
        .await
        .expect("dispatch follows the log");
}

/// A lift in Midtown.
pub async fn lift(server: &Server) -> String {
    server.app.db.write(Actor::system("test"), lift_made).await.unwrap()
}

/// A lift in Midtown, with its site and customer, and the skill that it needs.
pub fn lift_made(tx: &mut Tx<'_>) -> Result<String, Error> {
    skill(tx, "LIFT-B")?;
    let (customer, site, asset) = (
        Id::<db::types::of::Customer>::new(),
        Id::<db::types::of::Site>::new(),
        Id::<db::types::of::Asset>::new(),
    );
    diesel::insert_into(customers::table)
        .values((
            customers::id.eq(customer),
            customers::number.eq(customer.to_string()),
            customers::name.eq("Empire State"),
            customers::phone.eq(""),
            customers::email.eq(""),
            customers::level.eq(""),
            customers::created_at.eq(START),
        ))
        .execute(tx.conn())?;
    diesel::insert_into(sites::table)
        .values((
            sites::id.eq(site),
            sites::customer_id.eq(customer),
            sites::name.eq("Empire State Building"),
            sites::address.eq("350 5 AVENUE"),
            sites::latitude.eq(40.7484),
            sites::longitude.eq(-73.9857),
            sites::access_note.eq("Ask at the desk"),
            sites::contact.eq(""),
            sites::time_zone.eq("America/New_York"),
            sites::created_at.eq(START),
        ))
        .execute(tx.conn())?;
    diesel::insert_into(assets::table)
        .values((
            assets::id.eq(asset),
            assets::site_id.eq(site),
            assets::number.eq(asset.to_string()),
            assets::kind.eq("Passenger Elevator"),
            assets::model.eq("Passenger Elevator GL"),
            assets::manufacturer.eq(""),
            assets::description.eq(""),
            assets::created_at.eq(START),
        ))
        .execute(tx.conn())?;
    tx.changed(&CustomerRow(customer.to_string()))?;
    tx.changed(&SiteRow(site.to_string()))?;
    tx.changed(&AssetRow(asset.to_string()))?;
    Ok(asset.to_string())
}

/// A ticket that the office could open.
pub fn new_ticket(asset_id: &str) -> Value {
    json!({
        "kind": "repair", "priority": 1, "title": "Lift stands still", "symptom": "CALLBACK/REPAIR",
        "asset_id": asset_id, "expected_minutes": 60,
        "required_skills": [{"skill": "LIFT-B", "level": 1}],
    })
}

async fn office(server: &Server) -> (Person, String) {
    (server.log_in(Role::Dispatcher).await, lift(server).await)
}

both_backends! {
    async fn a_new_ticket_is_assigned_at_once_to_somebody_who_can_take_it(server: Server) {
        let engineer = engineer(&server, "E-1").await;
        let (person, lift) = office(&server).await;
        let answer = person.post("/api/v1/tickets", &new_ticket(&lift)).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
        assert!(answer.etag.is_some() && answer.location.is_some());
        let ticket = answer.ok();
        assert_eq!(ticket["status"], "assigned");
        assert_eq!(ticket["engineer_id"], engineer.as_str());
        assert_eq!(ticket["access_note"], "Ask at the desk");
        assert_eq!(ticket["due_at"].as_i64().unwrap() - START.millis(), 2 * 3_600_000);
        let id = ticket["id"].as_str().unwrap();
        let assignments = person.get(&format!("/api/v1/tickets/{id}/assignments")).await.ok();
        let dossier = &assignments["items"][0]["dossier"];
        let terms = dossier["ranked"][0]["terms"].as_array().unwrap();
        let sum: f64 = terms.iter().map(|t| t["minutes"].as_f64().unwrap()).sum();
        assert!((sum - assignments["items"][0]["score_minutes"].as_f64().unwrap()).abs() < 0.05);
        assert!(dossier["cursor"].as_i64().unwrap() > 0);
    }

    async fn a_ticket_that_nobody_can_take_waits_with_its_reasons_until_somebody_can(server: Server) {
        engineer(&server, "E-1").await;
        let (person, lift) = office(&server).await;
        let mut new = new_ticket(&lift);
        new["required_skills"][0]["level"] = json!(3);
        let ticket = person.post("/api/v1/tickets", &new).await.ok();
        assert_eq!(ticket["status"], "new");
        assert_eq!(ticket["queue_reasons"], json!([{"rule": "certificate_level", "count": 1}]));
    }

    async fn a_certificate_that_ends_before_the_visit_does_not_count(server: Server) {
        engineer(&server, "E-1").await;
        let (person, lift) = office(&server).await;
        let mut new = new_ticket(&lift);
        new["expected_minutes"] = json!(60);
        new["earliest_at"] = json!(START.plus_minutes(10 * 60).millis());
        server.clock.set(START.plus_minutes(9 * 60));
        let ticket = person.post("/api/v1/tickets", &new).await.ok();
        assert_eq!(ticket["status"], "assigned", "{ticket}");
        new["expected_minutes"] = json!(16 * 60);
        let ticket = person.post("/api/v1/tickets", &new).await.ok();
        assert_eq!(ticket["queue_reasons"][0]["rule"], "certificate_expired", "{ticket}");
    }

    async fn nobody_is_overbooked_and_no_ticket_is_assigned_twice_however_many_ask_at_once(server: Server) {
        for n in 0..3 {
            engineer(&server, &format!("E-{n}")).await;
        }
        let (person, lift) = office(&server).await;
        let mut new = new_ticket(&lift);
        new["expected_minutes"] = json!(100);
        let all = (0..30).map(|_| { let (person, new) = (person.clone(), new.clone()); async move { person.post("/api/v1/tickets", &new).await.ok() } });
        let tickets = futures_util::future::join_all(all).await;
        let assigned = tickets.iter().filter(|t| t["status"] == "assigned").count();
        assert_eq!(assigned, 18, "three engineers take 600 minutes each");
        let differences = server.app.db.read(server::schedule::load::verify).await.unwrap();
        assert!(differences.is_empty(), "{differences:?}");
    }

    async fn a_repeated_request_with_one_key_creates_one_ticket(server: Server) {
        let (person, lift) = office(&server).await;
        let ask = |body: Value| {
            let request = person.request(reqwest::Method::POST, "/api/v1/tickets").header("idempotency-key", "k1");
            send(request.json(&body))
        };
        let first = ask(new_ticket(&lift)).await;
        let again = ask(new_ticket(&lift)).await;
        assert_eq!(first.status, StatusCode::CREATED, "{}", first.body);
        assert_eq!((again.status, &again.body), (first.status, &first.body));
        assert!(again.replayed && !first.replayed);
        let mut other = new_ticket(&lift);
        other["title"] = json!("Another one");
        assert_eq!(ask(other).await.code(), "idempotency_key_reused");
        assert_eq!(person.get("/api/v1/tickets").await.ok()["items"].as_array().unwrap().len(), 1);
    }

    async fn bad_input_is_refused_by_field_and_writes_nothing(server: Server) {
        let (person, lift) = office(&server).await;
        let faults: Vec<(&str, Value, &str)> = vec![
            ("title", json!("\u{0}"), "title"),
            ("title", json!("ab\u{202e}cd"), "title"),
            ("title", json!(""), "title"),
            ("title", json!(7), "title"),
            ("description", json!("x".repeat(10 * 1024 * 1024)), "description"),
            ("priority", json!(5), "priority"),
            ("priority", json!(1.5), "priority"),
            ("asset_id", json!("not-an-id"), "asset_id"),
            ("asset_id", json!("0198f3c2-7b00-7000-8000-000000000001"), "asset_id"),
            ("required_skills", json!([{"skill": "JUGGLING", "level": 1}]), "required_skills[0].skill"),
            ("required_skills", json!([{"skill": "LIFT-B", "level": 0}]), "required_skills[0].level"),
            ("needed_parts", json!([{"part_id": "0198f3c2-7b00-7000-8000-000000000001", "quantity": 1}]), "needed_parts[0].part_id"),
            ("needed_parts", json!([{"part_id": "0198f3c2-7b00-7000-8000-000000000001", "quantity": -1}]), "needed_parts[0].quantity"),
            ("expected_minutes", json!(0), "expected_minutes"),
            ("latest_at", json!(START.plus_minutes(-5).millis()), "latest_at"),
            ("colour", json!("red"), "colour"),
            ("dispatch", json!("perhaps"), "dispatch"),
        ];
        for (name, value, field) in faults {
            let mut new = new_ticket(&lift);
            new["required_skills"] = json!([]);
            new[name] = value;
            let answer = person.post("/api/v1/tickets", &new).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}: {}", answer.body);
            assert_eq!(answer.field(), field);
        }
        let request = person.request(reqwest::Method::POST, "/api/v1/tickets").header("content-type", "application/json");
        assert_eq!(send(request.body("{\"kind\":")).await.code(), "malformed_json");
        assert_eq!(person.get("/api/v1/tickets").await.ok()["items"], json!([]));
    }

    async fn a_number_that_is_taken_is_a_conflict(server: Server) {
        let (person, lift) = office(&server).await;
        let mut new = new_ticket(&lift);
        new["required_skills"] = json!([]);
        new["number"] = json!(1001);
        person.post("/api/v1/tickets", &new).await.ok();
        let again = person.post("/api/v1/tickets", &new).await;
        assert_eq!((again.code(), again.field()), ("duplicate", "number"));
        // Our own numbers step over it.
        new.as_object_mut().unwrap().remove("number");
        assert_eq!(person.post("/api/v1/tickets", &new).await.ok()["number"], 1002);
    }

    async fn an_edit_from_a_stale_page_is_refused(server: Server) {
        let (person, lift) = office(&server).await;
        let mut new = new_ticket(&lift);
        new["required_skills"] = json!([]);
        let made = person.post("/api/v1/tickets", &new).await;
        let (etag, path) = (made.etag.clone().unwrap(), made.location.clone().unwrap());
        let first = person.patch(&path, &etag, &json!({"priority": 2})).await;
        assert_eq!(first.status, StatusCode::OK, "{}", first.body);
        let stale = person.patch(&path, &etag, &json!({"title": "Mine"})).await;
        assert_eq!((stale.status, stale.code()), (StatusCode::PRECONDITION_FAILED, "stale"));
        let now = person.get(&path).await;
        assert_eq!((now.body["title"].as_str(), now.etag), (Some("Lift stands still"), first.etag));
        let blind = send(person.request(reqwest::Method::PATCH, &path).json(&json!({"title": "x"}))).await;
        assert_eq!(blind.code(), "if_match_required");
    }

    async fn a_ticket_goes_its_way_and_illegal_steps_are_refused_with_the_reason(server: Server) {
        let engineer_id = engineer(&server, "E-1").await;
        let (person, lift) = office(&server).await;
        let ticket = person.post("/api/v1/tickets", &new_ticket(&lift)).await.ok();
        let engineer = server.log_in_as("eve", Role::Engineer, Some(&engineer_id)).await;
        let path = format!("/api/v1/tickets/{}/events", ticket["id"].as_str().unwrap());
        let step = |person: &Person, body: Value| { let (person, path) = (person.clone(), path.clone()); async move { person.post(&path, &body).await } };
        assert_eq!(step(&person, json!({"kind": "close"})).await.code(), "illegal_step.not_completed");
        assert_eq!(step(&engineer, json!({"kind": "close"})).await.code(), "forbidden");
        assert_eq!(step(&engineer, json!({"kind": "decline"})).await.field(), "reason");
        for (kind, status) in [("accept", "accepted"), ("travel", "travelling"), ("arrive", "on_site"), ("start", "working"), ("complete", "completed")] {
            assert_eq!(step(&engineer, json!({"kind": kind})).await.ok()["status"], status);
        }
        assert_eq!(step(&person, json!({"kind": "close"})).await.ok()["status"], "closed");
        assert_eq!(step(&person, json!({"kind": "cancel", "reason": "x"})).await.code(), "illegal_step.closed");
        let history = person.get(&format!("/api/v1/tickets/{}/history", ticket["id"].as_str().unwrap())).await.ok();
        let moves: Vec<&str> = history["items"].as_array().unwrap().iter()
            .filter(|entry| entry["entity"] == "tickets")
            .filter_map(|entry| entry["changed"]["status"][1].as_str()).collect();
        assert_eq!(moves, ["assigned", "accepted", "travelling", "on_site", "working", "completed", "closed"]);
        let loads = server.app.db.read(server::schedule::load::verify).await.unwrap();
        assert!(loads.is_empty(), "{loads:?}");
    }

    async fn an_engineer_sees_his_own_tickets_and_learns_nothing_of_others(server: Server) {
        let (first, second) = (engineer(&server, "E-1").await, engineer(&server, "E-2").await);
        let (person, lift) = office(&server).await;
        let ticket = person.post("/api/v1/tickets", &new_ticket(&lift)).await.ok();
        let holder = ticket["engineer_id"].as_str().unwrap().to_owned();
        let other = if holder == first { &second } else { &first };
        let (his, others) = (server.log_in_as("a", Role::Engineer, Some(&holder)).await, server.log_in_as("b", Role::Engineer, Some(other)).await);
        let path = format!("/api/v1/tickets/{}", ticket["id"].as_str().unwrap());
        his.get(&path).await.ok();
        assert_eq!(others.get(&path).await.status, StatusCode::NOT_FOUND);
        assert_eq!(others.get("/api/v1/tickets").await.ok()["items"], json!([]));
        assert_eq!(others.post(&format!("{path}/events"), &json!({"kind": "accept"})).await.status, StatusCode::NOT_FOUND);
    }

    async fn a_dispatcher_may_override_a_rule_with_a_reason_but_never_overbook(server: Server) {
        let engineer_id = engineer(&server, "E-1").await;
        let (person, lift) = office(&server).await;
        let mut new = new_ticket(&lift);
        new["required_skills"][0]["level"] = json!(3);
        let ticket = person.post("/api/v1/tickets", &new).await.ok();
        let path = format!("/api/v1/tickets/{}/assignments", ticket["id"].as_str().unwrap());
        let refused = person.post(&path, &json!({"engineer_id": engineer_id})).await;
        assert_eq!(refused.code(), "excluded.certificate_level");
        let made = person.post(&path, &json!({"engineer_id": engineer_id, "reason": "He is trained on it"})).await.ok();
        assert_eq!((made["reason"].as_str(), made["score_minutes"].as_f64()), (Some("He is trained on it"), None));
        new["expected_minutes"] = json!(600);
        let ticket = person.post("/api/v1/tickets", &new).await.ok();
        let path = format!("/api/v1/tickets/{}/assignments", ticket["id"].as_str().unwrap());
        let refused = person.post(&path, &json!({"engineer_id": engineer_id, "reason": "please"})).await;
        assert_eq!(refused.code(), "excluded.workload");
    }

    async fn a_limit_in_time_can_be_taken_away_and_the_server_be_let_assign_again(server: Server) {
        let (person, lift) = (server.log_in(Role::Dispatcher).await, lift(&server).await);
        let mut new = new_ticket(&lift);
        (new["dispatch"], new["latest_at"]) = (json!("manual"), json!(START.plus_minutes(600).millis()));
        let made = person.post("/api/v1/tickets", &new).await.ok();
        let path = format!("/api/v1/tickets/{}", made["id"].as_str().unwrap());
        let etag = person.get(&path).await.etag.unwrap();
        let kept = person.patch(&path, &etag, &json!({"title": "Stands still"})).await;
        assert_eq!(kept.body["latest_at"], new["latest_at"], "what is not named stays");
        let open = json!({"latest_at": null, "auto_dispatch": true});
        let changed = person.patch(&path, &kept.etag.unwrap(), &open).await.ok();
        assert_eq!((&changed["latest_at"], &changed["auto_dispatch"]), (&Value::Null, &json!(true)));
        engineer(&server, "E-1").await;
        let assigned = async {
            while person.get(&path).await.ok()["status"] != "assigned" {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(30), assigned).await.expect("the queue assigns it");
    }

    async fn a_list_is_not_taken_for_the_fields_in_their_order(server: Server) {
        let person = server.log_in(Role::Dispatcher).await;
        for list in [json!([]), json!(["repair", 1, "Stands still"])] {
            let refused = person.post("/api/v1/tickets", &list).await;
            assert_eq!((refused.status.as_u16(), refused.field()), (422, "body"));
        }
    }
}
