//! Rules as the office writes them: what is refused, which versions there were, what a rule would have matched, and that
//! each action, event and rule that comes with Fettle does what it says.

use db::both_backends;
use db::testing::START;
use reqwest::Method;
use serde_json::{Value, json};
use server::auth::Role;
use server::rules::run;

use crate::harness::{Answer, Person, Server, send};
use crate::sla::Scene;
use crate::tickets::{engineer, lift, new_ticket};

pub const PATH: &str = "/api/v1/rules";

/// A rule with this trigger, condition and actions.
pub fn body(trigger: Value, condition: &str, actions: Value) -> Value {
    json!({"name_en": "A rule", "name_zh": "一条规则", "enabled": true, "trigger": trigger,
        "condition": condition, "actions": actions})
}

pub fn on(event: &str) -> Value {
    json!({"on": "event", "event": event})
}

pub fn set_priority(priority: i32) -> Value {
    json!({"do": "set", "priority": priority})
}

/// Adds a rule; its id. What happened before is no cause any more.
pub async fn add(server: &Server, rule: &Value) -> String {
    let admin = server.log_in(Role::Admin).await;
    let made = admin.post(PATH, rule).await.ok();
    run::once(&server.app).await.unwrap();
    made["id"].as_str().unwrap().to_owned()
}

pub async fn ran(server: &Server) -> usize {
    run::once(&server.app).await.unwrap()
}

/// A ticket that nobody has.
pub async fn opened(server: &Server, change: Value) -> String {
    let office = server.log_in(Role::Dispatcher).await;
    let mut new = new_ticket(&lift(server).await);
    new["dispatch"] = json!("manual");
    new["priority"] = json!(3);
    new.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    office.post("/api/v1/tickets", &new).await.ok()["id"].as_str().unwrap().to_owned()
}

pub async fn ticket(server: &Server, id: &str) -> Value {
    let office = server.log_in(Role::Dispatcher).await;
    office.get(&format!("/api/v1/tickets/{id}")).await.ok()
}

/// What rules did, the first first.
pub async fn firings(server: &Server) -> Vec<Value> {
    let office = server.log_in(Role::Dispatcher).await;
    let found = office.get(&format!("{PATH}/firings?limit=200")).await.ok();
    found["items"].as_array().unwrap().iter().rev().cloned().collect()
}

async fn told(person: &Person) -> Vec<Value> {
    person.get("/api/v1/notifications").await.ok()["items"].as_array().unwrap().clone()
}

async fn put(person: &Person, path: &str, change: Value) -> Answer {
    let present = person.get(path).await;
    let (etag, mut rule) = (present.etag.clone().unwrap(), present.ok());
    for field in ["id", "version", "changed_at"] {
        rule.as_object_mut().unwrap().remove(field);
    }
    rule.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    send(person.request(Method::PUT, path).header("if-match", etag).json(&rule)).await
}

async fn enable(server: &Server, id: &str) {
    let admin = server.log_in(Role::Admin).await;
    put(&admin, &format!("{PATH}/{id}"), json!({"enabled": true})).await.ok();
    ran(server).await;
}

both_backends! {
    async fn what_makes_no_sense_is_refused_by_field(server: Server) {
        let admin = server.log_in(Role::Admin).await;
        let fine = body(on("created"), "ticket.priority == 1", json!([set_priority(1)]));
        let cases = [
            (json!({"name_zh": " "}), "name_zh"),
            (json!({"condition": "ticket.colour == 'red'"}), "condition"),
            (json!({"condition": "ticket.priority"}), "condition"),
            (json!({"condition": "x".repeat(5_000)}), "condition"),
            (json!({"condition": format!("{}true{}", "(".repeat(1_500), ")".repeat(1_500))}), "condition"),
            (json!({"trigger": {"on": "every", "minutes": 1}}), "trigger.minutes"),
            (json!({"trigger": {"on": "daily", "time": "8:00", "time_zone": "Asia/Shanghai"}}), "trigger.time"),
            (json!({"trigger": {"on": "daily", "time": "08:00", "time_zone": "Mars/Base"}}), "trigger.time_zone"),
            (json!({"actions": []}), "actions"),
            (json!({"actions": [set_priority(9)]}), "actions[0].priority"),
            (json!({"actions": [{"do": "set"}]}), "actions[0].priority"),
            (json!({"actions": [{"do": "notify"}]}), "actions[0].users"),
            (json!({"actions": [{"do": "notify", "users": [db::types::UserId::new()]}]}), "actions[0].users"),
            (json!({"actions": [{"do": "assign", "group": {"skill": "none", "level": 1}}]}), "actions[0].group.skill"),
            (json!({"actions": [{"do": "step", "event": "complete", "reason": "x"}]}), "actions[0].event"),
            (json!({"actions": [{"do": "webhook", "url": "https://127.0.0.1/x"}]}), "actions[0].url"),
            (json!({"actions": vec![set_priority(1); 11]}), "actions"),
        ];
        for (change, field) in cases {
            let mut rule = fine.clone();
            rule.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            for path in [PATH, "/api/v1/rules/check"] {
                assert_eq!(admin.post(path, &rule).await.field(), field, "{change}");
            }
        }
        let mut huge = fine.clone();
        huge["condition"] = json!("true && ".repeat(131_072));
        assert!(admin.post(PATH, &huge).await.status.is_client_error(), "a megabyte");
        assert_eq!(admin.post("/api/v1/rules/check", &fine).await.status, 204);
    }

    async fn every_save_is_a_version_and_a_firing_names_its_own(server: Server) {
        let id = add(&server, &body(on("created"), "true", json!([set_priority(2)]))).await;
        let (admin, path) = (server.log_in(Role::Admin).await, format!("{PATH}/{id}"));
        opened(&server, json!({})).await;
        assert_eq!(ran(&server).await, 1);
        assert_eq!(put(&admin, &path, json!({"actions": [set_priority(1)]})).await.ok()["version"], 2);
        opened(&server, json!({})).await;
        assert_eq!(ran(&server).await, 1);
        let versions: Vec<i64> = firings(&server).await.iter().map(|one| one["rule_version"].as_i64().unwrap()).collect();
        assert_eq!(versions, [1, 2]);
        let kept = admin.get(&format!("{path}/versions")).await.ok();
        let of = |nth: usize| (kept["items"][nth]["version"].clone(), kept["items"][nth]["rule"]["actions"][0]["priority"].clone());
        assert_eq!([of(0), of(1)], [(json!(2), json!(1)), (json!(1), json!(2))]);
        assert_eq!(send(admin.request(Method::PUT, &path).header("if-match", "\"1\"").json(&body(on("created"), "true", json!([set_priority(2)])))).await.status, 412);
        assert_eq!(put(&admin, &path, json!({"enabled": false})).await.ok()["version"], 3);
        opened(&server, json!({})).await;
        assert_eq!(ran(&server).await, 0, "it is turned off");
        assert_eq!(admin.delete(&path).await.status, 204);
        assert_eq!(admin.get(&path).await.status, 404);
        assert_eq!(firings(&server).await.len(), 2, "what it did stays");
        assert_eq!(admin.delete(&format!("{PATH}/low-score")).await.code(), "rule_shipped");
    }

    async fn a_preview_says_which_tickets_of_the_month_it_would_have_matched(server: Server) {
        let (urgent, _, _) = (opened(&server, json!({"priority": 1})).await, opened(&server, json!({})).await, opened(&server, json!({})).await);
        let ask = |trigger: Value, condition: &str| {
            let asked = json!({"trigger": trigger, "condition": condition});
            let server = &server;
            // Nobody stays logged in for a month.
            async move { server.log_in(Role::Dispatcher).await.post("/api/v1/rules/preview", &asked).await }
        };
        let seen = ask(on("created"), "ticket.priority == 1").await.ok();
        assert_eq!((&seen["matched"], &seen["looked_at"], &seen["complete"]), (&json!(1), &json!(3), &json!(true)));
        assert_eq!(seen["examples"][0]["ticket_id"], urgent.as_str());
        server.clock.set(START.plus_minutes(25 * 60));
        let waits = "ticket.status == 'new' && ticket.age_minutes > 24 * 60";
        let every = json!({"on": "every", "minutes": 60});
        assert_eq!(ask(every.clone(), waits).await.ok()["matched"], 3);
        assert_eq!(ask(on("sla_breached"), "true").await.ok()["matched"], 1, "two hours for an urgent one");
        assert_eq!(ask(on("created"), "ticket.priority ==").await.field(), "condition");
        server.clock.set(START.plus_minutes(40 * 24 * 60));
        let later = ask(on("created"), "true").await.ok();
        assert_eq!((&later["matched"], &later["looked_at"]), (&json!(0), &json!(0)), "that was before");
    }

    async fn what_can_be_asked_about_is_listed_in_both_languages(server: Server) {
        let office = server.log_in(Role::Dispatcher).await;
        let listed = office.get("/api/v1/rules/variables").await.ok();
        let one = listed["items"].as_array().unwrap().iter().find(|one| one["name"] == "sla.minutes_left").unwrap().clone();
        assert_eq!(one["kind"], "int");
        assert!(one["zh"].as_str().unwrap().contains("分钟"));
    }

    async fn each_event_is_told_to_the_rules_that_wait_for_it(server: Server) {
        let tell = json!([{"do": "notify", "roles": ["dispatcher"]}]);
        for (event, condition) in [
            ("created", "event.to_status == 'assigned' && event.from_status == ''"),
            ("assigned", "ticket.engineer == 'E-1'"),
            ("priority_changed", "event.from_priority == 1 && event.to_priority == 2"),
            ("status_changed", "event.from_status == 'assigned' && event.to_status == 'accepted' && !event.by_rule"),
        ] {
            let mut rule = body(on(event), condition, tell.clone());
            rule["name_en"] = json!(event);
            add(&server, &rule).await;
        }
        let scene = Scene::of(&server, 1).await;
        assert_eq!(ran(&server).await, 2);
        scene.does(&server, 1, "accept", "").await;
        let path = format!("/api/v1/tickets/{}", scene.id);
        let etag = scene.office.get(&path).await.etag.unwrap();
        scene.office.patch(&path, &etag, &json!({"priority": 2})).await.ok();
        assert_eq!((ran(&server).await, ran(&server).await), (2, 0));
        let names: Vec<Value> = firings(&server).await.iter().map(|one| one["name_en"].clone()).collect();
        assert_eq!(names, [json!("created"), json!("assigned"), json!("status_changed"), json!("priority_changed")]);
        let told = told(&scene.office).await;
        assert_eq!((told.len(), &told[0]["kind"], &told[0]["rule_zh"]), (4, &json!("rule"), &json!("一条规则")));
    }

    async fn warnings_and_what_is_late_are_events_each_once(server: Server) {
        let tell = json!([{"do": "notify", "supervisors": true}]);
        add(&server, &body(on("sla_warning"), "event.target == 'resolution' && event.left_percent == 30", tell.clone())).await;
        add(&server, &body(on("sla_breached"), "sla.breached && sla.minutes_left <= 0", tell)).await;
        let scene = Scene::of(&server, 1).await;
        assert_eq!(ran(&server).await, 0);
        server.clock.set(START.plus_minutes(84));
        server::sla::watch::once(&server.app).await.unwrap();
        assert_eq!((ran(&server).await, ran(&server).await), (1, 0));
        server.clock.set(START.plus_minutes(119));
        assert_eq!(ran(&server).await, 0);
        server.clock.set(START.plus_minutes(500));
        assert_eq!((ran(&server).await, ran(&server).await), (1, 0), "what fell due meanwhile, once");
        let found = firings(&server).await;
        assert_eq!(found[1]["cause"], format!("due:{}", START.plus_minutes(120).millis()));
        assert_eq!(found[1]["ticket_id"], scene.id.as_str());
    }

    async fn a_ticket_that_becomes_late_by_its_new_priority_is_late(server: Server) {
        add(&server, &body(on("sla_breached"), "true", json!([{"do": "notify", "supervisors": true}]))).await;
        let id = opened(&server, json!({"priority": 2})).await;
        server.clock.set(START.plus_minutes(180));
        assert_eq!(ran(&server).await, 0);
        let (office, path) = (server.log_in(Role::Dispatcher).await, format!("/api/v1/tickets/{id}"));
        let etag = office.get(&path).await.etag.unwrap();
        office.patch(&path, &etag, &json!({"priority": 1})).await.ok();
        assert_eq!((ran(&server).await, ran(&server).await), (1, 0));
    }

    async fn a_rule_with_a_time_asks_about_every_open_ticket_once_or_each_time(server: Server) {
        let (waits, tell) = ("ticket.status == 'new' && ticket.age_minutes >= 60", json!([{"do": "notify", "supervisors": true}]));
        let once = add(&server, &body(json!({"on": "every", "minutes": 15, "once": true}), waits, tell.clone())).await;
        let zone = "America/New_York";
        add(&server, &body(json!({"on": "daily", "time": "00:00", "time_zone": zone}), waits, tell)).await;
        opened(&server, json!({})).await;
        server.clock.set(START.plus_minutes(45));
        assert_eq!(ran(&server).await, 0);
        server.clock.set(START.plus_minutes(75));
        assert_eq!((ran(&server).await, ran(&server).await), (1, 0));
        // On the first day the reminder that comes with Fettle, too.
        for (day, fires) in [(1, 2), (2, 1), (3, 1)] {
            server.clock.set(START.plus_minutes(day * 24 * 60 + 75));
            assert_eq!((ran(&server).await, ran(&server).await), (fires, 0), "each day anew");
        }
        let by_once = firings(&server).await.into_iter().filter(|one| one["rule_id"] == once.as_str()).count();
        assert_eq!(by_once, 1);
    }

    async fn a_rule_with_a_time_that_runs_again_or_at_another_time_waits_for_it(server: Server) {
        let tell = json!([{"do": "notify", "roles": ["dispatcher"]}]);
        let every = |minutes: i64| json!({"on": "every", "minutes": minutes});
        let id = add(&server, &body(every(60), "true", tell)).await;
        opened(&server, json!({})).await;
        let (admin, path) = (server.log_in(Role::Admin).await, format!("{PATH}/{id}"));
        put(&admin, &path, json!({"enabled": false})).await.ok();
        server.clock.set(START.plus_minutes(90));
        ran(&server).await;
        let admin = server.log_in(Role::Admin).await;
        put(&admin, &path, json!({"enabled": true})).await.ok();
        assert_eq!(ran(&server).await, 0, "not at once");
        put(&admin, &path, json!({"trigger": every(30)})).await.ok();
        assert_eq!(ran(&server).await, 0, "nor for another time that is over");
        // Another name does not put it off.
        server.clock.set(START.plus_minutes(121));
        let admin = server.log_in(Role::Admin).await;
        put(&admin, &path, json!({"name_en": "Another name"})).await.ok();
        assert_eq!(ran(&server).await, 1);
    }

    async fn engineers_know_nothing_of_rules_but_what_they_are_told(server: Server) {
        add(&server, &body(on("assigned"), "true", json!([{"do": "notify", "engineer": true}]))).await;
        let scene = Scene::of(&server, 1).await;
        assert_eq!(ran(&server).await, 1);
        assert_eq!(told(&scene.engineer).await.len(), 1);
        assert_eq!(scene.engineer.get(PATH).await.status, 403);
    }

    async fn each_rule_that_comes_with_fettle_does_what_its_name_says(server: Server) {
        ran(&server).await;
        let office = server.log_in(Role::Dispatcher).await;
        let trapped = opened(&server, json!({"title": "三号电梯困人"})).await;
        assert_eq!(ran(&server).await, 1);
        assert_eq!(ticket(&server, &trapped).await["priority"], 1);
        assert_eq!(told(&office).await.len(), 1);
        let admin = server.log_in(Role::Admin).await;
        let refused = put(&admin, &format!("{PATH}/it-fault"), json!({"enabled": true})).await;
        assert_eq!(refused.field(), "actions[0].group.skill", "there is no such group yet");
        admin.post("/api/v1/skills", &json!({"code": "it", "name": "IT"})).await.ok();
        for id in ["overdue", "due-soon", "new-urgent", "it-fault", "idle-30-days", "stale-new"] {
            enable(&server, id).await;
        }
        let urgent = opened(&server, json!({"priority": 1})).await;
        let fault = opened(&server, json!({"kind": "it", "priority": 4})).await;
        assert_eq!(ran(&server).await, 2);
        let fault = ticket(&server, &fault).await;
        assert!(fault["required_skills"].as_array().unwrap().iter().any(|need| need["skill"] == "it"), "{fault}");
        server.clock.set(START.plus_minutes(110));
        server::sla::watch::once(&server.app).await.unwrap();
        let by = |rules: Vec<Value>, id: &str| rules.iter().filter(|one| one["rule_id"] == id).count();
        ran(&server).await;
        assert_eq!(by(firings(&server).await, "due-soon"), 2, "of both urgent ones");
        server.clock.set(START.plus_minutes(130));
        ran(&server).await;
        assert_eq!(by(firings(&server).await, "overdue"), 2);
        server.clock.set(START.plus_minutes(25 * 60));
        ran(&server).await;
        assert_eq!(by(firings(&server).await, "unhandled-24-hours"), 3, "nobody has any of them");
        server.clock.set(START.plus_minutes(31 * 24 * 60));
        ran(&server).await;
        assert_eq!(by(firings(&server).await, "idle-30-days"), 3);
        let follows = server.log_in(Role::Dispatcher).await.get("/api/v1/tickets?limit=200").await.ok();
        assert_eq!(follows["items"].as_array().unwrap().iter().filter(|one| one["kind"] == "follow_up").count(), 3);
        server.clock.set(START.plus_minutes(92 * 24 * 60));
        ran(&server).await;
        assert_eq!(ticket(&server, fault["id"].as_str().unwrap()).await["status"], "cancelled");
        assert_eq!(ticket(&server, &urgent).await["status"], "new");
    }

    async fn a_customer_who_is_not_content_is_seen_to_by_a_supervisor(server: Server) {
        ran(&server).await;
        let engineer_id = engineer(&server, "E-1").await;
        let office = server.log_in(Role::Dispatcher).await;
        let eve = server.log_in_as("eve", Role::Engineer, Some(&engineer_id)).await;
        for (score, fires) in [("dissatisfied", 1), ("satisfied", 0)] {
            let made = office.post("/api/v1/tickets", &new_ticket(&lift(&server).await)).await.ok();
            let path = format!("/api/v1/tickets/{}", made["id"].as_str().unwrap());
            eve.post(&format!("{path}/events"), &json!({"kind": "complete"})).await.ok();
            let known = office.get(&format!("{path}/confirmation")).await.ok();
            let token = known["url"].as_str().unwrap().split_once('#').unwrap().1.to_owned();
            let said = json!({"solved": true, "satisfaction": score, "comment": "It took long"});
            server.stranger().post(&format!("/api/v1/confirmations/{token}"), &said).await.ok();
            assert_eq!(ran(&server).await, fires, "{score}");
        }
        let told = told(&office).await;
        assert_eq!((told.len(), told[0]["rule_zh"].as_str().unwrap().contains("主管")), (1, true));
        // What is erased is written again, and is no new answer.
        let admin = server.log_in(Role::Admin).await;
        let all = office.get("/api/v1/tickets").await.ok();
        for made in all["items"].as_array().unwrap() {
            let path = format!("/api/v1/customers/{}/erasure", made["customer_id"].as_str().unwrap());
            admin.post(&path, &json!({})).await.ok();
        }
        assert_eq!(ran(&server).await, 0, "it was seen to");
    }
}
