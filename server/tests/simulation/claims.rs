//! What this test claims, each under its name, as other tests do.

use std::process::ExitCode;

use db::testing::Backend;
use mobile_sync_wire::mutants::Mutant;

use crate::crash;
use crate::options::Options;
use crate::worker;

/// Seeds that failed once, each for a fault that was mended then.
const FAILED_ONCE: [u64; 8] = [188, 516, 849, 2_700, 3_015, 96_136, 300_058, 310_936];
/// Seeds of a test run; a step of its own in `cargo xtask test` plays 5,000.
const SEEDS: u64 = if cfg!(debug_assertions) { 500 } else { 5_000 };
/// Within so many seeds every broken rule must be noticed.
const NOTICED_WITHIN: u64 = 2_000;

/// Rounds of killing in a test run; more by `cargo xtask crash`.
const KILLING: u64 = 8;

struct Claim {
    name: &'static str,
    holds: fn() -> Result<(), String>,
}

const CLAIMS: [Claim; 6] = [
    Claim { name: "the_same_seed_is_the_same_run", holds: the_same_seed_is_the_same_run },
    Claim { name: "seeds_that_failed_once_hold", holds: seeds_that_failed_once_hold },
    Claim { name: "runs_keep_the_seven_invariants", holds: runs_keep_the_invariants },
    Claim { name: "every_rule_that_is_broken_is_noticed", holds: every_broken_rule_is_noticed },
    Claim { name: "a_server_that_is_killed_keeps_the_invariants_on_sqlite", holds: killed_on_sqlite },
    Claim { name: "two_servers_that_are_killed_keep_the_invariants_on_postgres", holds: killed_on_postgres },
];

pub fn obey(options: &Options) -> ExitCode {
    if let Some((nth, of)) = options.worker {
        worker::work(options, nth, of);
        return ExitCode::SUCCESS;
    }
    if let Some(rounds) = options.crash {
        let played =
            [Backend::Sqlite, Backend::Postgres].map(|backend| killed(backend, options.from, rounds));
        return if played.iter().all(Result::is_ok) { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    if options.seeds.is_some() {
        let report = worker::share(options);
        return if without_failures(&report).is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    let asked_for = |claim: &&Claim| {
        let fits =
            |filter: &String| if options.exact { claim.name == filter } else { claim.name.contains(filter) };
        !options.ignored && options.filter.as_ref().is_none_or(fits)
    };
    let mut failed = false;
    for claim in CLAIMS.iter().filter(asked_for) {
        if options.list {
            println!("{}: test", claim.name);
            continue;
        }
        let held = (claim.holds)();
        println!("test {} ... {}", claim.name, if held.is_ok() { "ok" } else { "FAILED" });
        if let Err(why) = held {
            println!("{why}");
            failed = true;
        }
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn share(from: u64, seeds: u64) -> crate::report::Report {
    worker::share(&Options { from, seeds: Some(seeds), ..Options::default() })
}

fn without_failures(report: &crate::report::Report) -> Result<(), String> {
    match report.failures.first() {
        None => Ok(()),
        Some((seed, what)) => Err(format!("seed {seed}: {what}")),
    }
}

fn the_same_seed_is_the_same_run() -> Result<(), String> {
    let (first, again) = (share(1, 20), share(1, 20));
    let same = first.trace == again.trace && first.trace != share(21, 20).trace;
    if same { Ok(()) } else { Err(format!("{first:?}\n{again:?}")) }
}

fn seeds_that_failed_once_hold() -> Result<(), String> {
    FAILED_ONCE.iter().try_for_each(|seed| without_failures(&share(*seed, 1)))
}

fn runs_keep_the_invariants() -> Result<(), String> {
    without_failures(&share(1, SEEDS))
}

fn killed(backend: Backend, seed: u64, rounds: u64) -> Result<(), String> {
    let played = crash::play(backend, seed, rounds);
    match &played {
        Ok(what) => println!("{what}"),
        Err(wrong) => println!("{backend:?}, seed {seed}: {wrong}"),
    }
    played.map(drop)
}

fn killed_on_sqlite() -> Result<(), String> {
    killed(Backend::Sqlite, 1, KILLING)
}

fn killed_on_postgres() -> Result<(), String> {
    killed(Backend::Postgres, 2, KILLING)
}

fn every_broken_rule_is_noticed() -> Result<(), String> {
    let noticed = |mutant: Mutant| {
        let options = Options {
            from: 1,
            seeds: Some(NOTICED_WITHIN),
            mutant: Some(mutant),
            until_caught: true,
            ..Options::default()
        };
        let report = worker::share(&options);
        match report.failures.first() {
            Some((seed, what)) => println!("{mutant:?}: seed {seed}: {what}"),
            None => println!("{mutant:?}: nobody noticed in {NOTICED_WITHIN} seeds"),
        }
        !report.failures.is_empty()
    };
    let missed: Vec<Mutant> = Mutant::ALL.into_iter().filter(|mutant| !noticed(*mutant)).collect();
    if missed.is_empty() { Ok(()) } else { Err(format!("nobody noticed {missed:?}")) }
}
