//! Who watches a ticket is told what others write on it and where it stands, if he may read it; nobody is told what he
//! did himself.

use db::both_backends;
use reqwest::Method;
use serde_json::{Value, json};
use server::auth::Role;

use crate::harness::{Answer, Person, Server, send};
use crate::preferences::{dispatcher, kinds, put};
use crate::rules::opened;
use crate::sla::Scene;

/// What somebody has not read, the latest first.
pub async fn unread(person: &Person) -> Vec<Value> {
    let found = person.get("/api/v1/notifications").await.ok();
    let items = found["items"].as_array().unwrap().iter();
    items.filter(|one| one["read_at"].is_null()).cloned().collect()
}

pub async fn note(person: &Person, id: &str, text: &str) -> Value {
    person.post(&format!("/api/v1/tickets/{id}/notes"), &json!({"text": text})).await.ok()
}

async fn watch(by: &Person, id: &str, user_id: &str) -> Answer {
    send(by.request(Method::PUT, &format!("/api/v1/tickets/{id}/watchers/{user_id}"))).await
}

async fn step(person: &Person, id: &str, kind: &str) {
    let event = json!({"kind": kind, "reason": "as agreed"});
    person.post(&format!("/api/v1/tickets/{id}/events"), &event).await.ok();
}

/// The log-ins of those who watch.
pub async fn watching(person: &Person, id: &str) -> Vec<String> {
    let readers = person.get(&format!("/api/v1/tickets/{id}/readers")).await.ok();
    let watch = readers["items"].as_array().unwrap().iter().filter(|one| one["watches"] == true);
    watch.map(|one| one["login"].as_str().unwrap().to_owned()).collect()
}

async fn me(person: &Person) -> String {
    person.get("/api/v1/session").await.ok()["user"]["id"].as_str().unwrap().to_owned()
}

both_backends! {
    async fn who_watches_is_told_what_others_write_and_whoever_writes_watches(server: Server) {
        let (li, li_id) = dispatcher(&server, "li", "").await;
        let (wang, _) = dispatcher(&server, "wang", "").await;
        let id = opened(&server, json!({})).await;
        assert_eq!(watching(&li, &id).await, Vec::<String>::new(), "nobody who did not ask to");
        for _ in 0..2 {
            assert_eq!(watch(&wang, &id, li_id.as_str()).await.status, 204, "a dispatcher asks another");
        }
        note(&wang, &id, "The owner is away until noon").await;
        let told = unread(&li).await;
        assert_eq!((told.len(), &told[0]["kind"], &told[0]["note_author"]), (1, &json!("commented"), &json!("wang")));
        assert_eq!((&told[0]["note_text"], &told[0]["ticket_id"]), (&json!("The owner is away until noon"), &json!(id)));
        assert_eq!(unread(&wang).await, Vec::<Value>::new(), "he knows");
        assert_eq!(watching(&li, &id).await, ["li", "wang"]);
        note(&li, &id, "Then after noon").await;
        assert_eq!((unread(&li).await.len(), unread(&wang).await.len()), (1, 1));
        assert_eq!(li.delete(&format!("/api/v1/tickets/{id}/watchers/{li_id}")).await.status, 204);
        assert_eq!(li.delete(&format!("/api/v1/tickets/{id}/watchers/{li_id}")).await.status, 204);
        note(&wang, &id, "Never mind").await;
        assert_eq!(unread(&li).await.len(), 1, "he does not want to know any more");
    }

    async fn where_it_stands_is_told_once_until_it_is_read_and_not_to_who_did_it(server: Server) {
        let scene = Scene::of(&server, 3).await;
        let (li, li_id) = dispatcher(&server, "li", "li@office.example").await;
        watch(&li, &scene.id, li_id.as_str()).await;
        for kind in ["accept", "travel", "arrive"] {
            scene.does(&server, 1, kind, "").await;
        }
        let told = unread(&li).await;
        assert_eq!((told.len(), &told[0]["kind"], &told[0]["status"]), (1, &json!("status_changed"), &json!("on_site")));
        li.post("/api/v1/notifications/read", &json!({})).await;
        scene.does(&server, 2, "start", "").await;
        assert_eq!(unread(&li).await[0]["status"], "working");
        assert_eq!(kinds(&li, "/api/v1/notifications").await.len(), 2, "what was read stays");
        let admin = server.log_in(Role::Admin).await;
        assert_eq!(kinds(&admin, "/api/v1/mails").await, Vec::<String>::new(), "steps are not mailed unasked");
        put(&li, json!([{"kind": "status_changed", "bell": false, "mail": true}])).await.ok();
        scene.does(&server, 3, "pause", "no key").await;
        scene.does(&server, 4, "resume", "").await;
        assert_eq!(kinds(&admin, "/api/v1/mails").await, ["status_changed"], "the former is no news any more");
        step(&li, &scene.id, "cancel").await;
        assert_eq!(kinds(&admin, "/api/v1/mails").await.len(), 1, "his own doing");
        // An edit that leaves the state alone is no step.
        let other = opened(&server, json!({})).await;
        let (wang, wang_id) = dispatcher(&server, "wang", "").await;
        watch(&wang, &other, wang_id.as_str()).await;
        let path = format!("/api/v1/tickets/{other}");
        let etag = li.get(&path).await.etag.unwrap();
        li.patch(&path, &etag, &json!({"title": "Doors hum loudly"})).await.ok();
        assert_eq!(unread(&wang).await, Vec::<Value>::new());
    }

    async fn only_who_may_read_it_is_told_and_an_engineer_asks_for_himself_alone(server: Server) {
        let scene = Scene::of(&server, 3).await;
        let (li, li_id) = dispatcher(&server, "li", "").await;
        let keeper = server.log_in(Role::Warehouse).await;
        let (his, keepers) = (me(&scene.engineer).await, me(&keeper).await);
        assert_eq!(watch(&scene.engineer, &scene.id, li_id.as_str()).await.status, 403);
        assert_eq!(watch(&li, &scene.id, &keepers).await.status, 404, "he may not read it");
        assert_eq!(watch(&li, &li_id.to_string(), li_id.as_str()).await.status, 404);
        assert_eq!(watch(&scene.engineer, &scene.id, &his).await.status, 204);
        note(&li, &scene.id, "Ring twice").await;
        assert_eq!(unread(&scene.engineer).await.len(), 1);
        note(&scene.engineer, &scene.id, "Nobody opens").await;
        assert_eq!(unread(&li).await[0]["note_author"], "e-1");
        step(&li, &scene.id, "unassign").await;
        note(&li, &scene.id, "Somebody else goes").await;
        assert_eq!(unread(&scene.engineer).await.len(), 1, "it is not his any more, and so no business of his");
        assert_eq!(watch(&scene.engineer, &scene.id, &his).await.status, 404);
        let found = li.get(&format!("/api/v1/tickets/{}/readers", scene.id)).await.ok();
        assert!(found["items"].as_array().unwrap().iter().all(|one| one["login"] != "e-1"));
    }
}
