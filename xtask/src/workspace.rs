//! Where things are: the root of the repository, the target folder, and its source files.

use crate::failure::{Doing, Failure, Outcome};
use std::fs;
use std::path::{Path, PathBuf};

/// Folders that hold nothing written by us, wherever they are.
const NOT_OURS: [&str; 8] = [
    ".git",
    "node_modules",
    "dist",
    "target",
    "test-results",
    "coverage",
    // What Paraglide compiles the web's messages into.
    "generated",
    // What insta's assertions compare with, written by the tests themselves.
    "snapshots",
];

/// The root of the repository: that of the clone cargo was called in, or else, for a binary that is
/// started by hand, that of the one it was built from.
pub fn root() -> Outcome<PathBuf> {
    let here = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let here = Path::new(&here);
    here.parent()
        .map(Path::to_path_buf)
        .ok_or_else(|| Failure::new(format!("{} has no folder above it", here.display())))
}

/// Cargo's target folder, read off our own path: right whether it was set by a flag, the
/// environment or a configuration file, all of which cargo does not pass on.
pub fn target() -> Outcome<PathBuf> {
    let own = std::env::current_exe().doing(|| "finding the xtask binary".into())?;
    own.ancestors()
        .nth(2)
        .map(Path::to_path_buf)
        .ok_or_else(|| Failure::new(format!("{} is not inside a target folder", own.display())))
}

/// The `fettle` binary of a profile (`debug` or `release`).
pub fn fettle(profile: &str) -> Outcome<PathBuf> {
    Ok(target()?.join(profile).join("fettle"))
}

pub fn read(path: &Path) -> Outcome<String> {
    fs::read_to_string(path).doing(|| format!("reading {}", path.display()))
}

/// All files below `folder` that we wrote, sorted, so that what is derived from them is repeatable.
pub fn files(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_path_buf()];
    while let Some(folder) = waiting.pop() {
        let entries = fs::read_dir(&folder).doing(|| format!("listing {}", folder.display()))?;
        for entry in entries {
            let path = entry.doing(|| format!("listing {}", folder.display()))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if !path.is_dir() {
                found.extend((!is_left_behind(&path)).then_some(path));
            } else if !NOT_OURS.contains(&name.as_ref()) {
                waiting.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Whether Paraglide wrote it beside its settings, at its first build.
fn is_left_behind(path: &Path) -> bool {
    path.parent().is_some_and(|folder| folder.ends_with("project.inlang")) && !path.ends_with("settings.json")
}

/// The path as it is written in messages: relative to the root, with slashes.
pub fn relative(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn the_root_is_where_the_workspace_is_declared() {
        let manifest = read(&root().unwrap().join("Cargo.toml")).unwrap();
        assert!(manifest.contains("[workspace]"));
    }

    #[test]
    fn what_builds_left_behind_is_not_listed() {
        let tree = Scratch::new();
        tree.write("web/a.ts", "");
        tree.write("web/node_modules/b.ts", "");
        tree.write("target/debug/c.rs", "");
        tree.write("web/project.inlang/README.md", "");
        let names: Vec<_> =
            files(tree.path()).unwrap().iter().map(|path| relative(tree.path(), path)).collect();
        assert_eq!(names, ["web/a.ts"]);
    }
}
