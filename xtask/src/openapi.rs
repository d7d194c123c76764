//! `cargo xtask openapi`: the description of the API that the web is typed against.
//!
//! The server makes it from its code; a copy is kept in `web/openapi.json`, and from that the
//! TypeScript types. Kept, so that the web can be built and checked without building the server, and
//! so that a change of the API is seen in review. `cargo xtask test` fails when the copy is old.

use crate::failure::{Doing, Failure, Outcome};
use crate::prerequisites::{self, Need};
use crate::{run, web, workspace};
use std::fs;
use std::path::PathBuf;

pub const USAGE: &str = "cargo xtask openapi

Renews web/openapi.json from the server's code, and web/shared/api/schema.d.ts from that.";

pub fn command(args: &[String]) -> Outcome {
    crate::args::parse(args, &[])?;
    prerequisites::ensure(&[&prerequisites::BUILD[..], &[Need::Node]].concat())?;
    let description = described_by_server()?;
    let copy = copy()?;
    fs::write(&copy, description).doing(|| format!("writing {}", copy.display()))?;
    web::packages(web::WEB)?;
    web::script(web::WEB, "openapi")
}

/// Fails when the copy, or the types made from it, are not what they would be if made now.
pub fn check() -> Outcome {
    compare("web/openapi.json", &workspace::read(&copy()?)?, &described_by_server()?)?;
    let types = workspace::root()?.join("web/shared/api/schema.d.ts");
    let before = workspace::read(&types)?;
    web::script(web::WEB, "openapi")?;
    compare("web/shared/api/schema.d.ts", &before, &workspace::read(&types)?)
}

/// Builds `fettle` as the browser test uses it; gives back its path.
pub fn built_fettle() -> Outcome<PathBuf> {
    run::succeed(run::cargo()?.args(["build", "--workspace", "--bin", "fettle"]))?;
    workspace::fettle("debug")
}

fn described_by_server() -> Outcome<String> {
    run::printed(run::clean(built_fettle()?).arg("openapi"))
}

fn copy() -> Outcome<PathBuf> {
    Ok(workspace::root()?.join("web/openapi.json"))
}

fn compare(name: &str, kept: &str, current: &str) -> Outcome {
    let Some(line) = first_difference(kept, current) else { return Ok(()) };
    Err(Failure::new(format!(
        "{name} is old: line {line} differs from what the server's code says now. \
         Renew it with `cargo xtask openapi` and look at what changed."
    )))
}

/// The number of the first line that differs.
fn first_difference(kept: &str, current: &str) -> Option<usize> {
    let (mut kept, mut current) = (kept.lines(), current.lines());
    (1..).map(|line| (line, kept.next(), current.next())).find_map(|(line, kept, current)| {
        match (kept, current) {
            (None, None) => Some(None),
            (kept, current) if kept != current => Some(Some(line)),
            _ => None,
        }
    })?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_description_is_current() {
        assert_eq!(first_difference("{\n}\n", "{\n}"), None);
        assert!(compare("x", "", "").is_ok());
    }

    #[test]
    fn an_old_description_is_named_with_its_line_and_how_to_renew_it() {
        let failure = compare("web/openapi.json", "{\n\"a\"\n}", "{\n\"b\"\n}").unwrap_err().to_string();
        assert!(failure.contains("web/openapi.json is old: line 2 differs"), "{failure}");
        assert!(failure.contains("cargo xtask openapi"), "{failure}");
    }

    #[test]
    fn a_longer_description_differs_where_the_shorter_ends() {
        assert_eq!(first_difference("a", "a\nb"), Some(2));
        assert_eq!(first_difference("a\nb", "a"), Some(2));
    }
}
