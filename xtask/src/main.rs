//! `cargo xtask`: what a developer of Fettle types, one file per command.
//!
//! No dependencies, so that it builds in seconds on a machine that has nothing but Rust, and can
//! then install or name everything else. It runs other programs and reads files; nothing of the
//! product is in here.

mod args;
mod bench;
mod crash;
mod demo;
mod dist;
mod failure;
mod fuzz;
mod openapi;
mod postgres;
mod prerequisites;
mod run;
mod s3;
#[cfg(test)]
mod scratch;
mod simulate;
mod test;
mod tidy;
mod web;
mod workspace;

use failure::{Failure, Outcome};
use std::process::ExitCode;

struct Command {
    name: &'static str,
    about: &'static str,
    usage: &'static str,
    run: fn(&[String]) -> Outcome,
}

const COMMANDS: [Command; 12] = [
    Command {
        name: "demo",
        about: "build everything and play a day of dispatching in Midtown",
        usage: demo::USAGE,
        run: demo::command,
    },
    Command { name: "test", about: "all checks, on both databases", usage: test::USAGE, run: test::command },
    Command { name: "web", about: "build web/dist", usage: web::USAGE, run: web::command },
    Command { name: "tidy", about: "check the style of the tree", usage: tidy::USAGE, run: tidy::command },
    Command {
        name: "openapi",
        about: "renew what the web knows of the API",
        usage: openapi::USAGE,
        run: openapi::command,
    },
    Command { name: "bench", about: "run a benchmark", usage: bench::USAGE, run: bench::command },
    Command { name: "fuzz", about: "try hostile input", usage: fuzz::USAGE, run: fuzz::command },
    Command {
        name: "simulate",
        about: "play the sync contract with chance",
        usage: simulate::USAGE,
        run: simulate::command,
    },
    Command {
        name: "crash",
        about: "kill real servers while phones talk",
        usage: crash::USAGE,
        run: crash::command,
    },
    Command {
        name: "postgres",
        about: "a PostgreSQL to run single tests with",
        usage: postgres::USAGE,
        run: postgres::command,
    },
    Command { name: "s3", about: "test photos in a bucket", usage: s3::USAGE, run: s3::command },
    Command {
        name: "dist",
        about: "build the self-contained binary",
        usage: dist::USAGE,
        run: dist::command,
    },
];

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match obey(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn obey(words: &[String]) -> Outcome {
    let Some((name, args)) = words.split_first() else {
        println!("{}", help());
        return Ok(());
    };
    if ["help", "--help", "-h"].contains(&name.as_str()) {
        println!("{}", help());
        return Ok(());
    }
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        return Err(Failure::new(format!("there is no command `{name}`\n\n{}", help())));
    };
    if args.iter().any(|arg| arg == "--help" || arg == "-h") {
        println!("{}", command.usage);
        return Ok(());
    }
    (command.run)(args)
}

fn help() -> String {
    let lines: Vec<_> =
        COMMANDS.iter().map(|command| format!("  {:<10} {}", command.name, command.about)).collect();
    format!(
        "The developer's commands of Fettle.\n\n{}\n\n\
         Newcomers: `cargo xtask demo`, then http://127.0.0.1:8080.\n\
         Before every commit: `cargo xtask test`.\n\
         `cargo xtask COMMAND --help` tells more. What is missing on this machine is installed on\n\
         Debian as root, and named elsewhere.",
        lines.join("\n")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn an_unknown_command_fails_and_lists_the_known_ones() {
        let failure = obey(&words("demmo")).unwrap_err().to_string();
        assert!(failure.starts_with("there is no command `demmo`"), "{failure}");
        assert!(failure.contains("  demo "), "{failure}");
    }

    #[test]
    fn help_is_no_failure() {
        assert!(obey(&[]).is_ok() && obey(&words("--help")).is_ok());
    }

    #[test]
    fn every_command_explains_itself() {
        for command in COMMANDS {
            assert!(command.usage.starts_with(&format!("cargo xtask {}", command.name)), "{}", command.name);
            assert!(obey(&words(&format!("{} --help", command.name))).is_ok());
        }
    }
}
