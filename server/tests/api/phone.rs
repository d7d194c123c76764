//! A phone that speaks the protocol in plain HTTP, past any library: for what no library of ours would say.

use db::types::Id;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use server::auth::Role;

use crate::harness::{Answer, Person, Server, send};

/// A device with a token.
pub struct Phone {
    pub client: Client,
    pub base: String,
    pub device_id: String,
    pub token: String,
    pub epoch: String,
    pub seq: i64,
}

impl Phone {
    /// Enrolled by its engineer's own session.
    pub async fn new(server: &Server, engineer_id: &str) -> Self {
        let device_id = Id::<db::types::of::Device>::new().to_string();
        Self::enrolled(&owner(server, engineer_id).await, &device_id).await
    }

    /// A device that introduces itself, again perhaps.
    pub async fn enrolled(owner: &Person, device_id: &str) -> Self {
        let told = owner.post("/sync/v1/devices", &introduction(device_id)).await.ok();
        Self::told(owner, device_id, &told)
    }

    /// After the answer to its enrolment.
    pub fn told(by: &Person, device_id: &str, told: &Value) -> Self {
        let text = |name: &str| told[name].as_str().unwrap().to_owned();
        let (client, base) = (by.client.clone(), by.base.clone());
        Self {
            client,
            base,
            device_id: device_id.to_owned(),
            token: text("token"),
            epoch: text("epoch"),
            seq: 0,
        }
    }

    /// A request with its token.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}/sync/v1{path}", self.base)).bearer_auth(&self.token)
    }

    pub async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    /// All that it may see.
    pub async fn pull(&self) -> Answer {
        send(self.request(Method::POST, "/pull").json(&json!({"cursor": 0, "limit": 1000, "schema": 1})))
            .await
    }

    /// The rows of a collection that it may see.
    pub async fn rows(&self, collection: &str) -> Vec<Value> {
        let page = self.pull().await.ok();
        let of = |c: &&Value| c["c"] == collection && c["op"] == "put";
        page["changes"].as_array().unwrap().iter().filter(of).map(|c| c["doc"].clone()).collect()
    }

    /// Pushes one mutation with the next number; the members that matter are given, the others made up.
    pub async fn push(&mut self, given: Value) -> Value {
        self.seq += 1;
        let id = given["id"].as_str().map_or_else(new_id, str::to_owned);
        let mid = if given["op"] == "patch" { new_id() } else { id.clone() };
        let mut mutation = json!({"mid": mid, "id": id, "seq": self.seq, "op": "insert", "schema": 1});
        for (name, value) in given.as_object().unwrap() {
            mutation[name] = value.clone();
        }
        let body = json!({"epoch": self.epoch, "mutations": [mutation]});
        let answer = send(self.request(Method::POST, "/push").json(&body)).await.ok();
        answer["results"][0].clone()
    }

    /// A step of a ticket.
    pub async fn act(&mut self, ticket: &str, kind: &str) -> Value {
        self.push(json!({"c": "ticket_events", "op": "intent", "set": {"ticket_id": ticket, "kind": kind}}))
            .await
    }
}

/// A fresh id, of whatever.
pub fn new_id() -> String {
    Id::<db::types::of::Device>::new().to_string()
}

/// The engineer himself, logged in.
pub async fn owner(server: &Server, engineer_id: &str) -> Person {
    server.log_in_as(&format!("phone-{engineer_id}"), Role::Engineer, Some(engineer_id)).await
}

/// What a device says of itself.
pub fn introduction(device_id: &str) -> Value {
    json!({"device_id": device_id, "platform": "android", "app_version": "1.4.0", "schema": 1})
}
