//! Escalations: each step once, at its time, whoever runs, and seen by those who are to see it.

use std::time::{Duration, Instant};

use db::schema::{escalations, settings};
use db::testing::{Backend, START, block_on, fresh_url};
use db::types::Id;
use db::{Actor, Db, Options, Tx, Url, both_backends};
use diesel::prelude::*;
use futures_util::future::join_all;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use server::auth::Role;
use server::error::Error;
use server::sla::timers::{self, Escalation};
use server::sla::{store, watch};

use crate::harness::{Person, Server, send};
use crate::kill::{Fettle, TOKEN, user};
use crate::sla::{Scene, table};
use crate::tickets::{engineer, lift, new_ticket};

const SETTINGS: &str = "/api/v1/sla/settings";

/// Lets it be so many minutes after the opening, and takes what is due; how many steps.
async fn at(server: &Server, minute: i64) -> usize {
    server.clock.set(START.plus_minutes(minute));
    watch::once(&server.app).await.unwrap()
}

async fn told(person: &Person) -> Vec<Value> {
    person.get("/api/v1/notifications").await.ok()["items"].as_array().unwrap().clone()
}

/// What the ticket's record says of its steps: which, and the minute at which each was due.
async fn recorded(scene: &Scene) -> Vec<(String, i64)> {
    let history = scene.office.get(&format!("/api/v1/tickets/{}/history", scene.id)).await.ok();
    let of = |entry: &Value| entry["entity"] == "escalations";
    let entries = history["items"].as_array().unwrap().iter().filter(|entry| of(entry));
    let step = |entry: &Value| {
        let due = entry["changed"]["due_at"][1].as_i64().unwrap();
        (entry["changed"]["step"][1].as_str().unwrap().to_owned(), (due - START.millis()) / 60_000)
    };
    entries.map(step).collect()
}

async fn set(server: &Server, change: Value) {
    let admin = server.log_in(Role::Admin).await;
    let present = admin.get(SETTINGS).await;
    let (etag, mut body) = (present.etag.clone().unwrap(), present.ok()["body"].clone());
    body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    send(admin.request(Method::PUT, SETTINGS).header("if-match", etag).json(&body)).await.ok();
    server.app.board.catch_up(&server.app.db).await.unwrap();
}

fn soon(left_percent: u8, act: &str) -> Value {
    json!({"target": "resolution", "left_percent": left_percent, "act": act})
}

/// Writes the row of the ticket's first step down, as if it had been taken: the database refuses it a second time.
async fn stand_in_the_way(server: &Server, ticket: &str) -> Escalation {
    let stuck = Escalation {
        id: Id::new(),
        ticket_id: ticket.parse().unwrap(),
        step: "resolution:30:notify_engineer".to_owned(),
        due_at: START,
        fired_at: START,
        engineer_id: None,
        given_to_id: None,
        told: 0,
    };
    let row = stuck.clone();
    server.app.db.write(Actor::system("test"), move |tx| timers::record(tx, &row)).await.unwrap();
    stuck
}

/// How often the ticket's next step failed, and the minute at which it is tried again.
async fn failed(scene: &Scene) -> (i64, i64) {
    let clock = scene.office.get(&format!("/api/v1/tickets/{}/sla", scene.id)).await.ok();
    let failed = &clock["failed_step"];
    assert_eq!(failed["fault"], "duplicate");
    let minute = (failed["tries_at"].as_i64().unwrap() - START.millis()) / 60_000;
    (failed["failures"].as_i64().unwrap(), minute)
}

both_backends! {
    async fn the_engineer_is_told_at_thirty_percent_and_the_office_at_ten_and_each_once(server: Server) {
        let scene = Scene::of(&server, 1).await;
        assert_eq!(at(&server, 83).await, 0);
        assert_eq!(at(&server, 84).await, 1);
        assert_eq!(at(&server, 84).await, 0, "once");
        let his = told(&scene.engineer).await;
        assert_eq!((his.len(), &his[0]["kind"], &his[0]["ticket_id"]), (1, &json!("resolution_due"), &json!(scene.id)));
        assert!(told(&scene.office).await.is_empty());
        assert_eq!(at(&server, 108).await, 1);
        assert_eq!((told(&scene.office).await.len(), told(&scene.engineer).await.len()), (1, 1));
        assert_eq!(at(&server, 600).await, 0, "nothing is left to warn of");
        let steps = [("resolution:30:notify_engineer".to_owned(), 84), ("resolution:10:notify_supervisor".to_owned(), 108)];
        assert_eq!(recorded(&scene).await, steps);
    }

    async fn what_fell_due_while_nobody_ran_is_done_once_with_its_true_time(server: Server) {
        let scene = Scene::of(&server, 1).await;
        assert_eq!(at(&server, 5_000).await, 2);
        assert_eq!(at(&server, 5_001).await, 0);
        let minutes: Vec<i64> = recorded(&scene).await.into_iter().map(|(_, minute)| minute).collect();
        assert_eq!(minutes, [84, 108]);
    }

    async fn a_pause_puts_a_warning_off_and_a_solved_ticket_warns_nobody(server: Server) {
        let scene = Scene::of(&server, 1).await;
        scene.does(&server, 10, "start", "").await;
        scene.does(&server, 60, "pause", "part").await;
        assert_eq!(at(&server, 200).await, 0);
        scene.does(&server, 300, "resume", "").await;
        assert_eq!(at(&server, 323).await, 0);
        assert_eq!(at(&server, 324).await, 1);
        scene.does(&server, 325, "complete", "").await;
        assert_eq!(at(&server, 1_000).await, 0);
    }

    async fn what_was_cancelled_by_mistake_still_warns(server: Server) {
        let scene = Scene::of(&server, 1).await;
        let cancel = json!({"kind": "cancel", "reason": "by mistake"});
        scene.office.post(&format!("/api/v1/tickets/{}/events", scene.id), &cancel).await.ok();
        assert_eq!(at(&server, 90).await, 0, "it warns nobody while it is cancelled");
        scene.office.post("/api/v1/dispatch/undo", &json!({})).await.ok();
        assert_eq!(at(&server, 91).await, 1, "late, but it does");
        assert_eq!(at(&server, 108).await, 1);
        let minutes: Vec<i64> = recorded(&scene).await.into_iter().map(|(_, minute)| minute).collect();
        assert_eq!(minutes, [84, 108], "each with its true time");
    }

    async fn a_message_in_quiet_hours_waits_and_an_urgent_one_does_not(server: Server) {
        let zone = jiff::tz::TimeZone::get("America/New_York").unwrap();
        let local = |minute: i64| {
            let at = jiff::Timestamp::from_millisecond(START.plus_minutes(minute).millis()).unwrap();
            zone.to_datetime(at).strftime("%H:%M").to_string()
        };
        let scene = Scene::of(&server, 2).await;
        // Eight hours: 30 % is left after 336 minutes, and that hour is quiet until the 400th minute.
        set(&server, json!({"quiet": {"from": local(300), "until": local(400), "from_priority": 2}})).await;
        server::sla::sweep::if_due(&server.app).await.unwrap();
        assert_eq!(at(&server, 399).await, 0);
        assert_eq!(at(&server, 400).await, 1);
        assert_eq!(recorded(&scene).await, [("resolution:30:notify_engineer".to_owned(), 336)]);
        set(&server, json!({"quiet": {"from": "00:00", "until": "23:59", "from_priority": 2}})).await;
        let ticket = scene.office.post("/api/v1/tickets", &new_ticket(&lift(&server).await)).await.ok();
        let next = ticket["sla"]["next_step_at"].as_i64().unwrap() - ticket["created_at"].as_i64().unwrap();
        assert_eq!(next, 84 * 60_000);
    }

    async fn a_ticket_that_somebody_does_not_get_to_goes_to_the_next_best(server: Server) {
        set(&server, json!({"steps": [soon(50, "reassign")]})).await;
        let scene = Scene::of(&server, 1).await;
        assert_eq!(at(&server, 59).await, 0);
        let second = engineer(&server, "E-2").await;
        assert_eq!(at(&server, 60).await, 1);
        let ticket = scene.office.get(&format!("/api/v1/tickets/{}", scene.id)).await.ok();
        assert_eq!(ticket["engineer_id"], json!(second));
        assert_eq!(told(&scene.office).await[0]["kind"], "reassigned");
        let given = scene.office.get(&format!("/api/v1/tickets/{}/assignments", scene.id)).await.ok();
        let why: Vec<&str> = given["items"].as_array().unwrap().iter().map(|one| one["reason"].as_str().unwrap()).collect();
        assert!(why.contains(&"50 % of the resolution time is left"), "{why:?}");
    }

    async fn a_step_that_fails_waits_longer_each_time_and_delays_nobody(server: Server) {
        let scene = Scene::of(&server, 1).await;
        let (stuck, told_it) = (stand_in_the_way(&server, &scene.id).await, json!("resolution_due"));
        let mut new = new_ticket(&lift(&server).await);
        new["dispatch"] = json!("manual");
        scene.office.post("/api/v1/tickets", &new).await.ok();
        assert_eq!(at(&server, 84).await, 1, "the other ticket's, whose time is the same");
        assert_eq!(told(&scene.office).await[0]["kind"], told_it);
        assert_eq!(failed(&scene).await, (1, 85));
        assert_eq!(at(&server, 84).await, 0, "not again at once");
        assert_eq!((at(&server, 85).await, failed(&scene).await), (0, (2, 87)));
        assert_eq!((at(&server, 86).await, failed(&scene).await), (0, (2, 87)), "it is not yet its turn");
        assert_eq!((at(&server, 87).await, failed(&scene).await), (0, (3, 91)));
        let gone = move |tx: &mut Tx<'_>| {
            diesel::delete(escalations::table.find(stuck.id)).execute(tx.conn())?;
            Ok::<_, Error>(tx.removed(&stuck)?)
        };
        server.app.db.write(Actor::system("test"), gone).await.unwrap();
        assert_eq!(at(&server, 91).await, 1);
        assert_eq!(told(&scene.engineer).await[0]["at"], json!(START.plus_minutes(84).millis()), "its true time");
        let clock = scene.office.get(&format!("/api/v1/tickets/{}/sla", scene.id)).await.ok();
        assert_eq!(clock.get("failed_step"), None);
    }

    async fn a_failed_step_whose_time_moves_is_tried_at_its_new_time(server: Server) {
        let scene = Scene::of(&server, 1).await;
        stand_in_the_way(&server, &scene.id).await;
        for (minute, next) in [(84, 85), (85, 87), (87, 91)] {
            at(&server, minute).await;
            assert_eq!(failed(&scene).await.1, next);
        }
        scene.does(&server, 88, "start", "").await;
        assert_eq!(failed(&scene).await, (3, 91), "that moved no clock");
        scene.patched(&json!({"priority": 2})).await;
        // 30 % of eight hours are left then.
        at(&server, 336).await;
        assert_eq!(failed(&scene).await, (1, 337), "it waits as at first");
    }

    async fn a_ticket_that_nobody_else_can_take_stays_and_the_office_is_told(server: Server) {
        set(&server, json!({"steps": [soon(50, "reassign")]})).await;
        let scene = Scene::of(&server, 1).await;
        assert_eq!(at(&server, 60).await, 1);
        let ticket = scene.office.get(&format!("/api/v1/tickets/{}", scene.id)).await.ok();
        assert_eq!(ticket["status"], "assigned");
        assert_eq!(told(&scene.office).await[0]["kind"], "resolution_due");
    }

    async fn what_is_read_is_marked_for_its_reader_alone(server: Server) {
        let scene = Scene::of(&server, 1).await;
        at(&server, 84).await;
        let one = told(&scene.engineer).await[0].clone();
        let path = format!("/api/v1/notifications/{}/read", one["id"].as_str().unwrap());
        assert_eq!(scene.office.post(&path, &json!({})).await.status, 404);
        assert_eq!(scene.engineer.post(&path, &json!({})).await.status, 204);
        assert_eq!(told(&scene.engineer).await[0]["read_at"], json!(START.plus_minutes(84).millis()));
    }

    async fn all_that_one_is_told_is_marked_as_read_at_once_and_nobody_elses(server: Server) {
        let scene = Scene::of(&server, 1).await;
        set(&server, json!({"steps": [soon(30, "notify_engineer"), soon(20, "notify_engineer"), soon(10, "notify_supervisor")]})).await;
        server::sla::sweep::if_due(&server.app).await.unwrap();
        at(&server, 108).await;
        assert_eq!(scene.engineer.post("/api/v1/notifications/read", &json!({})).await.status, 204);
        let unread = |all: &[Value]| all.iter().filter(|one| one["read_at"].is_null()).count();
        let (his, theirs) = (told(&scene.engineer).await, told(&scene.office).await);
        assert_eq!((his.len(), unread(&his), theirs.len(), unread(&theirs)), (2, 0, 1, 1));
        at(&server, 109).await;
        assert_eq!(scene.engineer.post("/api/v1/notifications/read", &json!({})).await.status, 204);
        assert_eq!(told(&scene.engineer).await, his, "what is read keeps its time");
    }

    async fn steps_and_quiet_hours_that_make_no_sense_are_refused_by_field(server: Server) {
        let admin = server.log_in(Role::Admin).await;
        let present = admin.get(SETTINGS).await;
        let (etag, body) = (present.etag.clone().unwrap(), present.ok()["body"].clone());
        for (change, field) in [
            (json!({"steps": [soon(100, "reassign")]}), "steps[0].left_percent"),
            (json!({"steps": [soon(30, "shout")]}), "steps[0].act"),
            (json!({"quiet": {"from": "25:00", "until": "07:00", "from_priority": 2}}), "quiet.from"),
        ] {
            let mut wanted = body.clone();
            wanted.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            let refused = send(admin.request(Method::PUT, SETTINGS).header("if-match", &etag).json(&wanted)).await;
            assert_eq!(refused.field(), field, "{change}");
        }
    }
}

#[test]
fn two_servers_that_act_at_once_take_each_step_once() {
    block_on(async {
        let server = Server::fresh(Backend::Postgres);
        let other = server.another().await;
        let (office, lift) = (server.log_in(Role::Dispatcher).await, lift(&server).await);
        const TICKETS: usize = 30;
        for _ in 0..TICKETS {
            let mut new = new_ticket(&lift);
            new["dispatch"] = json!("manual");
            office.post("/api/v1/tickets", &new).await.ok();
        }
        server.clock.set(START.plus_minutes(110));
        let taken = join_all([&server, &other, &server, &other].map(|one| watch::once(&one.app))).await;
        let taken: usize = taken.into_iter().map(Result::unwrap).sum();
        assert_eq!(taken, TICKETS * 2);
        assert_eq!(
            told(&office).await.len(),
            TICKETS * 2,
            "nobody has them, so the office is told of both steps"
        );
    });
}

/// One minute to solve it, and a step three seconds after the opening.
fn quick(tx: &mut Tx<'_>) -> Result<(), Error> {
    let rows = json!([{"name": "All", "resolution": {"amount": 1, "unit": "minutes"}}]);
    store::put_policy(tx, &table("quick", rows))?;
    let step = serde_json::from_value(soon(95, "notify_supervisor")).unwrap();
    let settings =
        store::Settings { policy_id: "quick".to_owned(), steps: vec![step], ..store::Settings::default() };
    store::put_settings(tx, &settings)?;
    Ok(())
}

/// Waits until this is so; the time that it took.
async fn until(db: &Db, is_so: fn(&mut db::Conn) -> Result<bool, Error>) -> Duration {
    let began = Instant::now();
    let waiting = async {
        while !db.read(is_so).await.unwrap() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), waiting).await.expect("in a minute");
    began.elapsed()
}

fn has_leader(conn: &mut db::Conn) -> Result<bool, Error> {
    Ok(settings::table.find("sla_lease").count().get_result::<i64>(conn)? == 1)
}

fn has_acted(conn: &mut db::Conn) -> Result<bool, Error> {
    Ok(escalations::table.count().get_result::<i64>(conn)? > 0)
}

#[test]
fn after_a_kill_the_other_server_takes_over_within_ten_seconds() {
    block_on(async {
        let (url, scratch) = fresh_url(Backend::Postgres);
        let Url::Postgres(text) = &url else { unreachable!("it is PostgreSQL") };
        let db = Db::open(Options::new(url.clone())).unwrap();
        db.write(Actor::system("test"), user).await.unwrap();
        db.write(Actor::system("test"), quick).await.unwrap();
        let lift = db.write(Actor::system("test"), crate::tickets::lift_made).await.unwrap();
        let leader = Fettle::start(text);
        until(&db, has_leader).await;
        let other = Fettle::start(text);
        let body = json!({"kind": "repair", "priority": 1, "title": "Stands still", "asset_id": lift});
        let request =
            Client::new().post(format!("{}/api/v1/tickets", other.base)).bearer_auth(TOKEN).json(&body);
        assert_eq!(request.send().await.unwrap().status(), 201);
        leader.kill();
        let took = until(&db, has_acted).await;
        assert!(took < Duration::from_secs(10), "{took:?}");
        println!("taken over {:.1} s after the kill", took.as_secs_f64());
        other.kill();
        let rows: i64 =
            db.read(|conn| Ok::<_, Error>(escalations::table.count().get_result(conn)?)).await.unwrap();
        assert_eq!(rows, 1);
        drop(scratch);
    });
}
