//! `cargo xtask bench dispatch`: finding engineers and planning days, beside what one could use instead. The peers are
//! measured in the same run as we are, ours last; all plans are judged by one program that shares no code with anybody.

use super::peers::{Peers, word};
use super::redis::Redis;
use crate::failure::{Failure, Outcome};
use crate::postgres::{Durability, Postgres};
use crate::prerequisites::{self, Need};
use crate::{args, run, workspace};
use std::path::PathBuf;

const TABLES: [&str; 3] = ["nearest", "day", "vrptw"];
const SIZES: [&str; 4] = ["S", "M", "L", "XL"];
/// The towns of table A, as the benchmark names its files.
const TOWNS: [u32; 2] = [10_000, 100_000];

const FLAGS: [args::Flag; 5] = [
    args::value("--tables"),
    args::value("--sizes"),
    args::value("--seconds"),
    args::switch("--alone"),
    args::value("--fettle"),
];

/// What is to be measured.
#[derive(Debug, PartialEq)]
struct Asked {
    tables: Vec<String>,
    sizes: Vec<String>,
    /// None: the table's own.
    seconds: Option<Vec<String>>,
    alone: bool,
    fettle: Option<PathBuf>,
}

pub fn command(words: &[String]) -> Outcome {
    let asked = Asked::parse(words)?;
    prerequisites::ensure(&asked.needs())?;
    // Everything is built and installed first, so that nothing else of ours runs while something is measured.
    let bench = ["bench", "--package", "dispatch", "--bench", "now"];
    if asked.wants("nearest") {
        run::succeed(run::cargo()?.args(bench).arg("--no-run"))?;
    }
    let fettle = if asked.plans() { asked.fettle()? } else { PathBuf::new() };
    let peers = if asked.alone { Peers::none()? } else { Peers::install()? };
    if asked.wants("nearest") {
        let mut bench_now = run::cargo()?;
        bench_now.args(bench);
        nearest(&asked, &peers, &mut bench_now)?;
    }
    for (table, script) in [("day", "day.py"), ("vrptw", "vrptw.py")] {
        if asked.wants(table) {
            // A judge who is wrong would make all figures wrong.
            run::succeed(peers.script("evaluate.py")?.arg("--selftest"))?;
            run::succeed(peers.script(script)?.args(asked.arguments(table, &fettle, &peers)?))?;
        }
    }
    if asked.wants("day") && !asked.alone {
        let (rows, picture) = (peers.results()?.join("day.json"), peers.results()?.join("cost.svg"));
        run::succeed(peers.script("plot.py")?.arg(rows).arg(&picture))?;
        println!("cost over time: {}", picture.display());
    }
    Ok(())
}

/// Table A: our benchmark asks first, and leaves its questions for the servers.
fn nearest(asked: &Asked, peers: &Peers, bench: &mut std::process::Command) -> Outcome {
    if asked.alone {
        return run::succeed(bench);
    }
    let results = peers.results()?;
    run::succeed(bench.args(["--", "--export"]).arg(&results))?;
    let (postgres, redis) = (Postgres::start(Durability::Throwaway)?, Redis::start()?);
    let mut script = peers.script("nearest.py")?;
    script.args(TOWNS.map(|town| word(&results.join(format!("town-{town}.json")))));
    script.arg("--postgres").arg(postgres.socket()).arg("--redis").arg(redis.socket());
    run::succeed(script.arg("--results").arg(results.join("nearest.json")))
}

impl Asked {
    fn parse(words: &[String]) -> Outcome<Self> {
        let list = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
        let mut asked = Self {
            tables: list("nearest,day"),
            sizes: list("S,M,L"),
            seconds: None,
            alone: false,
            fettle: None,
        };
        for (name, text) in args::parse(words, &FLAGS)? {
            let text = text.unwrap_or_default();
            match name {
                "--tables" => asked.tables = known(name, list(&text), &TABLES)?,
                "--sizes" => asked.sizes = known(name, list(&text), &SIZES)?,
                "--seconds" => asked.seconds = Some(times(list(&text))?),
                "--alone" => asked.alone = true,
                _ => asked.fettle = Some(text.into()),
            }
        }
        Ok(asked)
    }

    fn wants(&self, table: &str) -> bool {
        self.tables.iter().any(|wanted| wanted == table)
    }

    /// Whether any of the tables is about plans.
    fn plans(&self) -> bool {
        self.wants("day") || self.wants("vrptw")
    }

    fn needs(&self) -> Vec<Need> {
        let mut needs = vec![Need::CCompiler];
        if self.plans() {
            needs.push(Need::Python);
            if self.fettle.is_none() {
                needs.extend(prerequisites::BUILD);
            }
        }
        if !self.alone {
            needs.extend([Need::Python, Need::PythonVenv]);
            if self.wants("nearest") {
                needs.extend([Need::Postgres, Need::PostGis, Need::Redis]);
            }
        }
        needs
    }

    /// The binary that a user has, unless we were given one.
    fn fettle(&self) -> Outcome<PathBuf> {
        match &self.fettle {
            Some(given) if given.is_file() => Ok(given.clone()),
            Some(given) => Err(Failure::new(format!("{} is not there", given.display()))),
            None => {
                let build = ["build", "--package", "server", "--bin", "fettle", "--release"];
                run::succeed(run::cargo()?.args(build))?;
                workspace::fettle("release")
            }
        }
    }

    /// The flags of the script that makes a table of plans.
    fn arguments(&self, table: &str, fettle: &std::path::Path, peers: &Peers) -> Outcome<Vec<String>> {
        let results = peers.results()?;
        let mut flags = vec!["--fettle".into(), word(fettle), "--results".into(), word(&results)];
        if table == "day" {
            flags.extend(["--sizes".into(), self.sizes.join(",")]);
        }
        if let Some(seconds) = &self.seconds {
            flags.extend(["--seconds".into(), seconds.join(",")]);
        }
        if self.alone {
            flags.push("--alone".into());
        }
        Ok(flags)
    }
}

fn known(flag: &str, given: Vec<String>, names: &[&str]) -> Outcome<Vec<String>> {
    match given.iter().find(|name| !names.contains(&name.as_str())) {
        None => Ok(given),
        Some(name) => Err(Failure::new(format!("{flag} knows no {name}, but {}", names.join(", ")))),
    }
}

fn times(given: Vec<String>) -> Outcome<Vec<String>> {
    let sensible =
        |text: &String| text.parse().is_ok_and(|seconds: f64| seconds > 0.0 && seconds <= 86_400.0);
    match given.iter().find(|text| !sensible(text)) {
        None => Ok(given),
        Some(text) => Err(Failure::new(format!("--seconds {text} is no time above 0 and up to a day"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(line: &str) -> Outcome<Asked> {
        Asked::parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn both_tables_are_made_with_the_peers_unless_something_else_is_asked_for() {
        let asked = asked("").unwrap();
        assert!(asked.wants("nearest") && asked.wants("day") && !asked.wants("vrptw") && !asked.alone);
        assert_eq!((asked.sizes.join(","), asked.seconds), ("S,M,L".into(), None));
    }

    #[test]
    fn lists_are_checked_before_anything_is_built() {
        let said = |line| asked(line).unwrap_err().to_string();
        assert_eq!(said("--tables day,nearst"), "--tables knows no nearst, but nearest, day, vrptw");
        assert_eq!(said("--sizes S,XXL"), "--sizes knows no XXL, but S, M, L, XL");
        assert_eq!(said("--seconds 1,ten"), "--seconds ten is no time above 0 and up to a day");
        assert!(
            asked("--seconds 0").is_err()
                && asked("--seconds -1").is_err()
                && asked("--seconds inf").is_err()
        );
    }

    #[test]
    fn only_what_is_measured_is_needed() {
        assert_eq!(asked("--alone --tables nearest").unwrap().needs(), [Need::CCompiler]);
        let needs = asked("--tables vrptw --fettle x").unwrap().needs();
        assert!(
            needs.contains(&Need::PythonVenv)
                && !needs.contains(&Need::Redis)
                && !needs.contains(&Need::Libpq)
        );
        let needs = asked("").unwrap().needs();
        assert!(
            [Need::PostGis, Need::Redis, Need::Libpq, Need::PythonVenv].iter().all(|it| needs.contains(it))
        );
    }

    #[test]
    fn a_binary_that_is_not_there_is_named() {
        let failure = asked("--fettle no/such/fettle").unwrap().fettle().unwrap_err();
        assert_eq!(failure.to_string(), "no/such/fettle is not there");
    }
}
