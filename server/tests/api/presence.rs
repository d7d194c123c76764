//! Who looks at which ticket, at whichever server.

use db::both_backends;
use db::testing::{Backend, START, block_on};
use reqwest::Method;
use serde_json::{Value, json};
use server::auth::Role;

use crate::harness::{Answer, Person, Server, send};
use crate::inventory::NOBODY;
use crate::live::Events;
use crate::undo::waiting;

const PAGE: &str = "0198f3c2-7b00-7000-8000-0000000000a1";
const OTHER_PAGE: &str = "0198f3c2-7b00-7000-8000-0000000000a2";

async fn here(person: &Person, page: &str, ticket: Option<&str>, editing: bool) -> Answer {
    let body = json!({"page_id": page, "ticket_id": ticket, "editing": editing});
    send(person.request(Method::PUT, "/api/v1/presence").json(&body)).await
}

async fn everybody(person: &Person) -> Vec<(String, bool)> {
    told(&person.get("/api/v1/presence").await.ok())
}

fn told(page: &Value) -> Vec<(String, bool)> {
    let items = page["items"].as_array().unwrap();
    items
        .iter()
        .map(|one| (one["login"].as_str().unwrap().to_owned(), one["editing"].as_bool().unwrap()))
        .collect()
}

/// What the stream says of who is where, next.
async fn heard(events: &mut Events) -> Vec<(String, bool)> {
    loop {
        let (name, data) = events.next().await;
        if name == "presence" {
            return told(&data);
        }
    }
}

fn at(login: &str, editing: bool) -> (String, bool) {
    (login.to_owned(), editing)
}

both_backends! {
    async fn a_page_is_where_it_says_until_it_goes_or_is_silent(server: Server) {
        let (dora, otto) = (server.log_in(Role::Dispatcher).await, server.log_in_as("otto", Role::Dispatcher, None).await);
        let ticket = waiting(&server, &dora, |_| {}).await;
        here(&dora, PAGE, Some(&ticket), false).await.ok();
        here(&otto, OTHER_PAGE, Some(&ticket), true).await.ok();
        assert_eq!(everybody(&dora).await, [at("dispatcher-1", false), at("otto", true)]);
        here(&otto, OTHER_PAGE, None, false).await.ok();
        assert_eq!(everybody(&dora).await, [at("dispatcher-1", false)]);
        server.clock.set(START.plus_minutes(1));
        assert!(everybody(&otto).await.is_empty(), "silent for a minute");
        here(&dora, PAGE, Some(&ticket), true).await.ok();
        assert_eq!(everybody(&otto).await, [at("dispatcher-1", true)]);
    }

    async fn nobody_speaks_for_somebody_elses_page_or_of_no_ticket(server: Server) {
        let (dora, otto) = (server.log_in(Role::Dispatcher).await, server.log_in_as("otto", Role::Dispatcher, None).await);
        let ticket = waiting(&server, &dora, |_| {}).await;
        here(&dora, PAGE, Some(&ticket), false).await.ok();
        here(&otto, PAGE, Some(&ticket), true).await.ok();
        here(&otto, PAGE, None, false).await.ok();
        assert_eq!(everybody(&otto).await, [at("dispatcher-1", false)]);
        assert_eq!(here(&dora, OTHER_PAGE, Some(NOBODY), false).await.field(), "ticket_id");
    }
}

#[test]
fn pages_at_two_servers_hear_of_each_other() {
    block_on(async {
        let server = Server::fresh(Backend::Postgres);
        let other = server.another().await;
        let dora = server.log_in(Role::Dispatcher).await;
        let otto = other.log_in_as("otto", Role::Dispatcher, None).await;
        let ticket = waiting(&server, &dora, |_| {}).await;
        let mut events = Events::of(dora.request(Method::GET, "/api/v1/stream")).await;
        here(&otto, OTHER_PAGE, Some(&ticket), false).await.ok();
        assert_eq!(heard(&mut events).await, [at("otto", false)]);
        here(&otto, OTHER_PAGE, Some(&ticket), true).await.ok();
        assert_eq!(heard(&mut events).await, [at("otto", true)]);
        here(&otto, OTHER_PAGE, None, false).await.ok();
        assert_eq!(heard(&mut events).await, []);
    });
}
