//! Who may import whom, as ARCHITECTURE.md draws it, read off the `Cargo.toml` files.
//!
//! Tests are held to it as well: a crate whose tests need its user is not independent of it.

use super::tree::{Text, Tree};

enum Allowed {
    /// These of ours, and anything from elsewhere.
    Ours(&'static [&'static str]),
    /// Not even from elsewhere.
    Nothing,
}

const EDGES: [(&str, Allowed); 10] = [
    ("db", Allowed::Ours(&[])),
    ("dispatch", Allowed::Ours(&[])),
    ("sla", Allowed::Ours(&[])),
    ("mobile-sync-wire", Allowed::Ours(&[])),
    ("mobile-sync-device", Allowed::Ours(&["mobile-sync-wire"])),
    ("inventory", Allowed::Ours(&["db"])),
    ("record", Allowed::Ours(&["db"])),
    ("mobile-sync", Allowed::Ours(&["db", "mobile-sync-wire"])),
    (
        "server",
        Allowed::Ours(&[
            "db",
            "dispatch",
            "inventory",
            "mobile-sync",
            "mobile-sync-wire",
            "mobile-sync-device",
            "record",
            "sla",
        ]),
    ),
    ("xtask", Allowed::Nothing),
];

/// The phone's side must run where there is no PostgreSQL; `diesel` of the workspace brings it.
const WITHOUT_POSTGRES: &str = "mobile-sync-device";

pub fn check(tree: &Tree) -> Vec<String> {
    let manifests = tree.files.iter().filter(|file| file.path.ends_with("/Cargo.toml"));
    manifests.flat_map(check_manifest).collect()
}

fn check_manifest(file: &Text) -> Vec<String> {
    let Some(name) = package_name(&file.text) else { return Vec::new() };
    let Some((_, allowed)) = EDGES.iter().find(|(known, _)| *known == name) else {
        return vec![format!("{}: xtask/src/tidy/imports.rs does not say what {name} may import", file.path)];
    };
    let forbidden = |dependency: &&Dependency| match allowed {
        Allowed::Nothing => true,
        // A crate may name itself among its own tests, to switch a feature on for them.
        Allowed::Ours(ours) => {
            is_ours(&dependency.name) && dependency.name != name && !ours.contains(&dependency.name.as_str())
        }
    };
    let dependencies = dependencies(&file.text);
    let mut violations: Vec<_> = dependencies
        .iter()
        .filter(forbidden)
        .map(|dependency| format!("{}: {name} must not import {}", file.path, dependency.name))
        .collect();
    let brings_postgres = |dependency: &Dependency| {
        let diesel = dependency.name == "diesel" && dependency.line.contains("workspace");
        diesel || dependency.line.contains("postgres") || dependency.name.starts_with("pq-")
    };
    if name == WITHOUT_POSTGRES && dependencies.iter().any(brings_postgres) {
        violations.push(format!("{}: {name} must not import PostgreSQL", file.path));
    }
    violations
}

fn is_ours(name: &str) -> bool {
    EDGES.iter().any(|(ours, _)| *ours == name)
}

struct Dependency {
    name: String,
    line: String,
}

/// Of all kinds: for the crate, its tests, its build script, and single targets.
fn dependencies(manifest: &str) -> Vec<Dependency> {
    let mut found = Vec::new();
    let mut inside = false;
    for line in manifest.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(header) = line.strip_prefix('[') {
            let header = header.trim_end_matches(']');
            inside = header.ends_with("dependencies");
            if let Some((_, name)) = header.split_once("dependencies.") {
                found.push(Dependency { name: name.to_owned(), line: line.to_owned() });
            }
        } else if inside && let Some((key, _)) = line.split_once('=') {
            // A dependency may be renamed; what is imported is the package.
            let renamed = line.split_once("package = \"").and_then(|(_, rest)| rest.split('"').next());
            let key = key.trim().split('.').next().unwrap_or_default();
            found.push(Dependency { name: renamed.unwrap_or(key).to_owned(), line: line.to_owned() });
        }
    }
    found
}

fn package_name(manifest: &str) -> Option<&str> {
    let (_, package) = manifest.split_once("[package]")?;
    let name = package.lines().find_map(|line| line.trim().strip_prefix("name"))?;
    name.split('"').nth(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn violations(name: &str, dependencies: &str) -> Vec<String> {
        let manifest = format!("[package]\nname = \"{name}\"\n\n{dependencies}\n");
        check(&Tree::of(&[("some/Cargo.toml", &manifest)]))
    }

    #[test]
    fn dispatch_may_not_import_the_database() {
        let expected = ["some/Cargo.toml: dispatch must not import db"];
        assert_eq!(violations("dispatch", "[dependencies]\ndb.workspace = true"), expected);
        assert_eq!(violations("dispatch", "[dev-dependencies]\ndb = { workspace = true }"), expected);
        assert_eq!(violations("dispatch", "[dependencies.db]\nworkspace = true"), expected);
        assert_eq!(
            violations("dispatch", "[target.'cfg(unix)'.dependencies]\nx = { package = \"db\" }"),
            expected
        );
    }

    #[test]
    fn the_sla_clock_may_not_import_the_database() {
        let expected = ["some/Cargo.toml: sla must not import db"];
        assert_eq!(violations("sla", "[dependencies]\njiff = \"0.2\"\ndb.workspace = true"), expected);
    }

    #[test]
    fn inventory_and_mobile_sync_never_import_each_other() {
        assert_eq!(violations("inventory", "[dependencies]\nmobile-sync.workspace = true").len(), 1);
        assert_eq!(violations("mobile-sync", "[dependencies]\ninventory.workspace = true").len(), 1);
    }

    #[test]
    fn the_server_may_import_all() {
        let all = "[dependencies]\ndb.workspace = true\ndispatch.workspace = true\nserde = \"1\"";
        assert_eq!(violations("server", all), [""; 0]);
    }

    #[test]
    fn xtask_may_import_nothing_at_all() {
        assert_eq!(violations("xtask", "[dependencies]\nanyhow = \"1\"").len(), 1);
        assert_eq!(violations("xtask", "[dependencies]\n# none\n[lints]\nworkspace = true"), [""; 0]);
    }

    #[test]
    fn the_phones_side_may_not_bring_postgresql() {
        assert_eq!(violations("mobile-sync-device", "[dependencies]\ndiesel.workspace = true").len(), 1);
        let sqlite = "[dependencies]\ndiesel = { version = \"2\", features = [\"sqlite\"] }";
        assert_eq!(violations("mobile-sync-device", sqlite), [""; 0]);
    }

    #[test]
    fn a_new_crate_must_be_given_its_place() {
        assert!(violations("reports", "")[0].contains("does not say what reports may import"));
    }
}
