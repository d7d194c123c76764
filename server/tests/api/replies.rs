//! Canned replies: kept in both languages, filled in from a ticket, and refused where they would say nothing.

use db::both_backends;
use reqwest::Method;
use serde_json::{Value, json};
use server::auth::Role;

use crate::harness::{Answer, Person, Server, send};
use crate::preferences::dispatcher;
use crate::rules::opened;
use crate::sla::Scene;

const PATH: &str = "/api/v1/canned-replies";

fn reply(change: Value) -> Value {
    let mut reply = json!({"title": "On the way", "title_zh": "已出发", "audience": "customer",
        "text": "{engineer} comes to {address}. {organisation}, ticket {number}", "text_zh": "{engineer}前往{address}（{status}）"});
    reply.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
    reply
}

async fn add(person: &Person, change: Value) -> Answer {
    person.post(PATH, &reply(change)).await
}

async fn put(person: &Person, path: &str, etag: &str, wanted: &Value) -> Answer {
    send(person.request(Method::PUT, path).header("if-match", etag).json(wanted)).await
}

async fn filled(person: &Person, ticket: &str) -> Vec<Value> {
    let found = person.get(&format!("/api/v1/tickets/{ticket}/canned-replies")).await.ok();
    found["items"].as_array().unwrap().clone()
}

both_backends! {
    async fn a_reply_is_kept_changed_by_who_has_seen_it_and_removed(server: Server) {
        let office = server.log_in(Role::Dispatcher).await;
        let made = add(&office, json!({})).await;
        let path = made.location.clone().unwrap();
        assert_eq!(made.ok()["audience"], "customer");
        add(&office, json!({"title": "Before that"})).await.ok();
        let etag = office.get(&path).await.etag.unwrap();
        let changed = put(&office, &path, &etag, &reply(json!({"title": "Leaving now", "audience": "team"}))).await.ok();
        assert_eq!((&changed["title"], &changed["audience"]), (&json!("Leaving now"), &json!("team")));
        assert_eq!(put(&office, &path, &etag, &reply(json!({}))).await.status, 412, "somebody was faster");
        let listed = office.get(PATH).await.ok();
        let titles: Vec<&Value> = listed["items"].as_array().unwrap().iter().map(|one| &one["title"]).collect();
        assert_eq!(titles, ["Before that", "Leaving now"], "by title");
        assert_eq!(office.delete(&path).await.status, 204);
        assert_eq!(office.delete(&path).await.status, 404);
        assert_eq!(office.get(&path).await.status, 404);
    }

    async fn what_would_say_nothing_is_refused_by_field(server: Server) {
        let office = server.log_in(Role::Dispatcher).await;
        for (change, field) in [
            (json!({"title": " "}), "title"),
            (json!({"title": "x".repeat(101)}), "title"),
            (json!({"text": ""}), "text"),
            (json!({"text": "{numbre}"}), "text"),
            (json!({"text_zh": "{工单}{x}"}), "text_zh"),
            (json!({"text_zh": "x".repeat(20_001)}), "text_zh"),
            (json!({"audience": "press"}), "audience"),
            (json!({"colour": "red"}), "colour"),
        ] {
            let refused = add(&office, change.clone()).await;
            assert_eq!((refused.status.as_u16(), refused.field()), (422, field), "{change}");
        }
        let named = add(&office, json!({"text": "{numbre}"})).await;
        assert_eq!(named.body["errors"][0]["code"], "placeholder", "{}", named.body);
        assert!(named.body.to_string().contains("{numbre} stands for nothing"));
        for nth in 0..200 {
            add(&office, json!({"title": format!("{nth}")})).await.ok();
        }
        assert_eq!(add(&office, json!({})).await.field(), "title", "two hundred are enough");
    }

    async fn a_ticket_fills_it_in_in_both_languages(server: Server) {
        let scene = Scene::of(&server, 3).await;
        let (li, _) = dispatcher(&server, "li", "").await;
        add(&li, json!({})).await.ok();
        let all = "{number}|{title}|{status}|{customer}|{address}|{contact}|{engineer}|{planned}|{due}|{organisation}|{author}";
        add(&li, json!({"title": "Z", "text": all, "text_zh": all})).await.ok();
        let ticket = li.get(&format!("/api/v1/tickets/{}", scene.id)).await.ok();
        let (number, address) = (ticket["number"].as_i64().unwrap(), ticket["address"].as_str().unwrap());
        let found = filled(&li, &scene.id).await;
        assert_eq!(found[0]["text"], format!("Engineer E-1 comes to {address}. Fettle, ticket {number}"));
        assert_eq!(found[0]["text_zh"], format!("Engineer E-1前往{address}（已派单）"));
        let [english, chinese] = ["text", "text_zh"].map(|field| found[1][field].as_str().unwrap().split('|').collect::<Vec<_>>());
        assert_eq!(english.len(), 11);
        assert!(english.iter().all(|value| !value.is_empty() && !value.contains('{')), "{english:?}");
        assert_eq!((english[2], chinese[2], english[10]), ("Assigned", "已派单", "li"));
        assert!(english[8].starts_with("20") && english[8].ends_with(')'), "a time names its zone: {english:?}");
        let nobody = opened(&server, json!({"title": "{author}"})).await;
        let found = filled(&li, &nobody).await;
        let values: Vec<&str> = found[1]["text_zh"].as_str().unwrap().split('|').collect();
        assert_eq!((values[6], values[7], values[1]), ("待定", "待定", "{author}"), "a title fills nothing in");
        scene.does(&server, 10, "start", "").await;
        scene.does(&server, 60, "pause", "part").await;
        let due = filled(&li, &scene.id).await[1]["text_zh"].as_str().unwrap().split('|').nth(8).unwrap().to_owned();
        assert_eq!(due, "待定", "while the clock stands nobody knows");
        assert_eq!(li.get("/api/v1/tickets/0190a000-0000-7000-8000-000000000000/canned-replies").await.status, 404);
    }
}
