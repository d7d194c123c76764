//! `cargo xtask simulate`: the sync contract played with chance, for as many seeds as wanted.

use crate::args::{self, value};
use crate::failure::{Failure, Outcome};
use crate::prerequisites;
use crate::run;

pub const USAGE: &str = "cargo xtask simulate --seeds N [--from S] [--mutant NAME]

Plays the seeds S to S+N-1 (S is 1 if nothing is said) of phones, an office and the server, built as a
release and on all processors: docs/simulation.md. Prints what was played, what went wrong on purpose,
and every seed that broke an invariant, and fails if there is one. A seed is the same run everywhere, so
a long row of seeds can be played in pieces.

  --mutant NAME   with one rule of the protocol broken; then there should be failures";

pub fn command(words: &[String]) -> Outcome {
    let args = arguments(words)?;
    prerequisites::ensure(&prerequisites::BUILD)?;
    let test = ["test", "--release", "--package", "server", "--test", "simulation", "--"];
    run::succeed(run::cargo()?.args(test).args(args))
}

/// What the simulation itself is told.
fn arguments(words: &[String]) -> Outcome<Vec<String>> {
    let given = args::parse(words, &[value("--seeds"), value("--from"), value("--mutant")])?;
    if !given.iter().any(|(name, _)| *name == "--seeds") {
        return Err(Failure::new(format!("how many seeds?\n\n{USAGE}")));
    }
    let words = given.into_iter().flat_map(|(name, value)| [name.to_owned(), value.unwrap_or_default()]);
    Ok(words.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn a_simulation_is_told_how_many_seeds() {
        assert!(arguments(&[]).unwrap_err().to_string().starts_with("how many seeds?"));
        let told = arguments(&words("--seeds 10 --from=7 --mutant OldBase")).unwrap();
        assert_eq!(told, words("--seeds 10 --from 7 --mutant OldBase"));
    }
}
