//! The stream that wakes phones: it tells when to pull, and ends when there is nothing more to tell.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use db::both_backends;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::app;
use server::auth::Role;

use crate::harness::{Server, send};
use crate::live::Events;
use crate::phone::{Phone, owner};
use crate::sync::assigned;
use crate::tickets::engineer;

async fn stream(phone: &Phone) -> Events {
    let mut events = Events::of(phone.request(Method::GET, "/stream")).await;
    let (name, hello) = events.next().await;
    assert_eq!(name, "hello");
    assert_eq!(hello, json!({"server_time": db::testing::START.millis()}));
    events
}

/// The next poke that tells of more than this.
async fn poke_after(events: &mut Events, cursor: i64) -> i64 {
    loop {
        let (name, data): (String, Value) = events.next().await;
        assert_eq!(name, "poke");
        let told = data["cursor"].as_i64().unwrap();
        if told > cursor {
            return told;
        }
    }
}

both_backends! {
    async fn a_phone_hears_of_its_own_tickets_and_a_pull_then_reaches_the_poke(server: Server) {
        let (anna, ben) = (engineer(&server, "E-1").await, engineer(&server, "E-2").await);
        let office = server.log_in(Role::Dispatcher).await;
        let (hers, his) = (Phone::new(&server, &anna).await, Phone::new(&server, &ben).await);
        let (mut of_anna, mut of_ben) = (stream(&hers).await, stream(&his).await);
        let keeper = server.log_in(Role::Warehouse).await;
        let cursor = hers.pull().await.ok()["cursor"].as_i64().unwrap();
        keeper.post("/api/v1/parts", &json!({"number": "P-1", "name": "Door roller"})).await.ok();
        let cursor = poke_after(&mut of_ben, cursor).await;
        poke_after(&mut of_anna, cursor - 1).await;
        assigned(&server, &office, &anna).await;
        let told = poke_after(&mut of_anna, cursor).await;
        assert!(hers.pull().await.ok()["cursor"].as_i64().unwrap() >= told, "nothing is left of what was told");
        assert_eq!(hers.rows("tickets").await.len(), 1);
        // A colleague is told of what is everybody's, and of nothing of hers before it.
        keeper.post("/api/v1/parts", &json!({"number": "P-2", "name": "Belt"})).await.ok();
        let (name, data) = of_ben.next().await;
        assert!(name == "poke" && data["cursor"].as_i64().unwrap() > told, "{data} after {told}");
    }

    async fn a_newer_stream_of_a_device_ends_the_older_one(server: Server) {
        let anna = engineer(&server, "E-1").await;
        let phone = Phone::new(&server, &anna).await;
        let mut first = stream(&phone).await;
        let mut second = stream(&phone).await;
        first.end().await;
        let office = server.log_in(Role::Dispatcher).await;
        let cursor = phone.pull().await.ok()["cursor"].as_i64().unwrap();
        assigned(&server, &office, &anna).await;
        poke_after(&mut second, cursor).await;
    }

    async fn the_stream_ends_with_its_token_and_no_page_may_listen(server: Server) {
        let anna = engineer(&server, "E-1").await;
        let owner = owner(&server, &anna).await;
        assert_eq!(owner.get("/sync/v1/stream").await.code(), "forbidden");
        assert_eq!(server.stranger().get("/sync/v1/stream").await.code(), "unauthenticated");
        let phone = Phone::new(&server, &anna).await;
        let mut events = stream(&phone).await;
        let again = Phone::enrolled(&owner, &phone.device_id).await;
        events.end().await;
        assert_eq!(phone.get("/stream").await.code(), "unauthenticated");
        stream(&again).await;
    }

    async fn a_server_that_stops_ends_its_streams_and_waits_for_none(server: Server) {
        let anna = engineer(&server, "E-1").await;
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let until = async move { stopped.await.unwrap_or(()) };
        let serving = tokio::spawn(app::serve_until(Arc::clone(&server.app), listener, until));
        let phone = Phone { base: base.clone(), ..Phone::new(&server, &anna).await };
        let mut events = stream(&phone).await;
        let office = server.log_in(Role::Dispatcher).await;
        let console = office.client.get(format!("{base}/api/v1/stream")).header("cookie", office.cookie.unwrap());
        let mut changes = Events::of(console).await;
        stop.send(()).unwrap();
        events.end().await;
        changes.end().await;
        // Well before the ten seconds that an open request is given.
        let ended = tokio::time::timeout(Duration::from_secs(8), serving).await;
        ended.expect("an end in time").unwrap().unwrap();
    }

    async fn what_the_office_does_elsewhere_wakes_a_phone_here(server: Server) {
        let anna = engineer(&server, "E-1").await;
        let other = server.another().await;
        let phone = Phone::new(&server, &anna).await;
        let mut events = stream(&phone).await;
        let cursor = phone.pull().await.ok()["cursor"].as_i64().unwrap();
        let office = other.log_in(Role::Dispatcher).await;
        assigned(&other, &office, &anna).await;
        poke_after(&mut events, cursor).await;
        let status = send(phone.request(Method::GET, "/status")).await.status;
        assert_eq!(status, StatusCode::OK);
    }
}
