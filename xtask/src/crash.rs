//! `cargo xtask crash`: phones against real servers that are killed at any moment, for as many rounds as wanted.

use crate::args::{self, value};
use crate::failure::{Failure, Outcome};
use crate::postgres::{Durability, Postgres};
use crate::prerequisites::{self, Need};
use crate::run;

pub const USAGE: &str = "cargo xtask crash --rounds N [--from SEED]

Phones with this project's device library talk over HTTP with real servers, one on a SQLite file, then two
on one PostgreSQL, while any of them is killed (SIGKILL) at any moment: docs/simulation.md. After N rounds
there is calm, and the seven invariants are judged. Fails if one is broken.

  --from SEED   another run; time and the machine have their say, so no run is quite another's like";

pub fn command(words: &[String]) -> Outcome {
    let args = arguments(words)?;
    prerequisites::ensure(&[&prerequisites::BUILD[..], &[Need::Postgres]].concat())?;
    let test = ["test", "--release", "--package", "server", "--test", "simulation"];
    run::succeed(run::cargo()?.args(test).arg("--no-run"))?;
    let server = Postgres::start(Durability::Durable)?;
    run::succeed(run::cargo()?.args(test).arg("--").args(args).env("FETTLE_TEST_POSTGRES", server.url()))
}

/// What the simulation itself is told.
fn arguments(words: &[String]) -> Outcome<Vec<String>> {
    let given = args::parse(words, &[value("--rounds"), value("--from")])?;
    if !given.iter().any(|(name, _)| *name == "--rounds") {
        return Err(Failure::new(format!("how many rounds?\n\n{USAGE}")));
    }
    let name = |name: &str| if name == "--rounds" { "--crash".to_owned() } else { name.to_owned() };
    Ok(given.into_iter().flat_map(|(flag, value)| [name(flag), value.unwrap_or_default()]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_told_how_many_rounds() {
        assert!(arguments(&[]).unwrap_err().to_string().starts_with("how many rounds?"));
        let words: Vec<String> = ["--rounds=9", "--from", "4"].map(str::to_owned).to_vec();
        assert_eq!(arguments(&words).unwrap(), ["--crash", "9", "--from", "4"]);
    }
}
