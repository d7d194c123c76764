//! Webhooks of rules: signed, in an envelope, again until they are taken, dead at last and not for ever; and never into
//! the network behind the server.

use std::sync::{Arc, Mutex};

use actix_web::{HttpRequest, HttpResponse};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use db::both_backends;
use db::testing::START;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use server::auth::Role;
use server::webhook::rules::once;
use tokio::sync::watch;

use crate::engine::serve;
use crate::harness::{Person, Server};
use crate::rules::{add, body, firings, on, opened, ran};

const DELIVERIES: &str = "/api/v1/webhooks/deliveries";

/// Headers of what came, and its body.
type Came = Vec<(String, String, String, String)>;

/// Another system that answers as it is told.
#[derive(Clone)]
struct Receiver {
    base: String,
    came: Arc<Mutex<Came>>,
    mood: Arc<Mutex<u16>>,
    count: watch::Receiver<usize>,
}

impl Receiver {
    fn open() -> Self {
        let (came, mood) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(204)));
        let (for_server, for_mood) = (came.clone(), mood.clone());
        let (counter, count) = watch::channel(0);
        let base = serve(move |request: HttpRequest, body: String| {
            let header = |name: &str| request.headers().get(name).unwrap().to_str().unwrap().to_owned();
            assert_eq!(header("content-type"), "application/cloudevents+json");
            let (id, at, signed) =
                (header("webhook-id"), header("webhook-timestamp"), header("webhook-signature"));
            for_server.lock().unwrap().push((id, at, signed, body));
            counter.send_modify(|count| *count += 1);
            let status = actix_web::http::StatusCode::from_u16(*for_mood.lock().unwrap()).unwrap();
            async move { HttpResponse::build(status).insert_header(("location", "http://127.0.0.1:1/")).finish() }
        });
        Self { base, came, mood, count }
    }

    fn came(&self) -> Came {
        self.came.lock().unwrap().clone()
    }
}

/// Another system that takes what is sent and never answers.
struct Silent {
    base: String,
    open: Arc<Mutex<Vec<tokio::net::TcpStream>>>,
}

impl Silent {
    fn open() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        listener.set_nonblocking(true).unwrap();
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        let open = Arc::new(Mutex::new(Vec::new()));
        let kept = open.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                kept.lock().unwrap().push(stream);
            }
        });
        Self { base, open }
    }

    fn connections(&self) -> usize {
        self.open.lock().unwrap().len()
    }
}

/// A server that may send into this network, with a rule that tells the receiver of every new ticket.
async fn telling(server: &Server, receiver: &Receiver) -> Server {
    let other = server.another_with(|config| config.webhook_private_addresses = true).await;
    let hook = json!([{"do": "webhook", "url": format!("{}/hook", receiver.base)}]);
    add(&other, &body(on("created"), "true", hook)).await;
    other
}

async fn deliveries(person: &Person, query: &str) -> Vec<Value> {
    person.get(&format!("{DELIVERIES}{query}")).await.ok()["items"].as_array().unwrap().clone()
}

both_backends! {
    async fn an_event_comes_signed_in_its_envelope_and_names_rule_and_ticket(server: Server) {
        let receiver = Receiver::open();
        let other = telling(&server, &receiver).await;
        let id = opened(&other, json!({})).await;
        assert_eq!(ran(&other).await, 1);
        assert_eq!(once(&other.app).await.unwrap(), 1);
        assert_eq!(once(&other.app).await.unwrap(), 0, "once");
        let (webhook_id, at, signed, text) = receiver.came()[0].clone();
        let event: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&event["specversion"], &event["type"], &event["id"]), (&json!("1.0"), &json!("fettle.rule.fired"), &json!(webhook_id)));
        assert_eq!((&event["subject"], &event["data"]["ticket"]["id"], &event["data"]["rule"]["version"]), (&json!(id), &json!(id), &json!(1)));
        assert!(event["data"]["ticket"].get("title").is_none(), "what tells of people stays here");
        let admin = other.log_in(Role::Admin).await;
        let secret = admin.post("/api/v1/webhooks/secret", &json!({"url": receiver.base})).await.ok();
        let key = STANDARD.decode(secret["secret"].as_str().unwrap().strip_prefix("whsec_").unwrap()).unwrap();
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(&key).unwrap();
        mac.update(format!("{webhook_id}.{at}.{text}").as_bytes());
        assert_eq!(signed, format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())));
        assert_eq!(deliveries(&admin, "").await[0]["state"], "delivered");
        assert_eq!(firings(&other).await[0]["results"][0]["made"], json!(webhook_id));
    }

    async fn what_is_refused_is_sent_again_later_and_is_dead_at_last_until_somebody_replays_it(server: Server) {
        let receiver = Receiver::open();
        let other = telling(&server, &receiver).await;
        opened(&other, json!({})).await;
        ran(&other).await;
        // A redirect is no success, and is not followed.
        *receiver.mood.lock().unwrap() = 302;
        let mut minute = 0;
        for wait in [0, 1, 5, 30, 120, 300, 600, 840, 1_200, 1_440] {
            minute += wait;
            other.clock.set(START.plus_minutes(minute));
            assert_eq!(once(&other.app).await.unwrap(), 0);
            assert_eq!(once(&other.app).await.unwrap(), 0, "not before its time");
        }
        assert_eq!(receiver.came().len(), 10);
        let admin = other.log_in(Role::Admin).await;
        let dead = deliveries(&admin, "?state=dead").await;
        assert_eq!((dead.len(), &dead[0]["attempts"]), (1, &json!(10)));
        assert!(dead[0]["error"].as_str().unwrap().contains("302"), "{dead:?}");
        other.clock.set(START.plus_minutes(minute + 10_000));
        assert_eq!(once(&other.app).await.unwrap(), 0, "it is given up");
        *receiver.mood.lock().unwrap() = 200;
        let admin = other.log_in(Role::Admin).await;
        let path = format!("{DELIVERIES}/{}/replay", dead[0]["id"].as_str().unwrap());
        assert_eq!(admin.post(&path, &json!({})).await.status, 204);
        assert_eq!(once(&other.app).await.unwrap(), 1);
        let came = receiver.came();
        assert!(came.iter().all(|one| one.0 == came[0].0), "the same webhook-id, so that it counts once");
        assert_eq!(admin.post(&format!("{DELIVERIES}/none/replay"), &json!({})).await.status, 404);
    }

    async fn who_never_answers_holds_up_nobody_else(server: Server) {
        let (mut receiver, silent) = (Receiver::open(), Silent::open());
        let other = server.another_with(|config| config.webhook_private_addresses = true).await;
        for base in [&silent.base, &silent.base, &receiver.base] {
            let hooks = json!(vec![json!({"do": "webhook", "url": format!("{base}/hook")}); 10]);
            add(&other, &body(on("created"), "true", hooks)).await;
        }
        opened(&other, json!({})).await;
        assert_eq!(ran(&other).await, 3);
        let sending = tokio::spawn({
            let app = other.app.clone();
            async move { once(&app).await.unwrap() }
        });
        receiver.count.wait_for(|count| *count == 10).await.unwrap();
        assert!(!sending.is_finished(), "an answer is still waited for");
        assert_eq!(silent.connections(), 4, "and no more is sent to whoever does not give one");
        sending.abort();
    }

    async fn nothing_is_sent_into_the_network_behind_the_server(server: Server) {
        let receiver = Receiver::open();
        let other = telling(&server, &receiver).await;
        opened(&other, json!({})).await;
        ran(&other).await;
        // This one may not: the rule was written where it was allowed.
        assert_eq!(once(&server.app).await.unwrap(), 0);
        assert_eq!(receiver.came().len(), 0);
        let admin = server.log_in(Role::Admin).await;
        let waits = deliveries(&admin, "?state=waiting").await;
        assert_eq!((waits.len(), &waits[0]["attempts"]), (1, &json!(1)));
        assert_eq!(admin.post("/api/v1/webhooks/secret", &json!({"url": "https://10.0.0.1/x"})).await.field(), "url");
    }
}
