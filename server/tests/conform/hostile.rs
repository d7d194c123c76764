//! Phones that mean harm, against the real program: what they send is refused, or kept and does nothing, and the
//! server's memory stays bounded. What is left of a body that is too large may be cut off, so an answer may be missing.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use bytes::Bytes;
use db::testing::{Backend, block_on};
use flate2::{Compress, Compression, FlushCompress};
use futures_util::future::join_all;
use futures_util::stream;
use mobile_sync_wire::SCHEMA;
use mobile_sync_wire::push::{Outcome, PushResponse};
use reqwest::{Body, Client, Method, RequestBuilder};
use serde_json::{Value, json};

use crate::world::{COLLEAGUE, ENGINEER, World, new_id};

/// By how much the server's memory may grow under all of it, in KiB: eight bodies of 8 MiB at once, unpacked and
/// read, several times over. The test prints how much it was.
const MAY_GROW_KIB: u64 = 384 * 1024;
const MIB: usize = 1 << 20;
/// A body may have so many bytes.
const BODY: usize = 8 * MIB;

struct Fettle {
    child: Child,
    base: String,
}

impl Drop for Fettle {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Fettle {
    fn start(world: &World) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_fettle"))
            .args(["--database-url", &world.database_url, "serve", "--port", "0"])
            .env("FETTLE_LOG", "error")
            .env("FETTLE_PLAN_SECONDS", "0")
            .env("FETTLE_BLOB_STORE", &world.blob_store)
            .env("FETTLE_RECORD_SEAL_SECONDS", "0")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let base = format!("http://{}", line.trim().rsplit_once("http://").unwrap().1);
        Self { child, base }
    }

    /// The most memory that it ever had, in KiB.
    fn peak_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

struct Phone {
    http: Client,
    base: String,
    token: String,
    epoch: String,
}

impl Phone {
    async fn new(base: &str, owner: &str) -> Self {
        let http = Client::new();
        let body =
            json!({"device_id": new_id(), "platform": "hostile", "app_version": "1", "schema": SCHEMA});
        let asked = http.post(format!("{base}/sync/v1/devices")).bearer_auth(owner).json(&body);
        let told: Value = asked.send().await.unwrap().json().await.unwrap();
        let text = |name: &str| told[name].as_str().unwrap().to_owned();
        Self { http, base: base.to_owned(), token: text("token"), epoch: text("epoch") }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}/sync/v1{path}", self.base)).bearer_auth(&self.token)
    }

    /// The status of the answer; 0 if the server hung up on the way.
    async fn status(&self, request: RequestBuilder) -> u16 {
        request.send().await.map_or(0, |answer| answer.status().as_u16())
    }

    async fn push_raw(&self, body: impl Into<Body>) -> u16 {
        let request = self.request(Method::POST, "/push").header("content-type", "application/json");
        self.status(request.body(body)).await
    }

    async fn push(&self, mutations: &[Value]) -> PushResponse {
        let body = json!({"epoch": self.epoch, "mutations": mutations});
        self.request(Method::POST, "/push").json(&body).send().await.unwrap().json().await.unwrap()
    }

    async fn get(&self, path: &str) -> Value {
        self.request(Method::GET, path).send().await.unwrap().json().await.unwrap()
    }

    async fn everything(&self) -> String {
        let asked = json!({"cursor": 0, "limit": 1000, "schema": SCHEMA});
        let answer = self.request(Method::POST, "/pull").json(&asked).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        answer.text().await.unwrap()
    }
}

fn note(ticket: &str, seq: i64, text: &str) -> Value {
    let id = new_id();
    json!({"mid": id, "id": id, "seq": seq, "op": "insert", "c": "notes", "schema": SCHEMA,
        "set": {"ticket_id": ticket, "text": text}})
}

/// A gibibyte of zeros, packed: the same piece again and again, each of which refers to the zeros before it.
fn bomb() -> Vec<u8> {
    let mut packer = Compress::new(Compression::best(), false);
    let mut piece = Vec::with_capacity(MIB);
    packer.compress_vec(&vec![0; MIB], &mut piece, FlushCompress::Sync).unwrap();
    let mut bomb = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    (0..1_024).for_each(|_| bomb.extend_from_slice(&piece));
    bomb
}

/// So many mebibytes, one after another.
fn endless(mebibytes: usize) -> Body {
    let piece = Bytes::from(vec![b'x'; MIB]);
    Body::wrap_stream(stream::iter((0..mebibytes).map(move |_| Ok::<_, std::io::Error>(piece.clone()))))
}

/// Refused for its size; or cut off on the way, or given up because a slow machine took too long to send it all.
fn refused(status: u16) -> bool {
    matches!(status, 413 | 408 | 0)
}

/// Bodies that cost more than they weigh.
async fn bombs(phone: &Phone) {
    let packed = bomb();
    assert!(packed.len() < 4 * MIB, "{} bytes", packed.len());
    let burst = join_all((0..8).map(|_| {
        let request = phone.request(Method::POST, "/push").header("content-encoding", "gzip");
        phone.status(request.body(packed.clone()))
    }));
    assert!(burst.await.into_iter().all(refused));
    // Millions of mutations in one body.
    let many = format!(r#"{{"epoch":"{}","mutations":[{}0]}}"#, phone.epoch, "0,".repeat(BODY / 2 - 64));
    let statuses = join_all((0..8).map(|_| phone.push_raw(many.clone()))).await;
    assert!(statuses.iter().all(|status| refused(*status)), "{statuses:?}");
    // One mutation that is nothing but depth: kept, and not understood.
    let depth = BODY / 2 - 256;
    let deep = format!(
        r#"{{"epoch":"{}","mutations":[{{"mid":"deep","seq":1,"set":{}{}}}]}}"#,
        phone.epoch,
        "[".repeat(depth),
        "]".repeat(depth)
    );
    assert_eq!(phone.push_raw(deep).await, 200);
    assert_eq!(phone.push_raw("[".repeat(BODY)).await, 400);
    // A filter that names one collection a million times.
    let names = vec!["parts"; 900_000];
    let asked = json!({"cursor": 0, "collections": names, "schema": SCHEMA}).to_string();
    let request = phone.request(Method::POST, "/pull").header("content-type", "application/json");
    assert_eq!(phone.status(request.body(asked)).await, 200);
    assert!(refused(phone.push_raw(endless(64)).await));
}

/// Bytes beyond what was agreed.
async fn floods(phone: &Phone) {
    let create = |length: usize| {
        // The hash is of nothing in particular.
        let metadata =
            "sha256 OWY4NmQwODE4ODRjN2Q2NTlhMmZlYWEwYzU1YWQwMTVhM2JmNGYxYjJiMGI4MjJjZDE1ZDZjMTViMGYwMGEwOA==";
        let request = phone.request(Method::POST, "/blobs").header("tus-resumable", "1.0.0");
        request.header("upload-length", length).header("upload-metadata", metadata)
    };
    assert_eq!(phone.status(create(2 << 30)).await, 413);
    let created = create(1_024).send().await.unwrap();
    assert_eq!(created.status(), 201);
    let place = created.headers()["location"].to_str().unwrap().to_owned();
    let path = place.rsplit_once("/sync/v1").unwrap().1;
    let piece =
        phone.request(Method::PATCH, path).header("tus-resumable", "1.0.0").header("upload-offset", 0);
    let piece = piece.header("content-type", "application/offset+octet-stream").body(endless(256));
    assert!(matches!(phone.status(piece).await, 400..=499 | 0));
    assert!(refused(phone.status(phone.request(Method::POST, "/rescue").body(endless(256))).await));
}

async fn strangers(phone: &Phone) {
    for nth in 0..500 {
        let forged = format!("fd_{nth}{}", "0123456789abcdef".repeat(nth % 200));
        let request = phone.http.get(format!("{}/sync/v1/status", phone.base)).bearer_auth(forged);
        assert_eq!(phone.status(request).await, 401);
    }
}

/// Numbers from the future are not stored, and hold up nothing.
async fn futures(phone: &Phone, ticket: &str) {
    let far: Vec<Value> = (0..1_000).map(|nth| note(ticket, (1 << 52) + nth, "from the future")).collect();
    let told = phone.push(&far).await;
    assert!(told.results.iter().all(|result| result.result == Outcome::Held));
    assert_eq!(phone.get("/status").await["held"], 0);
}

/// A colleague reaches for a ticket and a note that are not his.
async fn grabs(owner: &Phone, colleague: &Phone, ticket: &str) {
    let secret = note(ticket, 2, "the code of the safe is 4711");
    assert_eq!(owner.push(std::slice::from_ref(&secret)).await.results[0].result, Outcome::Applied);
    let edit = json!({"mid": new_id(), "seq": 1, "op": "patch", "c": "tickets", "id": ticket, "base": 1_i64 << 50,
        "set": {"access_note": "grabbed"}, "schema": SCHEMA});
    let mut same_row = note(ticket, 2, "grabbed");
    same_row["id"] = secret["id"].clone();
    let mut same_name = note(ticket, 3, "grabbed");
    same_name["mid"] = secret["mid"].clone();
    let step = json!({"mid": new_id(), "id": new_id(), "seq": 4, "op": "intent", "c": "ticket_events",
        "set": {"ticket_id": ticket, "kind": "complete", "dseq": 4}, "schema": SCHEMA});
    let told = colleague.push(&[edit, same_row, same_name, step]).await;
    assert_eq!(told.acked_seq, 4);
    assert!(told.results.iter().all(|r| r.result != Outcome::Applied), "{:?}", told.results);
    let heard = format!("{:?}", told.results) + &colleague.everything().await;
    assert!(!heard.contains("4711") && !heard.contains("It is stuck"), "{heard}");
    let kept = owner.everything().await;
    assert!(kept.contains("4711") && !kept.contains("grabbed") && !kept.contains("completed"), "{kept}");
}

async fn harmless(backend: Backend) {
    let world = World::new(backend).await;
    let server = Fettle::start(&world);
    let owner = Phone::new(&server.base, ENGINEER).await;
    let colleague = Phone::new(&server.base, COLLEAGUE).await;
    owner.everything().await;
    let before = server.peak_kib();
    bombs(&owner).await;
    floods(&owner).await;
    strangers(&owner).await;
    futures(&owner, &world.ticket).await;
    grabs(&owner, &colleague, &world.ticket).await;
    // Five thousand that cannot be read: each is kept, and none stands in the way of the next.
    for round in 0..5_i64 {
        let bad = |nth: i64| json!({"mid": new_id(), "seq": 3 + round * 1_000 + nth, "no": "such"});
        let told = owner.push(&(0..1_000).map(bad).collect::<Vec<_>>()).await;
        assert!(told.results.iter().all(|result| result.result == Outcome::RejectedKept));
    }
    let last = owner.push(&[note(&world.ticket, 5_003, "still at work")]).await;
    assert_eq!((last.results[0].result, last.acked_seq), (Outcome::Applied, 5_003));
    let after = server.peak_kib();
    println!("{backend:?}: at most {before} KiB before, {after} KiB after");
    assert!(after - before < MAY_GROW_KIB, "from {before} KiB to {after} KiB");
}

#[test]
fn hostile_phones_are_refused_or_kept_and_memory_stays_bounded_on_sqlite() {
    block_on(harmless(Backend::Sqlite));
}

#[test]
fn hostile_phones_are_refused_or_kept_and_memory_stays_bounded_on_postgres() {
    block_on(harmless(Backend::Postgres));
}
