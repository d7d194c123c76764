//! How fast a ticket gets through: created over HTTP, durable, assigned, its parts reserved, and its change seen on
//! the live stream; at 1, 16 and 64 clients, on SQLite and on PostgreSQL. In the same run and on the same disk: what
//! the database commits one by one, and what the bare SQL of the same transaction commits, grouped alike, without
//! HTTP. Then positions: 10,000 a second in small batches. Run by `cargo xtask bench`, which starts a PostgreSQL that
//! really writes to the disk.

mod client;
mod floor;
mod positions;
mod setup;
#[path = "../shared/mod.rs"]
mod shared;

use std::time::Duration;

use clap::Parser;
use db::testing::Backend;
use shared::Args;
use shared::place::Place;
use shared::server::Running;

/// The one of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    shared::on_each_database(&args, |backend| measure(backend, &args))
}

async fn measure(backend: Backend, args: &Args) -> anyhow::Result<()> {
    let length = Duration::from_secs(args.seconds);
    let place = Place::new(backend)?;
    shared::begin(backend, &place, length)?;
    let world = setup::world(&place).await?;
    let grouped = floor::grouped(&place, &world, length)?;
    if matches!(backend, Backend::Postgres) {
        // As autovacuum does within the first minute of a server; what is measured here would be over before.
        shared::sql::run(&mut place.raw(), "ANALYZE", &[])?;
    }
    println!("  bare SQL of a ticket, 64 a commit    {grouped:>8.0} tickets/s");
    let server = Running::start(&place, &[]).await?;
    shared::heading("tickets");
    for clients in args.clients(&[1, 16, 64]) {
        let warm = client::run(&server, &world, clients, Duration::from_secs(1)).await?;
        anyhow::ensure!(warm.latencies_ms.len() > clients, "no tickets while warming up");
        let before = server.cpu()?;
        let run = client::run(&server, &world, clients, length).await?;
        shared::show(clients, &run, grouped, server.cpu()?.since(before));
    }
    positions::measure(&server, &world, length).await?;
    server.stop().await
}
