//! The demo: what is loaded, how it is played, what it promises, and that a restart goes on where it was.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use db::schema::{assets, customers, engineers, parts, positions, shifts, sites, stock_locations, tickets};
use db::testing::{Backend, Scratch, TestDb, fresh_url, raw};
use db::{Clock, Conn, Timestamp, Url, both_backends};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use jiff::civil::date;
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::config::Config;
use server::demo::actors::engineer::Worker;
use server::demo::data::Data;
use server::demo::line::{CallError, Caller, Line};
use server::demo::new_york::NewYork;
use server::demo::people::PASSWORD;
use server::demo::report::{self, Span};
use server::demo::world::shelves::Shelves;
use server::demo::world::{Duty, World};
use server::demo::{Demo, Options, keeper, load};
use server::error::Error;

use crate::harness::{Person, Server};
use crate::stock_audit::{audit, compared};

/// Monday, 2026-11-23, seven in the morning in New York.
fn morning() -> Timestamp {
    NewYork::default().hour(date(2026, 11, 23), 7, 0)
}

async fn loaded(test: &TestDb) -> Data {
    let data = Data::read().unwrap();
    test.clock.set(morning());
    load::load(&test.db, &data, morning()).await.unwrap();
    data
}

async fn rows(test: &TestDb) -> [i64; 8] {
    let count = |conn: &mut Conn| {
        Ok::<_, Error>([
            customers::table.count().get_result(conn)?,
            sites::table.count().get_result(conn)?,
            assets::table.count().get_result(conn)?,
            engineers::table.count().get_result(conn)?,
            positions::table.count().get_result(conn)?,
            parts::table.count().get_result(conn)?,
            stock_locations::table.filter(stock_locations::kind.eq("van")).count().get_result(conn)?,
            stock_locations::table.filter(stock_locations::kind.eq("depot")).count().get_result(conn)?,
        ])
    };
    test.db.read(count).await.unwrap()
}

fn world(data: Data) -> World {
    World::new(data, Clock::scaled(morning(), 0.0), Line::to("http://127.0.0.1:1").unwrap())
}

async fn broken_claims(test: &TestDb, data: Data, span: Span) -> Vec<String> {
    let world = Arc::new(world(data));
    let checked = test.db.read(move |conn| report::check(conn, &world, span)).await.unwrap();
    checked.claims.into_iter().filter(|claim| claim.broken > 0).map(|claim| claim.text).collect()
}

both_backends! {
    async fn all_lifts_of_midtown_are_loaded_with_people_parts_and_places(test: TestDb) {
        loaded(&test).await;
        assert_eq!(rows(&test).await, [110, 1_818, 5_444, 60, 60, 42, 60, 4]);
        let stock = test.db.read(inventory::verify).await.unwrap();
        assert!(stock.is_empty(), "the first stock came in by movements: {stock:?}");
        assert!(load::is_loaded(&test.db).await.unwrap());
    }

    async fn the_books_begin_with_what_lies_on_the_shelves(test: TestDb) {
        let world = world(loaded(&test).await);
        assert!(compared(&test.url, &world.shelves().counted()).is_empty());
        world.shelves().handed_over("D-E38", "V-07", "DR-ROL", 1);
        let table = compared(&test.url, &world.shelves().counted()).to_string();
        assert_eq!(table.lines().count(), 4, "{table}");
    }

    async fn the_clock_goes_on_from_where_it_was_kept(test: TestDb) {
        assert_eq!(test.db.read(keeper::times).await.unwrap(), None, "no demo, no time");
        loaded(&test).await;
        let first = test.db.read(keeper::times).await.unwrap().unwrap();
        assert_eq!((first.began_at, first.shown_at), (morning(), morning()));
        let later = keeper::Times { shown_at: morning().plus_minutes(90), ..first };
        keeper::keep(&test.db, later).await.unwrap();
        assert_eq!(test.db.read(keeper::times).await.unwrap(), Some(later));
    }

    async fn the_roster_is_written_ahead_and_no_shift_twice(test: TestDb) {
        loaded(&test).await;
        assert_eq!(keeper::extend_roster(&test.db).await.unwrap(), 0, "the first days are there");
        test.clock.set(morning().plus_minutes(3 * 24 * 60));
        let added = keeper::extend_roster(&test.db).await.unwrap();
        assert!((100..=140).contains(&added), "three days of five in seven: {added}");
        assert_eq!(keeper::extend_roster(&test.db).await.unwrap(), 0);
        let all: Vec<(String, i64)> = test.db.read(|conn| {
            Ok::<_, Error>(shifts::table.select((shifts::engineer_id, shifts::starts_at)).load(conn)?)
        }).await.unwrap();
        let different: std::collections::BTreeSet<_> = all.iter().collect();
        assert_eq!(different.len(), all.len());
    }

    async fn a_promise_that_does_not_hold_is_reported(test: TestDb) {
        let data = loaded(&test).await;
        let nothing_yet = Span::at(morning(), morning(), 1.0);
        assert_eq!(broken_claims(&test, data, nothing_yet).await, [""; 0]);
        let outside = "UPDATE stock_balances SET on_hand = -1 WHERE id = (SELECT min(id) FROM stock_balances)";
        raw(&test.url).batch_execute(outside).unwrap();
        let an_hour = Span::at(morning(), morning().plus_minutes(60), 1.0);
        let broken = broken_claims(&test, Data::read().unwrap(), an_hour).await;
        assert_eq!(broken.len(), 4, "{broken:?}");
        assert!(broken[0].contains("breakdowns became a ticket"), "{broken:?}");
        let books = "depots and vans hold what the balances say";
        assert_eq!(broken[1..], ["no balance is below zero", "the ledger sums to the balances", books]);
    }

    async fn the_demos_people_log_in_by_themselves_and_again_when_their_session_ended(server: Server) {
        let admin = server.log_in(server::auth::Role::Admin).await;
        let new = json!({"login": "desk", "display_name": "Desk", "role": "dispatcher", "password": PASSWORD});
        let user = admin.post("/api/v1/users", &new).await.ok();
        let caller = Caller::new(&Line::to(&server.base).unwrap(), "desk");
        let me: Value = caller.get("/api/v1/session").await.unwrap();
        assert_eq!(me["user"]["login"], "desk");
        let path = format!("/api/v1/users/{}/password", user["id"].as_str().unwrap());
        // A new password ends all sessions, even if it is the old one.
        assert_eq!(admin.post(&path, &json!({"password": PASSWORD})).await.status, StatusCode::NO_CONTENT);
        let me: Value = caller.get("/api/v1/session").await.unwrap();
        assert_eq!(me["user"]["login"], "desk");
    }

    async fn a_refusal_says_its_code_and_a_list_is_read_to_its_end(server: Server) {
        let admin = server.log_in(server::auth::Role::Admin).await;
        let new = json!({"login": "desk", "display_name": "Desk", "role": "dispatcher", "password": PASSWORD});
        admin.post("/api/v1/users", &new).await.ok();
        for n in 0..203 {
            let new = json!({"number": format!("C-{n:03}"), "name": "Customer"});
            admin.post("/api/v1/customers", &new).await.ok();
        }
        let caller = Caller::new(&Line::to(&server.base).unwrap(), "desk");
        assert_eq!(caller.all::<Value>("/api/v1/customers").await.unwrap().len(), 203);
        assert_eq!(caller.all::<Value>("/api/v1/customers?q=C-00").await.unwrap().len(), 10);
        let refused = caller.get::<Value>("/api/v1/users").await.unwrap_err();
        assert!(refused.is_refusal() && refused.to_string().contains("forbidden"), "{refused}");
        let nobody = Caller::new(&Line::to(&server.base).unwrap(), "nobody");
        assert!(matches!(nobody.get::<Value>("/api/v1/session").await, Err(CallError::Refused { .. })));
    }
}

/// A folder for a demo; gone when the test is over.
fn folder() -> (PathBuf, Scratch) {
    let (url, scratch) = fresh_url(Backend::Sqlite);
    let Url::Sqlite(file) = url else { panic!("asked for SQLite") };
    (file.parent().unwrap().to_owned(), scratch)
}

fn options(data: &Path, speed: f64) -> Options {
    let date = Some(date(2026, 11, 23));
    Options {
        speed,
        port: 0,
        data: data.to_owned(),
        fresh: false,
        paused: false,
        date,
        first_visit: false,
        for_hours: None,
    }
}

fn config() -> Config {
    Config { workers: 1, ..Config::default() }
}

/// Waits for the demo's clock, looking whenever something was written.
async fn play_until(demo: &Demo, at: Timestamp) {
    while demo.world.now() < at {
        let cursor = demo.app.board.cursor();
        demo.app.db.changed_after(cursor, Duration::from_millis(200)).await;
    }
}

async fn count_tickets(demo: &Demo) -> i64 {
    let count = |conn: &mut Conn| Ok::<_, Error>(tickets::table.count().get_result(conn)?);
    demo.app.db.read(count).await.unwrap()
}

/// Plays until every ticket that was opened before `at` is closed.
async fn play_until_closed(demo: &Demo, at: Timestamp) {
    let open = move |conn: &mut Conn| {
        let early = tickets::table.filter(tickets::created_at.lt(at)).filter(tickets::status.ne("closed"));
        Ok::<i64, Error>(early.count().get_result(conn)?)
    };
    while demo.app.db.read(open).await.unwrap() > 0 {
        let cursor = demo.app.board.cursor();
        demo.app.db.changed_after(cursor, Duration::from_millis(200)).await;
    }
}

/// Longest real time that a part of the day may take; several times what it takes.
const PATIENCE: Duration = Duration::from_secs(300);

/// How long the fast day is: four hours in every run of the tests; `FETTLE_TEST_DAY_HOURS=24` plays a whole one.
fn hours_to_play() -> i64 {
    #[expect(clippy::disallowed_methods, reason = "a choice for a run of the tests")]
    let said = std::env::var("FETTLE_TEST_DAY_HOURS");
    said.map_or(4, |hours| hours.parse().expect("hours of the day to play"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_fast_day_with_a_restart_keeps_what_the_demo_promises() {
    let (folder, _scratch) = folder();
    let demo = Demo::start(&options(&folder, 600.0), config()).await.unwrap();
    let began_at = demo.began_at;
    play_until(&demo, began_at.plus_minutes(120)).await;
    // On a busy machine calls come late.
    let calls = async {
        while count_tickets(&demo).await <= 10 {
            play_until(&demo, demo.world.now().plus_minutes(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, calls).await.expect("calls come");
    let app = demo.app.clone();
    demo.stop().await.unwrap();
    let kept = app.db.read(keeper::times).await.unwrap().unwrap();
    drop(app);

    let demo = Demo::start(&options(&folder, 500.0), config()).await.unwrap();
    assert_eq!((demo.began_at, kept.began_at), (began_at, began_at));
    let shown = demo.world.now();
    assert!(shown >= kept.shown_at && shown < kept.shown_at.plus_minutes(90), "the clock goes on");
    play_until(&demo, began_at.plus_minutes(60 * hours_to_play())).await;
    let early = began_at.plus_minutes(30);
    tokio::time::timeout(PATIENCE, play_until_closed(&demo, early))
        .await
        .expect("the first tickets are closed");
    let (app, world, now) = (demo.app.clone(), demo.world.clone(), demo.world.now());
    // Everybody puts down what he has in hand, and every phone says what it has to say.
    demo.stop().await.unwrap();
    let url = Url::Sqlite(options(&folder, 1.0).file());
    let faults = audit(&url);
    assert!(faults.is_empty(), "\n{faults}");
    let counted = world.shelves().counted();
    assert_ne!(counted, Shelves::full(&world.people).counted(), "nobody carried anything");
    let faults = compared(&url, &counted);
    assert!(faults.is_empty(), "\n{faults}");
    let span = Span { closed_before: early, ..Span::at(began_at, now, 600.0) };
    let report = app.db.read(move |conn| report::check(conn, &world, span)).await.unwrap();
    assert_eq!(report.broken(), 0, "{report}");
    let figure = |name: &str| report.figures.iter().find(|(what, _)| what == name).map_or(0, |(_, n)| *n);
    assert!(figure("tickets closed") > 5 && figure("parts used") > 0, "{report}");
    escalations_agree(&options(&folder, 1.0).file(), "600");
}

/// What should have been escalated, counted from the record in another language. A machine under tests has patience.
fn escalations_agree(database: &Path, speed: &str) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/escalations.py");
    let mut count = Command::new("python3");
    let output = count.arg(script).arg(database).args(["--speed", speed, "--late", "60"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_demo_stands_still_offers_its_log_ins_and_is_forgotten_when_asked() {
    let (folder, _scratch) = folder();
    let paused = Options { paused: true, ..options(&folder, 20.0) };
    let demo = Demo::start(&paused, config()).await.unwrap();
    let visitor = Person { client: reqwest::Client::new(), base: demo.base.clone(), cookie: None };
    let meta = visitor.get("/api/v1/meta").await.ok();
    assert_eq!((meta["demo"].as_bool(), meta["speed"].as_f64()), (Some(true), Some(0.0)));
    assert_eq!(meta["organisation"], "Midtown Lift Service");
    assert_eq!(visitor.get("/api/v1/meta").await.ok()["now_at"], meta["now_at"]);
    let logins = meta["demo_logins"].as_array().unwrap();
    assert_eq!(logins.len(), 4);
    for login in logins {
        let who = json!({"login": login["login"], "password": login["password"]});
        let answer = visitor.post("/api/v1/session", &who).await;
        assert_eq!(answer.body["user"]["role"], login["role"], "{}", answer.body);
    }
    let dispatcher = logged_in(&visitor, "dispatcher").await;
    let lift = dispatcher.get("/api/v1/assets?limit=1").await.ok()["items"][0]["id"].clone();
    let new = json!({"kind": "repair", "priority": 2, "title": "By hand", "asset_id": lift});
    let ticket = dispatcher.post("/api/v1/tickets", &new).await.ok();
    assert_eq!(ticket["status"], "assigned", "somebody is on shift at seven: {ticket}");
    let swapped =
        json!({"customer_id": lift, "name": "x", "address": "x", "latitude": 48.8, "longitude": 2.3});
    assert_eq!(dispatcher.post("/api/v1/sites", &swapped).await.field(), "latitude");
    demo.stop().await.unwrap();

    refused_as_a_real_servers(&paused.file());
    let demo = Demo::start(&Options { fresh: true, ..paused }, config()).await.unwrap();
    assert_eq!(count_tickets(&demo).await, 0, "--fresh forgets");
    demo.stop().await.unwrap();
}

async fn logged_in(visitor: &Person, login: &str) -> Person {
    let who = json!({"login": login, "password": PASSWORD});
    let answer = visitor.post("/api/v1/session", &who).await;
    Person { cookie: answer.cookie, ..visitor.clone() }
}

/// Everybody knows the demo's passwords.
fn refused_as_a_real_servers(file: &Path) {
    let started = Command::new(env!("CARGO_BIN_EXE_fettle"))
        .args(["--database-url", &file.to_string_lossy(), "serve", "--port", "0"])
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&started.stderr);
    assert!(!started.status.success() && words.contains("fettle demo"), "{words}");
}

/// A ticket that the office gives to this engineer; its id.
async fn given_to(office: &Person, lift: &Value, engineer: &Value) -> String {
    let new = json!({
        "kind": "repair", "priority": 3, "title": "By hand", "asset_id": lift, "expected_minutes": 20,
        "dispatch": "manual",
    });
    let ticket = office.post("/api/v1/tickets", &new).await.ok();
    let id = ticket["id"].as_str().unwrap().to_owned();
    let to = json!({"engineer_id": engineer["id"], "reason": "because"});
    office.post(&format!("/api/v1/tickets/{id}/assignments"), &to).await.ok();
    id
}

async fn status(office: &Person, ticket_id: &str) -> String {
    let ticket = office.get(&format!("/api/v1/tickets/{ticket_id}")).await.ok();
    ticket["status"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_engineer_works_by_his_phone_alone_and_stands_back_for_a_visitor_who_plays_him() {
    let (folder, _scratch) = folder();
    let demo = Demo::start(&Options { paused: true, ..options(&folder, 20.0) }, config()).await.unwrap();
    let visitor = Person { client: reqwest::Client::new(), base: demo.base.clone(), cookie: None };
    let office = logged_in(&visitor, "dispatcher").await;
    let people = office.get("/api/v1/engineers?limit=2").await.ok()["items"].clone();
    let lifts = office.get("/api/v1/assets?limit=2").await.ok()["items"].clone();
    let played = given_to(&office, &lifts[0]["id"], &people[0]).await;
    let simulated = given_to(&office, &lifts[1]["id"], &people[1]).await;
    // The visitor accepts on the page of the first engineer's phone.
    let himself = logged_in(&visitor, "engineer").await;
    himself.post(&format!("/api/v1/tickets/{played}/events"), &json!({"kind": "accept"})).await.ok();

    // The world runs fast around a server whose clock stands still: phones learn the difference.
    let clock = Clock::scaled(demo.world.now(), 600.0);
    let world = Arc::new(World::new(Data::read().unwrap(), clock, Line::to(&demo.base).unwrap()));
    // A shift that a busy machine cannot outlast: nine hours of this clock are not a minute.
    let duty = Duty { starts_at: world.now(), ends_at: world.now().plus_minutes(30 * 24 * 60) };
    let both = &world.people[..2];
    world.hang_up_roster(both.iter().map(|engineer| (engineer.code.clone(), duty)).collect());
    let phones = folder.join("phones");
    std::fs::create_dir_all(&phones).unwrap();
    let mut workers = tokio::task::JoinSet::new();
    for engineer in both {
        workers.spawn(Worker::new(&world, engineer.clone(), &phones).unwrap().live());
    }
    let moved = async {
        // Without the office nobody reserves parts; mending provisionally is done as well.
        while status(&office, &simulated).await != "completed" {
            let cursor = demo.app.board.cursor();
            demo.app.db.changed_after(cursor, Duration::from_millis(500)).await;
        }
    };
    tokio::time::timeout(PATIENCE, moved).await.expect("the simulated engineer repairs it");
    assert_eq!(status(&office, &played).await, "accepted");
    let notes = office.get(&format!("/api/v1/tickets/{simulated}/notes")).await.ok();
    assert!(!notes["items"].as_array().unwrap().is_empty(), "he says what he did");
    workers.shutdown().await;
    demo.stop().await.unwrap();
}
