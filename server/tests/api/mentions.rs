//! Who is named in a note is told and watches the ticket; and each note reaches those for whom it is, and nobody else.

use db::both_backends;
use serde_json::{Value, json};
use server::auth::Role;

use crate::harness::{Answer, Person, Server};
use crate::phone::Phone;
use crate::preferences::{dispatcher, kinds};
use crate::rules::opened;
use crate::sla::Scene;
use crate::watchers::{unread, watching};

async fn say(person: &Person, id: &str, note: Value) -> Answer {
    person.post(&format!("/api/v1/tickets/{id}/notes"), &note).await
}

/// What the notes of a ticket say to somebody.
async fn notes(person: &Person, id: &str) -> Vec<String> {
    let found = person.get(&format!("/api/v1/tickets/{id}/notes")).await.ok();
    texts(found["items"].as_array().unwrap())
}

fn texts(rows: &[Value]) -> Vec<String> {
    rows.iter().map(|row| row["text"].as_str().unwrap().to_owned()).collect()
}

async fn step(person: &Person, id: &str, kind: &str) {
    let event = json!({"kind": kind, "reason": "as agreed"});
    person.post(&format!("/api/v1/tickets/{id}/events"), &event).await.ok();
}

/// One note for each audience.
async fn one_for_each(office: &Person, id: &str) {
    for audience in ["office", "team", "customer"] {
        say(office, id, json!({"text": format!("for {audience}"), "audience": audience})).await.ok();
    }
}

both_backends! {
    async fn who_is_named_is_told_once_and_watches_from_then_on(server: Server) {
        let (li, li_id) = dispatcher(&server, "li", "li@office.example").await;
        let (wang, wang_id) = dispatcher(&server, "wang", "").await;
        let id = opened(&server, json!({})).await;
        let said = say(&wang, &id, json!({"text": "@li please call them", "mentions": [li_id, wang_id]})).await.ok();
        assert_eq!((&said["mentions"], &said["audience"]), (&json!([li_id, wang_id]), &json!("team")));
        let told = unread(&li).await;
        assert_eq!((told.len(), &told[0]["kind"], &told[0]["note_text"]), (1, &json!("mentioned"), &json!("@li please call them")));
        let admin = server.log_in(Role::Admin).await;
        assert_eq!(kinds(&admin, "/api/v1/mails").await, ["mentioned"]);
        assert_eq!(unread(&wang).await, Vec::<Value>::new(), "he named himself");
        assert_eq!(watching(&li, &id).await, ["li", "wang"]);
        say(&wang, &id, json!({"text": "Today, @li", "mentions": [li_id]})).await.ok();
        let kinds: Vec<Value> = unread(&li).await.iter().map(|one| one["kind"].clone()).collect();
        assert_eq!(kinds, ["mentioned", "mentioned"], "not of the same note twice");
        say(&wang, &id, json!({"text": "It is done, @li has nothing to do with it"})).await.ok();
        assert_eq!(unread(&li).await[0]["kind"], "commented", "a text names nobody by itself");
    }

    async fn nobody_is_named_who_may_not_read_it(server: Server) {
        let (li, li_id) = dispatcher(&server, "li", "").await;
        let keeper = server.log_in(Role::Warehouse).await;
        let keeper = keeper.get("/api/v1/session").await.ok()["user"]["id"].clone();
        let id = opened(&server, json!({})).await;
        let named = |mentions: Value| say(&li, &id, json!({"text": "x", "mentions": mentions}));
        assert_eq!(named(json!([li_id, keeper])).await.field(), "mentions[1]");
        assert_eq!(named(json!([li_id, li_id])).await.field(), "mentions[1]");
        assert_eq!(named(json!([li_id.to_string().replace('-', "")])).await.field(), "mentions[0]");
        let many: Vec<String> = (0..21).map(|_| crate::phone::new_id()).collect();
        assert_eq!(named(json!(many)).await.field(), "mentions");
        assert_eq!(say(&li, &id, json!({"text": "x", "audience": "press"})).await.field(), "audience");
        assert_eq!(notes(&li, &id).await, Vec::<String>::new(), "nothing was written");
    }

    async fn what_the_office_says_among_itself_reaches_no_engineer_and_no_phone(server: Server) {
        let scene = Scene::of(&server, 3).await;
        let (li, _) = dispatcher(&server, "li", "").await;
        let engineer_id = li.get(&format!("/api/v1/tickets/{}", scene.id)).await.ok()["engineer_id"].clone();
        let phone = Phone::new(&server, engineer_id.as_str().unwrap()).await;
        let his = scene.engineer.get("/api/v1/session").await.ok()["user"]["id"].clone();
        say(&li, &scene.id, json!({"text": "@e-1", "mentions": [his]})).await.ok();
        let refused = say(&li, &scene.id, json!({"text": "@e-1", "mentions": [his], "audience": "office"})).await;
        assert_eq!(refused.field(), "mentions[0]", "he could not read it");
        one_for_each(&li, &scene.id).await;
        let (all, rest) = (["@e-1", "for office", "for team", "for customer"], ["@e-1", "for team", "for customer"]);
        assert_eq!(notes(&li, &scene.id).await, all);
        assert_eq!(notes(&scene.engineer, &scene.id).await, rest);
        assert_eq!(unread(&scene.engineer).await.len(), 3, "he watches, and is told of what is for him");
        for audience in ["office", "customer"] {
            assert_eq!(say(&scene.engineer, &scene.id, json!({"text": "x", "audience": audience})).await.status, 403);
        }
        let found = li.get(&format!("/api/v1/tickets/{}/notes", scene.id)).await.ok();
        let secret = found["items"].as_array().unwrap().iter().find(|note| note["audience"] == "office").unwrap();
        let secret = secret["id"].as_str().unwrap();
        let mut seen = texts(&phone.rows("notes").await);
        seen.sort();
        assert_eq!(seen, ["@e-1", "for customer", "for team"]);
        // Neither when the ticket goes away with all its rows, nor when it comes back with them.
        step(&li, &scene.id, "unassign").await;
        assert!(!phone.pull().await.ok().to_string().contains(secret));
        let again = json!({"engineer_id": engineer_id});
        li.post(&format!("/api/v1/tickets/{}/assignments", scene.id), &again).await.ok();
        assert_eq!(phone.rows("notes").await.len(), 3);
        assert!(!phone.pull().await.ok().to_string().contains(secret), "not even that there is one");
    }

    async fn a_customer_reads_what_is_for_him_and_nothing_else(server: Server) {
        let scene = Scene::of(&server, 3).await;
        one_for_each(&scene.office, &scene.id).await;
        for kind in ["accept", "travel", "arrive", "start", "complete"] {
            scene.does(&server, 1, kind, "").await;
        }
        let link = scene.office.get(&format!("/api/v1/tickets/{}/confirmation", scene.id)).await.ok();
        let token = link["url"].as_str().unwrap().split_once('#').unwrap().1.to_owned();
        let page = server.stranger().get(&format!("/api/v1/confirmations/{token}")).await.ok();
        assert_eq!(texts(page["messages"].as_array().unwrap()), ["for customer"]);
        let whole = page.to_string();
        assert!(!whole.contains("for office") && !whole.contains("for team"), "{whole}");
        let answer = json!({"solved": true, "satisfaction": null, "comment": ""});
        let answered = server.stranger().post(&format!("/api/v1/confirmations/{token}"), &answer).await.ok();
        assert_eq!(answered["messages"], page["messages"]);
    }

    async fn what_one_was_told_of_is_not_read_by_who_may_not_read_it_any_more(server: Server) {
        let scene = Scene::of(&server, 3).await;
        let (li, _) = dispatcher(&server, "li", "").await;
        let (wang, wang_id) = dispatcher(&server, "wang", "wang@office.example").await;
        let note = json!({"text": "@wang secret", "mentions": [wang_id], "audience": "office"});
        say(&li, &scene.id, note).await.ok();
        let his = scene.engineer.get("/api/v1/session").await.ok()["user"]["id"].clone();
        say(&li, &scene.id, json!({"text": "@e-1 hello", "mentions": [his]})).await.ok();
        let texts = async |who: &Person| {
            let told = unread(who).await;
            told.iter().find(|one| one["kind"] == "mentioned").unwrap()["note_text"].clone()
        };
        assert_eq!((texts(&wang).await, texts(&scene.engineer).await), (json!("@wang secret"), json!("@e-1 hello")));
        step(&li, &scene.id, "unassign").await;
        assert_eq!(texts(&scene.engineer).await, Value::Null, "it is not his any more");
        let admin = server.log_in(Role::Admin).await;
        let path = format!("/api/v1/users/{wang_id}");
        let etag = admin.get(&path).await.etag.unwrap();
        admin.patch(&path, &etag, &json!({"role": "warehouse"})).await.ok();
        let wang = server.log_in_as("wang", Role::Warehouse, None).await;
        assert_eq!(texts(&wang).await, Value::Null, "he left the office");
    }
}
