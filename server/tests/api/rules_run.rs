//! Rules at work: each action, once for each cause whoever runs, with what is refused named and what goes round stopped.

use std::time::{Duration, Instant};

use db::schema::{rule_firings, settings, tickets};
use db::testing::{Backend, START, block_on, fresh_url};
use db::{Actor, Conn, Db, Options, Tx, Url, both_backends};
use diesel::prelude::*;
use futures_util::future::join_all;
use reqwest::Client;
use serde_json::{Value, json};
use server::auth::Role;
use server::error::Error;
use server::rules::{Rule, run, store};

use crate::harness::Server;
use crate::kill::{Fettle, TOKEN, user};
use crate::rules::{add, body, firings, on, opened, ran, set_priority, ticket};
use crate::tickets::{engineer, lift, new_ticket};

fn results(firing: &Value) -> Vec<(&str, Option<&str>)> {
    let all = firing["results"].as_array().unwrap().iter();
    all.map(|one| (one["action"].as_str().unwrap(), one["refused"].as_str())).collect()
}

both_backends! {
    async fn a_firing_stands_on_the_tickets_record_with_rule_version_and_result(server: Server) {
        let rule = add(&server, &body(on("created"), "ticket.priority == 3", json!([set_priority(1)]))).await;
        let id = opened(&server, json!({})).await;
        assert_eq!((ran(&server).await, ran(&server).await), (1, 0));
        let now = ticket(&server, &id).await;
        assert_eq!(now["priority"], 1);
        assert_eq!(now["due_at"], START.plus_minutes(120).millis(), "counted anew");
        let office = server.log_in(Role::Dispatcher).await;
        let history = office.get(&format!("/api/v1/tickets/{id}/history")).await.ok();
        let entry = history["items"].as_array().unwrap().iter().find(|entry| entry["entity"] == "rule_firings").unwrap().clone();
        let of = |field: &str| entry["changed"][field][1].clone();
        assert_eq!((entry["actor"].as_str(), of("rule_id"), of("rule_version"), of("outcome")), (Some("rules"), json!(rule), json!(1), json!("done")));
        assert_eq!(of("results")[0]["action"], "set");
    }

    async fn each_action_does_what_the_console_would(server: Server) {
        let first = engineer(&server, "E-1").await;
        let actions = json!([
            {"do": "assign"},
            {"do": "set", "expected_minutes": 30, "priority": 2},
            {"do": "create_ticket", "kind": "inspection", "priority": 4, "title": "After #{number}", "dispatch": "manual"},
            {"do": "escalate"},
            {"do": "step", "event": "unassign", "reason": "The rule says so"},
            {"do": "step", "event": "cancel", "reason": "The rule says so"},
        ]);
        add(&server, &body(on("created"), "ticket.kind == 'repair'", actions)).await;
        let second = engineer(&server, "E-2").await;
        let id = opened(&server, json!({})).await;
        assert_eq!(ran(&server).await, 1);
        let found = firings(&server).await;
        let expected = ["assign", "set", "create_ticket", "escalate", "step", "step"].map(|name| (name, None));
        assert_eq!((results(&found[0]), &found[0]["outcome"]), (expected.to_vec(), &json!("done")));
        let (given, taken) = (&found[0]["results"][0]["made"], &found[0]["results"][3]["made"]);
        assert!([&json!(first), &json!(second)].contains(&given) && given != taken, "{found:?}");
        let now = ticket(&server, &id).await;
        assert_eq!((&now["status"], &now["expected_minutes"], &now["priority"]), (&json!("cancelled"), &json!(30), &json!(2)));
        let office = server.log_in(Role::Dispatcher).await;
        let all = office.get("/api/v1/tickets").await.ok();
        let made = all["items"].as_array().unwrap().iter().find(|one| one["kind"] == "inspection").unwrap().clone();
        assert_eq!((made["title"].clone(), &made["asset_id"]), (json!(format!("After #{}", now["number"])), &now["asset_id"]));
        assert!(server.app.db.read(server::schedule::load::verify).await.unwrap().is_empty());
    }

    async fn what_is_refused_is_named_and_the_rest_is_done(server: Server) {
        let actions = json!([{"do": "step", "event": "reopen", "reason": "x"}, set_priority(1), {"do": "notify", "engineer": true}]);
        add(&server, &body(on("created"), "true", actions)).await;
        let id = opened(&server, json!({})).await;
        assert_eq!(ran(&server).await, 1);
        let found = firings(&server).await;
        let expected = vec![("step", Some("illegal_step.not_completed")), ("set", None), ("notify", Some("nobody_to_tell"))];
        assert_eq!((results(&found[0]), &found[0]["outcome"]), (expected, &json!("partly")));
        assert_eq!(ticket(&server, &id).await["priority"], 1);
    }

    async fn a_group_gets_the_ticket_even_if_nobody_of_it_is_there_yet(server: Server) {
        engineer(&server, "E-1").await;
        let admin = server.log_in(Role::Admin).await;
        admin.post("/api/v1/skills", &json!({"code": "it", "name": "IT"})).await.ok();
        add(&server, &body(on("created"), "ticket.kind == 'it'", json!([{"do": "assign", "group": {"skill": "it", "level": 2}}]))).await;
        let id = opened(&server, json!({"kind": "it"})).await;
        assert_eq!(ran(&server).await, 1);
        assert_eq!(results(&firings(&server).await[0]), [("assign", Some("nobody_can"))]);
        let now = ticket(&server, &id).await;
        assert_eq!((&now["status"], &now["auto_dispatch"]), (&json!("new"), &json!(true)));
        assert!(now["required_skills"].as_array().unwrap().contains(&json!({"skill": "it", "level": 2})));
    }

    async fn a_rule_that_would_be_its_own_cause_is_stopped_and_that_is_shown(server: Server) {
        let again = json!([{"do": "create_ticket", "kind": "repair", "priority": 4, "title": "Again", "dispatch": "manual"}]);
        let rule = add(&server, &body(on("created"), "true", again)).await;
        opened(&server, json!({})).await;
        ran(&server).await;
        assert_eq!(ran(&server).await, 0);
        let found = firings(&server).await;
        let ends: Vec<_> = found.iter().map(|one| (one["outcome"].as_str().unwrap(), one["reason"].as_str().unwrap())).collect();
        assert_eq!(ends, [("done", ""), ("stopped", "loop")]);
        assert_eq!(found[1]["chain"], json!([rule]));
        let count: i64 = server.app.db.read(|conn: &mut Conn| Ok::<_, Error>(tickets::table.count().get_result(conn)?)).await.unwrap();
        assert_eq!(count, 2);
    }

    async fn two_rules_that_undo_one_another_are_stopped_after_one_round(server: Server) {
        add(&server, &body(on("priority_changed"), "event.to_priority == 1", json!([set_priority(2)]))).await;
        add(&server, &body(on("priority_changed"), "event.to_priority == 2", json!([set_priority(1)]))).await;
        let id = opened(&server, json!({})).await;
        let (office, path) = (server.log_in(Role::Dispatcher).await, format!("/api/v1/tickets/{id}"));
        let etag = office.get(&path).await.etag.unwrap();
        office.patch(&path, &etag, &json!({"priority": 1})).await.ok();
        ran(&server).await;
        let ends: Vec<_> = firings(&server).await.iter().map(|one| one["outcome"].as_str().unwrap().to_owned()).collect();
        assert_eq!(ends, ["done", "done", "stopped"]);
        assert_eq!(ticket(&server, &id).await["priority"], 1);
    }

    async fn a_rule_of_the_clock_is_not_asked_about_tickets_that_it_opened_itself(server: Server) {
        let open = |kind: &str| json!([{"do": "create_ticket", "kind": kind, "priority": 4, "title": "Look", "dispatch": "manual"}]);
        let every = |minutes: i64| json!({"on": "every", "minutes": minutes});
        add(&server, &body(every(60), "ticket.kind != 'other'", open("repair"))).await;
        // Nor about those of another rule that came of its own.
        add(&server, &body(every(60), "ticket.kind == 'repair'", open("other"))).await;
        let told = add(&server, &body(every(60), "ticket.channel == 'rule'", json!([{"do": "notify", "roles": ["dispatcher"]}]))).await;
        opened(&server, json!({})).await;
        let count = async || server.app.db.read(|conn: &mut Conn| Ok::<_, Error>(tickets::table.count().get_result::<i64>(conn)?)).await.unwrap();
        let mut counts = Vec::new();
        for hour in 1..=4 {
            server.clock.set(START.plus_minutes(hour * 60 + 1));
            ran(&server).await;
            counts.push(count().await);
        }
        // Each round one of the first for what somebody opened, and one of the second for each repair that there is.
        let more: Vec<i64> = counts.windows(2).map(|two| two[1] - two[0]).collect();
        assert_eq!(more, [4, 5, 6], "{counts:?}");
        let found = firings(&server).await;
        let stopped: Vec<_> = found.iter().filter(|one| one["reason"] == "loop").collect();
        assert!(!stopped.is_empty() && stopped.iter().all(|one| one["cause"] == "once" && one["outcome"] == "stopped"), "{stopped:?}");
        assert!(found.iter().any(|one| one["rule_id"] == told.as_str() && one["outcome"] == "done"), "who only tells may");
    }

    async fn a_circle_that_goes_through_somebody_else_ends_after_twenty_in_an_hour(server: Server) {
        add(&server, &body(on("priority_changed"), "event.to_priority == 1", json!([set_priority(2)]))).await;
        let id = opened(&server, json!({})).await;
        let (office, path) = (server.log_in(Role::Dispatcher).await, format!("/api/v1/tickets/{id}"));
        for round in 0..25 {
            let etag = office.get(&path).await.etag.unwrap();
            office.patch(&path, &etag, &json!({"priority": 1})).await.ok();
            ran(&server).await;
            let expected = if round < 20 { 2 } else { 1 };
            assert_eq!(ticket(&server, &id).await["priority"], expected, "{round}");
            if expected == 1 {
                let etag = office.get(&path).await.etag.unwrap();
                office.patch(&path, &etag, &json!({"priority": 3})).await.ok();
            }
        }
        let stopped: Vec<_> = firings(&server).await.into_iter().filter(|one| one["outcome"] == "stopped").collect();
        assert_eq!((stopped.len(), &stopped[0]["reason"]), (1, &json!("too_often")));
    }
}

#[test]
fn two_servers_that_run_at_once_fire_each_rule_once() {
    block_on(async {
        const TICKETS: usize = 20;
        let server = Server::fresh(Backend::Postgres);
        let other = server.another().await;
        let actions = json!([
            {"do": "notify", "roles": ["dispatcher"]},
            {"do": "create_ticket", "kind": "check", "priority": 4, "title": "Check", "dispatch": "manual"},
        ]);
        add(&server, &body(on("created"), "ticket.kind == 'repair'", actions)).await;
        let (office, lift) = (server.log_in(Role::Dispatcher).await, lift(&server).await);
        for _ in 0..TICKETS {
            let mut new = new_ticket(&lift);
            new["dispatch"] = json!("manual");
            office.post("/api/v1/tickets", &new).await.ok();
        }
        let fired = join_all([&server, &other, &server, &other].map(|one| run::once(&one.app))).await;
        assert_eq!(fired.into_iter().map(Result::unwrap).sum::<usize>(), TICKETS);
        let all = office.get("/api/v1/tickets?limit=200").await.ok();
        let checks = all["items"].as_array().unwrap().iter().filter(|one| one["kind"] == "check").count();
        assert_eq!(checks, TICKETS);
        assert_eq!(
            office.get("/api/v1/notifications").await.ok()["items"].as_array().unwrap().len(),
            TICKETS
        );
    });
}

/// Opens another ticket for each that is opened by somebody.
fn doubling(tx: &mut Tx<'_>) -> Result<(), Error> {
    let rule = json!({"id": "doubling", "version": 1, "name_en": "Double", "name_zh": "加倍", "enabled": true,
        "trigger": on("created"), "condition": "!event.by_rule", "changed_at": 0,
        "actions": [{"do": "create_ticket", "kind": "check", "priority": 4, "title": "Check", "dispatch": "manual"}]});
    store::put(tx, &serde_json::from_value::<Rule>(rule).unwrap())
}

/// Waits until this is so; the time that it took.
async fn until(
    db: &Db,
    is_so: impl Fn(&mut Conn) -> Result<bool, Error> + Copy + Send + 'static,
) -> Duration {
    let began = Instant::now();
    let waiting = async {
        while !db.read(is_so).await.unwrap() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(90), waiting).await.expect("in a minute and a half");
    began.elapsed()
}

fn has_cursor(conn: &mut Conn) -> Result<bool, Error> {
    Ok(settings::table.find("rules_cursor").count().get_result::<i64>(conn)? == 1)
}

fn fired(conn: &mut Conn) -> Result<i64, Error> {
    Ok(rule_firings::table.filter(rule_firings::rule_id.eq("doubling")).count().get_result(conn)?)
}

async fn survives_kills(backend: Backend) {
    const TICKETS: i64 = 40;
    let (url, scratch) = fresh_url(backend);
    let text = match &url {
        Url::Sqlite(path) => path.to_string_lossy().into_owned(),
        Url::Postgres(url) => url.clone(),
    };
    let db = Db::open(Options::new(url.clone())).unwrap();
    db.write(Actor::system("test"), user).await.unwrap();
    db.write(Actor::system("test"), doubling).await.unwrap();
    let lift = db.write(Actor::system("test"), crate::tickets::lift_made).await.unwrap();
    let mut server = Fettle::start(&text);
    until(&db, has_cursor).await;
    for n in 0..TICKETS {
        let new = json!({"kind": "repair", "priority": 1, "title": "Stands still", "asset_id": lift, "dispatch": "manual"});
        let request =
            Client::new().post(format!("{}/api/v1/tickets", server.base)).bearer_auth(TOKEN).json(&new);
        assert_eq!(request.send().await.unwrap().status(), 201);
        if n % 10 == 9 {
            // In the middle of its work, or before it began.
            server.kill();
            server = Fettle::start(&text);
        }
    }
    server.kill();
    let last = Fettle::start(&text);
    let took = until(&db, |conn| Ok(fired(conn)? >= TICKETS)).await;
    println!("all done {:.1} s after the last kill", took.as_secs_f64());
    last.kill();
    let counts = |conn: &mut Conn| {
        let checks: i64 = tickets::table.filter(tickets::kind.eq("check")).count().get_result(conn)?;
        Ok::<_, Error>((fired(conn)?, checks))
    };
    assert_eq!(db.read(counts).await.unwrap(), (TICKETS, TICKETS), "each once, with its effect");
    drop(scratch);
}

#[test]
fn no_rule_is_lost_or_fires_twice_when_the_server_is_killed_on_sqlite() {
    block_on(survives_kills(Backend::Sqlite));
}

#[test]
fn no_rule_is_lost_or_fires_twice_when_the_server_is_killed_on_postgres() {
    block_on(survives_kills(Backend::Postgres));
}

#[test]
fn after_a_kill_the_other_server_runs_the_rules_within_ten_seconds() {
    block_on(async {
        let (url, scratch) = fresh_url(Backend::Postgres);
        let Url::Postgres(text) = &url else { unreachable!("it is PostgreSQL") };
        let db = Db::open(Options::new(url.clone())).unwrap();
        db.write(Actor::system("test"), user).await.unwrap();
        db.write(Actor::system("test"), doubling).await.unwrap();
        let lift = db.write(Actor::system("test"), crate::tickets::lift_made).await.unwrap();
        let leader = Fettle::start(text);
        until(&db, has_cursor).await;
        let other = Fettle::start(text);
        leader.kill();
        let new = json!({"kind": "repair", "priority": 1, "title": "Stands still", "asset_id": lift, "dispatch": "manual"});
        let request =
            Client::new().post(format!("{}/api/v1/tickets", other.base)).bearer_auth(TOKEN).json(&new);
        assert_eq!(request.send().await.unwrap().status(), 201);
        let took = until(&db, |conn| Ok(fired(conn)? == 1)).await;
        assert!(took < Duration::from_secs(10), "{took:?}");
        println!("taken over {:.1} s after the kill", took.as_secs_f64());
        other.kill();
        drop(scratch);
    });
}
