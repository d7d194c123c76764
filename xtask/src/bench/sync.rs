//! `cargo xtask bench sync`: phones beside PouchDB and RxDB with their own servers. Their packages are installed into
//! `target/peers/sync`, at the versions of `mobile-sync/peers/package-lock.json`.

use crate::failure::{Doing, Outcome};
use crate::postgres::{Durability, Postgres};
use crate::prerequisites::{self, Need};
use crate::{run, workspace};
use std::fs;
use std::path::{Path, PathBuf};

/// Ours alone; everything else goes to the benchmark.
const ALONE: &str = "--alone";
const BENCH: [&str; 5] = ["bench", "--package", "server", "--bench", "sync"];

pub fn command(words: &[String]) -> Outcome {
    let (alone, rest) = alone(words);
    let node: &[Need] = if alone { &[] } else { &[Need::Node] };
    prerequisites::ensure(&[&prerequisites::BUILD[..], &[Need::Postgres], node].concat())?;
    // Built and installed before anything is measured.
    run::succeed(run::cargo()?.args(BENCH).arg("--no-run"))?;
    let peers = if alone { None } else { Some(install()?) };
    let server = Postgres::start(Durability::Durable)?;
    let mut bench = run::cargo()?;
    bench.args(BENCH).arg("--").args(rest);
    if let Some(folder) = peers {
        bench.arg("--peers").arg(folder);
    }
    run::succeed(bench.env("FETTLE_BENCH_POSTGRES", server.url()))
}

fn alone(words: &[String]) -> (bool, Vec<&String>) {
    let rest: Vec<&String> = words.iter().filter(|word| *word != ALONE).collect();
    (rest.len() < words.len(), rest)
}

/// The scripts beside the packages that they import.
fn install() -> Outcome<PathBuf> {
    let folder = workspace::target()?.join("peers/sync");
    let lock = folder.join("package-lock.json");
    let sources = workspace::root()?.join("mobile-sync/peers");
    let installed = fs::read(&lock).ok();
    copy(&sources, &folder)?;
    let wanted = fs::read(&lock).doing(|| format!("reading {}", lock.display()))?;
    if installed.as_ref() != Some(&wanted) || !folder.join("node_modules").is_dir() {
        let mut npm = run::program("npm")?;
        // Nothing that a package brings has to be compiled: all is in memory.
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&folder);
        if let Err(failure) = run::succeed(&mut npm) {
            // Half an installation must not pass for a whole one.
            fs::remove_file(&lock).doing(|| format!("removing {}", lock.display()))?;
            return Err(failure);
        }
    }
    Ok(folder)
}

fn copy(from: &Path, to: &Path) -> Outcome {
    fs::create_dir_all(to).doing(|| format!("making {}", to.display()))?;
    for entry in fs::read_dir(from).doing(|| format!("reading {}", from.display()))? {
        let path = entry.doing(|| format!("reading {}", from.display()))?.path();
        if let (true, Some(name)) = (path.is_file(), path.file_name()) {
            fs::copy(&path, to.join(name)).doing(|| format!("copying {}", path.display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ours_alone_is_a_word_of_its_own() {
        let words = ["--databases", "sqlite", "--alone"].map(str::to_owned);
        let (told, rest) = alone(&words);
        assert!(told);
        assert_eq!(rest, [&words[0], &words[1]]);
        assert!(!alone(&words[..2]).0);
    }

    #[test]
    fn every_package_of_the_peers_is_pinned() {
        let text =
            workspace::read(&workspace::root().unwrap().join("mobile-sync/peers/package.json")).unwrap();
        let packages = text.split("\"dependencies\": {").nth(1).unwrap();
        let versions: Vec<&str> = packages.lines().filter_map(|line| line.split("\": \"").nth(1)).collect();
        assert!(versions.len() > 5, "{text}");
        assert!(versions.iter().all(|v| v.starts_with(|c: char| c.is_ascii_digit())), "{versions:?}");
    }
}
