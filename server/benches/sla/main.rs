//! When tickets are due, in figures: what one due time costs, what another promise costs 10,000 open tickets, and
//! whether 1,000,000 open timers cost a start anything. On SQLite and on PostgreSQL, each beside something that makes
//! the figure comparable: the minute-by-minute oracle, and the bare SQL of the same rows on the same disk. Run by
//! `cargo xtask bench sla`, which starts a PostgreSQL that really writes to the disk.

#![expect(clippy::expect_used, reason = "the oracle is shared with tests, which fail by panicking")]

mod due;
#[path = "../../../sla/tests/all/oracle.rs"]
mod oracle;
#[expect(dead_code, reason = "what loads a server over HTTP is for the other benchmarks")]
#[path = "../shared/mod.rs"]
mod shared;
mod sweep;
mod timers;
mod world;

use std::time::Duration;

use clap::Parser;
use db::testing::Backend;
use shared::Args;
use shared::place::Place;

/// The one of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    due::measure()?;
    shared::on_each_database(&args, |backend| measure(backend, &args))
}

async fn measure(backend: Backend, args: &Args) -> anyhow::Result<()> {
    let place = Place::new(backend)?;
    shared::begin(backend, &place, Duration::from_secs(args.seconds))?;
    let mut world = world::World::new(&place).await?;
    sweep::measure(&place, &mut world).await?;
    timers::measure(&place, &mut world).await
}

/// The one in the middle.
fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied().unwrap_or(f64::NAN)
}
