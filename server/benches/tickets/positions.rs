//! Positions: 10,000 a second in batches of ten, flushed within a second, without touching the change log.

use std::time::{Duration, Instant};

use crate::setup::World;
use crate::shared::load::{connect, request};
use crate::shared::server::Running;

/// Positions a second.
const RATE: usize = 10_000;
/// Positions a request.
const BATCH: usize = 10;
/// Connections.
const CLIENTS: usize = 16;

pub async fn measure(server: &Running, world: &World, length: Duration) -> anyhow::Result<()> {
    let changes_before = world.changes().await?;
    let cpu_before = server.cpu()?;
    let began = Instant::now();
    let tasks: Vec<_> = (0..CLIENTS)
        .map(|number| tokio::spawn(report(server.address.clone(), world.clone(), number, length)))
        .collect();
    let mut sent = 0;
    for task in tasks {
        sent += task.await??;
    }
    let seconds = began.elapsed().as_secs_f64();
    let flushed = world.wait_until_flushed().await?;
    let used = server.cpu()?.since(cpu_before);
    let changes = world.changes().await? - changes_before;
    println!(
        "  positions: {:.0}/s in batches of {BATCH}, the last one readable {:.0} ms after it was accepted, \
         {:.3} CPU ms each, {changes} changes in the log",
        sent as f64 / seconds,
        flushed.as_secs_f64() * 1e3,
        used.total_ms() / sent as f64,
    );
    Ok(())
}

async fn report(address: String, world: World, number: usize, length: Duration) -> anyhow::Result<usize> {
    let mut connection = connect(&address).await?;
    let mut timer =
        tokio::time::interval(Duration::from_secs(1).mul_f64((BATCH * CLIENTS) as f64 / RATE as f64));
    let (began, mut sent) = (Instant::now(), 0);
    while began.elapsed() < length {
        timer.tick().await;
        let body = world.positions(number + sent * CLIENTS, BATCH);
        let (status, text) = request(&mut connection, "/api/v1/positions", &world.token, None, &body).await?;
        anyhow::ensure!(status == 202, "{status}: {text}");
        sent += BATCH;
    }
    Ok(sent)
}
