//! `cargo xtask bench`: the benchmarks. Those of the server get a PostgreSQL that really writes to the disk, that of
//! dispatch the programs that it is compared with.

mod dispatch;
mod peers;
mod redis;
mod sync;
mod web;

use crate::failure::Outcome;
use crate::postgres::{Durability, Postgres};
use crate::prerequisites::{self, Need};
use crate::run;

pub const USAGE: &str = "cargo xtask bench [NAME] [arguments of the benchmark]

  tickets    (default) tickets over HTTP on both databases, beside what the bare SQL commits
  reserve    the parts of a ticket reserved over HTTP, 50,000 parts at 200 places, on both databases
  sla        one due time, 10,000 open tickets counted anew, 1,000,000 timers, on both databases
  sync       phones: first syncs, edits, and 2,000 that come back at once, beside PouchDB and RxDB; --alone: ours only
  dispatch   finding engineers and planning days, beside VROOM, OR-Tools, PyVRP, vrp-cli, PostGIS and Redis
  web        the budgets of the console in Chromium: load, live changes, keys, dragging, memory

Any other NAME is a benchmark in server/benches.

cargo xtask bench dispatch [--tables LIST] [--sizes LIST] [--seconds LIST] [--alone] [--fettle PATH]

  --tables LIST   of nearest (A), day (B), vrptw (C: published benchmarks); default nearest,day
  --sizes LIST    days of table B, of S (50 tickets), M (200), L (1000), XL (5000); default S,M,L
  --seconds LIST  CPU seconds for a plan; default 1,10,60, and 10,60 for table C
  --alone         ours alone: no peer is installed or measured
  --fettle PATH   plan with this binary instead of building one

The peers are installed into target/peers. Days take 71 s for each size and peer with the default seconds, and
longer on a machine that is shared: what counts is CPU time.

cargo xtask bench web [--runs N] [--seconds N] [--rate N] [--save] [--debug] [--fettle PATH]

  --runs N        measure each so many times, and take the best; default 3
  --seconds N     how long changes come; default 60
  --rate N        changes a second; default 250
  --save          make this machine's CPU times the baseline, web/bench/baseline.json
  --debug         a server without optimisation: quicker to build, slower to run
  --fettle PATH   measure the pages in front of this binary instead of building one";

pub fn command(args: &[String]) -> Outcome {
    let (name, rest) = named(args);
    if name == "dispatch" {
        return dispatch::command(rest);
    }
    if name == "sync" {
        return sync::command(rest);
    }
    if name == "web" {
        return web::command(rest);
    }
    prerequisites::ensure(&[&prerequisites::BUILD[..], &[Need::Postgres]].concat())?;
    // Built before the server is started, so that nothing else is running when it is measured.
    run::succeed(run::cargo()?.args(["bench", "--package", "server", "--bench", name, "--no-run"]))?;
    let server = Postgres::start(Durability::Durable)?;
    let mut bench = run::cargo()?;
    bench.args(["bench", "--package", "server", "--bench", name, "--"]).args(rest);
    run::succeed(bench.env("FETTLE_BENCH_POSTGRES", server.url()))
}

/// The first word is the name, unless it is a flag already.
fn named(args: &[String]) -> (&str, &[String]) {
    match args.split_first() {
        Some((name, rest)) if !name.starts_with('-') => (name, rest),
        _ => ("tickets", args),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_name_the_tickets_are_measured() {
        let args = ["--clients".to_owned(), "16".to_owned()];
        assert_eq!(named(&args), ("tickets", &args[..]));
        assert_eq!(named(&[]), ("tickets", &[][..]));
    }

    #[test]
    fn what_follows_the_name_goes_to_the_benchmark() {
        let args = ["positions".to_owned(), "--seconds".to_owned()];
        assert_eq!(named(&args), ("positions", &args[1..]));
    }
}
