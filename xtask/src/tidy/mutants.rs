//! Rules broken on purpose are for tests alone: no crate may switch the feature `mutants` on for anything but its
//! tests, so that no release can contain one.

use super::tree::{Text, Tree};

const FEATURE: &str = "mutants";

pub fn check(tree: &Tree) -> Vec<String> {
    let manifests = tree.files.iter().filter(|file| file.path.ends_with("Cargo.toml"));
    manifests.flat_map(check_manifest).collect()
}

/// The feature may be declared, and handed on to the crates below, and be asked for by tests.
fn check_manifest(file: &Text) -> Vec<String> {
    let mut section = "";
    let mut violations = Vec::new();
    for (at, line) in file.text.lines().enumerate() {
        let line = line.trim();
        if line.starts_with('[') && !line.starts_with("[\"") {
            section = line;
        }
        let declared = section == "[features]" && line.starts_with(FEATURE);
        let of_tests = section == "[dev-dependencies]";
        if line.contains(FEATURE) && !line.starts_with('#') && !declared && !of_tests {
            violations.push(format!("{}:{}: `{FEATURE}` is for tests alone", file.path, at + 1));
        }
    }
    violations
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violations(manifest: &str) -> Vec<String> {
        check(&Tree::of(&[("some/Cargo.toml", manifest)]))
    }

    #[test]
    fn mutants_may_be_declared_handed_on_and_tested() {
        let handed_on = "[features]\nmutants = [\"wire/mutants\"]\n";
        let tested = "[dev-dependencies]\nwire = { features = [\"mutants\"] }\n";
        assert!(violations(&format!("{handed_on}{tested}")).is_empty());
    }

    #[test]
    fn a_crate_that_contains_mutants_outside_its_tests_is_found() {
        let found = ["some/Cargo.toml:2: `mutants` is for tests alone"];
        assert_eq!(violations("[dependencies]\nwire = { features = [\"mutants\"] }\n"), found);
        assert_eq!(violations("[features]\ndefault = [\"mutants\"]\n"), found);
    }
}
