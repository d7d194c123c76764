//! After an outage: 2,000 phones come back within a minute. Each has three things to say, and meanwhile the office
//! has written into one of its tickets; it pushes, and pulls until it knows all.

use std::time::{Duration, Instant};

use mobile_sync_wire::pull::PullPage;
use mobile_sync_wire::push::{Outcome, PushResponse};
use serde_json::{Value, json};

use crate::documents::Chance;
use crate::http::Connection;
use crate::shared::people;
use crate::shared::server::Running;
use crate::steps;
use crate::world::{Enrolled, World};

const MINUTE: Duration = Duration::from_secs(60);
/// What each has done meanwhile.
const DONE: usize = 3;
/// A version that no change is later than: nobody else edits what these phones edit.
const LATEST: i64 = 1 << 50;

struct Back {
    push_ms: f64,
    pulls_ms: Vec<f64>,
    connect_ms: f64,
}

/// Milliseconds since then.
fn since(began: Instant) -> f64 {
    began.elapsed().as_secs_f64() * 1e3
}

/// Lets them come back, and prints what they waited for.
pub async fn measure(server: &Running, world: &World) -> anyhow::Result<()> {
    let mut phones = Vec::new();
    for who in &world.crowd {
        phones.push((who.clone(), cursor(server, who).await?));
    }
    let edited = world.crowd.iter().filter_map(|who| who.tickets.last());
    steps::change(server, world, edited).await?;
    let before = server.cpu()?;
    let began = Instant::now();
    let mut chance = Chance::new(2_000);
    let tasks: Vec<_> = phones
        .into_iter()
        .map(|(who, cursor)| {
            let after = MINUTE.mul_f64(chance.below(60_000) as f64 / 60_000.0);
            let (address, epoch) = (server.address.clone(), world.epoch.clone());
            tokio::spawn(async move {
                tokio::time::sleep_until((began + after).into()).await;
                back(&address, &epoch, &who, cursor).await
            })
        })
        .collect();
    let mut all = Vec::new();
    for task in tasks {
        all.push(task.await??);
    }
    let seconds = began.elapsed().as_secs_f64();
    let cpu = server.cpu()?.since(before).total_ms();
    println!(
        "  2,000 phones back within a minute: all caught up after {seconds:.1} s, server CPU {cpu:.0} ms"
    );
    print("connect", all.iter().map(|b| b.connect_ms).collect());
    print("push of 3", all.iter().map(|b| b.push_ms).collect());
    print("pull", all.iter().flat_map(|b| b.pulls_ms.clone()).collect());
    Ok(())
}

fn print(what: &str, mut all: Vec<f64>) {
    all.sort_by(f64::total_cmp);
    let at = |share: f64| all[((all.len() - 1) as f64 * share) as usize];
    println!(
        "    {what:<10} {:>6} times, p50 {:.1} ms, p99 {:.1} ms, max {:.1} ms",
        all.len(),
        at(0.5),
        at(0.99),
        at(1.0)
    );
}

/// How far the phone had come before the outage.
async fn cursor(server: &Running, who: &Enrolled) -> anyhow::Result<i64> {
    let mut connection = Connection::open(&server.address).await?;
    let asked = json!({"cursor": 0, "limit": 1, "collections": [], "schema": mobile_sync_wire::SCHEMA});
    let reply = connection.post("/sync/v1/pull", &who.token, asked.to_string().as_bytes()).await?;
    Ok(serde_json::from_slice::<PullPage>(&reply.body)?.cursor)
}

fn done(who: &Enrolled, epoch: &str) -> Value {
    let mutations: Vec<Value> = (0..DONE)
        .map(|nth| {
            let id = people::run_key();
            let ticket = who.tickets[nth % who.tickets.len()].to_string();
            let (op, c, id, set) = match nth {
                0 => (
                    "intent",
                    "ticket_events",
                    id.clone(),
                    json!({"ticket_id": ticket, "kind": "arrive", "dseq": 1}),
                ),
                1 => {
                    ("insert", "notes", id.clone(), json!({"ticket_id": ticket, "text": "Rollers are worn."}))
                }
                _ => ("patch", "tickets", ticket, json!({"access_note": "Key at the desk."})),
            };
            json!({"mid": people::run_key(), "seq": nth + 1, "op": op, "c": c, "id": id,
                "base": (op == "patch").then_some(LATEST), "set": set, "schema": mobile_sync_wire::SCHEMA})
        })
        .collect();
    json!({"epoch": epoch, "mutations": mutations})
}

async fn back(address: &str, epoch: &str, who: &Enrolled, mut cursor: i64) -> anyhow::Result<Back> {
    let began = Instant::now();
    let mut connection = Connection::open(address).await?;
    let connect_ms = since(began);
    let began = Instant::now();
    let body = done(who, epoch).to_string();
    let reply = connection.post("/sync/v1/push", &who.token, body.as_bytes()).await?;
    let push_ms = since(began);
    let told: PushResponse = serde_json::from_slice(&reply.body)?;
    anyhow::ensure!(told.results.iter().all(|r| r.result == Outcome::Applied), "{:?}", told.results);
    let mut pulls_ms = Vec::new();
    loop {
        let began = Instant::now();
        let asked = json!({"cursor": cursor, "schema": mobile_sync_wire::SCHEMA}).to_string();
        let reply = connection.post("/sync/v1/pull", &who.token, asked.as_bytes()).await?;
        pulls_ms.push(since(began));
        let page: PullPage = serde_json::from_slice(&reply.body)?;
        cursor = page.cursor;
        if !page.more {
            anyhow::ensure!(page.acked_seq == i64::try_from(DONE)?, "acknowledged up to {}", page.acked_seq);
            return Ok(Back { push_ms, pulls_ms, connect_ms });
        }
    }
}
