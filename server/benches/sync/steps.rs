//! The steps that each system is put through: a first sync, one with no news, one with ten, and a day's edits up.

use std::io::Write;
use std::path::Path;
use std::time::Instant;

use anyhow::Context;
use db::types::TicketId;
use mobile_sync_wire::pull::PullPage;
use mobile_sync_wire::{Collection, Fields};
use serde_json::json;

use crate::documents;
use crate::figures::Figure;
use crate::handset::Handset;
use crate::http::{Connection, Traffic};
use crate::shared::server::Running;
use crate::world::{Enrolled, World};

/// Changes in a page: the most that a phone may ask for.
const PAGE: u32 = 1_000;
/// Pulls without news; one alone is too short to be measured.
const PULLS: u32 = 200;
const CHANGED: usize = 10;
/// Edits that were made without a network.
pub const EDITS: usize = 1_000;

/// Measures what is done meanwhile.
struct Watch<'a> {
    server: &'a Running,
    began: Instant,
    cpu_ms: f64,
}

impl<'a> Watch<'a> {
    fn start(server: &'a Running) -> anyhow::Result<Self> {
        Ok(Self { server, cpu_ms: server.cpu()?.total_ms(), began: Instant::now() })
    }

    fn stop(&self, step: &str, traffic: Traffic) -> anyhow::Result<Figure> {
        let seconds = self.began.elapsed().as_secs_f64();
        let server_cpu_ms = Some(self.server.cpu()?.total_ms() - self.cpu_ms);
        Ok(Figure { step: step.to_owned(), seconds, traffic, server_cpu_ms })
    }
}

/// Pulls all tickets into nothing, and leaves them in a file for the peers, a document a line.
pub async fn first(server: &Running, who: &Enrolled, documents: &Path) -> anyhow::Result<()> {
    let mut connection = Connection::open(&server.address).await?;
    let mut rows = Vec::new();
    let watch = Watch::start(server)?;
    let mut cursor = 0;
    loop {
        let asked = json!({"cursor": cursor, "limit": PAGE, "collections": ["tickets"],
            "schema": mobile_sync_wire::SCHEMA});
        let reply = connection.post("/sync/v1/pull", &who.token, asked.to_string().as_bytes()).await?;
        let page: PullPage = serde_json::from_slice(&reply.body)?;
        cursor = page.cursor;
        rows.extend(page.changes.into_iter().filter_map(|change| change.doc));
        if !page.more {
            break;
        }
    }
    watch.stop("first sync of 10,000 tickets, read", connection.traffic)?.print();
    anyhow::ensure!(rows.len() == crate::world::TICKETS, "{} tickets came", rows.len());
    let mut file = std::io::BufWriter::new(std::fs::File::create(documents)?);
    for row in &rows {
        serde_json::to_writer(&mut file, row)?;
        file.write_all(b"\n")?;
    }
    let bytes = file.into_inner()?.metadata()?.len();
    println!("  a ticket is {:.0} bytes as JSON", bytes as f64 / rows.len() as f64);
    Ok(())
}

/// The same into the device library's file, with all that belongs to it; then the steps after it.
pub async fn day(server: &Running, world: &World) -> anyhow::Result<()> {
    let mut phone = Handset::new(world, &world.many, &server.address).await?;
    let watch = Watch::start(server)?;
    phone.sync().await?;
    let rows: usize =
        Collection::ALL.iter().map(|c| phone.device.rows(*c).map_or(0, |rows| rows.len())).sum();
    watch
        .stop(&format!("first sync of the whole scope, {rows} rows stored"), phone.connection.traffic)?
        .print();
    nothing(server, &mut phone).await?;
    let before = phone.connection.traffic;
    change(server, world, world.many.tickets.iter().rev().take(CHANGED)).await?;
    let watch = Watch::start(server)?;
    phone.device.want_pull();
    phone.sync().await?;
    watch.stop("10 changed of 10,000", phone.connection.traffic.since(before))?.print();
    for round in 0..3 {
        edits(server, world, &mut phone, round).await?;
    }
    Ok(())
}

async fn nothing(server: &Running, phone: &mut Handset) -> anyhow::Result<()> {
    let before = phone.connection.traffic;
    let watch = Watch::start(server)?;
    for _ in 0..PULLS {
        phone.device.want_pull();
        phone.sync().await?;
    }
    let sum = watch.stop("nothing changed, each of 200", phone.connection.traffic.since(before))?;
    let each = |n: u64| n / u64::from(PULLS);
    let Traffic { requests, body, head } = sum.traffic;
    let figure = Figure {
        seconds: sum.seconds / f64::from(PULLS),
        traffic: Traffic { requests: each(requests), body: each(body), head: each(head) },
        server_cpu_ms: sum.server_cpu_ms.map(|ms| ms / f64::from(PULLS)),
        ..sum
    };
    figure.print();
    Ok(())
}

/// The office edits these tickets.
pub async fn change<'t>(
    server: &Running,
    world: &World,
    tickets: impl Iterator<Item = &'t TicketId>,
) -> anyhow::Result<()> {
    let http = reqwest::Client::new();
    for id in tickets {
        let address = format!("http://{}/api/v1/tickets/{id}", server.address);
        let seen = http.get(&address).bearer_auth(&world.office).send().await?.error_for_status()?;
        let tag = seen.headers().get("etag").context("no etag")?.clone();
        let edit = json!({"access_note": "The porter has the key."});
        let edited = http.patch(&address).bearer_auth(&world.office).header("if-match", tag).json(&edit);
        edited.send().await?.error_for_status()?;
    }
    Ok(())
}

/// An edit of a thousand tickets without a network, then one push.
async fn edits(server: &Running, world: &World, phone: &mut Handset, round: usize) -> anyhow::Result<()> {
    let made = Instant::now();
    for (nth, id) in world.many.tickets.iter().enumerate().skip(round * EDITS).take(EDITS) {
        let set = Fields::from_iter([("access_note".to_owned(), documents::edit(nth).into())]);
        let now = phone.now();
        phone.device.patch(&now, Collection::Tickets, &id.to_string(), set)?;
    }
    let made = made.elapsed().as_secs_f64();
    let now = phone.now();
    let next = phone.device.next(&now)?;
    let mobile_sync_device::Next::Send(request) = next else { anyhow::bail!("nothing to push: {next:?}") };
    let (before, token) = (phone.connection.traffic, request.token.clone().unwrap_or_default());
    let watch = Watch::start(server)?;
    let reply = phone.connection.post(request.path, &token, &request.body).await?;
    watch.stop("1,000 offline edits up, durable", phone.connection.traffic.since(before))?.print();
    anyhow::ensure!(reply.status == 200, "{}: {}", reply.status, String::from_utf8_lossy(&reply.body));
    let response = mobile_sync_device::Response { status: 200, retry_after_seconds: None, body: reply.body };
    let taken = Instant::now();
    let progress =
        phone.device.receive(&now, request.number, mobile_sync_device::Answer::Arrived(response))?;
    let taken = taken.elapsed().as_secs_f64();
    anyhow::ensure!((progress.results, progress.troubles) == (EDITS, 0), "{progress:?}");
    let before = phone.connection.traffic;
    let watch = Watch::start(server)?;
    phone.sync().await?;
    watch.stop("  and the pull that follows it", phone.connection.traffic.since(before))?.print();
    println!("  (on the phone: {made:.2} s to make them, {taken:.2} s to take the answer)");
    Ok(())
}
