//! `cargo xtask demo`: from a fresh clone to a day of dispatching in the browser.

use crate::failure::{Doing, Failure, Outcome};
use crate::prerequisites::{self, Need};
use crate::{args, run, web, workspace};
use std::os::unix::process::CommandExt;

pub const USAGE: &str = "cargo xtask demo [--speed N] [--port N] [--data DIR] [--fresh] [--paused] [--debug]

Builds the web and the server, loads the Midtown demo into a SQLite database, and plays the day.

  --speed N    simulated seconds a second
  --port N     where to listen on 127.0.0.1
  --data DIR   where the database is (default: ./data)
  --fresh      forget the database of the last time
  --paused     start with the clock stopped
  --debug      build without optimisation: quicker to build, slower to run";

const FLAGS: [args::Flag; 6] = [
    args::value("--speed"),
    args::value("--port"),
    args::value("--data"),
    args::switch("--fresh"),
    args::switch("--paused"),
    args::switch("--debug"),
];

pub fn command(words: &[String]) -> Outcome {
    // The flags are looked at before the build, which takes minutes the first time.
    let (profile, passed_on) = plan(words)?;
    prerequisites::ensure(&[&prerequisites::BUILD[..], &[Need::Node]].concat())?;
    web::build()?;
    let mut build = run::cargo()?;
    build.args(["build", "--package", "server", "--bin", "fettle"]);
    if profile == "release" {
        build.arg("--release");
    }
    run::succeed(&mut build)?;
    let fettle = workspace::fettle(profile)?;
    // In our place rather than below us: Ctrl-C and SIGTERM reach the server itself, which knows
    // how to stop cleanly.
    let failed = run::clean(&fettle).arg("demo").args(passed_on).exec();
    Err(Failure::new(failed.to_string())).doing(|| format!("starting {}", fettle.display()))
}

/// The profile to build with, and the flags that are the server's own.
fn plan(words: &[String]) -> Outcome<(&'static str, Vec<String>)> {
    let mut profile = "release";
    let mut passed_on = Vec::new();
    for (name, text) in args::parse(words, &FLAGS)? {
        if name == "--debug" {
            profile = "debug";
            continue;
        }
        passed_on.push(name.to_owned());
        passed_on.extend(text);
    }
    Ok((profile, passed_on))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn the_servers_flags_are_passed_on_and_debug_is_ours() {
        let (profile, passed_on) = plan(&words("--debug --speed=60 --fresh")).unwrap();
        assert_eq!(profile, "debug");
        assert_eq!(passed_on, words("--speed 60 --fresh"));
    }

    #[test]
    fn nothing_is_passed_on_that_was_not_given() {
        let (profile, passed_on) = plan(&[]).unwrap();
        assert_eq!((profile, passed_on.len()), ("release", 0));
    }

    #[test]
    fn a_misspelt_flag_is_refused_before_anything_is_built() {
        assert!(plan(&words("--spede 60")).is_err());
    }
}
