//! Saved views: one's own and those that others share.

use db::both_backends;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::auth::Role;

use crate::harness::{Answer, Person, Server, send};

fn view(name: &str) -> Value {
    json!({"name": name, "query": "late=1&rows=shift", "layout": {"left": 400, "right": 420, "bottom": 250, "timeline": true}})
}

async fn names(person: &Person) -> Vec<String> {
    let list = person.get("/api/v1/views").await.ok();
    list["items"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

async fn saved(person: &Person, body: &Value) -> String {
    format!("/api/v1/views/{}", person.post("/api/v1/views", body).await.ok()["id"].as_str().unwrap())
}

async fn put(person: &Person, path: &str, etag: &str, body: &Value) -> Answer {
    send(person.request(Method::PUT, path).header("if-match", etag).json(body)).await
}

both_backends! {
    async fn a_view_is_its_owners_until_he_shares_it(server: Server) {
        let (dora, otto) = (server.log_in(Role::Dispatcher).await, server.log_in_as("otto", Role::Dispatcher, None).await);
        let path = saved(&dora, &view("Night")).await;
        assert_eq!((names(&dora).await, names(&otto).await), (vec!["Night".to_owned()], vec![]));
        assert_eq!(otto.get(&path).await.status, StatusCode::NOT_FOUND);
        assert_eq!(otto.delete(&path).await.status, StatusCode::NOT_FOUND);
        let read = dora.get(&path).await;
        assert_eq!((&read.body["layout"], &read.body["query"]), (&view("")["layout"], &view("")["query"]));
        let mut shared = view("Night watch");
        shared["shared"] = json!(true);
        put(&dora, &path, read.etag.as_deref().unwrap(), &shared).await.ok();
        assert_eq!(names(&otto).await, ["Night watch"]);
        let seen = otto.get(&path).await;
        assert_eq!(seen.body["author"], "dispatcher-1");
        assert_eq!(put(&otto, &path, seen.etag.as_deref().unwrap(), &view("Mine")).await.status, StatusCode::FORBIDDEN);
        assert_eq!(otto.delete(&path).await.status, StatusCode::FORBIDDEN);
        let admin = server.log_in(Role::Admin).await;
        admin.delete(&path).await.ok();
        assert!(names(&dora).await.is_empty());
    }

    async fn of_two_pages_of_one_dispatcher_the_second_hears_of_the_first(server: Server) {
        let dora = server.log_in(Role::Dispatcher).await;
        let path = saved(&dora, &view("Night")).await;
        let etag = dora.get(&path).await.etag.unwrap();
        put(&dora, &path, &etag, &view("Day")).await.ok();
        assert_eq!(put(&dora, &path, &etag, &view("Evening")).await.status, StatusCode::PRECONDITION_FAILED);
        assert_eq!(names(&dora).await, ["Day"]);
    }

    async fn names_are_unique_among_ones_own_and_all_is_bounded(server: Server) {
        let (dora, otto) = (server.log_in(Role::Dispatcher).await, server.log_in_as("otto", Role::Dispatcher, None).await);
        saved(&dora, &view("Night")).await;
        saved(&otto, &view("Night")).await;
        assert_eq!(dora.post("/api/v1/views", &view(" Night ")).await.field(), "name");
        let second = saved(&dora, &view("Day")).await;
        let etag = dora.get(&second).await.etag.unwrap();
        assert_eq!(put(&dora, &second, &etag, &view("Night")).await.field(), "name");
        for (field, value) in [("name", json!("")), ("name", json!("x".repeat(61))), ("query", json!("x".repeat(2_001)))] {
            let mut bad = view("Other");
            bad[field] = value;
            assert_eq!(dora.post("/api/v1/views", &bad).await.field(), field);
        }
        let mut wide = view("Other");
        wide["layout"]["left"] = json!(4_001);
        assert_eq!(dora.post("/api/v1/views", &wide).await.field(), "layout.left");
    }
}
