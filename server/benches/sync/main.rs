//! How fast phones are: a first sync of 10,000 tickets, nothing changed, ten changed, 1,000 offline edits, and 2,000
//! phones that come back after an outage; on SQLite and on PostgreSQL, and beside PouchDB and RxDB with their own
//! servers, on the same documents in the same run. Bytes are those of bodies as packed; heads are counted apart. Run
//! by `cargo xtask bench sync`, which installs the peers.

mod crowd;
mod documents;
mod figures;
mod handset;
mod http;
mod peers;
mod steps;
mod world;
#[path = "../shared"]
mod shared {
    pub mod cpu;
    pub mod people;
    pub mod place;
    pub mod server;
}

use std::path::PathBuf;

use clap::Parser;
use db::testing::Backend;
use shared::place::Place;
use shared::server::Running;
use world::World;

/// The one of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Debug, Parser)]
struct Args {
    /// `sqlite`, `postgres`.
    #[arg(long, value_delimiter = ',', default_value = "sqlite,postgres")]
    databases: Vec<String>,
    /// The folder with the peers' scripts and packages; without it ours alone is measured.
    #[arg(long)]
    peers: Option<PathBuf>,
    /// Leave out the minute of the 2,000 phones.
    #[arg(long)]
    without_crowd: bool,
    /// Given by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    anyhow::ensure!(args.bench || cfg!(debug_assertions), "run it by `cargo xtask bench sync`");
    let documents = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("tickets.ndjson");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    for name in &args.databases {
        let backend = match name.as_str() {
            "sqlite" => Backend::Sqlite,
            "postgres" => Backend::Postgres,
            other => anyhow::bail!("{other}: sqlite or postgres"),
        };
        runtime.block_on(ours(backend, &args, &documents))?;
    }
    match &args.peers {
        Some(folder) => peers::measure(folder, &documents),
        None => Ok(()),
    }
}

async fn ours(backend: Backend, args: &Args, documents: &std::path::Path) -> anyhow::Result<()> {
    println!("\nFettle on {backend:?}, durable");
    figures::heading();
    let place = Place::new(backend)?;
    let world = World::make(&place).await?;
    let server = Running::start(&place, &[("FETTLE_PLAN_SECONDS", "0")]).await?;
    steps::first(&server, &world.many, documents).await?;
    steps::day(&server, &world).await?;
    if !args.without_crowd {
        crowd::measure(&server, &world).await?;
    }
    server.stop().await
}
