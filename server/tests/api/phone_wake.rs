//! Closed phones are woken by Web Push: a push service of ours takes the message, opens it as a browser would, and
//! checks who sent it.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use actix_web::http::StatusCode as Code;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey as Verifier};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use db::both_backends;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::auth::Role;
use server::sync::wake;
use sha2::Sha256;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::timeout;

use crate::harness::{Server, send};
use crate::live::Events;
use crate::phone::Phone;
use crate::sync::assigned;
use crate::tickets::engineer;

const CONTACT: &str = "mailto:office@fettle.example";
const AUTH: [u8; 16] = [7; 16];

/// What came to the push service: path, headers, body.
type Came = (String, Vec<(String, String)>, Vec<u8>);

struct PushService {
    origin: String,
    answer: Arc<AtomicU16>,
    came: UnboundedReceiver<Came>,
    browser: PrivateKey,
}

type State = (UnboundedSender<Came>, Arc<AtomicU16>);

async fn take(state: web::Data<State>, req: HttpRequest, body: web::Bytes) -> HttpResponse {
    let headers =
        req.headers().iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    state.0.send((req.path().to_owned(), headers.collect(), body.to_vec())).unwrap();
    HttpResponse::build(Code::from_u16(state.1.load(Ordering::Relaxed)).unwrap()).finish()
}

impl PushService {
    fn start() -> Self {
        let (sender, came) = unbounded_channel();
        let answer = Arc::new(AtomicU16::new(201));
        let state = web::Data::new((sender, answer.clone()));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let service = move || App::new().app_data(state.clone()).default_service(web::to(take));
        tokio::spawn(HttpServer::new(service).workers(1).listen(listener).unwrap().run());
        Self { origin, answer, came, browser: PrivateKey::generate(&ECDH_P256).unwrap() }
    }

    fn subscription(&self) -> Value {
        let point = self.browser.compute_public_key().unwrap();
        let keys = json!({"p256dh": URL_SAFE_NO_PAD.encode(point), "auth": URL_SAFE_NO_PAD.encode(AUTH)});
        json!({"endpoint": format!("{}/send/abc", self.origin), "expirationTime": null, "keys": keys})
    }

    async fn next(&mut self) -> Came {
        timeout(Duration::from_secs(60), self.came.recv()).await.expect("nobody was woken").unwrap()
    }

    /// The words of the next message.
    async fn next_words(&mut self) -> Value {
        let came = self.next().await;
        self.open(&came.2)
    }

    /// The words of a message, as RFC 8291 says that a browser reads them.
    fn open(&self, body: &[u8]) -> Value {
        let (salt, rest) = body.split_at(16);
        let (head, rest) = rest.split_at(5);
        assert_eq!(head, [0, 0, 16, 0, 65], "records of 4,096 bytes, and a point");
        let (theirs, sealed) = rest.split_at(65);
        let point = self.browser.compute_public_key().unwrap();
        let peer = UnparsedPublicKey::new(&ECDH_P256, theirs);
        let shared = agree(&self.browser, peer, (), |shared| Ok(shared.to_vec())).unwrap();
        let secret = derive(&AUTH, &shared, &[b"WebPush: info\0", point.as_ref(), theirs].concat());
        let key = derive(salt, &secret, b"Content-Encoding: aes128gcm\0");
        let nonce = derive(salt, &secret, b"Content-Encoding: nonce\0");
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key[..16]).unwrap());
        let nonce = Nonce::try_assume_unique_for_key(&nonce[..12]).unwrap();
        let mut bytes = sealed.to_vec();
        let words = key.open_in_place(nonce, Aad::empty(), &mut bytes).unwrap();
        assert_eq!(words.last(), Some(&2), "the last record");
        serde_json::from_slice(&words[..words.len() - 1]).unwrap()
    }
}

/// HKDF with SHA-256, written down once more: at most 32 bytes.
fn derive(salt: &[u8], secret: &[u8], info: &[u8]) -> Vec<u8> {
    let mac = |key: &[u8], parts: &[&[u8]]| {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
        parts.iter().for_each(|part| mac.update(part));
        mac.finalize().into_bytes().to_vec()
    };
    mac(&mac(salt, &[secret]), &[info, &[1]])
}

fn header<'a>(came: &'a Came, name: &str) -> &'a str {
    came.1.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
}

/// A server that wakes phones at any address.
async fn waking(server: &Server) -> Server {
    let settings = |config: &mut server::config::Config| {
        config.push_contact = CONTACT.to_owned();
        config.push_private_addresses = true;
    };
    server.another_with(settings).await
}

async fn subscribe(phone: &Phone, service: &PushService) {
    let request = phone.request(Method::PUT, "/push-subscription").json(&service.subscription());
    assert_eq!(request.send().await.unwrap().status(), StatusCode::NO_CONTENT);
}

async fn subscribed(phone: &Phone) -> bool {
    phone.get("/push-subscription").await.ok()["subscribed"].as_bool().unwrap()
}

both_backends! {
    async fn a_closed_phone_is_woken_with_a_sealed_poke_from_us_and_nothing_else(server: Server) {
        let (server, mut service) = (waking(&server).await, PushService::start());
        let anna = engineer(&server, "E-1").await;
        let office = server.log_in(Role::Dispatcher).await;
        let phone = Phone::new(&server, &anna).await;
        assert!(!subscribed(&phone).await);
        subscribe(&phone, &service).await;
        assert!(subscribed(&phone).await);
        assigned(&server, &office, &anna).await;
        let came = service.next().await;
        assert_eq!(came.0, "/send/abc");
        let said = ["content-encoding", "ttl", "urgency", "topic"].map(|name| header(&came, name));
        assert_eq!(said, ["aes128gcm", "14400", "high", "poke"]);

        let words = service.open(&came.2);
        assert_eq!(words.as_object().unwrap().len(), 1, "{words}");
        let cursor = words["cursor"].as_i64().unwrap();
        assert!(cursor > 0 && phone.pull().await.ok()["cursor"].as_i64().unwrap() >= cursor);

        let proof = header(&came, "authorization").strip_prefix("vapid t=").unwrap();
        let (token, key) = proof.split_once(", k=").unwrap();
        let public = phone.get("/push-subscription").await.ok()["public_key"].as_str().unwrap().to_owned();
        assert_eq!(key, public);
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
        Verifier::new(&ECDSA_P256_SHA256_FIXED, bytes(key)).verify(signed.as_bytes(), &bytes(signature)).unwrap();
        let claims: Value = serde_json::from_slice(&bytes(signed.split_once('.').unwrap().1)).unwrap();
        assert_eq!((&claims["aud"], &claims["sub"]), (&json!(service.origin), &json!(CONTACT)));
        let now = db::clock::real_now().millis() / 1_000;
        assert!((now..=now + 86_400).contains(&claims["exp"].as_i64().unwrap()));
    }

    async fn a_phone_that_listens_or_was_woken_just_now_is_left_alone(server: Server) {
        let (server, mut service) = (waking(&server).await, PushService::start());
        let anna = engineer(&server, "E-1").await;
        let office = server.log_in(Role::Dispatcher).await;
        let phone = Phone::new(&server, &anna).await;
        subscribe(&phone, &service).await;
        let mut events = Events::of(phone.request(Method::GET, "/stream")).await;
        assert_eq!(events.next().await.0, "hello");
        assigned(&server, &office, &anna).await;
        assert_eq!(events.next().await.0, "poke");
        wake::once(&server.app, 0, 0, true).await.unwrap();
        assert!(service.came.try_recv().is_err(), "it listens");
        phone.pull().await.ok();
        drop(events);
        let second = assigned(&server, &office, &anna).await;
        // The first message is of what happened after the stream: of what was pulled, nothing is told.
        let cursor = service.next_words().await["cursor"].as_i64().unwrap();
        phone.pull().await.ok();
        assert!(cursor > 0 && !second.is_empty());
        assigned(&server, &office, &anna).await;
        wake::once(&server.app, 0, 0, true).await.unwrap();
        assert!(service.came.try_recv().is_err(), "it was woken less than a minute ago");
        server.clock.set(server.clock.now().plus_minutes(1));
        assert!(service.next_words().await["cursor"].as_i64().unwrap() > cursor);
        assert!(service.came.try_recv().is_err(), "once");
    }

    async fn a_subscription_that_has_ended_is_forgotten(server: Server) {
        let (server, mut service) = (waking(&server).await, PushService::start());
        let anna = engineer(&server, "E-1").await;
        let office = server.log_in(Role::Dispatcher).await;
        let phone = Phone::new(&server, &anna).await;
        subscribe(&phone, &service).await;
        service.answer.store(410, Ordering::Relaxed);
        assigned(&server, &office, &anna).await;
        service.next().await;
        let forgotten = async { while subscribed(&phone).await {} };
        timeout(Duration::from_secs(60), forgotten).await.unwrap();
        // And one that a phone ends itself.
        subscribe(&phone, &service).await;
        for _ in 0..2 {
            let ended = phone.request(Method::DELETE, "/push-subscription").send().await.unwrap();
            assert_eq!((ended.status(), subscribed(&phone).await), (StatusCode::NO_CONTENT, false));
        }
    }

    async fn a_phone_leads_the_server_nowhere_but_to_a_push_service(server: Server) {
        let (other, service) = (server.another_with(|config| config.push_contact = CONTACT.to_owned()).await, PushService::start());
        let anna = engineer(&other, "E-1").await;
        let phone = Phone::new(&other, &anna).await;
        let put = |body: Value| send(phone.request(Method::PUT, "/push-subscription").json(&body));
        for endpoint in ["https://127.0.0.1/x", "https://10.0.0.8/x", "https://[::1]/x", "http://push.example/x", "x"] {
            let mut body = service.subscription();
            body["endpoint"] = json!(endpoint);
            let refused = put(body).await;
            assert_eq!((refused.status, refused.field()), (StatusCode::BAD_REQUEST, "endpoint"), "{endpoint}");
        }
        let mut body = service.subscription();
        body["endpoint"] = json!("https://push.example/x");
        body["keys"]["auth"] = json!("AAAA");
        assert_eq!(put(body).await.field(), "keys");
        assert!(!subscribed(&phone).await);
        // A server without a contact wakes nobody.
        let phone = Phone { base: server.base.clone(), ..phone };
        assert_eq!(phone.get("/push-subscription").await.code(), "push_off");
    }
}
