//! What the benchmarks of the server have in common: their arguments and tables, the databases, the program under
//! test, the load, and what the disk does without us.

pub mod cpu;
pub mod load;
pub mod people;
pub mod place;
pub mod server;
pub mod sql;

use std::time::Duration;

use anyhow::Context;
use clap::Parser;
use db::testing::Backend;

use cpu::Cpu;
use load::Run;
use place::Place;

/// What to measure.
#[derive(Debug, Parser)]
pub struct Args {
    /// Seconds for each figure.
    #[arg(long, default_value_t = 10)]
    pub seconds: u64,
    /// Numbers of clients.
    #[arg(long, value_delimiter = ',')]
    clients: Vec<usize>,
    /// `sqlite`, `postgres`.
    #[arg(long, value_delimiter = ',', default_value = "sqlite,postgres")]
    databases: Vec<String>,
    /// Given by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

impl Args {
    /// Numbers of clients: these, if none were asked for.
    pub fn clients(&self, usual: &[usize]) -> Vec<usize> {
        if self.clients.is_empty() { usual.to_vec() } else { self.clients.clone() }
    }
}

/// Measures on one database after the other.
pub fn on_each_database<F>(args: &Args, measure: impl Fn(Backend) -> F) -> anyhow::Result<()>
where
    F: Future<Output = anyhow::Result<()>>,
{
    anyhow::ensure!(args.bench || cfg!(debug_assertions), "run it by `cargo xtask bench`");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    for name in &args.databases {
        let backend = match name.as_str() {
            "sqlite" => Backend::Sqlite,
            "postgres" => Backend::Postgres,
            other => anyhow::bail!("{other}: sqlite or postgres"),
        };
        runtime.block_on(measure(backend)).with_context(|| name.clone())?;
    }
    Ok(())
}

/// Opens the report on a database, with what its disk commits.
pub fn begin(backend: Backend, place: &Place, length: Duration) -> anyhow::Result<()> {
    println!("\n{backend:?}");
    let single = sql::one_by_one(place, length)?;
    println!("  one row a commit, one by one         {single:>8.0} commits/s");
    Ok(())
}

/// Above the rows of [`show`].
pub fn heading(what: &str) {
    println!(
        "  clients  {what:>10}/s  of bare SQL   p50 ms   p99 ms   max ms  CPU ms each (server, database)"
    );
}

/// One row: so many a second would be the bare SQL's.
pub fn show(clients: usize, run: &Run, bare: f64, used: Cpu) {
    let rate = run.count() / run.seconds;
    println!(
        "  {clients:>7}  {rate:>12.0}  {:>10.0}%  {:>7.2}  {:>7.2}  {:>7.2}  {:.2} ({:.2}, {:.2})",
        100.0 * rate / bare,
        run.percentile(50.0),
        run.percentile(99.0),
        run.percentile(100.0),
        used.total_ms() / run.count(),
        used.server_ms / run.count(),
        used.database_ms / run.count(),
    );
}
