//! The programs that dispatch is compared with, installed once into `target/peers`: what pip brings, what cargo brings,
//! and the clock that gives each of them equal CPU seconds.

use crate::failure::{Doing, Outcome};
use crate::{run, workspace};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// As pinned as what `dispatch/peers/requirements.txt` names.
const VRP_CLI: &str = "1.25.0";

/// Where they are.
pub struct Peers {
    folder: PathBuf,
    sources: PathBuf,
    python: PathBuf,
}

impl Peers {
    /// Ours alone needs of all this only the clock and the judge, which is plain Python.
    pub fn none() -> Outcome<Self> {
        let folder = workspace::target()?.join("peers");
        fs::create_dir_all(&folder).doing(|| format!("making {}", folder.display()))?;
        let peers =
            Self { folder, sources: workspace::root()?.join("dispatch/peers"), python: "python3".into() };
        let source = peers.sources.join("cpuclock.c");
        peers.once("cpuclock", &workspace::read(&source)?, |peers| {
            let mut compile = run::program("cc")?;
            run::succeed(compile.args(["-O2", "-shared", "-fPIC", "-o"]).arg(peers.clock()).arg(&source))
        })?;
        Ok(peers)
    }

    /// All of them, at the pinned versions.
    pub fn install() -> Outcome<Self> {
        let mut peers = Self::none()?;
        peers.python = peers.folder.join("venv/bin/python");
        let requirements = peers.sources.join("requirements.txt");
        peers.once("python", &workspace::read(&requirements)?, |peers| {
            let venv = peers.folder.join("venv");
            run::succeed(run::program("python3")?.args(["-m", "venv", "--clear"]).arg(&venv))?;
            let mut pip = run::program(&peers.python.to_string_lossy())?;
            run::succeed(pip.args(["-m", "pip", "install", "--quiet", "--requirement"]).arg(&requirements))
        })?;
        peers.once("vrp-cli", VRP_CLI, |peers| {
            let mut cargo = run::cargo()?;
            cargo.args(["install", "vrp-cli", "--locked", "--force", "--version", VRP_CLI, "--root"]);
            // Its dependencies are not ours, and would be built again and again beside them.
            run::succeed(cargo.arg(&peers.folder).env("CARGO_TARGET_DIR", peers.folder.join("build")))
        })?;
        Ok(peers)
    }

    /// Does what brings `name` at the `wanted` version, unless that was done before.
    fn once(&self, name: &str, wanted: &str, install: impl FnOnce(&Self) -> Outcome) -> Outcome {
        let note = self.folder.join(format!("{name}.installed"));
        if fs::read_to_string(&note).is_ok_and(|found| found == wanted) {
            return Ok(());
        }
        install(self)?;
        fs::write(&note, wanted).doing(|| format!("writing {}", note.display()))
    }

    fn clock(&self) -> PathBuf {
        self.folder.join("cpuclock.so")
    }

    /// A folder for what a run makes and finds.
    pub fn results(&self) -> Outcome<PathBuf> {
        let folder = self.folder.join("results");
        fs::create_dir_all(&folder).doing(|| format!("making {}", folder.display()))?;
        Ok(folder)
    }

    /// A script of `dispatch/peers`, with what it needs to find the peers.
    pub fn script(&self, name: &str) -> Outcome<Command> {
        let mut command = run::program(&self.python.to_string_lossy())?;
        command.arg(self.sources.join(name));
        command.env("CPUCLOCK", self.clock()).env("VRP_CLI", self.folder.join("bin/vrp-cli"));
        // It would leave compiled files among the sources.
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        Ok(command)
    }
}

/// A path as an argument of a script.
pub fn word(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Failure;
    use crate::scratch::Scratch;
    use std::cell::Cell;

    fn peers(folder: &Scratch) -> Peers {
        let path = folder.path().to_path_buf();
        Peers { sources: path.clone(), folder: path, python: "python3".into() }
    }

    #[test]
    fn what_is_there_at_its_version_is_not_installed_again() {
        let (folder, count) = (Scratch::new(), Cell::new(0));
        let install = |_: &Peers| {
            count.set(count.get() + 1);
            Ok(())
        };
        let peers = peers(&folder);
        for version in ["1", "1", "2"] {
            peers.once("solver", version, install).unwrap();
        }
        assert_eq!(count.get(), 2);
    }

    #[test]
    fn what_could_not_be_installed_is_tried_again() {
        let folder = Scratch::new();
        let peers = peers(&folder);
        assert!(peers.once("solver", "1", |_| Err(Failure::new("no network"))).is_err());
        let again = Cell::new(false);
        peers
            .once("solver", "1", |_| {
                again.set(true);
                Ok(())
            })
            .unwrap();
        assert!(again.get());
    }

    #[test]
    fn every_package_of_the_peers_is_pinned() {
        let requirements = workspace::root().unwrap().join("dispatch/peers/requirements.txt");
        let text = workspace::read(&requirements).unwrap();
        assert!(text.lines().count() > 0 && text.lines().all(|line| line.contains("==")), "{text}");
    }
}
