//! `cargo xtask web`: installs the web's packages and builds `web/dist`, which the server embeds.
//!
//! Both are skipped when nothing they are made from has changed, by content and not by date, since a
//! fresh clone has new dates only. When npm fails, `web/dist` is removed: a server that is built
//! next then says that there is no web, instead of serving yesterday's.

use crate::failure::{Doing, Outcome};
use crate::{prerequisites, run, workspace};
use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::Path;

pub const USAGE: &str = "cargo xtask web

Installs the packages of web/ (npm ci) and builds web/dist, each only if something changed.";

/// The pages.
pub const WEB: &str = "web";
/// The phones' library in TypeScript, which the phone page is compiled with.
pub const PHONE_LIBRARY: &str = "mobile-sync/js";

/// Inside `node_modules`, so that removing that folder also removes what we know of it.
const LOCK_STAMP: &str = "node_modules/.fettle-package-lock.json";
const DIST_STAMP: &str = "node_modules/.fettle-dist";

pub fn command(args: &[String]) -> Outcome {
    crate::args::parse(args, &[])?;
    prerequisites::ensure(&[prerequisites::Need::Node])?;
    build()
}

/// Packages and `dist`, as of the sources now.
pub fn build() -> Outcome {
    packages(WEB)?;
    let root = workspace::root()?;
    let web = root.join(WEB);
    let sources = fingerprint(&root)?;
    if is_stamped(&web.join(DIST_STAMP), &sources) && web.join("dist").is_dir() {
        println!("web/dist is up to date.");
        return Ok(());
    }
    remove_dist(&web)?;
    if let Err(failure) = script(WEB, "build") {
        remove_dist(&web)?;
        return Err(failure);
    }
    stamp(&web.join(DIST_STAMP), &sources)
}

/// The `node_modules` of a folder, as its `package-lock.json` says.
pub fn packages(folder: &str) -> Outcome {
    let place = workspace::root()?.join(folder);
    let lock = workspace::read(&place.join("package-lock.json"))?;
    if is_stamped(&place.join(LOCK_STAMP), &lock) {
        return Ok(());
    }
    if let Err(failure) = run::succeed(run::npm(folder)?.args(["ci", "--no-audit", "--no-fund"])) {
        remove_dist(&place)?;
        return Err(failure);
    }
    stamp(&place.join(LOCK_STAMP), &lock)
}

/// A script of a folder's `package.json`.
pub fn script(folder: &str, name: &str) -> Outcome {
    run::succeed(run::npm(folder)?.args(["run", name]))
}

fn is_stamped(stamp: &Path, content: &str) -> bool {
    fs::read_to_string(stamp).is_ok_and(|stamped| stamped == content)
}

fn stamp(stamp: &Path, content: &str) -> Outcome {
    fs::write(stamp, content).doing(|| format!("writing {}", stamp.display()))
}

/// The stamp goes first: a `dist` without a stamp is rebuilt, a stamp without a `dist` as well.
fn remove_dist(web: &Path) -> Outcome {
    let stamp = web.join(DIST_STAMP);
    if stamp.exists() {
        fs::remove_file(&stamp).doing(|| format!("removing {}", stamp.display()))?;
    }
    let dist = web.join("dist");
    if dist.exists() {
        fs::remove_dir_all(&dist).doing(|| format!("removing {}", dist.display()))?;
    }
    Ok(())
}

/// One number for all that `dist` is made from. Not for security, and it may change with the
/// compiler: then one build too many is made.
fn fingerprint(root: &Path) -> Outcome<String> {
    let mut hasher = DefaultHasher::new();
    for folder in [WEB, PHONE_LIBRARY].map(|name| root.join(name)) {
        if !folder.is_dir() {
            continue;
        }
        for path in workspace::files(&folder)? {
            workspace::relative(root, &path).hash(&mut hasher);
            fs::read(&path).doing(|| format!("reading {}", path.display()))?.hash(&mut hasher);
        }
    }
    Ok(format!("{:016x}", hasher.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn a_changed_source_changes_the_fingerprint_and_a_build_does_not() {
        let tree = Scratch::new();
        tree.write("web/console/main.ts", "one");
        let before = fingerprint(tree.path()).unwrap();
        tree.write("web/dist/index.html", "built");
        tree.write("web/node_modules/x/index.js", "installed");
        assert_eq!(fingerprint(tree.path()).unwrap(), before);
        tree.write("web/console/main.ts", "two");
        assert_ne!(fingerprint(tree.path()).unwrap(), before);
    }

    #[test]
    fn the_phone_side_in_typescript_belongs_to_the_web() {
        let tree = Scratch::new();
        tree.write("web/a.ts", "");
        let before = fingerprint(tree.path()).unwrap();
        tree.write("mobile-sync/js/device.ts", "");
        assert_ne!(fingerprint(tree.path()).unwrap(), before);
    }

    #[test]
    fn removing_dist_forgets_what_it_was_made_from() {
        let tree = Scratch::new();
        tree.write("dist/index.html", "old");
        let stamp = tree.write(DIST_STAMP, "0123");
        remove_dist(tree.path()).unwrap();
        assert!(!stamp.exists() && !tree.path().join("dist").exists());
    }

    #[test]
    fn a_stamp_holds_for_the_same_content_only() {
        let tree = Scratch::new();
        let path = tree.path().join("stamp");
        assert!(!is_stamped(&path, "a"));
        stamp(&path, "a").unwrap();
        assert!(is_stamped(&path, "a") && !is_stamped(&path, "b"));
    }
}
