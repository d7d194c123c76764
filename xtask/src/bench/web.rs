//! `cargo xtask bench web`: the budgets of the console, at a real server in Debian's Chromium. What is measured and how
//! is in `web/bench`.

use crate::failure::{Failure, Outcome};
use crate::prerequisites::{self, Need};
use crate::{args, run, web, workspace};
use std::path::{Path, PathBuf};

const SCRIPT: &str = "web/bench/run.mjs";

const FLAGS: [args::Flag; 6] = [
    args::value("--runs"),
    args::value("--seconds"),
    args::value("--rate"),
    args::switch("--save"),
    args::switch("--debug"),
    args::value("--fettle"),
];

/// What is to be measured, and how.
#[derive(Debug, PartialEq, Default)]
struct Asked {
    /// For the script.
    passed_on: Vec<String>,
    debug: bool,
    /// None: the one that is built here, with the pages in it.
    fettle: Option<PathBuf>,
}

pub fn command(words: &[String]) -> Outcome {
    let asked = Asked::parse(words)?;
    prerequisites::ensure(&asked.needs())?;
    web::build()?;
    let mut node = run::program("node")?;
    node.arg(SCRIPT);
    match &asked.fettle {
        Some(given) if given.is_file() => {
            // Whatever pages are in that binary, the new ones are measured.
            node.arg("--fettle").arg(given).arg("--dist").arg(workspace::root()?.join("web/dist"));
        }
        Some(given) => return Err(Failure::new(format!("{} is not there", given.display()))),
        None => {
            node.arg("--fettle").arg(build(asked.debug)?);
        }
    }
    run::succeed(node.args(&asked.passed_on))
}

fn build(debug: bool) -> Outcome<PathBuf> {
    let mut build = run::cargo()?;
    build.args(["build", "--package", "server", "--bin", "fettle"]);
    if !debug {
        build.arg("--release");
    }
    run::succeed(&mut build)?;
    workspace::fettle(if debug { "debug" } else { "release" })
}

impl Asked {
    fn parse(words: &[String]) -> Outcome<Self> {
        let mut asked = Self::default();
        for (name, text) in args::parse(words, &FLAGS)? {
            match (name, text) {
                ("--debug", _) => asked.debug = true,
                ("--fettle", Some(path)) => asked.fettle = Some(absolute(Path::new(&path))?),
                ("--save", _) => asked.passed_on.push(name.to_owned()),
                (_, Some(text)) if text.parse().is_ok_and(|number: u32| number > 0) => {
                    asked.passed_on.extend([name.to_owned(), text]);
                }
                (_, text) => {
                    let text = text.unwrap_or_default();
                    return Err(Failure::new(format!("{name} {text} is no number above 0")));
                }
            }
        }
        Ok(asked)
    }

    fn needs(&self) -> Vec<Need> {
        let mut needs = vec![Need::Node, Need::Chromium, Need::ChineseFont];
        if self.fettle.is_none() {
            needs.extend(prerequisites::BUILD);
        }
        needs
    }
}

/// As seen from where the command was typed; the script runs in the root of the repository.
fn absolute(path: &Path) -> Outcome<PathBuf> {
    std::path::absolute(path).map_err(|cause| Failure::new(format!("{}: {cause}", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(line: &str) -> Outcome<Asked> {
        Asked::parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn what_the_script_understands_is_passed_on_to_it() {
        let asked = asked("--runs 1 --debug --seconds=10 --save").unwrap();
        assert_eq!(asked.passed_on, ["--runs", "1", "--seconds", "10", "--save"]);
        assert!(asked.debug && asked.fettle.is_none());
    }

    #[test]
    fn a_number_that_is_none_is_refused_before_anything_is_built() {
        let failure = asked("--rate fast").unwrap_err().to_string();
        assert_eq!(failure, "--rate fast is no number above 0");
        assert!(asked("--seconds 0").is_err());
    }

    #[test]
    fn a_binary_that_is_given_needs_nothing_to_be_built_with() {
        let given = asked("--fettle x").unwrap();
        assert!(given.needs().contains(&Need::Chromium) && !given.needs().contains(&Need::CCompiler));
        assert!(given.fettle.unwrap().is_absolute());
        assert!(asked("").unwrap().needs().contains(&Need::Libpq));
    }
}
