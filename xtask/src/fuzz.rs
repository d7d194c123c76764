//! `cargo xtask fuzz`: hostile input, made by chance, for as long as wanted.

use crate::failure::{Failure, Outcome};
use crate::prerequisites::{self, Need};
use crate::run;

pub const USAGE: &str = "cargo xtask fuzz plan [--minutes N] [--seed N] [--file NUMBER]

  plan    problem files for the plan of the day: each ends in a plan that keeps its rules or in a
          clear error, without a panic, within the time given and 100 ms

The same seed begins with the same files. One minute if nothing is said. --file tries
a single file again, by the number that was printed.";

pub fn command(args: &[String]) -> Outcome {
    let Some(("plan", rest)) = args.split_first().map(|(name, rest)| (name.as_str(), rest)) else {
        return Err(Failure::new(format!("what is to be fuzzed?\n\n{USAGE}")));
    };
    prerequisites::ensure(&[Need::CCompiler])?;
    let example = ["run", "--package", "dispatch", "--profile", "fuzz", "--example", "fuzz", "--"];
    run::succeed(run::cargo()?.args(example).args(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unknown_is_not_fuzzed() {
        for args in [&[][..], &["everything".to_owned()]] {
            assert!(command(args).unwrap_err().to_string().starts_with("what is to be fuzzed?"));
        }
    }
}
