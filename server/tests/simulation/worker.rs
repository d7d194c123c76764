//! One process of the simulation: it opens a server once, and plays its share of the seeds on it. What is counted or
//! broken for a whole process (ids, mutants) then concerns one run at a time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Command, Stdio};
use std::time::Instant;

use mobile_sync_wire::mutants;

use crate::check;
use crate::handset::Kind;
use crate::options::Options;
use crate::report::Report;
use crate::run::Run;
use crate::server::Server;
use crate::town::{self, Town};

/// Most failures that one process looks for.
const ENOUGH: usize = 100;

/// Plays one seed.
pub fn play(server: &mut Server, town: &Town, seed: u64, tell: bool) -> Report {
    let mut report = Report { seeds: 1, ..Report::default() };
    let played = catch_unwind(AssertUnwindSafe(|| {
        let mut run = Run::new(server, town, seed);
        run.tell = tell;
        let mut wrong: Vec<String> = run.play().err().into_iter().collect();
        wrong.extend(check::all(&run.server.sql, &run.facts, &run.phones));
        for phone in &run.phones {
            if let Kind::Log(phone) = &phone.kind {
                *run.faults.entry("write on a full phone").or_default() += phone.full;
            }
        }
        (wrong, run.step, run.facts.made.len(), run.exchanges, run.trace, run.faults)
    }));
    match played {
        Ok((wrong, step, made, exchanges, trace, faults)) => {
            report.mutations = made as u64;
            report.exchanges = exchanges;
            report.trace = trace;
            report.faults = faults.into_iter().map(|(kind, count)| (kind.to_owned(), count)).collect();
            if let Some(first) = wrong.first() {
                let others = wrong.len() - 1;
                report.failures.push((seed, format!("after step {step}: {first} (and {others} more)")));
            }
        }
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            report.failures.push((seed, format!("a panic: {}", text.unwrap_or_default())));
        }
    }
    report
}

/// Plays this process's share, and prints the report as one line.
pub fn work(options: &Options, nth: u64, of: u64) {
    let mut server = Server::open();
    let town = town::build(&mut server);
    server.keep_as_template();
    mutants::set(options.mutant);
    let mut sum = Report::default();
    for seed in (options.from..options.from + options.seeds.unwrap_or(1)).filter(|seed| seed % of == nth) {
        sum.add(&play(&mut server, &town, seed, options.tell));
        if sum.failures.len() >= if options.until_caught { 1 } else { ENOUGH } {
            break;
        }
    }
    println!("{}", serde_json::to_string(&sum).unwrap());
}

/// Lets as many processes as there are processors play the seeds.
pub fn share(options: &Options) -> Report {
    let started = Instant::now();
    let of =
        if options.until_caught { 1 } else { std::thread::available_parallelism().map_or(1, usize::from) };
    let children: Vec<_> = (0..of).map(|nth| child(options, nth, of)).collect();
    let mut sum = Report::default();
    for child in children {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "a process of the simulation died: {}", output.status);
        sum.add(&serde_json::from_slice(&output.stdout).unwrap());
    }
    if options.worker.is_none() && !options.until_caught {
        sum.print(started.elapsed().as_secs_f64());
    }
    sum
}

fn child(options: &Options, nth: usize, of: usize) -> std::process::Child {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--worker", &nth.to_string(), &of.to_string()]);
    child.args(["--from", &options.from.to_string(), "--seeds", &options.seeds.unwrap_or(1).to_string()]);
    if let Some(mutant) = options.mutant {
        child.args(["--mutant", &mutant.name()]);
    }
    if options.until_caught {
        child.arg("--until-caught");
    }
    child.stdout(Stdio::piped()).spawn().unwrap()
}
