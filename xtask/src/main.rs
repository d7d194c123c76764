//! `cargo xtask`: what a developer of Fettle types, one file per command.
//!
//! No dependencies, so that it builds in seconds on a machine that has nothing but Rust, and can
//! then install or name everything else. It runs other programs and reads files; nothing of the
//! product is in here.

mod args;
mod failure;
mod postgres;
mod prerequisites;
mod run;
#[cfg(test)]
mod scratch;
mod workspace;

use failure::{Failure, Outcome};
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (name, args) = words.split_first().map_or(("", &[][..]), |(name, args)| (name.as_str(), args));
    match command(name, args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn command(name: &str, args: &[String]) -> Outcome {
    match name {
        "postgres" => postgres::command(args),
        _ => Err(Failure::new(format!("there is no command `{name}`"))),
    }
}
