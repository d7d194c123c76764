//! The checks themselves, in the order in which they run.
//!
//! The web comes before the Rust that embeds it, or the server would be compiled twice.

use crate::failure::{Failure, Outcome};
use crate::postgres::{Durability, Postgres};
use crate::prerequisites::{self, Need};
use crate::web::{PHONE_LIBRARY, WEB};
use crate::{openapi, run, tidy, web};

pub struct Step {
    pub name: &'static str,
    pub needs: &'static [Need],
    pub run: fn() -> Outcome,
}

const NODE: &[Need] = &[Need::Node];
const RUST: &[Need] = &prerequisites::BUILD;
const RUST_AND_POSTGRES: &[Need] = &[
    Need::CCompiler,
    Need::Make,
    Need::PkgConfig,
    Need::Libpq,
    Need::Postgres,
    // A verifier of the record in another language.
    Need::PythonCryptography,
];
const RUST_AND_NODE: &[Need] = &[Need::CCompiler, Need::Make, Need::PkgConfig, Need::Libpq, Need::Node];
const BROWSER: &[Need] = &[
    Need::CCompiler,
    Need::Make,
    Need::PkgConfig,
    Need::Libpq,
    Need::Node,
    Need::Chromium,
    Need::ChineseFont,
];

pub const STEPS: [Step; 12] = [
    Step { name: "fmt", needs: &[], run: fmt },
    Step { name: "tidy", needs: &[], run: || tidy::command(&[]) },
    Step { name: "web", needs: NODE, run: web::build },
    Step { name: "web-check", needs: NODE, run: || with_packages("check") },
    Step { name: "web-test", needs: NODE, run: || with_packages("test") },
    Step { name: "clippy", needs: RUST, run: clippy },
    Step { name: "rust", needs: RUST_AND_POSTGRES, run: rust },
    Step { name: "simulate", needs: RUST, run: simulate },
    Step { name: "doc", needs: RUST, run: doc },
    Step { name: "openapi", needs: RUST_AND_NODE, run: openapi_is_current },
    Step { name: "sync-js", needs: RUST_AND_NODE, run: sync_js },
    Step { name: "browser", needs: BROWSER, run: browser },
];

fn fmt() -> Outcome {
    run::succeed(run::cargo()?.args(["fmt", "--all", "--check"]))
}

fn with_packages(script: &str) -> Outcome {
    web::packages(WEB)?;
    web::script(WEB, script)
}

fn clippy() -> Outcome {
    let check = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
    run::succeed(run::cargo()?.args(check))
}

/// The same tests run on SQLite and on PostgreSQL; without the address of one they fail.
fn rust() -> Outcome {
    let mut tests = run::cargo()?;
    if has_nextest()? {
        tests.args(["nextest", "run", "--workspace"]);
    } else {
        // Without the examples in the documentation, which are a step of their own.
        tests.args(["test", "--workspace", "--lib", "--bins", "--tests"]);
    }
    let server = Postgres::start(Durability::Throwaway)?;
    run::succeed(tests.env("FETTLE_TEST_POSTGRES", server.url()))
}

/// More seeds than the tests of the step before have time for, by what that step has built.
fn simulate() -> Outcome {
    run::succeed(run::cargo()?.args(["test", "--workspace", "--test", "simulation", "--", "--seeds", "5000"]))
}

fn has_nextest() -> Outcome<bool> {
    let output = run::cargo()?.args(["nextest", "--version"]).output();
    Ok(output.is_ok_and(|output| output.status.success()))
}

fn doc() -> Outcome {
    run::succeed(run::cargo()?.args(["test", "--doc", "--workspace"]))
}

fn openapi_is_current() -> Outcome {
    web::packages(WEB)?;
    openapi::check()
}

/// The phones' library has packages of its own, RxDB and WatermelonDB among them, and talks to a real server.
fn sync_js() -> Outcome {
    web::packages(PHONE_LIBRARY)?;
    web::script(PHONE_LIBRARY, "check")?;
    web::script(PHONE_LIBRARY, "test")?;
    let fettle = openapi::built_fettle()?;
    run::succeed(run::npm(PHONE_LIBRARY)?.args(["run", "test:server"]).env("FETTLE_BIN", fettle))
}

fn browser() -> Outcome {
    // The server embeds what it finds when it is built.
    web::build()?;
    let fettle = openapi::built_fettle()?;
    let chromium = prerequisites::chromium().ok_or_else(|| Failure::new("Chromium was not found"))?;
    let mut tests = run::npm(WEB)?;
    tests.args(["run", "test:browser"]).env("FETTLE_BIN", fettle).env("CHROMIUM", chromium);
    run::succeed(&mut tests)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_web_is_built_before_the_rust_that_embeds_it() {
        let place = |name| STEPS.iter().position(|step| step.name == name).unwrap();
        assert!(place("web") < place("clippy") && place("web") < place("rust"));
    }

    #[test]
    fn every_step_that_compiles_asks_for_all_that_a_build_takes() {
        for step in STEPS.iter().filter(|step| step.needs.contains(&Need::Libpq)) {
            assert!(RUST.iter().all(|need| step.needs.contains(need)), "{}", step.name);
        }
    }
}
