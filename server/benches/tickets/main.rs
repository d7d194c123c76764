//! How fast a ticket gets through: created over HTTP, durable, assigned, its parts reserved, and its change seen on
//! the live stream; at 1, 16 and 64 clients, on SQLite and on PostgreSQL. In the same run and on the same disk: what
//! the database commits one by one, and what the bare SQL of the same transaction commits, grouped alike, without
//! HTTP. Then positions: 10,000 a second in small batches. Run by `cargo xtask bench`, which starts a PostgreSQL that
//! really writes to the disk.

mod client;
mod cpu;
mod floor;
mod positions;
mod server;
mod setup;

use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use db::testing::Backend;

/// The one of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What to measure.
#[derive(Debug, Parser)]
struct Args {
    /// Seconds for each figure.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Numbers of clients.
    #[arg(long, value_delimiter = ',', default_value = "1,16,64")]
    clients: Vec<usize>,
    /// `sqlite`, `postgres`.
    #[arg(long, value_delimiter = ',', default_value = "sqlite,postgres")]
    databases: Vec<String>,
    /// Given by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    anyhow::ensure!(args.bench || cfg!(debug_assertions), "run it by `cargo xtask bench`");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    for name in &args.databases {
        let backend = match name.as_str() {
            "sqlite" => Backend::Sqlite,
            "postgres" => Backend::Postgres,
            other => anyhow::bail!("{other}: sqlite or postgres"),
        };
        runtime.block_on(measure(backend, &args)).with_context(|| name.clone())?;
    }
    Ok(())
}

async fn measure(backend: Backend, args: &Args) -> anyhow::Result<()> {
    let length = Duration::from_secs(args.seconds);
    let place = setup::Place::new(backend)?;
    println!("\n{backend:?}");
    let single = floor::one_by_one(&place, length)?;
    println!("  one row a commit, one by one         {single:>8.0} commits/s");
    let world = setup::world(&place).await?;
    let grouped = floor::grouped(&place, &world, length)?;
    println!("  bare SQL of a ticket, 64 a commit    {grouped:>8.0} tickets/s");
    let server = server::Running::start(&place).await?;
    println!(
        "  clients  tickets/s  of bare SQL   p50 ms   p99 ms   max ms  CPU ms/ticket (server, database)"
    );
    for clients in &args.clients {
        let warm = client::run(&server, &world, *clients, Duration::from_secs(1)).await?;
        anyhow::ensure!(warm.latencies_ms.len() > *clients, "no tickets while warming up");
        let before = server.cpu()?;
        let run = client::run(&server, &world, *clients, length).await?;
        let used = server.cpu()?.since(before);
        let count = run.latencies_ms.len() as f64;
        let rate = count / run.seconds;
        println!(
            "  {clients:>7}  {rate:>9.0}  {:>10.0}%  {:>7.2}  {:>7.2}  {:>7.2}  {:.2} ({:.2}, {:.2})",
            100.0 * rate / grouped,
            run.percentile(50.0),
            run.percentile(99.0),
            run.percentile(100.0),
            used.total_ms() / count,
            used.server_ms / count,
            used.database_ms / count,
        );
    }
    positions::measure(&server, &world, length).await?;
    server.stop().await
}
