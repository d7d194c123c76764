//! `cargo xtask test`: all checks there are, which is also all that continuous integration runs.
//!
//! The steps run one after the other, cheapest first; the first that fails ends it. What each runner
//! prints is left as it is. At the end every step is listed with its time, also those that were not
//! reached or not asked for: nothing is skipped silently.

mod steps;

use crate::failure::{Failure, Outcome};
use crate::{args, prerequisites};
use std::time::{Duration, Instant};
use steps::{STEPS, Step};

pub const USAGE: &str = "cargo xtask test [--only STEP,STEP]

All checks, or the named ones:

  fmt        rustfmt
  tidy       lengths, comments, imports, translations and the like (cargo xtask tidy)
  web        npm ci, and the build of web/dist
  web-check  svelte-check and tsc
  web-test   vitest
  clippy     with every warning an error
  rust       unit, property and API tests, on SQLite and on a PostgreSQL started for them
  simulate   5,000 seeds of the sync contract
  doc        the examples in the documentation
  openapi    web/openapi.json is what the server's code says
  sync-js    the phones' library in TypeScript, with RxDB and WatermelonDB, against the real server
  browser    the pages in Chromium, against the real server";

/// What became of a step.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Ending {
    Passed(Duration),
    Failed(Duration),
    NotReached,
    NotAskedFor,
}

pub fn command(words: &[String]) -> Outcome {
    let only = only(words)?;
    let asked_for = |step: &Step| only.is_empty() || only.iter().any(|name| name == step.name);
    let needs: Vec<_> =
        STEPS.iter().filter(|step| asked_for(step)).flat_map(|step| step.needs).copied().collect();
    prerequisites::ensure(&needs)?;
    let mut failure = None;
    let mut results = Vec::new();
    for step in &STEPS {
        let result = match (asked_for(step), &failure) {
            (false, _) => Ending::NotAskedFor,
            (true, Some(_)) => Ending::NotReached,
            (true, None) => {
                println!("\n=== {}", step.name);
                let (result, outcome) = timed(step);
                failure = outcome.err();
                result
            }
        };
        results.push((step.name, result));
    }
    println!("\n{}", summary(&results));
    failure.map_or(Ok(()), Err)
}

/// The steps asked for by name; none means all.
fn only(words: &[String]) -> Outcome<Vec<String>> {
    let mut names = Vec::new();
    for (_, list) in args::parse(words, &[args::value("--only")])? {
        names.extend(list.unwrap_or_default().split(',').map(str::to_owned));
    }
    let unknown = names.iter().find(|name| STEPS.iter().all(|step| step.name != name.as_str()));
    match unknown {
        Some(name) => {
            let known: Vec<_> = STEPS.iter().map(|step| step.name).collect();
            Err(Failure::new(format!("there is no step `{name}`; the steps are {}", known.join(","))))
        }
        None => Ok(names),
    }
}

fn timed(step: &Step) -> (Ending, Outcome) {
    let start = Instant::now();
    let outcome = (step.run)();
    let took = start.elapsed();
    let result = if outcome.is_ok() { Ending::Passed(took) } else { Ending::Failed(took) };
    println!("=== {}", line(step.name, result));
    (result, outcome)
}

fn summary(results: &[(&str, Ending)]) -> String {
    let lines: Vec<_> = results.iter().map(|(name, result)| line(name, *result)).collect();
    format!("Summary of cargo xtask test\n  {}", lines.join("\n  "))
}

fn line(name: &str, result: Ending) -> String {
    match result {
        Ending::Passed(took) => format!("{name:<10} passed {:7.1} s", took.as_secs_f64()),
        Ending::Failed(took) => format!("{name:<10} FAILED {:7.1} s", took.as_secs_f64()),
        Ending::NotReached => format!("{name:<10} not reached"),
        Ending::NotAskedFor => format!("{name:<10} not asked for"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn steps_are_chosen_by_name() {
        assert_eq!(only(&words("--only fmt,tidy")).unwrap(), ["fmt", "tidy"]);
        assert!(only(&[]).unwrap().is_empty());
    }

    #[test]
    fn an_unknown_step_is_refused_with_the_known_ones() {
        let failure = only(&words("--only fmt,tests")).unwrap_err().to_string();
        assert!(failure.starts_with("there is no step `tests`; the steps are fmt,tidy"), "{failure}");
    }

    #[test]
    fn the_help_names_every_step() {
        for step in &STEPS {
            assert!(USAGE.contains(&format!("\n  {} ", step.name)), "{}", step.name);
        }
    }

    #[test]
    fn the_summary_also_names_what_did_not_run() {
        let second = Duration::from_secs(1);
        let all =
            [("fmt", Ending::Failed(second)), ("tidy", Ending::NotReached), ("web", Ending::NotAskedFor)];
        let text = summary(&all);
        assert!(text.contains("fmt        FAILED     1.0 s"), "{text}");
        assert!(text.contains("tidy       not reached"), "{text}");
        assert!(text.contains("web        not asked for"), "{text}");
    }

    #[test]
    fn a_failing_step_is_reported_with_its_reason() {
        let step = Step { name: "x", needs: &[], run: || Err(Failure::new("broken")) };
        let (result, outcome) = timed(&step);
        assert!(matches!(result, Ending::Failed(_)));
        assert_eq!(outcome.unwrap_err().to_string(), "broken");
    }
}
