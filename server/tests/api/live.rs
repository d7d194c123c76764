//! The live stream: changes as they are committed, from a cursor, without a gap.

use std::time::Duration;

use db::both_backends;
use futures_util::StreamExt;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use server::auth::Role;

use crate::harness::{Person, Server};
use crate::tickets::{lift, new_ticket};

/// Events of a stream, as a browser would see them.
pub struct Events {
    body: std::pin::Pin<Box<dyn futures_util::Stream<Item = reqwest::Result<bytes::Bytes>> + Send>>,
    text: String,
}

impl Events {
    async fn open(person: &Person, query: &str) -> Self {
        Self::of(person.request(Method::GET, &format!("/api/v1/stream{query}"))).await
    }

    /// The answer to this request, which is a stream.
    pub async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { body: Box::pin(response.bytes_stream()), text: String::new() }
    }

    /// The next event that is no comment: its name and data.
    pub async fn next(&mut self) -> (String, Value) {
        let read = async {
            loop {
                if let Some(end) = self.text.find("\n\n") {
                    let event: String = self.text.drain(..end + 2).collect();
                    let line =
                        |name: &str| event.lines().find_map(|l| l.strip_prefix(name)).map(str::to_owned);
                    if let (Some(name), Some(data)) = (line("event: "), line("data: ")) {
                        return (name, serde_json::from_str(&data).unwrap());
                    }
                    continue;
                }
                let chunk = self.body.next().await.expect("the stream goes on").unwrap();
                self.text.push_str(std::str::from_utf8(&chunk).unwrap());
            }
        };
        tokio::time::timeout(Duration::from_secs(20), read).await.expect("an event in time")
    }

    /// Reads on until the other side ends it.
    pub async fn end(&mut self) {
        let end = async { while self.body.next().await.is_some_and(|chunk| chunk.is_ok()) {} };
        tokio::time::timeout(Duration::from_secs(30), end).await.expect("an end in time");
    }

    async fn until(&mut self, entity: &str) -> Value {
        loop {
            let (name, data) = self.next().await;
            if name == "change" && data["entity"] == entity {
                return data;
            }
        }
    }
}

both_backends! {
    async fn a_new_ticket_is_seen_by_everybody_who_listens(server: Server) {
        let (person, lift) = (server.log_in(Role::Dispatcher).await, lift(&server).await);
        let mut events = Events::open(&person, "").await;
        assert_eq!(events.next().await.0, "hello");
        let mut new = new_ticket(&lift);
        new["required_skills"] = json!([]);
        let ticket = person.post("/api/v1/tickets", &new).await.ok();
        let change = events.until("tickets").await;
        assert_eq!((change["row"]["id"].as_str(), change["op"].as_str()), (ticket["id"].as_str(), Some("put")));
        assert_eq!(change["actor"], "dispatcher-1");
    }

    async fn a_listener_that_was_away_hears_what_he_missed_once_and_in_order(server: Server) {
        let (person, lift) = (server.log_in(Role::Dispatcher).await, lift(&server).await);
        let mut new = new_ticket(&lift);
        new["required_skills"] = json!([]);
        let mut made = Vec::new();
        for _ in 0..5 {
            made.push(person.post("/api/v1/tickets", &new).await.ok()["number"].clone());
        }
        let mut events = Events::open(&person, "?cursor=0").await;
        made.push(person.post("/api/v1/tickets", &new).await.ok()["number"].clone());
        let (mut seen, mut last) = (Vec::new(), 0);
        while seen.len() < made.len() {
            let (name, data) = events.next().await;
            if name == "change" {
                assert!(data["seq"].as_i64().unwrap() > last);
                last = data["seq"].as_i64().unwrap();
                if data["entity"] == "tickets" {
                    seen.push(data["row"]["number"].clone());
                }
            }
        }
        assert_eq!(seen, made);
    }

    async fn the_warehouse_hears_of_stock_and_of_nothing_else(server: Server) {
        let office = server.log_in(Role::Dispatcher).await;
        let lift = lift(&server).await;
        let person = server.log_in(Role::Warehouse).await;
        let mut events = Events::open(&person, "?cursor=0").await;
        let mut new = new_ticket(&lift);
        new["required_skills"] = json!([]);
        office.post("/api/v1/tickets", &new).await.ok();
        let part = |tx: &mut db::Tx<'_>| {
            let new = serde_json::from_value(json!({"number": "P-1", "name": "Door roller"})).unwrap();
            Ok::<_, server::error::Error>(inventory::parts::create(tx, new)?)
        };
        server.app.db.write(db::Actor::system("test"), part).await.unwrap();
        assert_eq!(events.next().await.0, "hello");
        let (name, data) = events.next().await;
        assert_eq!((name.as_str(), data["entity"].as_str()), ("change", Some("parts")));
    }

    async fn the_stream_of_somebody_who_logs_out_ends(server: Server) {
        let person = server.log_in(Role::Dispatcher).await;
        let mut events = Events::open(&person, "").await;
        assert_eq!(events.next().await.0, "hello");
        person.delete("/api/v1/session").await;
        events.end().await;
    }

    async fn positions_reach_the_map_and_the_stream_but_not_the_change_log(server: Server) {
        let engineer = crate::tickets::engineer(&server, "E-1").await;
        let person = server.log_in(Role::Dispatcher).await;
        let mut events = Events::open(&person, "").await;
        assert_eq!(events.next().await.0, "hello");
        let cursor = server.app.live.cursor();
        let at = db::testing::START.millis();
        let body = json!({"positions": [{"engineer_id": engineer, "latitude": 40.7501, "longitude": -73.9801, "at": at}]});
        assert_eq!(person.post("/api/v1/positions", &body).await.ok()["accepted"], 1);
        let (name, data) = events.next().await;
        assert_eq!((name.as_str(), data["items"][0]["latitude"].as_f64()), ("positions", Some(40.7501)));
        let map = person.get("/api/v1/map/engineers.geojson").await;
        let map: Value = match map.body { Value::String(text) => serde_json::from_str(&text).unwrap(), body => body };
        assert_eq!(map["features"][0]["geometry"]["coordinates"], json!([-73.9801, 40.7501]));
        assert_eq!(server.app.live.cursor(), cursor);
        let stranger = json!({"positions": [{"engineer_id": "0198f3c2-7b00-7000-8000-000000000001", "latitude": 40.75, "longitude": -73.98, "at": at}]});
        assert_eq!(person.post("/api/v1/positions", &stranger).await.field(), "positions[0].engineer_id");
        let swapped = json!({"positions": [{"engineer_id": engineer, "latitude": -73.98, "longitude": 40.75, "at": at}]});
        assert_eq!(person.post("/api/v1/positions", &swapped).await.body["errors"][0]["code"], "swapped");
    }
}
